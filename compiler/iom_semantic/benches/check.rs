//! How fast a workspace of 100,000 lines is checked: cold, and after one edit. `cargo bench -p iom_semantic`.

#[path = "../tests/generated/mod.rs"]
mod generated;

use divan::Bencher;
use iom_semantic::Host;

use generated::{FILES, file};

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

/// From a changed value to the diagnostics of its file.
#[divan::bench]
fn one_edit(bencher: Bencher<'_, '_>) {
    let texts = texts();
    let mut host = opened(&texts);
    host.diagnostics();
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        let changed = texts[500].1.replacen("field1: 7", &format!("field1: {}", number % 90), 1);
        let id = host.set_file("f0500.iom", &changed);
        host.file_diagnostics(id).len()
    });
}

/// From a changed value to the diagnostics of the whole workspace.
#[divan::bench]
fn one_edit_whole_workspace(bencher: Bencher<'_, '_>) {
    let texts = texts();
    let mut host = opened(&texts);
    host.diagnostics();
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        let changed = texts[500].1.replacen("field1: 7", &format!("field1: {}", number % 90), 1);
        host.set_file("f0500.iom", &changed);
        host.diagnostics().len()
    });
}
