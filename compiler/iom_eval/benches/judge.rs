//! What judging an estate takes, without reading it: rules that look at one thing at a time, joins in two spellings, and
//! reachability over a deep chain. `cargo bench -p iom_eval --bench judge`.

#![allow(clippy::unwrap_used, reason = "a bench may fail loudly")]

use std::sync::Arc;

use divan::Bencher;
use iom_eval::facts::{Estate, StateSource};
use iom_eval::judge::{Judgement, Options, judge};
use iom_eval::program::{Program, Scope};
use iom_semantic::{Host, LibrarySelection};
use iom_state::document::Layer;
use iom_state::tape::Strings;
use serde_json::json;

const RESOURCES: usize = 40_000;

const KIND: &str = r#"
kind Server : Resource {
  id: string
  peer: string
  size: int
  range: cidr
  next: ref Server?
  identity (id)
  from terraform "server" { key .id  id: .id  peer: .peer  size: .size  range: .range  next: ref .next  tags: .tags }
}
"#;

const PREDICATES: &str = r#"
policy sized { for s: Server { require s.size < 90 and s.peer != s.id } }
policy tagged { for r: Resource where r.tags is present { require all t in ["owner", "env"]: r.tags?[t] is present } }
"#;
const INDEXED: &str =
    "policy p { for s: Server { require none o in Server where .id == s.peer: o.size > 97 } }";
const NAIVE: &str = "policy p { for s: Server { require none o in Server: o.size > 97 and s.peer == o.id } }";
const ADDRESSES: &str =
    "policy p { for s: Server { require none o in Server: o.range covers s.range and o.id != s.id } }";
const REACH: &str = "policy p { for s: Server where s.size > 98 { require none d in upstream(s): match d { Server t => t.id == \"id39999\"  _ => false } } }";

/// A plan of servers, each of which refers to the next one.
fn plan() -> Vec<u8> {
    let resources = (0..RESOURCES).map(|number| {
        let (high, low) = (number / 256, number % 256);
        json!({
            "address": format!("server.s{number}"), "mode": "managed", "type": "server", "name": format!("s{number}"),
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "sensitive_values": {},
            "values": {
                "id": format!("id{number}"), "peer": format!("id{}", number * 7919 % RESOURCES), "size": number * 31 % 100,
                "range": format!("10.{high}.{low}.0/24"), "tags": { "owner": "team", "env": "prod" },
                "next": (number + 1 < RESOURCES).then(|| format!("id{}", number + 1)),
            },
        })
    });
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": { "root_module": { "resources": resources.collect::<Vec<_>>() } },
        "resource_changes": [], "configuration": { "root_module": {} },
    });
    serde_json::to_vec(&plan).unwrap()
}

fn estate(rules: &str, plan: &[u8]) -> Estate {
    let mut host = Host::new();
    host.set_file("rules.iom", &format!("{KIND}{rules}"));
    let model = Arc::new(host.model(&LibrarySelection::None));
    let mut strings = Strings::default();
    let program = Program::compile(model, &Scope::default(), &Default::default(), &mut strings);
    let document = iom_state::import(plan, None, &program.demand, &mut strings).unwrap();
    let sources = vec![StateSource::new("plan.json", Layer::Built, document)];
    Estate::build(Arc::new(program), strings, sources, 1_795_305_600)
}

fn judging(bencher: Bencher<'_, '_>, rules: &str) {
    let plan = plan();
    bencher
        .with_inputs(|| estate(rules, &plan))
        .bench_local_values(|estate| Judgement::of(&estate, &Options::default()).policies.len());
}

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 5)]
fn predicates(bencher: Bencher<'_, '_>) {
    judging(bencher, PREDICATES);
}

#[divan::bench(sample_count = 5)]
fn join_indexed(bencher: Bencher<'_, '_>) {
    judging(bencher, INDEXED);
}

#[divan::bench(sample_count = 5)]
fn join_naive(bencher: Bencher<'_, '_>) {
    judging(bencher, NAIVE);
}

#[divan::bench(sample_count = 5)]
fn join_addresses(bencher: Bencher<'_, '_>) {
    judging(bencher, ADDRESSES);
}

#[divan::bench(sample_count = 5)]
fn reach(bencher: Bencher<'_, '_>) {
    judging(bencher, REACH);
}

/// With findings, each with its way.
#[divan::bench(sample_count = 5)]
fn report(bencher: Bencher<'_, '_>) {
    let plan = plan();
    bencher
        .with_inputs(|| estate(PREDICATES, &plan))
        .bench_local_values(|estate| judge(&estate, &Options::default()).findings.len());
}
