//! Random edits of a small workspace: what is known after each is what a fresh start would find, and no order of files or
//! declarations changes anything.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use iom_diagnostics::render::SourceTexts;
use iom_semantic::{Host, LibrarySelection};

/// How many cases a property is tried on: `IOM_CASES` where that is set.
fn cases(usual: u64) -> u64 {
    std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

const FILES: [(&str, &str); 5] = [
    (
        "model.iom",
        "module model\n\ntype Size = small | medium | large\n\ntype Disk = { size: Size  bytes: bytes? }\n\n\
         trait Sized : Resource { size: Size }\n\n/// A machine.\nkind Machine : Sized {\n  name: string\n  \
         size: Size = small\n  disk: Disk?\n  peers: list<ref Machine> = []\n  derive big: bool = .size == large\n}\n\n\
         kind Rack : Resource { name: string  machines: list<ref Machine> = [] }\n",
    ),
    (
        "values.iom",
        "module values\nuse model.Size\n\nconst limit: int = 5\n\nconst sizes: set<Size> = {small, medium}\n\n\
         fn twice(x: int): int = x + x\n\nfn allowed(s: Size): bool = s in sizes and twice(limit) > 3\n",
    ),
    (
        "estate.iom",
        "module estate\nuse model.{Machine, Rack}\n\nresource one: Machine { name: \"one\"  size: large }\n\n\
         resource two: Machine { name: \"two\"  peers: [one] }\n\n\
         resource rack: Rack { name: \"r\"  machines: [one, two] }\n",
    ),
    (
        "rules.iom",
        "module rules\nuse model.{Machine, Sized}\nuse values.{allowed, limit}\n\npolicy sizes_are_allowed {\n  \
         title: \"Sizes\"\n  severity: high\n  for s: Sized {\n    require size: allowed(s.size) else \"{s} is {s.size}\"\n  }\n}\n\n\
         policy few_peers {\n  title: \"Peers\"\n  severity: low\n  for m: Machine where not m.big {\n    \
         require size(m.peers) < limit else \"{m} has too many\"\n    require all p in m.peers: p.big else \"small peer\"\n  }\n}\n",
    ),
    (
        "checks.iom",
        "module checks\nuse rules.{sizes_are_allowed, few_peers}\n\n\
         test \"a large machine\" {\n  given { resource big: model.Machine { name: \"b\"  size: large } }\n  \
         expect sizes_are_allowed fails on big\n  expect few_peers not_applicable on big\n}\n\n\
         exception old {\n  policy: rules.sizes_are_allowed\n  target: model.Machine where .name == \"one\"\n  reason: \"r\"\n  \
         approved_by: []\n  opened: 2026-01-01\n  expires: 2026-02-01\n}\n",
    ),
];

/// Words that edits put in and take out.
const WORDS: &[&str] = &[
    "small",
    "large",
    "Size",
    "Machine",
    "Rack",
    "model",
    "values",
    "limit",
    "5",
    "\"x\"",
    "string",
    "int",
    "ref",
    "list<int>",
    "?",
    ":",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "=",
    "==",
    "and",
    "not",
    ".",
    "..",
    "resource",
    "kind",
    "const x: int = 1\n",
    "use",
    "policy",
    "for",
    "in",
    "is present",
    "// c\n",
    "\n",
    "\n\n",
    "derive",
    "expect",
    "+ 1",
    "one",
    "two",
    "big",
    "twice",
    "type T = T\n",
    "fn f(x: int): int = f(x)\n",
    "module",
    "\"{",
    "where",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 9) as usize % count.max(1)
    }

    /// A place between two words of a text.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.roll(text.len() + 1);
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        while at > 0 && at < text.len() && is_word(text.as_bytes()[at - 1]) && is_word(text.as_bytes()[at]) {
            at -= 1;
        }
        at
    }

    fn edit(&mut self, text: &mut String, original: &str) {
        match self.roll(8) {
            // Back to where it was: sound states come back again and again.
            0 | 1 => *text = original.to_owned(),
            2 | 3 => {
                let at = self.place(text);
                let word = WORDS[self.roll(WORDS.len())];
                text.insert_str(at, &format!(" {word} "));
            }
            4 => {
                let from = self.place(text);
                let to = (from + self.roll(12)).min(text.len());
                text.replace_range(from..to, "");
            }
            // A whole word in place of another.
            5 | 6 => {
                let from = self.place(text);
                let rest = &text[from..];
                let length = rest
                    .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                    .unwrap_or(rest.len());
                let word = WORDS[self.roll(WORDS.len())];
                text.replace_range(from..from + length, word);
            }
            _ => {
                let (from, to) = (self.place(text), self.place(text));
                let part = text[from.min(to)..from.max(to)].chars().take(80).collect::<String>();
                let at = self.place(text);
                text.insert_str(at, &part);
            }
        }
    }
}

/// Everything a host knows, as text.
fn known(host: &Host) -> (String, String) {
    let found = host.diagnostics();
    let diagnostics = iom_diagnostics::render::short(&found, host);
    let has_errors = found.iter().any(iom_diagnostics::Diagnostic::is_error);
    // A model is for sound sources.
    let model = if has_errors { String::new() } else { host.model(&LibrarySelection::None).hash() };
    (diagnostics, model)
}

fn cold(files: &[(String, String)]) -> Host {
    let mut host = Host::new();
    host.set_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    host
}

fn original() -> Vec<(String, String)> {
    FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn the_workspace_is_sound() {
    let host = cold(&original());
    assert_eq!(known(&host).0, "");
    assert_eq!(host.path(host.file_id("model.iom").unwrap()), "model.iom");
}

#[test]
fn random_edits_end_where_a_fresh_start_does() {
    let mut files = original();
    let mut warm = cold(&files);
    let mut dice = Dice(0x5eed);
    let mut sound = 0;
    for round in 0..cases(200) {
        for _ in 0..=dice.roll(2) {
            let number = dice.roll(files.len());
            if dice.roll(40) == 0 {
                warm.remove_file(&files[number].0);
                let (path, _) = files.remove(number);
                let (_, text) = FILES.iter().find(|(known, _)| *known == path).copied().unwrap_or(FILES[0]);
                // It comes back with the next edit, as another file of that name.
                files.push((path, text.to_owned()));
                files.sort();
            } else {
                let (path, text) = &mut files[number];
                if dice.roll(20) == 0 {
                    warm.open_file(path);
                }
                let first = FILES.iter().find(|(known, _)| known == path).copied().unwrap_or(FILES[0]).1;
                dice.edit(text, first);
            }
        }
        warm.set_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let (warm_state, cold_state) = (known(&warm), known(&cold(&files)));
        assert_eq!(warm_state, cold_state, "round {round}: {files:#?}");
        sound += u64::from(!cold_state.1.is_empty());
        // Far from anything sound nothing interesting happens any more.
        if round % 10 == 9 {
            files = original();
        }
    }
    assert!(sound > cases(200) / 50, "{sound} sound states");
}

/// Diagnostics without their places' lines, which move with the declarations.
fn messages(host: &Host) -> BTreeSet<String> {
    let found = host.diagnostics();
    found
        .iter()
        .map(|one| format!("{} {} {}", host.path(one.primary.place.file), one.code, one.message))
        .collect()
}

/// The declarations of a file, each with the comments before it.
fn declarations(text: &str) -> Vec<&str> {
    let mut cuts: Vec<usize> = text
        .match_indices("\n\n")
        .map(|(at, _)| at + 2)
        .filter(|at| text[*at..].starts_with(|first: char| first.is_ascii_alphabetic() || first == '/'))
        .collect();
    cuts.insert(0, 0);
    cuts.push(text.len());
    cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

#[test]
fn the_order_of_files_and_declarations_changes_nothing() {
    let mut dice = Dice(0xa11ce);
    for round in 0..cases(60) {
        let mut files = original();
        // Sound ones every other time, so that models are compared as well.
        if round % 2 == 0 {
            let number = dice.roll(files.len());
            let first = files[number].1.clone();
            dice.edit(&mut files[number].1, &first);
        }
        let before = cold(&files);
        let mut reversed = Host::new();
        for (path, text) in files.iter().rev() {
            reversed.set_file(path, text);
        }
        assert_eq!(known(&before), known(&reversed), "round {round}: {files:#?}");
        // A text that does not parse is another one when its parts are moved.
        if before.diagnostics().iter().any(|one| one.code.number() < 100 || one.code.number() == 103) {
            continue;
        }
        let mut shuffled = Vec::new();
        for (path, text) in &files {
            let mut parts = declarations(text);
            // The module and the imports stay on top.
            for at in (2..parts.len()).rev() {
                let other = 1 + dice.roll(at);
                parts.swap(at, other);
            }
            let text: Vec<String> = parts.iter().map(|part| format!("{}\n\n", part.trim_end())).collect();
            shuffled.push((path.clone(), text.concat()));
        }
        for at in (1..shuffled.len()).rev() {
            let other = dice.roll(at + 1);
            shuffled.swap(at, other);
        }
        let after = cold(&shuffled);
        assert_eq!(messages(&before), messages(&after), "round {round}: {shuffled:#?}");
    }
}
