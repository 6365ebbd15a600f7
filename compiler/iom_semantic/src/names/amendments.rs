//! Who amends what: a reverse edge. One map for the workspace, and a query per name in between, so that a new `amend`
//! concerns only what it amends.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::index::{GlobalName, exported_names};
use super::resolve::{Target, file_scope, resolve};
use crate::db::Db;
use crate::input::SourceFile;
use crate::items::{Item, find_item};

/// An `amend`, by its file, its name and its number among those of that name.
type Amending = (SourceFile, SmolStr, u32);

/// By the qualified name of what is amended, in order of files and places.
#[salsa::tracked]
fn amendments_by_name(db: &dyn Db) -> BTreeMap<SmolStr, Vec<Amending>> {
    let mut found: BTreeMap<SmolStr, Vec<Amending>> = BTreeMap::new();
    for file in db.workspace().files(db) {
        for amend in &exported_names(db, *file).amends {
            let resolution = resolve(db, file_scope(db, *file), &amend.target);
            if let Some(resolution) = resolution
                && resolution.used == amend.target.len()
                && matches!(resolution.target, Target::Item(item) if item.package(db) == file.package(db))
            {
                let amending = (*file, amend.name.clone(), amend.duplicate);
                found.entry(resolution.qualified).or_default().push(amending);
            }
        }
    }
    found
}

#[salsa::tracked]
fn amendments<'db>(db: &'db dyn Db, name: GlobalName<'db>) -> Vec<Amending> {
    amendments_by_name(db).get(name.text(db)).cloned().unwrap_or_default()
}

/// The declarations that amend a resource.
pub(crate) fn amendments_of<'db>(db: &'db dyn Db, qualified: &SmolStr) -> Vec<Item<'db>> {
    amendments(db, GlobalName::new(db, qualified.clone()))
        .iter()
        .filter_map(|(file, name, duplicate)| find_item(db, *file, "amend", name, *duplicate))
        .collect()
}
