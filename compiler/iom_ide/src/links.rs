//! Words that lead to other documents: files that are named, modules that are used, addresses in comments.

use iom_base::{TextRange, TextSize};
use iom_semantic::items::{declaration, items};
use iom_semantic::names::{absolute_module, data_path, files_of_module, stays_inside};
use iom_syntax::ast::{ClauseKind, DeclarationKind, Given, Member};
use smol_str::SmolStr;

use crate::Analysis;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkTarget {
    /// Relative to the workspace, or in the library where it starts with `std:`.
    File(SmolStr),
    Address(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    pub range: TextRange,
    pub target: LinkTarget,
}

impl Analysis {
    pub fn links(&self, path: &str) -> Vec<Link> {
        let Some(file) = self.source(path) else { return Vec::new() };
        let db = self.db();
        let text: &str = file.text(db);
        let mut links = Vec::new();
        for item in items(db, file) {
            let inside = |node| item.span(db, node).range();
            let mut named = |node, written: &SmolStr| {
                if stays_inside(written) && !written.is_empty() {
                    let target = LinkTarget::File(data_path(db, file, written));
                    links.push(Link { range: without_quotes(text, inside(node)), target });
                }
            };
            match &declaration(db, *item).kind {
                DeclarationKind::Catalog { source: Some(source), .. }
                | DeclarationKind::Data { source, .. } => {
                    named(source.file.id, &source.file.text);
                }
                DeclarationKind::Test { body, .. } => {
                    for member in &body.members {
                        if let Member::Clause(clause) = member
                            && let ClauseKind::Given(Given::File { file, .. }) = &clause.kind
                        {
                            named(file.id, &file.text);
                        }
                    }
                }
                DeclarationKind::Use(import) => {
                    let module = absolute_module(db, file, &import.path);
                    if let Some(found) = files_of_module(db, &module).first() {
                        let target = LinkTarget::File(found.path(db).clone());
                        links.push(Link { range: inside(import.path.id), target });
                    }
                }
                _ => {}
            }
        }
        links.extend(addresses(text));
        links.sort_by_key(|link| link.range.start());
        links
    }
}

fn without_quotes(text: &str, range: TextRange) -> TextRange {
    let one = TextSize::new(1);
    let is_quoted = text.get(usize::from(range.start())..).is_some_and(|rest| rest.starts_with('"'));
    if is_quoted && range.len() >= one + one {
        TextRange::new(range.start() + one, range.end() - one)
    } else {
        range
    }
}

/// `https://..`, wherever it stands.
fn addresses(text: &str) -> impl Iterator<Item = Link> {
    let starts = ["https://", "http://"].into_iter().flat_map(|scheme| text.match_indices(scheme));
    starts.filter_map(|(start, scheme)| {
        let rest = &text[start..];
        let ends = |letter: char| {
            letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>' | '`' | '{' | '}')
        };
        let length = rest.find(ends).unwrap_or(rest.len());
        // What ends a sentence, or a bracket around it, is no part of it.
        let address = rest[..length].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let address = if address.contains('(') { address } else { address.trim_end_matches(')') };
        let size = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
        let range = TextRange::new(size(start), size(start + address.len()));
        (address.len() > scheme.len())
            .then(|| Link { range, target: LinkTarget::Address(address.to_owned()) })
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn files_modules_and_addresses_are_links() {
        let text = "//! See https://example.com/世界?x=1, (https://example.com/b).\nuse aws\nuse shop.Server\n\
                    catalog nist from oscal \"catalogs/nist.json\"\ndata owners: list<string> from json \"../outside.json\"\n\
                    data more: list<string> from json \"config.json\" at \".x\"\ntest \"t\" { given plan \"plan.json\" expect true }\n";
        let fixture = Fixture::new(&format!(
            "//- main.iom\n{text}//- shop.iom\nmodule shop\nkind Server : Resource {{ }}\n"
        ));
        let shown: Vec<String> = fixture
            .analysis
            .links("main.iom")
            .iter()
            .map(|link| format!("{} -> {:?}", &text[link.range], link.target))
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }
}
