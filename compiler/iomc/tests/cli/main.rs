//! The command line as its users see it: the built program is run, and what it says is looked at.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod applications;
mod authority;
mod beside;
mod blueprints;
mod broken_input;
mod canary;
mod check;
mod claims;
mod codes;
mod compare;
mod configuration;
mod deterministic;
mod doc;
mod documents;
mod eval;
mod exceptions;
mod exit_status;
mod explain;
mod fix;
mod fmt;
mod fuzzed;
mod graph;
mod hostile;
mod init;
mod inventories;
mod kubernetes;
mod lsp;
mod mistakes;
mod packages;
mod query;
mod reports;
mod schema;
mod schema_import;
mod secrets;
mod support;
mod test;
mod watch;
