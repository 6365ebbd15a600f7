//! Verdicts in the protocol's words.

use iom_base::TextSize;
use iom_ide::live::{LiveDiagnostic, LiveSeverity, RelatedPlace};
use tower_lsp_server::ls_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    Position, Range,
};

use crate::snapshot::{File, Snapshot};

impl Snapshot {
    /// What the rules say of what a file declares.
    pub fn verdicts(&self, file: &File<'_>) -> Vec<Diagnostic> {
        let Some(known) = &self.live else { return Vec::new() };
        let found = known.live.diagnostics(&self.analysis, &file.path);
        found.iter().map(|one| self.verdict(file, one)).collect()
    }

    /// One of them.
    pub fn verdict(&self, file: &File<'_>, found: &LiveDiagnostic) -> Diagnostic {
        let related: Vec<_> = found.related.iter().filter_map(|one| self.related(one)).collect();
        let policy = found.link.as_ref().and_then(|link| self.place(link));
        Diagnostic {
            range: file.range(found.range),
            severity: Some(match found.severity {
                LiveSeverity::Error => DiagnosticSeverity::ERROR,
                LiveSeverity::Warning => DiagnosticSeverity::WARNING,
                LiveSeverity::Information => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(found.code.to_string())),
            code_description: policy.and_then(|place| {
                let href = format!("{}#L{}", place.uri.as_str(), place.range.start.line + 1);
                Some(CodeDescription { href: href.parse().ok()? })
            }),
            source: Some("iom".to_owned()),
            message: found.message.clone(),
            related_information: (!related.is_empty()).then_some(related),
            ..Diagnostic::default()
        }
    }

    fn related(&self, place: &RelatedPlace) -> Option<DiagnosticRelatedInformation> {
        let message = if place.message.is_empty() { "here".to_owned() } else { place.message.clone() };
        Some(DiagnosticRelatedInformation { location: self.place(place)?, message })
    }

    /// A place in a file of the workspace, or of a source, whose text only the editor has.
    pub fn place(&self, place: &RelatedPlace) -> Option<Location> {
        let uri = self.uri(&place.path)?;
        let (line, column) = (place.line.saturating_sub(1), place.column.saturating_sub(1));
        let known = self.file_at(&place.path).and_then(|file| {
            let range = file.lines.line(place.line)?;
            let text = file.text.get(usize::from(range.start())..usize::from(range.end()))?;
            let within = text.char_indices().nth(column as usize).map_or(text.len(), |(at, _)| at);
            Some(file.position(u32::from(range.start() + TextSize::try_from(within).ok()?)))
        });
        let position = known.unwrap_or(Position { line, character: column });
        Some(Location { uri, range: Range { start: position, end: position } })
    }
}
