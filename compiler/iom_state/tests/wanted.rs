//! Only what is wanted is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;

use common::{Imported, configured, created, plan, planned};
use iom_state::document::{AttributeFilter, Wanted};
use iom_state::tape::Strings;
use serde_json::{Value, json};

/// Two attributes of buckets, and all of policies that are data sources.
struct Some;

static NAMES: std::sync::LazyLock<Vec<String>> =
    std::sync::LazyLock::new(|| vec!["acl".into(), "kms".into()]);

impl Wanted for Some {
    fn attributes(&self, source_type: &str, is_data: bool) -> Option<AttributeFilter<'_>> {
        match (source_type, is_data) {
            ("aws_s3_bucket", false) => Option::Some(AttributeFilter::These(&NAMES)),
            ("aws_iam_policy", true) => Option::Some(AttributeFilter::All(&[])),
            _ => None,
        }
    }
}

fn estate() -> Value {
    let values = || json!({ "acl": "private", "unwanted": "canary", "nested": { "acl": "canary" } });
    plan(
        vec![
            planned("aws_s3_bucket.b", values()),
            planned("aws_kms_key.k", values()),
            planned("aws_iam_policy.p", values()),
            planned("data.aws_iam_policy.p", json!({ "json": "{}" })),
        ],
        vec![created("aws_s3_bucket.b", json!({ "kms": true, "unknown": true }), json!({ "kms": false }))],
        vec![
            configured(
                "aws_s3_bucket.b",
                json!({ "kms": { "references": ["aws_kms_key.k.arn", "aws_kms_key.k"] },
                "unknown": { "references": ["local.canary"] }, "acl": { "constant_value": "private" } }),
            ),
            configured("aws_kms_key.k", json!({ "policy": { "references": ["local.canary"] } })),
        ],
    )
}

fn check(plan: &Value) -> Imported {
    let mut strings = Strings::default();
    let document = iom_state::import(plan.to_string().as_bytes(), None, &Some, &mut strings).unwrap();
    let imported = Imported { document, strings };
    assert_eq!(imported.addresses().len(), 4, "every object is listed");
    assert_eq!(imported.value("aws_s3_bucket.b", "acl"), "\"private\"");
    assert_eq!(imported.value("aws_s3_bucket.b", "unwanted"), "missing");
    assert_eq!(imported.value("aws_s3_bucket.b", "unknown"), "missing");
    assert!(imported.object("aws_kms_key.k").values.is_none());
    assert!(imported.object("aws_iam_policy.p").values.is_none(), "wanted as a data source only");
    assert_eq!(imported.value("data.aws_iam_policy.p", "json"), "\"{}\"");
    assert!(imported.strings.texts().all(|text| text != "canary"));
    imported
}

#[test]
fn unwanted_attributes_and_types_are_not_kept_but_can_be_referred_to() {
    let imported = check(&estate());
    assert_eq!(imported.value("aws_s3_bucket.b", "kms"), "KnownAfterApply");
    assert_eq!(imported.references("aws_s3_bucket.b", "kms"), ["aws_kms_key.k.arn = aws_kms_key.k .arn"]);
}

#[test]
fn the_same_goes_for_plans_read_on_the_way() {
    let mut plan = estate();
    plan.as_object_mut().unwrap().remove("resource_changes");
    check(&plan);
}
