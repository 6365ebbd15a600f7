//! `base with { .. }`: a resource copied from another one.

use std::sync::Arc;

use iom_model::{Expr, FieldOwner, Nominal, QualifiedName, Type};
use iom_syntax::ast::{self, ExprKind, Field, NodeId};
use smol_str::SmolStr;

use super::{Settings, settings_of};
use crate::infer::{Checker, Entry, Inside, Parts, Set};
use crate::messages;
use crate::names::{Target, resolve};
use crate::signatures::{MOST_COPIES, copies_of_copies, identity_fields, resource_kind};

/// What a resource is copied from, and what it changes.
pub(in crate::check) struct Copy<'a> {
    pub base: QualifiedName,
    pub kind: Nominal,
    pub settings: Arc<Settings>,
    /// The fields of each `with`, the innermost first.
    pub levels: Vec<&'a [Field]>,
}

/// What stands before the first `with`, and the fields of each.
pub(super) fn chain(expr: &ast::Expr) -> (&ast::Expr, Vec<&[Field]>) {
    let mut levels: Vec<&[Field]> = Vec::new();
    let mut base = expr;
    while let ExprKind::With { base: inner, fields } = &base.kind {
        levels.push(fields);
        base = inner;
    }
    levels.reverse();
    (base, levels)
}

fn dotted(expr: &ast::Expr) -> Option<Vec<(SmolStr, NodeId)>> {
    Some(expr.path()?.segments.into_iter().map(|segment| (segment.text, segment.id)).collect())
}

/// The name of what a resource's expression copies, as written.
pub(crate) fn copied_path(expr: &ast::Expr) -> Option<Vec<SmolStr>> {
    let path = dotted(chain(expr).0)?;
    Some(path.into_iter().map(|(name, _)| name).collect())
}

impl<'db> Checker<'db> {
    /// What a resource's expression copies. Nothing where that has been reported, here or where the base is declared.
    pub(in crate::check) fn copied<'a>(&mut self, expr: &'a ast::Expr) -> Option<Copy<'a>> {
        let (root, levels) = chain(expr);
        if matches!(root.kind, ExprKind::Missing) {
            return None;
        }
        let Some(path) = dotted(root) else {
            self.report(messages::not_a_base(self.place(root.id), "this"));
            return None;
        };
        let (base, kind, settings) = match self.given_base(&path) {
            Some(given) => given,
            None => self.declared_base(root.id, &path)?,
        };
        if settings.is_many {
            self.report(messages::base_is_many(self.place(root.id), &base));
            return None;
        }
        Some(Copy { base, kind, settings, levels })
    }

    /// A resource that the test at hand gives.
    fn given_base(&self, path: &[(SmolStr, NodeId)]) -> Option<(QualifiedName, Nominal, Arc<Settings>)> {
        let [(name, _)] = path else { return None };
        let (_, qualified, kind) = self.given.iter().find(|(given, _, _)| given == name)?;
        let (_, settings) = self.given_settings.iter().find(|(given, _)| given == qualified)?;
        Some((qualified.clone(), kind.clone(), settings.clone()))
    }

    fn declared_base(
        &mut self,
        node: NodeId,
        path: &[(SmolStr, NodeId)],
    ) -> Option<(QualifiedName, Nominal, Arc<Settings>)> {
        let names: Vec<SmolStr> = path.iter().map(|(name, _)| name.clone()).collect();
        let found = resolve(self.db, self.scope, &names);
        let found = match found {
            Some(found) if found.used == names.len() => found,
            Some(found) if matches!(found.target, Target::Item(_)) => {
                self.report(messages::not_a_base(self.place(node), "a field"));
                return None;
            }
            _ => {
                self.report_unknown_segments(&names, |index| path[index].1, "resource", Vec::new());
                return None;
            }
        };
        match found.target {
            Target::Item(item) if item.keyword(self.db) == "resource" => {
                // A ring is reported once, at the first of its names; a chain that is too long, at the first that is.
                let before = (*copies_of_copies(self.db, item))?;
                if before >= MOST_COPIES {
                    if before == MOST_COPIES {
                        self.report(messages::too_many_copies(self.place(node), MOST_COPIES));
                    }
                    return None;
                }
                let kind = resource_kind(self.db, item).clone()?;
                let settings = settings_of(self.db, item).clone()?;
                Some((found.qualified, kind, settings))
            }
            Target::Item(item) => {
                let what = format!("{} `{}`", item.keyword(self.db), found.qualified);
                self.report(messages::not_a_base(self.place(node), &what));
                None
            }
            Target::Module => {
                self.report(messages::not_a_base(self.place(node), &format!("module `{}`", found.qualified)));
                None
            }
        }
    }

    /// What a copy starts from: every field that the base sets is read from the base. What identifies it is not copied:
    /// the one field that does, or those of several that the copy sets anew (`set`).
    pub(super) fn inherited(&mut self, copy: &Copy<'_>, kind: &Nominal, set: &[SmolStr]) -> Vec<Entry> {
        let identity = crate::names::definition_of(self.db, kind.name())
            .map(|item| identity_fields(self.db, item).clone())
            .unwrap_or_default();
        let is_new = |name: &SmolStr| identity.contains(name) && (identity.len() == 1 || set.contains(name));
        let fields: Vec<_> =
            copy.settings.fields.iter().filter(|field| !is_new(&field.name)).cloned().collect();
        let inside = self.fields_of_resource(kind);
        self.read_from(
            &Expr::Resource(copy.base.clone()),
            &FieldOwner::Element(kind.clone()),
            &fields,
            &inside,
        )
    }

    pub(super) fn read_from(
        &mut self,
        base: &Expr,
        owner: &FieldOwner,
        fields: &[super::compose::SetField],
        inside: &Inside,
    ) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(fields.len());
        for field in fields {
            let (value, ty) = match inside {
                Inside::Map { key, value } => {
                    let name = ast::Name { id: NodeId::DECLARATION, text: field.name.clone(), quoted: true };
                    let index = self.silently(|checker| checker.map_key(&name, key));
                    (Expr::Index { base: Box::new(base.clone()), index: Box::new(index) }, value.clone())
                }
                Inside::Fields { definitions, .. } => {
                    let definition = definitions.find(&field.name);
                    let ty = definition.map_or(Type::Error, |definition| definition.ty.clone());
                    (read(base, &field.name, owner.clone()), ty)
                }
                Inside::Json => (read(base, &field.name, FieldOwner::Json), Type::Json),
            };
            let deeper = field.parts.as_ref().and_then(|parts| Some((parts, self.inside(&ty)?)));
            let set = match deeper {
                None => Set::Value(value),
                Some((parts, deeper)) => {
                    let owner = match &deeper {
                        Inside::Fields { owner: Type::Element(nominal), .. } => {
                            FieldOwner::Element(nominal.clone())
                        }
                        _ => FieldOwner::Record,
                    };
                    let entries = self.read_from(&value, &owner, parts, &deeper);
                    Set::Parts(Parts { entries, place: field.place.clone(), is_literal: true })
                }
            };
            entries.push(Entry { name: field.name.clone(), place: field.place.clone(), set });
        }
        entries
    }
}

fn read(base: &Expr, name: &SmolStr, owner: FieldOwner) -> Expr {
    Expr::Field { base: Box::new(base.clone()), name: name.clone(), owner }
}
