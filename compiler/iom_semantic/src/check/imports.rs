use iom_diagnostics::nearest;
use iom_syntax::ast::{Use, UseNames};
use smol_str::SmolStr;

use crate::infer::Checker;
use crate::messages;
use crate::names::{definition_of, module_exists, module_names, names_in_module, qualify, split};

impl<'db> Checker<'db> {
    pub(super) fn check_use(&mut self, import: &Use) {
        let path = import.path.to_string();
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

    fn require_module(&mut self, import: &Use, path: &str) {
        if !module_exists(self.db, path) {
            let modules = module_names(self.db);
            let near = nearest(path, modules.iter().map(SmolStr::as_str));
            self.report(messages::unknown_module(self.place(import.path.id), path, near));
        }
    }

    /// The module is there but not the name, or not even the module.
    fn report_unknown_import(&mut self, import: &Use, path: &str) {
        let (module, name) = split(path);
        if !module.is_empty() && module_exists(self.db, module) {
            let candidates = names_in_module(self.db, module);
            let near = nearest(name, candidates.iter().map(SmolStr::as_str));
            let place = self.place(import.path.last().id);
            self.report(messages::unknown_name(place, name, "name", Some(module), near, &[]));
        } else {
            self.require_module(import, path);
        }
    }
}
