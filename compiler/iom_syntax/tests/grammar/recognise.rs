//! A plain recogniser of the grammar, after Earley: slow, small, and without a thought of ours about how to parse.

use std::collections::{BTreeMap, HashSet};

use iom_syntax::{SyntaxKind, lexer};

use crate::ebnf::{CLASSES, Grammar, Node};

#[derive(Clone, PartialEq, Debug)]
enum Symbol {
    Word(String),
    Class(String),
    Rule(usize),
}

/// The grammar with plain productions only.
pub struct Recogniser {
    rules: Vec<Vec<Vec<Symbol>>>,
    file: usize,
    expr: usize,
    is_empty: Vec<bool>,
}

/// A token as the grammar sees it.
struct Token {
    text: String,
    class: Option<&'static str>,
    at: usize,
    /// A colon follows: whatever word it is, it may be a name (R1 of the grammar).
    is_labelled: bool,
}

/// Words that are no values and no names of binders (R3 of the grammar).
const RESERVED: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "then", "else", "match", "let", "for", "where", "true", "false",
    "ref", "refs",
];

impl Recogniser {
    pub fn new(grammar: &Grammar) -> Recogniser {
        let names: BTreeMap<&str, usize> =
            grammar.rules.keys().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
        let mut rules = vec![Vec::new(); names.len()];
        for (name, body) in &grammar.rules {
            let productions = made_of(body, &names, &mut rules);
            rules[names[name.as_str()]] = productions;
        }
        // Any word is a field name, and a name after a dot.
        for production in rules[names["key"]].iter_mut().flatten() {
            if *production == Symbol::Class("NAME".to_owned()) {
                *production = Symbol::Class("ANY".to_owned());
            }
        }
        let mut is_empty = vec![false; rules.len()];
        loop {
            let before = is_empty.clone();
            for (number, productions) in rules.iter().enumerate() {
                let empty = |symbol: &Symbol| matches!(symbol, Symbol::Rule(rule) if before[*rule]);
                is_empty[number] |= productions.iter().any(|production| production.iter().all(empty));
            }
            if is_empty == before {
                break;
            }
        }
        Recogniser { rules, file: names["file"], expr: names["expr"], is_empty }
    }

    /// Whether a text is a file of the grammar; else where it stops being one.
    pub fn accepts(&self, text: &str) -> Result<(), usize> {
        let lexed = lexer::lex(text);
        if let Some(error) = lexed.errors.first() {
            return Err(error.primary.place.start().into());
        }
        let tokens: Vec<lexer::Token> =
            lexed.tokens.into_iter().filter(|token| !token.kind.is_trivia()).collect();
        self.run(self.file, text, &tokens)
    }

    fn run(&self, start: usize, text: &str, raw: &[lexer::Token]) -> Result<(), usize> {
        let tokens = self.tokens(text, raw)?;
        // (rule, production, position, origin) by place.
        let mut sets: Vec<Vec<(usize, usize, usize, usize)>> = vec![Vec::new(); tokens.len() + 1];
        let mut seen: HashSet<(usize, usize, usize, usize)> = HashSet::new();
        for production in 0..self.rules[start].len() {
            sets[0].push((start, production, 0, 0));
        }
        for place in 0..=tokens.len() {
            seen.clear();
            seen.extend(sets[place].iter().copied());
            let mut at = 0;
            while let Some(item) = sets[place].get(at).copied() {
                at += 1;
                let (rule, production, position, origin) = item;
                let mut add = |item, set: &mut Vec<_>| {
                    if seen.insert(item) {
                        set.push(item);
                    }
                };
                match self.rules[rule][production].get(position) {
                    None => {
                        let waiting: Vec<_> = sets[origin]
                            .iter()
                            .filter(|(rule2, production2, position2, _)| {
                                self.rules[*rule2][*production2].get(*position2) == Some(&Symbol::Rule(rule))
                            })
                            .copied()
                            .collect();
                        for (rule2, production2, position2, origin2) in waiting {
                            add((rule2, production2, position2 + 1, origin2), &mut sets[place]);
                        }
                    }
                    Some(Symbol::Rule(next)) => {
                        for production2 in 0..self.rules[*next].len() {
                            add((*next, production2, 0, place), &mut sets[place]);
                        }
                        if self.is_empty[*next] {
                            add((rule, production, position + 1, origin), &mut sets[place]);
                        }
                    }
                    Some(symbol) => {
                        if tokens.get(place).is_some_and(|token| token.is(symbol)) {
                            sets[place + 1].push((rule, production, position + 1, origin));
                        }
                    }
                }
            }
            if sets.get(place + 1).is_some_and(Vec::is_empty) {
                return Err(tokens[place].at);
            }
        }
        let is_done = |(rule, production, position, origin): &(usize, usize, usize, usize)| {
            *rule == start && *origin == 0 && *position == self.rules[*rule][*production].len()
        };
        if sets[tokens.len()].iter().any(is_done) { Ok(()) } else { Err(text.len()) }
    }

    /// Strings with what they interpolate are one token; what stands in them is looked at by itself.
    fn tokens(&self, text: &str, raw: &[lexer::Token]) -> Result<Vec<Token>, usize> {
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(token) = raw.get(at) {
            let start = usize::from(token.range.start());
            at += 1;
            let class = match token.kind {
                SyntaxKind::StringStart => {
                    let mut depth = 1;
                    let mut inner = Vec::new();
                    let mut braces = 0;
                    while depth > 0 {
                        let Some(token) = raw.get(at) else { return Err(start) };
                        at += 1;
                        let was_inside = braces > 0;
                        match token.kind {
                            SyntaxKind::StringStart => depth += 1,
                            SyntaxKind::StringEnd => depth -= 1,
                            SyntaxKind::InterpolationOpen => braces += 1,
                            SyntaxKind::InterpolationClose => braces -= 1,
                            _ => {}
                        }
                        if was_inside && braces > 0 {
                            inner.push(*token);
                        } else if was_inside {
                            self.run(self.expr, text, &inner)?;
                            inner.clear();
                        }
                    }
                    Some("STRING")
                }
                SyntaxKind::String => Some("TEXT"),
                SyntaxKind::LongString => Some("LONG"),
                SyntaxKind::RawString => Some("RAW"),
                SyntaxKind::Number => Some("NUMBER"),
                SyntaxKind::Duration => Some("DURATION"),
                SyntaxKind::Size => Some("SIZE"),
                SyntaxKind::Date => Some("DATE"),
                SyntaxKind::Ipv4 => Some("IPV4"),
                SyntaxKind::Name => Some("NAME"),
                SyntaxKind::Context => {
                    tokens.push(Token { text: "$".to_owned(), class: None, at: start, is_labelled: false });
                    Some("NAME")
                }
                kind if kind.is_keyword() => Some("NAME"),
                _ => None,
            };
            let written = &text[token.range];
            let written = if matches!(class, Some("STRING" | "TEXT")) { "" } else { written };
            let is_labelled = raw.get(at).is_some_and(|next| {
                matches!(next.kind, SyntaxKind::Colon | SyntaxKind::FatArrow | SyntaxKind::Pipe)
            });
            tokens.push(Token { text: written.to_owned(), class, at: start, is_labelled });
        }
        Ok(tokens)
    }
}

impl Token {
    fn is(&self, symbol: &Symbol) -> bool {
        match symbol {
            Symbol::Word(word) => self.text == *word,
            Symbol::Class(class) if class == "NAME" => {
                self.class == Some("NAME") && (self.is_labelled || !RESERVED.contains(&self.text.as_str()))
            }
            Symbol::Class(class) if class == "ANY" => self.class == Some("NAME"),
            Symbol::Class(class) if class == "STRING" => matches!(self.class, Some("STRING" | "TEXT")),
            Symbol::Class(class) => self.class == Some(class.as_str()),
            Symbol::Rule(_) => false,
        }
    }
}

/// The productions of a body; what repeats or may be left out gets a rule of its own.
fn made_of(
    body: &Node,
    names: &BTreeMap<&str, usize>,
    rules: &mut Vec<Vec<Vec<Symbol>>>,
) -> Vec<Vec<Symbol>> {
    match body {
        Node::Choice(all) => all.iter().flat_map(|one| made_of(one, names, rules)).collect(),
        Node::Sequence(all) => vec![all.iter().map(|one| symbol(one, names, rules)).collect()],
        // Two tokens to the lexer, because `list<int>= {}` needs them apart.
        Node::Terminal(text) if text == ">=" => {
            vec![vec![Symbol::Word(">".to_owned()), Symbol::Word("=".to_owned())]]
        }
        other => vec![vec![symbol(other, names, rules)]],
    }
}

fn symbol(node: &Node, names: &BTreeMap<&str, usize>, rules: &mut Vec<Vec<Vec<Symbol>>>) -> Symbol {
    let productions = match node {
        Node::Terminal(text) if text == ">=" => made_of(node, names, rules),
        Node::Terminal(text) => return Symbol::Word(text.clone()),
        Node::Rule(name) if CLASSES.contains(&name.as_str()) => return Symbol::Class(name.clone()),
        Node::Rule(name) => return Symbol::Rule(names[name.as_str()]),
        Node::Sequence(_) | Node::Choice(_) => made_of(node, names, rules),
        Node::Optional(inner) => {
            let mut productions = made_of(inner, names, rules);
            productions.push(Vec::new());
            productions
        }
        Node::Repeated(inner) => {
            let own = rules.len();
            rules.push(Vec::new());
            let mut productions: Vec<Vec<Symbol>> = made_of(inner, names, rules);
            productions.iter_mut().for_each(|production| production.push(Symbol::Rule(own)));
            productions.push(Vec::new());
            rules[own] = productions;
            return Symbol::Rule(own);
        }
    };
    rules.push(productions);
    Symbol::Rule(rules.len() - 1)
}
