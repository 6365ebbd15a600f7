//! Groups as subjects: `for g: K by .owner`.

use crate::common::{Plan, Run, details, run_tests, verdicts};
use crate::{rules, server, unknown};
use iom_eval::report::Decision;
use serde_json::json;

const FEW: &str = r#"policy few {
  for g: Server by .tags?["team"] {
    require size(g.items) <= 2 else "{g.key} has {size(g.items)} servers"
  }
}"#;

fn team(plan: Plan, name: &str, team: &str) -> Plan {
    server(plan, name, json!({ "tags": { "team": team } }))
}

#[test]
fn a_group_has_one_verdict_and_lists_its_members() {
    let mut plan = Plan::new();
    for name in ["a1", "a2", "a3"] {
        plan = team(plan, name, "a");
    }
    plan = team(plan, "b1", "b");
    let report = Run::new(&rules(FEW)).plan(plan).report();
    assert_eq!(
        details(&report),
        "fail few a: a has 3 servers\n    \
             at /planned_values/root_module/resources/0\n    \
             items = [\"server.a1\",\"server.a2\",\"server.a3\"] \n    \
             member server.a1\n    member server.a2\n    member server.a3\n"
    );
    assert_eq!(report.findings[0].resource.kind, "Server");
    assert_eq!(report.decision, Decision::Block);
    // Verdicts are counted by resource: the three of the one group, and the other.
    assert_eq!((report.summary.fail, report.summary.pass, report.summary.not_applicable), (3, 1, 1));
}

#[test]
fn whoever_may_belong_anywhere_makes_groups_doubtful() {
    let mut plan = Plan::new();
    for name in ["a1", "a2", "a3", "b1", "b2", "c1"] {
        plan = team(plan, name, &name[..1]);
    }
    plan = unknown(plan, "x", json!({}), json!({ "tags": true }));
    let report = Run::new(&rules(FEW)).plan(plan.clone()).report();
    // Three are too many whoever else there is; two may be three; one more than one is fine.
    assert_eq!(verdicts(&report), "fail few a\nunknown few b\n");
    let report = Run::new(&rules(FEW)).plan(plan).with_passes().report();
    assert_eq!(verdicts(&report), "fail few a\nunknown few b\npass few c\npass few unknown\n");
}

#[test]
fn a_group_of_what_perhaps_is_chosen_is_perhaps_there() {
    let plan = unknown(Plan::new(), "x", json!({ "ports": [22] }), json!({ "live": true }));
    let report = Run::new(&rules(
        "policy none_live { for s: Server { require none g in (Server where .live == true) by .name: size(g.items) < 9 } }
         policy rows { for s: Server for g in (Server where .live == true) by .name { require size(g.items) > 9 } }",
    ))
    .plan(plan)
    .report();
    assert_eq!(verdicts(&report), "unknown none_live server.x\nunknown rows server.x\n");
}

#[test]
fn where_nobody_knows_the_key_nothing_passes_in_silence() {
    let mut plan = Plan::new();
    for name in ["x", "y", "z"] {
        plan = unknown(plan, name, json!({}), json!({ "tags": true }));
    }
    let report = Run::new(&rules(FEW)).plan(plan).report();
    assert_eq!(verdicts(&report), "unknown few unknown\n");
    assert_eq!(report.summary.unknown, 3);
    let causes: Vec<&str> = report.findings[0].unknown.iter().map(|one| one.cause.as_str()).collect();
    assert_eq!(causes, ["known_after_apply"]);
}

#[test]
fn a_partial_source_cannot_prove_that_a_group_is_small() {
    let plan = team(team(Plan::new(), "a1", "a"), "b1", "b");
    let mut run = Run::new(&rules(FEW)).plan(plan);
    run.is_partial = true;
    assert_eq!(verdicts(&run.report()), "unknown few a\nunknown few b\n");
}

#[test]
fn exceptions_cover_a_group_where_they_cover_all_of_it() {
    let exception = |target: &str| {
        format!(
            "{FEW}\nexception e {{ policy: few  target: Server where {target}  reason: \"r\"  \
             approved_by: [security]  opened: 2026-11-01  expires: 2026-12-01 }}"
        )
    };
    let mut plan = Plan::new();
    for name in ["a1", "a2", "a3"] {
        plan = team(plan, name, "a");
    }
    let report = |target: &str, plan: Plan| Run::new(&rules(&exception(target))).plan(plan).report();
    assert_eq!(verdicts(&report(".name like \"a*\"", plan.clone())), "excepted few a\n");
    assert_eq!(verdicts(&report(".name == \"a1\"", plan)), "fail few a\n");
}

const LANGUAGE: &str = r#"
kind Thing : Resource { name: string?  size: int = 0  room: string?  identity name }
resource red: org.Team { }
resource blue: org.Team { }
policy light {
  for g: Thing by .owner where size(.items) > 1 {
    let heaviest = max([for t in g.items: t.size])
    require weight: sum([for t in g.items: t.size]) < 10 else "{g.key} carries too much"
    for t in g.items { require spread: t.size < 6 at t else "{t} is too heavy for {g.key}" }
  }
}
policy rooms {
  for t: Thing {
    for g in Thing by .room where g.key is present and size(.items) > 1 {
      require all one in g.items: one.owner == t.owner else "{g.key} is shared"
    }
  }
}
test "groups" {
  given {
    resource r1: Thing { owner: red  size: 7  room: "north" }
    resource r2: Thing { owner: red  size: 4  room: "north" }
    resource b1: Thing { owner: blue  size: 4 }
    resource b2: Thing { owner: blue  size: 5 }
    resource alone: Thing { size: 50 }
  }
  expect light.weight fails on red because "red carries too much"
  expect light.spread fails on red because "r1 is too heavy for red"
  expect light.weight passes on blue
  expect light.weight fails on r2
  expect light not_applicable on "nothing"
  expect rooms passes on r1
  expect rooms fails on b1 because "north is shared"
  expect size([for g in Thing by .owner: g.key]) == 3
  expect any g in Thing by .owner: g.key is absent and size(g.items) == 1
}
test "an owner that nobody knows" {
  given {
    resource r1: Thing { owner: red  size: 5 }
    resource r2: Thing { owner: red  size: 4 }
    resource b1: Thing { owner: blue  size: 1 }
    resource x: Thing { owner: unknown  size: 1 }
  }
  expect light.weight unknown on red
  expect light.weight unknown on blue
  expect light not_applicable on "unknown"
  expect (size([for g in Thing by .owner: g.key]) == 3) is unknown
  expect size([for g in Thing by .owner: g.key]) <= 3
  expect all g in Thing by .owner: size(g.items) < 4
  expect (all g in Thing by .owner: size(g.items) < 3) is unknown
}
"#;

#[test]
fn groups_in_the_language() {
    assert_eq!(run_tests(LANGUAGE), "");
}

#[test]
fn many_groups_are_made_in_one_pass() {
    let mut plan = Plan::new();
    for number in 0..3_000 {
        plan = team(plan, &format!("s{number}"), &format!("t{}", number % 1_500));
    }
    let report = Run::new(&rules(FEW)).plan(plan).report();
    assert_eq!(report.summary.pass, 3_000);
}

#[test]
fn binds_may_say_which_elements_they_are_about() {
    let rules = r#"
kind Thing : Resource { name: string?  room: string?  identity name }
resource red: org.Team { }
resource blue: org.Team { }
bind t: Thing where t.room is present and t.room like "n*" { owner: red }
bind t: Thing where .room == "south" { owner: blue }
test "binds" {
  given {
    resource a: Thing { room: "north" }
    resource b: Thing { room: "south" }
    resource c: Thing { }
    resource d: Thing { room: unknown }
    resource e: Thing { room: "north"  owner: blue }
  }
  expect a.owner == red
  expect b.owner == blue
  expect c.owner is absent
  expect d.owner is unknown
  expect e.owner == blue
}
"#;
    assert_eq!(run_tests(rules), "");
}
