//! Conditions over plain values, as most of them are: what they are asked of is looked at where it stands, nothing is copied
//! and no fuel is counted, since they take no more steps than there are expressions.
//!
//! Whatever is not plain (not known, still on a tape, in a collection of its own) is not decided here.

use iom_model::{BinaryOp, CompareOp};
use iom_state::tape::{NodeIndex, NodeValue, Symbol};

use super::run::{Subject, fuel_of};
use super::{Direct, DirectOver, DirectStep, DirectTest, Kept};
use crate::evaluate::Evaluator;
use crate::program::{FieldId, Order, Test};
use crate::value::{ElementId, Value};

/// A value that is known.
#[derive(Clone, Copy)]
enum Plain<'v> {
    Absent,
    Bool(bool),
    Int(i64),
    Text(Symbol),
    Element(ElementId),
    /// A map of texts on a tape.
    Entries {
        source: u32,
        node: NodeIndex,
    },
    /// Something else that is there.
    Other(&'v Value),
}

impl<'v> Plain<'v> {
    /// Nothing where the value is not known, or where more has to be done to know it.
    #[inline]
    fn of(value: &'v Value) -> Option<Plain<'v>> {
        Some(match value {
            Value::Absent => Plain::Absent,
            Value::Bool(value) => Plain::Bool(*value),
            Value::Int(value) => Plain::Int(*value),
            Value::Text(text) => Plain::Text(*text),
            Value::Element(id) => Plain::Element(*id),
            Value::Entries { source, node } => Plain::Entries { source: *source, node: *node },
            Value::Unknown(_) | Value::Node { .. } => return None,
            other => Plain::Other(other),
        })
    }

    #[inline]
    fn is_absent(self) -> bool {
        matches!(self, Plain::Absent)
    }
}

/// Whether steps are made of nothing but what is decided here.
pub(super) fn are_looked_at(steps: &[DirectStep<'_>]) -> bool {
    steps.iter().all(|step| match step {
        DirectStep::Require(condition) => condition.is_looked_at(),
        DirectStep::For { over, steps } => {
            let is_told = over.passed.is_some() || are_looked_at(steps);
            is_told && over.filters.is_empty() && over.source.is_looked_at()
        }
        DirectStep::Let { .. } | DirectStep::Pairs(_) => false,
    })
}

impl DirectTest<'_> {
    /// Whether it is made of nothing but what is decided here.
    pub(super) fn is_looked_at(&self) -> bool {
        match self {
            DirectTest::Not(inner) => inner.is_looked_at(),
            DirectTest::And(left, right) | DirectTest::Or(left, right) => {
                left.is_looked_at() && right.is_looked_at()
            }
            DirectTest::Compare { left, right, .. } => left.is_looked_at() && right.is_looked_at(),
            DirectTest::Is { value, test, .. } => {
                let is_plain = matches!(test, Test::Present | Test::Absent | Test::Filled | Test::Blank);
                is_plain && value.is_looked_at()
            }
            DirectTest::InKept { item, .. } => item.is_looked_at(),
            DirectTest::Value(value) => value.is_looked_at(),
            DirectTest::Quantifier { .. } | DirectTest::Other(_) => false,
        }
    }
}

impl Direct<'_> {
    fn is_looked_at(&self) -> bool {
        match self {
            Direct::Constant(_) | Direct::Column(_) => true,
            Direct::Slot(_) => true,
            Direct::Field { base, .. } | Direct::Member { base, .. } => base.is_looked_at(),
            Direct::Index { base, index } => base.is_looked_at() && index.is_looked_at(),
            Direct::KeptEntry { index, .. } => index.is_looked_at(),
            Direct::Coalesce { left, right, .. } => left.is_looked_at() && right.is_looked_at(),
            Direct::If(parts) => {
                let (condition, then, otherwise) = &**parts;
                condition.is_looked_at() && then.is_looked_at() && otherwise.is_looked_at()
            }
            Direct::AsText(value) => value.is_looked_at(),
            Direct::Binary { op: BinaryOp::In, left, right } => left.is_looked_at() && right.is_looked_at(),
            Direct::Test(test) => test.is_looked_at(),
            Direct::Binary { .. } | Direct::Other(_) => false,
        }
    }
}

impl<'e> Evaluator<'e> {
    /// Whether all clauses pass; nothing where that takes more than a look.
    pub(super) fn look_at_steps(&mut self, steps: &[DirectStep<'_>], subject: Subject<'e>) -> Option<bool> {
        for step in steps {
            match step {
                DirectStep::Require(condition) => {
                    if !self.look(condition, subject)? {
                        return Some(false);
                    }
                }
                DirectStep::For { over, steps } => {
                    if !self.look_at_items(over, steps, subject)? {
                        return Some(false);
                    }
                }
                DirectStep::Let { .. } | DirectStep::Pairs(_) => return None,
            }
        }
        Some(true)
    }

    /// The same for each item of a collection all of which is known. Rounds are charged.
    fn look_at_items(
        &mut self,
        over: &DirectOver<'_>,
        steps: &[DirectStep<'_>],
        subject: Subject<'e>,
    ) -> Option<bool> {
        let list = match self.plain(&over.source, subject)? {
            Plain::Absent => return Some(true),
            Plain::Other(Value::List(list) | Value::Set(list)) if list.maybe.is_none() => list,
            _ => return None,
        };
        if list.open.is_some() {
            return None;
        }
        for item in &list.items {
            if let (Some(passed), Value::Record(record)) = (&over.passed, item)
                && let Some(fuel) = fuel_of(passed, record)
            {
                if !self.charge(fuel as usize) {
                    return None;
                }
                continue;
            }
            if !self.charge(over.weight + 1) {
                return None;
            }
            for also in over.also {
                self.set(*also, item.clone());
            }
            self.set(over.local, item.clone());
            if !self.look_at_steps(steps, subject)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// What a condition says; nothing where that takes more than a look.
    pub(super) fn look(&mut self, test: &DirectTest<'_>, subject: Subject<'e>) -> Option<bool> {
        match test {
            DirectTest::Not(inner) => self.look(inner, subject).map(|holds| !holds),
            DirectTest::And(left, right) => Some(self.look(left, subject)? && self.look(right, subject)?),
            DirectTest::Or(left, right) => Some(self.look(left, subject)? || self.look(right, subject)?),
            DirectTest::Compare { op, left, right, order } => {
                let left = self.plain(left, subject)?;
                let right = self.plain(right, subject)?;
                let is_equal = self.are_equal(left, right, *order)?;
                match op {
                    CompareOp::Equal => Some(is_equal),
                    CompareOp::NotEqual => Some(!is_equal),
                    _ => None,
                }
            }
            DirectTest::Is { value, test, negated } => {
                let value = self.plain(value, subject)?;
                let is_empty = matches!(value, Plain::Text(text) if text == self.program.names.empty);
                let holds = match test {
                    Test::Present => !value.is_absent(),
                    Test::Absent => value.is_absent(),
                    Test::Filled => !value.is_absent() && !is_empty,
                    Test::Blank => value.is_absent() || is_empty,
                    _ => return None,
                };
                Some(holds != *negated)
            }
            DirectTest::InKept { item, collection } => {
                let Plain::Text(text) = self.plain(item, subject)? else { return None };
                let table = self.kept_table(collection);
                match (&table.texts, &table.value) {
                    (Some(texts), Value::List(_) | Value::Set(_)) => Some(texts.contains_key(&text)),
                    _ => None,
                }
            }
            DirectTest::Value(value) => match self.plain(value, subject)? {
                Plain::Bool(holds) => Some(holds),
                _ => None,
            },
            DirectTest::Quantifier { .. } | DirectTest::Other(_) => None,
        }
    }

    fn are_equal(&mut self, left: Plain<'_>, right: Plain<'_>, order: Order) -> Option<bool> {
        match (left, right) {
            (Plain::Absent, Plain::Absent) => Some(true),
            (Plain::Absent, Plain::Bool(_) | Plain::Int(_) | Plain::Text(_) | Plain::Element(_))
            | (Plain::Bool(_) | Plain::Int(_) | Plain::Text(_) | Plain::Element(_), Plain::Absent) => {
                Some(false)
            }
            (Plain::Bool(left), Plain::Bool(right)) => Some(left == right),
            (Plain::Int(left), Plain::Int(right)) => Some(left == right),
            (Plain::Text(left), Plain::Text(right)) if left == right => Some(true),
            (Plain::Text(_), Plain::Text(_)) if order != Order::Nocase => Some(false),
            (Plain::Element(left), Plain::Element(right)) => {
                Some(left == right || self.canonical(left) == self.canonical(right))
            }
            _ => None,
        }
    }

    /// A value as it stands; nothing where it is not plain.
    fn plain<'v>(&mut self, code: &'v Direct<'_>, subject: Subject<'e>) -> Option<Plain<'v>>
    where
        'e: 'v,
    {
        match code {
            Direct::Constant(value) => Plain::of(value),
            Direct::Slot(local) if *local == subject.local => Some(Plain::Element(subject.id)),
            Direct::Slot(local) => self.plain_slot(*local),
            Direct::Column(position) => self.plain_column(subject, *position),
            Direct::Field { base, field } => match self.plain(base, subject)? {
                Plain::Element(id) => self.plain_field(id, *field, subject),
                Plain::Absent => Some(Plain::Absent),
                Plain::Other(Value::Record(record)) => {
                    record.field(self.program.fields[field.index()].name).and_then(Plain::of)
                }
                _ => None,
            },
            Direct::Member { base, name } => match self.plain(base, subject)? {
                Plain::Absent => Some(Plain::Absent),
                Plain::Other(Value::Record(record)) => record.field(*name).and_then(Plain::of),
                Plain::Entries { source, node } => self.plain_entry(source, node, *name),
                _ => None,
            },
            Direct::Index { base, index } => {
                let base = self.plain(base, subject)?;
                let index = self.plain(index, subject)?;
                match (base, index) {
                    (Plain::Absent, _) => Some(Plain::Absent),
                    (Plain::Entries { source, node }, Plain::Text(key)) => {
                        self.plain_entry(source, node, key)
                    }
                    _ => None,
                }
            }
            Direct::KeptEntry { map, index } => self.plain_kept_entry(map, index, subject),
            Direct::Coalesce { left, right, empty_is_absent } => match self.plain(left, subject)? {
                Plain::Absent => self.plain(right, subject),
                Plain::Text(text) if *empty_is_absent && text == self.program.names.empty => {
                    self.plain(right, subject)
                }
                there => Some(there),
            },
            Direct::If(parts) => {
                let (condition, then, otherwise) = &**parts;
                let branch = if self.look(condition, subject)? { then } else { otherwise };
                self.plain(branch, subject)
            }
            Direct::AsText(value) => match self.plain(value, subject)? {
                Plain::Element(id) => {
                    let element = self.estate.element(id);
                    element.is_imported().then(|| Plain::of(&element.address)).flatten()
                }
                text @ Plain::Text(_) => Some(text),
                _ => None,
            },
            Direct::Binary { op: BinaryOp::In, left, right } => {
                let left = self.plain(left, subject)?;
                let right = self.plain(right, subject)?;
                is_in(left, right).map(Plain::Bool)
            }
            Direct::Test(test) => self.look(test, subject).map(Plain::Bool),
            Direct::Binary { .. } | Direct::Other(_) => None,
        }
    }

    /// What a slot holds, where that is not held by reference.
    fn plain_slot<'v>(&self, local: u32) -> Option<Plain<'v>> {
        match self.slot(local)? {
            Value::Absent => Some(Plain::Absent),
            Value::Bool(value) => Some(Plain::Bool(*value)),
            Value::Int(value) => Some(Plain::Int(*value)),
            Value::Text(text) => Some(Plain::Text(*text)),
            Value::Element(id) => Some(Plain::Element(*id)),
            _ => None,
        }
    }

    #[inline]
    fn plain_column(&mut self, subject: Subject<'e>, position: u16) -> Option<Plain<'e>> {
        let cell = self.estate.cell_to_read(subject.shard, subject.id, position)?;
        if cell.get().is_none() {
            self.field_in(subject.shard, subject.id, position);
        }
        cell.get().and_then(Plain::of)
    }

    fn plain_field(&mut self, id: ElementId, field: FieldId, subject: Subject<'e>) -> Option<Plain<'e>> {
        let estate = self.estate;
        let shard = if id == subject.id { subject.shard } else { estate.shard_with(id)? };
        let position = self.program.fields[field.index()].position(shard.kind)?;
        self.plain_column(Subject { shard, id, local: subject.local }, position)
    }

    #[inline]
    fn plain_entry<'v>(&self, source: u32, node: NodeIndex, key: Symbol) -> Option<Plain<'v>> {
        let tape = &self.estate.sources.get(source as usize)?.document.tape;
        match tape.member(node, key) {
            None => Some(Plain::Absent),
            Some(member) => match tape.node(member).value {
                NodeValue::Text(text) => Some(Plain::Text(text)),
                _ => None,
            },
        }
    }

    fn plain_kept_entry<'v>(
        &mut self,
        map: &'v Kept<'_>,
        index: &'v Direct<'_>,
        subject: Subject<'e>,
    ) -> Option<Plain<'v>>
    where
        'e: 'v,
    {
        let table = self.kept_table(map);
        let Plain::Text(text) = self.plain(index, subject)? else { return None };
        let (Some(texts), Value::Map(map)) = (&table.texts, &table.value) else { return None };
        match texts.get(&text) {
            Some(position) => Plain::of(&map.entries[*position as usize].1),
            None => map.open.is_none().then_some(Plain::Absent),
        }
    }
}

/// Collections with more items are looked through by the interpreter, which counts that.
const FEW: usize = 64;

/// Whether a text is in a small collection of nothing but texts, all of which are known.
fn is_in(item: Plain<'_>, collection: Plain<'_>) -> Option<bool> {
    let (Plain::Text(item), Plain::Other(Value::List(list) | Value::Set(list))) = (item, collection) else {
        return None;
    };
    if list.open.is_some() || list.maybe.is_some() || list.items.len() > FEW {
        return None;
    }
    let mut is_found = false;
    for other in &list.items {
        let Value::Text(other) = other else { return None };
        is_found |= *other == item;
    }
    Some(is_found)
}
