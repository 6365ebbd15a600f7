use iom_base::{LineIndex, Span, TextSize, WideEncoding};
use serde_json::{Map, Value, json as value};

use super::SourceTexts;
use super::files::{SourceFile, SourceFiles};
use super::order::sorted;
use crate::{Applicability, Diagnostic, Edit, Fix, Label, Severity};

/// Diagnostics for programs, one value each, in the shape of the Language Server Protocol's `Diagnostic`: lines and
/// characters from 0, characters counted in UTF-16 units.
///
/// The protocol names files by URI and keeps the file outside the diagnostic. Here `file`, a path, stands beside the
/// range, in the related places and in the edits of fixes too. What the protocol has no word for is in `data`.
pub fn json(diagnostics: &[Diagnostic<Span>], sources: &dyn SourceTexts) -> Vec<Value> {
    let spans = diagnostics.iter().flat_map(|found| {
        let labels = std::iter::once(&found.primary).chain(&found.secondary).map(|label| label.place);
        labels.chain(found.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.place)))
    });
    let files = SourceFiles::new(spans, sources);
    let places = Places { files: &files, sources };
    sorted(diagnostics, sources).into_iter().map(|found| places.diagnostic(found)).collect()
}

struct Places<'a> {
    files: &'a SourceFiles<'a>,
    sources: &'a dyn SourceTexts,
}

impl Places<'_> {
    fn diagnostic(&self, diagnostic: &Diagnostic<Span>) -> Value {
        let severity = match diagnostic.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Note => 3,
        };
        let mut object = self.place(diagnostic.primary.place);
        object.insert("severity".to_owned(), value!(severity));
        object.insert("code".to_owned(), value!(diagnostic.code.to_string()));
        object.insert("source".to_owned(), value!("iom"));
        object.insert("message".to_owned(), value!(diagnostic.message));
        let related: Vec<Value> = diagnostic.secondary.iter().map(|label| self.related(label)).collect();
        object.insert("relatedInformation".to_owned(), Value::Array(related));
        let fixes: Vec<Value> = diagnostic.fixes.iter().map(|fix| self.fix(fix)).collect();
        let data = value!({
            "slug": diagnostic.code.slug(),
            "label": diagnostic.primary.message,
            "notes": diagnostic.notes,
            "help": diagnostic.help,
            "fixes": fixes,
        });
        object.insert("data".to_owned(), data);
        Value::Object(object)
    }

    fn related(&self, label: &Label<Span>) -> Value {
        value!({ "location": self.place(label.place), "message": label.message })
    }

    fn fix(&self, fix: &Fix<Span>) -> Value {
        let applicability = match fix.applicability {
            Applicability::Safe => "safe",
            Applicability::Suggested => "suggested",
            Applicability::Placeholder => "placeholder",
        };
        let edits: Vec<Value> = fix.edits.iter().map(|edit| self.edit(edit)).collect();
        value!({ "title": fix.title, "applicability": applicability, "edits": edits })
    }

    fn edit(&self, edit: &Edit<Span>) -> Value {
        let mut object = self.place(edit.place);
        object.insert("newText".to_owned(), value!(edit.text));
        Value::Object(object)
    }

    /// `file` and `range`. The path is the file's own, byte for byte: JSON escapes what a terminal would act on.
    fn place(&self, span: Span) -> Map<String, Value> {
        let file = self.files.get(span.file);
        let position = |offset| file.map_or_else(|| value!(null), |file| position(file, offset));
        let mut object = Map::new();
        object.insert("file".to_owned(), value!(self.sources.path(span.file)));
        object.insert(
            "range".to_owned(),
            value!({ "start": position(span.start()), "end": position(span.end()) }),
        );
        object
    }
}

fn position(file: &SourceFile<'_>, offset: TextSize) -> Value {
    let (line, character) = wide(file.lines.index(), TextSize::new(file.boundary(offset)));
    value!({ "line": line, "character": character })
}

fn wide(index: &LineIndex, offset: TextSize) -> (u32, u32) {
    let Some(byte) = index.try_line_col(offset) else { return (0, 0) };
    index.to_wide(WideEncoding::Utf16, byte).map_or((byte.line, byte.col), |wide| (wide.line, wide.col))
}
