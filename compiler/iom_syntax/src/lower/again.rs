//! A file that was lowered before and has changed since: only what is between declarations that stayed as they were is read.

use std::sync::Arc;

use iom_diagnostics::Diagnostic;
use text_size::{TextRange, TextSize};

use super::{LoweredDeclaration, LoweredFile, declarations_of, lower_file};
use crate::{
    ast::NodeId,
    grammar,
    parse::{MAX_ERRORS, MAX_FILE_SIZE, parse_with},
};

/// A text without errors and what it was lowered to. Declarations are handed on as they are, and never looked into.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Before {
    pub text: Arc<str>,
    pub declarations: Vec<LoweredDeclaration>,
}

/// The same as [`lower_file`], in less time where the text is mostly the one from before.
///
/// What is read anew begins and ends with a declaration that stayed as it was, and next to which nothing changed either. If
/// those two come out as they did before, and strings and brackets between them are closed, then the rest of the file cannot
/// notice what is between them. In all other cases the whole file is read.
pub fn lower_file_again(text: &str, before: &Before) -> LoweredFile {
    Changed::between(before, text)
        .and_then(|changed| changed.lower(text, before))
        .unwrap_or_else(|| lower_file(text))
}

/// How many declarations stay as they were, and what is read in their place.
struct Changed {
    /// At the front.
    front: usize,
    /// At the back.
    back: usize,
    /// In the new text.
    range: TextRange,
    /// How much farther back the declarations at the back stand now, wrapping.
    shift: u32,
}

impl Changed {
    fn between(before: &Before, text: &str) -> Option<Changed> {
        if text.len() > MAX_FILE_SIZE {
            return None;
        }
        let old: &str = &before.text;
        let declarations = &before.declarations;
        let same_front = common(old.bytes(), text.bytes());
        let most = old.len().min(text.len()) - same_front;
        let same_back = common(old.bytes().rev(), text.bytes().rev()).min(most);
        let changed_to = old.len() - same_back;
        // A declaration more than what stays is read on each side: it keeps what stays from the change.
        let untouched = declarations.partition_point(|one| usize::from(place(one).end()) < same_front);
        let front = untouched.saturating_sub(1);
        let touched = declarations.partition_point(|one| usize::from(one.offset) <= changed_to);
        let back = (declarations.len() - touched).saturating_sub(1);
        if front + back == 0 {
            return None;
        }
        let shift = (text.len() as u32).wrapping_sub(old.len() as u32);
        let start = match front {
            0 => TextSize::new(0),
            _ => joint(old, declarations, front)?,
        };
        let end = match back {
            0 => TextSize::of(text),
            _ => moved(joint(old, declarations, declarations.len() - back)?, shift),
        };
        let is_in_order =
            start < end && text.is_char_boundary(start.into()) && text.is_char_boundary(end.into());
        is_in_order.then(|| Changed { front, back, range: TextRange::new(start, end), shift })
    }

    fn lower(&self, text: &str, before: &Before) -> Option<LoweredFile> {
        let parsed = parse_with(&text[self.range], grammar::Entry::File);
        let mut between = declarations_of(&parsed.tree);
        if !parsed.is_well_nested || parsed.errors.len() >= MAX_ERRORS {
            return None;
        }
        for one in &mut between {
            one.offset += self.range.start();
        }
        let start = self.range.start();
        let errors: Vec<Diagnostic<TextRange>> =
            parsed.errors.into_iter().map(|error| error.map_places(|place| place + start)).collect();
        let (first, last) = self.bounds(before, &between)?;
        let is_inside = |error: &Diagnostic<TextRange>| {
            let mut places = error.secondary.iter().chain([&error.primary]).map(|label| label.place);
            places.all(|place| first <= place.start() && place.end() < last)
        };
        if !errors.iter().all(is_inside) {
            return None;
        }
        let declarations = &before.declarations;
        let mut all = Vec::with_capacity(self.front + between.len() + self.back);
        all.extend_from_slice(&declarations[..self.front]);
        all.append(&mut between);
        let back = declarations[declarations.len() - self.back..].iter().cloned();
        all.extend(back.map(|one| LoweredDeclaration { offset: moved(one.offset, self.shift), ..one }));
        Some(LoweredFile { declarations: all, errors })
    }

    /// Where the declarations that separate what changed from what stays end and begin; nothing if they did not stay.
    fn bounds(&self, before: &Before, between: &[LoweredDeclaration]) -> Option<(TextSize, TextSize)> {
        let declarations = &before.declarations;
        let mut bounds = (self.range.start(), self.range.end() + TextSize::new(1));
        if self.front > 0 {
            let kept = &declarations[self.front];
            bounds.0 = place(between.first().filter(|first| is_same(first, kept, 0))?).end();
        }
        if self.back > 0 {
            let kept = &declarations[declarations.len() - self.back - 1];
            bounds.1 = between.last().filter(|last| is_same(last, kept, self.shift))?.offset;
        }
        Some(bounds)
    }
}

/// Whether a declaration whose text stayed was read as before, apart from where it stands.
fn is_same(now: &LoweredDeclaration, before: &LoweredDeclaration, shift: u32) -> bool {
    now.offset == moved(before.offset, shift)
        && (now.keyword, &now.name, &now.spans) == (before.keyword, &before.name, &before.spans)
}

/// The number of equal bytes at the front.
fn common(left: impl Iterator<Item = u8>, right: impl Iterator<Item = u8>) -> usize {
    left.zip(right).take_while(|(left, right)| left == right).count()
}

/// With its doc comments.
fn place(one: &LoweredDeclaration) -> TextRange {
    let end = one.spans.range(NodeId::DECLARATION).end();
    TextRange::new(one.offset, one.offset + end)
}

fn moved(at: TextSize, shift: u32) -> TextSize {
    TextSize::new(u32::from(at).wrapping_add(shift))
}

/// Where a declaration begins, if that is on a line of its own after the one before.
fn joint(old: &str, declarations: &[LoweredDeclaration], number: usize) -> Option<TextSize> {
    let one = declarations.get(number)?;
    let before = declarations.get(number.checked_sub(1)?)?;
    let gap = old.get(place(before).end().into()..one.offset.into())?;
    gap.contains('\n').then_some(one.offset)
}
