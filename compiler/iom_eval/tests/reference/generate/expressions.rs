//! Expressions of every type, over what is in scope.

use super::{Generator, Holds, binary, boxed};
use crate::program::{Expr, Pattern, WORDS};

const TEXTS: [&str; 4] = ["", "a", "b", "ab"];
const MAYBE_TEXTS: [&str; 2] = ["name", "peer"];

impl Generator {
    /// A reference, or a name: something with fields. It may be absent.
    pub(super) fn node(&mut self) -> Option<Expr> {
        let mut node = self.names_of(Holds::Node)?;
        for _ in 0..self.roll(3) {
            node = Expr::Field(boxed(node), "next");
        }
        Some(node)
    }

    pub(super) fn specs(&mut self) -> Expr {
        match self.names_of(Holds::Node) {
            Some(node) => Expr::Field(boxed(node), "parts"),
            None => Expr::Constant("specs"),
        }
    }

    pub(super) fn nodes(&mut self, depth: u32) -> Expr {
        if let Some(group) = self.names_of(Holds::Group)
            && self.roll(2) == 0
        {
            return Expr::Field(boxed(group), "items");
        }
        match self.names_of(Holds::Node) {
            Some(node) => {
                let others = Expr::Field(boxed(node), "others");
                if self.roll(3) == 0 {
                    let hand = self.name(true);
                    let condition = self.without_hands(|this| {
                        this.with(hand, Holds::Node, |this| this.condition(depth.min(2)))
                    });
                    return Expr::Where(boxed(others), hand, boxed(condition));
                }
                others
            }
            None => Expr::Population,
        }
    }

    pub(super) fn ints(&mut self, depth: u32) -> Expr {
        let node = self.names_of(Holds::Node);
        match (self.roll(6), node) {
            (0..=2, Some(node)) => Expr::Field(boxed(node), "ports"),
            (3, _) if depth > 0 => {
                let (binder, holds) = self.binder(depth - 1);
                let name = binder.name;
                let value = self.with(name, holds, |this| this.int(depth - 1));
                Expr::Each(Box::new(binder), boxed(value))
            }
            (4, _) => Expr::Constant("numbers"),
            (5, _) if depth > 0 => binary("++", self.ints(depth - 1), self.ints(depth - 1)),
            _ => {
                let items = (0..1 + self.roll(3)).map(|_| self.int(depth.min(1)));
                Expr::List(items.collect())
            }
        }
    }

    pub(super) fn condition(&mut self, depth: u32) -> Expr {
        let Some(next) = depth.checked_sub(1) else { return self.small_condition() };
        match self.roll(18) {
            0 => binary("and", self.condition(next), self.condition(next)),
            1 => binary("or", self.condition(next), self.condition(next)),
            2 => Expr::Not(boxed(self.condition(next))),
            3 => {
                // What may be absent is not said to differ.
                if self.roll(4) == 0 {
                    binary("!=", self.int(next), self.int(next))
                } else {
                    binary("==", self.maybe_int(next), self.maybe_int(next))
                }
            }
            4 => {
                let op = self.one_of(&["<", "<=", ">", ">="]);
                binary(op, self.int(next), self.int(next))
            }
            5 => {
                let test = self.one_of(&["present", "absent", "known", "unknown"]);
                Expr::Is(boxed(self.maybe_int(next)), self.roll(2) == 0, test)
            }
            6 | 7 => self.quantifier(next),
            8 => binary("in", self.int(next), self.ints(next)),
            9 => {
                let (condition, then, otherwise) =
                    (self.condition(next), self.condition(next), self.condition(next));
                Expr::If(boxed(condition), boxed(then), boxed(otherwise))
            }
            10 | 11 => {
                let op = self.one_of(&["==", "<", ">=", "<=", "!=", ">"]);
                let list = if self.roll(2) == 0 { self.ints(next) } else { self.nodes(next) };
                let bound = Expr::Int(self.roll(4) as i64);
                binary(op, Expr::Builtin("size", vec![list]), bound)
            }
            12 => {
                if self.roll(4) == 0 {
                    binary("!=", self.text(next), self.text(next))
                } else {
                    binary("==", self.maybe_text(next), self.maybe_text(next))
                }
            }
            13 => {
                let op = self.one_of(&["<", ">=", "contains"]);
                binary(op, self.text(next), self.text(next))
            }
            14 => binary("contains", self.ints(next), self.int(next)),
            15 => self.call(next, true).unwrap_or_else(|| self.small_condition()),
            16 => self.matched(next, Self::condition),
            _ => self.small_condition(),
        }
    }

    /// A condition of one or two words.
    pub(super) fn small_condition(&mut self) -> Expr {
        let Some(node) = self.node() else {
            return if let Some(spec) = self.names_of(Holds::Spec) {
                binary("==", Expr::Field(boxed(spec), "mode"), Expr::Word(self.one_of(&WORDS)))
            } else {
                Expr::Bool(self.roll(2) == 0)
            };
        };
        let is_sure = matches!(node, Expr::Name(_));
        let field = |node: Expr, name| Expr::Field(boxed(node), name);
        match self.roll(12) {
            0 => binary("==", field(node, "live"), Expr::Bool(self.roll(2) == 0)),
            1 => binary("??", field(node, "live"), Expr::Bool(self.roll(2) == 0)),
            2 => binary("==", field(node, "mode"), Expr::Word(self.one_of(&WORDS))),
            3 => {
                let spec = field(node.clone(), "spec");
                binary("==", field(node, "mode"), Expr::Maybe(boxed(spec), "mode"))
            }
            4 => Expr::Is(boxed(field(node, "next")), self.roll(2) == 0, self.presence()),
            5 => {
                let name = self.one_of(&["size", "name", "spec", "live", "mode"]);
                Expr::Is(boxed(field(node, name)), self.roll(2) == 0, self.presence())
            }
            6 => match self.node() {
                Some(other) => binary("==", node, other),
                None => Expr::Bool(true),
            },
            7 => {
                let words = (0..1 + self.roll(2)).map(|_| Expr::Word(self.one_of(&WORDS)));
                let words = words.collect();
                binary("in", field(node, "mode"), Expr::List(words))
            }
            8 if is_sure && self.derived > 0 => field(node, "strong"),
            9 => match self.node() {
                Some(other) => binary("==", field(node, "spec"), field(other, "spec")),
                None => Expr::Bool(true),
            },
            10 if is_sure => {
                let value = field(node, "size");
                let test = Expr::Is(boxed(value.clone()), true, "present");
                let both = binary("and", test, binary(">", value, Expr::Int(1)));
                // What is known inside is not to be known outside, or clauses after it would wait for other ones.
                Expr::Builtin("sure", vec![both])
            }
            11 if is_sure => binary("in", Expr::Text(self.one_of(&TEXTS)), field(node, "marks")),
            _ => Expr::Bool(self.roll(3) > 0),
        }
    }

    pub(super) fn presence(&mut self) -> &'static str {
        self.one_of(&["present", "absent", "known", "unknown"])
    }

    pub(super) fn quantifier(&mut self, depth: u32) -> Expr {
        let word = self.one_of(&["all", "any", "none"]);
        let (binder, holds) = self.binder(depth);
        let is_population = matches!(binder.source, Expr::Population | Expr::Where(..));
        self.populations += u32::from(is_population);
        let name = binder.name;
        let body = self.with(name, holds, |this| this.condition(depth));
        self.populations -= u32::from(is_population);
        Expr::Quantifier(word, Box::new(binder), boxed(body))
    }

    /// `match` over a number or a mode.
    pub(super) fn matched(&mut self, depth: u32, mut make: impl FnMut(&mut Self, u32) -> Expr) -> Expr {
        let mode = self.node().map(|node| Expr::Field(boxed(node), "mode"));
        let mut arms = Vec::new();
        let value = match mode {
            Some(mode) if self.roll(2) == 0 => {
                for word in WORDS {
                    arms.push((Pattern::Word(word), make(self, depth)));
                }
                mode
            }
            _ => {
                arms.push((Pattern::Int(self.roll(4) as i64), make(self, depth)));
                arms.push((Pattern::Rest, make(self, depth)));
                self.maybe_int(depth)
            }
        };
        // Without it the whole may be absent, which no condition is.
        arms.insert(0, (Pattern::Absent, make(self, depth)));
        if self.roll(2) == 0 {
            arms.insert(0, (Pattern::Unknown, make(self, depth)));
        }
        Expr::Match(boxed(value), arms)
    }

    pub(super) fn call(&mut self, depth: u32, is_condition: bool) -> Option<Expr> {
        let fitting: Vec<usize> =
            (0..self.functions.len()).filter(|one| self.functions[*one].1 == is_condition).collect();
        if fitting.is_empty() {
            return None;
        }
        let function = self.one_of(&fitting);
        let parameters = self.functions[function].0.clone();
        let mut arguments = Vec::new();
        for holds in parameters {
            arguments.push(match holds {
                Holds::Node => self.names_of(Holds::Node)?,
                Holds::Int => self.int(depth),
                _ => self.maybe_int(depth),
            });
        }
        Some(Expr::Call(function, arguments))
    }

    /// A number that is there.
    pub(super) fn int(&mut self, depth: u32) -> Expr {
        let Some(next) = depth.checked_sub(1) else {
            let number = Expr::Int(self.roll(6) as i64 - 1);
            return if self.roll(2) == 0 { number } else { self.names_of(Holds::Int).unwrap_or(number) };
        };
        match self.roll(9) {
            0 => {
                let op = self.one_of(&["+", "-", "*"]);
                binary(op, self.int(next), self.int(next))
            }
            1 => Expr::If(boxed(self.condition(next)), boxed(self.int(next)), boxed(self.int(next))),
            2 => Expr::Builtin("size", vec![self.ints(next)]),
            3 => Expr::Builtin("sum", vec![self.ints(next)]),
            4 => match self.names_of(Holds::Node) {
                Some(node) => Expr::Field(boxed(node), "level"),
                None => self.int(0),
            },
            5 => Expr::Negate(boxed(self.int(next))),
            6 | 7 => binary("??", self.maybe_int(next), self.int(next)),
            _ => self.int(0),
        }
    }

    /// A number that may be absent.
    pub(super) fn maybe_int(&mut self, depth: u32) -> Expr {
        let Some(next) = depth.checked_sub(1) else { return self.small_int() };
        match self.roll(11) {
            0 => binary("??", self.maybe_int(next), self.maybe_int(next)),
            1 => Expr::If(
                boxed(self.condition(next)),
                boxed(self.maybe_int(next)),
                boxed(self.maybe_int(next)),
            ),
            2 => {
                let name = self.name(false);
                let value = self.maybe_int(next);
                let body = self.with(name, Holds::MaybeInt, |this| this.maybe_int(next));
                Expr::Let(name, boxed(value), boxed(body))
            }
            3 => self.matched(next, Self::maybe_int),
            4 => Expr::Builtin(self.one_of(&["min", "max"]), vec![self.ints(next)]),
            5 => match self.names_of(Holds::Node) {
                Some(node) => {
                    let ports = Expr::Field(boxed(node), "ports");
                    Expr::At(boxed(ports), boxed(Expr::Int(self.roll(3) as i64)))
                }
                None => self.small_int(),
            },
            6 => match self.names_of(Holds::Node) {
                Some(node) => Expr::At(boxed(Expr::Field(boxed(node), "marks")), boxed(self.text(next))),
                None => self.small_int(),
            },
            7 => self.call(next, false).unwrap_or_else(|| self.small_int()),
            8 => match self.names_of(Holds::Node) {
                Some(node) => {
                    let parts = Expr::Field(boxed(node), "parts");
                    let first = Expr::At(boxed(parts), boxed(Expr::Int(self.roll(2) as i64)));
                    Expr::Maybe(boxed(first), "size")
                }
                None => self.small_int(),
            },
            _ => self.small_int(),
        }
    }

    pub(super) fn small_int(&mut self) -> Expr {
        if let (0, Some(number)) = (self.roll(3), self.names_of(Holds::MaybeInt)) {
            return number;
        }
        if let (0..=1, Some(spec)) = (self.roll(3), self.names_of(Holds::Spec)) {
            return Expr::Field(boxed(spec), "size");
        }
        let Some(node) = self.node() else {
            return if self.roll(4) == 0 {
                Expr::Constant("nothing")
            } else {
                Expr::Int(self.roll(4) as i64)
            };
        };
        match self.roll(6) {
            0 => Expr::Maybe(boxed(Expr::Field(boxed(node), "spec")), "size"),
            1 => Expr::Field(boxed(node), "level"),
            2 if self.derived > 1 => Expr::Field(boxed(node), "weight"),
            _ => Expr::Field(boxed(node), "size"),
        }
    }

    pub(super) fn text(&mut self, depth: u32) -> Expr {
        match self.roll(4) {
            0 if depth > 0 => binary("++", self.text(depth - 1), self.text(depth - 1)),
            1 if depth > 0 => {
                let parts = (0..1 + self.roll(2)).map(|number| match number {
                    0 => self.text(depth - 1),
                    _ => self.int(depth - 1),
                });
                Expr::Template(parts.collect())
            }
            2 => binary("??", self.maybe_text(depth.saturating_sub(1)), Expr::Text(self.one_of(&TEXTS))),
            _ => Expr::Text(self.one_of(&TEXTS)),
        }
    }

    pub(super) fn maybe_text(&mut self, depth: u32) -> Expr {
        let Some(node) = self.node() else { return self.text(depth.saturating_sub(1)) };
        match self.roll(4) {
            0 => self.text(depth.saturating_sub(1)),
            1 => Expr::Maybe(boxed(Expr::Field(boxed(node), "spec")), "label"),
            _ => Expr::Field(boxed(node), self.one_of(&MAYBE_TEXTS)),
        }
    }
}
