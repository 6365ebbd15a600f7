//! One function for each kind of request: a snapshot and the parameters go in, the answer comes out.

pub mod code_actions;
pub mod diagnostics;
pub mod formatting;
pub mod symbols;

pub use tower_lsp_server::jsonrpc::Result;
