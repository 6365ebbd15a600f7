//! What a workspace claims, and what it may be told of: things that nobody declared, that lean on something unknown, or that
//! are there twice.

use iom_state::tape::{NodeIndex, Tape};

use super::graph::Edges;
use super::{Estate, Origin, StateSource};
use crate::evaluate::Evaluator;
use crate::value::{ElementId, Truth, Value};

/// The field of an environment that claims what is in it.
const MANAGES: &str = "manages";
/// The field of a resource that nobody has said should be.
const UNRATIFIED: &str = "unratified";

impl Estate {
    fn source_of(&self, id: ElementId) -> Option<&StateSource> {
        match &self.element(id).origin {
            Origin::Imported { source, .. } => self.sources.get(*source as usize),
            Origin::Declared { .. } => None,
        }
    }
}

impl Evaluator<'_> {
    /// `claimed(x)`: whether the workspace answers for an element, because it manages the element's source or its environment.
    /// What it declares itself it claims as soon as it claims anything.
    pub(crate) fn is_claimed(&mut self, id: ElementId) -> Truth {
        let estate = self.estate;
        match estate.source_of(id) {
            Some(source) if source.manages => return Truth::True,
            None if estate.sources.iter().any(|source| source.manages) => return Truth::True,
            _ => {}
        }
        let names = self.program.names;
        let kind = self.program.kind(estate.element(id).kind);
        let (Some(manages), Some(position)) =
            (estate.symbol(MANAGES), kind.field_position(names.environment))
        else {
            return Truth::False;
        };
        match self.field(id, position) {
            Value::Element(environment) => {
                let kind = self.program.kind(estate.element(environment).kind);
                let field = kind.field_position(manages);
                field.map_or(Truth::False, |position| Truth::of(&self.field(environment, position)))
            }
            Value::Unknown(causes) => Truth::Unknown(causes.spread()),
            _ => Truth::False,
        }
    }

    /// Whether an element is declared, but as something that was found, not as something that should be.
    pub(crate) fn is_unratified(&mut self, id: ElementId) -> bool {
        let estate = self.estate;
        let kind = self.program.kind(estate.element(id).kind);
        let field = estate.symbol(UNRATIFIED).and_then(|name| kind.field_position(name));
        let (Origin::Declared { .. }, Some(position)) = (&estate.element(id).origin, field) else {
            return false;
        };
        matches!(self.field(id, position), Value::Bool(true))
    }

    /// `unmodelled(x)`: the ids of what an element refers to that is not in the model, without those that its source says lie
    /// outside; sorted.
    pub(crate) fn unmodelled(&mut self, id: ElementId) -> Value {
        let estate = self.estate;
        let mut edges = Edges::default();
        self.edges_of(id, &mut edges);
        let external = estate.source_of(id).map_or(&[][..], |source| &source.external);
        let mut outside = edges.outside;
        outside.retain(|id| !external.iter().any(|glob| glob.matches(id)));
        outside.sort();
        outside.dedup();
        Value::list(outside.iter().map(|id| estate.text(id)).collect())
    }

    /// `twins(x)`: other elements of the same layer with the same identity.
    pub(crate) fn twins(&mut self, id: ElementId) -> Value {
        let twins = self.identities().map(|index| index.twins(id)).unwrap_or_default();
        Value::list(twins.iter().copied().map(Value::Element).collect())
    }

    /// `identified(x)`: whether everything that identifies an element is known.
    pub(crate) fn is_identified(&mut self, id: ElementId) -> bool {
        self.is_matched(id) || self.identity(id).is_some()
    }

    /// `secrets_in(.source)`: what stands in an object in plain text and is a secret, by where it stands and what it is. The
    /// values are not known; only their places are.
    pub(crate) fn plain_secrets(&mut self, value: &Value) -> Value {
        let (Value::Node { source, node } | Value::Entries { source, node }) = value else {
            return Value::Map(std::sync::Arc::default());
        };
        let estate = self.estate;
        let Some(document) = estate.sources.get(*source as usize).map(|source| &source.document) else {
            return Value::Map(std::sync::Arc::default());
        };
        let tape = &document.tape;
        if !holds_plain_secrets(tape, *node) {
            return Value::Map(std::sync::Arc::default());
        }
        let mut entries = Vec::new();
        let mut open: Vec<(NodeIndex, String)> = vec![(*node, String::new())];
        while let Some((node, path)) = open.pop() {
            if let Some(what) = tape.marks.get(&node).and_then(|mark| mark.secret) {
                entries
                    .push((estate.text(&format!("{path} ({what})")), Value::Node { source: *source, node }));
            }
            for (name, member) in tape.members(node) {
                let name = estate.strings.resolve(&name);
                let dot = if path.is_empty() { "" } else { "." };
                open.push((member, format!("{path}{dot}{name}")));
            }
            for (position, item) in tape.elements(node).enumerate() {
                open.push((item, format!("{path}[{position}]")));
            }
        }
        Value::Map(std::sync::Arc::new(self.make_map(entries, None)))
    }
}

/// Whether any part of a value is a secret in plain text. Hardly any is, so nobody makes paths before that is known.
fn holds_plain_secrets(tape: &Tape, node: NodeIndex) -> bool {
    if tape.marks.is_empty() {
        return false;
    }
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if tape.marks.get(&node).is_some_and(|mark| mark.secret.is_some()) {
            return true;
        }
        open.extend(tape.members(node).map(|(_, member)| member));
        open.extend(tape.elements(node));
    }
    false
}
