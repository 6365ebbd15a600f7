//! Every request about what a text means, once.

use serde_json::{Value, json};

use crate::session::Session;
use crate::{MANIFEST, folder};

const TEXT: &str = "module shop\n\nuse aws\n\n/// Serves.\nkind Server : Resource {\n  size: int = 2\n  zone: east | west = east\n  label: string\n}\n\
                    resource 世界: K { }\nfn scaled(of: int, by: int = 2): int = of * by\nconst n = scaled(3)\n\
                    resource a: Server { label: \"😀\"  size: n }\npolicy p { for s: Server { require s.size < 4 else \"{s}\" } }\n\
                    resource b: aws.Bucket { name: \"b\" }\n";

fn starting_with(line: &str) -> usize {
    TEXT.lines().position(|one| one.starts_with(line)).expect("a line")
}

#[test]
fn every_question_about_the_language_is_answered() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", TEXT)]);
    let capabilities = json!({
        "general": { "positionEncodings": ["utf-16"] },
        "textDocument": {
            "definition": { "linkSupport": true },
            "completion": { "completionItem": { "snippetSupport": true } },
        },
        "experimental": { "textDocumentContent": true },
    });
    let mut session = Session::start(folder.path(), &capabilities, Value::Null);
    session.open("shop.iom", TEXT);
    let document = json!({ "uri": session.uri("shop.iom") });
    let at = |line: &str, word: &str| {
        let number = starting_with(line);
        let text = TEXT.lines().nth(number).expect("a line");
        let before = &text[..text.find(word).expect("a word")];
        let position = json!({ "line": number, "character": before.encode_utf16().count() });
        json!({ "textDocument": document, "position": position })
    };
    let with = |mut base: Value, key: &str, value: Value| {
        base[key] = value;
        base
    };
    let size = at("resource a", "size: n");

    let found = session.request("textDocument/definition", size.clone());
    assert_eq!(found[0]["targetSelectionRange"]["start"], json!({ "line": 6, "character": 2 }), "{found}");
    let found = session.request("textDocument/definition", at("resource b", "Bucket"));
    let library = found[0]["targetUri"].clone();
    assert_eq!(library, "iom-std:/aws/s3.iom");
    let text = session.request("workspace/textDocumentContent", json!({ "uri": library }));
    assert!(text["text"].as_str().is_some_and(|text| text.contains("kind Bucket")), "{text}");
    let found = session.request("textDocument/typeDefinition", at("policy p", "s.size"));
    assert_eq!(found[0]["targetRange"]["start"]["line"], 5, "{found}");
    let found = session.request("textDocument/implementation", at("kind Server", "Server"));
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    let uses = with(size.clone(), "context", json!({ "includeDeclaration": true }));
    let found = session.request("textDocument/references", uses);
    assert_eq!(found.as_array().map(Vec::len), Some(3), "{found}");
    let found = session.request("textDocument/documentHighlight", size.clone());
    assert_eq!(found.as_array().map(Vec::len), Some(3), "{found}");
    let found = session.request("textDocument/hover", size.clone());
    assert!(
        found["contents"]["value"].as_str().is_some_and(|text| text.contains("size: int = 2")),
        "{found}"
    );

    let found = session.request("textDocument/completion", at("resource a", "label"));
    let labels = found["items"].as_array().expect("suggestions").clone();
    let zone = labels.iter().find(|one| one["label"] == "zone").expect("a field").clone();
    assert_eq!(zone["textEdit"]["newText"], "zone: $0");
    let found = session.request("completionItem/resolve", labels[0].clone());
    assert_eq!(found["label"], labels[0]["label"]);
    let found = session.request("textDocument/signatureHelp", at("const n", "3)"));
    assert_eq!(found["signatures"][0]["label"], "scaled(of: int, by: int = ..): int");

    let found = session.request("textDocument/prepareRename", size.clone());
    assert_eq!(found["placeholder"], "size");
    let found = session.request("textDocument/rename", with(size.clone(), "newName", json!("extent")));
    let edits = found["changes"][session.uri("shop.iom")].as_array().map(Vec::len);
    assert_eq!(edits, Some(3), "{found}");
    let refused = with(at("resource b", "Bucket"), "newName", json!("Pail"));
    let id = session.ask("textDocument/rename", refused);
    let answer = session.answer(id);
    assert!(
        answer["error"]["message"].as_str().is_some_and(|why| why.contains("standard library")),
        "{answer}"
    );

    let of = json!({ "textDocument": document });
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let found = session.request("textDocument/documentSymbol", of.clone());
    let kind = found
        .as_array()
        .and_then(|all| all.iter().find(|one| one["name"] == "Server"))
        .expect("a kind")
        .clone();
    assert_eq!(kind["children"][1]["children"][0]["name"], "east", "{kind}");
    let found = session.request("workspace/symbol", json!({ "query": "serv" }));
    assert_eq!(found[0]["containerName"], "shop", "{found}");
    let found = session.request("textDocument/semanticTokens/full", of.clone());
    let numbers = found["data"].as_array().expect("numbers");
    assert!(!numbers.is_empty() && numbers.len().is_multiple_of(5), "{found}");
    let id = with(of.clone(), "previousResultId", found["resultId"].clone());
    let found = session.request("textDocument/semanticTokens/full/delta", id);
    assert_eq!(found["edits"], json!([]));
    let found =
        session.request("textDocument/semanticTokens/range", with(of.clone(), "range", whole.clone()));
    assert!(found["data"].is_array());
    let found = session.request("textDocument/inlayHint", with(of.clone(), "range", whole));
    assert!(
        found.as_array().is_some_and(|hints| hints.iter().any(|hint| hint["label"] == ", by: 2")),
        "{found}"
    );
    let found = session.request("textDocument/foldingRange", of.clone());
    assert!(found.as_array().is_some_and(|folds| folds.iter().any(|fold| fold["startLine"] == 5)), "{found}");
    let positions = with(of.clone(), "positions", json!([size["position"]]));
    let found = session.request("textDocument/selectionRange", positions);
    assert!(found[0]["parent"]["parent"].is_object(), "{found}");
    let found = session.request("textDocument/documentLink", of);
    assert!(found[0]["target"].as_str().is_some_and(|target| target.starts_with("iom-std:/aws/")), "{found}");
    session.end();
}
