use iom_eval::report::rendering::StateTexts;

use crate::front_end::FrontEnd;
use crate::sources::Source;

/// What excerpts are cut from: sources of state, and the workspace's own files.
pub struct Texts<'a> {
    pub front_end: &'a FrontEnd,
    pub sources: &'a [Source],
}

impl StateTexts for Texts<'_> {
    fn text(&self, file: &str) -> Option<&str> {
        let of_sources = || self.sources.iter().find_map(|source| source.text(file));
        let written = || self.sources.iter().find_map(|source| source.configuration.as_ref()?.text(file));
        of_sources().or_else(written).or_else(|| self.front_end.text_of(file))
    }
}
