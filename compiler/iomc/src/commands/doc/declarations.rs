//! What is declared where, and the pages that tell of it.

use std::collections::BTreeMap;

use iom_model::{Model, QualifiedName};
use iom_syntax::{SyntaxKind, SyntaxNode};

use super::page::{Page, Piece, Text, plain, words};
use crate::commands::explain::policy::source_at;
use crate::front_end::FrontEnd;

/// A declaration as it is written.
pub struct Declared {
    pub name: QualifiedName,
    pub keyword: &'static str,
    pub module: String,
    /// The words above it.
    pub comment: Option<String>,
    pub syntax: SyntaxNode,
}

impl Declared {
    /// Without the module.
    pub fn short(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or(&self.name)
    }

    /// Unlike that of any other declaration of its module.
    pub fn anchor(&self) -> String {
        format!("{}-{}", self.keyword, self.short().replace(|letter: char| !letter.is_alphanumeric(), "_"))
    }

    pub fn page(&self) -> String {
        page_of(&self.module)
    }

    pub fn link(&self, words: &str) -> Piece {
        Piece::Link { words: words.to_owned(), page: self.page(), anchor: self.anchor() }
    }

    /// The whole declaration without the comment above it.
    pub fn source(&self) -> String {
        let tokens = self.syntax.children_with_tokens();
        let text: String = tokens
            .skip_while(|element| element.kind().is_trivia())
            .map(|element| element.to_string())
            .collect();
        text.trim_end().to_owned()
    }
}

fn page_of(module: &str) -> String {
    if module.is_empty() { "modules/_".to_owned() } else { format!("modules/{module}") }
}

/// Sections of a module's page: keyword and heading.
const SECTIONS: [(&str, &str); 14] = [
    ("policy", "Policies"),
    ("group", "Groups"),
    ("blueprint", "Blueprints"),
    ("authority", "Authorities"),
    ("evidence", "Evidence"),
    ("exception", "Exceptions"),
    ("breakglass", "Break-glass"),
    ("kind", "Kinds"),
    ("trait", "Traits"),
    ("type", "Types"),
    ("catalog", "Catalogs"),
    ("data", "Data"),
    ("fn", "Functions"),
    ("const", "Constants"),
];

/// Everything there is to tell.
pub struct Reference<'a> {
    pub front_end: &'a FrontEnd,
    pub model: &'a Model,
    title: String,
    /// In order of modules, then as they are written.
    pub declared: Vec<Declared>,
    by_name: BTreeMap<QualifiedName, usize>,
    /// The words at the top of a module that is one file: those of several are about a part of it.
    modules: BTreeMap<String, Option<String>>,
}

impl<'a> Reference<'a> {
    pub fn new(front_end: &'a FrontEnd, model: &'a Model, title: String) -> Reference<'a> {
        let mut declared = Vec::new();
        let mut modules: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut files: BTreeMap<String, usize> = BTreeMap::new();
        for path in front_end.paths() {
            let text = front_end.text_of(&path).unwrap_or_default();
            let module = front_end.host().module_of(&path).map(ToString::to_string).unwrap_or_default();
            let root = iom_syntax::parse(text).syntax();
            let before = declared.len();
            declared.extend(declarations(&root, &module));
            if declared.len() > before {
                *files.entry(module.clone()).or_default() += 1;
                modules.insert(module, top_comment(text));
            }
        }
        for (module, comment) in &mut modules {
            if files.get(module).is_some_and(|number| *number > 1) {
                *comment = None;
            }
        }
        declared.sort_by(|left, right| left.module.cmp(&right.module));
        let by_name =
            declared.iter().enumerate().map(|(position, one)| (one.name.clone(), position)).collect();
        Reference { front_end, model, title, declared, by_name, modules }
    }

    pub fn find(&self, name: &str) -> Option<&Declared> {
        self.by_name.get(name).and_then(|position| self.declared.get(*position))
    }

    /// A link to a declaration; its name alone where it is none of these.
    pub fn link(&self, name: &str) -> Piece {
        match self.find(name) {
            Some(found) => found.link(name),
            None => Piece::Code(name.to_owned()),
        }
    }

    pub fn of<'r>(&'r self, keyword: &'r str) -> impl Iterator<Item = &'r Declared> {
        self.declared.iter().filter(move |one| one.keyword == keyword)
    }

    /// All pages, the first one first.
    pub fn pages(&self) -> Vec<Page> {
        let mut pages = vec![self.front_page(), self.kinds_page(), self.controls_page(), self.aliases_page()];
        pages.extend(
            self.modules.iter().map(|(module, comment)| self.module_page(module, comment.as_deref())),
        );
        pages
    }

    fn front_page(&self) -> Page {
        let mut page = Page::new("index", &self.title);
        let ways = [("Kinds", "kinds"), ("Controls", "controls"), ("Names that other tools give", "aliases")];
        let way = |(words, page): (&str, &str)| {
            vec![Piece::Link { words: words.to_owned(), page: page.to_owned(), anchor: String::new() }]
        };
        page.list(ways.into_iter().map(way).collect());
        page.heading(2, "Modules", None);
        let row = |(module, comment): (&String, &Option<String>)| {
            let name = Piece::Link { words: module.clone(), page: page_of(module), anchor: String::new() };
            let count =
                |keyword: &str| self.of(keyword).filter(|one| one.module == *module).count().to_string();
            let about = comment.as_deref().map(first_sentence).unwrap_or_default();
            vec![vec![name], plain(count("policy")), plain(count("kind")), words(&about)]
        };
        page.table(&["Module", "Policies", "Kinds", "About"], self.modules.iter().map(row).collect());
        page
    }

    fn module_page(&self, module: &str, comment: Option<&str>) -> Page {
        let title = if module.is_empty() { "Without a module" } else { module };
        let mut page = Page::new(page_of(module), title);
        if let Some(comment) = comment {
            page.comment(comment);
        }
        for (keyword, heading) in SECTIONS {
            let mut own = self.of(keyword).filter(|one| one.module == module).peekable();
            if own.peek().is_some() {
                page.heading(2, heading, None);
            }
            for one in own {
                page.heading(3, one.short(), Some(one.anchor()));
                match keyword {
                    "policy" => self.policy(&mut page, one),
                    "kind" | "trait" => self.kind(&mut page, one),
                    _ => self.other(&mut page, one),
                }
            }
        }
        page
    }

    fn other(&self, page: &mut Page, one: &Declared) {
        if let Some(comment) = &one.comment {
            page.comment(comment);
        }
        if let Some(group) = self.model.groups.get(&one.name) {
            if let Some(title) = &group.title {
                page.paragraph(vec![Piece::Strong(title.clone())]);
            }
            page.list(group.policies.iter().map(|name| self.with_title(name)).collect());
        } else if let Some(evidence) = self.model.evidence.get(&one.name) {
            page.list(evidence.claims.iter().map(|claim| self.with_title(&claim.policy)).collect());
        }
        page.code(one.source());
    }

    /// A link to a policy, and what it is about.
    pub fn with_title(&self, name: &QualifiedName) -> Text {
        let mut text = vec![self.link(name)];
        let policy = self.model.policies.values().find(|policy| policy.declared == *name);
        if let Some(title) = policy.and_then(|policy| policy.title.as_ref()) {
            text.push(Piece::Plain(format!(": {title}")));
        }
        text
    }

    /// A declaration of the workspace as it is written, by where it stands.
    pub fn source_at(&self, file: &str, line: u32) -> Option<String> {
        source_at(self.front_end.text_of(file)?, line)
    }
}

fn declarations(root: &SyntaxNode, module: &str) -> Vec<Declared> {
    let all = iom_syntax::declarations(root).into_iter();
    let told = all.filter(|one| SECTIONS.iter().any(|(keyword, _)| *keyword == one.keyword));
    told.map(|one| {
        let syntax = SyntaxNode::new_root(one.green);
        let separator = if module.is_empty() { "" } else { "." };
        Declared {
            name: format!("{module}{separator}{}", one.name).into(),
            keyword: one.keyword,
            module: module.to_owned(),
            comment: comment_of(&syntax),
            syntax,
        }
    })
    .collect()
}

/// The `///` lines before a declaration or a field.
pub fn comment_of(node: &SyntaxNode) -> Option<String> {
    let tokens = node.children_with_tokens().filter_map(|element| element.into_token());
    let before = tokens.take_while(|token| token.kind().is_trivia());
    let lines = before.filter(|token| token.kind() == SyntaxKind::DocComment);
    let lines: Vec<String> = lines.map(|line| bare(line.text())).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The `//!` lines at the top of a file.
fn top_comment(text: &str) -> Option<String> {
    let lines = text.lines().take_while(|line| line.starts_with("//!"));
    let lines: Vec<String> = lines.map(bare).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn bare(line: &str) -> String {
    let line = line.trim_start_matches('/').trim_start_matches('!').trim_end();
    line.strip_prefix(' ').unwrap_or(line).to_owned()
}

fn first_sentence(text: &str) -> String {
    let text = text.replace('\n', " ");
    text.split_once(". ").map_or_else(|| text.clone(), |(first, _)| format!("{first}."))
}
