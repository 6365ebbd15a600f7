use crate::support::{MANIFEST, POLICY, folder, iomc, payments, repository, sample};

#[test]
fn nothing_wrong_is_one_line() {
    let ran = iomc(sample().path(), &["check"]).exits(0);
    assert_eq!(ran.stdout, "1 file checked, nothing wrong.\n");
    assert_eq!(iomc(sample().path(), &["check", "--quiet"]).exits(0).stdout, "");
    iomc(&payments(), &["check", "--deny-warnings"]).exits(0);
    iomc(&repository().join("tests/bench/estate"), &["check", "--deny-warnings"]).exits(0);
}

#[test]
fn a_misspelt_field_is_named_with_its_place_and_neighbour() {
    let broken = POLICY.replace("b.versioning", "b.versionin");
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", &broken)]);
    let ran = iomc(folder.path(), &["check"]).exits(1);
    assert!(ran.stdout.contains("security.iom:8:") && ran.stdout.contains("`versioning`"), "{ran:#?}");
    let short = iomc(folder.path(), &["check", "--format", "short"]).exits(1);
    assert!(short.stdout.starts_with("security.iom:8:21: error[IOM0202]: "), "{short:#?}");
    let json = iomc(folder.path(), &["check", "--format", "json"]).exits(1).json();
    assert_eq!(json["diagnostics"][0]["code"], "IOM0202");
    assert_eq!(json["diagnostics"][0]["file"], "security.iom");
}

#[test]
fn a_file_of_a_workspace_is_checked_with_the_rest_and_reported_alone() {
    let broken = POLICY.replace("b.versioning", "b.versionin").replace("module security", "module broken");
    let user = "module user\nuse broken.versioned\n";
    let folder = folder(&[("iom.toml", MANIFEST), ("broken.iom", &broken), ("user.iom", user)]);
    iomc(folder.path(), &["check"]).exits(1);
    iomc(folder.path(), &["check", "user.iom"]).exits(0);
    iomc(folder.path(), &["check", "broken.iom"]).exits(1);
}

#[test]
fn manifest_mistakes_are_diagnostics() {
    let manifest = "[package]\nname = \"x\"\nverison = \"1\"\n\n[[state]]\nformat = \"terraform-pln\"\npath = \"p.json\"\n";
    let folder = folder(&[("iom.toml", manifest)]);
    let ran = iomc(folder.path(), &["check", "--format", "short"]).exits(1);
    assert_eq!(
        ran.stdout,
        "iom.toml:3:1: error[IOM0801]: package has no `verison`; did you mean `version`?\n\
         iom.toml:6:10: error[IOM0801]: there is no format `terraform-pln`; did you mean `terraform-plan`?\n"
    );
    let ran = iomc(folder.path(), &["eval", "--state", "p.json"]).exits(2);
    assert!(ran.stderr.contains("did you mean `version`?"), "{ran:#?}");
}

#[test]
fn files_that_are_no_text_are_named() {
    let folder = folder(&[("iom.toml", MANIFEST)]);
    std::fs::write(folder.path().join("latin.iom"), b"module a\n// caf\xe9\n").expect("a file");
    std::fs::write(folder.path().join("wide.iom"), b"\xff\xfem\0o\0d\0").expect("a file");
    let ran = iomc(folder.path(), &["check", "--format", "short"]).exits(1);
    assert_eq!(
        ran.stdout,
        "latin.iom: error[IOM0012]: line 2 is not valid UTF-8\n\
         wide.iom: error[IOM0012]: the file is UTF-16; iom is written in UTF-8\n"
    );
    iomc(folder.path(), &["eval"]).exits(2).says("line 2 is not valid UTF-8");
}

#[test]
fn what_is_not_part_of_the_workspace_is_left_alone() {
    let broken = "module x\npolicy {{{\n";
    let folder = folder(&[
        ("iom.toml", MANIFEST),
        ("security.iom", POLICY),
        (".gitignore", "generated/\n"),
        ("generated/a.iom", broken),
        (".hidden/a.iom", broken),
        ("inner/iom.toml", MANIFEST),
        ("inner/a.iom", broken),
    ]);
    iomc(folder.path(), &["check"]).exits(0);
    iomc(folder.path(), &["check", "inner"]).exits(1);
}
