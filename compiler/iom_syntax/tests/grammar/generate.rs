//! Random sentences of the grammar.
//!
//! The rules are followed as they stand. What the grammar says beside them, in its comments, is minded here: reserved words
//! are no names, `if`, `let` and quantifiers extend as far right as possible, a body declares no module.

use std::collections::BTreeMap;

use crate::ebnf::{CLASSES, Grammar, Node};

pub struct Generator<'g> {
    grammar: &'g Grammar,
    /// How deep the smallest sentence of a rule is.
    depths: BTreeMap<&'g str, u32>,
    state: u64,
    out: Vec<String>,
    /// Rules that are being written.
    path: Vec<&'g str>,
}

/// Depth beyond which the shortest way is taken.
const DEEP: usize = 26;
const NEVER: u32 = 10_000;

impl<'g> Generator<'g> {
    pub fn new(grammar: &'g Grammar, seed: u64) -> Generator<'g> {
        let mut depths: BTreeMap<&str, u32> = BTreeMap::new();
        loop {
            let before = depths.clone();
            for (name, body) in &grammar.rules {
                depths.insert(name, depth_of(body, &before));
            }
            if depths == before {
                break;
            }
        }
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Generator { grammar, depths, state, out: Vec::new(), path: Vec::new() }
    }

    /// The tokens of a file.
    pub fn file(mut self) -> Vec<String> {
        for _ in 0..=self.pick(3) {
            self.rule("decl");
        }
        self.out
    }

    fn pick(&mut self, count: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % count
    }

    fn rule(&mut self, name: &'g str) {
        if CLASSES.contains(&name) {
            return self.class(name);
        }
        let body = &self.grammar.rules[name];
        self.path.push(name);
        match (name, body) {
            ("decl" | "prim", Node::Choice(all)) => self.chosen(name, all),
            _ => self.node(body),
        }
        self.path.pop();
    }

    fn node(&mut self, node: &'g Node) {
        match node {
            Node::Terminal(text) => self.out.push(text.clone()),
            Node::Rule(name) => self.rule(name),
            Node::Sequence(all) => self.sequence(all),
            Node::Choice(all) => {
                let chosen = self.choose(&all.iter().collect::<Vec<_>>());
                self.node(chosen);
            }
            Node::Optional(inner) => {
                if !self.is_deep() && self.pick(3) == 0 {
                    self.node(inner);
                }
            }
            Node::Repeated(inner) => {
                while !self.is_deep() && self.pick(5) < 2 {
                    self.node(inner);
                }
            }
        }
    }

    fn sequence(&mut self, all: &'g [Node]) {
        for (number, part) in all.iter().enumerate() {
            // Before a verdict stands a path, says the grammar.
            let is_before_verdict = all.get(number + 1) == Some(&Node::Rule("VERDICT".to_owned()));
            if is_before_verdict && *part == Node::Rule("expr".to_owned()) {
                self.rule("path");
            } else {
                self.node(part);
            }
            // The sign of a context is glued to its name.
            if let [.., sign, name] = self.out.as_mut_slice()
                && sign == "$"
            {
                *sign = format!("${name}");
                self.out.pop();
            }
        }
    }

    /// An alternative of a rule in which not every alternative fits everywhere.
    fn chosen(&mut self, name: &str, all: &'g [Node]) {
        let is_inside = self.path.len() > 1;
        let fitting: Vec<&Node> = all
            .iter()
            .filter(|one| {
                !(name == "decl" && is_inside && matches!(first_terminal(one), Some("module" | "use")))
            })
            .collect();
        let chosen = self.choose(&fitting);
        // What extends to the right takes what follows it, unless it stands in parentheses.
        let extends = name == "prim"
            && (matches!(first_terminal(chosen), Some("if" | "let"))
                || first_terminal(chosen).is_none() && is_quantifier(chosen));
        if extends {
            self.out.push("(".to_owned());
        }
        self.node(chosen);
        if extends {
            self.out.push(")".to_owned());
        }
    }

    fn is_deep(&self) -> bool {
        self.path.len() > DEEP || self.out.len() > 400
    }

    fn choose(&mut self, all: &[&'g Node]) -> &'g Node {
        if self.is_deep() {
            return all.iter().min_by_key(|one| depth_of(one, &self.depths)).unwrap();
        }
        let position = self.pick(all.len());
        all[position]
    }

    fn class(&mut self, name: &str) {
        let mut one_of = |all: &[&str]| {
            let position = self.pick(all.len());
            all[position].to_owned()
        };
        let text = match name {
            "NAME" => one_of(&["a", "b1", "_c", "zebra", "Bucket", "org", "title", "owner", "x_y", "W"]),
            "NUMBER" => one_of(&["0", "7", "1_000", "3.25", "10"]),
            "DURATION" => one_of(&["24h", "1h30min", "90d", "7y", "5ms"]),
            "SIZE" => one_of(&["1B", "2GiB", "512kB"]),
            "DATE" => one_of(&["2026-01-01", "2026-11-21T22:00Z", "2026-11-21T22:00:05+01:00"]),
            "IPV4" => one_of(&["10.0.0.1", "0.0.0.0/0", "192.168.0.0/16"]),
            "STRING" | "TEXT" => {
                one_of(&["\"\"", "\"a b\"", "\"SC-28\"", "\"\\n\\u{1f600}\\{\"", "\"// no comment\""])
            }
            "LONG" => one_of(&["\"\"\"a \" b\n  c\"\"\"", "\"\"\"{ \"\"\""]),
            _ => one_of(&["r\"^[a-z]+$\"", "r#\"a\"b\"#"]),
        };
        let is_text_with_expression =
            name == "STRING" && self.path.last() == Some(&"literal") && self.pick(4) == 0;
        if is_text_with_expression && !self.is_deep() {
            let before = std::mem::take(&mut self.out);
            self.rule("expr");
            let inner = std::mem::replace(&mut self.out, before).join(" ");
            // No newline stands in a string.
            self.out.push(if inner.contains('\n') { text } else { format!("\"x{{{inner}}} y\"") });
        } else {
            self.out.push(text);
        }
    }
}

fn first_terminal(node: &Node) -> Option<&str> {
    match node {
        Node::Terminal(text) => Some(text),
        Node::Sequence(all) => first_terminal(all.first()?),
        _ => None,
    }
}

/// `( "all" | "any" | "none" ) ..`
fn is_quantifier(node: &Node) -> bool {
    match node {
        Node::Sequence(all) => match all.first() {
            Some(Node::Choice(words)) => words.contains(&Node::Terminal("all".to_owned())),
            _ => false,
        },
        _ => false,
    }
}

fn depth_of(node: &Node, depths: &BTreeMap<&str, u32>) -> u32 {
    match node {
        Node::Terminal(_) => 0,
        Node::Rule(name) if CLASSES.contains(&name.as_str()) => 0,
        Node::Rule(name) => depths.get(name.as_str()).copied().unwrap_or(NEVER).saturating_add(1).min(NEVER),
        Node::Sequence(all) => all.iter().map(|one| depth_of(one, depths)).max().unwrap_or(0),
        Node::Choice(all) => all.iter().map(|one| depth_of(one, depths)).min().unwrap_or(0),
        Node::Optional(_) | Node::Repeated(_) => 0,
    }
}
