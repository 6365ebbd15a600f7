//! Errors while reading, before they get a line, a column and a pointer.

use jiter::{JiterError, JiterErrorType, JsonErrorType};

use crate::document::{ImportError, ImportErrorKind};
use crate::place;

/// Something that ends an import, with the byte offset in the decoded text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub kind: ImportErrorKind,
    pub offset: usize,
    pub message: String,
}

impl Fault {
    pub(crate) fn malformed(offset: usize, message: impl Into<String>) -> Fault {
        Fault { kind: ImportErrorKind::Malformed, offset, message: message.into() }
    }

    /// A fault of the JSON reader. The message never quotes the text: it may be a secret.
    pub(crate) fn of_json(error: &JiterError, base: usize) -> Fault {
        let message = match &error.error_type {
            JiterErrorType::JsonError(kind) => describe(kind),
            JiterErrorType::WrongType { expected, actual } => {
                return Fault::malformed(base + error.index, format!("expected {expected}, found {actual}"));
            }
        };
        Fault::malformed(base + error.index, message)
    }

    /// The error as callers see it, with the place found in the text.
    pub(crate) fn locate(self, text: &str) -> ImportError {
        // What a file is says nothing about a place in it.
        if self.kind == ImportErrorKind::NotThisFormat {
            return ImportError { kind: self.kind, message: self.message, pointer: None, place: None };
        }
        ImportError {
            kind: self.kind,
            message: self.message,
            pointer: Some(place::pointer_at(text, self.offset)),
            place: Some(place::line_and_column(text, self.offset)),
        }
    }
}

fn describe(kind: &JsonErrorType) -> &'static str {
    match kind {
        JsonErrorType::EofWhileParsingList
        | JsonErrorType::EofWhileParsingObject
        | JsonErrorType::EofWhileParsingString
        | JsonErrorType::EofWhileParsingValue => "the JSON ends too early: the file is cut off",
        JsonErrorType::ExpectedColon => "a `:` is missing after the name (JSON)",
        JsonErrorType::ExpectedListCommaOrEnd => "a `,` or `]` is missing (JSON)",
        JsonErrorType::ExpectedObjectCommaOrEnd => "a `,` or `}` is missing (JSON)",
        JsonErrorType::ExpectedSomeIdent | JsonErrorType::ExpectedSomeValue => "a JSON value is missing",
        JsonErrorType::InvalidEscape => "unknown escape sequence in a JSON string",
        JsonErrorType::InvalidNumber => "not a JSON number",
        JsonErrorType::NumberOutOfRange => "the number has too many digits",
        JsonErrorType::InvalidUnicodeCodePoint => "the string holds something that is no character",
        JsonErrorType::ControlCharacterWhileParsingString => {
            "a control character in a JSON string must be escaped"
        }
        JsonErrorType::KeyMustBeAString => "the name of a member must be a string (JSON)",
        JsonErrorType::LoneLeadingSurrogateInHexEscape | JsonErrorType::UnexpectedEndOfHexEscape => {
            "half of a surrogate pair (`\\uD800` to `\\uDFFF`) stands alone"
        }
        JsonErrorType::TrailingComma => "a `,` too many (JSON)",
        JsonErrorType::TrailingCharacters => "something follows the end of the JSON document",
        JsonErrorType::RecursionLimitExceeded => "nested too deeply",
        _ => "not JSON",
    }
}
