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

/// What is stored is what a look at the texts would find.
#[test]
fn stored_syntax_is_that_of_the_texts() {
    for (position, file) in files().iter().enumerate() {
        let lowered = iom_syntax::lower_file(file.text);
        assert!(lowered.errors.is_empty(), "{}", file.path);
        let stored = stored_declarations(position);
        assert_eq!(stored.len(), lowered.declarations.len(), "{}", file.path);
        for (stored, fresh) in stored.iter().zip(lowered.declarations) {
            let at = format!("{}: {} {}", file.path, fresh.keyword, fresh.name);
            assert_eq!((stored.keyword, stored.name), (fresh.keyword, fresh.name.as_str()), "{at}");
            assert_eq!(stored.offset, u32::from(fresh.offset), "{at}");
            assert_eq!(
                iom_syntax::read_declaration(stored.syntax()).as_ref(),
                Some(&*fresh.declaration),
                "{at}"
            );
            assert_eq!(iom_syntax::ast::SpanMap::of_bytes(stored.spans()), fresh.spans, "{at}");
            let alone = iom_syntax::lower_file(stored.text(file)).declarations;
            assert_eq!(alone.first().map(|alone| &alone.declaration), Some(&fresh.declaration), "{at}");
        }
    }
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

#[test]
fn every_line_of_a_schema_is_found_by_its_key() {
    use crate::schemas::{ShapeKind, schema_of, schemas};
    for schema in schemas() {
        let mut count = 0;
        for is_data in [false, true] {
            for name in schema.type_names(is_data) {
                assert!(schema.find(is_data, name).is_some(), "{name}");
                count += 1;
            }
        }
        assert!(count > 300, "{count} types of {}", schema.provider());
        assert!(!schema.version().is_empty());
    }
    let aws = schema_of("aws_s3_bucket").unwrap();
    assert_eq!((aws.provider(), schema_of("azurerm_key_vault")), ("hashicorp/aws", None));
    assert_eq!(
        (aws.find(false, "aws_s3_bukcet"), aws.find(false, ""), aws.find(false, "zzz")),
        (None, None, None)
    );
    let bucket = aws.find(false, "aws_s3_bucket").unwrap();
    assert_eq!(bucket.member("bucket").unwrap().shape.kind(), ShapeKind::Text);
    assert_eq!(bucket.member("nothing"), None);
    let versioning = bucket.member("versioning").unwrap();
    let ShapeKind::List(item) = versioning.shape.kind() else { panic!("{versioning:?}") };
    let ShapeKind::Object(item) = item.kind() else { panic!("{item:?}") };
    assert!(versioning.is_block);
    assert_eq!(item.member("enabled").unwrap().shape.kind(), ShapeKind::Bool);
    assert!(aws.find(true, "aws_iam_policy_document").unwrap().member("statement").unwrap().is_block);
}

#[test]
fn what_no_kind_maps_has_kinds_of_its_own() {
    let names = |found: Vec<Found>| found.iter().map(Found::qualified_name).collect::<Vec<_>>();
    assert_eq!(names(kinds_of_the_rest("terraform", false)), ["terraform.Resource"]);
    assert_eq!(names(kinds_of_the_rest("terraform", true)), ["terraform.Data"]);
    assert_eq!(names(kinds_of_the_rest("kubernetes", false)), ["kubernetes.Object"]);
    assert!(!names(kinds_with_trait("std.prelude.Resource")).contains(&"terraform.Resource".to_owned()));
}
