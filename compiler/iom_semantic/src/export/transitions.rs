//! What kinds say of the steps that their fields may take, as a policy: `std.model.transition` is judged like any other, with
//! a rule for each kind.

use iom_model::{
    Builtin, CompareOp, Comparison, Expr, FieldOwner, IsTest, KindDefinition, Literal, Local, Model, Nominal,
    Require, Rule, Step, TextPart, Transition,
};
use smol_str::{SmolStr, format_smolstr};

/// The policy in the library that the rules are put into.
pub(super) const POLICY: &str = "std.model.transition";
/// How its clauses are called.
const LABEL: &str = "steps";

const SUBJECT: Local = Local(0);
const BEFORE: Local = Local(1);

/// Replaces the rules of the policy by those that the kinds state. Without any there is nothing to judge.
pub(super) fn put_in(model: &mut Model) {
    let Some(policy) = model.policies.get_mut(POLICY) else { return };
    policy.rules.clear();
    let mut clause = 0;
    for kind in model.kinds.values().filter(|kind| !kind.transitions.is_empty()) {
        let mut steps =
            vec![Step::Let { local: BEFORE, value: builtin(Builtin::Before, Expr::Local(SUBJECT)) }];
        for transition in &kind.transitions {
            steps.push(Step::Require(require(kind, transition, clause)));
            clause += 1;
        }
        policy.rules.push(Rule {
            aliases: Vec::new(),
            subject: SUBJECT,
            parameters: Vec::new(),
            population: Nominal::Kind(kind.name.clone()),
            by: None,
            filter: None,
            steps,
            locals: 2,
        });
    }
    if policy.rules.is_empty() {
        model.policies.shift_remove(POLICY);
    }
}

fn require(kind: &KindDefinition, transition: &Transition, clause: u32) -> Require {
    let name = &transition.field;
    let field = |of: Local| Expr::Field {
        base: Box::new(Expr::Local(of)),
        name: name.clone(),
        owner: FieldOwner::Element(Nominal::Kind(kind.name.clone())),
    };
    let mut condition = is_absent(Expr::Local(BEFORE));
    let is_optional = kind.fields.iter().any(|field| field.name == *name && field.ty.is_optional());
    if is_optional {
        // What was never said, or is left to the provider, is no step.
        condition = or(or(condition, is_absent(field(BEFORE))), is_absent(field(SUBJECT)));
    }
    condition = or(condition, equal(field(BEFORE), field(SUBJECT)));
    for (from, to) in &transition.steps {
        let step = Expr::And(
            Box::new(equal(field(BEFORE), Expr::Literal(Literal::Enum(from.clone())))),
            Box::new(equal(field(SUBJECT), Expr::Literal(Literal::Enum(to.clone())))),
        );
        condition = or(condition, step);
    }
    let steps: Vec<String> = transition.steps.iter().map(|(from, to)| format!("{from} => {to}")).collect();
    let source = format_smolstr!("transition {name}: [{}]", steps.join(", "));
    let message = Expr::Interpolation(vec![
        TextPart::Expr(Expr::Local(SUBJECT)),
        TextPart::Text(format_smolstr!(": {name} goes from ")),
        TextPart::Expr(field(BEFORE)),
        TextPart::Text(" to ".into()),
        TextPart::Expr(field(SUBJECT)),
        TextPart::Text(format_smolstr!(", which is no step of {}", kind.name)),
    ]);
    Require {
        clause,
        label: Some(LABEL.into()),
        aliases: Vec::new(),
        location: transition.location.clone(),
        condition,
        witness: None,
        after: Vec::new(),
        at: None,
        message: Some(message),
        fix: Vec::new(),
        fix_of: None,
        source,
        fix_source: None,
    }
}

fn builtin(function: Builtin, argument: Expr) -> Expr {
    Expr::Builtin { function, arguments: vec![argument] }
}

fn or(left: Expr, right: Expr) -> Expr {
    Expr::Or(Box::new(left), Box::new(right))
}

fn equal(left: Expr, right: Expr) -> Expr {
    Expr::Compare {
        op: CompareOp::Equal,
        left: Box::new(left),
        right: Box::new(right),
        semantics: Comparison::Natural,
    }
}

fn is_absent(value: Expr) -> Expr {
    Expr::Is { value: Box::new(value), test: IsTest::Absent, negated: false }
}

/// Whether the policy is to be in the model although nobody names it.
pub(super) fn is_stated<'l>(lowered: impl Iterator<Item = &'l crate::check::Lowered>) -> Option<SmolStr> {
    let mut kinds = lowered.filter_map(|lowered| match lowered {
        crate::check::Lowered::Kind(kind) => Some(kind),
        _ => None,
    });
    kinds.any(|kind| !kind.transitions.is_empty()).then(|| POLICY.into())
}
