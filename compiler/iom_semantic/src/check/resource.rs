use std::sync::Arc;

use iom_model::{Bind, Nominal, ResourceDeclaration, Type};
use iom_syntax::ast::{self, Body, KindBinder, ResourceValue};
use smol_str::SmolStr;

use super::configuration::{Amendment, Settings};
use super::{Lowered, unplaced};
use crate::infer::{Checker, Definitions};
use crate::messages;
use crate::signatures::NominalSignature;

impl<'db> Checker<'db> {
    pub(super) fn check_resource(&mut self, resource: &ast::Resource) -> (Lowered, Option<Arc<Settings>>) {
        let name = self.item.qualified_name(self.db);
        let amendments = self.amendments();
        match self.resource_declaration(resource, name, &amendments) {
            Some((declaration, settings)) => (Lowered::Resource(declaration), Some(settings)),
            None => (Lowered::Nothing, None),
        }
    }

    /// The declaration with all that is written about it, and what it sets. Nothing where it has no kind.
    pub(super) fn resource_declaration(
        &mut self,
        resource: &ast::Resource,
        name: SmolStr,
        amendments: &[Arc<Amendment>],
    ) -> Option<(ResourceDeclaration, Arc<Settings>)> {
        if let Some(instance) = self.instance_declaration(resource, &name, amendments) {
            return instance;
        }
        let copy = match &resource.value {
            ResourceValue::Body(_) => None,
            ResourceValue::Expr(expr) => Some(self.copied(expr)?),
        };
        let kind = match (&resource.kind, &copy) {
            (Some(path), _) => self.kind_of_resource(path)?,
            (None, Some(copy)) => copy.kind.clone(),
            (None, None) => return None,
        };
        if let (Some(copy), Some(path)) = (&copy, &resource.kind)
            && copy.kind != kind
        {
            let (found, expected) = (Type::Element(copy.kind.clone()), Type::Element(kind));
            self.report(messages::copy_of_another_kind(self.place(path.id), &copy.base, &found, &expected));
            return None;
        }
        let composed = self.compose(resource, kind, copy, amendments);
        let declaration = ResourceDeclaration {
            name,
            location: unplaced(resource.name.id),
            kind: composed.kind.name().clone(),
            fields: composed.fields,
            each: composed.each.map(Box::new),
            locals: composed.locals,
            layer: None,
            instance: None,
        };
        Some((declaration, Arc::new(composed.settings)))
    }

    fn kind_of_resource(&mut self, path: &ast::Path) -> Option<Nominal> {
        let nominal = self.nominal(path)?;
        if let Nominal::Trait(_) = nominal {
            self.report(messages::wrong_kind_of_name(self.place(path.id), path, "trait", "a kind"));
            return None;
        }
        Some(nominal)
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
            let fields = checker.only_plain_fields(body, "a bind");
            let mut definitions = NominalSignature::clone(&checker.settable_fields(&nominal));
            for definition in &mut definitions.fields {
                definition.has_default = true;
            }
            let definitions = Definitions::Element(Arc::new(definitions));
            let fields = checker.record_fields(binder.name.id, fields, definitions, &owner);
            (filter, fields)
        });
        let fields = fields.into_iter().map(|(name, value, _)| (name, value)).collect();
        Lowered::Bind(Box::new(Bind { location: unplaced(binder.name.id), nominal, filter, fields, locals }))
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
