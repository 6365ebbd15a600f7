use serde_json::{Value, json};

use crate::session::{Session, clients};
use crate::{MANIFEST, folder};

const EDITS: i64 = 300;

/// A text that says its version, with as many mistakes as its last digit.
fn text(version: i64) -> String {
    let mistakes: String =
        (0..version % 10).map(|number| format!("const wrong{number}: int = \"{number}\"\n")).collect();
    format!("module shop\nconst v{version}: int   = 1\n{mistakes}")
}

/// Every kind of request, about a place in the document.
fn requests(uri: &str) -> Vec<(&'static str, Value)> {
    let document = json!({ "uri": uri });
    let position = json!({ "line": 1, "character": 7 });
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 2, "character": 0 } });
    let at = json!({ "textDocument": document, "position": position });
    let of = json!({ "textDocument": document });
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let with = |base: &Value, key: &str, value: Value| {
        let mut whole = base.clone();
        whole[key] = value;
        whole
    };
    vec![
        ("textDocument/diagnostic", of.clone()),
        ("workspace/diagnostic", json!({ "previousResultIds": [] })),
        ("textDocument/hover", at.clone()),
        ("textDocument/completion", at.clone()),
        ("textDocument/signatureHelp", at.clone()),
        ("textDocument/definition", at.clone()),
        ("textDocument/typeDefinition", at.clone()),
        ("textDocument/implementation", at.clone()),
        ("textDocument/references", with(&at, "context", json!({ "includeDeclaration": true }))),
        ("textDocument/prepareRename", at.clone()),
        ("textDocument/rename", with(&at, "newName", json!("renamed"))),
        ("textDocument/documentHighlight", at.clone()),
        ("textDocument/documentSymbol", of.clone()),
        ("workspace/symbol", json!({ "query": "v" })),
        ("textDocument/documentLink", of.clone()),
        ("textDocument/foldingRange", of.clone()),
        ("textDocument/selectionRange", json!({ "textDocument": document, "positions": [position] })),
        ("textDocument/semanticTokens/full", of.clone()),
        ("textDocument/semanticTokens/range", with(&of, "range", range.clone())),
        ("textDocument/inlayHint", with(&of, "range", range.clone())),
        ("textDocument/codeLens", of.clone()),
        (
            "textDocument/codeAction",
            json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } }),
        ),
        ("textDocument/prepareCallHierarchy", at.clone()),
        ("textDocument/prepareTypeHierarchy", at.clone()),
        ("textDocument/formatting", with(&of, "options", options.clone())),
        (
            "textDocument/rangeFormatting",
            json!({ "textDocument": document, "range": range, "options": options }),
        ),
        (
            "textDocument/onTypeFormatting",
            json!({ "textDocument": document, "position": position, "ch": "\n", "options": options }),
        ),
    ]
}

struct Asked {
    id: u64,
    method: &'static str,
    version: i64,
    is_cancelled: bool,
}

/// Each answer is of the version that was asked about, or says that it would not be.
fn check(asked: &Asked, answer: &Value) {
    let Asked { method, version, is_cancelled, .. } = asked;
    if let Some(error) = answer.get("error") {
        let code = error["code"].as_i64().unwrap();
        // Cancelled, content modified, ask again, not offered.
        let is_fine = match code {
            -32800 => *is_cancelled,
            -32801 | -32802 => *version < EDITS,
            -32601 => true,
            _ => false,
        };
        assert!(is_fine, "{method} at version {version}: {answer}");
        return;
    }
    let result = &answer["result"];
    let name = format!("v{version}");
    match *method {
        "textDocument/diagnostic" => {
            let found = result["items"].as_array().unwrap().len() as i64;
            assert_eq!(found, version % 10, "{version}: {result}");
        }
        "textDocument/documentSymbol" => {
            assert!(result.as_array().unwrap().iter().any(|one| one["name"] == name), "{version}: {result}");
        }
        "textDocument/formatting" => {
            let is_of_version = result[0]["newText"].as_str().unwrap().contains(&format!("{name}: int = 1"));
            assert!(is_of_version, "{version}: {result}");
        }
        "workspace/diagnostic" => {
            for file in result["items"].as_array().unwrap() {
                let found = file["items"].as_array().unwrap().len() as i64;
                assert_eq!(found, file["version"].as_i64().unwrap() % 10, "{file}");
            }
        }
        _ => {}
    }
}

#[test]
fn answers_are_of_the_version_that_was_asked_about() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", &text(1))]);
    let mut session = Session::start(folder.path(), &clients::pulling(), Value::Null);
    session.open("shop.iom", &text(1));
    let kinds = requests(&session.uri("shop.iom"));
    let mut asked = Vec::new();
    // Numbers that look random and are the same each time.
    let mut seed = 1_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for version in 2..=EDITS {
        session.replace("shop.iom", version, &text(version));
        for _ in 0..1 + random(3) {
            let (method, params) = &kinds[random(kinds.len() as u64) as usize];
            let id = session.ask(method, params.clone());
            let is_cancelled = random(10) == 0;
            if is_cancelled {
                session.notify("$/cancelRequest", json!({ "id": id }));
            }
            asked.push(Asked { id, method, version, is_cancelled });
        }
    }
    // Nothing changes any more: each kind is answered.
    for (method, params) in &kinds {
        let id = session.ask(method, params.clone());
        asked.push(Asked { id, method, version: EDITS, is_cancelled: false });
    }
    for one in &asked {
        let answer = session.answer(one.id);
        check(one, &answer);
    }
    session.end();
}

#[test]
fn diagnostics_that_are_told_are_of_the_version_they_name() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", &text(1))]);
    let mut session = Session::start(folder.path(), &clients::told(), Value::Null);
    session.open("shop.iom", &text(1));
    for version in 2..=EDITS {
        session.replace("shop.iom", version, &text(version));
    }
    let last = session.told("shop.iom", EDITS);
    assert_eq!(last.len() as i64, EDITS % 10);
    for message in &session.waiting {
        if message["method"] == "textDocument/publishDiagnostics" && message["params"]["version"].is_number()
        {
            let version = message["params"]["version"].as_i64().unwrap();
            let found = message["params"]["diagnostics"].as_array().unwrap().len() as i64;
            assert_eq!(found, version % 10, "{message}");
        }
    }
    session.end();
}
