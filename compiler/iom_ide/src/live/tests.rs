#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use super::{Live, LiveDiagnostic, RelatedPlace};
use crate::{Analysis, Verdicts};

/// 2026-11-22
const NOW: i64 = 1_795_305_600;

const STORE: &str = r#"module shop

catalog rules { control "AC-3" { title: "Access is limited" } }

kind Bucket : Resource {
  name: string
  acl: private | public_read = private
  token: secret string?
  logging: ref Bucket?
  derive public: bool = .acl == public_read
  identity name
  from terraform "bucket" { key .id  name: .name  acl: .acl default private  token: .token  logging: ref .logging }
}

resource logs: Bucket { name: "logs" }

resource orders: Bucket {
  name: "orders"
  acl: public_read
  token: "hunter2-canary"
  logging: logs
}
"#;

const RULES: &str = r#"module shop

policy closed {
  title: "Nobody reads what is ours"
  severity: high
  covers: [rules."AC-3"]
  for b: Bucket {
    require not b.public else "{b} is public: make it private"
  }
}

policy logged {
  mode: advise
  for b: Bucket { require b.logging is present else "{b} is not logged" }
}

group all_of_them { policies: [closed, logged] }

evidence closedness {
  satisfies: [rules."AC-3"]
  claims: [closed]
  population: Bucket
  collect: [name]
  every: 24h
  fresh: 48h
}

exception logs_of_logs {
  policy: logged
  target: logs
  reason: "They would never end"
  approved_by: [alice]
  opened: 2026-11-01
  expires: 2027-01-01
}
resource alice: org.Person { }

test "a public bucket is caught" {
  given { resource b: Bucket { name: "b"  acl: public_read } }
  expect closed fails on b
}
"#;

fn workspace(store: &str) -> Analysis {
    let mut analysis = Analysis::new("nowhere".into());
    analysis.set_files([("store.iom", store), ("rules.iom", RULES)]);
    analysis
}

fn plan() -> Vec<u8> {
    let bucket = |name: &str, acl: &str, logging: Option<&str>| {
        json!({
            "address": format!("bucket.{name}"), "mode": "managed", "type": "bucket", "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
            "values": { "id": name, "name": name, "acl": acl, "token": "tf-canary", "logging": logging },
            "sensitive_values": { "token": true },
        })
    };
    let resources = [bucket("orders", "public_read", Some("old")), bucket("old", "private", None)];
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": { "root_module": { "resources": resources } },
        "resource_changes": [], "configuration": { "root_module": {} },
    });
    serde_json::to_vec_pretty(&plan).unwrap()
}

fn judged(analysis: &Analysis, verdicts: &mut Verdicts) -> Live {
    if let Err(why) = verdicts.report(analysis, NOW) {
        let found: Vec<String> = analysis
            .paths()
            .iter()
            .flat_map(|path| analysis.diagnostics(path).to_vec())
            .map(|one| one.message)
            .collect();
        panic!("{why:?}: {found:?}");
    }
    let dependencies = verdicts.dependencies().map(Arc::new);
    verdicts.live(analysis).unwrap().with_dependencies(dependencies)
}

fn with_plan() -> (Analysis, Live) {
    let analysis = workspace(STORE);
    let mut verdicts = Verdicts::new();
    verdicts.set_source("plan.json", None, plan());
    let live = judged(&analysis, &mut verdicts);
    (analysis, live)
}

fn place(place: &RelatedPlace) -> String {
    format!("{}:{}:{} {}", place.path, place.line, place.column, place.message)
}

fn shown(analysis: &Analysis, live: &Live, path: &str) -> String {
    let text = analysis.text(path).unwrap();
    let mut out = String::new();
    for one in live.diagnostics(analysis, path) {
        let LiveDiagnostic { range, severity, code, link, message, related, .. } = one;
        let marked = &text[range];
        let line = text[..usize::from(range.start())].matches('\n').count() + 1;
        writeln!(out, "{line}: `{marked}` {severity:?} {code}").unwrap();
        message.lines().for_each(|line| writeln!(out, "    {line}").unwrap());
        link.iter().for_each(|link| writeln!(out, "  link {}", place(link)).unwrap());
        related.iter().for_each(|one| writeln!(out, "  see {}", place(one)).unwrap());
    }
    out
}

#[test]
fn verdicts_stand_where_something_can_be_done_about_them() {
    let (analysis, live) = with_plan();
    insta::assert_snapshot!(shown(&analysis, &live, "store.iom"));
    insta::assert_snapshot!(shown(&analysis, &live, "rules.iom"));
}

#[test]
fn what_a_clause_says_of_a_declaration_in_several_layers_is_said_once() {
    // No source describes shelves: the declared one is judged as it is intended, and again beside what the plan builds.
    const SHELVES: &str = r#"module shelves
kind Shelf : Resource { name: string  full: bool  weight: int  identity name }
resource top: Shelf { name: "top"  full: true  weight: 90 }
policy room { for s: Shelf {
  require not s.full else "{s} is full"
  require s.weight < 50 else "{s} is heavy"
} }
"#;
    let mut analysis = Analysis::new("nowhere".into());
    analysis.set_files([("store.iom", STORE), ("rules.iom", RULES), ("shelves.iom", SHELVES)]);
    let mut verdicts = Verdicts::new();
    verdicts.set_source("plan.json", None, plan());
    let live = judged(&analysis, &mut verdicts);
    let of_it = live.report().findings.iter().filter(|finding| &*finding.policy == "shelves.room");
    let layers: std::collections::BTreeSet<_> = of_it.map(|finding| finding.resource.layer).collect();
    assert!(layers.len() > 1, "judged in {layers:?}");
    insta::assert_snapshot!(shown(&analysis, &live, "shelves.iom"));
}

#[test]
fn what_was_said_of_a_text_moves_with_it_and_goes_with_its_line() {
    let (mut analysis, live) = with_plan();
    let longer = STORE.replace("resource logs", "/// 🦀 漢字\n/// More.\nresource logs");
    analysis.set_files([("store.iom", longer.as_str())]);
    let at = |analysis: &Analysis| {
        let text = analysis.text("store.iom").unwrap().to_owned();
        let found = live.diagnostics(analysis, "store.iom");
        found.iter().map(|one| text[one.range].to_owned()).collect::<Vec<_>>()
    };
    assert!(at(&analysis).contains(&"acl: public_read".to_owned()), "{:?}", at(&analysis));

    // Its own line is another one now: what was said of it is held back, not put elsewhere.
    analysis.set_files([("store.iom", longer.replace("acl: public_read", "acl: private").as_str())]);
    let found = at(&analysis);
    assert!(found.iter().all(|text| !text.contains("acl")), "{found:?}");
    // The place of the policy, too.
    let rules = RULES.replace("require not", "require (not").replace(".public else", ".public) else");
    analysis.set_files([("store.iom", longer.as_str()), ("rules.iom", rules.as_str())]);
    let found = live.diagnostics(&analysis, "store.iom");
    let closed = found.iter().find(|one| one.code == "shop.closed").unwrap();
    assert!(closed.link.is_none() && closed.related.iter().all(|one| one.path != "rules.iom"));
}

#[test]
fn lenses_count_over_what_is_judged() {
    let (analysis, live) = with_plan();
    let mut out = String::new();
    for path in ["store.iom", "rules.iom"] {
        let text = analysis.text(path).unwrap();
        let mut lenses = live.lenses(&analysis, path);
        lenses.extend(analysis.test_lenses(path));
        for lens in lenses {
            writeln!(out, "{}: {} {:?}", &text[lens.range], lens.title, lens.command).unwrap();
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn hovers_tell_of_values_and_exceptions() {
    let (analysis, live) = with_plan();
    let mut out = String::new();
    let places = [
        ("store.iom", "orders: Bucket"),
        ("store.iom", "acl: public_read\n"),
        ("store.iom", "logs: Bucket"),
        ("rules.iom", "closed {"),
        ("rules.iom", "closedness"),
        ("rules.iom", "logs_of_logs"),
    ];
    for (path, word) in places {
        let offset = analysis.text(path).unwrap().find(word).unwrap() as u32 + 1;
        let hover = live.hover(&analysis, path, offset.into());
        writeln!(out, "== {}\n{}", word.trim(), hover.unwrap_or_else(|| "nothing".to_owned())).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn hierarchies_go_across_layers() {
    let (analysis, live) = with_plan();
    let offset = |word: &str| (analysis.text("store.iom").unwrap().find(word).unwrap() as u32).into();
    let mut out = String::new();
    for word in ["logs: Bucket", "orders: Bucket"] {
        let item = live.call_item(&analysis, "store.iom", offset(word)).unwrap();
        writeln!(
            out,
            "{} | {} | {}",
            item.name,
            item.detail,
            item.place.as_ref().map_or(String::new(), place)
        )
        .unwrap();
        for (sign, links) in
            [("<-", live.incoming(&analysis, &item.name)), ("->", live.outgoing(&analysis, &item.name))]
        {
            for link in links {
                writeln!(out, "  {sign} {} | {} | {}", link.item.name, link.item.detail, link.through)
                    .unwrap();
            }
        }
    }
    let kind = analysis.type_item("store.iom", offset("Bucket : Resource")).unwrap();
    writeln!(out, "{} {}", kind.keyword, kind.name).unwrap();
    for (sign, items) in
        [("is", live.supertypes(&analysis, &kind.name)), ("of", live.subtypes(&analysis, &kind.name))]
    {
        for item in items {
            writeln!(out, "  {sign} {} {} {:?}", item.keyword, item.name, item.place.map(|(path, _)| path))
                .unwrap();
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn no_text_holds_a_secret() {
    let (analysis, live) = with_plan();
    let mut all = String::new();
    for path in ["store.iom", "rules.iom"] {
        let text = analysis.text(path).unwrap();
        write!(all, "{:?}", live.diagnostics(&analysis, path)).unwrap();
        write!(all, "{:?}", live.lenses(&analysis, path)).unwrap();
        for offset in 0..text.len() as u32 {
            write!(all, "{:?}", live.hover(&analysis, path, offset.into())).unwrap();
        }
    }
    assert!(!all.contains("canary"), "{all}");
}
