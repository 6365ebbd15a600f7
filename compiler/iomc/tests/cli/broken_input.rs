use crate::support::{MANIFEST, PLAN, POLICY, Ran, folder, iomc};

/// Judges a plan of these bytes.
fn eval(bytes: &[u8]) -> Ran {
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY)]);
    std::fs::write(folder.path().join("plan.json"), bytes).expect("a file");
    let arguments = ["eval", "--state", "plan.json", "--format", "json", "--out", "report.json"];
    let ran = iomc(folder.path(), &arguments);
    if ran.status == 2 {
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("plan.json"), "the file is named: {ran:#?}");
        assert!(!ran.stderr.contains("IOM0999"), "{ran:#?}");
        assert!(!folder.path().join("report.json").exists());
    }
    ran
}

#[test]
fn what_is_no_plan_is_refused() {
    eval(b"").exits(2).says("empty");
    eval(b"hello").exits(2);
    eval(b"{}").exits(2).says("error[IOM0604]");
    eval(b"[1, 2, 3]").exits(2);
    eval(b"apiVersion: v1\nkind: Pod\nspec: [\n").exits(2).says("plan.json:");
    eval(b"\x1f\x8b\x08\x00").exits(2).says("gzip");
    eval(b"\x00\x01\x02\x03").exits(2);
}

#[test]
fn broken_text_is_refused_with_its_place() {
    eval(PLAN.as_bytes().get(..PLAN.len() / 2).expect("half a plan")).exits(2).says("plan.json:");
    eval(PLAN.replace("\"good\"", "\"go\u{7}od\"").as_bytes()).exits(2);
    let mut wrong = PLAN.as_bytes().to_vec();
    wrong[100] = 0xff;
    eval(&wrong).exits(2).says("plan.json:");
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    eval(deep.as_bytes()).exits(2);
    let deep = PLAN.replace(
        "\"bucket\": \"bad\"",
        &format!("\"bucket\": {}1{}", "[".repeat(100_000), "]".repeat(100_000)),
    );
    eval(deep.as_bytes()).exits(2);
}

#[test]
fn one_unusable_source_of_several_is_enough() {
    let folder =
        folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY), ("plan.json", PLAN), ("bad.json", "{")]);
    let ran = iomc(folder.path(), &["eval", "--state", "plan.json", "--state", "bad.json"])
        .exits(2)
        .says("bad.json");
    assert_eq!(ran.stdout, "");
}

#[test]
fn deep_sources_are_refused_without_a_crash() {
    let deep = format!("module a\nconst x = {}1{}\n", "(".repeat(100_000), ")".repeat(100_000));
    let folder = folder(&[("iom.toml", MANIFEST), ("a.iom", &deep)]);
    let ran = iomc(folder.path(), &["check", "--format", "short"]).exits(1);
    assert!(ran.stdout.contains("IOM0010"), "{:.300}", ran.stdout);
}

#[test]
fn folders_and_other_files_are_named() {
    let folder = folder(&[("iom.toml", MANIFEST), ("plan.json", PLAN)]);
    let empty = tempfile::tempdir().expect("a folder");
    iomc(empty.path(), &["eval", "--state", "."]).exits(2).says("nothing in this folder");
    iomc(folder.path(), &["check", "plan.json"]).exits(2).says("neither a folder nor an .iom file");
    iomc(folder.path(), &["eval", "--state", "kubernetes:plan.json"]).exits(2);
}
