//! Who amends what: a reverse edge. One map for the workspace, which the host publishes as an input (see
//! [`Workspace`](crate::input::Workspace)), and a query per bucket of names in between, so that a new `amend` concerns only
//! what it amends and the few whose names share its bucket. A query per name would cost more than most resources themselves:
//! nearly all of them are amended by nobody.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use smol_str::SmolStr;

use super::index::{exported_names, files_with};
use super::resolve::{Target, file_scope, resolve};
use crate::db::Db;
use crate::input::SourceFile;
use crate::items::{Item, find_item};

/// An `amend`, by its file, its name and its number among those of that name.
type Amending = (SourceFile, SmolStr, u32);

/// By the qualified name of what is amended, in order of files and places.
type Named = BTreeMap<SmolStr, Vec<Amending>>;

/// By the number of a [`Bucket`].
pub(crate) type Amendments = BTreeMap<u16, Named>;

/// Some of all names.
#[salsa::interned(debug, revisions = usize::MAX)]
struct Bucket<'db> {
    #[returns(copy)]
    number: u16,
}

/// One of 4096.
fn bucket_of(name: &str) -> u16 {
    let mut hasher = FxHasher::default();
    name.hash(&mut hasher);
    // Names that differ in one letter lie close together before they are spread.
    (hasher.finish().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as u16
}

/// What the workspace's files amend.
#[salsa::tracked]
pub(crate) fn workspace_amendments(db: &dyn Db) -> Amendments {
    let mut found = Amendments::new();
    for file in files_with(db, "amend") {
        for amend in &exported_names(db, *file).amends {
            let resolution = resolve(db, file_scope(db, *file), &amend.target);
            if let Some(resolution) = resolution
                && resolution.used == amend.target.len()
                && matches!(resolution.target, Target::Item(item) if item.package(db) == file.package(db))
            {
                let amending = (*file, amend.name.clone(), amend.duplicate);
                let bucket = found.entry(bucket_of(&resolution.qualified)).or_default();
                bucket.entry(resolution.qualified).or_default().push(amending);
            }
        }
    }
    found
}

#[salsa::tracked]
fn amendments_in<'db>(db: &'db dyn Db, bucket: Bucket<'db>) -> Named {
    db.workspace().amendments(db).get(&bucket.number(db)).cloned().unwrap_or_default()
}

/// The declarations that amend a resource.
pub(crate) fn amendments_of<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Item<'db>> {
    let name = item.qualified_name(db);
    let amending = amendments_in(db, Bucket::new(db, bucket_of(&name))).get(&name);
    amending
        .into_iter()
        .flatten()
        .filter_map(|(file, name, duplicate)| find_item(db, *file, "amend", name, *duplicate))
        .collect()
}
