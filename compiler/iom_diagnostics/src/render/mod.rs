//! Diagnostics as text: for people ([`human`]), for logs ([`short`]) and for programs ([`json`]).
//!
//! Nothing is printed here; every renderer returns what the caller then writes. All of them put the diagnostics in
//! the same order ([`sort`]), so a run reads the same whatever order its files were loaded in.

mod files;
mod human;
mod json;
mod order;
mod short;
mod sources;
mod terminal;

pub use human::human;
pub use json::json;
pub use order::{sort, summary};
pub use short::short;
pub use sources::{NamedTexts, SourceTexts};
pub use terminal::{harmless, one_line};

#[cfg(test)]
mod tests;
