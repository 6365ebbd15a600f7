use std::sync::Arc;

use iom_model::{Arm, Expr, Literal, Pattern, Type};
use iom_syntax::ast::{self, NodeId, PatternKind, TypeKind};

use smol_str::SmolStr;

use super::{Checker, Typed};
use crate::messages;
use crate::types::{expand, join};

impl<'db> Checker<'db> {
    pub(super) fn infer_match(
        &mut self,
        id: NodeId,
        scrutinee: &ast::Expr,
        arms: &[ast::Arm],
        expected: Option<&Type>,
    ) -> Typed {
        let complaints = self.complaints();
        let value = self.infer(scrutinee, None);
        let is_faulty = self.is_faulty(&value.expr, complaints);
        let mut lowered = Vec::with_capacity(arms.len());
        let mut result: Option<Type> = None;
        let mut matched: Vec<SmolStr> = Vec::new();
        for arm in arms {
            let (patterns, typed) = self.in_scope(|checker| {
                let complaints = checker.complaints();
                let patterns: Vec<Pattern> =
                    arm.patterns.iter().map(|pattern| checker.lower_pattern(pattern, &value.ty)).collect();
                if is_faulty || checker.complaints() > complaints {
                    checker.doubt(scrutinee);
                }
                let takes_absent = patterns.iter().any(|pattern| matches!(pattern, Pattern::Absent));
                if !takes_absent && !matches!(patterns.as_slice(), [Pattern::Any]) {
                    let present = Expr::Is {
                        value: Box::new(value.expr.clone()),
                        test: iom_model::IsTest::Present,
                        negated: false,
                    };
                    checker.learn(&present, true);
                }
                checker.learn_matched(&value.expr, &patterns, &mut matched);
                let hint = expected.or(result.as_ref()).cloned();
                (patterns, checker.infer(&arm.value, hint.as_ref()))
            });
            result = Some(match result {
                None => typed.ty.clone(),
                Some(so_far) => {
                    self.join_or_report(arm.value.id, &so_far, &typed.ty, "the arms of a `match`")
                }
            });
            lowered.push(Arm { patterns, value: typed.expr });
        }
        let ty = result.unwrap_or(Type::Error);
        self.check_exhaustive(id, &value.ty, &lowered);
        // Without an arm for it, absent stays absent.
        let has_absent = lowered.iter().any(|arm| arm.patterns.contains(&Pattern::Absent));
        let keeps_absent = !has_absent && (value.ty.is_optional() || matches!(value.ty, Type::Json));
        let ty = if keeps_absent { ty.optional() } else { ty };
        Typed::new(ty, Expr::Match { scrutinee: Box::new(value.expr), arms: lowered })
    }

    /// An arm for certain values tells which branch of a union it is about; one for the rest, which ones it is not.
    fn learn_matched(&mut self, value: &Expr, patterns: &[Pattern], matched: &mut Vec<SmolStr>) {
        let values: Option<Vec<SmolStr>> = patterns
            .iter()
            .map(|pattern| match pattern {
                Pattern::Literal(Literal::Enum(value)) => Some(value.clone()),
                _ => None,
            })
            .collect();
        match values {
            Some(values) => {
                matched.extend(values.iter().cloned());
                self.learn_tag(value, values, true);
            }
            None if patterns.contains(&Pattern::Any) => self.learn_tag(value, matched.clone(), false),
            None => {}
        }
    }

    fn lower_pattern(&mut self, pattern: &ast::Pattern, ty: &Type) -> Pattern {
        let required = ty.required().clone();
        match &pattern.kind {
            PatternKind::Error => Pattern::Any,
            PatternKind::Literal(literal) => {
                let typed = self.infer_literal(pattern.id, literal, Some(&required));
                self.literal_pattern(pattern.id, typed, &required)
            }
            PatternKind::String(text) => {
                let parts =
                    if text.is_empty() { Vec::new() } else { vec![ast::StringPart::Text(text.clone())] };
                let typed = self.infer_string(pattern.id, &parts, Some(&required));
                self.literal_pattern(pattern.id, typed, &required)
            }
            PatternKind::Type { ty: written, binder } => {
                self.name_pattern(pattern, written, binder.as_ref(), &required)
            }
        }
    }

    fn literal_pattern(&mut self, id: NodeId, typed: Typed, scrutinee: &Type) -> Pattern {
        match typed.expr {
            Expr::Literal(literal) => {
                if join(self.db, &typed.ty, scrutinee).is_none()
                    && !matches!(expand(self.db, scrutinee), Type::Union(_))
                {
                    self.report(messages::pattern_mismatch(self.place(id), &typed.ty, scrutinee));
                }
                Pattern::Literal(literal)
            }
            _ => Pattern::Any,
        }
    }

    fn name_pattern(
        &mut self,
        pattern: &ast::Pattern,
        written: &ast::TypeExpr,
        binder: Option<&ast::Name>,
        scrutinee: &Type,
    ) -> Pattern {
        if let (TypeKind::Path(path), None) = (&written.kind, binder)
            && let [single] = &*path.segments
        {
            match single.text.as_str() {
                "_" => return Pattern::Any,
                "absent" => return Pattern::Absent,
                "unknown" => return Pattern::Unknown,
                name => {
                    if let Type::Enum(ty) = expand(self.db, scrutinee) {
                        self.note_declared(single.id, || self.place_of_alternative(&ty, name));
                        let expected = Type::Enum(ty.clone());
                        self.note_value_cursor(name, Some(&expected));
                        if !ty.has(name) {
                            let alternatives = ty.alternatives.iter().map(|one| one.name.as_str());
                            self.report(messages::no_alternative(self.place(pattern.id), name, alternatives));
                        }
                        return Pattern::Literal(Literal::Enum(name.into()));
                    }
                    if name == "true" || name == "false" {
                        return Pattern::Literal(Literal::Bool(name == "true"));
                    }
                }
            }
        }
        let ty = match &written.kind {
            // `list xs` binds any list of a json value.
            TypeKind::Path(path) if path.segments.len() == 1 && path.segments[0].text == "list" => {
                Type::List(Arc::new(Type::Json))
            }
            _ => self.lower_type(written),
        };
        let local = binder.map(|name| self.bind(name, ty.clone()));
        Pattern::Type { ty, local }
    }

    /// Enums and bools must be covered; open types need a `_`.
    fn check_exhaustive(&mut self, id: NodeId, ty: &Type, arms: &[Arm]) {
        let patterns: Vec<&Pattern> = arms.iter().flat_map(|arm| &arm.patterns).collect();
        if patterns.iter().any(|pattern| matches!(pattern, Pattern::Any)) {
            return;
        }
        let missing: Vec<String> = match expand(self.db, ty.required()) {
            Type::Enum(ty) => ty
                .alternatives
                .iter()
                .filter(|one| {
                    !patterns
                        .iter()
                        .any(|pattern| **pattern == Pattern::Literal(Literal::Enum(one.name.clone())))
                })
                .map(|one| one.name.to_string())
                .collect(),
            Type::Scalar(iom_model::Scalar::Bool) => [true, false]
                .into_iter()
                .filter(|value| {
                    !patterns.iter().any(|pattern| **pattern == Pattern::Literal(Literal::Bool(*value)))
                })
                .map(|value| value.to_string())
                .collect(),
            Type::Error => return,
            Type::Union(types) => types
                .iter()
                .filter(|one| {
                    !patterns.iter().any(|pattern| matches!(pattern, Pattern::Type { ty, .. } if ty == *one))
                })
                .map(|one| one.to_string())
                .collect(),
            _ if patterns.iter().any(|pattern| matches!(pattern, Pattern::Type { .. })) => return,
            _ => vec!["_".to_owned()],
        };
        if !missing.is_empty() {
            self.report(messages::not_exhaustive(self.place(id), &missing));
        }
    }
}
