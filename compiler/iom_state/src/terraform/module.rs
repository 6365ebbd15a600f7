//! What the files of one folder declare.

use rustc_hash::FxHashMap;

use super::syntax::{Block, Body, Expr, Item, Kind, Name};

/// A module as written: shared by everything that calls it.
#[derive(Default)]
pub(super) struct Module {
    /// From the root module's folder; empty for the root.
    pub folder: String,
    /// In order of the files and in them.
    pub resources: Vec<Resource>,
    by_name: FxHashMap<(bool, Name, Name), usize>,
    pub locals: FxHashMap<Name, Expr>,
    pub variables: FxHashMap<Name, Variable>,
    pub outputs: FxHashMap<Name, Output>,
    pub calls: Vec<Call>,
    calls_by_name: FxHashMap<Name, usize>,
    /// `provider` blocks, by their name as resources use it: `aws`, `aws.eu`.
    pub providers: Vec<Settings>,
    /// `backend` and `cloud` blocks.
    pub backends: Vec<Settings>,
    pub required_providers: Vec<(Name, Expr)>,
    /// What Terraform would refuse and is read all the same.
    pub remarks: Vec<Mistake>,
}

/// A `resource` or a `data` block.
pub(super) struct Resource {
    pub is_data: bool,
    pub source_type: Name,
    pub name: Name,
    pub offset: u32,
    pub body: Body,
}

pub(super) struct Variable {
    pub body: Body,
}

pub(super) struct Output {
    pub value: Option<Expr>,
    pub is_sensitive: bool,
}

/// A `module` block.
pub(super) struct Call {
    pub name: Name,
    pub offset: u32,
    pub body: Body,
}

/// A block of settings: `provider "aws" { .. }`, `backend "s3" { .. }`.
pub(super) struct Settings {
    pub name: Name,
    pub offset: u32,
    pub body: Body,
}

/// Something in the configuration that cannot be: message and offset.
pub(super) type Mistake = (String, u32);

impl Module {
    pub fn in_folder(folder: &str) -> Module {
        Module { folder: folder.to_owned(), ..Module::default() }
    }

    /// Adds what a file declares.
    pub fn add(&mut self, body: Body) -> Result<(), Mistake> {
        for item in body.items {
            match item {
                Item::Block(block) => self.block(block)?,
                Item::Attribute { name, offset, .. } => {
                    return Err((format!("`{name}` stands outside of any block"), offset));
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, block: Block) -> Result<(), Mistake> {
        let Block { name: word, labels, offset, body } = block;
        match (&*word, labels.as_slice()) {
            ("resource" | "data", [source_type, name]) => {
                let is_data = &*word == "data";
                let position = self.resources.len();
                let key = (is_data, source_type.clone(), name.clone());
                // Both are looked at; what refers to them means the first.
                if *self.by_name.entry(key).or_insert(position) != position {
                    self.remarks.push((
                        format!("{source_type}.{name} is declared twice, which Terraform refuses"),
                        offset,
                    ));
                }
                let (source_type, name) = (source_type.clone(), name.clone());
                self.resources.push(Resource { is_data, source_type, name, offset, body });
            }
            ("resource" | "data", _) => {
                return Err((format!("a {word} block has two labels: its type and its name"), offset));
            }
            ("locals", _) => {
                for item in body.items {
                    if let Item::Attribute { name, value, .. } = item {
                        self.locals.insert(name, value);
                    }
                }
            }
            ("variable", [name]) => {
                let before = self.variables.insert(name.clone(), Variable { body });
                return refuse_second(
                    before.is_some(),
                    || format!("the variable {name} is declared twice"),
                    offset,
                );
            }
            ("output", [name]) => {
                self.outputs.insert(name.clone(), Output::of(body));
            }
            ("module", [name]) => {
                let position = self.calls.len();
                let before = self.calls_by_name.insert(name.clone(), position);
                self.calls.push(Call { name: name.clone(), offset, body });
                return refuse_second(before.is_some(), || format!("module.{name} is called twice"), offset);
            }
            ("provider", [name]) => self.providers.push(Settings { name: alias(name, &body), offset, body }),
            ("terraform", _) => self.settings(body),
            _ => {}
        }
        Ok(())
    }

    fn settings(&mut self, body: Body) {
        for item in body.items {
            let Item::Block(block) = item else { continue };
            match (&*block.name, block.labels.as_slice()) {
                ("backend", [name]) => {
                    let (name, offset) = (name.clone(), block.offset);
                    self.backends = vec![Settings { name, offset, body: block.body }];
                }
                ("cloud", _) => {
                    self.backends =
                        vec![Settings { name: "cloud".into(), offset: block.offset, body: block.body }];
                }
                ("required_providers", _) => {
                    for item in block.body.items {
                        if let Item::Attribute { name, value, .. } = item {
                            self.required_providers.retain(|(known, _)| *known != name);
                            self.required_providers.push((name, value));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Lays an override file over what the other files declare.
    pub fn override_with(&mut self, body: Body) -> Result<(), Mistake> {
        for item in body.items {
            let Item::Block(block) = item else { continue };
            let labels = block.labels.clone();
            let base = match (&*block.name, labels.as_slice()) {
                (word @ ("resource" | "data"), [source_type, name]) => self
                    .by_name
                    .get(&(word == "data", source_type.clone(), name.clone()))
                    .and_then(|position| self.resources.get_mut(*position))
                    .map(|resource| &mut resource.body),
                ("module", [name]) => self
                    .calls_by_name
                    .get(name)
                    .and_then(|position| self.calls.get_mut(*position))
                    .map(|call| &mut call.body),
                ("variable", [name]) => self.variables.get_mut(name).map(|variable| &mut variable.body),
                ("provider", [name]) => {
                    let name = alias(name, &block.body);
                    let provider = self.providers.iter_mut().find(|provider| provider.name == name);
                    provider.map(|provider| &mut provider.body)
                }
                _ => None,
            };
            match base {
                Some(base) => base.override_with(block.body),
                None => self.block(block)?,
            }
        }
        Ok(())
    }

    pub fn resource(&self, is_data: bool, source_type: &Name, name: &Name) -> Option<usize> {
        self.by_name.get(&(is_data, source_type.clone(), name.clone())).copied()
    }

    pub fn call(&self, name: &str) -> Option<usize> {
        self.calls_by_name.get(name).copied()
    }
}

impl Output {
    fn of(mut body: Body) -> Output {
        let is_sensitive = body.attribute("sensitive").and_then(Expr::as_bool).unwrap_or(false);
        Output { value: body.take_attribute("value"), is_sensitive }
    }
}

impl Variable {
    /// Whether its value is a secret: never kept.
    pub fn is_sensitive(&self) -> bool {
        let is = |word: &str| self.body.attribute(word).and_then(Expr::as_bool).unwrap_or(false);
        is("sensitive") || is("ephemeral")
    }

    /// Whether null is a value, and not what stands for the default.
    pub fn is_nullable(&self) -> bool {
        self.body.attribute("nullable").and_then(Expr::as_bool).unwrap_or(true)
    }
}

impl Resource {
    /// The provider's configuration as the block names it: `aws`, `aws.eu`.
    pub fn provider(&self) -> String {
        match self.body.attribute("provider").and_then(Expr::as_path) {
            Some(path) => path.to_owned(),
            None => self.source_type.split('_').next().unwrap_or_default().to_owned(),
        }
    }

    /// The address in the module, without a key.
    pub fn address(&self) -> String {
        let prefix = if self.is_data { "data." } else { "" };
        format!("{prefix}{}.{}", self.source_type, self.name)
    }
}

impl Call {
    /// Where the module is: a folder or an address.
    pub fn source(&self) -> Option<&str> {
        self.body.attribute("source").and_then(Expr::as_text)
    }

    /// Which configurations of providers it is given, by the name they have inside.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        let given = match self.body.attribute("providers").map(|given| &given.kind) {
            Some(Kind::Object(members)) => members.as_slice(),
            _ => &[],
        };
        given.iter().filter_map(|(inside, outside)| Some((inside.as_path()?, outside.as_path()?)))
    }
}

fn alias(name: &Name, body: &Body) -> Name {
    match body.attribute("alias").and_then(Expr::as_text) {
        Some(alias) => format!("{name}.{alias}").into(),
        None => name.clone(),
    }
}

fn refuse_second(is_second: bool, message: impl Fn() -> String, offset: u32) -> Result<(), Mistake> {
    if is_second { Err((message(), offset)) } else { Ok(()) }
}
