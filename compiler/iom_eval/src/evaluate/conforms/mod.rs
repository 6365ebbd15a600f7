//! `x conforms B`: x is compared with the blueprint's root, the other parts are looked for, and what differs is told.

mod clauses;
mod search;
mod words;

use smol_str::SmolStr;

use super::Evaluator;
use super::fuel::MAX_NESTED;
use crate::program::{
    BlueprintCode, Code, ConformsCode, FixedCode, Group, InstanceCode, JudgesCode, PartSite,
};
use crate::value::{Causes, ElementId, Truth, Value};

/// What keeps an element from conforming, or leaves it open.
#[derive(Clone, Debug)]
pub(crate) struct Deviation {
    /// False, or unknown.
    pub truth: Truth,
    /// A sentence; empty where nobody asked for it.
    pub message: String,
    /// The element, and the path of the field that differs.
    pub field: Option<(ElementId, SmolStr)>,
    pub found: Value,
}

/// Where a comparison stands.
#[derive(Clone, Debug)]
struct Found {
    truth: Truth,
    deviations: Vec<Deviation>,
}

impl Found {
    fn of(deviations: Vec<Deviation>) -> Found {
        let truth = deviations.iter().fold(Truth::True, |truth, one| truth.and(one.truth));
        Found { truth, deviations }
    }

    /// Nearer to conforming.
    fn is_better(&self, other: &Found) -> bool {
        let rank = |found: &Found| match found.truth {
            Truth::True => 0,
            Truth::Unknown(_) => 1,
            Truth::False => 2,
        };
        let failing = |found: &Found| found.deviations.iter().filter(|one| one.truth.is_false()).count();
        let key = |found: &Found| (rank(found), failing(found), found.deviations.len());
        key(self) < key(other)
    }
}

impl Evaluator<'_> {
    pub(crate) fn conforms(&mut self, code: &ConformsCode) -> Truth {
        self.compared(code, false).truth
    }

    /// What differs, for those who read the report: what surely differs, else what is not known.
    pub(crate) fn deviations(&mut self, code: &ConformsCode) -> Vec<Deviation> {
        let mut found = self.compared(code, true).deviations;
        if found.iter().any(|one| one.truth.is_false()) {
            found.retain(|one| one.truth.is_false());
        }
        found
    }

    fn compared(&mut self, code: &ConformsCode, explains: bool) -> Found {
        let nothing = |truth| Found { truth, deviations: Vec::new() };
        let id = match self.eval(&code.value) {
            Value::Element(id) => id,
            Value::Unknown(causes) => return nothing(Truth::Unknown(causes.spread())),
            Value::Dangling(_) => return nothing(Truth::Unknown(Causes::UNMODELLED)),
            Value::Candidates(_) => {
                let doubt = Causes::of(iom_state::tape::UnknownCause::KnownAfterApply);
                return nothing(Truth::Unknown(doubt));
            }
            _ => return nothing(Truth::Unknown(Causes::INVALID)),
        };
        let blueprint = &self.program.blueprints[code.blueprint.index()];
        self.compared_with(blueprint, &code.arguments, (id, code.target.as_deref()), explains)
    }

    /// Compares an element with a blueprint; the arguments are evaluated in the frame at hand.
    fn compared_with(
        &mut self,
        blueprint: &BlueprintCode,
        arguments: &[Option<Code>],
        (id, target): (ElementId, Option<&str>),
        explains: bool,
    ) -> Found {
        // A blueprint that asks whether something conforms to it is refused; data cannot bring that back.
        if self.depth > MAX_NESTED {
            return Found { truth: Truth::Unknown(Causes::INVALID), deviations: Vec::new() };
        }
        let mut values = Vec::with_capacity(arguments.len());
        for (argument, parameter) in arguments.iter().zip(&blueprint.parameters) {
            values.push(argument.as_ref().map(|argument| {
                let value = self.raw(argument);
                self.convert(value, parameter.ty)
            }));
        }
        self.depth += 1;
        let found = self.run(blueprint.locals, |ev| {
            let given: Vec<bool> = values.iter().map(Option::is_some).collect();
            for (position, value) in values.into_iter().enumerate() {
                ev.set(position as u32, value.unwrap_or(Value::Absent));
            }
            Comparison { ev, blueprint, bound: given.clone(), given, explains, parts: Vec::new() }
                .whole(id, target)
        });
        self.depth -= 1;
        found
    }
}

/// One element and one blueprint. The evaluator's frame is the blueprint's.
struct Comparison<'c, 'e, 'b> {
    ev: &'c mut Evaluator<'e>,
    blueprint: &'b BlueprintCode,
    /// By parameter: said where the question is asked.
    given: Vec<bool>,
    /// By parameter: given, or solved.
    bound: Vec<bool>,
    explains: bool,
    /// Parts that were found, with the element in each.
    parts: Vec<(&'b PartSite, ElementId)>,
}

impl<'b> Comparison<'_, '_, 'b> {
    fn whole(&mut self, id: ElementId, target: Option<&str>) -> Found {
        let blueprint = self.blueprint;
        let kind = self.ev.estate.element(id).kind;
        let fitting = |group: &&Group| {
            let root = group.parts.first().map(|part| &blueprint.parts[*part as usize]);
            (target.is_none() || group.target.is_none() || group.target.as_deref() == target)
                && root.is_some_and(|root| root.kinds.has(kind))
        };
        let group = blueprint.groups.iter().find(fitting);
        let judging: Vec<&JudgesCode> =
            blueprint.judges.iter().filter(|judges| judges.population.has(kind)).collect();
        if group.is_none() && judging.is_empty() {
            let message = self.say(|comparison| {
                let found = &comparison.ev.program.kind(kind).name;
                format!("it is {found}, which {} says nothing about", short(&blueprint.name))
            });
            return Found::of(vec![Deviation {
                truth: Truth::False,
                message,
                field: None,
                found: Value::Absent,
            }]);
        }
        self.defaults(group);
        let mut found = match group {
            Some(group) => self.root(group, id),
            None => Found::of(Vec::new()),
        };
        let mut more = Vec::new();
        for judges in judging {
            self.judge(judges, id, &mut more);
        }
        found.deviations.extend(more);
        Found::of(found.deviations)
    }

    /// Parameters that nothing is set to are as they are where nobody says anything.
    fn defaults(&mut self, group: Option<&Group>) {
        let blueprint = self.blueprint;
        let is_solved = |position: u32| {
            let parts =
                group.iter().flat_map(|group| &group.parts).map(|part| &blueprint.parts[*part as usize]);
            parts.flat_map(|part| &part.fixed).any(|field| field.solves == Some(position))
        };
        for (position, parameter) in blueprint.parameters.iter().enumerate() {
            if self.bound[position] || is_solved(position as u32) {
                continue;
            }
            self.bound[position] = true;
            let value = match &parameter.default {
                Some(default) => {
                    let raw = self.ev.run(parameter.default_locals, |ev| ev.raw(default));
                    self.ev.convert(raw, parameter.ty)
                }
                None => Value::Absent,
            };
            self.ev.set(position as u32, value);
        }
    }

    /// The root is what is judged; where a `for` makes it, the copy that is nearest.
    fn root(&mut self, group: &'b Group, id: ElementId) -> Found {
        let site = &self.blueprint.parts[group.parts[0] as usize];
        let Some(over) = &site.code.each else { return self.with(group, 0, site, id) };
        let items = self.ev.items(over);
        let mut best: Option<Found> = None;
        for position in 0..items.len() {
            if self.ev.bind(over, position, items.get(position)).is_false() {
                continue;
            }
            let found = self.with(group, 0, site, id);
            if best.as_ref().is_none_or(|best| found.is_better(best)) {
                best = Some(found);
            }
            if best.as_ref().is_some_and(|best| best.truth.is_true()) {
                break;
            }
        }
        best.unwrap_or_else(|| self.missing(site, items.open))
    }

    /// Takes an element for a part, and looks for the rest.
    fn with(&mut self, group: &'b Group, index: usize, site: &'b PartSite, id: ElementId) -> Found {
        let before = self.bound.clone();
        self.ev.set(self.slot(site), Value::Element(id));
        self.parts.push((site, id));
        for field in &site.fixed {
            if let Some(parameter) = field.solves
                && !self.bound[parameter as usize]
            {
                let value = self.ev.eval(&field.found);
                self.ev.set(parameter, value);
                self.bound[parameter as usize] = true;
            }
        }
        let found = self.next(group, index + 1);
        self.parts.pop();
        self.bound = before;
        found
    }

    fn slot(&self, site: &PartSite) -> u32 {
        self.blueprint.parameters.len() as u32 + site.slot
    }

    fn next(&mut self, group: &'b Group, index: usize) -> Found {
        let Some(part) = group.parts.get(index) else {
            let found = self.everything();
            return Found::of(found);
        };
        let site = &self.blueprint.parts[*part as usize];
        match &site.code.each {
            None => self.one_of(group, index, site),
            Some(_) => self.each_of(group, index, site),
        }
    }

    /// What differs, once all parts have been found.
    fn everything(&mut self) -> Vec<Deviation> {
        let mut deviations = Vec::new();
        for (site, id) in self.parts.clone() {
            deviations.extend(self.fixed(site, id));
        }
        let blueprint = self.blueprint;
        self.steps(&blueprint.steps, Truth::True, &mut deviations);
        deviations
    }

    fn fixed(&mut self, site: &'b PartSite, id: ElementId) -> Vec<Deviation> {
        let mut deviations = Vec::new();
        for field in &site.fixed {
            let found = if field.is_secret { Value::Absent } else { self.ev.eval(&field.found) };
            let truth = match field.solves {
                // What is solved from the field is as the field is; but what must be there, must.
                Some(parameter) if self.is_first(site, field, parameter) => {
                    let is_optional = self.blueprint.parameters[parameter as usize].is_optional;
                    if found.is_absent() && !is_optional { Truth::False } else { Truth::True }
                }
                _ => self.ev.truth(&field.condition),
            };
            if !truth.is_true() {
                let message = self.say(|comparison| comparison.difference(site, id, field, &found, truth));
                deviations.push(Deviation { truth, message, field: Some((id, field.path.clone())), found });
            }
        }
        if let Some(instance) = &site.code.instance {
            deviations.extend(self.nested(instance, id));
        }
        deviations
    }

    /// Whether a parameter was solved from this very field.
    fn is_first(&self, site: &PartSite, field: &FixedCode, parameter: u32) -> bool {
        if self.given[parameter as usize] {
            return false;
        }
        let found = self.parts.iter().flat_map(|(site, _)| &site.fixed);
        let first = found.chain(&site.fixed).find(|field| field.solves == Some(parameter));
        first.is_some_and(|first| std::ptr::eq(first, field))
    }

    /// A part that is built by another blueprint conforms to that one.
    fn nested(&mut self, instance: &'b InstanceCode, id: ElementId) -> Vec<Deviation> {
        let inner = &self.ev.program.blueprints[instance.blueprint.index()];
        self.ev.compared_with(inner, &instance.arguments, (id, None), self.explains).deviations
    }
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
