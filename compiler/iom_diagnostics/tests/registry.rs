//! The registry of codes against the pages of `spec/diagnostics`: every code has a page, every page a code, and each
//! page has the parts that a reader of `iomc explain` counts on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use iom_diagnostics::{Code, REGISTRY, Severity, find};

fn pages_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/diagnostics")
}

/// The page that lists all others.
const INDEX: &str = "README";

fn level(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The fenced blocks of a page, with their info strings.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), inside) {
            (Some(info), false) => {
                blocks.push((info, String::new()));
                inside = true;
            }
            (Some(_), true) => inside = false,
            (None, true) => {
                if let Some((_, text)) = blocks.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            (None, false) => {}
        }
    }
    assert!(!inside, "a block is not closed in:\n{page}");
    blocks
}

#[test]
fn numbers_are_unique_and_ascending() {
    for pair in REGISTRY.windows(2) {
        assert!(pair[0].number() < pair[1].number(), "{:?} stands before {:?}", pair[0], pair[1]);
    }
}

#[test]
fn slugs_are_unique_and_plain() {
    let slugs: BTreeSet<&str> = REGISTRY.iter().map(|code| code.slug()).collect();
    assert_eq!(slugs.len(), REGISTRY.len());
    for slug in slugs {
        assert!(slug.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{slug}");
    }
}

#[test]
fn every_code_has_its_page() {
    for code in REGISTRY {
        let first = code.page().lines().next();
        assert_eq!(first, Some(format!("# {code} {}", code.slug()).as_str()));
    }
}

#[test]
fn every_page_belongs_to_a_code() {
    for entry in std::fs::read_dir(pages_folder()).unwrap() {
        let path = entry.unwrap().path();
        let slug = path.file_stem().unwrap().to_str().unwrap();
        if slug == INDEX {
            continue;
        }
        assert_eq!(path.extension().and_then(|extension| extension.to_str()), Some("md"), "{path:?}");
        assert!(find(slug).is_some(), "{path:?} belongs to no code");
    }
}

#[test]
fn every_page_has_all_its_parts() {
    for code in REGISTRY {
        let page = code.page();
        let sentence = page.lines().nth(2).unwrap_or_default();
        assert!(
            !sentence.is_empty() && !sentence.starts_with('`'),
            "{code:?} has no sentence that says what it means"
        );
        assert!(blocks(page).len() >= 2, "{code:?} shows no mistake and its mending");
        let last = format!("Default level: {}.", level(*code));
        assert!(page.trim_end().ends_with(&last), "{code:?} does not end in `{last}`");
        assert!(page.contains("\nSince "), "{code:?} does not say since when it exists");
    }
}

#[test]
fn the_first_iom_block_shows_its_own_code_and_the_last_shows_none() {
    for code in REGISTRY {
        let blocks = blocks(code.page());
        let checked = |info: &str| info == "iom";
        let mark = format!("// {}: [{code}]", level(*code));
        if checked(blocks[0].0) {
            assert!(blocks[0].1.contains(&mark), "the mistake of {code:?} is not marked by `{mark}`");
        }
        let (info, text) = &blocks[blocks.len() - 1];
        assert!(!checked(info) || !text.contains("[IOM"), "the mending of {code:?} holds a mistake");
    }
}

#[test]
fn a_page_with_unchecked_blocks_says_why() {
    for code in REGISTRY {
        let page = code.page();
        let ignored = blocks(page).iter().any(|(info, _)| *info == "iom,ignore");
        let says_why = ["not checked", "Shortened", "There is no example"];
        assert!(!ignored || says_why.iter().any(|words| page.contains(words)), "{code:?}");
    }
}

/// Each code happens in a test, and what is said then is in a snapshot of the code's name: made from the first checked block
/// of its page, or, where files or a state are needed, by a case of the command line's tests (`cli/codes.rs`).
#[test]
fn every_code_happens_in_a_snapshot_of_its_name() {
    // Only a bug leads to it: the test of the guard makes one.
    const NEVER_SHOWN: &[&str] = &["internal"];
    let root = pages_folder().join("../..");
    let folders = ["compiler/iom_semantic/tests/snapshots/pages", "compiler/iomc/tests/cli/snapshots/codes"]
        .map(|path| root.join(path));
    let mut missing = Vec::new();
    for code in REGISTRY.iter().filter(|code| !NEVER_SHOWN.contains(&code.slug())) {
        let file = format!("{}.snap", code.slug());
        let is_shown = folders.iter().any(|folder| {
            std::fs::read_to_string(folder.join(&file)).is_ok_and(|text| text.contains(&format!("[{code}]")))
        });
        if !is_shown {
            missing.push(format!("{code:?}"));
        }
    }
    assert!(
        missing.is_empty(),
        "codes that happen in no test: {}; mark the place on their page with `// error: [..]`, or add a case to `cli/codes.rs`",
        missing.join(", ")
    );
}

#[test]
fn codes_are_found_by_number_and_by_slug() {
    for written in ["IOM0203", "iom0203", "0203", "203", "missing-field", " Missing-Field "] {
        assert_eq!(find(written).map(Code::number), Some(203), "{written}");
    }
    assert_eq!(find("IOM9998"), None);
    assert_eq!(find(""), None);
}

/// The table of the index: a row per code, in order of their numbers.
fn index() -> String {
    let mut table = String::from("| code | name | level | what is wrong |\n| --- | --- | --- | --- |\n");
    for code in REGISTRY {
        let sentence: Vec<&str> = code.page().lines().skip(2).take_while(|line| !line.is_empty()).collect();
        let (slug, level) = (code.slug(), level(*code));
        table.push_str(&format!("| [{code}]({slug}.md) | {slug} | {level} | {} |\n", sentence.join(" ")));
    }
    table
}

/// `SNAPSHOTS=overwrite cargo test -p iom_diagnostics` writes the table anew.
#[test]
fn the_index_lists_every_code() {
    let path = pages_folder().join(INDEX).with_extension("md");
    let text = std::fs::read_to_string(&path).unwrap();
    let at = text.find("| code |").expect("a table");
    if std::env::var("SNAPSHOTS").is_ok_and(|action| action == "overwrite") {
        std::fs::write(&path, format!("{}{}", &text[..at], index())).unwrap();
        return;
    }
    assert!(
        text[at..] == index(),
        "the index is out of date: SNAPSHOTS=overwrite cargo test -p iom_diagnostics"
    );
}
