//! A reader of the EBNF of the specification.

use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Debug)]
pub enum Node {
    /// A word or sign of the language.
    Terminal(String),
    /// A rule, or a class of tokens if it is in capitals.
    Rule(String),
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    /// `[ x ]`
    Optional(Box<Node>),
    /// `{ x }`
    Repeated(Box<Node>),
}

pub struct Grammar {
    pub rules: BTreeMap<String, Node>,
}

/// Classes of tokens: how they are written is a matter of the lexer.
pub const CLASSES: &[&str] =
    &["TEXT", "NAME", "NUMBER", "DURATION", "SIZE", "DATE", "IPV4", "STRING", "LONG", "RAW"];

pub fn read(text: &str) -> Grammar {
    let mut reader = Reader { tokens: tokens(text), at: 0 };
    let mut rules = BTreeMap::new();
    while reader.at < reader.tokens.len() {
        let name = reader.next();
        assert_eq!(reader.next(), "=", "after {name}");
        if CLASSES.contains(&name.as_str()) {
            while reader.next() != ";" {}
            continue;
        }
        let body = reader.choice();
        assert_eq!(reader.next(), ";", "at the end of {name}");
        assert!(rules.insert(name.clone(), body).is_none(), "{name} twice");
    }
    let grammar = Grammar { rules };
    assert!(grammar.rules.len() > 40, "{} rules", grammar.rules.len());
    grammar
}

/// Names, quoted texts (with their quotes) and signs; comments are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("(*") {
            let end = rest.find("*)").expect("a closed comment") + 2;
            rest = &rest[end..];
            continue;
        } else if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            continue;
        } else if first == '"' || first == '\'' {
            rest[1..].find(first).expect("a closed quote") + 2
        } else if first.is_ascii_alphanumeric() {
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        found.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    found
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn choice(&mut self) -> Node {
        let mut all = vec![self.sequence()];
        while self.peek() == "|" {
            self.at += 1;
            all.push(self.sequence());
        }
        if all.len() == 1 { all.remove(0) } else { Node::Choice(all) }
    }

    fn sequence(&mut self) -> Node {
        let mut all = Vec::new();
        loop {
            let closing = match self.peek() {
                "|" | ";" | ")" | "]" | "}" | "" => break,
                "(" => ")",
                "[" => "]",
                "{" => "}",
                _ => "",
            };
            let token = self.next();
            if closing.is_empty() {
                all.push(match token.chars().next() {
                    Some('"' | '\'') => Node::Terminal(token[1..token.len() - 1].to_owned()),
                    _ => Node::Rule(token),
                });
                continue;
            }
            let inner = self.choice();
            assert_eq!(self.next(), closing);
            all.push(match closing {
                ")" => inner,
                "]" => Node::Optional(Box::new(inner)),
                _ => Node::Repeated(Box::new(inner)),
            });
        }
        if all.len() == 1 { all.remove(0) } else { Node::Sequence(all) }
    }
}
