//! From text to declarations. An edit in one declaration leaves the others' items as they were, and a changed comment or
//! blank line changes no [`declaration`].

use std::sync::Arc;

use iom_base::{FileId, Span, TextRange, TextSize};
use iom_diagnostics::Diagnostic;
use iom_syntax::ast::{Declaration, NodeId, SpanMap};
use iom_syntax::{Before, LoweredDeclaration};
use rowan::GreenNode;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::db::{Db, library_position};
use crate::input::{SourceFile, SourceText};
use crate::syntax::Syntax;

/// A top-level declaration. Its identity is what it is called, not where it stands.
#[salsa::tracked(debug)]
pub struct Item<'db> {
    #[returns(copy)]
    pub file: SourceFile,
    #[returns(copy)]
    pub keyword: &'static str,
    pub name: SmolStr,
    /// Position among those with the same keyword and name in the file.
    #[returns(copy)]
    pub duplicate: u32,
    /// The declaration without positions: unchanged by edits of comments and white space.
    #[tracked]
    pub(crate) syntax: Syntax,
    /// Where its nodes stand, relative to the offset.
    #[tracked]
    pub spans: SpanMap,
    #[tracked]
    #[returns(copy)]
    pub offset: TextSize,
}

/// A node of a declaration, valid across edits elsewhere.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    pub file: FileId,
    pub keyword: &'static str,
    pub name: SmolStr,
    pub duplicate: u32,
    pub node: NodeId,
}

/// What a file's text comes to. Its tree is gone: nobody asks for it while a workspace is checked, and it is many times the
/// size of the text.
#[derive(Clone, Debug, salsa::SalsaValue)]
pub struct ParsedFile<'db> {
    items: Vec<Item<'db>>,
    errors: Vec<Diagnostic<Span>>,
}

#[salsa::tracked(no_eq)]
fn parse<'db>(db: &'db dyn Db, file: SourceFile) -> ParsedFile<'db> {
    if let Some(position) = library_position(file.id(db)) {
        return ParsedFile { items: library_items(db, file, position), errors: Vec::new() };
    }
    let lowered = match file.before(db) {
        Some(before) => iom_syntax::lower_file_again(file.text(db), &before.lowered),
        None => iom_syntax::lower_file(file.text(db)),
    };
    let mut seen = Seen::default();
    let is_sound = lowered.errors.is_empty();
    let count_of_all = lowered.declarations.len();
    let item = |(position, found): (usize, LoweredDeclaration)| {
        let duplicate = seen.count(found.keyword, &found.name);
        let LoweredDeclaration { keyword, name, offset, declaration, spans } = found;
        let known = file
            .before(db)
            .as_ref()
            .and_then(|before| before.syntax_of(&declaration, position, count_of_all - position));
        let syntax = match known {
            Some(known) => known.clone(),
            None if is_sound => {
                let range = spans.range(NodeId::DECLARATION) + offset;
                let text: &str = file.text(db);
                Syntax::of_sound(declaration, &text[TextRange::new(offset, range.end())])
            }
            None => Syntax::of_faulty(declaration),
        };
        Item::new(db, file, keyword, name, duplicate, syntax, spans, offset)
    };
    let items = lowered.declarations.into_iter().enumerate().map(item).collect();
    let id = file.id(db);
    let placed = |error: Diagnostic<TextRange>| error.map_places(|range| Span::new(id, range));
    ParsedFile { items, errors: lowered.errors.into_iter().map(placed).collect() }
}

/// What a file of the library declares, which was lowered when the library was built.
fn library_items<'db>(db: &'db dyn Db, file: SourceFile, position: usize) -> Vec<Item<'db>> {
    let Some(library) = iom_stdlib::files().get(position) else { return Vec::new() };
    let mut seen = Seen::default();
    let item = |stored: &'static iom_stdlib::StoredDeclaration| {
        let name = SmolStr::new_static(stored.name);
        let duplicate = seen.count(stored.keyword, &name);
        let syntax = Syntax::of_library(stored, stored.text(library));
        let spans = SpanMap::of_bytes(stored.spans());
        Item::new(db, file, stored.keyword, name, duplicate, syntax, spans, TextSize::new(stored.offset))
    };
    iom_stdlib::stored_declarations(position).iter().map(item).collect()
}

/// How many declarations of a file were called so.
#[derive(Default)]
struct Seen(FxHashMap<(&'static str, SmolStr), u32>);

impl Seen {
    /// Counts one more; gives how many there were before.
    fn count(&mut self, keyword: &'static str, name: &SmolStr) -> u32 {
        let count = self.0.entry((keyword, name.clone())).or_default();
        *count += 1;
        *count - 1
    }
}

/// What is wrong with the text of a file. Has positions: not for queries that should survive edits.
pub fn syntax_errors(db: &dyn Db, file: SourceFile) -> &Vec<Diagnostic<Span>> {
    &parse(db, file).errors
}

/// What a file was lowered to, for the next time; nothing where its text has errors.
pub(crate) fn lowered_before(db: &dyn Db, file: SourceFile) -> Option<BeforeFile> {
    let parsed = parse(db, file);
    let SourceText::Shared(text) = file.text(db) else { return None };
    if !parsed.errors.is_empty() {
        return None;
    }
    let declarations = parsed.items.iter().map(|item| LoweredDeclaration {
        keyword: item.keyword(db),
        name: item.name(db).clone(),
        offset: item.offset(db),
        declaration: item.syntax(db).head().clone(),
        spans: item.spans(db).clone(),
    });
    let lowered = Before { text: text.clone(), declarations: declarations.collect() };
    Some(BeforeFile { lowered, syntax: parsed.items.iter().map(|item| item.syntax(db).clone()).collect() })
}

/// A file as it was lowered before; of its resources only the heads are there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BeforeFile {
    lowered: Before,
    /// Of each declaration.
    syntax: Vec<Syntax>,
}

impl BeforeFile {
    /// The syntax of a declaration that was taken over; it is so far from the front, and from the back.
    fn syntax_of(&self, declaration: &Arc<Declaration>, front: usize, back: usize) -> Option<&Syntax> {
        let places = [Some(front), self.syntax.len().checked_sub(back)];
        let mut known = places.into_iter().flatten().filter_map(|at| self.syntax.get(at));
        known.find(|known| Arc::ptr_eq(known.head(), declaration))
    }
}

/// The declarations of a file, in order.
#[salsa::tracked]
pub fn items<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    parse(db, file).items.clone()
}

/// The tree of a file's text, for the few who look at its words.
#[salsa::tracked(no_eq, lru = 16)]
pub fn tree(db: &dyn Db, file: SourceFile) -> GreenNode {
    iom_syntax::parse(file.text(db)).green
}

/// Positions in [`items`], sorted by name, keyword and number: unchanged by edits inside bodies.
#[salsa::tracked]
fn items_by_name(db: &dyn Db, file: SourceFile) -> Vec<u32> {
    let items = items(db, file);
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    order.sort_by_key(|position| identity(db, items[*position as usize]));
    order
}

fn identity<'db>(db: &'db dyn Db, item: Item<'db>) -> (&'db str, &'static str, u32) {
    (item.name(db), item.keyword(db), item.duplicate(db))
}

/// The item of a file with this identity.
pub fn find_item<'db>(
    db: &'db dyn Db,
    file: SourceFile,
    keyword: &str,
    name: &str,
    duplicate: u32,
) -> Option<Item<'db>> {
    let items = items(db, file);
    let order = items_by_name(db, file);
    let position = order
        .binary_search_by(|position| {
            let (other_name, other_keyword, other) = identity(db, items[*position as usize]);
            (other_name, other_keyword, other).cmp(&(name, keyword, duplicate))
        })
        .ok()?;
    items.get(*order.get(position)? as usize).copied()
}

/// The declaration without positions: unchanged by edits of comments and white space. A resource is there without its body:
/// see [`whole_declaration`].
pub fn declaration<'db>(db: &'db dyn Db, item: Item<'db>) -> &'db Arc<Declaration> {
    item.syntax(db).head()
}

/// The same with the body of a resource.
pub fn whole_declaration<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Declaration> {
    item.syntax(db).whole()
}

/// Where the declaration's nodes stand, relative to its offset.
pub fn span_map<'db>(db: &'db dyn Db, item: Item<'db>) -> &'db SpanMap {
    item.spans(db)
}

impl Place {
    /// Whether both are in one declaration.
    pub fn is_of(&self, other: &Place) -> bool {
        self.file == other.file
            && self.keyword == other.keyword
            && self.name == other.name
            && self.duplicate == other.duplicate
    }
}

impl<'db> Item<'db> {
    pub fn place(self, db: &'db dyn Db, node: NodeId) -> Place {
        Place {
            file: self.file(db).id(db),
            keyword: self.keyword(db),
            name: self.name(db).clone(),
            duplicate: self.duplicate(db),
            node,
        }
    }

    /// Where a node stands in the file. Reads positions: not for queries that should survive edits.
    pub fn span(self, db: &'db dyn Db, node: NodeId) -> Span {
        Span::new(self.file(db).id(db), span_map(db, self).range(node) + self.offset(db))
    }
}

/// The span of a place, if its declaration is still there.
pub fn span_of(db: &dyn Db, place: &Place) -> Option<Span> {
    let file = crate::names::file_by_id(db, place.file)?;
    let item = find_item(db, file, place.keyword, &place.name, place.duplicate)?;
    Some(item.span(db, place.node))
}
