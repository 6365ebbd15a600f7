#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::fmt::Write as _;

use iom_base::{TextRange, TextSize};

use super::{CodeAction, FileEdit};
use crate::{Analysis, Verdicts};

const OTHERS: &str = r#"module other.names
const answer: int = 42
kind Key : Resource { name: string  identity name }
"#;

fn workspace(text: &str) -> (Analysis, TextRange) {
    let (start, end) = (text.find('«'), text.find('»'));
    let plain: String = text.chars().filter(|letter| !matches!(letter, '«' | '»')).collect();
    let start = start.unwrap_or(0);
    let end = end.map_or(plain.len(), |end| end - '«'.len_utf8());
    let mut analysis = Analysis::new("nowhere".into());
    analysis.set_files([("main.iom", plain.as_str()), ("other.iom", OTHERS)]);
    (analysis, TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32)))
}

fn applied(analysis: &Analysis, edit: &FileEdit) -> String {
    let mut text = analysis.text(&edit.path).unwrap_or_default().to_owned();
    text.replace_range(usize::from(edit.range.start())..usize::from(edit.range.end()), &edit.text);
    text
}

/// What each action makes of the file.
fn shown(text: &str) -> String {
    let (analysis, range) = workspace(text);
    let mut out = String::new();
    for action in analysis.code_actions("main.iom", range, None) {
        tell(&analysis, &action, &mut out);
    }
    out
}

fn tell(analysis: &Analysis, action: &CodeAction, out: &mut String) {
    let preferred = if action.is_preferred { " (preferred)" } else { "" };
    let template = if action.is_template { " (to fill in)" } else { "" };
    writeln!(out, "== {}{preferred}{template}", action.title).unwrap();
    for edit in &action.edits {
        let text = applied(analysis, edit);
        assert_eq!(iom_fmt::format(&text).as_deref(), Ok(text.as_str()), "formatted");
        out.push_str(&text);
    }
}

#[test]
fn names_are_brought_in() {
    insta::assert_snapshot!(shown("module m\n\nconst x: int = «answer»\n"));
    insta::assert_snapshot!(shown(
        "module m\n\nuse other.names.Key\n\nconst x: int = «answer»\n\nresource k: Key { name: \"k\" }\n"
    ));
}

#[test]
fn what_is_missing_is_filled_in() {
    insta::assert_snapshot!(shown(
        "module m\n\nkind Server : Resource {\n  name: string\n  size: int in 1..9\n  zone: east | west\n  key: ref Server\n  identity name\n}\n\nresource «s»: Server { }\n"
    ));
    insta::assert_snapshot!(shown(
        "module m\n\ntype Zone = east | west | north\n\nfn code(zone: Zone): string = «match zone {\n  east => \"e\"\n}»\n"
    ));
}

#[test]
fn overrides_are_written_and_taken_back() {
    let base = "module m\n\nkind Server : Resource {\n  name: string\n  size: int\n  identity name\n}\n\nresource a: Server {\n  name: \"a\"\n  size: 1\n}\n\n";
    insta::assert_snapshot!(shown(&format!(
        "{base}resource b: Server = a with {{\n  name: \"b\"\n  «size: 2»\n}}\n"
    )));
    insta::assert_snapshot!(shown(&format!(
        "{base}resource b: Server = a with {{\n  name: \"b\"\n  «override size: 2»\n}}\n"
    )));
    insta::assert_snapshot!(shown(
        "module m\n\nkind Server : Resource {\n  name: string\n  size: int\n  identity name\n}\n\nresource a: Server {\n  name: \"a\"\n  «override size: 2 because \"more\"»\n}\n"
    ));
}

#[test]
fn values_are_rewritten() {
    insta::assert_snapshot!(shown("module m\n\nconst yes: bool = «\"true\"»\n"));
    insta::assert_snapshot!(shown("module m\n\nconst names: list<string> = «\"a\"»\n"));
}

#[test]
fn imports_are_put_in_order() {
    let text = "module m\n\nuse other.names.{answer, Key}\nuse org\n\nconst x: int = answer\n";
    let (analysis, _) = workspace(text);
    let mut out = String::new();
    tell(&analysis, &analysis.organize_imports("main.iom").unwrap(), &mut out);
    tell(&analysis, &analysis.fix_all("main.iom").unwrap(), &mut out);
    for action in analysis.code_actions("main.iom", TextRange::new(0.into(), TextSize::of(text)), None) {
        tell(&analysis, &action, &mut out);
    }
    insta::assert_snapshot!(out);
    let (clean, _) = workspace("module m\n\nuse other.names.answer\n\nconst x: int = answer\n");
    assert_eq!((clean.organize_imports("main.iom"), clean.fix_all("main.iom")), (None, None));
}

#[test]
fn a_verdict_is_mended_or_let_be_until_a_date() {
    let text = "module m\n\nkind Server : Resource {\n  name: string\n  size: int\n  identity name\n}\n\nresource sec: org.Team { members: [] }\n\npolicy small {\n  owner: sec\n  max_exception: 7d\n  for s: Server { require s.size < 4 else \"{s} is large\" fix { size: 3 } }\n}\n\nresource big: Server {\n  name: \"big\"\n  «size: 9»\n}\n";
    let (mut analysis, range) = workspace(text);
    let mut verdicts = Verdicts::new();
    verdicts.report(&analysis, 1_795_305_600).unwrap();
    let live = verdicts.live(&analysis).unwrap();
    let actions = analysis.code_actions("main.iom", range, Some(&live));
    let mut out = String::new();
    actions.iter().for_each(|action| tell(&analysis, action, &mut out));
    insta::assert_snapshot!(out);

    let edit = &actions[1].edits[0];
    assert!(edit.is_new_file);
    let text = applied(&analysis, edit);
    analysis.set_files([("exceptions.iom", text.as_str())]);
    verdicts.report(&analysis, 1_795_305_600).unwrap();
    let live = verdicts.live(&analysis).unwrap();
    assert_eq!(live.diagnostics(&analysis, "main.iom"), []);
}

#[test]
fn what_a_policy_proposes_waits_for_its_verdict() {
    let text = "module m\n\nkind Server : Resource {\n  name: string\n  size: int\n  identity name\n}\n\npolicy small { for s: Server { require s.size < 4 fix { size: 3 } } }\n\nresource big: Server {\n  name: \"big\"\n  size: 9\n}\n";
    let (mut analysis, range) = workspace(text);
    let mut verdicts = Verdicts::new();
    verdicts.report(&analysis, 1_795_305_600).unwrap();
    let live = verdicts.live(&analysis).unwrap();
    let titles = |analysis: &Analysis| -> Vec<String> {
        analysis.code_actions("main.iom", range, Some(&live)).into_iter().map(|one| one.title).collect()
    };
    assert_eq!(titles(&analysis)[0], "set size: 3");
    let longer = text.replace("module m\n", "module m\n\n// More.\n");
    analysis.set_files([("main.iom", longer.as_str())]);
    assert!(
        titles(&analysis).iter().all(|title| title.starts_with("write an exception")),
        "{:?}",
        titles(&analysis)
    );
}
