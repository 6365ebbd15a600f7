//! Templates: texts with values in them.

use std::rc::Rc;

use super::evaluate::{Evaluator, LONGEST_TEXT};
use super::json_text;
use super::operators::{not_computed, truth};
use super::syntax::{Part, TemplateFor};
use super::value::{Shape, Value, graver};
use crate::ends::Assembly;
use crate::tape::UnknownCause;

/// A text in the making, with holes where values are not known.
pub(super) struct Written {
    pub pieces: Vec<Piece>,
    length: usize,
    /// What the text came from.
    whole: Value,
}

pub(super) enum Piece {
    Known(Rc<str>),
    Hole(Value),
}

impl Evaluator<'_> {
    pub fn template(&mut self, parts: &[Part], offset: u32) -> Value {
        let mut written = Written { pieces: Vec::new(), length: 0, whole: Value::new(Shape::Null, offset) };
        match self.write_parts(parts, &mut written, offset) {
            Ok(()) => written.finish(offset),
            Err(value) => value,
        }
    }

    /// Writes the parts of a template; an error is what the whole becomes.
    fn write_parts(&mut self, parts: &[Part], written: &mut Written, offset: u32) -> Result<(), Value> {
        for part in parts {
            match part {
                Part::Literal(text) => self.write_text(Rc::clone(text), written, offset)?,
                Part::Value(expression) => {
                    let value = self.expression(expression);
                    written.whole.inherit(&value);
                    match (value.to_text(), value.is_known()) {
                        (Some(text), _) => self.write_text(text, written, offset)?,
                        // Null, lists and objects are no text.
                        (None, true) => return Err(not_computed(&[&value], offset)),
                        (None, false) => written.pieces.push(Piece::Hole(value)),
                    }
                }
                Part::If(choice) => {
                    let condition = self.expression(&choice.0);
                    match truth(&condition) {
                        Some(true) => self.write_parts(&choice.1, written, offset)?,
                        Some(false) => self.write_parts(&choice.2, written, offset)?,
                        None => {
                            written.whole.inherit(&condition);
                            written.pieces.push(Piece::Hole(not_computed(&[&condition], offset)));
                        }
                    }
                }
                Part::For(all) => self.write_all(all, written, offset)?,
            }
        }
        Ok(())
    }

    fn write_all(&mut self, all: &TemplateFor, written: &mut Written, offset: u32) -> Result<(), Value> {
        let over = self.expression(&all.over);
        let Some(pairs) = self.pairs(&over) else {
            written.whole.inherit(&over);
            written.pieces.push(Piece::Hole(not_computed(&[&over], offset)));
            return Ok(());
        };
        for (key, item) in pairs {
            let before = self.scope.len();
            if let Some(name) = &all.key_name {
                self.scope.push((name.clone(), key));
            }
            self.scope.push((all.value_name.clone(), item));
            let result = self.write_parts(&all.body, written, offset);
            self.scope.truncate(before);
            result?;
        }
        Ok(())
    }

    fn write_text(&mut self, text: Rc<str>, written: &mut Written, offset: u32) -> Result<(), Value> {
        written.length += text.len();
        if written.length > LONGEST_TEXT || !self.charge(text.len() as u64 / 8, offset) {
            self.remark("a text of more than 1 MiB is not made: it is not known".to_owned(), offset);
            return Err(Value::elsewhere(offset));
        }
        written.pieces.push(Piece::Known(text));
        Ok(())
    }
}

impl Written {
    fn finish(self, offset: u32) -> Value {
        let Written { pieces, length, whole } = self;
        let mut doubt = None;
        let mut text = Assembly::with_capacity(length);
        for piece in &pieces {
            match piece {
                Piece::Known(known) => text.push(known),
                Piece::Hole(hole) => {
                    hole.push_to(&mut text);
                    doubt = graver(doubt, hole.doubt().or(Some(UnknownCause::NotReported)));
                }
            }
        }
        let mut value = Value { offset, ..whole };
        value.shape = match doubt {
            Some(UnknownCause::Invalid) => Shape::Unknown(UnknownCause::Invalid),
            Some(cause) => match json_text::with_holes(&pieces, offset) {
                Some(inside) => Shape::Json(cause, Rc::new(inside)),
                None => Shape::of_parts(text, cause),
            },
            None => Shape::of_parts(text, UnknownCause::NotReported),
        };
        if let Shape::Json(_, inside) = &value.shape {
            let inside = Rc::clone(inside);
            value.inherit_all(&inside);
        }
        value
    }
}
