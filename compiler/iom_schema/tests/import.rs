//! What schemas of other systems look like as iom.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

use iom_schema::{Imported, Options, import};
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn whole(name: &str) -> Imported {
    import(&fixture(name), &Options { with_data_sources: true, ..Options::default() }).unwrap()
}

#[test]
fn a_provider_schema_is_kinds_and_types() {
    insta::assert_snapshot!(whole("acme-provider.json").text);
}

#[test]
fn a_dump_with_the_names_of_go_says_the_same() {
    insta::assert_snapshot!(whole("go-names.json").text);
}

#[test]
fn json_schema_is_a_kind_and_types_and_says_what_it_leaves_out() {
    insta::assert_snapshot!(whole("shapes.json").text);
}

#[test]
fn objects_of_kubernetes_in_swagger_are_kinds() {
    insta::assert_snapshot!(whole("swagger.json").text);
}

#[test]
fn drafts_say_the_same_in_other_words() {
    let of = |text: &str| import(&serde_json::from_str(text).unwrap(), &Options::default()).unwrap().text;
    let body = |text: &str| {
        of(text).lines().skip_while(|line| !line.starts_with("kind")).collect::<Vec<_>>().join("\n")
    };
    let old = body(
        r##"{"title": "T", "type": "object", "definitions": {"a": {"type": "integer", "minimum": 0, "exclusiveMinimum": true}},
            "properties": {"x": {"$ref": "#/definitions/a"}, "y": {"type": ["string", "null"]}, "z": {"enum": ["a", "b", null]}}}"##,
    );
    let new = body(
        r##"{"title": "T", "type": "object", "$defs": {"a": {"type": "integer", "exclusiveMinimum": 0}},
            "properties": {"x": {"$ref": "#/$defs/a"}, "y": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "z": {"oneOf": [{"const": "a"}, {"const": "b"}, {"const": null}]}}}"##,
    );
    assert_eq!(old, new);
    insta::assert_snapshot!(old);
}

#[test]
fn schemas_that_turn_in_circles_end() {
    let refused_or_written = |text: &str| {
        let schema = serde_json::from_str(text).unwrap();
        match import(&schema, &Options::default()) {
            Ok(imported) => imported.text,
            Err(error) => error.to_string(),
        }
    };
    let mut out = String::new();
    for text in [
        r##"{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}"##,
        r##"{"title": "T", "properties": {"me": {"$ref": "#"}}, "type": "object"}"##,
        r##"{"title": "T", "type": "object", "properties": {"x": {"allOf": [{"$ref": "#/properties/x"}]}}}"##,
        r##"{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "object", "properties": {"b": {"oneOf": [{"$ref": "#/$defs/a"}, {"type": "string"}]}}}]}}}"##,
    ] {
        out.push_str(&refused_or_written(text));
        out.push_str("\n----\n");
    }
    let deep = format!("{}{{}}{}", r#"{"type": "array", "items": "#.repeat(40), "}".repeat(40));
    out.push_str(&refused_or_written(&format!(
        r#"{{"title": "T", "type": "object", "properties": {{"x": {deep}}}}}"#
    )));
    insta::assert_snapshot!(out);
}

/// Sixty definitions, each made of the next one in a way that doubles it.
fn doubling(definition: impl Fn(u32) -> String) -> Value {
    let defined: Vec<String> =
        (0..60).map(|level| format!("\"a{level}\": {}", definition(level + 1))).collect();
    serde_json::from_str(&format!(r#"{{"$defs": {{{}}}}}"#, defined.join(","))).unwrap()
}

#[test]
fn schemas_that_grow_beyond_all_measure_end() {
    let merged = doubling(|next| {
        format!(r##"{{"allOf": [{{"$ref": "#/$defs/a{next}"}}, {{"$ref": "#/$defs/a{next}"}}]}}"##)
    });
    assert!(import(&merged, &Options::default()).is_err());
    let nested = doubling(|next| {
        format!(
            r##"{{"type": "object", "properties": {{
              "x": {{"allOf": [{{"$ref": "#/$defs/a{next}"}}, {{"required": ["y"]}}]}},
              "y": {{"allOf": [{{"$ref": "#/$defs/a{next}"}}, {{"properties": {{"z": {{"type": "string"}}}}}}]}}}}}}"##
        )
    });
    let written = import(&nested, &Options::default()).unwrap();
    assert!(written.text.len() < 20_000_000, "{}", written.text.len());
    assert!(written.remarks.iter().any(|remark| remark.starts_with("too large")), "{:?}", written.remarks);
}

#[test]
fn made_again_the_text_is_the_same_and_formatted() {
    for name in ["acme-provider.json", "go-names.json", "shapes.json", "swagger.json"] {
        let text = whole(name).text;
        assert_eq!(text, whole(name).text);
        assert_eq!(iom_fmt::format(&text).unwrap(), text);
    }
}

#[test]
fn a_part_can_be_asked_for() {
    let only = |only: &[&str]| {
        let only = only.iter().map(|one| (*one).to_owned()).collect();
        import(&fixture("acme-provider.json"), &Options { only, ..Options::default() })
    };
    assert_eq!(only(&["*_versioning"]).unwrap().kinds, 1);
    assert_eq!(only(&["acme_queue", "acme_queue_*"]).unwrap().kinds, 2);
    let error = only(&["acme_queu", "x"]).unwrap_err();
    assert_eq!(error.to_string(), "none of the schema's 3 types is acme_queu or x");
}

#[test]
fn what_is_no_schema_is_refused() {
    let refused =
        |text: &str| import(&serde_json::from_str(text).unwrap(), &Options::default()).unwrap_err().0;
    insta::assert_snapshot!(refused("[1]"));
    insta::assert_snapshot!(refused(r#"{"provider_schemas": {}}"#));
    insta::assert_snapshot!(refused(r#"{"a_b": {"block": {"attributes": {"x": {"type": "strin"}}}}}"#));
    insta::assert_snapshot!(refused(r#"{"a_b": {"block": {"attributes": {"x": {}}}}}"#));
    insta::assert_snapshot!(refused(
        r#"{"a_b": {"block": {"block_types": {"x": {"nesting_mode": "heap", "block": {}}}}}}"#
    ));
}
