use std::time::Duration;

use serde_json::{Value, json};

use crate::session::{Session, clients};
use crate::{MANIFEST, folder, write};

const POLICY: &str = "module shop\n\npolicy named {\n  severity: low\n  for b: aws.Bucket {\n    \
                      require b.name is present else \"{b} has no name\"\n  }\n}\n";
const STATE: &str = "\n[[state]]\npath = \"plan.json\"\nformat = \"terraform-plan\"\n";
const PLAN: &str = r#"{ "format_version": "1.2", "terraform_version": "1.9.0",
  "planned_values": { "root_module": { "resources": [] } }, "resource_changes": [] }"#;

fn about_state(found: &[Value]) -> bool {
    found.iter().any(|one| one["message"].as_str().unwrap().contains("plan.json"))
}

/// State that cannot be read is told where it is named, and no more when it can be.
#[test]
fn unreadable_state_is_told_where_it_is_named() {
    let manifest = format!("{MANIFEST}{STATE}");
    let folder = folder(&[("iom.toml", &manifest), ("shop.iom", POLICY)]);
    let mut session = Session::start(folder.path(), &clients::told(), Value::Null);
    // Also while the rules have mistakes.
    session.open("shop.iom", &POLICY.replace("b.name", "b.nme"));
    let found = session.told_until("iom.toml", about_state);
    session.replace("shop.iom", 2, POLICY);
    let line = manifest.lines().position(|line| line.starts_with("path")).unwrap();
    assert_eq!(found[0]["range"]["start"]["line"], line, "{found:?}");
    assert_eq!(found[0]["severity"], 1, "{found:?}");

    // A client that does not watch files saves something.
    write(folder.path(), "plan.json", "{ this is no JSON");
    let saved = json!({ "textDocument": { "uri": session.uri("shop.iom") } });
    session.notify("textDocument/didSave", saved.clone());
    let is_malformed = |found: &[Value]| {
        about_state(found)
            && found.iter().any(|one| one["message"].as_str().unwrap().contains("plan.json:1:"))
    };
    session.told_until("iom.toml", is_malformed);

    write(folder.path(), "plan.json", PLAN);
    session.notify("textDocument/didSave", saved);
    session.told_until("iom.toml", <[Value]>::is_empty);
    session.end();
}

/// The client watches files where it can, and asks again when something is found.
#[test]
fn state_that_changes_is_judged_again() {
    let manifest = format!("{MANIFEST}{STATE}");
    let folder = folder(&[("iom.toml", &manifest), ("shop.iom", POLICY), ("plan.json", PLAN)]);
    let mut session = Session::start(folder.path(), &clients::pulling(), Value::Null);
    let registered =
        session.wait("a registration", |message| message["method"] == "client/registerCapability");
    let watchers = &registered["params"]["registrations"][0]["registerOptions"]["watchers"];
    assert!(watchers.to_string().contains("json"), "{registered}");
    session.open("shop.iom", POLICY);
    session.pulled("iom.toml");
    let refresh = |message: &Value| message["method"] == "workspace/diagnostic/refresh";
    assert_eq!(session.pulled("iom.toml"), [Value::Null; 0]);
    while session.wait_at_most(Duration::from_millis(500), refresh).is_some() {}

    write(folder.path(), "plan.json", "{ this is no JSON");
    let changes = json!([{ "uri": session.uri("plan.json"), "type": 2 }]);
    session.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    for _ in 0..10 {
        session.wait("news of the state", refresh);
        if about_state(&session.pulled("iom.toml")) {
            session.end();
            return;
        }
    }
    panic!("nobody says that the state cannot be read");
}

/// Language features need no manifest.
#[test]
fn a_folder_without_a_manifest_is_served() {
    let broken = POLICY.replace("b.name", "b.nme");
    let folder = folder(&[("shop.iom", &broken)]);
    let mut session = Session::start(folder.path(), &clients::told(), Value::Null);
    session.open("shop.iom", &broken);
    let found = session.told("shop.iom", 1);
    assert_eq!(found.len(), 1, "{found:?}");
    session.end();
}
