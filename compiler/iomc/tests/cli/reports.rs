//! Reports for what teams have around their repositories, and baselines.

use std::fs;
use std::path::Path;

use crate::support::{MANIFEST, PLAN, POLICY, Ran, folder, iomc, iomc_with_variables, sample};

fn eval(folder: &Path, arguments: &[&str]) -> Ran {
    iomc(folder, &[&["eval", "--state", "plan.json", "--at", "2026-11-22"], arguments].concat())
}

/// A repository with a workspace in a folder of it.
fn repository() -> tempfile::TempDir {
    folder(&[
        ("infra/iom.toml", &format!("{MANIFEST}\n[[state]]\npath = \"plan.json\"\n")),
        ("infra/security.iom", POLICY),
        ("infra/plan.json", PLAN),
    ])
}

#[test]
fn sarif_names_files_from_the_folder_of_the_run() {
    let repository = repository();
    let uri = |folder: &Path, arguments: &[&str]| {
        let arguments = [arguments, &["--format", "sarif", "--at", "2026-11-22"]].concat();
        let log = iomc(folder, &arguments).exits(1).json();
        let result = &log["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "security.versioned");
        let location = &result["locations"][0]["physicalLocation"];
        let line = location["region"]["startLine"].as_u64();
        assert!(line.is_none_or(|line| line > 1), "{line:?}");
        location["artifactLocation"]["uri"].as_str().map(str::to_owned)
    };
    let inside = repository.path().join("infra");
    assert_eq!(uri(repository.path(), &["eval", "infra"]).as_deref(), Some("infra/plan.json"));
    assert_eq!(uri(&inside, &["eval"]).as_deref(), Some("plan.json"));
    assert_eq!(
        uri(&inside, &["eval", "--state", "../infra/./plan.json"]).as_deref(),
        Some("plan.json"),
        "however the file is named"
    );
    let elsewhere = folder(&[("plan.json", PLAN)]);
    let plan = elsewhere.path().join("plan.json").display().to_string();
    assert_eq!(uri(&inside, &["eval", "--state", &plan]), None, "a file outside has no place in the tree");
}

#[test]
fn a_file_outside_of_the_tree_is_named_in_the_message() {
    let (sample, elsewhere) = (sample(), folder(&[("plan.json", PLAN)]));
    let plan = elsewhere.path().join("plan.json").display().to_string();
    let arguments = ["eval", "--state", &plan, "--format", "sarif", "--at", "2026-11-22"];
    let log = iomc(sample.path(), &arguments).exits(1).json();
    let message = log["runs"][0]["results"][0]["message"]["text"].as_str().expect("a message").to_owned();
    assert!(message.starts_with(&plan), "{message}");
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let repository = repository();
    let summary = repository.path().join("summary.md");
    fs::write(&summary, "# from the step before\n").expect("a file");
    let variables = [
        ("GITHUB_STEP_SUMMARY", summary.to_str().expect("a path")),
        ("GITHUB_WORKSPACE", repository.path().to_str().expect("a path")),
    ];
    let arguments = ["eval", "--format", "github", "--at", "2026-11-22"];
    let ran = iomc_with_variables(&repository.path().join("infra"), &arguments, &variables).exits(1);
    assert!(ran.stdout.starts_with("::error file=infra/plan.json,line="), "{ran:#?}");
    assert!(ran.stdout.contains("title=Buckets keep old versions::aws_s3_bucket.bad is not versioned"));
    let summary = fs::read_to_string(summary).expect("a summary");
    assert!(summary.starts_with("# from the step before\n## ❌ Blocked\n"), "{summary}");
    // Without a workflow there is nothing to add to.
    let ran = iomc(&repository.path().join("infra"), &arguments).exits(1);
    assert!(ran.stdout.starts_with("::error file=plan.json,"), "{ran:#?}");
}

#[test]
fn junit_counts_what_it_lists() {
    let sample = sample();
    for (arguments, cases) in [(&["--format", "junit"][..], 3), (&["--format", "junit", "--all"], 4)] {
        let text = eval(sample.path(), arguments).exits(1).stdout;
        assert_eq!(text.matches("<testcase").count(), cases, "{text}");
        assert!(text.contains(&format!("tests=\"{cases}\" failures=\"1\" errors=\"0\" skipped=\"0\"")));
    }
}

#[test]
fn a_baseline_lets_what_is_known_be() {
    let sample = sample();
    let ran = eval(sample.path(), &["--write-baseline", "known.json"]).exits(0);
    assert!(ran.stdout.contains("KNOWN\n"), "{ran:#?}");
    let again = eval(sample.path(), &["--baseline", "known.json", "--format", "json"]).exits(0).json();
    assert_eq!(again["decision"], "admit");
    assert_eq!(again["findings"][0]["known"], true);
    assert_eq!((&again["summary"]["fail"], &again["summary"]["known"]), (&1.into(), &1.into()));

    // The resource moves and the known finding with it; a new one decides.
    let plan = PLAN.replacen("{\n", "{\n\n\n", 1).replace("aws_s3_bucket.good", "aws_s3_bucket.new");
    let plan = plan.replace("\"enabled\": true", "\"enabled\": false");
    fs::write(sample.path().join("plan.json"), &plan).expect("a plan");
    let ran = eval(sample.path(), &["--baseline", "known.json", "--format", "short"]).exits(1);
    assert!(ran.stdout.contains("aws_s3_bucket.bad is not versioned (fail, known)"), "{ran:#?}");
    assert!(ran.stdout.contains("aws_s3_bucket.new is not versioned (fail, block)"), "{ran:#?}");
}

#[test]
fn what_is_mended_is_told_and_taken_out() {
    let sample = sample();
    eval(sample.path(), &["--write-baseline", "known.json"]).exits(0);
    let only = ["--only", "named", "--baseline", "known.json"];
    let ran = eval(sample.path(), &only).exits(0);
    assert_eq!(ran.stderr, "1 finding of known.json is no more: --write-baseline known.json takes it out\n");
    eval(sample.path(), &[&only[..], &["--write-baseline", "known.json"]].concat()).exits(0);
    let text = fs::read_to_string(sample.path().join("known.json")).expect("a baseline");
    assert_eq!(text, "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
}

#[test]
fn a_baseline_that_is_none_ends_the_run() {
    let sample = sample();
    let ran =
        eval(sample.path(), &["--baseline", "plan.json"]).exits(2).says("plan.json: this is no baseline");
    assert_eq!(ran.stdout, "");
    eval(sample.path(), &["--baseline", "none.json"]).exits(2).says("none.json: there is no such file");
    eval(sample.path(), &["--write-baseline", "no/such/folder.json"]).exits(2).says("can't be written");
}

#[test]
fn only_what_can_be_shown_again_and_again_is_watched() {
    let sample = sample();
    eval(sample.path(), &["--watch", "--format", "sarif"]).exits(2).says("report after report");
}
