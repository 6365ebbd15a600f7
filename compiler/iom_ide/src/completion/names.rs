//! Names of declarations and modules.

use iom_model::QualifiedName;
use iom_semantic::items::Item;
use iom_semantic::names::{
    GlobalName, Target, definition, exported_names, file_module, module_names, names_in_module,
    prelude_module, resolve, split,
};
use iom_semantic::signatures::catalog_controls;
use iom_syntax::SyntaxKind;
use smol_str::SmolStr;

use super::CompletionKind;
use super::candidates::{Candidates, rank};
use super::cursor::Inside;

/// What a name has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Kind,
    Trait,
    Nominal,
    Type,
    Policy,
    Resource,
    Value,
    Anything,
}

impl Wanted {
    fn takes(self, keyword: &str) -> bool {
        match self {
            Wanted::Kind => keyword == "kind",
            Wanted::Trait => keyword == "trait",
            Wanted::Nominal => matches!(keyword, "kind" | "trait"),
            Wanted::Type => matches!(keyword, "kind" | "trait" | "type"),
            Wanted::Policy => matches!(keyword, "policy" | "group" | "blueprint"),
            Wanted::Resource => keyword == "resource",
            Wanted::Value => {
                matches!(keyword, "const" | "data" | "fn" | "kind" | "trait" | "resource" | "blueprint")
            }
            Wanted::Anything => true,
        }
    }

    /// What the place of a name asks for.
    fn at(inside: &Inside<'_>) -> Wanted {
        use SyntaxKind as K;
        let mut kinds = inside.around.iter().map(|node| node.kind());
        match kinds.find(|kind| !matches!(kind, K::Path | K::NameExpr | K::FieldExpr)) {
            Some(K::ResourceDeclaration) => Wanted::Kind,
            Some(K::Traits) => Wanted::Trait,
            Some(K::KindBinder | K::IsExpr | K::ExtendDeclaration) => Wanted::Nominal,
            Some(K::PathType) => Wanted::Type,
            Some(K::ApplyDeclaration) => Wanted::Policy,
            Some(K::AmendDeclaration) => Wanted::Resource,
            Some(kind) if kind.is_expression() => Wanted::Value,
            _ => Wanted::Anything,
        }
    }
}

/// Names of other modules are offered once so many letters are there.
const LETTERS_FOR_IMPORT: usize = 2;

/// More names of other modules are no help.
const MOST_IMPORTS: usize = 50;

pub(super) fn kind_of(keyword: &str) -> CompletionKind {
    match keyword {
        "kind" => CompletionKind::Kind,
        "trait" => CompletionKind::Trait,
        "type" => CompletionKind::Type,
        "const" | "data" => CompletionKind::Constant,
        "fn" => CompletionKind::Function,
        "resource" => CompletionKind::Resource,
        "policy" | "group" | "evidence" => CompletionKind::Policy,
        "blueprint" | "shape" => CompletionKind::Blueprint,
        _ => CompletionKind::Other,
    }
}

impl Candidates<'_> {
    /// Names of a module: declarations and the modules below it.
    pub fn names_inside(&mut self, module: &str, inside: &Inside<'_>) {
        let wanted = Wanted::at(inside);
        self.of_module(module, wanted);
        if let Some(catalog) =
            self.analysis.named(module).filter(|item| item.keyword(self.analysis.db()) == "catalog")
        {
            self.controls_of(catalog);
        }
    }

    fn of_module(&mut self, module: &str, wanted: Wanted) {
        let db = self.analysis.db();
        for name in names_in_module(db, module) {
            if !self.is_meant(&name) {
                continue;
            }
            let qualified = if module.is_empty() { name.to_string() } else { format!("{module}.{name}") };
            let Some(keyword) = self.keyword_of(&qualified) else { continue };
            if wanted.takes(keyword) {
                let one = self.add(&name, kind_of(keyword), rank::EXPECTED, keyword);
                one.about = format!("declaration {qualified}");
            }
        }
        let below = format!("{module}.");
        for other in module_names(db) {
            if let Some(rest) = other.strip_prefix(below.as_str()) {
                let next = rest.split('.').next().unwrap_or(rest);
                self.add(next, CompletionKind::Module, rank::COMMON, "module");
            }
        }
    }

    /// What a name declares, without reading library files for it.
    fn keyword_of(&self, qualified: &str) -> Option<&'static str> {
        let (module, name) = split(qualified);
        if let Some(found) = iom_stdlib::find_declaration(module, name) {
            return Some(found.declaration.keyword);
        }
        if iom_stdlib::provider_kinds::declaring(module, name).is_some() {
            return Some("kind");
        }
        self.analysis.named(qualified).map(|item| item.keyword(self.analysis.db()))
    }

    /// After `use`: modules, and names of the module that stands before the word.
    pub fn importable(&mut self, path: &str) {
        let module = path.trim_end_matches('.').to_owned();
        if module.is_empty() {
            let mut roots: Vec<SmolStr> = module_names(self.analysis.db())
                .iter()
                .map(|name| SmolStr::new(name.split('.').next().unwrap_or(name)))
                .collect();
            roots.dedup();
            for root in roots {
                self.add(&root, CompletionKind::Module, rank::EXPECTED, "module");
            }
            return;
        }
        self.of_module(&module, Wanted::Anything);
    }

    /// A name where a kind, a trait, a type and so on stands.
    pub fn named(&mut self, inside: &Inside<'_>) {
        let wanted = Wanted::at(inside);
        if wanted == Wanted::Type {
            self.types();
        }
        self.visible(wanted);
        self.elsewhere(wanted);
    }

    /// Names that expressions may read from outside the declaration at hand.
    pub fn globals(&mut self, item: Item<'_>) {
        let is_instance = item.keyword(self.analysis.db()) == "resource";
        let wanted = if is_instance { Wanted::Anything } else { Wanted::Value };
        self.visible(wanted);
        self.elsewhere(Wanted::Value);
    }

    /// Policies and groups, for exceptions, evidence, tests and `apply`.
    pub fn claims(&mut self) {
        self.visible(Wanted::Policy);
        self.elsewhere(Wanted::Policy);
    }

    /// Names that can be written as they are: of the own module, imported ones, those of the prelude, and modules.
    fn visible(&mut self, wanted: Wanted) {
        let db = self.analysis.db();
        let (module, scope) = (self.scope.module.clone(), self.scope);
        let mut found: Vec<(SmolStr, QualifiedName, u8)> = Vec::new();
        let join = |module: &str, name: &SmolStr| match module {
            "" => name.clone(),
            module => SmolStr::from(format!("{module}.{name}")),
        };
        found.extend(names_in_module(db, &module).into_iter().map(|name| {
            let qualified = join(&module, &name);
            (name, qualified, rank::OWN)
        }));
        found.extend(
            scope.imports.iter().map(|(name, import)| (name.clone(), import.target.clone(), rank::OWN)),
        );
        for other in scope.globs.iter().map(SmolStr::as_str).chain([prelude_module()]) {
            found.extend(names_in_module(db, other).into_iter().map(|name| {
                let qualified = join(other, &name);
                (name, qualified, rank::COMMON)
            }));
        }
        for (name, qualified, rank) in found {
            if !self.is_meant(&name) {
                continue;
            }
            match self.keyword_of(&qualified) {
                Some(keyword) if wanted.takes(keyword) => {
                    let one = self.add(&name, kind_of(keyword), rank, keyword);
                    one.about = format!("declaration {qualified}");
                }
                Some(_) => {}
                None => {
                    self.add(&name, CompletionKind::Module, rank, "module");
                }
            }
        }
        let mut roots: Vec<SmolStr> = module_names(db)
            .iter()
            .map(|name| SmolStr::new(name.split('.').next().unwrap_or(name)))
            .collect();
        roots.dedup();
        for root in roots {
            self.add(&root, CompletionKind::Module, rank::COMMON, "module");
        }
    }

    /// Names of other modules: choosing one imports it.
    fn elsewhere(&mut self, wanted: Wanted) {
        if self.standing.word.len() < LETTERS_FOR_IMPORT {
            self.is_incomplete = true;
            return;
        }
        let db = self.analysis.db();
        let mut found: Vec<(SmolStr, &'static str)> = Vec::new();
        'files: for file in db.workspace().files(db) {
            let module = file_module(db, *file);
            if *module == self.scope.module || module.is_empty() {
                continue;
            }
            for one in &exported_names(db, *file).names {
                if wanted.takes(one.keyword) && self.is_likely(&one.name) {
                    found.push((SmolStr::from(format!("{module}.{}", one.name)), one.keyword));
                    if found.len() >= MOST_IMPORTS {
                        self.is_incomplete = true;
                        break 'files;
                    }
                }
            }
        }
        let library = iom_stdlib::declarations().filter(|one| {
            let declared = one.declaration;
            wanted.takes(declared.keyword) && !declared.name.is_empty() && self.is_likely(declared.name)
        });
        let library: Vec<_> = library.take(MOST_IMPORTS).collect();
        found
            .extend(library.iter().map(|one| (SmolStr::from(one.qualified_name()), one.declaration.keyword)));
        for (name, keyword) in found {
            self.global(&name, kind_of(keyword), rank::ELSEWHERE, keyword);
        }
    }

    /// Stricter than what is asked of what is near: there are many names elsewhere.
    fn is_likely(&self, name: &str) -> bool {
        let word = &self.standing.word;
        let starts = name
            .get(..1)
            .is_some_and(|first| word.get(..1).is_some_and(|one| one.eq_ignore_ascii_case(first)));
        starts && self.is_meant(name)
    }

    /// A declaration by its qualified name: as it can be written here, with the import it takes.
    pub fn global(&mut self, qualified: &str, kind: CompletionKind, rank: u8, detail: &str) {
        let (module, name) = split(qualified);
        let db = self.analysis.db();
        let means = |path: &[SmolStr]| {
            let found = resolve(db, self.scope, path);
            found.is_some_and(|found| found.used == path.len() && found.qualified == qualified)
        };
        let is_visible = means(&[SmolStr::new(name)]);
        // A module at the root is named as it is.
        let path: Vec<SmolStr> = qualified.split('.').map(SmolStr::new).collect();
        let is_reachable = path.len() == 2 && means(&path);
        let label = if !is_visible && is_reachable { qualified } else { name };
        let import = (!is_visible && !is_reachable).then(|| self.import(qualified));
        if is_visible && rank == rank::ELSEWHERE {
            return; // It is offered as what can be named here.
        }
        if !is_visible && !is_reachable && resolve(db, self.scope, &[SmolStr::new(name)]).is_some() {
            return; // Another thing has the name here.
        }
        let detail =
            if is_visible || module.is_empty() { detail.to_owned() } else { format!("{detail} of {module}") };
        let one = self.add(label, kind, rank, detail);
        one.also.extend(import);
        one.about = format!("declaration {qualified}");
    }

    /// Controls of the catalogs that can be named here, or of the one before the dot.
    pub fn controls(&mut self) {
        let db = self.analysis.db();
        let before = self.standing.before;
        if let Some(path) = before.strip_suffix('.') {
            let start =
                path.rfind(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.'));
            let path = &path[start.map_or(0, |at| at + 1)..];
            let path: Vec<SmolStr> = path.split('.').map(SmolStr::new).collect();
            if let Some(found) = resolve(db, self.scope, &path).filter(|found| found.used == path.len()) {
                match found.target {
                    Target::Item(item) => self.controls_of(item),
                    Target::Module => self.of_module(&found.qualified, Wanted::Anything),
                }
            }
            return;
        }
        let names = names_in_module(db, &self.scope.module);
        let own = names.iter().map(|name| match self.scope.module.as_str() {
            "" => name.to_string(),
            module => format!("{module}.{name}"),
        });
        let imported = self.scope.imports.values().map(|import| import.target.to_string());
        let catalogs: Vec<String> = own.chain(imported).collect();
        for name in catalogs {
            let item = definition(db, GlobalName::new(db, SmolStr::new(&name)));
            let Some(item) = item.filter(|item| item.keyword(db) == "catalog") else { continue };
            let short = item.name(db).clone();
            self.add(&short, CompletionKind::Module, rank::FITTING, "catalog");
            for control in catalog_controls(db, item).iter().filter(|one| one.withdrawn.is_none()) {
                let label = format!("{short}.\"{}\"", control.id);
                let title = control.title.clone().unwrap_or_default();
                self.add(&label, CompletionKind::Control, rank::EXPECTED, title);
            }
        }
        self.visible_modules_with_catalogs();
    }

    /// Catalogs of the library stand in its modules.
    fn visible_modules_with_catalogs(&mut self) {
        let catalogs = iom_stdlib::declarations().filter(|one| one.declaration.keyword == "catalog");
        for one in catalogs.collect::<Vec<_>>() {
            self.global(&one.qualified_name(), CompletionKind::Module, rank::ELSEWHERE, "catalog");
        }
    }

    fn controls_of(&mut self, catalog: Item<'_>) {
        for control in catalog_controls(self.analysis.db(), catalog).iter() {
            if control.withdrawn.is_some() {
                continue;
            }
            let label =
                if self.standing.is_quoted { control.id.to_string() } else { format!("\"{}\"", control.id) };
            let title = control.title.clone().unwrap_or_default();
            self.add(&label, CompletionKind::Control, rank::EXPECTED, title);
        }
    }
}
