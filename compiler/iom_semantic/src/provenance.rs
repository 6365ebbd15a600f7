//! Where definitions stand that the model keeps no places of, and the words at a place: for those who explain a value.

use iom_base::{FileId, TextSize};
use iom_model::Location;
use iom_syntax::ast::{self, ClauseKind, DeclarationKind, ExprKind, Member, NodeId};
use iom_syntax::{SyntaxKind, SyntaxNode};
use smol_str::SmolStr;

use crate::db::Db;
use crate::export::lines;
use crate::host::Host;
use crate::input::SourceFile;
use crate::items::{Item, declaration, tree};
use crate::names::definition_of;
use crate::signatures::nominal_signature;

/// A place and what is written there, white space folded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quote {
    pub location: Location,
    pub text: String,
}

impl Host {
    /// The fields of a kind, in order of its body; nothing where there is no such kind.
    pub fn fields_of_kind(&self, kind: &str) -> Vec<SmolStr> {
        let db = self.database();
        let Some(item) = definition_of(db, kind) else { return Vec::new() };
        nominal_signature(db, item).fields.iter().map(|field| field.name.clone()).collect()
    }

    /// Where a kind, or the trait that it has the field from, declares a field.
    pub fn quote_field(&self, kind: &str, field: &str) -> Option<Quote> {
        let db = self.database();
        let signature = nominal_signature(db, definition_of(db, kind)?);
        let field = signature.field(field)?;
        quote(db, definition_of(db, &field.declared_in)?, field.node)
    }

    /// The clause of a kind's adapter, by its number in the kind's body, that reads a field; the adapter itself where no
    /// clause of its own does.
    pub fn quote_adapter(&self, kind: &str, position: usize, field: &str) -> Option<Quote> {
        let db = self.database();
        let item = definition_of(db, kind)?;
        let DeclarationKind::Kind(nominal) = &declaration(db, item).kind else { return None };
        let mut adapters = nominal.body.members.iter().filter_map(|member| match member {
            Member::Clause(clause) => match &clause.kind {
                ClauseKind::Adapter(adapter) => Some(adapter),
                _ => None,
            },
            _ => None,
        });
        let adapter = adapters.nth(position)?;
        let own = adapter.body.members.iter().find_map(|member| match member {
            Member::Field(own) => own.path.first().filter(|name| name.text == field),
            _ => None,
        });
        match own {
            Some(name) => quote(db, item, name.id),
            None => Some(Quote { text: String::new(), ..quote(db, item, adapter.format.id)? }),
        }
    }

    /// Where a blueprint declares a parameter.
    pub fn quote_parameter(&self, blueprint: &str, parameter: &str) -> Option<Quote> {
        let db = self.database();
        let item = definition_of(db, blueprint)?;
        let DeclarationKind::Blueprint { parameters, .. } = &declaration(db, item).kind else { return None };
        let found = parameters.iter().find(|one| one.name.text == parameter)?;
        quote(db, item, found.name.id)
    }

    /// What a resource gives for a parameter of the blueprint that it is made by: by name, or at its position.
    pub fn quote_argument(&self, resource: &str, parameter: &str, position: usize) -> Option<Quote> {
        let db = self.database();
        let item = definition_of(db, resource)?;
        let DeclarationKind::Resource(resource) = &declaration(db, item).kind else { return None };
        quote_given(db, item, argument(resource, parameter, position)?, parameter)
    }

    /// The same for a part of a blueprint, which may stand in a `build` block.
    pub fn quote_argument_of_part(
        &self,
        (blueprint, target, part): (&str, Option<&str>, &str),
        parameter: &str,
        position: usize,
    ) -> Option<Quote> {
        let db = self.database();
        let item = definition_of(db, blueprint)?;
        let DeclarationKind::Blueprint { body, .. } = &declaration(db, item).kind else { return None };
        let block = target.and_then(|target| {
            body.members.iter().find_map(|member| match member.clause_kind() {
                Some(ClauseKind::Build { target: name, body }) if name.text == target => Some(body),
                _ => None,
            })
        });
        let found = block.unwrap_or(body).members.iter().find_map(|member| match member {
            Member::Declaration(inner) => match &inner.kind {
                DeclarationKind::Resource(resource) if resource.name.text == part => Some(resource),
                _ => None,
            },
            _ => None,
        });
        quote_given(db, item, argument(found?, parameter, position)?, parameter)
    }

    /// The file that a place is in, and the innermost node there; nothing where the place is none.
    pub fn node_at(&self, location: &Location) -> Option<(FileId, SyntaxNode)> {
        let (db, file) = (self.database(), self.source_file(&location.file)?);
        let offset = offset_of(db, file, location)?;
        let token = SyntaxNode::new_root(tree(db, file).clone()).token_at_offset(offset).right_biased()?;
        Some((file.id(db), token.parent()?))
    }

    /// The field that is written at a place of an `.iom` file; nothing where no field starts there.
    pub fn quote_setting(&self, location: &Location) -> Option<String> {
        let db = self.database();
        let file = db.workspace().files(db).iter().copied().find(|file| *file.path(db) == location.file)?;
        let offset = offset_of(db, file, location)?;
        text_at(db, file, offset)
    }
}

/// `resource x = B(name: ..) with { .. }`: the argument for a parameter.
fn argument<'a>(resource: &'a ast::Resource, parameter: &str, position: usize) -> Option<&'a ast::Argument> {
    let ast::ResourceValue::Expr(value) = &resource.value else { return None };
    let mut value = value;
    while let ExprKind::With { base, .. } = &value.kind {
        value = base;
    }
    let ExprKind::Call { arguments, .. } = &value.kind else { return None };
    let is_named =
        |argument: &&ast::Argument| argument.name.as_ref().is_some_and(|name| name.text == parameter);
    let unnamed = || arguments.iter().filter(|argument| argument.name.is_none()).nth(position);
    arguments.iter().find(is_named).or_else(unnamed)
}

/// One without a name is shown with that of its parameter.
fn quote_given<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    argument: &ast::Argument,
    parameter: &str,
) -> Option<Quote> {
    let mut found = quote(db, item, argument.id)?;
    if argument.name.is_none() {
        found.text = format!("{parameter}: {}", found.text);
    }
    Some(found)
}

fn quote<'db>(db: &'db dyn Db, item: Item<'db>, node: NodeId) -> Option<Quote> {
    let file = item.file(db);
    let start = item.span(db, node).start();
    let at = lines(db, file).line_column(start);
    let location = Location { file: file.path(db).clone(), line: at.line, column: at.column };
    Some(Quote { location, text: text_at(db, file, start).unwrap_or_default() })
}

fn offset_of(db: &dyn Db, file: SourceFile, location: &Location) -> Option<TextSize> {
    let line = lines(db, file).line(location.line)?;
    let column = usize::try_from(location.column.checked_sub(1)?).ok()?;
    let text: &str = file.text(db);
    let line_text = text.get(usize::from(line.start())..usize::from(line.end()))?;
    let (offset, _) = line_text.char_indices().nth(column)?;
    Some(line.start() + TextSize::try_from(offset).ok()?)
}

/// The field, the derivation, the parameter or the argument around an offset.
fn text_at(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<String> {
    let token = SyntaxNode::new_root(tree(db, file).clone()).token_at_offset(offset).right_biased()?;
    let is_field = |node: &SyntaxNode| {
        use SyntaxKind::{Argument, DeriveClause, Field, Parameter, TypeField};
        matches!(node.kind(), Field | TypeField | DeriveClause | Argument | Parameter)
    };
    let field = token.parent_ancestors().find(is_field)?;
    let tokens = field.descendants_with_tokens().filter_map(|element| element.into_token());
    // A comment is nothing that sets the value.
    let words: String = tokens
        .map(|token| match token.kind().is_trivia() {
            true => " ".to_owned(),
            false => token.text().to_owned(),
        })
        .collect();
    Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
}
