use crate::support::{MANIFEST, folder, iomc};

const ESTATE: &str = r#"module shop
resource payments: org.Team { }
resource platform: org.Team { }
resource prod: org.Environment { owner: payments }
resource orders_key: aws.KmsKey { owner: platform  environment: prod }
resource logs: aws.Bucket { name: "logs"  owner: platform  environment: prod  encryption: { algorithm: aws_kms  key: orders_key } }
resource orders: aws.Bucket { name: "orders"  environment: prod  logging: logs  encryption: { algorithm: aws_kms  key: orders_key } }
resource block: aws.PublicAccessBlock { bucket: orders  environment: prod }
"#;

fn estate() -> tempfile::TempDir {
    folder(&[("iom.toml", MANIFEST), ("shop.iom", ESTATE)])
}

#[test]
fn things_and_relations_as_json() {
    let folder = estate();
    let graph = iomc(folder.path(), &["graph", "--format", "json"]).exits(0).json();
    let things: Vec<&str> =
        graph["things"].as_array().unwrap().iter().map(|one| one["address"].as_str().unwrap()).collect();
    assert_eq!(things, ["block", "logs", "orders", "orders_key"]);
    let relations: Vec<String> = graph["relations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!("{} -> {} by {} ({})", one["from"], one["to"], one["fields"], one["sort"])
                .replace('"', "")
        })
        .collect();
    assert_eq!(
        relations,
        [
            "block -> orders by [bucket] (declared)",
            "logs -> orders_key by [encryption] (declared)",
            "orders -> logs by [logging] (declared)",
            "orders -> orders_key by [encryption] (declared)"
        ]
    );
    assert_eq!(graph["things"][1]["owner"], "platform");
}

#[test]
fn a_blast_radius_is_everything_downstream_with_owners() {
    let folder = estate();
    let graph = iomc(folder.path(), &["graph", "--format", "json", "--blast-radius", "logs"]).exits(0).json();
    assert_eq!(graph["blast_radius"]["resource"], "logs");
    assert_eq!(graph["blast_radius"]["size"], 2);
    assert_eq!(graph["blast_radius"]["owners"], serde_json::json!([{ "owner": "payments", "resources": 2 }]));
    assert_eq!(graph["things"].as_array().unwrap().len(), 3);
    let drawn = iomc(folder.path(), &["graph", "--blast-radius", "logs"]).exits(0);
    assert!(drawn.stdout.contains("2 things depend on logs: payments 2"), "{}", drawn.stdout);
    iomc(folder.path(), &["graph", "--blast-radius", "log"]).exits(2).says("did you mean `logs`?");
}

#[test]
fn pictures_are_the_same_every_time() {
    let folder = estate();
    for format in ["svg", "dot", "mermaid", "json"] {
        let draw = || iomc(folder.path(), &["graph", "--format", format]).exits(0).stdout;
        assert_eq!(draw(), draw());
    }
    let mermaid = iomc(folder.path(), &["graph", "--format", "mermaid"]).exits(0).stdout;
    assert!(
        mermaid.contains("n2 ==> n1") && mermaid.contains("subgraph g0[\"environment prod\"]"),
        "{mermaid}"
    );
    let dot = iomc(folder.path(), &["graph", "--format", "dot"]).exits(0).stdout;
    assert!(dot.contains("n2 -> n1 [style=solid, penwidth=1.5, tooltip=\"logging\"];"), "{dot}");
    let drawn = iomc(folder.path(), &["graph", "--only", "Bucket", "--out", "graph.svg"]).exits(0);
    assert_eq!(drawn.stdout, "");
    let svg = std::fs::read_to_string(folder.path().join("graph.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains(">orders<") && !svg.contains(">orders_key<"), "{svg}");
}

#[test]
fn a_picture_is_well_formed() {
    let plan = crate::support::repository().join("examples/payments");
    let svg = iomc(&plan, &["graph", "--cluster", "module"]).exits(0).stdout;
    let mut reader = quick_xml::Reader::from_str(&svg);
    let mut names = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(start) if start.name().as_ref() == "g" => names += 1,
            _ => {}
        }
    }
    assert!(names > 100, "{names}");
}

fn schema() -> jsonschema::Validator {
    let text = iomc(std::path::Path::new("."), &["schema", "output", "graph"]).exits(0).stdout;
    let committed = std::fs::read_to_string(crate::support::repository().join("spec/schema/graph.v1.json"));
    assert_eq!(text, committed.unwrap());
    jsonschema::draft202012::new(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[test]
fn every_graph_keeps_its_schema() {
    let schema = schema();
    let keeps = |folder: &std::path::Path, arguments: &[&str]| {
        let graph = iomc(folder, &[&["graph", "--format", "json"], arguments].concat()).exits(0).json();
        let errors: Vec<String> = schema.iter_errors(&graph).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{arguments:?}");
        graph
    };
    let folder = estate();
    keeps(folder.path(), &[]);
    let mut graph = keeps(folder.path(), &["--blast-radius", "logs"]);
    keeps(&crate::support::payments(), &[]);
    // Some things of it are in no model, and some relations lead nowhere for sure.
    let repository = crate::support::repository();
    let estate = keeps(&repository.join("examples/estate"), &["--at", "2026-11-22T00:00:00Z"]);
    assert!(estate["things"].as_array().unwrap().iter().any(|thing| thing["is_modelled"] == false));
    graph["relations"][0]["sort"] = serde_json::json!("perhaps");
    assert!(!schema.is_valid(&graph));
    graph["relations"] = serde_json::json!([]);
    assert!(schema.is_valid(&graph));
    graph["things"][0].as_object_mut().unwrap().remove("layers");
    assert!(!schema.is_valid(&graph));
}

/// The picture in the README of the example is what the command draws.
#[test]
fn the_picture_of_the_example_is_as_it_is_drawn() {
    let estate = crate::support::repository().join("examples/estate");
    let drawn = iomc(&estate, &["graph", "--at", "2026-11-22T00:00:00Z"]).exits(0).stdout;
    let path = estate.join("graph.svg");
    if std::env::var_os("SNAPSHOTS").is_some_and(|what| what == "overwrite") {
        std::fs::write(&path, &drawn).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), drawn, "SNAPSHOTS=overwrite draws it anew");
}
