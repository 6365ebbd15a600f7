//! `console` blocks hold commands after `$ ` and what they print; `...` on a line of its own stands for any lines, `[..]`
//! for any characters. `$ echo $?` shows the exit status of the command before it; a command whose status is not shown
//! ends with 0. A command that names a path below `examples/` is run in the repository's root, every other one in a folder
//! with the document's files so far.
//!
//! `SNAPSHOTS=overwrite cargo test -p iomc --test cli documents` writes what is printed into the documents: read it.

use std::fmt::Write as _;
use std::path::Path;

use snapbox::IntoData as _;

use super::{Block, blocks, documents, read, shown};
use crate::support::{Ran, folder, iomc, repository};

/// A command of a `console` block, and what stands below it.
struct Shown {
    line: usize,
    command: String,
    output: String,
}

/// Lines of a document, from 1, to be replaced by others.
struct Edit {
    first: usize,
    count: usize,
    text: String,
}

const STATUS: &str = "echo $?";

fn commands(block: &Block) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    for (number, line) in block.text.lines().enumerate() {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push(Shown {
                line: block.line + number + 1,
                command: command.to_owned(),
                output: String::new(),
            }),
            (None, Some(last)) => {
                last.output.push_str(line);
                last.output.push('\n');
            }
            (None, None) => panic!("line {}: a console block begins with a command", block.line),
        }
    }
    found
}

/// Words of a command line; single and double quotes group.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    let mut is_inside = false;
    for letter in command.chars() {
        if quote.is_none() && letter == ' ' {
            is_inside = false;
            continue;
        }
        if !is_inside {
            words.push(String::new());
            is_inside = true;
        }
        match (letter, quote) {
            ('\'' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            (letter, _) => {
                if let Some(word) = words.last_mut() {
                    word.push(letter);
                }
            }
        }
    }
    words
}

/// What is printed, and what does not agree, in words.
fn compare(shown: &str, printed: &str) -> Option<String> {
    let assert = snapbox::Assert::new().redact_with(snapbox::Redactions::new());
    let expected = shown.to_owned().into_data();
    let error = assert.try_eq(None, printed.to_owned().into_data(), expected).err()?;
    Some(format!("{error}\nall that is printed:\n{printed}"))
}

fn printed(ran: &Ran) -> String {
    let both = format!("{}{}", ran.stdout, ran.stderr);
    both.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn run(folder: &Path, command: &str) -> Ran {
    let repository = repository();
    let words = words(command);
    assert!(words[0] == "iomc", "only `iomc` and `{STATUS}` can be run, not `{command}`");
    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let names_an_example = arguments.iter().any(|word| word.starts_with("examples/"));
    iomc(if names_an_example { &repository } else { folder }, &arguments)
}

/// Runs the commands of one document, in order, with the files that come before each.
fn differences(name: &str, blocks: &[Block], wrong: &mut String) -> (usize, Vec<Edit>) {
    let folder = folder(&[]);
    let mut count = 0;
    let mut edits = Vec::new();
    for block in blocks {
        if let Some(file) = &block.file {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, &block.text).expect("a file");
        }
        if block.language != "console" {
            continue;
        }
        let mut status = 0;
        let all = commands(block);
        for (position, one) in all.iter().enumerate() {
            let found = if one.command == STATUS {
                format!("{status}\n")
            } else {
                let ran = run(folder.path(), &one.command);
                count += 1;
                status = ran.status;
                let is_shown = all.get(position + 1).is_some_and(|next| next.command == STATUS);
                if status != 0 && !is_shown {
                    let _ = writeln!(wrong, "{name}:{}: ends with {status}, and does not show it", one.line);
                }
                printed(&ran)
            };
            if let Some(problem) = compare(&one.output, &found) {
                let _ = writeln!(
                    wrong,
                    "{name}:{}: `{}` prints something else\n{problem}",
                    one.line, one.command
                );
                edits.push(Edit { first: one.line + 1, count: one.output.lines().count(), text: found });
            }
        }
    }
    (count, edits)
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
    for edit in edits.iter().rev() {
        lines.splice(edit.first - 1..edit.first - 1 + edit.count, [edit.text.clone()]);
    }
    lines.concat()
}

#[test]
fn every_command_prints_what_is_shown() {
    let overwrites = std::env::var("SNAPSHOTS").is_ok_and(|action| action == "overwrite");
    let mut wrong = String::new();
    let mut count = 0;
    for path in documents() {
        let text = read(&path);
        let (commands, edits) = differences(&shown(&path), &blocks(&text), &mut wrong);
        count += commands;
        if overwrites && !edits.is_empty() {
            std::fs::write(&path, edited(&text, &edits)).expect("a document");
        }
    }
    assert!(count > 5, "only {count} commands found");
    assert!(wrong.is_empty(), "\n{wrong}");
}
