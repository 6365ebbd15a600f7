//! What each word is, for colours: found by what it means, not by how it looks.

use iom_base::TextRange;
use iom_semantic::items::{Item, declaration, items};
use iom_semantic::look::{Declares, Look, Meaning, declared_inside, look};
use iom_syntax::ast::NodeId;
use iom_syntax::{SyntaxKind, lexer};
use rustc_hash::FxHashMap;

use crate::Analysis;
use crate::spot::whole;

macro_rules! token_types {
    ($($name:ident = $text:literal,)*) => {
        /// The type of a token.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum TokenType { $($name,)* }

        impl TokenType {
            pub const ALL: &'static [TokenType] = &[$(TokenType::$name,)*];

            /// As the protocol and themes call it.
            pub fn name(self) -> &'static str {
                match self { $(TokenType::$name => $text,)* }
            }
        }
    };
}

token_types! {
    Namespace = "namespace",
    Kind = "class",
    Trait = "interface",
    Type = "type",
    Blueprint = "struct",
    Value = "enumMember",
    Field = "property",
    Parameter = "parameter",
    Variable = "variable",
    Function = "function",
    Keyword = "keyword",
    Text = "string",
    Number = "number",
    Comment = "comment",
    Operator = "operator",
    Policy = "policy",
    Resource = "resource",
    Control = "control",
}

/// Bits that say more about a token, in the order of [`MODIFIERS`].
pub const DECLARATION: u8 = 1;
pub const FROM_LIBRARY: u8 = 2;
pub const READ_ONLY: u8 = 4;

/// What the bits are called in the protocol.
pub const MODIFIERS: [&str; 3] = ["declaration", "defaultLibrary", "readonly"];

/// A word and what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SemanticToken {
    pub range: TextRange,
    pub ty: TokenType,
    pub modifiers: u8,
}

impl Analysis {
    /// The tokens of a file, or of the declarations that a range touches; in order.
    pub fn semantic_tokens(&self, path: &str, within: Option<TextRange>) -> Vec<SemanticToken> {
        let Some(file) = self.source(path) else { return Vec::new() };
        let db = self.db();
        let text: &str = file.text(db);
        let mut tokens = Vec::new();
        let mut end = 0;
        for item in items(db, file) {
            let range = whole(db, *item);
            let start = usize::from(range.start()).max(end);
            plain(text, end, start, &mut tokens);
            end = usize::from(range.end()).max(start);
            if within.is_none_or(|within| within.intersect(range).is_some()) {
                self.tokens_of(*item, &mut tokens);
            }
        }
        plain(text, end, text.len(), &mut tokens);
        if let Some(within) = within {
            tokens.retain(|token| within.intersect(token.range).is_some());
        }
        tokens
    }

    fn tokens_of(&self, item: Item<'_>, tokens: &mut Vec<SemanticToken>) {
        let db = self.db();
        let range = whole(db, item);
        let text: &str = item.file(db).text(db);
        let Some(inner) = text.get(std::ops::Range::<usize>::from(range)) else { return };
        let look = look(db, item);
        let mut nodes: FxHashMap<TextRange, Vec<NodeId>> = FxHashMap::default();
        for (node, place) in item.spans(db).nodes() {
            nodes.entry(place).or_default().push(node);
        }
        let lexed = lexer::lex(inner);
        for (at, token) in lexed.tokens.iter().enumerate() {
            let meaning = nodes.get(&token.range).and_then(|nodes| self.coloured(item, look, nodes));
            let is_named = lexed.tokens[at + 1..].iter().find(|next| !next.kind.is_trivia());
            let is_named = is_named.is_some_and(|next| next.kind == SyntaxKind::Colon);
            let found = match meaning {
                Some(found) if crate::spot::is_word(token.kind) => Some(found),
                _ if is_named && crate::spot::is_word(token.kind) => Some((TokenType::Field, 0)),
                _ => by_looks(token.kind).map(|ty| (ty, 0)),
            };
            if let Some((ty, modifiers)) = found
                && !token.range.is_empty()
            {
                tokens.push(SemanticToken { range: token.range + range.start(), ty, modifiers });
            }
        }
    }

    fn coloured(&self, item: Item<'_>, look: &Look, nodes: &[NodeId]) -> Option<(TokenType, u8)> {
        let node = nodes.iter().rev().find(|node| look.meanings.contains_key(node))?;
        Some(match look.meanings.get(node)? {
            Meaning::Module(_) => (TokenType::Namespace, 0),
            Meaning::Control { .. } => (TokenType::Control, 0),
            Meaning::Setting { .. } => (TokenType::Field, FROM_LIBRARY),
            Meaning::Word(word) => match word.as_str() {
                "now" | "self" | "unknown" | "absent" => (TokenType::Keyword, 0),
                word if iom_model::Scalar::NAMED.iter().any(|one| one.name() == word) => {
                    (TokenType::Type, FROM_LIBRARY)
                }
                "json" => (TokenType::Type, FROM_LIBRARY),
                word if crate::words::builtin(word).is_some() => (TokenType::Function, FROM_LIBRARY),
                _ => (TokenType::Value, FROM_LIBRARY),
            },
            Meaning::Declared(place) => {
                let declared = self.item_of(place)?;
                let db = self.db();
                let mut modifiers = 0;
                if declared == item && place.node == *node {
                    modifiers |= DECLARATION;
                }
                if declared.package(db) == "std" {
                    modifiers |= FROM_LIBRARY;
                }
                let (ty, more) = self.colour_of(declared, place.node);
                (ty, modifiers | more)
            }
        })
    }

    /// What something declared is.
    fn colour_of(&self, item: Item<'_>, node: NodeId) -> (TokenType, u8) {
        let db = self.db();
        let syntax = declaration(db, item);
        if syntax.name().is_some_and(|name| name.id == node) {
            return match item.keyword(db) {
                "kind" => (TokenType::Kind, 0),
                "trait" => (TokenType::Trait, 0),
                "type" => (TokenType::Type, 0),
                "blueprint" | "shape" => (TokenType::Blueprint, 0),
                "fn" => (TokenType::Function, 0),
                "const" | "data" => (TokenType::Variable, READ_ONLY),
                "resource" => (TokenType::Resource, 0),
                "catalog" => (TokenType::Namespace, 0),
                "test" => (TokenType::Text, 0),
                _ => (TokenType::Policy, 0),
            };
        }
        let inside = declared_inside(syntax);
        let what = inside.iter().find(|one| one.node == node).map(|one| one.what);
        match what {
            Some(Declares::Parameter) => (TokenType::Parameter, 0),
            Some(Declares::Field) => (TokenType::Field, 0),
            Some(Declares::Derived) => (TokenType::Field, READ_ONLY),
            Some(Declares::Alternative) => (TokenType::Value, 0),
            Some(Declares::Clause) => (TokenType::Policy, 0),
            Some(Declares::Resource) => (TokenType::Resource, 0),
            Some(Declares::Control) => (TokenType::Control, 0),
            None => (TokenType::Variable, 0),
        }
    }
}

/// Tokens between declarations: comments, and what could not be read.
fn plain(text: &str, start: usize, end: usize, tokens: &mut Vec<SemanticToken>) {
    let Some(between) = text.get(start..end).filter(|between| !between.trim().is_empty()) else { return };
    let offset = iom_base::TextSize::new(u32::try_from(start).unwrap_or(u32::MAX));
    for token in lexer::lex(between).tokens {
        if let Some(ty) = by_looks(token.kind).filter(|_| !token.range.is_empty()) {
            tokens.push(SemanticToken { range: token.range + offset, ty, modifiers: 0 });
        }
    }
}

/// What a token is by its kind alone.
fn by_looks(kind: SyntaxKind) -> Option<TokenType> {
    use SyntaxKind as K;
    Some(match kind {
        K::Comment | K::DocComment | K::FileComment => TokenType::Comment,
        K::Number | K::Duration | K::Size | K::Date | K::Ipv4 => TokenType::Number,
        K::String | K::LongString | K::RawString | K::StringStart | K::StringText | K::StringEnd => {
            TokenType::Text
        }
        K::Context => TokenType::Variable,
        K::EqEq
        | K::BangEq
        | K::Lt
        | K::LtEq
        | K::Gt
        | K::GtEq
        | K::FatArrow
        | K::Plus
        | K::PlusPlus
        | K::Minus
        | K::Star
        | K::Slash
        | K::QuestionQuestion
        | K::Pipe
        | K::DotDot => TokenType::Operator,
        kind if kind.is_keyword() => TokenType::Keyword,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn words_are_coloured_by_what_they_mean() {
        let text = "//! 世界\nmodule shop\nuse aws\n/// Doc.\nkind Server : Resource { zone: east | west = east  derive big: bool = .zone == east }\n\
                    resource a: Server { zone: west  tags: { \"k\": \"😀 {b.zone}\" } }\nresource b: Server { }\n\
                    const n: int = size([1]) + doubled(of: 2)\nfn doubled(of: int): int = of * 2\n\
                    policy p { severity: high for s: Server { require big: s.big else \"{s}\" } }\nbroken { } x";
        let fixture = Fixture::new(text);
        let tokens = fixture.analysis.semantic_tokens("main.iom", None);
        let mut end = iom_base::TextSize::new(0);
        let mut shown = String::new();
        for token in &tokens {
            assert!(token.range.start() >= end, "{token:?}");
            end = token.range.end();
            let marks: Vec<&str> = (0..3)
                .filter(|bit| token.modifiers & (1 << bit) != 0)
                .map(|bit| MODIFIERS[bit as usize])
                .collect();
            shown.push_str(&format!("{} {} {}\n", &text[token.range], token.ty.name(), marks.join(",")));
        }
        insta::assert_snapshot!(shown);
        let range = tokens[tokens.len() / 2].range;
        let within = fixture.analysis.semantic_tokens("main.iom", Some(range));
        assert!(within.iter().all(|token| tokens.contains(token)), "{within:?}");
        assert!(within.len() < tokens.len());
    }
}
