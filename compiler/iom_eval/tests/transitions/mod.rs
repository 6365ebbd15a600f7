//! `transition`: the steps that values may take from one layer to the next.

use crate::common::{Plan, Run, details, run_tests, verdicts};
use iom_eval::report::Decision;
use iom_state::document::Layer;
use serde_json::json;

const KINDS: &str = r#"
type Status = pending | active | retired
kind Service : Resource {
  name: string
  status: Status
  size: small | large = small
  plan: (free | paid)?
  identity name
  transition status: [pending => active, active => retired]
  transition plan: [free => paid]
  from terraform "service" { key .name  name: .name  status: .status  plan: .plan  size: .size }
}
"#;

fn service(plan: Plan, name: &str, status: &str) -> Plan {
    plan.resource(&format!("service.{name}"), json!({ "name": name, "status": status }))
}

#[test]
fn a_step_that_is_not_listed_is_blocked_with_the_facts_of_both_layers() {
    let running = service(service(service(Plan::new(), "a", "active"), "b", "pending"), "c", "retired");
    let built = service(
        service(service(service(Plan::new(), "a", "pending"), "b", "active"), "c", "retired"),
        "d",
        "retired",
    );
    let report = Run::new(KINDS).in_layer(Layer::Running, running).in_layer(Layer::Built, built).report();
    assert_eq!(
        details(&report),
        "fail transition service.a: service.a: status goes from active to pending, which is no step of Service\n    \
             at /planned_values/root_module/resources/0\n    \
             service.a.status = \"active\" /planned_values/root_module/resources/0/values/status\n    \
             status = \"pending\" /planned_values/root_module/resources/0/values/status\n    \
             read service.a\n"
    );
    let finding = &report.findings[0];
    let layers: Vec<bool> = finding.facts.iter().map(|fact| fact.layer.is_some()).collect();
    assert_eq!(layers, [true, false], "the running value says that it is");
    let files: Vec<&str> =
        finding.facts.iter().map(|fact| fact.location.as_ref().unwrap().file.as_str()).collect();
    assert_eq!(files, ["plan0.json", "plan1.json"]);
    let clause = finding.clause.as_ref().unwrap();
    assert_eq!(clause.source, "transition status: [pending => active, active => retired]");
    assert_eq!((clause.file.as_str(), clause.line), ("rules.iom", 9));
    assert_eq!(report.decision, Decision::Block);
}

#[test]
fn one_layer_alone_has_no_steps() {
    let report = Run::new(KINDS).plan(service(Plan::new(), "a", "retired")).report();
    assert_eq!(verdicts(&report), "");
    assert_eq!(report.summary.pass, 1);
}

#[test]
fn a_value_that_is_not_known_is_no_step_yet() {
    let running = service(Plan::new(), "a", "active");
    let built = Plan::new().unknown(
        "service.a",
        json!({ "name": "a" }),
        json!({ "status": true }),
        json!({ "status": ["local.x"] }),
    );
    let report = Run::new(KINDS).in_layer(Layer::Running, running).in_layer(Layer::Built, built).report();
    assert_eq!(verdicts(&report), "unknown transition.steps service.a\n");
    assert_eq!(report.decision, Decision::Escalate);
}

#[test]
fn transitions_in_tests_and_exceptions() {
    let rules = format!(
        "{KINDS}\n{}",
        r#"
resource boss: org.Person { }
exception back {
  policy: std.model.transition.steps
  target: Service where .name == "excused"
  reason: "restored from a backup"
  approved_by: [boss]
  opened: 2026-11-01
  expires: 2026-12-01
}
test "steps" {
  given running {
    resource r1: Service { name: "one"  status: pending  plan: paid }
    resource r2: Service { name: "two"  status: pending }
    resource r3: Service { name: "three"  status: retired }
    resource r4: Service { name: "excused"  status: retired }
  }
  given built {
    resource b2: Service { name: "two"  status: active }
    resource b5: Service { name: "five"  status: active }
  }
  given intended {
    resource i1: Service { name: "one"  status: pending  plan: free }
    resource i2: Service { name: "two"  status: retired  plan: paid }
    resource i3: Service { name: "three"  status: active }
    resource i4: Service { name: "excused"  status: active }
    resource i5: Service { name: "five"  status: active  size: large }
  }
  expect std.model.transition fails on i1 because "plan goes from paid to free"
  expect std.model.transition passes on b2
  expect std.model.transition passes on i2
  expect std.model.transition fails on i3 because "status goes from retired to active"
  expect std.model.transition excepted on i4
  expect std.model.transition passes on i5
  expect decision == block
}
"#
    );
    assert_eq!(run_tests(&rules), "");
}

#[test]
fn a_plan_alone_says_what_was_before() {
    let plan = service(Plan::new(), "backwards", "pending")
        .before(json!({ "name": "backwards", "status": "active" }));
    let plan = service(plan, "onwards", "active").before(json!({ "name": "onwards", "status": "pending" }));
    let plan = service(plan, "new", "retired");
    let report = Run::new(KINDS).plan(plan.clone()).report();
    assert_eq!(verdicts(&report), "fail transition.steps service.backwards\n");
    assert!(report.findings[0].message.contains("status goes from active to pending"), "{report:#?}");
    assert_eq!(report.decision, Decision::Block);
    // What runs counts more than what the plan was made on.
    let running = service(Plan::new(), "backwards", "pending");
    let report = Run::new(KINDS).in_layer(Layer::Running, running).plan(plan).report();
    assert_eq!(verdicts(&report), "");
}
