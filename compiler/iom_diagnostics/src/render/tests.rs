use iom_base::{FileId, Span, TextRange};

use super::{NamedTexts, human, json, short, sort, summary};
use crate::{Applicability, Diagnostic, Edit, Severity, code};

const STORAGE: &str = "\
module security.storage

policy encrypted_at_rest {
  title: \"Object stores are encrypted\"
  for store: ObjectStore {
    require store.encription is present
      else \"{store} is not encrypted\"
  }
}
";

const KINDS: &str = "\
trait ObjectStore : Resource {
  encryption: Encryption?
  public: bool
}
";

fn span(file: FileId, text: &str, part: &str) -> Span {
    let start = text.find(part).expect("the part stands in the text");
    Span::new(file, range(start, start + part.len()))
}

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(u32::try_from(start).unwrap().into(), u32::try_from(end).unwrap().into())
}

fn misspelt(storage: FileId, kinds: FileId) -> Diagnostic {
    let place = span(storage, STORAGE, "encription");
    Diagnostic::new(code::UNKNOWN_FIELD, place, "`ObjectStore` has no field `encription`")
        .label("no such field")
        .also(span(kinds, KINDS, "encryption"), "`encryption` is declared here")
        .note("A policy that reads a field nobody declares would never find anything.")
        .help("did you mean `encryption`?")
        .fix(
            "change it to `encryption`",
            Applicability::Suggested,
            vec![Edit { place, text: "encryption".to_owned() }],
        )
}

fn sample() -> (NamedTexts, Vec<Diagnostic>) {
    let mut texts = NamedTexts::new();
    let kinds = texts.add("std/core.iom", KINDS);
    let storage = texts.add("security/storage.iom", STORAGE);
    let missing_owner = Diagnostic::new(
        code::NO_SUBJECT,
        span(storage, STORAGE, "title: \"Object stores are encrypted\""),
        "a later remark",
    );
    let warning =
        Diagnostic::new(code::UNUSED_IMPORT, span(storage, STORAGE, "security.storage"), "never used");
    (texts, vec![missing_owner, misspelt(storage, kinds), warning])
}

#[test]
fn an_error_with_a_second_place_reads_well() {
    let (texts, diagnostics) = sample();
    insta::assert_snapshot!(human(&diagnostics[1..2], &texts, false));
}

#[test]
fn a_list_is_ordered_and_counted() {
    let (texts, diagnostics) = sample();
    insta::assert_snapshot!(human(&diagnostics, &texts, false));
}

#[test]
fn colour_is_asked_for() {
    let (texts, diagnostics) = sample();
    assert!(!human(&diagnostics, &texts, false).contains('\u{1b}'));
    let colored = human(&diagnostics, &texts, true);
    assert!(colored.contains('\u{1b}'));
    let plain = anstripped(&colored);
    assert_eq!(plain, human(&diagnostics, &texts, false));
}

/// The text without `ESC [ ... m`.
fn anstripped(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn several_places_on_nearby_lines() {
    let text =
        "resource orders: aws.Bucket {\n  name: \"orders\"\n  versioning: true\n  name: \"invoices\"\n}\n";
    let mut texts = NamedTexts::new();
    let file = texts.add("payments/prod.iom", text);
    let first = span(file, text, "name");
    let second = Span::new(file, {
        let start = text.rfind("name").unwrap();
        range(start, start + 4)
    });
    let found = Diagnostic::new(code::DUPLICATE_FIELD, second, "`name` is given twice")
        .label("given again here")
        .also(first, "first given here")
        .help("keep one of the two");
    insta::assert_snapshot!(human(&[found], &texts, false));
}

#[test]
fn a_place_of_several_lines() {
    let text = "resource orders: aws.Bucket {\n  tags: {\n    \"a\": \"b\"\n    \"c\": \"d\"\n  }\n}\n";
    let mut texts = NamedTexts::new();
    let file = texts.add("payments/prod.iom", text);
    let place = span(file, text, "{\n    \"a\": \"b\"\n    \"c\": \"d\"\n  }\n");
    let found = Diagnostic::new(code::TYPE_MISMATCH, place, "`tags` takes a list, this is a map")
        .label("a map of strings");
    insta::assert_snapshot!(human(&[found], &texts, false));
}

#[test]
fn fixes_stand_in_for_a_missing_help() {
    let text = "policy p { titel: \"x\" }\n";
    let mut texts = NamedTexts::new();
    let file = texts.add("a.iom", text);
    let place = span(file, text, "titel");
    let found = Diagnostic::new(code::UNKNOWN_CLAUSE, place, "a policy has no field `titel`").fix(
        "change `titel` to `title`",
        Applicability::Suggested,
        vec![Edit { place, text: "title".to_owned() }],
    );
    insta::assert_snapshot!(human(&[found], &texts, false));
}

#[test]
fn a_file_without_text_is_named_by_its_path() {
    let mut texts = NamedTexts::new();
    let plan = texts.add("plan.json", "");
    let found = Diagnostic::new(
        code::NOT_A_PLAN,
        Span::new(plan, range(0, 0)),
        "this JSON document is not a Terraform plan",
    )
    .label("it has no `planned_values`")
    .help("write one with `terraform show -json plan.out > plan.json`");
    insta::assert_snapshot!(human(std::slice::from_ref(&found), &texts, false));
    insta::assert_snapshot!(short(&[found], &texts));
}

#[test]
fn a_line_too_long_to_show_is_named_by_its_place() {
    let mut texts = NamedTexts::new();
    let text = format!("{{\"format_version\":\"9.0\",\"padding\":\"{}\"}}", "x".repeat(2_000_000));
    let plan = texts.add("plan.json", text.as_str());
    let manifest = texts.add("iom.toml", "path = \"plan.json\"\n");
    let (version, path) = (span(plan, &text, "\"9.0\""), Span::new(manifest, range(7, 18)));
    let in_the_plan = Diagnostic::new(code::UNSUPPORTED_VERSION, version, "format 9.0 is not known")
        .label("found here")
        .also(path, "the plan is named here");
    let in_the_manifest = Diagnostic::new(code::NOT_A_PLAN, path, "this is not a plan I can read")
        .also(version, "its version is 9.0")
        .note("Versions 1.0 to 1.2 are known.");
    insta::assert_snapshot!(human(&[in_the_plan, in_the_manifest], &texts, false));
}

#[test]
fn one_line_each() {
    let (texts, mut diagnostics) = sample();
    diagnostics[0].message.push_str("\nthat goes on\n");
    insta::assert_snapshot!(short(&diagnostics, &texts));
}

#[test]
fn columns_count_characters_and_json_counts_utf16_units() {
    let text = "policy \"🦀é\" x\r\nuse y\r\n";
    let mut texts = NamedTexts::new();
    let file = texts.add("a.iom", text);
    let found = Diagnostic::new(code::UNEXPECTED_TOKEN, span(file, text, "x"), "unexpected name");
    assert_eq!(short(std::slice::from_ref(&found), &texts), "a.iom:1:13: error[IOM0001]: unexpected name\n");
    assert_eq!(
        json(&[found], &texts)[0]["range"]["start"],
        serde_json::json!({ "line": 0, "character": 13 })
    );
}

#[test]
fn json_has_the_shape_of_the_protocol() {
    let (texts, diagnostics) = sample();
    insta::assert_json_snapshot!(json(&diagnostics[1..2], &texts));
}

#[test]
fn nothing_found_is_nothing_said() {
    let texts = NamedTexts::new();
    assert_eq!(human(&[], &texts, true), "");
    assert_eq!(short(&[], &texts), "");
    assert!(json(&[], &texts).is_empty());
    assert_eq!(summary(&[]), None);
}

#[test]
fn the_order_does_not_depend_on_how_diagnostics_came_in() {
    let (texts, diagnostics) = sample();
    let mut forward = diagnostics.clone();
    let mut backward: Vec<_> = diagnostics.into_iter().rev().collect();
    sort(&mut forward, &texts);
    sort(&mut backward, &texts);
    assert_eq!(forward, backward);
    let codes: Vec<u16> = forward.iter().map(|found| found.code.number()).collect();
    assert_eq!(codes, [107, 401, 202]);
}

#[test]
fn the_summary_counts_each_sort() {
    let (_, mut diagnostics) = sample();
    assert_eq!(summary(&diagnostics).as_deref(), Some("2 errors and 1 warning in 1 file"));
    diagnostics[0].severity = Severity::Note;
    assert_eq!(summary(&diagnostics).as_deref(), Some("1 error, 1 warning and 1 note in 1 file"));
}

#[test]
fn escape_codes_in_a_source_do_not_reach_the_terminal() {
    let text = "use \u{1b}[2Jevil\u{202e}\n";
    let mut texts = NamedTexts::new();
    let file = texts.add("a\u{1b}.iom", text);
    let place = span(file, text, "evil");
    let found =
        Diagnostic::new(code::UNKNOWN_NAME, place, "no `\u{1b}[2Jevil`").label("\u{1b}[2J").help("\u{7}");
    for out in [human(std::slice::from_ref(&found), &texts, false), short(&[found], &texts)] {
        assert!(!out.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{out:?}");
        assert!(out.contains("evil"));
    }
}

#[test]
fn any_place_in_any_text_can_be_rendered() {
    let samples = [
        "",
        "\n",
        "a",
        "a\r\n\r\nb",
        "é🦀\n\u{2028}x\r",
        "\u{b}\u{c}\u{85}\n\n",
        "tab\there\n\tand\n",
        "one\ntwo\nthree\nfour",
    ];
    for text in samples {
        let mut texts = NamedTexts::new();
        let file = texts.add("a.iom", text);
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 3 {
                let place = Span::new(file, range(start, end));
                let found = Diagnostic::new(code::INTERNAL, place, "m").label("l").also(place, "again");
                let list = [found];
                assert!(human(&list, &texts, false).contains("a.iom"), "{text:?} {start}..{end}");
                assert_eq!(short(&list, &texts).lines().count(), 1, "{text:?} {start}..{end}");
                assert_eq!(json(&list, &texts).len(), 1);
            }
        }
    }
}
