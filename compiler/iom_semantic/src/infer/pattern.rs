//! Patterns of refinements, compiled once for the many texts that they are held against.

use std::cell::RefCell;

use iom_model::scalar::compile_pattern;
use iom_syntax::ast::NodeId;
use regex::Regex;

use super::Checker;
use crate::db::library_position;
use crate::messages;

/// Workspaces with more patterns than this in turn compile some of them again.
const KEPT: usize = 32;

thread_local! {
    /// The last used first. What is kept depends on the thread, what comes out does not.
    static PATTERNS: RefCell<Vec<(String, Regex)>> = const { RefCell::new(Vec::new()) };
}

impl Checker<'_> {
    /// A pattern that does not compile is reported. Those of the library do, which is tested once and not found out by everyone
    /// who uses it.
    pub(crate) fn check_pattern(&mut self, node: NodeId, pattern: &str) {
        if library_position(self.item.file(self.db).id(self.db)).is_some() {
            return;
        }
        if let Err(error) = compile_pattern(pattern) {
            self.report(messages::bad_regex(self.place(node), &error));
        }
    }
}

/// Whether a text matches; true for a pattern that does not compile, which is reported where it is written.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    PATTERNS.with_borrow_mut(|kept| {
        if let Some(position) = kept.iter().position(|(source, _)| source == pattern) {
            kept[..=position].rotate_right(1);
        } else {
            let Ok(regex) = compile_pattern(pattern) else { return true };
            kept.truncate(KEPT - 1);
            kept.insert(0, (pattern.to_owned(), regex));
        }
        kept[0].1.is_match(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_apart_however_many_there_are() {
        for _ in 0..2 {
            for number in 0..KEPT + 8 {
                assert!(matches(&format!("^a{number}$"), &format!("a{number}")));
                assert!(!matches(&format!("^a{number}$"), "b"));
            }
        }
        assert!(matches("(", "anything"));
    }
}
