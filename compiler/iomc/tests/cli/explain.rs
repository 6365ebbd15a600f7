use crate::support::{MANIFEST, PLAN, folder, iomc, payments};

#[test]
fn codes_are_found_by_number_and_by_name() {
    let empty = folder(&[]);
    let page = iomc(empty.path(), &["explain", "IOM0201"]).exits(0).stdout;
    assert!(page.starts_with("# IOM0201 type-mismatch\n"), "{page}");
    assert_eq!(iomc(empty.path(), &["explain", "type-mismatch"]).exits(0).stdout, page);
    assert_eq!(iomc(empty.path(), &["explain", "iom0201"]).exits(0).stdout, page);
    iomc(empty.path(), &["explain", "type-mismach"]).exits(2).says("did you mean `type-mismatch`?");
}

#[test]
fn a_control_names_what_covers_and_what_proves_it() {
    let text = iomc(&payments(), &["explain", "soc2.CC6.1"]).exits(0).stdout;
    assert!(text.starts_with("soc2.CC6.1: "), "{text}");
    assert!(text.contains("policies that cover it:\n    security.storage.encrypted_at_rest: "), "{text}");
    assert!(text.contains("evidence that proves it:"), "{text}");
    let found = iomc(&payments(), &["explain", "CC6.1", "--format", "json"]).exits(0).json();
    assert_eq!(found["controls"][0]["policies"][0]["applies"], true);
    iomc(&payments(), &["explain", "soc2.CC6.2"]).exits(2).says("did you mean `soc2.CC6.1`?");
}

#[test]
fn a_policy_is_shown_as_it_is_written() {
    let own = iomc(&payments(), &["explain", "encrypted_at_rest"]).exits(0).stdout;
    assert!(own.starts_with("security.storage.encrypted_at_rest: Object stores are encrypted"), "{own}");
    for part in
        ["high, judges here (security/storage.iom:", "covers soc2.CC6.1\n", "\npolicy encrypted_at_rest {\n"]
    {
        assert!(own.contains(part), "no `{part}` in {own}");
    }
    assert!(own.ends_with("\n}\n"), "{own}");
    let empty = folder(&[]);
    let by_alias = iomc(empty.path(), &["explain", "CKV_AWS_21"]).exits(0).stdout;
    assert!(by_alias.contains("CKV_AWS_21") && by_alias.contains("\npolicy "), "{by_alias}");
    let found = iomc(empty.path(), &["explain", "CKV_AWS_21", "--format", "json"]).exits(0).json();
    assert_eq!(found["policies"][0]["applies"], true);
    iomc(empty.path(), &["explain", "std.checks.encryption.encrypted_at_rst"])
        .exits(2)
        .says("did you mean `std.checks.encryption.encrypted_at_rest`?");
}

#[test]
fn a_verdict_shows_every_clause() {
    let ask = |resource| iomc(&payments(), &["explain", "encrypted_at_rest", resource, "--at", "2026-11-22"]);
    let passes = ask("orders").exits(0).stdout;
    assert!(passes.contains("satisfies: store.encryption is present (pass)"), "{passes}");
    let open = ask("module.s3_bucket.aws_s3_bucket.this[0]").exits(0).stdout;
    assert!(open.contains("unknown, escalates, high"), "{open}");
    assert!(ask("orders_key").exits(0).stdout.contains("does not apply to orders_key"));
    ask("ordres").exits(2).says("did you mean `orders`?");
    iomc(&payments(), &["explain", "encrypted_at_rst", "orders"])
        .exits(2)
        .says("did you mean `encrypted_at_rest`?");
}

#[test]
fn a_value_that_no_kind_maps_has_its_place() {
    let plan = PLAN.replace("aws_s3_bucket", "example_vault");
    let folder = folder(&[("iom.toml", MANIFEST), ("plan.json", &plan)]);
    let ask = |value| iomc(folder.path(), &["explain", value, "--state", "plan.json"]);
    let text = ask("example_vault.bad.values.bucket").exits(0).stdout;
    assert!(text.contains(" bad") && text.contains("plan.json:"), "{text}");
    ask("example_vault.bad.bucket").exits(2).says("`terraform.Resource` has no field `bucket`");
}

#[test]
fn what_a_blueprint_built_leads_back_to_its_arguments() {
    let folder = folder(&[
        ("iom.toml", MANIFEST),
        (
            "shop.iom",
            r#"module shop
resource lead: org.Person { }
kind Bucket { name: string  versioning: bool = false  class: string = "standard"  identity name }
kind Block { bucket: ref Bucket  level: int = 1 }
blueprint Blocked(b: ref Bucket, level: int = 2) {
  version: "1"  approved_by: [lead]  review_by: 2027-06-01
  resource block: Block { bucket: b  level: level + 1 }
}
blueprint Secure(name: string, versions: bool = true) {
  version: "1"  approved_by: [lead]  review_by: 2027-06-01
  let long = "{name}-bucket"
  resource store: Bucket { name: long  versioning: versions }
  resource inner = Blocked(b: store, level: 7)
  resource many for n in 1..2: Block { bucket: store  level: n }
}
blueprint Outer(label: string) {
  version: "1"  approved_by: [lead]  review_by: 2027-06-01
  resource s = Secure(name: "{label}-x")
  build terraform { resource extra: Block { bucket: s  level: 3 } }
}
resource one = Secure(name: "one")
resource each for k in ["a", "b"] = Secure(name: k, versions: false)
resource scratch = Secure(name: "scratch") with { override versioning: false because "scratch" until 2027-01-01 }
amend scratch { class: "cold" }
resource deep = Outer("deep")
"#,
        ),
    ]);
    let ask = |value: &str| iomc(folder.path(), &["explain", value, "--at", "2026-11-22"]);
    let asked = [
        "one.name",
        "one.versioning",
        "one.inner.level",
        "shop.one.inner.bucket",
        "one.many[2].level",
        "each[\"a\"].versioning",
        "each[\"b\"].inner.level",
        "scratch.versioning",
        "scratch.class",
        "deep.name",
        "deep.extra.level",
    ];
    let all: String = asked.iter().map(|value| ask(value).exits(0).stdout).collect();
    insta::assert_snapshot!(all);
    ask("one.inner").exits(2).says("which value of `shop.one.inner`?");
    ask("one.many[7].level").exits(2).says("has no field `many`");
    ask("each.inner.level").exits(2).says("say which");
}
