//! Mistakes about kinds, binders and binds.

use std::fmt::Write as _;

use iom_semantic::{Host, LibrarySelection};

use crate::{diagnostics, shown};

const CASES: &[(&str, &str)] = &[
    (
        "a fix for a group",
        "kind K { n: int }\npolicy p { for g: K by .n { require size(g.items) < 3 fix { n: 1 } } }",
    ),
    (
        "grouped by a secret",
        "kind K { t: secret string? }\npolicy p { for g: K by .t { require size(g.items) < 3 } }",
    ),
    (
        "misspelt key of a group",
        "kind K { n: int }\npolicy p { for g: K by .m { require size(g.items) < 3 } }",
    ),
    (
        "misspelt part of a group",
        "kind K { n: int }\npolicy p { for g: K by .n { require size(g.item) < 3 } }",
    ),
    ("a member's field on the group", "kind K { n: int }\npolicy p { for g: K by .n { require g.n < 3 } }"),
    (
        "a group in the filter",
        "kind K { n: int }\npolicy p { for g: K by .n where .n > 1 { require size(g.items) < 3 } }",
    ),
    ("grouping in a bind", "bind r: Resource by .owner { owner: absent }"),
    ("misspelt field in a bind's filter", "bind r: aws.Bucket where .nam == \"x\" { owner: absent }"),
    ("a bind's filter that is no condition", "bind r: aws.Bucket where .name { owner: absent }"),
    (
        "an extension that leaves fields out",
        "trait S : Resource { zone: string?  deny: bool  n: int = 1 }\nextend aws.SecurityGroup with S { }",
    ),
    (
        "a misspelt field in an extension",
        "trait S { zone: string? }\nextend aws.SecurityGroup with S { zoen: absent }",
    ),
    (
        "a misspelt field of the kind in an extension",
        "trait S { zone: string? }\nextend aws.SecurityGroup with S { zone: self.tgas?[\"zone\"] }",
    ),
    (
        "a field of an extension with another type",
        "trait S { zone: string }\nextend aws.SecurityGroup with S { zone: self.tags?[\"zone\"] }",
    ),
    ("extended twice", "trait S { n: int }\nkind K { }\nextend K with S { n: 1 }\nextend K with S { n: 2 }"),
    ("extended with what it is", "trait S { n: int }\nkind K : S { }\nextend K with S { n: 1 }"),
    ("a field that the kind has", "trait S { n: int }\nkind K { n: int }\nextend K with S { n: 1 }"),
    (
        "a field that the kind has otherwise",
        "trait S { n: int  m: int }\nkind K { n: string }\nextend K with S { m: 1 }",
    ),
    (
        "two extensions that give one field",
        "trait S { n: int }\ntrait T { n: int }\nkind K { }\nextend K with S { n: 1 }\nextend K with T { n: 2 }",
    ),
    ("extending a trait", "trait S { n: int }\ntrait T { }\nextend T with S { n: 1 }"),
    ("extending with a kind", "kind S { n: int }\nkind K { }\nextend K with S { n: 1 }"),
    ("extending with what is not there", "kind K { }\nextend K with Segmnt { n: 1 }"),
    (
        "setting what an extension computes",
        "trait S { n: int }\nkind K { }\nextend K with S { n: 1 }\nresource k: K { n: 2 }",
    ),
    ("a clause in an extension", "trait S { n: int }\nkind K { }\nextend K with S { n: 1  require true }"),
    ("a shape of what is no record", "shape s: int { a: .b }"),
    ("a shape of nothing known", "type Pod = { name: string }\nshape s: Pdo { name: .name }"),
    ("a misspelt field in a shape", "type Pod = { name: string }\nshape s: Pod { nmae: .name }"),
    (
        "a shape that is made of itself",
        "type Pod = { name: string  inner: list<Pod> }\nshape s: Pod { name: .name  inner: .inner as list<s> }",
    ),
    (
        "two shapes that are made of each other",
        "type Pod = { name: string  inner: Pod? }\nshape a: Pod { name: .name  inner: .x as b }\nshape b: Pod { name: .name  inner: .y as a }",
    ),
    ("a key in a shape", "type Pod = { name: string }\nshape s: Pod { name: .name  key .id }"),
    (
        "a shape outside of adapters",
        "type Pod = { name: string }\nshape s: Pod { name: .name }\nkind K { j: json? }\npolicy p { for k: K { require (k.j as s) is present } }",
    ),
    (
        "a shape for another type",
        "type Pod = { name: string }\nshape s: Pod { name: .name }\nkind K { size: int?  from terraform \"k\" { size: .size as s } }",
    ),
    ("a shape as a type", "type Pod = { name: string }\nshape s: Pod { name: .name }\nkind K { pod: s }"),
    ("a misspelt field of a transition", "kind K { status: a | b  transition staus: [a => b] }"),
    (
        "a misspelt value of a transition",
        "kind K { status: active | retired  transition status: [activ => retired] }",
    ),
    ("a transition of numbers", "kind K { n: int  transition n: [a => b] }"),
    ("a step listed twice", "kind K { s: a | b  transition s: [a => b, a => b] }"),
    ("a step to itself", "kind K { s: a | b  transition s: [a => a] }"),
    ("two transitions of one field", "kind K { s: a | b  transition s: [a => b]  transition s: [b => a] }"),
    (
        "tolerating a field that is not there",
        "kind K { n: int  w: ref K? }\ntolerate m of k: K { in: 1..2  writer: k }",
    ),
    ("tolerating values of another type", "kind K { n: int }\ntolerate n of k: K { in: [\"a\"]  writer: k }"),
    ("tolerating a single value", "kind K { n: int }\ntolerate n of k: K { in: 3  writer: k }"),
    (
        "tolerating an optional range",
        "kind K { n: int  m: int? }\ntolerate n of k: K { in: 1..k.m  writer: k }",
    ),
    ("a writer that is no element", "kind K { n: int }\ntolerate n of k: K { in: 1..2  writer: \"me\" }"),
    ("tolerating without a writer", "kind K { n: int }\ntolerate n of k: K { in: 1..2 }"),
    ("a misspelt setting of a toleration", "kind K { n: int }\ntolerate n of k: K { in: 1..2  writers: k }"),
    (
        "values that a type's condition does not take",
        "type Even = int where (self in [2, 4])\ntype Window = { from: int  to: int } where (.from <= .to)\ntype Word = string size 2..3\nkind K { e: Even  w: Window  s: Word? }\nresource a: K { e: 3  w: { from: 3  to: 2 }  s: \"long\" }\nresource b: K { e: 4  w: { from: 1  to: 2 }  s: \"ok\" }",
    ),
    (
        "json of any shape",
        "kind K { raw: json?  more: json }\nresource a: K { raw: { x: [1, \"two\", { three: [true, absent] }] } }\ntest \"t\" { expect a.raw.x[2].three[0] == true }",
    ),
    (
        "a misspelt field of what a reference points at",
        "kind T { name: string }\nkind K { t: ref T?  from terraform \"k\" { t: ref { nmae: .x } } }",
    ),
    (
        "a reference by a value of another type",
        "kind T { n: int }\nkind K { t: ref T?  from terraform \"k\" { t: ref { n: \"x\" } } }",
    ),
    ("too many type arguments", "kind K { a: list<int, int>  b: map<int>  c: set<list<string>> }"),
    ("a link to what is no kind", "kind K { a: link int }"),
    ("data in an unknown format", "data d: list<string> from yaml \"x.yaml\""),
    (
        "a field computed from itself over a reference",
        "kind K { parent: ref K?  derive depth: int = (.parent?.depth ?? 0) + 1 }",
    ),
    (
        "fields of two kinds computed from each other",
        "kind A { b: ref B?  derive x: int = .b?.y ?? 0 }\nkind B { a: ref A?  derive y: int = .a?.z ?? 0 }\nextend A with T { z: self.x }\ntrait T { z: int }",
    ),
    (
        "a field computed from itself through a trait and a function",
        "trait T { next: ref T?  n: int }\nfn next(t: ref T?): int = t?.n ?? 0\nkind K : T { derive n: int = next(.next) }",
    ),
    (
        "computed fields that end",
        "trait T { n: int }\nkind A : T { b: ref B?  derive n: int = .b?.m ?? 0 }\nkind B { derive m: int = .k + 1  k: int = 1 }\nextend B with T { n: self.m }",
    ),
];

#[test]
fn mistakes_about_kinds_read_well() {
    let mut all = String::new();
    for (name, source) in CASES {
        let _ = writeln!(all, "## {name}\n{}", shown(source));
    }
    insta::assert_snapshot!(all);
}

const OSCAL: &str = r#"catalog full from oscal "full.json"
catalog high from oscal "high.json"
kind K { n: int }
policy good {
  covers: [full."AC-2", full."AC-2(1)", full."SC-28(1)", high."AC-2(1)", high."SC-28"]
  for k: K { require k.n > 1 }
}
policy withdrawn {
  covers: [full."AC-2(10)", full."AC-3(1)", full."AC-13"]
  for k: K { require k.n > 1 }
}
policy misspelt {
  covers: [full."AC-2(9)", full."ac-2.1", full."AC-2 (1)", high."AC-02(01)", high."AC-3(1)", full."ZZ"]
  for k: K { require k.n > 1 }
}
"#;

/// Both versions of the catalogue of NIST, by excerpts.
fn with_catalogs(source: &str) -> Host {
    let mut host = Host::new();
    let full = include_str!("oscal/nist-800-53-rev5-5.0.1.json");
    let high = include_str!("oscal/nist-800-53-rev5-5.1.1-high.json");
    host.set_data_file("full.json", Some(full.to_owned()));
    host.set_data_file("high.json", Some(high.to_owned()));
    host.set_file("x.iom", source);
    host
}

#[test]
fn controls_of_oscal_catalogs_are_names() {
    insta::assert_snapshot!(diagnostics(&with_catalogs(OSCAL)));
}

#[test]
fn a_changed_title_of_a_control_checks_no_policy_again() {
    let source = OSCAL.split("policy withdrawn").next().unwrap_or_default();
    let mut host = with_catalogs(source);
    assert_eq!(host.diagnostics(), []);
    let changed = include_str!("oscal/nist-800-53-rev5-5.0.1.json").replace("Account Management", "Accounts");
    host.set_data_file("full.json", Some(changed));
    assert_eq!(host.diagnostics(), []);
    let model = host.model(&LibrarySelection::None);
    let titles = model.catalogs["full"].controls.iter().filter_map(|control| control.title.as_deref());
    assert!(titles.into_iter().any(|title| title == "Accounts"));
}
