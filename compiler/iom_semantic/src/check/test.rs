use iom_model::{Expectation, Nominal, Test, TestContent, TestFormat, TestSource};
use iom_syntax::ast::{self, Body, ClauseKind, DeclarationKind, Given, Member, Name, NodeId, ResourceValue};
use smol_str::{SmolStr, format_smolstr};

use super::policy::LAYERS;
use super::{Lowered, copied_path, unplaced};
use crate::blueprints::{instance_in, root_nominal};
use crate::infer::Checker;
use crate::messages;
use crate::names::{Target, file_module, qualify, resolve};
use crate::signatures::resource_kind;

impl<'db> Checker<'db> {
    pub(super) fn check_test(&mut self, title: &Name, body: &Body) -> Lowered {
        let mut test = Test {
            title: title.text.to_string(),
            module: file_module(self.db, self.item.file(self.db)).clone(),
            location: unplaced(title.id),
            at: None,
            given: Vec::new(),
            sources: Vec::new(),
            expectations: Vec::new(),
        };
        for (name, field) in self.settings(body, "test", &["at", "layer"]) {
            if name.text == "at" {
                test.at = self.plain_value(field).and_then(|expr| self.instant_setting(expr));
            }
        }
        // Names first: what is given may refer to what is given later.
        for clause in clauses(body) {
            if let ClauseKind::Given(Given::Declared { body, .. }) = &clause.kind {
                self.name_given(body);
            }
        }
        for clause in clauses(body) {
            match &clause.kind {
                ClauseKind::Given(given) => self.given(given, &mut test),
                ClauseKind::Expect(expect) => {
                    if let Some(kind) = self.expectation(expect) {
                        test.expectations.push(Expectation {
                            location: unplaced(clause.id),
                            source: SmolStr::default(),
                            kind,
                        });
                    }
                }
                ClauseKind::Error => {}
                _ => self.report(messages::misplaced(
                    self.place(clause.id),
                    "this clause",
                    "a test",
                    "tests take `at`, `given` and `expect`",
                )),
            }
        }
        Lowered::Test(Box::new(test))
    }

    fn name_given(&mut self, body: &Body) {
        for member in &body.members {
            let Member::Declaration(inner) = member else { continue };
            let DeclarationKind::Resource(resource) = &inner.kind else { continue };
            self.note_given(&resource.name.text, resource.name.id);
            let instance = match &resource.value {
                ResourceValue::Expr(expr) => instance_in(self.db, self.item, expr),
                ResourceValue::Body(_) => None,
            };
            let kind = match &instance {
                Some(instance) => root_nominal(self.db, instance),
                None => self.silently(|checker| checker.kind_of_given(resource)),
            };
            let Some(kind @ Nominal::Kind(_)) = kind else {
                self.given_in_vain.push(resource.name.text.clone());
                continue;
            };
            let name = &resource.name;
            if self.given.iter().any(|(other, _, _)| *other == name.text) {
                let first = self.place(name.id);
                self.report(messages::duplicate_name(self.place(name.id), first, &name.text));
                continue;
            }
            self.given_instances.extend(instance.map(|instance| (given_name(&name.text), instance)));
            self.given.push((name.text.clone(), given_name(&name.text), kind));
        }
    }

    /// The kind that is written, else that of what is copied: declared, or given before.
    fn kind_of_given(&mut self, resource: &ast::Resource) -> Option<Nominal> {
        if let Some(path) = &resource.kind {
            return self.nominal(path);
        }
        let ResourceValue::Expr(expr) = &resource.value else { return None };
        let path = copied_path(expr)?;
        if let [single] = path.as_slice()
            && let Some((_, _, kind)) = self.given.iter().find(|(given, _, _)| given == single)
        {
            return Some(kind.clone());
        }
        let found = resolve(self.db, self.scope, &path)?;
        match found.target {
            Target::Item(item) if found.used == path.len() => resource_kind(self.db, item).clone(),
            _ => None,
        }
    }

    fn given(&mut self, given: &Given, test: &mut Test) {
        match given {
            Given::Declared { layer, body } => {
                if let Some(layer) = layer
                    && !LAYERS.contains(&layer.text.as_str())
                {
                    self.report(messages::no_alternative(
                        self.place(layer.id),
                        &layer.text,
                        LAYERS.iter().copied(),
                    ));
                }
                for member in &body.members {
                    let Member::Declaration(inner) = member else { continue };
                    let DeclarationKind::Resource(resource) = &inner.kind else {
                        let what = format!("`{}`", inner.keyword());
                        self.report(messages::misplaced(
                            self.place(inner.id),
                            &what,
                            "`given`",
                            "`given` holds resources",
                        ));
                        continue;
                    };
                    let name = given_name(&resource.name.text);
                    if let Some((mut declaration, settings)) =
                        self.resource_declaration(resource, name.clone(), &[])
                    {
                        self.given_settings.push((name, settings));
                        declaration.layer = layer.as_ref().map(|layer| layer.text.clone());
                        test.given.push(declaration);
                    }
                }
            }
            Given::File { format, file } => {
                let content = TestContent::File(file.text.clone());
                test.sources.extend(self.source(format, file.id, content));
            }
            Given::Inline { format, text } => {
                let content = TestContent::Text(text.text.to_string());
                test.sources.extend(self.source(format, text.id, content));
            }
        }
    }

    /// State as another tool writes it.
    fn source(&mut self, format: &Name, node: NodeId, content: TestContent) -> Option<TestSource> {
        let mut all = TestFormat::ALL.into_iter();
        let Some(known) = all.find(|known| known.word() == format.text) else {
            let words = TestFormat::ALL.into_iter().map(TestFormat::word);
            self.report(messages::no_alternative(self.place(format.id), &format.text, words));
            return None;
        };
        Some(TestSource { location: unplaced(node), format: known, content })
    }
}

fn clauses(body: &Body) -> impl Iterator<Item = &ast::Clause> {
    body.members.iter().filter_map(|member| match member {
        Member::Clause(clause) => Some(&**clause),
        _ => None,
    })
}

/// What is given has names of its own, apart from everything declared.
fn given_name(name: &str) -> SmolStr {
    format_smolstr!("{}", qualify("given", name))
}
