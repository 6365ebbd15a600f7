//! Looking elements up gives what looking at every element gives, whatever is absent, unknown or in a circle.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;
mod session;

use std::sync::{Arc, LazyLock};

use common::{Plan, Run};
use iom_eval::judge::Judgement;
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
fn same(o: Server, s: Server): bool = o.name == s.peer
const all_names: list<string?> = [for o in Server: o.name]
policy swapped { for s: Server { require none o in Server: s.peer == o.name and o.live == true } }
policy called { for s: Server { require none o in Server: same(o, s) and o.live == true } }
policy negated { for s: Server { require all o in Server: o.name != s.peer or o.live == true } }
policy implied { for s: Server { require all o in Server: not same(o, s) or o.live == true } }
policy bound { for s: Server { let others = Server where .live == true  require none o in others: o.name == s.peer } }
policy named { for s: Server { let wanted = s.peer  require none o in Server: o.name == wanted and o.live == true } }
policy in_list { for s: Server { require none o in Server: o.name in [s.peer ?? "y", "z"] and o.live == true } }
policy in_names { for s: Server { require not (s.peer in [for o in Server where o.live == true: o.name ?? "-"]) } }
policy in_constant { for s: Server { require not (s.peer in all_names) or s.live == true } }
policy has_it { for s: Server { require none o in Server: [o.name, o.peer] contains s.peer and o.live == true } }
policy twice { for s: Server { require none o in ((Server where .live == true) where .name == s.peer): o.peer is present } }
policy composed { for s: Server { require none o in Server: "{o.name ?? "-"}.x" == "{s.peer ?? "+"}.x" and o.live == true } }
policy either { for s: Server { require none o in Server: if o.name == s.peer then o.live == true else false } }
policy any_of { for s: Server { require none o in Server: (any n in [s.peer, s.name]: o.name == n) and o.live == true } }
policy down_live { for s: Server { require none d in downstream(s) where .tags is present: d.tags is absent } }
policy up_named { for s: Server { require none d in upstream(s): match d { Server t => t.name == s.peer  _ => false } } }
policy up_alike { for s: Server { require all d in upstream(s): match d { Server t => t.live == s.live  _ => true } } }
policy down_named { for s: Server { require any d in downstream(s): match d { Server t => t.peer == s.name and t.live == true  _ => false } } }
policy up_near { for s: Server { require none d in upstream(s) where match d { Server t => t.name == s.peer  _ => false }: size(path(s, d)) == 2 } }
policy up_next { for s: Server { require none d in upstream(s) where .tags is absent: match d { Server t => t.name == s.next?.name  _ => false } } }
policy up_zone { for s: Server { require none d in upstream(s): match d { Server t => t.tags?["zone"] == s.tags?["zone"]  _ => false } } }
policy down_zone { for s: Server { require all d in downstream(s): match d { Server t => t.tags?["zone"] == s.tags?["zone"] and t.live == s.live  _ => true } } }
policy reaches_one { for s: Server { require any d in upstream(s): match d { Server t => t.name == "a"  _ => false } } }
"#;

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| common::model(RULES));

/// What may be said of one server.
#[derive(Clone, Debug)]
struct Server {
    name: Said,
    peer: Said,
    /// A tag.
    zone: Said,
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
    let server = (said(), said(), said(), live, next);
    server.prop_map(|(name, peer, zone, live, next)| Server { name, peer, zone, live, next })
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
        match server.zone {
            Said::Nothing => {}
            Said::Unknown => say("tags", None, local()),
            Said::Text(zone) => say("tags", Some(json!({ "zone": zone })), Vec::new()),
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

const SPELLINGS: &[(&str, &str)] = &[
    ("indexed", "none o in Server where .id == s.peer: o.live"),
    ("in the body", "none o in Server: o.id == s.peer and o.live"),
    ("swapped", "none o in Server: s.peer == o.id and o.live"),
    ("a membership", "none o in Server: o.id in [s.peer] and o.live"),
    ("contained", "none o in Server: [o.id] contains s.peer and o.live"),
    ("a function", "none o in Server: same(o, s) and o.live"),
    ("negated", "all o in Server: o.id != s.peer or not o.live"),
    ("a filter", "(Server where .id == s.peer and .live) is empty"),
    ("a filter of a filter", "none o in (Server where .live) where .id == s.peer: true"),
    ("counted", "size(Server where .id == s.peer and .live) == 0"),
    ("a list of ids", "not (s.peer in [for o in Server where o.live: o.id])"),
    ("a reference", "none o in Server: o.next == s and o.live"),
    ("addresses", "none o in Server: o.range covers s.address and o.live"),
    ("inside addresses", "none o in Server: s.range covers o.address and o.id != s.id"),
    ("overlapping", "none o in Server: o.range overlaps s.range and o.id != s.id"),
    ("address in range", "none o in Server: s.address in o.range and o.live"),
    ("data", "none e in known: e.id == s.peer and e.ends < 2026-01-01"),
];

/// However a join is written, twice as many things take about twice as many steps.
#[test]
fn joins_are_linear_however_they_are_written() {
    let mut slow = String::new();
    for (spelling, condition) in SPELLINGS {
        let rules = format!(
            "kind Server {{\n  identity (id)\n  id: string\n  peer: string\n  live: bool\n  next: ref Server?\n  range: cidr\n  address: cidr\n  \
             from terraform \"server\" {{ key .id  id: .id  peer: .peer  live: .live  next: ref .next  range: .range  address: .address }}\n}}\n\
             type Known = {{ id: string  ends: date }}\nconst known: list<Known> = [for o in Server: {{ id: o.id  ends: 2026-06-01 }}]\n\
             fn same(o: Server, s: Server): bool = o.id == s.peer\n\
             policy p {{ for s: Server {{ require {condition} }} }}"
        );
        let model = common::model(&rules);
        let steps = |count: usize| {
            let mut plan = Plan::new();
            for n in 0..count {
                let (high, low) = (n / 256, n % 256);
                plan = plan.resource(
                    &format!("server.s{n}"),
                    json!({
                        "id": format!("id{n}"), "peer": format!("id{}", (n * 7 + 1) % count), "live": n % 3 == 0,
                        "next": format!("id{}", (n + 1) % count),
                        "range": format!("10.{high}.{low}.0/24"), "address": format!("10.{high}.{low}.7/32"),
                    }),
                );
            }
            let run = Run::of(model.clone()).plan(plan);
            let estate = run.estate();
            Judgement::of(&estate, &run.options).policies[0].steps
        };
        let (few, many) = (steps(200), steps(400));
        if many > few * 5 / 2 || many > 400 * 60 {
            slow.push_str(&format!("{spelling}: {few} steps for 200, {many} for 400\n"));
        }
    }
    assert!(slow.is_empty(), "{slow}");
}

/// A chain of forty thousand, and one that bites its tail.
#[test]
fn reachability_is_linear_at_any_depth() {
    let rules = "kind Server {\n  identity (id)\n  id: string\n  next: ref Server?\n  from terraform \"server\" { key .id  id: .id  next: ref .next }\n}\n\
        policy p { for s: Server where s.id == \"id0\" { require none d in upstream(s): match d { Server t => t.id == \"last\"  _ => false } else \"{path(s, d)}\" } }\n\
        policy q { for s: Server { require none d in upstream(s): match d { Server t => t.id == \"elsewhere\"  _ => false } } }";
    let model = common::model(rules);
    for (depth, is_ring) in [(40_000, false), (4_000, true)] {
        let mut plan = Plan::new();
        let id = |n: usize| if n + 1 == depth { "last".to_owned() } else { format!("id{n}") };
        for n in 0..depth {
            let next = (n + 1 < depth || is_ring).then(|| id((n + 1) % depth));
            plan = plan.resource(&format!("server.s{n}"), json!({ "id": id(n), "next": next }));
        }
        let run = Run::of(model.clone()).plan(plan);
        let estate = run.estate();
        let judgement = Judgement::of(&estate, &run.options);
        assert!(judgement.policies.iter().all(|policy| policy.steps < 40 * depth as u64));
        let report = judgement.report(&run.options);
        assert_eq!(report.findings.len(), 1);
        let path = &report.findings[0].path;
        assert_eq!(path.len(), depth);
        assert_eq!((&*path[0], &*path[depth - 1]), ("server.s0", &*format!("server.s{}", depth - 1)));
    }
}
