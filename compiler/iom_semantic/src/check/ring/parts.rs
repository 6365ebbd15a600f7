use iom_syntax::ast::{self, Body, ClauseKind, DeclarationKind, FieldValueHead, Member};
use smol_str::SmolStr;

/// The names of a blueprint's resources and `let`s.
pub(super) fn names(body: &Body) -> impl Iterator<Item = SmolStr> {
    let named = |member: &Member| match member {
        Member::Declaration(inner) => inner.name().map(|name| name.text.clone()),
        _ => match member.clause_kind()? {
            ClauseKind::Let { name, .. } => Some(name.text.clone()),
            _ => None,
        },
    };
    let built = body.members.iter().filter_map(|member| match member.clause_kind()? {
        ClauseKind::Build { body, .. } => Some(body),
        _ => None,
    });
    body.members.iter().chain(built.flat_map(|body| &body.members)).filter_map(named)
}

/// Every expression that stands in a blueprint, not those inside them.
pub(super) fn for_each_expression<'a>(body: &'a Body, visit: &mut dyn FnMut(&'a ast::Expr)) {
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        for member in &body.members {
            match member {
                Member::Field(field) => {
                    if let FieldValueHead::Expr(expr) = &field.value.head {
                        visit(expr);
                    }
                }
                Member::TypeField(_) => {}
                Member::Declaration(inner) => {
                    if let DeclarationKind::Resource(resource) = &inner.kind {
                        resource.each.iter().for_each(|each| visit(&each.source));
                        match &resource.value {
                            ast::ResourceValue::Body(body) => bodies.push(body),
                            ast::ResourceValue::Expr(expr) => visit(expr),
                        }
                    }
                }
                Member::Clause(clause) => bodies.extend(of_clause(&clause.kind, visit)),
            }
        }
    }
}

/// Visits what a clause says, and gives its body.
fn of_clause<'a>(clause: &'a ClauseKind, visit: &mut dyn FnMut(&'a ast::Expr)) -> Option<&'a Body> {
    match clause {
        ClauseKind::Let { value, .. } => visit(value),
        ClauseKind::Require(require) => {
            visit(&require.condition);
            require.at.iter().chain(&require.message).for_each(visit);
        }
        ClauseKind::For { binder, body } => {
            match binder {
                ast::Binder::In(binder) => visit(&binder.source),
                ast::Binder::Kind(binder) => binder.filter.iter().for_each(visit),
            }
            return Some(body);
        }
        ClauseKind::Judges { binder, body } => {
            binder.filter.iter().for_each(visit);
            return Some(body);
        }
        ClauseKind::Build { body, .. } => return Some(body),
        _ => {}
    }
    None
}
