//! Dependencies that stand with the objects themselves (`depends_on` of a `resources` entry), by address.

use rustc_hash::FxHashMap;

use super::addresses::without_keys;
use super::entries::Entry;
use super::outline::Outline;
use crate::document::{ObjectId, SourceObject};
use crate::tape::{Strings, Symbol};

/// Something that is called by an address.
pub(crate) trait Addressed {
    fn address(&self) -> Symbol;
}

impl Addressed for Entry<'_> {
    fn address(&self) -> Symbol {
        self.address
    }
}

impl Addressed for SourceObject {
    fn address(&self) -> Symbol {
        self.address
    }
}

/// The dependencies that an outline lists, as objects.
pub(crate) struct ListedDependencies<'o, E> {
    entries: &'o [E],
    objects: ObjectsByAddress,
    /// The instances of every block that has keys, where some dependency names a block.
    blocks: Option<FxHashMap<String, Vec<ObjectId>>>,
}

impl<'o, E: Addressed> ListedDependencies<'o, E> {
    pub(crate) fn new(entries: &'o [E], outline: &Outline) -> ListedDependencies<'o, E> {
        let listed = if outline.dependencies.is_empty() { &[] } else { entries };
        let objects = ObjectsByAddress::new(listed);
        ListedDependencies { entries, objects, blocks: None }
    }

    /// Adds the objects that names of dependencies stand for.
    pub(crate) fn of(&mut self, names: &[Symbol], strings: &Strings, found: &mut Vec<ObjectId>) {
        for name in names {
            if let Some(exact) = self.objects.get(*name) {
                found.push(exact);
                continue;
            }
            // State names blocks, not instances: `module.a.aws_x.y` stands for all of them.
            let blocks = self.blocks.get_or_insert_with(|| objects_by_block(self.entries, strings));
            found.extend(blocks.get(strings.resolve(name)).into_iter().flatten());
        }
    }
}

/// The first object of every address. Symbols are small numbers, and those of addresses stand close together: a table by
/// number needs no hashing and stays in the cache.
struct ObjectsByAddress(Vec<Option<ObjectId>>);

impl ObjectsByAddress {
    fn new(entries: &[impl Addressed]) -> ObjectsByAddress {
        let highest = entries.iter().map(|entry| entry.address().into_usize() + 1).max();
        let mut table = vec![None; highest.unwrap_or(0)];
        for (index, entry) in entries.iter().enumerate() {
            if let Some(slot) = table.get_mut(entry.address().into_usize()) {
                slot.get_or_insert(ObjectId(index as u32));
            }
        }
        ObjectsByAddress(table)
    }

    fn get(&self, address: Symbol) -> Option<ObjectId> {
        self.0.get(address.into_usize()).copied().flatten()
    }
}

/// The instances of every block that has keys.
fn objects_by_block(entries: &[impl Addressed], strings: &Strings) -> FxHashMap<String, Vec<ObjectId>> {
    let mut blocks: FxHashMap<String, Vec<ObjectId>> = FxHashMap::default();
    for (index, entry) in entries.iter().enumerate() {
        let address = strings.resolve(&entry.address());
        if address.contains('[') {
            blocks.entry(without_keys(address)).or_default().push(ObjectId(index as u32));
        }
    }
    blocks
}
