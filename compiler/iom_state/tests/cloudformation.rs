//! Templates of CloudFormation, in YAML and JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;
mod dump;

use common::{Everything, These, described_by};
use insta::assert_snapshot;
use iom_state::cloudformation::import;
use iom_state::tape::Strings;
use proptest::prelude::*;

fn dumped(text: &str) -> String {
    described_by(import, text, dump::dump)
}

/// Properties of one resource, with what is around it.
fn properties(around: &str, properties: &str) -> String {
    dumped(&format!(
        "{around}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n  X:\n    Type: T\n    Properties:\n{properties}"
    ))
}

const YAML: &str = include_str!("../../../tests/state/cloudformation/functions.yaml");

#[test]
fn every_function() {
    assert_snapshot!(dumped(YAML));
    let mut strings = Strings::default();
    import(YAML, &Everything, &mut strings).unwrap();
    assert!(strings.texts().all(|text| !text.contains("canary")));
}

#[test]
fn json_is_the_same() {
    let text = include_str!("../../../tests/state/cloudformation/policy.json");
    assert_snapshot!(dumped(text));
}

#[test]
fn what_changes_a_template_is_told() {
    assert_snapshot!(properties("Transform: AWS::Serverless-2016-10-31", "      A: 1\n"));
    assert_snapshot!(properties("Transform: [AWS::LanguageExtensions, Mine]", "      A: 1\n"));
    assert_snapshot!(dumped(
        "Resources:\n  Fn::ForEach::A: [x, [1], {}]\n  S: {Type: AWS::CloudFormation::Stack}\n  N: {Properties: {}}\n  L: []\n"
    ));
}

#[test]
fn what_a_macro_may_add_is_not_known() {
    let read = |text: &str| {
        let mut strings = Strings::default();
        strings.get_or_intern("A");
        strings.get_or_intern("B");
        let document = import(text, &These::of(&["A", "B"]), &mut strings).unwrap();
        dump::dump(&document, &strings)
    };
    let texts = [
        "Transform: Mine\nResources:\n  X: {Type: T, Properties: {A: 1, C: 2}}\n",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  X: {Type: T, Properties: {A: 1, C: 2}}\n",
        "Resources:\n  X: {Type: T, Properties: {A: 1, Fn::Transform: {Name: AWS::Include}}}\n  Y: {Type: T, Properties: {A: 1}}\n",
        "Resources:\n  X:\n    Type: T\n    Properties: !Transform {Name: Mine}\n",
        "Resources:\n  X: {Type: T, Fn::Transform: {Name: Mine}}\n",
    ];
    assert_snapshot!(texts.map(read).concat());
}

#[test]
fn what_is_no_template_is_told() {
    let texts = [
        "a: 1\n",
        "Resources: []\n",
        "# nothing\n",
        "[]\n",
        "Resources:\n  A: {Type: T, Properties: {B: !Reff C}}\n",
        "Resources: {}\n---\nResources: {}\n",
        "Resources:\n  A: {Type: T}\n  A: {Type: T}\n",
        "{\"Resources\": {\"A\": {\"Type\": \"T\"}, \"A\": {\"Type\": \"T\"}}}",
    ];
    assert_snapshot!(texts.map(dumped).concat());
}

#[test]
fn texts_that_grow_have_an_end() {
    let mut text = String::from("Resources:\n  X:\n    Type: T\n    Properties:\n      P: ");
    for _ in 0..60 {
        text.push_str("{\"Fn::Sub\": [\"${a}${a}\", {\"a\": ");
    }
    text.push_str("\"0123456789\"");
    text.push_str(&"}]}".repeat(60));
    text.push('\n');
    assert!(dumped(&text).contains("P: unknown Invalid"), "{}", dumped(&text));
}

proptest! {
    #[test]
    fn templates_with_changed_bytes(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = YAML.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut strings = Strings::default();
        let format = Some(iom_state::document::Format::Cloudformation);
        if let Err(error) = iom_state::import(&bytes, format, &Everything, &mut strings) {
            assert!(!error.message.is_empty() && !error.message.contains("canary"));
        }
    }

    #[test]
    fn templates_with_moved_pieces(
        from in any::<prop::sample::Index>(),
        len in 1usize..80,
        to in any::<prop::sample::Index>(),
    ) {
        let mut text = YAML.to_owned();
        let from = from.index(text.len());
        let piece: String = text.chars().skip(from).take(len).collect();
        let to = to.index(text.len());
        text.insert_str(to, &piece);
        let _ = dumped(&text);
        let _ = dumped(&text[..to]);
    }
}
