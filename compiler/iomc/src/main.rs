//! `iomc`: the command line of iom.

mod arguments;
mod clock;
mod commands;
mod difference;
mod exit;
mod front_end;
mod guard;
mod judge;
mod output;
mod selection;
mod sources;
mod stamps;
mod threads;

use std::process::ExitCode;

use clap::Parser;
use iom_project::{configuration, lock, masking, state_argument, walk, workspace};

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    guard::guarded(|| commands::run(arguments)).into()
}
