//! Diagnostics show lines of sources, and quote words of them. Secrets in those are masked, whatever the diagnostic is about.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use iom_base::{FileId, Span};
use iom_diagnostics::render::{self, SourceTexts};
use iom_diagnostics::{Diagnostic, code};
use iom_stdlib::secrets::{HIDDEN, in_code, masked};

/// Shorter ones stand everywhere.
const SHORTEST_QUOTED: usize = 4;

pub fn human(diagnostics: &[Diagnostic<Span>], texts: &dyn SourceTexts, color: bool) -> String {
    let masked = Masked::new(diagnostics, texts);
    render::human(&masked.diagnostics(diagnostics), &masked, color)
}

pub fn short(diagnostics: &[Diagnostic<Span>], texts: &dyn SourceTexts) -> String {
    let masked = Masked::new(diagnostics, texts);
    render::short(&masked.diagnostics(diagnostics), &masked)
}

pub fn json(diagnostics: &[Diagnostic<Span>], texts: &dyn SourceTexts) -> Vec<serde_json::Value> {
    let masked = Masked::new(diagnostics, texts);
    render::json(&masked.diagnostics(diagnostics), &masked)
}

/// Where secrets stand in a program, in bytes.
pub fn places(text: &str) -> Vec<Range<usize>> {
    in_code(text).into_iter().map(|one| one.place).collect()
}

/// Diagnostics without the secrets in the texts that they point into, for those who show no texts.
pub fn masked_diagnostics(
    diagnostics: &[Diagnostic<Span>],
    texts: &dyn SourceTexts,
) -> Vec<Diagnostic<Span>> {
    Masked::new(diagnostics, texts).diagnostics(diagnostics).into_owned()
}

/// The secrets in a program.
pub fn secrets_of(text: &str) -> Vec<String> {
    let found = in_code(text).into_iter();
    found.filter_map(|one| text.get(one.place).map(str::to_owned)).collect()
}

/// Replaces secrets in a text that may quote them.
pub fn hide(text: &mut String, secrets: &[String]) {
    for secret in secrets.iter().map(|secret| secret.trim_matches('"')) {
        if secret.len() >= SHORTEST_QUOTED && text.contains(secret) {
            *text = text.replace(secret, HIDDEN);
        }
    }
}

/// The texts that diagnostics point into, without the secrets in them.
struct Masked<'a> {
    texts: &'a dyn SourceTexts,
    /// Those with secrets.
    masked: BTreeMap<FileId, String>,
    /// The secrets.
    hidden: Vec<String>,
}

impl<'a> Masked<'a> {
    fn new(diagnostics: &[Diagnostic<Span>], texts: &'a dyn SourceTexts) -> Masked<'a> {
        let mut found: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
        for diagnostic in diagnostics {
            let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
            for place in labels.map(|label| label.place) {
                found.entry(place.file).or_insert_with(|| places(texts.text(place.file)));
            }
            // It may be one by its type alone.
            if diagnostic.code == code::SECRET_WRITTEN {
                let range = diagnostic.primary.place.range();
                let range = usize::from(range.start())..usize::from(range.end());
                found.entry(diagnostic.primary.place.file).or_default().push(range);
            }
        }
        let mut own = Masked { texts, masked: BTreeMap::new(), hidden: Vec::new() };
        for (file, places) in found.into_iter().filter(|(_, places)| !places.is_empty()) {
            let text = texts.text(file);
            own.hidden.extend(places.iter().filter_map(|place| Some(text.get(place.clone())?.to_owned())));
            own.masked.insert(file, masked(text, &places).into_owned());
        }
        own
    }

    fn diagnostics<'d>(&self, diagnostics: &'d [Diagnostic<Span>]) -> Cow<'d, [Diagnostic<Span>]> {
        if self.hidden.is_empty() {
            return Cow::Borrowed(diagnostics);
        }
        Cow::Owned(diagnostics.iter().map(|one| self.diagnostic(one)).collect())
    }

    fn diagnostic(&self, diagnostic: &Diagnostic<Span>) -> Diagnostic<Span> {
        let mut clean = diagnostic.clone();
        let labels = std::iter::once(&mut clean.primary).chain(&mut clean.secondary);
        labels.for_each(|label| self.hide(&mut label.message));
        self.hide(&mut clean.message);
        clean.notes.iter_mut().chain(&mut clean.help).for_each(|text| self.hide(text));
        for fix in &mut clean.fixes {
            self.hide(&mut fix.title);
            fix.edits.iter_mut().for_each(|edit| self.hide(&mut edit.text));
        }
        clean
    }

    fn hide(&self, text: &mut String) {
        hide(text, &self.hidden);
    }
}

impl SourceTexts for Masked<'_> {
    fn path(&self, file: FileId) -> &str {
        self.texts.path(file)
    }

    fn text(&self, file: FileId) -> &str {
        self.masked.get(&file).map_or_else(|| self.texts.text(file), String::as_str)
    }
}
