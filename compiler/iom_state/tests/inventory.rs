//! Inventories: what is a thing in them, of which type, where it stands, and what is refused.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod common;
mod dump;

use std::fmt::Write as _;

use common::Everything;
use iom_state::About;
use iom_state::document::Format;
use iom_state::tape::Strings;

/// The objects of a file with their values, or why there are none.
fn read(name: &str, format: Option<Format>, text: &str) -> String {
    let mut strings = Strings::default();
    let about = About { format, name, ..About::default() };
    match iom_state::import_file(text.as_bytes(), &about, &Everything, &mut strings) {
        Ok(document) => {
            let mut out = dump::dump(&document, &strings);
            for object in &document.objects {
                let place = document.files.place(object.offset);
                let (address, source_type) =
                    (strings.resolve(&object.address), strings.resolve(&object.source_type));
                let account = strings.resolve(&object.provider);
                let pointer = document.pointer(object);
                let document = object.document;
                let _ = writeln!(
                    out,
                    "{address} is {source_type} at {}:{} {pointer} {document:?} {account}",
                    place.line, place.column
                );
            }
            let _ = writeln!(out, "made {:?}", document.timestamp);
            out
        }
        Err(error) => format!("{:?}: {error}\n", error.kind),
    }
}

fn json(name: &str, text: &str) -> String {
    read(name, Some(Format::Json), text)
}

#[test]
fn lists_are_of_the_type_that_their_place_says() {
    let mut out = String::new();
    let cases = [
        ("hosts.json", r#"[{"name": "a", "cpus": 4}, {"name": "a"}, 7, {}]"#),
        ("x.json", r#"{"hosts": [{"id": 1}], "networks": [], "version": 2, "zones": ["a"]}"#),
        ("app.json", r#"{"name": "shop", "parts": [{"id": 1}]}"#),
        ("answer.json", r#"{"Table": {"TableName": "t", "Keys": [{"a": 1}]}}"#),
        ("lines.jsonl", "{\"id\": \"a\"}\n{\"id\": \"b\"}\n"),
        ("people.yaml", "people:\n  - id: alice\n    groups: [x]\n  - id: bob\n"),
        ("two.yaml", "name: a\n---\nname: b\n"),
        ("table.json", r#"{"kind": "list", "etag": "x", "nextPageToken": "y", "items": [{"name": "n"}]}"#),
    ];
    for (name, text) in cases {
        let _ = write!(out, "## {name}\n{}\n", json(name, text));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn recorded_answers_are_taken_out_of_their_wrappers() {
    let mut out = String::new();
    let cases = [
        r#"{"status_code": 200, "data": {"ResponseMetadata": {"RequestId": "r"}, "Vpcs": [{"VpcId": "v", "Since":
            {"__class__": "datetime", "year": 2017, "month": 1, "day": 9, "hour": 3, "minute": 7, "second": 1, "microsecond": 5000}}]}}"#,
        r#"{"status_code": 200, "data": {}}"#,
        r#"{"status_code": 404, "data": {"Error": {"Code": "NoSuchBucketPolicy", "Message": "m"}}}"#,
        r#"{"headers": {"etag": "x"}, "body": {"kind": "storage#buckets", "items": [{"id": "b"}]}}"#,
        r#"{"headers": {}, "body": {"kind": "policy", "resourceId": "projects/_/buckets/b", "bindings": [{"role": "r"}]}}"#,
        r#"{"status_code": 200, "data": {"configurationItems": [{"resourceType": "AWS::X::Y", "resourceId": "i"}]}}"#,
    ];
    for text in cases {
        let _ = write!(
            out,
            "## {}\n{}\n",
            text.split_whitespace().collect::<String>(),
            read("answer.json", None, text)
        );
    }
    insta::assert_snapshot!(out);
}

#[test]
fn the_latest_item_of_a_resource_counts() {
    let history = r#"{"configurationItems": [
      {"resourceType": "AWS::EC2::Volume", "resourceId": "vol-1", "configurationItemCaptureTime": "2020-01-02T00:31:00+01:00",
       "awsAccountId": "123", "awsRegion": "eu-west-1", "arn": "arn:aws:ec2:eu-west-1:123:volume/vol-1",
       "configuration": "{\"size\": 8, \"attachments\": [{\"instanceId\": \"i-1\"}]}",
       "supplementaryConfiguration": {"Acl": "\"{\\\"owner\\\": 1}\"", "Text": "{no json", "Null": "null"},
       "relationships": [{"resourceId": "i-1", "resourceType": "AWS::EC2::Instance", "name": "Is attached to Instance"}]},
      {"resourceType": "AWS::EC2::Volume", "resourceId": "vol-1", "configurationItemCaptureTime": "2020-01-01T23:30:00Z",
       "awsAccountId": "123", "awsRegion": "eu-west-1", "configuration": {"size": 9}},
      {"resourceType": "AWS::EC2::Volume", "resourceId": "vol-1", "configurationItemCaptureTime": "2019-01-01T00:00:00Z", "awsAccountId": "456"},
      {"resourceType": "AWS::EC2::Volume", "resourceId": "vol-2", "configurationItemCaptureTime": 1502617462.927, "configurationItemStatus": "ResourceDeleted"},
      {"resourceType": "AWS::EC2::Volume", "resourceId": "vol-2", "configurationItemCaptureTime": 1502617461, "configurationItemStatus": "OK"},
      {"resourceId": "x"}, 7
    ]}"#;
    insta::assert_snapshot!(read("history.json", None, history));
}

#[test]
fn items_come_alone_in_events_and_in_answers_to_queries() {
    let mut out = String::new();
    let cases = [
        r#"{"resourceType": "AWS::S3::Bucket", "resourceId": "b", "configuration": "null"}"#,
        r#"[{"resourceType": "AWS::S3::Bucket", "resourceId": "b", "configuration": null}]"#,
        r#"{"invokingEvent": "{\"configurationItem\": {\"resourceType\": \"AWS::S3::Bucket\", \"resourceId\": \"b\"}}"}"#,
        r#"{"invokingEvent": "{\"messageType\": \"ScheduledNotification\"}"}"#,
        r#"{"detail-type": "Config", "detail": {"configurationItem": {"resourceType": "AWS::S3::Bucket", "resourceId": "b"}}}"#,
        r#"{"detail-type": "AWS API Call", "detail": {"eventName": "CreateDomain"}}"#,
        r#"{"Results": ["{\"resourceType\": \"AWS::S3::Bucket\", \"resourceId\": \"b\"}", "no"]}"#,
        r#"{"baseConfigurationItems": [{"resourceType": "AWS::S3::Bucket", "resourceId": "b"}]}"#,
        r#"{"a": 1}"#,
    ];
    for text in cases {
        let _ = write!(out, "## {text}\n{}\n", read("event.json", Some(Format::AwsConfig), text));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_is_no_inventory_is_refused() {
    let mut out = String::new();
    for text in ["[1, 2]", "\"x\"", "", "[{\"a\": 1}", "{\"a\": 1, \"a\": 2}", "a: [1\n", "null"] {
        let _ = write!(out, "## {text}\n{}\n", json("x.json", text));
    }
    let schema = r#"{"accountId": "string", "configurationItemStatus": "string", "relationships.resourceId": "string"}"#;
    let _ = write!(out, "## properties\n{}", read("x.json", None, schema));
    insta::assert_snapshot!(out);
}

/// Texts that are cut, and texts of which a byte is another one: whatever is made of them, it ends, and what it says has a place.
#[test]
fn nothing_in_a_file_stops_the_importers() {
    let seeds: [(&str, Format, &str); 5] = [
        ("a.csv", Format::Csv, "name;\"a \"\"b\"\"\";c\r\nx;\"y\nz\";1\n\n;;\n"),
        (
            "a.json",
            Format::Json,
            r#"{"status_code": 200, "data": {"Vpcs": [{"VpcId": "v", "at": {"__class__": "datetime", "year": 1, "month": 2, "day": 3}}], "n": [1]}}"#,
        ),
        ("a.yaml", Format::Json, "hosts:\n- &a {id: x, tags: {k: v}}\n- *a\n"),
        ("a.jsonl", Format::Json, "{\"id\": 1}\n[{\"id\": 2}]\n"),
        (
            "a.json",
            Format::AwsConfig,
            r#"{"configurationItems": [{"resourceType": "A", "resourceId": "i", "configuration": "{\"a\": [1]}", "supplementaryConfiguration": {"x": "\"{}\""}, "configurationItemCaptureTime": 1.5e9}]}"#,
        ),
    ];
    for (name, format, text) in seeds {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            read(name, Some(format), &text[..end]);
        }
        for position in 0..text.len() {
            for byte in [b'"', b'\\', b'{', b'}', b'[', b',', b':', b'\n', b'-', b'9', b';', 0x7f, 0] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[position] = byte;
                if let Ok(mutated) = std::str::from_utf8(&bytes) {
                    read(name, Some(format), mutated);
                }
            }
        }
    }
}
