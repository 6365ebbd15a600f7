//! The configuration that a plan was made of, beside it.

use crate::support::{MANIFEST, folder, iomc};

/// A bucket and its block against public access, which a `local` ties together; two buckets, so nothing can be concluded.
const PLAN: &str = r#"{
  "format_version": "1.2",
  "terraform_version": "1.9.0",
  "planned_values": { "root_module": { "resources": [
    { "address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a", "values": { "tags": { "team": "web" } } },
    { "address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": { "tags": null } },
    { "address": "aws_s3_bucket_versioning.v", "mode": "managed", "type": "aws_s3_bucket_versioning", "name": "v",
      "values": { "versioning_configuration": [ { "status": "Enabled" } ] } }
  ] } },
  "resource_changes": [
    { "address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a",
      "change": { "actions": ["create"], "before": null, "after": {}, "after_unknown": { "id": true, "arn": true }, "after_sensitive": {} } },
    { "address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
      "change": { "actions": ["create"], "before": null, "after": {}, "after_unknown": { "id": true, "arn": true }, "after_sensitive": {} } },
    { "address": "aws_s3_bucket_versioning.v", "mode": "managed", "type": "aws_s3_bucket_versioning", "name": "v",
      "change": { "actions": ["create"], "before": null, "after": {}, "after_unknown": { "bucket": true }, "after_sensitive": {} } }
  ],
  "configuration": { "root_module": { "resources": [
    { "address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a", "provider_config_key": "aws",
      "expressions": { "tags": { "references": ["local.tags"] } } },
    { "address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "provider_config_key": "aws",
      "expressions": {} },
    { "address": "aws_s3_bucket_versioning.v", "mode": "managed", "type": "aws_s3_bucket_versioning", "name": "v",
      "provider_config_key": "aws",
      "expressions": { "bucket": { "references": ["local.logs.id", "local.logs", "local"] } } }
  ] } }
}"#;

const MAIN: &str = r#"locals {
  logs = aws_s3_bucket.a
  tags = { team = "web" }
}

resource "aws_s3_bucket" "a" {
  tags = local.tags
}

# hunter2
resource "aws_s3_bucket" "b" {
}
"#;

const VERSIONING: &str = r#"resource "aws_s3_bucket_versioning" "v" {
  bucket = local.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}
"#;

const POLICY: &str = "module m\npolicy versioned {\n  for b: aws.Bucket {\n    require on: b.versioning\n  }\n}\n\
                      policy owned {\n  for b: aws.Bucket {\n    require team: b.tags?[\"team\"] == \"data\"\n  }\n}\n";

fn workspace() -> tempfile::TempDir {
    folder(&[
        ("iom.toml", MANIFEST),
        ("m.iom", POLICY),
        ("plan.json", PLAN),
        ("infra/main.tf", MAIN),
        ("infra/versioning.tf", VERSIONING),
    ])
}

const EVAL: [&str; 5] = ["eval", "--state", "plan.json", "--at", "2026-11-22"];

fn verdicts(arguments: &[&str]) -> Vec<String> {
    let all: Vec<&str> =
        EVAL.iter().chain(arguments).chain(&["--all", "--format", "json"]).copied().collect();
    let report = iomc(workspace().path(), &all).json();
    let findings = report["findings"].as_array().expect("findings").clone();
    let line = |finding: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        format!(
            "{} {} {}",
            text(&finding["label"]),
            text(&finding["resource"]["address"]),
            text(&finding["verdict"])
        )
    };
    findings.iter().map(line).collect()
}

#[test]
fn locals_lead_to_what_they_mean() {
    let known = ["team aws_s3_bucket.a fail", "team aws_s3_bucket.b fail"];
    let alone = verdicts(&[]);
    assert_eq!(alone[..2], known);
    assert_eq!(alone[2..], ["on aws_s3_bucket.a unknown", "on aws_s3_bucket.b unknown"]);
    let beside = verdicts(&["--source", "infra"]);
    assert_eq!(beside[..2], known);
    assert_eq!(beside[2..], ["on aws_s3_bucket.a pass", "on aws_s3_bucket.b fail"]);
}

#[test]
fn findings_say_where_it_is_written() {
    let folder = workspace();
    let arguments = [&EVAL[..], &["--source", "infra", "--only", "owned"]].concat();
    let shown = iomc(folder.path(), &arguments).exits(1).stdout;
    assert!(shown.contains("infra/main.tf:6:1"), "{shown}");
    assert!(shown.contains("tags[\"team\"] = \"web\"  (line 7)"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let report = iomc(folder.path(), &[&arguments[..], &["--format", "json"]].concat()).json();
    let finding = &report["findings"][0];
    assert_eq!(finding["location"]["file"], "plan.json");
    assert_eq!(finding["location"]["written"]["file"], "infra/main.tf");
    assert_eq!(finding["facts"][0]["location"]["file"], "infra/main.tf");
    assert_eq!(finding["facts"][0]["location"]["line"], 7);
    let short = iomc(folder.path(), &[&arguments[..], &["--format", "short"]].concat()).stdout;
    assert!(short.starts_with("infra/main.tf:6:1: "), "{short}");
}

#[test]
fn what_is_concluded_is_marked() {
    // One bucket, so that it is clear which one the local means.
    let plan = r#"{ "format_version": "1.2",
      "planned_values": { "root_module": { "resources": [
        { "address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a", "values": {} },
        { "address": "aws_s3_bucket_public_access_block.p", "mode": "managed", "type": "aws_s3_bucket_public_access_block",
          "name": "p", "values": {} } ] } },
      "resource_changes": [ { "address": "aws_s3_bucket_public_access_block.p", "mode": "managed",
        "type": "aws_s3_bucket_public_access_block", "name": "p",
        "change": { "actions": ["create"], "before": null, "after": {}, "after_unknown": { "bucket": true } } } ],
      "configuration": { "root_module": { "resources": [
        { "address": "aws_s3_bucket_public_access_block.p", "mode": "managed", "type": "aws_s3_bucket_public_access_block",
          "name": "p", "expressions": { "bucket": { "references": ["local.logs.id", "local.logs"] } } } ] } } }"#;
    let policy = "module m\npolicy loose { for p: aws.PublicAccessBlock { require p.bucket is absent } }\n";
    let main = "locals {\n  logs = aws_s3_bucket.a\n}\nresource \"aws_s3_bucket_public_access_block\" \"p\" {\n  bucket = local.logs.id\n}\n";
    let folder =
        folder(&[("iom.toml", MANIFEST), ("m.iom", policy), ("plan.json", plan), ("infra/main.tf", main)]);
    let fact = |arguments: &[&str]| {
        let report =
            iomc(folder.path(), &[&EVAL[..], arguments, &["--format", "json"]].concat()).exits(1).json();
        let fact = report["findings"][0]["facts"][0].clone();
        assert_eq!(fact["value"], "aws_s3_bucket.a");
        fact["inferred"].clone()
    };
    assert_eq!(fact(&[]), true);
    assert!(fact(&["--source", "infra"]).is_null());
    let shown = iomc(folder.path(), &EVAL).stdout;
    assert!(shown.contains("concluded: the only one in its module"), "{shown}");
}

#[test]
fn a_workspace_names_the_configuration_of_each_plan() {
    let manifest = format!("{MANIFEST}[[state]]\npath = \"plan.json\"\nsource = \"infra\"\n");
    let folder = workspace();
    std::fs::write(folder.path().join("iom.toml"), manifest).unwrap();
    let short = iomc(folder.path(), &["eval", "--only", "owned", "--format", "short", "--at", "2026-11-22"]);
    assert!(short.stdout.starts_with("infra/main.tf:6:1: "), "{short:?}");
}

#[test]
fn a_value_is_explained_from_the_configuration_on() {
    let folder = workspace();
    let subject = ["explain", "aws_s3_bucket.a.tags", "--state", "plan.json", "--source", "infra"];
    let shown = iomc(folder.path(), &subject).exits(0).stdout;
    let (configuration, state) = (shown.find("infra/main.tf:7").unwrap(), shown.find("plan.json:").unwrap());
    assert!(configuration < state, "{shown}");
}

#[test]
fn configuration_that_cannot_be_used_ends_the_run() {
    let folder = workspace();
    let run = |source| iomc(folder.path(), &[&EVAL[..], &["--source", source]].concat());
    run("nowhere").exits(2).says("nowhere: there is no such folder");
    run(".").exits(2).says("there are no .tf files here");
    std::fs::write(
        folder.path().join("infra/broken.tf"),
        "resource \"a\" \"b\" {\n  password = \"hunter2\n}\n",
    )
    .unwrap();
    let broken = run("infra").exits(2).says("infra/broken.tf:2:");
    assert!(!broken.stderr.contains("hunter2"), "{broken:?}");
    std::fs::write(folder.path().join("infra/broken.tf"), b"\xff\xfe").unwrap();
    run("infra").exits(2).says(": infra/broken.tf: it is no text in UTF-8");
    let several = [&EVAL[..], &["--state", "plan.json", "--source", "infra"]].concat();
    iomc(folder.path(), &several).exits(2).says("there are several");
}
