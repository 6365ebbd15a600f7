//! Names in iom for what others call as they like.

use std::collections::BTreeSet;

use iom_model::Scalar;

/// Words that are no names of values or binders: an alternative of an enum that is called so stands in quotation marks.
const RESERVED: &[&str] = &[
    "absent", "all", "and", "any", "else", "empty", "false", "for", "if", "in", "internet", "is", "known",
    "let", "link", "match", "none", "nonempty", "not", "now", "or", "present", "ref", "refs", "secret",
    "self", "then", "true", "unknown", "where",
];

/// The word that stands for an alternative: none where it would mean something else.
pub(crate) fn alternative(text: &str) -> Option<String> {
    let name = snake(text);
    let is_type = Scalar::NAMED.iter().any(|scalar| scalar.name() == name)
        || matches!(name.as_str(), "json" | "list" | "set" | "map" | "nocase");
    let is_plain = is_name(&name) && name.starts_with(|first: char| first.is_ascii_lowercase());
    (is_plain && !is_type && !RESERVED.contains(&name.as_str())).then_some(name)
}

/// Whether a text can be written as a name without quotation marks.
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// A key of a record or a path: in quotation marks where it is no name.
pub(crate) fn key(text: &str) -> String {
    if is_name(text) { text.to_owned() } else { quoted(text) }
}

/// A text in quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' | '{' | '}' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(other))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// `sqs_queue` and `sqs-queue` to `SqsQueue`.
pub(crate) fn camel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    if !out.starts_with(|first: char| first.is_ascii_alphabetic()) {
        out.insert(0, 'T');
    }
    out
}

/// A module's name: `cert-manager.io` to `cert_manager_io`.
pub(crate) fn snake(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut was_lower = false;
    for letter in text.chars() {
        if !letter.is_ascii_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            was_lower = false;
            continue;
        }
        if letter.is_ascii_uppercase() && was_lower {
            out.push('_');
        }
        was_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        out.push(letter.to_ascii_lowercase());
    }
    let out = out.trim_end_matches('_').to_owned();
    match out.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("_{out}"),
        Some(_) => out,
        None => "_".to_owned(),
    }
}

/// The module of what comes from something by this name: `schemas.cert_manager_io`.
pub(crate) fn module(text: &str) -> String {
    let name = snake(text);
    // A path that begins with such a word would be read as something else.
    let end = if RESERVED.contains(&name.as_str()) { "_" } else { "" };
    format!("schemas.{name}{end}")
}

/// The names of a module's declarations: each is given once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// The first of the wanted names that is free, else the last one with a number.
    pub(crate) fn take(&mut self, wanted: &[String]) -> String {
        let free = wanted.iter().find(|name| !self.taken.contains(*name)).cloned();
        let name = free.unwrap_or_else(|| {
            let last = wanted.last().map_or("T", String::as_str);
            let numbered = (2_u64..).map(|number| format!("{last}{number}"));
            numbered.into_iter().find(|name| !self.taken.contains(name)).unwrap_or_default()
        });
        self.taken.insert(name.clone());
        name
    }
}

/// Whether a pattern with `*` for any run of characters matches the whole text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    iom_model::scalar::Glob::new(pattern).matches(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_iom_names() {
        assert_eq!(camel("sqs_queue"), "SqsQueue");
        assert_eq!(camel("3-way"), "T3Way");
        assert_eq!(camel("ünïcode"), "NCode");
        assert_eq!(snake("cert-manager.io"), "cert_manager_io");
        assert_eq!(snake("OnFailure"), "on_failure");
        assert_eq!(snake("2xl"), "_2xl");
        assert_eq!(snake("*"), "_");
        assert_eq!(quoted("a\"{b}\\\u{1}"), r#""a\"\{b\}\\\u{1}""#);
        assert_eq!(key("x-y"), "\"x-y\"");
        assert_eq!(key("for"), "for");
        assert_eq!(module("For"), "schemas.for_");
    }

    #[test]
    fn every_name_is_given_once() {
        let mut names = Names::default();
        let wanted = ["A".to_owned(), "AB".to_owned()];
        let given: Vec<String> = (0..4).map(|_| names.take(&wanted)).collect();
        assert_eq!(given, ["A", "AB", "AB2", "AB3"]);
    }
}
