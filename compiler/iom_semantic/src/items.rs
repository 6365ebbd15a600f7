//! From text to declarations. An edit in one declaration leaves the others' items as they were, and a changed comment or
//! blank line changes no [`declaration`].

use std::sync::Arc;

use iom_base::{FileId, Span, TextSize};
use iom_diagnostics::Diagnostic;
use iom_syntax::Parse;
use iom_syntax::ast::{Declaration, NodeId, SpanMap};
use rowan::GreenNode;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::db::Db;
use crate::input::SourceFile;

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
    #[tracked]
    pub green: GreenNode,
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

#[salsa::tracked(no_eq, lru = 256)]
pub fn parse(db: &dyn Db, file: SourceFile) -> Parse {
    iom_syntax::parse(file.text(db))
}

#[salsa::tracked]
pub fn syntax_errors(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic<Span>> {
    let id = file.id(db);
    parse(db, file)
        .errors()
        .iter()
        .map(|error| error.clone().map_places(|range| Span::new(id, range)))
        .collect()
}

#[salsa::tracked]
pub fn items<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    let mut seen: FxHashMap<(&'static str, SmolStr), u32> = FxHashMap::default();
    iom_syntax::declarations(&parse(db, file).syntax())
        .into_iter()
        .map(|found| {
            let count = seen.entry((found.keyword, found.name.clone())).or_default();
            let duplicate = *count;
            *count += 1;
            Item::new(db, file, found.keyword, found.name, duplicate, found.green, found.offset)
        })
        .collect()
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
pub(crate) fn find_item<'db>(
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

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lowered {
    pub declaration: Arc<Declaration>,
    pub spans: Arc<SpanMap>,
}

#[salsa::tracked]
fn lowered<'db>(db: &'db dyn Db, item: Item<'db>) -> Lowered {
    let (declaration, spans) = iom_syntax::lower(item.green(db));
    Lowered { declaration: Arc::new(declaration), spans: Arc::new(spans) }
}

/// The declaration without positions: unchanged by edits of comments and white space.
#[salsa::tracked]
pub fn declaration<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Declaration> {
    lowered(db, item).declaration.clone()
}

#[salsa::tracked]
pub fn span_map<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<SpanMap> {
    lowered(db, item).spans.clone()
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
