//! Errors while reading, before they get a line, a column and a pointer.

use jiter::{JiterError, JiterErrorType, JsonErrorType};

use crate::document::{ImportError, ImportErrorKind};
use crate::place;

/// Something that ends an import. Boxed: every value that is read comes in a `Result` with one, and most are small.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault(Box<Parts>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Parts {
    kind: ImportErrorKind,
    /// The byte offset in the decoded text.
    offset: usize,
    message: String,
}

impl Fault {
    #[cold]
    pub(crate) fn new(kind: ImportErrorKind, offset: usize, message: impl Into<String>) -> Fault {
        Fault(Box::new(Parts { kind, offset, message: message.into() }))
    }

    #[cold]
    pub(crate) fn malformed(offset: usize, message: impl Into<String>) -> Fault {
        Fault::new(ImportErrorKind::Malformed, offset, message)
    }

    pub(crate) fn kind(&self) -> ImportErrorKind {
        self.0.kind
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
        let Parts { kind, offset, message } = *self.0;
        // What a file is says nothing about a place in it.
        let has_place = kind != ImportErrorKind::NotThisFormat;
        ImportError {
            kind,
            message,
            file: None,
            pointer: has_place.then(|| place::pointer_at(text, offset)),
            place: has_place.then(|| place::line_and_column(text, offset)),
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
