//! `extend KIND with TRAIT`: conformance that is declared outside the kind. For a kind this is a reverse edge: one map over
//! all files, and a query per kind that stays what it was while other kinds are extended.

use iom_model::QualifiedName;
use iom_syntax::ast::{DeclarationKind, Member, Path};
use smol_str::SmolStr;

use crate::db::Db;
use crate::input::SourceFile;
use crate::items::{Item, declaration, items};
use crate::names::{GlobalName, files_with};
use crate::signatures::resolve_item;

/// What an `extend` says, as far as its names mean something.
#[derive(Clone, PartialEq, Eq, Hash, Debug, salsa::SalsaValue)]
pub struct Extension<'db> {
    pub item: Item<'db>,
    pub kind: QualifiedName,
    /// The trait.
    pub with: QualifiedName,
    /// The fields it gives, as written.
    pub fields: Vec<SmolStr>,
}

/// The extensions of a kind: the library's, then the workspace's in order of paths. The first of two that say the same counts.
#[salsa::tracked]
pub fn extensions_of<'db>(db: &'db dyn Db, kind: GlobalName<'db>) -> Vec<Extension<'db>> {
    let name = kind.text(db);
    let mut found = Vec::new();
    let mut files: Vec<usize> = iom_stdlib::extensions_of(name).iter().map(|found| found.position).collect();
    files.dedup();
    for file in files {
        let file = db.library_file(file);
        found.extend(extensions_in(db, file).iter().filter(|one| one.kind == *name).cloned());
    }
    let all = workspace_extensions(db);
    let start = all.partition_point(|one| one.kind < *name);
    found.extend(all[start..].iter().take_while(|one| one.kind == *name).cloned());
    found
}

/// Sorted by kinds; those of one kind in order of paths.
#[salsa::tracked]
fn workspace_extensions<'db>(db: &'db dyn Db) -> Vec<Extension<'db>> {
    let files = files_with(db, "extend").iter();
    let mut all: Vec<Extension<'db>> = files.flat_map(|file| extensions_in(db, *file)).cloned().collect();
    all.sort_by(|left, right| left.kind.cmp(&right.kind));
    all
}

#[salsa::tracked]
fn extensions_in<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Extension<'db>> {
    let mut found = Vec::new();
    for item in items(db, file).iter().filter(|item| item.keyword(db) == "extend") {
        let declaration = declaration(db, *item);
        let DeclarationKind::Extend { kind, with, body } = &declaration.kind else { continue };
        let named = |path: &Path, keyword: &str| {
            let target = resolve_item(db, *item, path).filter(|target| target.keyword(db) == keyword)?;
            Some(target.qualified_name(db))
        };
        let Some((kind, with)) = named(kind, "kind").zip(named(with, "trait")) else { continue };
        let fields = body.members.iter().filter_map(|member| match member {
            Member::Field(field) => field.path.first().map(|name| name.text.clone()),
            _ => None,
        });
        found.push(Extension { item: *item, kind, with, fields: fields.collect() });
    }
    found
}
