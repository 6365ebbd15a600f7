//! The standard library checks without a word.

use iom_diagnostics::render;
use iom_semantic::{Host, LibrarySelection};

#[test]
fn the_library_has_no_mistakes() {
    let host = Host::new();
    let found = host.library_diagnostics();
    assert!(found.is_empty(), "{}", render::human(&found, &host, false));
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
