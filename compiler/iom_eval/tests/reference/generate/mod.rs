//! Random programs and states from a seed, with types kept apart so that they are what the checker lets through.

mod expressions;
mod states;

use crate::program::{Binder, Derived, Exception, Expr, Function, Name, Policy, Program, Step, labels_of};

/// What a name in scope holds.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Holds {
    Node,
    Spec,
    /// Surely there.
    Int,
    MaybeInt,
    Group,
}

pub struct Generator {
    dice: u64,
    names: usize,
    scope: Vec<(Name, Holds)>,
    /// Loops over all nodes around the place at hand.
    populations: u32,
    /// Parameters of the functions there are, and whether they give a condition.
    functions: Vec<(Vec<Holds>, bool)>,
    /// Computed fields there are: a condition, a number.
    derived: usize,
}

fn boxed(expr: Expr) -> Box<Expr> {
    Box::new(expr)
}

fn binary(op: &'static str, left: Expr, right: Expr) -> Expr {
    Expr::Binary(op, boxed(left), boxed(right))
}

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator {
            dice: (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            names: 0,
            scope: Vec::new(),
            populations: 0,
            functions: Vec::new(),
            derived: 0,
        }
    }

    fn roll(&mut self, count: usize) -> usize {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 11) as usize % count.max(1)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let position = self.roll(all.len());
        all[position]
    }

    pub fn program(&mut self, depth: u32) -> Program {
        let derived = (0..self.roll(3)).map(|number| self.derived(number, depth)).collect();
        let functions = (0..self.roll(3)).map(|_| self.function(depth)).collect();
        let policies: Vec<Policy> = (0..1 + self.roll(3)).map(|_| self.policy(depth)).collect();
        let exceptions = (0..self.roll(3)).map(|_| self.exception(&policies, depth)).collect();
        Program { derived, functions, policies, exceptions, state: self.state() }
    }

    fn name(&mut self, is_hand: bool) -> Name {
        self.names += 1;
        Name { number: self.names - 1, is_hand }
    }

    /// With one more name in scope.
    fn with<T>(&mut self, name: Name, holds: Holds, make: impl FnOnce(&mut Self) -> T) -> T {
        self.scope.push((name, holds));
        let made = make(self);
        self.scope.pop();
        made
    }

    /// Where `.x` means something else than around.
    fn without_hands<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.scope.clone();
        self.scope.retain(|(name, _)| !name.is_hand);
        let made = make(self);
        self.scope = around;
        made
    }

    fn names_of(&mut self, wanted: Holds) -> Option<Expr> {
        let all: Vec<Name> =
            self.scope.iter().filter(|(_, holds)| *holds == wanted).map(|(name, _)| *name).collect();
        if all.is_empty() { None } else { Some(Expr::Name(self.one_of(&all))) }
    }

    fn derived(&mut self, number: usize, depth: u32) -> Derived {
        let hand = self.name(true);
        let (field, ty) = [("strong", "bool"), ("weight", "int?")][number];
        let value = self.with(hand, Holds::Node, |this| match number {
            0 => this.condition(depth),
            _ => this.maybe_int(depth),
        });
        self.derived += 1;
        Derived { field, ty, hand, value }
    }

    fn function(&mut self, depth: u32) -> Function {
        let holds: Vec<Holds> =
            (0..1 + self.roll(2)).map(|_| self.one_of(&[Holds::Node, Holds::Int, Holds::MaybeInt])).collect();
        let parameters: Vec<(Name, &'static str)> = holds
            .iter()
            .map(|holds| match holds {
                Holds::Node => (self.name(false), "Node"),
                Holds::Int => (self.name(false), "int"),
                _ => (self.name(false), "int?"),
            })
            .collect();
        self.scope = parameters.iter().zip(&holds).map(|((name, _), holds)| (*name, *holds)).collect();
        let is_condition = self.roll(2) == 0;
        let body = if is_condition { self.condition(depth) } else { self.maybe_int(depth) };
        self.scope.clear();
        self.functions.push((holds, is_condition));
        Function { parameters, result: if is_condition { "bool" } else { "int?" }, body }
    }

    fn policy(&mut self, depth: u32) -> Policy {
        let name = self.name(false);
        let by = (self.roll(4) == 0).then(|| {
            let hand = self.name(true);
            let field = self.one_of(&["mode", "name", "size", "next", "level"]);
            (hand, Expr::Field(boxed(Expr::Name(hand)), field))
        });
        let holds = if by.is_some() { Holds::Group } else { Holds::Node };
        let filter = (self.roll(2) == 0).then(|| self.filter(name, holds, depth));
        self.populations = 1;
        let mut labels = 0;
        let steps = self.with(name, holds, |this| this.steps(depth, &mut labels, 2));
        self.populations = 0;
        Policy { subject: Binder { name, source: Expr::Population, by, filter }, steps }
    }

    /// A condition on one item. What it makes sure of stays in it: clauses need not wait for one that says it again.
    fn filter(&mut self, name: Name, holds: Holds, depth: u32) -> Expr {
        let condition =
            self.without_hands(|this| this.with(name, holds, |this| this.condition(depth.min(2))));
        Expr::Builtin("sure", vec![condition])
    }

    fn steps(&mut self, depth: u32, labels: &mut usize, nesting: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let scope = self.scope.clone();
        for _ in 0..1 + self.roll(2) {
            match self.roll(5) {
                0 => {
                    let value = self.maybe_int(depth);
                    let name = self.name(false);
                    self.scope.push((name, Holds::MaybeInt));
                    steps.push(Step::Let(name, value));
                }
                1 | 2 if nesting > 0 => {
                    let (binder, holds) = self.binder(depth);
                    let is_population = matches!(binder.source, Expr::Population | Expr::Where(..));
                    self.populations += u32::from(is_population);
                    let name = binder.name;
                    let inner = self.with(name, holds, |this| this.steps(depth, labels, nesting - 1));
                    self.populations -= u32::from(is_population);
                    steps.push(Step::For(binder, inner));
                }
                _ => {
                    let condition = Expr::Builtin("sure", vec![self.condition(depth)]);
                    steps.push(Step::Require { label: label(labels), condition, after: None });
                }
            }
        }
        if steps.iter().all(|step| matches!(step, Step::Let(..))) {
            let condition = Expr::Builtin("sure", vec![self.condition(depth)]);
            steps.push(Step::Require { label: label(labels), condition, after: None });
        }
        if self.roll(4) == 0 {
            self.waiting(depth, labels, &mut steps);
        }
        self.scope = scope;
        steps
    }

    /// Clauses that rely on one before them, by themselves, through a `let` or in a loop. They come last: what is known to
    /// be present is read otherwise than before.
    fn waiting(&mut self, depth: u32, labels: &mut usize, steps: &mut Vec<Step>) {
        let Some(node) = self.names_of(Holds::Node) else { return };
        let value = Expr::Field(boxed(node.clone()), "size");
        let first = label(labels);
        let condition = Expr::Is(boxed(value.clone()), true, "present");
        steps.push(Step::Require { label: first.clone(), condition, after: None });
        let after = Some(first);
        match self.roll(3) {
            0 => {
                let condition = binary("<", value, self.int(depth.min(1)));
                steps.push(Step::Require { label: label(labels), condition, after });
            }
            1 => {
                let name = self.name(false);
                steps.push(Step::Let(name, value));
                let condition = binary(">", Expr::Name(name), Expr::Int(1));
                steps.push(Step::Require { label: label(labels), condition, after });
            }
            _ => {
                let name = self.name(false);
                let source = Expr::Field(boxed(node), "ports");
                let binder = Binder { name, source, by: None, filter: None };
                let condition = binary("<=", Expr::Name(name), value);
                let inner = Step::Require { label: label(labels), condition, after };
                steps.push(Step::For(binder, vec![inner]));
            }
        }
    }

    /// A loop and what its name holds.
    fn binder(&mut self, depth: u32) -> (Binder, Holds) {
        let next = depth.saturating_sub(1);
        let (source, holds) = match self.roll(8) {
            0..=2 if self.populations < 2 => (Expr::Population, Holds::Node),
            3 => (self.specs(), Holds::Spec),
            4 if self.names_of(Holds::Node).is_some() => (self.nodes(next), Holds::Node),
            5 if self.populations < 2 => {
                let hand = self.name(true);
                self.populations += 1;
                let condition = self.joined(hand, next);
                self.populations -= 1;
                (Expr::Where(boxed(Expr::Population), hand, boxed(condition)), Holds::Node)
            }
            _ => (self.ints(next), Holds::Int),
        };
        let name = self.name(false);
        let is_population = matches!(source, Expr::Population | Expr::Where(..));
        self.populations += u32::from(is_population);
        let by = (holds == Holds::Node && self.roll(4) == 0).then(|| {
            let hand = self.name(true);
            (hand, Expr::Field(boxed(Expr::Name(hand)), self.one_of(&["mode", "name", "size", "next"])))
        });
        let holds = if by.is_some() { Holds::Group } else { holds };
        let filter = match self.roll(3) {
            0 => None,
            1 if holds == Holds::Node => Some(self.without_hands(|this| this.joined(name, next))),
            _ => Some(self.filter(name, holds, next)),
        };
        self.populations -= u32::from(is_population);
        (Binder { name, source, by, filter }, holds)
    }

    /// A condition on a node that looks like a join: a field of it equals something from around.
    fn joined(&mut self, name: Name, depth: u32) -> Expr {
        let this = Expr::Name(name);
        let around: Option<Expr> = self.without_hands(|this| this.names_of(Holds::Node));
        let Some(around) = around else {
            return if name.is_hand {
                self.without_hands(|this| this.with(name, Holds::Node, |this| this.condition(depth)))
            } else {
                self.filter(name, Holds::Node, depth)
            };
        };
        let field = |base: &Expr, field| Expr::Field(boxed(base.clone()), field);
        let key = match self.roll(6) {
            0 => binary("==", field(&this, "name"), field(&around, "peer")),
            1 => binary("==", field(&around, "name"), field(&this, "name")),
            2 => binary("==", field(&this, "next"), around),
            3 => binary("==", field(&this, "size"), field(&around, "size")),
            4 => binary("==", this.clone(), field(&around, "next")),
            _ => binary("==", field(&field(&this, "next"), "name"), field(&around, "peer")),
        };
        if self.roll(2) == 0 {
            return key;
        }
        let more = if name.is_hand {
            self.without_hands(|this| this.with(name, Holds::Node, |this| this.condition(depth.min(1))))
        } else {
            self.filter(name, Holds::Node, depth.min(1))
        };
        binary("and", key, more)
    }

    fn exception(&mut self, policies: &[Policy], depth: u32) -> Exception {
        let policy = self.roll(policies.len());
        let mut labels = Vec::new();
        labels_of(&policies[policy].steps, &mut labels);
        let label = (self.roll(2) == 0).then(|| labels[self.roll(labels.len())].clone());
        let hand = self.name(true);
        let filter =
            (self.roll(4) > 0).then(|| self.with(hand, Holds::Node, |this| this.condition(depth.min(2))));
        // The instant of the run is the start of 2026-11-22.
        let (opened, expires, is_open) = self.one_of(&[
            ("2026-11-01", "2026-12-01", true),
            ("2026-11-22", "2026-12-01", true),
            ("2026-11-01", "2026-11-23", true),
            ("2026-11-01", "2026-11-22", false),
            ("2026-11-23", "2026-12-01", false),
        ]);
        Exception { policy, label, target: (hand, filter), opened, expires, is_open }
    }
}

fn label(labels: &mut usize) -> String {
    *labels += 1;
    format!("c{}", *labels - 1)
}
