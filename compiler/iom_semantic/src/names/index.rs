use iom_base::FileId;
use iom_stdlib::provider_kinds;
use iom_syntax::ast::DeclarationKind;
use smol_str::{SmolStr, SmolStrBuilder, format_smolstr};

use crate::db::{Db, FIRST_PROVIDER_FILE, library_position};
use crate::input::{Modules, SourceFile};
use crate::items::{Item, declaration, find_item, items};

/// A qualified name as a query key. Names are kept for good: they are few and small, and what asks about one need not make
/// sure that it is still there.
#[salsa::interned(debug, revisions = usize::MAX)]
pub struct GlobalName<'db> {
    pub text: SmolStr,
}

/// The module whose names are visible everywhere.
pub fn prelude_module() -> &'static str {
    "std.prelude"
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportedName {
    pub name: SmolStr,
    pub keyword: &'static str,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exports {
    pub module: SmolStr,
    /// Sorted by name; of equal names the first in the source.
    pub names: Vec<ExportedName>,
    /// What the file amends, in order of the source.
    pub amends: Vec<Amends>,
}

/// An `amend` by the identity of its item, with the name it amends as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amends {
    pub name: SmolStr,
    pub duplicate: u32,
    pub target: Vec<SmolStr>,
}

/// Declarations without a name of their own in the module.
pub(crate) fn is_nameless(keyword: &str) -> bool {
    matches!(
        keyword,
        "module" | "use" | "apply" | "bind" | "test" | "amend" | "extend" | "control" | "tolerate" | ""
    )
}

/// The module a file declares; the root module (an empty name) where it declares none. Modules of a dependency are below its
/// name; one that begins with that name already stays as it is.
#[salsa::tracked]
pub fn file_module(db: &dyn Db, file: SourceFile) -> SmolStr {
    let declared = declared_module(db, file);
    let package = file.package(db);
    let is_below = || declared.strip_prefix(package.as_str()).is_some_and(|rest| rest.starts_with('.'));
    match declared.as_str() {
        _ if file.is_library(db) || package.is_empty() => declared,
        "" => package.clone(),
        whole if whole == package.as_str() || is_below() => declared,
        _ => qualify(package, &declared),
    }
}

fn declared_module(db: &dyn Db, file: SourceFile) -> SmolStr {
    items(db, file)
        .iter()
        .find(|item| item.keyword(db) == "module")
        .and_then(|item| match &declaration(db, *item).kind {
            DeclarationKind::Module(path) => Some(path.to_string().into()),
            _ => None,
        })
        .unwrap_or_default()
}

/// What a file adds to its module. Unchanged by edits inside bodies.
#[salsa::tracked]
pub fn exported_names(db: &dyn Db, file: SourceFile) -> Exports {
    let mut names: Vec<ExportedName> = Vec::new();
    let mut amends: Vec<Amends> = Vec::new();
    for item in items(db, file) {
        let keyword = item.keyword(db);
        let name = item.name(db);
        if keyword == "amend"
            && let DeclarationKind::Amend { target, .. } = &declaration(db, *item).kind
        {
            let target = target.segments.iter().map(|segment| segment.text.clone()).collect();
            amends.push(Amends { name: name.clone(), duplicate: item.duplicate(db), target });
        }
        if !is_nameless(keyword) && !name.is_empty() {
            names.push(ExportedName { name: name.clone(), keyword });
        }
    }
    // Stable, so the first of equal names stays first.
    names.sort_by(|a, b| a.name.cmp(&b.name));
    names.dedup_by(|later, first| later.name == first.name);
    Exports { module: file_module(db, file).clone(), names, amends }
}

/// Workspace files by module, each list in order of paths. The host finds them out when a text is set, so that nothing which
/// asks for a name leans on the texts of all files.
fn workspace_modules(db: &dyn Db) -> &Modules {
    db.workspace().modules(db)
}

/// The workspace's files that hold declarations of a keyword, one of [`CONCERNING`]; in order of paths.
pub(crate) fn files_with<'db>(db: &'db dyn Db, keyword: &'static str) -> &'db [SourceFile] {
    db.workspace().concerning(db).get(keyword).map_or(&[], Vec::as_slice)
}

/// Keywords of declarations that say something about others, or name files to read.
pub(crate) const CONCERNING: [&str; 5] = ["amend", "apply", "catalog", "data", "extend"];

/// The files of a module: the workspace's, then the library's.
pub fn files_of_module(db: &dyn Db, module: &str) -> Vec<SourceFile> {
    let mut files = workspace_modules(db).get(module).cloned().unwrap_or_default();
    files.extend(iom_stdlib::files_of_module(module).map(|(position, _)| db.library_file(position)));
    files
}

/// Whether the path is a module or the beginning of one.
pub fn module_exists(db: &dyn Db, path: &str) -> bool {
    let modules = workspace_modules(db);
    let is_beginning = || {
        let below = format_smolstr!("{path}.");
        let first = modules.range(below.clone()..).next();
        first.is_some_and(|(module, _)| module.starts_with(below.as_str()))
    };
    modules.contains_key(path) || is_beginning() || iom_stdlib::module_exists(path)
}

/// All module names, sorted, for suggestions.
pub fn module_names(db: &dyn Db) -> Vec<SmolStr> {
    let mut names: Vec<SmolStr> = workspace_modules(db).keys().cloned().collect();
    names.extend(iom_stdlib::files().iter().map(|file| SmolStr::new(file.module)));
    names.extend(provider_kinds::MODULES.map(SmolStr::new_static));
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

/// `a.b.C` is `C` in module `a.b`.
pub fn split(qualified: &str) -> (&str, &str) {
    qualified.rsplit_once('.').unwrap_or(("", qualified))
}

/// The declaration with a qualified name. Depends on one name, not on the module's bodies.
#[salsa::tracked(returns(copy))]
pub fn definition<'db>(db: &'db dyn Db, name: GlobalName<'db>) -> Option<Item<'db>> {
    let (module, name) = split(name.text(db));
    for file in workspace_modules(db).get(module).into_iter().flatten() {
        if let Some(found) = exported_names(db, *file).find(name) {
            return first_item(db, *file, found.keyword, name);
        }
    }
    // The library's names are known without parsing anything.
    let file = match iom_stdlib::find_declaration(module, name) {
        Some(found) => db.library_file(found.position),
        None => db.provider_file(provider_kinds::declaring(module, name)?),
    };
    let found = exported_names(db, file).find(name)?;
    first_item(db, file, found.keyword, name)
}

fn first_item<'db>(db: &'db dyn Db, file: SourceFile, keyword: &str, name: &str) -> Option<Item<'db>> {
    find_item(db, file, keyword, name, 0)
}

/// Names declared in a module, sorted.
pub fn names_in_module(db: &dyn Db, module: &str) -> Vec<SmolStr> {
    let mut names: Vec<SmolStr> = Vec::new();
    for file in workspace_modules(db).get(module).into_iter().flatten() {
        names.extend(exported_names(db, *file).names.iter().map(|exported| exported.name.clone()));
    }
    for (_, file) in iom_stdlib::files_of_module(module) {
        names.extend(file.declarations.iter().map(|declared| SmolStr::new(declared.name)));
    }
    names.extend(provider_kinds::names(module).map(SmolStr::new_static));
    names.sort();
    names.dedup();
    names
}

/// Whether a name is one of [`names_in_module`].
pub(crate) fn declares(db: &dyn Db, module: &str, name: &str) -> bool {
    let mut files = workspace_modules(db).get(module).into_iter().flatten().copied();
    files.any(|file| exported_names(db, file).find(name).is_some())
        || iom_stdlib::find_declaration(module, name).is_some()
        || provider_kinds::declaring(module, name).is_some_and(|kind| kind.name == name)
}

/// The policies of a module and of the modules below it, by qualified name, sorted.
pub(crate) fn policies_in_module(db: &dyn Db, module: &str) -> Vec<SmolStr> {
    let is_inside =
        |own: &str| own.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let mut policies: Vec<SmolStr> = Vec::new();
    for (own, files) in workspace_modules(db).iter().filter(|(own, _)| is_inside(own)) {
        for file in files {
            let names = exported_names(db, *file).names.iter();
            let names = names.filter(|exported| exported.keyword == "policy");
            policies.extend(names.map(|exported| qualify(own, &exported.name)));
        }
    }
    let library = iom_stdlib::policies().filter(|found| is_inside(found.file.module));
    policies.extend(library.map(|found| SmolStr::from(found.qualified_name())));
    policies.sort();
    policies.dedup();
    policies
}

/// Whether a declaration is that of a provider's type, or in it.
pub(crate) fn is_provider_kind(db: &dyn Db, item: Item<'_>) -> bool {
    let id = item.file(db).id(db).0;
    id.checked_sub(FIRST_PROVIDER_FILE).is_some_and(|number| number < provider_kinds::MOST)
}

/// A file of the library by its path, which starts with `std:`.
pub(crate) fn library_file_at(db: &dyn Db, path: &str) -> Option<SourceFile> {
    let path = path.strip_prefix("std:")?;
    if let Some(position) = iom_stdlib::files().iter().position(|file| file.path == path) {
        return Some(db.library_file(position));
    }
    let (module, name) = path.strip_suffix(".iom")?.rsplit_once('/')?;
    let kind = provider_kinds::declaring(&module.replace('/', "."), name)?;
    Some(db.provider_file(kind))
}

/// The file with an id: one of the workspace's or, by the id's range, one of the library's or a provider's type.
pub fn file_by_id(db: &dyn Db, id: FileId) -> Option<SourceFile> {
    if let Some(number) =
        id.0.checked_sub(FIRST_PROVIDER_FILE).filter(|number| *number < provider_kinds::MOST)
    {
        return provider_kinds::numbered(number).map(|kind| db.provider_file(kind));
    }
    match library_position(id) {
        Some(position) => Some(db.library_file(position)),
        None => db.workspace().files(db).iter().copied().find(|file| file.id(db) == id),
    }
}

impl Exports {
    pub fn find(&self, name: &str) -> Option<&ExportedName> {
        let position = self.names.binary_search_by(|exported| exported.name.as_str().cmp(name)).ok()?;
        self.names.get(position)
    }
}

impl<'db> Item<'db> {
    /// The package it belongs to: `std` for the library, empty for the workspace's own, else the name that a dependency is
    /// known by.
    pub fn package(self, db: &'db dyn Db) -> &'db SmolStr {
        self.file(db).package(db)
    }

    /// Whether the workspace itself declares it, and no dependency.
    pub fn is_own(self, db: &'db dyn Db) -> bool {
        self.package(db).is_empty()
    }

    /// `module.name`
    pub fn qualified_name(self, db: &'db dyn Db) -> SmolStr {
        qualify(file_module(db, self.file(db)), self.name(db))
    }
}

pub(crate) fn qualify(module: &str, name: &str) -> SmolStr {
    if module.is_empty() {
        return name.into();
    }
    let mut qualified = SmolStrBuilder::new();
    qualified.push_str(module);
    qualified.push('.');
    qualified.push_str(name);
    qualified.finish()
}

/// The declaration with a qualified name given as text.
pub(crate) fn definition_of<'db>(db: &'db dyn Db, qualified: &str) -> Option<Item<'db>> {
    definition(db, GlobalName::new(db, SmolStr::new(qualified)))
}
