use serde_json::{Value, json};

use crate::session::{Session, clients};
use crate::{MANIFEST, folder};

const TEXT: &str = "module shop\nconst one: int = 1\n";

#[test]
fn shutdown_is_answered_after_what_came_before_it() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", TEXT)]);
    let mut session = Session::start(folder.path(), &clients::pulling(), Value::Null);
    session.open("shop.iom", TEXT);
    let document = json!({ "textDocument": { "uri": session.uri("shop.iom") } });
    let asked: Vec<u64> =
        (0..50).map(|_| session.ask("textDocument/documentSymbol", document.clone())).collect();
    let last = session.ask("shutdown", Value::Null);
    session.answer(last);
    for id in asked {
        let position = session.waiting.iter().position(|message| message["id"] == id);
        let answer = session.waiting.remove(position.expect("an answer before that to shutdown"));
        assert!(answer["result"].is_array(), "{answer}");
    }
    session.notify("exit", Value::Null);
}

#[test]
fn a_client_that_leaves_without_a_word_ends_the_server() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", TEXT)]);
    let mut session = Session::start(folder.path(), &clients::told(), Value::Null);
    session.open("shop.iom", TEXT);
    session.told("shop.iom", 1);
    assert_eq!(session.leave(), Some(1));
}

#[test]
fn a_server_that_was_killed_starts_again_where_the_files_are() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", TEXT)]);
    let mut session = Session::start(folder.path(), &clients::told(), Value::Null);
    session.open("shop.iom", TEXT);
    session.replace("shop.iom", 2, "module shop\nconst one: int = \"\"\n");
    assert_eq!(session.told("shop.iom", 2).len(), 1);
    session.kill();
    let mut session = Session::start(folder.path(), &clients::told(), Value::Null);
    session.open("shop.iom", TEXT);
    assert_eq!(session.told("shop.iom", 1), [Value::Null; 0]);
    session.end();
}

/// Either they are asked for or they are told.
#[test]
fn diagnostics_come_one_way() {
    let broken = "module shop\nconst one: int = \"\"\n";
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", broken), ("other.iom", broken)]);
    let mut session = Session::start(folder.path(), &clients::pulling(), Value::Null);
    session.open("shop.iom", broken);
    assert_eq!(session.pulled("shop.iom").len(), 2, "the constant is declared twice, and no number");
    let ask = |session: &mut Session, known: Value| {
        let report = session.request("workspace/diagnostic", json!({ "previousResultIds": known }));
        report["items"].as_array().unwrap().clone()
    };
    let files = ask(&mut session, json!([]));
    assert_eq!(files.len(), 2, "{files:?}");
    let known: Vec<Value> =
        files.iter().map(|file| json!({ "uri": file["uri"], "value": file["resultId"] })).collect();
    session.replace("shop.iom", 2, "module shop\n");
    let files = ask(&mut session, json!(known));
    let kinds: Vec<&str> = files.iter().filter_map(|file| file["kind"].as_str()).collect();
    assert_eq!(kinds, ["unchanged", "full"], "what is wrong in the other file has not changed: {files:?}");
    assert_eq!(files[1]["items"], json!([]), "{files:?}");
    let is_told = |message: &&Value| message["method"] == "textDocument/publishDiagnostics";
    assert_eq!(session.waiting.iter().find(is_told), None);
    session.end();
}

#[test]
fn a_request_can_be_cancelled_and_the_next_is_answered() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", TEXT)]);
    let mut session = Session::start(folder.path(), &clients::pulling(), Value::Null);
    session.open("shop.iom", TEXT);
    for _ in 0..50 {
        let id = session.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
        session.notify("$/cancelRequest", json!({ "id": id }));
        let answer = session.answer(id);
        assert!(answer["error"]["code"] == -32800 || answer["result"].is_object(), "{answer}");
    }
    assert_eq!(session.pulled("shop.iom"), [Value::Null; 0]);
    session.end();
}
