//! What would mend a subject: the fields that failing clauses propose, with their values.

use std::sync::Arc;

use iom_state::tape::Symbol;
use smol_str::SmolStr;

use super::backwards;
use super::cause;
use super::locate::{Step, Trail};
use super::row::{RowJudge, RowState, RowVisitor};
use super::run::Judgement;
use super::subject::Subject;
use crate::evaluate::Evaluator;
use crate::explain::{Segment, path};
use crate::facts::{Origin, Writer};
use crate::program::{ClauseCode, Code};
use crate::report::ProposedField;
use crate::value::{Causes, ElementId, ListValue, RecordValue, Value};

/// A field of a subject, or something inside it, that would satisfy a clause.
#[derive(Clone, Debug)]
pub(crate) struct SubjectFix {
    pub subject: ElementId,
    /// From the subject; the first step is its field.
    steps: Vec<Step>,
    value: Value,
}

impl SubjectFix {
    pub fn field(&self) -> Option<Symbol> {
        match self.steps.first() {
            Some(Step::Name(name)) => Some(*name),
            _ => None,
        }
    }

    /// What the field becomes, from what it was.
    pub fn applied_to(&self, evaluator: &mut Evaluator<'_>, before: Value) -> Value {
        with(evaluator, before, self.steps.get(1..).unwrap_or_default(), &self.value)
    }
}

/// A value with another one at the end of the steps.
fn with(evaluator: &mut Evaluator<'_>, before: Value, steps: &[Step], value: &Value) -> Value {
    let Some((step, rest)) = steps.split_first() else { return value.clone() };
    match (step, evaluator.estate.force(before)) {
        (Step::Name(name), Value::Record(record)) => {
            let inner = record.field(*name).cloned().unwrap_or(Value::Absent);
            let inner = with(evaluator, inner, rest, value);
            let others = record.fields.iter().filter(|(field, _)| field != name).cloned();
            let fields = others.chain([(*name, inner)]).collect();
            Value::Record(Arc::new(RecordValue { shape: record.shape, fields }))
        }
        (Step::Name(name), Value::Absent) => {
            let inner = with(evaluator, Value::Absent, rest, value);
            Value::Record(Arc::new(RecordValue::plain(vec![(*name, inner)])))
        }
        (Step::Index(position), list @ Value::List(_)) => match evaluator.list_of(list) {
            Ok(list) if list.is_complete() => {
                let mut items = list.items.clone();
                if let Some(item) = items.get_mut(*position) {
                    *item = with(evaluator, item.clone(), rest, value);
                }
                Value::List(Arc::new(ListValue::complete(items)))
            }
            Ok(_) => Value::Unknown(Causes::PARTIAL),
            Err(causes) => Value::Unknown(causes),
        },
        (_, Value::Unknown(causes)) => Value::Unknown(causes),
        _ => Value::Unknown(Causes::INVALID),
    }
}

/// What a clause proposes in the row at hand; nothing where it cannot be told what its record is a part of.
fn proposed(judge: &mut RowJudge<'_, '_>, clause: &ClauseCode) -> Vec<SubjectFix> {
    let Some(rule) = judge.rule.filter(|_| !clause.fix.is_empty()) else { return Vec::new() };
    let Value::Element(subject) = judge.evaluator.get(rule.subject) else { return Vec::new() };
    let base = match clause.fix_of {
        None => Vec::new(),
        Some(local) => match cause::trail_of(judge, &Code::Local(local)) {
            Some(trail) if trail.element == subject => judge.evaluator.without_derived(trail),
            _ => return Vec::new(),
        },
    };
    let mut found = Vec::with_capacity(clause.fix.len());
    for (path, code) in &clause.fix {
        let value = judge.evaluator.raw(code);
        let fields = &judge.evaluator.program.fields;
        let names = path.iter().map(|field| Step::Name(fields[field.index()].name));
        found.push(SubjectFix { subject, steps: base.iter().copied().chain(names).collect(), value });
    }
    found
}

/// What a clause proposes in the row at hand, for reports: values that can be written.
pub(super) fn written(judge: &mut RowJudge<'_, '_>, clause: &ClauseCode) -> Vec<ProposedField> {
    let fixes = proposed(judge, clause);
    fixes.iter().filter_map(|fix| proposed_field(judge.evaluator, fix)).collect()
}

fn proposed_field(evaluator: &mut Evaluator<'_>, fix: &SubjectFix) -> Option<ProposedField> {
    let estate = evaluator.estate;
    let kind = estate.program.kind(estate.element(fix.subject).kind);
    let segments: Vec<Segment> = fix
        .steps
        .iter()
        .map(|step| match step {
            Step::Name(name) => Segment::Name(estate.strings.resolve(name).to_owned()),
            Step::Index(position) => Segment::Index(*position),
        })
        .collect();
    let walked = path::walk(&estate.program.model, &kind.name, &segments).ok()?;
    let declared = |id: ElementId| {
        let is_declared = matches!(estate.element(id).origin, Origin::Declared { .. });
        is_declared.then(|| estate.address(id).to_owned())
    };
    let mut writer = Writer { evaluator: &mut *evaluator, names: &declared };
    let value = writer.code(&fix.value, &walked.ty).ok()?;
    let text = path::text(&segments);
    let mut trail = Trail::of(fix.subject, text.clone());
    trail.steps.clone_from(&fix.steps);
    let changes = backwards::changes(evaluator, &trail, &segments, &fix.value);
    Some(ProposedField { path: text.into(), segments, value: value.into(), changes })
}

/// Listens to the rows of one subject for what failing clauses propose.
struct Proposals<'l> {
    label: Option<&'l str>,
    clauses: Vec<(u32, Option<SmolStr>)>,
    found: Vec<SubjectFix>,
}

impl RowVisitor for Proposals<'_> {
    fn row(&mut self, judge: &mut RowJudge<'_, '_>, clause: &ClauseCode, _: RowState) {
        let label = self
            .clauses
            .iter()
            .find(|(one, _)| *one == clause.clause)
            .and_then(|(_, label)| label.as_deref());
        if self.label.is_none() || self.label == label {
            self.found.extend(proposed(judge, clause));
        }
    }

    fn open(&mut self, _: &mut RowJudge<'_, '_>, _: &Code, _: &[u32], _: Causes) {}
}

impl Judgement<'_> {
    /// What the clauses of a policy that a subject does not pass propose.
    pub(crate) fn fixes(&self, policy: &str, label: Option<&str>, subject: ElementId) -> Vec<SubjectFix> {
        let estate = self.estate;
        let kind = estate.element(subject).kind;
        let mut found = Vec::new();
        for code in self.meant(policy) {
            let clauses = code.clauses.iter().map(|clause| (clause.clause, clause.label.clone())).collect();
            let mut proposals = Proposals { label, clauses, found: Vec::new() };
            let about_it = |rule: &&crate::program::RuleCode| rule.by.is_none() && rule.population.has(kind);
            for rule in code.rules.iter().filter(about_it) {
                let mut evaluator = Evaluator::new(estate, estate.layer_of(subject));
                let subject = Subject::Element(subject);
                RowJudge::new(&mut evaluator, code).subject(rule, &subject, &mut proposals);
            }
            found.extend(proposals.found);
        }
        found
    }
}
