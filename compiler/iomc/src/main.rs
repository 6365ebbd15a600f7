//! `iomc`: the command line of iom.

mod arguments;
mod clock;
mod commands;
mod configuration;
mod difference;
mod exit;
mod front_end;
mod guard;
mod judge;
mod lock;
mod masking;
mod output;
mod packages;
mod selection;
mod sources;
mod stamps;
mod state_argument;
mod threads;
mod walk;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    guard::guarded(|| commands::run(arguments)).into()
}
