//! Parametric policies with their parameters put in.

use crate::{Expr, Literal, Local, Policy, Step};

impl Policy {
    /// The policy with a value for each of its parameters, in their order. A value that is missing leaves the slot as it
    /// is, which reads as unknown.
    pub fn with_arguments(&self, values: &[Expr]) -> Policy {
        let mut policy = self.clone();
        for rule in &mut policy.rules {
            let slots = rule.parameters.clone();
            let mut put_in = |expr: &mut Expr| put_in(expr, &slots, values);
            rule.by.iter_mut().for_each(|by| put_in(&mut by.key));
            rule.filter.iter_mut().for_each(&mut put_in);
            for_each_expr(&mut rule.steps, &mut put_in);
        }
        policy.is_parametric = false;
        policy
    }
}

fn put_in(expr: &mut Expr, slots: &[Local], values: &[Expr]) {
    if let Expr::Local(local) = expr {
        if let Some(value) = slots.iter().position(|slot| slot == local).and_then(|index| values.get(index)) {
            *expr = value.clone();
        }
        return;
    }
    expr.for_each_child_mut(&mut |child| put_in(child, slots, values));
}

/// Every expression of the steps, each as a whole.
fn for_each_expr(steps: &mut [Step], visit: &mut dyn FnMut(&mut Expr)) {
    for step in steps {
        match step {
            Step::Let { value, .. } => visit(value),
            Step::For { binder, steps, .. } => {
                binder.for_each_child_mut(visit);
                for_each_expr(steps, visit);
            }
            Step::Require(require) => {
                visit(&mut require.condition);
                require.at.iter_mut().chain(&mut require.message).for_each(&mut *visit);
                require.fix.iter_mut().for_each(|(_, value)| visit(value));
            }
        }
    }
}

/// A constant as reports write it: `["registry.example"]`, `{443, 8443}`, `prod`. Two that mean the same may be written
/// in two ways; two that are written alike are the same.
pub fn constant_text(expr: &Expr) -> String {
    let mut text = String::new();
    write_constant(expr, &mut text);
    if text.chars().count() > LONGEST {
        let shown: String = text.chars().take(LONGEST).collect();
        text = format!("{shown}.. ({})", short_digest(expr));
    }
    text
}

/// Characters of a constant before it is cut; the hash beside it tells two long ones apart.
const LONGEST: usize = 120;

fn short_digest(expr: &Expr) -> String {
    let mut digest = crate::digest(expr);
    digest.truncate(8);
    digest
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Absent => "absent".to_owned(),
        Literal::Unknown => "unknown".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal(text) | Literal::Enum(text) => text.to_string(),
        Literal::Text(text) | Literal::Scalar(_, text) => format!("{text:?}"),
        Literal::Duration(duration) => duration.to_string(),
        Literal::Size(bytes) => format!("{bytes}B"),
        Literal::Instant(seconds) => crate::scalar::instant::format_time(*seconds),
    }
}

fn write_constant(expr: &Expr, out: &mut String) {
    match expr {
        Expr::Literal(literal) => out.push_str(&literal_text(literal)),
        Expr::Global(name) | Expr::Resource(name) => out.push_str(name),
        Expr::List { items, .. } => listed(items, "[", "]", out),
        Expr::Set(items) => listed(items, "{", "}", out),
        Expr::Negate(value) => {
            out.push('-');
            write_constant(value, out);
        }
        Expr::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_constant(key, out);
                out.push_str(": ");
                write_constant(value, out);
            }
            out.push('}');
        }
        Expr::Record(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(name);
                out.push_str(": ");
                write_constant(value, out);
            }
            out.push('}');
        }
        // What is computed has no short form that says it all; its hash tells two of them apart.
        other => {
            out.push_str("computed ");
            out.push_str(&short_digest(other));
        }
    }
}

fn listed(items: &[Expr], open: &str, close: &str, out: &mut String) {
    out.push_str(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        write_constant(item, out);
    }
    out.push_str(close);
}
