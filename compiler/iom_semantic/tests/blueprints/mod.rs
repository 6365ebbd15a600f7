//! What people read when a blueprint, or something made from one, is wrong.

use std::fmt::Write as _;

use super::shown;

const KINDS: &str = r#"
trait Store : Resource { versioning: bool = false }
kind Bucket : Store { name: string?  versioning: bool = false  encryption: { algorithm: aes256 | kms  rotate: bool? }?  block: bool?  identity name }
kind Volume : Store { name: string?  versioning: bool = false  size: int = 1  identity name }
kind Block { bucket: ref Bucket  acls: bool = true }
resource sec_lead: org.Person { }
resource payments: org.Team { }
resource prod: org.Environment { tier: production }
blueprint Secure(name: string, env: ref org.Environment, owner: ref org.Team, versions: bool = true): Store {
  version: "1.2.0"  approved_by: [sec_lead]  review_by: 2027-06-01
  resource store: Bucket { name: name  owner: owner  environment: env  versioning: versions }
  resource block: Block { bucket: store }
  require versioned: store.versioning else "{store} is not versioned"
}
"#;

/// A name for the case, and what stands after the kinds.
const CASES: &[(&str, &str)] = &[
    ("an instance", "resource invoices = Secure(name: \"invoices\", env: prod, owner: payments)"),
    (
        "parts of an instance",
        "resource a = Secure(name: \"a\", env: prod, owner: payments)\nresource b: Bucket { name: \"{a.name}-{a.block.acls}\"  owner: a.owner }\nresource c: Block { bucket: a.block.bucket }",
    ),
    ("many instances", "resource a for n in 1..4 = Secure(name: \"a-{n}\", env: prod, owner: payments)"),
    ("misspelt argument", "resource a = Secure(nmae: \"a\", env: prod, owner: payments)"),
    ("missing arguments", "resource a = Secure(name: \"a\")"),
    ("argument of another type", "resource a = Secure(name: 3, env: payments, owner: payments)"),
    ("argument given twice", "resource a = Secure(name: \"a\", name: \"b\", env: prod, owner: payments)"),
    ("one argument too many", "resource a = Secure(\"a\", prod, payments, true, 5)"),
    ("misspelt blueprint", "resource a = Secur(name: \"a\", env: prod, owner: payments)"),
    (
        "misspelt part",
        "resource a = Secure(name: \"a\", env: prod, owner: payments)\nresource b: Block { bucket: a.blokc.bucket }",
    ),
    ("a blueprint as a value", "const c = Secure(name: \"a\", env: prod, owner: payments)"),
    ("an instance of another kind", "resource a: Volume = Secure(name: \"a\", env: prod, owner: payments)"),
    (
        "a misspelt field inside",
        "blueprint B(n: string) { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { nmae: n } }",
    ),
    (
        "a wrong type inside",
        "blueprint B(n: int) { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { name: n } }",
    ),
    (
        "a wrong clause inside",
        "blueprint B(n: string) { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { name: n }  require b.versionin }",
    ),
    ("not approved", "blueprint B(n: string) { resource b: Bucket { name: n } }"),
    (
        "nothing to build or judge",
        "blueprint B(n: string) { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01 }",
    ),
    (
        "the root lacks the trait",
        "blueprint B(): Store { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource t: org.Team { } }",
    ),
    (
        "a part called like a parameter",
        "blueprint B(b: string) { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { name: b } }",
    ),
    (
        "two parts of one name",
        "blueprint B() { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { }  resource b: Bucket { } }",
    ),
    (
        "a blueprint in itself",
        "blueprint B() { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket = C() }\nblueprint C() { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource c: Bucket = B() }",
    ),
    (
        "parts that read each other",
        "blueprint B() { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource a: Bucket { name: b.name }  resource b: Bucket { name: \"x-{a.name ?? \"\"}\" } }",
    ),
    (
        "a policy inside",
        "blueprint B() { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource a: Bucket { }  policy p { for b: Bucket { require b.versioning } } }",
    ),
    (
        "built over a trait",
        "blueprint B() { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource s: Store { versioning: true } }\nresource x = B()",
    ),
    ("conforms", "policy p { for b: Bucket { require b conforms Secure else \"{b}\" } }"),
    ("conforms with arguments", "policy p { for b: Store { require b conforms Secure(env: prod) } }"),
    ("conforms to a misspelt blueprint", "policy p { for b: Bucket { require b conforms Secrue } }"),
    (
        "conforms to a policy",
        "policy q { for b: Bucket { require b.versioning } }\npolicy p { for b: Bucket { require b conforms q } }",
    ),
    (
        "conforms with a misspelt argument",
        "policy p { for b: Bucket { require b conforms Secure(evn: prod) } }",
    ),
    ("what can never conform", "policy p { for t: org.Team { require t conforms Secure } }"),
    (
        "a parameter that cannot be solved",
        "blueprint B(prefix: string) { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { name: \"{prefix}-data\" } }\npolicy p { for b: Bucket { require b conforms B } }",
    ),
    (
        "a parameter that is given",
        "blueprint B(prefix: string) { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { name: \"{prefix}-data\" } }\npolicy p { for b: Bucket { require b conforms B(prefix: \"x\") } }",
    ),
    (
        "build blocks",
        "blueprint B(n: string): Store { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource s: Store { versioning: true }  build one { resource s: Bucket { name: n  versioning: true } }  build two { resource s: Volume { name: n  versioning: true  size: \"x\" } } }\nresource x = B(n: \"x\", target: one)\nresource y = B(n: \"y\", target: tow)",
    ),
    (
        "an exception for a clause",
        "exception e { policy: Secure.versioned  target: Bucket  reason: \"r\"  approved_by: [sec_lead]  opened: 2026-01-01  expires: 2026-02-01 }",
    ),
    (
        "an exception for a misspelt clause",
        "exception e { policy: Secure.versoned  target: Bucket  reason: \"r\"  approved_by: [sec_lead]  opened: 2026-01-01  expires: 2026-02-01 }",
    ),
    (
        "a field changed without override",
        "resource a = Secure(name: \"a\", env: prod, owner: payments) with { versioning: false }",
    ),
    (
        "a field changed with override",
        "resource a = Secure(name: \"a\", env: prod, owner: payments) with { override versioning: false because \"r\"  block: true }\namend a { encryption.algorithm: kms }\nresource b = a with { name: \"b\" }",
    ),
    (
        "a misspelt field after with",
        "resource a = Secure(name: \"a\", env: prod, owner: payments) with { versionin: false }",
    ),
    ("too many", "resource a for n in 1..2000000 = Secure(name: \"a\", env: prod, owner: payments)"),
];

#[test]
fn blueprints_are_explained() {
    let mut all = String::new();
    for (name, source) in CASES {
        let _ = writeln!(all, "## {name}\n{}", shown(&format!("{KINDS}{source}\n")));
    }
    insta::assert_snapshot!(all);
}

/// Blueprints of `levels` levels, each making two of the one below it.
fn doubling(levels: usize) -> String {
    let mut text = String::from(KINDS);
    text.push_str("blueprint B0() { version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource b: Bucket { } }\n");
    for level in 1..=levels {
        let below = level - 1;
        let _ = writeln!(
            text,
            "blueprint B{level}() {{ version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource a = B{below}()  resource b = B{below}() }}"
        );
    }
    let _ = writeln!(text, "resource bomb = B{levels}()");
    text
}

#[test]
fn doubling_ends_at_once() {
    assert_eq!(shown(&doubling(19)), "fine\n");
    insta::assert_snapshot!(shown(&doubling(24)), @r"
    IOM0305 x.iom:40:10 `bomb` — this makes 16777216 resources; 1000000 is the most
        note: blueprints that instantiate others multiply
        help: make fewer copies, or read what is repeated from fewer, larger resources
    ");
    insta::assert_snapshot!(shown(&doubling(90)), @r"
    IOM0305 x.iom:106:10 `bomb` — this makes more than 1000000 resources
        note: blueprints that instantiate others multiply
        help: make fewer copies, or read what is repeated from fewer, larger resources
    ");
}

#[test]
fn deep_nesting_ends() {
    let mut text = doubling(0);
    for level in 1..=300 {
        let below = level - 1;
        let _ = writeln!(
            text,
            "blueprint C{level}() {{ version: \"1\"  approved_by: [sec_lead]  review_by: 2027-06-01  resource a = {}() }}",
            if below == 0 { "B0".to_owned() } else { format!("C{below}") }
        );
    }
    let _ = writeln!(text, "resource deep = C300()");
    insta::assert_snapshot!(shown(&text), @r"
    IOM0305 x.iom:317:10 `deep` — blueprints instantiate one another more than 100 levels deep here
        help: let one blueprint declare what several levels pass on
    ");
}
