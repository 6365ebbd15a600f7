use std::collections::BTreeMap;

use iom_state::document::Format;
use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;

use super::{LAYERS, Origin, layer_index};
use crate::evaluate::{Evaluator, Fact, Key};
use crate::program::KindId;
use crate::value::{ElementId, Value};

/// Which elements of different layers are the same thing. Inside a layer two are never the same.
#[derive(Debug, Default)]
pub struct IdentityIndex {
    /// By element: the first element that is the same thing. Empty where there is one layer only.
    same: Vec<u32>,
    /// By the element that stands for a thing: the thing in each layer.
    by_layer: FxHashMap<ElementId, [Option<ElementId>; 3]>,
    /// Elements with the identity of another one of their layer, with those others; made where something asks for it.
    twins: FxHashMap<ElementId, Vec<ElementId>>,
}

impl IdentityIndex {
    #[inline]
    fn canonical(&self, id: ElementId) -> ElementId {
        self.same.get(id.0 as usize).map_or(id, |first| ElementId(*first))
    }

    /// Others of the same layer with the same identity.
    pub(super) fn twins(&self, id: ElementId) -> Vec<ElementId> {
        self.twins.get(&id).cloned().unwrap_or_default()
    }

    /// Whether an element is known to be the same thing as one of another layer.
    fn is_matched(&self, id: ElementId) -> bool {
        let layers = self.by_layer.get(&self.canonical(id));
        layers.is_some_and(|layers| layers.iter().flatten().count() > 1)
    }

    /// Makes several elements, one of each layer, one thing. False where that would make two of one layer one.
    fn unite(&mut self, ids: &[ElementId]) -> bool {
        let mut firsts: Vec<ElementId> = ids.iter().map(|id| self.canonical(*id)).collect();
        firsts.sort_unstable();
        firsts.dedup();
        let mut layers = [None; 3];
        for first in &firsts {
            let of_first = self.by_layer.get(first).copied().unwrap_or_default();
            let members = of_first.into_iter().enumerate().filter_map(|(layer, id)| Some((layer, id?)));
            for (layer, id) in members {
                if layers[layer].replace(id).is_some_and(|before| before != id) {
                    return false;
                }
            }
        }
        let Some(first) = layers.iter().flatten().min().copied() else { return false };
        for first in &firsts {
            self.by_layer.remove(first);
        }
        for id in layers.iter().flatten() {
            self.same[id.0 as usize] = first.0;
        }
        self.by_layer.insert(first, layers);
        true
    }

    fn in_layer(&self, id: ElementId, layer: iom_state::document::Layer) -> Option<ElementId> {
        self.by_layer.get(&self.canonical(id))?[layer_index(layer)]
    }
}

fn is_terraform(format: Format) -> bool {
    matches!(format, Format::Terraform | Format::TerraformPlan | Format::TerraformState)
}

impl Evaluator<'_> {
    /// The element that stands for the thing in all layers.
    #[inline]
    pub(crate) fn canonical(&mut self, id: ElementId) -> ElementId {
        if self.estate.layers.len() < 2 {
            return id;
        }
        if let (Some(index), false) = (self.estate.identities.get(), self.is_traced()) {
            return index.canonical(id);
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
        let mut index =
            IdentityIndex { same: (0..estate.elements.len() as u32).collect(), ..IdentityIndex::default() };
        let wants_twins = self.program.demand.needs_twins;
        for position in 0..self.program.kinds.len() {
            let kind = KindId(position as u32);
            // What is in one layer only is the same as nothing else.
            let layers = LAYERS.iter().filter(|layer| estate.shard(kind, **layer).is_some()).count();
            let has_identity = !self.program.kind(kind).identity.is_empty();
            if layers < 2 && !(wants_twins && has_identity) {
                continue;
            }
            if !has_identity {
                self.same_by_address(kind, &mut index);
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
                    } else if wants_twins {
                        for id in &ids {
                            let others = ids.iter().copied().filter(|other| other != id);
                            index.twins.insert(*id, others.collect());
                        }
                    }
                }
            }
            if layers > 1 {
                self.same_by_address(kind, &mut index);
            }
        }
        index
    }

    /// What Terraform calls by one address in its configuration, in a plan and in its state is one thing where nothing says
    /// otherwise: names are often known only after apply, and of many kinds nothing but the address is known.
    fn same_by_address(&mut self, kind: KindId, index: &mut IdentityIndex) {
        let estate = self.estate;
        let mut by_address: BTreeMap<Symbol, Vec<ElementId>> = BTreeMap::new();
        for shard in LAYERS.iter().filter_map(|layer| estate.shard(kind, *layer)) {
            for id in shard.range().map(ElementId) {
                let element = estate.element(id);
                if let (Origin::Imported { source, adapter, .. }, Value::Text(address)) =
                    (&element.origin, &element.address)
                    && is_terraform(estate.sources[*source as usize].document.format)
                    && self.program.adapters[adapter.index()].each.is_none()
                {
                    by_address.entry(*address).or_default().push(id);
                }
            }
        }
        let layer = |id: ElementId| layer_index(estate.element(id).layer);
        for ids in by_address.values().filter(|ids| ids.len() > 1) {
            let mut layers: Vec<usize> = ids.iter().map(|id| layer(*id)).collect();
            layers.dedup();
            let mut known: Vec<Vec<Key>> = Vec::new();
            if !self.program.kind(kind).identity.is_empty() {
                known = ids.iter().filter_map(|id| self.identity(*id)).collect();
                known.dedup();
            }
            // Two roots may have the same address, and two names are two things.
            if layers.len() == ids.len() && known.len() < 2 {
                for id in ids {
                    index.by_layer.entry(index.canonical(*id)).or_insert_with(|| {
                        let mut alone = [None; 3];
                        alone[layer(*id)] = Some(*id);
                        alone
                    });
                }
                index.unite(ids);
            }
        }
    }

    /// Whether an element is known to be the same thing as one of another layer.
    pub(super) fn is_matched(&mut self, id: ElementId) -> bool {
        self.estate.layers.len() > 1 && self.identities().is_some_and(|index| index.is_matched(id))
    }

    /// The values that identify an element; `None` where one of them is not known, or nothing identifies its kind.
    pub(super) fn identity(&mut self, id: ElementId) -> Option<Vec<Key>> {
        let fields = &self.program.kind(self.estate.element(id).kind).identity;
        if fields.is_empty() {
            return None;
        }
        let mut key = Vec::with_capacity(fields.len());
        key.extend(self.cluster_key(id)?);
        // What has no name at all is not the same as everything else without one.
        let mut is_named = false;
        for field in fields {
            let value = self.field(id, *field);
            if value.is_unknown() {
                return None;
            }
            is_named |= !value.is_absent();
            key.push(self.key(&value)?);
        }
        is_named.then_some(key)
    }
}

impl Evaluator<'_> {
    /// `intended(b)`, `built(b)`, `running(b)`: the same thing in another layer.
    pub(crate) fn in_layer(&mut self, id: ElementId, layer: iom_state::document::Layer) -> Value {
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
    pub(crate) fn before(&mut self, id: ElementId) -> Value {
        use iom_state::document::Layer;
        match self.estate.layer_of(id) {
            Layer::Running => Value::Absent,
            Layer::Built => match self.in_layer(id, Layer::Running) {
                Value::Absent => self.before_plan(id),
                running => running,
            },
            Layer::Intended => match self.in_layer(id, Layer::Built) {
                Value::Absent => self.in_layer(id, Layer::Running),
                built => built,
            },
        }
    }
}
