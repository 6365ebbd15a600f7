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
