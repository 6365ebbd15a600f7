//! What tells a resource from all others. A copy is another thing than its base, so its identity is its own.

use iom_model::{Binder, Expr, Literal, Local, Nominal, OriginRole, Scalar, TextPart, Type};
use iom_syntax::ast;
use smol_str::SmolStr;

use super::copy::Copy;
use super::merge::{Contribution, Merging};
use crate::db::Db;
use crate::infer::{Checker, Entry, Set};
use crate::items::Item;
use crate::messages;
use crate::names::definition_of;
use crate::signatures::{identity_fields, nominal_signature};
use crate::types::expand;

/// The single text that identifies elements of a kind: where nothing sets it, it is the declared name.
#[salsa::tracked]
pub(super) fn naming_field<'db>(db: &'db dyn Db, kind: Item<'db>) -> Option<SmolStr> {
    let [single] = identity_fields(db, kind).as_slice() else { return None };
    let field = nominal_signature(db, kind).field(single)?;
    let ty = expand(db, field.ty.required());
    matches!(ty, Type::Scalar(Scalar::String | Scalar::StringNocase)).then(|| single.clone())
}

impl<'db> Checker<'db> {
    fn identity_of(&self, kind: &Nominal) -> Vec<SmolStr> {
        definition_of(self.db, kind.name())
            .map(|item| identity_fields(self.db, item).clone())
            .unwrap_or_default()
    }

    /// At least one of the fields that identify the base is set anew.
    pub(super) fn check_identity_is_new(
        &mut self,
        resource: &ast::Resource,
        copy: &Copy<'_>,
        kind: &Nominal,
        set: &[SmolStr],
    ) {
        let identity = self.identity_of(kind);
        if identity.iter().any(|name| set.contains(name)) {
            return;
        }
        let of_base: Vec<_> =
            copy.settings.fields.iter().filter(|field| identity.contains(&field.name)).collect();
        if let Some(last) = of_base.last() {
            let names: Vec<&str> = of_base.iter().map(|field| field.name.as_str()).collect();
            let place = self.place(resource.name.id);
            self.report(messages::repeated_identity(place, last.place.clone(), &names, &copy.base));
        }
    }

    /// What a `for` makes many of has to differ in what identifies it.
    pub(super) fn check_identity_varies(
        &mut self,
        resource: &ast::Resource,
        each: Option<&Binder>,
        kind: &Nominal,
        levels: &[Vec<Entry>],
    ) {
        let Some(each) = each else { return };
        let identity = self.identity_of(kind);
        let set: Vec<&Entry> = levels
            .iter()
            .flatten()
            .filter(|entry| identity.contains(&entry.name) && matches!(entry.set, Set::Value(_)))
            .collect();
        let varies = |entry: &&Entry| match &entry.set {
            Set::Value(value) => {
                mentions(value, each.local) || each.second.is_some_and(|local| mentions(value, local))
            }
            _ => true,
        };
        if let Some(last) = set.last()
            && !set.iter().any(varies)
        {
            let binder = resource.each.as_ref().map_or("n", |binder| binder.name.text.as_str());
            self.report(messages::identity_does_not_vary(
                last.place.clone(),
                &last.name,
                &resource.name.text,
                binder,
            ));
        }
    }

    pub(super) fn default_name(
        &mut self,
        resource: &ast::Resource,
        each: Option<(&Binder, bool)>,
        kind: &Nominal,
        merging: &mut Merging,
    ) {
        let kind = definition_of(self.db, kind.name());
        let Some(field) = kind.and_then(|kind| naming_field(self.db, kind).as_ref()) else { return };
        if merging.entries.iter().any(|entry| entry.name == *field) || resource.name.text.is_empty() {
            return;
        }
        let name = &resource.name.text;
        let value = match each {
            None => Expr::Literal(Literal::Text(name.clone())),
            Some((each, is_number)) => numbered_name(name, each, is_number),
        };
        let place = self.place(resource.name.id);
        merging.contributions.push(Contribution {
            path: vec![field.clone()],
            place: place.clone(),
            role: OriginRole::Name,
            change: None,
        });
        merging.entries.push(Entry { name: field.clone(), place, set: Set::Value(value) });
    }

    /// Whether a binder is bound to whole numbers.
    pub(super) fn is_number(&self, binder: &str) -> bool {
        self.binding(binder).is_some_and(|binding| expand(self.db, &binding.ty) == Type::INT)
    }
}

/// `shards[1]`, `zones["a"]`: as the element's address is written.
fn numbered_name(name: &str, each: &Binder, is_number: bool) -> Expr {
    let (open, close) = if is_number { ("[", "]") } else { ("[\"", "\"]") };
    Expr::Interpolation(vec![
        TextPart::Text(format!("{name}{open}").into()),
        TextPart::Expr(Expr::Local(each.local)),
        TextPart::Text(close.into()),
    ])
}

fn mentions(expr: &Expr, local: Local) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= *part == Expr::Local(local));
    found
}
