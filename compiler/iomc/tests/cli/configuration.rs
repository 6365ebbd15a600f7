//! Copies, overrides, amendments and unions, and where each value comes from.

use crate::support::{MANIFEST, PLAN, Ran, folder, iomc};

const BASE: &str = r#"module payments.base

kind Bucket {
  name: string
  versioning: bool = false
  limits: { cpu: int?  memory: int? }?
  tags: map<string, string> = {}
  hosts: list<string> = []
  token: secret string?
  identity name
}

resource orders: Bucket {
  name: "orders"
  versioning: true
  limits: { cpu: 1 }
  tags: { team: "payments" }
  token: "canary-hunter2"
}
"#;

const SHARDS: &str = r#"module payments.prod
use payments.base.{Bucket, orders}

resource shards for n in 1..3: Bucket = orders with {
  name: "orders-{n}"
  override versioning: false because "scratch data" until 2027-01-01
  limits.memory: 2
  tags."cost-center": "4711"
}

resource plain: Bucket { }
resource zones for zone in ["a", "b"]: Bucket { }
"#;

const AMENDMENTS: &str = r#"module payments.tuning
use payments.base.orders
use payments.prod.shards

amend orders { hosts: [for h in ["p", "q"]: "{h}.example"] }
amend shards { override limits.cpu: 9 because "they do all the work" }
"#;

const TESTS: &str = r#"module payments.tests
use payments.base.{Bucket, orders}
use payments.prod.plain

policy versioned {
  for b: Bucket { require b.versioning else "{b} {b.name}" }
}

fn named(name: string): ref Bucket? = only(Bucket where .name == name)

test "copies follow their base, but for what they set" {
  at: 2026-12-31
  expect versioned fails on "payments.prod.shards[2]" because "shards[2] orders-2"
  expect versioned passes on orders
  expect size(Bucket) == 7
  expect named("orders-3")?.limits?.memory == 2
  expect named("orders-3")?.limits?.cpu == 9
  expect named("orders-3")?.tags?["team"] == "payments"
  expect named("orders-3")?.tags?["cost-center"] == "4711"
  expect named("orders-3")?.hosts == ["p.example", "q.example"]
  expect orders.limits?.cpu == 1
}

test "the declared name identifies what sets no name" {
  expect plain.name == "plain"
  expect named("zones[\"a\"]") is present
}

test "an override ends at the beginning of its day" {
  at: 2027-01-01
  expect versioned passes on "payments.prod.shards[2]"
}

test "what a test gives is copied too" {
  at: 2026-12-31
  given {
    resource base: Bucket { name: "base"  versioning: true  limits.cpu: 4 }
    resource copy = base with { name: "copy"  limits.memory: 2 }
    resource third = copy with { name: "third"  override limits: absent because "none needed" }
  }
  expect versioned passes on copy
  expect copy.limits?.cpu == 4
  expect copy.limits?.memory == 2
  expect third.limits is absent
}
"#;

const UNIONS: &str = r#"module unions
type S3 = { kind: "s3"  bucket: string  versioning: bool = false }
type Gcs = { kind: "gcs"  location: string  bucket: string }
type Source = S3 | Gcs
type TlsVersion = ssl3 < tls1_0 < tls1_1 < tls1_2 < tls1_3
kind Asset { source: Source  tls: TlsVersion = tls1_2  more: list<Source> = []  maybe: Source?  limits: { cpu: int  memory: int } = usual }
const usual: { cpu: int  memory: int } = { cpu: 1  memory: 2 }
resource s: Asset { source: { kind: "s3"  bucket: "b" }  limits: usual with { memory: 4 } }
resource g: Asset { source: { kind: gcs  bucket: "b"  location: "eu" }  tls: tls1_3  more: [{ kind: "s3"  bucket: "x" }]  maybe: { kind: "s3"  bucket: "m"  versioning: true } }
policy p {
  for a: Asset where a.source.kind == "gcs" { require a.source.location == "us" else "{a} is in {a.source.location}" }
}
policy m {
  for a: Asset { require match a.source { S3 s => s.versioning  Gcs g => g.location == "eu" } }
}
policy n {
  for a: Asset { require match a.source.kind { "s3" => a.source.versioning  "gcs" => a.source.location == "eu" } }
}
policy o {
  for a: Asset where a.maybe?.kind == "s3" { require a.maybe.versioning }
}
test "unions" {
  expect p fails on g because "in eu"
  expect p not_applicable on s
  expect m passes on g
  expect m fails on s
  expect n passes on g
  expect n fails on s
  expect o passes on g
  expect o not_applicable on s
  expect s.limits.memory == 4 and s.limits.cpu == 1 and g.limits.memory == 2
  expect s.tls < g.tls and min([s.tls, g.tls]) == tls1_2 and max([s.tls, g.tls]) == tls1_3
  expect (g.more[0])?.kind == "s3"
}
"#;

fn workspace() -> tempfile::TempDir {
    folder(&[
        ("iom.toml", MANIFEST),
        ("base.iom", BASE),
        ("prod.iom", SHARDS),
        ("tuning.iom", AMENDMENTS),
        ("tests.iom", TESTS),
        ("unions.iom", UNIONS),
        ("plan.json", PLAN),
    ])
}

fn explained(arguments: &[&str]) -> Ran {
    let folder = workspace();
    let all: Vec<&str> = ["explain"].into_iter().chain(arguments.iter().copied()).collect();
    iomc(folder.path(), &all)
}

#[test]
fn copies_overrides_amendments_and_unions_evaluate() {
    let ran = iomc(workspace().path(), &["test"]).exits(0);
    assert!(ran.stdout.ends_with("5 tests passed.\n"), "{ran:#?}");
}

#[test]
fn an_override_that_has_ended_is_spoken_of() {
    let folder = workspace();
    let at = |at| iomc(folder.path(), &["eval", "--at", at, "--fail-on", "never", "--format", "json"]).json();
    let codes = |at| at_codes(&at);
    assert!(!codes(at("2026-12-31")).contains(&"IOM0720".to_owned()));
    assert!(codes(at("2027-01-01")).contains(&"IOM0720".to_owned()));
}

fn at_codes(report: &serde_json::Value) -> Vec<String> {
    let found = report["diagnostics"].as_array().into_iter().flatten();
    found.filter_map(|one| one["code"].as_str()).map(str::to_owned).collect()
}

#[test]
fn the_chain_of_a_value_is_shown() {
    let ran = explained(&["payments.prod.shards[2].versioning", "--at", "2026-12-31"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @r#"
    payments.prod.shards[2].versioning = false
    bool of payments.base.Bucket, intended

       default   base.iom:5:3   versioning: bool = false
       base      base.iom:15:3  payments.base.orders: versioning: true
     → override  prod.iom:6:12  override versioning: false because "scratch data" until 2027-01-01
    "#);
    let ran = explained(&["shards[2].versioning", "--at", "2027-01-01"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @r#"
    payments.prod.shards[2].versioning = true
    bool of payments.base.Bucket, intended

       default   base.iom:5:3   versioning: bool = false
     → base      base.iom:15:3  payments.base.orders: versioning: true
       override  prod.iom:6:12  override versioning: false because "scratch data" until 2027-01-01   (ended)
    "#);
    let ran = explained(&["shards[1].limits"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @r#"
    payments.prod.shards[1].limits = { cpu: 9, memory: 2 }
    { cpu: int?  memory: int? }? of payments.base.Bucket, intended

       base      base.iom:16:13   payments.base.orders: cpu: 1
     → body      prod.iom:7:10    limits.memory: 2
     → override  tuning.iom:6:32  override limits.cpu: 9 because "they do all the work"
    "#);
    let ran = explained(&["shards[1].limits.cpu"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @r#"
    payments.prod.shards[1].limits.cpu = 9
    int? of payments.base.Bucket, intended

       base      base.iom:16:13   payments.base.orders: cpu: 1
     → override  tuning.iom:6:32  override limits.cpu: 9 because "they do all the work"
    "#);
    let ran = explained(&["zones[\"a\"].name"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @r#"
    payments.prod.zones["a"].name = zones["a"]
    string of payments.base.Bucket, intended

     → name      prod.iom:12:10
    "#);
    let ran = explained(&["orders.hosts", "--format", "short"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @r#"
    payments.base.orders.hosts = p.example, q.example
    base.iom:8:3: default
    tuning.iom:5:16: amend, holds
    "#);
}

#[test]
fn the_chain_as_json() {
    let json = explained(&["shards[3].limits.memory", "--format", "json"]).exits(0).json();
    let value = &json["values"][0];
    assert_eq!(value["address"], "payments.prod.shards[3]");
    assert_eq!(value["value"], 2);
    assert_eq!(value["origins"][0]["role"], "body");
    assert_eq!(value["origins"][0]["location"]["file"], "prod.iom");
    assert_eq!(value["origins"][0]["location"]["line"], 7);
    assert_eq!(value["origins"][0]["holds"], true);
}

#[test]
fn an_imported_value_names_the_clause_and_the_place_in_the_plan() {
    let ran =
        explained(&["aws_s3_bucket.good.versioning", "--state", "plan.json", "--format", "json"]).exits(0);
    let json = ran.json();
    let value = &json["values"][0];
    assert_eq!((&value["kind"], &value["value"]), (&"aws.Bucket".into(), &true.into()));
    let roles: Vec<&str> =
        value["origins"].as_array().into_iter().flatten().filter_map(|one| one["role"].as_str()).collect();
    assert_eq!(roles, ["default", "adapter", "state"]);
    assert_eq!(value["origins"][1]["location"]["file"], "std:aws/s3.iom");
    let pointer = "/planned_values/root_module/resources/0/values/versioning/0/enabled";
    assert_eq!(value["origins"][2]["location"]["pointer"], pointer);
}

#[test]
fn a_secret_is_explained_without_being_shown() {
    for format in ["human", "short", "json"] {
        for value in ["orders.token", "shards[1].token"] {
            let ran = explained(&[value, "--format", format]).exits(0);
            assert!(!ran.stdout.contains("canary"), "{ran:#?}");
            assert!(ran.stdout.contains("base.iom") || ran.stdout.contains("18"), "{ran:#?}");
        }
    }
}

#[test]
fn what_is_not_there_is_an_error_with_the_nearest_name() {
    explained(&["ordrs.versioning"]).exits(2).says("did you mean `orders.versioning`?");
    explained(&["orders.versionin"]).exits(2).says("did you mean `versioning`?");
    explained(&["orders.limits.cpuu"]).exits(2).says("did you mean `cpu`?");
    explained(&["orders.limits.cpu.x"]).exits(2).says("there is no part `x`");
    explained(&["payments.prod.shards.versioning"]).exits(2).says("say which");
    explained(&["shards[9].versioning"]).exits(2).says("no `payments.prod.shards[9]`");
    explained(&["payments.base.orders"]).exits(2).says("add a field");
    explained(&["aws_s3_bucket.goood.acl", "--state", "plan.json"])
        .exits(2)
        .says("did you mean `aws_s3_bucket.good.acl`?");
    explained(&["aws_s3_bucket.good.acll", "--state", "plan.json"]).exits(2).says("did you mean `acl`?");
}
