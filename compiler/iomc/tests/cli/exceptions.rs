//! `iomc exception new`

use std::fs;
use std::path::Path;

use crate::support::{MANIFEST, PLAN, POLICY, Ran, folder, iomc};

const PEOPLE: &str = "module org.people\n\nresource ciso: org.Person { }\n";

fn workspace() -> tempfile::TempDir {
    folder(&[
        ("iom.toml", &format!("{MANIFEST}\n[[state]]\npath = \"plan.json\"\n")),
        ("security.iom", POLICY),
        ("people.iom", PEOPLE),
        ("plan.json", PLAN),
    ])
}

fn new(folder: &Path, policy: &str, resource: &str, more: &[&str]) -> Ran {
    let common = ["exception", "new", policy, resource, "--at", "2026-11-22", "--reason", "SEC-7 removes it"];
    iomc(folder, &[&common, more].concat())
}

fn by_ciso(folder: &Path, policy: &str, resource: &str, more: &[&str]) -> Ran {
    new(folder, policy, resource, &[&["--approved-by", "ciso"], more].concat())
}

#[test]
fn a_finding_is_let_be_for_a_while() {
    let workspace = workspace();
    let at = |day: &str| iomc(workspace.path(), &["eval", "--at", day, "--format", "short"]);
    at("2026-11-22").exits(1);
    let ran = by_ciso(workspace.path(), "versioned", "aws_s3_bucket.bad", &[]).exits(0);
    let written = fs::read_to_string(workspace.path().join("exceptions.iom")).expect("a file");
    assert_eq!(
        written,
        "module exceptions\n\nexception versioned_bad {\n  policy: security.versioned\n  \
         target: aws.Bucket where .name == \"bad\"\n  reason: \"SEC-7 removes it\"\n  \
         approved_by: [org.people.ciso]\n  opened: 2026-11-22\n  expires: 2026-12-22\n}\n"
    );
    assert_eq!(ran.stdout, format!("added to exceptions.iom:\n\n{written}"));
    assert!(at("2026-11-22").exits(0).stdout.contains("(excepted)"));
    at("2026-12-22").exits(1);

    // One more goes below, with its own name; what is there stays as it is.
    fs::write(workspace.path().join("exceptions.iom"), format!("// ours\n{written}")).expect("a file");
    let more = ["--at", "2026-12-22", "--until", "2027-01-01"];
    let common = ["exception", "new", "security.versioned.kept", "aws_s3_bucket.bad", "--reason", "again"];
    let ran = iomc(workspace.path(), &[&common[..], &["--approved-by", "org.people.ciso"], &more].concat());
    let ran = ran.exits(0);
    assert!(ran.stdout.starts_with("added to exceptions.iom:\n\nexception versioned_bad_2 {\n"), "{ran:#?}");
    let both = fs::read_to_string(workspace.path().join("exceptions.iom")).expect("a file");
    assert!(both.starts_with(&format!("// ours\n{written}\nexception versioned_bad_2 {{")), "{both}");
    assert!(both.contains("  policy: security.versioned.kept\n"), "{both}");
    at("2026-12-22").exits(0);
}

#[test]
fn nothing_is_written_that_does_not_compile_or_that_nothing_needs() {
    let workspace = workspace();
    let refused = |policy: &str, resource: &str, more: &[&str], says: &str| {
        by_ciso(workspace.path(), policy, resource, more).exits(2).says(says);
        assert!(!workspace.path().join("exceptions.iom").exists());
    };
    refused("versoined", "aws_s3_bucket.bad", &[], "did you mean `versioned`?");
    refused("versioned", "aws_s3_bucket.bda", &[], "did you mean `aws_s3_bucket.bad`?");
    refused("versioned", "aws_s3_bucket.good", &[], "there is nothing to let be");
    refused("versioned", "aws_s3_bucket.bad", &["--until", "2026-11-22"], "would end before it begins");
    refused("versioned", "aws_s3_bucket.bad", &["--until", "soon"], "dates are written like 2026-12-24");
    refused("versioned", "aws_s3_bucket.bad", &["--name", "no name"], "names are letters");
    refused("versioned", "aws_s3_bucket.bad", &["--file", "exceptions.txt"], ".iom files");
    new(workspace.path(), "versioned", "aws_s3_bucket.bad", &["--approved-by", "csio"])
        .exits(2)
        .says("did you mean `ciso`?");
    let ran = by_ciso(workspace.path(), "versioned", "aws_s3_bucket.bad", &["--dry-run"]).exits(0);
    assert!(ran.stdout.starts_with("would be added to exceptions.iom:\n"), "{ran:#?}");
    assert!(!workspace.path().join("exceptions.iom").exists());
}

#[test]
fn no_longer_than_the_policy_allows() {
    let workspace = workspace();
    let policy = POLICY.replace("  severity: high\n", "  severity: high\n  max_exception: 7d\n");
    fs::write(workspace.path().join("security.iom"), policy).expect("a file");
    let long = ["--until", "2026-12-24"];
    by_ciso(workspace.path(), "versioned", "aws_s3_bucket.bad", &long).exits(2).says("IOM0404");
    let ran = by_ciso(workspace.path(), "versioned", "aws_s3_bucket.bad", &[]).exits(0);
    assert!(ran.stdout.contains("expires: 2026-11-29"), "{ran:#?}");
}

#[test]
fn a_file_outside_of_the_workspace_is_not_written() {
    let workspace = workspace();
    let outside = ["--file", "../outside.iom"];
    by_ciso(workspace.path(), "versioned", "aws_s3_bucket.bad", &outside).exits(2).says("in the workspace");
}
