//! What an edit re-runs, read from salsa's own events, in a workspace of 100,000 lines.

#![allow(clippy::unwrap_used)]

mod generated;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use iom_semantic::db::EventLog;
use iom_semantic::{Host, LibrarySelection};

use generated::{FILES, file, large_file};

struct Workspace {
    host: Host,
    log: EventLog,
    texts: Vec<String>,
}

impl Workspace {
    fn cold() -> Workspace {
        let log: EventLog = Arc::new(Mutex::new(Vec::new()));
        let mut host = Host::with_event_log(log.clone());
        let texts: Vec<String> = (0..FILES).map(file).collect();
        let paths: Vec<String> = (0..FILES).map(|number| format!("f{number:04}.iom")).collect();
        host.set_files(paths.iter().zip(&texts).map(|(path, text)| (path.as_str(), text.as_str())));
        assert_eq!(host.diagnostics(), [], "the generated workspace is sound");
        log.lock().unwrap().clear();
        Workspace { host, log, texts }
    }

    /// Changes one file, asks for all diagnostics, and gives how often each query ran.
    fn edit(&mut self, number: usize, change: impl FnOnce(&str) -> String) -> BTreeMap<String, usize> {
        let changed = change(&self.texts[number]);
        assert_ne!(changed, self.texts[number], "the edit changes something");
        self.texts[number] = changed;
        self.host.set_file(&format!("f{number:04}.iom"), &self.texts[number]);
        self.host.diagnostics();
        let mut runs = BTreeMap::new();
        for event in self.log.lock().unwrap().drain(..) {
            let query = event.split('(').next().unwrap_or_default().to_owned();
            *runs.entry(query).or_default() += 1;
        }
        runs
    }
}

fn runs(events: &BTreeMap<String, usize>, query: &str) -> usize {
    events.get(query).copied().unwrap_or(0)
}

#[test]
fn an_edit_re_runs_only_what_it_must() {
    let mut workspace = Workspace::cold();
    let lines: usize = workspace.texts.iter().map(|text| text.lines().count()).sum();
    assert!(lines >= 100_000, "{lines} lines");

    let events = workspace.edit(500, |text| text.replacen("field1: 7", "field1: 8", 1));
    assert_eq!(runs(&events, "parse"), 1, "{events:?}");
    assert_eq!(runs(&events, "check_item"), 1, "one value of one resource: {events:?}");
    assert!(events.values().sum::<usize>() <= 12, "{events:?}");

    let events = workspace.edit(500, |text| format!("\n{text}"));
    assert_eq!(runs(&events, "parse"), 1, "{events:?}");
    assert_eq!(
        runs(&events, "check_item"),
        0,
        "a blank line at the top moves everything and changes nothing: {events:?}"
    );

    let events = workspace.edit(500, |text| text.replacen("// a comment", "// another comment", 1));
    assert_eq!(
        runs(&events, "check_item"),
        0,
        "a comment inside a body is no part of what is checked: {events:?}"
    );

    let events =
        workspace.edit(500, |text| text.replacen("const limit500: int = 50", "const limit500: int = 51", 1));
    assert_eq!(
        runs(&events, "check_item"),
        1,
        "the type of the constant is the same, so its readers stay: {events:?}"
    );

    let events = workspace.edit(500, |text| text.replacen("label: string?", "label: string", 1));
    let checks = runs(&events, "check_item");
    // The kind itself, its six resources, its policy, and those that refer to it from the next file.
    assert!((8..=16).contains(&checks), "a field's type is seen by those who use the kind: {events:?}");

    let events = workspace.edit(500, |text| format!("{text}\nconst added: int = 1\n"));
    assert_eq!(
        runs(&events, "check_item"),
        1,
        "a new name concerns nobody who resolved without it: {events:?}"
    );
}

#[test]
fn an_edit_of_an_open_file_re_runs_no_more() {
    let mut workspace = Workspace::cold();
    workspace.host.open_file("f0500.iom");
    workspace.host.diagnostics();
    workspace.log.lock().unwrap().clear();
    let events = workspace.edit(500, |text| text.replacen("field1: 7", "field1: 8", 1));
    assert_eq!(runs(&events, "check_item"), 1, "{events:?}");
    assert!(events.values().sum::<usize>() <= 12, "{events:?}");
    let mistaken = workspace.texts[500].replacen("size: large", "size: enormous", 1);
    workspace.host.set_file("f0500.iom", &mistaken);
    assert_eq!(workspace.host.diagnostics().len(), 1);
    let renamed = workspace.texts[500].replace("field1", "field1_renamed");
    workspace.host.set_file("f0500.iom", &renamed);
    assert_eq!(workspace.host.diagnostics(), [], "everything in the file follows");
}

/// Of a large file only what changed is read: nobody may notice.
#[test]
fn edits_of_a_large_file_end_where_a_fresh_start_does() {
    let log: EventLog = Arc::new(Mutex::new(Vec::new()));
    let mut warm = Host::with_event_log(log.clone());
    let mut text = large_file(12);
    warm.set_file("large.iom", &text);
    assert_eq!(warm.diagnostics(), []);
    let edits = [
        (
            "field1: 7\n  // a comment\n  size: large\n  label: \"n3\"",
            "field1: 8\n  size: large\n  label: \"n3\"",
            1,
        ),
        ("resource r6_2", "resource r6_2x", 2),
        ("size: large", "size: enormous", 1),
        ("policy p7 {", "policy p7 {{", 50),
        ("policy p7 {{", "policy p7 {", 50),
        ("const limit4", "/// Documented.\nconst limit4", 1),
        ("const limit5: int = 50\n", "", 3),
        ("label: \"n5\"", "label: \"n5", 50),
        ("label: \"n5", "label: \"n5\"", 50),
    ];
    for (from, to, most_checks) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
        log.lock().unwrap().clear();
        warm.set_file("large.iom", &text);
        let found = warm.diagnostics();
        let checks = log.lock().unwrap().iter().filter(|event| event.starts_with("check_item(")).count();
        let mut cold = Host::new();
        cold.set_file("large.iom", &text);
        assert_eq!(found, cold.diagnostics(), "after {from:?} became {to:?}");
        assert!(checks <= most_checks, "{checks} checks after {from:?} became {to:?}");
        let library = LibrarySelection::None;
        let has_errors = found.iter().any(iom_diagnostics::Diagnostic::is_error);
        assert!(has_errors || warm.model(&library).hash() == cold.model(&library).hash());
    }
}

#[test]
fn an_extension_concerns_its_kind_and_those_who_use_it() {
    let mut workspace = Workspace::cold();
    let events = workspace.edit(500, |text| format!("{text}\ntrait Sized {{ weight: int }}\n"));
    assert_eq!(runs(&events, "check_item"), 1, "{events:?}");

    let extension = "extend m400.Machine400 with Sized { weight: 1 }";
    let events = workspace.edit(500, |text| format!("{text}\n{extension}\n"));
    let checks = runs(&events, "check_item");
    // The extension, the kind, its six resources, its policy, and those that refer to it from the next file.
    assert!((9..=18).contains(&checks), "{checks}: {events:?}");
    assert!(runs(&events, "extensions_in") <= 1, "no other file is read: {events:?}");

    let events = workspace.edit(500, |text| text.replacen("weight: 1", "weight: 2", 1));
    assert_eq!(runs(&events, "check_item"), 1, "its body is its own: {events:?}");
    assert_eq!(runs(&events, "nominal_signature"), 0, "{events:?}");

    let events = workspace.edit(300, |text| format!("{text}\ntrait Other {{ }}\n"));
    assert_eq!(runs(&events, "extensions_of"), 0, "a file without extensions changes none: {events:?}");

    let again = "extend m300.Machine300 with m300.Other { }";
    let events = workspace.edit(300, |text| format!("{text}\n{again}\n"));
    let checks = runs(&events, "check_item");
    assert!((2..=18).contains(&checks), "the other kind's readers stay: {checks}: {events:?}");
}

#[test]
fn results_after_edits_are_those_of_a_cold_check() {
    let mut warm = Host::new();
    let paths: Vec<String> = (0..20).map(|number| format!("f{number:04}.iom")).collect();
    let mut texts: Vec<String> = (0..20).map(file).collect();
    let replace = |texts: &mut Vec<String>, number: usize, from: &str, to: &str| {
        texts[number] = texts[number].replace(from, to);
        assert!(texts[number].contains(to));
    };
    // The ring of references closes at the last of twenty files.
    replace(&mut texts, 0, "m999", "m19");
    texts[0] = texts[0].replace("Machine999", "Machine19").replace("r999", "r19");
    warm.set_files(paths.iter().zip(&texts).map(|(path, text)| (path.as_str(), text.as_str())));
    assert_eq!(warm.diagnostics(), []);
    let edits = [
        (3, "size: large", "size: enormous"),
        (5, "label: string?", "label: int?"),
        (7, "module m7", "module n7"),
        (3, "enormous", "small"),
    ];
    for (number, from, to) in edits {
        replace(&mut texts, number, from, to);
        warm.set_file(&paths[number], &texts[number]);
        let mut cold = Host::new();
        cold.set_files(paths.iter().zip(&texts).map(|(path, text)| (path.as_str(), text.as_str())));
        assert_eq!(warm.diagnostics(), cold.diagnostics(), "after {from} became {to}");
        assert!(!warm.diagnostics().is_empty());
    }
}

#[test]
fn an_amendment_concerns_what_it_amends() {
    let log: EventLog = Arc::new(Mutex::new(Vec::new()));
    let mut host = Host::with_event_log(log.clone());
    let file = |host: &mut Host, path: &str, text: &str| {
        log.lock().unwrap().clear();
        host.set_file(path, text);
        assert_eq!(host.diagnostics(), []);
        let ran = log.lock().unwrap();
        ran.iter().filter(|event| event.starts_with("check_item(")).count()
    };
    let kind = "module m\nkind K { a: int?  b: int?  n: string  identity n }\n";
    let mut resources = String::from(kind);
    for number in 0..100 {
        resources.push_str(&format!("resource r{number}: K {{ n: \"r{number}\"  a: {number} }}\n"));
    }
    file(&mut host, "resources.iom", &resources);
    file(&mut host, "copies.iom", "module c\nuse m.*\nresource c = r7 with { n: \"c\" }\n");
    let ran = file(&mut host, "tuning.iom", "module t\nuse m.r7\namend r7 { b: 1 }\n");
    assert!((2..=6).contains(&ran), "the amendment, its file, what it amends, and the copy: {ran}");
    let ran = file(&mut host, "tuning.iom", "module t\nuse m.r7\namend r7 { b: 2 }\n");
    assert_eq!(ran, 2, "another value: the amendment and what it amends, but no copy of it");
    let ran = file(&mut host, "tuning.iom", "module t\nuse m.r7\n// said again\namend r7 { b: 2 }\n");
    assert_eq!(ran, 0, "a comment is nothing that is checked");
    let ran = file(&mut host, "resources.iom", &resources.replace("a: 7 }", "a: 8 }"));
    assert_eq!(ran, 2, "what is amended, and the amendment that is held against it");
}

#[test]
fn an_edited_application_concerns_those_of_its_policy_alone() {
    let log = EventLog::default();
    let mut host = Host::with_event_log(log.clone());
    let policies = "module p\npolicy tagged(tag: string) { for b: aws.Bucket { require b.tags?[tag] is present } }\npolicy named(name: string) { for b: aws.Bucket { require b.name == name } }\n";
    let files = [
        ("p.iom", policies),
        ("a.iom", "module a\nuse p.tagged\napply tagged(\"x\") { mode: advise }\n"),
        ("b.iom", "module b\nuse p.named\napply named(\"x\")\n"),
        ("c.iom", "module c\nuse p.tagged\napply tagged(\"z\")\nconst other: int = 1\n"),
    ];
    host.set_files(files);
    assert_eq!(host.diagnostics(), []);
    let before = host.model(&LibrarySelection::None);
    let mut checks = |text: &str| {
        log.lock().unwrap().clear();
        host.set_file("a.iom", text);
        let found = host.diagnostics().len();
        let events = std::mem::take(&mut *log.lock().unwrap());
        (events.iter().filter(|event| event.starts_with("check_item(")).count(), found)
    };
    let edited = files[1].1.replace("\"x\"", "\"y\"");
    assert_eq!(checks(&edited), (2, 0), "itself, and the other application of the policy");
    assert_eq!(checks(&format!("\n{edited}")), (0, 0), "a blank line changes nothing");
    let clash = edited.replace("\"y\"", "\"z\"");
    assert_eq!(checks(&clash), (2, 1), "the same parameters twice");
    checks(&edited);
    let after = host.model(&LibrarySelection::None);
    assert_ne!(before.hash(), after.hash());
    assert!(after.policies.contains_key("p.tagged(tag: \"y\")"), "{:?}", after.policies.keys());
}
