//! The whole library over every published plan: nothing panics, and the numbers add up.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::sync::Arc;

use iom_eval::facts::{Estate, StateSource};
use iom_eval::judge::{Options, judge};
use iom_eval::program::{Program, Scope};
use iom_eval::report::Verdict;
use iom_semantic::{Host, LibrarySelection};
use iom_state::document::Layer;
use iom_state::tape::Strings;

#[test]
fn the_library_judges_every_published_plan() {
    let model = Arc::new(Host::new().model(&LibrarySelection::All));
    let mut strings = Strings::default();
    let program = Arc::new(Program::compile(model, &Scope::default(), &Default::default(), &mut strings));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/state/terraform-plan");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut sources = Vec::new();
    let mut objects = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let bytes = std::fs::read(file).unwrap();
        let Ok(document) = iom_state::import(&bytes, None, &program.demand, &mut strings) else { continue };
        objects += document.objects.len() as u64;
        sources.push(StateSource::new(file.to_string_lossy(), Layer::Built, document));
    }
    assert!(sources.len() > 15);
    let estate = Estate::build(program, strings, sources, common::NOW);
    let options = Options { model_hash: Some("".into()), with_passes: true, ..Options::default() };
    let report = judge(&estate, &options);
    let summary = report.summary;
    assert_eq!(summary.resources, objects);
    let judged = summary.pass + summary.fail + summary.unknown + summary.excepted + summary.not_applicable;
    assert_eq!(judged, summary.resources * summary.policies);
    for finding in &report.findings {
        assert!(!finding.message.is_empty());
        assert!(finding.location.is_some(), "{}", finding.resource.address);
        let is_unknown = finding.verdict == Verdict::Unknown;
        assert_eq!(
            is_unknown,
            !finding.unknown.is_empty(),
            "{} {}",
            finding.policy,
            finding.resource.address
        );
    }
    assert!(report.findings.iter().any(|finding| finding.verdict == Verdict::Fail));
}
