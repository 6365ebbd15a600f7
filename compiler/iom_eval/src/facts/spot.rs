//! What an object refers to, found where its references stand in the source: no field is evaluated for it.
//!
//! Only what is in no doubt is decided here: a text that is the key of one element, or of none. For everything else the
//! field is evaluated.

use iom_state::tape::{NodeIndex, NodeValue, Symbol, Tape};

use super::Origin;
use super::graph::Edges;
use crate::evaluate::Evaluator;
use crate::program::{KindSet, SpotCode, SpotStep, SpotsCode};
use crate::value::{ElementId, Value};

/// Where a path leads.
enum Place {
    Nothing,
    At(NodeIndex),
    /// The object is not made as the path expects it, or not known there.
    Odd,
}

/// The value at the end of a path.
fn follow(tape: &Tape, from: NodeIndex, path: &[SpotStep]) -> Place {
    let mut node = from;
    for step in path {
        let next = match (tape.node(node).value, step) {
            (NodeValue::Object { .. }, SpotStep::Name(name)) => tape.member(node, *name),
            (NodeValue::List { .. }, SpotStep::Item(position)) => tape.element(node, *position),
            (NodeValue::Null, _) => None,
            _ => return Place::Odd,
        };
        match next {
            Some(next) => node = next,
            None => return Place::Nothing,
        }
    }
    Place::At(node)
}

impl<'e> Evaluator<'e> {
    /// Collects what an element refers to by a field; false where the field has to be evaluated for that.
    pub(super) fn collect_spots(&mut self, code: &'e SpotsCode, id: ElementId, edges: &mut Edges) -> bool {
        let estate = self.estate;
        let Origin::Imported { source, object, adapter, this: Value::Node { source: from, node }, .. } =
            &estate.element(id).origin
        else {
            return false;
        };
        if code.is_plain && estate.is_stale(*source, *object)
            || code.parts.iter().any(|part| self.has_parts(*source, *object, *adapter, *part))
        {
            return false;
        }
        let Some(document) = estate.sources.get(*from as usize).map(|source| &source.document) else {
            return false;
        };
        let (elements, outside) = (edges.elements.len(), edges.outside.len());
        let is_collected = code
            .spots
            .iter()
            .all(|spot| self.collect_spot(spot, &document.tape, *node, code.is_plain, edges));
        if !is_collected {
            edges.elements.truncate(elements);
            edges.outside.truncate(outside);
            return false;
        }
        if let ([spot], [target], true) = (&*code.spots, &edges.elements[elements..], code.is_plain)
            && !spot.is_many
            && let Some(shard) = estate.shard_with(id)
            && let Some(cell) = estate.cell_to_read(shard, id, code.position)
        {
            // Who asks for the field finds it read.
            cell.set(Value::Element(*target));
        }
        true
    }

    fn collect_spot(
        &mut self,
        spot: &SpotCode,
        tape: &Tape,
        object: NodeIndex,
        is_plain: bool,
        edges: &mut Edges,
    ) -> bool {
        let Some(within) = &spot.within else {
            return self.collect_first(spot, tape, object, is_plain, edges);
        };
        let list = match follow(tape, object, within) {
            Place::Nothing => return true,
            Place::Odd => return false,
            Place::At(list) => list,
        };
        match tape.node(list).value {
            NodeValue::Null => true,
            NodeValue::List { .. } => tape.elements(list).all(|item| {
                matches!(tape.node(item).value, NodeValue::Object { .. })
                    && self.collect_first(spot, tape, item, is_plain, edges)
            }),
            _ => false,
        }
    }

    /// What stands at the end of the first way that leads to something.
    fn collect_first(
        &mut self,
        spot: &SpotCode,
        tape: &Tape,
        object: NodeIndex,
        is_plain: bool,
        edges: &mut Edges,
    ) -> bool {
        let mut was_empty = false;
        for way in &spot.ways {
            let node = match follow(tape, object, way) {
                Place::Nothing => continue,
                Place::Odd => return false,
                Place::At(node) => node,
            };
            match tape.node(node).value {
                NodeValue::Null => {}
                NodeValue::Text(text) if text == self.program.names.empty => {}
                // An empty list is something, but it refers to nothing.
                NodeValue::List { len: 0, .. } if !is_plain || spot.is_many => was_empty = true,
                _ if was_empty || !spot.is_sure => return false,
                NodeValue::List { .. } if spot.is_many => {
                    return tape.elements(node).all(|item| self.collect_node(spot, tape, item, edges));
                }
                _ if spot.is_many => return false,
                _ => return self.collect_node(spot, tape, node, edges),
            }
        }
        true
    }

    fn collect_node(&mut self, spot: &SpotCode, tape: &Tape, node: NodeIndex, edges: &mut Edges) -> bool {
        match tape.node(node).value {
            NodeValue::Null => true,
            NodeValue::Text(text) if text == self.program.names.empty => true,
            NodeValue::Text(text) if !tape.marks.contains_key(&node) => {
                self.collect_text(text, &spot.target, edges)
            }
            _ => false,
        }
    }

    /// What a text leads to, where it is one element or none.
    fn collect_text(&mut self, text: Symbol, target: &KindSet, edges: &mut Edges) -> bool {
        // What is within reach of whom is for others to say; and what is kept has to know which texts were looked up.
        if self.estate.has_clusters || self.is_traced() {
            return false;
        }
        let mut found = None;
        for kind in &target.kinds {
            match (self.key_index(*kind).of_symbol(text), found) {
                ([], _) => {}
                ([one], None) => found = Some(*one),
                _ => return false,
            }
        }
        match found {
            Some(id) => edges.elements.push(id),
            None => edges.outside.push(self.estate.strings.resolve(&text).into()),
        }
        true
    }
}
