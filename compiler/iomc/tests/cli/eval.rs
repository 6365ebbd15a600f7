use crate::support::{MANIFEST, PLAN, POLICY, folder, iomc, iomc_with_input, payments, sample};

const EVAL: &[&str] = &["eval", "--state", "plan.json", "--at", "2026-11-22"];

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [EVAL, arguments].concat()
}

#[test]
fn people_see_place_value_and_rule() {
    let sample = sample();
    let ran = iomc(sample.path(), EVAL).exits(1);
    for part in [
        "BLOCK  aws_s3_bucket.bad",
        "blocks, high: aws_s3_bucket.bad is not versioned",
        "Buckets keep old versions (security.versioned)",
        "plan.json:",
        "values read",
        "require b.versioning",
        "security.iom:8",
        "SAMPLE_1",
        "Blocked: 1 finding blocks. 2 policies over 2 resources: 1 fail, 3 pass.",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains('\u{1b}'), "a pipe is not coloured");
    let coloured = iomc(sample.path(), &with(&["--color", "always"])).exits(1);
    assert!(coloured.stdout.contains("\u{1b}[1;31mBLOCK"));
}

#[test]
fn logs_have_one_line_per_finding() {
    let sample = sample();
    let ran = iomc(sample.path(), &with(&["--format", "short"])).exits(1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 1, "{ran:#?}");
    assert!(lines[0].starts_with("plan.json:"), "{ran:#?}");
    let end = "high[security.versioned] aws_s3_bucket.bad is not versioned (fail, block)";
    assert!(lines[0].ends_with(end), "{ran:#?}");
}

#[test]
fn programs_get_the_contract() {
    let sample = sample();
    let report = iomc(sample.path(), &with(&["--format", "json"])).exits(1).json();
    assert_eq!(report["version"], 1);
    assert_eq!(report["at"], "2026-11-22T00:00:00Z");
    assert_eq!(report["decision"], "block");
    let finding = &report["findings"][0];
    assert_eq!(finding["policy"], "security.versioned");
    assert_eq!(finding["label"], "kept");
    assert_eq!(finding["resource"]["address"], "aws_s3_bucket.bad");
    assert_eq!(finding["location"]["file"], "plan.json");
    assert_eq!(finding["clause"]["file"], "security.iom");
    assert_eq!(finding["clause"]["line"], 8);
    assert_eq!(finding["aliases"][0], "SAMPLE_1");
}

#[test]
fn a_clean_run_is_one_line_and_quiet_none() {
    let sample = sample();
    let ran = iomc(sample.path(), &with(&["--only", "named"])).exits(0);
    assert_eq!(ran.stdout, "Admitted: 1 policy over 2 resources: 2 pass.\n", "{ran:#?}");
    let ran = iomc(sample.path(), &with(&["--only", "named", "--quiet"])).exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn passes_are_listed_with_all() {
    let sample = sample();
    let verdicts = |arguments: &[&str]| -> Vec<String> {
        let report = iomc(sample.path(), &with(arguments)).json();
        let findings = report["findings"].as_array().expect("a list").clone();
        findings.iter().map(|one| one["verdict"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(verdicts(&["--format", "json"]), ["fail"]);
    let mut all = verdicts(&["--format", "json", "--all"]);
    all.sort();
    assert_eq!(all, ["fail", "pass", "pass", "pass"]);
    let people = iomc(sample.path(), &with(&["--all"])).exits(1).stdout;
    let passes = people.lines().skip_while(|line| *line != "PASSES").take_while(|line| !line.is_empty());
    assert_eq!(passes.count(), 4, "{people}");
}

#[test]
fn state_comes_from_standard_input_too() {
    let sample = sample();
    let arguments = ["eval", "--state", "built=terraform-plan:-", "--format", "json"];
    let report = iomc_with_input(sample.path(), &arguments, PLAN.as_bytes()).exits(1).json();
    assert_eq!(report["sources"][0]["path"], "-");
    iomc(sample.path(), &["eval", "--state", "-", "--state", "-"]).exits(2).says("can be given once");
}

#[test]
fn out_is_written_whole_or_not_at_all() {
    let sample = sample();
    let out = sample.path().join("report.json");
    let ran = iomc(sample.path(), &with(&["--format", "json", "--out", "report.json"])).exits(1);
    assert_eq!(ran.stdout, "");
    let written = std::fs::read_to_string(&out).expect("a report");
    assert!(written.ends_with("}\n"));

    std::fs::write(&out, "old").expect("a file");
    std::fs::write(sample.path().join("plan.json"), "{ \"truncated\": ").expect("a file");
    iomc(sample.path(), &with(&["--format", "json", "--out", "report.json"])).exits(2);
    assert_eq!(std::fs::read_to_string(&out).expect("the old report"), "old");

    std::fs::write(sample.path().join("plan.json"), PLAN).expect("a file");
    iomc(sample.path(), &with(&["--out", "no/such/folder/report.json"])).exits(2).says("can't be written");
}

#[test]
fn broken_sources_end_the_run_before_anything_is_judged() {
    let broken = POLICY.replace("b.versioning", "b.versionin");
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", &broken), ("plan.json", PLAN)]);
    let ran = iomc(folder.path(), &with(&["--format", "json"])).exits(2).says("versionin");
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_folder_without_a_manifest_is_a_workspace_where_it_is_named() {
    let folder = folder(&[("rules/security.iom", POLICY), ("plan.json", PLAN)]);
    let named = iomc(folder.path(), &["eval", "rules", "--state", "plan.json", "--format", "json"]).exits(1);
    assert_eq!(named.json()["findings"][0]["policy"], "security.versioned");
    assert_eq!(named.json()["findings"][0]["clause"]["file"], "security.iom");
    let file =
        iomc(folder.path(), &["eval", "rules/security.iom", "--state", "plan.json", "--format", "json"]);
    assert_eq!(file.exits(1).json()["findings"], named.json()["findings"]);
}

#[test]
fn a_part_of_a_workspace_judges_by_its_own_policies() {
    let other = "module other\npolicy also { severity: low  for b: aws.Bucket { require b.versioning } }\n";
    let files =
        [("iom.toml", MANIFEST), ("security.iom", POLICY), ("other/o.iom", other), ("plan.json", PLAN)];
    let folder = folder(&files);
    let policies = |path: &[&str]| {
        let arguments = [&["eval"], path, &["--state", "plan.json", "--format", "json"]].concat();
        iomc(folder.path(), &arguments).json()["summary"]["policies"].as_u64()
    };
    assert_eq!(policies(&[]), Some(3));
    assert_eq!(policies(&["other"]), Some(1));
    assert_eq!(policies(&["security.iom"]), Some(2));
}

#[test]
fn the_example_workspace_is_judged_by_its_own_state() {
    let report = iomc(&payments(), &["eval", "--format", "json", "--at", "2026-11-22"]).json();
    assert_eq!(report["sources"].as_array().map(Vec::len), Some(2));
    assert!(report["summary"]["policies"].as_u64() > Some(3));
    assert!(!report["findings"].as_array().expect("a list").is_empty());
}

#[test]
fn reference_data_is_read_from_its_file() {
    let policy = "module a\ndata names: list<string> from json \"config.json\" at \".names\"\n\
                  policy known { severity: high  for b: aws.Bucket { require b.name in names else \"{b} is not listed\" } }\n";
    let config = "{ \"names\": [\"good\"] }";
    let folder =
        folder(&[("iom.toml", MANIFEST), ("a.iom", policy), ("plan.json", PLAN), ("config.json", config)]);
    let ran = iomc(folder.path(), &with(&["--format", "short"])).exits(1);
    assert!(ran.stdout.contains("aws_s3_bucket.bad is not listed"), "{ran:#?}");
    assert_eq!(ran.stdout.lines().count(), 1, "{ran:#?}");
    std::fs::write(folder.path().join("config.json"), "{").expect("a file");
    iomc(folder.path(), EVAL).exits(2).says("error[IOM0605]: a.iom:2:6: config.json: ");
    std::fs::remove_file(folder.path().join("config.json")).expect("removed");
    iomc(folder.path(), EVAL).exits(2).says("config.json: there is no such file");
}

#[test]
fn a_plan_says_what_is_looked_up_and_what_is_tried() {
    let sample = folder(&[
        ("iom.toml", MANIFEST),
        (
            "rules.iom",
            "module rules\n\nfn same(a: aws.Bucket, b: aws.Bucket): bool = a.name == b.name\n\n\
             policy unique {\n  for b: aws.Bucket where b.versioning {\n    \
             require none other in aws.Bucket: same(other, b) and \"{other}\" < \"{b}\"\n    \
             require not (b.name in [for other in aws.Bucket where not .versioning: other.name ?? \"-\"])\n  }\n}\n\n\
             policy tried {\n  for b: aws.Bucket {\n    require all other in aws.Bucket: \"{other}\" < \"{b}\"\n  }\n}\n\n\
             policy deep {\n  for b: aws.Bucket {\n    require none d in upstream(b): d is aws.KmsKey else \"{path(b, b)}\"\n  }\n}\n",
        ),
        ("plan.json", PLAN),
    ]);
    let ran = |policy: &str, format: &str| {
        iomc(sample.path(), &with(&["--explain-plan", policy, "--format", format, "--quiet"])).exits(0)
    };
    insta::assert_snapshot!(ran("rules.*", "human").stdout);
    let plan = ran("unique", "json").json();
    assert_eq!(plan["plans"][0]["policy"], "rules.unique");
    let access = &plan["plans"][0]["rules"][0]["steps"][0]["accesses"][0];
    assert_eq!((&access["how"], &access["by"][0]["key"]), (&"look_up".into(), &".name".into()));
    iomc(sample.path(), &with(&["--explain-plan", "unique", "--only", "unique"])).exits(2);
    iomc(sample.path(), &with(&["--explain-plan", "nothing"])).exits(2);
}
