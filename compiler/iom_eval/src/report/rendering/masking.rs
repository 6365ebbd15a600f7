//! A line of a source that is shown beside a finding may hold a password that has nothing to do with it. So what is
//! shown is the line's shape: keys and punctuation, and of the values only those that the report says anyway.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::report::Finding;

/// Texts that may be shown because the report holds them anyway.
pub(super) struct Shown<'a> {
    texts: BTreeSet<Cow<'a, str>>,
    longest: usize,
}

/// How much of a line is masked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Sources of state: every value.
    Values,
    /// `.iom` files: what stands in quotes.
    QuotedText,
}

/// Words of the formats themselves.
const WORDS: &[&str] = &[
    "true", "false", "null", "~", "yes", "no", "resource", "data", "module", "dynamic", "content", "-", "|",
    ">", "|-", ">-", "---", "managed", "update", "create", "delete", "read", "no-op",
];

impl<'a> Shown<'a> {
    /// What a finding says: its addresses with their parts, and the values read.
    pub fn by(finding: &'a Finding) -> Shown<'a> {
        let mut texts: BTreeSet<Cow<'a, str>> = WORDS.iter().map(|word| Cow::Borrowed(*word)).collect();
        let related = finding.related.iter().map(|related| related.address.as_str());
        for address in related.chain([finding.resource.address.as_str()]) {
            texts.insert(Cow::Borrowed(address));
            texts.extend(
                address.split(['.', '/', '[', ']', '"']).filter(|part| !part.is_empty()).map(Cow::Borrowed),
            );
        }
        for fact in &finding.facts {
            insert_scalars(&fact.value, &mut texts);
        }
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        Shown { texts, longest }
    }

    fn has(&self, text: &str) -> bool {
        text.len() <= self.longest && self.texts.contains(text)
    }
}

fn insert_scalars<'a>(value: &'a serde_json::Value, texts: &mut BTreeSet<Cow<'a, str>>) {
    match value {
        serde_json::Value::String(text) => {
            texts.insert(Cow::Borrowed(text));
            // In a JSON file a text with quotes or line breaks stands escaped.
            let escaped = value.to_string();
            texts.insert(Cow::Owned(escaped.trim_matches('"').to_owned()));
        }
        serde_json::Value::Number(number) => {
            texts.insert(Cow::Owned(number.to_string()));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| insert_scalars(item, texts)),
        serde_json::Value::Object(members) => members.values().for_each(|item| insert_scalars(item, texts)),
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

/// The line with `…` for every value that is not to be shown. Knows no format: it looks for what may be a key in JSON,
/// YAML and HCL, and takes everything else for a value.
pub(super) fn masked(line: &str, shown: &Shown<'_>, strictness: Strictness) -> String {
    let mut scan = Scan { line, shown, strictness, out: String::with_capacity(line.len()), last: None };
    let mut at = 0;
    while let Some(character) = line[at..].chars().next() {
        at = match character {
            '"' | '\'' | '`' => scan.quoted(at, character),
            '#' if strictness == Strictness::Values => scan.comment(at),
            _ if is_punctuation(character) || character.is_whitespace() => scan.sign(at, character),
            _ => scan.word(at),
        };
    }
    scan.out
}

struct Scan<'a> {
    line: &'a str,
    shown: &'a Shown<'a>,
    strictness: Strictness,
    out: String,
    /// The last sign or token's last character that is no blank.
    last: Option<char>,
}

impl Scan<'_> {
    fn sign(&mut self, at: usize, character: char) -> usize {
        self.out.push(character);
        if !character.is_whitespace() {
            self.last = Some(character);
        }
        at + character.len_utf8()
    }

    fn comment(&mut self, at: usize) -> usize {
        self.out.push('#');
        if self.line.len() > at + 1 {
            self.out.push_str(" …");
        }
        self.line.len()
    }

    fn quoted(&mut self, at: usize, quote: char) -> usize {
        let start = at + quote.len_utf8();
        let (length, closed) = text_length(&self.line[start..], quote);
        let text = &self.line[start..start + length];
        let end = start + length + if closed { quote.len_utf8() } else { 0 };
        let is_key = closed && self.may_start_key() && is_key_sign(&self.line[end..]);
        self.out.push(quote);
        if is_key || self.shown.has(text) {
            self.out.push_str(text);
        } else if !text.is_empty() {
            self.out.push('…');
        }
        if closed {
            self.out.push(quote);
        }
        self.last = Some(quote);
        end
    }

    fn word(&mut self, at: usize) -> usize {
        let length = word_length(&self.line[at..]);
        let (word, end) = (&self.line[at..at + length], at + length);
        let rest = &self.line[end..];
        let opens_block = rest.trim_start().starts_with('{');
        let is_key = self.may_start_key() && (is_key_sign(rest) || opens_block);
        if self.strictness == Strictness::QuotedText || is_key || self.shown.has(word) {
            self.out.push_str(word);
            self.last = word.chars().next_back();
        } else {
            // One sign for a run of words: how many there are is nobody's business either.
            let run = self.out.trim_end().len();
            if self.out[..run].ends_with('…') {
                self.out.truncate(run);
            } else {
                self.out.push('…');
            }
            self.last = Some('…');
        }
        end
    }

    /// A key is the first thing on a line, in an object, or in an entry of a list.
    fn may_start_key(&self) -> bool {
        matches!(self.last, None | Some('{' | ',' | '-'))
    }
}

fn is_punctuation(character: char) -> bool {
    matches!(
        character,
        '{' | '}' | '[' | ']' | '(' | ')' | ',' | ':' | '=' | '|' | '<' | '>' | '&' | '?' | '!'
    )
}

/// `: ` or `= ` with something behind it. A word that merely ends in `=` is likely padded base64, so no key.
fn is_key_sign(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    if let Some(rest) = rest.strip_prefix(':') {
        return rest.is_empty()
            || rest.starts_with([' ', '\t', '"', '[', '{', '-', '\r'])
            || starts_scalar(rest);
    }
    rest.strip_prefix('=').is_some_and(|rest| rest.starts_with([' ', '\t']) && !rest.trim().is_empty())
}

/// Minified JSON: `"key":null`, `"key":12`.
fn starts_scalar(rest: &str) -> bool {
    ["true", "false", "null"].iter().any(|word| rest.starts_with(word))
        || rest.starts_with(|character: char| character.is_ascii_digit())
}

/// The length of the text up to the closing quote, and whether there is one.
fn text_length(text: &str, quote: char) -> (usize, bool) {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quote != '\'' => escaped = true,
            _ if character == quote => return (at, true),
            _ => {}
        }
    }
    (text.len(), false)
}

/// A word ends at a blank, a quote or a sign; a colon inside it (`arn:aws:..`) belongs to it.
fn word_length(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let inner_colon = character == ':' && next.is_some_and(|next| !next.is_whitespace());
        let ends = character.is_whitespace()
            || matches!(character, '"' | '\'' | '`')
            || (is_punctuation(character) && !inner_colon);
        if ends && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(line: &str) -> String {
        let texts = WORDS.iter().copied().chain(["aws_s3_bucket", "logs", "AES256", "22"]).map(Cow::Borrowed);
        masked(line, &Shown { texts: texts.collect(), longest: 20 }, Strictness::Values)
    }

    #[test]
    fn keys_stay_and_values_go() {
        assert_eq!(mask(r#"  "password": "hunter2","#), r#"  "password": "…","#);
        assert_eq!(mask(r#"{"a":null,"pin":1234,"on":true}"#), r#"{"a":null,"pin":…,"on":true}"#);
        assert_eq!(mask("  token: aGVsbG8="), "  token: …=");
        assert_eq!(mask("- name: my secret words"), "- name: …");
        assert_eq!(mask(r#"  password = "hunter2""#), r#"  password = "…""#);
        assert_eq!(mask(r#"  versioning {"#), r#"  versioning {"#);
    }

    #[test]
    fn what_the_report_says_is_shown() {
        assert_eq!(mask(r#"resource "aws_s3_bucket" "logs" {"#), r#"resource "aws_s3_bucket" "logs" {"#);
        assert_eq!(
            mask(r#""sse_algorithm": "AES256", "port": 22, "x": 2"#),
            r#""sse_algorithm": "AES256", "port": 22, "x": …"#
        );
    }

    #[test]
    fn lines_inside_long_texts_are_not_mistaken_for_keys() {
        assert_eq!(mask("MIIEvgIBADANBgkqhkiG9w0BAQEFAASC"), "…");
        assert_eq!(mask("c2VjcmV0MQ=="), "…==");
        assert_eq!(mask("c2VjcmV0MQ="), "…=");
        assert_eq!(mask("  rest of a secret\" }"), "  …\"…");
        assert_eq!(mask(r#"x = ok ? "hunter2" : "hunter3""#), r#"x = … ? "…" : "…""#);
        assert_eq!(mask("# password is hunter2"), "# …");
        assert_eq!(mask("export PASSWORD=hunter2"), "…=…");
    }

    #[test]
    fn iom_files_keep_everything_but_quoted_text() {
        let shown = Shown { texts: BTreeSet::new(), longest: 0 };
        let line = r#"resource orders: aws.Bucket { name: "hunter2"  versioning: true }"#;
        let expected = r#"resource orders: aws.Bucket { name: "…"  versioning: true }"#;
        assert_eq!(masked(line, &shown, Strictness::QuotedText), expected);
    }
}
