//! What the scanner says is wrong, in words. Nothing of the text is repeated: it may be a secret.

use granit_parser::{ErrorKind, ScanError};

use crate::reader::DEPTH_LIMIT;
use crate::tree::Mistake;

pub(crate) fn of_scanner(error: &ScanError) -> Mistake {
    let offset = error.marker().byte_offset().unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            "a tab stands where only spaces may indent (YAML)".to_owned()
        }
        ErrorKind::RecursionLimitExceeded => format!("nested more than {DEPTH_LIMIT} levels deep"),
        ErrorKind::UnknownAnchor => "nothing before this has the name that the alias asks for".to_owned(),
        ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnclosedQuotedScalar
        | ErrorKind::UnclosedFlowCollection { .. } => {
            "something that began here or before has no end: the YAML is cut off".to_owned()
        }
        ErrorKind::UnexpectedCharacter { .. } => "a character that can't stand here (YAML)".to_owned(),
        ErrorKind::Custom(_) | ErrorKind::InputDecoding { .. } | ErrorKind::InputIo { .. } => {
            "not YAML".to_owned()
        }
        other => format!("{other} (YAML)"),
    };
    Mistake::new(offset, message)
}
