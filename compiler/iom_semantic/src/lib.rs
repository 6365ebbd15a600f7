//! The front end: names, types and checks, as incremental queries.
//!
//! Data flows one way: text → [`items`] → [`names`] → [`signatures`] → [`check`] → [`export`] → `iom_model`. Diagnostics are
//! results of queries; nothing here reads files or clocks.

pub mod blueprints;
pub mod check;
pub mod db;
mod declared;
pub mod export;
pub mod extensions;
mod file_diagnostics;
mod host;
mod infer;
pub mod input;
pub mod items;
pub mod look;
mod messages;
pub mod names;
mod oscal;
mod outline;
mod overrides;
mod provenance;
mod question;
pub mod signatures;
mod syntax;
mod tied;
mod types;

pub use declared::DeclaredName;
pub use export::Stated;
pub use file_diagnostics::FileDiagnostics;
pub use host::{Host, LibrarySelection};
pub use infer::builtin_names;
pub use input::{Package, Packages};
pub use outline::OutlinedDeclaration;
pub use overrides::{OverrideFault, ParameterOverride};
pub use provenance::Quote;
pub use question::Question;
/// Why a query of a [`Host`]'s clone was given up, and what stops those of one clone.
pub use salsa::{CancellationToken, Cancelled};
