use std::collections::BTreeMap;
use std::sync::Arc;

use iom_diagnostics::NearNames;
use iom_stdlib::provider_kinds;
use iom_syntax::ast::{DeclarationKind, Name, NodeId, UseNames};
use smol_str::SmolStr;

use super::index::{
    GlobalName, definition_of, file_module, module_exists, names_in_module, prelude_module, qualify,
};
use super::package::{absolute, sees};
use crate::db::Db;
use crate::input::SourceFile;
use crate::items::{Item, declaration, items};

/// Where an imported name comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// The qualified name, of a declaration or a module.
    pub target: SmolStr,
    /// Index of the `use` among the file's declarations of that keyword, and the node that names the import.
    pub use_name: SmolStr,
    pub use_duplicate: u32,
    pub node: NodeId,
}

/// What `use` brings into a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileScope {
    pub module: SmolStr,
    /// The package of the file.
    pub package: SmolStr,
    pub imports: BTreeMap<SmolStr, Import>,
    /// Modules named with a star.
    pub globs: Vec<SmolStr>,
}

#[salsa::tracked]
pub fn file_scope(db: &dyn Db, file: SourceFile) -> Arc<FileScope> {
    let mut scope = FileScope {
        module: file_module(db, file).clone(),
        package: file.package(db).clone(),
        ..FileScope::default()
    };
    for item in items(db, file) {
        if item.keyword(db) != "use" {
            continue;
        }
        let declaration = declaration(db, *item);
        let DeclarationKind::Use(import) = &declaration.kind else { continue };
        let path = absolute(db, file.package(db), &import.path.to_string());
        let mut add = |local: &Name, target: SmolStr, node: NodeId| {
            let import =
                Import { target, use_name: item.name(db).clone(), use_duplicate: item.duplicate(db), node };
            scope.imports.entry(local.text.clone()).or_insert(import);
        };
        match &import.names {
            UseNames::Itself => {
                let last = import.path.last();
                add(import.alias.as_ref().unwrap_or(last), path.clone(), last.id);
            }
            UseNames::These(names) => {
                for name in names {
                    add(name, qualify(&path, &name.text), name.id);
                }
            }
            UseNames::All => scope.globs.push(path),
        }
    }
    Arc::new(scope)
}

/// What a name stands for, outside any body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target<'db> {
    Item(Item<'db>),
    Module,
}

/// The longest part of a dotted path that names something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolution<'db> {
    pub target: Target<'db>,
    pub qualified: SmolStr,
    /// How many segments were used up.
    pub used: usize,
}

/// Resolves a dotted path by own module, imports, modules named with a star, prelude, module root, in that order. `None`:
/// not even the first segment means anything, or several modules named with a star offer it ([`offering_globs`]).
pub fn resolve<'db>(db: &'db dyn Db, scope: &FileScope, segments: &[SmolStr]) -> Option<Resolution<'db>> {
    let first = segments.first()?;
    let (qualified, target) = first_segment(db, scope, first)?;
    let mut current = Resolution { target, qualified, used: 1 };
    for segment in &segments[1..] {
        if matches!(current.target, Target::Item(_)) {
            break;
        }
        let next = qualify(&current.qualified, segment);
        match target_of(db, &next) {
            Some(target) => current = Resolution { target, qualified: next, used: current.used + 1 },
            None => break,
        }
    }
    Some(current)
}

fn first_segment<'db>(db: &'db dyn Db, scope: &FileScope, name: &str) -> Option<(SmolStr, Target<'db>)> {
    let found = |qualified: SmolStr| target_of(db, &qualified).map(|target| (qualified, target));
    let own = qualify(&scope.module, name);
    if let Some(item) = definition_of(db, &own) {
        return Some((own, Target::Item(item)));
    }
    if let Some(import) = scope.imports.get(name) {
        return found(import.target.clone());
    }
    let mut offering = globs_with(db, scope, name);
    if let Some(module) = offering.next() {
        return if offering.all(|other| other == module) { found(qualify(module, name)) } else { None };
    }
    let common = qualify(prelude_module(), name);
    if let Some(item) = definition_of(db, &common) {
        return Some((common, Target::Item(item)));
    }
    let root = absolute(db, &scope.package, name);
    if module_exists(db, &root) && (root != name || sees(db, &scope.package, name)) {
        return found(root);
    }
    None
}

/// Of the modules named with a star those that declare a name.
fn globs_with<'s>(
    db: &'s dyn Db,
    scope: &'s FileScope,
    name: &'s str,
) -> impl Iterator<Item = &'s SmolStr> + use<'s> {
    scope.globs.iter().filter(move |module| definition_of(db, &qualify(module, name)).is_some())
}

/// The modules named with a star that offer a name which nothing nearer declares, sorted. With more than one of them
/// nobody can tell which is meant.
pub fn offering_globs(db: &dyn Db, scope: &FileScope, name: &str) -> Vec<SmolStr> {
    if definition_of(db, &qualify(&scope.module, name)).is_some() || scope.imports.contains_key(name) {
        return Vec::new();
    }
    let mut modules: Vec<SmolStr> = globs_with(db, scope, name).cloned().collect();
    modules.sort();
    modules.dedup();
    modules
}

pub(super) fn target_of<'db>(db: &'db dyn Db, qualified: &str) -> Option<Target<'db>> {
    match definition_of(db, qualified) {
        Some(item) => Some(Target::Item(item)),
        None => module_exists(db, qualified).then_some(Target::Module),
    }
}

/// [`visible_names`] of a file: once for all that is misspelt in it.
#[salsa::tracked(lru = 8)]
pub(crate) fn visible_from(db: &dyn Db, file: SourceFile) -> NearNames {
    let names = visible_names(db, file_scope(db, file));
    // So short a name is near to every single letter, which mostly is a binder.
    NearNames::new(names.iter().map(SmolStr::as_str).filter(|name| !provider_kinds::MODULES.contains(name)))
}

/// [`names_in_module`]: once for all that is misspelt.
#[salsa::tracked(lru = 8)]
pub(crate) fn near_in_module<'db>(db: &'db dyn Db, module: GlobalName<'db>) -> NearNames {
    NearNames::new(names_in_module(db, module.text(db)).iter().map(SmolStr::as_str))
}

/// Every name that could stand first in a path here, sorted: for suggestions and completion.
pub fn visible_names(db: &dyn Db, scope: &FileScope) -> Vec<SmolStr> {
    let mut names = names_in_module(db, &scope.module);
    names.extend(scope.imports.keys().cloned());
    for module in scope.globs.iter().map(SmolStr::as_str).chain([prelude_module()]) {
        names.extend(names_in_module(db, module));
    }
    for module in super::module_names(db) {
        let own = module.strip_prefix(scope.package.as_str()).and_then(|rest| rest.strip_prefix('.'));
        let path = own.filter(|_| !scope.package.is_empty()).unwrap_or(&module);
        names.extend(
            path.split('.')
                .next()
                .filter(|root| own.is_some() || sees(db, &scope.package, root))
                .map(SmolStr::new),
        );
    }
    names.sort();
    names.dedup();
    names
}
