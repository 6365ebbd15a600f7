//! What conforms to a blueprint, and what does not.

use iom_eval::report::Report;
use serde_json::json;

use super::super::common::{NOW, Plan, Run, details, verdicts};
use super::{KINDS, passes};

/// The report with what is told beside the messages.
fn told(report: &Report) -> String {
    let mut text = details(report);
    for finding in &report.findings {
        for witness in &finding.witnesses {
            let place = witness.location.as_ref().and_then(|place| place.pointer.clone()).unwrap_or_default();
            text.push_str(&format!("    * {} {place}\n", witness.message));
        }
    }
    for diagnostic in &report.diagnostics {
        text.push_str(&format!("{}\n", serde_json::to_value(diagnostic).unwrap()["message"]));
    }
    text
}

#[test]
fn of_a_secret_only_its_presence_is_asked() {
    let rules = r#"
kind Login : Resource { user: string  password: secret string?  from terraform "login" { key .user  user: .user  password: .password  tags: absent } }
resource lead: org.Person { }
blueprint Guarded(password: secret string) {
  version: "1"  approved_by: [lead]  review_by: 2027-06-01
  resource login: Login { user: "root"  password: password }
}
policy guarded { for l: Login { require l conforms Guarded } }
"#;
    let plan = Plan::new()
        .resource("login.a", json!({ "user": "root", "password": "hunter2" }))
        .resource("login.b", json!({ "user": "admin", "password": "hunter2" }))
        .resource("login.c", json!({ "user": "root", "password": null }));
    let text = told(&Run::new(rules).plan(plan).report());
    assert!(!text.contains("hunter2"), "{text}");
    assert!(!text.contains("login.a"), "{text}");
    assert!(text.contains("user is admin; Guarded sets root"), "{text}");
    assert!(text.contains("password is not set; Guarded sets it"), "{text}");
}

#[test]
fn declared_resources_conform_or_not() {
    passes(
        r#"
policy secure { for b: Bucket where (b.name ?? "") != "other" { require b conforms Secure else "{b} deviates" } }
policy in_dev { for b: Bucket { require b conforms Secure(env: dev) } }
resource dev: org.Environment { tier: development }
test "conforms" {
  given {
    resource good: Bucket { name: "a"  owner: payments  environment: prod  versioning: true }
    resource its_block: Block { bucket: good }
    resource plain: Bucket { name: "b"  owner: payments  environment: prod  versioning: true }
    resource unowned: Bucket { name: "c"  environment: prod }
    resource its_open_block: Block { bucket: unowned  acls: false }
    resource open: Bucket { name: "d"  owner: payments  environment: prod  versioning: unknown }
    resource its_block_too: Block { bucket: open }
  }
  expect secure passes on good
  expect secure fails on plain because "no Block belongs to it, where Secure has `block`"
  expect secure fails on unowned because "owner is not set; Secure wants `owner` there"
  expect secure fails on unowned because "its_open_block leaves unowned open"
  expect secure fails on unowned because "unowned keeps no versions"
  expect secure unknown on open
  expect in_dev fails on good because "environment is prod; Secure sets dev"
}
"#,
    );
}

/// A plan as Terraform writes it: a bucket that conforms, one that lacks its block, one that is open and not encrypted,
/// and one whose block is for a bucket that is known after apply only.
fn buckets() -> Plan {
    let bucket = |name: &str| json!({ "bucket": name, "tags": null });
    Plan::new()
        .resource("aws_s3_bucket.good", bucket("good"))
        .unknown(
            "aws_s3_bucket_versioning.good",
            json!({ "versioning_configuration": [{ "status": "Enabled" }] }),
            json!({ "bucket": true, "id": true }),
            json!({ "bucket": ["aws_s3_bucket.good.id", "aws_s3_bucket.good"] }),
        )
        .unknown(
            "aws_s3_bucket_server_side_encryption_configuration.good",
            json!({ "rule": [{ "apply_server_side_encryption_by_default": [{ "sse_algorithm": "aws:kms", "kms_master_key_id": null }] }] }),
            json!({ "bucket": true, "id": true }),
            json!({ "bucket": ["aws_s3_bucket.good.id", "aws_s3_bucket.good"] }),
        )
        .unknown(
            "aws_s3_bucket_public_access_block.good",
            json!({ "block_public_acls": true, "block_public_policy": true }),
            json!({ "bucket": true, "id": true }),
            json!({ "bucket": ["aws_s3_bucket.good.id", "aws_s3_bucket.good"] }),
        )
        .resource("aws_s3_bucket.alone", bucket("alone"))
        .resource(
            "aws_s3_bucket_server_side_encryption_configuration.alone",
            json!({ "bucket": "alone", "rule": [{ "apply_server_side_encryption_by_default": [{ "sse_algorithm": "AES256", "kms_master_key_id": null }] }] }),
        )
        .resource("aws_s3_bucket.open", bucket("open"))
        .resource(
            "aws_s3_bucket_versioning.open",
            json!({ "bucket": "open", "versioning_configuration": [{ "status": "Suspended" }] }),
        )
        .resource(
            "aws_s3_bucket_public_access_block.open",
            json!({ "bucket": "open", "block_public_acls": true, "block_public_policy": false }),
        )
}

const CLOSED: &str = r#"
policy closed {
  severity: high
  for b: Bucket { require as_approved: b conforms Closed else "{b} is not built as Closed says" }
}
"#;

#[test]
fn a_plan_is_compared_with_a_blueprint() {
    let report = Run::new(&format!("{KINDS}{CLOSED}")).plan(buckets()).report();
    insta::assert_snapshot!(told(&report));
}

/// What is not known, or may be elsewhere, is no deviation; what surely differs is one all the same.
#[test]
fn doubt_stays_doubt() {
    let block = json!({ "block_public_acls": true, "block_public_policy": true });
    let complete = |plan: Plan, name: &str, status: &str| {
        let bucket = json!({ "bucket": name });
        let versioning = json!({ "bucket": name, "versioning_configuration": [{ "status": status }] });
        let encryption = json!({ "bucket": name, "rule": [{ "apply_server_side_encryption_by_default": [{ "sse_algorithm": "aws:kms" }] }] });
        plan.resource(&format!("aws_s3_bucket.{name}"), bucket)
            .resource(&format!("aws_s3_bucket_versioning.{name}"), versioning)
            .resource(&format!("aws_s3_bucket_server_side_encryption_configuration.{name}"), encryption)
    };
    let plan = complete(complete(Plan::new(), "doubtful", "Enabled"), "off", "Suspended").unknown(
        "aws_s3_bucket_public_access_block.somewhere",
        block,
        json!({ "bucket": true }),
        json!({ "bucket": ["local.which"] }),
    );
    let rules = format!("{KINDS}{CLOSED}");
    let report = Run::new(&rules).plan(plan).report();
    insta::assert_snapshot!(told(&report), @r#"
    unknown closed aws_s3_bucket.doubtful: aws_s3_bucket.doubtful: it is not known whether b conforms Closed
        at /planned_values/root_module/resources/0
        aws_s3_bucket_public_access_block.somewhere.bucket = "aws_s3_bucket.doubtful or aws_s3_bucket.off" /planned_values/root_module/resources/6/values/bucket
        read aws_s3_bucket_public_access_block.somewhere
    fail closed aws_s3_bucket.off: aws_s3_bucket.off is not built as Closed says
        at /planned_values/root_module/resources/3
        versioning = false /planned_values/root_module/resources/4/values/versioning_configuration/0/status
        * aws_s3_bucket_public_access_block.somewhere.bucket is not known; Closed sets aws_s3_bucket.doubtful /planned_values/root_module/resources/6/values/bucket
        * versioning is false; Closed sets true /planned_values/root_module/resources/4/values/versioning_configuration/0/status
    "#);
    let mut partial = Run::new(&rules).plan(complete(Plan::new(), "alone", "Enabled"));
    partial.is_partial = true;
    assert_eq!(verdicts(&partial.report()), "unknown closed.as_approved aws_s3_bucket.alone\n");
}

#[test]
fn a_deviation_with_a_dated_exception_does_not_block() {
    let exceptions = r#"
exception alone {
  policy: closed.as_approved
  target: Bucket where .name == "alone"
  reason: "moved next month"  approved_by: [sec_lead]  opened: 2026-11-01  expires: 2027-01-01
}
exception ended {
  policy: closed
  target: Bucket where .name == "open"
  reason: "moved last month"  approved_by: [sec_lead]  opened: 2026-09-01  expires: 2026-11-01
}
"#;
    let report = Run::new(&format!("{KINDS}{CLOSED}{exceptions}")).plan(buckets()).report();
    insta::assert_snapshot!(verdicts(&report), @r"
    excepted closed.as_approved aws_s3_bucket.alone
    fail closed.as_approved aws_s3_bucket.open
    ");
}

#[test]
fn an_overdue_review_is_told() {
    let rules = format!("{KINDS}{CLOSED}").replace("review_by: 2027-06-01", "review_by: 2026-06-01");
    let mut run = Run::new(&rules).plan(buckets());
    run.options.is_workspace = true;
    let text = told(&run.report());
    assert!(text.contains("the blueprint Closed was to be reviewed by 2026-06-01"), "{text}");
    run.at = NOW - 200 * 86_400;
    let text = told(&run.report());
    assert!(!text.contains("reviewed"), "{text}");
}

#[test]
fn what_data_multiplies_is_limited() {
    let rules = format!(
        r#"{KINDS}
const many: list<int> = [n for n in 1..2000]
blueprint Row(row: int) {{
  version: "1"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource cells for n in many: Bucket {{ name: "{{row}}-{{n}}" }}
}}
resource table for n in many = Row(row: n)
"#
    )
    .replace("[n for n in 1..2000]", "[for n in 1..2000: n]");
    let estate = Run::new(&rules).estate();
    assert!(estate.is_too_large);
    assert!(estate.elements.len() <= 1_000_003);
}
