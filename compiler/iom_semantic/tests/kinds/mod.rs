//! Mistakes about kinds, binders and binds.

use std::fmt::Write as _;

use crate::shown;

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
];

#[test]
fn mistakes_about_kinds_read_well() {
    let mut all = String::new();
    for (name, source) in CASES {
        let _ = writeln!(all, "## {name}\n{}", shown(source));
    }
    insta::assert_snapshot!(all);
}
