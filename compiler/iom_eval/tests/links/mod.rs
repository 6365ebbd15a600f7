//! `link K`: a reference that is no dependency.

use crate::common::run_tests;

const RULES: &str = r#"
type Peer = { name: string  to: link Host?  over: ref Host? }
kind Host : Resource {
  name: string
  next: ref Host?
  friend: link Host?
  friends: list<link Host> = []
  peers: list<Peer> = []
  identity name
}
test "links" {
  given {
    resource a: Host { name: "a"  friend: b  friends: [c] }
    resource b: Host { name: "b"  next: c }
    resource c: Host { name: "c"  friend: a }
    resource d: Host { name: "d"  peers: [{ name: "x"  to: a  over: b }] }
  }
  expect a.friend == b and a.friend?.next == c and a.friends == [c]
  expect upstream(a) == [] and upstream(b) == [c]
  expect b in upstream(d) and not (a in upstream(d))
  expect not reaches(a, b) and reaches(d, c)
  expect path(a, b) is absent
  expect size(downstream(a)) == 0 and size(downstream(c)) == 2
  expect size(referrers(a, Host)) == 2 and c in referrers(a, Host) and d in referrers(a, Host)
  expect size(referrers(c, Host)) == 2
  expect d.peers[0]?.to == a and d.peers[0]?.to?.friend == b
  expect any h in Host: h.friend == b
}
"#;

#[test]
fn links_are_references_and_no_dependencies() {
    assert_eq!(run_tests(RULES), "");
}
