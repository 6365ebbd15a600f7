use iom_model::{
    Adapter, Derive, FieldDefinition, KindDefinition, Nominal, TraitDefinition, Transition, Type,
};
use iom_syntax::ast::{self, ClauseKind, Member};
use smol_str::SmolStr;

use super::{Checked, Lowered, unplaced};
use crate::infer::Checker;
use crate::items::Item;
use crate::messages;
use crate::names::{Target, definition_of};
use crate::signatures::{declared_signature, nominal_signature};
use crate::types::fits;

impl<'db> Checker<'db> {
    pub(super) fn check_trait(&mut self, nominal: &ast::Nominal) -> Lowered {
        let name = self.item.qualified_name(self.db);
        let this = Nominal::Trait(name.clone());
        let own = self.check_fields(nominal, &this);
        for member in &nominal.body.members {
            if let Member::Clause(clause) = member
                && !matches!(clause.kind, ClauseKind::Derive { .. } | ClauseKind::Error)
            {
                self.report(messages::misplaced(
                    self.place(clause.id),
                    "this clause",
                    "a trait",
                    "put it into the kinds",
                ));
            }
        }
        let signature = nominal_signature(self.db, self.item);
        Lowered::Trait(TraitDefinition {
            fields: self.all_fields(own),
            traits: signature.traits.clone(),
            name,
        })
    }

    pub(super) fn check_kind(&mut self, nominal: &ast::Nominal) -> Lowered {
        let name = self.item.qualified_name(self.db);
        let this = Nominal::Kind(name.clone());
        let own = self.check_fields(nominal, &this);
        let mut identity: Vec<SmolStr> = Vec::new();
        let mut adapters: Vec<Adapter> = Vec::new();
        let mut transitions: Vec<Transition> = Vec::new();
        for member in &nominal.body.members {
            let Member::Clause(clause) = member else { continue };
            match &clause.kind {
                ClauseKind::Identity(names) => identity = self.check_identity(names),
                ClauseKind::Adapter(adapter) => adapters.push(self.check_adapter(adapter, &this)),
                ClauseKind::Derive { .. } | ClauseKind::Error => {}
                ClauseKind::Transition { field, steps } => {
                    let transition = self.check_transition(field, steps, &transitions);
                    transitions.extend(transition);
                }
                _ => self.report(messages::misplaced(
                    self.place(clause.id),
                    "this clause",
                    "a kind",
                    "kinds take fields, `derive`, `identity`, `transition` and `from`",
                )),
            }
        }
        self.check_traits_met(nominal);
        let signature = nominal_signature(self.db, self.item);
        Lowered::Kind(Box::new(KindDefinition {
            location: unplaced(nominal.name.id),
            traits: signature.traits.clone(),
            fields: self.all_fields(own),
            identity,
            adapters,
            transitions,
            is_view: crate::names::is_provider_kind(self.db, self.item),
            name,
        }))
    }

    /// The fields written in the body, with defaults and derived values.
    fn check_fields(&mut self, nominal: &ast::Nominal, this: &Nominal) -> Vec<FieldDefinition> {
        for path in &nominal.traits {
            match self.resolve_path(path) {
                Some((Target::Item(item), _)) if item.keyword(self.db) == "trait" => {}
                Some((Target::Item(item), _)) => {
                    let keyword = item.keyword(self.db);
                    self.report(messages::wrong_kind_of_name(self.place(path.id), path, keyword, "a trait"));
                }
                _ => self.report_unknown_name(path, "trait", Vec::new()),
            }
        }
        let mut fields: Vec<FieldDefinition> = Vec::new();
        let mut names: Vec<ast::Name> = Vec::new();
        for member in &nominal.body.members {
            let (name, definition) = match member {
                Member::TypeField(field) => {
                    let ty = self.lower_type(&field.ty);
                    self.check_unions(field.ty.id, &ty);
                    let default = field
                        .default
                        .as_ref()
                        .map(|value| self.in_new_body(|checker| checker.check(value, &ty)).0);
                    (
                        &field.name,
                        FieldDefinition { name: field.name.text.clone(), ty, default, derive: None },
                    )
                }
                _ => {
                    let Some(ClauseKind::Derive { name, ty, value }) = member.clause_kind() else { continue };
                    let ty = self.lower_type(ty);
                    let (value, locals) = self.in_new_body(|checker| {
                        checker.bind_thing_at_hand(Type::Element(this.clone()));
                        checker.check(value, &ty)
                    });
                    let derive = Some(Box::new(Derive { value, locals }));
                    (name, FieldDefinition { name: name.text.clone(), ty, default: None, derive })
                }
            };
            if let Some(first) = names.iter().find(|other| other.text == name.text) {
                let first = self.place(first.id);
                self.report(messages::duplicate_field(self.place(name.id), Some(first), &name.text));
                continue;
            }
            names.push(name.clone());
            fields.push(definition);
        }
        // Equal types are one in memory: those of the signature.
        let signature = declared_signature(self.db, self.item);
        for field in &mut fields {
            if let Some(known) = signature.field(&field.name)
                && known.ty == field.ty
            {
                field.ty = known.ty.clone();
            }
        }
        fields
    }

    /// Own fields, then the inherited ones as their traits define them.
    fn all_fields(&self, mut fields: Vec<FieldDefinition>) -> Vec<FieldDefinition> {
        let signature = nominal_signature(self.db, self.item);
        for inherited in &signature.fields {
            if fields.iter().any(|own| own.name == inherited.name) {
                continue;
            }
            let from_trait = definition_of(self.db, &inherited.declared_in).filter(|item| *item != self.item);
            let definition = from_trait.and_then(|item| trait_field(self.db, item, &inherited.name));
            fields.push(definition.unwrap_or(FieldDefinition {
                name: inherited.name.clone(),
                ty: inherited.ty.clone(),
                default: None,
                derive: None,
            }));
        }
        // Kept for long, and never grows.
        fields.shrink_to_fit();
        fields
    }

    fn check_identity(&mut self, names: &[ast::Name]) -> Vec<SmolStr> {
        let signature = declared_signature(self.db, self.item);
        let mut identity = Vec::new();
        for name in names {
            self.note_own_field(name);
            match signature.field(&name.text) {
                Some(field) if matches!(field.ty.required(), Type::Secret(_)) => {
                    self.report(messages::secret_used(self.place(name.id), "part of an identity"));
                }
                Some(_) => identity.push(name.text.clone()),
                None => {
                    let names: Vec<SmolStr> =
                        signature.fields.iter().map(|field| field.name.clone()).collect();
                    let near = iom_diagnostics::nearest(&name.text, names.iter().map(|name| name.as_str()));
                    let owner = Type::Element(Nominal::Kind(self.item.qualified_name(self.db)));
                    self.report(messages::unknown_field(
                        self.place(name.id),
                        &name.text,
                        &owner,
                        near,
                        &names,
                        self.place_of_near_field(&owner, near),
                    ));
                }
            }
        }
        identity
    }

    /// A field that a trait has too must fit what the trait promises.
    fn check_traits_met(&mut self, nominal: &ast::Nominal) {
        let signature = declared_signature(self.db, self.item);
        let own_name = self.item.qualified_name(self.db);
        for trait_name in &signature.traits {
            let Some(item) = definition_of(self.db, trait_name) else { continue };
            for promised in &nominal_signature(self.db, item).fields {
                let Some(own) = signature.field(&promised.name).filter(|own| own.declared_in == own_name)
                else {
                    continue;
                };
                if !fits(self.db, &own.ty, &promised.ty) {
                    let declared = definition_of(self.db, &promised.declared_in).unwrap_or(item);
                    self.report(messages::trait_not_met(
                        self.place(own.node),
                        &nominal.name.text,
                        &own.name,
                        &promised.ty,
                        &own.ty,
                        declared.place(self.db, promised.node),
                    ));
                }
            }
        }
    }
}

/// A trait's own definition of a field, for the kinds that inherit it.
pub(super) fn trait_field<'db>(
    db: &'db dyn crate::db::Db,
    item: Item<'db>,
    name: &str,
) -> Option<FieldDefinition> {
    let checked: &Checked = super::check_item(db, item);
    match &checked.lowered {
        Lowered::Trait(definition) => definition.fields.iter().find(|field| field.name == name).cloned(),
        _ => None,
    }
}
