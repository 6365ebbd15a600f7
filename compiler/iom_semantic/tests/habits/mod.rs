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

/// What people write who never programmed.
const PLAIN_WORDS: &[&str] = &[
    "policy p { for each b: aws.Bucket { require b.versioning } }",
    "policy p { for b in aws.Bucket { require b.versoning } }",
    "policy p { for every b in aws.Bucket { require b.versioning } }",
    "catalog soc2 { control \"CC6.1\" { title: \"Access\" } }\npolicy p { covers: [soc2.CC6.1]  for b: aws.Bucket { require b.versioning } }",
    "policy p { name: \"x\"  level: high  controls: []  for b: aws.Bucket { require b.versioning } }",
    "policy p { for b: aws.Bucket { require b.versioning } }\nexception e { policy: p  for: aws.Bucket  because: \"x\"  until: 31.12.2026 }",
    "policy p { for b: aws.Bucket { require b.versioning } }\nevidence e { claims: [p]  scope: aws.Bucket  interval: 24h  fresh: daily }",
    "policy p { for b: aws.Bucket { require b.versioning } }\nevidence e { claims: [p]  population: aws.Bucket where environment.tier == production  every: 24h  fresh: 48h }",
    "module shop\nresource a: aws.Bucket { name: shop-data-eu  tags: { team: web } }",
    "policy p { for b: aws.Bucket { require b.name.length < 63 } }",
    "policy p { for b: aws.Bucket where versioning { require b.versioning } }",
];

#[test]
fn plain_words_are_understood() {
    let mut all = String::new();
    for source in PLAIN_WORDS {
        let _ = writeln!(all, "## {source}\n{}", shown(source));
    }
    insta::assert_snapshot!(all);
}

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
