//! A workspace as it is on disk: its files and those of its dependencies, what `iom.toml` says, and the sources of state that
//! it names. The command line and the language server read through here, so that both see the same.

pub mod configuration;
mod failure;
mod fence;
pub mod judging;
pub mod lock;
pub mod masking;
mod packages;
pub mod sources;
pub mod state_argument;
pub mod walk;
pub mod workspace;

pub use failure::{Failure, reason};
pub use fence::Fence;
pub use workspace::Workspace;
