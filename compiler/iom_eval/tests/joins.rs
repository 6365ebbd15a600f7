//! Looking elements up gives what looking at every element gives, whatever is absent, unknown or in a circle.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;
mod session;

use std::sync::{Arc, LazyLock};

use common::{Plan, Run};
use iom_model::Model;
use proptest::prelude::*;
use serde_json::{Value, json};

const RULES: &str = r#"
kind Server : Resource {
  name: string?
  peer: string?
  live: bool?
  next: ref Server?
  from terraform "server" { key .id  name: .name  peer: .peer  live: .live  next: ref .next  tags: .tags }
}
policy any_peer { for s: Server { require any o in Server: o.name == s.peer and o.live == true } }
policy no_peer { for s: Server { require none o in Server: o.live == true and s.peer == o.name } }
policy all_peers { for s: Server { require all o in Server where .name == s.peer: o.live == true } }
policy all_filtered { for s: Server { require all o in (Server where .name == s.peer): o.live == true } }
policy one_peer { for s: Server { require size([for o in Server where o.name == s.peer: o]) == 1 } }
policy few_peers { for s: Server { require size(Server where .name == s.peer) < 3 } }
policy nested { for s: Server for o in Server where o.name == s.peer { require o.live == true } }
policy guarded { for s: Server for o in Server where o.live == true and o.name == s.peer { require o.next is present } }
policy referred { for s: Server { require none o in Server: o.next == s } }
policy only_one { for s: Server { require (only(Server where .name == s.peer)).live == true } }
policy itself { for s: Server { require any o in Server: o == s and o.live == true } }
policy through { for s: Server { require none d in upstream(s): match d { Server t => t.live == true  _ => false } } }
policy back { for s: Server { require all d in downstream(s): match d { Server t => (t.live ?? true)  _ => true } } }
policy reaches_one { for s: Server { require any d in upstream(s): match d { Server t => t.name == "a"  _ => false } } }
"#;

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| common::model(RULES));

/// What may be said of one server.
#[derive(Clone, Debug)]
struct Server {
    name: Said,
    peer: Said,
    live: Option<Option<bool>>,
    /// By position; too large: a text that names nobody.
    next: Option<Next>,
}

#[derive(Clone, Debug)]
enum Said {
    Nothing,
    Unknown,
    Text(&'static str),
}

#[derive(Clone, Debug)]
enum Next {
    Position(usize),
    Elsewhere,
    /// The source names the resource, its id is not known yet.
    Reference(usize),
    Unknown,
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        1 => Just(Said::Nothing),
        1 => Just(Said::Unknown),
        6 => prop::sample::select(vec!["a", "b", "c"]).prop_map(Said::Text),
    ]
}

fn server() -> impl Strategy<Value = Server> {
    let live = prop_oneof![Just(Some(Some(true))), Just(Some(Some(false))), Just(Some(None)), Just(None)];
    let next = prop_oneof![
        3 => Just(None),
        4 => (0..8_usize).prop_map(|position| Some(Next::Position(position))),
        3 => (0..8_usize).prop_map(|position| Some(Next::Reference(position))),
        1 => Just(Some(Next::Elsewhere)),
        1 => Just(Some(Next::Unknown)),
    ];
    (said(), said(), live, next).prop_map(|(name, peer, live, next)| Server { name, peer, live, next })
}

fn plan(servers: &[Server]) -> Plan {
    let mut plan = Plan::new();
    for (position, server) in servers.iter().enumerate() {
        let mut values = json!({ "id": format!("id{position}") });
        let mut unknown = serde_json::Map::new();
        let mut references = serde_json::Map::new();
        let mut say = |field: &str, said: Option<Value>, references_to: Vec<String>| match said {
            Some(value) => values[field] = value,
            None => {
                unknown.insert(field.to_owned(), json!(true));
                references.insert(field.to_owned(), json!(references_to));
            }
        };
        let local = || vec!["local.x".to_owned()];
        for (field, said) in [("name", &server.name), ("peer", &server.peer)] {
            match said {
                Said::Nothing => {}
                Said::Unknown => say(field, None, local()),
                Said::Text(text) => say(field, Some(json!(text)), Vec::new()),
            }
        }
        match server.live {
            Some(Some(live)) => say("live", Some(json!(live)), Vec::new()),
            Some(None) => say("live", None, local()),
            None => {}
        }
        match &server.next {
            None => {}
            Some(Next::Position(next)) => say("next", Some(json!(format!("id{next}"))), Vec::new()),
            Some(Next::Elsewhere) => say("next", Some(json!("elsewhere")), Vec::new()),
            Some(Next::Reference(next)) if *next < servers.len() => {
                say("next", None, vec![format!("server.s{next}.id"), format!("server.s{next}")]);
            }
            Some(Next::Reference(_)) => {}
            Some(Next::Unknown) => say("next", None, local()),
        }
        plan = plan.unknown(
            &format!("server.s{position}"),
            values,
            Value::Object(unknown),
            Value::Object(references),
        );
    }
    plan
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn planned_is_naive(servers in prop::collection::vec(server(), 1..8)) {
        let report = |plans_joins| {
            let mut run = Run::of(MODEL.clone()).plan(plan(&servers));
            run.plans_joins = plans_joins;
            run.report()
        };
        let (planned, naive) = (report(true), report(false));
        prop_assert_eq!(planned.summary, naive.summary);
        prop_assert_eq!(common::details(&planned), common::details(&naive));
    }
}
