use crate::support::{folder, iomc};

#[test]
fn codes_are_found_by_number_and_by_name() {
    let empty = folder(&[]);
    let page = iomc(empty.path(), &["explain", "IOM0201"]).exits(0).stdout;
    assert!(page.starts_with("# IOM0201 type-mismatch\n"), "{page}");
    assert_eq!(iomc(empty.path(), &["explain", "type-mismatch"]).exits(0).stdout, page);
    assert_eq!(iomc(empty.path(), &["explain", "iom0201"]).exits(0).stdout, page);
    iomc(empty.path(), &["explain", "type-mismach"]).exits(2).says("did you mean `type-mismatch`?");
}
