//! The formatter keeps every token and comment, and formatting twice changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use iom_base::TextRange;
use iom_fmt::{Edit, format, format_range};
use iom_syntax::{SyntaxKind, SyntaxNode, parse};
use proptest::prelude::*;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All sound source files of the repository.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in ["tests/corpus/ok", "stdlib", "examples"] {
        collect(&root().join(folder), &mut found);
    }
    found.sort();
    assert!(found.len() > 40);
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "iom") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// The tree without white space and commas.
fn shape(node: &SyntaxNode) -> Vec<String> {
    node.descendants_with_tokens()
        .filter(|element| element.kind() != SyntaxKind::Whitespace && element.kind() != SyntaxKind::Comma)
        .map(|element| match element.as_token() {
            Some(token) => format!("{:?} {}", token.kind(), token.text().trim_end()),
            None => format!("{:?}", element.kind()),
        })
        .collect()
}

fn check(name: &str, text: &str) {
    let Ok(once) = format(text) else { return };
    let parsed = parse(&once);
    assert!(parsed.errors.is_empty(), "{name}: {:?}\n{once}", parsed.errors);
    let (before, after) = (shape(&parse(text).syntax()), shape(&parsed.syntax()));
    if let Some((left, right)) = before.iter().zip(&after).find(|(left, right)| left != right) {
        panic!("{name}: {left} became {right}\n{once}");
    }
    assert_eq!(before.len(), after.len(), "{name}");
    let twice = format(&once).unwrap();
    assert_eq!(twice, once, "{name}: formatting twice differs from formatting once\n");
}

#[test]
fn sources_keep_their_tokens_and_the_layout_is_stable() {
    for (path, text) in sources() {
        check(&path.display().to_string(), &text);
    }
}

/// The same with the tokens far apart, and with a comment in every gap.
#[test]
fn odd_spacing_is_brought_into_order() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.to_string_lossy().contains("corpus")) {
        for separator in ["\n", "   ", " // c\n", "\n\n\n// c\n\n"] {
            check(&format!("{} {separator:?}", path.display()), &respaced(&text, separator));
        }
    }
}

fn respaced(text: &str, separator: &str) -> String {
    let mut spaced = String::new();
    let mut strings = 0;
    for token in parse(text).syntax().descendants_with_tokens().filter_map(|element| element.into_token()) {
        match token.kind() {
            SyntaxKind::StringStart => strings += 1,
            SyntaxKind::StringEnd => strings -= 1,
            SyntaxKind::Whitespace if strings == 0 => continue,
            kind if kind.is_trivia() && strings == 0 => {
                spaced.push_str(token.text());
                spaced.push('\n');
                continue;
            }
            _ => {}
        }
        spaced.push_str(token.text());
        if strings == 0 {
            spaced.push_str(separator);
        }
    }
    spaced
}

/// How many cases a property is tried on: a share of `IOM_CASES` where that is set.
fn cases(usual: u32) -> u32 {
    std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(150), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_breaks_are_stable(file in any::<prop::sample::Index>(), seed in prop::collection::vec(0u8..12, 1..200)) {
        let files = sources();
        let (path, text) = &files[file.index(files.len())];
        let mut broken = String::new();
        let mut strings = 0;
        let tokens = parse(text).syntax().descendants_with_tokens().filter_map(|element| element.into_token());
        for (at, token) in tokens.enumerate() {
            match token.kind() {
                SyntaxKind::StringStart => strings += 1,
                SyntaxKind::StringEnd => strings -= 1,
                _ => {}
            }
            broken.push_str(match (token.kind(), seed[at % seed.len()]) {
                (SyntaxKind::Whitespace, choice) if strings == 0 => match choice {
                    0 => "\n",
                    1 => "\n\n\n",
                    2 => " // c\n",
                    3 if !token.text().contains('\n') => "  ",
                    4 if !broken.ends_with("// c\n") && !broken.contains("//") => " ",
                    _ => token.text(),
                },
                _ => token.text(),
            });
        }
        check(&path.display().to_string(), &broken);
    }
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut changed = text.to_owned();
    for edit in edits.iter().rev() {
        changed.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.new_text);
    }
    changed
}

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new((start as u32).into(), (end as u32).into())
}

#[test]
fn a_range_is_formatted_and_nothing_else() {
    let text = "module  m\n\n\n\nconst  a: int=1\nresource b : K {\n      x:1,\n  y:2 }\nconst  c: int=3\n";
    let at = text.find("x:1").unwrap();
    let edits = format_range(text, range(at, at));
    let expected = "module  m\n\n\n\nconst  a: int=1\nresource b : K {\n  x: 1\n  y:2 }\nconst  c: int=3\n";
    assert_eq!(apply(text, &edits), expected, "{edits:?}");
    let all = format_range(text, range(0, text.len()));
    assert_eq!(apply(text, &all), format(text).unwrap());
    assert_eq!(format_range(&format(text).unwrap(), range(0, 40)), []);
}

#[test]
fn a_range_in_a_sound_declaration_of_a_broken_file_is_formatted() {
    let text = "const  a: int=1\nconst  b: int =\n\nconst  d: int=2\nconst  c: int=3\n";
    let at = text.find("c: int").unwrap();
    let edits = format_range(text, range(at, at));
    assert_eq!(apply(text, &edits), text.replace("const  c: int=3", "const c: int = 3"));
    let at = text.find("b: int").unwrap();
    assert_eq!(format_range(text, range(at, at)), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(100), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever lines are chosen: no token is lost or changed, and choosing everything is formatting the file.
    #[test]
    fn ranges_keep_all_tokens(file in any::<prop::sample::Index>(), from in 0usize..4000, width in 0usize..600) {
        let files: Vec<_> =
            sources().into_iter().filter(|(path, _)| path.to_string_lossy().contains("corpus")).collect();
        let (path, text) = &files[file.index(files.len())];
        let text = respaced(text, "\n");
        let from = from.min(text.len());
        let changed = apply(&text, &format_range(&text, range(from, (from + width).min(text.len()))));
        prop_assert_eq!(shape(&parse(&text).syntax()), shape(&parse(&changed).syntax()), "{}", path.display());
        let whole = apply(&text, &format_range(&text, range(0, text.len())));
        prop_assert_eq!(whole, format(&text).unwrap());
    }
}

#[test]
fn a_comma_stays_between_what_it_parts() {
    let text = "use a.{b  // c\n  // d\n, e,\n  f}\nconst  x: list<int> = [1 // c\n  , 2]\n";
    for at in 0..=text.len() {
        let changed = apply(text, &format_range(text, range(at, at)));
        assert_eq!(shape(&parse(text).syntax()), shape(&parse(&changed).syntax()), "{changed}");
        assert_eq!(format(&changed).unwrap(), format(text).unwrap(), "{changed}");
    }
}

#[test]
fn files_with_errors_are_refused() {
    assert_eq!(format("const a =").unwrap_err().len(), 1);
}

#[test]
fn the_house_style() {
    let text = r#"
//! payments
module   payments.prod
use org.people.{ alice,bob }


resource prod : org.Environment{tier:production,fault_domain : "eu-west-1"}
resource orders: aws.Bucket { name : "{ prod.name }-orders", owner: payments, environment: prod, versioning: true, tags: {"cost-center": "4711"} }
resource long: aws.Bucket {
  encryption: { algorithm: aws_kms, key: orders_key }   // kept on one line

  // about the tags

  /// documented
  tags: { "cost-center": "4711", owner: "payments", environment: "production", purpose: "orders of customers", }
  members: [alice,
    bob,]
}
policy p { title: "x"
  for b : aws.Bucket where b.environment.tier==production {
    require encrypted: b.encryption is present and (b.encryption.algorithm == aws_kms or b.encryption.algorithm == aes256) else "{b} is not encrypted" fix { encryption: { algorithm: aws_kms } }
    require not(b.ports covers 1 .. 4) and
      - 1 < b.x
  } }
trait Empty {}
const map : map < string , int > = { }
const match_it = match x { 1 => 2, _ => 3 }
"#;
    insta::assert_snapshot!(format(text).unwrap());
}

#[test]
fn wide_expressions_come_apart_at_their_joints() {
    let text = r#"
const long: bool = first_condition_is_true and second_condition_is_true and third_condition_is_true and fourth_condition_is_true or fifth
const sum: int = aaaaaaaaaaaaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb + cccccccccccccccccccccccccccccccc - ddddddddddd
const pick: int = if aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa then bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb else if ccccccccccc then dddd else eeee
const all_of: list<int> = [for a in aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa where a.b == 3 for c in a.ddddddddddddddddddddddddd where c.e: c.f]
const call: int = function_with_long_name(first_argument: aaaaaaaaaaaaaaaaaaaaa, second: bbbbbbbbbbbbbbbbbbb, third: ccccccccccccccc)
"#;
    let formatted = format(text).unwrap();
    assert_eq!(format(&formatted).unwrap(), formatted);
    assert!(formatted.lines().all(|line| line.len() <= 100), "{formatted}");
    assert!(formatted.contains("\n  and fourth_condition_is_true\n  or fifth\n"), "{formatted}");
    assert!(formatted.contains("\n  else if ccccccccccc"), "{formatted}");
}

#[test]
fn what_a_string_interpolates_stays_on_its_line() {
    let wide = "an_argument_of_some_length: first, ".repeat(4);
    let list = "an_element_of_some_length, ".repeat(5);
    for value in
        [format!("f({wide})"), format!("{{ {wide} }}"), format!("[{list}]"), "a_value ++ ".repeat(12) + "b"]
    {
        let text = format!("const a: string = \"x {{{value}}} y\"\n");
        check("interpolation", &text);
        assert_eq!(format(&text).unwrap().lines().count(), 1, "{text}");
    }
}
