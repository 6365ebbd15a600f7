//! Our places and diagnostics in the protocol's words, and back.

use iom_base::Span;
use iom_base::{Lines, TextRange, TextSize, WideEncoding};
use iom_diagnostics::render::harmless;
use iom_diagnostics::{Diagnostic, Label, Severity, code};
use iom_ide::Symbol;
use tower_lsp_server::ls_types::{
    self, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, DocumentSymbol, Location,
    NumberOrString, Position, Range, SymbolKind,
};

/// How characters on a line are counted, as agreed with the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Encoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

/// The byte offset of a position; what lies past a line's or the file's end is taken as that end.
pub fn offset(text: &str, lines: &Lines, position: Position, encoding: Encoding) -> usize {
    let Some(range) = lines.line(position.line.saturating_add(1)) else { return text.len() };
    let start = usize::from(range.start());
    let line = text[range].trim_end_matches(['\n', '\r']);
    let wanted = position.character as usize;
    let mut counted = 0;
    for (at, character) in line.char_indices() {
        if counted >= wanted {
            return start + at;
        }
        counted += match encoding {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
            Encoding::Utf32 => 1,
        };
    }
    start + line.len()
}

/// The position of a byte offset; one past the end is taken as the end, one inside a character as its start.
pub fn position(lines: &Lines, offset: TextSize, encoding: Encoding) -> Position {
    let index = lines.index();
    let offset = u32::from(offset.min(index.len()));
    let wide = |wide| {
        // A character has at most four bytes.
        let mut starts = (0..4).filter_map(|back| index.try_line_col(offset.checked_sub(back)?.into()));
        let byte = starts.next()?;
        let column = index.to_wide(wide, byte).map_or(byte.col, |wide| wide.col);
        Some(Position { line: byte.line, character: column })
    };
    let found = match encoding {
        Encoding::Utf8 => {
            let mut starts = (0..4).filter_map(|back| index.try_line_col(offset.checked_sub(back)?.into()));
            starts.next().map(|place| Position { line: place.line, character: place.col })
        }
        Encoding::Utf16 => wide(WideEncoding::Utf16),
        Encoding::Utf32 => wide(WideEncoding::Utf32),
    };
    found.unwrap_or_default()
}

pub fn range(lines: &Lines, range: TextRange, encoding: Encoding) -> Range {
    Range { start: position(lines, range.start(), encoding), end: position(lines, range.end(), encoding) }
}

/// The same message that the command line shows, with what it shows below the excerpt. `locate` gives the places of other
/// labels.
pub fn diagnostic(
    found: &Diagnostic<Span>,
    range: Range,
    locate: impl Fn(Span) -> Option<Location>,
) -> ls_types::Diagnostic {
    let mut message = found.message.clone();
    let label = Some(&found.primary.message).filter(|label| !label.is_empty());
    for line in label.into_iter().chain(&found.notes).chain(&found.help) {
        message.push('\n');
        message.push_str(line);
    }
    let related = |label: &Label<Span>| {
        let message = if label.message.is_empty() { "here".to_owned() } else { label.message.clone() };
        let message = harmless(&message).into_owned();
        Some(DiagnosticRelatedInformation { location: locate(label.place)?, message })
    };
    let related: Vec<_> = found.secondary.iter().filter_map(related).collect();
    ls_types::Diagnostic {
        range,
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(found.code.to_string())),
        source: Some("iom".to_owned()),
        // Names out of a file may hold anything.
        message: harmless(&message).into_owned(),
        related_information: (!related.is_empty()).then_some(related),
        tags: (found.code == code::UNUSED_IMPORT).then(|| vec![DiagnosticTag::UNNECESSARY]),
        ..ls_types::Diagnostic::default()
    }
}

#[allow(deprecated, reason = "the protocol's type has a field that must be set and not used")]
pub fn symbol(lines: &Lines, found: &Symbol, encoding: Encoding) -> DocumentSymbol {
    DocumentSymbol {
        name: found.name.to_string(),
        detail: Some(found.keyword.to_owned()),
        kind: symbol_kind(found.keyword),
        tags: None,
        deprecated: None,
        range: range(lines, found.range, encoding),
        selection_range: range(lines, found.name_range, encoding),
        children: (!found.children.is_empty())
            .then(|| found.children.iter().map(|one| symbol(lines, one, encoding)).collect()),
    }
}

/// The icon of a declaration, or of what is declared inside of one.
pub fn symbol_kind(keyword: &str) -> SymbolKind {
    match keyword {
        "module" => SymbolKind::MODULE,
        "kind" => SymbolKind::CLASS,
        "trait" => SymbolKind::INTERFACE,
        "type" => SymbolKind::STRUCT,
        "resource" => SymbolKind::OBJECT,
        "const" | "data" => SymbolKind::CONSTANT,
        "fn" | "policy" | "authority" | "blueprint" => SymbolKind::FUNCTION,
        "test" => SymbolKind::METHOD,
        "field" => SymbolKind::FIELD,
        "parameter" => SymbolKind::VARIABLE,
        "value" => SymbolKind::ENUM_MEMBER,
        "clause" => SymbolKind::EVENT,
        _ => SymbolKind::KEY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    #[test]
    fn positions_count_as_agreed() {
        let text = "a🦀é漢\r\nnext";
        let lines = Lines::new(text);
        for (encoding, character) in [(Encoding::Utf8, 7), (Encoding::Utf16, 4), (Encoding::Utf32, 3)] {
            let place = Position { line: 0, character };
            assert_eq!(offset(text, &lines, place, encoding), 7);
            assert_eq!(position(&lines, TextSize::new(7), encoding), place);
        }
    }

    #[test]
    fn what_lies_past_an_end_is_that_end() {
        let text = "a🦀é\r\nnext";
        let lines = Lines::new(text);
        for encoding in ALL {
            let at = |line, character| offset(text, &lines, Position { line, character }, encoding);
            assert_eq!(at(0, 99), 7, "before the line ends");
            assert_eq!(at(1, 2), 11);
            assert_eq!(at(1, u32::MAX), text.len());
            assert_eq!(at(9, 0), text.len());
            assert_eq!(at(u32::MAX, u32::MAX), text.len());
            assert_eq!(position(&lines, TextSize::new(999), encoding), Position { line: 1, character: 4 });
        }
    }

    #[test]
    fn every_offset_has_a_position_that_leads_back_to_its_character() {
        let text = "é🦀\n漢字 = 1\n";
        let lines = Lines::new(text);
        for encoding in ALL {
            for at in 0..=text.len() {
                let place = position(&lines, TextSize::new(at as u32), encoding);
                assert_eq!(offset(text, &lines, place, encoding), text.floor_char_boundary(at));
            }
        }
    }
}
