//! What a body of fields sets, as a tree: `limits.memory: 2GiB` and `limits: { cpu: .. }` meet in `limits`, wherever they
//! are written. Every leaf is checked against the type of its place; what is missing is asked for when the tree is built.

use std::sync::Arc;

use iom_diagnostics::nearest;
use iom_model::{CompareOp, Comparison, Expr, Literal, RecordType, Type};
use iom_syntax::ast::{self, ExprKind, Field, FieldValueHead, Name, NodeId, TailKind};
use smol_str::SmolStr;

use super::{Checker, Surroundings};
use crate::items::Place;
use crate::messages;
use crate::signatures::{NominalSignature, plain_string};
use crate::types::expand;

/// A dotted name with more steps than this is no iom.
const MOST_STEPS: usize = 64;

/// A field or an entry of a map, and what it is set to.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Entry {
    pub name: SmolStr,
    /// Where the name stands; of something set part by part, where the first part does.
    pub place: Place,
    pub set: Set,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Set {
    Value(Expr),
    Parts(Parts),
    Override(Box<Override>),
}

/// A record or a map whose parts are set one by one.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Parts {
    pub entries: Vec<Entry>,
    /// Where to say that a part is missing.
    pub place: Place,
    /// Written with braces, not only by dotted names.
    pub is_literal: bool,
}

/// `override FIELD: VALUE because "reason" until DATE`
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Override {
    pub value: Expr,
    pub reason: SmolStr,
    pub until: Option<i64>,
    /// What holds without it, once that is known.
    pub under: Option<Set>,
}

/// What can be set inside a value.
pub(crate) enum Inside {
    Fields { definitions: Definitions, owner: Type },
    Map { key: Type, value: Type },
    Json,
}

/// Fields of a kind or a record, shared by all who set them.
#[derive(Clone)]
pub(crate) enum Definitions {
    Element(Arc<NominalSignature>),
    Record(Arc<RecordType>),
}

/// A field as those see it who set it.
#[derive(Clone, Copy)]
pub(crate) struct Settable<'a> {
    pub name: &'a SmolStr,
    pub ty: &'a Type,
    pub has_default: bool,
    pub is_derived: bool,
}

impl Definitions {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Settable<'_>> {
        (0..).map_while(|position| self.get(position))
    }

    pub(crate) fn find(&self, name: &str) -> Option<Settable<'_>> {
        self.iter().find(|field| field.name == name)
    }

    fn get(&self, position: usize) -> Option<Settable<'_>> {
        Some(match self {
            Definitions::Element(signature) => {
                let field = signature.fields.get(position)?;
                let (has_default, is_derived) = (field.has_default, field.is_derived);
                Settable { name: &field.name, ty: &field.ty, has_default, is_derived }
            }
            Definitions::Record(record) => {
                let field = record.fields.get(position)?;
                let (has_default, is_derived) = (field.default.is_some(), field.derive.is_some());
                Settable { name: &field.name, ty: &field.ty, has_default, is_derived }
            }
        })
    }
}

impl Inside {
    pub(crate) fn of_element(checker: &Checker<'_>, nominal: &iom_model::Nominal) -> Inside {
        Inside::Fields {
            definitions: Definitions::Element(checker.settable_fields(nominal)),
            owner: Type::Element(nominal.clone()),
        }
    }
}

/// Whether fields may be changed that something else sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Overrides {
    Taken,
    Refused,
}

impl<'db> Checker<'db> {
    /// What can be set one by one inside a value of a type.
    pub(crate) fn inside(&self, ty: &Type) -> Option<Inside> {
        match expand(self.db, expand(self.db, ty).required()) {
            Type::Record(record) => Some(Inside::Fields {
                definitions: Definitions::Record(record),
                owner: ty.required().clone(),
            }),
            Type::Element(nominal) => Some(Inside::of_element(self, &nominal)),
            Type::Map(key, value) => Some(Inside::Map { key: (*key).clone(), value: (*value).clone() }),
            Type::Json => Some(Inside::Json),
            _ => None,
        }
    }

    /// Checks fields and puts them into the tree, beside what it holds.
    pub(crate) fn set_fields<'f>(
        &mut self,
        fields: impl IntoIterator<Item = &'f Field>,
        inside: &Inside,
        overrides: Overrides,
        entries: &mut Vec<Entry>,
    ) {
        for field in fields {
            if field.path.len() > MOST_STEPS {
                self.report(messages::too_many_steps(self.place(field.id), MOST_STEPS));
                continue;
            }
            self.set_field(&field.path, field, inside, overrides, entries);
        }
    }

    fn set_field(
        &mut self,
        path: &[Name],
        field: &Field,
        inside: &Inside,
        overrides: Overrides,
        entries: &mut Vec<Entry>,
    ) {
        let Some((name, rest)) = path.split_first() else { return };
        let ty = match self.type_inside(name, inside) {
            Ok(ty) => ty,
            Err(meant) => {
                // One slip of a key is one mistake: what was meant is not missed too.
                if let Some(meant) = meant
                    && !entries.iter().any(|entry| entry.name == meant)
                {
                    let place = self.place(name.id);
                    entries.push(Entry { name: meant, place, set: Set::Value(Expr::Error) });
                }
                return;
            }
        };
        let is_known = |entry: &Entry| entry.name == name.text;
        entries.retain(|entry| !is_known(entry) || entry.set != Set::Value(Expr::Error));
        let known = entries.iter().position(is_known);
        if !rest.is_empty() {
            let Some(deeper) = self.inside(&ty) else {
                if !ty.is_error() {
                    self.report(match inside {
                        Inside::Map { .. } => messages::dotted_map_key(self.place(field.id)),
                        _ => messages::not_set_by_parts(self.place(rest[0].id), &rest[0].text, &ty),
                    });
                }
                return;
            };
            let position = known.unwrap_or_else(|| {
                let parts = Parts { entries: Vec::new(), place: self.place(field.id), is_literal: false };
                entries.push(Entry {
                    name: name.text.clone(),
                    place: self.place(name.id),
                    set: Set::Parts(parts),
                });
                entries.len() - 1
            });
            match &mut entries[position].set {
                Set::Parts(parts) => self.set_field(rest, field, &deeper, overrides, &mut parts.entries),
                _ => {
                    let first = entries[position].place.clone();
                    self.report(messages::duplicate_field(self.place(field.id), Some(first), &name.text));
                }
            }
            return;
        }
        if field.is_override {
            self.set_override(name, field, (&ty, inside), overrides, known, entries);
            return;
        }
        let expr = self.plain_value(field);
        if let Some(ast::Expr { id, kind: ExprKind::Record(fields) }) = expr
            && !fields.is_empty()
            && let Some(deeper) = self.inside(&ty).filter(|inside| !matches!(inside, Inside::Json))
        {
            self.note_type(*id, ty.required());
            let position = match known {
                None => {
                    let parts = Parts { entries: Vec::new(), place: self.place(*id), is_literal: false };
                    entries.push(Entry {
                        name: name.text.clone(),
                        place: self.place(name.id),
                        set: Set::Parts(parts),
                    });
                    entries.len() - 1
                }
                Some(position) => position,
            };
            match &mut entries[position].set {
                Set::Parts(parts) if !parts.is_literal => {
                    parts.is_literal = true;
                    parts.place = self.place(*id);
                    self.set_fields(fields, &deeper, overrides, &mut parts.entries);
                }
                _ => {
                    let first = entries[position].place.clone();
                    self.report(messages::duplicate_field(self.place(name.id), Some(first), &name.text));
                }
            }
            return;
        }
        if let Some(position) = known {
            let first = entries[position].place.clone();
            self.report(messages::duplicate_field(self.place(name.id), Some(first), &name.text));
            return;
        }
        let value = match expr {
            Some(expr) => self.check_inside(expr, &ty, name, inside),
            None => Expr::Error,
        };
        entries.push(Entry { name: name.text.clone(), place: self.place(name.id), set: Set::Value(value) });
    }

    fn set_override(
        &mut self,
        name: &Name,
        field: &Field,
        (ty, inside): (&Type, &Inside),
        overrides: Overrides,
        known: Option<usize>,
        entries: &mut Vec<Entry>,
    ) {
        let place = self.place(name.id);
        if overrides == Overrides::Refused {
            self.report(messages::override_refused(place, &name.text));
            return;
        }
        if let Some(position) = known {
            let first = entries[position].place.clone();
            self.report(messages::duplicate_field(place, Some(first), &name.text));
            return;
        }
        let (mut reason, mut until) = (None, None);
        for tail in &field.value.tails {
            match &tail.kind {
                TailKind::Because(expr) if reason.is_none() => {
                    reason = plain_string(expr).map(SmolStr::from);
                    let is_said = reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
                    if !is_said && !matches!(expr.kind, ExprKind::Missing) {
                        self.report(messages::wanted_value(
                            self.place(expr.id),
                            "a plain text",
                            "\"scratch data\"",
                        ));
                    }
                    reason.get_or_insert_default();
                }
                TailKind::Until(expr) if until.is_none() => until = self.instant_setting(expr),
                _ => self.report(messages::tail_not_taken(self.place(tail.id))),
            }
        }
        if reason.is_none() {
            self.report(messages::override_without_reason(place.clone(), &name.text));
        }
        let value = match &field.value.head {
            FieldValueHead::Expr(expr) => self.check_inside(expr, ty, name, inside),
            FieldValueHead::Escalate(expr) => {
                self.report(messages::tail_not_taken(self.place(expr.id)));
                Expr::Error
            }
        };
        let over = Override { value, reason: reason.unwrap_or_default(), until, under: None };
        entries.push(Entry { name: name.text.clone(), place, set: Set::Override(Box::new(over)) });
    }

    /// The value of a field or an entry.
    fn check_inside(&mut self, expr: &ast::Expr, ty: &Type, name: &Name, inside: &Inside) -> Expr {
        match inside {
            Inside::Fields { owner, .. } => self.check_field_value(expr, ty, &name.text, owner),
            Inside::Map { .. } | Inside::Json => self.check(expr, ty),
        }
    }

    /// The type of what a name sets; reports a name that sets nothing, and gives what may have been meant.
    fn type_inside(&mut self, name: &Name, inside: &Inside) -> Result<Type, Option<SmolStr>> {
        self.note_field_cursor(&name.text, inside);
        match inside {
            Inside::Json => Ok(Type::Json),
            Inside::Map { key, value } => {
                let key = key.clone();
                let value = value.clone();
                self.map_key(name, &key);
                Ok(value)
            }
            Inside::Fields { definitions, owner } => {
                let Some(definition) = definitions.find(&name.text) else {
                    return Err(self.report_unknown_field(name, definitions, owner));
                };
                if definition.is_derived {
                    self.report(messages::derived_field_set(self.place(name.id), &name.text));
                    return Err(None);
                }
                if self.is_looked_at() {
                    let place = self.place_of_any_field(owner, &name.text);
                    self.note_origin(definition.ty, place.clone());
                    self.note_declared(name.id, || place);
                    self.note(|look| drop(look.types.insert(name.id, definition.ty.clone())));
                }
                Ok(definition.ty.clone())
            }
        }
    }

    fn report_unknown_field(
        &mut self,
        name: &Name,
        definitions: &Definitions,
        owner: &Type,
    ) -> Option<SmolStr> {
        if name.text.is_empty() {
            return None; // The parser has already complained.
        }
        let names: Vec<SmolStr> = definitions.iter().map(|definition| definition.name.clone()).collect();
        let near = nearest(&name.text, names.iter().map(|name| name.as_str()));
        let place = self.place(name.id);
        let declared = self.place_of_near_field(owner, near);
        self.report(messages::unknown_field(place, &name.text, owner, near, &names, declared));
        near.map(SmolStr::new)
    }

    /// A map's key as it is written in a record.
    pub(crate) fn map_key(&mut self, name: &Name, key: &Type) -> Expr {
        let text =
            if name.text.is_empty() { Vec::new() } else { vec![ast::StringPart::Text(name.text.clone())] };
        self.check(&ast::Expr { id: name.id, kind: ExprKind::String(text) }, key)
    }

    /// The tree as the values of fields, with the place of each. Says what is missing.
    pub(crate) fn build_fields(
        &mut self,
        entries: Vec<Entry>,
        inside: &Inside,
        place: &Place,
    ) -> Vec<(SmolStr, Expr, Place)> {
        let is_part = std::mem::take(&mut self.is_part);
        if let (Inside::Fields { definitions, owner }, false) = (inside, is_part) {
            self.report_missing(&entries, definitions, owner, place);
        }
        let mut built = Vec::with_capacity(entries.len());
        for Entry { name, place, set } in entries {
            let ty = match inside {
                Inside::Json => Type::Json,
                Inside::Map { value, .. } => value.clone(),
                Inside::Fields { definitions, .. } => {
                    definitions.find(&name).map_or(Type::Error, |definition| definition.ty.clone())
                }
            };
            let value = self.build(set, &ty);
            built.push((name, value, place));
        }
        built
    }

    fn build(&mut self, set: Set, ty: &Type) -> Expr {
        match set {
            Set::Value(value) => value,
            Set::Override(over) => match (over.until, over.under) {
                (Some(until), Some(under)) => Expr::If {
                    condition: Box::new(Expr::Compare {
                        op: CompareOp::Less,
                        left: Box::new(Expr::Now),
                        right: Box::new(Expr::Literal(Literal::Instant(until))),
                        semantics: Comparison::Natural,
                    }),
                    then: Box::new(over.value),
                    otherwise: Box::new(self.build(under, ty)),
                },
                _ => over.value,
            },
            Set::Parts(parts) => {
                let Some(inside) = self.inside(ty) else { return Expr::Error };
                self.is_part = self.sets_parts && !parts.is_literal;
                let built = self.build_fields(parts.entries, &inside, &parts.place);
                let value = match inside {
                    Inside::Map { key, .. } => {
                        let entry = |(name, value, place): (SmolStr, Expr, Place)| {
                            let name = Name { id: place.node, text: name, quoted: true };
                            // Complained about where it was set.
                            let key = self.silently(|checker| checker.map_key(&name, &key));
                            (key, value)
                        };
                        Expr::Map(built.into_iter().map(entry).collect())
                    }
                    _ => Expr::Record(built.into_iter().map(|(name, value, _)| (name, value)).collect()),
                };
                self.check_refinement(&parts.place, &value, ty);
                value
            }
        }
    }

    fn report_missing(&mut self, entries: &[Entry], definitions: &Definitions, owner: &Type, place: &Place) {
        if self.surroundings == Surroundings::Adapter {
            return;
        }
        let may_be_absent = |ty: Type| {
            // What json holds may always be absent.
            ty.is_optional() || matches!(ty, Type::Json)
        };
        let is_missing = |definition: &Settable<'_>| {
            !definition.has_default
                && !definition.is_derived
                && !definition.ty.is_optional()
                && !entries.iter().any(|entry| entry.name == *definition.name)
                && !may_be_absent(expand(self.db, definition.ty))
        };
        let missing: Vec<&str> =
            definitions.iter().filter(is_missing).map(|definition| definition.name.as_str()).collect();
        if !missing.is_empty() {
            let mut message = messages::missing_fields(place.clone(), &missing, owner);
            if let Some((first, declared)) = missing.first().zip(self.place_of_field(owner, missing[0])) {
                message = message.also(declared, format!("`{first}` is declared here"));
            }
            self.report(message);
        }
    }

    /// Fields against their definitions: unknown, twice, missing, of the wrong type. Dotted names set nested fields.
    pub(crate) fn record_fields<'f>(
        &mut self,
        id: NodeId,
        fields: impl IntoIterator<Item = &'f Field>,
        definitions: Definitions,
        owner: &Type,
    ) -> Vec<(SmolStr, Expr, NodeId)> {
        let inside = Inside::Fields { definitions, owner: owner.clone() };
        let mut entries = Vec::new();
        self.set_fields(fields, &inside, Overrides::Refused, &mut entries);
        let place = self.place(id);
        let built = self.build_fields(entries, &inside, &place);
        built.into_iter().map(|(name, value, place)| (name, value, place.node)).collect()
    }

    /// `{ "a": 1 }` where a map is expected.
    pub(super) fn map_literal(&mut self, id: NodeId, fields: &[Field], key: &Type, value: &Type) -> Expr {
        let ty = Type::Map(Arc::new(key.clone()), Arc::new(value.clone()));
        let inside = Inside::Map { key: key.clone(), value: value.clone() };
        let mut entries = Vec::new();
        self.set_fields(fields, &inside, Overrides::Refused, &mut entries);
        let parts = Parts { entries, place: self.place(id), is_literal: true };
        self.build(Set::Parts(parts), &ty)
    }
}
