//! Which things of a collection can be looked up instead of tried one by one: what a condition says that ties a thing to
//! something that does not depend on it. The spelling does not matter: sides may be swapped, negated twice, hidden in a
//! `let` or a function, or written as a membership.

use crate::{BinaryOp, Binder, Builtin, CompareOp, Comparison, Expr, Literal, Local, Quantifier};

/// How the key of a thing and the probe must relate, or the condition surely does not hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Relation {
    /// `key == probe`
    Equal,
    /// The same for texts without regard to case.
    EqualNocase,
    /// `key in probe`
    OneOf,
    /// `probe in key`
    Has,
    /// `key covers probe`, of addresses.
    Covers,
    /// `key within probe`
    Within,
    /// `key overlaps probe`
    Overlaps,
}

/// What ties a thing to something else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tie {
    pub relation: Relation,
    /// Reads nothing but the thing, which is in slot 0.
    pub key: Expr,
    /// Does not read the thing.
    pub probe: Expr,
}

/// The body of a function by its name.
pub type FunctionBodies<'m> = &'m dyn Fn(&str) -> Option<Expr>;

/// Slots of a function's body are moved here while it is looked at, out of everybody's way.
const INLINED: u32 = 1 << 20;
/// Functions inside functions, and `let`s inside `let`s.
const MAX_DEPTH: u32 = 8;
/// Larger conditions are not taken apart after something was put in.
const MAX_NODES: usize = 2_000;

/// The ties of a binder: of its conditions, of a `where` around its collection, and of the body of a quantifier.
pub fn ties_of_binder(
    binder: &Binder,
    quantified: Option<(Quantifier, &Expr)>,
    functions: FunctionBodies<'_>,
) -> Vec<Tie> {
    if binder.by.is_some() || binder.second.is_some() {
        return Vec::new();
    }
    let (_, flattened) = binder.source.flattened();
    let mut names = vec![binder.local];
    names.extend(flattened.iter().map(|(local, _)| *local));
    let mut search = Search { names: &names, inner: Vec::new(), functions, found: Vec::new() };
    for (_, condition) in flattened {
        search.condition(condition, true, 0);
    }
    if let Some(filter) = &binder.filter {
        search.condition(filter, true, 0);
    }
    match quantified {
        // Of `all`, what surely has the property is of no interest.
        Some((Quantifier::All, body)) => search.condition(body, false, 0),
        Some((_, body)) => search.condition(body, true, 0),
        None => {}
    }
    search.found
}

/// The ties of a thing that must meet a condition.
pub fn ties_of_condition(condition: &Expr, local: Local, functions: FunctionBodies<'_>) -> Vec<Tie> {
    let mut search = Search { names: &[local], inner: Vec::new(), functions, found: Vec::new() };
    search.condition(condition, true, 0);
    search.found
}

impl Expr {
    /// What `where`s stand around, and their conditions, the innermost first.
    pub fn flattened(&self) -> (&Expr, Vec<(Local, &Expr)>) {
        match self {
            Expr::Filter { source, local, condition } => {
                let (source, mut conditions) = source.flattened();
                conditions.push((*local, condition));
                (source, conditions)
            }
            other => (other, Vec::new()),
        }
    }

    /// Whether the expression reads no slot but those that it fills itself.
    pub fn is_closed(&self) -> bool {
        self.reads_only(&[])
    }

    /// Whether the expression reads no slots but these and those that it fills itself.
    pub fn reads_only(&self, locals: &[Local]) -> bool {
        let mut read = Vec::new();
        let mut filled = locals.to_vec();
        self.walk(&mut |part| match part {
            Expr::Local(local) => read.push(*local),
            other => other.for_each_binding(&mut |local| filled.push(local)),
        });
        read.iter().all(|local| filled.contains(local))
    }

    /// Whether a slot is read.
    pub fn mentions(&self, local: Local) -> bool {
        let mut found = false;
        self.walk(&mut |part| found |= *part == Expr::Local(local));
        found
    }
}

struct Search<'s> {
    /// The slots that hold the thing.
    names: &'s [Local],
    /// Slots that are filled inside the condition.
    inner: Vec<Local>,
    functions: FunctionBodies<'s>,
    found: Vec<Tie>,
}

impl Search<'_> {
    /// Finds what must be so for a condition not to be surely the opposite of what is wanted.
    fn condition(&mut self, condition: &Expr, wanted: bool, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        match condition {
            Expr::And(left, right) if wanted => self.both(left, right, wanted, depth),
            Expr::Or(left, right) if !wanted => self.both(left, right, wanted, depth),
            Expr::Not(inner) => self.condition(inner, !wanted, depth),
            Expr::Compare { op, left, right, semantics } => {
                let is_equality = match op {
                    CompareOp::Equal => wanted,
                    CompareOp::NotEqual => !wanted,
                    _ => false,
                };
                if is_equality {
                    let relation = match semantics {
                        Comparison::Nocase => Relation::EqualNocase,
                        Comparison::Natural | Comparison::Ordered(_) => Relation::Equal,
                    };
                    self.pair(left, right, relation, relation);
                }
            }
            Expr::Binary { op, left, right } if wanted => match op {
                BinaryOp::In => self.pair(left, right, Relation::OneOf, Relation::Has),
                BinaryOp::Contains => self.pair(left, right, Relation::Has, Relation::OneOf),
                BinaryOp::Covers => self.pair(left, right, Relation::Covers, Relation::Within),
                BinaryOp::Within => self.pair(left, right, Relation::Within, Relation::Covers),
                BinaryOp::Overlaps => self.pair(left, right, Relation::Overlaps, Relation::Overlaps),
                _ => {}
            },
            Expr::If { condition, then, otherwise } => {
                if **otherwise == Expr::Literal(Literal::Bool(!wanted)) {
                    self.condition(condition, true, depth + 1);
                    self.condition(then, wanted, depth + 1);
                } else if **then == Expr::Literal(Literal::Bool(!wanted)) {
                    self.condition(condition, false, depth + 1);
                    self.condition(otherwise, wanted, depth + 1);
                }
            }
            Expr::Let { local, value, body } => {
                let mut body = (**body).clone();
                body.replace_local(*local, value);
                self.rewritten(&body, wanted, depth);
            }
            Expr::Call { function, arguments } => {
                if let Some(mut body) = (self.functions)(function) {
                    body.shift_locals(INLINED);
                    for (position, argument) in arguments.iter().enumerate() {
                        body.replace_local(Local(INLINED + position as u32), argument);
                    }
                    self.rewritten(&body, wanted, depth);
                }
            }
            Expr::Quantifier { quantifier, binder, body } => {
                let asks = match quantifier {
                    Quantifier::Any => wanted,
                    Quantifier::None => !wanted,
                    Quantifier::All => false,
                };
                if asks && binder.filter.is_none() && binder.by.is_none() && binder.second.is_none() {
                    self.membership(binder.local, &binder.source, body);
                }
            }
            _ => {}
        }
    }

    fn both(&mut self, left: &Expr, right: &Expr, wanted: bool, depth: u32) {
        self.condition(left, wanted, depth);
        self.condition(right, wanted, depth);
    }

    fn rewritten(&mut self, condition: &Expr, wanted: bool, depth: u32) {
        if condition.node_count() <= MAX_NODES {
            self.condition(condition, wanted, depth + 1);
        }
    }

    /// `any t in xs: t == y` is `y in xs`.
    fn membership(&mut self, item: Local, collection: &Expr, body: &Expr) {
        match body {
            Expr::And(left, right) => {
                self.membership(item, collection, left);
                self.membership(item, collection, right);
            }
            Expr::Compare { op: CompareOp::Equal, left, right, semantics: Comparison::Natural } => {
                self.inner.push(item);
                for (one, other) in [(left, right), (right, left)] {
                    if **one == Expr::Local(item) {
                        self.pair(other, collection, Relation::OneOf, Relation::Has);
                    }
                }
                self.inner.pop();
            }
            _ => {}
        }
    }

    /// One side is a key and the other a probe: `relation` where the left is the key, `reversed` where the right is.
    fn pair(&mut self, left: &Expr, right: &Expr, relation: Relation, reversed: Relation) {
        for (key, probe, relation) in [(left, right, relation), (right, left, reversed)] {
            if let Some(key) = self.key(key)
                && self.is_probe(probe)
            {
                self.found.push(Tie { relation, key, probe: probe.clone() });
                return;
            }
        }
    }

    /// An expression over the thing alone, which is put into slot 0.
    fn key(&self, expr: &Expr) -> Option<Expr> {
        let mut reads = false;
        let mut is_simple = true;
        expr.walk(&mut |part| match part {
            Expr::Local(local) if self.names.contains(local) => reads = true,
            Expr::Local(_) | Expr::Context(_) | Expr::Inherited | Expr::Population(_) => is_simple = false,
            Expr::Builtin { function, .. } => is_simple &= !function.follows_references(),
            other => other.for_each_binding(&mut |_| is_simple = false),
        });
        if !reads || !is_simple {
            return None;
        }
        let mut key = expr.clone();
        for name in self.names {
            key.replace_local(*name, &Expr::Local(Local(0)));
        }
        Some(key)
    }

    fn is_probe(&self, expr: &Expr) -> bool {
        let mut is_free = true;
        expr.walk(&mut |part| {
            if let Expr::Local(local) = part {
                is_free &= local.0 < INLINED && !self.names.contains(local) && !self.inner.contains(local);
            }
            part.for_each_binding(&mut |local| is_free &= local.0 < INLINED);
        });
        is_free
    }
}

impl Builtin {
    /// Whether the answer depends on the references of the whole world.
    pub fn follows_references(self) -> bool {
        matches!(
            self,
            Builtin::Upstream | Builtin::Downstream | Builtin::Path | Builtin::Reaches | Builtin::Referrers
        )
    }
}
