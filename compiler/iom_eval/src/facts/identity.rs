use rustc_hash::FxHashMap;

use super::{LAYERS, layer_index};
use crate::evaluate::{Evaluator, Fact, Key};
use crate::value::ElementId;

/// Which elements of different layers are the same thing. Inside a layer two are never the same.
#[derive(Debug, Default)]
pub struct IdentityIndex {
    /// By element: the first element that is the same thing. Empty where there is one layer only.
    same: Vec<u32>,
    /// By the element that stands for a thing: the thing in each layer.
    by_layer: FxHashMap<ElementId, [Option<ElementId>; 3]>,
}

impl IdentityIndex {
    fn canonical(&self, id: ElementId) -> ElementId {
        self.same.get(id.0 as usize).map_or(id, |first| ElementId(*first))
    }

    fn in_layer(&self, id: ElementId, layer: iom_state::document::Layer) -> Option<ElementId> {
        self.by_layer.get(&self.canonical(id))?[layer_index(layer)]
    }
}

impl Evaluator<'_> {
    /// The element that stands for the thing in all layers.
    pub(crate) fn canonical(&mut self, id: ElementId) -> ElementId {
        if self.estate.layers.len() < 2 {
            return id;
        }
        self.identities().map_or(id, |index| index.canonical(id))
    }

    /// `None` while the index itself is being made: then every element is its own.
    pub(crate) fn identities(&mut self) -> Option<&IdentityIndex> {
        let estate = self.estate;
        self.rests_on(Fact::IDENTITIES);
        if let Some(index) = estate.identities.get() {
            return Some(index);
        }
        if self.is_identifying {
            return None;
        }
        self.is_identifying = true;
        let index = self.traced(Fact::IDENTITIES, Evaluator::build_identities);
        self.is_identifying = false;
        let _ = estate.identities.set(index);
        estate.identities.get()
    }

    fn build_identities(&mut self) -> IdentityIndex {
        let estate = self.estate;
        let mut index = IdentityIndex {
            same: (0..estate.elements.len() as u32).collect(),
            by_layer: FxHashMap::default(),
        };
        for position in 0..self.program.kinds.len() {
            let kind = crate::program::KindId(position as u32);
            // What is in one layer only is the same as nothing else.
            let layers = LAYERS.iter().filter(|layer| estate.shard(kind, **layer).is_some()).count();
            if layers < 2 || self.program.kind(kind).identity.is_empty() {
                continue;
            }
            let mut first: FxHashMap<Vec<Key>, ElementId> = FxHashMap::default();
            for layer in LAYERS {
                let Some(shard) = estate.shard(kind, layer) else { continue };
                let mut here: FxHashMap<Vec<Key>, Vec<ElementId>> = FxHashMap::default();
                for id in shard.range().map(ElementId) {
                    if let Some(key) = self.identity(id) {
                        here.entry(key).or_default().push(id);
                    }
                }
                for (key, ids) in here {
                    // Of several with one identity it is not known which is meant: each is its own.
                    if let [one] = ids.as_slice() {
                        let first = first.entry(key).or_insert(*one);
                        index.same[one.0 as usize] = first.0;
                        index.by_layer.entry(*first).or_default()[layer_index(layer)] = Some(*one);
                    }
                }
            }
        }
        index
    }

    /// The values that identify an element; `None` where one of them is not known.
    fn identity(&mut self, id: ElementId) -> Option<Vec<Key>> {
        let fields = &self.program.kind(self.estate.element(id).kind).identity;
        let mut key = Vec::with_capacity(fields.len());
        for field in fields {
            let value = self.field(id, *field);
            if value.is_unknown() {
                return None;
            }
            key.push(self.key(&value)?);
        }
        Some(key)
    }
}

impl Evaluator<'_> {
    /// `intended(b)`, `built(b)`, `running(b)`: the same thing in another layer.
    pub(crate) fn in_layer(
        &mut self,
        id: ElementId,
        layer: iom_state::document::Layer,
    ) -> crate::value::Value {
        use crate::value::Value;
        if self.estate.layer_of(id) == layer {
            return Value::Element(id);
        }
        if self.estate.layers.len() < 2 {
            return Value::Absent;
        }
        let same = self.identities().and_then(|index| index.in_layer(id, layer));
        same.map_or(Value::Absent, Value::Element)
    }

    /// The same thing in the layer that the element's own follows: what it is now, before it becomes this.
    pub(crate) fn before(&mut self, id: ElementId) -> crate::value::Value {
        use crate::value::Value;
        use iom_state::document::Layer;
        match self.estate.layer_of(id) {
            Layer::Running => Value::Absent,
            Layer::Built => self.in_layer(id, Layer::Running),
            Layer::Intended => match self.in_layer(id, Layer::Built) {
                Value::Absent => self.in_layer(id, Layer::Running),
                built => built,
            },
        }
    }
}
