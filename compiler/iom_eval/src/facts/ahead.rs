//! References that stand in the source as the text by which one element is called: who asks for one of them mostly goes on
//! to the next.

use iom_state::tape::{NodeIndex, NodeValue};

use super::{Origin, Shard};
use crate::evaluate::Evaluator;
use crate::program::{AdapterId, FieldPath};
use crate::value::{ElementId, Value};

/// How many elements are looked at ahead.
const MANY: u32 = 1 << 10;

impl Evaluator<'_> {
    /// Sets a field that was asked for of one element, and is a reference, for those that come next, as far as it is as plain
    /// there: up to the first of which there is more to say.
    pub(crate) fn refer_ahead(&self, shard: &Shard, id: ElementId, position: u16) {
        let Origin::Imported { source, adapter, .. } = &self.estate.element(id).origin else { return };
        let code = self.program.kind(shard.kind).fields.get(usize::from(position));
        let is_reference =
            code.is_some_and(|code| code.derive.is_none() && self.program.types.is_reference(code.ty));
        if !is_reference || self.is_traced() || self.estate.has_clusters || self.estate.has_stale(*source) {
            return;
        }
        let field = self.program.adapters[adapter.index()].fields.get(usize::from(position));
        let Some(FieldPath { paths, target: Some((target, false)) }) =
            field.and_then(Option::as_ref).and_then(|field| field.path.as_ref())
        else {
            return;
        };
        let ([path], [kind]) = (&**paths, &*target.kinds) else { return };
        let Some(index) = self.estate.keys[kind.index()].get() else { return };
        let here = (*source, *adapter);
        let tape = &self.estate.sources[here.0 as usize].document.tape;
        let end = shard.range().end.min(id.0.saturating_add(MANY));
        for next in (id.0 + 1..end).map(ElementId) {
            let Some(cell) = self.estate.cell_to_read(shard, next, position) else { return };
            // Whoever asked for this one went on from there.
            if cell.get().is_some() {
                return;
            }
            let Some(object) = self.object_of(next, here) else { return };
            let mut node = object;
            for name in path {
                match tape.member(node, *name) {
                    Some(member) => node = member,
                    None => return,
                }
            }
            let NodeValue::Text(text) = tape.node(node).value else { return };
            if text == self.program.names.empty || tape.marks.contains_key(&node) {
                return;
            }
            let [one] = index.find(&Value::Text(text)) else { return };
            cell.set(Value::Element(*one));
        }
    }

    /// The node of the object that an adapter made an element of.
    fn object_of(&self, id: ElementId, (source, adapter): (u32, AdapterId)) -> Option<NodeIndex> {
        match &self.estate.element(id).origin {
            Origin::Imported { source: of, adapter: by, this: Value::Node { node, .. }, .. }
                if *of == source && *by == adapter =>
            {
                Some(*node)
            }
            _ => None,
        }
    }
}
