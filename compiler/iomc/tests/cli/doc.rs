//! `iomc doc`

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::{folder, iomc, payments, repository};

/// The pages below a folder by their paths.
fn pages(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read_to_string(path).expect("a page"));
            }
        }
    }
    found
}

fn written(source: &Path, more: &[&str]) -> BTreeMap<String, String> {
    let out = folder(&[]);
    let folder = out.path().join("reference");
    let name = folder.to_str().expect("a name");
    let source = source.to_str().expect("a path");
    iomc(out.path(), &[&["doc", source, "--out", name], more].concat()).exits(0);
    pages(&folder)
}

/// What stands between two marks, each time that both are there on one line.
fn between<'t>(text: &'t str, start: &'t str, end: char) -> impl Iterator<Item = &'t str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
}

/// Every link leads to a page, and to an anchor that is there.
fn check_links(pages: &BTreeMap<String, String>, link: &str, end: char, anchor: &str) -> usize {
    let anchors: BTreeSet<(&str, &str)> = pages
        .iter()
        .flat_map(|(path, text)| between(text, anchor, '"').map(|id| (path.as_str(), id)))
        .collect();
    let mut number = 0;
    for (path, text) in pages {
        for target in between(text, link, end) {
            let (page, id) = target.split_once('#').unwrap_or((target, ""));
            let page = match page.strip_prefix("../") {
                Some(page) => page.to_owned(),
                None => page.to_owned(),
            };
            assert!(pages.contains_key(&page), "{path}: no page {target}");
            assert!(id.is_empty() || anchors.contains(&(page.as_str(), id)), "{path}: no place {target}");
            number += 1;
        }
    }
    number
}

#[test]
fn the_librarys_reference_has_every_policy_and_no_dead_link() {
    let library = repository().join("stdlib");
    let pages = written(&library, &[]);
    assert!(check_links(&pages, "](", ')', "<a id=\"") > 2000);
    for found in iom_stdlib::policies() {
        let page = pages.get(&format!("modules/{}.md", found.file.module)).expect("a page of the module");
        let anchor = format!("<a id=\"policy-{}\"></a>", found.declaration.name);
        assert!(page.contains(&anchor), "{}", found.qualified_name());
        for alias in found.declaration.aliases {
            assert!(pages["aliases.md"].contains(alias), "{alias}");
        }
    }
    assert_eq!(pages, written(&library, &[]));
    let html = written(&library, &["--format", "html"]);
    assert!(check_links(&html, "href=\"", '"', " id=\"") > 2000);
    assert!(html.values().all(|page| page.contains("<html lang=\"en\">") && !page.contains("<script")));
}

#[test]
fn a_workspace_tells_of_what_it_declares() {
    let pages = written(&payments(), &[]);
    check_links(&pages, "](", ')', "<a id=\"");
    insta::assert_snapshot!("doc_policy", pages["modules/security.storage.md"]);
    assert!(pages["controls.md"].contains("soc2.CC6.1"), "{}", pages["controls.md"]);
}

#[test]
fn what_others_wrote_is_kept() {
    let mine = folder(&[("reference/notes.txt", "mine\n")]);
    iomc(mine.path(), &["doc", "--out", "reference"]).exits(2).says("something else is in there");
    assert_eq!(fs::read_dir(mine.path().join("reference")).expect("a folder").count(), 1);
    iomc(mine.path(), &["doc", "--out", "new"]).exits(0);
    iomc(mine.path(), &["doc", "--out", "new"]).exits(0);
}
