//! `extend KIND with TRAIT`: a kind is judged as what somebody else made it.

use crate::common::{Plan, Run, details, run_tests, verdicts};
use serde_json::json;

const RULES: &str = r#"
trait Segment : Resource { zone: string?  default_deny: bool  open: list<int>  weight: int = 1 }
trait Named { label: string  derive loud: string = upper(.label) }
kind Group : Resource {
  name: string
  identity name
  from terraform "group" { key .name  name: .name  tags: .tags }
}
kind Rule {
  group: ref Group?
  port: int
  from terraform "rule" { group: ref .group  port: .port }
}
kind Namespace : Resource { name: string  labels: map<string, string> = {}  open: list<int> = []  identity name }
extend Group with Segment {
  zone: self.tags?["zone"]
  default_deny: true
  open: [for r in referrers(self, Rule): r.port]
}
extend Namespace with Segment { zone: .labels["zone"]  default_deny: .zone is present }
extend Group with Named { label: "group {self.name}" }
policy zoned {
  for s: Segment {
    require zone: s.zone in ["edge", "app"] else "{s} is in no zone"
    require quiet: none p in s.open: p == 22 else "{s} opens {p}"
    require s.weight == 1
  }
}
"#;

#[test]
fn extended_kinds_are_in_the_populations_of_the_trait() {
    let plan = Plan::new()
        .resource("group.a", json!({ "name": "a", "tags": { "zone": "edge" } }))
        .resource("group.b", json!({ "name": "b", "tags": { "zone": "dev" } }))
        .resource("group.c", json!({ "name": "c" }))
        .unknown(
            "rule.r",
            json!({ "port": 22 }),
            json!({ "group": true }),
            json!({ "group": ["group.a.name", "group.a"] }),
        );
    let report = Run::new(RULES).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "fail zoned.quiet group.a\nfail zoned.zone group.b\nfail zoned.zone group.c\n"
    );
    let shown = details(&report);
    assert!(shown.contains("zone = \"dev\""), "{shown}");
}

#[test]
fn what_is_computed_for_a_trait_is_read_like_any_field() {
    let tests = r#"
test "extended" {
  given {
    resource g: Group { name: "g"  tags: { "zone": "app" } }
    resource n: Namespace { name: "n"  labels: { "zone": "edge" }  open: [80] }
    resource m: Namespace { name: "m" }
    resource r: Rule { group: g  port: 443 }
  }
  expect zoned passes on g
  expect zoned passes on n
  expect zoned.zone fails on m
  expect g.zone == "app" and g.default_deny and g.open == [443]
  expect g.label == "group g" and g.loud == "GROUP G"
  expect n.weight == 1 and n.default_deny
  expect not m.default_deny
  expect g is Segment and g is Named and not (n is Named)
  expect size(Segment where .zone is present) == 2
}
"#;
    assert_eq!(run_tests(&format!("{RULES}{tests}")), "");
}

#[test]
fn kinds_of_the_library_are_extended_too() {
    let rules = r#"
trait Segment : Resource { zone: string? }
extend aws.SecurityGroup with Segment { zone: self.tags?["zone"] }
policy zoned { for s: Segment { require s.zone is present else "{s} is in no zone" } }
policy reached { for b: aws.Bucket { require b.versioning } }
"#;
    let plan = Plan::new()
        .resource("aws_security_group.a", json!({ "tags": { "zone": "edge" } }))
        .resource("aws_security_group.b", json!({}))
        .resource("aws_vpc.v", json!({}));
    let report = Run::new(rules).plan(plan).report();
    assert_eq!(verdicts(&report), "fail zoned aws_security_group.b\n");
}
