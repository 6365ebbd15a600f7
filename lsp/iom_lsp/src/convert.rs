//! Our places and diagnostics in the protocol's words.

use iom_base::{Lines, Span, TextRange, TextSize, WideEncoding};
use iom_diagnostics::{Diagnostic, Label, Severity};
use iom_ide::{Analysis, Symbol};
use tower_lsp_server::ls_types::{
    self, DiagnosticRelatedInformation, DiagnosticSeverity, DocumentSymbol, Location, NumberOrString,
    Position, Range, SymbolKind, Uri,
};

/// How characters on a line are counted, as agreed with the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16,
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
        };
    }
    start + line.len()
}

pub fn position(lines: &Lines, offset: TextSize, encoding: Encoding) -> Position {
    let index = lines.index();
    let Some(place) = index.try_line_col(offset.min(index.len())) else { return Position::default() };
    let character = match encoding {
        Encoding::Utf8 => place.col,
        Encoding::Utf16 => index.to_wide(WideEncoding::Utf16, place).map_or(place.col, |wide| wide.col),
    };
    Position { line: place.line, character }
}

pub fn range(lines: &Lines, range: TextRange, encoding: Encoding) -> Range {
    Range { start: position(lines, range.start(), encoding), end: position(lines, range.end(), encoding) }
}

/// What it takes to turn places into the protocol's.
pub struct Context<'a> {
    pub analysis: &'a Analysis,
    pub encoding: Encoding,
    pub uri: &'a dyn Fn(&str) -> Option<Uri>,
}

impl Context<'_> {
    pub fn location(&self, place: Span) -> Option<Location> {
        let uri = (self.uri)(self.analysis.path(place.file))?;
        Some(Location { uri, range: self.range(place) })
    }

    pub fn range(&self, place: Span) -> Range {
        range(&Lines::new(self.analysis.text_of(place.file)), place.range(), self.encoding)
    }

    /// The same message that the command line shows, with what it shows below the excerpt.
    pub fn diagnostic(&self, lines: &Lines, found: &Diagnostic<Span>) -> ls_types::Diagnostic {
        let mut message = found.message.clone();
        let label = Some(&found.primary.message).filter(|label| !label.is_empty());
        for line in label.into_iter().chain(&found.notes).chain(&found.help) {
            message.push('\n');
            message.push_str(line);
        }
        let related: Vec<_> = found.secondary.iter().filter_map(|label| self.related(label)).collect();
        ls_types::Diagnostic {
            range: range(lines, found.primary.place.range(), self.encoding),
            severity: Some(match found.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Note => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(found.code.to_string())),
            source: Some("iom".to_owned()),
            message,
            related_information: (!related.is_empty()).then_some(related),
            ..ls_types::Diagnostic::default()
        }
    }

    fn related(&self, label: &Label<Span>) -> Option<DiagnosticRelatedInformation> {
        let message = if label.message.is_empty() { "here".to_owned() } else { label.message.clone() };
        Some(DiagnosticRelatedInformation { location: self.location(label.place)?, message })
    }
}

#[allow(deprecated, reason = "the protocol's type has a field that must be set and not used")]
pub fn symbol(lines: &Lines, found: &Symbol, encoding: Encoding) -> DocumentSymbol {
    DocumentSymbol {
        name: found.name.to_string(),
        detail: Some(found.keyword.to_owned()),
        kind: match found.keyword {
            "module" => SymbolKind::MODULE,
            "kind" => SymbolKind::CLASS,
            "trait" => SymbolKind::INTERFACE,
            "type" => SymbolKind::STRUCT,
            "resource" => SymbolKind::OBJECT,
            "const" | "data" => SymbolKind::CONSTANT,
            "fn" | "policy" | "authority" | "blueprint" => SymbolKind::FUNCTION,
            "test" => SymbolKind::METHOD,
            _ => SymbolKind::KEY,
        },
        tags: None,
        deprecated: None,
        range: range(lines, found.range, encoding),
        selection_range: range(lines, found.name_range, encoding),
        children: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_as_agreed() {
        let text = "a🦀é\r\nnext";
        let lines = Lines::new(text);
        for (encoding, character) in [(Encoding::Utf8, 5), (Encoding::Utf16, 3)] {
            let place = Position { line: 0, character };
            assert_eq!(offset(text, &lines, place, encoding), 5);
            assert_eq!(position(&lines, TextSize::new(5), encoding), place);
        }
        let past_the_line = Position { line: 0, character: 99 };
        assert_eq!(offset(text, &lines, past_the_line, Encoding::Utf16), 7);
        assert_eq!(offset(text, &lines, Position { line: 1, character: 2 }, Encoding::Utf16), 11);
        assert_eq!(offset(text, &lines, Position { line: 9, character: 0 }, Encoding::Utf16), text.len());
    }
}
