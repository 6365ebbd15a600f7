//! The bracket matcher: runs over the tokens before the grammar does.
//!
//! What the grammar sees is always balanced. A missing bracket is reported once, at the place where it is missed and with
//! its opening one, and an empty token stands in for it. A stray closing bracket, and everything deeper than the limit, is
//! hidden from the grammar. So no faulty bracket can make the grammar lose its way.

mod repair;

use iom_diagnostics::Diagnostic;
use text_size::TextRange;

use self::repair::Repair;

use crate::{
    SyntaxKind,
    lexer::{Lexed, Token},
};

/// How deep brackets nest at most.
pub(crate) const MAX_BRACKETS: usize = 256;

/// The tokens the grammar sees: no trivia, all brackets balanced.
#[derive(Debug, Default)]
pub(crate) struct Balanced {
    pub tokens: Vec<Token>,
    /// For every opening bracket the number of its closing one; 0 for all other tokens.
    pub partners: Vec<u32>,
    /// Whether a token is the first of its line.
    pub line_starts: Vec<bool>,
    /// How many brackets are open around each token.
    pub depths: Vec<u16>,
    /// Tokens about which no error is worth saying: something is wrong right before or around them that has been said.
    pub tainted: Vec<bool>,
}

/// Balances the brackets of a file.
pub(crate) fn balance(text: &str, lexed: &Lexed, errors: &mut Vec<Diagnostic<TextRange>>) -> Balanced {
    let is_seen = |kind: SyntaxKind| !kind.is_trivia() && kind != SyntaxKind::ErrorToken;
    let significant: Vec<Token> = lexed.tokens.iter().copied().filter(|token| is_seen(token.kind)).collect();
    let mut faulty = lexed.faulty.clone();
    faulty.extend(
        lexed.tokens.iter().filter(|token| token.kind == SyntaxKind::ErrorToken).map(|token| token.range),
    );
    let (tokens, partners) = match partners(&significant) {
        Some(partners) => (significant, partners),
        None => {
            let repaired = Repair::new(text, errors, &mut faulty).run(&significant);
            let partners = partners(&repaired).unwrap_or_else(|| vec![0; repaired.len()]);
            (repaired, partners)
        }
    };
    let line_starts = line_starts(text, &tokens);
    let depths = depths(&tokens);
    faulty.sort_by_key(|range| range.start());
    let tainted = tainted(&tokens, &faulty);
    Balanced { tokens, partners, line_starts, depths, tainted }
}

/// Marks the tokens in faulty places and the first token after each.
fn tainted(tokens: &[Token], faulty: &[TextRange]) -> Vec<bool> {
    let mut tainted = vec![false; tokens.len()];
    for range in faulty {
        let first = tokens.partition_point(|token| token.range.start() < range.start());
        for (at, token) in tokens.iter().enumerate().skip(first) {
            tainted[at] = true;
            if token.range.start() >= range.end() && !token.is_virtual() {
                break;
            }
        }
    }
    tainted
}

/// The partner of each opening bracket, or nothing if the brackets do not match or nest too deep.
fn partners(tokens: &[Token]) -> Option<Vec<u32>> {
    let mut partners = vec![0; tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind.closing().is_some() {
            open.push(at);
            if open.len() > MAX_BRACKETS {
                return None;
            }
        } else if token.kind.is_closing() {
            let opening = open.pop()?;
            if tokens[opening].kind.closing() != Some(token.kind) {
                return None;
            }
            partners[opening] = at as u32;
        }
    }
    open.is_empty().then_some(partners)
}

fn line_starts(text: &str, tokens: &[Token]) -> Vec<bool> {
    let mut before = 0;
    tokens
        .iter()
        .map(|token| {
            let start = usize::from(token.range.start());
            let starts_line = before == 0 || text[before..start].contains('\n');
            before = usize::from(token.range.end());
            starts_line
        })
        .collect()
}

fn depths(tokens: &[Token]) -> Vec<u16> {
    let mut depth = 0u16;
    tokens
        .iter()
        .map(|token| {
            if token.kind.is_closing() {
                depth = depth.saturating_sub(1);
            }
            let around = depth;
            if token.kind.closing().is_some() {
                depth += 1;
            }
            around
        })
        .collect()
}

#[cfg(test)]
mod tests;
