//! Sources that are read again and again: of a large file that was written anew only what is different is read.

use iom_eval::facts::StateSource;
use iom_semantic::Stated;
use iom_state::document::{Format, Layer, Wanted};
use iom_state::rewritten::{Difference, Imprint, Rewritten};
use iom_state::tape::Strings;
use iom_stdlib::secrets;

use super::source::Claims;
use super::{Source, stated};

/// What is remembered of sources from one reading to the next.
#[derive(Debug, Default)]
pub struct Following {
    /// By source; nothing where they are not remembered.
    known: Vec<Known>,
    stated: Stated,
    /// What was different when they were looked at last, by source; nothing where that cannot be told.
    differences: Option<Vec<Option<Difference>>>,
}

#[derive(Debug)]
struct Known {
    name: String,
    layer: Option<Layer>,
    format: Option<Format>,
    claims: Claims,
    /// Of what was read.
    sha256: String,
    /// Of a file that can be compared with what it was.
    imprint: Option<Imprint>,
}

impl Known {
    fn is_of(&self, source: &Source) -> bool {
        source.configuration.is_none()
            && !source.is_found
            && (&self.name, self.layer, self.format, &self.claims)
                == (&source.name, source.layer, source.format, &source.claims)
    }

    /// What is different about a source; an outer nothing where that cannot be told.
    fn difference(&mut self, source: &Source) -> Option<Option<Difference>> {
        if !self.is_of(source) {
            return None;
        }
        match &mut self.imprint {
            Some(imprint) => {
                let difference = source.compare(imprint)?;
                self.sha256 = difference.sha256().to_owned();
                Some(Some(difference).filter(|difference| !difference.is_empty()))
            }
            None => source.says(&self.sha256).then_some(None),
        }
    }
}

impl Following {
    /// Looks at sources whose files may be others now, and says what they are as far as it asks for policies of its own.
    pub fn look(&mut self, sources: &[Source]) -> Stated {
        // What was not taken over when it was different is not known any more.
        let is_known = !self.is_different() && !self.known.is_empty() && self.known.len() == sources.len();
        let known = self.known.iter_mut().zip(sources);
        let differences: Option<Vec<Option<Difference>>> =
            if is_known { known.map(|(known, source)| known.difference(source)).collect() } else { None };
        let is_plain =
            |difference: &Difference| difference.texts().all(|text| !secrets::may_be_in(text.as_bytes()));
        self.stated = match &differences {
            Some(found) if !self.stated.secrets && found.iter().flatten().all(is_plain) => self.stated,
            _ => stated(sources),
        };
        if differences.is_none() {
            self.known.clear();
        }
        self.differences = differences;
        self.stated
    }

    /// What the sources were when they were looked at last.
    pub fn stated(&self) -> Stated {
        self.stated
    }

    fn is_different(&self) -> bool {
        self.differences.iter().flatten().any(Option::is_some)
    }

    /// What is different about sources since they were read: see [`iom_eval::session::Inputs::rewritten`].
    pub fn rewritten(
        &mut self,
        sources: &[Source],
        read: &[StateSource],
        wanted: &dyn Wanted,
        strings: &mut Strings,
    ) -> Option<Vec<Option<Rewritten>>> {
        let differences = self.differences.take()?;
        let mut rewritten = Vec::with_capacity(differences.len());
        for ((difference, state), source) in differences.into_iter().zip(read).zip(sources) {
            rewritten.push(match difference {
                Some(difference) => Some(difference.read(&state.document, wanted, strings)?),
                None => None,
            });
            source.is_read(
                rewritten
                    .last()
                    .and_then(Option::as_ref)
                    .map_or(&state.document.sha256, |new| &new.document.sha256),
            );
        }
        (rewritten.len() == read.len()).then_some(rewritten)
    }

    /// Forgets what is different: the sources are read as a whole.
    pub fn forget(&mut self) {
        self.known.clear();
        self.differences = None;
    }

    /// Remembers sources as they were read, if they are not remembered yet. It takes a moment for large files: longer than to
    /// compare them.
    pub fn remember(&mut self, sources: &[Source], read: &[StateSource]) {
        if !self.known.is_empty() || sources.len() != read.len() {
            return;
        }
        let known = |(source, state): (&Source, &StateSource)| Known {
            name: source.name.clone(),
            layer: source.layer,
            format: source.format,
            claims: source.claims.clone(),
            sha256: state.document.sha256.clone(),
            imprint: source.imprint(&state.document),
        };
        self.known = sources.iter().zip(read).map(known).collect();
    }
}
