//! What files declare: the outline of one, and a search through all.

use iom_base::{Span, TextRange};
use iom_semantic::items::{Item, declaration, items};
use iom_semantic::look::{DeclaredInside, Declares, declared_inside};
use iom_semantic::names::{exported_names, file_module};
use iom_syntax::ast::NodeId;
use smol_str::SmolStr;

use crate::Analysis;
use crate::completion::is_near;
use crate::spot::whole;

/// A declaration as outlines show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    pub name: SmolStr,
    /// `policy`, `resource`, ..; inside of declarations `field`, `parameter`, `value`, `clause`, `control`.
    pub keyword: &'static str,
    pub range: TextRange,
    /// Where its name stands.
    pub name_range: TextRange,
    pub children: Vec<Symbol>,
}

/// A declaration that a search found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundSymbol {
    pub name: SmolStr,
    pub keyword: &'static str,
    /// Its module.
    pub container: SmolStr,
    pub place: Span,
}

/// More than these are no help.
const MOST_FOUND: usize = 256;

impl Analysis {
    /// What a file declares, in order.
    pub fn symbols(&self, path: &str) -> Vec<Symbol> {
        let Some(file) = self.source(path) else { return Vec::new() };
        let db = self.db();
        let named = items(db, file).iter().filter(|item| !item.name(db).is_empty());
        named.map(|item| self.symbol(*item)).collect()
    }

    fn symbol(&self, item: Item<'_>) -> Symbol {
        let db = self.db();
        let syntax = declaration(db, item);
        let name = syntax.name().map_or(NodeId::DECLARATION, |name| name.id);
        let mut inside = declared_inside(syntax);
        inside.reverse();
        Symbol {
            name: item.name(db).clone(),
            keyword: item.keyword(db),
            range: whole(db, item),
            name_range: item.span(db, name).range(),
            children: self.children(item, &mut inside, 0),
        }
    }

    /// Takes what is as deep as is asked for, with what is deeper below it, from the end of a list.
    fn children(&self, item: Item<'_>, rest: &mut Vec<DeclaredInside>, depth: usize) -> Vec<Symbol> {
        let mut children = Vec::new();
        while let Some(one) = rest.pop_if(|one| one.depth >= depth) {
            let below = self.children(item, rest, one.depth + 1);
            children.push(Symbol {
                keyword: match one.what {
                    Declares::Parameter => "parameter",
                    Declares::Field | Declares::Derived => "field",
                    Declares::Alternative => "value",
                    Declares::Clause => "clause",
                    Declares::Resource => "resource",
                    Declares::Control => "control",
                },
                range: item.span(self.db(), one.whole).range(),
                name_range: item.span(self.db(), one.node).range(),
                name: one.name,
                children: below,
            });
        }
        children
    }

    /// The declarations of the workspace whose names a query is near to, the nearest first.
    pub fn workspace_symbols(&self, query: &str) -> Vec<FoundSymbol> {
        let db = self.db();
        // `shop.Server`: the module, too.
        let (_, last) = query.rsplit_once('.').unwrap_or(("", query));
        let mut found: Vec<(usize, &SmolStr, SmolStr, &'static str)> = Vec::new();
        for file in db.workspace().files(db) {
            let module = file_module(db, *file);
            for one in &exported_names(db, *file).names {
                if !is_near(last, &one.name) {
                    continue;
                }
                let qualified = match module.as_str() {
                    "" => one.name.clone(),
                    module => SmolStr::from(format!("{module}.{}", one.name)),
                };
                if query == last || is_near(query, &qualified) {
                    found.push((distance(last, &one.name), &one.name, qualified, one.keyword));
                }
            }
        }
        found.sort_by(|left, right| (left.0, &left.2).cmp(&(right.0, &right.2)));
        let symbols = found.into_iter().take(MOST_FOUND).filter_map(|(_, name, qualified, keyword)| {
            let place = self.place_of(&qualified)?;
            let container = qualified.strip_suffix(name.as_str())?.trim_end_matches('.').into();
            Some(FoundSymbol { name: name.clone(), keyword, container, place: self.span(&place)? })
        });
        symbols.collect()
    }
}

/// How far a name is from what is searched: the name itself, one that starts with it, one that contains it, the others.
fn distance(query: &str, name: &str) -> usize {
    let (query, name) = (query.to_lowercase(), name.to_lowercase());
    let order = if name == query {
        0
    } else if name.starts_with(&query) {
        1
    } else if name.contains(&query) {
        2
    } else {
        3
    };
    order * 1_000 + name.len().min(999)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn outline(symbols: &[Symbol], text: &str, indent: usize, shown: &mut String) {
        for one in symbols {
            let name = &text[one.name_range];
            shown.push_str(&format!("{:indent$}{} {} ({name})\n", "", one.keyword, one.name));
            assert!(one.range.contains_range(one.name_range), "{one:?}");
            outline(&one.children, text, indent + 2, shown);
        }
    }

    #[test]
    fn declarations_are_listed_with_what_is_in_them() {
        let text = "module a.b\n\n/// Doc.\npolicy p(n: int) { severity: high for r: Resource { require tagged: true } }\n\
                    kind K : Resource { zone: east | west  disk: { gib: int }? }\ntest \"a title\" { expect true }\nresource x";
        let fixture = Fixture::new(text);
        let mut shown = String::new();
        outline(&fixture.analysis.symbols("main.iom"), text, 0, &mut shown);
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn declarations_are_searched_by_their_letters() {
        let fixture = Fixture::new(
            "//- a.iom\nmodule shop\nkind Server : Resource { }\npolicy servers_are_small { for s: Server { require true } }\n\
             //- b.iom\nmodule other\nkind SmallServer : Resource { }\nconst s = 1\n",
        );
        let found = |query: &str| {
            let found = fixture.analysis.workspace_symbols(query);
            let lines = found.iter().map(|one| format!("{} {} in {}", one.keyword, one.name, one.container));
            lines.collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!([found("serv"), found("shop.s"), found("ss"), found("")].join("\n---\n"));
    }
}
