//! Handlers over a snapshot that has been judged: what the client gets.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::path::PathBuf;
use std::sync::Arc;

use iom_ide::{Analysis, LiveReport, Verdicts};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{code_actions, code_lenses, commands, formatting, hierarchies};
use crate::capabilities::Client;
use crate::documents::Paths;
use crate::snapshot::Snapshot;

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
}

resource logs: Bucket { name: "logs" }

// 🦀 漢字
resource orders: Bucket {
  name: "orders"
  acl: private
  token: "hunter2-canary"
  logging: logs
}

policy closed {
  title: "Nobody reads what is ours"
  severity: high
  covers: [rules."AC-3"]
  for b: Bucket {
    require not b.public else "{b} is public: make it private" fix { acl: private }
  }
}

test "a public bucket is caught" {
  given { resource b: Bucket { name: "b"  acl: public_read } }
  expect closed fails on b
}
"#;

struct Editor {
    analysis: Analysis,
    verdicts: Verdicts,
}

impl Editor {
    fn new() -> Editor {
        let mut editor = Editor { analysis: Analysis::new("/workspace".into()), verdicts: Verdicts::new() };
        editor.write(STORE);
        editor
    }

    fn write(&mut self, text: &str) {
        self.analysis.set_files([("store.iom", text)]);
    }

    fn judged(&mut self) -> Snapshot {
        self.verdicts.report(&self.analysis, NOW).unwrap();
        let dependencies = self.verdicts.dependencies().map(Arc::new);
        let live = self.verdicts.live(&self.analysis).unwrap().with_dependencies(dependencies);
        Snapshot {
            analysis: self.analysis.clone(),
            documents: Arc::default(),
            paths: Arc::new(Paths { root: PathBuf::from("/workspace") }),
            client: Client { creates_files: true, ..Client::default() },
            manifest: None,
            live: Some(Arc::new(LiveReport { live, revision: 1, is_outdated: false })),
            problems: Default::default(),
            told_tokens: Arc::default(),
            asked: 0,
        }
    }
}

const URI: &str = "file:///workspace/store.iom";

fn asked<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn diagnostics(snapshot: &Snapshot) -> Vec<Value> {
    let file = snapshot.file_at("store.iom").unwrap();
    let found = snapshot.diagnostics(&file);
    let found = found.iter().map(|one| serde_json::to_value(one).unwrap());
    // That a secret is written there is said anyway.
    found.filter(|one| one["code"] != "IOM0240").collect()
}

fn actions(snapshot: &Snapshot, range: &Value, only: Option<&str>) -> Vec<Value> {
    let context = json!({ "diagnostics": [], "only": only.map(|kind| vec![kind]) });
    let asked = asked(json!({ "textDocument": { "uri": URI }, "range": range, "context": context }));
    let found = code_actions::in_range(snapshot, asked).unwrap().unwrap();
    found.iter().map(|one| serde_json::to_value(one).unwrap()).collect()
}

#[test]
fn a_verdict_appears_on_its_line_and_its_fix_makes_it_vanish() {
    let mut editor = Editor::new();
    assert_eq!(diagnostics(&editor.judged()), Vec::<Value>::new());

    editor.write(&STORE.replace("  acl: private\n  token", "  acl: public_read\n  token"));
    let snapshot = editor.judged();
    let found = diagnostics(&snapshot);
    let [verdict, policy] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        verdict["range"],
        json!({ "start": { "line": 18, "character": 2 }, "end": { "line": 18, "character": 18 } })
    );
    assert_eq!((&verdict["severity"], &verdict["code"]), (&json!(1), &json!("shop.closed")));
    let message = verdict["message"].as_str().unwrap();
    assert!(message.starts_with("orders is public: make it private\nendangers rules.AC-3\n"), "{message}");
    assert_eq!(verdict["relatedInformation"][0]["message"], "what must hold: not b.public");
    assert!(verdict["codeDescription"]["href"].as_str().unwrap().ends_with("store.iom#L29"), "{verdict}");
    assert_eq!((&policy["message"], &policy["severity"]), (&json!("fails for 1 of 2 resources"), &json!(3)));

    let offered = actions(&snapshot, &verdict["range"], None);
    let fix = &offered[0];
    assert_eq!((&fix["title"], &fix["isPreferred"]), (&json!("set acl: private"), &json!(true)));
    assert_eq!(fix["diagnostics"][0]["message"], verdict["message"]);
    let edit = &fix["edit"]["changes"][URI][0];
    assert_eq!((&edit["range"]["start"]["line"], &edit["newText"]), (&json!(18), &json!("private")));
    assert_eq!(offered[1]["edit"]["documentChanges"][0]["kind"], "create");
    drop(snapshot);

    editor.write(STORE);
    assert_eq!(diagnostics(&editor.judged()), Vec::<Value>::new());
}

#[test]
fn lenses_lead_to_answers() {
    let mut editor = Editor::new();
    editor.write(&STORE.replace("  acl: private\n  token", "  acl: public_read\n  token"));
    let snapshot = editor.judged();
    let lenses = code_lenses::document(&snapshot, asked(json!({ "textDocument": { "uri": URI } })));
    let mut shown = String::new();
    for lens in lenses.unwrap().unwrap() {
        let command = lens.command.unwrap();
        let answer = commands::execute(
            &snapshot,
            asked(json!({ "command": command.command, "arguments": command.arguments })),
        );
        let answer = answer.unwrap().unwrap();
        let text = answer["text"].as_str().unwrap();
        shown.push_str(&format!(
            "{} | {} | {}\n",
            lens.range.start.line,
            command.title,
            text.replace('\n', "⏎")
        ));
    }
    let expected = "13 | admit | Nothing was found here.\n\
        13 | 1 thing depends on it | # shop.logs⏎⏎1 thing depends on logs: nobody 1⏎⏎- shop.orders (shop.Bucket)⏎\n";
    assert!(shown.starts_with(expected), "{shown}");
    assert!(
        shown.contains("16 | block: 1 fail | # shop.orders⏎⏎- **shop.orders** fails: `shop.closed`"),
        "{shown}"
    );
    assert!(shown.contains("23 | 1 fail · 1 pass | # shop.closed⏎"), "{shown}");
    assert!(shown.contains("32 | run test | # a public bucket is caught⏎⏎**passes**⏎"), "{shown}");
    assert!(!shown.contains("canary"));

    let ask = |command: &str| {
        let asked = asked(json!({ "command": command, "arguments": [] }));
        commands::execute(&snapshot, asked).unwrap().unwrap()
    };
    assert!(ask("iom.showGraph")["svg"].as_str().unwrap().starts_with("<svg"));
    assert_eq!(ask("iom.workspaceDecision")["decision"], "block");
    assert!(!ask("iom.showGraph").to_string().contains("canary"));
    assert!(commands::execute(&snapshot, asked(json!({ "command": "iom.other" }))).is_err());
}

#[test]
fn hierarchies_show_who_depends_on_whom_and_who_is_what() {
    let snapshot = Editor::new().judged();
    let at =
        |line: u32| json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": 10 } });
    let item = hierarchies::call_item(&snapshot, asked(at(13))).unwrap().unwrap().remove(0);
    assert_eq!(item.detail.as_deref(), Some("shop.Bucket · intended"));
    let incoming = hierarchies::incoming(&snapshot, asked(json!({ "item": item })));
    let from = incoming.unwrap().unwrap().remove(0).from;
    assert_eq!((from.name.as_str(), from.range.start.line), ("shop.orders", 16));
    let outgoing = hierarchies::outgoing(&snapshot, asked(json!({ "item": from }))).unwrap().unwrap();
    assert_eq!(outgoing[0].to.name, "shop.logs");

    let kind = hierarchies::type_item(&snapshot, asked(at(4))).unwrap().unwrap().remove(0);
    assert_eq!(kind.name, "shop.Bucket");
    let below = hierarchies::subtypes(&snapshot, asked(json!({ "item": kind }))).unwrap().unwrap();
    let names: Vec<&str> = below.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["shop.logs", "shop.orders"]);
    let above = hierarchies::supertypes(&snapshot, asked(json!({ "item": below[0] }))).unwrap().unwrap();
    assert_eq!(above[0].name, "shop.Bucket");
}

#[test]
fn source_actions_and_formatting_on_type_are_asked_for_by_name() {
    let mut editor = Editor::new();
    editor.write(&STORE.replace("module shop\n", "module shop\nuse org\n"));
    let snapshot = editor.judged();
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    assert_eq!(actions(&snapshot, &range, None), Vec::<Value>::new());
    assert_eq!(actions(&snapshot, &range, Some("source.fixAll"))[0]["kind"], "source.fixAll.iom");
    assert_eq!(actions(&snapshot, &range, Some("source"))[1]["kind"], "source.organizeImports");
    drop(snapshot);

    editor.write(
        &STORE
            .replace("resource logs: Bucket { name: \"logs\" }", "resource logs:Bucket {  name:\"logs\" }\n"),
    );
    let snapshot = editor.judged();
    let typed = |line: u32, character: u32, sign: &str| {
        let asked = asked(json!({
            "textDocument": { "uri": URI }, "position": { "line": line, "character": character },
            "ch": sign, "options": { "tabSize": 2, "insertSpaces": true },
        }));
        formatting::on_type(&snapshot, asked).unwrap().unwrap()
    };
    assert!(typed(14, 0, "\n").iter().all(|edit| edit.range.end.line == 13), "{:?}", typed(14, 0, "\n"));
    assert_eq!((typed(14, 0, "\n").len(), typed(13, 37, "}").len()), (1, 1));
    assert!(typed(17, 3, "\n").is_empty());
}
