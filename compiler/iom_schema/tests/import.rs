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
fn made_again_the_text_is_the_same_and_formatted() {
    for name in ["acme-provider.json", "go-names.json"] {
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
