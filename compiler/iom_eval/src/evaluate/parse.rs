use std::borrow::Cow;
use std::sync::Arc;

use super::{Evaluator, INVALID};
use crate::scalar;
use crate::value::{Causes, ListValue, MapValue, Value};

/// Deeper json in text is taken as malformed.
const MAX_DEPTH: u32 = 128;

impl Evaluator<'_> {
    /// `parse_json(s)`: absent of nothing and of empty text, invalid where it is no json, never absent for that.
    pub(crate) fn parse_json(&mut self, value: &Value) -> Value {
        self.parse_text(value, |evaluator, text| {
            let mut reader = JsonReader { evaluator, text, position: 0 };
            reader.value(0).filter(|_| reader.is_at_end())
        })
    }

    /// `parse_yaml(s)`: as `parse_json`, of one document; what people write as JSON counts as it does there.
    pub(crate) fn parse_yaml(&mut self, value: &Value) -> Value {
        self.parse_text(value, |evaluator, text| {
            let mut reader = JsonReader { evaluator, text, position: 0 };
            if let Some(value) = reader.value(0).filter(|_| reader.is_at_end()) {
                return Some(value);
            }
            match iom_state::plain::documents(text).ok()?.as_slice() {
                [document] => Some(evaluator.plain_value(document)),
                _ => None,
            }
        })
    }

    fn parse_text(&self, value: &Value, parse: impl FnOnce(&Self, &str) -> Option<Value>) -> Value {
        let text = match value {
            Value::Absent | Value::Unknown(_) => return value.clone(),
            Value::Text(_) | Value::Made(_) => self.estate.str_of(value).unwrap_or(""),
            Value::Node { .. }
            | Value::Entries { .. }
            | Value::Map(_)
            | Value::List(_)
            | Value::Record(_) => {
                return value.clone();
            }
            _ => return INVALID,
        };
        if text.trim().is_empty() {
            return Value::Absent;
        }
        parse(self, text).unwrap_or(INVALID)
    }

    /// A value that was read elsewhere. Documents are of a bounded depth.
    fn plain_value(&self, plain: &serde_json::Value) -> Value {
        use serde_json::Value as Plain;
        match plain {
            Plain::Null => Value::Absent,
            Plain::Bool(value) => Value::Bool(*value),
            Plain::Number(number) => scalar::decimal(&number.to_string()).unwrap_or(INVALID),
            Plain::String(text) => self.parsed_text(text),
            Plain::Array(items) => {
                let items = items.iter().map(|item| self.plain_value(item));
                Value::List(Arc::new(ListValue::complete(items.collect())))
            }
            Plain::Object(members) => {
                let members = members.iter();
                let members = members.map(|(name, value)| (self.estate.text(name), self.plain_value(value)));
                self.parsed_map(members.collect())
            }
        }
    }

    fn parsed_text(&self, text: &str) -> Value {
        // A secret that the import took out.
        if text == iom_stdlib::secrets::HIDDEN {
            return Value::Unknown(Causes::PLAIN_SECRET);
        }
        self.estate.text(text)
    }

    /// Sorted by key; the last of equal keys wins.
    fn parsed_map(&self, mut entries: Vec<(Value, Value)>) -> Value {
        entries.sort_by(|(left, _), (right, _)| self.sort_order(left, right));
        entries.dedup_by(|later, earlier| {
            let is_same = self.sort_order(&later.0, &earlier.0).is_eq();
            if is_same {
                earlier.1 = std::mem::take(&mut later.1);
            }
            is_same
        });
        Value::Map(Arc::new(MapValue::new(entries, None)))
    }

    /// `--a=b`, `--a b`, `--a` of a command line; the last one wins.
    pub(crate) fn flags(&mut self, value: Value) -> Value {
        let list = match self.list_of(value) {
            Ok(list) => list,
            Err(causes) => return Value::Unknown(causes),
        };
        let mut entries: Vec<(Value, Value)> = Vec::new();
        let mut open = list.doubt();
        let mut waiting: Option<String> = None;
        for item in &list.items {
            let item = self.estate.force(item.clone());
            if let Value::Unknown(causes) = item {
                open = Some(causes.spread());
                continue;
            }
            let text = self.estate.render(&item);
            match text.strip_prefix("--") {
                Some(flag) => {
                    if let Some(name) = waiting.take() {
                        entries.push((self.estate.text(&name), self.estate.text("true")));
                    }
                    match flag.split_once('=') {
                        Some((name, value)) => {
                            entries.push((self.estate.text(name), self.estate.text(value)))
                        }
                        None => waiting = Some(flag.to_owned()),
                    }
                }
                None => {
                    if let Some(name) = waiting.take() {
                        entries.push((self.estate.text(&name), self.estate.text(&text)));
                    }
                }
            }
        }
        if let Some(name) = waiting {
            entries.push((self.estate.text(&name), self.estate.text("true")));
        }
        Value::Map(Arc::new(self.make_map(entries, open)))
    }
}

/// Json as people write it into text: commas may trail.
struct JsonReader<'a, 'e> {
    evaluator: &'a Evaluator<'e>,
    text: &'a str,
    position: usize,
}

impl<'a> JsonReader<'a, '_> {
    fn skip_blanks(&mut self) {
        // Mostly there are none.
        let next = self.text.as_bytes().get(self.position);
        if next.is_some_and(|byte| byte.is_ascii_graphic()) {
            return;
        }
        let rest = self.text.get(self.position..).unwrap_or("");
        self.position += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']).len();
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.position == self.text.len()
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_blanks();
        self.text.as_bytes().get(self.position).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.position += usize::from(is_there);
        is_there
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.text.get(self.position..)?.starts_with(word).then(|| {
            self.position += word.len();
            value
        })
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => {
                let text = self.string()?;
                Some(self.evaluator.parsed_text(&text))
            }
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Absent),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: u32) -> Option<Value> {
        self.position += 1;
        let mut items = Vec::new();
        while !self.take(b']') {
            items.push(self.value(depth + 1)?);
            if !self.take(b',') && self.peek() != Some(b']') {
                return None;
            }
        }
        Some(Value::List(Arc::new(ListValue::complete(items))))
    }

    fn object(&mut self, depth: u32) -> Option<Value> {
        self.position += 1;
        let mut entries: Vec<(Value, Value)> = Vec::new();
        while !self.take(b'}') {
            if self.peek() != Some(b'"') {
                return None;
            }
            let name = self.string()?;
            let name = self.evaluator.estate.text(&name);
            if !self.take(b':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            entries.push((name, value));
            if !self.take(b',') && self.peek() != Some(b'}') {
                return None;
            }
        }
        Some(self.evaluator.parsed_map(entries))
    }

    fn number(&mut self) -> Option<Value> {
        let rest = self.text.get(self.position..)?;
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let text = rest.get(..end).filter(|text| !text.is_empty())?;
        self.position += end;
        scalar::decimal(text)
    }

    /// Borrowed where nothing is escaped, as nearly always.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.position += 1;
        let rest = self.text.get(self.position..)?;
        let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if rest.as_bytes().get(end) == Some(&b'"') {
            self.position += end + 1;
            return rest.get(..end).map(Cow::Borrowed);
        }
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.position..)?;
            let next = rest.chars().next()?;
            self.position += next.len_utf8();
            match next {
                '"' => return Some(Cow::Owned(text)),
                '\\' => {
                    let escape = *self.text.as_bytes().get(self.position)?;
                    self.position += 1;
                    match escape {
                        b'"' | b'\\' | b'/' => text.push(char::from(escape)),
                        b'b' => text.push('\u{8}'),
                        b'f' => text.push('\u{c}'),
                        b'n' => text.push('\n'),
                        b'r' => text.push('\r'),
                        b't' => text.push('\t'),
                        b'u' => text.push(self.unicode()?),
                        _ => return None,
                    }
                }
                other => text.push(other),
            }
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        if self.text.get(self.position..self.position + 2)? != "\\u" {
            return None;
        }
        self.position += 2;
        let low = self.hex()?;
        let low = (0xDC00..0xE000).contains(&low).then_some(low - 0xDC00)?;
        char::from_u32(0x10000 + ((high - 0xD800) << 10) + low)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.position..self.position + 4)?;
        self.position += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// The text in base64; `None` if it is none, or no UTF-8 inside.
pub(super) fn base64(text: &str) -> Option<String> {
    String::from_utf8(iom_state::base64::decode(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_both_alphabets() {
        assert_eq!(base64("aGVsbG8=").as_deref(), Some("hello"));
        assert_eq!(base64("aGVsbG8").as_deref(), Some("hello"));
        assert_eq!(base64("w7_Dvw").as_deref(), Some("ÿÿ"));
        assert_eq!(base64("a!"), None);
    }
}
