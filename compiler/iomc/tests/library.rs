//! The standard library's own tests and layout, as a user would run them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

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
    for folder in ["stdlib", "examples/payments"] {
        let run = iomc(&["fmt", "--check", folder]);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
    }
}

/// Of every policy of a baseline some clause was seen to pass and to fail by a test that names it.
#[test]
fn every_policy_of_the_baselines_is_seen_to_pass_and_to_fail() {
    let run = iomc(&["test", "stdlib", "--coverage"]);
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    // `  std.baselines.logs_last(least: 365d)      1 of 1  1 test`; a policy with parameters has a line for each of its uses.
    let mut covered: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("  ")) {
        let Some((policy, counts)) = line.split_once("  ") else { continue };
        let name = policy.split('(').next().unwrap_or(policy);
        let Some(clauses) =
            counts.trim_start().split(" of ").next().and_then(|count| count.parse::<usize>().ok())
        else {
            continue;
        };
        let most = covered.entry(name).or_default();
        *most = clauses.max(*most);
    }
    let untested: Vec<String> = policies_of_the_baselines()
        .map(|found| found.qualified_name())
        .filter(|name| covered.get(name.as_str()).is_none_or(|clauses| *clauses == 0))
        .collect();
    assert!(untested.is_empty(), "write a passing and a failing test for {untested:#?}");
}

/// A title, a severity, and for each clause a message that says after a colon what to do.
#[test]
fn every_policy_of_the_baselines_says_what_it_is_for_and_what_to_do() {
    let mut owed = Vec::new();
    for found in policies_of_the_baselines() {
        let syntax = iom_syntax::parse(found.file.text).syntax();
        let declarations = iom_syntax::declarations(&syntax);
        let body = declarations
            .iter()
            .find_map(|declaration| match iom_syntax::lower(&declaration.green).0.kind {
                DeclarationKind::Policy { name, body, .. } if name.text == found.declaration.name => {
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

fn policies_of_the_baselines() -> impl Iterator<Item = iom_stdlib::Found> {
    iom_stdlib::policies().filter(|found| found.file.path.starts_with("baselines/"))
}

fn clauses_without_advice(body: &Body, owed: &mut impl FnMut(String)) {
    let clauses = body.members.iter().filter_map(|member| match member {
        Member::Clause(clause) => Some(&**clause),
        _ => None,
    });
    for Clause { kind, .. } in clauses {
        match kind {
            ClauseKind::For { body, .. } => clauses_without_advice(body, owed),
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
