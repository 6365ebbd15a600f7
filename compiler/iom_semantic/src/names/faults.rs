//! What is wrong with a file's names as a whole: declared twice, imported for nothing.

use std::collections::BTreeSet;

use iom_base::TextRange;
use iom_diagnostics::Diagnostic;
use iom_syntax::ast::NodeId;
use iom_syntax::lexer;
use smol_str::SmolStr;

use super::index::{definition_of, exported_names, file_module, files_of_module};
use super::resolve::{file_scope, target_of};
use crate::db::Db;
use crate::input::SourceFile;
use crate::items::{Item, Place, declaration, items};
use crate::messages;

#[salsa::tracked]
pub(crate) fn name_faults(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic<Place>> {
    let name_of = |item: Item<'_>| {
        item.place(db, declaration(db, item).name().map_or(NodeId::DECLARATION, |name| name.id))
    };
    let mut found = Vec::new();
    for (first, second) in duplicates(db, file) {
        found.push(messages::duplicate_name(name_of(second), name_of(first), second.name(db)));
    }
    for item in items(db, file).iter().filter(|item| item.keyword(db) == "module").skip(1) {
        found.push(messages::misplaced(
            name_of(*item),
            "a second `module`",
            "a file",
            "a file belongs to one module: move what follows into a file of its own",
        ));
    }
    for (item, node, name) in unused_imports(db, file) {
        found.push(messages::unused_import(item.place(db, node), &name));
    }
    found
}

/// Names that several files of one module declare: the item that wins and the one that comes too late.
fn duplicates<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<(Item<'db>, Item<'db>)> {
    let module = file_module(db, file);
    let siblings = files_of_module(db, module);
    let exported = exported_names(db, file);
    let mut found = Vec::new();
    for item in items(db, file) {
        let Some(first) = exported.find(item.name(db)) else { continue };
        let keyword = item.keyword(db);
        if matches!(
            keyword,
            "test" | "use" | "apply" | "bind" | "amend" | "extend" | "module" | "tolerate" | ""
        ) {
            continue;
        }
        // Nobody comes before the first of the only file.
        if siblings.len() == 1 && first.keyword == keyword && item.duplicate(db) == 0 {
            continue;
        }
        let Some(winner) = definition_of(db, &item.qualified_name(db)) else { continue };
        if winner != *item && siblings.contains(&winner.file(db)) {
            found.push((winner, *item));
        }
    }
    found
}

/// Imports that nothing in their file mentions: the item with the `use`, the name's node, the name.
fn unused_imports<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<(Item<'db>, NodeId, SmolStr)> {
    let scope = file_scope(db, file);
    if scope.imports.is_empty() {
        return Vec::new();
    }
    let mentioned = mentioned_imports(db, file);
    let mut unused = Vec::new();
    for (name, import) in &scope.imports {
        let is_own = |item: &&Item<'db>| {
            item.keyword(db) == "use"
                && *item.name(db) == import.use_name
                && item.duplicate(db) == import.use_duplicate
        };
        if !mentioned.contains(name)
            && target_of(db, &import.target).is_some()
            && let Some(item) = items(db, file).iter().find(is_own)
        {
            unused.push((*item, import.node, name.clone()));
        }
    }
    unused
}

/// The imported names that stand in a file outside its `use` declarations.
#[salsa::tracked]
fn mentioned_imports(db: &dyn Db, file: SourceFile) -> BTreeSet<SmolStr> {
    let imports = &file_scope(db, file).imports;
    let uses = items(db, file).iter().filter(|item| item.keyword(db) == "use");
    let uses: Vec<TextRange> = uses.map(|item| item.span(db, NodeId::DECLARATION).range()).collect();
    let text: &str = file.text(db);
    let mut names = BTreeSet::new();
    for token in lexer::lex(text).tokens.iter().filter(|token| !token.kind.is_trivia()) {
        if let Some((name, _)) = imports.get_key_value(&text[token.range])
            && !uses.iter().any(|one| one.contains_range(token.range))
        {
            names.insert(name.clone());
            if names.len() == imports.len() {
                break;
            }
        }
    }
    names
}
