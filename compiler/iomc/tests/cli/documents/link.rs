//! Links between the documents lead to files and headings that exist.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::{documents, read, shown};

/// The anchor that a heading gets where the documents are shown.
fn anchor(heading: &str) -> String {
    let kept =
        heading.trim().chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter.to_ascii_lowercase() }).collect()
}

/// The lines of a document that are not in blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_inside ^= is_fence;
        !is_inside && !is_fence
    })
}

fn anchors(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#')))
        .collect()
}

/// The targets of `[text](target)` on a line, without code spans.
fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("](") {
        let Some((target, tail)) = after.split_once(')') else { break };
        found.push(target);
        rest = tail;
    }
    found
}

fn problem(document: &Path, target: &str) -> Option<String> {
    if target.contains("://") {
        return None;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => document.to_owned(),
        file => document.parent()?.join(file),
    };
    if !path.exists() {
        return Some(format!("there is no file {file}"));
    }
    (!heading.is_empty() && !anchors(&read(&path)).contains(heading))
        .then(|| format!("{target}: no such heading"))
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = String::new();
    for path in documents() {
        let text = read(&path);
        for (number, line) in prose(&text) {
            for problem in targets(line).into_iter().filter_map(|target| problem(&path, target)) {
                let _ = writeln!(wrong, "{}:{}: {problem}", shown(&path), number + 1);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Whoever starts at the index finds every page: itself, or the index of its folder.
#[test]
fn every_page_of_the_specification_is_linked_from_the_index() {
    let spec = crate::support::repository().join("spec");
    let index = read(&spec.join("README.md"));
    let linked: BTreeSet<&str> = index.lines().flat_map(targets).collect();
    for path in documents() {
        let Ok(inside) = path.strip_prefix(&spec) else { continue };
        let inside = inside.to_string_lossy().replace('\\', "/");
        let is_found =
            linked.contains(inside.as_str()) || inside.starts_with("diagnostics/") || inside == "README.md";
        assert!(is_found, "spec/README.md does not link {inside}");
    }
}
