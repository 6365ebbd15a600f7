use iom_model::{BinaryOp, SOURCE_OBJECT};
use iom_state::tape::{NodeIndex, NodeValue, Symbol};

use super::place::source_place;
use crate::evaluate::Evaluator;
use crate::facts::Origin;
use crate::program::Code;
use crate::report::Place;
use crate::value::{ElementId, Truth, Value};

/// A step of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Name(Symbol),
    Index(usize),
}

/// Where a value was read: from an element, along steps; the text is the path as a reader would write it.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    pub element: ElementId,
    pub steps: Vec<Step>,
    pub text: String,
}

impl Trail {
    pub fn of(element: ElementId, text: String) -> Trail {
        Trail { element, steps: Vec::new(), text }
    }

    pub fn name(&mut self, name: &str) {
        // Room for most paths.
        if self.text.capacity() == 0 {
            self.text.reserve(40);
        }
        if !self.text.is_empty() {
            self.text.push('.');
        }
        self.text.push_str(name);
    }
}

type Found = (u32, NodeIndex);

impl Evaluator<'_> {
    /// The place of a value: of the value itself, else of the nearest thing around it.
    pub(crate) fn locate(&mut self, trail: &Trail) -> Option<Place> {
        let estate = self.estate;
        let Some((Step::Name(name), rest)) = trail.steps.split_first() else {
            return estate.element_place(trail.element);
        };
        if let Origin::Declared { resource, .. } = &estate.element(trail.element).origin {
            let name = estate.strings.resolve(name);
            return Some(source_place(self.program.place_of(*resource, Some(name))?));
        }
        match self.node_of_field(trail.element, *name, rest, 0) {
            Some((source, node)) => estate.place_of_node(source, node),
            None => estate.element_place(trail.element),
        }
    }

    /// The place of a value in the source that it was imported from; nothing where nothing there says it.
    pub(crate) fn place_in_source(&mut self, trail: &Trail) -> Option<Place> {
        let Some((Step::Name(name), rest)) = trail.steps.split_first() else { return None };
        let (source, node) = self.node_of_field(trail.element, *name, rest, 0)?;
        self.estate.place_of_node(source, node)
    }

    /// Whether the source does not say what a reference leads to, so that it was concluded.
    pub(crate) fn is_inferred(&mut self, trail: &Trail, value: &Value) -> bool {
        let (Value::Element(target), Some((Step::Name(name), rest))) = (value, trail.steps.split_first())
        else {
            return false;
        };
        let Some((source, node)) = self.node_of_field(trail.element, *name, rest, 0) else { return false };
        let estate = self.estate;
        let Some(mark) = estate.mark(source, node).filter(|mark| mark.unresolved_in.is_some()) else {
            return false;
        };
        let Origin::Imported { object, .. } = &estate.element(*target).origin else { return false };
        let mut named = mark.references.iter().flat_map(|reference| &reference.targets);
        estate.node(source, node).is_unknown() && named.all(|named| named.0 != *object)
    }

    /// Whether a path leads through a field that is declared secret.
    pub(crate) fn is_secret(&self, trail: &Trail) -> bool {
        let kind = self.program.kind(self.estate.element(trail.element).kind);
        match trail.steps.first() {
            Some(Step::Name(name)) => {
                kind.field_position(*name).is_some_and(|position| kind.fields[position as usize].is_secret)
            }
            _ => false,
        }
    }

    /// The node that a field of an imported element, or something inside it, comes from.
    fn node_of_field(&mut self, id: ElementId, name: Symbol, steps: &[Step], depth: u32) -> Option<Found> {
        if depth > 16 {
            return None;
        }
        let estate = self.estate;
        let program = self.program;
        let element = estate.element(id);
        if estate.strings.resolve(&name) == SOURCE_OBJECT {
            let Origin::Imported { source, object, .. } = &element.origin else { return None };
            return Some((*source, self.along(*source, estate.object(*source, *object)?.values?, steps)));
        }
        let kind = program.kind(element.kind);
        let position = kind.field_position(name)?;
        if let Some((derive, locals)) = &kind.fields[position as usize].derive {
            let frame = self.enter(*locals);
            self.set(0, Value::Element(id));
            let found = self.node_of(derive, steps, depth + 1);
            self.leave(frame);
            return found;
        }
        let Origin::Imported { source, object, adapter, this, around } = &element.origin else { return None };
        let through = match steps.first() {
            Some(Step::Name(_)) => {
                let value = self.field(id, position);
                self.without_computed(value, kind.fields[position as usize].ty, steps)
            }
            _ => None,
        };
        let steps = through.as_deref().unwrap_or(steps);
        let code = program.adapters[adapter.index()].fields[position as usize].as_ref()?;
        let place = (*source, *object, *adapter);
        self.in_adapter_frame(Some(id), place, this, around, code, |ev| {
            ev.node_of(&code.value, steps, depth + 1)
        })
    }

    /// The node whose value an expression has, at the end of the steps.
    fn node_of(&mut self, code: &Code, steps: &[Step], depth: u32) -> Option<Found> {
        if depth > 32 {
            return None;
        }
        let next = depth + 1;
        match code.seen_through() {
            Code::Constant(_) | Code::Now | Code::Context(_) => None,
            Code::Convert { value, .. }
            | Code::Reference { value, .. }
            | Code::Negate(value)
            | Code::Not(value) => self.node_of(value, steps, next),
            Code::Coalesce { left, right, empty_is_absent } => {
                let value = self.raw(left);
                if self.reads_as_absent(&value, *empty_is_absent) {
                    self.node_of(right, steps, next).or_else(|| self.node_of(left, &[], next))
                } else {
                    self.node_of(left, steps, next)
                }
            }
            Code::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let branch = if self.truth(condition) == Truth::True { then } else { otherwise };
                self.node_of(branch, steps, next).or_else(|| self.node_of(condition, &[], next))
            }
            Code::Let { local, value, body } => {
                let value = self.raw(value);
                self.set(*local, value);
                self.node_of(body, steps, next)
            }
            Code::Match { scrutinee, .. } => self.node_of(scrutinee, &[], next),
            Code::Reshape { value, local, outer, around, record } => {
                let raw = self.raw(value);
                if raw.is_absent() {
                    return self.node_of(value, &[], next);
                }
                let around = self.get(*around);
                self.set(*outer, around);
                self.set(*local, raw);
                self.node_of(record, steps, next).or_else(|| self.node_of(value, &[], next))
            }
            Code::Record(fields) => match steps.split_first() {
                Some((Step::Name(name), rest)) => {
                    let (_, value) = fields.iter().find(|(field, _)| field == name)?;
                    self.node_of(value, rest, next)
                }
                _ => None,
            },
            Code::List { items, .. } => match steps.split_first() {
                Some((Step::Index(position), rest)) => self.node_of(items.get(*position)?, rest, next),
                _ => items.iter().find_map(|item| self.node_of(item, &[], next)),
            },
            Code::Binary { op: BinaryOp::Concat, left, right } => {
                self.node_of_concat(left, right, steps, next)
            }
            Code::ListComprehension { binders, value } => self.node_of_item(binders, value, steps, next),
            Code::ElementField { base, field } => match self.eval(base) {
                Value::Element(id) => {
                    let name = self.program.fields[field.index()].name;
                    self.node_of_field(id, name, steps, next)
                }
                _ => self.node_of(base, &[], next),
            },
            code @ (Code::Local(_) | Code::Member { .. } | Code::Index { .. }) => {
                self.node_of_path(code, steps, next)
            }
            other => {
                let mut found = None;
                other.for_each_part(&mut |part| {
                    if found.is_none() {
                        found = self.node_of(part, &[], next);
                    }
                });
                found
            }
        }
    }

    /// A path on a tape: the value at its end, else the last thing on the way that is there.
    fn node_of_path(&mut self, code: &Code, steps: &[Step], depth: u32) -> Option<Found> {
        match self.raw(code) {
            Value::Node { source, node } => Some((source, self.along(source, node, steps))),
            _ => match code {
                Code::Member { base, .. } | Code::Index { base, .. } => self.node_of(base, &[], depth),
                _ => None,
            },
        }
    }

    /// The node at the end of the steps, else the last one on the way that is there.
    fn along(&self, source: u32, mut node: NodeIndex, steps: &[Step]) -> NodeIndex {
        let tape = &self.estate.sources[source as usize].document.tape;
        for step in steps {
            let next = match (step, tape.node(node).value) {
                (Step::Name(name), NodeValue::Object { .. }) => tape.member(node, *name),
                (Step::Index(position), NodeValue::List { .. }) => tape.element(node, *position as u32),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    fn node_of_concat(&mut self, left: &Code, right: &Code, steps: &[Step], depth: u32) -> Option<Found> {
        let Some((Step::Index(position), rest)) = steps.split_first() else {
            return self.node_of(left, &[], depth).or_else(|| self.node_of(right, &[], depth));
        };
        let value = self.raw(left);
        let len = self.list_of(value).map_or(0, |list| list.items.len());
        let mut inner = vec![Step::Index(*position)];
        let side = if *position < len {
            left
        } else {
            inner[0] = Step::Index(position - len);
            right
        };
        inner.extend_from_slice(rest);
        self.node_of(side, &inner, depth)
    }

    /// An item of a comprehension over one collection.
    fn node_of_item(
        &mut self,
        binders: &[crate::program::Over],
        value: &Code,
        steps: &[Step],
        depth: u32,
    ) -> Option<Found> {
        let [over] = binders else { return self.node_of(&binders.first()?.source, &[], depth) };
        let Some((Step::Index(wanted), rest)) = steps.split_first() else {
            return self.node_of(&over.source, &[], depth);
        };
        let items = self.items(over);
        let mut count = 0;
        for position in 0..items.len() {
            let item = items.get(position);
            let own = item.entry.clone().unwrap_or_else(|| item.value.clone());
            if self.bind(over, position, item).is_false() {
                continue;
            }
            if count == *wanted {
                return self.node_of(value, rest, depth).or(match own {
                    Value::Node { source, node } => Some((source, node)),
                    _ => None,
                });
            }
            count += 1;
        }
        None
    }
}
