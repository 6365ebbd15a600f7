use iom_eval::facts::{Relation, RelationSort, Relations, Thing};
use iom_eval::report::Layer;
use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

/// What depends on what, across layers: the graph of `iomc graph`, with ways into it.
#[derive(Debug, Default)]
pub struct Dependencies {
    relations: Relations,
    /// By address: the first thing that has it.
    by_address: FxHashMap<SmolStr, u32>,
    /// By thing: the relations that lead to it, and that start at it.
    incoming: Vec<Vec<u32>>,
    outgoing: Vec<Vec<u32>>,
}

impl Dependencies {
    pub fn new(relations: Relations) -> Dependencies {
        let mut found = Dependencies {
            incoming: vec![Vec::new(); relations.things.len()],
            outgoing: vec![Vec::new(); relations.things.len()],
            ..Dependencies::default()
        };
        for (number, thing) in (0..).zip(&relations.things) {
            found.by_address.entry(thing.address.clone()).or_insert(number);
            found.by_address.entry(name_of(thing)).or_insert(number);
        }
        for (number, relation) in (0..).zip(&relations.relations) {
            let ends = (found.incoming.get_mut(relation.to), found.outgoing.get_mut(relation.from));
            if let (Some(incoming), Some(outgoing)) = ends {
                incoming.push(number);
                outgoing.push(number);
            }
        }
        found.relations = relations;
        found
    }

    pub fn relations(&self) -> &Relations {
        &self.relations
    }

    /// The thing with an address, or with the qualified name of a declaration.
    pub(super) fn thing(&self, name: &str) -> Option<(usize, &Thing)> {
        let number = self.by_address.get(name)?;
        let thing = self.relations.things.get(*number as usize)?;
        Some((*number as usize, thing))
    }

    /// How many things depend on one, directly or not; nothing where there is no such thing.
    pub(super) fn dependents(&self, name: &str) -> Option<usize> {
        let (start, _) = self.thing(name)?;
        let mut seen = vec![start];
        let mut known = rustc_hash::FxHashSet::from_iter([start]);
        while let Some(thing) = seen.pop() {
            for relation in self.incoming(thing).filter(|one| one.sort != RelationSort::Link) {
                if known.insert(relation.from) {
                    seen.push(relation.from);
                }
            }
        }
        Some(known.len() - 1)
    }

    pub(super) fn incoming(&self, thing: usize) -> impl Iterator<Item = &Relation> {
        self.of(self.incoming.get(thing))
    }

    pub(super) fn outgoing(&self, thing: usize) -> impl Iterator<Item = &Relation> {
        self.of(self.outgoing.get(thing))
    }

    fn of<'a>(&'a self, numbers: Option<&'a Vec<u32>>) -> impl Iterator<Item = &'a Relation> {
        numbers.into_iter().flatten().filter_map(|number| self.relations.relations.get(*number as usize))
    }

    pub(super) fn at(&self, thing: usize) -> Option<&Thing> {
        self.relations.things.get(thing)
    }
}

/// What a thing is called from everywhere: a graph calls a declared one by its own name.
pub(super) fn name_of(thing: &Thing) -> SmolStr {
    let is_declared = thing.layers.contains(&Layer::Intended);
    match &thing.module {
        Some(module) if is_declared => format_smolstr!("{module}.{}", thing.address),
        _ => thing.address.clone(),
    }
}
