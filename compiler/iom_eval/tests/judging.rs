//! From rows to verdicts, from verdicts to decisions.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod blueprints;
mod claims;
mod common;
mod extensions;
mod groups;
mod links;
mod shapes;
mod tolerations;
mod transitions;
mod unmapped;

use common::{NOW, Plan, Run, details, verdicts};
use iom_eval::judge::DefaultMode;
use iom_eval::report::{Decision, EvidenceStatus};
use iom_state::document::Layer;
use serde_json::{Value, json};

const KINDS: &str = r#"
resource security: org.Team { }
kind Server : Resource {
  name: string
  live: bool?
  ports: list<int> = []
  next: ref Server?
  identity name
  from terraform "server" { key .name  name: .name  live: .live  ports: .ports  next: ref .next  tags: .tags }
}
"#;

fn rules(text: &str) -> String {
    format!("{KINDS}\n{text}")
}

fn server(plan: Plan, name: &str, values: Value) -> Plan {
    let mut values = values;
    values["name"] = json!(name);
    plan.resource(&format!("server.{name}"), values)
}

fn unknown(plan: Plan, name: &str, values: Value, unknown: Value) -> Plan {
    let mut values = values;
    values["name"] = json!(name);
    let references = unknown.as_object().unwrap().keys().map(|key| (key.clone(), json!(["local.x"])));
    plan.unknown(&format!("server.{name}"), values, unknown.clone(), Value::Object(references.collect()))
}

#[test]
fn a_guard_that_is_not_known_makes_violations_unknown_and_no_more() {
    let plan = server(Plan::new(), "off", json!({ "live": false, "ports": [22] }));
    let plan = server(plan, "bad", json!({ "live": true, "ports": [22] }));
    let plan = unknown(plan, "maybe_bad", json!({ "ports": [22] }), json!({ "live": true }));
    let plan = unknown(plan, "maybe_good", json!({ "ports": [80] }), json!({ "live": true }));
    let report = Run::new(&rules(
        "policy closed { for s: Server where s.live == true { require not (22 in s.ports) } }",
    ))
    .plan(plan)
    .report();
    assert_eq!(verdicts(&report), "fail closed server.bad\nunknown closed server.maybe_bad\n");
    assert_eq!((report.summary.pass, report.summary.fail, report.summary.unknown), (1, 1, 1));
    assert_eq!(report.summary.not_applicable, 2);
}

#[test]
fn rows_add_up_to_their_subject() {
    let plan = server(Plan::new(), "none", json!({}));
    let plan = server(plan, "good", json!({ "ports": [80, 443] }));
    let plan = server(plan, "bad", json!({ "ports": [80, 22, 23, 22] }));
    let plan = unknown(plan, "open", json!({}), json!({ "ports": true }));
    let report = Run::new(&rules(
        r#"policy closed { for s: Server for p in s.ports { require p > 79 else "{s} opens {p}" } }"#,
    ))
    .plan(plan)
    .report();
    assert_eq!(
        details(&report),
        "fail closed server.bad: server.bad opens 22\n    \
             at /planned_values/root_module/resources/2\n    \
             ports[1] = 22 /planned_values/root_module/resources/2/values/ports/1\n\
         unknown closed server.open: server.open: it is not known whether p > 79\n    \
             at /planned_values/root_module/resources/3\n    \
             ports = null (known_after_apply) /planned_values/root_module/resources/3/values/ports\n"
    );
    let witnesses: Vec<&str> =
        report.findings[0].witnesses.iter().map(|witness| witness.message.as_str()).collect();
    assert_eq!(witnesses, ["server.bad opens 23", "server.bad opens 22"]);
}

#[test]
fn a_clause_that_relies_on_another_waits_for_it() {
    let plan = server(Plan::new(), "a", json!({}));
    let plan = server(plan, "b", json!({ "live": false }));
    let report = Run::new(&rules(
        "policy live { for s: Server { require said: s.live is present  require yes: s.live == true } }",
    ))
    .plan(plan)
    .report();
    assert_eq!(verdicts(&report), "fail live.said server.a\nfail live.yes server.b\n");
}

#[test]
fn a_clause_waits_through_names_and_loops() {
    let plan = server(Plan::new(), "a", json!({ "ports": [22] }));
    let report = Run::new(&rules(
        "policy named { for s: Server { require said: s.live is present  let live = s.live  require yes: live } }
         policy looped { for s: Server { require said: s.live is present  for p in s.ports where s.live { require low: p < 10 } } }",
    ))
    .plan(plan)
    .report();
    assert_eq!(verdicts(&report), "fail looped.said server.a\nfail named.said server.a\n");
}

#[test]
fn a_part_of_something_malformed_is_not_surely_there() {
    let text = "type Disk = { size: int? }
        kind Machine : Resource { disk: Disk?  from terraform \"machine\" { disk: .disk  tags: .tags } }
        policy whole { for m: Machine { require m.disk is present } }
        policy part { for m: Machine { require m.disk?.size is present } }";
    let report = Run::new(text).plan(Plan::new().resource("machine.a", json!({ "disk": true }))).report();
    assert_eq!(verdicts(&report), "unknown part machine.a\n");
}

#[test]
fn the_item_of_a_list_that_is_not_known_is_named() {
    let text = "kind Rule : Resource { sources: list<string>  from terraform \"rule\" { sources: .sources  tags: .tags } }
        policy named { for r: Rule { require not (r.sources contains \"*\") } }";
    let values = json!({ "sources": ["10.0.0.0/8", "partly:"] });
    let report = Run::new(text).plan(Plan::new().resource("rule.a", values)).report();
    let unknown: Vec<_> = report.findings.iter().flat_map(|finding| &finding.unknown).collect();
    let [unknown] = unknown.as_slice() else { panic!("{unknown:?}") };
    let place = unknown.location.as_ref().and_then(|place| place.pointer.as_deref());
    assert_eq!(unknown.path, "sources[1]");
    assert_eq!(place, Some("/planned_values/root_module/resources/0/values/sources"));
}

#[test]
fn the_smallest_set_of_facts_is_shown() {
    let plan = server(Plan::new(), "a", json!({ "live": true, "ports": [22] }));
    let plan = server(plan, "b", json!({ "live": false, "ports": [80], "next": "a" }));
    let report = Run::new(&rules(
        r#"
        policy both { for s: Server { require s.live == true and s.name != "x" } }
        policy all_ports { for s: Server { require all p in s.ports: p > 79 } }
        policy next { for s: Server { require (s.next.live ?? false) == false else "{s} leads to {s.next}" } }
        policy away { for s: Server { require none d in upstream(s): match d { Server t => t.live == true  _ => false } else "{s} needs {d}" } }
        "#,
    ))
    .plan(plan)
    .report();
    assert_eq!(
        details(&report),
        "fail all_ports server.a: server.a does not satisfy: all p in s.ports: p > 79\n    \
             at /planned_values/root_module/resources/0\n    \
             ports[0] = 22 /planned_values/root_module/resources/0/values/ports/0\n\
         fail away server.b: server.b needs server.a\n    \
             at /planned_values/root_module/resources/1\n    \
             server.a.live = true /planned_values/root_module/resources/0/values/live\n    \
             witness server.a\n    \
             path server.b > server.a\n\
         fail both server.b: server.b does not satisfy: s.live == true and s.name != \"x\"\n    \
             at /planned_values/root_module/resources/1\n    \
             live = false /planned_values/root_module/resources/1/values/live\n\
         fail next server.b: server.b leads to server.a\n    \
             at /planned_values/root_module/resources/1\n    \
             next.live = true /planned_values/root_module/resources/0/values/live\n    \
             read server.a\n"
    );
}

#[test]
fn modes_change_on_their_day() {
    let text = "policy p { severity: high  mode: advise until 2026-12-01 then escalate to security until 2027-01-01 then enforce
        for s: Server { require s.live == true } }";
    let december = NOW + 20 * 86_400;
    let february = NOW + 80 * 86_400;
    for (at, decision) in
        [(NOW, Decision::Admit), (december, Decision::Escalate), (february, Decision::Block)]
    {
        let mut run = Run::new(&rules(text)).plan(server(Plan::new(), "a", json!({})));
        run.at = at;
        let report = run.report();
        assert_eq!(report.decision, decision);
        assert_eq!(report.escalations.len(), usize::from(decision == Decision::Escalate));
        if let [escalation] = report.escalations.as_slice() {
            assert_eq!(escalation.to.as_deref(), Some("security"));
        }
    }
}

#[test]
fn what_is_unknown_escalates_where_it_matters() {
    for (severity, decision) in [("high", Decision::Escalate), ("medium", Decision::Admit)] {
        let text = format!("policy p {{ severity: {severity}  for s: Server {{ require s.live == true }} }}");
        let plan = unknown(Plan::new(), "a", json!({}), json!({ "live": true }));
        let mut run = Run::new(&rules(&text)).plan(plan);
        run.options.default_mode = DefaultMode::Enforce;
        let report = run.report();
        assert_eq!(report.decision, decision, "{severity}");
    }
}

#[test]
fn exceptions_excuse_inside_their_dates() {
    let text = |opened: &str, expires: &str| {
        rules(&format!(
            r#"
            policy p {{ for s: Server {{ require live: s.live == true  require named: s.name != "a" }} }}
            exception old {{ policy: p.live  target: Server where .name == "a"  reason: "r"  approved_by: [security]
              opened: {opened}  expires: {expires} }}
            "#
        ))
    };
    let plan = || {
        let plan = server(Plan::new(), "a", json!({}));
        server(plan, "b", json!({}))
    };
    let run = |opened: &str, expires: &str| {
        let mut run = Run::new(&text(opened, expires)).plan(plan());
        run.options.is_workspace = true;
        run.report()
    };
    let report = run("2026-11-01", "2026-11-30");
    assert_eq!(verdicts(&report), "excepted p.live server.a\nfail p.named server.a\nfail p.live server.b\n");
    assert_eq!(report.summary.fail, 2);
    let said = serde_json::to_string(&report.diagnostics).unwrap();
    assert!(said.contains("expires on 2026-11-30"), "{said}");
    // Half-open: on the day it expires it holds no more.
    let report = run("2026-11-01", "2026-11-22");
    assert!(!verdicts(&report).contains("excepted"));
    let said = serde_json::to_string(&report.diagnostics).unwrap();
    assert!(said.contains("expired on 2026-11-22"), "{said}");
    assert!(!verdicts(&run("2026-11-23", "2026-12-24")).contains("excepted"));
}

#[test]
fn an_exception_that_may_cover_is_a_note() {
    let text = rules(
        r#"
        policy p { for s: Server { require s.ports is nonempty } }
        exception e { policy: p  target: Server where .live == true  reason: "r"  approved_by: [security]
          opened: 2026-11-01  expires: 2027-01-01 }
        "#,
    );
    let plan = unknown(Plan::new(), "a", json!({}), json!({ "live": true }));
    let report = Run::new(&text).plan(plan).report();
    assert_eq!(verdicts(&report), "fail p server.a\n");
    assert!(report.findings[0].note.as_deref().unwrap().contains("may cover"));
}

#[test]
fn evidence_is_as_fresh_as_its_source_and_as_good_as_its_claims() {
    let text = rules(
        r#"
        catalog c { control "1" { title: "t" } }
        policy p { for s: Server { require s.live == true } }
        evidence good { satisfies: [c."1"]  claims: [p]  population: Server where .name == "good"  collect: [name]  every: 24h  fresh: 48h }
        evidence bad { satisfies: [c."1"]  claims: [p]  population: Server  collect: [name]  every: 24h  fresh: 48h }
        evidence doubtful { satisfies: [c."1"]  claims: [p]  population: Server where .name == "doubtful"  collect: [name]  every: 24h  fresh: 48h }
        evidence none { satisfies: [c."1"]  claims: [p]  population: Server where .name == "nobody"  collect: [name]  every: 24h  fresh: 48h }
        "#,
    );
    let plan = server(Plan::new(), "good", json!({ "live": true }));
    let plan = server(plan, "bad", json!({ "live": false }));
    let plan = unknown(plan, "doubtful", json!({}), json!({ "live": true }));
    let mut dated = plan.json();
    dated["timestamp"] = json!("2026-11-21T00:00:00Z");
    let mut run = Run::new(&text);
    run.plans.push((Layer::Built, dated));
    let statuses = |report: &iom_eval::report::Report| -> Vec<EvidenceStatus> {
        report.evidence.iter().map(|one| one.status).collect()
    };
    use EvidenceStatus::{Failing, Fresh, Missing, Stale, Unknown};
    let report = run.report();
    assert_eq!(statuses(&report), [Failing, Unknown, Fresh, Missing]);
    assert_eq!(report.evidence[0].population, 3);
    assert_eq!(report.evidence[0].last_collected.as_deref(), Some("2026-11-21T00:00:00Z"));
    run.at = NOW + 2 * 86_400;
    assert_eq!(statuses(&run.report()), [Failing, Unknown, Stale, Missing]);
}

#[test]
fn layers_are_worlds_and_one_thing_counts_once() {
    let text = rules(
        r#"
        policy alone { for s: Server { require none o in Server: o.live == true and o != s else "{s} is not alone" } }
        policy built_only { on: [built]  for s: Server { require s.live == true } }
        "#,
    );
    let built = server(Plan::new(), "a", json!({ "live": false }));
    let running = server(Plan::new(), "a", json!({ "live": true }));
    let running = server(running, "b", json!({}));
    let report = Run::new(&text).in_layer(Layer::Built, built).in_layer(Layer::Running, running).report();
    assert_eq!(verdicts(&report), "fail alone server.b\nfail built_only server.a\n");
    // `a` of both layers is one resource.
    assert_eq!(report.summary.resources, 3, "two servers and the team");
    assert_eq!(report.summary.pass, 1);
}

#[test]
fn a_partial_source_cannot_prove_that_something_is_missing() {
    let text = rules("policy p { for s: Server { require any o in Server: o.name == \"b\" } }");
    let plan = || server(Plan::new(), "a", json!({}));
    let mut run = Run::new(&text).plan(plan());
    assert_eq!(verdicts(&run.report()), "fail p server.a\n");
    run.is_partial = true;
    assert_eq!(verdicts(&run.report()), "unknown p server.a\n");
}

#[test]
fn binds_give_owners_and_disagreement_is_a_conflict() {
    let text = rules(
        r#"
        resource red: org.Team { }
        resource blue: org.Team { }
        bind r: Resource { owner: org.Team named r.tags?["team"] }
        policy owned { for s: Server { require s.owner is present } }
        policy red_only { for s: Server { require s.owner == red } }
        "#,
    );
    let plan = server(Plan::new(), "a", json!({ "tags": { "team": "red" } }));
    let plan = server(plan, "b", json!({ "tags": { "team": "nobody" } }));
    let report = Run::new(&text).plan(plan).report();
    assert_eq!(verdicts(&report), "fail owned server.b\nfail red_only server.b\n");
    assert_eq!(report.findings[0].resource.owner, None);
    let text = format!("{text}\nbind r: Resource {{ owner: blue }}");
    let plan = server(Plan::new(), "a", json!({ "tags": { "team": "red" } }));
    let report = Run::new(&text).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "unknown red_only server.a\nunknown owned server.a\n"
            .lines()
            .rev()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    );
}

#[test]
fn policies_that_match_nothing_are_named_in_a_workspace() {
    let text = rules(
        "kind Ghost : Resource { from terraform \"ghost\" { tags: .tags } }\npolicy p { for g: Ghost { require g.owner is present } }",
    );
    let mut run = Run::new(&text).plan(server(Plan::new(), "a", json!({})));
    run.options.is_workspace = true;
    let said = serde_json::to_string(&run.report().diagnostics).unwrap();
    assert!(said.contains("p judges nothing: no") && said.contains("Ghost"), "{said}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let text = rules(
        "policy p { for s: Server { require none o in Server: o.name != s.name else \"{s} and {o}\" } }",
    );
    let mut plan = Plan::new();
    for number in 0..40 {
        plan = server(plan, &format!("s{number}"), json!({ "live": number % 3 == 0 }));
    }
    let mut run = Run::new(&text).plan(plan);
    let bytes = || {
        let mut out = Vec::new();
        iom_eval::report::rendering::json(&run.report(), &mut out).unwrap();
        out
    };
    let once = bytes();
    assert_eq!(once, bytes());
    run.options.threads = 4;
    let mut out = Vec::new();
    iom_eval::report::rendering::json(&run.report(), &mut out).unwrap();
    assert_eq!(once, out);
}

#[test]
fn facts_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<iom_eval::facts::Estate>();
    shared::<iom_eval::program::Program>();
}

#[test]
fn stale_facts_are_unknown_and_never_pass() {
    let text = rules("policy p { severity: high  for s: Server { require s.live == true } }");
    let mut dated = server(Plan::new(), "a", json!({ "live": true })).json();
    dated["timestamp"] = json!("2026-11-20T00:00:00Z");
    let mut run = Run::new(&text);
    run.plans.push((Layer::Built, dated));
    assert_eq!(verdicts(&run.report()), "");
    run.fresh_for = iom_model::Duration::parse("24h");
    let report = run.report();
    assert_eq!(verdicts(&report), "unknown p server.a\n");
    assert_eq!(report.findings[0].unknown[0].cause, "stale");
    assert_eq!(report.escalations[0].cause, iom_eval::report::EscalationCause::StaleFact);
}

#[test]
fn owners_come_from_the_environment_where_nothing_else_says() {
    let text = rules(
        r#"
        resource red: org.Team { }
        resource prod: org.Environment { owner: red }
        bind r: Resource { environment: prod }
        policy p { for s: Server { require s.owner == red } }
        "#,
    );
    let report = Run::new(&text).plan(server(Plan::new(), "a", json!({}))).with_passes().report();
    assert_eq!(verdicts(&report), "pass p server.a\n");
    assert_eq!(report.findings[0].resource.owner.as_deref(), Some("red"));
    assert_eq!(report.findings[0].resource.environment.as_deref(), Some("prod"));
}
