use std::fmt::Write as _;
use std::io::Cursor;

use crate::document::{AttributeFilter, Document, Wanted};
use crate::shown::shown;
use crate::tape::Strings;

/// Everything, or all attributes but those of the state itself.
struct Everything {
    with_state: bool,
}

impl Wanted for Everything {
    fn attributes(&self, source_type: &str, _: bool) -> Option<AttributeFilter<'_>> {
        (self.with_state || source_type != super::STATE).then_some(AttributeFilter::All(&[]))
    }
}

fn described(document: &Document, strings: &Strings) -> String {
    let mut out = format!(
        "{:?} version {} of {}\n",
        document.format,
        document.format_version.as_deref().unwrap_or("?"),
        document.tool_version.as_deref().unwrap_or("?")
    );
    for (number, object) in document.objects.iter().enumerate() {
        let text = |symbol| strings.resolve(symbol);
        let _ = write!(
            out,
            "{number} {} in {:?} by {} at {} ",
            text(&object.address),
            text(&object.module),
            text(&object.provider),
            document.values_pointer(object)
        );
        if let Some(values) = object.values {
            shown(document, strings, values, &mut out);
        }
        if !object.depends_on.is_empty() {
            let _ = write!(out, " after {:?}", document.depends_on(object));
        }
        out.push('\n');
    }
    for remark in &document.remarks {
        let address = remark.address.map_or("", |address| strings.resolve(&address));
        let _ = writeln!(out, "remark on {address}: {}", remark.message);
    }
    out
}

fn read_with(text: &str, wanted: &Everything) -> String {
    let mut strings = Strings::default();
    let whole = match crate::import(text.as_bytes(), None, wanted, &mut strings) {
        Ok(document) => described(&document, &strings),
        Err(error) => return format!("{:?}: {error}\n", error.kind),
    };
    let mut strings = Strings::default();
    if let Some(document) =
        crate::import_in_pieces(&mut Cursor::new(text.as_bytes()), None, wanted, &mut strings)
    {
        assert_eq!(whole, described(&document, &strings));
    }
    whole
}

fn read(text: &str) -> String {
    read_with(text, &Everything { with_state: false })
}

fn state(resources: &str) -> String {
    format!(
        r#"{{"version": 4, "terraform_version": "1.9.5", "serial": 7, "lineage": "a-b", "outputs": {{}}, "resources": [{resources}]}}"#
    )
}

#[test]
fn instances_and_what_they_depend_on() {
    insta::assert_snapshot!(read(&state(
        r#"
{"mode": "data", "type": "aws_caller_identity", "name": "me", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
 "instances": [{"schema_version": 0, "attributes": {"account_id": "1"}}]},
{"module": "module.net[\"a.b\"]", "mode": "managed", "type": "aws_subnet", "name": "s", "each": "list",
 "provider": "module.net.provider[\"registry.terraform.io/hashicorp/aws\"].eu",
 "instances": [
  {"index_key": 0, "attributes": {"id": "s-0", "n": 1.5, "empty": null, "tags": {}}, "private": "bnVsbA=="},
  {"index_key": 1, "attributes": {"id": "s-1"}, "status": "tainted", "dependencies": ["data.aws_caller_identity.me"]},
  {"index_key": 1, "attributes": {"id": "old"}, "deposed": "0a1b"}]},
{"mode": "managed", "type": "aws_x", "name": "k", "each": "map", "provider": "provider.aws",
 "instances": [{"index_key": "q\"${x}", "attributes": {"list": [{"a": true}]},
   "dependencies": ["module.net.aws_subnet.s", "module.gone.aws_y.z"]}, {"index_key": "empty"}]},
{"module": "module.net[\"a.b\"]", "mode": "managed", "type": "aws_x", "name": "old", "provider": "provider.aws",
 "instances": [{"attributes": {"id": "3"}, "depends_on": ["aws_subnet.s"]}]}"#
    )));
}

#[test]
fn secrets_are_not_read() {
    let found = read(&state(
        r#"
{"mode": "managed", "type": "aws_db_instance", "name": "d", "provider": "provider.aws", "instances": [
 {"attributes": {"password": "hunter2", "list": ["hunter2", "b"], "deep": [{"a": {"k.x": "hunter2", "y": 1}}], "n": "ok",
   "wrong": "hunter2", "none": null},
  "sensitive_attributes": [[{"type": "get_attr", "value": "password"}],
   [{"type": "get_attr", "value": "list"}, {"type": "index", "value": {"value": 0, "type": "number"}}],
   [{"type": "get_attr", "value": "deep"}, {"type": "index", "value": {"value": 0, "type": "number"}},
    {"type": "get_attr", "value": "a"}, {"type": "index", "value": {"value": "k.x", "type": "string"}}],
   [{"type": "get_attr", "value": "wrong"}, {"type": "get_attr", "value": "shape"}],
   [{"type": "get_attr", "value": "none"}]]},
 {"sensitive_attributes": [[]], "attributes": {"password": "hunter2"}},
 {"sensitive_attributes": [[{"type": "get_attr", "value": "password"}]], "attributes_flat": {"password": "hunter2", "n": "ok"}},
 {"sensitive_attributes": [], "attributes": {"n": "\u0061"}}]}"#,
    ));
    assert!(!found.contains("hunter2"));
    insta::assert_snapshot!(found);
}

#[test]
fn flat_attributes_get_their_shape() {
    insta::assert_snapshot!(read(&state(
        r#"{"mode": "managed", "type": "aws_x", "name": "y", "provider": "provider.aws", "instances": [
 {"attributes_flat": {"id": "i", "rule.#": "2", "rule.10.port": "2", "rule.9.port": "1", "rule.9.cidrs.#": "0", "tags.%": "2",
  "tags.a.b": "dot", "tags.c": "d", "none": null, "later": "74D93920-ED26-11E3-AC10-0800200C9A66"}}]}"#
    )));
}

#[test]
fn names_may_follow_the_instances() {
    let sorted = r#"{"lineage": "l", "outputs": {"o": {"value": "hunter2", "sensitive": true}}, "resources": [
{"instances": [{"attributes": {"id": "1"}, "index_key": 0}], "mode": "managed", "module": "module.m", "name": "n",
 "provider": "provider.aws", "type": "aws_x"}], "serial": 3, "terraform_version": "1.0.0", "version": 4}"#;
    insta::assert_snapshot!(read_with(sorted, &Everything { with_state: true }));
}

#[test]
fn shown_state() {
    insta::assert_snapshot!(read(
        r#"{"format_version": "1.0", "terraform_version": "1.9.5", "values": {"outputs": {}, "root_module": {
 "resources": [{"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y", "tainted": true,
   "provider_name": "registry.terraform.io/hashicorp/aws", "values": {"id": "1", "password": "hunter2"},
   "sensitive_values": {"password": true}},
  {"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y", "deposed_key": "00", "values": {"id": "2"}}],
 "child_modules": [{"address": "module.m", "resources": [{"address": "module.m.aws_x.z[0]", "mode": "managed", "type": "aws_x",
   "name": "z", "index": 0, "values": {"id": "3"}, "depends_on": ["aws_x.y"]}]}]}}}"#
    ));
}

#[test]
fn what_is_no_state_is_said() {
    let found = [
        r#"{"version": 3, "serial": 1, "lineage": "x", "modules": []}"#,
        r#"{"version": 5, "serial": 1, "resources": []}"#,
        r#"{"serial": 1, "lineage": "x", "resources": []}"#,
        r#"{"version": 4, "serial": 1, "resources": {}}"#,
        r#"{"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "a", "instances": []}]}"#,
        r#"{"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "a", "name": "b", "instances": [{"index_key": []}]}]}"#,
        r#"{"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "a", "name": "b", "instances": [{"attributes": {"a": "x"}, "sensitive_attributes": [7]}]}]}"#,
        r#"{"version": 4, "serial": 1, "resources": [], "resources": []}"#,
        r#"{"version": "4", "serial": 1, "resources": []}"#,
        r#"{"version": 4, "serial": 1, "resources": ["#,
        r#"{"format_version": "1.0"}"#,
    ];
    insta::assert_snapshot!(found.map(read).concat());
    assert!(
        read(r#"{"format_version": "1.0", "terraform_version": "1.9.0", "values": null}"#)
            .starts_with("TerraformState")
    );
}

#[test]
fn cut_and_changed_state_never_breaks_it() {
    let text = state(
        r#"{"mode": "managed", "type": "a", "name": "b", "provider": "provider.a", "instances": [{"index_key": "k",
"attributes": {"a": ["x", {"b": 1}]}, "sensitive_attributes": [[{"type": "get_attr", "value": "a"}]], "dependencies": ["a.b"]}]}"#,
    );
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        read(&text[..end]);
        for sign in ["\"", "{", "]", ",", "null", "-1e999"] {
            read(&format!("{}{sign}{}", &text[..end], &text[end + 1..]));
        }
    }
}
