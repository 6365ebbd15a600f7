//! Whether environments hold what they are for: the policies that they name as their outcomes.

use iom_model::{Scalar, Type};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::evidence::Claims;
use super::run::Judgement;
use crate::evaluate::Evaluator;
use crate::facts::Estate;
use crate::report::{OutcomeResult, OutcomeStatus, Verdict};
use crate::value::{ElementId, Value};

/// The field that names the policies.
const FIELD: &str = "outcomes";

/// What became of every outcome that an environment names, in order of environments and policies.
pub(crate) fn results(judgement: &Judgement<'_>, claims: &Claims) -> Vec<OutcomeResult> {
    let stated = stated(judgement.estate);
    if stated.is_empty() {
        return Vec::new();
    }
    let mut members = Members { judgement, claims, by_policy: FxHashMap::default() };
    let mut results: Vec<OutcomeResult> = stated
        .into_iter()
        .map(|(environment, policy)| {
            let counted = members.of(&policy, environment);
            let name = judgement.estate.short_name(environment).into();
            result(name, policy, counted)
        })
        .collect();
    results
        .sort_by(|left, right| (&left.environment, &left.policy).cmp(&(&right.environment, &right.policy)));
    results.dedup_by(|later, first| later.environment == first.environment && later.policy == first.policy);
    results
}

/// Environments with the policies that they name.
fn stated(estate: &Estate) -> Vec<(ElementId, SmolStr)> {
    let model = &estate.program.model;
    let is_outcomes = |ty: &Type| match ty.required() {
        Type::List(item) | Type::Set(item) => **item == Type::Scalar(Scalar::Policy),
        _ => false,
    };
    let mut stated = Vec::new();
    for kind in model.kinds.values() {
        let position = kind.fields.iter().position(|field| field.name == FIELD && is_outcomes(&field.ty));
        let (Some(position), Some(id)) = (position, estate.program.kind_named(&kind.name)) else { continue };
        for layer in estate.layers() {
            let mut evaluator = Evaluator::new(estate, *layer);
            for element in estate.population(id, *layer).map(ElementId) {
                let element = evaluator.canonical(element);
                if let Value::List(list) = evaluator.field(element, position as u16) {
                    let names = list.items.iter().filter_map(|item| match item {
                        Value::Text(name) => Some(SmolStr::new(estate.strings.resolve(name))),
                        _ => None,
                    });
                    stated.extend(names.map(|name| (element, name)));
                }
            }
        }
    }
    stated.sort();
    stated.dedup();
    stated
}

/// By resource: the environment it is in, if that is known, and the worst that the policy says of it.
type Judged = Vec<(Option<ElementId>, Verdict)>;

struct Members<'j, 'e> {
    judgement: &'j Judgement<'e>,
    claims: &'j Claims,
    by_policy: FxHashMap<SmolStr, Judged>,
}

impl Members<'_, '_> {
    fn of(&mut self, policy: &SmolStr, environment: ElementId) -> Vec<Verdict> {
        if !self.by_policy.contains_key(policy) {
            let judged = self.judged(policy);
            self.by_policy.insert(policy.clone(), judged);
        }
        let judged = self.by_policy.get(policy).map_or(&[][..], Vec::as_slice);
        let is_member = |place: &Option<ElementId>, verdict: Verdict| match place {
            Some(place) => *place == environment,
            // Where it is, nobody knows: it may be here.
            None => matches!(verdict, Verdict::Fail | Verdict::Unknown),
        };
        let members = judged.iter().filter(|(place, verdict)| is_member(place, *verdict));
        members.map(|(place, verdict)| if place.is_some() { *verdict } else { Verdict::Unknown }).collect()
    }

    /// All resources that a policy was judged over.
    fn judged(&self, policy: &str) -> Judged {
        let estate = self.judgement.estate;
        let program = &estate.program;
        let mut found: FxHashMap<(u32, Option<ElementId>), Verdict> = FxHashMap::default();
        for (position, raw) in self.judgement.policies.iter().enumerate() {
            let code = &program.policies[raw.policy];
            if !program.means(policy, code) {
                continue;
            }
            for layer in estate.layers() {
                let mut evaluator = Evaluator::new(estate, *layer);
                for kind in code.rules.iter().flat_map(|rule| &rule.population.kinds) {
                    for element in estate.population(*kind, *layer).map(ElementId) {
                        let number = self.judgement.number(&mut evaluator, element);
                        if !raw.applies.has(number) {
                            continue;
                        }
                        let Some(place) = place(&mut evaluator, element) else { continue };
                        let verdict = self.claims.worst(position, element);
                        let slot = found.entry((number, place)).or_insert(Verdict::Pass);
                        *slot = (*slot).max(verdict);
                    }
                }
            }
        }
        found.into_iter().map(|((_, place), verdict)| (place, verdict)).collect()
    }
}

/// The environment of an element, which may be one itself; `Some(None)` where it is not known, `None` where it has none.
fn place(evaluator: &mut Evaluator<'_>, element: ElementId) -> Option<Option<ElementId>> {
    let estate = evaluator.estate;
    let program = &estate.program;
    let kind = program.kind(estate.element(element).kind);
    let Some(position) = kind.field_position(program.names.environment) else {
        return Some(Some(evaluator.canonical(element)));
    };
    match evaluator.field(element, position) {
        Value::Element(environment) => Some(Some(evaluator.canonical(environment))),
        Value::Unknown(_) => Some(None),
        _ => None,
    }
}

fn result(environment: SmolStr, policy: SmolStr, verdicts: Vec<Verdict>) -> OutcomeResult {
    let count = |wanted: Verdict| verdicts.iter().filter(|verdict| **verdict == wanted).count() as u64;
    let (fail, unknown, excepted) = (count(Verdict::Fail), count(Verdict::Unknown), count(Verdict::Excepted));
    let population = verdicts.len() as u64;
    let status = match (fail, unknown) {
        (1.., _) => OutcomeStatus::Fails,
        // What nothing was judged for is not known to hold.
        (0, 0) if population > 0 => OutcomeStatus::Holds,
        _ => OutcomeStatus::Unknown,
    };
    let pass = population - fail - unknown - excepted;
    OutcomeResult { environment, policy, status, population, pass, fail, unknown, excepted }
}
