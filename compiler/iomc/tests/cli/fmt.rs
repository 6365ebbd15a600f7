use crate::support::{MANIFEST, folder, iomc, iomc_with_input};

const UGLY: &str = "module   a\npolicy p {\n      severity:   high,\n}\n";

#[test]
fn check_shows_what_would_change_and_changes_nothing() {
    let folder = folder(&[("iom.toml", MANIFEST), ("a.iom", UGLY)]);
    let ran = iomc(folder.path(), &["fmt", "--check"]).exits(1);
    assert!(ran.stdout.starts_with("--- a.iom\n+++ a.iom (formatted)\n@@ "), "{ran:#?}");
    assert!(ran.stdout.contains("-module   a\n"), "{ran:#?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("a.iom")).expect("a file"), UGLY);
}

#[test]
fn formatted_files_stay_formatted() {
    let folder = folder(&[("iom.toml", MANIFEST), ("a.iom", UGLY)]);
    assert_eq!(iomc(folder.path(), &["fmt"]).exits(0).stdout, "");
    let formatted = std::fs::read_to_string(folder.path().join("a.iom")).expect("a file");
    assert_ne!(formatted, UGLY);
    assert_eq!(iomc(folder.path(), &["fmt", "--check"]).exits(0).stdout, "");
    let piped = iomc_with_input(folder.path(), &["fmt", "-"], UGLY.as_bytes()).exits(0);
    assert_eq!(piped.stdout, formatted);
}

#[test]
fn one_broken_file_stops_all_from_being_written() {
    let folder = folder(&[("iom.toml", MANIFEST), ("a.iom", UGLY), ("b.iom", "module b\npolicy {{{\n")]);
    iomc(folder.path(), &["fmt"]).exits(2).says("b.iom");
    assert_eq!(std::fs::read_to_string(folder.path().join("a.iom")).expect("a file"), UGLY);
    iomc_with_input(folder.path(), &["fmt", "-"], b"policy {{{").exits(2).says("<stdin>");
    iomc_with_input(folder.path(), &["fmt", "-"], b"\xff\xff").exits(2).says("not valid UTF-8");
}
