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
];

#[test]
fn mistakes_about_kinds_read_well() {
    let mut all = String::new();
    for (name, source) in CASES {
        let _ = writeln!(all, "## {name}\n{}", shown(source));
    }
    insta::assert_snapshot!(all);
}
