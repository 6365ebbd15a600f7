//! What expressions mean, said in the language itself: every condition below must hold.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::run_tests;

const KINDS: &str = r#"
kind Thing : Resource {
  name: string?
  size: int?
  flag: bool?
  sizes: list<int> = []
  next: ref Thing?
  identity name
}
const none_at_all: list<int> = []
"#;

/// Conditions that must be true over the given things.
fn holds(given: &str, conditions: &[&str]) {
    let mut rules = format!("{KINDS}\ntest \"conditions\" {{\n  given {{ {given} }}\n");
    for condition in conditions {
        rules.push_str(&format!("  expect {condition}\n"));
    }
    rules.push_str("}\n");
    let failures = run_tests(&rules);
    assert!(failures.is_empty(), "{failures}");
}

/// Conditions that must be unknown.
fn unknown(given: &str, conditions: &[&str]) {
    let conditions: Vec<String> = conditions.iter().map(|one| format!("({one}) is unknown")).collect();
    holds(given, &conditions.iter().map(String::as_str).collect::<Vec<_>>());
}

/// One thing whose name is known, whose size and flag are not, and whose tags are absent ones.
const THINGS: &str = r#"
resource a: Thing { name: "a"  size: unknown  flag: unknown }
resource b: Thing { name: "b"  size: 3  flag: true  sizes: [1, 2, 3]  tags: { team: "red" } }
"#;

#[test]
fn logic_is_kleenes() {
    holds(
        THINGS,
        &[
            "b.flag == true and b.size == 3",
            "not (b.flag == false)",
            "b.size == 3 or a.size == 3",
            "not (b.size == 4 and a.size == 3)",
        ],
    );
    unknown(
        THINGS,
        &[
            "a.size == 3",
            "not (a.size == 3)",
            "a.size == 3 and b.size == 3",
            "a.size == 3 or b.size == 4",
            "a.size == a.size",
            "a.size == b.size",
        ],
    );
}

#[test]
fn absent_equals_only_absent() {
    holds(
        "resource a: Thing { name: \"a\" }  resource b: Thing { name: \"b\"  size: 1 }  resource u: Thing { size: unknown }",
        &[
            "a.size is absent",
            "a.size == a.size",
            "not (a.size == b.size)",
            "a.size is absent",
            "b.size is present",
            "not (a.size is present)",
            "a.size is known",
            "not (u.size is known)",
            "u.size is unknown",
            "(a.size ?? 7) == 7",
            "(b.size ?? 7) == 1",
            "not (a.size in [1, 2])",
        ],
    );
    unknown(
        "resource a: Thing { }  resource u: Thing { size: unknown }",
        &["a.size == u.size", "u.size is present", "(u.size ?? 7) == 7", "u.size in [1, 2]"],
    );
}

#[test]
fn branches_agree_or_stay_unknown() {
    holds(
        THINGS,
        &[
            "(if a.flag == true then 1 else 1) == 1",
            "(if b.flag == true then 1 else 2) == 1",
            "match b.size { 3 => true  absent => false  _ => false }",
            "match a.size { unknown => true  absent => false  _ => false }",
        ],
    );
    unknown(
        THINGS,
        &["(if a.flag == true then 1 else 2) == 1", "match a.size { 3 => true  absent => true  _ => true }"],
    );
}

#[test]
fn quantifiers_over_what_is_known_and_not() {
    holds(
        THINGS,
        &[
            "all n in b.sizes: n > 0",
            "any n in b.sizes: n == 2",
            "none n in b.sizes: n == 9",
            "all n in none_at_all: n == 1",
            "not (any n in none_at_all: n == 1)",
            "none n in none_at_all: n == 1",
            // One that surely holds decides `any`, one that surely does not decides `all`.
            "any t in Thing: t.size == 3",
            "not (all t in Thing: t.size == 4)",
            "not (none t in Thing: t.size == 3)",
            "size([for n in b.sizes where n > 1: n]) == 2",
            "3 in b.sizes",
            "b.sizes contains 3",
            "first(b.sizes) == 1",
            "b.sizes[0] == 1",
            "b.sizes[9] is absent",
        ],
    );
    unknown(
        THINGS,
        &["any t in Thing: t.size == 4", "all t in Thing: t.size == 3", "none t in Thing: t.size == 4"],
    );
}

#[test]
fn sizes_of_incomplete_lists_are_intervals() {
    let bigger = "size(Thing where .size == 3)";
    holds(
        THINGS,
        &[
            &format!("{bigger} >= 1"),
            &format!("{bigger} < 3"),
            &format!("{bigger} != 0"),
            "(Thing where .size == 3) is nonempty",
            "size(Thing) == 2",
        ],
    );
    unknown(
        THINGS,
        &[&format!("{bigger} == 1"), &format!("{bigger} >= 2"), "(Thing where .size == 4) is empty"],
    );
}

#[test]
fn numbers_never_wrap_and_divide_exactly() {
    holds(
        "",
        &[
            "1 / 4 == 0.25",
            "2 + 3 * 4 == 14",
            "1.0 == 1",
            "0.1 + 0.2 == 0.3",
            "-3 < 2",
            "abs(-3) == 3",
            "90d > 12w",
            "1y > 11mo",
            "1h30min == 90min",
            "2026-01-31 + 1mo == 2026-02-28",
            "2GiB > 2GB",
            "sum([1, 2, 3]) == 6",
            "sum(none_at_all) == 0",
            "min([3, 1, 2]) == 1",
            "max(none_at_all) is absent",
        ],
    );
    unknown(
        "resource big: Thing { size: 9223372036854775807 }  resource zero: Thing { size: 0 }",
        &["(big.size ?? 0) + 1 > 0", "1 / (zero.size ?? 0) == 1"],
    );
}

#[test]
fn text_and_collections() {
    holds(
        THINGS,
        &[
            "lower(\"AbC\") == \"abc\"",
            "\"{b.name ?? \"\"}-x\" == \"b-x\"",
            "split(\"a,b\", \",\") == [\"a\", \"b\"]",
            "join([\"a\", \"b\"], \"-\") == \"a-b\"",
            "starts_with(\"prod-eu\", \"prod\")",
            "\"prod-eu\" like \"prod-*\"",
            "not (\"prod-eu\" like \"prod\")",
            "\"prod-eu\" matching r\"^prod\"",
            "(b.tags ?? {})[\"team\"] == \"red\"",
            "(b.tags ?? {})[\"none\"] is absent",
            "\"team\" in (b.tags ?? {})",
            "keys(b.tags ?? {}) == [\"team\"]",
            "{1, 2} == {2, 1}",
            "[1, 2] != [2, 1]",
            "distinct([1, 1, 2]) == [1, 2]",
            "[1] ++ [2] == [1, 2]",
            "reverse([1, 2]) == [2, 1]",
            "sorted([2, 1]) == [1, 2]",
            "5 in 1..9",
        ],
    );
}

#[test]
fn addresses_ports_and_versions() {
    holds(
        "",
        &[
            "10.0.0.0/8 covers 10.1.0.0/16",
            "not (10.0.0.0/8 covers 11.0.0.0/16)",
            "0.0.0.0/0 covers internet",
            "[0.0.0.0/1, 128.0.0.0/1] covers internet",
            "10.0.0.0/8 is private",
            "10.0.0.0/8 overlaps 10.1.2.0/24",
        ],
    );
}

#[test]
fn references_name_and_lead() {
    holds(
        r#"
        resource a: Thing { name: "first"  next: b }
        resource b: Thing { name: "second"  next: c }
        resource c: Thing { name: "third" }
        "#,
        &[
            "a.next == b",
            "a.next.next == c",
            "not (a.next == c)",
            "c.next is absent",
            "a.next.next.next is absent",
            "(Thing named \"second\") == b",
            "(Thing named \"b\") == b",
            "(Thing named \"nobody\") is absent",
            "size(upstream(a)) == 2",
            "size(downstream(c)) == 2",
            "reaches(a, c)",
            "not reaches(c, a)",
            "size(path(a, c) ?? []) == 3",
            "path(c, a) is absent",
            "referrers(c, Thing) == [b]",
            "only(Thing where .name == \"third\") == c",
        ],
    );
}

#[test]
fn cycles_end() {
    holds(
        r#"
        resource a: Thing { name: "a"  next: b }
        resource b: Thing { name: "b"  next: a }
        resource c: Thing { name: "c"  next: a }
        "#,
        &[
            "size(upstream(a)) == 2",
            "a in upstream(a)",
            "size(upstream(c)) == 2",
            "not (c in upstream(c))",
            "any d in upstream(c): d == b",
            "none d in upstream(a): d == c",
        ],
    );
}
