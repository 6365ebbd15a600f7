//! One mistake in a condition, and clauses after it that rely on what it would have taught.

use std::fmt::Write as _;

use super::shown;

const KINDS: &str = r#"
type Sort = { kind: "s3"  bucket: string? } | { kind: "gcs"  location: string  bucket: string? }
type Lock = { key: ref Key?  days: int? }
kind Key : Resource { name: string?  rotation: bool = false }
trait Store : Resource { lock: Lock?  level: low | high | absent_one = low }
kind Box : Store { name: string?  size: int?  sort: Sort  next: ref Box?  names: list<string>? }
kind Bag : Store { volume: int = 1 }
"#;

/// Each has one mistake, and the clauses after it are right once it is mended.
const ONE_MISTAKE: &[(&str, &str)] = &[
    (
        "a misspelt field in a clause",
        "policy p { for b: Box { require b.lok is present require b.lock.key is present require b.lock.key.rotation } }",
    ),
    (
        "a misspelt field further down",
        "policy p { for b: Box { require b.lock is present and b.lock.ky is present require b.lock.key.rotation and b.lock.key.name != \"x\" } }",
    ),
    ("a misspelt field in `where`", "policy p { for b: Box where b.sise is present { require b.size > 3 } }"),
    (
        "a misspelt field at hand in `where`",
        "policy p { for b: Box { require all o in Box where .sise is present: o.size > 3 } }",
    ),
    ("a misspelt binder", "policy p { for b: Box { require c.size is present require b.size > 3 } }"),
    ("a misspelt field before `and`", "policy p { for b: Box { require b.sise is present and b.size > 3 } }"),
    ("a misspelt field before `or`", "policy p { for b: Box { require b.sise is absent or b.size > 3 } }"),
    (
        "a misspelt field in `if`",
        "policy p { for b: Box { require if b.sise is present then b.size > 3 else b.name == \"x\" } }",
    ),
    (
        "a misspelt field in `match`",
        "policy p { for b: Box { require match b.lok { absent => false  _ => b.lock.key is present } } }",
    ),
    (
        "a misspelt field in `let`",
        "policy p { for b: Box { let key = b.lok?.key require key is present require key.rotation and key.name == \"x\" } }",
    ),
    (
        "a misspelt field in a `for`",
        "policy p { for b: Box for n in b.name_list { require n.size > 3 and n != \"\" } }",
    ),
    (
        "a value of another type",
        "policy p { for b: Box { require b.size == \"3\" require b.size > 3 require b.size + 1 < 9 } }",
    ),
    (
        "not equal to what may be absent",
        "policy p { for b: Box { require b.name != \"x\" require b.name like \"a*\" } }",
    ),
    (
        "a misspelt kind",
        "policy p { for s: Store { require s is Bx require s.size > 3 } for s: Store where s is Bga { require s.volume > 3 } }",
    ),
    (
        "a misspelt branch",
        "policy p { for b: Box where b.sort.kind == \"gc\" { require b.sort.location == \"eu\" } }",
    ),
    (
        "a misspelt function",
        "fn large(n: int): bool = n > 3\npolicy p { for b: Box { require larg(b.size ?? 0) and b.name is present require b.name like \"a*\" } }",
    ),
    ("a name that nobody knows", "policy p { for b: Box { require sized require b.size > 3 } }"),
    ("a clause that is cut off", "policy p { for b: Box { require b.size == require b.size > 3 } }"),
    (
        "a misspelt field in `when`",
        "authority a { for c: Change { deny when c.before.enviroment is present and c.before.environment.tier == production else \"{c.before.environment}\" } }",
    ),
    (
        "a misspelt field in a quantifier",
        "policy p { for b: Box { require any n in b.name_s: n == \"x\" require all n in b.names: n != \"y\" } }",
    ),
    (
        "a misspelt field in a bind",
        "bind b: Box where .sise is present { owner: org.Team named (if b.size > 3 then \"x\" else \"y\") }",
    ),
    (
        "a misspelt field in a derived field",
        "kind Case { lock: Lock?  derive locked: bool = .lok is present and .lock.key is present }",
    ),
    (
        "a misspelt field in a blueprint's clause",
        "blueprint Good(name: string): Store { version: \"1\"  approved_by: []  review_by: 2027-01-01  resource b: Box { name: name  sort: { kind: \"s3\" } }  require b.sise is present  require b.size > 3 }",
    ),
];

/// Each has as many mistakes as it says: a mistake hides only what rests on it.
const SEVERAL: &[(&str, usize, &str)] = &[
    (
        "in clauses about other fields",
        2,
        "policy p { for b: Box { require b.size == \"3\" require b.lock.key is present } }",
    ),
    (
        "about other things",
        2,
        "policy p { for b: Box for o in Box where o.next == b { require b.sise is present require o.size > 3 } }",
    ),
    (
        "of another sort",
        2,
        "policy p { for b: Box { require b.sise is present require b.lock.kye is present } }",
    ),
    (
        "in another rule",
        2,
        "policy p { for b: Box { require b.sise is present } for b: Box { require b.size > 3 } }",
    ),
    ("before it", 2, "policy p { for b: Box { require b.size > 3 require b.sise is present } }"),
    ("of types", 2, "policy p { for b: Box { require b.sise is present require b.size == \"x\" } }"),
];

#[test]
fn one_mistake_is_one_error() {
    let mut all = String::new();
    let mut wrong = Vec::new();
    for (name, source) in ONE_MISTAKE {
        let text = shown(&format!("{KINDS}{source}"));
        let expected = if source.matches(" is Bx ").count() > 0 { 2 } else { 1 };
        if text.matches("IOM").count() != expected {
            wrong.push(*name);
        }
        let _ = writeln!(all, "## {name}\n{text}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn independent_mistakes_are_all_told() {
    for (name, count, source) in SEVERAL {
        let text = shown(&format!("{KINDS}{source}"));
        assert_eq!(text.matches("IOM").count(), *count, "{name}\n{text}");
    }
}
