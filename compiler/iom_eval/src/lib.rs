//! The engine: a typed model and imported documents in, verdicts, decisions and evidence out.
//!
//! [`program`] compiles a model, [`facts`] makes elements of documents and declarations, [`evaluate`] interprets
//! expressions over them, [`judge`] turns policies into a [`report::Report`], [`testing`] runs tests of
//! the language. [`plan`] says in words how a policy is judged.

pub mod comparison;
pub mod data;
pub mod draft;
pub mod drift;
pub mod evaluate;
pub mod explain;
pub mod facts;
pub mod judge;
mod pattern;
pub mod picture;
pub mod plan;
pub mod program;
pub mod question;
pub mod report;
mod scalar;
pub mod session;
pub mod testing;
pub mod value;
