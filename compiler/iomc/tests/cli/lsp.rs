//! A session with the language server as an editor has it: over standard input and output.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{MANIFEST, POLICY, folder};

pub struct Session {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    pub waiting: Vec<Value>,
    next_id: u64,
    root: String,
}

impl Session {
    pub fn start(folder: &Path) -> Session {
        let mut child = Command::new(env!("CARGO_BIN_EXE_iomc"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("iomc starts");
        let input = child.stdin.take().expect("a pipe");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, messages) = channel();
        // Reads all the time: a client that writes without reading would block both sides.
        std::thread::spawn(move || {
            while let Some(message) = read_message(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let folder = folder.canonicalize().expect("the folder");
        let root = format!("file://{}", folder.to_str().expect("UTF-8"));
        Session { child, input, messages, waiting: Vec::new(), next_id: 0, root }
    }

    pub fn uri(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    fn send(&mut self, message: Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        self.input.flush().expect("the server reads");
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.wait(|message| message["id"] == id && message.get("method").is_none());
        answer.get("result").unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// The whole answer, which may be a refusal.
    pub fn answer(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    /// The next message of a kind; others are kept for later.
    pub fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(position) = self.waiting.iter().position(&is_it) {
            return self.waiting.remove(position);
        }
        loop {
            let message = self.messages.recv_timeout(Duration::from_secs(30)).expect("an answer in time");
            if is_it(&message) {
                return message;
            }
            self.waiting.push(message);
        }
    }

    /// The diagnostics of a file's version.
    pub fn diagnostics(&mut self, path: &str, version: i64) -> Vec<Value> {
        let uri = self.uri(path);
        let message = self.wait(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
                && message["params"]["version"] == version
        });
        message["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    pub fn initialize(&mut self, encodings: &[&str]) -> Value {
        let parameters = json!({
            "processId": null,
            "rootUri": self.root,
            "capabilities": { "general": { "positionEncodings": encodings } },
        });
        let result = self.request("initialize", parameters);
        self.notify("initialized", json!({}));
        result
    }

    pub fn open(&mut self, path: &str, text: &str) {
        let uri = self.uri(path);
        let document = json!({ "uri": uri, "languageId": "iom", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, path: &str, version: i64, changes: Value) {
        let document = json!({ "uri": self.uri(path), "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    pub fn end(mut self) {
        assert_eq!(self.request("shutdown", Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        assert!(self.child.wait().expect("the server ends").success());
    }
}

fn read_message(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

#[test]
fn an_editor_is_served_from_opening_to_exit() {
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY)]);
    let mut session = Session::start(folder.path());
    let result = session.initialize(&["utf-16"]);
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");

    session.open("security.iom", POLICY);
    assert_eq!(session.diagnostics("security.iom", 1), [json!(null); 0]);

    // A letter is lost; the characters before it count as UTF-16 does.
    let line = POLICY.lines().position(|line| line.contains("b.versioning")).expect("the line");
    let end = POLICY.lines().nth(line).and_then(|text| text.find("b.versioning")).expect("the place") + 12;
    let lost =
        json!({ "start": { "line": line, "character": end - 1 }, "end": { "line": line, "character": end } });
    let doc = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    session.change(
        "security.iom",
        2,
        json!([
            { "range": lost, "text": "" },
            { "range": doc, "text": "//! 🦀 é\n" },
        ]),
    );
    let found = session.diagnostics("security.iom", 2);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "IOM0202");
    assert_eq!(found[0]["range"]["start"], json!({ "line": line + 1, "character": end - 10 }));

    let uri = session.uri("security.iom");
    let parameters = json!({ "textDocument": { "uri": uri }, "range": found[0]["range"], "context": { "diagnostics": [] } });
    let actions = session.request("textDocument/codeAction", parameters);
    assert_eq!(actions[0]["edit"]["changes"][&uri][0]["newText"], "versioning", "{actions}");

    session.change("security.iom", 3, json!([{ "text": "module   security\n" }]));
    assert_eq!(session.diagnostics("security.iom", 3), [json!(null); 0]);
    let options =
        json!({ "textDocument": { "uri": uri }, "options": { "tabSize": 2, "insertSpaces": true } });
    let edits = session.request("textDocument/formatting", options);
    assert_eq!(edits[0]["newText"], "module security\n");

    let two = "module security\nconst  a: int=1\nconst  b: int=2\n";
    session.change("security.iom", 4, json!([{ "text": two }]));
    let options = json!({
        "textDocument": { "uri": uri },
        "range": { "start": { "line": 2, "character": 3 }, "end": { "line": 2, "character": 3 } },
        "options": { "tabSize": 2, "insertSpaces": true },
    });
    let edits = session.request("textDocument/rangeFormatting", options);
    assert_eq!(edits.as_array().map(Vec::len), Some(1), "{edits}");
    assert_eq!(edits[0]["range"]["start"], json!({ "line": 2, "character": 0 }));
    assert_eq!(edits[0]["newText"], "const b: int = 2\n");

    session.change("security.iom", 5, json!([{ "text": POLICY }]));
    let symbols = session.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
    let names: Vec<&str> =
        symbols.as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.contains(&"versioned") && names.contains(&"named"), "{names:?}");
    session.end();
}

#[test]
fn a_burst_of_edits_ends_with_the_last_text() {
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY)]);
    let mut session = Session::start(folder.path());
    session.initialize(&["utf-8", "utf-16"]);
    session.open("security.iom", POLICY);
    for version in 2..200 {
        let text = if version % 2 == 0 { "module security\npolicy {\n" } else { POLICY };
        session.change("security.iom", version, json!([{ "text": text }]));
    }
    session.change("security.iom", 200, json!([{ "text": POLICY.replace("b.versioning", "b.nothing") }]));
    let found = session.diagnostics("security.iom", 200);
    assert_eq!(found.len(), 1, "{found:?}");
    session.end();
}

/// The command line and the editor say the same, of every file.
#[test]
fn the_editor_shows_what_check_shows() {
    let broken = POLICY.replace("b.versioning", "b.versionin").replace("severity: low", "severity: lwo");
    let manifest = MANIFEST.replacen("edition", "editoin", 1)
        + "\n[dependencies]\nmissing = { path = \"nowhere\" }\ninner = { path = \"inner\" }\n";
    let folder = folder(&[
        ("iom.toml", &manifest),
        ("security.iom", &broken),
        ("other.iom", "module other\nuse nothing.at_all\nconst a: int = \"\"\n"),
    ]);
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).expect("a folder");
    std::fs::write(inner.join("iom.toml"), MANIFEST).expect("a file");
    std::fs::write(inner.join("inner.iom"), "module inner\nconst b: int = \"\"\n").expect("a file");
    let lock = "[[package]]\nname = \"inner\"\npath = \"inner\"\nsha256 = \"0000\"\n";
    std::fs::write(folder.path().join("iom.lock"), lock).expect("a file");
    std::fs::write(folder.path().join("bytes.iom"), [0x66, 0xff, 0x66]).expect("a file");
    let checked = crate::support::iomc(folder.path(), &["check", "--format", "json"]).exits(1).json();
    let checked = checked["diagnostics"].as_array().expect("a list");
    let mut session = Session::start(folder.path());
    session.initialize(&["utf-16"]);
    session.open("security.iom", &broken);
    let key = |one: &Value| {
        let message = one["message"].as_str().unwrap_or_default();
        let first_line = message.lines().next().unwrap_or_default().to_owned();
        (one["range"].clone(), one["code"].clone(), one["severity"].clone(), first_line)
    };
    let files: std::collections::BTreeSet<&str> =
        checked.iter().filter_map(|one| one["file"].as_str()).collect();
    let all = ["bytes.iom", "inner/inner.iom", "iom.toml", "other.iom", "security.iom"];
    assert_eq!(files.into_iter().collect::<Vec<_>>(), all, "{checked:?}");
    for path in all {
        let uri = session.uri(path);
        let shown = session.wait(|message| message["params"]["uri"] == uri);
        let shown = shown["params"]["diagnostics"].as_array().expect("a list").iter().map(key);
        let said = checked.iter().filter(|one| one["file"] == path).map(key);
        let sorted = |all: &mut dyn Iterator<Item = _>| {
            let mut all: Vec<_> = all.collect();
            all.sort_by_key(|one| format!("{one:?}"));
            all
        };
        assert_eq!(sorted(&mut { shown }), sorted(&mut { said }), "{path}");
    }
    session.end();
}

#[test]
fn files_that_change_on_disk_are_seen_when_something_is_saved() {
    let user =
        "module user\nuse security.versioned\npolicy p { for b: aws.Bucket { require b.versioning } }\n";
    let folder = folder(&[("iom.toml", MANIFEST), ("user.iom", user)]);
    let mut session = Session::start(folder.path());
    session.initialize(&["utf-16"]);
    session.open("user.iom", user);
    assert_eq!(session.diagnostics("user.iom", 1)[0]["code"], "IOM0102");
    std::fs::write(folder.path().join("security.iom"), POLICY).expect("a file");
    let document = json!({ "textDocument": { "uri": session.uri("user.iom") } });
    session.notify("textDocument/didSave", document);
    // What is left is that the import is not used.
    assert_eq!(session.diagnostics("user.iom", 1)[0]["code"], "IOM0107");
    session.end();
}

#[test]
fn mistakes_in_the_manifest_are_shown_where_they_are() {
    let broken = MANIFEST.replacen("edition", "editoin", 1);
    let folder = folder(&[("iom.toml", &broken), ("security.iom", POLICY)]);
    let mut session = Session::start(folder.path());
    session.initialize(&["utf-16"]);
    session.open("security.iom", POLICY);
    let uri = session.uri("iom.toml");
    // Told without opening it.
    let told = session.wait(|message| message["params"]["uri"] == uri);
    let found = &told["params"]["diagnostics"];
    assert_eq!(found[0]["code"], "IOM0801", "{told}");
    let line = broken.lines().position(|line| line.starts_with("editoin")).expect("the line");
    assert_eq!(found[0]["range"]["start"], json!({ "line": line, "character": 0 }), "{told}");

    session.open("iom.toml", &broken);
    assert_eq!(session.diagnostics("iom.toml", 1).len(), 1);
    session.change("iom.toml", 2, json!([{ "text": MANIFEST }]));
    assert_eq!(session.diagnostics("iom.toml", 2), [json!(null); 0]);
    session.end();
}

/// A key stroke, the policy that it offends, the control that it endangers, and a fix to accept.
#[test]
fn a_verdict_comes_with_the_edit_and_goes_with_its_fix() {
    let store = "module shop\n\ncatalog rules { control \"AC-3\" { title: \"Access is limited\" } }\n\n\
        kind Bucket : Resource {\n  name: string\n  acl: private | public_read = private\n  identity name\n}\n\n\
        policy closed {\n  covers: [rules.\"AC-3\"]\n  for b: Bucket {\n    require b.acl == private else \"{b} is public\" fix { acl: private }\n  }\n}\n\n\
        resource orders: Bucket {\n  name: \"orders\"\n  acl: private\n}\n";
    let folder = folder(&[("iom.toml", MANIFEST), ("store.iom", store)]);
    let mut session = Session::start(folder.path());
    session.initialize(&["utf-16"]);
    session.open("store.iom", store);
    let is_decision = |message: &Value| message["method"] == "iom/workspaceDecision";
    assert_eq!(session.wait(is_decision)["params"]["decision"], "admit");
    let line = store.lines().position(|line| line == "  acl: private").expect("the line");
    let value =
        json!({ "start": { "line": line, "character": 7 }, "end": { "line": line, "character": 14 } });
    session.change("store.iom", 2, json!([{ "range": value, "text": "public_read" }]));

    let uri = session.uri("store.iom");
    let told = session.wait(|message| {
        message["params"]["uri"] == uri && message["params"]["diagnostics"][0]["code"] == "shop.closed"
    });
    assert_eq!(told["params"]["version"], 2);
    let found = told["params"]["diagnostics"].as_array().expect("a list").clone();
    let verdict = found.iter().find(|one| one["severity"] == 1).expect("the verdict");
    assert_eq!(verdict["range"]["start"], json!({ "line": line, "character": 2 }), "{verdict}");
    let message = verdict["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("orders is public\nendangers rules.AC-3\n"), "{message}");
    assert_eq!(session.wait(is_decision)["params"]["decision"], "block");

    let asked = json!({ "textDocument": { "uri": uri }, "range": verdict["range"], "context": { "diagnostics": [] } });
    let actions = session.request("textDocument/codeAction", asked);
    assert_eq!(actions[0]["title"], "set acl: private", "{actions}");
    let edits = actions[0]["edit"]["changes"][&uri].clone();
    let changes = json!([{ "range": edits[0]["range"], "text": edits[0]["newText"] }]);
    session.change("store.iom", 3, changes);
    session.wait(|message| {
        let params = &message["params"];
        params["uri"] == uri && params["version"] == 3 && params["diagnostics"] == json!([])
    });
    assert_eq!(session.wait(is_decision)["params"]["decision"], "admit");
    session.end();
}
