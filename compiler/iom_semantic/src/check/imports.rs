use iom_diagnostics::nearest;
use iom_syntax::ast::{Name, Path, Use, UseNames};
use smol_str::SmolStr;

use crate::infer::Checker;
use crate::messages;
use crate::names::{
    absolute, definition_of, module_exists, module_names, names_in_module, qualify, sees, split, stays_inside,
};

impl<'db> Checker<'db> {
    pub(super) fn check_use(&mut self, import: &Use) {
        self.note_import(import);
        let path = absolute(self.db, &self.scope.package, &import.path.to_string());
        let root = path.split('.').next().unwrap_or(&path);
        if self.is_failed_package(root) {
            return;
        }
        if !sees(self.db, &self.scope.package, root) {
            self.report(messages::no_dependency(self.place(import.path.id), root));
            return;
        }
        if import.path.segments.iter().any(|segment| segment.text.is_empty()) {
            return;
        }
        match &import.names {
            UseNames::Itself => {
                if definition_of(self.db, &path).is_none() && !module_exists(self.db, &path) {
                    self.report_unknown_import(import, &path);
                }
            }
            UseNames::All => self.require_module(import, &path),
            UseNames::These(names) => {
                if !module_exists(self.db, &path) {
                    self.require_module(import, &path);
                    return;
                }
                for name in names {
                    if definition_of(self.db, &qualify(&path, &name.text)).is_none() {
                        let candidates = names_in_module(self.db, &path);
                        let near = nearest(&name.text, candidates.iter().map(SmolStr::as_str));
                        self.report(messages::unknown_name(
                            self.place(name.id),
                            &name.text,
                            "name",
                            Some(&path),
                            near,
                            &[],
                        ));
                    }
                }
            }
        }
    }

    pub(crate) fn is_failed_package(&self, root: &str) -> bool {
        self.db.workspace().packages(self.db).failed.iter().any(|name| name == root)
    }

    /// The names of dependencies are taken.
    pub(super) fn check_module(&mut self, path: &Path) {
        let first = path.segments.first().map(|segment| segment.text.clone()).unwrap_or_default();
        let packages = self.db.workspace().packages(self.db);
        if self.item.is_own(self.db) && packages.named(&first).is_some() {
            let module = path.to_string();
            self.report(messages::module_in_the_way(self.place(path.id), &module, &first));
        }
    }

    /// A file that a declaration names lies in its package.
    pub(super) fn check_data_path(&mut self, file: &Name) {
        if !stays_inside(&file.text) {
            self.report(messages::leads_outside(self.place(file.id), &file.text));
        }
    }

    fn require_module(&mut self, import: &Use, path: &str) {
        if !module_exists(self.db, path) {
            let modules = module_names(self.db);
            let near = nearest(path, modules.iter().map(SmolStr::as_str));
            let (_, last) = split(path);
            let declaring = if near.is_none() { self.modules_that_declare(last) } else { Vec::new() };
            self.report(messages::unknown_module(self.place(import.path.id), path, near, &declaring));
        }
    }

    /// The module is there but not the name, or not even the module.
    fn report_unknown_import(&mut self, import: &Use, path: &str) {
        let (module, name) = split(path);
        if !module.is_empty() && module_exists(self.db, module) {
            let modules = module_names(self.db);
            let inside = modules.iter().filter_map(|other| other.strip_prefix(module)?.strip_prefix('.'));
            let names = names_in_module(self.db, module);
            let near = nearest(name, names.iter().map(SmolStr::as_str).chain(inside));
            let place = self.place(import.path.last().id);
            self.report(messages::unknown_name(place, name, "name", Some(module), near, &[]));
        } else {
            self.require_module(import, path);
        }
    }
}
