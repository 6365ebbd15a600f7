use iom_diagnostics::nearest;
use iom_model::{Derive, Expr, Extension, FieldDefinition, Nominal, Type};
use iom_syntax::ast::{self, Body, DeclarationKind, Field, Member, Path};
use smol_str::SmolStr;

use super::{Lowered, kind, unplaced};
use crate::extensions::{Extension as KindExtension, extensions_of};
use crate::infer::Checker;
use crate::items::{Item, Place, declaration};
use crate::look::{Cursor, Offered};
use crate::messages;
use crate::names::{GlobalName, Target, definition_of};
use crate::signatures::{FieldSignature, NominalSignature, declared_signature, nominal_signature};
use crate::types::fits;

/// A kind, the trait it is to be, and what both say of themselves.
struct Conformance<'db> {
    target: Item<'db>,
    kind: SmolStr,
    with: SmolStr,
    own: &'db NominalSignature,
    wanted: &'db NominalSignature,
}

impl<'db> Checker<'db> {
    /// `extend KIND with TRAIT { field: value }`: every field of the trait is one of the kind, or is computed here.
    pub(super) fn check_extend(&mut self, kind: &Path, with: &Path, body: &Body) -> Lowered {
        let target = self.nominal_item(kind, "kind", "a kind");
        let promised = self.nominal_item(with, "trait", "a trait");
        self.only_fields(body, "an extension");
        let Some((target, promised)) = target.zip(promised) else { return Lowered::Nothing };
        let conformance = Conformance {
            target,
            kind: target.qualified_name(self.db),
            with: promised.qualified_name(self.db),
            own: declared_signature(self.db, target),
            wanted: nominal_signature(self.db, promised),
        };
        if !self.extends_anew(with, &conformance) {
            return Lowered::Nothing;
        }
        self.own_fields_fit(with, &conformance);
        let mut fields = self.extension_fields(body, &conformance);
        let missing = self.complete(&conformance, &mut fields);
        // A misspelt field is missing under its right name, too: that is one mistake.
        let is_misspelt = self.diagnostics.iter().any(|one| one.code == iom_diagnostics::code::UNKNOWN_FIELD);
        if !missing.is_empty() && !is_misspelt {
            let declared = self.name_place(promised);
            let Conformance { kind, with: trait_name, .. } = &conformance;
            let place = self.place(with.id);
            self.report(messages::extension_incomplete(place, kind, trait_name, &missing, declared));
        }
        let Conformance { kind: name, with, .. } = conformance;
        Lowered::Extension(Extension { location: unplaced(kind.id), kind: name, with, fields })
    }

    fn nominal_item(&mut self, path: &Path, keyword: &str, wanted: &str) -> Option<Item<'db>> {
        match self.resolve_path(path) {
            Some((Target::Item(item), _)) if item.keyword(self.db) == keyword => Some(item),
            Some((target, _)) => {
                let found = match target {
                    Target::Item(item) => item.keyword(self.db),
                    Target::Module => "module",
                };
                self.report(messages::wrong_kind_of_name(self.place(path.id), path, found, wanted));
                None
            }
            None => {
                self.report_unknown_name(path, keyword, Vec::new());
                None
            }
        }
    }

    /// The kind's other extensions; `earlier`: those that are read before this one.
    fn other_extensions(&self, kind: &SmolStr, earlier: bool) -> Vec<&'db KindExtension<'db>> {
        let all = extensions_of(self.db, GlobalName::new(self.db, kind.clone()));
        let position = all.iter().position(|one| one.item == self.item).unwrap_or(all.len());
        let until = if earlier { position } else { all.len() };
        all[..until].iter().filter(|one| one.item != self.item).collect()
    }

    /// Whether nothing else makes the kind one of the trait: neither itself nor an earlier extension.
    fn extends_anew(&mut self, with: &Path, conformance: &Conformance<'db>) -> bool {
        let Conformance { target, kind, with: trait_name, own, .. } = conformance;
        let first = if own.traits.contains(trait_name) {
            Some(self.name_place(*target))
        } else {
            let earlier = self.other_extensions(kind, true);
            let same = earlier.into_iter().find(|one| one.with == *trait_name);
            same.map(|one| extended_place(self, one.item))
        };
        let Some(first) = first else { return true };
        self.report(messages::extended_twice(self.place(with.id), kind, trait_name, first));
        false
    }

    /// A field that the kind has by itself must be what the trait promises.
    fn own_fields_fit(&mut self, with: &Path, conformance: &Conformance<'db>) {
        let Conformance { kind, own, wanted, .. } = conformance;
        for promised in &wanted.fields {
            let Some(found) = own.field(&promised.name) else { continue };
            if found.declared_in == promised.declared_in || fits(self.db, &found.ty, &promised.ty) {
                continue;
            }
            let declared = self.field_place(found);
            let types = (&promised.ty, &found.ty);
            let place = self.place(with.id);
            self.report(messages::extension_not_met(place, kind, &promised.name, types, declared));
        }
    }

    fn field_place(&self, field: &FieldSignature) -> Option<Place> {
        definition_of(self.db, &field.declared_in).map(|item| item.place(self.db, field.node))
    }

    /// The fields that the body gives, computed from the element.
    fn extension_fields(&mut self, body: &Body, conformance: &Conformance<'db>) -> Vec<FieldDefinition> {
        let mut seen: Vec<&ast::Name> = Vec::new();
        let mut fields = Vec::new();
        for member in &body.members {
            let Member::Field(field) = member else { continue };
            let Some(name) = field.path.first() else { continue };
            if let Some(first) = seen.iter().find(|other| other.text == name.text) {
                let first = self.place(first.id);
                self.report(messages::duplicate_field(self.place(name.id), Some(first), &name.text));
                continue;
            }
            seen.push(name);
            if let Some(definition) = self.extension_field(field, name, conformance) {
                fields.push(definition);
            }
        }
        fields
    }

    fn extension_field(
        &mut self,
        field: &Field,
        name: &ast::Name,
        conformance: &Conformance<'db>,
    ) -> Option<FieldDefinition> {
        let Conformance { kind, with, own, wanted, .. } = conformance;
        let place = self.place(name.id);
        let owner = Type::Element(Nominal::Trait(with.clone()));
        self.note_declared(name.id, || self.place_of_field(&owner, &name.text));
        self.note_cursor(&name.text, || Cursor::Field {
            owner: owner.clone(),
            fields: wanted.fields.iter().map(Offered::of_field).collect(),
        });
        let Some(promised) = wanted.field(&name.text).filter(|_| field.path.len() == 1) else {
            let names: Vec<SmolStr> = wanted.fields.iter().map(|field| field.name.clone()).collect();
            let near = nearest(&name.text, names.iter().map(SmolStr::as_str));
            let owner = Type::Element(Nominal::Trait(with.clone()));
            self.report(messages::unknown_field(place, &name.text, &owner, near, &names, None));
            return None;
        };
        let taken = match own.field(&name.text) {
            Some(found) => Some((self.field_place(found), "the kind has it by itself")),
            None => {
                let earlier = self.other_extensions(kind, true);
                let giver = earlier.into_iter().find(|one| one.fields.contains(&name.text));
                giver.map(|one| (Some(extended_place(self, one.item)), "another extension gives it"))
            }
        };
        if let Some((first, why)) = taken {
            self.report(messages::extension_field_taken(place, kind, &name.text, first, why));
            return None;
        }
        let expr = self.plain_value(field)?;
        let this = Type::Element(Nominal::Kind(kind.clone()));
        let (value, locals) = self.in_new_body(|checker| {
            checker.bind_thing_at_hand(this);
            checker.check(expr, &promised.ty)
        });
        let derive = Some(Box::new(Derive { value, locals }));
        Some(FieldDefinition { name: name.text.clone(), ty: promised.ty.clone(), default: None, derive })
    }

    /// Adds what the trait itself says of fields that nobody gives; the names of those of which it says nothing.
    fn complete(&self, conformance: &Conformance<'db>, fields: &mut Vec<FieldDefinition>) -> Vec<&'db str> {
        let Conformance { kind, own, wanted, .. } = conformance;
        let others = self.other_extensions(kind, false);
        let mut missing = Vec::new();
        for field in &wanted.fields {
            let is_there = own.field(&field.name).is_some()
                || fields.iter().any(|given| given.name == field.name)
                || self.is_written(&field.name)
                || others.iter().any(|one| one.fields.contains(&field.name));
            if is_there {
                continue;
            }
            match self.trait_default(field) {
                Some(definition) => fields.push(definition),
                None => missing.push(field.name.as_str()),
            }
        }
        missing
    }

    /// Whether the body has the field, even with a mistake.
    fn is_written(&self, name: &str) -> bool {
        match &declaration(self.db, self.item).kind {
            DeclarationKind::Extend { body, .. } => body.members.iter().any(|member| {
                matches!(member, Member::Field(field)
                    if field.path.first().is_some_and(|first| first.text == name))
            }),
            _ => false,
        }
    }

    /// What the trait itself says of a field: its computation, or its default.
    fn trait_default(&self, field: &FieldSignature) -> Option<FieldDefinition> {
        let item = definition_of(self.db, &field.declared_in)?;
        let definition = kind::trait_field(self.db, item, &field.name)?;
        if definition.derive.is_some() {
            return Some(definition);
        }
        let value: Expr = definition.default.clone()?;
        Some(FieldDefinition {
            default: None,
            derive: Some(Box::new(Derive { value, locals: 0 })),
            ..definition
        })
    }
}

/// Where another extension names its trait.
fn extended_place<'db>(checker: &Checker<'db>, item: Item<'db>) -> Place {
    let node = match &declaration(checker.db, item).kind {
        DeclarationKind::Extend { with, .. } => with.id,
        _ => ast::NodeId::DECLARATION,
    };
    item.place(checker.db, node)
}
