use std::cell::RefCell;
use std::sync::Arc;

use iom_model::{BinaryOp, Quantifier};
use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;

use super::{Direct, DirectOver, DirectRule, DirectStep, DirectTest, Kept, KeptTable, Passed};
use crate::evaluate::Evaluator;
use crate::evaluate::iterate::Items;
use crate::evaluate::quantify::Quantified;
use crate::facts::Shard;
use crate::value::{ElementId, RecordValue, Truth, Value};

/// What a rule says of a subject at a glance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    NotApplicable,
    Pass,
    /// It applies, and the condition of its only clause is not true.
    Fault(Truth),
    /// It does not pass, or that is not known, or it takes very long: the interpreter says.
    Undecided,
}

/// The subject at hand.
#[derive(Clone, Copy)]
pub(super) struct Subject<'e> {
    pub shard: &'e Shard,
    pub id: ElementId,
    /// Its slot.
    pub local: u32,
}

impl<'e> Evaluator<'e> {
    /// What a rule says of an element of the kind that it was compiled for, in a frame that is at hand already.
    pub(crate) fn glance(&mut self, rule: &DirectRule<'_>, shard: &'e Shard, id: ElementId) -> Outcome {
        self.refuel();
        let subject = Subject { shard, id, local: rule.subject };
        if let Some(outcome) = self.look_at_rule(rule, subject) {
            return outcome;
        }
        self.set(rule.subject, Value::Element(id));
        self.charge(rule.weight);
        let filter = rule.filter.as_ref().map_or(Truth::True, |filter| self.direct_test(filter, subject));
        let outcome = match filter {
            Truth::False => Outcome::NotApplicable,
            Truth::True if rule.is_one_clause => self.direct_clause(&rule.steps, subject),
            Truth::True if self.direct_steps(&rule.steps, subject) => Outcome::Pass,
            _ => Outcome::Undecided,
        };
        // More was charged than the interpreter takes: where that is enough, it is enough for the interpreter, too.
        if self.is_exhausted() { Outcome::Undecided } else { outcome }
    }

    /// What a look tells. A session has to know what is read, which is not written down here.
    fn look_at_rule(&mut self, rule: &DirectRule<'_>, subject: Subject<'e>) -> Option<Outcome> {
        if !rule.is_filter_looked_at || self.is_traced() {
            return None;
        }
        let applies = match &rule.filter {
            Some(filter) => self.look(filter, subject)?,
            None => true,
        };
        if !applies {
            return Some(Outcome::NotApplicable);
        }
        if !rule.are_steps_looked_at {
            return None;
        }
        let passes = self.look_at_steps(&rule.steps, subject)?;
        Some(if passes { Outcome::Pass } else { Outcome::Undecided })
    }

    /// Whether all clauses surely pass.
    fn direct_steps(&mut self, steps: &[DirectStep<'_>], subject: Subject<'e>) -> bool {
        steps.iter().all(|step| match step {
            DirectStep::Let { local, value } => {
                let value = self.direct_raw(value, subject);
                self.set(*local, value);
                true
            }
            DirectStep::Require(condition) => self.direct_test(condition, subject).is_true(),
            DirectStep::Pairs(source) => {
                let value = self.direct_raw(source, subject);
                let items = self.items_of(value, true);
                items.len() == 0 && items.open.is_none()
            }
            DirectStep::For { over, steps } => {
                let items = self.direct_items(over, subject);
                let passes = (0..items.len()).all(|position| {
                    if self.has_passed(over, &items, position) {
                        return true;
                    }
                    let before = self.fuel_left();
                    let passes = self.charge(over.weight + 1)
                        && match self.direct_bind(over, &items, position, subject) {
                            Truth::False => true,
                            Truth::True => self.direct_steps(steps, subject),
                            Truth::Unknown(_) => false,
                        };
                    if passes {
                        self.keep_passed(over, &items, position, before);
                    }
                    passes
                });
                passes && items.open.is_none()
            }
        })
    }

    /// What the only clause says, which comes last.
    fn direct_clause(&mut self, steps: &[DirectStep<'_>], subject: Subject<'e>) -> Outcome {
        match steps.split_last() {
            Some((DirectStep::Require(condition), before)) if self.direct_steps(before, subject) => {
                match self.direct_test(condition, subject) {
                    Truth::True => Outcome::Pass,
                    fault => Outcome::Fault(fault),
                }
            }
            _ => Outcome::Undecided,
        }
    }

    /// Whether this very item has passed before, for another subject. That takes as much fuel as the first time.
    fn has_passed(&mut self, over: &DirectOver<'_>, items: &Items<'e>, position: usize) -> bool {
        let (Some(passed), Some(record)) = (&over.passed, items.record(position)) else { return false };
        fuel_of(passed, record).is_some_and(|fuel| self.charge(fuel as usize))
    }

    fn keep_passed(&mut self, over: &DirectOver<'_>, items: &Items<'e>, position: usize, before: u64) {
        let (Some(passed), Some(record)) = (&over.passed, items.record(position)) else { return };
        if !self.is_traced() && !self.is_exhausted() {
            let fuel = before - self.fuel_left();
            let address = Arc::as_ptr(record) as usize;
            passed.borrow_mut().insert(address, (Value::Record(record.clone()), fuel));
        }
    }

    fn direct_items(&mut self, over: &DirectOver<'_>, subject: Subject<'e>) -> Items<'e> {
        let value = self.direct_raw(&over.source, subject);
        self.items_of(value, false)
    }

    fn direct_bind(
        &mut self,
        over: &DirectOver<'_>,
        items: &Items<'e>,
        position: usize,
        subject: Subject<'e>,
    ) -> Truth {
        let item = items.get(position);
        for also in over.also {
            self.set(*also, item.value.clone());
        }
        self.set(over.local, item.value);
        let mut belongs = item.maybe.map_or(Truth::True, Truth::Unknown);
        for filter in &over.filters {
            belongs = belongs.and(self.direct_test(filter, subject));
            if belongs.is_false() {
                break;
            }
        }
        belongs
    }

    fn direct_quantifier(
        &mut self,
        quantifier: Quantifier,
        over: &DirectOver<'_>,
        body: &DirectTest<'_>,
        subject: Subject<'e>,
    ) -> Truth {
        let items = self.direct_items(over, subject);
        let mut found = Quantified::of_nothing(quantifier);
        for position in 0..items.len() {
            // Whoever runs out of fuel here is not decided.
            self.charge(over.weight + 1);
            let belongs = self.direct_bind(over, &items, position, subject);
            if !belongs.is_false() && found.decides(belongs, self.direct_test(body, subject)) {
                break;
            }
        }
        found.truth(items.open)
    }

    fn direct_test(&mut self, test: &DirectTest<'_>, subject: Subject<'e>) -> Truth {
        match test {
            DirectTest::Not(inner) => self.direct_test(inner, subject).negate(),
            DirectTest::And(left, right) => {
                let left = self.direct_test(left, subject);
                if left.is_false() { left } else { left.and(self.direct_test(right, subject)) }
            }
            DirectTest::Or(left, right) => {
                let left = self.direct_test(left, subject);
                if left.is_true() { left } else { left.or(self.direct_test(right, subject)) }
            }
            DirectTest::Compare { op, left, right, order } => {
                let left = self.direct_partly(left, subject);
                let right = self.direct_partly(right, subject);
                self.compare(*op, &left, &right, *order)
            }
            DirectTest::Is { value, test, negated } => {
                let value = self.direct_partly(value, subject);
                let truth = self.is_value(value, test);
                if *negated { truth.negate() } else { truth }
            }
            DirectTest::InKept { item, collection } => {
                let item = self.direct_partly(item, subject);
                self.is_in_table(&item, collection)
            }
            DirectTest::Quantifier { quantifier, screen: Some(screen), .. } if self.is_nowhere(screen) => {
                (*quantifier != Quantifier::Any).into()
            }
            DirectTest::Quantifier { quantifier, over, body, .. } => {
                self.direct_quantifier(*quantifier, over, body, subject)
            }
            DirectTest::Value(value) => Truth::of(&self.direct(value, subject)),
            DirectTest::Other(code) => self.truth(code),
        }
        .spread()
    }

    /// A value that is not a scalar on a tape any more.
    fn direct(&mut self, code: &Direct<'_>, subject: Subject<'e>) -> Value {
        match self.direct_raw(code, subject) {
            Value::Node { source, node } => self.estate.node(source, node),
            value => value,
        }
    }

    /// The same, but for texts of which the ends are known.
    fn direct_partly(&mut self, code: &Direct<'_>, subject: Subject<'e>) -> Value {
        match self.direct_raw(code, subject) {
            value @ Value::Node { .. } => self.partly_known(value),
            value => value,
        }
    }

    fn direct_raw(&mut self, code: &Direct<'_>, subject: Subject<'e>) -> Value {
        match code {
            Direct::Constant(value) => (*value).clone(),
            Direct::Slot(local) => self.get(*local),
            Direct::Column(position) => self.field_in(subject.shard, subject.id, *position),
            Direct::Field { base, field } => match self.direct(base, subject) {
                Value::Element(id) => self.field_of_element(id, *field),
                base => self.field_of(&base, *field),
            },
            Direct::Member { base, name } => {
                let base = self.direct_raw(base, subject);
                self.member(base, *name)
            }
            Direct::Index { base, index } => {
                let base = self.direct_raw(base, subject);
                let index = self.direct(index, subject);
                match (&base, &index) {
                    (Value::Entries { source, node }, Value::Text(key)) => {
                        self.estate.entry(*source, *node, *key)
                    }
                    _ => self.index(base, index),
                }
            }
            Direct::KeptEntry { map, index } => self.entry_of_table(map, index, subject),
            Direct::Coalesce { left, right, empty_is_absent } => {
                let left = self.direct_raw(left, subject);
                if self.reads_as_absent(&left, *empty_is_absent) {
                    self.direct_raw(right, subject)
                } else {
                    left
                }
            }
            Direct::If(parts) => {
                let (condition, then, otherwise) = &**parts;
                match self.direct_test(condition, subject) {
                    Truth::True => self.direct_raw(then, subject),
                    Truth::False => self.direct_raw(otherwise, subject),
                    Truth::Unknown(causes) => {
                        // Both branches may agree: the interpreter knows.
                        self.give_up();
                        Value::Unknown(causes)
                    }
                }
            }
            Direct::AsText(code) => {
                let value = self.direct(code, subject);
                self.value_as_text(value)
            }
            Direct::Binary { op: op @ (BinaryOp::In | BinaryOp::Contains | BinaryOp::Like), left, right } => {
                let left = self.direct_partly(left, subject);
                let right = self.direct_partly(right, subject);
                self.binary(*op, left, right)
            }
            Direct::Binary { op, left, right } => {
                let left = self.direct(left, subject);
                let right = self.direct(right, subject);
                self.binary(*op, left, right)
            }
            Direct::Test(test) => self.direct_test(test, subject).into(),
            Direct::Other(code) => self.raw(code),
        }
    }

    fn is_in_table(&mut self, item: &Value, collection: &Kept<'_>) -> Truth {
        let table = self.kept_table(collection);
        match (item, &table.texts, &table.value) {
            (Value::Text(text), Some(texts), Value::List(_) | Value::Set(_)) => {
                texts.contains_key(text).into()
            }
            _ => {
                let collection = table.value.clone();
                self.is_in_kept(item, &collection)
            }
        }
    }

    fn entry_of_table(&mut self, map: &Kept<'_>, index: &Direct<'_>, subject: Subject<'e>) -> Value {
        let table = self.kept_table(map);
        let index = self.direct(index, subject);
        if let (Value::Text(text), Some(texts), Value::Map(map)) = (&index, &table.texts, &table.value) {
            return match texts.get(text) {
                Some(position) => map.entries[*position as usize].1.clone(),
                None => map.open.map_or(Value::Absent, Value::Unknown),
            };
        }
        let base = table.value.clone();
        self.entry_of_kept(&base, &index).unwrap_or_else(|| self.index(base, index))
    }

    pub(super) fn kept_table<'k>(&mut self, kept: &'k Kept<'_>) -> &'k KeptTable {
        match kept.table.get() {
            Some(_) if !self.is_traced() => {}
            Some(_) => {
                // It was read for this subject, too.
                self.eval(kept.code);
            }
            None => {
                let value = self.eval(kept.code);
                let _ = kept.table.set(KeptTable { texts: texts_of(&value), value });
            }
        }
        kept.table.get_or_init(|| KeptTable { value: Value::Absent, texts: None })
    }
}

/// What an item took that has passed.
pub(super) fn fuel_of(passed: &RefCell<Passed>, record: &Arc<RecordValue>) -> Option<u64> {
    passed.borrow().get(&(Arc::as_ptr(record) as usize)).map(|(_, fuel)| *fuel)
}

/// Tables of larger collections are made once for all kinds: by the interpreter.
const MOST_TEXTS: usize = 4096;

/// The positions of texts in a complete collection of which nothing else equals a text.
fn texts_of(collection: &Value) -> Option<FxHashMap<Symbol, u32>> {
    let is_plain = |value: &Value| {
        matches!(value, Value::Text(_) | Value::Made(_) | Value::Int(_) | Value::Bool(_) | Value::Element(_))
    };
    let texts = |values: &mut dyn Iterator<Item = &Value>| {
        let mut texts = FxHashMap::default();
        for (position, value) in values.enumerate() {
            if !is_plain(value) {
                return None;
            }
            if let Value::Text(text) = value {
                texts.entry(*text).or_insert(position as u32);
            }
        }
        Some(texts)
    };
    match collection {
        Value::List(list) | Value::Set(list) if list.items.len() <= MOST_TEXTS && list.is_complete() => {
            texts(&mut list.items.iter())
        }
        Value::Map(map) if map.entries.len() <= MOST_TEXTS && !map.is_nocase => {
            texts(&mut map.entries.iter().map(|(key, _)| key))
        }
        _ => None,
    }
}
