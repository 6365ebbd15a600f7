use super::*;

#[test]
fn the_prelude_is_there() {
    let found = find_declaration("std.prelude", "Resource").unwrap();
    assert_eq!(found.declaration.keyword, "trait");
    assert_eq!(found.file.path, "std/prelude.iom");
    assert_eq!(found.declaration.all_traits, ["std.prelude.Element"]);
    assert!(find_declaration("std.prelude", "Resourc").is_none());
    assert!(find_declaration("std", "prelude").is_none());
}

#[test]
fn every_name_is_found_again() {
    for found in declarations().filter(|found| found.declaration.keyword != "test") {
        let by_parts = find_declaration(found.file.module, found.declaration.name).unwrap();
        let by_name = find_qualified(&found.qualified_name()).unwrap();
        assert_eq!(by_parts.position, found.position, "{}", found.qualified_name());
        assert!(std::ptr::eq(by_parts.declaration, by_name.declaration), "{}", found.qualified_name());
    }
}

#[test]
fn modules_and_their_beginnings_exist() {
    for module in ["std", "std.prelude", "org", "aws"] {
        assert!(module_exists(module), "{module}");
    }
    for module in ["st", "std.prel", "", "aws.Bucket"] {
        assert!(!module_exists(module), "{module}");
    }
}

#[test]
fn every_alias_finds_its_policy() {
    for found in policies() {
        let of_kinds = found.declaration.kind_aliases.iter().map(|(_, alias)| alias);
        for alias in found.declaration.aliases.iter().chain(of_kinds) {
            let matching = policies_matching(alias);
            assert!(matching.iter().any(|one| std::ptr::eq(one.declaration, found.declaration)), "{alias}");
        }
    }
    assert!(policies_matching("no such policy").is_empty());
}

#[test]
fn the_library_brings_no_tests() {
    assert!(files().iter().all(|file| !file.path.ends_with("_test.iom")));
}

#[test]
fn patterns() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("CKV_*_20", "CKV_AWS_20", true),
        ("CKV_?", "CKV_20", false),
        ("a*b*c", "axbxbc", true),
        ("", "a", false),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}

#[test]
fn kinds_are_found_by_source_and_trait() {
    let buckets = kinds_of_source("terraform", "aws_s3_bucket");
    assert_eq!(buckets.len(), 1);
    assert_eq!(buckets[0].qualified_name(), "aws.Bucket");
    assert!(kinds_of_source("terraform", "aws_s3_buckets").is_empty());
    let stores = kinds_with_trait("std.prelude.ObjectStore");
    assert!(stores.iter().any(|found| found.qualified_name() == "aws.Bucket"));
}
