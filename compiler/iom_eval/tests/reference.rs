//! Random conditions, evaluated by the engine and by a small evaluator that shares nothing with it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::sync::Arc;

use iom_eval::testing::{TestOptions, run_tests};
use iom_model::{
    Arm, BinaryOp, Binder, Builtin, CompareOp, Comparison, Expectation, ExpectationKind, Expr, IsTest,
    Literal, Local, Location, Model, Pattern, Quantifier, Test, TextPart,
};
use proptest::prelude::*;

/// What the small evaluator knows of values.
#[derive(Clone, PartialEq, Debug)]
enum V {
    Absent,
    Unknown,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<V>),
    /// Entries, and whether there may be more.
    Map(Vec<(String, V)>, bool),
}

/// Random expressions from a seed, with types kept apart so that they are what a checker would let through.
struct Maker {
    state: u64,
    locals: u32,
    /// Slots that hold a number.
    numbers: Vec<u32>,
}

impl Maker {
    fn pick(&mut self, count: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % count
    }

    fn local(&mut self) -> u32 {
        self.locals += 1;
        self.locals - 1
    }

    fn boxed(&mut self, depth: u32) -> Box<Expr> {
        Box::new(self.condition(depth))
    }

    fn condition(&mut self, depth: u32) -> Expr {
        if depth == 0 {
            return match self.pick(4) {
                0 => Expr::Literal(Literal::Unknown),
                1 => Expr::Literal(Literal::Bool(false)),
                _ => Expr::Literal(Literal::Bool(true)),
            };
        }
        let next = depth - 1;
        match self.pick(14) {
            0 => Expr::And(self.boxed(next), self.boxed(next)),
            1 => Expr::Or(self.boxed(next), self.boxed(next)),
            2 => Expr::Not(self.boxed(next)),
            3 | 4 => {
                // Order is for values that are there.
                let op = [CompareOp::Equal, CompareOp::NotEqual, CompareOp::Less, CompareOp::GreaterEqual]
                    [self.pick(4) as usize];
                let is_order = matches!(op, CompareOp::Less | CompareOp::GreaterEqual);
                let mut side = || if is_order { self.present(next) } else { self.number(next) };
                let (left, right) = (Box::new(side()), Box::new(side()));
                Expr::Compare { op, left, right, semantics: Comparison::Natural }
            }
            5 => {
                let test = [IsTest::Present, IsTest::Absent, IsTest::Known, IsTest::Unknown]
                    [self.pick(4) as usize]
                    .clone();
                let negated = self.pick(2) == 0;
                Expr::Is { value: Box::new(self.number(next)), test, negated }
            }
            6 | 7 => {
                let quantifier = [Quantifier::All, Quantifier::Any, Quantifier::None][self.pick(3) as usize];
                let binder = self.binder(next);
                let body = self.boxed(next);
                self.numbers.pop();
                Expr::Quantifier { quantifier, binder: Box::new(binder), body }
            }
            8 => Expr::Binary {
                op: BinaryOp::In,
                left: Box::new(self.present(next)),
                right: Box::new(self.list(next)),
            },
            9 => {
                Expr::If { condition: self.boxed(next), then: self.boxed(next), otherwise: self.boxed(next) }
            }
            11 | 12 => {
                let op = [CompareOp::Equal, CompareOp::NotEqual, CompareOp::Less][self.pick(3) as usize];
                let (left, right) = (Box::new(self.text(next)), Box::new(self.text(next)));
                Expr::Compare { op, left, right, semantics: Comparison::Natural }
            }
            13 => Expr::Binary {
                op: BinaryOp::Contains,
                left: Box::new(self.joined(next)),
                right: Box::new(self.present(next)),
            },
            _ => {
                // A size that may be an interval.
                let list = self.comprehension(next);
                let op = [CompareOp::Equal, CompareOp::Less, CompareOp::GreaterEqual][self.pick(3) as usize];
                let size = Expr::Builtin { function: Builtin::Size, arguments: vec![list] };
                let bound = Expr::Literal(Literal::Int(self.pick(4) as i64));
                Expr::Compare {
                    op,
                    left: Box::new(size),
                    right: Box::new(bound),
                    semantics: Comparison::Natural,
                }
            }
        }
    }

    fn binder(&mut self, depth: u32) -> Binder {
        let source = self.list(depth);
        let local = self.local();
        self.numbers.push(local);
        let filter = (self.pick(2) == 0).then(|| self.condition(depth));
        Binder { local: Local(local), second: None, source, by: None, filter }
    }

    fn comprehension(&mut self, depth: u32) -> Expr {
        let binder = self.binder(depth);
        let value = Box::new(self.number(depth));
        self.numbers.pop();
        Expr::ListComprehension { binders: vec![binder], value }
    }

    fn list(&mut self, depth: u32) -> Expr {
        let items = (0..self.pick(4)).map(|_| self.present(depth.min(1))).collect();
        Expr::List { items, drops_absent: false }
    }

    /// Two lists in a row.
    fn joined(&mut self, depth: u32) -> Expr {
        let (left, right) = (Box::new(self.list(depth)), Box::new(self.list(depth)));
        Expr::Binary { op: BinaryOp::Concat, left, right }
    }

    fn text(&mut self, depth: u32) -> Expr {
        let literal = |text: &str| Expr::Literal(Literal::Text(text.into()));
        if depth == 0 {
            return match self.pick(6) {
                0 => Expr::Literal(Literal::Unknown),
                1 => literal(""),
                2 | 3 => literal("a"),
                4 => literal("b"),
                _ => literal("aé"),
            };
        }
        let next = depth - 1;
        match self.pick(4) {
            0 => {
                let (left, right) = (Box::new(self.text(next)), Box::new(self.text(next)));
                Expr::Binary { op: BinaryOp::Concat, left, right }
            }
            1 => {
                let parts = (0..self.pick(4)).map(|number| match number % 2 {
                    0 => TextPart::Expr(if self.pick(2) == 0 { self.text(next) } else { self.present(next) }),
                    _ => TextPart::Text("-".into()),
                });
                Expr::Interpolation(parts.collect())
            }
            2 => Expr::If {
                condition: self.boxed(next),
                then: Box::new(self.text(next)),
                otherwise: Box::new(self.text(next)),
            },
            _ => self.text(0),
        }
    }

    /// A number out of a map, if it is in it.
    fn looked_up(&mut self, depth: u32) -> Expr {
        let entries = (0..self.pick(4)).map(|_| (self.text(depth.min(1)), self.number(depth))).collect();
        Expr::Index { base: Box::new(Expr::Map(entries)), index: Box::new(self.text(depth.min(1))) }
    }

    /// A number that is not absent.
    fn present(&mut self, depth: u32) -> Expr {
        let number = self.number(depth);
        let otherwise = Expr::Literal(Literal::Int(self.pick(5) as i64));
        Expr::Coalesce(Box::new(number), Box::new(otherwise))
    }

    fn number(&mut self, depth: u32) -> Expr {
        if depth == 0 || self.pick(4) == 0 {
            return match self.pick(8) {
                0 => Expr::Literal(Literal::Unknown),
                1 => Expr::Literal(Literal::Absent),
                2 | 3 if !self.numbers.is_empty() => {
                    let position = self.pick(self.numbers.len() as u64) as usize;
                    Expr::Local(Local(self.numbers[position]))
                }
                other => Expr::Literal(Literal::Int(other as i64 - 4)),
            };
        }
        let next = depth - 1;
        match self.pick(9) {
            6 => self.looked_up(next),
            7 => {
                let function = [Builtin::Sum, Builtin::Min, Builtin::Max][self.pick(3) as usize];
                Expr::Builtin { function, arguments: vec![self.joined(next)] }
            }
            8 => Expr::Negate(Box::new(self.present(next))),
            0 => {
                let op = [BinaryOp::Add, BinaryOp::Subtract, BinaryOp::Multiply][self.pick(3) as usize];
                Expr::Binary { op, left: Box::new(self.present(next)), right: Box::new(self.present(next)) }
            }
            1 => Expr::Coalesce(Box::new(self.number(next)), Box::new(self.number(next))),
            2 => Expr::If {
                condition: self.boxed(next),
                then: Box::new(self.number(next)),
                otherwise: Box::new(self.number(next)),
            },
            3 => Expr::Index {
                base: Box::new(self.list(next)),
                index: Box::new(Expr::Literal(Literal::Int(self.pick(3) as i64))),
            },
            4 => {
                let scrutinee = Box::new(self.number(next));
                let mut arms = vec![Arm {
                    patterns: vec![Pattern::Literal(Literal::Int(self.pick(3) as i64))],
                    value: self.number(next),
                }];
                if self.pick(2) == 0 {
                    arms.push(Arm { patterns: vec![Pattern::Absent], value: self.number(next) });
                }
                if self.pick(2) == 0 {
                    arms.push(Arm { patterns: vec![Pattern::Unknown], value: self.number(next) });
                }
                arms.push(Arm { patterns: vec![Pattern::Any], value: self.number(next) });
                Expr::Match { scrutinee, arms }
            }
            _ => {
                let value = Box::new(self.number(next));
                let local = self.local();
                self.numbers.push(local);
                let body = Box::new(self.number(next));
                self.numbers.pop();
                Expr::Let { local: Local(local), value, body }
            }
        }
    }
}

/// The small evaluator: the tables of the language, written down once more.
fn evaluate(expr: &Expr, slots: &mut Vec<V>) -> V {
    match expr {
        Expr::Literal(Literal::Absent) => V::Absent,
        Expr::Literal(Literal::Bool(value)) => V::Bool(*value),
        Expr::Literal(Literal::Int(value)) => V::Int(*value),
        Expr::Literal(Literal::Text(text)) => V::Text(text.to_string()),
        Expr::Literal(_) => V::Unknown,
        Expr::Local(local) => slots[local.0 as usize].clone(),
        Expr::And(left, right) => match (evaluate(left, slots), evaluate(right, slots)) {
            (V::Bool(false), _) | (_, V::Bool(false)) => V::Bool(false),
            (V::Bool(true), V::Bool(true)) => V::Bool(true),
            _ => V::Unknown,
        },
        Expr::Or(left, right) => match (evaluate(left, slots), evaluate(right, slots)) {
            (V::Bool(true), _) | (_, V::Bool(true)) => V::Bool(true),
            (V::Bool(false), V::Bool(false)) => V::Bool(false),
            _ => V::Unknown,
        },
        Expr::Not(value) => not(evaluate(value, slots)),
        Expr::Compare { op, left, right, .. } => {
            if let Expr::Builtin { function: Builtin::Size, arguments } = &**left {
                return compare_size(*op, &arguments[0], right, slots);
            }
            match (evaluate(left, slots), evaluate(right, slots)) {
                (V::Unknown, _) | (_, V::Unknown) => V::Unknown,
                (left, right) => V::Bool(compare(*op, &left, &right)),
            }
        }
        Expr::Is { value, test, negated } => {
            let value = evaluate(value, slots);
            let result = match (test, value) {
                (IsTest::Known, value) => V::Bool(value != V::Unknown),
                (IsTest::Unknown, value) => V::Bool(value == V::Unknown),
                (_, V::Unknown) => V::Unknown,
                (IsTest::Present, value) => V::Bool(value != V::Absent),
                (_, value) => V::Bool(value == V::Absent),
            };
            if *negated { not(result) } else { result }
        }
        Expr::Coalesce(left, right) => match evaluate(left, slots) {
            V::Absent => evaluate(right, slots),
            value => value,
        },
        Expr::If { condition, then, otherwise } => match evaluate(condition, slots) {
            V::Bool(true) => evaluate(then, slots),
            V::Bool(false) => evaluate(otherwise, slots),
            _ => match (evaluate(then, slots), evaluate(otherwise, slots)) {
                (then, otherwise) if then == otherwise && then != V::Unknown => then,
                _ => V::Unknown,
            },
        },
        Expr::Let { local, value, body } => {
            slots[local.0 as usize] = evaluate(value, slots);
            evaluate(body, slots)
        }
        Expr::Match { scrutinee, arms } => {
            let value = evaluate(scrutinee, slots);
            for arm in arms {
                let fits = match (&arm.patterns[0], &value) {
                    (Pattern::Absent, value) => *value == V::Absent,
                    (Pattern::Unknown, value) => *value == V::Unknown,
                    (_, V::Absent | V::Unknown) => false,
                    (Pattern::Literal(Literal::Int(wanted)), value) => *value == V::Int(*wanted),
                    _ => true,
                };
                if fits {
                    return evaluate(&arm.value, slots);
                }
            }
            value
        }
        Expr::List { items, .. } => V::List(items.iter().map(|item| evaluate(item, slots)).collect()),
        Expr::Index { base, index } => match (evaluate(base, slots), evaluate(index, slots)) {
            (V::List(items), V::Int(position)) => items.get(position as usize).cloned().unwrap_or(V::Absent),
            (V::Map(entries, is_open), V::Text(key)) => {
                match entries.into_iter().find(|(other, _)| *other == key) {
                    Some((_, value)) => value,
                    None if is_open => V::Unknown,
                    None => V::Absent,
                }
            }
            _ => V::Unknown,
        },
        Expr::Binary { op: BinaryOp::In, left, right } => {
            let (item, list) = (evaluate(left, slots), evaluate(right, slots));
            is_in(&item, list)
        }
        Expr::Binary { op: BinaryOp::Contains, left, right } => {
            let (list, item) = (evaluate(left, slots), evaluate(right, slots));
            is_in(&item, list)
        }
        Expr::Binary { op: BinaryOp::Concat, left, right } => {
            match (evaluate(left, slots), evaluate(right, slots)) {
                (V::Text(left), V::Text(right)) => V::Text(left + &right),
                (V::List(mut left), V::List(right)) => {
                    left.extend(right);
                    V::List(left)
                }
                _ => V::Unknown,
            }
        }
        Expr::Interpolation(parts) => {
            let mut text = String::new();
            let mut is_known = true;
            for part in parts {
                match part {
                    TextPart::Text(part) => text.push_str(part),
                    TextPart::Expr(expr) => match evaluate(expr, slots) {
                        V::Text(part) => text.push_str(&part),
                        V::Int(value) => text.push_str(&value.to_string()),
                        _ => is_known = false,
                    },
                }
            }
            if is_known { V::Text(text) } else { V::Unknown }
        }
        Expr::Map(entries) => {
            let mut known: Vec<(String, V)> = Vec::new();
            let mut is_open = false;
            for (key, value) in entries {
                let (key, value) = (evaluate(key, slots), evaluate(value, slots));
                match key {
                    V::Text(key) => {
                        // Of equal keys the last one wins.
                        known.retain(|(other, _)| *other != key);
                        known.push((key, value));
                    }
                    _ => is_open = true,
                }
            }
            V::Map(known, is_open)
        }
        Expr::Negate(value) => match evaluate(value, slots) {
            V::Int(value) => value.checked_neg().map_or(V::Unknown, V::Int),
            _ => V::Unknown,
        },
        Expr::Builtin { function, arguments } => {
            let V::List(items) = evaluate(&arguments[0], slots) else { panic!() };
            if items.contains(&V::Unknown) {
                return V::Unknown;
            }
            let mut numbers = items.into_iter().map(|item| match item {
                V::Int(value) => value,
                other => panic!("{other:?}"),
            });
            match function {
                Builtin::Sum => numbers
                    .try_fold(0_i64, |total, value| total.checked_add(value))
                    .map_or(V::Unknown, V::Int),
                Builtin::Min => numbers.min().map_or(V::Absent, V::Int),
                _ => numbers.max().map_or(V::Absent, V::Int),
            }
        }
        Expr::Binary { op, left, right } => match (evaluate(left, slots), evaluate(right, slots)) {
            (V::Int(left), V::Int(right)) => match op {
                BinaryOp::Add => left.checked_add(right),
                BinaryOp::Subtract => left.checked_sub(right),
                _ => left.checked_mul(right),
            }
            .map_or(V::Unknown, V::Int),
            _ => V::Unknown,
        },
        Expr::Quantifier { quantifier, binder, body } => {
            let rounds = rounds(binder, body, slots);
            let is_all = *quantifier == Quantifier::All;
            let mut result = V::Bool(is_all);
            for (belongs, holds) in rounds {
                result = if is_all {
                    and(result, or(not(belongs), holds))
                } else {
                    or(result, and(belongs, holds))
                };
            }
            if *quantifier == Quantifier::None { not(result) } else { result }
        }
        other => panic!("{other:?}"),
    }
}

fn is_in(item: &V, list: V) -> V {
    let V::List(items) = list else { panic!() };
    let mut found = V::Bool(false);
    for other in items {
        let equal = match (item, &other) {
            (V::Unknown, _) | (_, V::Unknown) => V::Unknown,
            (item, other) => V::Bool(item == other),
        };
        found = or(found, equal);
    }
    found
}

fn rounds(binder: &Binder, body: &Expr, slots: &mut Vec<V>) -> Vec<(V, V)> {
    let V::List(items) = evaluate(&binder.source, slots) else { panic!() };
    let mut rounds = Vec::new();
    for item in items {
        slots[binder.local.0 as usize] = item;
        let belongs = binder.filter.as_ref().map_or(V::Bool(true), |filter| evaluate(filter, slots));
        if belongs != V::Bool(false) {
            let holds = evaluate(body, slots);
            rounds.push((belongs, holds));
        }
    }
    rounds
}

/// Every size the list may have, and what the comparison says of each.
fn compare_size(op: CompareOp, list: &Expr, bound: &Expr, slots: &mut Vec<V>) -> V {
    let Expr::ListComprehension { binders, value } = list else { panic!() };
    let V::Int(bound) = evaluate(bound, slots) else { panic!() };
    let rounds = rounds(&binders[0], value, slots);
    let sure = rounds.iter().filter(|(belongs, _)| *belongs == V::Bool(true)).count() as i64;
    let answers: Vec<bool> =
        (sure..=rounds.len() as i64).map(|size| compare(op, &V::Int(size), &V::Int(bound))).collect();
    if answers.iter().all(|answer| *answer == answers[0]) { V::Bool(answers[0]) } else { V::Unknown }
}

fn compare(op: CompareOp, left: &V, right: &V) -> bool {
    let order = match (left, right) {
        (V::Int(left), V::Int(right)) => left.cmp(right),
        (V::Text(left), V::Text(right)) => left.cmp(right),
        _ if left == right => std::cmp::Ordering::Equal,
        _ => std::cmp::Ordering::Less,
    };
    match op {
        CompareOp::Equal => left == right,
        CompareOp::NotEqual => left != right,
        CompareOp::Less => order.is_lt(),
        CompareOp::LessEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterEqual => order.is_ge(),
    }
}

fn not(value: V) -> V {
    match value {
        V::Bool(value) => V::Bool(!value),
        _ => V::Unknown,
    }
}

fn and(left: V, right: V) -> V {
    match (left, right) {
        (V::Bool(false), _) | (_, V::Bool(false)) => V::Bool(false),
        (V::Bool(true), V::Bool(true)) => V::Bool(true),
        _ => V::Unknown,
    }
}

fn or(left: V, right: V) -> V {
    not(and(not(left), not(right)))
}

/// What the engine says: conditions of a test are true, false or unknown.
fn by_engine(condition: &Expr, locals: u32) -> V {
    let expectation = Expectation {
        location: Location::default(),
        source: "condition".into(),
        kind: ExpectationKind::Condition {
            value: condition.clone(),
            locals,
            compared: None,
            operands: Vec::new(),
        },
    };
    let test = Test {
        title: "random".to_owned(),
        module: "m".into(),
        location: Location::default(),
        at: None,
        given: Vec::new(),
        sources: Vec::new(),
        expectations: vec![expectation],
    };
    let model = Arc::new(Model { tests: vec![test], ..Model::default() });
    let outcomes = run_tests(
        &model,
        Default::default(),
        &Default::default(),
        &TestOptions {
            at: common::NOW,
            filter: &|_| true,
            read_file: &|_| Err("no files here".to_owned()),
            threads: 1,
        },
    );
    match outcomes[0].failures.first().map(|failure| failure.message.as_str()) {
        None => V::Bool(true),
        Some("it is false") => V::Bool(false),
        Some(_) => V::Unknown,
    }
}

/// How many cases the property is tried on: `IOM_CASES` where that is set.
fn cases(usual: u32) -> u32 {
    std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4000), ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_the_tables(seed in 1_u64..u64::MAX, depth in 1_u32..6) {
        let mut maker = Maker { state: seed, locals: 0, numbers: Vec::new() };
        let condition = maker.condition(depth);
        let mut slots = vec![V::Absent; maker.locals as usize];
        let expected = evaluate(&condition, &mut slots);
        prop_assert_eq!(by_engine(&condition, maker.locals), expected, "{:#?}", condition);
    }
}
