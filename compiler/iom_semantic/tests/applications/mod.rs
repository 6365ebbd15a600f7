//! What is said of `apply`, `group` and policies with parameters.

use std::fmt::Write as _;

use super::shown;

const TAGGED: &str = "policy tagged(tag: string, values: list<string> = []) { for b: aws.Bucket { require b.tags?[tag] is present } }\n";
const TWO: &str = "policy one { for b: aws.Bucket { require b.versioning } }\npolicy two { for b: aws.Bucket { require b.public } }\n";

const CASES: &[(&str, &str, &str)] = &[
    ("applied with all it needs", TAGGED, "apply tagged(tag: \"owner\")\napply tagged(\"team\", [\"a\"])"),
    ("a missing argument", TAGGED, "apply tagged"),
    ("a misspelt argument", TAGGED, "apply tagged(tga: \"owner\")"),
    ("one argument too many", TAGGED, "apply tagged(\"a\", [], 3)"),
    ("an argument given twice", TAGGED, "apply tagged(tag: \"a\", tag: \"b\")"),
    ("an argument of another type", TAGGED, "apply tagged(tag: 3)"),
    (
        "an argument that depends on the state",
        TAGGED,
        "apply tagged(tag: \"x\", values: [for b in aws.Bucket: b.name ?? \"\"])",
    ),
    (
        "a constant as an argument",
        TAGGED,
        "const owner: string = \"owner\"\napply tagged(tag: owner)\napply tagged(tag: ownr)",
    ),
    (
        "applied twice with the same arguments",
        TAGGED,
        "apply tagged(tag: \"owner\")\napply tagged(tag: \"owner\") { mode: advise }",
    ),
    ("a misspelt policy", TAGGED, "apply taged(tag: \"owner\")"),
    ("no policy at all", "", "apply aws.Bucket"),
    ("no name", TAGGED, "apply tagged(tag: \"a\") where true"),
    ("a misspelt field", TAGGED, "apply tagged(tag: \"a\") { mdoe: advise }"),
    ("a misspelt mode", TAGGED, "apply tagged(tag: \"a\") { mode: advize }"),
    ("a clause in the body", TAGGED, "apply tagged(tag: \"a\") { require true }"),
    ("picking from one policy", TAGGED, "apply tagged(tag: \"a\") { only: [tagged] }"),
    ("an own policy without parameters", TWO, "apply one"),
    ("an own policy whose mode is open", TWO, "apply one { mode: advise }"),
    (
        "a mode in two places",
        "policy one { mode: advise  for b: aws.Bucket { require b.versioning } }\n",
        "apply one { mode: enforce }",
    ),
    ("arguments for a policy without parameters", TWO, "apply one(3) { mode: advise }"),
    (
        "a group",
        TWO,
        "group both { title: \"Both\"  policies: [one, two]  mode: advise }\napply both { except: [two] }",
    ),
    (
        "a group with parameters put in",
        TAGGED,
        "group tags { policies: [tagged(\"a\"), tagged(\"b\")] }\napply tags { severity: low }",
    ),
    ("a group without policies", TWO, "group both { title: \"Both\" }"),
    ("a misspelt member", TWO, "group both { policies: [one, tow] }"),
    ("a member twice", TWO, "group both { policies: [one, one] }"),
    (
        "except something else",
        TWO,
        "group both { policies: [one, two] }\napply both { mode: advise  except: [three] }",
    ),
    (
        "except a misspelt member",
        "policy encrypted { for b: aws.Bucket { require b.versioning } }\n",
        "group g { policies: [encrypted] }\napply g { mode: advise  except: [encryptd] }",
    ),
    (
        "groups in a ring",
        TWO,
        "group a { policies: [one, b] }\ngroup b { policies: [two, c] }\ngroup c { policies: [a] }",
    ),
    (
        "two groups that disagree",
        TWO,
        "group a { policies: [one]  mode: advise }\ngroup b { policies: [one]  mode: enforce }\napply a\napply b",
    ),
    (
        "two groups that agree",
        TWO,
        "group a { policies: [one]  mode: advise }\ngroup b { policies: [one, two]  mode: advise }\napply a\napply b",
    ),
    (
        "the policy itself counts more",
        TWO,
        "group a { policies: [one]  mode: advise }\napply a\napply one { mode: enforce }",
    ),
    ("a module", "", "apply std.checks { mode: advise }"),
    ("a module without policies", "", "apply org { mode: advise }"),
    (
        "a parameter like the subject",
        "policy p(b: string) { for b: aws.Bucket { require b.versioning } }",
        "",
    ),
    ("a parameter twice", "policy p(a: string, a: int) { for b: aws.Bucket { require b.versioning } }", ""),
    (
        "a default that does not fit",
        "policy p(a: string = 3) { for b: aws.Bucket { require b.versioning } }",
        "",
    ),
    (
        "regulatory without controls",
        "policy p { class: regulatory  for b: aws.Bucket { require b.versioning } }",
        "",
    ),
    ("risk without owner", "policy p { class: risk  for b: aws.Bucket { require b.versioning } }", ""),
    ("architectural", "policy p { class: architectural  for b: aws.Bucket { require b.versioning } }", ""),
    ("a misspelt class", "policy p { class: regulatry  for b: aws.Bucket { require b.versioning } }", ""),
    (
        "a misspelt enforcement point",
        "policy p { at: [merge, depoly]  on: [buit]  for b: aws.Bucket { require b.versioning } }",
        "",
    ),
    (
        "a test of a policy that nothing applies",
        TAGGED,
        "test \"t\" { given { resource b: aws.Bucket { name: \"b\" } } expect tagged fails on b }",
    ),
    ("a text where a policy belongs", TWO, "resource e: org.Environment { outcomes: [\"one\"] }"),
    ("a misspelt outcome", TWO, "resource e: org.Environment { outcomes: [one, tow] }"),
    (
        "an outcome that is no policy",
        TWO,
        "const x: int = 1\nresource e: org.Environment { outcomes: [x, aws.Bucket] }",
    ),
    (
        "an exception for a group that is too long",
        TWO,
        "resource w: org.Person { }\npolicy short { max_exception: 7d  for b: aws.Bucket { require b.versioning } }\ngroup g { policies: [one, short] }\nexception e { policy: g  target: aws.Bucket  reason: \"r\"  approved_by: [w]  opened: 2026-01-01  expires: 2026-02-01 }",
    ),
];

#[test]
fn deeply_nested_groups_are_refused_and_crash_nothing() {
    let mut source =
        String::from("policy p { for b: aws.Bucket { require b.versioning } }\ngroup g0 { policies: [p] }\n");
    for number in 1..3_000 {
        let _ = writeln!(source, "group g{number} {{ policies: [g{}] }}", number - 1);
    }
    source.push_str("apply g50\napply g2999\n");
    let mut host = iom_semantic::Host::new();
    host.set_file("x.iom", &source);
    let found = host.diagnostics();
    assert!(found.iter().all(|one| one.code == iom_diagnostics::code::TOO_DEEP), "{:?}", found.first());
    assert!(!found.is_empty());
}

#[test]
fn messages_about_applications_read_well() {
    let mut all = String::new();
    for (name, before, source) in CASES {
        let _ = writeln!(all, "## {name}\n{}", shown(&format!("{before}{source}")));
    }
    insta::assert_snapshot!(all);
}
