//! One module per command.

mod baseline;
pub mod check;
pub mod compare;
pub mod doc;
pub mod eval;
pub mod exception;
pub mod explain;
pub mod fix;
pub mod fmt;
mod github;
pub mod graph;
pub mod init;
pub mod lsp;
mod named;
pub mod query;
mod repository;
pub mod schema;
pub mod test;
mod texts;
mod watch;

use std::ffi::OsString;

use clap::CommandFactory;
use iom_diagnostics::nearest;

use crate::arguments::{Arguments, Command, NOT_BUILT_YET};
use crate::exit::{Exit, Failure, Outcome};
use crate::output;

/// Runs the command that was asked for.
pub fn run(arguments: Arguments) -> Outcome {
    let color = arguments.color;
    match arguments.command {
        Command::Check(arguments) => check::run(&arguments, color),
        Command::Eval(arguments) => eval::run(&arguments, color),
        Command::Test(arguments) => test::run(&arguments, color),
        Command::Fmt(arguments) => fmt::run(&arguments, color),
        Command::Query(arguments) => query::run(&arguments, color),
        Command::Explain(arguments) => explain::run(&arguments, color),
        Command::Schema(arguments) => schema::run(&arguments.command),
        Command::Init(arguments) => init::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments, color),
        Command::Exception(arguments) => exception::run(&arguments, color),
        Command::Doc(arguments) => doc::run(&arguments, color),
        Command::Fix(arguments) => fix::run(&arguments, color),
        Command::Compare(arguments) => compare::run(&arguments, color),
        Command::Lsp => lsp::run(),
        Command::Completions { shell } => completions(shell),
        Command::Other(words) => Err(unknown(&words)),
    }
}

fn completions(shell: clap_complete::Shell) -> Outcome {
    // Generated first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "iomc", &mut script);
    output::to_standard_output(|out| out.write_all(&script))?;
    Ok(Exit::Fine)
}

/// A word that is no command: reserved, misspelt, or neither.
fn unknown(words: &[OsString]) -> Failure {
    let word = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    if NOT_BUILT_YET.contains(&word.as_str()) {
        return Failure::new(format!("`iomc {word}` is not built yet"));
    }
    let known = [
        "check",
        "eval",
        "test",
        "fmt",
        "query",
        "explain",
        "schema",
        "init",
        "graph",
        "compare",
        "lsp",
        "completions",
        "exception",
        "fix",
        "doc",
    ];
    let near = nearest(&word, known.into_iter().chain(NOT_BUILT_YET.iter().copied()));
    Failure::new(format!("there is no command `{word}`")).help(match near {
        Some(near) => format!("did you mean `iomc {near}`?"),
        None => "`iomc --help` lists the commands".to_owned(),
    })
}
