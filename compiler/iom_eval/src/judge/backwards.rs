//! Adapters read backwards: what to write in a source so that a field has a value, in the source's own words.

use std::sync::Arc;

use iom_model::{Adapter, BinaryOp, CompareOp, Expr, FieldOwner, Literal, Local, Model, Pattern, Type};
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::locate::Trail;
use crate::evaluate::Evaluator;
use crate::explain::Segment;
use crate::facts::Origin;
use crate::report::SourceChange;
use crate::value::Value;

/// Expressions inside one another.
const MAX_DEPTH: u32 = 48;
/// What adapters call the source's object.
const OBJECT: Local = Local(0);

/// What to change in the source that the subject comes from; nothing where the adapter cannot be read backwards.
pub(super) fn changes(
    evaluator: &mut Evaluator<'_>,
    trail: &Trail,
    path: &[Segment],
    value: &Value,
) -> Vec<SourceChange> {
    let estate = evaluator.estate;
    let element = estate.element(trail.element);
    let Origin::Imported { adapter, .. } = &element.origin else { return Vec::new() };
    let kind = estate.program.kind(element.kind);
    let Some(definition) = estate.program.model.kinds.get(&kind.name) else { return Vec::new() };
    let number = kind.adapters.iter().position(|own| own == adapter);
    let Some(adapter) = number.and_then(|number| definition.adapters.get(number)) else { return Vec::new() };
    let Some(wanted) = plain(evaluator, value) else { return Vec::new() };
    let mut leaves = Vec::new();
    spread(path.to_vec(), wanted, &mut leaves);
    let backwards = Backwards { model: &estate.program.model, adapter };
    let place = evaluator.place_in_source(trail).or_else(|| estate.element_place(trail.element));
    let all: Option<Vec<SourceChange>> = leaves
        .iter()
        .map(|(path, wanted)| {
            let written = backwards.field(path, wanted)?;
            let of = adapter.parts.iter().find(|part| part.local == written.root);
            let is_own = written.root == OBJECT;
            let location = place.clone().filter(|_| is_own);
            let text = words(&adapter.format, &written.path, &written.value)?;
            Some(SourceChange { text: text.into(), of: of.map(|part| part.source_type.clone()), location })
        })
        .collect();
    all.unwrap_or_default()
}

/// A value that means the same in every source.
fn plain(evaluator: &mut Evaluator<'_>, value: &Value) -> Option<Json> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Made(_) => {
            Some(evaluator.estate.json(value))
        }
        Value::List(list) | Value::Set(list) if list.is_complete() => list
            .items
            .iter()
            .map(|item| plain(evaluator, item))
            .collect::<Option<Vec<Json>>>()
            .map(Json::Array),
        Value::Record(record) => {
            let fields = record.fields.iter().map(|(name, value)| {
                Some((evaluator.estate.strings.resolve(name).to_owned(), plain(evaluator, value)?))
            });
            fields.collect::<Option<serde_json::Map<_, _>>>().map(Json::Object)
        }
        _ => None,
    }
}

/// The fields of a record one by one.
fn spread(path: Vec<Segment>, wanted: Json, leaves: &mut Vec<(Vec<Segment>, Json)>) {
    match wanted {
        Json::Object(fields) => {
            for (name, value) in fields {
                let mut inner = path.clone();
                inner.push(Segment::Name(name));
                spread(inner, value, leaves);
            }
        }
        other => leaves.push((path, other)),
    }
}

/// A place in a source, and what is to stand there.
struct Written {
    /// The object, or a part of it that lives in another one.
    root: Local,
    path: Vec<Segment>,
    value: Json,
}

/// What locals of shapes stand for, innermost last: from a root along a path.
type Scope = Option<Arc<Bound>>;

struct Bound {
    local: Local,
    place: (Local, Vec<Segment>),
    outside: Scope,
}

struct Backwards<'m> {
    model: &'m Model,
    adapter: &'m Adapter,
}

impl Backwards<'_> {
    fn field(&self, path: &[Segment], wanted: &Json) -> Option<Written> {
        let (Segment::Name(name), rest) = path.split_first()? else { return None };
        let (_, value) = self.adapter.fields.iter().find(|(field, _)| field == name)?;
        self.solve(value, rest, wanted, &None, 0)
    }

    /// What makes the value that an expression has, at the end of the path, the one that is wanted.
    fn solve(
        &self,
        expr: &Expr,
        path: &[Segment],
        wanted: &Json,
        scope: &Scope,
        depth: u32,
    ) -> Option<Written> {
        if depth > MAX_DEPTH {
            return None;
        }
        let next = |expr: &Expr, wanted: &Json| self.solve(expr, path, wanted, scope, depth + 1);
        match (expr, wanted) {
            (Expr::Local(_) | Expr::Field { .. } | Expr::Index { .. }, _) if path.is_empty() => {
                let (root, path) = self.place(expr, scope, depth)?;
                Some(Written { root, path, value: wanted.clone() })
            }
            (Expr::Convert { value, to }, _) => next(value, &self.on_the_wire(to, wanted)),
            (Expr::Coalesce(left, right), _) => next(left, wanted).or_else(|| next(right, wanted)),
            (Expr::If { then, otherwise, .. }, _) => next(otherwise, wanted).or_else(|| next(then, wanted)),
            (Expr::Not(inner), Json::Bool(wanted)) => next(inner, &Json::Bool(!wanted)),
            (Expr::Or(left, right), Json::Bool(true)) | (Expr::And(left, right), Json::Bool(false)) => {
                next(left, wanted).or_else(|| next(right, wanted))
            }
            (Expr::Compare { op, left, right, .. }, Json::Bool(holds)) => {
                let other = literal(right)?;
                match (op, holds, other) {
                    (CompareOp::Equal, true, other) | (CompareOp::NotEqual, false, other) => {
                        next(left, &other)
                    }
                    (CompareOp::Equal | CompareOp::NotEqual, _, Json::Bool(other)) => {
                        next(left, &Json::Bool(!other))
                    }
                    _ => None,
                }
            }
            (Expr::Match { scrutinee, arms }, _) if path.is_empty() => {
                let arm = arms.iter().find(|arm| literal(&arm.value).as_ref() == Some(wanted))?;
                let pattern = arm.patterns.iter().find_map(|pattern| match pattern {
                    Pattern::Literal(value) => plain_literal(value),
                    _ => None,
                })?;
                next(scrutinee, &pattern)
            }
            (Expr::Reshape { value, local, record, .. }, _) => {
                let place = self.place(value, scope, depth)?;
                let scope = Some(Arc::new(Bound { local: *local, place, outside: scope.clone() }));
                self.solve(record, path, wanted, &scope, depth + 1)
            }
            (Expr::Let { local, value, body }, _) => {
                let scope = match self.place(value, scope, depth) {
                    Some(place) => Some(Arc::new(Bound { local: *local, place, outside: scope.clone() })),
                    None => scope.clone(),
                };
                self.solve(body, path, wanted, &scope, depth + 1)
            }
            (Expr::Record(fields), _) => {
                let (Segment::Name(name), rest) = path.split_first()? else { return None };
                let (_, value) = fields.iter().find(|(field, _)| field == name)?;
                self.solve(value, rest, wanted, scope, depth + 1)
            }
            (Expr::ListComprehension { binders, value }, _) => {
                let ([binder], (Segment::Index(position), rest)) = (binders.as_slice(), path.split_first()?)
                else {
                    return None;
                };
                if binder.filter.is_some() || binder.by.is_some() {
                    return None;
                }
                let (root, mut place) = self.place(&binder.source, scope, depth)?;
                place.push(Segment::Index(*position));
                let bound = Bound { local: binder.local, place: (root, place), outside: scope.clone() };
                self.solve(value, rest, wanted, &Some(Arc::new(bound)), depth + 1)
            }
            _ => None,
        }
    }

    /// Where an expression that only leads somewhere leads to.
    fn place(&self, expr: &Expr, scope: &Scope, depth: u32) -> Option<(Local, Vec<Segment>)> {
        if depth > MAX_DEPTH {
            return None;
        }
        match expr {
            Expr::Local(local) => {
                let mut around = scope;
                while let Some(bound) = around {
                    if bound.local == *local {
                        return Some(bound.place.clone());
                    }
                    around = &bound.outside;
                }
                if let Some((_, value)) = self.adapter.lets.iter().find(|(name, _)| name == local) {
                    return self.place(value, &None, depth + 1);
                }
                let is_part = self.adapter.parts.iter().any(|part| part.local == *local);
                (is_part || *local == OBJECT).then(|| (*local, Vec::new()))
            }
            Expr::Field { base, name, owner: FieldOwner::Json } => {
                let (root, mut path) = self.place(base, scope, depth + 1)?;
                path.push(Segment::Name(name.to_string()));
                Some((root, path))
            }
            Expr::Index { base, index } => {
                let (root, mut path) = self.place(base, scope, depth + 1)?;
                path.push(match &**index {
                    Expr::Literal(Literal::Int(position)) => Segment::Index(usize::try_from(*position).ok()?),
                    Expr::Literal(Literal::Text(key)) => Segment::Name(key.to_string()),
                    _ => return None,
                });
                Some((root, path))
            }
            Expr::Coalesce(left, _) => self.place(left, scope, depth + 1),
            Expr::Convert { value, .. } | Expr::Reference { value, .. } => {
                self.place(value, scope, depth + 1)
            }
            Expr::Binary { op: BinaryOp::Concat, .. } => None,
            _ => None,
        }
    }

    /// How sources spell an alternative of an enum.
    fn on_the_wire(&self, ty: &Type, wanted: &Json) -> Json {
        let mut ty = ty;
        for _ in 0..MAX_DEPTH {
            ty = match ty {
                Type::Optional(inner) | Type::Refined(inner, _) => inner,
                Type::Named(name) => match self.model.types.get(name) {
                    Some(definition) => &definition.ty,
                    None => break,
                },
                Type::Enum(of) => {
                    let alternative =
                        of.alternatives.iter().find(|one| Some(one.name.as_str()) == wanted.as_str());
                    let wire = alternative.and_then(|one| one.wire.as_ref());
                    return wire.map_or_else(|| wanted.clone(), |wire| Json::from(wire.as_str()));
                }
                _ => break,
            };
        }
        wanted.clone()
    }
}

fn literal(expr: &Expr) -> Option<Json> {
    match expr {
        Expr::Literal(literal) => plain_literal(literal),
        Expr::Convert { value, .. } => literal(value),
        _ => None,
    }
}

fn plain_literal(literal: &Literal) -> Option<Json> {
    match literal {
        Literal::Bool(value) => Some(Json::Bool(*value)),
        Literal::Int(value) => Some(Json::from(*value)),
        Literal::Text(text) | Literal::Enum(text) => Some(Json::from(text.as_str())),
        _ => None,
    }
}

/// `versioning { enabled = true }`, `spec.hostPID: false`
fn words(format: &SmolStr, path: &[Segment], value: &Json) -> Option<String> {
    if format != "terraform" {
        let value = match value {
            Json::String(text) if is_word(text) => text.clone(),
            other => other.to_string(),
        };
        return Some(format!("{}: {value}", crate::explain::path::text(path)));
    }
    let mut out = String::new();
    let mut closing = Vec::new();
    let mut steps = path.iter().peekable();
    while let Some(step) = steps.next() {
        let Segment::Name(name) = step else { return None };
        out.push_str(name);
        // Only of a list there may be blocks.
        if let Some(Segment::Index(position)) = steps.peek() {
            steps.next();
            if *position > 0 {
                out.push_str(&format!("[{position}]"));
            }
            out.push_str(" { ");
            closing.push(" }");
        } else if steps.peek().is_some() {
            out.push_str(" = { ");
            closing.push(" }");
        }
    }
    if closing.len() == path.iter().filter(|step| matches!(step, Segment::Name(_))).count() {
        return None;
    }
    out.push_str(&format!(" = {}", hcl(value)));
    closing.iter().for_each(|end| out.push_str(end));
    Some(out)
}

fn hcl(value: &Json) -> String {
    match value {
        Json::String(text) => {
            // `${` would start a template.
            Json::from(text.replace("${", "$${").replace("%{", "%%{")).to_string()
        }
        Json::Array(items) => format!("[{}]", items.iter().map(hcl).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn is_word(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '/');
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(is_plain)
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        )
}
