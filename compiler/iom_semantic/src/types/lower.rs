use std::sync::Arc;

use iom_model::{
    Alternative, Derive, EnumType, Expr, FieldDefinition, Literal, Nominal, QualifiedName, RecordType,
    Refinement, Scalar, Type,
};
use iom_syntax::ast::{
    self, ClauseKind, ExprKind, GenericHead, NodeId, Path, RecordMember, RefinementKind, TypeExpr, TypeField,
    TypeKind, TypePrefix,
};
use smol_str::SmolStr;

use crate::infer::Checker;
use crate::messages;
use crate::names::Target;

impl<'db> Checker<'db> {
    /// The type that is written. Mistakes are reported once and become [`Type::Error`].
    pub(crate) fn lower_type(&mut self, written: &TypeExpr) -> Type {
        match &written.kind {
            TypeKind::Missing => Type::Error,
            TypeKind::Path(path) => self.lower_path(path),
            TypeKind::Text(text) => single_alternative(text.clone(), None),
            TypeKind::Generic { head, arguments } => self.lower_generic(written.id, *head, arguments),
            TypeKind::Optional(inner) => self.lower_type(inner).optional(),
            TypeKind::Prefixed { prefix, inner } => self.lower_prefixed(written.id, *prefix, inner),
            TypeKind::Record(members) => Type::Record(Arc::new(self.lower_record(members))),
            TypeKind::Union(alternatives) => self.lower_union(alternatives),
            TypeKind::Ordered(alternatives) => Type::Enum(Arc::new(EnumType {
                name: None,
                alternatives: alternatives
                    .iter()
                    .map(|one| Alternative { name: one.name.text.clone(), wire: one.wire.clone() })
                    .collect(),
                is_ordered: true,
            })),
            TypeKind::Refined { base, refinements } => self.lower_refined(base, refinements),
        }
    }

    /// As [`Self::lower_type`], with the declared name in messages about an enum.
    pub(crate) fn lower_named_type(&mut self, written: &TypeExpr, name: &QualifiedName) -> Type {
        match self.lower_type(written) {
            Type::Enum(ty) => Type::Enum(Arc::new(EnumType { name: Some(name.clone()), ..(*ty).clone() })),
            other => other,
        }
    }

    fn lower_path(&mut self, path: &Path) -> Type {
        if let [single] = &*path.segments
            && let Some(ty) = builtin_type(&single.text)
        {
            self.note_word(single.id, &single.text);
            return ty;
        }
        match self.resolve_path(path) {
            Some((Target::Item(item), qualified)) => match item.keyword(self.db) {
                "type" => Type::Named(qualified),
                "kind" => Type::Element(Nominal::Kind(qualified)),
                "trait" => Type::Element(Nominal::Trait(qualified)),
                other => {
                    self.report(messages::wrong_kind_of_name(
                        self.place(path.id),
                        path,
                        other,
                        "a type, a kind or a trait",
                    ));
                    Type::Error
                }
            },
            Some((Target::Module, _)) => {
                self.report(messages::wrong_kind_of_name(
                    self.place(path.id),
                    path,
                    "module",
                    "a type, a kind or a trait",
                ));
                Type::Error
            }
            None => {
                let builtin =
                    Scalar::NAMED.iter().map(|scalar| scalar.name()).chain(["json", "list", "set", "map"]);
                self.report_unknown_name(path, "type", builtin.map(SmolStr::new_static).collect());
                Type::Error
            }
        }
    }

    fn lower_generic(&mut self, id: NodeId, head: GenericHead, arguments: &[TypeExpr]) -> Type {
        let lowered: Vec<Arc<Type>> =
            arguments.iter().map(|argument| Arc::new(self.lower_type(argument))).collect();
        match (head, lowered.as_slice()) {
            (GenericHead::List, [item]) => Type::List(item.clone()),
            (GenericHead::Set, [item]) => Type::Set(item.clone()),
            (GenericHead::Map, [key, value]) => Type::Map(key.clone(), value.clone()),
            _ => {
                let wanted = if head == GenericHead::Map { "map<KEY, VALUE>" } else { "list<T> or set<T>" };
                self.report(messages::type_arguments(self.place(id), wanted, arguments.len()));
                Type::Error
            }
        }
    }

    fn lower_prefixed(&mut self, id: NodeId, prefix: TypePrefix, inner: &TypeExpr) -> Type {
        let ty = self.lower_type(inner);
        match prefix {
            TypePrefix::Secret => match ty {
                Type::Optional(inner) => Type::Secret(inner).optional(),
                other => Type::Secret(Arc::new(other)),
            },
            TypePrefix::Ref | TypePrefix::Link => {
                if !matches!(ty.required(), Type::Element(_) | Type::Error) {
                    self.report(messages::reference_to_plain_type(self.place(id), &ty));
                    return Type::Error;
                }
                if prefix == TypePrefix::Ref {
                    return ty;
                }
                let link = |ty| Type::Refined(Arc::new(ty), Arc::new(Refinement::Link));
                match ty {
                    Type::Error => Type::Error,
                    Type::Optional(inner) => link((*inner).clone()).optional(),
                    other => link(other),
                }
            }
        }
    }

    fn lower_record(&mut self, members: &[RecordMember]) -> RecordType {
        let mut fields: Vec<FieldDefinition> = Vec::new();
        // Derived fields see the record that is being declared; plain fields come first so that they can be read.
        for member in members {
            if let RecordMember::Field(field) = member {
                let definition = self.lower_field(field);
                self.push_unique(&mut fields, definition, field.name.id);
            }
        }
        for member in members {
            let RecordMember::Derive(clause) = member else { continue };
            let ClauseKind::Derive { name, ty, value } = &clause.kind else { continue };
            let ty = self.lower_type(ty);
            let this = Type::Record(Arc::new(RecordType { fields: fields.clone() }));
            let derive = self.in_new_body(|checker| {
                let local = checker.bind_thing_at_hand(this);
                debug_assert_eq!(local.0, 0);
                checker.check_in_type(value, &ty)
            });
            let definition = FieldDefinition {
                name: name.text.clone(),
                ty,
                default: None,
                derive: Some(Box::new(Derive { value: derive.0, locals: derive.1 })),
            };
            self.push_unique(&mut fields, definition, name.id);
        }
        RecordType { fields }
    }

    fn push_unique(&mut self, fields: &mut Vec<FieldDefinition>, field: FieldDefinition, id: NodeId) {
        if fields.iter().any(|other| other.name == field.name) {
            self.report(messages::duplicate_field(self.place(id), None, &field.name));
        } else {
            fields.push(field);
        }
    }

    fn lower_field(&mut self, field: &TypeField) -> FieldDefinition {
        let ty = self.lower_type(&field.ty);
        let default = field
            .default
            .as_ref()
            .map(|value| self.in_new_body(|checker| checker.check_in_type(value, &ty)).0);
        FieldDefinition { name: field.name.text.clone(), ty, default, derive: None }
    }

    fn lower_union(&mut self, alternatives: &[TypeExpr]) -> Type {
        let names: Vec<Option<Alternative>> =
            alternatives.iter().map(|one| self.as_alternative(one)).collect();
        if names.iter().all(Option::is_some) {
            let alternatives = names.into_iter().flatten().collect();
            return Type::Enum(Arc::new(EnumType { name: None, alternatives, is_ordered: false }));
        }
        Type::Union(alternatives.iter().map(|one| self.lower_type(one)).collect())
    }

    /// An alternative of an enum: a bare word that names no type, or a wire spelling.
    fn as_alternative(&mut self, written: &TypeExpr) -> Option<Alternative> {
        match &written.kind {
            TypeKind::Text(text) => Some(Alternative { name: text.clone(), wire: None }),
            TypeKind::Path(path) => {
                let [single] = &*path.segments else { return None };
                let names_type = builtin_type(&single.text).is_some()
                    || matches!(self.resolve_path(path), Some((Target::Item(item), _)) if matches!(item.keyword(self.db), "type" | "kind" | "trait"));
                (!names_type).then(|| Alternative { name: single.text.clone(), wire: None })
            }
            TypeKind::Refined { base, refinements } => match &**refinements {
                [ast::Refinement { kind: RefinementKind::Wire(wire), .. }] => {
                    let base = self.as_alternative(base)?;
                    Some(Alternative { wire: Some(wire.clone()), ..base })
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn lower_refined(&mut self, base: &TypeExpr, refinements: &[ast::Refinement]) -> Type {
        if let [ast::Refinement { kind: RefinementKind::Wire(wire), .. }] = refinements
            && let Some(alternative) = self.as_alternative(base)
        {
            return single_alternative(alternative.name, Some(wire.clone()));
        }
        let mut ty = self.lower_type(base);
        for refinement in refinements {
            ty = self.refine(ty, refinement);
        }
        ty
    }

    fn refine(&mut self, ty: Type, refinement: &ast::Refinement) -> Type {
        // `string? matching ..` refines what is there when it is there.
        if let Type::Optional(inner) = &ty {
            return self.refine((**inner).clone(), refinement).optional();
        }
        let lowered = match &refinement.kind {
            RefinementKind::Nocase => return self.lower_nocase(ty, refinement.id),
            RefinementKind::Wire(_) => return ty,
            RefinementKind::Matching(pattern) => {
                self.check_pattern(refinement.id, pattern);
                Refinement::Matching(pattern.clone())
            }
            RefinementKind::In(range) => {
                let (low, high) = self.range_ends(range, &ty);
                Refinement::Range { low, high }
            }
            RefinementKind::Size(range) => {
                let (low, high) = self.range_ends(range, &Type::INT);
                Refinement::Size { low: as_count(low), high: as_count(high) }
            }
            RefinementKind::Where(_) if self.lowers_shapes => return ty,
            RefinementKind::Where(condition) => {
                let this = ty.clone();
                let (condition, locals) = self.in_new_body(|checker| {
                    checker.bind_thing_at_hand(this);
                    checker.check(condition, &Type::BOOL)
                });
                Refinement::Where { condition, locals }
            }
        };
        self.refined_alike(ty, lowered)
    }

    /// Types that are refined alike in one declaration are one: fields of a kind often are.
    fn refined_alike(&mut self, ty: Type, refinement: Refinement) -> Type {
        const MOST: usize = 16;
        let is_same =
            |one: &&Type| matches!(one, Type::Refined(known, how) if **known == ty && **how == refinement);
        if let Some(known) = self.refined.iter().find(is_same) {
            return known.clone();
        }
        let made = Type::Refined(Arc::new(ty), Arc::new(refinement));
        if self.refined.len() < MOST {
            self.refined.push(made.clone());
        }
        made
    }

    fn lower_nocase(&mut self, ty: Type, id: NodeId) -> Type {
        match ty {
            Type::Scalar(Scalar::String) => Type::Scalar(Scalar::StringNocase),
            Type::Scalar(Scalar::Glob) => Type::Scalar(Scalar::GlobNocase),
            Type::Error => Type::Error,
            other => {
                self.report(messages::nocase_of(self.place(id), &other));
                other
            }
        }
    }

    /// An expression of a type: not looked at where shapes alone are wanted.
    fn check_in_type(&mut self, value: &ast::Expr, ty: &Type) -> Expr {
        if self.lowers_shapes { Expr::Error } else { self.check(value, ty) }
    }

    fn range_ends(&mut self, range: &ast::Expr, ty: &Type) -> (Option<Expr>, Option<Expr>) {
        if self.lowers_shapes {
            return (None, None);
        }
        match &range.kind {
            ExprKind::Binary { op: ast::BinaryOp::Range, left, right, .. } => {
                let low = self.in_new_body(|checker| checker.check(left, ty)).0;
                let high = self.in_new_body(|checker| checker.check(right, ty)).0;
                (Some(low), Some(high))
            }
            _ => {
                let only = self.in_new_body(|checker| checker.check(range, ty)).0;
                (Some(only.clone()), Some(only))
            }
        }
    }
}

fn as_count(end: Option<Expr>) -> Option<u64> {
    match end? {
        Expr::Literal(Literal::Int(count)) => u64::try_from(count).ok(),
        _ => None,
    }
}

fn single_alternative(name: SmolStr, wire: Option<SmolStr>) -> Type {
    Type::Enum(Arc::new(EnumType {
        name: None,
        alternatives: vec![Alternative { name, wire }],
        is_ordered: false,
    }))
}

fn builtin_type(name: &str) -> Option<Type> {
    if name == "json" {
        return Some(Type::Json);
    }
    Scalar::NAMED.iter().find(|scalar| scalar.name() == name).map(|scalar| Type::Scalar(*scalar))
}
