//! The definitions of a model as a session compares them: what verdicts rest on, what is said about them, and when `now`
//! makes a difference.

use std::hash::{DefaultHasher, Hash, Hasher};

use iom_model::{Exception, Model, Policy, QualifiedName};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::clock::Clock;
use super::content::{Aspect, Content};

/// A definition with everything that it reaches through functions and constants.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Closed {
    pub hash: u64,
    pub clock: Clock,
}

/// What a session remembers of a model.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// Functions and constants as they stand.
    own: FxHashMap<QualifiedName, Content>,
    /// What facts are made of: types, kinds with their adapters, resources, binds, blueprints, data.
    pub foundation: Closed,
    /// Where that is written.
    pub places: u64,
    /// Functions and constants, whatever they reach included.
    pub values: FxHashMap<QualifiedName, Closed>,
    pub policies: FxHashMap<QualifiedName, PolicyDefinition>,
    /// Instants at which modes, exceptions, overrides and reviews begin or end.
    pub dates: Vec<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct PolicyDefinition {
    /// What its verdicts rest on.
    pub verdicts: Closed,
    /// What is said about them: titles, messages, severity, modes, exceptions.
    pub words: Closed,
    /// Where its clauses are written.
    pub places: u64,
}

impl Definitions {
    /// `data` is another number where the values of `data` declarations are others.
    pub fn of(model: &Model, data: u64) -> Definitions {
        let mut own: FxHashMap<QualifiedName, Content> = FxHashMap::default();
        own.extend(model.functions.iter().map(|(name, one)| (name.clone(), content(one))));
        own.extend(model.constants.iter().map(|(name, one)| (name.clone(), content(one))));
        let closing = Closing { own: &own };
        let facts = (&model.types, &model.traits, &model.kinds, &model.resources, &model.binds);
        let facts = (facts, &model.blueprints, &model.data, data);
        let foundation = closing.close(&Content::of(&facts, Aspect::Verdicts));
        let declared = (&model.kinds, &model.resources, &model.blueprints, &model.data);
        let values = own.iter().map(|(name, content)| (name.clone(), closing.close(content))).collect();
        let mut policies = FxHashMap::default();
        let exceptions = by_policy(model, &closing);
        for (name, policy) in &model.policies {
            let excused = exceptions.get(&policy.declared).map_or(&[][..], Vec::as_slice);
            policies.insert(name.clone(), PolicyDefinition::of(policy, excused, &closing));
        }
        Definitions {
            foundation,
            places: Content::of(&declared, Aspect::Places).hash,
            values,
            policies,
            dates: dates(model),
            own,
        }
    }

    /// An expression with everything that it reaches.
    pub fn closed(&self, expression: &iom_model::Expr) -> Closed {
        Closing { own: &self.own }.close(&content(expression))
    }
}

fn content(definition: &impl Serialize) -> Content {
    Content::of(definition, Aspect::Verdicts)
}

/// Functions and constants as they stand.
struct Closing<'d> {
    own: &'d FxHashMap<QualifiedName, Content>,
}

impl Closing<'_> {
    /// A definition with everything that it reaches.
    fn close(&self, content: &Content) -> Closed {
        let mut seen: FxHashSet<&QualifiedName> = FxHashSet::default();
        let mut queue: Vec<&QualifiedName> = content.names.iter().collect();
        while let Some(name) = queue.pop() {
            if seen.insert(name)
                && let Some(found) = self.own.get(name)
            {
                queue.extend(&found.names);
            }
        }
        let mut reached: Vec<&QualifiedName> = seen.into_iter().collect();
        reached.sort_unstable();
        let mut hasher = DefaultHasher::new();
        content.hash.hash(&mut hasher);
        let mut clock = content.clock.clone();
        for name in reached {
            name.hash(&mut hasher);
            if let Some(found) = self.own.get(name) {
                found.hash.hash(&mut hasher);
                clock.join(&found.clock);
            }
        }
        Closed { hash: hasher.finish(), clock }
    }
}

impl PolicyDefinition {
    fn of(policy: &Policy, exceptions: &[(u64, Clock)], closing: &Closing<'_>) -> PolicyDefinition {
        let rules = (&policy.rules, &policy.layers);
        let verdicts = closing.close(&Content::of(&rules, Aspect::Verdicts));
        let mut words = closing.close(&Content::of(policy, Aspect::Words));
        let mut hasher = DefaultHasher::new();
        words.hash.hash(&mut hasher);
        for (hash, clock) in exceptions {
            hash.hash(&mut hasher);
            words.clock.join(clock);
        }
        // Modes and exceptions begin and end.
        let steps = policy.mode.iter().flatten().filter_map(|step| step.until);
        words.clock.thresholds.extend(steps);
        words.hash = hasher.finish();
        PolicyDefinition { verdicts, words, places: Content::of(policy, Aspect::Places).hash }
    }
}

/// By declared policy: its exceptions, each with when it holds.
fn by_policy(model: &Model, closing: &Closing<'_>) -> FxHashMap<QualifiedName, Vec<(u64, Clock)>> {
    let mut found: FxHashMap<QualifiedName, Vec<(u64, Clock)>> = FxHashMap::default();
    for (position, exception) in model.exceptions.values().enumerate() {
        let (hash, clock) = excuse(exception, position, closing);
        let alone = std::slice::from_ref(&exception.policy);
        let policies = model.groups.get(&exception.policy).map_or(alone, |group| &group.policies);
        for policy in policies {
            found.entry(policy.clone()).or_default().push((hash, clock.clone()));
        }
    }
    found
}

fn excuse(exception: &Exception, position: usize, closing: &Closing<'_>) -> (u64, Clock) {
    let closed = closing.close(&Content::of(exception, Aspect::Words));
    let places = Content::of(exception, Aspect::Places);
    let mut hasher = DefaultHasher::new();
    (closed.hash, places.hash, position).hash(&mut hasher);
    let mut clock = closed.clock;
    clock.thresholds.extend([exception.opened, exception.expires]);
    (hasher.finish(), clock)
}

/// Two weeks before an exception ends it is spoken of.
const SOON: i64 = 14 * 86_400;

/// Instants from which on a report says something else about the same facts.
fn dates(model: &Model) -> Vec<i64> {
    let mut dates: Vec<i64> = Vec::new();
    for exception in model.exceptions.values() {
        dates.extend([exception.opened, exception.expires.saturating_sub(SOON), exception.expires]);
    }
    for window in model.break_glass.values() {
        dates.extend([window.opened, window.until]);
    }
    dates.extend(
        model.policies.values().flat_map(|one| one.mode.iter().flatten().filter_map(|step| step.until)),
    );
    dates.extend(model.blueprints.values().filter_map(|blueprint| blueprint.review_by));
    let settings = model.resources.values().flat_map(|resource| &resource.fields);
    let changes = settings.flat_map(|setting| &setting.origins).filter_map(|origin| origin.change.as_ref());
    dates.extend(changes.filter_map(|change| change.until));
    dates
}
