use iom_model::{Bind, FieldSetting, Nominal, ResourceDeclaration, Type};
use iom_syntax::ast::{self, Body, Field, KindBinder, Member, ResourceValue};
use smol_str::SmolStr;

use super::{Lowered, unplaced};
use crate::infer::Checker;
use crate::messages;
use crate::signatures::identity_fields;

impl<'db> Checker<'db> {
    pub(super) fn check_resource(&mut self, resource: &ast::Resource) -> Lowered {
        let name = self.item.qualified_name(self.db);
        match self.resource_declaration(resource, name) {
            Some(declaration) => Lowered::Resource(declaration),
            None => Lowered::Nothing,
        }
    }

    pub(super) fn resource_declaration(
        &mut self,
        resource: &ast::Resource,
        name: SmolStr,
    ) -> Option<ResourceDeclaration> {
        let ResourceValue::Body(body) = &resource.value else {
            self.report(messages::not_evaluated_yet(
                self.place(resource.name.id),
                "a resource made from another one or a blueprint",
            ));
            return None;
        };
        let path = resource.kind.as_ref()?;
        let nominal = self.nominal(path)?;
        let Nominal::Kind(kind) = &nominal else {
            let keyword = "trait";
            self.report(messages::wrong_kind_of_name(self.place(path.id), path, keyword, "a kind"));
            return None;
        };
        let ((each, fields), locals) = self.in_new_body(|checker| {
            let each = resource.each.as_ref().map(|binder| checker.bind_in(binder));
            let fields = checker.resource_fields(&resource.name, body, &nominal);
            (each, fields)
        });
        Some(ResourceDeclaration {
            name,
            location: unplaced(resource.name.id),
            kind: kind.clone(),
            fields,
            each,
            locals,
            layer: None,
        })
    }

    fn resource_fields(&mut self, name: &ast::Name, body: &Body, nominal: &Nominal) -> Vec<FieldSetting> {
        let mut fields: Vec<Field> = Vec::new();
        for member in &body.members {
            match member {
                Member::Field(field) => fields.push(field.clone()),
                Member::Clause(clause) => {
                    self.report(messages::misplaced(
                        self.place(clause.id),
                        "a clause",
                        "a resource",
                        "resources hold fields only",
                    ));
                }
                Member::Declaration(inner) if !inner.keyword().is_empty() => {
                    let what = format!("`{}`", inner.keyword());
                    self.report(messages::misplaced(
                        self.place(inner.id),
                        &what,
                        "a resource",
                        "move it out of the resource",
                    ));
                }
                _ => {}
            }
        }
        let mut definitions = self.settable_fields(nominal);
        let owner = Type::Element(nominal.clone());
        // A single text that identifies the element is its declared name where nothing else is said.
        if let Some(item) = crate::names::definition_of(self.db, nominal.name())
            && let [single] = identity_fields(self.db, item).as_slice()
        {
            for definition in definitions.iter_mut().filter(|definition| definition.name == *single) {
                definition.default = Some(iom_model::Expr::Literal(iom_model::Literal::Absent));
            }
        }
        self.record_fields(name.id, &fields, &definitions, &owner)
            .into_iter()
            .map(|(name, value, node)| FieldSetting { name, value, location: unplaced(node) })
            .collect()
    }

    /// `bind r: Resource { owner: ..  environment: .. }`
    pub(super) fn check_bind(&mut self, binder: &KindBinder, body: &Body) -> Lowered {
        let Some(nominal) = self.nominal(&binder.kind) else { return Lowered::Nothing };
        let owner = Type::Element(nominal.clone());
        let ((filter, fields), locals) = self.in_new_body(|checker| {
            let local = checker.bind(&binder.name, owner.clone());
            debug_assert_eq!(local.0, 0);
            checker.no_grouping(binder, "a bind");
            let filter = checker.binder_filter(binder, local, owner.clone());
            let mut fields: Vec<Field> = Vec::new();
            for member in &body.members {
                match member {
                    Member::Field(field) => fields.push(field.clone()),
                    Member::Clause(clause) => {
                        checker.report(messages::misplaced(
                            checker.place(clause.id),
                            "a clause",
                            "a bind",
                            "binds hold fields only",
                        ));
                    }
                    _ => {}
                }
            }
            let mut definitions = checker.settable_fields(&nominal);
            for definition in &mut definitions {
                definition.default = Some(iom_model::Expr::Literal(iom_model::Literal::Absent));
            }
            let fields = checker.record_fields(binder.name.id, &fields, &definitions, &owner);
            (filter, fields)
        });
        let fields = fields.into_iter().map(|(name, value, _)| (name, value)).collect();
        Lowered::Bind(Bind { location: unplaced(binder.name.id), nominal, filter, fields, locals })
    }

    /// `by` where a declaration is about things one by one.
    pub(super) fn no_grouping(&mut self, binder: &KindBinder, owner: &str) {
        if let Some(by) = &binder.by {
            self.report(messages::misplaced(
                self.place(by.id),
                "`by`",
                owner,
                "groups are judged by policies: `for g: SomeKind by .field { .. }`",
            ));
        }
    }
}
