//! `apply`, groups, `--set`, and the outcomes of environments, as people and programs see them.

use serde_json::Value;

use crate::support::{MANIFEST, PLAN, folder, iomc};

const EVAL: &[&str] = &["eval", "--state", "plan.json", "--at", "2026-11-22", "--format", "json"];

const PARAMETRIC: &str = r#"module security

policy named_like(names: list<string>, least: int = 1) {
  title: "Buckets have agreed names"
  for b: aws.Bucket {
    require size(b.name ?? "") >= least and b.name in names else "{b} is called {b.name}, not one of {names}"
  }
}

policy versioned {
  severity: high
  for b: aws.Bucket { require b.versioning else "{b} is not versioned" }
}
"#;

fn workspace(more: &str) -> tempfile::TempDir {
    let text = format!("{PARAMETRIC}\n{more}");
    folder(&[("iom.toml", MANIFEST), ("security.iom", &text), ("plan.json", PLAN)])
}

fn eval(folder: &tempfile::TempDir, more: &[&str]) -> Value {
    iomc(folder.path(), &[EVAL, more].concat()).json()
}

/// Policy, arguments, address, mode.
fn findings(report: &Value) -> Vec<(String, String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("a list");
    let row = |one: &Value| {
        (text(&one["policy"]), text(&one["arguments"]), text(&one["resource"]["address"]), text(&one["mode"]))
    };
    findings.iter().map(row).collect()
}

fn row(policy: &str, arguments: &str, address: &str, mode: &str) -> (String, String, String, String) {
    (policy.to_owned(), arguments.to_owned(), address.to_owned(), mode.to_owned())
}

#[test]
fn a_policy_with_parameters_judges_where_it_is_applied() {
    let without = workspace("");
    let report = eval(&without, &[]);
    assert_eq!(report["diagnostics"][0]["code"], "IOM0443", "{report:#}");
    assert_eq!(report["summary"]["policies"], 1);
    let report = eval(&without, &["--only", "versioned"]);
    assert_eq!(
        report["diagnostics"],
        Value::Array(Vec::new()),
        "who asks for one policy knows what is left out"
    );

    let with = workspace("apply named_like(names: [\"good\"]) { mode: advise }");
    let report = eval(&with, &[]);
    assert_eq!(report["diagnostics"], Value::Array(Vec::new()));
    let expected = [
        row("security.named_like", "names: [\"good\"], least: 1", "aws_s3_bucket.bad", "advise"),
        row("security.versioned", "", "aws_s3_bucket.bad", "enforce"),
    ];
    assert_eq!(findings(&report), expected);
    assert_ne!(
        eval(&without, &["--only", "versioned"])["model"],
        report["model"],
        "the hash covers what is applied"
    );
}

#[test]
fn one_policy_with_different_parameters_judges_twice() {
    let both = workspace(
        "apply named_like(names: [\"good\"])\napply named_like([\"bad\"], 2) { mode: advise  severity: low }",
    );
    let report = eval(&both, &["--only", "named_like"]);
    let expected = [
        row("security.named_like", "names: [\"good\"], least: 1", "aws_s3_bucket.bad", "enforce"),
        row("security.named_like", "names: [\"bad\"], least: 2", "aws_s3_bucket.good", "advise"),
    ];
    assert_eq!(findings(&report), expected);
    assert_eq!(report["summary"]["policies"], 2);
    let people = iomc(both.path(), &["eval", "--state", "plan.json", "--at", "2026-11-22"]).exits(1).stdout;
    assert!(people.contains("(security.named_like(names: [\"bad\"], least: 2))"), "{people}");
}

#[test]
fn set_gives_a_parameter_another_value() {
    let with = workspace("apply named_like(names: [\"good\"])");
    let all = |value: &str| findings(&eval(&with, &["--only", "named_like", "--set", value])).len();
    assert_eq!(all("named_like.names=good,bad"), 0, "a list needs no brackets");
    assert_eq!(all("security.named_like.names=[\"bad\"]"), 1);
    assert_eq!(all("named_like.least=5"), 2);
    let before = eval(&with, &[])["model"].clone();
    assert_ne!(before, eval(&with, &["--set", "named_like.least=5"])["model"]);

    for (argument, message, help) in [
        ("named_like.names", "there is no `=`", "write POLICY.PARAM=VALUE"),
        ("names=x", "names no parameter of a policy", "write POLICY.PARAM=VALUE"),
        ("named_lik.names=x", "nothing applies a policy `named_lik`", "did you mean `named_like`?"),
        ("named_like.name=x", "has no parameter `name`", "did you mean `names`?"),
        (
            "versioned.x=1",
            "nothing applies a policy `versioned`",
            "applied with parameters: `security.named_like`",
        ),
        ("named_like.least=many", "`many` is no int for `least`", "nothing here is called `many`"),
        ("named_like.least=\"1\"", "is no int for `least`", "expected a whole number, found text"),
        ("named_like.least=1 policy x { }", "is no int for `least`", ""),
    ] {
        iomc(with.path(), &[EVAL, &["--set", argument]].concat()).exits(2).says(message).says(help);
    }
    let twice = ["--set", "named_like.least=1", "--set", "security.named_like.least=2"];
    iomc(with.path(), &[EVAL, &twice].concat()).exits(2).says("set twice");
}

#[test]
fn a_group_is_applied_excepted_and_asked_for_as_one() {
    let text = r#"
resource carol: org.Person { }
group names { title: "Names"  policies: [named_like(["good"]), named_like(["bad"])]  mode: advise }
group all { policies: [names, versioned] }
apply all { except: [versioned] }
exception both {
  policy: names
  target: aws.Bucket where .name == "bad"
  reason: "Its reader cannot be changed before spring"
  approved_by: [carol]
  opened: 2026-11-01
  expires: 2027-03-01
}
"#;
    let grouped = workspace(text);
    let report = eval(&grouped, &[]);
    let verdicts: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["verdict"].as_str())
        .collect();
    assert_eq!(verdicts, ["excepted", "fail", "fail"], "{report:#}");
    let expected = [
        row("security.named_like", "names: [\"good\"], least: 1", "aws_s3_bucket.bad", "advise"),
        row("security.named_like", "names: [\"bad\"], least: 1", "aws_s3_bucket.good", "advise"),
        row("security.versioned", "", "aws_s3_bucket.bad", "enforce"),
    ];
    assert_eq!(findings(&report), expected, "an own policy judges by itself, whatever a group leaves out");
    assert_eq!(findings(&eval(&grouped, &["--only", "names"])).len(), 2);
    assert_eq!(findings(&eval(&grouped, &["--only", "security.all"])).len(), 3);
}

#[test]
fn the_library_judges_in_a_workspace_where_it_is_applied() {
    let plain = folder(&[("iom.toml", MANIFEST), ("plan.json", PLAN)]);
    assert_eq!(eval(&plain, &[])["summary"]["policies"], 0);
    let applied = "apply aws.checks.storage { mode: advise }\napply aws.checks.storage.bucket_versioned { mode: enforce }\n";
    let with = folder(&[("iom.toml", MANIFEST), ("a.iom", applied), ("plan.json", PLAN)]);
    let report = eval(&with, &[]);
    let found = findings(&report);
    let versioned = row("aws.checks.storage.bucket_versioned", "", "aws_s3_bucket.bad", "enforce");
    assert!(found.contains(&versioned), "what names it itself counts more: {found:?}");
    let others = found.iter().filter(|one| **one != versioned);
    assert!(others.clone().count() > 2 && others.clone().all(|one| one.3 == "advise"), "{found:?}");
    let alone = folder(&[("plan.json", PLAN)]);
    let report = eval(&alone, &["--only", "std.baselines.cis_aws"]);
    assert!(report["summary"]["policies"].as_u64() > Some(10), "{report:#}");
    let baseline = "apply std.baselines.cis_aws { mode: advise }\n";
    let with = folder(&[("iom.toml", MANIFEST), ("a.iom", baseline), ("plan.json", PLAN)]);
    assert!(eval(&with, &[])["summary"]["policies"].as_u64() > Some(10));
}

#[test]
fn environments_say_whether_their_outcomes_hold() {
    let text = r#"
resource prod: org.Environment { tier: production  outcomes: [versioned, unjudged] }
resource test: org.Environment { outcomes: [versioned] }
policy unjudged { for v: aws.Vpc { require false } }
bind b: aws.Bucket { environment: if b.name == "bad" then prod else test }
"#;
    let workspace = workspace(text);
    let report = eval(&workspace, &[]);
    let outcomes: Vec<(&str, &str, &str, u64)> = report["outcomes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default();
            (text("environment"), text("policy"), text("status"), one["population"].as_u64().unwrap_or(99))
        })
        .collect();
    let expected = [
        ("prod", "security.unjudged", "unknown", 0),
        ("prod", "security.versioned", "fails", 1),
        ("test", "security.versioned", "holds", 1),
    ];
    assert_eq!(outcomes, expected, "{report:#}");
    let people = iomc(workspace.path(), &["eval", "--state", "plan.json"]).stdout;
    assert!(people.contains("OUTCOMES") && people.contains("nothing was judged"), "{people}");
}

#[test]
fn environments_are_held_to_what_they_say_without_an_apply() {
    let text = r#"
resource quiet: org.Environment { accounts: ["1"] }
resource prod: org.Environment { baseline: { ciphers: [versioned] } }
resource trial: org.Environment { temporary: true  accounts: ["1"] }
"#;
    let workspace = workspace(text);
    let report = eval(&workspace, &[]);
    let mut found = findings(&report);
    found.retain(|(policy, ..)| policy.starts_with("std."));
    found.dedup();
    let told = |policy: &str, address: &str, mode: &str| row(policy, "", address, mode);
    let expected = [
        told("std.baselines.baseline_is_complete", "security.prod", "advise"),
        told("std.baselines.experiments_end", "security.trial", "enforce"),
    ];
    assert_eq!(found, expected, "{report:#}");
}

#[test]
fn policies_bite_where_they_say() {
    let text = r#"
policy at_merge { at: [merge]  for b: aws.Bucket { require false } }
policy at_deploy { at: [deploy, admission]  for b: aws.Bucket { require false } }
policy when_running { on: [running]  for b: aws.Bucket { require false } }
"#;
    let workspace = folder(&[("iom.toml", MANIFEST), ("s.iom", text), ("plan.json", PLAN)]);
    let names = |more: &[&str]| -> Vec<String> {
        let mut names: Vec<String> = findings(&eval(&workspace, more)).into_iter().map(|one| one.0).collect();
        names.dedup();
        names
    };
    assert_eq!(names(&[]), ["at_deploy", "at_merge"]);
    assert_eq!(names(&["--stage", "merge"]), ["at_merge"]);
    assert_eq!(names(&["--stage", "admission"]), ["at_deploy"]);
    assert!(names(&["--stage", "continuous"]).is_empty());
}

#[test]
fn dated_modes_of_an_application_change_by_themselves() {
    let text = "apply named_like(names: [\"good\"]) { mode: advise until 2027-01-15 then enforce }";
    let dated = workspace(text);
    let mode = |at: &str| {
        let arguments =
            ["eval", "--state", "plan.json", "--format", "json", "--only", "named_like", "--at", at];
        findings(&iomc(dated.path(), &arguments).json())[0].3.clone()
    };
    assert_eq!((mode("2027-01-14").as_str(), mode("2027-01-15").as_str()), ("advise", "enforce"));
    let off = workspace("apply named_like(names: [\"good\"]) { mode: off }");
    assert_eq!(eval(&off, &[])["summary"]["policies"], 1);
}

#[test]
fn policies_are_tested_as_they_are_applied() {
    let test = r#"
test "names are looked at" {
  given { resource b: aws.Bucket { name: "b" } }
  expect named_like fails on b because "is called b"
  expect aws.checks.storage.bucket_versioned fails on b
}
"#;
    let applied = workspace(&format!("apply named_like(names: [\"good\"])\n{test}"));
    iomc(applied.path(), &["test"]).exits(0);
    let wrong = workspace(&format!("apply named_like(names: [\"b\"])\n{test}"));
    let ran = iomc(wrong.path(), &["test"]).exits(1);
    assert!(ran.stdout.contains("named_like passes on b"), "{ran:#?}");
    iomc(workspace(test).path(), &["test"]).exits(2).says("there is nothing to test");
}

#[test]
fn evidence_is_proved_by_every_application() {
    let text = r#"
catalog soc2 { control "A" { title: "x" } }
group names { policies: [named_like(["good"]), named_like(["bad"])] }
evidence named { satisfies: [soc2."A"]  claims: [named_like]  population: aws.Bucket }
evidence grouped { satisfies: [soc2."A"]  claims: [names]  population: aws.Bucket where .name == "good" }
"#;
    let unapplied = iomc(workspace(text).path(), &["check"]).exits(0).stdout;
    assert!(unapplied.contains("IOM0444") && unapplied.contains("so it proves nothing"), "{unapplied}");
    let report = eval(&workspace(&format!("{text}apply names\n")), &[]);
    let evidence: Vec<(&str, &str, u64)> = report["evidence"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default();
            (text("evidence"), text("status"), one["fail"].as_u64().unwrap_or(99))
        })
        .collect();
    assert_eq!(evidence, [("security.grouped", "failing", 1), ("security.named", "failing", 2)]);
}
