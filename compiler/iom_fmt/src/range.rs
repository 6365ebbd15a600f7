//! Formatting a part of a file: the edits of formatting the whole that lie there.

use iom_base::{TextRange, TextSize};
use iom_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

/// A replacement of a part of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    pub range: TextRange,
    pub new_text: String,
}

/// The edits, in order, that formatting makes to the lines that a range touches, and to those that hang together with
/// them. Declarations with syntax errors are left alone, and so is a file that cannot be formatted as a whole outside of
/// the declarations that can.
pub fn format_range(text: &str, range: TextRange) -> Vec<Edit> {
    let parse = iom_syntax::parse(text);
    let root = parse.syntax();
    if parse.errors.is_empty() {
        return edits(text, &root, TextSize::new(0), range);
    }
    let mut found = Vec::new();
    for declaration in root.children() {
        let place = declaration.text_range();
        let is_sound = !parse.errors.iter().any(|error| error.primary.place.intersect(place).is_some());
        if !is_sound || place.intersect(range).is_none() {
            continue;
        }
        let part = &text[place];
        let alone = iom_syntax::parse(part);
        if alone.errors.is_empty()
            && let Some(inside) = range.intersect(place)
        {
            found.extend(edits(part, &alone.syntax(), place.start(), inside - place.start()));
        }
    }
    found
}

/// The edits of a text that starts at `offset` of its file; `range` is counted from the text's start.
fn edits(text: &str, root: &SyntaxNode, offset: TextSize, range: TextRange) -> Vec<Edit> {
    let mut formatted = crate::layout::file(text, root);
    if offset > TextSize::new(0) || !text.ends_with('\n') && range.end() < TextSize::of(text) {
        // What follows the last token is not part of the text, or not asked for.
        formatted.truncate(formatted.trim_end().len());
    }
    let new_root = iom_syntax::parse(&formatted).syntax();
    let (old, new) = (line_starts(text, root), line_starts(&formatted, &new_root));
    // Where both texts start a line with the same token they can be cut.
    let mut cuts: Vec<(usize, usize)> = vec![(0, 0)];
    let mut after = new.iter().peekable();
    for (token, at) in &old {
        while after.next_if(|(other, _)| other < token).is_some() {}
        if let Some((_, new_at)) = after.next_if(|(other, _)| other == token) {
            cuts.push((*at, *new_at));
        }
    }
    cuts.push((text.len(), formatted.len()));
    let mut found = Vec::new();
    for pair in cuts.windows(2) {
        let [(old_start, new_start), (old_end, new_end)] = pair else { continue };
        let place = TextRange::new(TextSize::new(*old_start as u32), TextSize::new(*old_end as u32));
        // A cursor at the start of a line is in that line, not in the one before.
        let is_wanted = place.start() <= range.end() && range.start() < place.end();
        let new_text = &formatted[*new_start..*new_end];
        if is_wanted && text[place] != *new_text {
            found.push(Edit { range: place + offset, new_text: new_text.to_owned() });
        }
    }
    found
}

/// Tokens that are the first of their line, by number, with the byte where that line starts. Formatting changes no token
/// but commas, so that equal numbers are equal tokens. A line that a comma goes before is left out: formatted, the comma stands
/// behind what it follows, which is another line's.
fn line_starts(text: &str, root: &SyntaxNode) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut number = 0;
    let mut last_end = 0;
    // How many were found up to the last token that is no comment.
    let mut settled = 0;
    for token in root.descendants_with_tokens().filter_map(|element| element.into_token()) {
        if token.kind() == SyntaxKind::Comma {
            found.truncate(settled);
        }
        if is_gap(&token) {
            continue;
        }
        let start = usize::from(token.text_range().start());
        if let Some(newline) = text[last_end..start].rfind('\n') {
            let line = last_end + newline + 1;
            if !text[line..start].contains(',') {
                found.push((number, line));
            }
        }
        if !token.kind().is_trivia() {
            settled = found.len();
        }
        last_end = usize::from(token.text_range().end());
        number += 1;
    }
    found
}

/// White space and commas; white space inside a string is text.
fn is_gap(token: &SyntaxToken) -> bool {
    matches!(token.kind(), SyntaxKind::Whitespace | SyntaxKind::Comma)
}
