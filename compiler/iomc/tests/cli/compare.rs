use serde_json::{Value, json};

use crate::support::{Ran, folder, iomc, repository};

const MANIFEST: &str = "[package]\nname = \"estate\"\nversion = \"0.1.0\"\nedition = \"2026\"\n";

const SHOP: &str = r#"module shop

resource payments: org.Team { }
resource prod: org.Environment { name: "shop-prod"  owner: payments }
resource orders: aws.Bucket { name: "orders"  owner: payments  versioning: true }
resource net: aws.Vpc { cidr: 10.0.0.0/16 }
resource own: aws.Vpc { cidr: 192.168.0.0/24 }

policy kept { severity: high  for b: aws.Bucket { require b.versioning else "{b} keeps nothing" } }
policy named { severity: low  mode: advise  for b: aws.Bucket { require b.name is present else "no name" } }
apply aws.checks.storage.bucket_versioned { mode: enforce }
"#;

const BANK: &str = r#"module bank

resource ledger: org.Team { }
resource prod: org.Environment { name: "bank-prod"  owner: ledger }
resource deposits: aws.Bucket { name: "orders"  owner: ledger }
resource net: aws.Vpc { cidr: 10.0.128.0/17 }
apply aws.checks.storage.bucket_versioned { mode: advise }
"#;

fn plan(resources: &[(&str, &str, Value)]) -> String {
    let resources: Vec<Value> = resources
        .iter()
        .map(|(source_type, name, values)| {
            json!({
                "address": format!("{source_type}.{name}"),
                "mode": "managed",
                "type": source_type,
                "name": name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "values": values,
                "sensitive_values": {},
            })
        })
        .collect();
    json!({
        "format_version": "1.2",
        "planned_values": { "root_module": { "resources": resources } },
        "configuration": { "root_module": {} },
    })
    .to_string()
}

fn estates() -> tempfile::TempDir {
    folder(&[
        ("shop/iom.toml", MANIFEST),
        ("shop/shop.iom", SHOP),
        ("bank/iom.toml", &format!("{MANIFEST}\n[[state]]\nlayer = \"running\"\npath = \"plan.json\"\n")),
        ("bank/bank.iom", BANK),
        ("bank/plan.json", &plan(&[("aws_s3_bucket", "scratch", json!({ "bucket": "scratch" }))])),
    ])
}

fn compare(folder: &std::path::Path, arguments: &[&str]) -> Ran {
    iomc(folder, &[&["compare", "--at", "2026-11-22"], arguments].concat())
}

fn told(compared: &Value) -> Vec<String> {
    let conflicts = compared["conflicts"].as_array().unwrap().iter();
    let one = |one: &Value| {
        let addresses = |side: &str| -> Vec<&str> {
            one[side].as_array().unwrap().iter().map(|one| one["address"].as_str().unwrap()).collect()
        };
        format!(
            "{} {}: {} | {}",
            one["sort"].as_str().unwrap(),
            one["subject"].as_str().unwrap(),
            addresses("a").join(" "),
            addresses("b").join(" ")
        )
    };
    conflicts.map(one).collect()
}

#[test]
fn two_workspaces_and_all_that_is_in_conflict() {
    let folder = estates();
    let compared = compare(folder.path(), &["shop", "bank", "--format", "json"]).exits(1).json();
    assert_eq!(
        told(&compared),
        [
            "identity orders: orders | deposits",
            "owner orders: orders | deposits",
            "addresses 10.0.0.0/16: net | net",
            "rule aws.checks.storage.bucket_versioned: aws.checks.storage.bucket_versioned | aws.checks.storage.bucket_versioned",
            "rule shop.kept: shop.kept | aws_s3_bucket.scratch",
        ]
    );
    assert_eq!(
        compared["summary"],
        json!({ "identity": 1, "owner": 1, "addresses": 1, "name": 0, "rule": 2 })
    );
    let identity = &compared["conflicts"][0];
    assert_eq!(identity["kind"], "aws.Bucket");
    assert_eq!(identity["differences"], json!([{ "field": "versioning", "a": "true", "b": "false" }]));
    assert_eq!(identity["a"][0]["location"]["file"], "shop/shop.iom");
    assert_eq!(compared["conflicts"][3]["stricter"], "a");
    assert_eq!(compared["conflicts"][4]["b"][0]["location"]["file"], "bank/plan.json");
}

/// Whoever asks the other way round is told the same, with sides changed.
#[test]
fn sides_are_alike() {
    let folder = estates();
    let one = compare(folder.path(), &["shop", "bank", "--format", "json"]).exits(1).json();
    let other = compare(folder.path(), &["bank", "shop", "--format", "json"]).exits(1).json();
    let turned: Vec<String> = told(&other)
        .iter()
        .map(|line| {
            let (subject, sides) = line.split_once(": ").unwrap();
            let (a, b) = sides.split_once(" | ").unwrap();
            format!("{subject}: {b} | {a}")
        })
        .collect();
    // The widest range is the first's in both.
    assert_eq!(told(&one), turned);
}

#[test]
fn an_estate_is_in_no_conflict_with_another_one() {
    let folder = folder(&[
        ("a.json", &plan(&[("aws_s3_bucket", "a", json!({ "bucket": "a" }))])),
        ("b.json", &plan(&[("aws_s3_bucket", "b", json!({ "bucket": "b" }))])),
    ]);
    let compared = compare(folder.path(), &["a.json", "running=b.json"]).exits(0);
    assert_eq!(compared.stdout, "nothing is in conflict\n");
}

#[test]
fn one_address_is_two_things_where_nothing_tells_them_apart() {
    let folder = folder(&[
        (
            "a.json",
            &plan(&[("aws_vpc", "main", json!({})), ("aws_s3_bucket", "x", json!({ "bucket": "a" }))]),
        ),
        (
            "b.json",
            &plan(&[("aws_vpc", "main", json!({})), ("aws_s3_bucket", "x", json!({ "bucket": "b" }))]),
        ),
    ]);
    let compared = compare(folder.path(), &["a.json", "b.json", "--format", "short"]).exits(1);
    assert_eq!(
        compared.stdout,
        "a.json:1:106 b.json:1:106: name: aws.Vpc aws_vpc.main is the name of one in A and of one in B\n"
    );
}

#[test]
fn what_cannot_be_told_apart_is_counted() {
    let unknown = "variable \"name\" { }\nresource \"aws_s3_bucket\" \"x\" { bucket = var.name }\n";
    let other = unknown.replace("\"x\"", "\"y\"");
    let folder = folder(&[("a/main.tf", unknown), ("b/main.tf", &other)]);
    let compared = compare(folder.path(), &["a", "b"]).exits(0);
    assert_eq!(
        compared.stdout,
        "nothing is in conflict\nnot compared, because it is not known what identifies them: 1 of A, 1 of B\n"
    );
}

#[test]
fn names_that_both_declare() {
    let folder = folder(&[
        ("a/iom.toml", MANIFEST),
        ("a/x.iom", "module shop\nresource payments: org.Team { }\n"),
        ("b/iom.toml", MANIFEST),
        ("b/x.iom", "module shop\n\nresource payments: org.Team { }\nresource other: org.Team { }\n"),
    ]);
    let compared = compare(folder.path(), &["a", "b"]).exits(1);
    insta::assert_snapshot!(compared.stdout, @r"
    name: resource shop.payments is the name of one in A and of one in B
      A  shop.payments  a/x.iom:2:1
      B  shop.payments  b/x.iom:3:1

    1 conflict: name 1
    ");
}

#[test]
fn what_cannot_be_read_ends_it() {
    let folder = estates();
    compare(folder.path(), &["shop", "nothing.json"]).exits(2).says("nothing.json");
    compare(folder.path(), &["shop"]).exits(2);
    compare(folder.path(), &["-", "json:-"]).exits(2).says("both estates can't be read from standard input");
    std::fs::write(folder.path().join("bank/bank.iom"), "resource x: nothing { }").unwrap();
    compare(folder.path(), &["shop", "bank"]).exits(2).says("IOM0");
}

/// Nothing of it takes the square: twice as much would take four times as long, and this many minutes.
#[test]
fn large_estates_are_compared() {
    let vpcs = |first: usize| -> Vec<(String, Value)> {
        let one = |number: usize| {
            let cidr = format!("10.{}.{}.0/24", number / 250 % 250, number % 250);
            (format!("v{}", first + number), json!({ "cidr_block": cidr }))
        };
        (0..20_000).map(one).collect()
    };
    let text = |vpcs: &[(String, Value)]| {
        let all: Vec<(&str, &str, Value)> =
            vpcs.iter().map(|(name, values)| ("aws_vpc", name.as_str(), values.clone())).collect();
        plan(&all)
    };
    let folder = folder(&[("a.json", &text(&vpcs(0))), ("b.json", &text(&vpcs(100_000)))]);
    let compared = compare(folder.path(), &["a.json", "b.json", "--format", "json"]).exits(1).json();
    assert_eq!(compared["summary"]["addresses"], 20_000);
    assert_eq!(compared["summary"]["name"], 0);
}

#[test]
fn the_output_keeps_its_schema() {
    let folder = estates();
    let text = iomc(folder.path(), &["schema", "output", "compare"]).exits(0).stdout;
    let committed = std::fs::read_to_string(repository().join("spec/schema/comparison.v1.json")).unwrap();
    assert_eq!(text, committed);
    let schema = jsonschema::draft202012::new(&serde_json::from_str(&text).unwrap()).unwrap();
    let mut compared = compare(folder.path(), &["shop", "bank", "--format", "json"]).exits(1).json();
    assert!(schema.is_valid(&compared), "{:#?}", schema.iter_errors(&compared).collect::<Vec<_>>());
    compared["conflicts"][0]["sort"] = json!("quarrel");
    assert!(!schema.is_valid(&compared));
}
