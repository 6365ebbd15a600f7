//! Dependencies that stand with the objects themselves (`depends_on` of a `resources` entry), by address.

use lasso::Key;
use rustc_hash::FxHashMap;

use super::addresses::without_keys;
use super::context::Context;
use super::entries::Entry;
use super::outline::Outline;
use crate::document::{Document, ObjectId};
use crate::tape::Symbol;

/// Puts the dependencies of the outline on the objects.
pub(crate) fn connect_listed(
    entries: &[Entry],
    outline: &Outline,
    context: &Context,
    document: &mut Document,
) {
    if outline.dependencies.is_empty() {
        return;
    }
    let objects = ObjectsByAddress::new(entries, context);
    let mut blocks = None;
    for (entry, object) in entries.iter().zip(&mut document.objects) {
        for name in entry.listed.iter().flat_map(|listed| outline.dependencies_of(listed)) {
            if let Some(exact) = objects.get(*name) {
                object.depends_on.push(exact);
                continue;
            }
            // State names blocks, not instances: `module.a.aws_x.y` stands for all of them.
            let blocks = blocks.get_or_insert_with(|| objects_by_block(entries, context));
            let of_block = blocks.get(context.strings.resolve(name));
            object.depends_on.extend(of_block.into_iter().flatten());
        }
        if object.depends_on.len() > 1 {
            object.depends_on.sort_unstable();
            object.depends_on.dedup();
        }
    }
}

/// The first object of every address. Symbols are small numbers, and those of addresses stand close together: a table by
/// number needs no hashing and stays in the cache.
struct ObjectsByAddress(Vec<Option<ObjectId>>);

impl ObjectsByAddress {
    fn new(entries: &[Entry], context: &Context) -> ObjectsByAddress {
        let mut table = vec![None; context.strings.len()];
        for (index, entry) in entries.iter().enumerate() {
            if let Some(slot) = table.get_mut(entry.address.into_usize()) {
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
fn objects_by_block(entries: &[Entry], context: &Context) -> FxHashMap<String, Vec<ObjectId>> {
    let mut blocks: FxHashMap<String, Vec<ObjectId>> = FxHashMap::default();
    for (index, entry) in entries.iter().enumerate() {
        let address = context.strings.resolve(&entry.address);
        if address.contains('[') {
            blocks.entry(without_keys(address)).or_default().push(ObjectId(index as u32));
        }
    }
    blocks
}
