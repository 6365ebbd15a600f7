use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::excerpt::StateTexts;

/// Lines of the texts at hand. Where they start is remembered for each file.
pub(super) struct Lines<'a> {
    texts: &'a dyn StateTexts,
    starts: RefCell<HashMap<String, Rc<[usize]>>>,
}

impl<'a> Lines<'a> {
    pub fn new(texts: &'a dyn StateTexts) -> Lines<'a> {
        Lines { texts, starts: RefCell::default() }
    }

    pub fn of(&self, file: &str) -> Option<FileLines<'a>> {
        let text = self.texts.text(file)?;
        if let Some(starts) = self.starts.borrow().get(file) {
            return Some(FileLines { text, starts: starts.clone() });
        }
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts: Rc<[usize]> = std::iter::once(0).chain(breaks).collect();
        self.starts.borrow_mut().insert(file.to_owned(), starts.clone());
        Some(FileLines { text, starts })
    }
}

/// The lines of one text.
pub(super) struct FileLines<'a> {
    text: &'a str,
    starts: Rc<[usize]>,
}

impl<'a> FileLines<'a> {
    /// A line by its number from 1, without its end.
    pub fn line(&self, number: u32) -> Option<&'a str> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).map(|line| line.trim_end_matches('\r'))
    }
}
