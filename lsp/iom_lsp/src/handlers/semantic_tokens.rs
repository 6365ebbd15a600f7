//! Colours: as numbers relative to one another, as the protocol has them, and what changed of them.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use iom_base::{TextRange, TextSize};
use iom_ide::semantic_tokens::{MODIFIERS, TokenType};
use rustc_hash::FxHasher;
use tower_lsp_server::ls_types::{
    SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens, SemanticTokensDelta,
    SemanticTokensDeltaParams, SemanticTokensEdit, SemanticTokensFullDeltaResult, SemanticTokensLegend,
    SemanticTokensParams, SemanticTokensRangeParams, SemanticTokensRangeResult, SemanticTokensResult,
};

use super::Result;
use crate::snapshot::{File, Snapshot};

/// What clients were told of open documents, by path, so that only the difference is told the next time.
#[derive(Debug, Default)]
pub struct Told(Mutex<BTreeMap<String, (String, Vec<SemanticToken>)>>);

impl Told {
    /// Remembers what a client is told; gives what it was told before.
    fn replace(
        &self,
        snapshot: &Snapshot,
        path: &str,
        tokens: &SemanticTokens,
    ) -> Option<(String, Vec<SemanticToken>)> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|path, _| snapshot.documents.contains_key(path));
        let id = tokens.result_id.clone().unwrap_or_default();
        told.insert(path.to_owned(), (id, tokens.data.clone()))
    }
}

pub fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TokenType::ALL.iter().map(|ty| SemanticTokenType::new(ty.name())).collect(),
        token_modifiers: MODIFIERS.iter().map(|name| SemanticTokenModifier::new(name)).collect(),
    }
}

pub fn full(snapshot: &Snapshot, asked: SemanticTokensParams) -> Result<Option<SemanticTokensResult>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let tokens = tokens(snapshot, &file, None);
    snapshot.told_tokens.replace(snapshot, &file.path, &tokens);
    Ok(Some(SemanticTokensResult::Tokens(tokens)))
}

pub fn range(
    snapshot: &Snapshot,
    asked: SemanticTokensRangeParams,
) -> Result<Option<SemanticTokensRangeResult>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let tokens = tokens(snapshot, &file, Some(file.text_range(asked.range)));
    Ok(Some(SemanticTokensRangeResult::Tokens(tokens)))
}

/// What is another way than it was told before; everything where that is not known any more.
pub fn delta(
    snapshot: &Snapshot,
    asked: SemanticTokensDeltaParams,
) -> Result<Option<SemanticTokensFullDeltaResult>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let tokens = tokens(snapshot, &file, None);
    let before = snapshot.told_tokens.replace(snapshot, &file.path, &tokens);
    Ok(Some(match before {
        Some((id, before)) if id == asked.previous_result_id => {
            let edits = difference(&before, &tokens.data).into_iter().collect();
            let delta = SemanticTokensDelta { result_id: tokens.result_id, edits };
            SemanticTokensFullDeltaResult::TokensDelta(delta)
        }
        _ => SemanticTokensFullDeltaResult::Tokens(tokens),
    }))
}

/// What stands between the common start and the common end, in numbers of which each token has five.
fn difference(before: &[SemanticToken], now: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    const NUMBERS: usize = 5;
    if before == now {
        return None;
    }
    let start = before.iter().zip(now).take_while(|(left, right)| left == right).count();
    let (before, now) = (&before[start..], &now[start..]);
    let end = before.iter().rev().zip(now.iter().rev()).take_while(|(left, right)| left == right).count();
    let number = |count: usize| u32::try_from(count * NUMBERS).unwrap_or(u32::MAX);
    Some(SemanticTokensEdit {
        start: number(start),
        delete_count: number(before.len() - end),
        data: Some(now[..now.len() - end].to_vec()),
    })
}

fn tokens(snapshot: &Snapshot, file: &File<'_>, within: Option<TextRange>) -> SemanticTokens {
    let mut data = Vec::new();
    let (mut line, mut start) = (0, 0);
    for token in snapshot.analysis.semantic_tokens(&file.path, within) {
        for range in lines_of(file.text, token.range) {
            let place = file.range(range);
            if place.start.line != line {
                start = 0;
            }
            data.push(SemanticToken {
                delta_line: place.start.line - line,
                delta_start: place.start.character - start,
                length: place.end.character - place.start.character,
                token_type: token.ty as u32,
                token_modifiers_bitset: token.modifiers.into(),
            });
            (line, start) = (place.start.line, place.start.character);
        }
    }
    let mut hasher = FxHasher::default();
    for token in &data {
        let SemanticToken { delta_line, delta_start, length, token_type, token_modifiers_bitset } = token;
        (delta_line, delta_start, length, token_type, token_modifiers_bitset).hash(&mut hasher);
    }
    SemanticTokens { result_id: Some(format!("{:x}", hasher.finish())), data }
}

/// A range line by line: few clients take tokens over several.
fn lines_of(text: &str, range: TextRange) -> impl Iterator<Item = TextRange> {
    let inner = text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default();
    let mut start = range.start();
    inner.split_inclusive('\n').filter_map(move |line| {
        let whole = TextSize::of(line);
        let shown = TextSize::of(line.trim_end_matches(['\n', '\r']));
        let place = TextRange::at(start, shown);
        start += whole;
        (!place.is_empty()).then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_difference_is_told() {
        let token = |length: u32| SemanticToken { length, ..SemanticToken::default() };
        let before: Vec<SemanticToken> = [1, 2, 3, 4].map(token).to_vec();
        let now: Vec<SemanticToken> = [1, 9, 8, 3, 4].map(token).to_vec();
        let edit = difference(&before, &now).unwrap();
        assert_eq!((edit.start, edit.delete_count, edit.data.unwrap().len()), (5, 5, 2));
        assert_eq!(difference(&now, &now), None);
        let edit = difference(&[], &now).unwrap();
        assert_eq!((edit.start, edit.delete_count), (0, 0));
    }
}
