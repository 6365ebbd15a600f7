//! What reading a plan needs throughout.

use rustc_hash::FxHashMap;

use super::listed::{Listed, ResourceKey};
use crate::document::{AttributeFilter, Wanted};
use crate::fault::Fault;
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
    /// The empty text.
    pub no_key: Symbol,
    /// What is kept of types, in the order in which they were found.
    kept: Vec<Kept<'a>>,
    /// By type, where in `kept` it stands; `None` where nothing is kept of it.
    types: FxHashMap<(Symbol, bool), Option<usize>>,
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
        let no_key = strings.get_or_intern("");
        Context {
            text,
            strings,
            wanted,
            scratch: Scratch::default(),
            no_key,
            kept: Vec::new(),
            types: FxHashMap::default(),
            usual_resource: Usual::default(),
            last_provider: None,
            tape: Tape::default(),
            reads_on_the_way,
            sources: None,
        }
    }

    /// Where what is kept of a type stands.
    fn number(&mut self, source_type: (Symbol, bool)) -> Option<usize> {
        if let Some(known) = self.types.get(&source_type) {
            return *known;
        }
        let filter = self.wanted.attributes(self.strings.resolve(&source_type.0), source_type.1);
        let number = filter.map(|filter| {
            let (values, shapes) = (UsualNames::default(), UsualNames::default());
            self.kept.push(Kept { filter, values, shapes, tape: Tape::default() });
            self.kept.len() - 1
        });
        self.types.insert(source_type, number);
        number
    }

    fn kept(&mut self, source_type: (Symbol, bool)) -> Option<&mut Kept<'a>> {
        let number = self.number(source_type)?;
        self.kept.get_mut(number)
    }

    /// What to keep of a type's objects.
    pub(crate) fn filter(&mut self, source_type: Symbol, is_data: bool) -> Option<AttributeFilter<'a>> {
        self.kept((source_type, is_data)).map(|kept| kept.filter)
    }

    /// Whether anything of an object is kept.
    pub(crate) fn is_wanted(&self, listed: &Listed) -> bool {
        self.types.get(&(listed.source_type, listed.is_data)).is_none_or(Option::is_some)
    }

    /// Reads something that has the names of a type's attributes with what is usual of them: of the values, or of the
    /// trees laid over them.
    pub(crate) fn with_usual<R>(
        &mut self,
        source_type: (Symbol, bool),
        is_shape: bool,
        read: impl FnOnce(&mut Self, &mut UsualNames) -> R,
    ) -> R {
        let kept = self.kept(source_type);
        let mut usual = kept.map(|kept| std::mem::take(kept.usual(is_shape))).unwrap_or_default();
        let result = read(self, &mut usual);
        if let Some(kept) = self.kept(source_type) {
            *kept.usual(is_shape) = usual;
        }
        result
    }

    /// Reads values of a type with what is usual of them, to the tape of that type's objects; nothing where nothing of the type
    /// is kept. Says which tape it is.
    pub(crate) fn read_apart<R>(
        &mut self,
        source_type: (Symbol, bool),
        read: impl FnOnce(&mut Self, AttributeFilter<'a>, &mut UsualNames) -> R,
    ) -> Option<(u32, R)> {
        let number = self.number(source_type)?;
        let kept = self.kept.get_mut(number)?;
        let mut usual = std::mem::take(&mut kept.values);
        let filter = kept.filter;
        std::mem::swap(&mut self.tape, &mut kept.tape);
        let result = read(self, filter, &mut usual);
        let kept = self.kept.get_mut(number)?;
        std::mem::swap(&mut self.tape, &mut kept.tape);
        kept.values = usual;
        Some((number as u32, result))
    }

    /// Does something with the tape of a type's objects in the place of the one for all.
    pub(crate) fn on_tape<R>(&mut self, number: u32, act: impl FnOnce(&mut Self) -> R) -> R {
        let swap = |context: &mut Self| {
            if let Some(kept) = context.kept.get_mut(number as usize) {
                std::mem::swap(&mut context.tape, &mut kept.tape);
            }
        };
        swap(self);
        let result = act(self);
        swap(self);
        result
    }

    /// Puts the tapes of all types one behind the other, and says how far each was moved.
    pub(crate) fn join_tapes(&mut self) -> Vec<u32> {
        let kept = self.kept.iter_mut().enumerate();
        let mut tapes: Vec<(usize, Tape)> =
            kept.map(|(number, kept)| (number, std::mem::take(&mut kept.tape))).collect();
        // The largest stays where it is.
        tapes.sort_unstable_by_key(|(number, tape)| (std::cmp::Reverse(tape.len()), *number));
        let mut moved = vec![0; self.kept.len()];
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
            if let Some(slot) = moved.get_mut(number) {
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

    /// Interns an address: most are long and not seen often, so nothing is gained by looking among the usual texts.
    pub(crate) fn intern_address(&mut self, reader: &mut Reader) -> Result<Symbol, Fault> {
        reader.text(|text| self.strings.get_or_intern(text))
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
