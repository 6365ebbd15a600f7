//! Runs tests of the language: what they give is judged, and what they expect is compared with what was found.

mod authority;
mod condition;
mod coverage;
mod fix;
mod group;
mod operand;
mod run;
mod source;
mod unmet;
mod verdict;

pub use coverage::{ClauseCoverage, Coverage, PolicyCoverage};

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iom_model::{Location, Model, QualifiedName, Test};
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::program::{Program, Scope};
use crate::report::Verdict;
use crate::value::Value;
use run::TestRun;

/// What became of one test.
#[derive(Clone, PartialEq, Debug)]
pub struct TestOutcome {
    pub title: String,
    pub module: QualifiedName,
    pub location: Location,
    /// Empty where the test passes.
    pub failures: Vec<ExpectationFailure>,
    /// What became of the clauses of the policies that its expectations name, sorted, each once.
    pub judged: Vec<JudgedClause>,
}

/// An expectation that is not met.
#[derive(Clone, PartialEq, Debug)]
pub struct ExpectationFailure {
    pub location: Location,
    /// The expectation as written.
    pub source: SmolStr,
    /// What was found instead, in a sentence.
    pub message: String,
    /// The verdict, decision or value that was expected, and the one found, where there is one of each.
    pub expected: Option<String>,
    pub found: Option<String>,
    /// The values that led there.
    pub values: Vec<ShownValue>,
    /// What rules said.
    pub details: Vec<String>,
}

/// A part of an expectation, or a fact, with its value as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownValue {
    pub source: SmolStr,
    pub value: String,
}

/// What a test made of one clause.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct JudgedClause {
    pub policy: QualifiedName,
    /// Its number in the policy.
    pub clause: u32,
    pub verdict: Verdict,
}

impl TestOutcome {
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Gives the bytes of a file that a test names, or says why it cannot.
pub type ReadFile<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// Which tests run, and how.
#[derive(Clone, Copy)]
pub struct TestOptions<'a> {
    /// The instant of tests that name none: seconds since 1970.
    pub at: i64,
    pub filter: &'a dyn Fn(&Test) -> bool,
    pub read_file: &'a ReadFile<'a>,
    /// The outcomes are the same for any number.
    pub threads: usize,
}

/// Runs the tests that the filter takes; outcomes are in the order of the model's tests. `data` holds the values of
/// `data` declarations, read with the same `strings`.
pub fn run_tests(
    model: &Arc<Model>,
    mut strings: Strings,
    data: &FxHashMap<QualifiedName, Value>,
    options: &TestOptions<'_>,
) -> Vec<TestOutcome> {
    let scope = Scope { with_tests: true, ..Scope::default() };
    let program = Arc::new(Program::compile(model.clone(), &scope, data, &mut strings));
    let tests = model.tests.iter().enumerate().filter(|(_, test)| (options.filter)(test));
    let wanted: Vec<_> = tests
        .map(|(position, test)| {
            let sources = source::read(test, &program.demand, &mut strings, options.read_file);
            (position as u32, test, sources)
        })
        .collect();
    // Everything that has a name is known from here on.
    let strings = Arc::new(strings);
    let (at, next) = (options.at, AtomicUsize::new(0));
    let work = || {
        let mut done = Vec::new();
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some((number, test, sources)) = wanted.get(position) else { return done };
            let outcome = match sources {
                Ok(sources) => TestRun::new((&program, &strings), *number, test, sources, at).outcome(),
                Err(unreadable) => run::unreadable(test, unreadable),
            };
            done.push((position, outcome));
        }
    };
    let threads = options.threads.clamp(1, wanted.len().max(1));
    let mut outcomes = if threads == 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            // A worker that panicked has nothing to give; the panic itself is reported where it happened.
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        })
    };
    outcomes.sort_by_key(|(position, _)| *position);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
