//! What verdicts are about: elements, or groups of them.

use std::ops::Range;
use std::sync::Arc;

use iom_state::document::Layer;
use smol_str::SmolStr;

use super::place::report_layer;
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX};
use crate::program::RuleCode;
use crate::report::{Related, Resource};
use crate::value::{Causes, ElementId, Truth, Value};

/// Members listed beside a finding about a group.
const MOST_MEMBERS: usize = 20;

/// The unit of a verdict, in one layer.
#[derive(Clone, Debug)]
pub enum Subject {
    Element(ElementId),
    /// `for g: K by .owner`
    Group(Arc<SubjectGroup>),
}

/// Elements with one key.
#[derive(Debug)]
pub struct SubjectGroup {
    key: Value,
    /// `.key` and `.items`, as the rule reads them.
    record: Value,
    /// At least one. Every element that is in some group of a rule is a member of exactly one.
    members: Vec<ElementId>,
    /// Why it is not known whether there is such a group.
    doubt: Option<Causes>,
}

/// The subjects of a rule in one layer.
pub(crate) enum Subjects {
    /// Runs of elements.
    Elements(Vec<Range<u32>>),
    Groups(Vec<Subject>),
}

impl Subjects {
    pub fn of(evaluator: &mut Evaluator<'_>, rule: &RuleCode) -> Subjects {
        let Some(by) = &rule.by else {
            let kinds = rule.population.kinds.iter();
            let runs = kinds.map(|kind| evaluator.estate.population(*kind, evaluator.layer));
            return Subjects::Elements(runs.collect());
        };
        let base = evaluator.enter(rule.locals);
        let (groups, _) = evaluator.apart(FUEL_OF_AN_INDEX, |ev| ev.population_groups(&rule.population, by));
        evaluator.leave(base);
        let mut subjects = Vec::with_capacity(groups.len());
        for group in groups {
            let ids = |value: &Value| match value {
                Value::Element(id) => Some(*id),
                _ => None,
            };
            // The group that is in doubt itself answers for those who may belong anywhere.
            let members: Vec<ElementId> = match group.doubt {
                Some(_) => group.items.iter().filter_map(ids).collect(),
                None => group.sure_items().filter_map(ids).collect(),
            };
            let (key, doubt) = (group.key.clone(), group.doubt);
            let record = evaluator.group_record(group);
            subjects.push(Subject::Group(Arc::new(SubjectGroup { key, record, members, doubt })));
        }
        Subjects::Groups(subjects)
    }

    pub fn len(&self) -> usize {
        match self {
            Subjects::Elements(runs) => runs.iter().map(Range::len).sum(),
            Subjects::Groups(groups) => groups.len(),
        }
    }

    /// Goes through them, in order.
    pub fn for_each(self, mut visit: impl FnMut(Subject)) {
        match self {
            Subjects::Elements(runs) => {
                runs.into_iter().flatten().for_each(|id| visit(Subject::Element(ElementId(id))));
            }
            Subjects::Groups(groups) => groups.into_iter().for_each(visit),
        }
    }
}

impl Subject {
    /// The elements that the verdict is about.
    pub fn members(&self) -> &[ElementId] {
        match self {
            Subject::Element(id) => std::slice::from_ref(id),
            Subject::Group(group) => &group.members,
        }
    }

    /// The element, or the group's first member: what places and names are taken from.
    pub fn first(&self) -> Option<ElementId> {
        self.members().first().copied()
    }

    /// What tells it apart from the policy's other subjects in its layer.
    pub(crate) fn identity(&self) -> (bool, Option<ElementId>) {
        (matches!(self, Subject::Group(_)), self.first())
    }

    /// What its slot holds while the rule is judged.
    pub(crate) fn value(&self) -> Value {
        match self {
            Subject::Element(id) => Value::Element(*id),
            Subject::Group(group) => group.record.clone(),
        }
    }

    /// Whether it is there.
    pub(crate) fn exists(&self) -> Truth {
        match self {
            Subject::Group(group) => group.doubt.map_or(Truth::True, Truth::Unknown),
            Subject::Element(_) => Truth::True,
        }
    }

    /// Whether it is the group with this key.
    pub(crate) fn has_key(&self, evaluator: &mut Evaluator<'_>, element: ElementId) -> bool {
        let Subject::Group(group) = self else { return false };
        matches!(&group.key, Value::Element(key) if evaluator.canonical(*key) == evaluator.canonical(element))
    }

    /// How it is called in reports: a group by its key.
    pub(crate) fn resource(&self, evaluator: &mut Evaluator<'_>, rule: &RuleCode, layer: Layer) -> Resource {
        let members = self.members().iter().map(|id| super::run::resource(evaluator, *id, layer));
        match self {
            Subject::Element(_) => members.into_iter().next().unwrap_or_else(|| Resource {
                address: SmolStr::default(),
                kind: rule.population.name.clone(),
                layer: report_layer(layer),
                owner: None,
                environment: None,
                observed_at: None,
            }),
            Subject::Group(group) => {
                let members: Vec<Resource> = members.collect();
                let common = |of: &dyn Fn(&Resource) -> Option<SmolStr>| {
                    let first = of(members.first()?)?;
                    members.iter().all(|member| of(member).as_ref() == Some(&first)).then_some(first)
                };
                Resource {
                    address: evaluator.estate.render(&group.key).into(),
                    kind: rule.population.name.clone(),
                    layer: report_layer(layer),
                    owner: common(&|member| member.owner.clone()),
                    environment: common(&|member| member.environment.clone()),
                    observed_at: None,
                }
            }
        }
    }

    /// The members of a group, as what its findings rest on.
    pub(crate) fn related(&self, evaluator: &Evaluator<'_>) -> Vec<Related> {
        let Subject::Group(group) = self else { return Vec::new() };
        let estate = evaluator.estate;
        let related = |id: &ElementId| Related {
            address: estate.address(*id).into(),
            kind: estate.program.kind(estate.element(*id).kind).name.clone(),
            role: "member".into(),
            location: estate.element_place(*id),
        };
        group.members.iter().take(MOST_MEMBERS).map(related).collect()
    }
}
