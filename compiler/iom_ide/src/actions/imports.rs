//! `use` declarations: brought in, taken out, put in order.

use iom_base::{TextRange, TextSize};
use iom_diagnostics::code;
use iom_syntax::{SyntaxKind, SyntaxNode};

use super::edit::Patch;
use crate::Analysis;

/// A `use` as it is written; `names` are those in braces.
struct Import {
    path: String,
    names: Option<Vec<(String, TextRange)>>,
    node: SyntaxNode,
}

impl Import {
    fn all(root: &SyntaxNode) -> Vec<Import> {
        root.children().filter(|node| node.kind() == SyntaxKind::UseDeclaration).map(Import::of).collect()
    }

    fn of(node: SyntaxNode) -> Import {
        let path = node.children().find(|child| child.kind() == SyntaxKind::Path);
        let braces = node.children().find(|child| child.kind() == SyntaxKind::UseNames);
        let names = braces.map(|braces| {
            let tokens = braces.descendants_with_tokens().filter_map(|element| element.into_token());
            let is_name = |kind: SyntaxKind| kind == SyntaxKind::Name || kind.word().is_some();
            let names = tokens.filter(|token| is_name(token.kind()));
            names.map(|token| (token.text().to_owned(), token.text_range())).collect()
        });
        let path = path.map(|path| path.text().to_string().trim().to_owned()).unwrap_or_default();
        Import { path, names, node }
    }

    fn has_comments(&self) -> bool {
        let tokens = self.node.descendants_with_tokens().filter_map(|element| element.into_token());
        tokens.into_iter().any(|token| token.kind().is_trivia() && token.kind() != SyntaxKind::Whitespace)
    }

    /// Some other way of bringing in than by a path or by names: `use a.*`.
    fn is_plain(&self) -> bool {
        let text = self.node.text().to_string();
        !text.contains('*') && !self.has_comments()
    }

    fn range(&self) -> TextRange {
        self.node.text_range()
    }

    /// With the line feed after it.
    fn line(&self, text_after: &str) -> TextRange {
        let feed = text_after.find('\n').filter(|at| text_after[..*at].trim().is_empty());
        let more = feed.map_or(0, |at| at + 1);
        TextRange::new(self.range().start(), self.range().end() + TextSize::new(more as u32))
    }
}

fn written(path: &str, names: &[String]) -> String {
    match names {
        [] => format!("use {path}"),
        [one] => format!("use {path}.{one}"),
        names => format!("use {path}.{{{}}}", names.join(", ")),
    }
}

/// Brings a name of a module in, or the module itself; where something of it is brought in by name already, beside that.
pub(super) fn add(root: &SyntaxNode, module: &str, name: Option<&str>) -> Vec<Patch> {
    let imports = Import::all(root);
    if let Some(name) = name {
        for import in imports.iter().filter(|import| import.is_plain()) {
            let (path, mut names) = match &import.names {
                Some(names) => (import.path.as_str(), names.iter().map(|(name, _)| name.clone()).collect()),
                None => match import.path.rsplit_once('.') {
                    Some((path, last)) if path == module => (path, vec![last.to_owned()]),
                    _ => continue,
                },
            };
            if path == module {
                names.push(name.to_owned());
                names.sort();
                names.dedup();
                return vec![Patch::new(import.range(), written(module, &names))];
            }
        }
    }
    let line = written(module, name.map(str::to_owned).as_slice());
    if let Some(last) = imports.last() {
        return vec![Patch::insert(last.range().end(), format!("\n{line}"))];
    }
    let header = root.children().find(|node| node.kind() == SyntaxKind::ModuleDeclaration);
    match header {
        Some(module) => vec![Patch::insert(module.text_range().end(), format!("\n{line}\n"))],
        None => {
            let tokens = root.descendants_with_tokens().filter_map(|element| element.into_token());
            let is_head = |kind: SyntaxKind| matches!(kind, SyntaxKind::FileComment | SyntaxKind::Whitespace);
            let comments = tokens.take_while(|token| is_head(token.kind()));
            let last = comments.filter(|token| token.kind() == SyntaxKind::FileComment).last();
            let at = last.map_or(TextSize::new(0), |token| token.text_range().end());
            let before = if at > TextSize::new(0) { "\n" } else { "" };
            vec![Patch::insert(at, format!("{before}{line}\n\n"))]
        }
    }
}

/// Takes out one name that stands at a place.
pub(super) fn remove(root: &SyntaxNode, at: TextRange) -> Vec<Patch> {
    patches(root, &[at])
}

/// Takes out everything in a file that is brought in for nothing.
pub(super) fn unused(analysis: &Analysis, path: &str, root: &SyntaxNode) -> Vec<Patch> {
    patches(root, &unused_places(analysis, path))
}

fn unused_places(analysis: &Analysis, path: &str) -> Vec<TextRange> {
    let found = analysis.diagnostics(path);
    let unused = found.iter().filter(|one| one.code == code::UNUSED_IMPORT);
    unused.map(|one| one.primary.place.range()).collect()
}

fn patches(root: &SyntaxNode, unused: &[TextRange]) -> Vec<Patch> {
    let text = root.text().to_string();
    let mut found = Vec::new();
    for import in Import::all(root) {
        if !unused.iter().any(|place| import.range().contains_range(*place)) || import.has_comments() {
            continue;
        }
        let is_used = |range: &TextRange| {
            !unused.iter().any(|place| place.intersect(*range).is_some_and(|both| !both.is_empty()))
        };
        let kept: Vec<String> = match &import.names {
            Some(names) => {
                names.iter().filter(|(_, range)| is_used(range)).map(|(name, _)| name.clone()).collect()
            }
            None => Vec::new(),
        };
        found.push(if kept.is_empty() {
            Patch::remove(import.line(text.get(usize::from(import.range().end())..).unwrap_or_default()))
        } else {
            Patch::new(import.range(), written(&import.path, &kept))
        });
    }
    found
}

/// The `use` declarations that stand one after the other, without what is not used, sorted. Those around a comment, or of
/// another form, stay.
pub(super) fn organized(analysis: &Analysis, path: &str, root: &SyntaxNode) -> Vec<Patch> {
    let imports = Import::all(root);
    let text = root.text().to_string();
    let is_only_space = |pair: &[Import]| match pair {
        [one, other] => text
            .get(usize::from(one.range().end())..usize::from(other.range().start()))
            .is_some_and(|between| between.trim().is_empty()),
        _ => true,
    };
    let (Some(first), Some(last)) = (imports.first(), imports.last()) else { return Vec::new() };
    if imports.iter().any(Import::has_comments) || !imports.windows(2).all(is_only_space) {
        return unused(analysis, path, root);
    }
    let unused = unused_places(analysis, path);
    let is_used = |range: TextRange| {
        !unused.iter().any(|place| place.intersect(range).is_some_and(|both| !both.is_empty()))
    };
    let mut lines: Vec<String> = Vec::new();
    for import in &imports {
        match &import.names {
            Some(names) => {
                let mut kept: Vec<String> =
                    names.iter().filter(|(_, range)| is_used(*range)).map(|(name, _)| name.clone()).collect();
                kept.sort();
                kept.dedup();
                if !kept.is_empty() {
                    lines.push(written(&import.path, &kept));
                }
            }
            None if is_used(import.range()) => lines.push(import.node.text().to_string().trim().to_owned()),
            None => {}
        }
    }
    lines.sort();
    lines.dedup();
    let whole = TextRange::new(first.range().start(), last.range().end());
    let new = lines.join("\n");
    if text.get(usize::from(whole.start())..usize::from(whole.end())) == Some(new.as_str()) {
        return Vec::new();
    }
    let whole = if new.is_empty() {
        TextRange::new(
            whole.start(),
            last.line(text.get(usize::from(whole.end())..).unwrap_or_default()).end(),
        )
    } else {
        whole
    };
    vec![Patch::new(whole, new)]
}
