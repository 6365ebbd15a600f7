//! The command line as its users see it: the built program is run, and what it says is looked at.

mod broken_input;
mod check;
mod deterministic;
mod eval;
mod exit_status;
mod explain;
mod fmt;
mod lsp;
mod schema;
mod secrets;
mod support;
mod test;
