//! What the rules share: the tokens to look at, the nodes found so far, and the errors.

use chumsky::{
    input::{Checkpoint, Cursor, Input},
    inspector::Inspector,
};
use iom_diagnostics::Diagnostic;
use text_size::{TextRange, TextSize};

use super::Outcome;
use crate::{SyntaxKind, brackets::Balanced, parse::MAX_ERRORS};

/// How deep rules that call themselves without a bracket between may nest.
const MAX_RECURSION: u32 = 512;

/// How far before a token its construct is looked for.
const MAX_LOOK_BACK: usize = 256;

/// A node over the tokens `start..end`; or, if its kind is one of a token, the kind of that token (a word that is used as
/// a word of the language), or of the two tokens it is joined from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NodeEntry {
    pub kind: SyntaxKind,
    pub start: u32,
    pub end: u32,
}

pub(super) struct State {
    text: String,
    balanced: Balanced,
    nodes: Vec<NodeEntry>,
    errors: Vec<Diagnostic<TextRange>>,
    /// The token the last error was about: a second error about the same one would be a consequence of the first.
    last_error: Option<usize>,
    recursion: u32,
    /// The expression that is being read is followed by the `=` of its declaration.
    pub ends_at_equals: bool,
    /// The body of a kind that is being read, and the last one in which a value stood for a type.
    pub kind_body: usize,
    pub body_with_values: Option<usize>,
}

impl State {
    pub fn new(text: &str, balanced: Balanced) -> State {
        State {
            text: text.to_owned(),
            nodes: Vec::with_capacity(balanced.tokens.len()),
            balanced,
            errors: Vec::new(),
            last_error: None,
            recursion: 0,
            ends_at_equals: false,
            kind_body: 0,
            body_with_values: None,
        }
    }

    pub fn finish(self) -> Outcome {
        Outcome { tokens: self.balanced.tokens, nodes: self.nodes, errors: self.errors }
    }

    pub fn len(&self) -> usize {
        self.balanced.tokens.len()
    }

    /// The kind of a token; `ErrorToken` past the end.
    pub fn kind(&self, at: usize) -> SyntaxKind {
        self.balanced.tokens.get(at).map_or(SyntaxKind::ErrorToken, |token| token.kind)
    }

    pub fn range(&self, at: usize) -> TextRange {
        match self.balanced.tokens.get(at) {
            Some(token) => token.range,
            None => TextRange::empty(TextSize::of(self.text.as_str())),
        }
    }

    pub fn text(&self, at: usize) -> &str {
        &self.text[self.range(at)]
    }

    /// The place right after the token before `at`.
    pub fn end_before(&self, at: usize) -> TextRange {
        match at.checked_sub(1).and_then(|before| self.balanced.tokens.get(before)) {
            Some(token) => TextRange::empty(token.range.end()),
            None => TextRange::empty(TextSize::new(0)),
        }
    }

    /// Whether nothing stands between a token and the next.
    pub fn is_joint(&self, at: usize) -> bool {
        at + 1 < self.len() && self.range(at).end() == self.range(at + 1).start()
    }

    pub fn is_line_start(&self, at: usize) -> bool {
        self.balanced.line_starts.get(at).copied().unwrap_or(true)
    }

    /// The closing bracket of the opening one at `at`.
    pub fn partner(&self, at: usize) -> usize {
        self.balanced.partners.get(at).map_or(0, |partner| *partner as usize).max(at)
    }

    pub fn push_node(&mut self, kind: SyntaxKind, start: usize, end: usize) {
        if start < end {
            self.nodes.push(NodeEntry { kind, start: start as u32, end: end as u32 });
        }
    }

    /// Takes a token for another word than the one it is, after a misspelling was reported.
    pub fn correct(&mut self, at: usize, kind: SyntaxKind) {
        if let Some(token) = self.balanced.tokens.get_mut(at) {
            token.kind = kind;
        }
    }

    /// Whether an error about this token would be new and worth saying.
    pub fn may_report(&self, at: usize) -> bool {
        let is_known = match self.balanced.tokens.get(at) {
            Some(token) => token.is_virtual() || self.balanced.tainted[at],
            None => false,
        };
        self.last_error != Some(at) && !is_known && self.errors.len() < MAX_ERRORS
    }

    /// Adds an error about the token `at`, unless the token has one already.
    pub fn report(&mut self, at: usize, error: impl FnOnce(&State) -> Diagnostic<TextRange>) {
        if self.may_report(at) {
            let error = error(self);
            self.errors.push(error);
        }
        self.last_error = Some(at);
    }

    /// Says nothing about a token that follows, on its line, what the last error was about, if that is not before `from`.
    pub fn mute_after_error(&mut self, from: usize, at: usize) {
        if let Some(last) = self.last_error.filter(|last| (from..=at).contains(last))
            && !(last + 1..=at).any(|between| self.is_line_start(between))
        {
            self.mute(at);
        }
    }

    /// Says nothing more about a token.
    pub fn mute(&mut self, at: usize) {
        self.last_error = Some(at);
    }

    /// Goes deeper; false if that is too deep.
    pub fn enter(&mut self, levels: u32) -> bool {
        self.recursion += levels;
        self.recursion <= MAX_RECURSION
    }

    pub fn leave(&mut self, levels: u32) {
        self.recursion -= levels;
    }
}

/// R1 to R3: what a contextual word is.
impl State {
    pub fn is_name(&self, at: usize) -> bool {
        self.kind(at).is_name()
    }

    pub fn is_free_name(&self, at: usize) -> bool {
        self.is_name(at) && !self.kind(at).is_reserved()
    }

    /// A name or a string without interpolation.
    pub fn is_key(&self, at: usize) -> bool {
        self.is_name(at) || self.kind(at) == SyntaxKind::String
    }

    /// R1: a field starts here, whatever the word.
    pub fn is_field_start(&self, at: usize) -> bool {
        self.is_key(at) && self.field_colon(at).is_some()
    }

    /// Whether the next `:` belongs to a binder or a `let` that began before this token, as in `[for i in 1..n: i]`, so that
    /// a name before it is no field.
    pub fn awaits_colon(&self, at: usize) -> bool {
        let mut depth = 0_usize;
        for before in (at.saturating_sub(MAX_LOOK_BACK)..at).rev() {
            let kind = self.kind(before);
            match kind {
                SyntaxKind::RParen | SyntaxKind::RBracket | SyntaxKind::RBrace => depth += 1,
                SyntaxKind::LParen | SyntaxKind::LBracket | SyntaxKind::LBrace => {
                    match depth.checked_sub(1) {
                        Some(less) => depth = less,
                        None => return false,
                    }
                }
                _ if depth > 0 => {}
                SyntaxKind::Colon => return false,
                SyntaxKind::LetKw => return true,
                SyntaxKind::InKw if before > 1 => {
                    use SyntaxKind::{AllKw, AnyKw, Comma, ForKw, NoneKw};
                    if matches!(self.kind(before - 2), ForKw | AllKw | AnyKw | NoneKw | Comma) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// The `:` of the field that starts here.
    fn field_colon(&self, at: usize) -> Option<usize> {
        let mut next = at + 1;
        if !self.kind(at).is_operator_word() {
            while self.kind(next) == SyntaxKind::Dot && self.is_key(next + 1) {
                next += 2;
            }
        }
        (self.kind(next) == SyntaxKind::Colon).then_some(next)
    }

    /// `override a.b: ..`
    pub fn is_override(&self, at: usize) -> bool {
        self.kind(at) == SyntaxKind::OverrideKw && !self.is_field_start(at) && self.is_field_start(at + 1)
    }

    /// Outside of all brackets: the next declaration starts here, so a name that is missed before it is not its keyword.
    pub fn is_declaration_here(&self, at: usize) -> bool {
        use SyntaxKind::*;
        self.kind(at).is_declaration_keyword()
            && matches!(self.kind(at + 1), Name | String)
            && matches!(self.kind(at + 2), LBrace | Colon | Eq | LParen | ForKw | FromKw | OfKw | Dot)
            && self.balanced.depths.get(at) == Some(&0)
    }

    /// A clause or a declaration starts here, so a value that is missed before it is not its word: in sound text no
    /// plain name follows a value but that of a field or an arm.
    pub fn is_member_here(&self, at: usize) -> bool {
        let next = at + 1;
        self.is_member_word(at)
            && self.kind(next) == SyntaxKind::Name
            && !self.is_field_start(next)
            && !self.is_arm_start(next)
    }

    /// `a.b x =>`, `a |`
    pub fn is_arm_start(&self, at: usize) -> bool {
        let mut next = at + 1;
        while self.kind(next) == SyntaxKind::Dot && self.is_key(next + 1) {
            next += 2;
        }
        let is_arrow = |at: usize| matches!(self.kind(at), SyntaxKind::FatArrow | SyntaxKind::Pipe);
        is_arrow(next) || self.is_name(next) && is_arrow(next + 1)
    }

    /// Whether a field stands inside the braces at `at` before any comma, right after the end of a value.
    pub fn has_field_inside(&self, at: usize) -> bool {
        use SyntaxKind::*;
        let closing = self.partner(at);
        let mut inner = at + 1;
        while inner < closing && self.kind(inner) != Comma {
            let follows_value = matches!(
                self.kind(inner - 1),
                Name | Number | Duration | Size | Date | Ipv4 | String | LongString | RawString | StringEnd
            ) || matches!(
                self.kind(inner - 1),
                RParen | RBracket | RBrace | TrueKw | FalseKw
            );
            if follows_value && self.is_field_start(inner) {
                return true;
            }
            inner = self.partner(inner) + 1;
        }
        false
    }

    /// Whether a word goes on with what stands before it: not if it starts a field, an arm or an alternative.
    pub fn goes_on(&self, at: usize) -> bool {
        !matches!(self.kind(at + 1), SyntaxKind::Colon | SyntaxKind::FatArrow | SyntaxKind::Pipe)
            && !self.is_field_start(at)
    }

    /// Whether the word `kind` stands here and goes on with what stands before it.
    pub fn continues_with(&self, at: usize, kind: SyntaxKind) -> bool {
        self.kind(at) == kind && self.goes_on(at)
    }

    /// `for x in`, `for x, y in`: the word is a comprehension's only before these.
    pub fn is_comprehension(&self, at: usize) -> bool {
        self.kind(at) == SyntaxKind::ForKw
            && self.is_name(at + 1)
            && matches!(self.kind(at + 2), SyntaxKind::InKw | SyntaxKind::Comma)
    }

    /// `all x in`: a quantifier only before an unreserved name and `,` or `in`, unless that `in` is a field.
    pub fn is_quantifier(&self, at: usize) -> bool {
        use SyntaxKind::*;
        matches!(self.kind(at), AllKw | AnyKw | NoneKw)
            && self.is_free_name(at + 1)
            && match self.kind(at + 2) {
                Comma => true,
                InKw => self.kind(at + 3) != Colon,
                _ => false,
            }
    }

    /// Whether a clause or a declaration may start here, by its word alone.
    pub fn is_member_word(&self, at: usize) -> bool {
        let kind = self.kind(at);
        kind.is_clause_keyword() || kind.is_declaration_keyword()
    }

    /// A token that a type cannot start with, but a value can.
    pub fn is_value_only(&self, at: usize) -> bool {
        use SyntaxKind::*;
        match self.kind(at) {
            Dot | LBracket | Minus | Caret | Context | TrueKw | FalseKw => true,
            Number | Duration | Size | Date | Ipv4 | LongString | RawString | StringStart => true,
            // Parentheses may also hold a type: `ref (K?)`.
            RefKw | RefsKw | LParen => matches!(self.kind(at + 1), Dot | Caret | LBracket),
            MatchKw => self.kind(at + 1) == Dot,
            _ => false,
        }
    }

    /// A literal or a plain name, and nothing after it that could go on with it.
    pub fn is_whole_expression(&self, at: usize) -> bool {
        use SyntaxKind::*;
        matches!(
            self.kind(at),
            Name | Number | Duration | Size | Date | Ipv4 | String | LongString | RawString
        ) && self.kind(at + 1).ends_expression()
    }

    /// A token an expression may start with.
    pub fn starts_expression(&self, at: usize) -> bool {
        use SyntaxKind::*;
        match self.kind(at) {
            Number | Duration | Size | Date | Ipv4 | BadLiteral | String | LongString | RawString
            | StringStart => true,
            LBrace | LParen | LBracket | Dot | Caret | Context | Minus => true,
            NotKw | IfKw | LetKw | MatchKw | RefKw | RefsKw | TrueKw | FalseKw => true,
            _ => self.is_free_name(at),
        }
    }
}

impl<'src, I: Input<'src>> Inspector<'src, I> for State {
    type Checkpoint = usize;

    fn on_token(&mut self, _: &I::Token) {}

    fn on_save<'parse>(&self, _: &Cursor<'src, 'parse, I>) -> usize {
        self.nodes.len()
    }

    fn on_rewind<'parse>(&mut self, marker: &Checkpoint<'src, 'parse, I, usize>) {
        self.nodes.truncate(*marker.inspector());
    }
}
