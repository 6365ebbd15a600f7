use iom_model::Builtin;
use iom_model::ties::Relation;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::{Access, Count, How, Key, RulePlan, StepPlan};
use crate::facts::Estate;
use crate::judge::report_layer;
use crate::program::{Code, FunctionId, KindSet, Over, PolicyCode, RuleCode, StepCode};

/// Functions inside functions that are looked into.
const MAX_CALLS: usize = 8;

/// Looks for what a rule goes through.
pub(super) struct Search<'e> {
    pub estate: &'e Estate,
    /// What slots are called.
    pub names: FxHashMap<u32, String>,
    /// The slot whose fields are written `.field`.
    pub at_hand: Option<u32>,
    subject: u32,
    reads: Vec<SmolStr>,
    calls: Vec<FunctionId>,
    /// Inside of what is computed once.
    is_once: bool,
}

impl<'e> Search<'e> {
    pub fn new(estate: &'e Estate) -> Search<'e> {
        Search {
            estate,
            names: FxHashMap::default(),
            at_hand: None,
            subject: 0,
            reads: Vec::new(),
            calls: Vec::new(),
            is_once: false,
        }
    }

    pub fn rule(mut self, policy: &PolicyCode, rule: &RuleCode) -> RulePlan {
        self.subject = rule.subject;
        self.name(rule.subject, &Search::short(&rule.population.name));
        let grouped_by = rule.by.as_ref().map(|by| self.written_of(by.local, &by.key));
        let filter = rule.filter.as_ref().map(|filter| self.written_of(rule.subject, filter));
        let mut accesses = Vec::new();
        for code in rule.by.iter().map(|by| &by.key).chain(&rule.filter) {
            accesses.extend(self.code(code));
        }
        let steps = self.steps(policy, &rule.steps);
        self.reads.sort();
        self.reads.dedup();
        RulePlan {
            population: rule.population.name.clone(),
            elements: self.counts(&rule.population),
            grouped_by,
            filter,
            reads: self.reads,
            accesses,
            steps,
        }
    }

    fn counts(&self, kinds: &KindSet) -> Vec<Count> {
        let count = |layer| kinds.kinds.iter().map(|kind| self.estate.population(*kind, layer).len()).sum();
        let layers = self.estate.layers().iter();
        layers.map(|layer| Count { layer: report_layer(*layer), count: count(*layer) }).collect()
    }

    fn steps(&mut self, policy: &PolicyCode, steps: &[StepCode]) -> Vec<StepPlan> {
        let mut plans = Vec::new();
        for step in steps {
            let plan = match step {
                StepCode::Let { local, value } => {
                    let written = self.written(value);
                    self.names.insert(*local, written);
                    StepPlan { require: None, accesses: self.code(value), steps: Vec::new() }
                }
                StepCode::For { over, steps, .. } => {
                    let access = self.over(over, None);
                    let steps = self.steps(policy, steps);
                    StepPlan { require: None, accesses: vec![access], steps }
                }
                StepCode::Require(clause) => {
                    let written = policy.clauses.iter().find(|one| one.clause == clause.clause);
                    let mut accesses = self.code(&clause.condition);
                    clause.message.iter().for_each(|message| accesses.extend(self.code(message)));
                    StepPlan {
                        require: Some(written.map(|one| one.source.clone()).unwrap_or_default()),
                        accesses,
                        steps: Vec::new(),
                    }
                }
            };
            if plan.require.is_some() || !plan.accesses.is_empty() || !plan.steps.is_empty() {
                plans.push(plan);
            }
        }
        plans
    }

    /// What an expression goes through.
    fn code(&mut self, code: &Code) -> Vec<Access> {
        let mut found = Vec::new();
        match code {
            Code::Shared { value, .. } => {
                let outside = std::mem::replace(&mut self.is_once, true);
                let inside = self.code(value);
                self.is_once = outside;
                found.push(Access { inside, ..self.access(How::Once, value) });
            }
            Code::Quantifier { over, body, reach: Some(_), .. } => {
                let mut access = self.access(How::OnePass, &over.source);
                self.name_item(over);
                access.filters = over.filters.iter().map(|one| self.written_of(over.local, one)).collect();
                access.filters.push(self.written_of(over.local, body));
                found.push(access);
            }
            Code::Quantifier { over, body, .. } => found.push(self.over(over, Some(body))),
            Code::Filter(over) => found.push(self.over(over, None)),
            Code::ListComprehension { binders, value } => {
                let inner: Vec<Access> = binders.iter().map(|over| self.over(over, None)).collect();
                found.extend(inner);
                found.extend(self.code(value));
            }
            Code::MapComprehension { binders, key, value } => {
                let inner: Vec<Access> = binders.iter().map(|over| self.over(over, None)).collect();
                found.extend(inner);
                found.extend(self.code(key));
                found.extend(self.code(value));
            }
            Code::Builtin { function: Builtin::Upstream | Builtin::Downstream | Builtin::Path, .. } => {
                found.push(self.access(How::Walk, code));
            }
            Code::Call { function, arguments } => {
                arguments.iter().for_each(|argument| found.extend(self.code(argument)));
                found.extend(self.call(*function, arguments));
            }
            other => {
                if let Code::ElementField { base, field } = other
                    && matches!(**base, Code::Local(local) if local == self.subject && self.calls.is_empty())
                {
                    let name = self.estate.program.fields[field.index()].name;
                    self.reads.push(self.estate.strings.resolve(&name).into());
                }
                let mut parts = Vec::new();
                other.for_each_part(&mut |part| parts.push(part));
                parts.into_iter().for_each(|part| found.extend(self.code(part)));
                if let Code::Let { body, .. } = other {
                    found.extend(self.code(body));
                }
            }
        }
        found
    }

    fn access(&self, how: How, of: &Code) -> Access {
        Access { how, of: self.written(of), size: None, filters: Vec::new(), inside: Vec::new() }
    }

    fn call(&mut self, function: FunctionId, arguments: &[Code]) -> Vec<Access> {
        if self.calls.len() >= MAX_CALLS || self.calls.contains(&function) {
            return Vec::new();
        }
        let names = arguments.iter().enumerate().map(|(slot, value)| (slot as u32, self.written(value)));
        let names: FxHashMap<u32, String> = names.collect();
        let outside = std::mem::replace(&mut self.names, names);
        let at_hand = self.at_hand.take();
        self.calls.push(function);
        let program = &self.estate.program;
        let found = self.code(&program.functions[function.index()].value);
        self.calls.pop();
        self.at_hand = at_hand;
        self.names = outside;
        found
    }

    /// How the collection of a binder is got at, and what is done inside.
    fn over(&mut self, over: &Over, body: Option<&Code>) -> Access {
        let program = &self.estate.program;
        let key = |search: &Search<'_>, join: &crate::program::Join| {
            let inner =
                Search { names: FxHashMap::default(), at_hand: Some(0), ..Search::new(search.estate) };
            Key {
                key: inner.written(&program.joins[join.id.index()].key),
                relation: relation(join.relation),
                value: search.written(&join.probe),
            }
        };
        let how = match over.source.seen_through() {
            _ if !over.joins.is_empty() => {
                How::LookUp { by: over.joins.iter().map(|join| key(self, join)).collect() }
            }
            Code::Population(_) if !self.is_once => How::TryAll,
            Code::Builtin { function: Builtin::Upstream | Builtin::Downstream, .. } => How::Walk,
            _ => How::GoThrough,
        };
        let mut access = self.access(how, &over.source);
        if let Code::Population(kinds) = &over.source {
            access.size = self.counts(kinds).iter().map(|count| count.count).max();
        }
        if let Code::Shared { value, .. } = &over.source {
            access.inside.push(self.access(How::Once, value));
        }
        self.name_item(over);
        access.filters = over.filters.iter().map(|one| self.written_of(over.local, one)).collect();
        let inner = over.by.iter().map(|by| &by.key).chain(&over.filters).chain(body);
        for code in inner {
            access.inside.extend(self.code(code));
        }
        access
    }

    fn name_item(&mut self, over: &Over) {
        let name = match over.source.seen_through() {
            Code::Population(kinds) => Search::short(&kinds.name),
            _ => "item".to_owned(),
        };
        for local in over.also.iter().chain([&over.local]).chain(&over.second) {
            self.name(*local, &name);
        }
    }

    /// Calls a slot something that no other slot is called.
    fn name(&mut self, local: u32, wanted: &str) {
        self.names.remove(&local);
        let taken = |name: &str| self.names.values().any(|other| other == name);
        let mut name = wanted.to_owned();
        let mut number = 2;
        while taken(&name) {
            name = format!("{wanted} {number}");
            number += 1;
        }
        self.names.insert(local, name);
    }

    /// `aws.SecurityGroup`: `group`
    fn short(kind: &str) -> String {
        let last = kind.rsplit('.').next().unwrap_or(kind);
        let word = last.rfind(char::is_uppercase).map_or(last, |at| &last[at..]);
        word.to_lowercase()
    }
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "equal to",
        Relation::EqualNocase => "equal but for case to",
        Relation::OneOf => "one of",
        Relation::Has => "which has",
        Relation::Covers => "which covers",
        Relation::Within => "inside",
        Relation::Overlaps => "which overlaps",
    }
}
