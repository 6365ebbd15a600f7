//! YAML 1.2 with its core schema, as trees.

mod fault;
mod scalar;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use granit_parser::{Event, Options, Parser, ScalarStyle, StrInput, Tag};

use crate::document::{ImportError, ImportErrorKind};
use crate::place;
use crate::reader::DEPTH_LIMIT;
use crate::tape::Strings;
use crate::tree::{Builder, Mistake, Tree, TreeValue};

/// What stands before the names of YAML's own tags.
const OWN_TAGS: &str = "tag:yaml.org,2002:";

/// The documents of a text, one after the other.
pub(crate) struct YamlDocuments<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    builder: Builder<'t>,
}

/// What a tag makes of a value.
enum Tagged<'a> {
    /// There is none: a plain scalar is what it looks like.
    No,
    /// One of YAML's own.
    Own(&'a str),
    Other(String),
}

impl<'t> YamlDocuments<'t> {
    pub(crate) fn new(text: &'t str) -> YamlDocuments<'t> {
        let mut options = Options::default();
        options.flow_nesting_limit = DEPTH_LIMIT as usize;
        options.block_nesting_limit = DEPTH_LIMIT as usize;
        let parser = Parser::new_from_str_with_options(text, options);
        YamlDocuments { text, parser, builder: Builder::new() }
    }

    /// The next document, which may be empty; `None` at the end.
    ///
    /// # Errors
    /// Where the text is no YAML, has a name twice in one object, or has aliases without an end. The place is in the text.
    pub(crate) fn next(&mut self, strings: &mut Strings) -> Result<Option<&Tree<'t>>, ImportError> {
        match self.document(strings) {
            Ok(true) => Ok(Some(&self.builder.tree)),
            Ok(false) => Ok(None),
            Err(mistake) => Err(self.located(mistake, strings)),
        }
    }

    fn located(&self, mistake: Mistake, strings: &Strings) -> ImportError {
        ImportError {
            kind: ImportErrorKind::Malformed,
            message: mistake.message,
            file: None,
            pointer: Some(self.builder.pointer(strings)),
            place: Some(place::line_and_column(self.text, mistake.offset)),
        }
    }

    /// Reads a document; false at the end.
    fn document(&mut self, strings: &mut Strings) -> Result<bool, Mistake> {
        self.builder.start();
        let mut is_inside = false;
        while let Some(next) = self.parser.next_event() {
            let (event, span) = next.map_err(|error| fault::of_scanner(&error))?;
            let offset = span.start.byte_offset().unwrap_or_default() as u32;
            match event {
                Event::DocumentStart(..) => is_inside = true,
                Event::DocumentEnd => {
                    self.builder.finish(self.text)?;
                    return Ok(true);
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.scalar(text, style, anchor, tag.as_deref(), offset, strings)?;
                }
                Event::Alias(anchor) if self.builder.awaits_key() => {
                    let name = self.builder.aliased_text(anchor);
                    let name = name.ok_or_else(|| no_name(offset))?;
                    self.builder.key(&name, offset, strings);
                }
                Event::Alias(anchor) => self.builder.alias(anchor, offset)?,
                Event::SequenceStart(_, anchor, tag) => self.open(true, anchor, tag.as_deref(), offset)?,
                Event::MappingStart(_, anchor, tag) => self.open(false, anchor, tag.as_deref(), offset)?,
                Event::SequenceEnd | Event::MappingEnd => self.builder.close(self.text, strings)?,
                _ => {}
            }
        }
        Ok(is_inside)
    }

    fn open(&mut self, is_list: bool, anchor: usize, tag: Option<&Tag>, offset: u32) -> Result<(), Mistake> {
        if self.builder.awaits_key() {
            return Err(no_name(offset));
        }
        let tag = match tagged(tag) {
            Tagged::No => 0,
            Tagged::Own("seq") if is_list => 0,
            Tagged::Own("map") if !is_list => 0,
            Tagged::Own(name) => return Err(wrong_tag(name, offset)),
            Tagged::Other(name) => self.builder.tag(&name),
        };
        self.builder.open(is_list, offset, tag, anchor)
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        offset: u32,
        strings: &mut Strings,
    ) -> Result<(), Mistake> {
        let tag = tagged(tag);
        if self.builder.awaits_key() {
            return match tag {
                Tagged::No if text == "<<" && style == ScalarStyle::Plain => self.builder.merge_key(offset),
                Tagged::Other(name) => {
                    Err(Mistake::new(offset as usize, format!("a name can't have the tag `{name}`")))
                }
                _ => {
                    self.builder.key(&text, offset, strings);
                    self.builder.anchored_key(text, offset, anchor);
                    Ok(())
                }
            };
        }
        let is_plain = style == ScalarStyle::Plain;
        let (value, tag) = match tag {
            Tagged::No if is_plain => (scalar::resolve(text), 0),
            Tagged::No | Tagged::Own("str") => (TreeValue::Text(text), 0),
            Tagged::Own(name) => {
                let value = scalar::resolve(text);
                (scalar::as_tagged(value, name).ok_or_else(|| wrong_tag(name, offset))?, 0)
            }
            Tagged::Other(name) => {
                let tag = self.builder.tag(&name);
                (if is_plain { scalar::resolve(text) } else { TreeValue::Text(text) }, tag)
            }
        };
        self.builder.scalar(value, offset, tag, anchor);
        Ok(())
    }
}

fn tagged(tag: Option<&Tag>) -> Tagged<'_> {
    let Some(tag) = tag else { return Tagged::No };
    match tag.parts() {
        (OWN_TAGS, name @ ("str" | "int" | "float" | "bool" | "null" | "seq" | "map")) => Tagged::Own(name),
        // `! text` says that it is text, whatever it looks like.
        ("", "!") | ("!", "") => Tagged::Own("str"),
        _ => Tagged::Other(tag.original()),
    }
}

fn wrong_tag(name: &str, offset: u32) -> Mistake {
    Mistake::new(offset as usize, format!("the value is not what its tag `!!{name}` says"))
}

fn no_name(offset: u32) -> Mistake {
    Mistake::new(offset as usize, "a list or an object stands where the name of a member should be (YAML)")
}
