//! Types that no kind maps, and the source's object behind every element.

use crate::common::{Plan, Run, details, run_tests, verdicts};
use serde_json::json;

const VAULTS: &str = r#"
policy versioned {
  for r: terraform.Resource where r.type == "example_vault" {
    require on: r.values.versioning[0].enabled == true else "{r.name} of {r.module} keeps no old versions"
    require r.values?.encryption.key is present
  }
}
"#;

fn vaults() -> Plan {
    Plan::new()
        .resource(
            "example_vault.off",
            json!({ "versioning": [{ "enabled": false }], "encryption": { "key": "k" } }),
        )
        .resource("example_vault.keyless", json!({ "versioning": [{ "enabled": true }] }))
        .resource(
            "example_vault.good",
            json!({ "versioning": [{ "enabled": true }], "encryption": { "key": "k" } }),
        )
        .unknown(
            "example_vault.new",
            json!({ "versioning": [{ "enabled": true }], "encryption": {} }),
            json!({ "encryption": { "key": true } }),
            json!({ "encryption": ["other.k"] }),
        )
        .resource("example_other.x", json!({ "versioning": [{ "enabled": false }] }))
        .resource("aws_s3_bucket.b", json!({ "bucket": "b", "versioning": [{ "enabled": false }] }))
}

#[test]
fn values_of_types_without_a_kind_are_judged() {
    let run = Run::new(VAULTS).plan(vaults()).with_passes();
    insta::assert_snapshot!("unmapped_values", details(&run.report()));
}

#[test]
fn what_a_rule_asks_for_is_not_skipped_and_everything_else_is() {
    let skipped = |rules: &str| {
        let report = Run::new(rules).plan(vaults()).report();
        let skipped = &report.sources[0].skipped;
        skipped.iter().map(|one| format!("{}: {}", one.address, one.reason)).collect::<Vec<_>>()
    };
    // The library's kind is not in the model, and yet its type has one.
    let bucket = "aws_s3_bucket.b: no kind maps aws_s3_bucket";
    let other = "example_other.x: no kind maps example_other";
    assert_eq!(skipped(VAULTS), [other, bucket]);
    let everything = "policy p { for r: terraform.Resource { require r.values.versioning is present } }";
    assert_eq!(skipped(everything), [bucket]);
    let nothing = "policy p { for r: aws.KmsKey { require r.enabled } }";
    assert_eq!(skipped(nothing).len(), 6);
}

#[test]
fn only_what_a_rule_can_see_is_kept() {
    let kept = |rules: &str| {
        let estate = Run::new(rules).plan(vaults()).estate();
        let document = &estate.sources[0].document;
        let wanted = document.objects.iter().filter(|object| object.values.is_some());
        (wanted.count(), document.tape.len())
    };
    let whole = "policy p { for r: terraform.Resource { require r.values is present } }";
    let (objects, all) = kept(whole);
    assert_eq!(objects, 5);
    let (objects, named) = kept(VAULTS);
    assert!(objects == 4 && named < all);
    // Types are known without the attributes.
    let (objects, names) =
        kept("policy p { for r: terraform.Resource { require r.type != \"example_old\" } }");
    assert!(objects == 5 && names < named, "{names}");
    for narrow in [
        "where r.type in [\"example_vault\", \"example_none\"]",
        "where r.values.x is present and \"example_vault\" == r.type",
        "where (r.type == \"example_vault\" and r.name == \"off\") or r.type == \"aws_s3_bucket\"",
    ] {
        let (objects, _) = kept(&format!(
            "policy p {{ for r: terraform.Resource {narrow} {{ require r.values is absent }} }}"
        ));
        assert_eq!(objects, 4, "{narrow}");
    }
    for wide in ["where not (r.type == \"example_vault\")", "where r.type == \"a\" or r.name == \"b\""] {
        let (objects, _) = kept(&format!(
            "policy p {{ for r: terraform.Resource {wide} {{ require r.values is absent }} }}"
        ));
        assert_eq!(objects, 5, "{wide}");
    }
    let among = "policy p { for b: aws.Bucket { require none r in terraform.Resource where r.type == \"example_vault\": r.values.versioning is absent } }";
    assert_eq!(kept(among).0, 5);
}

#[test]
fn rules_over_traits_judge_what_is_modelled() {
    let rules = r#"
        resource ops: org.Team { }
        bind r: Resource { owner: org.Team named (r.tags?["team"] ?? "ops") }
        policy owned { for r: Resource { require r.owner is present } }
        policy named { for r: terraform.Resource where r.type == "example_vault" { require r.owner == ops and r is Resource } }
        exception old {
          policy: named
          target: Resource where .tags?["team"] == "gone"
          reason: "it goes away"
          approved_by: [ops]
          opened: 2026-10-01
          expires: 2026-12-24
        }
    "#;
    let plan = Plan::new()
        .resource("example_vault.a", json!({ "tags": { "team": "ops" } }))
        .resource("example_vault.b", json!({ "labels": { "team": "gone" } }))
        .resource("aws_s3_bucket.c", json!({ "bucket": "c", "tags": {} }));
    let report = Run::new(rules).plan(plan).with_passes().report();
    insta::assert_snapshot!(verdicts(&report), @r"
    pass named example_vault.a
    excepted named example_vault.b
    pass owned aws_s3_bucket.c
    ");
}

#[test]
fn a_kind_of_ones_own_goes_before() {
    let rules = r#"
        kind Vault : Resource { name: string  from terraform "example_vault" { name: .name } }
        kind Other { name: string  what: string  values: json  from terraform { name: $name  what: $type  values: self } }
        policy rest { for r: terraform.Resource { require r.type != "example_vault" } }
        policy own { for r: Other { require r.what == "example_other" and r.values.n == 1 } }
    "#;
    let plan = Plan::new()
        .resource("example_vault.a", json!({ "name": "a" }))
        .resource("example_other.b", json!({ "n": 1 }));
    let report = Run::new(rules).plan(plan).with_passes().report();
    insta::assert_snapshot!(verdicts(&report), @r"
    pass own example_other.b
    pass rest example_other.b
    ");
}

#[test]
fn the_source_is_at_hand_behind_every_element() {
    let rules = r#"
        kind Server : Resource { name: string  from terraform "server" { name: .name } }
        kind Disk : Resource {
          name: string
          source: string?
          token: secret string?
          from terraform "disk" { name: .name  source: .from  token: .auth.token }
        }
        policy quiet { for s: Server { require s.source.debug.level == 0 else "{s} logs at {s.source.debug.level ?? "?"}" } }
        policy from_image { for d: Disk { require d.source == "image" } }
        policy any { for r: Resource { require r.source.name is present else "{r} has no name" } }
        policy token { for r: Resource { require r.source.auth.token is present } }
        policy guess { for r: Resource { require r.source.auth.token != "guess" } }
    "#;
    let plan = Plan::new()
        .resource("server.a", json!({ "name": "a", "debug": { "level": 3 } }))
        .unknown("server.b", json!({ "name": "b" }), json!({ "debug": true }), json!({ "debug": ["x.y"] }))
        .resource("disk.c", json!({ "name": "c", "from": "tape", "auth": { "token": "hush" } }));
    let report = Run::new(rules).plan(plan).with_passes().report();
    let said = details(&report);
    assert!(
        !said.contains("hush") && !serde_json::to_string(&report).unwrap().contains("\"hush\""),
        "{said}"
    );
    insta::assert_snapshot!("source_objects", said);
}

#[test]
fn tests_give_what_no_kind_maps() {
    let rules = r#"
        policy on { for r: terraform.Resource where r.type == "example_vault" { require r.values.on == true else "off" } }
        policy known { for d: terraform.Data { require d.values.id is present } }
        test "configuration" {
          given terraform """
            variable "key" { sensitive = true  default = "k" }
            resource "example_vault" "a" { on = true  key = var.key }
            resource "example_vault" "b" { count = 2  on = false }
            data "example_zone" "z" { name = "z" }
          """
          expect on passes on "example_vault.a"
          expect on fails on "example_vault.b[1]" because "off"
          expect count(terraform.Resource) == 3
          expect (any d in terraform.Data: d.name == "z" and d.type == "example_zone" and d.values.name == "z")
          expect (any r in terraform.Resource: r.values.key is present and r.values.key is unknown)
        }
        test "declared" {
          given { resource v: terraform.Resource { address: "v"  type: "example_vault"  name: "v"  module: ""  provider: "p"  values: { on: false } } }
          expect on fails on v
          expect v.source is absent
        }
    "#;
    assert_eq!(run_tests(rules), "");
}
