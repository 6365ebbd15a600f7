//! Regular expressions of a program, compiled when a text is first held against them: most meet none in a run.

use std::sync::OnceLock;

use iom_model::scalar::compile_pattern;
use regex::Regex;

#[derive(Clone, Debug)]
pub struct TextPattern {
    source: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

impl TextPattern {
    /// For a pattern that the check has let by.
    pub fn of_program(source: &str) -> TextPattern {
        TextPattern { source: source.into(), compiled: OnceLock::new() }
    }

    /// For a text from anywhere; `None` where it is no pattern.
    pub fn parse(source: &str) -> Option<TextPattern> {
        let compiled = compile_pattern(source).ok()?;
        Some(TextPattern { source: source.into(), compiled: OnceLock::from(Some(compiled)) })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the pattern is found in a text; `None` where it does not compile after all.
    pub fn is_match(&self, text: &str) -> Option<bool> {
        let compiled = self.compiled.get_or_init(|| compile_pattern(&self.source).ok());
        compiled.as_ref().map(|compiled| compiled.is_match(text))
    }
}
