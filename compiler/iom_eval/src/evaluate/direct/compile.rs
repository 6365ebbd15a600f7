use std::cell::{OnceCell, RefCell};

use iom_model::{BinaryOp, Builtin, Quantifier};

use super::look::are_looked_at;
use super::{Direct, DirectOver, DirectRule, DirectStep, DirectTest, Kept};
use crate::program::{Code, KindId, Over, Piece, Program, RuleCode, StepCode, Test};
use crate::value::Value;

/// Compiles a rule for the elements of one kind.
pub(crate) struct Compilation<'c> {
    program: &'c Program,
    kind: KindId,
    subject: u32,
    /// How many expressions there were so far.
    weight: usize,
    /// How much of it is done without the interpreter.
    gain: usize,
    /// How many expressions find slots filled, as the interpreter does.
    others: usize,
    /// Slots that always hold the same where the compiler is.
    constants: Vec<(u32, &'c Value)>,
}

/// Loops over so many constants are written out.
const FEW: usize = 8;
/// Loops in loops, each of which multiplies what is written out.
const MOST_WRITTEN_OUT: usize = 2;

impl<'c> Compilation<'c> {
    /// Nothing where the interpreter would do all of it.
    pub fn of_rule(program: &'c Program, kind: KindId, rule: &'c RuleCode) -> Option<DirectRule<'c>> {
        let mut compilation = Compilation {
            program,
            kind,
            subject: rule.subject,
            weight: 1,
            gain: 0,
            others: 0,
            constants: Vec::new(),
        };
        let filter = rule.filter.as_ref().map(|filter| compilation.test(filter));
        let steps = compilation.steps(&rule.steps)?;
        let is_one_clause = match &*rule.steps {
            [lets @ .., StepCode::Require(clause)] => {
                lets.iter().all(|step| matches!(step, StepCode::Let { .. })) && clause.after.is_empty()
            }
            _ => false,
        };
        (compilation.gain > 0).then(|| DirectRule {
            subject: rule.subject,
            is_filter_looked_at: filter.as_ref().is_none_or(DirectTest::is_looked_at),
            are_steps_looked_at: are_looked_at(&steps),
            locals: rule.locals.max(rule.subject + 1),
            filter,
            steps,
            is_one_clause,
            weight: compilation.weight,
        })
    }

    fn steps(&mut self, steps: &'c [StepCode]) -> Option<Vec<DirectStep<'c>>> {
        let step = |step: &'c StepCode| match step {
            StepCode::Let { local, value } => {
                Some(DirectStep::Let { local: *local, value: self.value(value) })
            }
            StepCode::Require(clause) => Some(DirectStep::Require(self.test(&clause.condition))),
            StepCode::For { over, .. } if over.second.is_some() => self.pairs(over),
            StepCode::For { over, steps, .. } => {
                let before = self.weight;
                let mut over = self.over(over)?;
                let steps = self.steps(steps)?;
                over.weight = self.weight - before;
                over.passed = depends_on_item(&over, &steps).then(RefCell::default);
                Some(DirectStep::For { over, steps })
            }
        };
        steps.iter().map(step).collect()
    }

    fn pairs(&mut self, over: &'c Over) -> Option<DirectStep<'c>> {
        let is_plain = over.by.is_none() && over.joins.is_empty();
        // To find nothing is all there is to do, whoever looks.
        self.gain += 1;
        is_plain.then(|| DirectStep::Pairs(self.value(&over.source)))
    }

    /// Nothing where indexes or groups are needed.
    fn over(&mut self, over: &'c Over) -> Option<DirectOver<'c>> {
        let is_plain = over.by.is_none() && over.second.is_none() && over.joins.is_empty();
        if !is_plain || matches!(over.source.seen_through(), Code::Population(_)) {
            return None;
        }
        let before = self.weight;
        self.weight += 2;
        let source = self.value(&over.source);
        let filters = over.filters.iter().map(|filter| self.test(filter)).collect();
        Some(DirectOver {
            local: over.local,
            also: &over.also,
            source,
            filters,
            weight: self.weight - before,
            passed: None,
        })
    }

    fn boxed(&mut self, code: &'c Code) -> Box<Direct<'c>> {
        Box::new(self.value(code))
    }

    fn value(&mut self, code: &'c Code) -> Direct<'c> {
        self.weight += 2;
        self.gain += 1;
        match code {
            Code::Constant(value) => Direct::Constant(value),
            Code::Local(local) => match self.constants.iter().find(|(slot, _)| slot == local) {
                Some((_, value)) => Direct::Constant(value),
                None => Direct::Slot(*local),
            },
            Code::ElementField { base, field } => {
                let own = self.program.fields[field.index()].position(self.kind);
                match (&**base, own) {
                    (Code::Local(local), Some(position)) if *local == self.subject => {
                        self.weight += 2;
                        Direct::Column(position)
                    }
                    _ => Direct::Field { base: self.boxed(base), field: *field },
                }
            }
            Code::Member { base, name } => Direct::Member { base: self.boxed(base), name: *name },
            Code::Index { base, index } if base.is_kept() => {
                Direct::KeptEntry { map: self.kept(base), index: self.boxed(index) }
            }
            Code::Index { base, index } => Direct::Index { base: self.boxed(base), index: self.boxed(index) },
            Code::Coalesce { left, right, empty_is_absent } => Direct::Coalesce {
                left: self.boxed(left),
                right: self.boxed(right),
                empty_is_absent: *empty_is_absent,
            },
            Code::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                Direct::If(Box::new((self.test(condition), self.value(then), self.value(otherwise))))
            }
            Code::Interpolation(pieces) if let [Piece::Code(code)] = &**pieces => {
                Direct::AsText(self.boxed(code))
            }
            Code::Binary { op: BinaryOp::In, right, .. } if right.is_kept() => {
                Direct::Test(Box::new(self.test(code)))
            }
            Code::Binary { op: BinaryOp::Contains, left, .. } if left.is_kept() => {
                self.others += 1;
                Direct::Other(code)
            }
            Code::Binary { op, left, right } => {
                Direct::Binary { op: *op, left: self.boxed(left), right: self.boxed(right) }
            }
            code if code.is_condition() => Direct::Test(Box::new(self.test(code))),
            code => {
                self.gain -= 1;
                self.others += 1;
                Direct::Other(code)
            }
        }
    }

    fn boxed_test(&mut self, code: &'c Code) -> Box<DirectTest<'c>> {
        Box::new(self.test(code))
    }

    fn test(&mut self, code: &'c Code) -> DirectTest<'c> {
        self.weight += 2;
        match code {
            Code::Not(inner) => DirectTest::Not(self.boxed_test(inner)),
            Code::And(left, right) => DirectTest::And(self.boxed_test(left), self.boxed_test(right)),
            Code::Or(left, right) => DirectTest::Or(self.boxed_test(left), self.boxed_test(right)),
            Code::Compare { left, right, .. } if is_size(left) || is_size(right) => self.other_test(code),
            Code::Compare { op, left, right, order } => DirectTest::Compare {
                op: *op,
                left: self.value(left),
                right: self.value(right),
                order: *order,
            },
            Code::Is { value, test: Test::Empty | Test::Nonempty, .. } if is_walk(value) => {
                self.other_test(code)
            }
            Code::Is { value, test, negated } => {
                DirectTest::Is { value: self.value(value), test, negated: *negated }
            }
            Code::Binary { op: BinaryOp::In, left, right } if right.is_kept() => {
                DirectTest::InKept { item: self.value(left), collection: self.kept(right) }
            }
            Code::Quantifier { quantifier, over, body, reach: None, screen } => {
                if let Some(written_out) = self.written_out(*quantifier, over, body) {
                    return written_out;
                }
                let before = self.weight;
                self.others += usize::from(screen.is_some());
                let Some(mut over) = self.over(over) else { return self.other_test(code) };
                let body = self.boxed_test(body);
                over.weight = self.weight - before;
                let screen = screen.as_deref();
                DirectTest::Quantifier { quantifier: *quantifier, over: Box::new(over), body, screen }
            }
            code if code.is_condition() => self.other_test(code),
            code => DirectTest::Value(self.value(code)),
        }
    }

    fn other_test(&mut self, code: &'c Code) -> DirectTest<'c> {
        self.others += 1;
        DirectTest::Other(code)
    }

    /// A quantifier over a few constants, as a condition for each; nothing where the conditions have to find them in a slot.
    fn written_out(
        &mut self,
        quantifier: Quantifier,
        over: &'c Over,
        body: &'c Code,
    ) -> Option<DirectTest<'c>> {
        let Code::Constant(Value::List(list)) = over.source.seen_through() else { return None };
        if self.constants.len() == MOST_WRITTEN_OUT {
            return None;
        }
        let is_plain = over.by.is_none() && over.second.is_none() && over.also.is_empty();
        let is_sure = list.maybe.is_none() && list.open.is_none() && list.items.len() <= FEW;
        if !is_plain || !is_sure || !over.filters.is_empty() || !over.joins.is_empty() {
            return None;
        }
        let before = (self.weight, self.gain, self.others);
        let mut conditions = Vec::with_capacity(list.items.len());
        for item in &list.items {
            self.constants.push((over.local, item));
            conditions.push(self.test(body));
            self.constants.pop();
        }
        if self.others > before.2 {
            (self.weight, self.gain, self.others) = before;
            return None;
        }
        let together = |left: DirectTest<'c>, right: DirectTest<'c>| match quantifier {
            Quantifier::All => DirectTest::And(Box::new(left), Box::new(right)),
            Quantifier::Any | Quantifier::None => DirectTest::Or(Box::new(left), Box::new(right)),
        };
        let all = conditions.into_iter().reduce(together)?;
        Some(if quantifier == Quantifier::None { DirectTest::Not(Box::new(all)) } else { all })
    }

    fn kept(&mut self, code: &'c Code) -> Box<Kept<'c>> {
        self.weight += 2;
        Box::new(Kept { code, table: OnceCell::new() })
    }
}

fn is_size(code: &Code) -> bool {
    matches!(code, Code::Builtin { function: Builtin::Size, .. })
}

/// Whether conditions and steps of a loop depend on nothing but the item at hand.
fn depends_on_item(over: &DirectOver<'_>, steps: &[DirectStep<'_>]) -> bool {
    let mut bound = vec![over.local];
    bound.extend_from_slice(over.also);
    over.filters.iter().all(|filter| filter.depends_on(&mut bound))
        && steps.iter().all(|step| match step {
            DirectStep::Require(condition) => condition.depends_on(&mut bound),
            DirectStep::Let { .. } | DirectStep::For { .. } | DirectStep::Pairs(_) => false,
        })
}

impl DirectTest<'_> {
    /// Whether it depends on these slots alone, and on what is the same for everybody.
    fn depends_on(&self, bound: &mut Vec<u32>) -> bool {
        match self {
            DirectTest::Not(inner) => inner.depends_on(bound),
            DirectTest::And(left, right) | DirectTest::Or(left, right) => {
                left.depends_on(bound) && right.depends_on(bound)
            }
            DirectTest::Compare { left, right, .. } => left.depends_on(bound) && right.depends_on(bound),
            DirectTest::Is { value, .. } | DirectTest::InKept { item: value, .. } => value.depends_on(bound),
            DirectTest::Quantifier { over, body, screen: None, .. } => {
                over.source.depends_on(bound) && {
                    bound.push(over.local);
                    bound.extend_from_slice(over.also);
                    over.filters.iter().all(|filter| filter.depends_on(bound)) && body.depends_on(bound)
                }
            }
            DirectTest::Value(value) => value.depends_on(bound),
            DirectTest::Quantifier { .. } | DirectTest::Other(_) => false,
        }
    }
}

impl Direct<'_> {
    fn depends_on(&self, bound: &mut Vec<u32>) -> bool {
        match self {
            Direct::Constant(_) => true,
            Direct::Slot(local) => bound.contains(local),
            Direct::Other(code) => code.is_kept(),
            Direct::Column(_) => false,
            Direct::Field { base: value, .. }
            | Direct::Member { base: value, .. }
            | Direct::AsText(value)
            | Direct::KeptEntry { index: value, .. } => value.depends_on(bound),
            Direct::Index { base: left, index: right }
            | Direct::Coalesce { left, right, .. }
            | Direct::Binary { left, right, .. } => left.depends_on(bound) && right.depends_on(bound),
            Direct::If(parts) => {
                let (condition, then, otherwise) = &**parts;
                condition.depends_on(bound) && then.depends_on(bound) && otherwise.depends_on(bound)
            }
            Direct::Test(test) => test.depends_on(bound),
        }
    }
}

/// Asks for everything reachable.
fn is_walk(code: &Code) -> bool {
    matches!(code, Code::Builtin { function: Builtin::Upstream | Builtin::Downstream, .. })
}
