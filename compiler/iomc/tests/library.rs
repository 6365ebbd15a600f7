//! The standard library's own tests and layout, as a user would run them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use iom_eval::report::Verdict;
use iom_eval::testing::{JudgedClause, TestOptions, TestOutcome, run_tests};
use iom_model::{
    Claim, Expectation, ExpectationKind, ExpectedVerdict, Model, Policy, QualifiedName, Require, Step, Test,
};
use iom_semantic::{Host, LibrarySelection};
use iom_syntax::ast::{Body, Clause, ClauseKind, DeclarationKind, Expr, ExprKind, Member, StringPart};

fn iomc(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_iomc")).args(arguments).current_dir(root).output().unwrap()
}

#[test]
fn the_library_passes_its_tests() {
    let run = iomc(&["test", "stdlib"]);
    let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(0), "{text}");
    assert!(text.lines().filter(|line| line.starts_with("ok ")).count() >= 14, "{text}");
}

#[test]
fn the_library_and_the_examples_are_formatted() {
    for folder in ["stdlib", "examples/blueprints", "examples/payments"] {
        let run = iomc(&["fmt", "--check", folder]);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
    }
}

/// Of every policy of a baseline some clause, of a blueprint every clause was seen to pass and to fail by a test that names it.
#[test]
fn every_policy_and_blueprint_of_the_library_is_seen_to_pass_and_to_fail() {
    let run = iomc(&["test", "stdlib", "--coverage"]);
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    // `  std.baselines.logs_last(least: 365d)      1 of 1  1 test`; a policy with parameters has a line for each of its uses.
    let mut covered: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("  ")) {
        let Some((policy, counts)) = line.split_once("  ") else { continue };
        let name = policy.split('(').next().unwrap_or(policy);
        let mut counts = counts.trim_start().split(' ').step_by(2).map_while(|count| count.parse().ok());
        let (Some(clauses), Some(all)) = (counts.next(), counts.next()) else { continue };
        let most = covered.entry(name).or_insert((0, all));
        most.0 = clauses.max(most.0);
    }
    let is_tested = |found: &iom_stdlib::Found| match covered.get(found.qualified_name().as_str()) {
        None => false,
        Some((seen, all)) if found.declaration.keyword == "blueprint" => seen == all,
        Some((seen, _)) => *seen > 0,
    };
    let untested: Vec<String> =
        judging().filter(|found| !is_tested(found)).map(|found| found.qualified_name()).collect();
    assert!(untested.is_empty(), "write a passing and a failing test for {untested:#?}");
}

/// A title, a severity, and for each clause a message that says after a colon what to do.
#[test]
fn every_policy_and_blueprint_of_the_library_says_what_it_is_for_and_what_to_do() {
    let mut owed = Vec::new();
    for found in judging() {
        let syntax = iom_syntax::parse(found.file.text).syntax();
        let declarations = iom_syntax::declarations(&syntax);
        let body = declarations
            .iter()
            .find_map(|declaration| match iom_syntax::lower(&declaration.green).0.kind {
                DeclarationKind::Policy { name, body, .. }
                | DeclarationKind::Blueprint { name, body, .. }
                    if name.text == found.declaration.name =>
                {
                    Some(body)
                }
                _ => None,
            })
            .expect("the index names what the file declares");
        for setting in ["title", "severity"] {
            let is_set = |member: &Member| matches!(member, Member::Field(field) if matches!(&*field.path, [name] if name.text == setting));
            if !body.members.iter().any(is_set) {
                owed.push(format!("{}: a {setting}", found.qualified_name()));
            }
        }
        clauses_without_advice(&body, &mut |clause| {
            owed.push(format!("{}: what to do, in {clause}", found.qualified_name()));
        });
    }
    assert!(owed.is_empty(), "{owed:#?}");
}

/// The policies of the baselines, and the blueprints.
fn judging() -> impl Iterator<Item = iom_stdlib::Found> {
    iom_stdlib::declarations().filter(|found| match found.declaration.keyword {
        "policy" => found.file.path.starts_with("baselines/"),
        keyword => keyword == "blueprint",
    })
}

fn clauses_without_advice(body: &Body, owed: &mut impl FnMut(String)) {
    let clauses = body.members.iter().filter_map(|member| match member {
        Member::Clause(clause) => Some(&**clause),
        _ => None,
    });
    for Clause { kind, .. } in clauses {
        match kind {
            ClauseKind::For { body, .. } | ClauseKind::Judges { body, .. } => {
                clauses_without_advice(body, owed);
            }
            ClauseKind::Require(require) if !require.message.as_ref().is_some_and(gives_advice) => {
                owed(format!("{:?} {:?}", require.label.as_ref().map(|name| &name.text), require.message));
            }
            _ => {}
        }
    }
}

/// `"{x} is open: name who may come in"`, in every branch.
fn gives_advice(message: &Expr) -> bool {
    match &message.kind {
        ExprKind::String(parts) => {
            parts.iter().any(|part| matches!(part, StringPart::Text(text) if text.contains(": ")))
        }
        ExprKind::If { then, otherwise, .. } => gives_advice(then) && gives_advice(otherwise),
        _ => false,
    }
}

/// What a policy proposes is done to the things that the library's tests see it fail on: then the clause holds.
#[test]
fn every_fix_of_the_library_mends_what_it_is_for() {
    let model = model_of_the_library();
    let proposing = proposing(&model);
    // Each expectation of a failure twice, alone in its test: as things are, and after the fix.
    let mut tests: Vec<Test> = Vec::new();
    for test in &model.tests {
        for expectation in &test.expectations {
            let ExpectationKind::Verdict {
                claim, verdict: ExpectedVerdict::Fails, on, after_fix: false, ..
            } = &expectation.kind
            else {
                continue;
            };
            let proposes = |policy: &Policy| policy.declared == claim.policy && has_fix(policy);
            if !model.policies.values().any(proposes) {
                continue;
            }
            for after_fix in [false, true] {
                let verdict = if after_fix { ExpectedVerdict::Passes } else { ExpectedVerdict::Fails };
                let claim = Claim { policy: claim.policy.clone(), label: None };
                let kind =
                    ExpectationKind::Verdict { claim, verdict, on: on.clone(), because: None, after_fix };
                let expectations = vec![Expectation { kind, ..expectation.clone() }];
                tests.push(Test { expectations, ..test.clone() });
            }
        }
    }
    let model = Arc::new(Model { tests, ..model });
    let options =
        TestOptions { at: 1_795_305_600, filter: &|_| true, read_file: &|_| Ok(Vec::new()), threads: 2 };
    let outcomes = run_tests(&model, Default::default(), &Default::default(), &options);
    let (mut mended, mut faults) = (BTreeSet::new(), Vec::new());
    for pair in outcomes.chunks_exact(2) {
        let is_seen = |outcome: &TestOutcome, key: &(QualifiedName, u32), verdict: Verdict| {
            let is_it =
                |one: &JudgedClause| (&one.policy, one.clause, one.verdict) == (&key.0, key.1, verdict);
            outcome.judged.iter().any(is_it)
        };
        for (policy, clause, _) in &proposing {
            let key = (policy.clone(), *clause);
            if !is_seen(&pair[0], &key, Verdict::Fail) {
                continue;
            }
            // The second one tells of before and after.
            if is_seen(&pair[1], &key, Verdict::Pass) {
                mended.insert(key);
            } else {
                faults.push(format!(
                    "{policy}, clause {clause}, in {:?}: {:?}",
                    pair[1].title, pair[1].failures
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let unseen: Vec<&(QualifiedName, u32, String)> =
        proposing.iter().filter(|(policy, clause, _)| !mended.contains(&(policy.clone(), *clause))).collect();
    assert!(unseen.is_empty(), "no test of the library sees these fail: {unseen:#?}");
    assert!(mended.len() > 60, "{}", mended.len());
}

/// The library and its tests as somebody's own workspace.
fn model_of_the_library() -> Model {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "iom") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    let mut host = Host::new();
    host.set_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    host.model(&LibrarySelection::None)
}

fn has_fix(policy: &Policy) -> bool {
    let mut found = Vec::new();
    policy.rules.iter().for_each(|rule| collect(policy, &rule.steps, &mut found));
    !found.is_empty()
}

/// The clauses that propose something: policy, number and condition.
fn proposing(model: &Model) -> Vec<(QualifiedName, u32, String)> {
    let mut found = Vec::new();
    for policy in model.policies.values() {
        policy.rules.iter().for_each(|rule| collect(policy, &rule.steps, &mut found));
    }
    found.sort();
    found.dedup();
    found
}

fn collect(policy: &Policy, steps: &[Step], found: &mut Vec<(QualifiedName, u32, String)>) {
    for step in steps {
        match step {
            Step::Require(Require { clause, fix, source, .. }) if !fix.is_empty() => {
                found.push((policy.name.clone(), *clause, source.to_string()));
            }
            Step::For { steps, .. } => collect(policy, steps, found),
            _ => {}
        }
    }
}
