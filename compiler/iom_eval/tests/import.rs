//! From a source's objects to elements and their fields.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Plan, Run, details, verdicts};
use serde_json::json;

const RULES: &str = r#"
type Level = low < high
kind Disk : Resource {
  name: string
  size: int = 8
  label: string?
  level: (low "L" | high "H")?
  key: ref Key?
  networks: set<cidr> = {}
  kept: duration?
  unmapped: string?
  token: secret string?
  from terraform "disk" {
    key .id, .name
    name: .name
    size: .size
    label: .label
    level: .level
    key: ref .key_id
    networks: .networks
    kept: .kept
    token: .token
    tags: .tags
  }
}
kind Key : Resource {
  alias: string?
  identity alias
  from terraform "key" { key .id, .arn  alias: .alias  tags: .tags }
}
"#;

fn rules(policies: &str) -> String {
    format!("{RULES}\n{policies}")
}

#[test]
fn nothing_said_is_the_default_or_absent_or_not_reported() {
    let rules = rules(
        r#"
        policy default_size { for d: Disk { require d.size == 8 } }
        policy labelled { for d: Disk { require d.label is present else "{d} has no label" } }
        policy named { for d: Disk { require d.name == "x" } }
        policy unmapped { for d: Disk { require d.unmapped is present } }
        "#,
    );
    let plan = Plan::new()
        .resource("disk.empty", json!({ "size": null, "label": "", "name": "x" }))
        .resource("disk.nameless", json!({ "size": 9, "label": "l" }));
    let report = Run::new(&rules).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "fail default_size disk.nameless\n\
         fail labelled disk.empty\n\
         unknown named disk.nameless\n\
         unknown unmapped disk.empty\n\
         unknown unmapped disk.nameless\n"
    );
    // What the kind needs and the source does not say is spoken of.
    assert_eq!(report.diagnostics.len(), 1, "{:?}", report.diagnostics);
}

#[test]
fn scalars_in_disguise_are_coerced_and_wrong_ones_are_invalid() {
    let rules = rules(
        r#"
        policy big { for d: Disk { require d.size > 100 else "{d} has {d.size}" } }
        policy level { for d: Disk { require d.level == high else "{d} is {d.level}" } }
        policy kept { for d: Disk { require (d.kept ?? 0d) >= 90d } }
        policy open { for d: Disk { require not (d.networks covers internet) } }
        "#,
    );
    let plan = Plan::new()
        .resource(
            "disk.disguised",
            json!({ "name": "a", "size": "443", "level": "H", "kept": "7776000s", "networks": ["10.0.0.0/8"] }),
        )
        .resource(
            "disk.wrong",
            json!({ "name": "b", "size": "many", "level": "X", "kept": "soon", "networks": ["0.0.0.0/1", "128.0.0.0/1"] }),
        )
        .resource("disk.list", json!({ "name": "c", "size": [1], "networks": "10.0.0.0/8" }));
    let report = Run::new(&rules).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "unknown big disk.list\n\
         unknown big disk.wrong\n\
         fail kept disk.list\n\
         unknown kept disk.wrong\n\
         fail level disk.list\n\
         unknown level disk.wrong\n\
         unknown open disk.list\n\
         fail open disk.wrong\n"
    );
}

#[test]
fn references_are_the_sources_own_then_keys_then_dangling() {
    let rules = rules(
        r#"
        policy encrypted { for d: Disk { require d.key is present else "{d} has no key" } }
        policy known_key { for d: Disk { require d.key.alias == "main" else "{d} uses {d.key}" } }
        "#,
    );
    let plan = Plan::new()
        .resource("key.main", json!({ "id": "k1", "alias": "main" }))
        .resource("key.other", json!({ "id": "k2", "alias": "other" }))
        .unknown(
            "disk.by_reference",
            json!({ "name": "a" }),
            json!({ "key_id": true }),
            json!({ "key_id": ["key.main.arn", "key.main"] }),
        )
        .resource("disk.by_key", json!({ "name": "b", "key_id": "k2" }))
        .resource("disk.elsewhere", json!({ "name": "c", "key_id": "arn:somewhere" }))
        .resource("disk.none", json!({ "name": "d" }))
        .unknown(
            "disk.one_of_two",
            json!({ "name": "e" }),
            json!({ "key_id": true }),
            json!({ "key_id": ["local.key"] }),
        );
    let report = Run::new(&rules).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "fail encrypted disk.none\n\
         fail known_key disk.by_key\n\
         unknown known_key disk.elsewhere\n\
         fail known_key disk.none\n\
         unknown known_key disk.one_of_two\n"
    );
}

/// References in all shapes that the graph finds without evaluating the field, and in some that it does not.
const SHAPES: &str = r#"
kind Key : Resource {
  from terraform "key" { key .id  tags: absent }
}
kind Host : Resource {
  disk: { key: ref Key?  on: bool? }?
  disks: list<{ key: ref Key?  on: bool? }> = []
  rules: list<{ key: ref Key? }> = []
  main: ref Key?
  more: list<ref Key> = []
  picked: list<{ key: ref Key? }> = []
  from terraform "host" {
    part v: "vault" on .host
    let rules = if v is present then v.rules ?? unknown else .settings[0].rules ?? []
    key .id
    disk: .disk[0] as { key: ref .key_id  on: .on }
    disks: [for d in .disks ?? []: { key: ref (d.key ?? d.backup[0].key)  on: d.on }]
    rules: [for r in rules: { key: ref r.key }]
    main: ref (v.main ?? .main)
    more: refs .more
    picked: [for d in .picked ?? [] where d.on == true: { key: ref d.key }]
    tags: absent
  }
}
policy fields_are_edges {
  for h: Host {
    require (h.disk?.key is absent or h.disk?.key in upstream(h)) and (h.main is absent or h.main in upstream(h))
      and (all d in h.disks: d.key is absent or d.key in upstream(h))
      and (all d in h.rules: d.key is absent or d.key in upstream(h))
      and (all d in h.picked: d.key is absent or d.key in upstream(h))
      and (all k in h.more: k in upstream(h))
  }
}
policy edges_are_fields {
  for h: Host {
    require all d in upstream(h): match d {
      Key k => h.disk?.key == k or h.main == k or (any x in h.disks: x.key == k) or (any x in h.rules: x.key == k)
        or (any x in h.picked: x.key == k) or (any x in h.more: x == k)
      _ => true
    }
  }
}
"#;

#[test]
fn the_graph_has_what_fields_refer_to_wherever_it_stands() {
    let leaves = [json!(null), json!(""), json!("k1"), json!("k2"), json!("nowhere")];
    let wrong_leaves = [json!([]), json!(["k1"]), json!({ "key": "k1" }), json!(true), json!(7)];
    let mut hosts: Vec<serde_json::Value> = vec![json!({})];
    for leaf in leaves.iter().chain(&wrong_leaves) {
        let others = [json!({ "key": "k3" }), json!({ "key": leaf, "on": true }), json!({ "key": leaf })];
        let shapes = [
            json!({ "main": leaf }),
            json!({ "disk": [{ "key_id": leaf }], "main": "k3" }),
            json!({ "disks": [{ "key": leaf }, { "backup": [{ "key": leaf }] }] }),
            json!({ "disks": [{ "key": leaf, "backup": [{ "key": "k3" }] }] }),
            json!({ "settings": [{ "rules": [{ "key": leaf }, {}] }] }),
            json!({ "more": ["k3", leaf] }),
            json!({ "picked": others }),
        ];
        hosts.extend(shapes);
        let wrong = [
            json!({ "disk": leaf }),
            json!({ "disk": [leaf] }),
            json!({ "disks": leaf }),
            json!({ "disks": [leaf, { "key": "k2" }] }),
            json!({ "settings": leaf, "main": "k1" }),
            json!({ "settings": [{ "rules": leaf }] }),
            json!({ "more": leaf }),
            json!({ "picked": leaf }),
        ];
        hosts.extend(wrong);
    }
    let mut plan = Plan::new();
    for key in ["k1", "k2", "k3"] {
        plan = plan.resource(&format!("key.{key}"), json!({ "id": key }));
    }
    for (position, mut values) in hosts.into_iter().enumerate() {
        let name = format!("h{position}");
        values["id"] = json!(name);
        plan = plan.resource(&format!("host.{name}"), values);
    }
    plan = plan
        .resource("vault.a", json!({ "host": "h1", "main": "k2", "rules": [{ "key": "k3" }] }))
        .resource("vault.b", json!({ "host": "h2", "rules": [{ "key": "nowhere" }] }));
    let found = verdicts(&Run::new(SHAPES).plan(plan).with_passes().report());
    let failed: Vec<&str> = found.lines().filter(|line| line.starts_with("fail")).collect();
    assert_eq!(failed, Vec::<&str>::new());
    let passed = found.lines().filter(|line| line.starts_with("pass")).count();
    assert!(passed > 100, "{passed}: {found}");
}

#[test]
fn secrets_are_present_and_never_shown() {
    let rules =
        rules(r#"policy has_token { for d: Disk { require d.token is absent else "{d} has a token" } }"#);
    let plan = Plan::new().resource("disk.a", json!({ "name": "a", "token": "hunter2" }));
    let report = Run::new(&rules).plan(plan).report();
    let text = details(&report);
    assert!(text.contains("disk.a has a token"), "{text}");
    assert!(text.contains("token = null (sensitive)"), "{text}");
    assert!(!format!("{report:?}").contains("hunter2"));
}

const PARTS: &str = r#"
kind Bucket : Resource {
  versioned: bool = false
  rules: list<{ name: string }> = []
  from terraform "bucket" {
    key .id, .name
    part v: "versioning" on .bucket
    parts r: "rule" on .bucket
    versioned: v.enabled
    rules: [for x in r: { name: x.name }]
    tags: .tags
  }
}
policy versioned { for b: Bucket { require b.versioned } }
policy has_rule { for b: Bucket { require b.rules is nonempty } }
"#;

#[test]
fn parts_are_joined_by_reference_then_by_key() {
    let plan = Plan::new()
        .resource("bucket.a", json!({ "name": "same" }))
        .resource("bucket.b", json!({ "name": "same" }))
        .resource("bucket.c", json!({ "name": "c" }))
        .unknown(
            "versioning.a",
            json!({ "enabled": true }),
            json!({ "bucket": true }),
            json!({ "bucket": ["bucket.a.id", "bucket.a"] }),
        )
        .resource("versioning.c", json!({ "enabled": true, "bucket": "c" }))
        .resource("rule.one", json!({ "name": "one", "bucket": "c" }))
        .resource("rule.two", json!({ "name": "two", "bucket": "c" }));
    let report = Run::new(PARTS).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "fail has_rule bucket.a\n\
         fail has_rule bucket.b\n\
         fail versioned bucket.b\n"
    );
}

#[test]
fn a_part_that_may_belong_to_several_leaves_them_unknown_and_no_others() {
    let plan = Plan::new()
        .resource("bucket.a", json!({ "name": "a" }))
        .resource("bucket.b", json!({ "name": "b" }))
        .resource("bucket.c", json!({ "name": "c" }))
        .unknown(
            "versioning.c",
            json!({ "enabled": true }),
            json!({ "bucket": true }),
            json!({ "bucket": ["bucket.c.id", "bucket.c"] }),
        )
        .unknown(
            "versioning.x",
            json!({ "enabled": true }),
            json!({ "bucket": true }),
            json!({ "bucket": ["local.name"] }),
        );
    let report = Run::new(PARTS).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "fail has_rule bucket.a\n\
         fail has_rule bucket.b\n\
         fail has_rule bucket.c\n\
         unknown versioned bucket.a\n\
         unknown versioned bucket.b\n"
    );
}

#[test]
fn a_part_of_the_only_one_belongs_to_it() {
    let plan = Plan::new().resource("bucket.a", json!({ "name": "a" })).unknown(
        "versioning.x",
        json!({ "enabled": true }),
        json!({ "bucket": true }),
        json!({ "bucket": ["local.name"] }),
    );
    let report = Run::new(PARTS).plan(plan).report();
    assert_eq!(verdicts(&report), "fail has_rule bucket.a\n");
}

const PIECES: &str = r#"
kind Group : Resource { from terraform "group" { key .id  tags: .tags } }
kind Rule {
  group: ref Group?
  port: int?
  from terraform "group" each .ingress { group: ref ^  port: .port }
  from terraform "group_rule" where .type == "ingress" { group: ref .group_id  port: .port }
}
policy no_ssh { for r: Rule { require not (r.port == 22) at r else "{r.group} is open" } }
policy has_rules { for g: Group { require any r in Rule: r.group == g else "{g} has no rule" } }
"#;

#[test]
fn one_object_may_be_many_elements_with_places_of_their_own() {
    let plan = Plan::new()
        .resource("group.a", json!({ "id": "a", "ingress": [{ "port": 80 }, { "port": 22 }] }))
        .resource("group.b", json!({ "id": "b", "ingress": [] }))
        .resource("group.c", json!({ "id": "c" }))
        .resource("group_rule.in", json!({ "type": "ingress", "group_id": "b", "port": 22 }))
        .resource("group_rule.out", json!({ "type": "egress", "group_id": "c", "port": 22 }));
    let report = Run::new(PIECES).plan(plan).report();
    assert_eq!(
        details(&report),
        "fail has_rules group.c: group.c has no rule\n    \
             at /planned_values/root_module/resources/2\n\
         fail no_ssh group.a: group.a is open\n    \
             at /planned_values/root_module/resources/0/values/ingress/1\n    \
             port = 22 /planned_values/root_module/resources/0/values/ingress/1/port\n\
         fail no_ssh group_rule.in: group.b is open\n    \
             at /planned_values/root_module/resources/3\n    \
             port = 22 /planned_values/root_module/resources/3/values/port\n"
    );
}

/// Rules of groups, documents, and everything about them that is said of each resource by itself.
const ALIKE: &str = r#"
type Entry = {
  note: string?
  sources: set<cidr> = {}
  groups: list<ref Group> = []
  port: port
}
kind Group : Resource {
  entries: list<Entry> = []
  from terraform "group" {
    key .id
    entries: [for r in .ingress ?? []: {
      note: r.note ?? absent
      sources: r.cidrs as list
      groups: refs r.groups
      port: r.port
    }]
    tags: .tags
  }
}
kind Document {
  statements: list<{ allow: bool  actions: list<glob nocase> }>
  from json {
    statements: [for s in .Statement as list: { allow: s.Effect == "Allow"  actions: s.Action as list }]
  }
}
kind Policy : Resource {
  document: Document?
  from terraform "policy" { document: .policy as Document  tags: .tags }
}
policy closed {
  for g: Group for e in g.entries {
    require not (e.port == 22 and (any s in e.sources: s == 0.0.0.0/0)) else "{g} is open"
    require none other in e.groups: other is dangling else "{g} refers to nothing"
  }
}
policy narrow {
  for p: Policy for s in p.document?.statements ?? [] {
    require not (s.allow and (any a in s.actions: a like "*\\*")) else "{p} allows everything of a service"
  }
}
"#;

fn said(report: &iom_eval::report::Report) -> Vec<String> {
    let messages =
        report.diagnostics.iter().map(|one| serde_json::to_value(one).unwrap()["message"].to_string());
    messages.collect()
}

#[test]
fn of_things_that_are_alike_each_is_judged_as_if_it_were_alone() {
    let open = json!({ "port": 22, "cidrs": ["0.0.0.0/0"], "note": "admin" });
    let web = json!({ "port": 443, "cidrs": ["0.0.0.0/0"], "groups": [] });
    let of_a = json!({ "port": 443, "groups": ["a"] });
    let of_nobody = json!({ "port": 443, "groups": ["nobody"] });
    let wrong = json!({ "port": "many", "cidrs": ["0.0.0.0/0"] });
    let wide =
        r#"{"Statement": [{"Effect": "Allow", "Action": ["s3:*"]}, {"Effect": "Deny", "Action": "*"}]}"#;
    let groups = [
        ("group.a", json!({ "id": "a", "ingress": [open, web, open] })),
        ("group.b", json!({ "id": "b", "ingress": [web, open] })),
        ("group.c", json!({ "id": "c", "ingress": [web, web] })),
        ("group.d", json!({ "id": "d", "ingress": [of_a, of_nobody] })),
        ("group.e", json!({ "id": "e", "ingress": [of_nobody, wrong] })),
        ("group.f", json!({ "id": "f", "ingress": [wrong, web, wrong] })),
        ("policy.a", json!({ "policy": wide })),
        ("policy.b", json!({ "policy": wide })),
        ("policy.c", json!({ "policy": "{\"Statement\": [" })),
        ("policy.d", json!({ "policy": "{\"Statement\": [" })),
    ];
    // Without the others there is nothing that could have been made before.
    let of = |(address, values): &(&str, serde_json::Value)| {
        let plan = Plan::new().resource(address, values.clone());
        // The target of a reference is never left out.
        let plan = if *address == "group.d" { plan.resource("group.a", json!({ "id": "a" })) } else { plan };
        let report = Run::new(ALIKE).plan(plan).report();
        (details(&report), said(&report))
    };
    let unplaced = |details: &str| {
        let mut lines: Vec<String> = details
            .split("\n")
            .map(|line| match line.split_once("/resources/") {
                Some((before, place)) => {
                    format!("{before}{}", place.trim_start_matches(|digit: char| digit.is_ascii_digit()))
                }
                None => line.to_owned(),
            })
            .filter(|line| !line.is_empty())
            .collect();
        lines.sort();
        lines
    };
    let mut alone = Vec::new();
    let mut remarks = Vec::new();
    for one in &groups {
        let (details, said) = of(one);
        alone.push(details);
        remarks.extend(said);
    }
    let together =
        groups.iter().fold(Plan::new(), |plan, (address, values)| plan.resource(address, values.clone()));
    let report = Run::new(ALIKE).plan(together).report();
    assert_eq!(unplaced(&details(&report)), unplaced(&alone.join("")));
    // Of each remark the first is shown, and how many there are.
    assert_eq!(remarks.len(), 2);
    let all = remarks[0].replace("no port", "no port (and 1 more like it)");
    assert_eq!(said(&report), [all]);
}

#[test]
fn documents_in_text_are_read_and_broken_ones_are_invalid() {
    let rules = r#"
    kind Document {
      statements: list<{ allow: bool  actions: list<string> }>
      derive open: bool = any s in .statements: s.allow and "*" in s.actions
      from json {
        statements: [for s in .Statement as list: { allow: s.Effect == "Allow"  actions: s.Action as list }]
      }
    }
    kind Policy : Resource {
      document: Document?
      from terraform "policy" { document: .policy as Document  tags: .tags }
    }
    policy closed { for p: Policy where p.document is present { require not p.document.open else "{p} allows everything" } }
    "#;
    let plan = Plan::new()
        .resource(
            "policy.trailing",
            json!({ "policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"*\",],}],}" }),
        )
        .resource(
            "policy.single",
            json!({ "policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\"}}" }),
        )
        .resource(
            "policy.fine",
            json!({ "policy": "{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\"}]}" }),
        )
        .resource("policy.broken", json!({ "policy": "{\"Statement\": [" }))
        .resource("policy.none", json!({ "policy": null }));
    let report = Run::new(rules).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "unknown closed policy.broken\n\
         fail closed policy.single\n\
         fail closed policy.trailing\n"
    );
}

#[test]
fn violated_refinements_keep_the_value_and_are_spoken_of() {
    let rules = r#"
    kind Server : Resource {
      port: int in 1..65535
      name: (string matching r"^[a-z]+$")?
      from terraform "server" { port: .port  name: .name  tags: .tags }
    }
    policy not_zero { for s: Server { require s.port != 0 else "{s} listens on {s.port}" } }
    policy short { for s: Server { require size(s.name ?? "") < 3 } }
    "#;
    let plan = Plan::new().resource("server.a", json!({ "port": 0, "name": "A!" }));
    let report = Run::new(rules).plan(plan).report();
    assert_eq!(verdicts(&report), "fail not_zero server.a\n");
    let said = serde_json::to_string(&report.diagnostics).unwrap();
    assert!(said.contains("less than 1") && said.contains("not of the form"), "{said}");
}

#[test]
fn what_no_kind_maps_is_listed() {
    let plan = Plan::new().resource("disk.a", json!({ "name": "a" })).resource("other.b", json!({}));
    let report = Run::new(&rules("policy p { for d: Disk { require d.size > 0 } }")).plan(plan).report();
    assert_eq!(report.sources[0].resources, 2);
    assert_eq!(report.sources[0].skipped.len(), 1);
    assert_eq!(report.sources[0].skipped[0].reason, "no kind maps other");
    assert_eq!(report.summary.resources, 2);
    assert_eq!(report.summary.not_applicable, 1);
}

#[test]
fn empty_text_is_no_value_of_another_type() {
    let rules = r#"
    type Grantee = everyone "uri:all" | other
    kind Grant : Resource {
      to: list<Grantee> = []
      from terraform "grant" { to: [for g in .grants: g.uri as Grantee ?? other]  tags: .tags }
    }
    policy closed { for g: Grant { require none t in g.to: t == everyone } }
    "#;
    let plan = Plan::new()
        .resource("grant.empty", json!({ "grants": [{ "uri": "" }] }))
        .resource("grant.open", json!({ "grants": [{ "uri": "" }, { "uri": "uri:all" }] }))
        .resource("grant.strange", json!({ "grants": [{ "uri": "uri:strange" }] }));
    let report = Run::new(rules).plan(plan).report();
    assert_eq!(verdicts(&report), "fail closed grant.open\nunknown closed grant.strange\n");
}

#[test]
fn text_without_case_compares_and_is_looked_up_so() {
    let rules = r#"
    kind Rule : Resource {
      protocol: string? nocase
      labels: map<string nocase, string> = {}
      from terraform "rule" { protocol: .protocol  labels: .labels  tags: .tags }
    }
    const open: set<string nocase> = { "TCP", "UDP" }
    policy equal { for r: Rule { require r.protocol == "tcp" } }
    policy listed { for r: Rule { require r.protocol in open } }
    policy labelled { for r: Rule { require (r.labels["team"] ?? "") == "red" } }
    "#;
    let plan = Plan::new()
        .resource("rule.a", json!({ "protocol": "Tcp", "labels": { "TEAM": "red" } }))
        .resource("rule.b", json!({ "protocol": "icmp", "labels": { "tam": "red" } }));
    let report = Run::new(rules).plan(plan).report();
    assert_eq!(verdicts(&report), "fail equal rule.b\nfail labelled rule.b\nfail listed rule.b\n");
}
