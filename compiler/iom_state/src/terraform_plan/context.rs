//! What reading a plan needs throughout.

use rustc_hash::FxHashMap;

use crate::document::{AttributeFilter, Wanted};
use crate::fault::Fault;
use crate::reader::Reader;
use crate::scratch::Scratch;
use crate::tape::{Strings, Symbol, Tape};
use crate::values::{Keep, TapeWriter};

/// The text, the strings, the tape, and what is wanted.
pub(crate) struct Context<'a> {
    pub text: &'a str,
    pub strings: &'a mut Strings,
    pub wanted: &'a dyn Wanted,
    pub scratch: Scratch,
    /// The empty text.
    pub no_key: Symbol,
    pub filters: FxHashMap<(Symbol, bool), Option<AttributeFilter<'a>>>,
    /// The values kept.
    pub tape: Tape,
    /// No part of the plan says more about an object's values than stands with the object, so that they are read on the
    /// way: set where `resource_changes` does not occur in the text.
    pub reads_on_the_way: bool,
}

impl<'a> Context<'a> {
    /// What to keep of a type's objects.
    pub(crate) fn filter(&mut self, source_type: Symbol, is_data: bool) -> Option<AttributeFilter<'a>> {
        let Context { strings, wanted, filters, .. } = self;
        *filters
            .entry((source_type, is_data))
            .or_insert_with(|| wanted.attributes(strings.resolve(&source_type), is_data))
    }

    pub(crate) fn intern(&mut self, reader: &mut Reader) -> Result<Symbol, Fault> {
        reader.text(|text| self.scratch.cache.intern(text, self.strings))
    }

    /// A writer to the tape of the values kept.
    pub(crate) fn writer(&mut self, keep: Keep) -> TapeWriter<'_> {
        TapeWriter {
            text: self.text,
            tape: &mut self.tape,
            strings: self.strings,
            scratch: &mut self.scratch,
            no_key: self.no_key,
            keep,
        }
    }
}
