use std::collections::HashMap;

use iom_eval::report::rendering::StateTexts;

use crate::front_end::FrontEnd;

/// What excerpts are cut from: sources of state, and the workspace's own files.
pub struct Texts<'a> {
    pub front_end: &'a FrontEnd,
    pub sources: HashMap<String, String>,
}

impl StateTexts for Texts<'_> {
    fn text(&self, file: &str) -> Option<&str> {
        self.sources.get(file).map(String::as_str).or_else(|| self.front_end.text_of(file))
    }
}
