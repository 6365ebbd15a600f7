//! What was imported, written as declarations: `iomc init --from`. Nothing is invented; what is not known is left out and named.

use std::collections::{BTreeMap, BTreeSet};

use iom_model::QualifiedName;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::literal::Writer;
use super::{Estate, LeftOut, Origin};
use crate::evaluate::Evaluator;
use crate::report::Place;
use crate::value::ElementId;

const RESOURCE: &str = "std.prelude.Resource";
/// Who owns what, and where it belongs, is intent: nothing that is there says it.
const NOT_FOUND_OUT: [&str; 3] = ["owner", "environment", "unratified"];

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
        let name = |id: ElementId| names.get(&id).cloned();
        let mut writer = Writer { evaluator: &mut evaluator, names: &name };
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

impl Writer<'_, '_> {
    fn stub(&mut self, id: ElementId) -> Stub {
        let estate = self.evaluator.estate;
        let kind = estate.program.kind(estate.kind_of(id));
        self.evaluator.layer = estate.layer_of(id);
        let mut stub = Stub {
            name: (self.names)(id).unwrap_or_default(),
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
            match self.code(&value, &field.ty) {
                Ok(code) => {
                    let default = kind.fields[position as usize].default.as_ref();
                    let default = default.map(|default| self.evaluator.run(0, |ev| ev.eval(default)));
                    let usual = default.and_then(|value| self.code(&value, &field.ty).ok());
                    if usual.as_ref() != Some(&code) {
                        stub.settings.push((field.name.clone(), code));
                    }
                }
                Err(why) => stub.left_out.push((field.name.clone(), why)),
            }
        }
        stub
    }
}
