//! JSON text in which some values are not known: read as far as it goes, so that a policy written as a template is a policy.

use super::template::Piece;
use super::value::{Shape, Value, graver};
use crate::ends::Assembly;
use crate::tape::UnknownCause;

/// Deeper nesting is no document.
const MOST_DEPTH: u32 = 64;

/// What a text reads as; `None` where it is no JSON object or list whatever stands in the holes. Commas may trail.
pub(super) fn with_holes(pieces: &[Piece], offset: u32) -> Option<Value> {
    let begins = pieces.iter().find_map(|piece| match piece {
        Piece::Known(text) => text.trim_start().chars().next(),
        Piece::Hole(_) => Some('?'),
    })?;
    if !matches!(begins, '{' | '[') {
        return None;
    }
    let mut signs = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Known(text) => signs.extend(text.chars().map(Sign::Character)),
            Piece::Hole(value) => signs.push(Sign::Hole(value)),
        }
    }
    let mut reading = Reading { signs: &signs, position: 0, offset };
    let value = reading.value(0)?;
    reading.blanks();
    (reading.position == signs.len()).then_some(value)
}

#[derive(Clone, Copy)]
enum Sign<'p> {
    Character(char),
    Hole(&'p Value),
}

struct Reading<'s, 'p> {
    signs: &'s [Sign<'p>],
    position: usize,
    offset: u32,
}

impl<'p> Reading<'_, 'p> {
    fn sign(&self) -> Option<Sign<'p>> {
        self.signs.get(self.position).copied()
    }

    fn character(&self) -> Option<char> {
        match self.sign()? {
            Sign::Character(character) => Some(character),
            Sign::Hole(_) => None,
        }
    }

    fn blanks(&mut self) {
        while self.character().is_some_and(|character| matches!(character, ' ' | '\t' | '\r' | '\n')) {
            self.position += 1;
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        self.blanks();
        let is_it = self.character() == Some(wanted);
        self.position += usize::from(is_it);
        is_it
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        self.blanks();
        if depth > MOST_DEPTH {
            return None;
        }
        let offset = self.offset;
        match self.sign()? {
            Sign::Hole(hole) => {
                self.position += 1;
                Some(match &hole.shape {
                    // `${jsonencode(x)}`: what it encodes stands here.
                    Shape::Json(_, inside) => (**inside).clone(),
                    _ => Value { shape: Shape::Unknown(hole.doubt()?), ..hole.clone() },
                })
            }
            Sign::Character('"') => self.text(),
            Sign::Character('[') => {
                self.position += 1;
                let mut items = Vec::new();
                while !self.take(']') {
                    items.push(self.value(depth + 1)?);
                    if !self.take(',') && !self.ends_with(']') {
                        return None;
                    }
                }
                Some(Value::list(items, offset))
            }
            Sign::Character('{') => {
                self.position += 1;
                let mut members = Vec::new();
                while !self.take('}') {
                    self.blanks();
                    let name = self.text()?;
                    if !self.take(':') {
                        return None;
                    }
                    let value = self.value(depth + 1)?;
                    members.push((name.to_text()?, value));
                    if !self.take(',') && !self.ends_with('}') {
                        return None;
                    }
                }
                Some(Value::object(members, offset))
            }
            Sign::Character(_) => self.word(),
        }
    }

    fn ends_with(&mut self, end: char) -> bool {
        self.blanks();
        self.character() == Some(end)
    }

    /// `true`, `12.5`
    fn word(&mut self) -> Option<Value> {
        let mut word = String::new();
        while let Some(character) = self.character() {
            if !(character.is_ascii_alphanumeric() || matches!(character, '-' | '+' | '.')) {
                break;
            }
            word.push(character);
            self.position += 1;
        }
        let shape = match word.as_str() {
            "true" => Shape::Bool(true),
            "false" => Shape::Bool(false),
            "null" => Shape::Null,
            number => match number.parse() {
                Ok(value) => Shape::Int(value),
                Err(_) => {
                    number.parse::<f64>().ok()?;
                    Shape::Number(number.into())
                }
            },
        };
        Some(Value::new(shape, self.offset))
    }

    /// A text; one with holes is known up to the first. What stands in quotes is a text, and taken as one that says something.
    fn text(&mut self) -> Option<Value> {
        if !self.take('"') {
            return None;
        }
        let mut known = Assembly::default();
        let mut doubt: Option<UnknownCause> = None;
        let mut value = Value::new(Shape::Null, self.offset);
        loop {
            let sign = self.sign()?;
            self.position += 1;
            match sign {
                Sign::Character('"') => break,
                Sign::Character('\\') => {
                    let character = self.escape()?;
                    known.push(character.encode_utf8(&mut [0; 4]));
                }
                Sign::Character('\n') => return None,
                Sign::Character(character) => known.push(character.encode_utf8(&mut [0; 4])),
                Sign::Hole(hole) => {
                    hole.push_to(&mut known);
                    doubt = graver(doubt, hole.doubt().or(Some(UnknownCause::NotReported)));
                    value.inherit(hole);
                }
            }
        }
        value.shape = match known.finish() {
            Ok(text) => Shape::Text(text.into()),
            Err(ends) => Shape::Partial(doubt.unwrap_or(UnknownCause::NotReported), ends.unwrap_or_default()),
        };
        Some(value)
    }

    fn escape(&mut self) -> Option<char> {
        let character = self.character()?;
        self.position += 1;
        Some(match character {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let mut code = 0;
                for _ in 0..4 {
                    code = code * 16 + self.character()?.to_digit(16)?;
                    self.position += 1;
                }
                char::from_u32(code).unwrap_or('\u{fffd}')
            }
            other => other,
        })
    }
}
