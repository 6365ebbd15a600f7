use crate::support::{folder, iomc, sample};

#[test]
fn the_command_line_is_refused_with_2() {
    let empty = folder(&[]);
    let refused = |arguments: &[&str], text: &str| {
        let ran = iomc(empty.path(), arguments).exits(2).says(text);
        assert_eq!(ran.stdout, "", "{arguments:?}");
    };
    refused(&["--nonsense"], "unexpected argument '--nonsense'");
    refused(&["eval", "--nonsense"], "unexpected argument '--nonsense'");
    refused(&["drift"], "`iomc drift` is not built yet");
    refused(&["evl"], "did you mean `iomc eval`?");
    refused(&["frobnicate"], "there is no command `frobnicate`");
    refused(&["eval", "--base", "main", "--state", "x"], "--base is not built yet");
    refused(&["eval", "--format", "oscal", "--state", "x"], "--format oscal is not built yet");
    refused(&["eval", "--at", "tomorrow", "--state", "x"], "--at tomorrow");
    refused(&["eval", "--state", "biult=x"], "did you mean `built`?");
    refused(&["eval"], "there is nothing to judge");
    refused(&["check"], "error[IOM0802]");
    refused(&["test"], "error[IOM0802]");
    refused(&["check", "missing"], "missing: there is no such file or folder");
    refused(&["eval", "--state", "missing.json"], "error[IOM0601]: missing.json: there is no such file");
    refused(&["eval", "--threads", "0", "--state", "x"], "'--threads <N>'");
}

#[test]
fn help_and_version_are_no_mistakes() {
    let empty = folder(&[]);
    assert!(iomc(empty.path(), &["--help"]).exits(0).stdout.contains("Not built yet: admit"));
    assert!(iomc(empty.path(), &["eval", "--help"]).exits(0).stdout.contains("[LAYER=][FORMAT:]PATH"));
    assert!(iomc(empty.path(), &["--version"]).exits(0).stdout.starts_with("iomc "));
    assert!(iomc(empty.path(), &["completions", "bash"]).exits(0).stdout.contains("iomc"));
}

#[test]
fn decisions_have_their_status() {
    let sample = sample();
    let eval = |arguments: &[&str]| {
        let all = [&["eval", "--state", "plan.json", "--at", "2026-11-22"], arguments].concat();
        iomc(sample.path(), &all)
    };
    eval(&[]).exits(1);
    eval(&["--only", "versioned"]).exits(1);
    eval(&["--only", "named"]).exits(0);
    eval(&["--fail-on", "block"]).exits(1);
    eval(&["--fail-on", "never"]).exits(0);
    eval(&["--min-severity", "critical"]).exits(0);
}

#[test]
fn an_escalating_policy_ends_with_3() {
    let policy = crate::support::POLICY
        .replace("severity: high", "severity: high  mode: escalate to lead")
        .replace("module security", "module security\nresource lead: org.Person { email: \"l@x.example\" }");
    let folder = folder(&[
        ("iom.toml", crate::support::MANIFEST),
        ("security.iom", &policy),
        ("plan.json", crate::support::PLAN),
    ]);
    let arguments = ["eval", "--state", "plan.json"];
    iomc(folder.path(), &arguments).exits(3);
    iomc(folder.path(), &[&arguments[..], &["--fail-on", "block"]].concat()).exits(0);
}

#[test]
fn only_must_match_something() {
    let sample = sample();
    let eval = |only: &str| iomc(sample.path(), &["eval", "--state", "plan.json", "--only", only]);
    for matching in ["versioned", "security.versioned", "SAMPLE_1", "sample_*", "sec*ver*"] {
        let ran = eval(matching).exits(1);
        assert!(ran.stdout.contains("aws_s3_bucket.bad is not versioned"), "{ran:#?}");
    }
    let ran = eval("CKV_AWS_99999").exits(2).says("no policy matches \"CKV_AWS_99999\"");
    assert_eq!(ran.stdout, "");
}

#[test]
fn only_means_a_block_where_it_names_one() {
    let policy = "module a\npolicy p {\n  severity: high\n  for b: aws.Bucket { alias \"ONE\" require b.versioning }\n  \
                  for b: aws.Bucket { alias \"TWO\" require not b.versioning }\n}\n";
    let folder = folder(&[
        ("iom.toml", crate::support::MANIFEST),
        ("a.iom", policy),
        ("plan.json", crate::support::PLAN),
    ]);
    let failing = |only: &str| -> Vec<String> {
        let arguments = ["eval", "--state", "plan.json", "--format", "json", "--only", only];
        let report = iomc(folder.path(), &arguments).exits(1).json();
        let findings = report["findings"].as_array().expect("a list").clone();
        findings
            .iter()
            .map(|one| one["resource"]["address"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(failing("ONE"), ["aws_s3_bucket.bad"]);
    assert_eq!(failing("TWO"), ["aws_s3_bucket.good"]);
    assert_eq!(failing("p").len(), 2);
}

#[test]
fn the_library_judges_without_a_workspace() {
    let folder = folder(&[("plan.json", crate::support::PLAN)]);
    let all =
        ["eval", "--state", "terraform-plan:plan.json", "--all", "--format", "json", "--at", "2026-01-01"];
    let ran = iomc(folder.path(), &all);
    assert!(ran.json()["summary"]["policies"].as_u64() > Some(0), "{ran:#?}");
    iomc(folder.path(), &[&all[..], &["--only", "NO_SUCH_*"]].concat()).exits(2).says("no policy matches");
}

#[test]
fn warnings_count_only_where_that_is_asked_for() {
    let text = "module a\nuse aws.Bucket\n";
    let folder = folder(&[("iom.toml", crate::support::MANIFEST), ("a.iom", text)]);
    let ran = iomc(folder.path(), &["check"]).exits(0);
    assert!(ran.stdout.contains("warning["), "{ran:#?}");
    iomc(folder.path(), &["check", "--deny-warnings"]).exits(1);
}
