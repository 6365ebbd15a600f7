//! Rules in the language, plans in the making, and what comes of them in words.
#![allow(dead_code, reason = "every test binary uses some of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

use std::fmt::Write;
use std::sync::Arc;

use iom_eval::facts::{Estate, StateSource};
use iom_eval::judge::{Options, judge};
use iom_eval::program::{Program, Scope};
use iom_eval::report::Report;
use iom_model::Model;
use iom_semantic::{Host, LibrarySelection};
use iom_state::document::{Document, Layer};
use iom_state::tape::{KnownEnds, Mark, Node, NodeIndex, NodeValue, Strings, UnknownCause};
use serde_json::{Value, json};

/// 2026-11-22
pub const NOW: i64 = 1_795_305_600;

/// The model of a workspace of one file, which must have no errors.
pub fn model(text: &str) -> Arc<Model> {
    let mut host = Host::new();
    host.set_file("rules.iom", text);
    assert!(!host.has_errors(), "{}", iom_diagnostics::render::human(&host.diagnostics(), &host, false));
    Arc::new(host.model(&LibrarySelection::None))
}

/// A run in the making.
pub struct Run {
    pub model: Arc<Model>,
    pub plans: Vec<(Layer, Value)>,
    pub options: Options,
    pub plans_joins: bool,
    pub at: i64,
    pub is_partial: bool,
    pub fresh_for: Option<iom_model::Duration>,
}

impl Run {
    pub fn new(rules: &str) -> Run {
        Run::of(model(rules))
    }

    pub fn of(model: Arc<Model>) -> Run {
        Run {
            model,
            plans: Vec::new(),
            options: Options {
                model_hash: Some("sha256:0".into()),
                is_workspace: false,
                ..Options::default()
            },
            plans_joins: true,
            at: NOW,
            is_partial: false,
            fresh_for: None,
        }
    }

    pub fn plan(mut self, plan: Plan) -> Run {
        self.plans.push((Layer::Built, plan.json()));
        self
    }

    pub fn in_layer(mut self, layer: Layer, plan: Plan) -> Run {
        self.plans.push((layer, plan.json()));
        self
    }

    pub fn with_passes(mut self) -> Run {
        self.options.with_passes = true;
        self
    }

    pub fn estate(&self) -> Estate {
        let mut strings = Strings::default();
        let program = Program::compile_with(
            self.model.clone(),
            &Scope::default(),
            &Default::default(),
            &mut strings,
            self.plans_joins,
        );
        let mut sources = Vec::new();
        for (number, (layer, plan)) in self.plans.iter().enumerate() {
            let text = serde_json::to_string_pretty(plan).unwrap();
            let mut document =
                iom_state::import(text.as_bytes(), None, &program.demand, &mut strings).expect("a plan");
            forget_middles(&mut document, &mut strings);
            let mut source = StateSource::new(format!("plan{number}.json"), *layer, document);
            source.is_partial = self.is_partial;
            source.fresh_for = self.fresh_for;
            sources.push(source);
        }
        Estate::build(Arc::new(program), strings, sources, self.at)
    }

    pub fn report(&self) -> Report {
        judge(&self.estate(), &self.options)
    }
}

/// What a text begins with in a plan of which only the ends are to be known: `partly:START..END`.
pub const PARTLY_KNOWN: &str = "partly:";

/// Makes such texts what configuration says of them: plans know texts as a whole or not at all.
fn forget_middles(document: &mut Document, strings: &mut Strings) {
    for index in (0..document.tape.len() as u32).map(NodeIndex) {
        let node = document.tape.node(index);
        let NodeValue::Text(text) = node.value else { continue };
        let Some(beginning) = strings.resolve(&text).strip_prefix(PARTLY_KNOWN).map(str::to_owned) else {
            continue;
        };
        let (start, end) = beginning.split_once("..").unwrap_or((&beginning, ""));
        let known_ends =
            Some(KnownEnds { start: strings.get_or_intern(start), end: strings.get_or_intern(end) });
        document.tape.set(index, Node { value: NodeValue::Unknown(UnknownCause::KnownAfterApply), ..node });
        document.tape.marks.insert(index, Mark { known_ends, ..Mark::default() });
    }
}

/// `fail p a.b "message"`, one per line.
pub fn verdicts(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let policy = finding.policy.rsplit('.').next().unwrap_or("");
        let label = finding.label.as_ref().map(|label| format!(".{label}")).unwrap_or_default();
        let verdict = format!("{:?}", finding.verdict).to_lowercase();
        let _ = writeln!(text, "{verdict} {policy}{label} {}", finding.resource.address);
    }
    text
}

/// As [`verdicts`], with messages, facts and what is not known.
pub fn details(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let policy = finding.policy.rsplit('.').next().unwrap_or("");
        let verdict = format!("{:?}", finding.verdict).to_lowercase();
        let _ = writeln!(text, "{verdict} {policy} {}: {}", finding.resource.address, finding.message);
        if let Some(place) = &finding.location {
            let _ = writeln!(text, "    at {}", place.pointer.as_deref().unwrap_or(""));
        }
        for fact in &finding.facts {
            let place = fact.location.as_ref().and_then(|place| place.pointer.clone()).unwrap_or_default();
            let cause = fact.unknown.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
            let _ = writeln!(text, "    {} = {}{cause} {place}", fact.path, fact.value);
        }
        if finding.facts.is_empty() {
            for value in &finding.unknown {
                let _ = writeln!(text, "    {} is unknown: {}", value.path, value.cause);
            }
        }
        for related in &finding.related {
            let _ = writeln!(text, "    {} {}", related.role, related.address);
        }
        if !finding.path.is_empty() {
            let _ = writeln!(text, "    path {}", finding.path.join(" > "));
        }
    }
    text
}

/// Runs the tests that a text has, and lists what they say.
pub fn run_tests(rules: &str) -> String {
    let mut text = String::new();
    let options = iom_eval::testing::TestOptions {
        at: NOW,
        filter: &|_| true,
        read_file: &|_| Err("no files here".to_owned()),
        threads: 1,
    };
    for outcome in
        iom_eval::testing::run_tests(&model(rules), Default::default(), &Default::default(), &options)
    {
        for failure in &outcome.failures {
            let _ = writeln!(text, "{}: {}: {}", outcome.title, failure.source, failure.message);
            for detail in &failure.details {
                let _ = writeln!(text, "    {detail}");
            }
        }
    }
    text
}

/// A plan in the making.
#[derive(Clone, Default)]
pub struct Plan {
    resources: Vec<Value>,
    changes: Vec<Value>,
    configuration: Vec<Value>,
}

impl Plan {
    pub fn new() -> Plan {
        Plan::default()
    }

    /// A resource whose values are all known and were all given.
    pub fn resource(self, address: &str, values: Value) -> Plan {
        self.unknown(address, values, json!({}), json!({}))
    }

    /// A resource with what is not known of it and the expressions of its configuration: for every attribute what it
    /// refers to.
    pub fn unknown(mut self, address: &str, values: Value, unknown: Value, references: Value) -> Plan {
        let (kind, name) = address.split_once('.').unwrap();
        let provider = "registry.terraform.io/hashicorp/aws";
        self.resources.push(json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": provider, "schema_version": 0, "values": values, "sensitive_values": {},
        }));
        self.changes.push(json!({
            "address": address, "mode": "managed", "type": kind, "name": name, "provider_name": provider,
            "change": { "actions": ["create"], "before": null, "after": values, "after_unknown": unknown },
        }));
        let mut expressions = serde_json::Map::new();
        for (name, value) in references.as_object().unwrap() {
            expressions.insert(name.clone(), json!({ "references": value }));
        }
        if let Some(values) = values.as_object() {
            for (name, value) in values {
                expressions.entry(name.clone()).or_insert_with(|| json!({ "constant_value": value }));
            }
        }
        self.configuration.push(json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_config_key": "aws", "expressions": expressions, "schema_version": 0,
        }));
        self
    }

    /// What the resource added last is before the plan changes it.
    pub fn before(mut self, values: Value) -> Plan {
        let change = &mut self.changes.last_mut().unwrap()["change"];
        change["actions"] = json!(["update"]);
        change["before"] = values;
        self
    }

    pub fn json(&self) -> Value {
        json!({
            "format_version": "1.2", "terraform_version": "1.9.0",
            "planned_values": { "root_module": { "resources": self.resources } },
            "resource_changes": self.changes,
            "configuration": { "root_module": { "resources": self.configuration } },
        })
    }
}
