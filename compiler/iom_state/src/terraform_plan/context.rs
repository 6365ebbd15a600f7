//! What reading a plan needs throughout.

use rustc_hash::FxHashMap;

use super::listed::{Listed, ResourceKey};
use crate::document::{AttributeFilter, Wanted};
use crate::fault::Fault;
use crate::interner::AddressCache;
use crate::reader::Reader;
use crate::scratch::Scratch;
use crate::tape::{Strings, Symbol, Tape};
use crate::terraform_sources::TerraformSources;
use crate::usual::Usual;
use crate::values::{Keep, TapeWriter, UsualNames};

/// The text, the strings, the tape, and what is wanted.
pub(crate) struct Context<'a> {
    pub text: &'a str,
    pub strings: &'a mut Strings,
    pub wanted: &'a dyn Wanted,
    pub scratch: Scratch,
    addresses: AddressCache,
    /// The empty text.
    pub no_key: Symbol,
    kept: FxHashMap<(Symbol, bool), Option<Kept<'a>>>,
    /// How many types something is kept of.
    types: u32,
    /// How entries of `resources` lists are written.
    pub usual_resource: Usual<ResourceKey>,
    /// The provider of the object read last: there are few.
    last_provider: Option<(String, Symbol)>,
    /// The values kept.
    pub tape: Tape,
    /// No part of the plan says more about an object's values than stands with the object, so that they are read on the
    /// way: set where `resource_changes` does not occur in the text.
    pub reads_on_the_way: bool,
    /// The configuration beside the plan.
    pub sources: Option<&'a TerraformSources>,
}

/// What is kept of one type's objects, and how they are usually written.
struct Kept<'a> {
    filter: AttributeFilter<'a>,
    values: UsualNames,
    shapes: UsualNames,
    /// What was read on the way, until everything is. Who looks at one object of a type looks at the next one then, so
    /// those of one type stand together.
    tape: Tape,
    /// Counts types in the order in which they were found.
    number: u32,
}

impl Kept<'_> {
    fn usual(&mut self, is_shape: bool) -> &mut UsualNames {
        if is_shape { &mut self.shapes } else { &mut self.values }
    }
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        text: &'a str,
        wanted: &'a dyn Wanted,
        strings: &'a mut Strings,
        reads_on_the_way: bool,
    ) -> Context<'a> {
        let no_key = strings.get_or_intern_static("");
        Context {
            text,
            strings,
            wanted,
            scratch: Scratch::default(),
            addresses: AddressCache::default(),
            no_key,
            kept: FxHashMap::default(),
            types: 0,
            usual_resource: Usual::default(),
            last_provider: None,
            tape: Tape::default(),
            reads_on_the_way,
            sources: None,
        }
    }

    fn kept(&mut self, source_type: Symbol, is_data: bool) -> Option<&mut Kept<'a>> {
        let Context { strings, wanted, kept, types, .. } = self;
        kept.entry((source_type, is_data))
            .or_insert_with(|| {
                let filter = wanted.attributes(strings.resolve(&source_type), is_data)?;
                let (values, shapes) = (UsualNames::default(), UsualNames::default());
                let number = *types;
                *types += 1;
                Some(Kept { filter, values, shapes, tape: Tape::default(), number })
            })
            .as_mut()
    }

    /// What to keep of a type's objects.
    pub(crate) fn filter(&mut self, source_type: Symbol, is_data: bool) -> Option<AttributeFilter<'a>> {
        self.kept(source_type, is_data).map(|kept| kept.filter)
    }

    /// Whether anything of an object is kept.
    pub(crate) fn is_wanted(&self, listed: &Listed) -> bool {
        self.kept.get(&(listed.source_type, listed.is_data)).is_none_or(Option::is_some)
    }

    /// Reads something that has the names of a type's attributes with what is usual of them: of the values, or of the
    /// trees laid over them.
    pub(crate) fn with_usual<R>(
        &mut self,
        (source_type, is_data): (Symbol, bool),
        is_shape: bool,
        read: impl FnOnce(&mut Self, &mut UsualNames) -> R,
    ) -> R {
        let kept = self.kept(source_type, is_data);
        let mut usual = kept.map(|kept| std::mem::take(kept.usual(is_shape))).unwrap_or_default();
        let result = read(self, &mut usual);
        if let Some(kept) = self.kept(source_type, is_data) {
            *kept.usual(is_shape) = usual;
        }
        result
    }

    /// Does something with the tape of a type's objects in the place of the one for all, and says which one it is.
    pub(crate) fn on_tape_of<R>(
        &mut self,
        source_type: (Symbol, bool),
        act: impl FnOnce(&mut Self) -> R,
    ) -> (u32, R) {
        let swap = |context: &mut Self| match context.kept.get_mut(&source_type) {
            Some(Some(kept)) => {
                std::mem::swap(&mut context.tape, &mut kept.tape);
                kept.number
            }
            _ => u32::MAX,
        };
        swap(self);
        let result = act(self);
        (swap(self), result)
    }

    /// Puts the tapes of all types one behind the other, and says how far each was moved.
    pub(crate) fn join_tapes(&mut self) -> Vec<u32> {
        let kept = self.kept.values_mut().flatten();
        let mut tapes: Vec<(u32, Tape)> =
            kept.map(|kept| (kept.number, std::mem::take(&mut kept.tape))).collect();
        // The largest stays where it is.
        tapes.sort_unstable_by_key(|(number, tape)| (std::cmp::Reverse(tape.len()), *number));
        let mut moved = vec![0; self.types as usize];
        let all: usize = tapes.iter().map(|(_, tape)| tape.len()).sum();
        for (number, tape) in tapes {
            let by = match self.tape.is_empty() {
                true => {
                    self.tape = tape;
                    self.tape.reserve(all.saturating_sub(self.tape.len()));
                    0
                }
                false => self.tape.append(tape),
            };
            if let Some(slot) = moved.get_mut(number as usize) {
                *slot = by;
            }
        }
        moved
    }

    /// A provider's name.
    pub(crate) fn provider(&mut self, reader: &mut Reader) -> Result<Symbol, Fault> {
        let Context { last_provider, strings, .. } = self;
        reader.text(|text| match last_provider {
            Some((last, symbol)) if last == text => *symbol,
            _ => {
                let symbol = strings.get_or_intern(text);
                *last_provider = Some((text.to_owned(), symbol));
                symbol
            }
        })
    }

    /// Interns an address: those that are seen again are seen soon.
    pub(crate) fn intern_address(&mut self, reader: &mut Reader) -> Result<Symbol, Fault> {
        reader.text(|text| self.addresses.intern(text, self.strings))
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
