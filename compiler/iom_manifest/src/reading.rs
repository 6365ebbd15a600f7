use std::ops::Range;

use iom_base::{FileId, Span, TextRange, TextSize};
use iom_diagnostics::{Applicability, Diagnostic, Edit, code, nearest, quoted_list};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Collects the mistakes of one manifest.
pub(super) struct Reading<'a> {
    file: FileId,
    text: &'a str,
    pub diagnostics: Vec<Diagnostic<Span>>,
}

/// One table whose keys were checked.
pub(super) struct Table<'r, 't> {
    entries: &'r DeTable<'t>,
    /// As it is called in messages.
    name: &'static str,
    pub place: Span,
}

impl<'a> Reading<'a> {
    pub fn new(file: FileId, text: &'a str) -> Reading<'a> {
        Reading { file, text, diagnostics: Vec::new() }
    }

    pub fn span(&self, range: &Range<usize>) -> Span {
        let offset = |at: usize| TextSize::new(u32::try_from(at.min(self.text.len())).unwrap_or(u32::MAX));
        let start = offset(range.start);
        Span::new(self.file, TextRange::new(start, offset(range.end).max(start)))
    }

    pub fn report(&mut self, place: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(code::BAD_MANIFEST, place, message));
    }

    pub fn syntax_error(&mut self, error: &toml::de::Error) {
        let end = self.text.len();
        let place = self.span(&error.span().unwrap_or(end..end));
        // The first line says what is wrong; more would not fit a one-line message.
        let message = error.message().lines().next().unwrap_or_default();
        self.report(place, format!("this is not TOML: {message}"));
    }

    /// A table, with every key that is not known reported.
    pub fn table<'r, 't>(
        &mut self,
        table: &'r Spanned<DeTable<'t>>,
        name: &'static str,
        known: &[&str],
    ) -> Table<'r, 't> {
        let place = self.span(&table.span());
        self.checked(table.get_ref(), place, name, known)
    }

    /// The same for a value, `None` with a report where it is no table.
    pub fn subtable<'r, 't>(
        &mut self,
        value: &'r Spanned<DeValue<'t>>,
        name: &'static str,
        known: &[&str],
    ) -> Option<Table<'r, 't>> {
        let place = self.span(&value.span());
        match value.get_ref() {
            DeValue::Table(entries) => Some(self.checked(entries, place, name, known)),
            other => {
                self.report(place, format!("{name} should be a table, not {}", kind(other)));
                None
            }
        }
    }

    fn checked<'r, 't>(
        &mut self,
        entries: &'r DeTable<'t>,
        place: Span,
        name: &'static str,
        known: &[&str],
    ) -> Table<'r, 't> {
        // In the order of the file: the map is in order of its keys.
        let mut unknown: Vec<_> =
            entries.keys().filter(|key| !known.contains(&key.get_ref().as_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            let written = key.get_ref().as_ref();
            let place = self.span(&key.span());
            let diagnostic = match nearest(written, known.iter().copied()) {
                Some(near) => {
                    let message = format!("{name} has no `{written}`; did you mean `{near}`?");
                    let edit = Edit { place, text: near.to_owned() };
                    Diagnostic::new(code::BAD_MANIFEST, place, message).fix(
                        format!("write `{near}`"),
                        Applicability::Suggested,
                        vec![edit],
                    )
                }
                None => {
                    let message = format!("{name} has no `{written}`");
                    let names = quoted_list(known.iter().copied(), usize::MAX);
                    Diagnostic::new(code::BAD_MANIFEST, place, message).help(format!("it can have {names}"))
                }
            };
            self.diagnostics.push(diagnostic);
        }
        Table { entries, name, place }
    }
}

impl<'r, 't> Table<'r, 't> {
    /// Borrows from the parsed file, not from this table.
    fn get(&self, key: &str) -> Option<&'r Spanned<DeValue<'t>>> {
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    pub fn table(
        &mut self,
        reading: &mut Reading<'_>,
        key: &'static str,
        known: &[&str],
    ) -> Option<Table<'r, 't>> {
        reading.subtable(self.get(key)?, key, known)
    }

    /// The tables of `[[key]]`.
    pub fn tables(
        &mut self,
        reading: &mut Reading<'_>,
        key: &'static str,
        known: &[&str],
    ) -> Vec<Table<'r, 't>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => {
                items.iter().filter_map(|item| reading.subtable(item, "[[state]]", known)).collect()
            }
            _ => {
                reading.report(reading.span(&value.span()), format!("write `[[{key}]]`, with two brackets"));
                Vec::new()
            }
        }
    }

    /// The entries of a table whose keys are free, in the order of the file.
    #[allow(clippy::type_complexity)]
    pub fn entries(
        &mut self,
        reading: &mut Reading<'_>,
        key: &'static str,
    ) -> Option<Vec<((String, Span), &'r Spanned<DeValue<'t>>)>> {
        let value = self.get(key)?;
        let DeValue::Table(entries) = value.get_ref() else {
            reading.report(reading.span(&value.span()), format!("`{key}` should be a table"));
            return None;
        };
        let mut found: Vec<_> = entries
            .iter()
            .map(|(name, value)| ((name.get_ref().to_string(), reading.span(&name.span())), value))
            .collect();
        found.sort_by_key(|((_, place), _)| place.start());
        Some(found)
    }

    pub fn text(&mut self, reading: &mut Reading<'_>, key: &str) -> Option<(String, Span)> {
        let value = self.get(key)?;
        let place = reading.span(&value.span());
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), place)),
            other => {
                reading.report(place, format!("`{key}` should be text, not {}", kind(other)));
                None
            }
        }
    }

    pub fn required_text(
        &mut self,
        reading: &mut Reading<'_>,
        key: &str,
        otherwise: Span,
    ) -> Option<(String, Span)> {
        if self.get(key).is_none() {
            reading.report(otherwise, format!("`{key}` is missing in {}", self.name));
        }
        self.text(reading, key)
    }

    /// Text with a meaning of its own.
    pub fn parsed<T>(
        &mut self,
        reading: &mut Reading<'_>,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let (text, place) = self.text(reading, key)?;
        parse(&text).map_err(|reason| reading.report(place, reason)).ok()
    }

    pub fn boolean(&mut self, reading: &mut Reading<'_>, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            other => {
                let place = reading.span(&value.span());
                reading.report(place, format!("`{key}` should be true or false, not {}", kind(other)));
                None
            }
        }
    }

    pub fn texts(&mut self, reading: &mut Reading<'_>, key: &str) -> Vec<String> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let texts = match value.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect::<Option<Vec<String>>>(),
            _ => None,
        };
        texts.unwrap_or_else(|| {
            reading.report(reading.span(&value.span()), format!("`{key}` should be a list of texts"));
            Vec::new()
        })
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
