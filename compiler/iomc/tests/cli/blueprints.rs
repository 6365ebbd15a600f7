use crate::support::{MANIFEST, folder, iomc};

/// The pattern of the language's own pages, over the library's kinds.
const PATTERN: &str = r#"module storage
use aws

resource lead: org.Person { }
resource payments: org.Team { members: [lead] }
resource prod: org.Environment { tier: production }

blueprint SecureBucket(name: string, env: ref org.Environment, owner: ref org.Team): ObjectStore {
  version: "1.2.0"  approved_by: [lead]  review_by: 2027-06-01
  resource store: aws.Bucket { name: name  owner: owner  environment: env  versioning: true }
  resource block: aws.PublicAccessBlock { bucket: store }
  require versioned: store.versioning else "not versioned"
}

resource invoices = SecureBucket(name: "invoices", env: prod, owner: payments)

policy approved {
  severity: high
  on: [built]
  for b: aws.Bucket { require pattern: b conforms SecureBucket else "{b} deviates from SecureBucket" }
}

bind r: Resource { owner: payments  environment: prod }
"#;

const PLAN: &str = r#"{
  "format_version": "1.2", "terraform_version": "1.9.0",
  "planned_values": { "root_module": { "resources": [
    { "address": "aws_s3_bucket.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "logs",
      "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
      "values": { "bucket": "logs", "tags": null }, "sensitive_values": {} }
  ] } },
  "resource_changes": [
    { "address": "aws_s3_bucket.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "logs",
      "provider_name": "registry.terraform.io/hashicorp/aws",
      "change": { "actions": ["create"], "before": null, "after": { "bucket": "logs", "tags": null }, "after_unknown": {} } }
  ],
  "configuration": { "root_module": { "resources": [
    { "address": "aws_s3_bucket.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "logs",
      "provider_config_key": "aws", "expressions": { "bucket": { "constant_value": "logs" } }, "schema_version": 0 }
  ] } }
}"#;

#[test]
fn a_blueprint_builds_and_judges() {
    let workspace = folder(&[("iom.toml", MANIFEST), ("storage.iom", PATTERN), ("plan.json", PLAN)]);
    iomc(workspace.path(), &["check", "--deny-warnings"]).exits(0);
    iomc(workspace.path(), &["eval", "--at", "2026-11-22"]).exits(0);
    let judged = iomc(workspace.path(), &["eval", "--state", "plan.json", "--at", "2026-11-22"]).exits(1);
    for part in [
        "aws_s3_bucket.logs deviates from SecureBucket",
        "versioning is false; SecureBucket sets true",
        "no aws.PublicAccessBlock belongs to it, where SecureBucket has `block`",
        "not versioned",
    ] {
        assert!(judged.stdout.contains(part), "no `{part}` in {}", judged.stdout);
    }
    let overdue = iomc(workspace.path(), &["eval", "--at", "2027-07-01"]).exits(0);
    assert!(
        overdue.stdout.contains("the blueprint SecureBucket was to be reviewed by 2027-06-01"),
        "{overdue:#?}"
    );
}

#[test]
fn what_data_multiplies_beyond_all_bounds_is_refused() {
    let many = "const many: list<int> = [for n in 1..2000: n]\n\
        kind K : Resource { row: int  column: int }\n\
        resource lead: org.Person { }\n\
        blueprint Row(row: int) { version: \"1\"  approved_by: [lead]  review_by: 2027-06-01\n\
        resource cells for n in many: K { row: row  column: n } }\n\
        resource table for n in many = Row(row: n)\n\
        policy p { for k: K { require k.row > 0 } }\n";
    let workspace = folder(&[("iom.toml", MANIFEST), ("many.iom", many)]);
    let refused = iomc(workspace.path(), &["eval", "--at", "2026-11-22"]).exits(2);
    assert!(refused.stderr.contains("IOM0305"), "{refused:#?}");
}

/// Everything that is wrong with the example on purpose is named, and nothing else: each blueprint finds something in the
/// Terraform and something in the manifests.
#[test]
fn the_blueprints_of_the_library_judge_terraform_and_kubernetes() {
    let root = crate::support::repository();
    let arguments = ["eval", "examples/blueprints", "--at", "2026-11-22T00:00:00Z", "--format", "json"];
    let judged = iomc(&root, &arguments).exits(1);
    let report: serde_json::Value = serde_json::from_str(&judged.stdout).unwrap();
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let policy = text(&finding["policy"]);
            let policy = policy.trim_start_matches("std.blueprints.");
            format!("{policy}.{} {}", text(&finding["label"]), text(&finding["resource"]["address"]))
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
    iomc(&root, &["check", "examples/blueprints", "--deny-warnings"]).exits(0);
    iomc(&root, &["test", "examples/blueprints"]).exits(0);
}
