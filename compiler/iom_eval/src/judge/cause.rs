//! Why a clause does not hold: the smallest set of facts that decides it, found by evaluating its parts once more.

use std::fmt::Write;

use iom_model::{Builtin, Quantifier, SOURCE_OBJECT};
use smol_str::SmolStr;

use super::locate::{Step, Trail};
use super::place::report_layer;
use super::row::{RowJudge, RowState};
use crate::evaluate::{Evaluator, INVALID};
use crate::program::{ClauseCode, Code, ConformsCode, Over, Pattern, ReachId, RuleCode, StepCode};
use crate::report::{Fact, Place, Related, UnknownValue};
use crate::value::{Causes, ElementId, Truth, Value};

/// More facts than these explain nothing.
const MAX_FACTS: usize = 12;
const MAX_DEPTH: u32 = 12;

/// What caused a verdict.
#[derive(Clone, Debug, Default)]
pub(crate) struct Causing {
    pub facts: Vec<Fact>,
    pub unknown: Vec<UnknownValue>,
    /// The first list that was read and is known in part only, or its first item that is not known.
    pub doubtful: Option<(SmolStr, Option<Place>)>,
    pub related: Vec<Related>,
    pub path: Vec<SmolStr>,
    /// What keeps it from conforming to a blueprint, one sentence each.
    pub deviations: Vec<(String, Option<Place>)>,
}

/// The causes of a clause's state in the row at hand.
pub(crate) fn of_clause(judge: &mut RowJudge<'_, '_>, clause: &ClauseCode, row: RowState) -> Causing {
    let rule = judge.rule;
    let mut search = Search::new(judge.evaluator, rule);
    search.explain(&clause.condition, row.condition, 0);
    if let (Truth::Unknown(_), Some(filter)) = (row.guard, rule.and_then(|rule| rule.filter.as_ref())) {
        search.ask_and_explain(filter, 0);
    }
    search.causing
}

/// The causes where a loop ranges over something that is not completely known.
pub(crate) fn of_source(judge: &mut RowJudge<'_, '_>, source: &Code, causes: Causes) -> Causing {
    let rule = judge.rule;
    let mut search = Search::new(judge.evaluator, rule);
    search.collect(source, 0);
    let mut causing = search.causing;
    if causing.unknown.is_empty() {
        let path = causing.facts.first().map(|fact| fact.path.clone()).unwrap_or_default();
        let location = causing.facts.first().and_then(|fact| fact.location.clone());
        causing.unknown.extend(causes.names().map(|cause| UnknownValue {
            path: path.clone(),
            cause: cause.into(),
            location: location.clone(),
        }));
    }
    causing
}

/// Where the value of an expression is, if it is a path.
pub(crate) fn trail_of(judge: &mut RowJudge<'_, '_>, code: &Code) -> Option<Trail> {
    let rule = judge.rule;
    Search::new(judge.evaluator, rule).trail(code)
}

/// The place of what `at` names.
pub(crate) fn place_of(judge: &mut RowJudge<'_, '_>, at: &Code) -> Option<Place> {
    let rule = judge.rule;
    let mut search = Search::new(judge.evaluator, rule);
    match search.trail(at) {
        Some(trail) => search.evaluator.locate(&trail),
        // A piece of a source that no field leads to.
        None => match search.evaluator.raw(at) {
            Value::Node { source, node } => search.evaluator.estate.place_of_node(source, node),
            _ => None,
        },
    }
}

/// Puts the offending element of a condition that is `all` or `none` as a whole into its slot.
pub(crate) fn bind_witness(evaluator: &mut Evaluator<'_>, condition: &Code) {
    match condition.seen_through() {
        Code::Quantifier { quantifier, over, body, reach, .. } if *quantifier != Quantifier::Any => {
            let wanted = *quantifier == Quantifier::All;
            witness(evaluator, over, body, !wanted, *reach);
        }
        // Guards before the quantifier leave its slot alone.
        Code::Let { local, value, body } => {
            let value = evaluator.raw(value);
            evaluator.set(*local, value);
            bind_witness(evaluator, body);
        }
        _ => {}
    }
}

/// Binds the first element for which the body is surely as wanted, else the first for which it is not known.
fn witness(
    evaluator: &mut Evaluator<'_>,
    over: &Over,
    body: &Code,
    wanted: bool,
    reach: Option<ReachId>,
) -> Option<Truth> {
    if let Some(found) = reach.and_then(|reach| evaluator.reachable_witness(reach, over)) {
        // Where nobody is known to decide, something that is not known does.
        let (value, truth) = found.map_or((INVALID, None), |(value, truth)| (value, Some(truth)));
        for local in over.also.iter().chain([&over.local]) {
            evaluator.set(*local, value.clone());
        }
        return truth;
    }
    let items = evaluator.items(over);
    let mut doubtful = None;
    for position in 0..items.len() {
        if !evaluator.step() {
            break;
        }
        let belongs = evaluator.bind(over, position, items.get(position));
        if belongs.is_false() {
            continue;
        }
        let holds = evaluator.truth(body);
        let holds = if wanted { holds } else { holds.negate() };
        match belongs.and(holds) {
            Truth::True => return Some(Truth::True),
            Truth::False => {}
            Truth::Unknown(causes) => {
                doubtful.get_or_insert((position, causes));
            }
        }
    }
    let (position, causes) = doubtful?;
    evaluator.bind(over, position, items.get(position));
    Some(Truth::Unknown(causes))
}

/// What a slot stands for.
#[derive(Clone)]
enum Meaning<'c> {
    /// The value of another expression.
    Let(&'c Code),
    /// An item of a collection.
    Item(&'c Code),
    Trail(Trail),
}

/// What slots stand for. There are few, and those of one place follow each other.
struct Meanings<'c>(Vec<(u32, Meaning<'c>)>);

impl<'c> Meanings<'c> {
    fn get(&self, local: u32) -> Option<&Meaning<'c>> {
        self.0.iter().rev().find(|(known, _)| *known == local).map(|(_, meaning)| meaning)
    }

    /// Hides what the slot stood for before.
    fn set(&mut self, local: u32, meaning: Meaning<'c>) {
        match self.0.iter_mut().find(|(known, _)| *known == local) {
            Some((_, known)) => *known = meaning,
            None => self.0.push((local, meaning)),
        }
    }

    fn learn(&mut self, steps: &'c [StepCode]) {
        for step in steps {
            match step {
                StepCode::Let { local, value } => self.set(*local, Meaning::Let(value)),
                StepCode::For { over, steps, .. } => {
                    self.set(over.second.unwrap_or(over.local), Meaning::Item(&over.source));
                    self.learn(steps);
                }
                StepCode::Require(_) => {}
            }
        }
    }
}

pub(crate) struct Search<'s, 'e, 'c> {
    evaluator: &'s mut Evaluator<'e>,
    meanings: Meanings<'c>,
    subject: Option<ElementId>,
    /// The slot of the group that is judged.
    group: Option<u32>,
    causing: Causing,
}

impl<'s, 'e, 'c> Search<'s, 'e, 'c> {
    fn new(evaluator: &'s mut Evaluator<'e>, rule: Option<&'c RuleCode>) -> Search<'s, 'e, 'c> {
        evaluator.refuel();
        let mut meanings = Meanings(Vec::with_capacity(4));
        let mut subject = None;
        let group = rule.filter(|rule| rule.by.is_some()).map(|rule| rule.subject);
        if let Some(rule) = rule {
            if let Value::Element(id) = evaluator.get(rule.subject) {
                subject = Some(id);
                meanings.set(rule.subject, Meaning::Trail(Trail::of(id, String::new())));
            }
            meanings.learn(&rule.steps);
        }
        Search { evaluator, meanings, subject, group, causing: Causing::default() }
    }

    /// Why a condition is what it is, which is not known yet.
    fn ask_and_explain(&mut self, code: &'c Code, depth: u32) {
        if self.goes_on(depth) {
            let truth = self.evaluator.truth(code);
            self.explain(code, truth, depth);
        }
    }

    /// Whether more facts would explain anything.
    fn goes_on(&self, depth: u32) -> bool {
        depth <= MAX_DEPTH && self.causing.facts.len() < MAX_FACTS
    }

    /// Why a condition is what it is. Its slots are filled.
    fn explain(&mut self, code: &'c Code, truth: Truth, depth: u32) {
        let code = code.seen_through();
        if !self.goes_on(depth) {
            return;
        }
        match code {
            Code::And(left, right) | Code::Or(left, right) => {
                // What decides `and` is one false side, what decides `or` one true side; else it is all like the whole.
                let decisive = if matches!(code, Code::And(..)) { Truth::False } else { Truth::True };
                let left_truth = self.evaluator.truth(left);
                let same = |side: Truth| match truth {
                    Truth::Unknown(_) => matches!(side, Truth::Unknown(_)),
                    known => side == known,
                };
                if same(left_truth) {
                    self.explain(left, left_truth, depth + 1);
                }
                if !(same(left_truth) && truth == decisive) {
                    let right_truth = self.evaluator.truth(right);
                    if same(right_truth) {
                        self.explain(right, right_truth, depth + 1);
                    }
                }
            }
            Code::Not(inner) => self.explain(inner, truth.negate(), depth + 1),
            Code::Quantifier { quantifier, over, body, reach, .. } => {
                // What offends against `all` is what does not hold.
                let offends = match (quantifier, truth) {
                    (Quantifier::All, Truth::False | Truth::Unknown(_)) => Some(false),
                    (Quantifier::None, Truth::False | Truth::Unknown(_)) => Some(true),
                    (Quantifier::Any, Truth::True | Truth::Unknown(_)) => Some(true),
                    _ => None,
                };
                let found = offends.and_then(|wanted| witness(self.evaluator, over, body, wanted, *reach));
                self.explain_quantifier(over, body, found.is_some(), depth);
            }
            Code::Let { local, value, body } => {
                let found = self.evaluator.raw(value);
                self.evaluator.set(*local, found);
                self.meanings.set(*local, Meaning::Let(value));
                self.explain(body, truth, depth + 1);
            }
            Code::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                self.ask_and_explain(condition, depth + 1);
                match self.evaluator.truth(condition) {
                    Truth::True => self.ask_and_explain(then, depth + 1),
                    Truth::False => self.ask_and_explain(otherwise, depth + 1),
                    Truth::Unknown(_) => {}
                }
            }
            Code::Match { scrutinee, arms, empty_is_absent } => {
                let before = self.causing.facts.len();
                let value = self.evaluator.raw(scrutinee);
                if let Ok(arm) = self.evaluator.find_arm(value, arms, *empty_is_absent) {
                    for pattern in &arm.patterns {
                        if let Pattern::Type { local: Some(local), .. } = pattern {
                            self.meanings.set(*local, Meaning::Let(scrutinee));
                        }
                    }
                    self.ask_and_explain(&arm.value, depth + 1);
                }
                // A constant says nothing; what chose it does.
                if self.causing.facts.len() == before {
                    self.collect(scrutinee, depth + 1);
                }
            }
            Code::Conforms(conforms) => self.explain_conforms(conforms),
            Code::ElementField { .. } if self.explain_derived(code, depth) => {}
            Code::Compare { left, right, .. }
                if held_against_bool(left, right).is_some_and(|side| self.explain_derived(side, depth)) => {}
            Code::Call { .. } => self.explain_call(code, depth),
            _ => self.collect(code, depth),
        }
    }

    fn explain_quantifier(&mut self, over: &'c Over, body: &'c Code, has_witness: bool, depth: u32) {
        if !has_witness {
            // Nothing single decides: it is the collection as a whole.
            self.collect(&over.source, depth + 1);
            return;
        }
        for local in [&over.local].into_iter().chain(&over.also) {
            self.meanings.set(*local, Meaning::Item(&over.source));
        }
        if let Value::Element(id) = self.evaluator.get(over.local) {
            self.relate(id, "witness");
            self.way(&over.source, id);
        }
        for filter in &over.filters {
            let belongs = self.evaluator.truth(filter);
            if matches!(belongs, Truth::Unknown(_)) {
                self.explain(filter, belongs, depth + 1);
            }
        }
        self.ask_and_explain(body, depth + 1);
    }

    /// The way from the subject to a witness that was reached over references.
    fn way(&mut self, source: &Code, witness: ElementId) {
        let Code::Builtin { function, arguments, .. } = source else { return };
        let [from] = &**arguments else { return };
        let Value::Element(from) = self.evaluator.eval(from) else { return };
        let path = match function {
            Builtin::Upstream => self.evaluator.path(from, witness),
            Builtin::Downstream => self.evaluator.path(witness, from),
            _ => return,
        };
        if let Value::List(list) = path {
            let estate = self.evaluator.estate;
            self.causing.path = list
                .items
                .iter()
                .map(|item| match item {
                    Value::Element(id) => estate.address(*id).into(),
                    other => estate.render(other).into(),
                })
                .collect();
        }
    }

    /// Every field that is not as a blueprint says is a fact.
    fn explain_conforms(&mut self, conforms: &ConformsCode) {
        let estate = self.evaluator.estate;
        for deviation in self.evaluator.deviations(conforms).into_iter().take(MAX_FACTS) {
            let mut place = None;
            if let Some((id, path)) = &deviation.field {
                let mut trail = self.trail_of(*id);
                for name in path.split('.') {
                    trail.name(name);
                    trail.steps.extend(estate.symbol(name).map(Step::Name));
                }
                place = self.evaluator.locate(&trail);
                self.add_fact(&trail, &deviation.found);
            } else if let Truth::Unknown(causes) = deviation.truth {
                self.causing.unknown.extend(causes.names().map(|cause| UnknownValue {
                    path: SmolStr::default(),
                    cause: cause.into(),
                    location: None,
                }));
            }
            self.causing.deviations.push((deviation.message, place));
        }
    }

    /// A computed field that is a condition: the facts it is computed from.
    fn explain_derived(&mut self, code: &'c Code, depth: u32) -> bool {
        let Code::ElementField { base, field } = code else { return false };
        let Value::Element(id) = self.evaluator.eval(base) else { return false };
        let program = self.evaluator.program;
        let kind = program.kind(self.evaluator.estate.element(id).kind);
        let position = program.fields[field.index()].position(self.evaluator.estate.element(id).kind);
        let derive = position.and_then(|position| kind.fields[position as usize].derive.as_ref());
        let Some((derive, locals)) = derive else { return false };
        let text = self.trail(base).map_or(String::new(), |trail| trail.text);
        let before = self.causing.facts.len();
        let subject = self.subject;
        let frame = self.evaluator.enter(*locals);
        self.evaluator.set(0, Value::Element(id));
        let meanings = Meanings(vec![(0, Meaning::Trail(Trail::of(id, text)))]);
        let causing = std::mem::take(&mut self.causing);
        let mut inner = Search { evaluator: self.evaluator, meanings, subject, group: None, causing };
        inner.ask_and_explain(derive, depth + 1);
        let causing = inner.causing;
        self.causing = causing;
        self.evaluator.leave(frame);
        self.causing.facts.len() > before
    }

    /// A function that is a condition: what its body reads of the arguments.
    fn explain_call(&mut self, code: &'c Code, depth: u32) {
        let Code::Call { function, arguments } = code else { return };
        let function = &self.evaluator.program.functions[function.index()];
        let mut meanings = Meanings(Vec::with_capacity(arguments.len()));
        let mut values = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            if let Some(trail) = self.trail(argument) {
                meanings.set(position as u32, Meaning::Trail(trail));
            }
            values.push(self.evaluator.raw(argument));
        }
        let before = self.causing.facts.len();
        let subject = self.subject;
        let frame = self.evaluator.enter(function.locals.max(values.len() as u32));
        for (position, value) in values.into_iter().enumerate() {
            self.evaluator.set(position as u32, value);
        }
        let causing = std::mem::take(&mut self.causing);
        let mut inner = Search { evaluator: self.evaluator, meanings, subject, group: None, causing };
        inner.ask_and_explain(&function.value, depth + 1);
        let causing = inner.causing;
        self.causing = causing;
        self.evaluator.leave(frame);
        if self.causing.facts.len() == before {
            arguments.iter().for_each(|argument| self.collect(argument, depth + 1));
        }
    }

    /// All paths of an expression that is read as a whole.
    fn collect(&mut self, code: &'c Code, depth: u32) {
        let code = code.seen_through();
        if !self.goes_on(depth) {
            return;
        }
        if let Some(trail) = self.trail(code) {
            self.fact(code, &trail);
            return;
        }
        if let Code::Member { base, name } = code
            && matches!(**base, Code::Local(local) if Some(local) == self.group)
        {
            self.fact_of_group(code, *name);
            return;
        }
        if let Code::Local(local) = code {
            if let Some(Meaning::Let(value) | Meaning::Item(value)) = self.meanings.get(*local).cloned() {
                self.collect(value, depth + 1);
            }
            return;
        }
        if let Code::Coalesce { left, right, empty_is_absent } = code {
            self.collect(left, depth + 1);
            let value = self.evaluator.raw(left);
            if self.evaluator.reads_as_absent(&value, *empty_is_absent) {
                self.collect(right, depth + 1);
            }
            return;
        }
        code.for_each_part(&mut |part| self.collect(part, depth + 1));
    }

    /// Where the value of a path is: from which element, along which steps.
    pub(crate) fn trail(&mut self, code: &Code) -> Option<Trail> {
        match code.seen_through() {
            Code::Local(local) => match self.meanings.get(*local).cloned() {
                Some(Meaning::Trail(trail)) => Some(trail),
                Some(Meaning::Let(value)) => self.trail(value),
                Some(Meaning::Item(source)) => match self.evaluator.get(*local) {
                    Value::Element(id) => Some(self.trail_of(id)),
                    item => self.trail_of_item(source, &item),
                },
                None => match self.evaluator.get(*local) {
                    Value::Element(id) => Some(self.trail_of(id)),
                    _ => None,
                },
            },
            Code::ElementField { base, field } => {
                let name = self.evaluator.program.fields[field.index()].name;
                self.trail_on(base, name)
            }
            Code::Member { base, name } => self.trail_on(base, *name),
            Code::Part { base, name } => {
                let mut trail = self.trail(base)?;
                trail.name(name);
                Some(trail)
            }
            Code::Index { base, index } => {
                let mut trail = self.trail(base)?;
                let index = self.evaluator.eval(index);
                let (sign, step) = match index {
                    Value::Int(position) => {
                        ("", Step::Index(usize::try_from(position).unwrap_or(usize::MAX)))
                    }
                    Value::Text(name) => ("\"", Step::Name(name)),
                    _ => return None,
                };
                trail.text.push('[');
                trail.text.push_str(sign);
                self.evaluator.estate.render_into(&index, &mut trail.text);
                trail.text.push_str(sign);
                trail.text.push(']');
                trail.steps.push(step);
                Some(trail)
            }
            // Another element, however it was found. What surely is none is not computed: it may be much.
            Code::Builtin { function, .. } if !may_be_element(*function) => None,
            code @ (Code::Builtin { .. } | Code::Named { .. } | Code::Call { .. }) => {
                match self.evaluator.eval(code) {
                    Value::Element(id) => Some(self.trail_of(id)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn trail_on(&mut self, base: &Code, name: iom_state::tape::Symbol) -> Option<Trail> {
        let mut trail = self.trail(base)?;
        if let Value::Element(id) = self.evaluator.eval(base) {
            // The path goes on in another element, but is written from here.
            trail.element = id;
            trail.steps.clear();
        }
        let written = self.evaluator.estate.strings.resolve(&name);
        trail.name(if written == SOURCE_OBJECT { "source" } else { written });
        trail.steps.push(Step::Name(name));
        Some(trail)
    }

    fn trail_of(&self, id: ElementId) -> Trail {
        let mut trail = Trail::of(id, String::new());
        if self.subject != Some(id) {
            trail.name(self.evaluator.estate.address(id));
        }
        trail
    }

    fn trail_of_item(&mut self, source: &'c Code, item: &Value) -> Option<Trail> {
        let source = self.chosen(source);
        let mut trail = self.trail(source)?;
        let list = self.evaluator.raw(source);
        let list = self.evaluator.list_of(list).ok()?;
        let position = list.items.iter().position(|other| is_same(other, item))?;
        let _ = write!(trail.text, "[{position}]");
        trail.steps.push(Step::Index(position));
        Some(trail)
    }

    /// The side of `??` that gives the value.
    fn chosen(&mut self, mut code: &'c Code) -> &'c Code {
        while let Code::Coalesce { left, right, empty_is_absent } = code {
            let value = self.evaluator.raw(left);
            code = if self.evaluator.reads_as_absent(&value, *empty_is_absent) { right } else { left };
        }
        code
    }

    /// A value that was read.
    fn fact(&mut self, code: &Code, trail: &Trail) {
        let raw = self.evaluator.raw(code);
        let value = self.evaluator.estate.force(raw);
        self.add_fact(trail, &value);
    }

    fn add_fact(&mut self, trail: &Trail, value: &Value) {
        let estate = self.evaluator.estate;
        // An element itself is no fact; what is read of it is.
        let is_itself = matches!(value, Value::Element(id) if *id == trail.element && trail.steps.is_empty());
        if is_itself || trail.text.is_empty() && matches!(value, Value::Element(_)) {
            return;
        }
        let path = SmolStr::new(&trail.text);
        if self.causing.facts.iter().any(|fact| fact.path == path) {
            return;
        }
        let is_secret = self.evaluator.is_secret(trail);
        let location = self.evaluator.locate(trail).map(Place::written);
        let causes = if is_secret { Some(Causes::SENSITIVE) } else { value.causes() };
        let unknown = causes.and_then(|causes| causes.names().next());
        for cause in causes.into_iter().flat_map(Causes::names) {
            self.causing.unknown.push(UnknownValue {
                path: path.clone(),
                cause: cause.into(),
                location: location.clone(),
            });
        }
        if let (Value::List(list), None) = (value, &self.causing.doubtful) {
            let item = list.items.iter().position(|item| item.causes().is_some());
            let item = item.map(|position| SmolStr::new(format!("{path}[{position}]")));
            let doubtful = item.or_else(|| list.doubt().map(|_| path.clone()));
            self.causing.doubtful = doubtful.map(|path| (path, location.clone()));
        }
        let layer = estate.layer_of(trail.element);
        let other_layer = (layer != self.evaluator.layer).then(|| report_layer(layer));
        let shown = if is_secret { serde_json::Value::Null } else { estate.json(value) };
        if self.causing.facts.is_empty() {
            // Facts are large and few, and reports keep them.
            self.causing.facts.reserve_exact(1);
        }
        self.causing.facts.push(Fact {
            path,
            value: shown,
            location,
            unknown: unknown.map(SmolStr::from),
            inferred: self.evaluator.is_inferred(trail, value),
            layer: other_layer,
        });
        if self.subject != Some(trail.element) {
            self.relate(trail.element, "read");
        }
    }

    /// The key of the group that is judged, or its items, as far as a report should list them.
    fn fact_of_group(&mut self, code: &Code, name: iom_state::tape::Symbol) {
        const MOST_ITEMS: usize = 50;
        let path = SmolStr::new(self.evaluator.estate.strings.resolve(&name));
        if self.causing.facts.iter().any(|fact| fact.path == path) {
            return;
        }
        let mut value = self.evaluator.raw(code);
        let mut doubt = value.causes();
        let unknown = value.causes();
        if let Value::List(list) = &mut value {
            doubt = list.doubt();
            std::sync::Arc::make_mut(list).items.truncate(MOST_ITEMS);
        }
        for cause in doubt.into_iter().flat_map(Causes::names) {
            let unknown = UnknownValue { path: path.clone(), cause: cause.into(), location: None };
            self.causing.unknown.push(unknown);
        }
        let value = self.evaluator.estate.json(&value);
        let unknown = unknown.and_then(|causes| causes.names().next()).map(SmolStr::from);
        self.causing.facts.push(Fact { path, value, location: None, unknown, inferred: false, layer: None });
    }

    fn relate(&mut self, id: ElementId, role: &str) {
        let estate = self.evaluator.estate;
        let address = SmolStr::new(estate.address(id));
        if self.subject == Some(id) || self.causing.related.iter().any(|one| one.address == address) {
            return;
        }
        let kind = estate.program.kind(estate.element(id).kind).name.clone();
        let location = estate.element_place(id);
        self.causing.related.push(Related { address, kind, role: role.into(), location });
    }
}

/// Whether a function may give an element, and not only lists, texts and the like.
fn may_be_element(function: Builtin) -> bool {
    use Builtin::{Before, Built, First, Intended, Max, Merge, Min, Only, Running};
    matches!(function, First | Only | Min | Max | Merge | Intended | Built | Running | Before)
}

/// What is compared with `true` or `false`: a condition in other words.
fn held_against_bool<'c>(left: &'c Code, right: &'c Code) -> Option<&'c Code> {
    match (left.seen_through(), right.seen_through()) {
        (side, Code::Constant(Value::Bool(_))) | (Code::Constant(Value::Bool(_)), side) => Some(side),
        _ => None,
    }
}

/// The very same value, not an equal one.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Node { source, node }, Value::Node { source: other_source, node: other }) => {
            source == other_source && node == other
        }
        (Value::Record(left), Value::Record(right)) => std::sync::Arc::ptr_eq(left, right),
        (Value::Map(left), Value::Map(right)) => std::sync::Arc::ptr_eq(left, right),
        (Value::List(left), Value::List(right)) => std::sync::Arc::ptr_eq(left, right),
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Element(left), Value::Element(right)) => left == right,
        (Value::Scalar(left), Value::Scalar(right)) => std::sync::Arc::ptr_eq(left, right),
        _ => false,
    }
}
