//! Plans in the making, and what was read of them in words.
#![allow(dead_code, reason = "every test binary uses some of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed test panics")]

pub mod estate;

use std::io::Cursor;
use std::path::PathBuf;

pub use iom_state::document::Everything;
use iom_state::document::{AttributeFilter, Document, ImportError, ObjectId, SourceObject, Wanted};
use iom_state::tape::{Mark, NodeIndex, NodeValue, Strings};
use serde_json::{Value, json};

/// Attributes by their names, sorted.
pub struct These(pub Vec<String>);

impl These {
    pub fn of(names: &[&str]) -> These {
        These(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl Wanted for These {
    fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
        Some(AttributeFilter::These(&self.0))
    }
}

/// The published plans that are test data.
pub fn fixtures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/state/terraform-plan");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// An importer of one format.
pub type Import = fn(&str, &dyn Wanted, &mut Strings) -> Result<Document, ImportError>;

/// What one importer reads, in the words of `describe`, or why it does not.
pub fn described_by(import: Import, text: &str, describe: fn(&Document, &Strings) -> String) -> String {
    let mut strings = Strings::default();
    match import(text, &Everything, &mut strings) {
        Ok(document) => describe(&document, &strings),
        Err(error) => format!("{:?}: {error}\n", error.kind),
    }
}

/// What was imported, with its strings.
pub struct Imported {
    pub document: Document,
    pub strings: Strings,
}

pub fn import(plan: &Value) -> Imported {
    import_text(&plan.to_string()).unwrap()
}

pub fn import_text(text: &str) -> Result<Imported, ImportError> {
    import_bytes(text.as_bytes())
}

pub fn import_bytes(bytes: &[u8]) -> Result<Imported, ImportError> {
    let mut strings = Strings::default();
    let document = iom_state::import(bytes, None, &Everything, &mut strings)?;
    Ok(Imported { document, strings })
}

/// As [`import_bytes`], piece by piece, if that is possible.
pub fn import_in_pieces(bytes: &[u8]) -> Option<Imported> {
    let mut strings = Strings::default();
    let document = iom_state::import_in_pieces(&mut Cursor::new(bytes), None, &Everything, &mut strings)?;
    Some(Imported { document, strings })
}

impl Imported {
    pub fn text(&self, symbol: iom_state::tape::Symbol) -> &str {
        self.strings.resolve(&symbol)
    }

    pub fn addresses(&self) -> Vec<&str> {
        self.document.objects.iter().map(|object| self.text(object.address)).collect()
    }

    pub fn object(&self, address: &str) -> &SourceObject {
        let mut objects = self.document.objects.iter();
        objects.find(|object| self.text(object.address) == address).expect(address)
    }

    pub fn dependencies(&self, address: &str) -> &[ObjectId] {
        self.document.depends_on(self.object(address))
    }

    /// The node at a path like `ingress/0/from_port`.
    pub fn node(&self, address: &str, path: &str) -> Option<NodeIndex> {
        let tape = &self.document.tape;
        let mut node = self.object(address).values?;
        for step in path.split('/').filter(|step| !step.is_empty()) {
            node = match step.parse() {
                Ok(position) => tape.element(node, position)?,
                Err(_) => tape.member(node, self.strings.get(step)?)?,
            };
        }
        Some(node)
    }

    /// The value at a path in words; `missing` where there is none.
    pub fn value(&self, address: &str, path: &str) -> String {
        let Some(node) = self.node(address, path) else { return "missing".to_owned() };
        match self.document.tape.node(node).value {
            NodeValue::Null => "null".to_owned(),
            NodeValue::Bool(value) => value.to_string(),
            NodeValue::Int(value) => value.to_string(),
            NodeValue::Number(text) => format!("number {}", self.text(text)),
            NodeValue::Text(text) => format!("{:?}", self.text(text)),
            NodeValue::List { len, .. } => format!("list of {len}"),
            NodeValue::Object { len, .. } => format!("object of {len}"),
            NodeValue::Unknown(cause) => format!("{cause:?}"),
        }
    }

    pub fn mark(&self, address: &str, path: &str) -> Option<&Mark> {
        self.document.tape.marks.get(&self.node(address, path)?)
    }

    /// The references at a path in words: `written = target | target .attribute`.
    pub fn references(&self, address: &str, path: &str) -> Vec<String> {
        let Some(mark) = self.mark(address, path) else { return Vec::new() };
        let describe = |reference: &iom_state::tape::Reference| {
            let targets: Vec<&str> = reference
                .targets
                .iter()
                .map(|id| self.text(self.document.objects[id.0 as usize].address))
                .collect();
            let attribute = reference.attribute.map(|name| format!(" .{}", self.text(name)));
            format!(
                "{} = {}{}",
                self.text(reference.written),
                targets.join(" | "),
                attribute.unwrap_or_default()
            )
        };
        mark.references.iter().map(describe).collect()
    }
}

/// An entry of `planned_values`.
pub fn planned(address: &str, values: Value) -> Value {
    json!({ "address": address, "mode": mode(address), "type": kind(address), "name": name(address),
            "provider_name": "registry.terraform.io/hashicorp/aws", "values": values })
}

/// An entry of `resource_changes` that creates.
pub fn created(address: &str, after_unknown: Value, after_sensitive: Value) -> Value {
    let module =
        address.rsplit_once(&format!("{}.", kind(address))).map(|parts| parts.0.trim_end_matches('.'));
    json!({ "address": address, "module_address": module.filter(|module| !module.is_empty()),
            "mode": mode(address), "type": kind(address), "name": name(address),
            "change": { "actions": ["create"], "before": null, "after": {}, "after_unknown": after_unknown,
                        "after_sensitive": after_sensitive } })
}

/// An entry of a configuration's `resources`.
pub fn configured(address: &str, expressions: Value) -> Value {
    json!({ "address": address, "mode": mode(address), "type": kind(address), "name": name(address),
            "provider_config_key": "aws", "expressions": expressions })
}

fn mode(address: &str) -> &'static str {
    if address.contains("data.") { "data" } else { "managed" }
}

fn kind(address: &str) -> &str {
    let start = address.find("aws_").unwrap();
    address[start..].split('.').next().unwrap()
}

fn name(address: &str) -> &str {
    let start = address.find("aws_").unwrap();
    address[start..].split(['.', '[']).nth(1).unwrap()
}

/// A plan of the root module's resources.
pub fn plan(planned: Vec<Value>, changes: Vec<Value>, configured: Vec<Value>) -> Value {
    json!({ "format_version": "1.2", "terraform_version": "1.9.0",
            "planned_values": { "root_module": { "resources": planned } },
            "resource_changes": changes,
            "configuration": { "root_module": { "resources": configured } } })
}
