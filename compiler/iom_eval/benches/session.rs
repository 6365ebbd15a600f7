//! What a session takes after a change, in milliseconds of CPU: `cargo bench -p iom_eval --bench session [-- STEP..]`.
//!
//! The estate is the one of `tests/bench/estate` where `IOM_ESTATE` names a folder with a `workspace` and an
//! `estate-*.json`, and one of its own otherwise.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench may fail loudly, and says what it measured"
)]

#[path = "../tests/session/files.rs"]
mod files;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use files::{Files, task};
use iom_eval::session::Session;
use iom_model::Model;
use iom_semantic::{Host, LibrarySelection};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// 2026-11-22
const NOW: i64 = 1_795_305_600;

/// How often each change is measured; the median is printed.
const TIMES: usize = 7;

/// CPU time of the process so far, in milliseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// One change of a text: each time another number stands for `NUMBER`.
struct Edit {
    name: &'static str,
    file: &'static str,
    old: &'static str,
    new: &'static str,
}

const fn edit(name: &'static str, file: &'static str, old: &'static str, new: &'static str) -> Edit {
    Edit { name, file, old, new }
}

/// One change of an object of the first source.
struct Replacement {
    name: &'static str,
    /// What its address begins with.
    address: &'static str,
    change: fn(usize, &mut Value),
}

/// What is measured.
struct Estate {
    rules: BTreeMap<String, String>,
    files: Files,
    edits: &'static [Edit],
    replacements: &'static [Replacement],
}

const OWN_RULES: &str = r#"
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

const OWN_EDITS: &[Edit] = &[
    edit("a clause", "rules.iom", "s.size < 90", "s.size < 9NUMBER"),
    edit("a join", "rules.iom", "not (o == s)", "not (o == s) and s.size > NUMBER"),
    edit("a title", "rules.iom", "\"Sized\"", "\"Sized NUMBER\""),
    edit(
        "a mode",
        "rules.iom",
        "severity: high",
        "severity: high  mode: advise until 2027-01-1NUMBER then enforce",
    ),
    edit("a kind", "rules.iom", ".size * 2", ".size * 2NUMBER"),
];

const OWN_REPLACEMENTS: &[Replacement] = &[
    Replacement {
        name: "a flag",
        address: "server.",
        change: |edit, values| values["live"] = json!(edit % 2 == 0),
    },
    Replacement {
        name: "a number",
        address: "server.",
        change: |edit, values| values["size"] = json!(edit % 100),
    },
];

const EDITS: &[Edit] = &[
    edit("a title", "storage.iom", "Databases are not publicly", "Databases NUMBER are not publicly"),
    edit(
        "a mode",
        "storage.iom",
        "severity: high",
        "severity: high  mode: advise until 2027-01-1NUMBER then enforce",
    ),
    edit("a clause", "storage.iom", "require d.encrypted", "require d.encrypted or \"{d}\" == \"NUMBER\""),
    edit(
        "a clause over all",
        "organisation.iom",
        "r.tags?[tag] is present",
        "r.tags?[tag] is present or tag == \"NUMBER\"",
    ),
    edit("a join", "storage.iom", "\"{other}\" < \"{b}\"", "\"{other}NUMBER\" < \"{b}\""),
    edit("a join's key", "storage.iom", ".name == b.name", "(.name ?? \"NUMBER\") == (b.name ?? \"NUMBER\")"),
    edit("a graph rule", "organisation.iom", "size(path(r, d)) == 2", "size(path(r, d)) == 2 or NUMBER == 9"),
    edit(
        "a policy more",
        "storage.iom",
        "policy p08",
        "policy moreNUMBER { for d: aws.DbInstance { require d.encrypted } }\npolicy p08",
    ),
    edit(
        "a kind",
        "reference.iom",
        "resource prod",
        "kind Thing : Resource { name: string  from terraform \"thingNUMBER\" { name: .name } }\nresource prod",
    ),
    edit("a bind", "reference.iom", "r.tags?[\"env\"]", "(r.tags?[\"env\"] ?? \"NUMBER\")"),
];

const REPLACEMENTS: &[Replacement] = &[
    Replacement {
        name: "a setting",
        address: "aws_db_instance.",
        change: |edit, values| values["publicly_accessible"] = json!(edit % 2 == 0),
    },
    Replacement {
        name: "a name in a join",
        address: "aws_s3_bucket.",
        change: |edit, values| values["bucket"] = json!(format!("bucket-{edit}")),
    },
    Replacement {
        name: "a part of another",
        address: "aws_s3_bucket_public_access_block.",
        change: |edit, values| values["block_public_acls"] = json!(edit % 2 == 0),
    },
    Replacement {
        name: "a tag",
        address: "aws_instance.",
        change: |edit, values| values["tags"]["owner"] = json!(format!("team-{edit:03}")),
    },
    Replacement {
        name: "an environment",
        address: "aws_subnet.",
        change: |edit, values| values["tags"]["env"] = json!(if edit % 2 == 0 { "dev" } else { "prod" }),
    },
];

impl Estate {
    /// A plan of a hundred thousand resources in the making.
    fn own() -> Estate {
        const RESOURCES: usize = 100_000;
        let resource = |kind: &str, number: usize, values: Value| {
            json!({
                "address": format!("{kind}.r{number}"), "mode": "managed", "type": kind, "name": format!("r{number}"),
                "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": values,
                "sensitive_values": {},
            })
        };
        let zones = RESOURCES / 1000;
        let mut resources: Vec<Value> = (0..zones)
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
        Estate {
            rules: [("rules.iom".to_owned(), OWN_RULES.to_owned())].into(),
            files: Files::of_plan(serde_json::to_vec(&plan).unwrap()),
            edits: OWN_EDITS,
            replacements: OWN_REPLACEMENTS,
        }
    }

    fn of_folder(folder: &Path) -> Estate {
        let (mut rules, mut files) = (BTreeMap::new(), Files::default());
        for entry in folder.join("workspace").read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("iom") => drop(rules.insert(name, std::fs::read_to_string(path).unwrap())),
                Some("json") => drop(files.data.insert(name, std::fs::read_to_string(path).unwrap())),
                _ => {}
            }
        }
        let mut plans = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let is_plan =
            |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("estate"));
        let plan = std::fs::read(plans.find(|path| is_plan(path)).unwrap()).unwrap();
        files.sources = Files::of_plan(plan).sources;
        Estate { rules, files, edits: EDITS, replacements: REPLACEMENTS }
    }
}

/// A workspace that is judged, and then judged again after changes.
struct Warm {
    estate: Estate,
    host: Host,
    session: Session,
    wanted: Vec<String>,
    step: usize,
}

/// Milliseconds of one change: in the front end, and in the session.
type Taken = (f64, f64);

impl Warm {
    fn model(&self) -> Arc<Model> {
        Arc::new(self.host.model(&LibrarySelection::None))
    }

    fn judge(&mut self, model: Arc<Model>) -> u64 {
        let Ok(report) = self.session.update(task(model, NOW), &mut self.estate.files);
        report.summary.fail
    }

    fn measure(&mut self, name: &str, mut step: impl FnMut(&mut Warm, usize) -> Taken) {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            return;
        }
        let before = self.session.work();
        // What is made once, when a change is first of its kind, is shown apart.
        self.step += 1;
        let first = step(self, self.step);
        let mut taken: Vec<Taken> = (0..TIMES)
            .map(|_| {
                self.step += 1;
                step(self, self.step)
            })
            .collect();
        taken.sort_by(|left, right| (left.0 + left.1).total_cmp(&(right.0 + right.1)));
        let (front, judged) = taken[TIMES / 2];
        let work = self.session.work();
        println!(
            "{name:24} {:7.1} ms  (front end {front:6.1}, session {judged:6.1}; the first {:6.1})  {} subjects, {} findings",
            front + judged,
            first.0 + first.1,
            (work.subjects - before.subjects) / (TIMES as u64 + 1),
            (work.findings - before.findings) / (TIMES as u64 + 1),
        );
    }

    fn edits(&mut self) {
        for Edit { name, file, old, new } in self.estate.edits {
            let text = self.estate.rules[*file].clone();
            assert!(text.contains(old), "{name}");
            self.measure(name, |warm, step| {
                let text = text.replacen(old, &new.replace("NUMBER", &(step % 7).to_string()), 1);
                let start = cpu();
                warm.host.set_file(file, &text);
                assert!(
                    !warm.host.has_errors(),
                    "{name}: {}",
                    iom_diagnostics::render::human(&warm.host.diagnostics(), &warm.host, false)
                );
                let model = warm.model();
                let checked = cpu();
                warm.judge(model);
                (checked - start, cpu() - checked)
            });
            self.host.set_file(file, &text);
            let model = self.model();
            self.judge(model);
        }
    }

    fn replacements(&mut self) {
        let plan: Value = serde_json::from_slice(&self.estate.files.sources[0].bytes).unwrap();
        let resources = plan["planned_values"]["root_module"]["resources"].as_array().unwrap();
        let model = self.model();
        self.judge(model.clone());
        for Replacement { name, address, change } in self.estate.replacements {
            let found: Vec<&Value> = resources
                .iter()
                .filter(|one| one["address"].as_str().is_some_and(|own| own.starts_with(address)))
                .collect();
            self.measure(name, |warm, step| {
                let object = found[step * 991 % found.len()];
                let mut values = object["values"].clone();
                change(step, &mut values);
                let start = cpu();
                assert!(warm.session.replace_object(0, object["address"].as_str().unwrap(), &values));
                warm.judge(model.clone());
                (0.0, cpu() - start)
            });
        }
        self.sources(plan);
    }

    /// The file of the first source is written anew.
    fn sources(&mut self, mut plan: Value) {
        let model = self.model();
        let mut rewrite = |warm: &mut Warm, name: &str, change: fn(usize, &mut Vec<Value>)| {
            warm.measure(name, |warm, step| {
                change(step, plan["planned_values"]["root_module"]["resources"].as_array_mut().unwrap());
                warm.estate.files.sources[0].bytes = serde_json::to_vec(&plan).unwrap();
                let start = cpu();
                warm.session.sources_changed();
                warm.judge(model.clone());
                (0.0, cpu() - start)
            });
        };
        rewrite(self, "a file: one value", |step, resources| {
            let at = step * 991 % resources.len();
            resources[at]["values"]["description"] = json!(format!("d{step}"));
        });
        rewrite(self, "a file: one more", |step, resources| {
            let at = step * 991 % resources.len();
            let mut more = resources[at].clone();
            more["address"] = json!(format!("{}_{step}", more["address"].as_str().unwrap()));
            resources.insert(at, more);
        });
        rewrite(self, "a file: one less", |step, resources| {
            drop(resources.remove(step * 991 % resources.len()))
        });
    }
}

fn main() {
    let estate = match std::env::var_os("IOM_ESTATE") {
        Some(folder) => Estate::of_folder(Path::new(&folder)),
        None => Estate::own(),
    };
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut host = Host::new();
    host.set_files(estate.rules.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    assert!(!host.has_errors());
    let mut warm = Warm { estate, host, session: Session::new(), wanted, step: 0 };
    let start = cpu();
    let model = warm.model();
    let fails = warm.judge(model);
    println!("from nothing {:.0} ms, {fails} fail", cpu() - start);
    warm.edits();
    warm.replacements();
}
