#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use crate::Completion;
use crate::fixture::Fixture;

const SHOP: &str = r#"//- kinds.iom
module shop.kinds
/// Serves.
kind Server : Resource {
  /// How big it is.
  size: int = 2
  zone: east "e" | west = east
  disk: { gib: int  kind: Disk? }?
  beside: ref Server?
  derive big: bool = .size > 3
  identity (name)
  name: string
  label: string
}
type Disk = slow < fast
fn doubled(of: int): int = of * 2
catalog nist { control "SC-28" { title: "Encryption at rest" } control "AC-1" { title: "Access" } }
blueprint Pair(name: string, zone: string): Resource { resource one: Server { name: name  label: "" } resource two: Server { name: name  label: "" } }
//- things.iom
module shop.things
use shop.kinds.Server
resource first: Server { name: "first"  label: "a" }
resource bucket: aws.Bucket { name: "b" }
resource alice: org.Person { name: "Alice" }
"#;

/// The first suggestions, a line each.
fn completed(text: &str) -> String {
    let fixture = Fixture::new(&format!("{SHOP}//- main.iom\n{text}"));
    let found = fixture.analysis.completions(&fixture.path, fixture.offset);
    let line = |one: &Completion| {
        let mark = if one.is_required { "!" } else { "" };
        let also: Vec<String> = one.also.iter().map(|edit| format!(" + {:?}", edit.text)).collect();
        format!("{}{mark} [{:?}] {} -> {:?}{}", one.label, one.kind, one.detail, one.insert, also.join(""))
    };
    found.items.iter().take(12).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_missing_in_a_body_comes_first() {
    let answers = [
        completed("use shop.kinds.*\nresource a: Server { $0 }\n"),
        completed("use shop.kinds.*\nresource a: Server { name: \"世界😀\"  la$0 }\n"),
        completed("use shop.kinds.*\nresource a: Server { name: \"a\" disk: { $0 } }\n"),
        completed("policy p { title: \"x\"  $0 }\n"),
        completed("exception e {\n  policy: p\n  $0\n}\n"),
    ];
    insta::assert_snapshot!(answers.join("\n=====\n"));
}

#[test]
fn values_of_the_expected_type_come_first() {
    let answers = [
        completed("use shop.kinds.*\nresource a: Server { name: \"a\"  zone: $0 }\n"),
        completed("use shop.kinds.*\nresource a: Server { name: \"a\"  beside: $0 }\n"),
        completed("use shop.kinds.*\nresource a: Server { name: \"a\"  beside: f$0"),
        completed("use shop.kinds.*\npolicy p { for s: Server { require s.zone == $0 } }\n"),
        completed("use shop.kinds.*\npolicy p { for s: Server { require s.$0 } }\n"),
        completed("use shop.kinds.*\npolicy p { for s: Server { require s.disk.$0 } }\n"),
        completed("use shop.kinds.*\npolicy p { for s: Server where .$0 { require true } }\n"),
        completed("use shop.kinds.*\npolicy p { for s: Server { require do$0 } }\n"),
        completed("const n: int = do$0\n"),
        completed("policy p { severity: $0  for r: Resource { require true } }\n"),
        completed("policy p { mode: $0  for r: Resource { require true } }\n"),
        completed("use shop.kinds.nist\npolicy p { covers: [$0]  for r: Resource { require true } }\n"),
        completed("use shop.kinds.nist\npolicy p { covers: [nist.$0]  for r: Resource { require true } }\n"),
        completed(
            "use shop.kinds.nist\npolicy p { covers: [nist.\"S$0\"]  for r: Resource { require true } }\n",
        ),
        completed("policy own { for r: Resource { require tagged: true } }\nexception e { policy: ow$0 }\n"),
        completed(
            "policy own { for r: Resource { require tagged: true } }\nexception e { policy: own.$0 }\n",
        ),
        completed("policy p { owner: a$0  for r: Resource { require true } }\n"),
    ];
    insta::assert_snapshot!(answers.join("\n=====\n"));
}

#[test]
fn names_of_kinds_and_modules_are_completed_and_imported() {
    let answers = [
        completed("resource a: Serv$0 { }\n"),
        completed("module m\n\nuse aws\n\nresource a: Serv$0"),
        completed("resource a: aws.Buc$0 { }\n"),
        completed("use shop.$0\n"),
        completed("use shop.kinds.{Server, dou$0}\n"),
        completed("kind K : Res$0 { }\n"),
        completed("kind K : Resource { size: du$0 }\n"),
        completed("use shop.kinds.Pair\nresource a = Pair(name: \"a\", zone: \"b\")\nconst x = a.$0\n"),
        completed("apply std.baselines.$0\n"),
    ];
    insta::assert_snapshot!(answers.join("\n=====\n"));
}

#[test]
fn words_start_declarations_and_clauses() {
    let answers = [
        completed("res$0"),
        completed("const a = 1\n\npol$0\n\nconst b = 2\n"),
        completed("policy p {\n  for r: Resource {\n    req$0\n  }\n}\n"),
        completed("// a comm$0ent\n"),
        completed("const a = \"te$0xt\"\n"),
        completed("$0"),
    ];
    insta::assert_snapshot!(answers.join("\n=====\n"));
}

#[test]
fn snippets_become_plain_text() {
    let fixture = Fixture::new("res$0");
    let found = fixture.analysis.completions(&fixture.path, fixture.offset);
    let resource = found.items.iter().find(|one| one.label == "resource").unwrap();
    assert_eq!(resource.plain(), "resource name: Kind {\n  \n}");
    assert!(fixture.analysis.completion_doc("field std.prelude.Resource owner").unwrap().contains("answers"));
}

#[test]
fn what_snippets_write_is_iom() {
    let fixture = Fixture::new("$0");
    let found = fixture.analysis.completions(&fixture.path, fixture.offset);
    assert!(found.items.len() > 20);
    for one in &found.items {
        // What is left to be written may be a hole.
        let mut filled = one.clone();
        filled.insert = one.insert.replace("$0", "x");
        let texts = [one.plain(), filled.plain()];
        assert!(texts.iter().any(|text| iom_syntax::parse(text).errors().is_empty()), "{texts:?}");
    }
}
