//! What cannot be read is refused with a reason and a place.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;

use common::{Everything, configured, import_bytes, import_text, plan, planned};
use iom_state::document::{Format, ImportError, ImportErrorKind};
use iom_state::tape::Strings;
use serde_json::json;

fn refusal(text: &str) -> ImportError {
    match import_text(text) {
        Ok(_) => panic!("read: {}", &text[..text.len().min(200)]),
        Err(error) => error,
    }
}

fn malformed(text: &str, message: &str, place: (u32, u32), pointer: &str) {
    let error = refusal(text);
    assert_eq!(error.kind, ImportErrorKind::Malformed, "{error}");
    assert!(error.message.contains(message), "{error}");
    assert_eq!(error.place, Some(place), "{error}");
    assert_eq!(error.pointer.as_deref(), Some(pointer), "{error}");
}

/// A plan with these values of one resource, on its second line.
fn with_values(values: &str) -> String {
    format!(
        "{{\"format_version\":\"1.0\",\"planned_values\":{{\"root_module\":{{\"resources\":[\n\
         {{\"address\":\"aws_x.y\",\"mode\":\"managed\",\"type\":\"aws_x\",\"name\":\"y\",\"values\":{values}}}]}}}}}}"
    )
}

const VALUES: &str = "/planned_values/root_module/resources/0/values";

#[test]
fn broken_text_has_a_place() {
    malformed("", "the file is empty", (1, 1), "");
    malformed(" \n\t", "the file is empty", (1, 1), "");
    malformed("{\"planned_values\": ", "cut off", (1, 20), "/planned_values");
    malformed("{\"a\": 1,\n}", "a `,` too many", (2, 1), "");
    malformed("{\"format_version\":\"1.0\",\"planned_values\":{}}\n}", "follows the end", (2, 1), "");
    malformed(&with_values("{\"a\": 01}"), "not a JSON number", (2, 81), &format!("{VALUES}/a"));
    malformed(&with_values("{\"a\": \"\\ud800\"}"), "surrogate", (2, 87), &format!("{VALUES}/a"));
    malformed(&with_values("{\"a\": \"\\q\"}"), "escape", (2, 82), &format!("{VALUES}/a"));
    malformed(&with_values("{\"a\": \"\n\"}"), "control character", (2, 81), &format!("{VALUES}/a"));
    malformed(&with_values("{\"a\": NaN}"), "a JSON value is missing", (2, 80), &format!("{VALUES}/a"));
    malformed(
        &with_values(&format!("{{\"a\": {}}}", "9".repeat(5000))),
        "too many digits",
        (2, 4381),
        &format!("{VALUES}/a"),
    );
}

#[test]
fn names_that_occur_twice_are_refused_unless_it_makes_no_difference() {
    malformed(&with_values("{\"a\": 1, \"a\": 2}"), "twice", (2, 88), &format!("{VALUES}/a"));
    let same = import_text(&with_values("{\"a\": [1], \"b\": 2, \"a\": [1], \"a\": [1]}")).unwrap();
    assert_eq!(same.value("aws_x.y", ""), "object of 2");
    assert_eq!(same.document.remarks.len(), 2);
    malformed("{\"planned_values\": {}, \"planned_values\": {}}", "twice", (1, 42), "/planned_values");
    let twice = with_values("{}").replace("\"values\":{}", "\"values\":{},\"values\":{}");
    malformed(&twice, "twice", (2, 86), VALUES);
}

#[test]
fn parts_of_the_wrong_shape_have_a_place() {
    malformed("{\"planned_values\": 3}", "expected an object, found a number", (1, 20), "/planned_values");
    malformed(&with_values("[]"), "expected an object, found a list", (2, 74), VALUES);
    let no_address = with_values("{}").replace("\"address\":\"aws_x.y\",", "");
    malformed(&no_address, "no `address`", (2, 1), "/planned_values/root_module/resources/0");
}

#[test]
fn wrong_bytes_have_a_place() {
    let Err(error) = import_bytes(b"{\n\"a\": \"\xff\"}") else { panic!("read") };
    assert_eq!((error.kind, error.place), (ImportErrorKind::Malformed, Some((2, 7))));
    assert_eq!(error.message, "the byte 0xFF is not valid UTF-8");
}

#[test]
fn deep_nesting_is_refused() {
    let lists = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let objects = |depth: usize| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
    assert!(import_text(&with_values(&objects(150))).is_ok());
    for deep in [lists(100_000), objects(100_000), lists(250), "[".repeat(1_000_000)] {
        let error = refusal(&with_values(&format!("{{\"a\": {deep}}}")));
        assert!(error.message.contains("nested"), "{error}");
        assert_eq!(refusal(&deep).kind, ImportErrorKind::Malformed);
    }
    let modules = "{\"child_modules\":[".repeat(1000) + "{}" + &"]}".repeat(1000);
    let error = refusal(&format!("{{\"planned_values\":{{\"root_module\":{modules}}}}}"));
    assert!(error.message.contains("nested"), "{error}");
    let calls = "{\"module_calls\":{\"m\":{\"module\":".repeat(1000) + "{}" + &"}}}".repeat(1000);
    let error =
        refusal(&format!("{{\"planned_values\":{{}},\"configuration\":{{\"root_module\":{calls}}}}}"));
    assert!(error.message.contains("nested"), "{error}");
    let unknown = format!("{{\"a\": {}}}", lists(100_000));
    let text = with_values("{}").replace(
        "{\"format_version\"",
        &format!(
            "{{\"resource_changes\":[{{\"address\":\"aws_x.y\",\"change\":{{\"actions\":[\"create\"],\"after_unknown\":{unknown}}}}}],\"format_version\""
        ),
    );
    assert!(refusal(&text).message.contains("nested"));
}

#[test]
fn later_major_versions_are_refused_and_later_minor_versions_read() {
    let with_version = |version: &str| with_values("{}").replace("1.0", version);
    for version in ["0.1", "0.2", "1.0", "1.2", "1.99"] {
        let imported = import_text(&with_version(version)).unwrap();
        assert_eq!(imported.document.format_version.as_deref(), Some(version));
    }
    for version in ["2.0", "10.1", "x", "", "1.x"] {
        let error = refusal(&with_version(version));
        assert_eq!(error.kind, ImportErrorKind::UnsupportedVersion, "{error}");
        assert_eq!(error.pointer.as_deref(), Some("/format_version"));
    }
    let without = import_text(&with_values("{}").replace("\"format_version\":\"1.0\",", "")).unwrap();
    assert!(without.document.remarks[0].message.contains("no `format_version`"));
}

#[test]
fn other_files_are_named() {
    let state = r#"{"format_version":"1.0","terraform_version":"1.5.0","values":{"root_module":{}}}"#;
    let raw = r#"{"version":4,"terraform_version":"1.5.0","serial":1,"lineage":"x","resources":[]}"#;
    let log = "{\"@level\":\"info\",\"@message\":\"x\"}\n{\"@level\":\"info\",\"@message\":\"y\"}";
    let cases = [
        (state, "Terraform state"),
        (raw, "Terraform state"),
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{}}"#, "Kubernetes objects"),
        (r#"[{"apiVersion":"v1","kind":"Pod","metadata":{}}]"#, "Kubernetes objects"),
        (r#"{"AWSTemplateFormatVersion":"2010-09-09","Resources":{}}"#, "a CloudFormation template"),
        (r#"{"configurationItems":[]}"#, "AWS Config"),
        (r#"{"resourceType":"AWS::S3::Bucket","configuration":"{}"}"#, "AWS Config"),
        (log, "Terraform's log"),
        (r#"{"hello":1,"world":2}"#, "hello, world"),
        ("apiVersion: v1\nkind: Pod\n", "Kubernetes objects"),
        ("# comment\nResources:\n  Bucket:\n", "a CloudFormation template"),
        ("resource \"aws_x\" \"y\" {\n}\n", "Terraform configuration"),
        ("PK\u{3}\u{4}rest", "zip"),
        ("# Readme\n", "no Terraform plan in JSON"),
        ("---\nname: x\n", "no Terraform plan in JSON"),
        ("[]", "it is empty"),
    ];
    for (text, name) in cases {
        let plan = Some(Format::TerraformPlan);
        let error =
            iom_state::import(text.as_bytes(), plan, &Everything, &mut Strings::default()).unwrap_err();
        assert_eq!(error.kind, ImportErrorKind::NotThisFormat, "{text}: {error}");
        assert!(error.message.contains(name), "{text}: {error}");
    }
}

#[test]
fn what_could_be_anything_needs_its_format() {
    for text in ["# Readme\n", "---\nname: x\n", "{}", "[]", "3", "\"text\"", r#"{"hello":1,"world":2}"#] {
        let error = refusal(text);
        assert_eq!(error.kind, ImportErrorKind::NotThisFormat, "{text}: {error}");
        assert!(error.message.contains("can't be told from its content"), "{text}: {error}");
    }
}

#[test]
fn plans_with_little_in_them_are_plans() {
    assert!(import_text(r#"{"planned_values":{}}"#).unwrap().document.objects.is_empty());
    assert!(import_text(r#"{"format_version":"1.0","planned_values":null,"resource_changes":null}"#).is_ok());
    let empty = plan(vec![planned("aws_x.y", json!({}))], vec![], vec![configured("aws_x.y", json!({}))]);
    assert_eq!(import_text(&empty.to_string()).unwrap().value("aws_x.y", ""), "object of 0");
}
