use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::{folder, iomc, payments, repository, sample};

fn schema() -> Validator {
    let text =
        std::fs::read_to_string(repository().join("spec/schema/eval-report.v1.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    jsonschema::draft202012::new(&schema).expect("a valid schema")
}

fn errors(schema: &Validator, report: &Value) -> Vec<String> {
    schema.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_report_keeps_the_contract() {
    let schema = schema();
    let keeps = |folder: &Path, arguments: &[&str]| {
        let all = [&["eval", "--format", "json", "--at", "2026-11-22"], arguments].concat();
        let report = iomc(folder, &all).json();
        assert_eq!(errors(&schema, &report), [""; 0], "{arguments:?}");
    };
    let sample = sample();
    keeps(sample.path(), &["--state", "plan.json"]);
    keeps(sample.path(), &["--state", "plan.json", "--all"]);
    keeps(&payments(), &[]);
    keeps(&payments(), &["--all"]);
    let bare = folder(&[("plan.json", crate::support::PLAN)]);
    keeps(bare.path(), &["--state", "plan.json", "--all"]);
    let groups = folder(GROUPS);
    keeps(groups.path(), &[]);
    keeps(groups.path(), &["--all"]);
}

/// Groups that nobody owns, that one team owns, and that nobody knows the owner of.
const GROUPS: &[(&str, &str)] = &[
    ("iom.toml", "[package]\nname = \"groups\"\nversion = \"0.1.0\"\nedition = \"2026\"\n"),
    (
        "rules.iom",
        r#"
kind Host : Resource { name: string  size: int = 1  identity name }
resource red: org.Team { }
resource a: Host { owner: red }
resource b: Host { owner: red }
resource c: Host { }
resource d: Host { owner: unknown }
policy few { for g: Host by .owner { require size(g.items) < 2 else "{g.key} has {size(g.items)} hosts" } }
"#,
    ),
];

#[test]
fn a_group_is_reported_under_its_key() {
    let groups = folder(GROUPS);
    let report = iomc(groups.path(), &["eval", "--format", "json", "--at", "2026-11-22"]).exits(1).json();
    let findings: Vec<(&str, &str)> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["resource"]["address"].as_str().unwrap_or(""), one["verdict"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(findings, [("nothing", "unknown"), ("red", "fail")]);
    let members = report["findings"][1]["related"].as_array().expect("a list");
    let roles: Vec<_> = members.iter().map(|one| (one["address"].as_str(), one["role"].as_str())).collect();
    assert_eq!(roles, [(Some("a"), Some("member")), (Some("b"), Some("member"))]);
    let human = iomc(groups.path(), &["eval", "--at", "2026-11-22", "--color", "never"]).stdout;
    assert!(human.contains("BLOCK  red"), "{human}");
    assert!(human.contains("together with a (Host)"), "{human}");
}

#[test]
fn findings_are_sorted() {
    let report = iomc(&payments(), &["eval", "--format", "json", "--all", "--at", "2026-11-22"]).json();
    let key = |finding: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&finding["policy"]), text(&finding["resource"]["address"]), text(&finding["resource"]["layer"]))
    };
    let keys: Vec<_> = report["findings"].as_array().expect("a list").iter().map(key).collect();
    assert!(keys.len() > 3);
    assert!(keys.is_sorted(), "{keys:#?}");
}

/// A schema that accepts anything would prove nothing.
#[test]
fn the_schema_refuses_what_breaks_the_contract() {
    let schema = schema();
    let sample = sample();
    let arguments = ["eval", "--format", "json", "--at", "2026-11-22", "--state", "plan.json"];
    let good = iomc(sample.path(), &arguments).json();
    assert_eq!(errors(&schema, &good), [""; 0]);
    let breaks: [(&str, Value); 8] = [
        ("/version", json!(2)),
        ("/decision", json!("maybe")),
        ("/model", json!("md5:0")),
        ("/at", json!("yesterday")),
        ("/summary/pass", json!(-1)),
        ("/sources/0/sha256", Value::Null),
        ("/findings/0/verdict", json!("failed")),
        ("/findings/0/resource/layer", json!("planned")),
    ];
    for (pointer, value) in breaks {
        let mut broken = good.clone();
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert_ne!(errors(&schema, &broken), [""; 0], "{pointer}");
    }
    for field in ["findings", "escalations", "evidence", "diagnostics", "tool"] {
        let mut broken = good.clone();
        broken.as_object_mut().expect("an object").remove(field);
        assert_ne!(errors(&schema, &broken), [""; 0], "{field}");
    }
    let mut grown = good.clone();
    grown["new_field"] = json!(1);
    grown["findings"][0]["new_field"] = json!(1);
    assert_eq!(errors(&schema, &grown), [""; 0], "adding is free");
}
