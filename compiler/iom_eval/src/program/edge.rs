use std::sync::Arc;

use iom_model::{Adapter, Arm, Expr, KindDefinition, Model, Nominal, Refinement, Type};

/// Whether elements are found in values of the type, so that a field of it is an edge of the graph. Documents that are
/// read out of text are no elements that something could depend on.
pub(super) fn has_element(model: &Model, ty: &Type) -> bool {
    fn search<'m>(model: &'m Model, ty: &'m Type, seen: &mut Vec<&'m str>) -> bool {
        match ty {
            Type::Element(Nominal::Kind(name)) => {
                let is_text = |adapter: &Adapter| adapter.format == "json" && adapter.source_types.is_empty();
                !model.kinds.get(name).is_some_and(|kind| kind.adapters.iter().any(is_text))
            }
            Type::Element(Nominal::Trait(_)) => true,
            // A reference that is no dependency.
            Type::Refined(_, refinement) if **refinement == Refinement::Link => false,
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Refined(inner, _) => {
                search(model, inner, seen)
            }
            Type::Map(_, value) => search(model, value, seen),
            Type::Record(record) => {
                record.fields.iter().any(|field| field.derive.is_none() && search(model, &field.ty, seen))
            }
            Type::Union(types) => types.iter().any(|ty| search(model, ty, seen)),
            Type::Named(name) => {
                if seen.contains(&name.as_str()) {
                    return false;
                }
                seen.push(name);
                model.types.get(name).is_some_and(|definition| search(model, &definition.ty, seen))
            }
            _ => false,
        }
    }
    search(model, ty, &mut Vec::new())
}

/// Whether values of the type refer to elements by `link`.
pub(super) fn has_link(model: &Model, ty: &Type) -> bool {
    fn search<'m>(model: &'m Model, ty: &'m Type, seen: &mut Vec<&'m str>) -> bool {
        match ty {
            Type::Refined(inner, refinement) => {
                **refinement == Refinement::Link || search(model, inner, seen)
            }
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Map(_, inner) => {
                search(model, inner, seen)
            }
            Type::Record(record) => record.fields.iter().any(|field| search(model, &field.ty, seen)),
            Type::Named(name) => {
                if seen.contains(&name.as_str()) {
                    return false;
                }
                seen.push(name);
                model.types.get(name).is_some_and(|definition| search(model, &definition.ty, seen))
            }
            _ => false,
        }
    }
    search(model, ty, &mut Vec::new())
}

/// The expressions of an adapter's fields that hold elements inside records, without everything else the records hold:
/// enough to know what an element refers to. Fields that are references themselves are left out.
pub(super) fn edge_fields(model: &Model, kind: &KindDefinition, adapter: &Adapter) -> Vec<(usize, Expr)> {
    let mut found = Vec::new();
    for (name, value) in &adapter.fields {
        let Some(position) = kind.fields.iter().position(|field| field.name == *name) else { continue };
        let field = &kind.fields[position];
        if field.derive.is_none() && has_element(model, &field.ty) && has_record(model, &field.ty) {
            found.push((position, prune(model, value, &field.ty)));
        }
    }
    found
}

fn has_record(model: &Model, ty: &Type) -> bool {
    match ty {
        Type::Record(_) => true,
        Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Refined(inner, _) => {
            has_record(model, inner)
        }
        Type::Named(name) => {
            model.types.get(name).is_some_and(|definition| matches!(definition.ty, Type::Record(_)))
        }
        _ => false,
    }
}

/// Leaves fields of records out whose types hold no elements.
fn prune(model: &Model, value: &Expr, ty: &Type) -> Expr {
    match (value, ty) {
        (_, Type::Optional(inner) | Type::Refined(inner, _)) => prune(model, value, inner),
        (_, Type::Named(name)) => match model.types.get(name) {
            Some(definition) if !matches!(definition.ty, Type::Named(_)) => {
                prune(model, value, &definition.ty)
            }
            _ => value.clone(),
        },
        (Expr::Record(fields), Type::Record(record)) => {
            let kept = fields.iter().filter_map(|(name, value)| {
                let field = record.field(name)?;
                has_element(model, &field.ty).then(|| (name.clone(), prune(model, value, &field.ty)))
            });
            Expr::Record(kept.collect())
        }
        (Expr::ListComprehension { binders, value }, Type::List(item) | Type::Set(item)) => {
            Expr::ListComprehension { binders: binders.clone(), value: Box::new(prune(model, value, item)) }
        }
        (Expr::List { items, drops_absent }, Type::List(item) | Type::Set(item)) => Expr::List {
            items: items.iter().map(|one| prune(model, one, item)).collect(),
            drops_absent: *drops_absent,
        },
        (Expr::Binary { op: iom_model::BinaryOp::Concat, left, right }, _) => Expr::Binary {
            op: iom_model::BinaryOp::Concat,
            left: Box::new(prune(model, left, ty)),
            right: Box::new(prune(model, right, ty)),
        },
        (Expr::Reshape { value, local, outer, record }, _) => Expr::Reshape {
            value: value.clone(),
            local: *local,
            outer: *outer,
            record: Box::new(prune(model, record, ty)),
        },
        (Expr::Coalesce(left, right), _) => {
            Expr::Coalesce(Box::new(prune(model, left, ty)), Box::new(prune(model, right, ty)))
        }
        (Expr::If { condition, then, otherwise }, _) => Expr::If {
            condition: condition.clone(),
            then: Box::new(prune(model, then, ty)),
            otherwise: Box::new(prune(model, otherwise, ty)),
        },
        (Expr::Match { scrutinee, arms }, _) => Expr::Match {
            scrutinee: scrutinee.clone(),
            arms: arms
                .iter()
                .map(|arm| Arm { patterns: arm.patterns.clone(), value: prune(model, &arm.value, ty) })
                .collect(),
        },
        (Expr::Convert { value, to }, _) if to == ty => {
            Expr::Convert { value: Box::new(prune(model, value, ty)), to: to.clone() }
        }
        _ => value.clone(),
    }
}

/// A type in which only what holds elements is left, to convert pruned values to.
pub(super) fn prune_type(model: &Model, ty: &Type) -> Type {
    match ty {
        Type::Optional(inner) => Type::Optional(Arc::new(prune_type(model, inner))),
        Type::List(inner) | Type::Set(inner) => Type::List(Arc::new(prune_type(model, inner))),
        Type::Refined(inner, _) => prune_type(model, inner),
        Type::Named(name) => match model.types.get(name) {
            Some(definition) if matches!(definition.ty, Type::Record(_)) => prune_type(model, &definition.ty),
            _ => ty.clone(),
        },
        Type::Record(record) => {
            let mut record = (**record).clone();
            record.fields.retain(|field| field.derive.is_none() && has_element(model, &field.ty));
            for field in &mut record.fields {
                // A recursive type is left as it is one level down.
                if !matches!(field.ty, Type::Named(_)) {
                    field.ty = prune_type(model, &field.ty);
                }
                field.default = None;
            }
            Type::Record(Arc::new(record))
        }
        other => other.clone(),
    }
}
