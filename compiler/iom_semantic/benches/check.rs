//! How fast a workspace of 100,000 lines is checked: cold, and after one edit. `cargo bench -p iom_semantic`.

#[path = "../tests/generated/mod.rs"]
mod generated;

use divan::Bencher;
use iom_semantic::Host;

use generated::{FILES, file, large_file};

fn main() {
    divan::main();
}

fn texts() -> Vec<(String, String)> {
    (0..FILES).map(|number| (format!("f{number:04}.iom"), file(number))).collect()
}

fn opened(texts: &[(String, String)]) -> Host {
    let mut host = Host::new();
    host.set_files(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    host
}

#[divan::bench(sample_count = 5)]
fn cold(bencher: Bencher<'_, '_>) {
    let texts = texts();
    bencher.bench_local(|| opened(&texts).diagnostics().len());
}

/// Changes a value of one of the files again and again, and asks `host` for what is wrong then.
fn edits(bencher: Bencher<'_, '_>, mut host: Host, path: &str, text: &str, ask: impl Fn(&Host) -> usize) {
    host.diagnostics();
    let at = text.len() / 2;
    let at = at + text[at..].find("field1: 7").map_or(0, |at| at + "field1: ".len());
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        let changed = format!("{}{}{}", &text[..at], number % 90, &text[at + 1..]);
        host.set_file(path, &changed);
        ask(&host)
    });
}

/// From a changed value to the diagnostics of its file.
#[divan::bench]
fn one_edit(bencher: Bencher<'_, '_>) {
    let texts = texts();
    let of_file = |host: &Host| host.file_id("f0500.iom").map_or(0, |file| host.file_diagnostics(file).len());
    edits(bencher, opened(&texts), "f0500.iom", &texts[500].1, of_file);
}

/// From a changed value to the diagnostics of the whole workspace.
#[divan::bench]
fn one_edit_whole_workspace(bencher: Bencher<'_, '_>) {
    let texts = texts();
    edits(bencher, opened(&texts), "f0500.iom", &texts[500].1, |host| host.diagnostics().len());
}

/// The same in a file that an editor has open.
#[divan::bench]
fn one_edit_of_an_open_file_whole_workspace(bencher: Bencher<'_, '_>) {
    let texts = texts();
    let mut host = opened(&texts);
    host.diagnostics();
    host.open_file("f0500.iom");
    edits(bencher, host, "f0500.iom", &texts[500].1, |host| host.diagnostics().len());
}

/// From a changed value in a file of 10,000 lines to its diagnostics.
#[divan::bench]
fn one_edit_in_a_large_file(bencher: Bencher<'_, '_>) {
    let text = large_file(100);
    let mut host = Host::new();
    host.set_file("large.iom", &text);
    edits(bencher, host, "large.iom", &text, |host| host.diagnostics().len());
}

/// From a field more in a kind that has 600 resources to the diagnostics of the whole workspace.
#[divan::bench]
fn one_edit_of_a_widely_used_kind(bencher: Bencher<'_, '_>) {
    let mut texts = texts();
    for (_, text) in texts.iter_mut().step_by(10).skip(1) {
        let mut resources = String::new();
        for number in 0..6 {
            resources.push_str(&format!("resource w{number}: m0.Machine0 {{ field0: {number} }}\n\n"));
        }
        text.push_str(&resources);
    }
    let mut host = opened(&texts);
    host.diagnostics();
    host.open_file("f0000.iom");
    let text = texts[0].1.clone();
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        let changed =
            text.replacen("  label: string?", &format!("  label: string?\n  more{number}: int?"), 1);
        host.set_file("f0000.iom", &changed);
        host.diagnostics().len()
    });
}
