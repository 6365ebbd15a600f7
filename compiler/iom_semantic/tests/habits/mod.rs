//! What people write who come from other languages, and what they read then.

use std::fmt::Write as _;

use super::shown;

/// Conditions over a bucket `b`.
const CONDITIONS: &[&str] = &[
    "b.name != null",
    "b.name == None",
    "b.versioning == True",
    "len(b.name) > 3",
    "b.name.startswith(\"x\")",
    "b.name.lower() == \"x\"",
    "b.name.frobnicate()",
    "startswith(b.name ?? \"\", \"x\")",
    "regex(b.name, \"^a\")",
    "b.name matches \"^a\"",
    "has(b.encryption)",
    "format(\"%s\", b.name) == \"x\"",
    "every(b.tags)",
    "coalesce(b.name, \"x\") == \"x\"",
    "b.versioning && !b.versioning",
    "b.versioning = true",
    "input.resource_changes == 1",
];

/// Whole files.
const FILES: &[&str] = &[
    "use aws.s3.Bucket\npolicy p { for b: Bucket { require b.versioning } }",
    "use std.nett\nconst a: int = 1",
    "use nowhere.at_all\nconst a: int = 1",
    "exception e { policy p for: aws.Bucket until 2026-01-01 }",
    "evidence e { fresh 24h }",
    "policy p { when b.name == \"x\" { deny } }",
    "use org.*\nuse std.net\npolicy p { for b: aws.Bucket where { require net.is_public } }",
    "policy p { for b: aws.Bucket require b.versioning else \"{b} keeps nothing\" }",
];

#[test]
fn habits_of_other_languages_are_understood() {
    let mut all = String::new();
    for condition in CONDITIONS {
        let source = format!("policy p {{ for b: aws.Bucket {{ require {condition} }} }}");
        let _ = writeln!(all, "## {condition}\n{}", shown(&source));
    }
    for source in FILES {
        let _ = writeln!(all, "## {source}\n{}", shown(source));
    }
    insta::assert_snapshot!(all);
}
