//! What a workspace claims is complete: declared, owned, and leaning on what is known.

use crate::support::{MANIFEST, folder, iomc};

const PLAN: &str = r#"{ "format_version": "1.2", "terraform_version": "1.9.0", "planned_values": { "root_module": { "resources": [
  { "address": "aws_s3_bucket.known", "mode": "managed", "type": "aws_s3_bucket", "name": "known",
    "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": { "bucket": "known" }, "sensitive_values": {} },
  { "address": "aws_s3_bucket.stray", "mode": "managed", "type": "aws_s3_bucket", "name": "stray",
    "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": { "bucket": "stray" }, "sensitive_values": {} },
  { "address": "aws_s3_bucket.named_later", "mode": "managed", "type": "aws_s3_bucket", "name": "named_later",
    "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": { }, "sensitive_values": {} },
  { "address": "aws_subnet.s", "mode": "managed", "type": "aws_subnet", "name": "s",
    "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": { "vpc_id": "vpc-0123" }, "sensitive_values": {} }
] } }, "resource_changes": [], "configuration": { "root_module": {} } }"#;

const RULES: &str = r#"module shop
resource payments: org.Team { }
resource prod: org.Environment { }
resource known: aws.Bucket { name: "known"  environment: prod  owner: payments }
bind r: Resource { owner: org.Team named if r is aws.Bucket then "payments" else "" }
"#;

fn manifest(more: &str) -> String {
    format!("{MANIFEST}\n[[state]]\npath = \"plan.json\"\nenvironment = \"prod\"\n{more}")
}

fn findings(more: &str, rules: &str) -> Vec<String> {
    let folder = folder(&[("iom.toml", &manifest(more)), ("shop.iom", rules), ("plan.json", PLAN)]);
    let report = iomc(folder.path(), &["eval", "--format", "json"]).json();
    let all = report["findings"].as_array().unwrap().iter();
    all.map(|one| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        let address = one["resource"]["address"].as_str().unwrap();
        format!(
            "{} {} {address}: {}",
            text("policy").replace("std.model.", ""),
            text("verdict"),
            text("mode")
        )
    })
    .collect()
}

#[test]
fn nothing_is_claimed_without_a_word() {
    assert_eq!(findings("", RULES), Vec::<String>::new());
}

#[test]
fn what_is_managed_is_declared_owned_and_leans_on_what_is_known() {
    let expected = [
        "undeclared unknown aws_s3_bucket.named_later: enforce",
        "undeclared fail aws_s3_bucket.stray: enforce",
        "undeclared unknown aws_subnet.s: enforce",
        "unmodelled_dependency fail aws_subnet.s: enforce",
        "unowned fail aws_subnet.s: enforce",
    ];
    assert_eq!(findings("manages = true\n", RULES), expected);
    let by_environment = RULES.replace("org.Environment { }", "org.Environment { manages: true }");
    assert_eq!(findings("", &by_environment), expected);
}

#[test]
fn what_lies_outside_can_be_named() {
    let found = findings("manages = true\nexternal = [\"vpc-*\"]\n", RULES);
    assert!(!found.iter().any(|one| one.starts_with("unmodelled_dependency")), "{found:#?}");
}

#[test]
fn modes_and_exceptions_count_for_them_too() {
    let rules = format!(
        "{RULES}resource lead: org.Person {{ }}\napply std.model.undeclared {{ mode: advise }}\n\
         exception subnet_has_no_owner {{\n  policy: std.model.unowned\n  target: aws.Subnet\n  reason: \"being handed over\"\n  \
         approved_by: [lead]\n  opened: 2026-01-01\n  expires: 2026-03-01\n}}\n"
    );
    let folder =
        folder(&[("iom.toml", &manifest("manages = true\n")), ("shop.iom", &rules), ("plan.json", PLAN)]);
    let report = iomc(folder.path(), &["eval", "--format", "json", "--at", "2026-02-01"]).json();
    let one = |policy: &str| {
        let all = report["findings"].as_array().unwrap();
        all.iter().find(|one| one["policy"] == policy).unwrap_or_else(|| panic!("{report:#}")).clone()
    };
    assert_eq!(one("std.model.undeclared")["mode"], "advise");
    assert_eq!(one("std.model.unowned")["verdict"], "excepted");
}

#[test]
fn one_thing_described_twice_is_told() {
    let twice =
        format!("{}\n[[state]]\npath = \"again.json\"\nmanages = true\n", manifest("manages = true\n"));
    let again = PLAN.replace("\"stray\"", "\"other\"").replace(".stray", ".other");
    let folder =
        folder(&[("iom.toml", &twice), ("shop.iom", RULES), ("plan.json", PLAN), ("again.json", &again)]);
    let report =
        iomc(folder.path(), &["eval", "--format", "json", "--only", "std.model.two_sources_of_truth"]).json();
    let all = report["findings"].as_array().unwrap();
    let found: Vec<&str> = all.iter().map(|one| one["message"].as_str().unwrap()).collect();
    assert_eq!(
        found,
        ["aws_s3_bucket.known is described twice: aws_s3_bucket.known has the same identity"; 2]
    );
    assert_ne!(all[0]["location"]["file"], all[1]["location"]["file"]);
}

#[test]
fn sources_say_when_they_were_made_and_how_long_they_hold() {
    let plan = PLAN.replacen("{ ", "{ \"timestamp\": \"2026-01-01T00:00:00Z\", ", 1);
    let folder = folder(&[
        ("iom.toml", &manifest("fresh_for = \"24h\"\n")),
        (
            "shop.iom",
            "policy named { severity: high  for b: aws.Bucket { require b.versioning == false } }\n",
        ),
        ("plan.json", &plan),
    ]);
    let fresh = iomc(folder.path(), &["eval", "--format", "json", "--at", "2026-01-01T12:00Z"]).json();
    assert_eq!(fresh["sources"][0]["observed_at"], "2026-01-01T00:00:00Z");
    assert_eq!(fresh["sources"][0]["fresh_until"], "2026-01-02T00:00:00Z");
    let stale = iomc(folder.path(), &["eval", "--format", "json", "--at", "2026-01-03"]).json();
    assert_eq!(stale["summary"]["unknown"], 3, "{stale:#}");
    assert_eq!(stale["escalations"][0]["cause"], "stale_fact");
}

/// One rule for each family that it is expressible in, over things that stand in tables.
#[test]
fn every_family_has_kinds_and_tables_fill_them() {
    let rules = r#"module shop
resource platform: org.Team { }
resource hall: org.Environment { tier: production  data_class: restricted  region: "local"  fault_domain: "hall 1"  reconcile: converge_on_next_apply }
policy kept {
  for h: onprem.Host where h.environment.tier == production and (h.environment?.data_class ?? public) >= confidential {
    require disk: h.encrypted ?? false else "{h} keeps restricted data on plain disks"
    require site: h.site is present and h.site?.city == "Basel" else "{h} stands nowhere"
  }
}
policy recent { for d: onprem.NetworkDevice { require d.firmware is present and (d.firmware ?? "0") >= "7.2" else "{d} is old" } }
policy strong { for a: identity.Account where a.administrator { require a.multi_factor ?? false else "{a} has one factor" } }
policy promised { for s: services.Service { require s.objective is present else "{s} promises nothing" } }
policy back { for e: org.Environment where e.fault_domain == "hall 1" { require e.reconcile != alert_only else "{e} is not brought back" } }
"#;
    let folder = folder(&[
        ("iom.toml", MANIFEST),
        ("shop.iom", rules),
        (
            "hosts.csv",
            "name,ip,site,os,encrypted,owner,environment\nweb1,10.0.0.1,basel,linux,true,platform,hall\nweb2,10.0.0.2,basel,linux,false,platform,hall\n",
        ),
        ("sites.csv", "name,city,country\nbasel,Basel,CH\n"),
        ("network_devices.csv", "name,role,firmware\nsw1,switch,7.10\nsw2,switch,6.4\n"),
        (
            "accounts.csv",
            "name,directory,admin,mfa\nalice,okta,true,true\nbob,okta,true,false\ncarol,okta,false,false\n",
        ),
        ("services.csv", "name,url,objective\nshop,https://shop.example,99.9%\nblog,https://blog.example,\n"),
    ]);
    let mut arguments = vec!["eval", "--format", "short"];
    for table in ["hosts", "sites", "network_devices", "accounts", "services"] {
        arguments.push("--state");
        arguments.push(match table {
            "hosts" => "hosts.csv",
            "sites" => "sites.csv",
            "network_devices" => "network_devices.csv",
            "accounts" => "accounts.csv",
            _ => "services.csv",
        });
    }
    let ran = iomc(folder.path(), &arguments);
    let findings: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("shop.")).collect();
    let has = |text: &str| findings.iter().any(|line| line.contains(text));
    assert_eq!(findings.len(), 4, "{ran:#?}");
    assert!(has("web2") && has("plain disks"), "{ran:#?}");
    assert!(has("sw2") && has("is old"), "{ran:#?}");
    assert!(has("bob") && has("one factor"), "{ran:#?}");
    assert!(has("blog") && has("promises nothing"), "{ran:#?}");
}

/// Each item of AWS Config by itself; what a recorded answer holds, by the date of the answer.
#[test]
fn things_say_when_they_were_seen() {
    let item = |id: &str, captured: &str| {
        serde_json::json!({
            "resourceType": "AWS::S3::Bucket", "resourceId": id, "configurationItemCaptureTime": captured,
            "configuration": { "name": id },
            "supplementaryConfiguration": { "BucketVersioningConfiguration": { "status": "Enabled" } },
        })
    };
    let items = [item("early", "2026-01-01T00:00:00Z"), item("late", "2026-01-02T18:00:00Z")];
    let config =
        serde_json::json!({ "fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": items });
    let answer = r#"{ "status_code": 200, "data": { "Hosts": [{ "id": "h", "on": true }],
        "ResponseMetadata": { "HTTPHeaders": { "date": "Thu, 01 Jan 2026 00:00:00 GMT" } } } }"#;
    let rules = r#"
kind Host : Resource { name: string  on: bool  identity name  from json "Hosts" { name: .id  on: .on } }
policy versioned { severity: high  for b: aws.Bucket { require b.versioning else "no" } }
policy on { severity: high  for h: Host { require h.on else "no" } }
"#;
    let state = |path: &str, format: &str| {
        format!("[[state]]\npath = \"{path}\"\nformat = \"{format}\"\nfresh_for = \"24h\"\n")
    };
    let manifest =
        format!("{MANIFEST}\n{}{}", state("config.json", "aws-config"), state("answer.json", "json"));
    let folder = folder(&[
        ("iom.toml", &manifest),
        ("rules.iom", rules),
        ("config.json", &config.to_string()),
        ("answer.json", answer),
    ]);
    let found = |at: &str| -> Vec<String> {
        let report = iomc(folder.path(), &["eval", "--format", "json", "--at", at]).json();
        let one = |finding: &serde_json::Value| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
            assert_eq!(finding["unknown"][0]["cause"], "stale", "{finding:#}");
            format!("{} {}", text(&finding["resource"]["address"]), text(&finding["resource"]["observed_at"]))
        };
        report["findings"].as_array().unwrap().iter().map(one).collect()
    };
    assert_eq!(found("2026-01-01T12:00Z"), [""; 0]);
    assert_eq!(
        found("2026-01-02T18:00Z"),
        ["Hosts[\"h\"] 2026-01-01T00:00:00Z", "AWS::S3::Bucket/early 2026-01-01T00:00:00Z"]
    );
    assert_eq!(found("2026-01-03T18:00Z").len(), 3);
}

const SHOP: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web, namespace: shop }\n---\n\
                    apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { team: TEAM } }\n";

/// Two clusters have objects of one name, and each object's references stay in its own.
#[test]
fn clusters_are_told_apart() {
    let rules = r#"module shop
resource red: org.Team { }
resource blue: org.Team { }
bind a: k8s.ServiceAccount { owner: org.Team named a.namespace?.labels["team"] }
kind Around : Resource {
  name: string
  cluster: string?
  namespace: string?
  region: string?
  from kubernetes "v1/ServiceAccount" { name: .metadata.name  cluster: $cluster  namespace: $namespace  region: $region }
}
policy is_once { for a: k8s.ServiceAccount { require none b in k8s.ServiceAccount: a == b and a.owner != b.owner else "twice" } }
policy is_red { for a: k8s.ServiceAccount { require a.owner == red else "{a.owner}" } }
policy around { for a: Around { require a.cluster == "east" and a.region == "eu" and a.namespace == "shop" else "{a.cluster} {a.region}" } }
apply std.model.two_sources_of_truth
"#;
    let state = |path: &str, more: &str| {
        format!("[[state]]\npath = \"{path}\"\nlayer = \"running\"\nmanages = true\n{more}")
    };
    let judged = |east: &str, west: &str| {
        let manifest = format!("{MANIFEST}\n{}{}", state("east", east), state("west", west));
        let folder = folder(&[
            ("iom.toml", &manifest),
            ("rules.iom", rules),
            ("east/a.yaml", &SHOP.replace("TEAM", "red")),
            ("west/a.yaml", &SHOP.replace("TEAM", "blue")),
        ]);
        let report = iomc(
            folder.path(),
            &["eval", "--format", "json", "--only", "shop.*", "--only", "std.model.two*"],
        )
        .json();
        let one = |finding: &serde_json::Value| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
            let file = text(&finding["location"]["file"]);
            format!(
                "{} {} {} {}",
                text(&finding["policy"]),
                text(&finding["verdict"]),
                file,
                text(&finding["message"])
            )
        };
        report["findings"].as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(
        judged("cluster = \"east\"\nregion = \"eu\"\n", "cluster = \"west\"\nregion = \"eu\"\n"),
        ["shop.around fail west/a.yaml west eu", "shop.is_red fail west/a.yaml blue"]
    );
    // In one cluster they are one thing twice, and whose namespace is whose cannot be said.
    let together = judged("", "");
    let twice = together.iter().filter(|finding| finding.starts_with("std.model.two_sources_of_truth fail"));
    assert_eq!(twice.count(), 4, "{together:#?}");
    let around = together.iter().filter(|finding| finding.starts_with("shop.around unknown"));
    assert_eq!(around.count(), 2, "{together:#?}");
}

/// Where the state is kept stands in the configuration: the store, and the bucket that it is in.
#[test]
fn state_stores_come_from_configuration() {
    let infra = r#"
terraform {
  backend "s3" {
    bucket       = "shop-state"
    key          = "prod/terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}
resource "aws_s3_bucket" "state" { bucket = "shop-state" }
resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id
  versioning_configuration { status = "Enabled" }
}
"#;
    let folder =
        folder(&[("infra/main.tf", infra), ("bare/main.tf", "terraform {\n  backend \"http\" { }\n}\n")]);
    let told = |state: &str| {
        let asked = r#"[for b in terraform.Backend: "{b.type} {b.path ?? "-"} {b.region ?? "-"} {b.bucket?.name ?? "-"} encrypted {b.encrypted ?? false} locked {b.locked ?? false} kept {b.backed_up ?? false}"]"#;
        iomc(folder.path(), &["query", asked, "--state", state]).exits(0).stdout
    };
    assert_eq!(
        told("infra"),
        "s3 prod/terraform.tfstate eu-west-1 shop-state encrypted true locked true kept true\n1 row\n"
    );
    assert_eq!(told("bare"), "http - - - encrypted false locked false kept false\n1 row\n");
}
