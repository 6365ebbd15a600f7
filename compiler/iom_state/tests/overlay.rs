//! Unknown and secret values laid over planned values.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;

use common::{Imported, configured, created, import, plan, planned};
use iom_state::document::Action;
use serde_json::{Value, json};

/// One bucket with its unknown and secret attributes, and the expressions the author wrote.
fn bucket(values: Value, unknown: Value, sensitive: Value, expressions: Value) -> Imported {
    let address = "aws_s3_bucket.b";
    import(&plan(
        vec![planned(address, values)],
        vec![created(address, unknown, sensitive)],
        vec![configured(address, expressions)],
    ))
}

#[test]
fn unknown_attributes_are_unknown_where_the_author_gave_them_and_absent_elsewhere() {
    let bucket = bucket(
        json!({ "acl": "private" }),
        json!({ "id": true, "arn": true, "kms_key_id": true, "acl": false, "tags": {} }),
        json!({}),
        json!({ "acl": { "constant_value": "private" }, "kms_key_id": { "references": ["local.key"] } }),
    );
    assert_eq!(bucket.value("aws_s3_bucket.b", "acl"), "\"private\"");
    assert_eq!(bucket.value("aws_s3_bucket.b", "kms_key_id"), "KnownAfterApply");
    assert!(bucket.mark("aws_s3_bucket.b", "kms_key_id").unwrap().unresolved_in.is_some());
    assert_eq!(bucket.value("aws_s3_bucket.b", "arn"), "missing");
    assert_eq!(bucket.value("aws_s3_bucket.b", "tags"), "missing");
}

#[test]
fn without_configuration_unknown_stays_unknown() {
    let address = "aws_s3_bucket.b";
    let changes = vec![created(address, json!({ "arn": true }), json!({}))];
    let mut without = plan(vec![planned(address, json!({}))], changes, vec![]);
    assert_eq!(import(&without).value(address, "arn"), "KnownAfterApply", "no entry for the resource");
    without.as_object_mut().unwrap().remove("configuration");
    assert_eq!(import(&without).value(address, "arn"), "KnownAfterApply", "no configuration at all");
}

#[test]
fn attributes_inside_of_blocks_are_told_apart_by_the_blocks_expressions() {
    let bucket = bucket(
        json!({ "rule": [{ "apply": [{ "sse_algorithm": "aws:kms" }] }] }),
        json!({ "rule": [{ "apply": [{ "kms_key_id": true, "computed": true }] }] }),
        json!({}),
        json!({ "rule": [{ "apply": [{ "sse_algorithm": { "constant_value": "aws:kms" },
                                        "kms_key_id": { "references": ["aws_kms_key.k.arn", "aws_kms_key.k"] } }] }] }),
    );
    assert_eq!(bucket.value("aws_s3_bucket.b", "rule/0/apply/0/sse_algorithm"), "\"aws:kms\"");
    assert_eq!(bucket.value("aws_s3_bucket.b", "rule/0/apply/0/kms_key_id"), "KnownAfterApply");
    assert_eq!(bucket.value("aws_s3_bucket.b", "rule/0/apply/0/computed"), "missing");
}

#[test]
fn attributes_of_dynamic_blocks_stay_unknown() {
    let bucket = bucket(
        json!({ "rule": [{ "id": "a" }] }),
        json!({ "rule": [{ "kms_key_id": true }] }),
        json!({}),
        json!({ "bucket": { "constant_value": "b" } }),
    );
    assert_eq!(bucket.value("aws_s3_bucket.b", "rule/0/kms_key_id"), "KnownAfterApply");
}

#[test]
fn unknown_lists_nobody_gave_are_null_and_say_so() {
    let bucket = bucket(
        json!({}),
        json!({ "rule": true, "tags_all": true, "arn": true }),
        json!({ "rule": [], "tags_all": {} }),
        json!({ "bucket": { "constant_value": "b" } }),
    );
    for name in ["rule", "tags_all"] {
        assert_eq!(bucket.value("aws_s3_bucket.b", name), "null");
        assert!(bucket.mark("aws_s3_bucket.b", name).unwrap().is_left_to_provider);
    }
    assert_eq!(bucket.value("aws_s3_bucket.b", "arn"), "missing");
}

#[test]
fn expressions_of_known_inputs_whose_value_is_unknown_are_null() {
    let address = "aws_s3_bucket.b";
    let data = "data.aws_x.read";
    let give = |references: &[&str]| json!({ "references": references });
    let unknown = json!({ "constant": true, "read": true, "local": true, "made": true, "iterator": true, "now": true,
        "null": true });
    let mut plan = plan(
        vec![planned(address, json!({})), planned("aws_k.new", json!({}))],
        vec![created(address, unknown, json!({})), created("aws_k.new", json!({ "id": true }), json!({}))],
        vec![
            configured(
                address,
                json!({ "constant": give(&["var.key"]), "read": give(&["data.aws_x.read.id", "data.aws_x.read", "var.key"]),
                        "local": give(&["var.key", "local.key"]), "made": give(&["var.key", "aws_k.new.id", "aws_k.new"]),
                        "iterator": give(&["ingress.value", "ingress"]), "now": {}, "null": { "constant_value": null } }),
            ),
            configured("aws_k.new", json!({})),
            configured(data, json!({})),
        ],
    );
    plan["prior_state"] = json!({ "values": { "root_module": { "resources": [planned(data, json!({}))] } } });
    let imported = import(&plan);
    for null in ["constant", "read", "null"] {
        assert_eq!(imported.value(address, null), "null", "{null}");
        assert!(imported.mark(address, null).unwrap().is_left_to_provider, "{null}");
    }
    for unknown in ["local", "made", "iterator", "now"] {
        assert_eq!(imported.value(address, unknown), "KnownAfterApply", "{unknown}");
    }
}

#[test]
fn unknown_elements_are_unknown_in_their_place() {
    let bucket = bucket(
        json!({ "cidrs": ["10.0.0.0/8", null], "ids": [null], "more": ["a"], "map": { "a": "x" } }),
        json!({ "cidrs": [false, true], "ids": [true], "more": [false, true], "map": { "b": true } }),
        json!({}),
        json!({ "cidrs": { "references": ["local.c"] }, "ids": { "references": ["local.i"] },
                "more": { "references": ["local.m"] }, "map": { "references": ["local.m"] } }),
    );
    let value = |path| bucket.value("aws_s3_bucket.b", path);
    assert_eq!(value("cidrs/0"), "\"10.0.0.0/8\"");
    assert_eq!(value("cidrs/1"), "KnownAfterApply");
    assert_eq!(value("ids/0"), "KnownAfterApply");
    assert_eq!(value("more"), "list of 2");
    assert_eq!(value("more/1"), "KnownAfterApply");
    assert_eq!(value("map/a"), "\"x\"");
    assert_eq!(value("map/b"), "KnownAfterApply");
}

#[test]
fn blocks_of_sets_are_matched_by_their_constants() {
    // The values stand in the set's order, the configuration in the author's.
    let bucket = bucket(
        json!({ "disk": [{ "name": "b", "size": 2 }, { "name": "a", "size": 1 }] }),
        json!({ "disk": [{ "key": true }, { "key": true }] }),
        json!({}),
        json!({ "disk": [
            { "name": { "constant_value": "a" }, "size": { "constant_value": "1" },
              "key": { "references": ["local.key"] } },
            { "name": { "constant_value": "b" }, "size": { "constant_value": "2" } },
        ] }),
    );
    assert_eq!(bucket.value("aws_s3_bucket.b", "disk/0/key"), "missing");
    assert_eq!(bucket.value("aws_s3_bucket.b", "disk/1/key"), "KnownAfterApply");
    assert!(bucket.mark("aws_s3_bucket.b", "disk/1/key").unwrap().unresolved_in.is_some());
}

#[test]
fn secrets_are_unknown_and_null_secrets_are_null() {
    let bucket = bucket(
        json!({ "password": "hunter2", "token": null, "map": { "a": "hunter2", "b": "public" }, "list": ["hunter2", "x"],
                "number": 12345, "whole": { "deep": ["hunter2"] } }),
        json!({ "later": true, "computed": true }),
        json!({ "password": true, "token": true, "map": { "a": true }, "list": [true, false], "number": true,
                "whole": true, "later": true, "computed": true }),
        json!({ "later": { "references": ["var.x"] } }),
    );
    let value = |path| bucket.value("aws_s3_bucket.b", path);
    for secret in ["password", "map/a", "list/0", "number", "whole", "later"] {
        assert_eq!(value(secret), "Sensitive", "{secret}");
        assert!(bucket.mark("aws_s3_bucket.b", secret).unwrap().sensitive, "{secret}");
    }
    assert_eq!(value("token"), "null");
    assert_eq!(value("map/b"), "\"public\"");
    assert_eq!(value("list/1"), "\"x\"");
    assert_eq!(value("computed"), "missing");
}

#[test]
fn numbers_are_exact() {
    let numbers = "9007199254740993, 9223372036854775807, -9223372036854775808, 9223372036854775808, 1.0, 1e3, -0.10, 0";
    let text = format!(
        r#"{{"format_version":"1.0","planned_values":{{"root_module":{{"resources":[
            {{"address":"aws_x.y","mode":"managed","type":"aws_x","name":"y","values":{{"n":[{numbers}]}}}}]}}}}}}"#
    );
    let imported = common::import_text(&text).unwrap();
    let expected = [
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "number 9223372036854775808",
        "number 1.0",
        "number 1e3",
        "number -0.10",
        "0",
    ];
    for (position, expected) in expected.iter().enumerate() {
        assert_eq!(&imported.value("aws_x.y", &format!("n/{position}")), expected);
    }
}

#[test]
fn values_of_changes_stand_in_where_planned_values_lack_them() {
    let address = "aws_s3_bucket.b";
    let mut change = created(address, json!({}), json!({}));
    change["change"]["after"] = json!({ "acl": "private" });
    let deleted = json!({ "address": "aws_s3_bucket.gone", "mode": "managed", "type": "aws_s3_bucket", "name": "gone",
        "change": { "actions": ["delete"], "before": { "acl": "x" }, "after": null, "after_unknown": {} } });

    let mut no_values = planned(address, json!({}));
    no_values.as_object_mut().unwrap().remove("values");
    let imported = import(&plan(vec![no_values], vec![change.clone()], vec![]));
    assert_eq!(imported.value(address, "acl"), "\"private\"");
    assert_eq!(
        imported.document.values_pointer(imported.object(address)),
        "/resource_changes/0/change/after"
    );

    let imported = import(&plan(vec![], vec![change.clone(), deleted.clone()], vec![]));
    assert_eq!(imported.addresses(), [address]);
    assert!(imported.document.remarks[0].message.contains("under `resource_changes` only"));

    let mut changes_only = plan(vec![], vec![change, deleted], vec![]);
    changes_only.as_object_mut().unwrap().remove("planned_values");
    let imported = import(&changes_only);
    assert_eq!(imported.addresses(), [address]);
    assert_eq!(imported.document.remarks.len(), 1);
}

#[test]
fn actions_are_what_happens_to_the_object() {
    let cases = [
        (json!(["no-op"]), Action::None),
        (json!(["create"]), Action::Create),
        (json!(["read"]), Action::Read),
        (json!(["update"]), Action::Update),
        (json!(["delete", "create"]), Action::Replace),
        (json!(["create", "delete"]), Action::Replace),
        (json!(["create", "forget"]), Action::Create),
    ];
    for (actions, expected) in cases {
        let address = "aws_s3_bucket.b";
        let mut change = created(address, json!({}), json!({}));
        change["change"]["actions"] = actions;
        let mut deposed = created(address, json!({}), json!({}));
        deposed["deposed"] = json!("byebye");
        deposed["change"]["actions"] = json!(["delete"]);
        let imported = import(&plan(vec![planned(address, json!({}))], vec![change, deposed], vec![]));
        assert_eq!(imported.object(address).action, expected);
    }
    let mut odd = created("aws_s3_bucket.b", json!({}), json!({}));
    odd["change"]["actions"] = json!(["transmogrify"]);
    let imported = import(&plan(vec![planned("aws_s3_bucket.b", json!({}))], vec![odd], vec![]));
    assert_eq!(imported.document.remarks.len(), 1);
}

#[test]
fn data_sources_already_read_are_objects_while_they_are_written_down() {
    let read = |name: &str| planned(&format!("data.aws_iam_policy_document.{name}"), json!({ "json": "{}" }));
    let mut plan = plan(vec![], vec![], vec![configured("data.aws_iam_policy_document.kept", json!({}))]);
    plan["prior_state"] = json!({ "values": { "root_module": { "resources":
        [read("kept"), read("dropped"), planned("aws_s3_bucket.old", json!({}))] } } });
    let imported = import(&plan);
    assert_eq!(imported.addresses(), ["data.aws_iam_policy_document.kept"]);
    assert!(imported.object("data.aws_iam_policy_document.kept").is_data);
    assert_eq!(
        imported.document.pointer(&imported.document.objects[0]),
        "/prior_state/values/root_module/resources/0"
    );

    plan.as_object_mut().unwrap().remove("configuration");
    assert_eq!(import(&plan).addresses().len(), 2, "without a configuration nothing tells that one is gone");
}

#[test]
fn keys_in_any_order_read_the_same() {
    let text = r#"{"configuration":{"root_module":{"resources":[{"type":"aws_x","name":"y","mode":"managed",
        "expressions":{"a":{"references":["var.a"]}}}]}},"format_version":"1.0",
        "planned_values":{"root_module":{"child_modules":[{"resources":[{"values":{"secret":"hunter2","a":1},
        "type":"aws_x","sensitive_values":{"secret":true},"name":"y","mode":"managed","address":"module.m.aws_x.y"}],
        "address":"module.m"}]}}}"#;
    let imported = common::import_text(text).unwrap();
    assert_eq!(imported.value("module.m.aws_x.y", "secret"), "Sensitive");
    assert_eq!(imported.value("module.m.aws_x.y", "a"), "1");
    assert_eq!(imported.text(imported.object("module.m.aws_x.y").module), "module.m");
}

#[test]
fn incomplete_plans_and_repeated_addresses_are_remarked_on() {
    let address = "aws_s3_bucket.b";
    let twice = || planned(address, json!({}));
    let mut plan = plan(vec![twice(), twice()], vec![created(address, json!({}), json!({}))], vec![]);
    plan["errored"] = json!(true);
    plan["complete"] = json!(false);
    plan["deferred_changes"] = json!([{ "reason": "provider_config_unknown" }, {}]);
    let imported = import(&plan);
    assert_eq!(imported.addresses(), [address, address], "two objects are never made one");
    let messages: Vec<&str> = imported.document.remarks.iter().map(|remark| &*remark.message).collect();
    assert_eq!(
        messages.iter().filter(|message| message.contains("may be missing")).count(),
        3,
        "{messages:?}"
    );
    assert_eq!(messages.iter().filter(|message| message.contains("same address")).count(), 1, "{messages:?}");

    plan["errored"] = json!(false);
    plan["complete"] = json!(true);
    plan["deferred_changes"] = json!([]);
    assert_eq!(import(&plan).document.remarks.len(), 1);
}
