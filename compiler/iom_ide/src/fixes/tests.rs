use iom_diagnostics::Applicability;
use iom_eval::report::Verdict;

use super::PolicyFix;
use crate::{Analysis, Verdicts};

/// What becomes of the files with all fixes of failing clauses done once, and what is left to do by hand.
fn mended(files: &[(&str, &str)]) -> (Vec<(String, String)>, Vec<String>) {
    let mut analysis = Analysis::new(std::path::PathBuf::new());
    analysis.set_files(files.iter().copied());
    let mut verdicts = Verdicts::new();
    let report = verdicts.report(&analysis, 1_700_000_000);
    let report =
        report.unwrap_or_else(|why| panic!("{why:?}: {:?}", analysis.diagnostics(files[0].0))).clone();
    let model = analysis.model().unwrap();
    let mut texts: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let mut by_hand = Vec::new();
    let mut edits = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        match analysis.policy_fix(&model, finding) {
            Some(PolicyFix::Edits(fix)) => {
                if fix.applicability != Applicability::Safe {
                    by_hand.push(format!("suggested: {}", fix.title));
                }
                edits.extend(fix.edits);
            }
            Some(PolicyFix::ByHand(changes)) => by_hand.extend(changes.into_iter().map(|change| {
                let place = change.place.map(|place| format!("{}:{}: ", place.file, place.line));
                format!("{}{}; {}", place.unwrap_or_default(), change.what, change.why)
            })),
            None => {}
        }
    }
    edits.sort_by_key(|edit| edit.place.start());
    for edit in edits.iter().rev() {
        let path = analysis.path(edit.place.file);
        let (_, text) = texts.iter_mut().find(|(own, _)| own == path).unwrap();
        let range = edit.place.range();
        text.replace_range(usize::from(range.start())..usize::from(range.end()), &edit.text);
    }
    (texts, by_hand)
}

const RULES: &str = r#"
module rules
type Encryption = { algorithm: aes | kms  key: string? }
type Part = { name: string  privileged: bool = false }
type Pod = { host_pid: bool = false  parts: list<Part> = []  init: list<Part> = []  derive all: list<Part> = .parts ++ .init }
trait Stored : Resource { encryption: Encryption? }
kind Store : Stored { name: string  versioning: bool = false  encryption: Encryption?  pod: Pod = {}  tags: map<string, string> = {}  identity (name) }
policy versioned { severity: high  for s: Store { require s.versioning else "no" fix { versioning: true } } }
policy encrypted {
  severity: high
  for s: Store { require s.encryption?.algorithm == kms else "no" fix { encryption: { algorithm: kms } } }
}
policy apart { severity: high  for s: Store { require not s.pod.host_pid else "no" fix { pod.host_pid: false } } }
policy unprivileged {
  severity: high
  for s: Store for p in s.pod.all { require not p.privileged else "{p.name}" fix p { privileged: false } }
}
"#;

fn mended_text(text: &str) -> String {
    let (texts, by_hand) = mended(&[("main.iom", text), ("rules.iom", RULES)]);
    let mut out = texts[0].1.clone();
    by_hand.iter().for_each(|line| out.push_str(&format!("// {line}\n")));
    out
}

#[test]
fn fields_are_added_where_the_kind_declares_them() {
    insta::assert_snapshot!(mended_text(
        "module m\nuse rules.*\nresource a: Store {\n  name: \"a\"\n  // Whose.\n  tags: {}\n}\n\
         resource b: Store { name: \"b\" }\nresource c: Store {\n  tags: {}\n  name: \"c\"\n}\n"
    ));
}

#[test]
fn what_is_written_is_replaced() {
    insta::assert_snapshot!(mended_text(
        "module m\nuse rules.*\nresource a: Store {\n  name: \"a\"\n  versioning: false // not yet\n  \
         encryption: { algorithm: aes }\n  pod: { host_pid: true  parts: [{ name: \"x\" }, { name: \"y\"  privileged: true }] }\n}\n\
         resource b: Store {\n  name: \"b\"\n  versioning: true\n  encryption.algorithm: aes\n  encryption.key: \"k\"\n  \
         pod.host_pid: true\n  pod.init: [{ name: \"z\"  privileged: true }]\n}\n"
    ));
}

#[test]
fn what_comes_from_elsewhere_is_changed_there_or_told() {
    insta::assert_snapshot!(mended_text(
        "module m\nuse rules.*\n\
         resource base: Store { name: \"base\"  versioning: true  encryption.algorithm: kms }\n\
         resource copy: Store = base with { name: \"copy\"  override versioning: false because \"scratch\" }\n\
         resource loose: Store { name: \"loose\"  versioning: false  encryption.algorithm: kms }\n\
         resource again: Store = loose with { name: \"again\" }\n\
         resource amended: Store { name: \"amended\"  encryption.algorithm: kms }\n\
         amend amended { versioning: false }\n\
         resource many for n in [1, 2]: Store { name: \"many{n}\"  encryption.algorithm: kms }\n\
         const parts: list<Part> = [{ name: \"p\"  privileged: true }]\n\
         resource computed: Store { name: \"computed\"  versioning: true  encryption.algorithm: kms  pod.parts: parts }\n\
         blueprint Safe(name: string, versions: bool = false): Stored {\n  version: \"1.0.0\"\n  \
         resource store: Store { name: name  versioning: versions  encryption.algorithm: aes }\n}\n\
         resource built = Safe(name: \"built\", versions: false)\n\
         resource plain = Safe(name: \"plain\")\n"
    ));
}
