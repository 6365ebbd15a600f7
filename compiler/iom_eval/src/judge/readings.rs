//! What verdicts rest on, where results are kept.

use rustc_hash::FxHashMap;

use crate::evaluate::{Evaluator, Fact};
use crate::facts::Estate;

/// What was read to judge a policy.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// To find the subjects.
    common: Vec<Fact>,
    /// Of one subject after the other, in the order in which they are judged.
    facts: Vec<Fact>,
    /// By subject: where its facts end.
    ends: Vec<u32>,
    /// By subject: whether the policy applies to it.
    pub applies: Vec<bool>,
    /// Facts of subjects that were judged again.
    again: FxHashMap<u32, Vec<Fact>>,
    columns: Columns,
}

impl Readings {
    pub fn add_common(&mut self, estate: &Estate, mut facts: Vec<Fact>) {
        self.columns.add(estate, &facts);
        self.common.append(&mut facts);
    }

    /// What was read of the next subject.
    pub fn add(&mut self, evaluator: &mut Evaluator<'_>, applies: bool) {
        let start = self.facts.len();
        evaluator.take_readings_into(&mut self.facts);
        self.columns.add(evaluator.estate, self.facts.get(start..).unwrap_or_default());
        self.ends.push(self.facts.len() as u32);
        self.applies.push(applies);
    }

    /// What was read of a subject that was judged again.
    pub fn set(&mut self, estate: &Estate, subject: u32, facts: Vec<Fact>) {
        self.columns.add(estate, &facts);
        self.again.insert(subject, facts);
    }

    /// Facts that were read to find the subjects.
    pub fn common(&self) -> &[Fact] {
        &self.common
    }

    /// Whether anything may be among the readings that is of the columns of some facts.
    pub fn has_columns_of<'f>(&self, estate: &Estate, mut facts: impl Iterator<Item = &'f Fact>) -> bool {
        facts.any(|fact| self.columns.has(estate, *fact))
    }

    /// Subjects with a fact that is looked for, in order.
    pub fn subjects_of(&self, is_it: impl Fn(Fact) -> bool) -> Vec<u32> {
        let hits = self.facts.iter().enumerate().filter(|(_, fact)| is_it(**fact));
        let subjects = hits.map(|(at, _)| self.ends.partition_point(|end| *end as usize <= at) as u32);
        let again = self.again.iter().filter(|(_, facts)| facts.iter().any(|fact| is_it(*fact)));
        let subjects = subjects.filter(|subject| !self.again.contains_key(subject));
        let mut subjects: Vec<u32> = subjects.chain(again.map(|(subject, _)| *subject)).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// All facts.
    pub fn all(&self) -> impl Iterator<Item = Fact> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let runs = (0..).zip(starts.zip(self.ends.iter().copied()));
        let own = runs.flat_map(|(subject, (start, end))| match self.again.get(&subject) {
            Some(facts) => facts.as_slice(),
            None => self.facts.get(start as usize..end as usize).unwrap_or(&[]),
        });
        self.common.iter().chain(own).copied()
    }
}

/// Which fields of which kinds in which layers are among some facts, and which sorts of other facts.
#[derive(Debug, Default)]
struct Columns {
    /// By shard: a bit for each of the first fields, and one for all others.
    fields: Vec<u64>,
    /// A bit for each sort.
    others: u64,
}

impl Columns {
    fn add(&mut self, estate: &Estate, facts: &[Fact]) {
        for fact in facts {
            match estate.shard_position(*fact) {
                Some(shard) => {
                    if shard >= self.fields.len() {
                        self.fields.resize(shard + 1, 0);
                    }
                    self.fields[shard] |= bit(fact.detail());
                }
                None => self.others |= bit(fact.sort() as u16),
            }
        }
    }

    fn has(&self, estate: &Estate, fact: Fact) -> bool {
        match estate.shard_position(fact) {
            Some(shard) => self.fields.get(shard).is_some_and(|fields| fields & bit(fact.detail()) != 0),
            None => self.others & bit(fact.sort() as u16) != 0,
        }
    }
}

fn bit(position: u16) -> u64 {
    1 << position.min(u64::BITS as u16 - 1)
}
