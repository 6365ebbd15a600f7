//! What a secret looks like: well-known names, forms of credentials, and texts that only say where a secret is kept. The
//! facts are in `stdlib/secrets/recognition.txt`; here is how they are applied.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use regex::{Regex, RegexSet};

const TEXT: &str = include_str!("../../../stdlib/secrets/recognition.txt");

/// What stands in a text in place of a secret.
pub const HIDDEN: &str = "‹secret›";

/// No form of a credential is shorter.
const SHORTEST: usize = 10;

struct Form {
    what: &'static str,
    /// A value after a name: in programs only strings are searched for it.
    is_assigned: bool,
    /// One of them is in every text of this form.
    literals: Vec<&'static str>,
    expression: &'static str,
    /// Made when a text first has one of the literals: most runs see few forms.
    regex: OnceLock<Option<Regex>>,
}

impl Form {
    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(self.expression).ok()).as_ref()
    }

    fn may_be_in(&self, text: &str) -> bool {
        self.literals.iter().any(|literal| memmem::find(text.as_bytes(), literal.as_bytes()).is_some())
    }
}

struct Recognition {
    names: Names,
    no_names: Names,
    pairs: Vec<(&'static str, &'static str)>,
    held: Vec<(&'static str, &'static str)>,
    /// Texts that only say where a secret is.
    references: Vec<&'static str>,
    forms: Vec<Form>,
    /// Literals of all forms.
    literals: AhoCorasick,
    /// Parts of all names.
    stems: Vec<&'static str>,
}

/// Names in snake case, by their last byte.
#[derive(Default)]
struct Names(BTreeMap<u8, Vec<&'static str>>);

impl Names {
    /// A name, or `*_` and how names end.
    fn add(&mut self, pattern: &'static str) -> Option<()> {
        let last = pattern.bytes().next_back()?;
        self.0.entry(last).or_default().push(pattern);
        Some(())
    }

    fn have_end(&self, last: u8) -> bool {
        self.0.contains_key(&last)
    }

    fn have(&self, name: &str) -> bool {
        let patterns = name.bytes().next_back().and_then(|last| self.0.get(&last));
        patterns.is_some_and(|patterns| {
            patterns.iter().any(|pattern| match pattern.strip_prefix('*') {
                Some(end) => name.len() > end.len() && name.ends_with(end),
                None => name == *pattern,
            })
        })
    }

    #[cfg(test)]
    fn patterns(&self) -> impl Iterator<Item = &'static str> {
        self.0.values().flatten().copied()
    }
}

impl Recognition {
    /// The forms that may be in a text, which are few.
    fn forms_of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'t Form> + 't {
        let may_be = text.len() >= SHORTEST && self.literals.is_match(text);
        let forms = if may_be { &self.forms[..] } else { &[] };
        forms.iter().filter(|form| form.may_be_in(text))
    }
}

/// `None` where the file is not as it should be, which a test excludes.
static RECOGNITION: LazyLock<Option<Recognition>> = LazyLock::new(read);

fn read() -> Option<Recognition> {
    let (mut names, mut no_names, mut references) = (Names::default(), Names::default(), Vec::new());
    let (mut forms, mut pairs, mut stems, mut held) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(' ')? {
            ("name", name) => names.add(name)?,
            ("no-name", name) => no_names.add(name)?,
            ("stems", own) => stems.extend(own.split(' ')),
            ("held", place) => held.push(place.split_once(' ')?),
            ("pair", pair) => pairs.push(pair.split_once(' ')?),
            ("reference", regex) => references.push(regex),
            (word @ ("form" | "assigned"), form) => {
                let (own, rest) = form.split_once(" | ")?;
                let (what, regex) = rest.split_once(" | ")?;
                forms.push(Form {
                    what,
                    is_assigned: word == "assigned",
                    literals: own.split(' ').collect(),
                    expression: regex,
                    regex: OnceLock::new(),
                });
            }
            _ => return None,
        }
    }
    let literals = any_of(forms.iter().flat_map(|form: &Form| &form.literals))?;
    Some(Recognition { names, no_names, pairs, held, references, forms, literals, stems })
}

/// Finds one of several texts: which of those that begin at one place is no matter. So asked, it is found sixteen bytes at a
/// time where the processor can.
fn any_of<'p>(patterns: impl Iterator<Item = &'p &'static str>) -> Option<AhoCorasick> {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(patterns).ok()
}

/// Whether a text under this name is a secret: `MasterUserPassword`, `db-password`, `API_TOKEN`.
pub fn is_secret_name(name: &str) -> bool {
    let Some(known) = RECOGNITION.as_ref() else { return false };
    if name.len() > 200 {
        return false;
    }
    // Most names end otherwise than any secret is called, which is told at once.
    if !name.bytes().next_back().is_some_and(|last| known.names.have_end(last.to_ascii_lowercase())) {
        return false;
    }
    let name = snake_case(name);
    known.names.have(&name) && !known.no_names.have(&name)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for character in name.chars() {
        if character.is_ascii_uppercase() && before.is_ascii_lowercase() {
            snake.push('_');
        }
        let is_sign = matches!(character, '-' | '.' | ' ' | '/' | ':');
        snake.push(if is_sign { '_' } else { character.to_ascii_lowercase() });
        before = character;
    }
    snake
}

/// Members of objects of which the first holds the name of what the second holds: `name` and `value`.
pub fn pairs() -> &'static [(&'static str, &'static str)] {
    RECOGNITION.as_ref().map_or(&[], |known| &known.pairs)
}

/// Types of objects, each with a member that holds secrets as a whole.
pub fn held() -> &'static [(&'static str, &'static str)] {
    RECOGNITION.as_ref().map_or(&[], |known| &known.held)
}

/// Whether a text under a name for secrets is one: not a reference to where it is kept, no template, no placeholder.
pub fn is_plain(text: &str) -> bool {
    static REFERENCES: LazyLock<Option<RegexSet>> =
        LazyLock::new(|| RegexSet::new(&RECOGNITION.as_ref()?.references).ok());
    REFERENCES.as_ref().is_some_and(|references| !references.is_match(text))
}

/// Whether a file may hold a secret: something in it is called like one or looks like one. In doubt it may.
pub fn may_be_in(bytes: &[u8]) -> bool {
    static SIGNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let known = RECOGNITION.as_ref()?;
        let of_credentials = known.forms.iter().filter(|form| !form.is_assigned);
        any_of(known.stems.iter().chain(of_credentials.flat_map(|form| &form.literals)))
    });
    let (Some(signs), Some(known)) = (SIGNS.as_ref(), RECOGNITION.as_ref()) else { return true };
    signs.find_iter(bytes).any(|found| {
        if found.pattern().as_usize() < known.stems.len() {
            return may_be_given(bytes, found.range());
        }
        // A literal of a credential is short: the credential is near it.
        let around = found.start().saturating_sub(NEAR)..(found.end() + NEAR).min(bytes.len());
        let around = bytes.get(around).unwrap_or_default();
        form_of(&String::from_utf8_lossy(around)).is_some()
            // The literal may have hidden a name that begins after it does.
            || may_be_given(bytes, found.start()..found.start())
    })
}

/// How far from a literal of its form a credential may go on.
const NEAR: usize = 256;

/// Whether a part of a name belongs to the name of a secret that is given: to more than nothing, true or false.
fn may_be_given(bytes: &[u8], part: Range<usize>) -> bool {
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let before = bytes.get(..part.start).unwrap_or_default();
    let after = bytes.get(part.end..).unwrap_or_default();
    let start = part.start - before.iter().rev().take_while(is_word).count();
    let end = part.end + after.iter().take_while(is_word).count();
    let name = bytes.get(start..end).and_then(|name| std::str::from_utf8(name).ok());
    if !name.is_some_and(is_secret_name) {
        return false;
    }
    let value = bytes.get(end..).unwrap_or_default();
    let is_between = |byte: &&u8| matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b'\t' | b':' | b'=');
    let between = value.iter().take_while(is_between).count();
    let (between, value) = value.split_at(between);
    if !between.iter().any(|byte| matches!(byte, b':' | b'=')) {
        // The name of a pair of name and value, or of a column; not the end of a path.
        return start.checked_sub(1).and_then(|at| bytes.get(at)) != Some(&b'.');
    }
    let says_nothing = [&b"null"[..], b"true", b"false", b"{", b"}", b",", b"${", b"\n", b"\r"]
        .iter()
        .any(|word| value.starts_with(word));
    !says_nothing && !value.is_empty()
}

/// What credential a text has in it, if any: "an AWS access key".
pub fn form_of(text: &str) -> Option<&'static str> {
    let mut forms = RECOGNITION.as_ref()?.forms_of(text);
    forms.find(|form| places_of(form, text).next().is_some()).map(|form| form.what)
}

/// Where credentials stand in a text, in order; they may touch, but do not overlap.
pub fn places(text: &str) -> Vec<Range<usize>> {
    places_if(text, |_| true)
}

fn places_if(text: &str, is_meant: impl Fn(&Form) -> bool) -> Vec<Range<usize>> {
    let Some(known) = RECOGNITION.as_ref() else { return Vec::new() };
    let fitting = known.forms_of(text).filter(|form| is_meant(form));
    let mut found: Vec<Range<usize>> = fitting.flat_map(|form| places_of(form, text)).collect();
    found.sort_by_key(|place| (place.start, place.end));
    let mut places: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for place in found {
        match places.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => places.push(place),
        }
    }
    places
}

fn places_of<'t>(form: &'t Form, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let found = form.regex().into_iter().flat_map(|regex| regex.captures_iter(text));
    found.filter_map(|found| match found.name("value") {
        Some(value) => is_plain(value.as_str()).then(|| value.range()),
        None => found.get(0).map(|whole| whole.range()),
    })
}

/// A text without the credentials in it.
pub fn without(text: &str) -> Cow<'_, str> {
    let places = places(text);
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut end = 0;
    for place in places {
        kept.push_str(&text[end..place.start]);
        kept.push_str(HIDDEN);
        end = place.end;
    }
    kept.push_str(&text[end..]);
    Cow::Owned(kept)
}

/// A secret in the text of a program, and what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub place: Range<usize>,
    pub what: &'static str,
}

/// What a text is that nothing but its name gives away.
pub const BY_NAME: &str = "a text under the name of a secret";

/// Secrets in a program: credentials anywhere, and what is written in quotes after the name of a secret, as in
/// `password: ".."`. In order, without overlaps.
pub fn in_code(text: &str) -> Vec<Written> {
    static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)["']?(?:\s*:\s*[A-Za-z_.<>?, ]+)?\s*[:=]\s*"(?P<value>(?:[^"\\\n{]|\\.)+)""#).ok()
    });
    static STRING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#""{3}[\s\S]*?"{3}|"(?:[^"\\\n]|\\.)*""#).ok());
    let mut found: Vec<Written> = Vec::new();
    if !may_be_in(text.as_bytes()) {
        return found;
    }
    for assigned in ASSIGNED.iter().flat_map(|regex| regex.captures_iter(text)) {
        let (Some(name), Some(value)) = (assigned.name("name"), assigned.name("value")) else { continue };
        let name = name.as_str().rsplit('.').next().unwrap_or_default();
        if is_secret_name(name) && is_plain(value.as_str()) {
            found.push(Written { place: value.range(), what: form_of(value.as_str()).unwrap_or(BY_NAME) });
        }
    }
    let mut credential = |place: Range<usize>| {
        let what = text.get(place.clone()).and_then(form_of).unwrap_or("a credential");
        found.push(Written { place, what });
    };
    places_if(text, |form| !form.is_assigned).into_iter().for_each(&mut credential);
    for string in STRING.iter().flat_map(|regex| regex.find_iter(text)) {
        let moved = |place: Range<usize>| place.start + string.start()..place.end + string.start();
        places_if(string.as_str(), |form| form.is_assigned).into_iter().map(moved).for_each(&mut credential);
    }
    found.sort_by_key(|one| (one.place.start, one.place.end));
    let mut apart: Vec<Written> = Vec::with_capacity(found.len());
    for one in found {
        match apart.last_mut() {
            Some(last) if one.place.start < last.place.end => {
                last.place.end = last.place.end.max(one.place.end);
            }
            _ => apart.push(one),
        }
    }
    apart
}

/// A text with other letters in these places; what stands elsewhere stays where it is, line breaks too.
pub fn masked<'t>(text: &'t str, places: &[Range<usize>]) -> Cow<'t, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let is_hidden = |at: usize| places.iter().any(|place| place.contains(&at));
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if character != '\n' && is_hidden(at) {
            out.extend(std::iter::repeat_n('*', character.len_utf8()));
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read_and_every_form_has_its_literals() {
        let known = RECOGNITION.as_ref().unwrap();
        assert!(known.forms.iter().all(|form| form.regex().is_some()));
        assert!(RegexSet::new(&known.references).is_ok());
        let key = "AKIAQ4J6L2M8N0P1R3S5";
        for text in [
            format!("id = {key}"),
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----".to_owned(),
            format!("ghp_{}", "a1".repeat(18)),
            format!("xoxb-{}", "1234567890-ab"),
            format!("AIza{}", "b".repeat(35)),
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN".to_owned(),
            "postgres://app:hunter2@db.internal/app".to_owned(),
            "AccountKey=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa==".to_owned(),
            "export DB_PASSWORD=hunter2hunter2".to_owned(),
            "password = \"hunter2hunter2\"".to_owned(),
        ] {
            assert!(form_of(&text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_let_be() {
        for text in [
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
            "password = ${var.password}",
            "https://example.com:8443/path?x=1",
            "https://{{ .Values.user }}:{{ .Values.pass }}@example.com",
            "secret: arn:aws:secretsmanager:eu-west-1:1:secret:x",
            "registry.example/team/token-service@sha256:0123456789abcdef",
            "echo hello, tokens are checked below",
            "{\"Action\":\"secretsmanager:GetSecretValue\",\"Resource\":\"*\"}",
        ] {
            assert_eq!(form_of(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_known_in_every_spelling() {
        for name in [
            "password",
            "MasterUserPassword",
            "db-password",
            "API_TOKEN",
            "ghToken",
            "client_secret",
            "private_key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "password_policy",
            "creation_token",
            "secret_name",
            "key",
            "secretsmanager",
            "token_url",
            "passwords",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(
            is_plain("hunter2") && !is_plain("${var.x}") && !is_plain("arn:aws:x") && !is_plain("/prod/db")
        );
    }

    #[test]
    fn programs_are_searched_by_names_and_forms() {
        assert_eq!(in_code("kind Secret : EncryptedWithKey { secret: .has_secret_key }"), []);
        let script = "x: \"export DB_PASSWORD=hunter2hunter2\"";
        assert_eq!(&script[in_code(script)[0].place.clone()], "hunter2hunter2");
        let text = "x: { password: \"hunter2\"  user: \"app\"  token: \"{t}\" } // AKIAQ4J6L2M8N0P1R3S5";
        let places: Vec<_> = in_code(text).into_iter().map(|one| one.place).collect();
        let found: Vec<&str> = places.iter().map(|place| &text[place.clone()]).collect();
        assert_eq!(found, ["hunter2", "AKIAQ4J6L2M8N0P1R3S5"]);
        let masked = masked(text, &places);
        assert_eq!(masked.len(), text.len());
        assert!(masked.contains("password: \"*******\"") && !masked.contains("AKIA"));
    }

    #[test]
    fn every_name_has_a_stem() {
        let known = RECOGNITION.as_ref().unwrap();
        for name in known.names.patterns() {
            let words: Vec<&str> = name.trim_start_matches("*_").split('_').collect();
            let camel: String = words.iter().map(|word| word[..1].to_uppercase() + &word[1..]).collect();
            let spellings = [words.join("_"), words.join("_").to_uppercase(), words.join("-"), camel];
            let given = |name: &String| format!("{{\"{name}\": \"hunter2\"}}");
            assert!(spellings.iter().all(|name| may_be_in(given(name).as_bytes())), "{name}");
        }
        assert!(!may_be_in(b"{\"bucket\": \"logs\", \"tags\": {\"team\": \"payments\"}}"));
    }

    #[test]
    fn files_without_secrets_are_told_by_a_look() {
        for text in [
            r#"{"http_tokens":"required","password":null,"generate_secret":false,"url":"https://example.com"}"#,
            r#"{"references":["var.token"],"aws:TokenIssueTime":"2026-01-01","secretsmanager:GetSecretValue":1,"kms_key":"arn:x"}"#,
        ] {
            assert!(!may_be_in(text.as_bytes()), "{text}");
        }
        for text in ["password: hunter2", "name: DB_PASSWORD\nvalue: x", "a AKIAQ4J6L2M8N0P1R3S5 b"] {
            assert!(may_be_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_left_of_a_text_has_no_credential_in_it() {
        let text = "a AKIAQ4J6L2M8N0P1R3S5 b postgres://app:hunter2@db c";
        assert_eq!(without(text), "a ‹secret› b postgres://app:‹secret›@db c");
        assert_eq!(without("nothing here"), "nothing here");
    }
}
