//! Reports as text: for people ([`human`]), for logs ([`short`]), for programs ([`json`]), and for what teams have around
//! their repositories: [`sarif`], [`junit`] and [`github`]. Nothing is printed or read here; what the excerpts show is asked
//! of [`StateTexts`].

mod excerpt;
pub mod github;
mod human;
mod json;
mod junit;
mod lines;
mod masking;
mod plain;
mod rooted;
mod sarif;
mod short;
mod style;
mod words;

pub use excerpt::{NoTexts, StateTexts};
pub use human::{human, news};
pub use json::json;
pub use junit::junit;
pub use rooted::{AsReported, RootedPaths};
pub use sarif::sarif;
pub use short::{line, short};

/// The word that the JSON report uses for a plain enum value.
fn word_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
