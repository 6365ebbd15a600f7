//! What stands at an offset: the word, the declaration around it, and what the word means.

use std::sync::Arc;

use iom_base::{Span, TextRange, TextSize};
use iom_model::Type;
use iom_semantic::db::Db;
use iom_semantic::input::SourceFile;
use iom_semantic::items::{Item, Place, items, span_of};
use iom_semantic::look::{Look, Meaning, look};
use iom_syntax::ast::NodeId;
use iom_syntax::{SyntaxKind, lexer};

use crate::Analysis;

/// A word in a declaration.
pub(crate) struct Spot<'db> {
    pub db: &'db dyn Db,
    pub item: Item<'db>,
    /// Of the word, in its file; a name in quotes with them.
    pub range: TextRange,
    /// The nodes that the word is all of, outer ones first.
    pub nodes: Vec<NodeId>,
    pub look: &'db Arc<Look>,
}

impl<'db> Spot<'db> {
    pub fn meaning(&self) -> Option<&'db Meaning> {
        self.nodes.iter().rev().find_map(|node| self.look.meanings.get(node))
    }

    /// The type of what stands here.
    pub fn ty(&self) -> Option<&'db Type> {
        let known = |node: &NodeId| self.look.types.get(node).filter(|ty| !ty.is_error());
        self.nodes.iter().rev().find_map(known).or_else(|| known(&self.expression()?))
    }

    /// The dotted name or the field read that ends in the word: its nodes end where the word does.
    fn expression(&self) -> Option<NodeId> {
        let range = self.range - self.item.offset(self.db);
        let spans = self.item.spans(self.db);
        let known = self.look.types.keys().filter(|node| {
            let place = spans.range(**node);
            place.end() == range.end() && place.contains_range(range)
        });
        known.min_by_key(|node| (spans.range(**node).len(), std::cmp::Reverse(node.0))).copied()
    }

    pub fn text(&self) -> &'db str {
        let text: &str = self.item.file(self.db).text(self.db);
        text.get(self.range.start().into()..self.range.end().into()).unwrap_or_default()
    }
}

impl Analysis {
    pub(crate) fn db(&self) -> &dyn Db {
        self.host.database()
    }

    pub(crate) fn source(&self, path: &str) -> Option<SourceFile> {
        self.host.source_at(path)
    }

    /// The word at an offset or right before it.
    pub(crate) fn spot(&self, path: &str, offset: u32) -> Option<Spot<'_>> {
        let db = self.db();
        let file = self.source(path)?;
        let offset = TextSize::new(offset);
        let item = item_at(db, file, offset)?;
        let range = word_at(file.text(db), whole(db, item), offset)?;
        spot_of(db, item, range)
    }

    /// Where a place is, if it is still there.
    pub(crate) fn span(&self, place: &Place) -> Option<Span> {
        span_of(self.db(), place)
    }
}

/// The place of a whole declaration with the comments before it.
pub(crate) fn whole<'db>(db: &'db dyn Db, item: Item<'db>) -> TextRange {
    let end = item.span(db, NodeId::DECLARATION).range().end();
    TextRange::new(item.offset(db).min(end), end)
}

/// The declaration around an offset: of two that touch there the later one.
pub(crate) fn item_at<'db>(db: &'db dyn Db, file: SourceFile, offset: TextSize) -> Option<Item<'db>> {
    let all = items(db, file);
    let after = all.partition_point(|item| item.offset(db) <= offset);
    let item = *all.get(after.checked_sub(1)?)?;
    let here = whole(db, item).contains_inclusive(offset).then_some(item);
    // At the very start of a declaration nobody means the one before.
    here.filter(|item| item.offset(db) < offset || whole(db, *item).contains(offset))
}

/// A word in a declaration, by its place in the file.
pub(crate) fn spot_of<'db>(db: &'db dyn Db, item: Item<'db>, range: TextRange) -> Option<Spot<'db>> {
    let inside = range.checked_sub(item.offset(db))?;
    let nodes = item.spans(db).nodes_at(inside).collect();
    Some(Spot { db, item, range, nodes, look: look(db, item) })
}

/// The place of the word at an offset, between the ends of a declaration.
pub(crate) fn word_at(text: &str, around: TextRange, offset: TextSize) -> Option<TextRange> {
    let inner = text.get(around.start().into()..around.end().into())?;
    let offset = offset.checked_sub(around.start())?;
    let lexed = lexer::lex(inner);
    let mut touching = lexed.tokens.iter().filter(|token| {
        is_word(token.kind) && !token.range.is_empty() && token.range.contains_inclusive(offset)
    });
    // Of two that touch at the offset the one that starts there is meant.
    touching.next_back().map(|token| token.range + around.start())
}

/// Tokens that may be names.
pub(crate) fn is_word(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::Name | SyntaxKind::String | SyntaxKind::Context) || kind.is_keyword()
}
