//! What is one thing across layers, and what is not.

use crate::common::{Plan, Run, verdicts};
use iom_state::document::Layer;
use serde_json::json;

const KINDS: &str = r#"
kind Server : Resource {
  name: string?
  size: string?
  identity name
  from terraform "server" { key .id  name: .name  size: .size }
}
kind Rule : Resource {
  port: int?
  from terraform "rule" { port: .port }
}
policy as_intended {
  on: [built]
  for s: Server {
    require there: intended(s) is present
    require same: intended(s)?.size == s.size
  }
}
policy rule_as_intended {
  on: [built]
  for r: Rule { require intended(r)?.port == r.port }
}
"#;

#[test]
fn what_terraform_calls_by_one_address_is_one_thing() {
    let intended = Plan::new()
        .resource("server.later", json!({ "size": "small" }))
        .resource("server.renamed", json!({ "name": "old", "size": "small" }))
        .resource("rule.r", json!({ "port": 22 }));
    let built = Plan::new()
        .resource("server.later", json!({ "name": "known-now", "size": "large" }))
        .resource("server.renamed", json!({ "name": "new", "size": "small" }))
        .resource("rule.r", json!({ "port": 22 }));
    let report = Run::new(KINDS)
        .in_layer(Layer::Intended, intended)
        .in_layer(Layer::Built, built)
        .with_passes()
        .report();
    // A name that is another one is another thing, whatever its address; what has no name on one side is the same.
    assert_eq!(
        verdicts(&report),
        "fail as_intended.same server.later\n\
         fail as_intended.there server.renamed\n\
         fail as_intended.same server.renamed\n\
         pass rule_as_intended rule.r\n"
    );
}

#[test]
fn an_address_that_a_layer_has_twice_says_nothing() {
    let one = || Plan::new().resource("rule.r", json!({ "port": 22 }));
    let report = Run::new(KINDS)
        .in_layer(Layer::Intended, one())
        .in_layer(Layer::Built, one())
        .in_layer(Layer::Built, one())
        .report();
    assert_eq!(verdicts(&report), "fail rule_as_intended rule.r\nfail rule_as_intended rule.r\n");
}

#[test]
fn what_has_no_name_is_not_the_same_as_others_without_one() {
    let nameless = || Plan::new().resource("server.a", json!({})).resource("server.b", json!({}));
    let rules = format!("{KINDS}policy alone {{ for s: Server {{ require none t in twins(s): t != s }} }}\n");
    let report = Run::new(&rules).in_layer(Layer::Running, nameless()).report();
    assert_eq!(verdicts(&report), "");
    let named =
        Plan::new().resource("server.a", json!({ "name": "x" })).resource("server.b", json!({ "name": "x" }));
    let report = Run::new(&rules).in_layer(Layer::Running, named).report();
    assert_eq!(verdicts(&report), "fail alone server.a\nfail alone server.b\n");
}
