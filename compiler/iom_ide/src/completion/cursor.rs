//! Where the cursor stands, in text that need not be right.

use iom_base::{TextRange, TextSize};
use iom_semantic::db::Db;
use iom_semantic::input::SourceFile;
use iom_semantic::items::{Item, items};
use iom_semantic::look::{Cursor, MARKER, look_at};
use iom_syntax::{SyntaxKind, SyntaxNode, declarations, lexer, lower, parse};

use crate::spot::{item_at, whole};

/// The cursor, what is written of the word at it, and what could stand there.
pub(super) struct Standing<'db> {
    /// Of the word at the cursor as far as it goes.
    pub replaced: TextRange,
    pub word: String,
    /// The word stands in quotation marks.
    pub is_quoted: bool,
    /// The text before the word, back to the start of its file.
    pub before: &'db str,
    pub place: Place<'db>,
}

pub(super) enum Place<'db> {
    /// Between declarations.
    Top,
    /// In a `use`: what stands before the word, such as `std.net.`.
    Import(String),
    Inside(Box<Inside<'db>>),
}

/// In a declaration.
pub(super) struct Inside<'db> {
    pub item: Item<'db>,
    pub cursor: Option<Cursor>,
    /// The nodes around the word, the innermost first.
    pub around: Vec<SyntaxNode>,
    /// It is the start of a field or a clause.
    pub starts_member: bool,
}

/// A declaration with a word at the cursor.
struct Attempt {
    around: Vec<SyntaxNode>,
    errors: usize,
    cursor: Option<Cursor>,
}

impl<'db> Standing<'db> {
    /// Nothing in comments and in texts.
    pub fn find(db: &'db dyn Db, file: SourceFile, offset: u32) -> Option<Standing<'db>> {
        let text: &str = file.text(db);
        let offset = (offset as usize).min(text.len());
        let head = text.get(..offset)?;
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let word = &head[head.trim_end_matches(is_part).len()..];
        let line = &head[head.rfind('\n').map_or(0, |at| at + 1)..];
        if line.trim_start().starts_with("//") {
            return None;
        }
        let item = around(db, file, offset);
        // Between declarations a line says enough.
        let line_start = offset - line.len();
        let line_end = text[offset..].find('\n').map_or(text.len(), |length| offset + length);
        let start = item.map_or(line_start, |item| usize::from(item.offset(db)));
        let stop = item.map_or(line_end, |item| usize::from(whole(db, item).end()).max(line_end));
        let (mut from, mut is_quoted) = (offset - word.len(), false);
        let end = text[offset..].find(|letter| !is_part(letter)).map_or(text.len(), |length| offset + length);
        let mut end = end;
        if let Some(token) = token_around(&text[start..stop], offset - start) {
            let range = (start + token.1.start, start + token.1.end);
            match token.0 {
                SyntaxKind::Comment | SyntaxKind::DocComment | SyntaxKind::FileComment => return None,
                SyntaxKind::String if text[..range.0].ends_with('.') => {
                    (from, end, is_quoted) = (range.0, range.1, true);
                }
                SyntaxKind::String
                | SyntaxKind::LongString
                | SyntaxKind::RawString
                | SyntaxKind::StringText => {
                    return None;
                }
                _ => {}
            }
        }
        let word = text.get(from..offset)?.trim_matches('"').to_owned();
        let quote = usize::from(is_quoted);
        let last = if is_quoted && text[from + 1..end].ends_with('"') { end - 1 } else { end };
        let replaced = if is_quoted { range(from + quote, last) } else { range(from, offset) };
        let before = &text[..from];
        let place = match (import_path(before), item) {
            (Some(path), _) => Place::Import(path),
            (None, None) => Place::Top,
            (None, Some(item)) => Place::Inside(Box::new(inside(db, item, (start, from, end), &word))),
        };
        Some(Standing { replaced, word, is_quoted, before, place })
    }
}

fn range(start: usize, end: usize) -> TextRange {
    let size = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
    TextRange::new(size(start), size(end))
}

/// The declaration that the cursor is in, or goes on with: one whose end is not there yet goes on to the next.
fn around<'db>(db: &'db dyn Db, file: SourceFile, offset: usize) -> Option<Item<'db>> {
    let at = TextSize::new(u32::try_from(offset).ok()?);
    let text: &str = file.text(db);
    let all = items(db, file);
    let last = all.partition_point(|item| item.offset(db) < at);
    let before = *all.get(last.checked_sub(1)?)?;
    let range = whole(db, before);
    if let Some(item) = item_at(db, file, at)
        && whole(db, item).start() < at
        && (whole(db, item).end() > at || !text[..offset].ends_with('}'))
    {
        return Some(item);
    }
    // Blanks between the declaration and the cursor: it goes on if something is missing at its end.
    let between = text.get(range.end().into()..offset)?;
    let said = text[range].trim_end();
    let is_open = said.matches('{').count() > said.matches('}').count()
        || said.ends_with([':', '=', '.', ',', '('])
        || !said.ends_with('}') && !between.contains('\n');
    (between.trim().is_empty() && is_open).then_some(before)
}

/// What stands at an offset: its kind and place, where the offset is inside.
fn token_around(text: &str, offset: usize) -> Option<(SyntaxKind, std::ops::Range<usize>)> {
    let lexed = lexer::lex(text);
    let inside = |range: TextRange| usize::from(range.start()) < offset && offset <= usize::from(range.end());
    let found = lexed.tokens.iter().find(|token| inside(token.range))?;
    let range = std::ops::Range::<usize>::from(found.range);
    let is_text = matches!(found.kind, SyntaxKind::String | SyntaxKind::LongString | SyntaxKind::RawString);
    // After its closing quotes one is out of a text.
    if is_text && offset == range.end && range.len() > 1 && text[..offset].ends_with('"') {
        return None;
    }
    Some((found.kind, range))
}

/// In a `use`: what of its path stands before the word.
fn import_path(before: &str) -> Option<String> {
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let path = line.trim_start().strip_prefix("use")?;
    if !path.starts_with([' ', '\t']) {
        return None;
    }
    let path = path.trim();
    let is_path = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '"');
    match path.split_once('{') {
        Some((module, names)) => {
            (!names.contains('}') && module.chars().all(is_path)).then(|| module.to_owned())
        }
        None => path.chars().all(is_path).then(|| path.to_owned()),
    }
}

/// Reads the declaration with a word at the cursor: as the name of a field, and as a value.
fn inside<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    (start, from, end): (usize, usize, usize),
    word: &str,
) -> Inside<'db> {
    let text: &str = item.file(db).text(db);
    let stop = usize::from(whole(db, item).end()).max(end);
    let (head, tail) = (&text[start..from], &text[end..stop]);
    // A word in quotes is read as if it had none.
    let value = Attempt::new(db, item, &format!("{head}{word}{MARKER}{tail}"));
    let field = Attempt::new(db, item, &format!("{head}{word}{MARKER}: absent {tail}"));
    let names_field =
        matches!(field.cursor, Some(Cursor::Field { .. } | Cursor::Key { .. } | Cursor::Setting { .. }));
    let starts_member = match field.errors.cmp(&value.errors) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => names_field,
        std::cmp::Ordering::Greater => false,
    };
    let Attempt { around, cursor, .. } = if starts_member { field } else { value };
    Inside { item, cursor, around, starts_member }
}

impl Attempt {
    fn new<'db>(db: &'db dyn Db, item: Item<'db>, text: &str) -> Attempt {
        let parsed = parse(text);
        let syntax = parsed.syntax();
        let found = syntax.descendants_with_tokens().filter_map(|element| element.into_token());
        let marked = found.into_iter().find(|token| token.text().ends_with(MARKER));
        let around = marked.iter().flat_map(|token| token.parent_ancestors()).collect();
        let cursor = declarations(&syntax).first().and_then(|declared| {
            let (declaration, _) = lower(&declared.green);
            look_at(db, item, declaration.into()).cursor
        });
        Attempt { around, errors: parsed.errors.len(), cursor }
    }
}
