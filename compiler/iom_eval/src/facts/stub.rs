//! What was imported, written as declarations: `iomc init --from`. Nothing is invented; what is not known is left out and named.

use std::collections::{BTreeMap, BTreeSet};

use iom_model::{QualifiedName, RecordType, Type};
use iom_state::tape::UnknownCause;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::{Estate, Origin};
use crate::evaluate::Evaluator;
use crate::report::Place;
use crate::value::{Causes, ElementId, Value};

const RESOURCE: &str = "std.prelude.Resource";
/// Who owns what, and where it belongs, is intent: nothing that is there says it.
const NOT_FOUND_OUT: [&str; 3] = ["owner", "environment", "unratified"];
/// Values inside values.
const MAX_DEPTH: u32 = 24;
/// Characters of a text that are shown in a comment.
const MOST_SHOWN: usize = 100;

/// A declaration to be written.
#[derive(Clone, PartialEq, Debug)]
pub struct Stub {
    /// Its name in the language, of its own.
    pub name: String,
    /// As its source calls it.
    pub address: SmolStr,
    pub kind: QualifiedName,
    pub place: Option<Place>,
    /// Fields with their values as they are written.
    pub settings: Vec<(SmolStr, String)>,
    /// Fields that cannot be written.
    pub left_out: Vec<(SmolStr, LeftOut)>,
}

/// Why a value is not written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LeftOut {
    NotKnown(Causes),
    Secret,
    /// It refers to something that is not written either: its text, or its address.
    Elsewhere(String),
    /// The language has no way to write it.
    Unwritable,
}

impl LeftOut {
    pub fn words(&self) -> String {
        match self {
            LeftOut::NotKnown(causes) => {
                let causes: Vec<&str> = causes.iter().map(why_not_known).collect();
                format!("not known: {}", causes.join(", and "))
            }
            LeftOut::Secret => "a secret, which declarations cannot hold".to_owned(),
            LeftOut::Elsewhere(what) => format!("refers to {what}, which is not declared here"),
            LeftOut::Unwritable => "made of parts that the language has no literals for".to_owned(),
        }
    }
}

fn why_not_known(cause: UnknownCause) -> &'static str {
    match cause {
        UnknownCause::KnownAfterApply => "only applying the configuration tells it",
        UnknownCause::NotReported => "the source says nothing of it",
        UnknownCause::Stale => "it was seen too long ago",
        UnknownCause::Sensitive => "the source keeps it secret",
        UnknownCause::Invalid => "what the source says does not fit the field",
        UnknownCause::Unmodelled => "it lies behind something that is not in the source",
        UnknownCause::Partial => "the source does not list everything",
        UnknownCause::Conflict => "sources contradict one another",
    }
}

impl Estate {
    /// What the sources hold as declarations, in the order of their addresses. A thing that several layers know is written as
    /// the first of them has it; what no kind maps is not written.
    pub fn stubs(&self) -> Vec<Stub> {
        let mut evaluator = Evaluator::new(self, self.layers().first().copied().unwrap_or(LAYER));
        let mut chosen: Vec<ElementId> = Vec::new();
        for id in (0..self.elements.len() as u32).map(ElementId) {
            let is_first = evaluator.canonical(id) == id;
            if is_first && self.is_written(id) {
                chosen.push(id);
            }
        }
        chosen.sort_by(|left, right| self.by_address(*left, *right));
        let names = self.stub_names(&chosen);
        let mut writer = Writer { estate: self, evaluator, names: &names };
        chosen.iter().map(|id| writer.stub(*id)).collect()
    }

    fn is_written(&self, id: ElementId) -> bool {
        let Origin::Imported { adapter, .. } = &self.element(id).origin else { return false };
        let kind = &self.program.kind(self.kind_of(id)).name;
        let Some(definition) = self.program.model.kinds.get(kind) else { return false };
        definition.traits.iter().any(|name| name == RESOURCE)
            && !definition.takes_the_rest()
            && self.program.adapters[adapter.index()].each.is_none()
    }

    /// A name for each: the last part of the address, with as much before it as tells it apart.
    fn stub_names(&self, ids: &[ElementId]) -> FxHashMap<ElementId, String> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut names = FxHashMap::default();
        let mut shortest: BTreeMap<String, usize> = BTreeMap::new();
        for id in ids {
            *shortest.entry(words(self.address(*id)).pop().unwrap_or_default()).or_default() += 1;
        }
        for id in ids {
            let words = words(self.address(*id));
            let kind = &self.program.kind(self.kind_of(*id)).name;
            let kind = words_of(kind.rsplit('.').next().unwrap_or_default()).join("_");
            let last = words.last().cloned().unwrap_or_default();
            let is_telling = shortest.get(&last) == Some(&1) && !is_reserved(&last);
            let candidates =
                [is_telling.then(|| last.clone()), Some(format!("{last}_{kind}")), Some(words.join("_"))];
            let mut name = candidates
                .into_iter()
                .flatten()
                .map(|name| identifier(&name))
                .find(|name| !taken.contains(name) && !is_reserved(name));
            let mut number = 2;
            while name.is_none() {
                let tried = identifier(&format!("{}_{number}", words.join("_")));
                name = (!taken.contains(&tried)).then_some(tried);
                number += 1;
            }
            let name = name.unwrap_or_default();
            taken.insert(name.clone());
            names.insert(*id, name);
        }
        names
    }
}

const LAYER: iom_state::document::Layer = iom_state::document::Layer::Intended;

/// `module.net["a"].aws_vpc.this[0]` in words: `net`, `a`, `aws_vpc`, `this_0`.
fn words(address: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in address.split(['.', '/', '"', '[', ']', ':']) {
        let word = words_of(part).join("_");
        if word.is_empty() || word == "module" {
            continue;
        }
        match words.last_mut() {
            // A number alone says nothing.
            Some(last) if word.chars().all(|letter| letter.is_ascii_digit()) => {
                last.push('_');
                last.push_str(&word);
            }
            _ => words.push(word),
        }
    }
    words
}

/// Words in small letters.
fn words_of(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = '_';
    for letter in text.chars() {
        let starts = letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if starts || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn identifier(text: &str) -> String {
    match text.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => text.to_owned(),
        _ => format!("r_{text}"),
    }
}

/// Words that are no names, or that would hide a module.
fn is_reserved(name: &str) -> bool {
    const RESERVED: &[&str] = &[
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "then",
        "else",
        "match",
        "let",
        "for",
        "where",
        "true",
        "false",
        "ref",
        "refs",
        "link",
        "secret",
        "self",
        "now",
        "absent",
        "unknown",
        "present",
        "known",
        "internet",
        "aws",
        "azure",
        "google",
        "k8s",
        "kubernetes",
        "terraform",
        "org",
        "std",
        "this",
        "main",
        "default",
        "production",
        "infrastructure",
        "security",
        "compliance",
        "module",
        "use",
        "resource",
        "kind",
    ];
    RESERVED.contains(&name)
}

struct Writer<'e, 'n> {
    estate: &'e Estate,
    evaluator: Evaluator<'e>,
    names: &'n FxHashMap<ElementId, String>,
}

impl Writer<'_, '_> {
    fn stub(&mut self, id: ElementId) -> Stub {
        let estate = self.estate;
        let kind = estate.program.kind(estate.kind_of(id));
        self.evaluator.layer = estate.layer_of(id);
        let mut stub = Stub {
            name: self.names.get(&id).cloned().unwrap_or_default(),
            address: estate.address(id).into(),
            kind: kind.name.clone(),
            place: estate.element_place(id),
            settings: Vec::new(),
            left_out: Vec::new(),
        };
        let Some(definition) = estate.program.model.kinds.get(&kind.name) else { return stub };
        for field in definition.fields.iter().filter(|field| field.derive.is_none()) {
            if NOT_FOUND_OUT.contains(&field.name.as_str()) {
                continue;
            }
            let position = estate.symbol(&field.name).and_then(|name| kind.field_position(name));
            let Some(position) = position else { continue };
            let value = self.evaluator.field(id, position);
            if value.is_absent() {
                continue;
            }
            match self.code(&value, &field.ty, 0) {
                Ok(code) => {
                    let default = kind.fields[position as usize].default.as_ref();
                    let default = default.map(|default| self.evaluator.run(0, |ev| ev.eval(default)));
                    let usual = default.and_then(|value| self.code(&value, &field.ty, 0).ok());
                    if usual.as_ref() != Some(&code) {
                        stub.settings.push((field.name.clone(), code));
                    }
                }
                Err(why) => stub.left_out.push((field.name.clone(), why)),
            }
        }
        stub
    }

    /// A value as the language writes it.
    fn code(&mut self, value: &Value, ty: &Type, depth: u32) -> Result<String, LeftOut> {
        if depth > MAX_DEPTH {
            return Err(LeftOut::Unwritable);
        }
        let estate = self.estate;
        match (value, ty) {
            (_, Type::Secret(_)) => return Err(LeftOut::Secret),
            (_, Type::Optional(inner) | Type::Refined(inner, _)) => {
                return self.code(value, inner, depth + 1);
            }
            (_, Type::Named(name)) => {
                let Some(definition) = estate.program.model.types.get(name) else {
                    return Err(LeftOut::Unwritable);
                };
                return self.code(value, &definition.ty, depth + 1);
            }
            _ => {}
        }
        Ok(match value {
            Value::Unknown(causes) if causes.has(UnknownCause::Sensitive) => return Err(LeftOut::Secret),
            Value::Unknown(causes) => return Err(LeftOut::NotKnown(*causes)),
            Value::Candidates(_) => return Err(LeftOut::Elsewhere(shown(&estate.render(value)))),
            Value::Absent => "absent".to_owned(),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Duration { .. }
            | Value::Size(_)
            | Value::Instant(_) => estate.render(value),
            Value::Text(_) | Value::Made(_) => {
                let text = estate.str_of(value).unwrap_or_default();
                match ty {
                    Type::Enum(of) if of.alternatives.iter().any(|one| one.name == text) => text.to_owned(),
                    _ => quoted(text),
                }
            }
            Value::Scalar(scalar) => quoted(&scalar.text()),
            Value::Element(target) => {
                let target = self.evaluator.canonical(*target);
                let elsewhere = || LeftOut::Elsewhere(shown(estate.address(target)));
                self.names.get(&target).cloned().ok_or_else(elsewhere)?
            }
            Value::Dangling(text) => return Err(LeftOut::Elsewhere(shown(&text.0))),
            Value::List(list) | Value::Set(list) => {
                if !list.is_complete() {
                    return Err(LeftOut::NotKnown(list.doubt().unwrap_or(Causes::PARTIAL)));
                }
                let item_type = match ty {
                    Type::List(item) | Type::Set(item) => (**item).clone(),
                    _ => Type::Json,
                };
                let items: Result<Vec<String>, LeftOut> =
                    list.items.iter().map(|item| self.code(item, &item_type, depth + 1)).collect();
                let items = items?.join(", ");
                let is_set = matches!(ty, Type::Set(_)) && !items.is_empty();
                if is_set { format!("{{{items}}}") } else { format!("[{items}]") }
            }
            Value::Map(map) if map.open.is_none() => {
                let value_type = match ty {
                    Type::Map(_, value) => (**value).clone(),
                    _ => Type::Json,
                };
                let mut entries = Vec::with_capacity(map.entries.len());
                for (key, value) in &map.entries {
                    let key = quoted(&estate.render(key));
                    entries.push(format!("{key}: {}", self.code(value, &value_type, depth + 1)?));
                }
                format!("{{ {} }}", entries.join(", "))
            }
            Value::Record(record) => {
                let Type::Record(of) = ty else { return Err(LeftOut::Unwritable) };
                let fields: Vec<(SmolStr, Value)> = record
                    .fields
                    .iter()
                    .map(|(name, value)| (estate.strings.resolve(name).into(), value.clone()))
                    .collect();
                self.record(&fields, of, depth)?
            }
            Value::Node { source, node } | Value::Entries { source, node } => {
                let plain = estate.plain_node(*source, *node);
                if matches!(plain, Value::Node { .. } | Value::Entries { .. }) {
                    return Err(LeftOut::Unwritable);
                }
                self.code(&plain, ty, depth + 1)?
            }
            Value::Map(map) => return Err(LeftOut::NotKnown(map.open.unwrap_or(Causes::PARTIAL))),
            Value::Range(_) => return Err(LeftOut::Unwritable),
        })
    }

    fn record(
        &mut self,
        fields: &[(SmolStr, Value)],
        of: &RecordType,
        depth: u32,
    ) -> Result<String, LeftOut> {
        let mut written = Vec::new();
        for (name, value) in fields {
            let Some(field) = of.fields.iter().find(|field| field.name == *name) else { continue };
            if field.derive.is_some() || value.is_absent() {
                continue;
            }
            written.push(format!("{name}: {}", self.code(value, &field.ty, depth + 1)?));
        }
        Ok(format!("{{ {} }}", written.join(", ")))
    }
}

/// A text out of a source in a comment: on one line, not longer than that, and no secret.
fn shown(text: &str) -> String {
    let text = iom_stdlib::secrets::without(text);
    let one_line: String = text.chars().filter(|letter| !letter.is_control()).collect();
    match one_line.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{} ..", &one_line[..end]),
        None => one_line,
    }
}

/// A text in quotes, as the language writes it. A line break ends no string.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' | '{' | '}' => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() || !other.is_ascii() && !other.is_alphanumeric() => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(other)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
