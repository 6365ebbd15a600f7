//! Blueprints build and judge: over declared resources, and over plans.

mod conforming;

use super::common::run_tests;

const KINDS: &str = r#"
trait Store : Resource { versioning: bool = false }
kind Bucket : Store {
  name: string?
  versioning: bool = false
  encryption: { algorithm: aes256 "AES256" | kms "aws:kms"  key: ref Key? }?
  identity name
  from terraform "aws_s3_bucket" {
    key .id, .bucket
    part v: "aws_s3_bucket_versioning" on .bucket
    part e: "aws_s3_bucket_server_side_encryption_configuration" on .bucket
    name: .bucket
    versioning: match v.versioning_configuration[0].status { "Enabled" => true  _ => false } ?? false
    encryption: e.rule[0].apply_server_side_encryption_by_default[0] as {
      algorithm: .sse_algorithm
      key: ref .kms_master_key_id
    }
    tags: .tags
  }
}
kind Key : Resource {
  name: string?
  rotation: bool = false
  identity name
  from terraform "aws_kms_key" { key .id, .arn, .key_id  name: .description  rotation: .enable_key_rotation ?? false }
}
kind Block {
  bucket: ref Bucket
  acls: bool = true
  policy: bool = true
  from terraform "aws_s3_bucket_public_access_block" { bucket: ref .bucket  acls: .block_public_acls ?? false  policy: .block_public_policy ?? false }
}
kind Volume : Store { name: string?  versioning: bool = false  size: int = 1  identity name }
resource sec_lead: org.Person { }
resource payments: org.Team { }
resource prod: org.Environment { name: "prod"  tier: production }
blueprint Secure(name: string, env: ref org.Environment, owner: ref org.Team, versions: bool = true): Store {
  version: "1.2.0"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource store: Bucket { name: name  owner: owner  environment: env  versioning: versions }
  resource block: Block { bucket: store }
  require versioned: store.versioning else "{store} keeps no versions"
  require closed: block.acls and block.policy else "{block} leaves {store} open"
}
blueprint Closed() {
  version: "1.0.0"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource store: Bucket { encryption.algorithm: kms  versioning: true }
  resource block: Block { bucket: store  acls: true  policy: true }
}
"#;

fn passes(tests: &str) {
    let failures = run_tests(&format!("{KINDS}{tests}"));
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn an_instance_has_its_parts() {
    passes(
        r#"
test "parts" {
  given { resource invoices = Secure(name: "{prod.tier}-invoices", env: prod, owner: payments) }
  expect invoices.name == "production-invoices"
  expect invoices.versioning
  expect invoices.owner == payments
  expect invoices.block.bucket == invoices
  expect invoices.block.acls
  expect size(Block) == 2 and size(Bucket) == 2
  expect decision == admit
  expect Secure.versioned passes on invoices
  expect Secure passes
}
resource ledger = Secure(name: "ledger", env: prod, owner: payments)
const guard: ref Block = ledger.block
test "parts have names everywhere" {
  given { resource c: Block { bucket: guard.bucket } }
  expect c.bucket == ledger
}
test "a default, and one of its own" {
  given { resource invoices = Secure(name: "i", env: prod, owner: payments, versions: false) }
  expect not invoices.versioning
  expect Secure.versioned fails on invoices because "invoices keeps no versions"
  expect Secure.closed passes on invoices
  expect decision == block
}
test "many" {
  given { resource shards for n in 1..3 = Secure(name: "shard-{n}", env: prod, owner: payments) }
  expect size(Bucket) == 4 and size(Block) == 4
  expect all b in Block where b.bucket != ledger: (b.bucket.name ?? "") like "shard-*"
  expect all s in Bucket: any b in Block: b.bucket == s
  expect Secure passes
}
"#,
    );
}

#[test]
fn an_instance_is_changed_visibly() {
    passes(
        r#"
blueprint Wrapped(name: string): Store {
  version: "1"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource inner = Secure(name: name, env: prod, owner: payments) with { tags: { by: "Wrapped" } }
  resource plain: Bucket { versioning: true }
}
test "with" {
  at: 2027-01-01
  given {
    resource a = Secure(name: "a", env: prod, owner: payments) with {
      tags: { team: "red" }
      override versioning: false because "scratch data" until 2027-02-01
    }
    resource b = Secure(name: "b", env: prod, owner: payments) with {
      override versioning: false because "scratch data" until 2026-12-01
    }
    resource c = Wrapped(name: "c") with { override tags: { by: "me" } because "mine" }
    resource d = Wrapped(name: "d")
    resource e for n in 1..2 = Secure(name: "e{n}", env: prod, owner: payments) with { tags: { number: "{n}" } }
  }
  expect (a.tags?["team"] ?? "") == "red"
  expect not a.versioning
  expect b.versioning
  expect (c.tags?["by"] ?? "") == "me" and c.name == "c"
  expect (d.tags?["by"] ?? "") == "Wrapped"
  expect d.plain.name == "d.plain"
  expect d.inner.block.bucket == d
  expect all x in Bucket where (x.name ?? "") like "e*": x.tags is present
  expect Secure.versioned fails on a
  expect Secure.versioned passes on b
  expect Secure passes on c
}
"#,
    );
}

#[test]
fn blueprints_nest() {
    passes(
        r#"
blueprint Pair(prefix: string, env: ref org.Environment): Store {
  version: "1"  approved_by: [sec_lead]  review_by: 2027-06-01
  let whole = "{prefix}-pair"
  resource first = Secure(name: "{whole}-1", env: env, owner: payments)
  resource second = Secure(name: "{first.name ?? ""}-2", env: env, owner: first.owner ?? payments)
  resource copies for n in ["x", "y"]: Bucket { name: "{whole}-{n}"  owner: second.owner }
  require apart: first != second
  require blocked: second.block.bucket == second
  require all_named: all c in Bucket where c.owner == payments: c.name is present
}
test "nested" {
  given { resource pair = Pair(prefix: "p", env: prod) }
  expect pair.name == "p-pair-1"
  expect pair.second.name == "p-pair-1-2"
  expect pair.second.block.bucket == pair.second
  expect pair.first.block.bucket == pair
  expect size(Bucket) == 4
  expect any b in Bucket: b.name == "p-pair-y" and b.owner == payments
  expect Pair passes on pair
  expect Secure.versioned passes on pair.second
  expect Secure passes on pair
  expect Secure not_applicable on pair.copies
}
blueprint Zones(zones: list<string>) {
  version: "1"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource first: Bucket { versioning: true }
  resource zone for z in zones: Bucket { name: z }
  resource guard for z in zones: Block { bucket: zone[z] }
}
test "by key" {
  given { resource net = Zones(zones: ["edge", "app"]) }
  expect all g in Block: g.bucket.name in ["edge", "app"]
  expect net.guard["app"].bucket == net.zone["app"]
  expect net.guard["app"].bucket.name == "app"
}
test "many of many" {
  given { resource pairs for n in 1..2 = Pair(prefix: "p{n}", env: prod) }
  expect size(Bucket) == 8 and size(Block) == 4
  expect any b in Bucket: b.name == "p2-pair-x"
  expect Pair passes on pairs
  expect Secure passes on pairs.second
}
"#,
    );
}

#[test]
fn build_blocks_are_chosen() {
    passes(
        r#"
blueprint Anywhere(n: string): Store {
  version: "1"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource s: Store { versioning: true }
  build buckets { resource s: Bucket { name: n  versioning: true }  resource b: Block { bucket: s } }
  build volumes { resource s: Volume { name: n  versioning: true  size: 3 } }
  require kept: s.versioning else "{s} keeps nothing"
}
policy anywhere { for s: Store { require s conforms Anywhere(n: "any") else "{s} deviates" } }
test "the first, and another" {
  given {
    resource one = Anywhere(n: "one")
    resource two = Anywhere(n: "two", target: volumes)
    resource three: Volume { name: "three" }
  }
  expect one is Bucket and two is Volume
  expect one.b.bucket == one
  expect two.size == 3
  expect size(Block) == 1
  expect Anywhere passes on one
  expect Anywhere passes on two
  expect Anywhere not_applicable on three
  expect anywhere passes on one
  expect anywhere passes on two
  expect anywhere fails on three because "versioning is false; Anywhere sets true"
}
"#,
    );
}

#[test]
fn judges_blocks_judge_every_platform() {
    passes(
        r#"
blueprint Sized(least: string) {
  version: "1"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource b: Bucket { name: "marker" }
  judges s: Store where s.environment.tier == production {
    require named: s.owner is present else "{s} is below {least}"
  }
}
policy p { for s: Store { require s conforms Sized(least: "x") else "{s}" } }
test "for each instance" {
  given {
    resource marker = Sized(least: "bronze")
    resource v: Volume { environment: prod }
    resource w: Volume { environment: prod  owner: payments }
    resource x: Volume { }
  }
  expect Sized.named fails on v because "v is below bronze"
  expect Sized.named passes on w
  expect Sized.named not_applicable on x
  expect p fails on v because "v is below x"
  expect p passes on w
  expect p passes on x
}
test "without an instance there is nothing to judge" {
  given { resource v: Volume { environment: prod } }
  expect Sized.named not_applicable on v
}
"#,
    );
}
