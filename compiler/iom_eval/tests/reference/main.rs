//! Random programs over random states, judged by the engine and by a small interpreter that shares nothing with it: not the
//! parser, not the model, not a table.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "../common/mod.rs"]
mod common;
mod facts;
mod generate;
mod interpret;
mod judge;
mod order;
mod program;
mod state;
mod value;

use std::sync::Arc;

use common::Run;
use generate::Generator;
use iom_eval::report::Report;
use iom_semantic::{Host, LibrarySelection};
use judge::Verdicts;
use program::Program;

fn program(seed: u64) -> Program {
    Generator::new(seed).program((seed % 4) as u32)
}

/// The report, or what the checker has against the program. The host may come from other programs.
fn report(host: &mut Host, text: &str, program: &Program) -> Result<Report, String> {
    host.set_file("rules.iom", text);
    let found = host.diagnostics();
    if host.has_errors() {
        return Err(iom_diagnostics::render::human(&found, host, false));
    }
    let mut run = Run::of(Arc::new(host.model(&LibrarySelection::None))).with_passes();
    for (layer, plan) in program.state.plans() {
        run = run.in_layer(layer, plan);
    }
    Ok(run.report())
}

fn by_engine(report: &Report) -> Verdicts {
    let policy = |finding: &iom_eval::report::Finding| finding.policy.rsplit('.').next().unwrap().to_owned();
    let mut verdicts = Verdicts::new();
    for finding in report.findings.iter().filter(|finding| policy(finding).starts_with('p')) {
        let verdict = match finding.verdict {
            iom_eval::report::Verdict::Pass => "pass",
            iom_eval::report::Verdict::Fail => "fail",
            iom_eval::report::Verdict::Unknown => "unknown",
            iom_eval::report::Verdict::Excepted => "excepted",
            iom_eval::report::Verdict::NotApplicable => continue,
        };
        let label = if verdict == "pass" { "" } else { finding.label.as_deref().unwrap() };
        let resource = &finding.resource;
        let key = (
            policy(finding),
            label.to_owned(),
            resource.address.to_string(),
            resource.layer.name().to_owned(),
        );
        verdicts.insert(key, verdict);
    }
    verdicts
}

/// How many cases the property is tried on: `IOM_CASES` where that is set.
fn cases(usual: u64) -> u64 {
    std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// What differs, and the program.
fn difference(host: &mut Host, seed: u64) -> Option<String> {
    let program = program(seed);
    let text = program.to_string();
    let expected = judge::judge(&program);
    let found = match report(host, &text, &program) {
        Ok(report) => by_engine(&report),
        Err(errors) => return Some(format!("seed {seed}\n{text}\n{errors}")),
    };
    if found == expected {
        return None;
    }
    let mut shown = format!("seed {seed}\n{text}\n");
    for (layer, plan) in program.state.plans() {
        shown.push_str(&format!(
            "{layer:?} {}\n",
            serde_json::to_string(&plan.json()["planned_values"]).unwrap()
        ));
    }
    for (layer, nodes) in &program.state.layers {
        for node in nodes {
            shown.push_str(&format!("{layer:?} n{} {:?}\n", node.number, node.fields));
        }
    }
    for key in expected.keys().chain(found.keys()).collect::<std::collections::BTreeSet<_>>() {
        let (expected, found) = (expected.get(key), found.get(key));
        if expected != found {
            shown.push_str(&format!("{key:?}: expected {expected:?}, found {found:?}\n"));
        }
    }
    Some(shown)
}

/// Programs that were judged differently once.
#[test]
fn what_was_mended_stays_so() {
    for seed in [2_811, 2_899, 3_518] {
        assert_eq!(difference(&mut Host::new(), seed), None);
    }
}

/// Of several programs that are judged differently the shortest is shown.
#[test]
fn the_engine_agrees_with_the_interpreter() {
    let first: u64 = std::env::var("IOM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let mut differences = Vec::new();
    let mut last = first + cases(600);
    let mut seed = first;
    let mut host = Host::new();
    while seed < last {
        // What is known of the library is kept from program to program, for a while.
        if seed.is_multiple_of(200) {
            host = Host::new();
        }
        if let Some(difference) = difference(&mut host, seed) {
            if differences.is_empty() {
                last = seed + 2_000;
            }
            differences.push(difference);
        }
        seed += 1;
    }
    if let Ok(path) = std::env::var("IOM_DIFFERENCES") {
        std::fs::write(path, differences.join("\n=====\n")).unwrap();
    }
    let count = differences.len();
    if let Some(shortest) = differences.into_iter().min_by_key(String::len) {
        panic!("{count} programs are judged differently, among them {shortest}");
    }
}
