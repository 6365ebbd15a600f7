use std::sync::Arc;

use iom_model::scalar::instant;
use iom_model::{Claim, Model};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::disposition::is_selected;
use super::run::Judgement;
use crate::evaluate::Evaluator;
use crate::program::SelectionCode;
use crate::report::{EvidenceResult, EvidenceStatus, Verdict};
use crate::value::{ElementId, Truth};

/// By element: what became of a clause, by its label.
pub(crate) type Verdicts = Vec<(ElementId, Option<SmolStr>, Verdict)>;

/// Clauses that did not pass, by label.
pub(crate) type Faults = Vec<(Option<SmolStr>, Verdict)>;

/// What became of the policies, for those who claim them.
#[derive(Default)]
pub(crate) struct Claims {
    /// The names of the judged policies, in their order.
    names: Vec<SmolStr>,
    /// By judged policy and element: clauses that did not pass.
    faults: Vec<Arc<FxHashMap<ElementId, Faults>>>,
}

impl Claims {
    pub fn add(&mut self, name: &SmolStr, faults: Arc<FxHashMap<ElementId, Faults>>) {
        self.names.push(name.clone());
        self.faults.push(faults);
    }
}

/// What became of the clauses of one policy, by element.
pub(crate) fn by_element(
    verdicts: impl Iterator<Item = (ElementId, Option<SmolStr>, Verdict)>,
) -> FxHashMap<ElementId, Faults> {
    let mut faults: FxHashMap<ElementId, Faults> = FxHashMap::default();
    for (element, label, verdict) in verdicts {
        faults.entry(element).or_default().push((label, verdict));
    }
    faults
}

impl Claims {
    /// The worst that a judged policy, by position, says of an element.
    pub fn worst(&self, position: usize, element: ElementId) -> Verdict {
        let faults = self.faults.get(position).and_then(|faults| faults.get(&element));
        faults.into_iter().flatten().map(|(_, verdict)| *verdict).max().unwrap_or(Verdict::Pass)
    }

    /// The judged policies that are claimed, by position: a claim may mean several.
    fn meant<'c>(&self, model: &Model, claims: &'c [Claim]) -> Vec<(&'c Claim, usize)> {
        let mut meant = Vec::new();
        for claim in claims {
            for (position, name) in self.names.iter().enumerate() {
                if model.policies.get(name).is_some_and(|policy| model.means(&claim.policy, policy)) {
                    meant.push((claim, position));
                }
            }
        }
        meant
    }
}

/// The status of every evidence requirement, as far as this run can tell.
pub(crate) fn results(judgement: &Judgement<'_>, claims: &Claims) -> Vec<EvidenceResult> {
    let estate = judgement.estate;
    let model = &estate.program.model;
    let mut results = Vec::with_capacity(model.evidence.len());
    for (evidence, selection) in model.evidence.values().zip(&estate.program.evidence) {
        let mut result = EvidenceResult {
            evidence: evidence.name.clone(),
            satisfies: evidence.satisfies.iter().map(|control| control.to_string().into()).collect(),
            status: EvidenceStatus::Missing,
            population: 0,
            pass: 0,
            fail: 0,
            unknown: 0,
            last_collected: None,
            title: evidence.title.as_deref().map(SmolStr::from),
            excepted: 0,
        };
        let mut was_judged = false;
        let mut is_open = false;
        for (number, verdict, judged) in members(judgement, claims, evidence, selection, &mut is_open) {
            let _ = number;
            result.population += 1;
            was_judged |= judged;
            match verdict {
                Verdict::Fail => result.fail += 1,
                Verdict::Unknown => result.unknown += 1,
                Verdict::Excepted => result.excepted += 1,
                Verdict::Pass | Verdict::NotApplicable => result.pass += 1,
            }
        }
        let collected = collected_at(judgement);
        result.last_collected = Some(instant::format_time(collected).into());
        let expires = evidence.fresh.and_then(|fresh| instant::add(collected, fresh));
        result.status = if result.population == 0 && !is_open || !was_judged {
            EvidenceStatus::Missing
        } else if result.fail > 0 {
            EvidenceStatus::Failing
        } else if result.unknown > 0 || is_open {
            EvidenceStatus::Unknown
        } else if expires.is_some_and(|expires| expires <= estate.at) {
            EvidenceStatus::Stale
        } else {
            EvidenceStatus::Fresh
        };
        results.push(result);
    }
    results
}

/// The newest of what the sources say about when they were made; the run itself where none says anything.
fn collected_at(judgement: &Judgement<'_>) -> i64 {
    let sources = judgement.estate.sources.iter();
    let stamps = sources.filter_map(|source| source.document.timestamp.as_deref());
    stamps.filter_map(|stamp| instant::parse_time(stamp).ok()).max().unwrap_or(judgement.estate.at)
}

/// The resources of the population, each with the worst that the claims say about it, and whether anything does.
fn members(
    judgement: &Judgement<'_>,
    claims: &Claims,
    evidence: &iom_model::Evidence,
    selection: &SelectionCode,
    is_open: &mut bool,
) -> Vec<(u32, Verdict, bool)> {
    let estate = judgement.estate;
    let claimed = claims.meant(&estate.program.model, &evidence.claims);
    let mut found: FxHashMap<u32, (Verdict, bool)> = FxHashMap::default();
    for layer in estate.layers() {
        let mut evaluator = Evaluator::new(estate, *layer);
        let mut candidates: Vec<ElementId> = Vec::new();
        match selection {
            SelectionCode::Where { population, .. } => {
                for kind in &population.kinds {
                    candidates.extend(estate.population(*kind, *layer).map(ElementId));
                }
                let doubt = estate.is_open(population, *layer);
                *is_open |= doubt.is_some() && !candidates.is_empty();
            }
            SelectionCode::These(resources) => {
                candidates.extend(resources.iter().flat_map(|one| estate.declared(*one)));
            }
        }
        for id in candidates {
            let member = is_selected(&mut evaluator, selection, id);
            if member.is_false() {
                continue;
            }
            let number = judgement.number(&mut evaluator, id);
            let (mut verdict, judged) = verdict(judgement, claims, &claimed, number, id);
            if let (Truth::Unknown(_), Verdict::Fail) = (member, verdict) {
                verdict = Verdict::Unknown;
            }
            let slot = found.entry(number).or_insert((Verdict::Pass, false));
            *slot = (slot.0.max(verdict), slot.1 | judged);
        }
    }
    let mut found: Vec<(u32, Verdict, bool)> =
        found.into_iter().map(|(number, (verdict, judged))| (number, verdict, judged)).collect();
    found.sort_unstable();
    found
}

fn verdict(
    judgement: &Judgement<'_>,
    claims: &Claims,
    claimed: &[(&Claim, usize)],
    number: u32,
    id: ElementId,
) -> (Verdict, bool) {
    let mut worst = Verdict::Pass;
    let mut judged = false;
    for (claim, position) in claimed {
        judged |= judgement.policies[*position].applies.has(number);
        let faults = claims.faults[*position].get(&id).map_or(&[][..], Vec::as_slice);
        for (label, verdict) in faults {
            if claim.label.is_none() || claim.label == *label {
                worst = worst.max(*verdict);
            }
        }
    }
    (worst, judged)
}
