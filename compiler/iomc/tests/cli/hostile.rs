//! Hostile sources: every file of `tests/hostile` is given to the real program, under limits of time and memory.
//! How such a file is written says `tests/hostile/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::lsp::Session;
use crate::support::{MANIFEST, PLAN, repository};

/// Processor seconds and KiB of address space that one run may use. An unoptimised build on a busy machine stays far below.
const SECONDS: u32 = 10;
const KIB: u32 = 1 << 20;

/// What a run has to say and to leave unsaid.
struct Expected {
    command: String,
    /// Allowed exit statuses.
    statuses: Vec<i32>,
    /// Codes and other texts that have to be in the output.
    texts: Vec<String>,
}

struct Hostile {
    name: String,
    runs: Vec<Expected>,
    hidden: Vec<String>,
    /// Paths in the workspace and what they hold; a text after `->` is the target of a link.
    files: Vec<(String, Vec<u8>)>,
    links: Vec<(String, String)>,
}

fn read(name: &str, text: &str) -> Hostile {
    let mut hostile = Hostile {
        name: name.to_owned(),
        runs: Vec::new(),
        hidden: Vec::new(),
        files: Vec::new(),
        links: Vec::new(),
    };
    let mut rest = text;
    while rest.starts_with("expect ") || rest.starts_with("# ") {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        match line.strip_prefix("expect ").map(|line| (line, line.strip_prefix("hides "))) {
            Some((_, Some(hidden))) => hostile.hidden.push(hidden.to_owned()),
            Some((line, None)) => hostile.runs.push(expected(line)),
            None => {}
        }
    }
    // The formatter must survive everything as well; whether it changes or refuses the text is not the question here.
    if !name.starts_with("bomb") {
        hostile.runs.push(expected("fmt 0 1 2"));
    }
    let mut path = "hostile.iom".to_owned();
    let mut body = String::new();
    for line in rest.split_inclusive('\n') {
        match line.strip_prefix("=== ") {
            Some(next) => {
                hostile.add(std::mem::take(&mut path), &body);
                body.clear();
                path = next.trim_end().to_owned();
            }
            None => body.push_str(line),
        }
    }
    hostile.add(path, &body);
    hostile
}

impl Hostile {
    fn add(&mut self, path: String, body: &str) {
        match path.split_once(" -> ") {
            Some((link, target)) => self.links.push((link.to_owned(), target.to_owned())),
            None => self.files.push((path, expand(body, None))),
        }
    }

    /// Writes it into a folder, beside something that is nobody's business.
    fn workspace(&self, base: &Path) -> PathBuf {
        let folder = base.join("workspace");
        fs::create_dir(&folder).expect("a folder");
        fs::write(base.join("secret.txt"), "\"root:CANARY\"").expect("a file");
        fs::write(folder.join("iom.toml"), MANIFEST).expect("a file");
        fs::write(folder.join("plan.json"), PLAN).expect("a file");
        for (path, bytes) in &self.files {
            fs::write(folder.join(path), bytes).expect("a file");
        }
        for (link, target) in &self.links {
            #[cfg(unix)]
            std::os::unix::fs::symlink(target, folder.join(link)).expect("a link");
            #[cfg(not(unix))]
            let _ = (link, target);
        }
        folder
    }
}

/// `check 0 1 IOM0106 | a text`
fn expected(line: &str) -> Expected {
    let (words, text) = line.split_once('|').unwrap_or((line, ""));
    let mut words = words.split_whitespace();
    let command = words.next().expect("a command").to_owned();
    let (statuses, codes): (Vec<&str>, Vec<&str>) = words.partition(|word| word.parse::<i32>().is_ok());
    let mut texts: Vec<String> = codes.into_iter().map(str::to_owned).collect();
    texts.extend(Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
    Expected {
        command,
        statuses: statuses.iter().map(|status| status.parse().expect("a number")).collect(),
        texts,
    }
}

/// `«1000×text»` repeats, with `#` for the number of the round, `#-` for the one before and `#+` for the next; `«u:202e»` is
/// a character, `«hex:ff fe»` are bytes.
fn expand(text: &str, round: Option<usize>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let mut width = character.len_utf8();
        match (character, round) {
            ('«', _) => {
                let (inner, after) = macro_of(rest);
                out.extend(expand_macro(inner));
                rest = after;
                continue;
            }
            ('\\', Some(_)) if rest.starts_with("\\#") => {
                out.push(b'#');
                width = 2;
            }
            ('#', Some(round)) => {
                let (number, taken) = match rest.as_bytes().get(1) {
                    Some(b'-') => (round - 1, 2),
                    Some(b'+') => (round + 1, 2),
                    _ => (round, 1),
                };
                out.extend(number.to_string().bytes());
                width = taken;
            }
            _ => out.extend_from_slice(&rest.as_bytes()[..width]),
        }
        rest = &rest[width..];
    }
    out
}

/// What stands between the marks at the start of a text, and what follows them.
fn macro_of(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '«' => depth += 1,
            '»' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text['«'.len_utf8()..at], &text[at + '»'.len_utf8()..]);
        }
    }
    panic!("an open «: {text:.80}");
}

fn expand_macro(inner: &str) -> Vec<u8> {
    if let Some(number) = inner.strip_prefix("u:") {
        let character = char::from_u32(u32::from_str_radix(number, 16).expect("a number")).expect("a number");
        return character.to_string().into_bytes();
    }
    if let Some(bytes) = inner.strip_prefix("hex:") {
        return bytes
            .split_whitespace()
            .map(|byte| u8::from_str_radix(byte, 16).expect("a number"))
            .collect();
    }
    let (count, body) = inner.split_once('×').unwrap_or_else(|| panic!("«{inner:.80}»"));
    let count: usize = count.parse().expect("a number");
    if body.contains('#') {
        (1..=count).flat_map(|round| expand(body, Some(round))).collect()
    } else {
        expand(body, None).repeat(count)
    }
}

/// Runs `iomc` in a folder under limits; its exit status and all it said.
fn run(folder: &Path, command: &str) -> (Option<i32>, String) {
    let arguments: &[&str] = match command {
        "check" => &["check", "--format", "short"],
        "fmt" => &["fmt", "--check"],
        "test" => &["test"],
        "eval" => &["eval", "--state", "plan.json", "--format", "json"],
        other => panic!("no command {other}"),
    };
    let mut program = if cfg!(unix) {
        let mut shell = Command::new("sh");
        // One limit a command: plain shells take no more.
        let limits =
            format!("ulimit -t {SECONDS}; ulimit -v {KIB} 2>/dev/null; ulimit -c 0; exec \"$0\" \"$@\"");
        shell.arg("-c").arg(limits).arg(env!("CARGO_BIN_EXE_iomc"));
        shell
    } else {
        Command::new(env!("CARGO_BIN_EXE_iomc"))
    };
    let output =
        program.args(arguments).current_dir(folder).stdin(Stdio::null()).output().expect("iomc runs");
    let mut said = String::from_utf8(output.stdout).expect("UTF-8");
    said.push_str(&String::from_utf8(output.stderr).expect("UTF-8"));
    (output.status.code(), said)
}

fn judge(hostile: &Hostile, faults: &mut Vec<String>) {
    let base = tempfile::tempdir().expect("a temporary folder");
    let folder = hostile.workspace(base.path());
    for expected in &hostile.runs {
        let (status, said) = run(&folder, &expected.command);
        let mut complain = |what: &str| {
            let shown: String = said.chars().take(600).collect();
            faults.push(format!("{} {}: {what}\n{shown}", hostile.name, expected.command));
        };
        match status {
            None => complain("ended by a signal: too slow, too large, or a crash"),
            Some(status) if !expected.statuses.contains(&status) => complain(&format!("ended with {status}")),
            Some(_) => {}
        }
        if said.contains("IOM0999") || said.contains("panicked") {
            complain("an internal error");
        }
        if said.len() > 1 << 20 {
            complain(&format!("said {} bytes", said.len()));
        }
        let is_hidden = |character: char| {
            character.is_control() && character != '\n' || "\u{202e}\u{2066}".contains(character)
        };
        if said.contains(is_hidden) {
            complain("raw control characters");
        }
        for text in expected.texts.iter().filter(|text| !said.contains(text.as_str())) {
            complain(&format!("does not say `{text}`"));
        }
        for text in hostile.hidden.iter().filter(|text| said.contains(text.as_str())) {
            complain(&format!("shows `{text}`"));
        }
        // A problem has a place: a file, and a line unless it is about the file as a whole.
        let is_placed = |line: &str| line.contains(".iom:") || line.starts_with("iom.toml:");
        if expected.command == "check"
            && !said.lines().all(|line| is_placed(line) || !line.contains("error["))
        {
            complain("an error without a file");
        }
    }
}

/// Opens every file in the editor, and asks about it what an editor asks.
fn judge_in_editor(hostile: &Hostile, faults: &mut Vec<String>) {
    let base = tempfile::tempdir().expect("a temporary folder");
    let folder = hostile.workspace(base.path());
    let before = names_in(&folder);
    let mut session = Session::start(&folder);
    session.initialize(&["utf-8"]);
    let mut said = String::new();
    for (path, bytes) in hostile.files.iter().filter(|(path, _)| path.ends_with(".iom")) {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        session.open(path, text);
        let document = json!({ "uri": session.uri(path) });
        let range =
            json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 90_000, "character": 0 } });
        let at = json!({ "textDocument": document, "position": { "line": 1, "character": 7 } });
        let context = json!({ "diagnostics": [] });
        let actions = json!({ "textDocument": document, "range": range, "context": context });
        for (method, params) in [
            ("textDocument/documentSymbol", json!({ "textDocument": document })),
            ("textDocument/codeAction", actions),
            ("textDocument/hover", at.clone()),
            ("textDocument/completion", at),
        ] {
            said.push_str(&session.answer(method, params)["error"].to_string());
        }
        let told = session.diagnostics(path, 1);
        said.push_str(&serde_json::Value::from(told).to_string());
    }
    said.push_str(&serde_json::Value::from(std::mem::take(&mut session.waiting)).to_string());
    session.end();
    let mut complain = |what: &str| {
        faults.push(format!("{} in the editor: {what}\n{:.600}", hostile.name, said));
    };
    if said.contains("IOM0999") || said.contains("-32603") {
        complain("an internal error");
    }
    if before != names_in(&folder) {
        complain("something was written");
    }
    for text in hostile.hidden.iter().filter(|text| said.contains(text.as_str())) {
        complain(&format!("shows `{text}`"));
    }
}

fn names_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    names
}

/// Every so many-th of the files, from one on; several tests run side by side.
fn all_of(part: usize, parts: usize) {
    let folder = repository().join("tests/hostile");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the folder of hostile files")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".txt"))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "the files are missing");
    let mut faults = Vec::new();
    for name in names.into_iter().skip(part).step_by(parts) {
        let text = fs::read_to_string(folder.join(&name)).expect("UTF-8");
        let hostile = read(name.trim_end_matches(".txt"), &text);
        judge(&hostile, &mut faults);
        judge_in_editor(&hostile, &mut faults);
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn hostile_sources_are_survived_one() {
    all_of(0, 4);
}

#[test]
fn hostile_sources_are_survived_two() {
    all_of(1, 4);
}

#[test]
fn hostile_sources_are_survived_three() {
    all_of(2, 4);
}

#[test]
fn hostile_sources_are_survived_four() {
    all_of(3, 4);
}
