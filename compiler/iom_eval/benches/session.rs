//! What a session takes after an edit: `cargo bench -p iom_eval --bench session`.

#![allow(clippy::unwrap_used, reason = "a bench may fail loudly")]

use std::sync::Arc;

use divan::Bencher;
use iom_eval::facts::StateSource;
use iom_eval::judge::Options;
use iom_eval::program::{Demand, Scope};
use iom_eval::session::{Inputs, Session, Task};
use iom_model::{Model, QualifiedName};
use iom_semantic::{Host, LibrarySelection};
use iom_state::document::Layer;
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;
use serde_json::json;

const RESOURCES: usize = 100_000;

const RULES: &str = r#"
kind Zone : Resource {
  name: string
  tier: gold | silver
  identity (name)
  from terraform "zone" { key .id  name: .name  tier: .tier  tags: .tags }
}
kind Server : Resource {
  name: string
  live: bool
  size: int
  zone: ref Zone?
  next: ref Server?
  derive weight: int = .size * 2
  identity (name)
  from terraform "server" { key .id  name: .name  live: .live  size: .size  zone: ref .zone  next: ref .next  tags: .tags }
}
policy sized { title: "Sized"  for s: Server { require s.size < 90 else "{s} is large: {s.size}" } }
policy live { severity: high  for s: Server where s.size > 2 { require s.live else "{s} is not live" } }
policy weighed { for s: Server { require s.weight < 190 } }
policy zoned { for s: Server { require s.zone is present and s.zone.tier == gold or s.size < 95 } }
policy unique { for s: Server { require none o in Server: o.name == s.name and not (o == s) } }
policy followed { for s: Server { require s.next is absent or s.next.live == true or s.size < 90 } }
policy filled { for z: Zone { require size(Server where .zone == z) < 5000 } }
policy sound { for s: Server { require none d in upstream(s): match d { Server t => t.size > 1000  _ => false } } }
"#;

struct Plan(Vec<u8>);

impl Plan {
    fn new() -> Plan {
        let resource = |kind: &str, number: usize, values: serde_json::Value| {
            json!({
                "address": format!("{kind}.r{number}"), "mode": "managed", "type": kind, "name": format!("r{number}"),
                "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": values,
                "sensitive_values": {},
            })
        };
        let zones = RESOURCES / 1000;
        let mut resources: Vec<serde_json::Value> = (0..zones)
            .map(|number| {
                let tier = if number % 3 == 0 { "silver" } else { "gold" };
                let name = format!("zone{number}");
                resource("zone", number, json!({ "id": name, "name": name, "tier": tier }))
            })
            .collect();
        resources.extend((zones..RESOURCES).map(|number| {
            let values = json!({
                "id": format!("id{number}"), "name": format!("n{number}"), "live": !number.is_multiple_of(50),
                "size": number * 7919 % 100, "zone": format!("zone{}", number % zones),
                "next": (!number.is_multiple_of(4)).then(|| format!("id{}", number / 2)),
            });
            resource("server", number, values)
        }));
        let plan = json!({
            "format_version": "1.2", "terraform_version": "1.9.0",
            "planned_values": { "root_module": { "resources": resources } },
            "resource_changes": [], "configuration": { "root_module": {} },
        });
        Plan(serde_json::to_vec(&plan).unwrap())
    }
}

impl Inputs for Plan {
    type Error = iom_state::document::ImportError;

    fn data(
        &mut self,
        _: &Model,
        _: &mut Strings,
    ) -> Result<FxHashMap<QualifiedName, iom_eval::value::Value>, Self::Error> {
        Ok(FxHashMap::default())
    }

    fn sources(&mut self, wanted: &Demand, strings: &mut Strings) -> Result<Vec<StateSource>, Self::Error> {
        let document = iom_state::import(&self.0, None, wanted, strings)?;
        Ok(vec![StateSource::new("plan.json", Layer::Built, document)])
    }
}

/// A workspace that is judged, and then judged again after edits.
struct Warm {
    host: Host,
    session: Session,
    plan: Plan,
    edits: usize,
}

impl Warm {
    fn new() -> Warm {
        let mut warm = Warm { host: Host::new(), session: Session::new(), plan: Plan::new(), edits: 0 };
        let model = warm.edited("", "");
        warm.judge(model);
        warm
    }

    /// The rules with a text replaced that no other edit has.
    fn edited(&mut self, old: &str, new: &str) -> Arc<Model> {
        self.edits += 1;
        let new = new.replace("NUMBER", &(self.edits % 7).to_string());
        self.host.set_file("rules.iom", &RULES.replace(old, &new));
        assert!(!self.host.has_errors());
        Arc::new(self.host.model(&LibrarySelection::None))
    }

    fn judge(&mut self, model: Arc<Model>) -> u64 {
        let options = Options { model_hash: Some("sha256:0".into()), ..Options::default() };
        let task = Task { model, scope: Scope::default(), options, at: 1_795_305_600 };
        self.session.update(task, &mut self.plan).unwrap().summary.fail
    }

    fn bench(bencher: Bencher<'_, '_>, old: &str, new: &str) {
        let warm = std::cell::RefCell::new(Warm::new());
        bencher
            .with_inputs(|| warm.borrow_mut().edited(old, new))
            .bench_local_values(|model| warm.borrow_mut().judge(model));
    }
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_clause_over_all_resources(bencher: Bencher<'_, '_>) {
    Warm::bench(bencher, "s.size < 90", "s.size < 9NUMBER");
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_join_over_all_resources(bencher: Bencher<'_, '_>) {
    Warm::bench(bencher, "not (o == s)", "not (o == s) and s.size > NUMBER");
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_title(bencher: Bencher<'_, '_>) {
    Warm::bench(bencher, "\"Sized\"", "\"Sized NUMBER\"");
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_mode(bencher: Bencher<'_, '_>) {
    Warm::bench(bencher, "severity: high", "severity: high  mode: advise until 2027-01-1NUMBER then enforce");
}

/// Replaces attributes of one server after the other, and judges.
fn replace(bencher: Bencher<'_, '_>, change: impl Fn(usize, &mut serde_json::Value)) {
    let warm = std::cell::RefCell::new(Warm::new());
    let model = warm.borrow_mut().edited("", "");
    warm.borrow_mut().judge(model.clone());
    let zones = RESOURCES / 1000;
    bencher
        .with_inputs(|| {
            let mut warm = warm.borrow_mut();
            warm.edits += 1;
            let number = zones + warm.edits * 991 % (RESOURCES - zones);
            let mut values = json!({
                "id": format!("id{number}"), "name": format!("n{number}"), "live": !number.is_multiple_of(50),
                "size": number * 7919 % 100, "zone": format!("zone{}", number % zones),
                "next": (!number.is_multiple_of(4)).then(|| format!("id{}", number / 2)),
            });
            change(warm.edits, &mut values);
            (format!("server.r{number}"), values)
        })
        .bench_local_values(|(address, values)| {
            let mut warm = warm.borrow_mut();
            assert!(warm.session.replace_object(0, &address, &values));
            warm.judge(model.clone())
        });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_flag_of_one_resource(bencher: Bencher<'_, '_>) {
    replace(bencher, |edit, values| values["live"] = json!(edit % 2 == 0));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_number_that_everything_reads_of_one_resource(bencher: Bencher<'_, '_>) {
    replace(bencher, |edit, values| values["size"] = json!(edit % 100));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn from_nothing(bencher: Bencher<'_, '_>) {
    bencher.bench_local(Warm::new);
}

fn main() {
    divan::main();
}
