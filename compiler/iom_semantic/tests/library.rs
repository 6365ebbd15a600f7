//! The standard library checks without a word.

use iom_diagnostics::render;
use iom_semantic::{Host, LibrarySelection};

#[test]
fn the_library_has_no_mistakes() {
    let host = Host::new();
    let found = host.library_diagnostics();
    assert!(found.is_empty(), "{}", render::human(&found, &host, false));
}

/// The check leaves them out: whoever uses the library need not compile them to find out that they do.
#[test]
fn the_librarys_patterns_compile() {
    fn patterns<'v>(value: &'v serde_json::Value, found: &mut Vec<&'v str>) {
        match value {
            serde_json::Value::Array(items) => {
                if let [kind, serde_json::Value::String(text)] = items.as_slice()
                    && (kind == "regex" || kind == "Regex")
                {
                    found.push(text);
                }
                items.iter().for_each(|item| patterns(item, found));
            }
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    if let ("Matching" | "matching", serde_json::Value::String(text)) = (name.as_str(), value)
                    {
                        found.push(text);
                    }
                    patterns(value, found);
                }
            }
            _ => {}
        }
    }
    let model = serde_json::to_value(Host::new().model(&LibrarySelection::All)).unwrap();
    let mut found = Vec::new();
    patterns(&model, &mut found);
    let is_literal = |text: &&str| text.contains("(?");
    assert!(found.len() > 10 && found.iter().any(is_literal), "{found:?}");
    for pattern in found {
        assert!(iom_model::scalar::compile_pattern(pattern).is_ok(), "{pattern}");
    }
}

#[test]
fn the_library_is_large_enough_to_be_useful() {
    let model = Host::new().model(&LibrarySelection::All);
    assert!(model.kinds.keys().filter(|name| name.starts_with("aws.")).count() >= 12);
    assert!(model.policies.len() >= 15);
    assert!(
        model.policies.values().all(|policy| policy.title.is_some()),
        "every policy says what it is about"
    );
}

#[test]
fn one_policy_reaches_a_part_of_the_library_only() {
    let all = Host::new().model(&LibrarySelection::All);
    let one = Host::new().model(&LibrarySelection::Matching(vec!["CKV_AWS_170".into()]));
    assert_eq!(one.policies.len(), 1);
    assert!(one.kinds.len() * 4 < all.kinds.len(), "{} of {} kinds", one.kinds.len(), all.kinds.len());
}
