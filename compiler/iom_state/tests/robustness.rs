//! Broken plans end in an error with a place, never in a panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;

use std::sync::LazyLock;

use common::{fixtures, import_bytes};
use proptest::prelude::*;

/// The smaller published plans.
static PLANS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let all = fixtures().into_iter().map(|file| std::fs::read(file).unwrap());
    all.filter(|bytes| bytes.len() < 60_000).collect()
});

fn check(bytes: &[u8]) {
    if let Err(error) = import_bytes(bytes) {
        assert!(!error.message.is_empty());
        let (line, column) = error.place.unwrap_or((1, 1));
        assert!(line >= 1 && column >= 1);
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        assert!(line as usize <= lines, "line {line} of {lines}");
    }
}

proptest! {
    #[test]
    fn cut_plans(plan in any::<prop::sample::Index>(), end in any::<prop::sample::Index>()) {
        let bytes = &PLANS[plan.index(PLANS.len())];
        check(&bytes[..end.index(bytes.len())]);
    }

    #[test]
    fn plans_with_changed_bytes(
        plan in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = PLANS[plan.index(PLANS.len())].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
    }

    /// Structure moved to where it does not belong.
    #[test]
    fn plans_with_moved_pieces(
        plan in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        len in 1usize..200,
        to in any::<prop::sample::Index>(),
    ) {
        let mut bytes = PLANS[plan.index(PLANS.len())].clone();
        let from = from.index(bytes.len());
        let piece: Vec<u8> = bytes[from..].iter().take(len).copied().collect();
        let to = to.index(bytes.len());
        bytes.splice(to..to, piece);
        check(&bytes);
    }

    /// Well-formed JSON of any shape in any part.
    #[test]
    fn parts_of_any_shape(
        part in prop::sample::select(vec![
            "planned_values", "resource_changes", "configuration", "prior_state", "format_version", "after_unknown",
            "after_sensitive", "sensitive_values", "values", "expressions", "references", "module_calls", "resources",
            "child_modules", "root_module", "address", "change", "actions", "provider_config", "outputs", "depends_on",
        ]),
        value in any_json(),
    ) {
        for text in [BASE_WITH_CHANGES, BASE_WITHOUT_CHANGES] {
            let mut plan: serde_json::Value = serde_json::from_str(text).unwrap();
            replace(&mut plan, part, &value);
            check(plan.to_string().as_bytes());
        }
    }
}

const BASE_WITH_CHANGES: &str = r#"{"format_version":"1.2","planned_values":{"root_module":{"resources":[
    {"address":"aws_x.y","mode":"managed","type":"aws_x","name":"y","values":{"a":1,"b":[{"c":2}]},"sensitive_values":{}}],
    "child_modules":[{"address":"module.m","resources":[]}]}},
    "resource_changes":[{"address":"aws_x.y","type":"aws_x","change":{"actions":["create"],"after":{"a":1},
    "after_unknown":{"d":true,"b":[{"e":true}]},"after_sensitive":{"a":true}}}],
    "prior_state":{"values":{"root_module":{"resources":[]}}},
    "configuration":{"provider_config":{"aws":{}},"root_module":{"resources":[{"address":"aws_x.y","mode":"managed",
    "type":"aws_x","name":"y","expressions":{"d":{"references":["var.d","local.e"]},"b":[{"e":{"references":["aws_x.y"]}}]},
    "depends_on":["aws_x.y"]}],"module_calls":{"m":{"expressions":{"v":{"references":["aws_x.y.id","aws_x.y"]}},
    "module":{"outputs":{"o":{"expression":{"references":["var.v"]}}}}}}}}}"#;

const BASE_WITHOUT_CHANGES: &str = r#"{"format_version":"1.2","planned_values":{"root_module":{"resources":[
    {"address":"aws_x.y","mode":"managed","type":"aws_x","name":"y","values":{"a":1,"b":[{"c":2}]},
    "sensitive_values":{"a":true},"depends_on":["aws_x.y"]}]}}}"#;

fn replace(plan: &mut serde_json::Value, part: &str, value: &serde_json::Value) {
    match plan {
        serde_json::Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if name == part {
                    *member = value.clone();
                } else {
                    replace(member, part, value);
                }
            }
        }
        serde_json::Value::Array(elements) => {
            elements.iter_mut().for_each(|element| replace(element, part, value))
        }
        _ => {}
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let names = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "references",
        "constant_value",
        "values",
        "resources",
        "address",
        "type",
        "module",
        "",
    ]);
    let texts = prop::sample::select(vec![
        "",
        "aws_x.y",
        "var.v",
        "each.value",
        "count.index",
        "module.m.o",
        "module",
        "data.",
        "1.2",
        "[",
        "a[\"",
        "local.x",
        "é",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        texts.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..5)
                .prop_map(|members| json!(members.into_iter().collect::<std::collections::BTreeMap<_, _>>())),
        ]
    })
}
