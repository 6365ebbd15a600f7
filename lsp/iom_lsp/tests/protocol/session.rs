//! A client as an editor is one: it writes when it likes and reads all the time.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than anything takes on a busy machine; whoever waits so long waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Session {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    /// What came and nobody has asked for yet.
    pub waiting: Vec<Value>,
    next_id: u64,
    root: PathBuf,
}

/// What clients can do.
pub mod clients {
    use serde_json::{Value, json};

    /// Asks for diagnostics and watches files, as Visual Studio Code does.
    pub fn pulling() -> Value {
        json!({
            "general": { "positionEncodings": ["utf-16"] },
            "textDocument": { "diagnostic": { "dynamicRegistration": true } },
            "workspace": {
                "diagnostics": { "refreshSupport": true },
                "didChangeWatchedFiles": { "dynamicRegistration": true },
            },
        })
    }

    /// Is told, as by Neovim 0.11 and Emacs.
    pub fn told() -> Value {
        json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } })
    }
}

impl Session {
    pub fn start(folder: &Path, capabilities: &Value, options: Value) -> Session {
        let mut child = Command::new(env!("CARGO_BIN_EXE_iom-lsp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read_message(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let root = folder.canonicalize().unwrap();
        let mut session = Session { child, input, messages, waiting: Vec::new(), next_id: 0, root };
        let root = session.uri("");
        let result = session.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": root.trim_end_matches('/'),
                "capabilities": capabilities,
                "initializationOptions": options,
            }),
        );
        assert!(result["capabilities"].is_object(), "{result}");
        session.notify("initialized", json!({}));
        session
    }

    pub fn uri(&self, path: &str) -> String {
        format!("file://{}/{path}", self.root.to_str().unwrap())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and does not wait.
    pub fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params }));
        self.next_id
    }

    /// The whole answer to what was asked: with `result` or `error`.
    pub fn answer(&mut self, id: u64) -> Value {
        self.wait(&format!("an answer to {id}"), |message| {
            message["id"] == id && message.get("method").is_none()
        })
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        answer.get("result").unwrap_or_else(|| panic!("{method}: {answer}")).clone()
    }

    /// The next message of a kind; others are kept for later, requests of the server answered.
    pub fn wait(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.wait_at_most(PATIENCE, is_it).unwrap_or_else(|| panic!("{what} never came: {:#?}", self.waiting))
    }

    pub fn wait_at_most(&mut self, most: Duration, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
        if let Some(position) = self.waiting.iter().position(&is_it) {
            return Some(self.waiting.remove(position));
        }
        let end = std::time::Instant::now() + most;
        loop {
            let left = end.saturating_duration_since(std::time::Instant::now());
            let message = match self.messages.recv_timeout(left) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => panic!("the server is gone: {:#?}", self.waiting),
            };
            if message.get("method").is_some() && message.get("id").is_some() {
                let id = message["id"].clone();
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
            }
            if is_it(&message) {
                return Some(message);
            }
            self.waiting.push(message);
        }
    }

    /// The diagnostics that are told of a file's version.
    pub fn told(&mut self, path: &str, version: i64) -> Vec<Value> {
        let uri = self.uri(path);
        let is_it = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
                && message["params"]["version"] == version
        };
        let message = self.wait(&format!("diagnostics of {path}, version {version}"), is_it);
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// Waits until diagnostics of a file are told that are as wanted.
    pub fn told_until(&mut self, path: &str, is_wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let uri = self.uri(path);
        let is_it = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
                && is_wanted(message["params"]["diagnostics"].as_array().unwrap())
        };
        let message = self.wait(&format!("diagnostics of {path}"), is_it);
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// What is wrong in a document, as an answer.
    pub fn pulled(&mut self, path: &str) -> Vec<Value> {
        let uri = self.uri(path);
        let report = self.request("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
        report["items"].as_array().unwrap_or_else(|| panic!("{report}")).clone()
    }

    pub fn open(&mut self, path: &str, text: &str) {
        let uri = self.uri(path);
        let document = json!({ "uri": uri, "languageId": "iom", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub fn change(&mut self, path: &str, version: i64, changes: Value) {
        let document = json!({ "uri": self.uri(path), "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    pub fn replace(&mut self, path: &str, version: i64, text: &str) {
        self.change(path, version, json!([{ "text": text }]));
    }

    /// Ends it as an editor does.
    pub fn end(mut self) {
        assert_eq!(self.request("shutdown", Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        assert!(self.child.wait().unwrap().success());
    }

    /// Ends it as a crash does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Goes away without a word; the exit status of the server.
    pub fn leave(self) -> Option<i32> {
        let Session { mut child, input, .. } = self;
        drop(input);
        child.wait().unwrap().code()
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
