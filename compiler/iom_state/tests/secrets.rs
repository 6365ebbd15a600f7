//! No text of a secret is ever kept: not in the strings, not in the document, not in an error.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;

use common::{Everything, These, configured, created, plan, planned};
use iom_state::tape::{NodeValue, Strings, UnknownCause};
use serde_json::{Value, json};

const CANARY: &str = "canary-7f3a9";

/// Every place a plan can hold a secret in.
fn leaky_plan() -> Value {
    let address = "aws_db_instance.d";
    let data = "data.aws_secretsmanager_secret_version.s";
    let values = json!({ "password": CANARY, "map": { "a": CANARY, "b": 1 }, "list": [CANARY, "x"],
        "block": [{ "token": CANARY, "name": "n" }], "whole": { "deep": [[CANARY]] }, "escaped": format!("\u{1}{CANARY}\"") });
    let sensitive = json!({ "password": true, "map": { "a": true }, "list": [true, false], "block": [{ "token": true }],
        "whole": true, "escaped": true });
    let mut change = created(address, json!({}), sensitive.clone());
    change["change"]["before"] = values.clone();
    change["change"]["after"] = values.clone();
    let mut read = planned(data, json!({ "secret_string": CANARY }));
    read["sensitive_values"] = json!({ "secret_string": true });
    let mut plan = plan(
        vec![planned(address, values.clone())],
        vec![change],
        vec![
            configured(
                address,
                json!({ "password": { "constant_value": CANARY },
                "block": [{ "token": { "constant_value": CANARY }, "name": { "constant_value": "n" } }] }),
            ),
            configured(data, json!({})),
        ],
    );
    plan["prior_state"] =
        json!({ "values": { "root_module": { "resources": [read, planned(address, values.clone())] } } });
    plan["variables"] = json!({ "password": { "value": CANARY } });
    plan["planned_values"]["outputs"] = json!({ "password": { "sensitive": true, "value": CANARY } });
    plan["output_changes"] = json!({ "password": { "before": CANARY, "after": CANARY } });
    plan["resource_drift"] = json!([{ "address": address, "change": { "before": values } }]);
    plan["configuration"]["root_module"]["variables"] = json!({ "password": { "default": CANARY } });
    plan["configuration"]["root_module"]["outputs"] =
        json!({ "o": { "expression": { "constant_value": CANARY }, "sensitive": true } });
    plan["configuration"]["root_module"]["module_calls"] = json!({ "m": { "module": {},
        "expressions": { "password": { "constant_value": CANARY } } } });
    plan["configuration"]["provider_config"] =
        json!({ "aws": { "expressions": { "secret_key": { "constant_value": CANARY } } } });
    plan
}

fn assert_no_canary(plan: &Value) {
    let mut strings = Strings::default();
    let document = iom_state::import(plan.to_string().as_bytes(), None, &Everything, &mut strings).unwrap();
    let kept: Vec<&str> = strings.texts().filter(|text| text.contains(CANARY)).collect();
    assert_eq!(kept, Vec::<&str>::new());
    assert!(!format!("{document:?}").contains(CANARY));
}

#[test]
fn secrets_are_not_kept() {
    assert_no_canary(&leaky_plan());
}

#[test]
fn one_mark_of_two_is_enough() {
    let mut planned_only = leaky_plan();
    let sensitive = planned_only["resource_changes"][0]["change"]["after_sensitive"].take();
    planned_only["planned_values"]["root_module"]["resources"][0]["sensitive_values"] = sensitive;
    assert_no_canary(&planned_only);
}

#[test]
fn secrets_of_plans_without_changes_are_not_kept() {
    let mut plan = leaky_plan();
    let sensitive = plan["resource_changes"][0]["change"]["after_sensitive"].take();
    plan.as_object_mut().unwrap().remove("resource_changes");
    let resource = &mut plan["planned_values"]["root_module"]["resources"][0];
    resource["sensitive_values"] = sensitive;
    // Keys in the order of Terraform: the type is known when the values come, the secrets are not.
    let text = plan.to_string();
    let sorted = resource_text(&plan["planned_values"]["root_module"]["resources"][0]);
    let reordered = text.replace(&plan["planned_values"]["root_module"]["resources"][0].to_string(), &sorted);
    assert_ne!(text, reordered);
    let mut strings = Strings::default();
    let document = iom_state::import(reordered.as_bytes(), None, &Everything, &mut strings).unwrap();
    assert!(strings.texts().all(|text| !text.contains(CANARY)));
    assert!(document.tape.marks.values().any(|mark| mark.sensitive));
    assert!(strings.get("n").is_some(), "what is no secret is kept");
}

fn resource_text(resource: &Value) -> String {
    let member = |name: &str| format!("\"{name}\":{}", resource[name]);
    let names = ["address", "mode", "type", "name", "provider_name", "values", "sensitive_values"];
    format!("{{{}}}", names.map(member).join(","))
}

#[test]
fn objects_that_are_secret_as_a_whole_have_no_attributes() {
    let mut plan = leaky_plan();
    plan["resource_changes"][0]["change"]["after_sensitive"] = json!(true);
    assert_no_canary(&plan);
}

#[test]
fn values_of_another_shape_than_their_marks_are_secret() {
    let mut plan = leaky_plan();
    plan["resource_changes"][0]["change"]["after_sensitive"] = json!({ "password": { "x": true }, "map": [true], "list": { "0": true }, "block": { "token": true },
                "whole": [true], "escaped": [{ "a": [true] }] });
    assert_no_canary(&plan);
}

#[test]
fn broken_plans_do_not_quote_what_they_hold() {
    let text = leaky_plan().to_string();
    for end in (0..text.len()).step_by(7) {
        let mut strings = Strings::default();
        let error = iom_state::import(&text.as_bytes()[..end], None, &Everything, &mut strings).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CANARY));
    }
}

#[test]
fn changes_hidden_by_escapes_are_refused() {
    let mut plan = leaky_plan();
    plan["resource_changes"][0]["change"]["after_sensitive"] = json!({});
    let text = plan.to_string().replace("resource_changes", "resource\\u005fchanges");
    let error = iom_state::import(text.as_bytes(), None, &Everything, &mut Strings::default()).unwrap_err();
    assert!(error.message.contains("escape"), "{error}");
}

#[test]
fn what_is_secret_as_a_whole_is_not_absent() {
    let address = "aws_db_instance.d";
    let mut listed = planned(address, json!({ "encrypted": true }));
    listed["sensitive_values"] = json!(true);
    let plan = plan(vec![listed], Vec::new(), Vec::new()).to_string();
    let state = json!({ "version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "resources": [{
        "mode": "managed", "type": "aws_db_instance", "name": "d", "provider": "p",
        "instances": [{ "attributes": { "encrypted": true }, "sensitive_attributes": [[]] }] }] });
    for text in [plan, state.to_string()] {
        let mut strings = Strings::default();
        let document =
            iom_state::import(text.as_bytes(), None, &These::of(&["acl", "encrypted"]), &mut strings)
                .unwrap();
        let values = document.objects[0].values.unwrap();
        let members: Vec<_> =
            document.tape.members(values).map(|(_, node)| document.tape.node(node).value).collect();
        assert_eq!(members, [NodeValue::Unknown(UnknownCause::Sensitive); 2], "{text}");
    }
}
