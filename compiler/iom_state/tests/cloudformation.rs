//! Templates of CloudFormation, in YAML and JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;
mod dump;

use common::Everything;
use insta::assert_snapshot;
use iom_state::cloudformation::import;
use iom_state::document::{Document, ImportError};
use iom_state::tape::Strings;
use proptest::prelude::*;

fn read(text: &str) -> Result<(Document, Strings), ImportError> {
    let mut strings = Strings::default();
    let document = import(text, &Everything, &mut strings)?;
    Ok((document, strings))
}

fn dumped(text: &str) -> String {
    read(text).map_or_else(
        |error| format!("{:?}: {error}\n", error.kind),
        |(document, strings)| dump::dump(&document, &strings),
    )
}

/// Properties of one resource, with what is around it.
fn properties(around: &str, properties: &str) -> String {
    dumped(&format!(
        "{around}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n  X:\n    Type: T\n    Properties:\n{properties}"
    ))
}

const YAML: &str = r#"AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Env: {Type: String, Default: dev}
  Name: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
  Password: {Type: String, NoEcho: true, Default: canary}
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/image}
Mappings:
  Sizes:
    dev: {Size: 1, Big: false}
    prod: {Size: 10}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Not [!Condition IsProd]
  IsNamed: !Equals [!Ref Name, x]
  Never: !And [!Condition IsProd, !Condition IsNamed]
  Either: !Or [!Condition IsDev, !Condition IsNamed]
  Ring: !Condition Ring
Resources:
  Logs:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      BucketName: !Sub "${Env}-logs-${AWS::AccountId}"
  Gone: {Type: AWS::S3::Bucket, Condition: Never}
  Open: {Type: AWS::S3::Bucket, Condition: IsNamed, Properties: {BucketName: x, Other: !Ref Logs}}
  Ringed: {Type: AWS::S3::Bucket, Condition: Ring}
  X:
    Type: AWS::X::Y
    Condition: Either
    DependsOn: [Logs, Gone]
    Properties:
      Env: !Ref Env
      Name: !Ref Name
      Zone: !Select [1, !Ref Zones]
      Password: !Ref Password
      WithPassword: !Sub "x ${Password}"
      Image: !Ref Image
      Region: !Ref AWS::Region
      Size: !FindInMap [Sizes, !Ref Env, Size]
      NoSize: !FindInMap [Sizes, !Ref Name, Size]
      Big: !If [IsProd, {A: 1}, {A: !Ref Logs}]
      Nothing: !If [IsProd, x, !Ref AWS::NoValue]
      Either: !If [IsNamed, same, same]
      Bucket: !Ref Logs
      Arn: !GetAtt Logs.Arn
      Objects: !Sub ["${Arn}/${Path}/${!Literal}", {Arn: !GetAtt [Logs, Arn], Path: a}]
      Joined: !Join ["-", [a, !Ref Env, 1, true]]
      JoinedArn: !Join ["", ["arn:", !Ref "AWS::Partition", ":x"]]
      Split: !Split [",", "a,b"]
      Text: !Base64 hello
      Blocks: !Cidr [10.0.0.0/16, 2, 8]
      Imported: !ImportValue other
      OfGone: !Ref Gone
      Missing: !Ref Nowhere
      Wrong: !Select [5, !Ref Zones]
      List: [a, !Ref AWS::NoValue, b]
      Macro: {"Fn::Transform": {Name: AWS::Include, Parameters: {}}}
"#;

#[test]
fn every_function() {
    assert_snapshot!(dumped(YAML));
    let (_, strings) = read(YAML).unwrap();
    assert!(strings.strings().all(|text| !text.contains("canary")));
}

#[test]
fn json_is_the_same() {
    let text = r#"{"Parameters": {"E": {"Type": "String", "Default": "dev"}},
  "Resources": {
    "B": {"Type": "AWS::S3::Bucket"},
    "P": {"Type": "AWS::S3::BucketPolicy", "DependsOn": "B", "Properties": {
      "Bucket": {"Ref": "B"},
      "PolicyDocument": {"Statement": [{"Effect": "Allow", "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/*"]]}}]},
      "Env": {"Fn::Sub": "${E}-x"}}}}}"#;
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
