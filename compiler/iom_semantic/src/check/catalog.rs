use iom_model::Catalog;
use iom_syntax::ast::{Body, DeclarationKind, Member, Name, Source};

use super::Lowered;
use crate::infer::Checker;
use crate::messages;
use crate::names::{data_path, stays_inside};
use crate::signatures::catalog_controls;

impl<'db> Checker<'db> {
    pub(super) fn check_catalog(
        &mut self,
        name: &Name,
        source: Option<&Source>,
        body: Option<&Body>,
    ) -> Lowered {
        if let Some(source) = source {
            self.check_oscal_source(source);
        }
        let mut seen: Vec<&Name> = Vec::new();
        for member in body.iter().flat_map(|body| &body.members) {
            match member {
                Member::Declaration(inner) => match &inner.kind {
                    DeclarationKind::Control { name, body } => {
                        if let Some(first) = seen.iter().find(|other| other.text == name.text) {
                            let first = self.place(first.id);
                            self.report(messages::duplicate_name(self.place(name.id), first, &name.text));
                        }
                        seen.push(name);
                        for (_, field) in self.settings(body, "control", &["title", "description"]) {
                            self.text_setting(field);
                        }
                    }
                    _ => {
                        let what = format!("`{}`", inner.keyword());
                        self.report(messages::misplaced(
                            self.place(inner.id),
                            &what,
                            "a catalog",
                            "catalogs hold `control \"ID\" { title: \"..\" }`",
                        ));
                    }
                },
                Member::Field(field) => {
                    let known = ["title", "version"];
                    if !field.path.first().is_some_and(|name| known.contains(&name.text.as_str())) {
                        self.report(messages::misplaced(
                            self.place(field.id),
                            "this field",
                            "a catalog",
                            "catalogs take `title`, `version` and controls",
                        ));
                    }
                }
                Member::Clause(clause) => {
                    self.report(messages::misplaced(
                        self.place(clause.id),
                        "a clause",
                        "a catalog",
                        "catalogs hold controls",
                    ));
                }
                Member::TypeField(_) => {}
            }
        }
        let _ = name;
        Lowered::Catalog(Box::new(Catalog {
            name: self.item.qualified_name(self.db),
            controls: catalog_controls(self.db, self.item).to_vec(),
        }))
    }

    fn check_oscal_source(&mut self, source: &Source) {
        if source.format.text != "oscal" {
            self.report(messages::bad_catalog(
                self.place(source.format.id),
                &format!("catalogs are read from `oscal`, not from `{}`", source.format.text),
                "write `catalog NAME from oscal \"FILE\"`, or list the controls in a body",
            ));
            return;
        }
        if !stays_inside(&source.file.text) {
            self.check_data_path(&source.file);
            return;
        }
        let wanted = data_path(self.db, self.item.file(self.db), &source.file.text);
        let files = self.db.workspace().data_files(self.db);
        let Some((_, text)) = files.iter().find(|(path, _)| *path == wanted) else {
            self.report(messages::bad_catalog(
                self.place(source.file.id),
                &format!("there is no file \"{}\" in the workspace", source.file.text),
                "paths are relative to the workspace's root",
            ));
            return;
        };
        if crate::oscal::controls(text).is_none() {
            self.report(messages::bad_catalog(
                self.place(source.file.id),
                &format!("\"{}\" is no OSCAL catalog in JSON", source.file.text),
                "expected an object with `catalog` at the top",
            ));
        }
    }
}
