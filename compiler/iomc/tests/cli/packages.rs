//! Dependencies by path: what of them is seen, what of them judges, and the lock file.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{PLAN, Ran, folder, iomc};

const MAIN: &str = r#"[package]
name = "payments"
version = "0.1.0"
edition = "2026"

[dependencies]
std = "*"
shared-policies = { path = "../policies" }
"#;

const SHARED: &str = "[package]\nname = \"shared-policies\"\nversion = \"1.0.0\"\nedition = \"2026\"\n";

const STORAGE: &str = r#"module storage
use naming.is_good

policy versioned {
  title: "Buckets keep old versions"
  severity: high
  for b: aws.Bucket { require b.versioning else "{b} is not versioned" }
}

policy named(prefix: string) {
  for b: aws.Bucket { require is_good(b.name ?? "", prefix) else "{b} does not begin with {prefix}" }
}

group both { policies: [versioned, named("g")]  mode: advise }
"#;

const NAMING: &str =
    "module naming\nfn is_good(name: string, prefix: string): bool = starts_with(name, prefix)\n";

/// A workspace `main` beside a package `policies`, with more files.
fn workspace(main: &str, more: &[(&str, &str)]) -> TempDir {
    let mut files = vec![
        ("main/iom.toml", MAIN),
        ("main/a.iom", main),
        ("main/plan.json", PLAN),
        ("policies/iom.toml", SHARED),
        ("policies/storage.iom", STORAGE),
        ("policies/naming.iom", NAMING),
    ];
    files.retain(|(path, _)| !more.iter().any(|(other, _)| other == path));
    files.extend_from_slice(more);
    folder(&files)
}

fn run(folder: &TempDir, arguments: &[&str]) -> Ran {
    iomc(&folder.path().join("main"), arguments)
}

fn eval(folder: &TempDir) -> Value {
    run(folder, &["eval", "--state", "plan.json", "--at", "2026-11-22", "--format", "json"]).json()
}

fn judged(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list");
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    findings.iter().map(|one| format!("{} {}", text(one, "policy"), text(one, "mode"))).collect()
}

#[test]
fn a_dependency_judges_where_it_is_applied() {
    let silent = workspace("const a: int = 1\n", &[]);
    run(&silent, &["check"]).exits(0);
    assert_eq!(eval(&silent)["summary"]["policies"], 0, "nothing of a dependency judges by itself");

    let one = workspace("use shared_policies.storage\napply storage.versioned { mode: advise }\n", &[]);
    assert_eq!(judged(&eval(&one)), ["shared_policies.storage.versioned advise"]);
    let finding = &eval(&one)["findings"][0];
    assert_eq!(finding["clause"]["file"], "../policies/storage.iom");

    let module = workspace("apply shared_policies { severity: low }\n", &[]);
    assert_eq!(judged(&eval(&module)), ["shared_policies.storage.versioned enforce"]);

    let group = workspace("apply shared_policies.storage.both\n", &[]);
    let expected = ["shared_policies.storage.named advise", "shared_policies.storage.versioned advise"];
    assert_eq!(judged(&eval(&group)), expected);

    let parametric = workspace("use shared_policies.storage.named\napply named(prefix: \"ba\")\n", &[]);
    assert_eq!(judged(&eval(&parametric)), ["shared_policies.storage.named enforce"]);
}

#[test]
fn a_misspelt_name_in_a_dependency_is_named() {
    let misspelt = workspace("apply shared_policies.storage.versiond { mode: advise }\n", &[]);
    let ran = run(&misspelt, &["check", "--format", "short"]).exits(1);
    assert!(ran.stdout.contains("a.iom:1:31"), "{ran:#?}");
    assert!(ran.stdout.contains("`shared_policies.storage` has no `versiond`"), "{ran:#?}");
    let people = run(&misspelt, &["check"]).exits(1);
    assert!(people.stdout.contains("did you mean `versioned`?"), "{people:#?}");
    let taken = workspace("module shared_policies.mine\nconst a: int = 1\n", &[]);
    let ran = run(&taken, &["check", "--format", "short"]).exits(1);
    assert!(ran.stdout.contains("IOM0840"), "{ran:#?}");
}

#[test]
fn mistakes_of_a_dependency_are_shown_and_its_remarks_are_not() {
    let wrong =
        workspace("const a: int = 1\n", &[("policies/naming.iom", "module naming\nconst b: int = \"x\"\n")]);
    let ran = run(&wrong, &["check", "--format", "short"]).exits(1);
    assert!(ran.stdout.contains("../policies/naming.iom:2:16: error[IOM0201]"), "{ran:#?}");
    let remark = ("policies/unused.iom", "module other\nuse naming.is_good\n");
    let ran = run(&workspace("const a: int = 1\n", &[remark]), &["check"]).exits(0);
    assert_eq!(ran.stdout, "1 file checked, nothing wrong.\n", "{ran:#?}");
}

#[test]
fn packages_are_found_through_packages_and_seen_only_where_they_are_named() {
    let shared = format!("{SHARED}\n[dependencies]\nbase = {{ path = \"../base\" }}\n");
    let more: &[(&str, &str)] = &[
        ("policies/iom.toml", &shared),
        ("policies/uses.iom", "module uses\nuse base.limits.least\nconst twice: int = least\n"),
        ("base/iom.toml", "[package]\nname = \"base\"\nedition = \"2026\"\n"),
        ("base/limits.iom", "module limits\nconst least: int = 3\n"),
    ];
    run(&workspace("use shared_policies.uses.twice\nconst a: int = twice\n", more), &["check"]).exits(0);
    let ran = run(&workspace("use base.limits.least\nconst a: int = least\n", more), &["check"]).exits(1);
    assert!(ran.stdout.contains("`base` is a package that this one does not depend on itself"), "{ran:#?}");
}

/// What is wrong with a manifest, one line each.
fn refusals(manifest: &str, more: &[(&str, &str)]) -> String {
    let manifest =
        format!("[package]\nname = \"payments\"\nedition = \"2026\"\n\n[dependencies]\n{manifest}");
    let files = [&[("main/iom.toml", manifest.as_str())], more].concat();
    // One mistake, one error: what cannot be found because of it is not complained about.
    let main = "use shared.storage.versioned\napply versioned { mode: advise }\napply shared.storage { severity: low }\n";
    let main =
        if manifest.starts_with("shared") && !files.iter().any(|(path, _)| *path == "policies/iom.toml") {
            main
        } else {
            "const a: int = 1\n"
        };
    let ran = run(&workspace(main, &files), &["check"]).exits(1);
    assert_eq!(run(&workspace("const a: int = 1\n", &files), &["eval", "--state", "plan.json"]).status, 2);
    ran.stdout
}

#[test]
fn every_mistake_in_a_dependency_is_named_at_its_place() {
    let back =
        "[package]\nname = \"b\"\nedition = \"2026\"\n\n[dependencies]\nthird = { path = \"../third\" }\n";
    let third = "[package]\nname = \"c\"\nedition = \"2026\"\n\n[dependencies]\nsecond = { path = \"../policies\" }\n";
    let mut all = String::new();
    for (name, manifest, more) in [
        ("a missing folder", "shared = { path = \"../polices\" }", &[][..]),
        ("a file", "shared = { path = \"a.iom\" }", &[]),
        ("no package", "shared = { path = \"sub\" }", &[("main/sub/x.iom", "const b: int = 1\n")]),
        ("a name of the library", "aws = { path = \"../policies\" }", &[]),
        ("no name", "\"1a b\" = { path = \"../policies\" }", &[]),
        (
            "two names for one package",
            "one = { path = \"../policies\" }\ntwo = { path = \"../policies\" }",
            &[],
        ),
        ("itself", "own = { path = \".\" }", &[]),
        (
            "a ring",
            "second = { path = \"../policies\" }",
            &[("policies/iom.toml", back), ("third/iom.toml", third)],
        ),
        (
            "an unknown edition there",
            "shared = { path = \"../policies\" }",
            &[("policies/iom.toml", "[package]\nedition = \"2030\"\n")],
        ),
    ] {
        all.push_str(&format!("## {name}\n{}\n", refusals(manifest, more)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_lock_file_is_written_once_and_then_compared() {
    let workspace = workspace("apply shared_policies.storage.versioned\n", &[]);
    let lock = workspace.path().join("main/iom.lock");
    run(&workspace, &["check"]).exits(0);
    let first = std::fs::read_to_string(&lock).expect("a lock file");
    assert!(first.contains("name = \"shared_policies\"\npath = \"../policies\"\nsha256 = \""), "{first}");
    run(&workspace, &["check"]).exits(0);
    assert_eq!(std::fs::read_to_string(&lock).expect("a lock file"), first);

    let source = workspace.path().join("policies/storage.iom");
    std::fs::write(&source, STORAGE.replace("severity: high", "severity: low")).expect("a file");
    let ran = run(&workspace, &["check"]).exits(1);
    for part in
        ["IOM0841", "`shared_policies` is not what iom.lock says it was", "iom.toml:8:1", "--update-lock"]
    {
        assert!(ran.stdout.contains(part), "no `{part}` in {ran:#?}");
    }
    run(&workspace, &["eval", "--state", "plan.json"]).exits(2).says("IOM0841");
    assert_eq!(
        std::fs::read_to_string(&lock).expect("a lock file"),
        first,
        "nothing is written after a mismatch"
    );
    run(&workspace, &["check", "--update-lock"]).exits(0);
    assert_ne!(std::fs::read_to_string(&lock).expect("a lock file"), first);
    run(&workspace, &["check"]).exits(0);

    std::fs::write(&lock, "[[").expect("a file");
    let ran = run(&workspace, &["check"]).exits(1);
    assert!(ran.stdout.contains("iom.lock cannot be read"), "{ran:#?}");
}

#[test]
fn what_a_dependency_reads_is_its_own_and_stays_inside() {
    let data = "module owners\ndata names: list<string> from json \"names.json\"\npolicy listed { for b: aws.Bucket { require b.name in names else \"{b} is not listed\" } }\n";
    let reads: &[(&str, &str)] = &[("policies/owners.iom", data), ("policies/names.json", "[\"good\"]")];
    let good = workspace("apply shared_policies.owners.listed\n", reads);
    assert_eq!(judged(&eval(&good)), ["shared_policies.owners.listed enforce"]);
    let before = std::fs::read_to_string(good.path().join("main/iom.lock")).expect("a lock file");
    std::fs::write(good.path().join("policies/names.json"), "[]").expect("a file");
    run(&good, &["check"]).exits(1);
    assert!(before.contains("sha256"));

    for written in ["../secret.json", "/etc/passwd", "a/../../b.json"] {
        let main = format!("data names: list<string> from json \"{written}\"\n");
        let ran = run(&workspace(&main, &[]), &["check", "--format", "short"]).exits(1);
        assert!(ran.stdout.contains("leads out of the package"), "{written}: {ran:#?}");
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_workspace_are_refused() {
    let main = "data names: list<string> from json \"names.json\"\npolicy listed { for b: aws.Bucket { require b.name in names } }\n";
    let linked = workspace(main, &[("outside/names.json", "[\"good\"]")]);
    std::os::unix::fs::symlink(
        linked.path().join("outside/names.json"),
        linked.path().join("main/names.json"),
    )
    .expect("a link");
    run(&linked, &["eval", "--state", "plan.json"]).exits(2).says("a link leads out of the workspace");
}

#[test]
fn resources_of_a_dependency_are_named_and_not_amended() {
    let teams = ("policies/teams.iom", "module teams\nresource security: org.Team { }\n");
    let named = "resource keys: aws.KmsKey { owner: shared_policies.teams.security }\n";
    run(&workspace(named, &[teams]), &["check"]).exits(0);
    let amended = "amend shared_policies.teams.security { contact: \"#security\" }\n";
    let ran = run(&workspace(amended, &[teams]), &["check"]).exits(1);
    assert!(ran.stdout.contains("1 error"), "{ran:#?}");
}

#[test]
fn a_run_that_cannot_judge_writes_no_lock_file() {
    let workspace = workspace("apply shared_policies.storage.versioned\n", &[]);
    run(&workspace, &["eval", "--state", "nothing.json"]).exits(2);
    assert!(!workspace.path().join("main/iom.lock").exists());
    run(&workspace, &["eval", "--state", "plan.json"]).exits(1);
    assert!(workspace.path().join("main/iom.lock").exists());
}
