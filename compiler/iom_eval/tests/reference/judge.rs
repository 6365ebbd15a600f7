//! From rows to verdicts, as the language says it.

use std::collections::BTreeMap;

use iom_state::document::Layer;

use crate::interpret::Interpreter;
use crate::program::{Expr, Policy, Program, Step, labels_of};
use crate::value::{Group, Truth, Value, and};

/// Policy, clause (empty: all of them), address and layer; the verdict.
pub type Verdicts = BTreeMap<(String, String, String, String), &'static str>;

/// By clause, the worst over the rows.
type States = BTreeMap<String, &'static str>;

pub fn judge(program: &Program) -> Verdicts {
    let mut verdicts = Verdicts::new();
    for world in 0..program.state.layers.len() {
        for number in 0..program.policies.len() {
            Judge { program, world, number }.policy(&mut verdicts);
        }
    }
    verdicts
}

struct Judge<'p> {
    program: &'p Program,
    world: usize,
    number: usize,
}

/// What a rule is judged for: a node or a group, whether it is there, and the nodes that the verdict is about.
struct Subject {
    value: Value,
    exists: Truth,
    members: Vec<Value>,
    address: String,
}

impl Judge<'_> {
    fn policy(&self, verdicts: &mut Verdicts) {
        let policy: &Policy = &self.program.policies[self.number];
        let mut interpreter = Interpreter::new(self.program, self.world);
        for subject in self.subjects(&mut interpreter) {
            interpreter.set(policy.subject.name, subject.value.clone());
            let filter = policy.subject.filter.as_ref();
            let fits = filter.map_or(Some(true), |filter| interpreter.truth(filter));
            let guard = and(subject.exists, fits);
            if guard == Some(false) {
                continue;
            }
            let mut states = States::new();
            rows(&mut interpreter, &policy.steps, guard, States::new(), &mut states);
            let key = |label: &str| {
                let layer = format!("{:?}", self.program.state.layers[self.world].0).to_lowercase();
                (format!("p{}", self.number), label.to_owned(), subject.address.clone(), layer)
            };
            let mut is_sound = true;
            for (label, state) in &states {
                if *state == "pass" {
                    continue;
                }
                is_sound = false;
                let excepted = self.is_excepted(&mut interpreter, label, &subject.members);
                verdicts.insert(key(label), if excepted { "excepted" } else { state });
            }
            if is_sound {
                verdicts.insert(key(""), "pass");
            }
        }
    }

    fn subjects(&self, interpreter: &mut Interpreter<'_>) -> Vec<Subject> {
        let Value::List(nodes, _) = interpreter.value(&Expr::Population) else { return Vec::new() };
        let Some((hand, key)) = &self.program.policies[self.number].subject.by else {
            let subject = |(value, exists): (Value, Truth)| Subject {
                members: vec![value.clone()],
                address: self.address(interpreter, &value),
                value,
                exists,
            };
            return nodes.into_iter().map(subject).collect();
        };
        let groups = interpreter.groups(nodes, false, *hand, key);
        let subject = |group: Group| {
            let exists = group.exists();
            let sure = group.items.iter().filter(|(_, belongs)| exists.is_none() || belongs.is_some());
            Subject {
                members: sure.map(|(item, _)| item.clone()).collect(),
                address: self.address(interpreter, &group.key),
                value: group.value(),
                exists,
            }
        };
        groups.into_iter().map(subject).collect()
    }

    /// How reports call a node, or a group by its key.
    fn address(&self, interpreter: &Interpreter<'_>, value: &Value) -> String {
        match value {
            Value::Node(layer, _) => {
                let name = format!("n{}", interpreter.number(value));
                match self.program.state.layers[*layer].0 {
                    Layer::Intended => name,
                    _ => format!("node.{name}"),
                }
            }
            Value::Dangling(number) => format!("n{number}"),
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Absent => "nothing".to_owned(),
            _ => "unknown".to_owned(),
        }
    }

    /// An exception that is open is about the clause, and all members are surely in its target.
    fn is_excepted(&self, interpreter: &mut Interpreter<'_>, label: &str, members: &[Value]) -> bool {
        self.program.exceptions.iter().any(|exception| {
            let (hand, filter) = &exception.target;
            let mut covers = |member: &Value| {
                interpreter.set(*hand, member.clone());
                filter.as_ref().is_none_or(|filter| interpreter.truth(filter) == Some(true))
            };
            exception.is_open
                && exception.policy == self.number
                && exception.label.as_ref().is_none_or(|named| named == label)
                && members.iter().all(&mut covers)
        })
    }
}

/// `row`: what the clauses before say in this row.
fn rows(
    interpreter: &mut Interpreter<'_>,
    steps: &[Step],
    guard: Truth,
    mut row: States,
    states: &mut States,
) {
    for step in steps {
        match step {
            Step::Let(name, value) => {
                let value = interpreter.value(value);
                interpreter.set(*name, value);
            }
            Step::Require { label, condition, after } => {
                if after.as_ref().is_some_and(|earlier| row.get(earlier) != Some(&"pass")) {
                    continue;
                }
                let state = match (guard, interpreter.truth(condition)) {
                    (_, Some(true)) => "pass",
                    (Some(true), Some(false)) => "fail",
                    _ => "unknown",
                };
                row.insert(label.clone(), state);
                note(states, label, state);
            }
            Step::For(binder, inner) => {
                let is_open = interpreter.rounds(binder, |this, belongs| {
                    rows(this, inner, and(guard, belongs), row.clone(), states);
                });
                if is_open {
                    let mut labels = Vec::new();
                    labels_of(inner, &mut labels);
                    labels.iter().for_each(|label| note(states, label, "unknown"));
                }
            }
        }
    }
}

/// Fail over unknown over pass.
fn note(states: &mut States, label: &str, state: &'static str) {
    let rank = |state: &str| ["pass", "unknown", "fail"].iter().position(|one| *one == state);
    let before = states.entry(label.to_owned()).or_insert("pass");
    if rank(state) > rank(before) {
        *before = state;
    }
}
