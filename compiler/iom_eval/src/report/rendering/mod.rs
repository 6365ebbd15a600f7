//! Reports as text: for people ([`human`]), for logs ([`short`]) and for programs ([`json`]). Nothing is printed or read
//! here; what the excerpts show is asked of [`StateTexts`].

mod excerpt;
mod human;
mod json;
mod masking;
mod plain;
mod short;
mod style;

pub use excerpt::{NoTexts, StateTexts};
pub use human::human;
pub use json::json;
pub use short::short;

/// The word that the JSON report uses for a plain enum value.
fn word_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
