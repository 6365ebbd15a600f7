//! One mistake is one error, and what is sound around it stays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod common;

use common::render;
use iom_syntax::{
    ast::{DeclarationKind, ExprKind, FieldValueHead, Member},
    declarations, lexer, lower, parse,
};

fn errors(text: &str) -> String {
    render(text, &parse(text).errors)
}

fn names(text: &str) -> Vec<String> {
    declarations(&parse(text).syntax())
        .into_iter()
        .map(|declaration| format!("{} {}", declaration.keyword, declaration.name))
        .collect()
}

#[test]
fn five_mistakes_are_five_errors() {
    let text = "\
module payments

resorce first: aws.Bucket {
  name: \"first\"
}

resource second: aws.Bucket {
  versioning true
  tags: { team: \"a\" zone: [\"x\" \"y\"] }
}

policy third {
  for b: aws.Bucket {
    requires b.versioning
    require b.encryption is present else \"no\"
  }
}

const fourth = 24hours
const fifth = 5
";
    insta::assert_snapshot!(errors(text), @r#"
    3:1 IOM0005 `resorce` does not start a declaration | did you mean `resource`?
    8:3 IOM0001 a field needs `:` after its name, but `true` follows | write `versioning: ..`
    9:32 IOM0008 list elements need commas between them | put a `,` before this
    14:5 IOM0006 there is no clause `requires` | did you mean `require`?
    19:16 IOM0004 there is no unit `hours` | write 24h
    "#);
    let expected =
        ["module ", "resource first", "resource second", "policy third", "const fourth", "const fifth"];
    assert_eq!(names(text), expected);
}

#[test]
fn a_missing_brace_is_one_error_and_the_next_declaration_survives() {
    let text = "\
policy a {
  for b: A {
    require b.x

policy c {
  for d: D { require d.y }
}
";
    assert_eq!(
        errors(text),
        "5:1 IOM0002 the body is not closed: a `}` is missing before this `policy` | put a `}` where it ends\n"
    );
    assert_eq!(names(text), ["policy a", "policy c"]);
}

#[test]
fn a_missing_inner_brace_is_found_by_its_column() {
    let text = "\
resource a: K {
  tags: {
    team: \"x\"
  zone: \"y\"
}
resource b: K { }
";
    assert_eq!(
        errors(text),
        "4:3 IOM0002 the body is not closed: a `}` is missing before this `zone` | put a `}` where it ends\n"
    );
    assert_eq!(names(text), ["resource a", "resource b"]);
}

#[test]
fn a_missing_value_costs_only_itself() {
    let text = "resource a: K {\n  owner:\n  environment: prod\n}\n";
    assert_eq!(
        errors(text),
        "3:3 IOM0001 `owner` has no value; `environment` follows | write a value after the `:`\n"
    );
    let DeclarationKind::Resource(resource) = first(text) else { panic!("no resource") };
    let iom_syntax::ast::ResourceValue::Body(body) = resource.value else { panic!("no body") };
    assert_eq!(body.members.len(), 2);
}

#[test]
fn what_is_typed_last_stays_in_the_tree() {
    let text = "policy p {\n  for b: A {\n    require b.\n  }\n}\n";
    assert_eq!(
        errors(text),
        "4:3 IOM0001 expected a field name, found `}` | write a name, or a string for names with other characters\n"
    );
    let DeclarationKind::Policy { body, .. } = first(text) else { panic!("no policy") };
    let Member::Clause(clause) = &body.members[0] else { panic!("no clause") };
    let iom_syntax::ast::ClauseKind::For { body, .. } = &clause.kind else { panic!("no for") };
    let Member::Clause(clause) = &body.members[0] else { panic!("no clause") };
    let iom_syntax::ast::ClauseKind::Require(require) = &clause.kind else { panic!("no require") };
    let ExprKind::Field { base, name, .. } = &require.condition.kind else { panic!("no field") };
    assert_eq!(base.kind, ExprKind::Name("b".into()));
    assert_eq!(name.text, "");
}

#[test]
fn a_missing_value_does_not_swallow_the_next_declaration() {
    let text = "const a =\nresource r: K { }\ntype T =\npolicy p { }\n";
    assert_eq!(errors(text).lines().count(), 2, "{}", errors(text));
    assert_eq!(names(text), ["const a", "resource r", "type T", "policy p"]);
}

#[test]
fn mistakes_inside_brackets_stay_inside() {
    for text in [
        "const a = f(1, @, 3)\nconst b = 1\n",
        "const a = [1, 2 3, 4]\nconst b = 1\n",
        "const a = {x: 1, y 2, z: 3}\nconst b = 1\n",
        "const a = match x { 1 => 2 [3] => 4 _ => 5 }\nconst b = 1\n",
        "const a = (1 2)\nconst b = 1\n",
        "const a = \"x{1 2}y\"\nconst b = 1\n",
        "fn f(a: int b: int): int = a\nconst b = 1\n",
        "const a = x[1 2].y\nconst b = 1\n",
    ] {
        assert_eq!(errors(text).lines().count(), 1, "{text}{}", errors(text));
        assert_eq!(names(text).last().map(String::as_str), Some("const b"), "{text}");
    }
}

#[test]
fn misspelt_words_are_read_as_what_they_mean() {
    for (text, expected) in [
        ("polcy p { }", "policy p"),
        ("resource a: K { }\nexcepton e { reason: \"x\" }", "exception e"),
        ("blueprnt b(x: int) { }", "blueprint b"),
    ] {
        assert_eq!(errors(text).lines().count(), 1, "{}", errors(text));
        assert_eq!(names(text).last().map(String::as_str), Some(expected));
    }
}

#[test]
fn habits_of_other_languages_get_one_error_with_the_way_to_write_it() {
    let rendered = [
        "resource a: K { name = \"x\" }",
        "resource a: K { tags { team: \"x\" } }",
        "const a = x && y",
        "const a = !x",
        "const a = 'x'",
        "const a = 1;",
        "# a comment\nconst a = 1",
        "resource a K { b: 1 }",
        "resource a { b: 1 }",
        "const a = x == 1 ? 2 : 3",
        "policy p { for b in { } }",
        "const a = 100%",
        "resource a: K { a: x else y }",
        "resource \"aws_s3_bucket\" \"a\" { }",
        "const a = x || y",
        "const a = x === y",
        "const a = x <> y",
        "const a = x =~ r\"y\"",
        "policy p { for b: K { require b.x = 1 } }",
        "fn f(x: int) -> int = x",
        "const a := 1",
        "const a = 30 days",
        "const a = [5 GB, 2 Gi]",
        "import aws\nconst a = 1",
        "def f(x: int): int = x",
        "enum Tier { gold silver }",
        "var a = 1",
        "variable \"a\" { }",
        "provider \"aws\" { region: \"eu\" }",
        "rule p { for b: K { require b.x } }",
        "policy p { for b: K require b.x else \"no\" }",
        "test \"x\" { given resource a: K { x: 1 } expect p fails a }",
        "resource a for n in 1..4 = B(n: n)",
    ]
    .map(|text| format!("{text}\n{}", errors(text)))
    .join("\n");
    insta::assert_snapshot!(rendered);
}

#[test]
fn comments_move_no_declaration() {
    let plain = "/// doc\nconst a = 1\nconst b = 2\n";
    let moved = "// before\n\n/// doc\nconst a = 1 // after\n\n// between\nconst b = 2\n";
    let green = |text: &str| -> Vec<_> {
        declarations(&parse(text).syntax()).into_iter().map(|declaration| declaration.green).collect()
    };
    assert_eq!(green(plain), green(moved));
}

#[test]
fn doc_comments_belong_to_what_follows_right_after() {
    let text = "\
/// far away

/// one
/// two
policy p {
  /// of the field
  title: \"x\"
  /// of the clause
  for b: A { require b.x }
}
";
    let outline = declarations(&parse(text).syntax());
    assert_eq!(usize::from(outline[0].offset), text.find("/// one").unwrap());
    let (declaration, spans) = lower(&outline[0].green);
    assert_eq!(declaration.doc.as_deref(), Some("one\ntwo"));
    let start = usize::from(outline[0].offset + spans.range(declaration.id).start());
    assert!(text[start..].starts_with("policy p"));
    let DeclarationKind::Policy { body, .. } = declaration.kind else { panic!("no policy") };
    let Member::Field(field) = &body.members[0] else { panic!("no field") };
    assert_eq!(field.doc.as_deref(), Some("of the field"));
    assert!(matches!(field.value.head, FieldValueHead::Expr(_)));
    let Member::Clause(clause) = &body.members[1] else { panic!("no clause") };
    assert_eq!(clause.doc.as_deref(), Some("of the clause"));
}

/// Every token of the tour taken out or doubled, one at a time.
#[test]
fn a_mistake_in_one_token_is_hardly_ever_more_than_one_error() {
    let (mut one, mut several) = (0, 0);
    for (name, text) in common::corpus("ok").into_iter().filter(|(name, _)| name.starts_with("tour")) {
        for token in lexer::lex(&text).tokens.into_iter().filter(|token| !token.kind.is_trivia()) {
            let (start, end) = (usize::from(token.range.start()), usize::from(token.range.end()));
            for mistake in [
                format!("{}{}", &text[..start], &text[end..]),
                format!("{} {}", &text[..end], &text[start..]),
            ] {
                let found = errors(&mistake);
                match found.lines().count() {
                    0 | 1 => one += 1,
                    2..=4 => several += 1,
                    _ => panic!("{name} with another {:?}:\n{found}", &text[start..end]),
                }
            }
        }
    }
    assert!(several * 10 < one, "{several} of {one} mistakes give several errors");
}

fn first(text: &str) -> DeclarationKind {
    lower(&declarations(&parse(text).syntax())[0].green).0.kind
}

#[test]
fn a_missing_opening_brace_is_one_error() {
    let text = "\
kind K {
  from terraform \"k\"
    name: .name
    other: .other
  }
  a: int
}
const a = 1
";
    assert_eq!(
        errors(text),
        "2:18 IOM0002 the body is not opened: a `{` is missing after this | put a `{` at the end of this line\n"
    );
    assert_eq!(names(text), ["kind K", "const a"]);
}

#[test]
fn values_in_a_kind_are_one_error() {
    let text = "kind K {\n  a: .x\n  b: .y[0] ?? .z\n  c: ref .u\n}\n";
    assert_eq!(errors(text).lines().count(), 1, "{}", errors(text));
}

#[test]
fn a_type_in_parentheses_is_no_value() {
    let parsed = parse("kind A { a: ref (B?)  b: ((B?)) | list<int>  c: secret (string?) }");
    assert_eq!(parsed.errors(), []);
}

#[test]
fn an_unclosed_string_is_one_error_even_inside_brackets() {
    for text in [
        "resource a: K { tags: { x: \"y } }\nconst b = 1\n",
        "resource a: K {\n  x: \"{y.z\n  w: 1\n}\nconst b = 1\n",
        "resource a: K {\n  x: f(\"y)\n  w: 1\n}\nconst b = 1\n",
        "const a = \"x{y\"\nconst b = 1\n",
    ] {
        assert!(errors(text).contains("IOM0003 this string is not closed"), "{}", errors(text));
        assert!(errors(text).lines().count() <= 2, "{text}{}", errors(text));
        assert_eq!(names(text).last().map(String::as_str), Some("const b"), "{text}");
    }
}

#[test]
fn what_is_neither_a_field_nor_a_clause_has_a_next_step() {
    let cases = [
        "policy p { for b: K { when b.name == \"x\" { deny } } }",
        "policy p { if b.name == \"x\" { deny } }",
        "authority a { for c: Change { if c.action == create { deny } } }",
        "policy p { for b: K { b.versioning } }",
        "policy p { for b: K { not b.versioning\n require b.x } }",
        "policy p { for b: K { all x in b.tags: x != \"a\" } }",
        "policy p { for b: K { assert b.versioning } }",
        "policy p { for b: K { require b.versioning \"text\" } }",
        "policy p { for b: K { require b.versioning => \"text\" } }",
        "policy p { for b: K { 3 } }",
        "policy p { K { require b.versioning } }",
        "policy p { title }",
        "blueprint B(n: int) { n > 3 }",
        "blueprint B(n: int) { judges s: K { s.x } }",
        "test \"x\" { b.versioning }",
        "test \"x\" { 3 }",
        "resource b: K { versioning }",
        "resource b for n in 1..3: K { versioning }",
        "resource b: K { a.b }",
        "kind K { name }",
        "kind K { 3 }",
        "kind K { from terraform \"k\" { 3 } }",
        "authority a { for c: Change { 3 } }",
    ];
    let mut all = String::new();
    for case in cases {
        all.push_str(&format!("{case}\n{}", errors(case)));
    }
    insta::assert_snapshot!(all);
}
