//! What values and nodes say of themselves, and which are equal.

use iom_state::document::Layer;

use crate::interpret::Interpreter;
use crate::state::Said;
use crate::value::{Truth, UNKNOWN, Value, and, any, sure_list};

impl Interpreter<'_> {
    pub fn equal(&self, left: &Value, right: &Value) -> Truth {
        match (left, right) {
            (Value::Partly(start, end), Value::Partly(other_start, other_end)) => {
                let starts = start.starts_with(other_start) || other_start.starts_with(start);
                let ends = end.ends_with(other_end) || other_end.ends_with(end);
                if starts && ends { None } else { Some(false) }
            }
            (Value::Partly(start, end), Value::Text(text))
            | (Value::Text(text), Value::Partly(start, end)) => {
                let rest = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
                if text.is_empty() || rest.is_none() { Some(false) } else { None }
            }
            (Value::Unknown(_) | Value::Partly(..), _) | (_, Value::Unknown(_) | Value::Partly(..)) => None,
            (Value::Node(..), Value::Node(..)) => Some(self.number(left) == self.number(right)),
            (Value::OneOf(these), Value::OneOf(those)) => {
                let has_common =
                    these.iter().any(|one| those.iter().any(|other| self.equal(one, other) == Some(true)));
                if has_common { None } else { Some(false) }
            }
            (Value::OneOf(these), one @ Value::Node(..)) | (one @ Value::Node(..), Value::OneOf(these)) => {
                let has_it = these.iter().any(|other| self.equal(one, other) == Some(true));
                if has_it { None } else { Some(false) }
            }
            (Value::Fields(left), Value::Fields(right)) => {
                let mut equal = Some(true);
                for (name, _) in left.iter().chain(right) {
                    let side = |fields: &Vec<(String, Value)>| {
                        let found = fields.iter().find(|(field, _)| field == name);
                        found.map_or(Value::Absent, |(_, value)| value.clone())
                    };
                    equal = and(equal, self.equal(&side(left), &side(right)));
                }
                equal
            }
            _ => Some(left == right),
        }
    }

    pub fn is_in(&self, item: &Value, list: &Value) -> Truth {
        match list {
            Value::List(items, is_open) => {
                let found = any(items.iter().map(|(one, belongs)| and(*belongs, self.equal(one, item))));
                if *is_open && found == Some(false) { None } else { found }
            }
            // The keys of a map are known.
            Value::Fields(fields) => match item {
                Value::Text(key) => Some(fields.iter().any(|(name, _)| name == key)),
                _ => None,
            },
            _ => None,
        }
    }

    pub fn number(&self, node: &Value) -> usize {
        let Value::Node(layer, position) = node else { panic!("{node:?}") };
        self.program.state.layers[*layer].1[*position].number
    }

    pub fn field(&mut self, base: &Value, field: &str) -> Value {
        match base {
            Value::Absent => Value::Absent,
            Value::Fields(fields) => {
                let found = fields.iter().find(|(name, _)| name == field);
                found.map_or(Value::Absent, |(_, value)| value.clone())
            }
            Value::Node(layer, position) => self.field_of_node(*layer, *position, field),
            // What all of them say.
            Value::OneOf(these) => {
                let values: Vec<Value> = these.iter().map(|one| self.field(one, field)).collect();
                let agree = values.iter().all(|value| self.equal(value, &values[0]) == Some(true));
                if agree { values[0].clone() } else { UNKNOWN }
            }
            _ => UNKNOWN,
        }
    }

    /// What a node says is said in its own world, also where another one asks.
    fn field_of_node(&mut self, layer: usize, position: usize, field: &str) -> Value {
        let world = std::mem::replace(&mut self.world, layer);
        let value = self.own_field(layer, position, field);
        self.world = world;
        value
    }

    fn own_field(&mut self, layer: usize, position: usize, field: &str) -> Value {
        if let Some(derived) = self.program.derived.iter().find(|one| one.field == field) {
            self.set(derived.hand, Value::Node(layer, position));
            return self.value(&derived.value);
        }
        let program = self.program;
        match (program.state.layers[layer].1[position].said(field), field) {
            (Some(said), _) => self.said(said, field, layer),
            (None, "level") => Value::Int(2),
            (None, "ports" | "parts" | "others") => sure_list(Vec::new()),
            (None, "marks") => Value::Fields(Vec::new()),
            (None, _) => Value::Absent,
        }
    }

    fn said(&self, said: &Said, field: &str, layer: usize) -> Value {
        match said {
            Said::Later => UNKNOWN,
            Said::Malformed | Said::Given(_) => Value::Unknown(true),
            Said::Any => {
                let nodes = 0..self.program.state.layers[layer].1.len();
                let nodes: Vec<Value> = nodes.map(|position| Value::Node(layer, position)).collect();
                match nodes.as_slice() {
                    [one] => one.clone(),
                    _ => Value::OneOf(nodes),
                }
            }
            Said::Bool(_) if field != "live" => Value::Unknown(true),
            Said::Bool(value) => Value::Bool(*value),
            Said::Int(value) => Value::Int(*value),
            Said::Text(text) => Value::Text((*text).to_owned()),
            // Of texts in records nobody keeps how they begin and end.
            Said::Partly(start, end) if matches!(field, "name" | "peer") => Value::Partly(start, end),
            Said::Partly(..) => Value::Unknown(true),
            Said::List(items) => sure_list(items.iter().map(|item| self.said(item, field, layer)).collect()),
            Said::Fields(fields) => Value::Fields(
                fields
                    .iter()
                    .map(|(name, said)| ((*name).to_owned(), self.said(said, name, layer)))
                    .collect(),
            ),
            Said::Reference(number) => self.node_in(layer, *number).unwrap_or(UNKNOWN),
            Said::Id(number) => {
                let order = [Layer::Running, Layer::Built, Layer::Intended];
                let layers = &self.program.state.layers;
                let elsewhere =
                    order.iter().filter_map(|wanted| layers.iter().position(|(layer, _)| layer == wanted));
                std::iter::once(self.world)
                    .chain(elsewhere)
                    .find_map(|layer| self.node_in(layer, *number))
                    .unwrap_or(Value::Dangling(*number))
            }
        }
    }

    fn node_in(&self, layer: usize, number: usize) -> Option<Value> {
        let nodes = &self.program.state.layers[layer].1;
        let position = nodes.iter().position(|node| node.number == number)?;
        Some(Value::Node(layer, position))
    }
}
