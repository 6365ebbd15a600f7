//! What one library file declares, read off its syntax.

use iom_syntax::SyntaxNode;
use iom_syntax::ast::{
    Binder, Body, Clause, ClauseKind, Declaration, DeclarationKind, Expr, ExprKind, Field, FieldValueHead,
    Literal, Member, Path, StringPart, UseNames,
};

pub struct LibraryFile {
    pub path: String,
    pub module: String,
    /// What its `use` declarations name, as (local name, qualified name).
    pub imports: Vec<(String, String)>,
    /// Modules it uses: to load them with it.
    pub uses: Vec<String>,
    pub declarations: Vec<Declared>,
}

#[derive(Default)]
pub struct Declared {
    pub keyword: &'static str,
    pub name: String,
    pub is_parametric: bool,
    /// Aliases for every subject.
    pub aliases: Vec<String>,
    /// Aliases for subjects of one kind: (kind, alias).
    pub kind_aliases: Vec<(String, String)>,
    pub covers: Vec<String>,
    /// What the policy's top-level `for` blocks range over.
    pub subjects: Vec<String>,
    pub source_types: Vec<SourceType>,
    /// Formats of which a kind takes what no other kind maps, `from terraform { .. }`, and whether of data sources.
    pub rest_of: Vec<(String, bool)>,
    /// Directly named traits.
    pub traits: Vec<String>,
    /// All traits, those of traits included.
    pub all_traits: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceType {
    pub format: String,
    pub is_data: bool,
    pub name: String,
}

impl LibraryFile {
    pub fn read(path: &str, syntax: &SyntaxNode) -> LibraryFile {
        let mut file = LibraryFile {
            path: path.to_owned(),
            module: String::new(),
            imports: Vec::new(),
            uses: Vec::new(),
            declarations: Vec::new(),
        };
        for found in iom_syntax::declarations(syntax) {
            let (declaration, _) = iom_syntax::lower(&found.green);
            file.add(&declaration);
        }
        file
    }

    fn add(&mut self, declaration: &Declaration) {
        match &declaration.kind {
            DeclarationKind::Module(path) => self.module = path.to_string(),
            DeclarationKind::Use(import) => {
                let path = import.path.to_string();
                match &import.names {
                    UseNames::Itself => {
                        let local = import.alias.as_ref().unwrap_or(import.path.last());
                        self.imports.push((local.text.to_string(), path.clone()));
                    }
                    UseNames::These(names) => {
                        let named =
                            names.iter().map(|name| (name.text.to_string(), format!("{path}.{}", name.text)));
                        self.imports.extend(named);
                    }
                    UseNames::All => {}
                }
                self.uses.push(path);
            }
            _ => {
                if let Some(name) = declaration.name() {
                    let mut declared = Declared {
                        keyword: declaration.keyword(),
                        name: name.text.to_string(),
                        ..Declared::default()
                    };
                    declared.read(&declaration.kind);
                    self.declarations.push(declared);
                }
            }
        }
    }
}

impl Declared {
    fn read(&mut self, kind: &DeclarationKind) {
        match kind {
            DeclarationKind::Kind(nominal) | DeclarationKind::Trait(nominal) => {
                self.traits = nominal.traits.iter().map(Path::to_string).collect();
                for clause in clauses(&nominal.body) {
                    let ClauseKind::Adapter(adapter) = &clause.kind else { continue };
                    if adapter.source_types.is_empty() && adapter.format.text != "json" {
                        self.rest_of.push((adapter.format.text.to_string(), adapter.is_data));
                    }
                    self.source_types.extend(adapter.source_types.iter().map(|name| SourceType {
                        format: adapter.format.text.to_string(),
                        is_data: adapter.is_data,
                        name: name.text.to_string(),
                    }));
                }
            }
            DeclarationKind::Extend { kind, with, .. } => {
                self.subjects.push(kind.to_string());
                self.traits.push(with.to_string());
            }
            DeclarationKind::Policy { parameters, body, .. } => {
                self.is_parametric = parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
                for member in &body.members {
                    if let Member::Field(field) = member {
                        self.read_policy_field(field);
                    }
                }
                for clause in clauses(body) {
                    if let ClauseKind::For { binder: Binder::Kind(binder), .. } = &clause.kind {
                        self.subjects.push(binder.kind.to_string());
                    }
                    self.read_clause_aliases(clause);
                }
            }
            DeclarationKind::Group { body, .. } => {
                for member in &body.members {
                    if let Member::Field(field) = member {
                        self.read_policy_field(field);
                    }
                }
            }
            _ => {}
        }
    }

    fn read_policy_field(&mut self, field: &Field) {
        let [name] = &*field.path else { return };
        let FieldValueHead::Expr(value) = &field.value.head else { return };
        match (name.text.as_str(), &value.kind) {
            ("aliases", ExprKind::Record(kinds)) => {
                for kind in kinds {
                    let path: Vec<&str> = kind.path.iter().map(|segment| segment.text.as_str()).collect();
                    let FieldValueHead::Expr(value) = &kind.value.head else { continue };
                    self.kind_aliases.extend(texts(value).into_iter().map(|alias| (path.join("."), alias)));
                }
            }
            ("aliases", _) => self.aliases.extend(texts(value)),
            ("covers", ExprKind::List(controls)) => self.covers.extend(controls.iter().filter_map(control)),
            _ => {}
        }
    }

    /// Aliases of clauses hold for the policy too: that is how it is found by them.
    fn read_clause_aliases(&mut self, clause: &Clause) {
        self.aliases.extend(clause.aliases.iter().map(|alias| alias.text.to_string()));
        if let ClauseKind::For { body, .. } = &clause.kind {
            for inner in clauses(body) {
                self.read_clause_aliases(inner);
            }
        }
    }
}

fn clauses(body: &Body) -> impl Iterator<Item = &Clause> {
    body.members.iter().filter_map(|member| match member {
        Member::Clause(clause) => Some(&**clause),
        _ => None,
    })
}

/// A string, or a list of strings.
fn texts(value: &Expr) -> Vec<String> {
    match &value.kind {
        ExprKind::List(items) | ExprKind::Set(items) => items.iter().flat_map(texts).collect(),
        ExprKind::String(parts) => match parts.as_slice() {
            [StringPart::Text(text)] => vec![text.to_string()],
            _ => Vec::new(),
        },
        ExprKind::Literal(Literal::Raw(text)) => vec![text.to_string()],
        _ => Vec::new(),
    }
}

/// `catalog."id"` as `catalog.id`.
fn control(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::Name(name) => Some(name.to_string()),
        ExprKind::Field { base, name, .. } => Some(format!("{}.{}", control(base)?, name.text)),
        _ => None,
    }
}
