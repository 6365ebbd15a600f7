use std::collections::{BTreeMap, BTreeSet};

use iom_diagnostics::{Diagnostic, code};
use iom_model::Location;
use iom_model::scalar::instant;
use iom_state::document::Remark;
use smol_str::SmolStr;

use super::Options;
use super::place::report_layer;
use super::run::Judgement;
use crate::evaluate::FUEL;
use crate::facts::{Estate, FactRemarkKind, instant_text};
use crate::report::{ReportDiagnostic, Skipped, Source};

/// How long before an exception ends it is spoken of.
const SOON: i64 = 14 * 86_400;

/// What the sources are, and what of them no rule can judge.
pub(crate) fn sources(estate: &Estate) -> Vec<Source> {
    let mut sources = Vec::with_capacity(estate.sources.len());
    for source in &estate.sources {
        let mut known: rustc_hash::FxHashMap<_, bool> = rustc_hash::FxHashMap::default();
        let mut skipped = Vec::new();
        for object in &source.document.objects {
            let source_type = estate.strings.resolve(&object.source_type);
            let key = (object.source_type, object.is_data);
            let is_mapped = known.get(&key).copied().unwrap_or_else(|| {
                let is_mapped = estate.program.demand.is_mapped(source_type, object.is_data);
                known.insert(key, is_mapped);
                is_mapped
            });
            if !is_mapped {
                skipped.push(Skipped {
                    address: estate.strings.resolve(&object.address).into(),
                    reason: format!("no kind maps {source_type}").into(),
                    source_type: Some(source_type.into()),
                });
            }
        }
        sources.push(Source {
            path: source.path.clone(),
            format: source.document.format.name().into(),
            layer: report_layer(source.layer),
            sha256: source.document.sha256.as_str().into(),
            observed_at: source.observed_at().map(|at| instant::format_time(at).into()),
            fresh_until: source.fresh_until().map(|at| instant::format_time(at).into()),
            resources: source.document.objects.len() as u64,
            skipped,
        });
    }
    sources
}

/// Remarks about the rules and the sources.
pub(crate) fn diagnostics(
    judgement: &Judgement<'_>,
    used: &BTreeSet<usize>,
    options: &Options,
) -> Vec<ReportDiagnostic> {
    let mut all = Vec::new();
    if options.is_workspace {
        of_exceptions(judgement, used, &mut all);
        of_overrides(judgement.estate, &mut all);
        of_policies(judgement, &mut all);
    }
    of_blueprints(judgement.estate, options, &mut all);
    of_documents(judgement.estate, &mut all);
    of_values(judgement.estate, &mut all);
    for raw in &judgement.policies {
        let code = &judgement.estate.program.policies[raw.policy];
        for clause in code.clauses.iter().filter(|clause| raw.exhausted.contains(&clause.clause)) {
            let message = format!(
                "judging a clause of {} takes more than {FUEL} steps: its verdict is unknown",
                code.name
            );
            let diagnostic = Diagnostic::new(code::MODEL_INVALID, clause.location.clone(), message);
            all.push(diagnostic.help("range over fewer elements, or join them by a field").into());
        }
    }
    all
}

/// Blueprints whose review is overdue.
fn of_blueprints(estate: &Estate, options: &Options, all: &mut Vec<ReportDiagnostic>) {
    for blueprint in estate.program.model.blueprints.values().filter(|_| options.is_workspace) {
        let Some(due) = blueprint.review_by.filter(|due| *due <= estate.at) else { continue };
        let name = super::disposition::short(&blueprint.name);
        let message = format!("the blueprint {name} was to be reviewed by {}", instant_text(due));
        let diagnostic = Diagnostic::new(code::REVIEW_OVERDUE, blueprint.location.clone(), message);
        all.push(diagnostic.help("look at it again, and set the next date").into());
    }
}

fn of_exceptions(judgement: &Judgement<'_>, used: &BTreeSet<usize>, all: &mut Vec<ReportDiagnostic>) {
    let estate = judgement.estate;
    let is_judged = |policy: &SmolStr| {
        let program = &estate.program;
        judgement.policies.iter().any(|raw| program.means(policy, &program.policies[raw.policy]))
    };
    for (position, exception) in estate.program.model.exceptions.values().enumerate() {
        if !is_judged(&exception.policy) {
            continue;
        }
        let name = super::disposition::short(&exception.name);
        let expires = instant_text(exception.expires);
        let place = exception.location.clone();
        if exception.expires <= estate.at {
            let message = format!("the exception {name} expired on {expires}");
            let diagnostic = Diagnostic::new(code::EXCEPTION_EXPIRED, place, message);
            all.push(diagnostic.help("remove it, or have it approved anew with a later date").into());
        } else if exception.opened <= estate.at && exception.expires - estate.at <= SOON {
            let message = format!("the exception {name} expires on {expires}");
            all.push(Diagnostic::new(code::EXCEPTION_EXPIRING, place, message).into());
        } else if exception.opened <= estate.at && !used.contains(&position) && !estate.elements.is_empty() {
            let message =
                format!("the exception {name} excuses nothing: what it covers passes, or is not there");
            let mut diagnostic = Diagnostic::new(code::EXCEPTION_UNUSED, place, message);
            diagnostic.severity = iom_diagnostics::Severity::Note;
            all.push(diagnostic.into());
        }
    }
}

/// Overrides that have ended: what they changed holds again.
fn of_overrides(estate: &Estate, all: &mut Vec<ReportDiagnostic>) {
    for resource in estate.program.model.resources.values() {
        for setting in &resource.fields {
            for origin in &setting.origins {
                let Some(until) = origin.change.as_ref().and_then(|change| change.until) else { continue };
                if until > estate.at {
                    continue;
                }
                let path: Vec<&str> =
                    std::iter::once(&setting.name).chain(&origin.path).map(SmolStr::as_str).collect();
                let message = format!(
                    "the override of {} in {} ended on {}: what it changed holds again",
                    path.join("."),
                    super::disposition::short(&resource.name),
                    instant_text(until)
                );
                let diagnostic = Diagnostic::new(code::OVERRIDE_ENDED, origin.location.clone(), message);
                all.push(diagnostic.help("remove it, or give it a later date").into());
            }
        }
    }
}

/// Policies of the workspace whose kinds do not occur.
fn of_policies(judgement: &Judgement<'_>, all: &mut Vec<ReportDiagnostic>) {
    let estate = judgement.estate;
    if estate.sources.is_empty() {
        return;
    }
    for raw in judgement.policies.iter().filter(|raw| raw.candidates == 0) {
        let code = &estate.program.policies[raw.policy];
        let policy = &estate.program.model.policies[&code.name];
        // What a blueprint promises is asked of what it builds, which may be in tests only.
        let is_blueprint = estate.program.model.blueprints.contains_key(&policy.name);
        if policy.name.starts_with("std.") || code.rules.is_empty() || is_blueprint {
            continue;
        }
        let mut kinds: Vec<&str> = code.rules.iter().map(|rule| rule.population.name.as_str()).collect();
        kinds.dedup();
        let name = super::disposition::short(&policy.name);
        let message = format!("{name} judges nothing: no {} occurs in the state", kinds.join(" and no "));
        all.push(Diagnostic::new(code::VACUOUS_POLICY, policy.location.clone(), message).into());
    }
}

/// What importers saw and could not use, or used in another way than it stands there: one note per source and sort.
fn of_documents(estate: &Estate, all: &mut Vec<ReportDiagnostic>) {
    for source in &estate.sources {
        let mut grouped: BTreeMap<&str, (&Remark, usize)> = BTreeMap::new();
        for remark in &source.document.remarks {
            grouped.entry(&remark.message).or_insert((remark, 0)).1 += 1;
        }
        let mut grouped: Vec<(&Remark, usize)> = grouped.into_values().collect();
        grouped.sort_by_key(|(remark, _)| remark.offset);
        for (remark, count) in grouped {
            let (file, line, column) = source.place(remark.offset);
            let about = remark.address.map(|address| format!("{}: ", estate.strings.resolve(&address)));
            let mut message = format!("{}{}", about.unwrap_or_default(), remark.message);
            if count > 1 {
                message.push_str(&format!(" (and {} more like it)", count - 1));
            }
            let location = Location { file, line, column };
            all.push(Diagnostic::new(code::SOURCE_REMARK, location, message).into());
        }
        let configuration = source.document.sources.iter();
        for (call, wanted) in configuration.flat_map(|sources| &sources.missing) {
            let message = format!(
                "{call} ({wanted}) is not beside the plan: where it writes things, and its locals, are not known"
            );
            let location = Location { file: source.path.clone(), line: 1, column: 1 };
            let diagnostic = Diagnostic::new(code::SOURCE_REMARK, location, message);
            all.push(diagnostic.help("run `terraform init` in the folder that --source names").into());
        }
    }
}

/// Values of sources that are not as their kind says: one remark per kind, field and fault, however many there are.
fn of_values(estate: &Estate, all: &mut Vec<ReportDiagnostic>) {
    let mut grouped: BTreeMap<(SmolStr, SmolStr, FactRemarkKind), (String, usize, Location)> =
        BTreeMap::new();
    for remark in estate.remarks() {
        let kind = estate.program.kind(estate.element(remark.element).kind);
        let place = estate.element_place(remark.element);
        let location = place.map_or_else(Location::default, |place| Location {
            file: place.file,
            line: place.line,
            column: place.column,
        });
        let message = format!("{}: {}: {}", estate.address(remark.element), remark.field, remark.message);
        let key = (kind.name.clone(), remark.field, remark.kind);
        grouped.entry(key).or_insert((message, 0, location)).1 += 1;
    }
    for note in estate.expensive() {
        let diagnostic = Diagnostic::new(code::MODEL_INVALID, Location::default(), note);
        all.push(diagnostic.help("let it make fewer items, or shorter texts").into());
    }
    for ((_, _, kind), (mut message, count, location)) in grouped {
        if count > 1 {
            message.push_str(&format!(" (and {} more like it)", count - 1));
        }
        let help = match kind {
            FactRemarkKind::OutOfBounds => {
                "mend it at the source; if the source is right, widen the type of the field in its kind"
            }
            FactRemarkKind::Malformed => {
                "mend it at the source; if it is right there, mend the type of the field or the adapter that reads it"
            }
            FactRemarkKind::NotReported => {
                "let the source say it, let the field be absent with `?`, or give it a default"
            }
            FactRemarkKind::TooExpensive => "let it make fewer items, or shorter texts",
            FactRemarkKind::Conflict => "leave one of the two",
        };
        all.push(Diagnostic::new(code::MODEL_INVALID, location, message).help(help).into());
    }
}
