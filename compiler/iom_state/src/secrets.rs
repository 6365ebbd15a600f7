//! Secrets that stand in a source in plain text, although the source does not mark them: found by the names they have and by
//! what they look like. They are taken out of a document before anything reads it, so that nothing can repeat them.

use std::borrow::Cow;

use iom_stdlib::secrets::{BY_NAME, HIDDEN, form_of, held, is_plain, is_secret_name, pairs};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::document::{Document, Layer, ObjectId};
use crate::tape::{Node, NodeIndex, NodeValue, Strings, Symbol, Tape, UnknownCause};

/// In json that is deeper nothing is looked for; it is taken as text.
const MAX_DEPTH: usize = 96;

/// Base64 of less holds no credential.
const SHORTEST_BASE64: usize = 32;

/// Takes secrets in plain text out of a document. What was one as a whole is unknown (sensitive); in a text of json the secret
/// parts are replaced. [`crate::tape::Mark::secret`] says of both what was there.
pub fn hide(document: &mut Document, strings: &mut Strings) {
    if may_hold_secrets(&document.tape, strings) {
        hide_in_tape(&mut document.tape, strings);
    }
    mark_held(document, strings);
}

/// Whether any text on a tape is a secret, or any name says that one is: mostly there is nothing, and that is told without
/// looking at objects.
fn may_hold_secrets(tape: &Tape, strings: &Strings) -> bool {
    // What is not seen yet is looked at; once found, something ends the search.
    let is_new = |seen: &mut [bool], symbol: Symbol| {
        seen.get_mut(symbol.into_usize()).is_none_or(|seen| !std::mem::replace(seen, true))
    };
    let mut seen = vec![false; strings.len()];
    let names = tape.keys().iter().filter(|key| is_new(&mut seen, **key));
    if names.map(|key| strings.resolve(key)).any(is_secret_name) {
        return true;
    }
    seen.fill(false);
    let texts = tape.texts().filter(|text| is_new(&mut seen, *text));
    texts.map(|text| strings.resolve(&text)).any(|text| is_secret_name(text) || secret_in(text).is_some())
}

fn hide_in_tape(tape: &mut Tape, strings: &mut Strings) {
    let mut search = Search::new(strings);
    let mut found = Vec::new();
    for index in (0..tape.len() as u32).map(NodeIndex) {
        search.node(tape, index, &mut found);
    }
    for (index, secret) in found {
        put(tape, index, secret, search.strings);
    }
}

/// What is made to hold secrets holds them in plain text where somebody wrote it into a file. What runs is where they belong.
fn mark_held(document: &mut Document, strings: &Strings) {
    for (source_type, member) in held() {
        let (Some(source_type), Some(member)) = (strings.get(source_type), strings.get(member)) else {
            continue;
        };
        let tape = &document.tape;
        let layer = |id| document.other_layers.get(&id).copied().or(document.layer);
        let objects = (0..).map(ObjectId).zip(&document.objects);
        let objects = objects
            .filter(|(id, object)| object.source_type == source_type && layer(*id) != Some(Layer::Running));
        let kept = objects.filter_map(|(_, object)| tape.member(object.values?, member));
        let values = kept.flat_map(|kept| tape.members(kept));
        let is_secret =
            |node: &NodeIndex| matches!(tape.node(*node).value, NodeValue::Unknown(UnknownCause::Sensitive));
        let secrets: Vec<NodeIndex> = values.map(|(_, node)| node).filter(is_secret).collect();
        for node in secrets {
            document.tape.marks.entry(node).or_default().secret = Some(HELD);
        }
    }
}

/// What is read where only secrets are.
const HELD: &str = "what is kept there is secret";

/// What is wrong with a text.
#[derive(Clone, Debug)]
enum Secret {
    Whole(&'static str),
    /// The text without what is secret in it.
    Part(&'static str, String),
}

fn put(tape: &mut Tape, index: NodeIndex, secret: Secret, strings: &mut Strings) {
    let Node { offset, value: NodeValue::Text(_) } = tape.node(index) else { return };
    let (what, value) = match secret {
        Secret::Whole(what) => (what, NodeValue::Unknown(UnknownCause::Sensitive)),
        Secret::Part(what, rest) => (what, NodeValue::Text(strings.get_or_intern(rest))),
    };
    tape.set(index, Node { value, offset });
    tape.marks.entry(index).or_default().secret = Some(what);
}

struct Search<'s> {
    strings: &'s mut Strings,
    /// Whether texts under a key are secrets, by the key's number, once it was asked.
    names: Vec<Option<bool>>,
    /// Texts that were looked at, by their number: most are used many times.
    seen: Vec<bool>,
    secrets: FxHashMap<Symbol, Secret>,
    pairs: Vec<(Symbol, Symbol)>,
    /// Whether a key is the second of a pair, by its number: most objects have none.
    of_pairs: Vec<bool>,
}

impl<'s> Search<'s> {
    fn new(strings: &'s mut Strings) -> Search<'s> {
        // A member that no source has is of no interest.
        let known =
            pairs().iter().filter_map(|(name, value)| Some((strings.get(name)?, strings.get(value)?)));
        let pairs: Vec<(Symbol, Symbol)> = known.collect();
        let mut of_pairs = vec![false; strings.len()];
        for (_, value) in &pairs {
            if let Some(is_one) = of_pairs.get_mut(value.into_usize()) {
                *is_one = true;
            }
        }
        let (names, seen) = (vec![None; strings.len()], vec![false; strings.len()]);
        Search { strings, names, seen, secrets: FxHashMap::default(), pairs, of_pairs }
    }

    fn node(&mut self, tape: &Tape, index: NodeIndex, found: &mut Vec<(NodeIndex, Secret)>) {
        match tape.node(index).value {
            NodeValue::Text(text) => found.extend(self.in_text(text).map(|secret| (index, secret))),
            NodeValue::Object { first, len } => {
                let mut may_be_pair = false;
                for member in (first.0..first.0.saturating_add(len)).map(NodeIndex) {
                    let key = tape.key(member);
                    if self.is_secret_name(key) {
                        self.under_name(tape, member, found);
                    }
                    may_be_pair |= self.of_pairs.get(key.into_usize()).copied().unwrap_or_default();
                }
                if may_be_pair {
                    self.pair(tape, index, found);
                }
            }
            _ => {}
        }
    }

    /// A text with the name of a secret, or several.
    fn under_name(&self, tape: &Tape, value: NodeIndex, found: &mut Vec<(NodeIndex, Secret)>) {
        let is_secret = |index: NodeIndex| match tape.node(index).value {
            NodeValue::Text(text) => is_plain(self.strings.resolve(&text)),
            _ => false,
        };
        let texts = std::iter::once(value).chain(tape.elements(value));
        found.extend(texts.filter(|index| is_secret(*index)).map(|index| (index, Secret::Whole(BY_NAME))));
    }

    /// `{ name: "DB_PASSWORD", value: ".." }`
    fn pair(&mut self, tape: &Tape, object: NodeIndex, found: &mut Vec<(NodeIndex, Secret)>) {
        for position in 0..self.pairs.len() {
            let (name, value) = self.pairs[position];
            let Some(value) = tape.member(object, value) else { continue };
            let Some(name) = tape.member(object, name) else { continue };
            if let NodeValue::Text(name) = tape.node(name).value
                && self.is_secret_name(name)
            {
                self.under_name(tape, value, found);
            }
        }
    }

    fn is_secret_name(&mut self, name: Symbol) -> bool {
        let known = self.names.get_mut(name.into_usize());
        match known {
            Some(Some(is_one)) => *is_one,
            Some(unknown) => *unknown.insert(is_secret_name(self.strings.resolve(&name))),
            None => is_secret_name(self.strings.resolve(&name)),
        }
    }

    fn in_text(&mut self, symbol: Symbol) -> Option<Secret> {
        let seen = self.seen.get_mut(symbol.into_usize())?;
        if *seen {
            return self.secrets.get(&symbol).cloned();
        }
        *seen = true;
        let secret = secret_in(self.strings.resolve(&symbol))?;
        self.secrets.insert(symbol, secret.clone());
        Some(secret)
    }
}

fn secret_in(text: &str) -> Option<Secret> {
    let start = text.trim_start();
    if start.starts_with(['{', '['])
        && has_stem(text)
        && let Ok(json) = serde_json::from_str::<Json>(text)
    {
        let mut cleaning = Cleaning { what: None };
        let clean = cleaning.value(json, 0);
        return cleaning.what.map(|what| Secret::Part(what, clean.to_string()));
    }
    let what = form_of(text).or_else(|| form_of(&decoded(text)?))?;
    Some(Secret::Whole(what))
}

/// Whether there is anything in a text that names of secrets, or credentials, have in them. Most json has nothing.
fn has_stem(text: &str) -> bool {
    const STEMS: [&str; 10] =
        ["assw", "ASSW", "ecret", "ECRET", "oken", "OKEN", "ey\"", "EY\"", "onnection", "assphrase"];
    STEMS.iter().any(|stem| memchr::memmem::find(text.as_bytes(), stem.as_bytes()).is_some())
        || form_of(text).is_some()
}

/// The text inside base64.
fn decoded(text: &str) -> Option<String> {
    let is_digit =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'-' | b'_');
    if text.len() < SHORTEST_BASE64 || !text.bytes().all(is_digit) {
        return None;
    }
    let bytes = crate::base64::decode(text)?;
    String::from_utf8(bytes).ok()
}

/// Replaces the secrets in json.
struct Cleaning {
    what: Option<&'static str>,
}

impl Cleaning {
    fn value(&mut self, json: Json, depth: usize) -> Json {
        if depth > MAX_DEPTH {
            return json;
        }
        match json {
            Json::String(text) => self.text(text, false),
            Json::Array(items) => items.into_iter().map(|item| self.value(item, depth + 1)).collect(),
            Json::Object(members) => {
                let is_secret_pair = |member: &str| {
                    let mut pairs = pairs().iter().filter(|(_, value)| *value == member);
                    pairs.any(|(name, _)| {
                        members.get(*name).and_then(Json::as_str).is_some_and(is_secret_name)
                    })
                };
                let secret: Vec<bool> =
                    members.keys().map(|name| is_secret_name(name) || is_secret_pair(name)).collect();
                let cleaned = members.into_iter().zip(secret).map(|((name, value), is_secret)| {
                    let value = match value {
                        Json::String(text) => self.text(text, is_secret),
                        other => self.value(other, depth + 1),
                    };
                    (name, value)
                });
                Json::Object(cleaned.collect())
            }
            other => other,
        }
    }

    fn text(&mut self, text: String, has_secret_name: bool) -> Json {
        let what = match form_of(&text) {
            None if has_secret_name && is_plain(&text) => Some(BY_NAME),
            found => found,
        };
        match what {
            Some(what) => {
                self.what.get_or_insert(what);
                Json::String(HIDDEN.to_owned())
            }
            None => Json::String(text),
        }
    }
}

/// A message about a source without what might be secret in it.
pub fn without_secrets(message: &str) -> Cow<'_, str> {
    iom_stdlib::secrets::without(message)
}
