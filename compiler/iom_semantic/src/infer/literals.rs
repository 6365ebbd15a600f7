use iom_model::{Duration, Expr, Literal, Refinement, Scalar, TextPart, Type, parse_size, scalar};
use iom_syntax::ast::{self, NodeId, StringPart};
use smol_str::SmolStr;

use super::{Checker, Typed, constant, pattern};
use crate::items::Place;
use crate::messages::{self, value_in_words};
use crate::types::expand;

impl<'db> Checker<'db> {
    pub(super) fn infer_literal(
        &mut self,
        id: NodeId,
        literal: &ast::Literal,
        expected: Option<&Type>,
    ) -> Typed {
        match literal {
            ast::Literal::Bool(value) => Typed::new(Type::BOOL, Expr::Literal(Literal::Bool(*value))),
            ast::Literal::Number(text) => self.number(id, text, expected),
            ast::Literal::Duration(text) => match Duration::parse(text) {
                Some(duration) => {
                    Typed::new(Type::Scalar(Scalar::Duration), Expr::Literal(Literal::Duration(duration)))
                }
                None => {
                    self.bad_literal(id, messages::out_of_range_literal(self.place(id), text, "a duration"))
                }
            },
            ast::Literal::Size(text) => match parse_size(text) {
                Some(size) => Typed::new(Type::Scalar(Scalar::Bytes), Expr::Literal(Literal::Size(size))),
                None => self.bad_literal(
                    id,
                    messages::out_of_range_literal(self.place(id), text, "a number of bytes"),
                ),
            },
            ast::Literal::Date(text) => match scalar::instant::parse_time(text).ok() {
                Some(instant) => {
                    let ty = if text.contains('T') { Scalar::Time } else { Scalar::Date };
                    Typed::new(Type::Scalar(ty), Expr::Literal(Literal::Instant(instant)))
                }
                None => self.bad_literal(
                    id,
                    messages::bad_scalar(self.place(id), &format!("there is no day {text} in the calendar")),
                ),
            },
            ast::Literal::Ipv4(text) => {
                let ty = match self.wanted(expected) {
                    Some(Type::Scalar(Scalar::Cidr)) => Scalar::Cidr,
                    _ if text.contains('/') => Scalar::Cidr,
                    _ => Scalar::Ip,
                };
                self.scalar_text(id, ty, text)
            }
            ast::Literal::Long(text) => Typed::new(Type::STRING, Expr::Literal(Literal::Text(text.clone()))),
            ast::Literal::Raw(text) => match self.wanted(expected) {
                Some(Type::Scalar(
                    scalar @ (Scalar::Glob | Scalar::GlobNocase | Scalar::String | Scalar::StringNocase),
                )) => self.scalar_text(id, scalar, text),
                _ => Typed::new(
                    Type::Scalar(Scalar::Regex),
                    Expr::Literal(Literal::Scalar(Scalar::Regex, text.clone())),
                ),
            },
        }
    }

    fn bad_literal(&mut self, _id: NodeId, diagnostic: iom_diagnostics::Diagnostic<Place>) -> Typed {
        self.report(diagnostic);
        Typed::error()
    }

    fn number(&mut self, id: NodeId, text: &str, expected: Option<&Type>) -> Typed {
        let digits: String = text.chars().filter(|c| *c != '_').collect();
        if digits.contains('.') {
            return Typed::new(Type::Scalar(Scalar::Decimal), Expr::Literal(Literal::Decimal(digits.into())));
        }
        let Ok(value) = digits.parse::<i64>() else {
            return self.bad_literal(id, messages::out_of_range_literal(self.place(id), text, "an int"));
        };
        let expr = Expr::Literal(Literal::Int(value));
        match self.wanted(expected) {
            Some(Type::Scalar(Scalar::Port)) => {
                if !(0..=65_535).contains(&value) {
                    self.report(messages::outside_bounds(self.place(id), text, value > 0, ("0", "65535")));
                }
                Typed::new(Type::Scalar(Scalar::Port), expr)
            }
            Some(Type::Scalar(Scalar::Decimal)) => Typed::new(Type::Scalar(Scalar::Decimal), expr),
            _ => Typed::new(Type::INT, expr),
        }
    }

    pub(super) fn infer_string(
        &mut self,
        id: NodeId,
        parts: &[StringPart],
        expected: Option<&Type>,
    ) -> Typed {
        match parts {
            [] => self.text(id, "", expected),
            [StringPart::Text(text)] => self.text(id, text, expected),
            parts => self.interpolation(parts),
        }
    }

    /// A string without interpolation means what the expected type makes of it.
    fn text(&mut self, id: NodeId, text: &str, expected: Option<&Type>) -> Typed {
        let plain = || Typed::new(Type::STRING, Expr::Literal(Literal::Text(SmolStr::new(text))));
        match self.wanted(expected) {
            Some(Type::Enum(ty)) => match ty.from_wire(text) {
                Some(name) => Typed::new(Type::Enum(ty.clone()), Expr::Literal(Literal::Enum(name.clone()))),
                None => {
                    let alternatives = ty.alternatives.iter().map(|one| one.name.as_str());
                    self.bad_literal(id, messages::no_alternative(self.place(id), text, alternatives))
                }
            },
            Some(Type::Scalar(scalar)) => match scalar {
                Scalar::Bool | Scalar::Int | Scalar::Decimal | Scalar::Regex | Scalar::Selector => plain(),
                Scalar::String => plain(),
                Scalar::Duration => match scalar::duration_text::parse_duration(text).ok() {
                    Some(duration) => {
                        Typed::new(Type::Scalar(scalar), Expr::Literal(Literal::Duration(duration)))
                    }
                    None => self.bad_literal(
                        id,
                        messages::bad_scalar(self.place(id), &format!("\"{text}\" is no length of time: write a number with its unit, such as `90d` or `24h`")),
                    ),
                },
                Scalar::Date | Scalar::Time => match scalar::instant::parse_time(text).ok() {
                    Some(instant) => {
                        Typed::new(Type::Scalar(scalar), Expr::Literal(Literal::Instant(instant)))
                    }
                    None => self.bad_literal(
                        id,
                        messages::bad_scalar(self.place(id), &format!("\"{text}\" is no date or time: write it as `2027-01-31` or `2027-01-31T08:00Z`")),
                    ),
                },
                other => self.scalar_text(id, other, text),
            },
            Some(Type::Union(alternatives)) => {
                let found = alternatives.iter().find_map(|one| {
                    let before = self.diagnostics.len();
                    let typed = self.silently(|checker| checker.text(id, text, Some(one)));
                    self.diagnostics.truncate(before);
                    (!typed.ty.is_error() && crate::types::fits(self.db, &typed.ty, one)).then_some(typed)
                });
                found.unwrap_or_else(plain)
            }
            _ => plain(),
        }
    }

    /// A text that is given to what keeps a secret is one. Tests make theirs up.
    pub(super) fn check_no_secret(&mut self, expr: &ast::Expr, expected: &Type) {
        let ast::ExprKind::String(parts) = &expr.kind else { return };
        let [StringPart::Text(text)] = parts.as_slice() else { return };
        if matches!(expected.required(), Type::Secret(_) | Type::Named(_))
            && matches!(expand(self.db, expected.required()), Type::Secret(_))
            && self.item.keyword(self.db) != "test"
            && iom_stdlib::secrets::is_plain(text)
        {
            let place = self.place(expr.id);
            self.report(messages::secret_written(place, "this field keeps a secret"));
        }
    }

    fn scalar_text(&mut self, id: NodeId, ty: Scalar, text: &str) -> Typed {
        match scalar::validate(ty, text) {
            Ok(()) => Typed::new(Type::Scalar(ty), Expr::Literal(Literal::Scalar(ty, SmolStr::new(text)))),
            Err(reason) => {
                self.report(messages::bad_scalar(self.place(id), &reason));
                Typed::error()
            }
        }
    }

    fn interpolation(&mut self, parts: &[StringPart]) -> Typed {
        let mut lowered = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                StringPart::Text(text) => lowered.push(TextPart::Text(text.clone())),
                StringPart::Expr(expr) => {
                    let typed = self.infer(expr, None);
                    self.check_printable(expr.id, &typed.ty);
                    lowered.push(TextPart::Expr(typed.expr));
                }
            }
        }
        Typed::new(Type::STRING, Expr::Interpolation(lowered))
    }

    fn check_printable(&mut self, id: NodeId, ty: &Type) {
        if matches!(expand(self.db, ty.required()), Type::Secret(_)) {
            self.report(messages::secret_used(self.place(id), "put into a text"));
        } else if ty.is_optional() && !self.prints_absent {
            self.report(messages::optional_operand(self.place(id), ty, "put into a text"));
        }
    }

    /// Holds a literal against the refinements of the type it is given to.
    pub(super) fn check_refinement(&mut self, place: &Place, expr: &Expr, expected: &Type) {
        match expected {
            Type::Optional(inner) => self.check_refinement(place, expr, inner),
            Type::Named(_) => {
                if let Some(item) = match expected {
                    Type::Named(name) => crate::names::definition_of(self.db, name),
                    _ => None,
                } {
                    let ty = crate::signatures::declared_type(self.db, item).clone();
                    if matches!(ty, Type::Refined(..)) {
                        self.check_refinement(place, expr, &ty);
                    }
                }
            }
            Type::Refined(inner, refinement) => {
                self.check_refinement(place, expr, inner);
                self.check_one_refinement(place, expr, refinement);
            }
            _ => {}
        }
    }

    fn check_one_refinement(&mut self, place: &Place, expr: &Expr, refinement: &Refinement) {
        match (refinement, expr) {
            (Refinement::Range { low, high }, Expr::Literal(value)) => {
                let below = low.as_ref().is_some_and(|low| less(value, low));
                let above = high.as_ref().is_some_and(|high| match high {
                    Expr::Literal(high) => less(high, &Expr::Literal(value.clone())),
                    _ => false,
                });
                if below || above {
                    let bound = |end: &Option<Expr>| end.as_ref().map(value_in_words).unwrap_or_default();
                    let bounds = (bound(low), bound(high));
                    let found = value_in_words(expr);
                    self.report(messages::outside_bounds(
                        place.clone(),
                        &found,
                        above,
                        (&bounds.0, &bounds.1),
                    ));
                }
            }
            (Refinement::Matching(pattern), Expr::Literal(Literal::Text(text)))
                if !pattern::matches(pattern, text) =>
            {
                self.report(messages::does_not_match(place.clone(), text, pattern));
            }
            (Refinement::Size { low, high }, Expr::List { items, .. } | Expr::Set(items)) => {
                let size = items.len() as u64;
                self.check_written_size(place, size, &format!("a list of {size}"), (*low, *high));
            }
            (Refinement::Size { low, high }, Expr::Literal(Literal::Text(text))) => {
                let size = text.chars().count() as u64;
                self.check_written_size(place, size, &format!("a text of {size} characters"), (*low, *high));
            }
            (Refinement::Where { condition, .. }, value)
                if constant::holds(condition, value) == Some(false) =>
            {
                self.report(messages::condition_not_met(place.clone()));
            }
            _ => {}
        }
    }

    /// A size that was written out, against the least and the most there may be.
    fn check_written_size(
        &mut self,
        place: &Place,
        size: u64,
        found: &str,
        (low, high): (Option<u64>, Option<u64>),
    ) {
        let is_above = high.is_some_and(|high| size > high);
        if is_above || low.is_some_and(|low| size < low) {
            let bound = |end: Option<u64>| end.map_or_else(|| "any number".to_owned(), |end| end.to_string());
            let (low, high) = (bound(low), bound(high));
            self.report(messages::outside_bounds(place.clone(), found, is_above, (&low, &high)));
        }
    }
}

fn less(a: &Literal, b: &Expr) -> bool {
    let Expr::Literal(b) = b else { return false };
    !matches!(a, Literal::Text(_)) && constant::order(a, b) == Some(std::cmp::Ordering::Less)
}
