use crate::support::{MANIFEST, POLICY, folder, iomc, payments};

const TESTS: &str = r#"module tests
use security.versioned

test "a bucket without versions is caught" {
  at: 2026-11-22
  given { resource b: aws.Bucket { versioning: false } }
  expect versioned fails on b because "not versioned"
  expect decision == block
}

test "a bucket with versions is caught too" {
  at: 2026-11-22
  given { resource b: aws.Bucket { versioning: true } }
  expect versioned fails on b
}
"#;

#[test]
fn the_example_passes_its_own_tests() {
    let ran = iomc(&payments(), &["test"]).exits(0);
    assert!(ran.stdout.contains("ok    security.network: an open administration port is caught"), "{ran:#?}");
    assert!(ran.stdout.ends_with(" tests passed.\n"), "{ran:#?}");
}

#[test]
fn an_expectation_that_is_not_met_is_shown_with_its_place() {
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY), ("tests.iom", TESTS)]);
    let ran = iomc(folder.path(), &["test"]).exits(1);
    assert!(ran.stdout.contains("ok    tests: a bucket without versions is caught\n"), "{ran:#?}");
    assert!(ran.stdout.contains("FAIL  tests: a bucket with versions is caught too\n"), "{ran:#?}");
    assert!(ran.stdout.contains("tests.iom:14:"), "{ran:#?}");
    assert!(ran.stdout.ends_with("1 passed, 1 failed.\n"), "{ran:#?}");
    let short = iomc(folder.path(), &["test", "--format", "short"]).exits(1);
    assert_eq!(short.stdout.lines().count(), 1, "{short:#?}");
    let json = iomc(folder.path(), &["test", "--format", "json"]).exits(1).json();
    assert_eq!(json["summary"]["failed"], 1);
    assert_eq!(json["tests"][0]["passed"], true);
}

#[test]
fn tests_are_picked_by_title_and_by_file() {
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY), ("tests.iom", TESTS)]);
    assert!(
        iomc(folder.path(), &["test", "--filter", "WITHOUT"]).exits(0).stdout.ends_with("1 test passed.\n")
    );
    assert!(
        iomc(folder.path(), &["test", "--filter", "a bucket*caught"])
            .exits(0)
            .stdout
            .ends_with("1 test passed.\n")
    );
    iomc(folder.path(), &["test", "--filter", "nothing like it"]).exits(2).says("no test matches");
    let ran = iomc(folder.path(), &["test", "security.iom"]).exits(0);
    assert_eq!(ran.stdout, "There are no tests.\n");
}

const RULES: &str = r#"module rules

policy sealed {
  for b: aws.Bucket {
    require b.encryption is present else "{b} is open"
      fix { encryption: { algorithm: aes256 } }
    require own_key: b.encryption.algorithm == aws_kms else "{b} has no key of ours"
      fix { encryption.algorithm: aws_kms }
  }
}

policy unseen { for b: aws.Bucket { require b.versioning } }
"#;

fn outcome(tests: &str, arguments: &[&str]) -> crate::support::Ran {
    let tests = format!("module tests\nuse rules.sealed\nconst xs: list<int> = [1, 2]\n{tests}");
    let folder = folder(&[("iom.toml", MANIFEST), ("rules.iom", RULES), ("tests.iom", &tests)]);
    iomc(folder.path(), &[&["test"], arguments].concat())
}

#[test]
fn a_failed_expectation_shows_the_values_of_its_parts() {
    let tests = r#"test "parts" {
  given { resource b: aws.Bucket { name: "x"  encryption: { algorithm: aes256 } } }
  expect size(xs) == 3
  expect b.name == "y" and b.versioning
  expect sealed passes on b
  expect sealed fails on b because "nothing says so"
  expect decision == admit
  expect sealed passes on "aws_s3_bucket.missing"
}
"#;
    insta::assert_snapshot!(outcome(tests, &["--at", "2026-11-22"]).exits(1).stdout);
    let json = outcome(tests, &["--format", "json"]).exits(1).json();
    let first = &json["tests"][0]["failures"][0];
    assert_eq!((&first["expected"], &first["found"]), (&"3".into(), &"2".into()));
    assert_eq!(first["values"][1]["source"], "xs");
    assert_eq!(json["tests"][0]["failures"][2]["expected"], "passes");
}

#[test]
fn fixes_are_applied_until_nothing_is_proposed() {
    let tests = r#"test "fixes" {
  given { resource open: aws.Bucket { }  resource k: aws.KmsKey { }
    resource keyed: aws.Bucket { encryption: { algorithm: aes256  key: k } } }
  expect sealed fails on open because "is open"
  expect after fix sealed passes on open
  expect after fix sealed.own_key passes on keyed
  expect after fix sealed passes
}
test "no fix" {
  given { resource b: aws.Bucket { encryption: { algorithm: aws_kms } } }
  expect after fix sealed passes on b
}
"#;
    let ran = outcome(tests, &[]).exits(1);
    assert!(ran.stdout.contains("ok    tests: fixes\n"), "{ran:#?}");
    assert!(ran.stdout.contains("sealed proposes no fix here"), "{ran:#?}");
}

const COVERED: &str = r#"test "half" {
  given { resource b: aws.Bucket { encryption: { algorithm: aes256 } }  resource c: aws.Bucket { } }
  expect sealed fails on b
  expect sealed fails on c
}
"#;

#[test]
fn coverage_lists_what_no_test_sees_both_ways() {
    insta::assert_snapshot!(outcome(COVERED, &["--coverage"]).exits(0).stdout);
    let json = outcome(COVERED, &["--coverage", "--format", "json"]).exits(0).json();
    assert_eq!(json["coverage"]["summary"]["covered"], 1);
    assert_eq!(json["coverage"]["missing"][0]["missing"], "never passes");
    assert_eq!(json["coverage"]["missing"][1]["location"]["line"], 12);
}

#[test]
fn coverage_is_written_as_a_trace() {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let path = trace.path().to_str().unwrap();
    outcome(COVERED, &["--coverage-out", path]).exits(0);
    insta::assert_snapshot!(std::fs::read_to_string(path).unwrap());
}

#[test]
fn junit_has_a_suite_per_module() {
    let tests = r#"test "<odd> & \"quoted\"" { given { resource b: aws.Bucket { } } expect sealed passes on b }
test "fine" { expect size(xs) == 2 }
"#;
    insta::assert_snapshot!(outcome(tests, &["--format", "junit", "--at", "2026-11-22"]).exits(1).stdout);
}

#[test]
fn any_number_of_threads_says_the_same() {
    let tests: String =
        (0..40).map(|n| format!("test \"t{n}\" {{ expect size(xs) == {} }}\n", 1 + n % 3)).collect();
    let one = outcome(&tests, &["--threads", "1", "--coverage"]).exits(1);
    for threads in ["2", "8", "64"] {
        assert_eq!(outcome(&tests, &["--threads", threads, "--coverage"]), one);
    }
}

#[test]
fn state_is_given_as_terraform() {
    let tests = r#"test "siblings are joined by reference, not by name" {
  given terraform """
    resource "aws_s3_bucket" "a" { bucket = "same" }
    resource "aws_s3_bucket" "b" { bucket = "same" }
    resource "aws_s3_bucket_server_side_encryption_configuration" "e" {
      bucket = aws_s3_bucket.a.id
      rule {
        apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
      }
    }
  """
  expect sealed passes on "aws_s3_bucket.a"
  expect sealed fails on "aws_s3_bucket.b" because "is open"
}
test "what the text does not tell is unknown" {
  given terraform "main.tf"
  expect sealed.own_key unknown on "aws_s3_bucket.a[\"x\"]"
  expect any b in aws.Bucket: b.name == "n-x"
}
test "broken" {
  given terraform """
    resource "aws_s3_bucket" "a" { bucket =
    }
  """
  expect sealed passes
}
test "no file" { given plan "plan.json"  expect sealed passes }
"#;
    let tests = format!("module tests\nuse rules.sealed\n{tests}");
    let main = r#"variable "algorithm" {}
resource "aws_s3_bucket" "a" {
  for_each = toset(["x", "y"])
  bucket   = "n-${each.key}"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default { sse_algorithm = var.algorithm }
    }
  }
}
"#;
    let files =
        [("iom.toml", MANIFEST), ("rules.iom", RULES), ("tests.iom", tests.as_str()), ("main.tf", main)];
    insta::assert_snapshot!(iomc(folder(&files).path(), &["test"]).exits(1).stdout);
}

const HOSTS: &str = r#"module hosts
kind Host : Resource {
  name: string
  owned_by: string?
  identity name
  from csv "hosts" { key .name  name: .name  owned_by: .owner }
  from json "hosts" { key .name  name: .name  owned_by: .owner }
}
policy owned { for h: Host { require h.owned_by is present else "nobody owns {h.name}" } }
policy encrypted { for v: aws.EbsVolume { require v.encrypted else "{v} is open" } }
test "a table" {
  given csv "data/hosts.csv"
  expect owned passes on "hosts[\"web-1\"]"
  expect owned fails on "hosts[\"web-2\"]"
}
test "lists" {
  given json """
    hosts:
      - {name: web-1, owner: shop}
      - name: web-2
  """
  expect owned passes on "hosts[\"web-1\"]"
  expect owned fails on "hosts[\"web-2\"]" because "nobody"
}
test "items" {
  given aws_config """
    {"configurationItems": [{"resourceType": "AWS::EC2::Volume", "resourceId": "vol-1", "awsAccountId": "111122223333",
      "awsRegion": "eu-west-1", "configurationItemStatus": "OK", "configuration": {"volumeId": "vol-1", "encrypted": false}}]}
  """
  expect encrypted fails
}
test "state" {
  given state """{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "resources": [
    {"mode": "managed", "type": "aws_ebs_volume", "name": "v", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
     "instances": [{"attributes": {"id": "vol-1", "encrypted": true}}]}]}"""
  expect encrypted passes on "aws_ebs_volume.v"
}
test "a table has a name" { given csv """
name,owner
web-1,shop
"""  expect owned passes }
test "mistakes have their place" { given json """
    hosts:
      - {name: [}
  """  expect owned passes }
"#;

#[test]
fn other_state_is_given() {
    let table = "name,owner\nweb-1,shop\nweb-2,\n";
    let files = [("iom.toml", MANIFEST), ("hosts.iom", HOSTS), ("data/hosts.csv", table)];
    insta::assert_snapshot!(iomc(folder(&files).path(), &["test"]).exits(1).stdout);
}

const LATER: &str = r#"module later
kind Certificate : Resource {
  name: string
  replaced_first: bool
  from terraform "aws_acm_certificate" {
    name: .domain_name ?? ""
    replaced_first: .lifecycle[0].create_before_destroy default false
  }
}
policy replaced { for c: Certificate { require c.replaced_first else "{c} is destroyed first" } }
policy described { for c: Certificate { require c.source.domain_name is present } }
policy keyed { for d: aws.SsmDocument { require d.session?.key is present else "{d} has no key" } }
test "the lifecycle is in the configuration alone" {
  given terraform """
    resource "aws_acm_certificate" "a" { domain_name = "a"  lifecycle { create_before_destroy = true } }
    resource "aws_acm_certificate" "b" { domain_name = "b" }
  """
  given state """{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "resources": [
    {"mode": "managed", "type": "aws_acm_certificate", "name": "c", "provider": "p", "instances": [{"attributes": {"domain_name": "c"}}]}]}"""
  expect replaced passes on "aws_acm_certificate.a"
  expect replaced fails on "aws_acm_certificate.b"
  expect replaced unknown on "aws_acm_certificate.c"
}
test "documents in YAML" {
  given terraform """
    resource "aws_kms_key" "k" {}
    resource "aws_ssm_document" "keyed" {
      document_format = "YAML"
      content = <<-EOT
        schemaVersion: '1.0'
        inputs:
          kmsKeyId: "${aws_kms_key.k.arn}"
      EOT
    }
    resource "aws_ssm_document" "written" { content = yamlencode({ inputs = { kmsKeyId = "alias/a" } }) }
    resource "aws_ssm_document" "encoded" { content = yamlencode({ inputs = { kmsKeyId = aws_kms_key.k.arn } }) }
    resource "aws_ssm_document" "open" { content = "inputs:\n  s3BucketName: logs\n" }
    resource "aws_ssm_document" "broken" { content = "inputs: [" }
  """
  expect keyed passes on "aws_ssm_document.written"
  expect keyed passes on "aws_ssm_document.encoded"
  expect keyed unknown on "aws_ssm_document.keyed"
  expect keyed fails on "aws_ssm_document.open"
  expect keyed unknown on "aws_ssm_document.broken"
}
"#;

#[test]
fn lifecycles_and_documents_in_yaml() {
    let files = [("iom.toml", MANIFEST), ("later.iom", LATER)];
    insta::assert_snapshot!(iomc(folder(&files).path(), &["test"]).exits(0).stdout);
}

/// Modes, exceptions and dates of a policy at the instants around their ends.
const DATED: &str = r#"module dated
resource ciso: org.Person { }
policy rotates {
  mode: advise until 2027-01-15 then enforce until 2027-02-01 then off
  severity: high
  for k: aws.KmsKey { require kept: k.rotation else "{k} does not rotate" }
}
policy enabled { mode: escalate to ciso  for k: aws.KmsKey { require k.enabled } }
exception legacy {
  policy: rotates.kept  target: aws.KmsKey where .enabled  reason: "r"  approved_by: [ciso]
  opened: 2027-01-16  expires: 2027-01-20
}
test "advised" { at: "2027-01-14T23:59:59Z"  given { resource k: aws.KmsKey { rotation: false } }
  expect rotates fails on k  expect decision == admit }
test "enforced" { at: 2027-01-15  given { resource k: aws.KmsKey { rotation: false } }
  expect rotates fails on k  expect decision == block }
test "excepted" { at: 2027-01-16  given { resource k: aws.KmsKey { rotation: false } }
  expect rotates excepted on k  expect rotates.kept excepted  expect decision == admit }
test "excepted, unknown" { at: 2027-01-17  given { resource k: aws.KmsKey { rotation: unknown } }
  expect rotates excepted on k }
test "excepted to the last second" { at: "2027-01-19T23:59:59Z"
  given { resource k: aws.KmsKey { rotation: false } }  expect rotates excepted on k }
test "expired" { at: 2027-01-20  given { resource k: aws.KmsKey { rotation: false } }
  expect rotates fails on k  expect decision == block }
test "not the target" { at: 2027-01-17  given { resource k: aws.KmsKey { rotation: false  enabled: false } }
  expect rotates fails on k }
test "perhaps the target" { at: 2027-01-17
  given { resource k: aws.KmsKey { rotation: false  enabled: unknown } }
  expect rotates fails on k  expect decision == block }
test "off" { at: 2027-02-01  given { resource k: aws.KmsKey { rotation: false } }
  expect rotates not_applicable on k  expect decision == admit }
test "escalated" { at: 2027-02-01  given { resource k: aws.KmsKey { enabled: false } }
  expect enabled fails on k  expect decision == escalate }
test "layers" { at: 2027-01-15  given built { resource k: aws.KmsKey { rotation: false } }
  given running { resource r: aws.KmsKey { rotation: true } }
  expect rotates fails on k  expect rotates passes on r }
test "last, and wrong" { at: 2027-02-01  given { resource k: aws.KmsKey { rotation: false } }
  expect rotates fails on k }
"#;

#[test]
fn dates_hold_from_their_first_second_to_before_their_last() {
    let folder = folder(&[("iom.toml", MANIFEST), ("dated.iom", DATED)]);
    insta::assert_snapshot!(iomc(folder.path(), &["test"]).exits(1).stdout);
}
