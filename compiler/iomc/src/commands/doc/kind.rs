//! Kinds and traits: what can be said of a thing, and where it is read from.

use std::collections::BTreeMap;

use iom_model::{FieldDefinition, KindDefinition};
use iom_syntax::{SyntaxKind, SyntaxNode};

use super::declarations::{Declared, Reference, comment_of};
use super::page::{Page, Piece, Text, code, listed, plain, words};

/// What the source says of a field beside its type.
struct Written {
    comment: Option<String>,
    /// What stands after `=`.
    value: Option<String>,
    is_computed: bool,
}

impl Reference<'_> {
    pub(super) fn kind(&self, page: &mut Page, one: &Declared) {
        if let Some(comment) = &one.comment {
            page.comment(comment);
        }
        let kind = self.model.kinds.get(&one.name);
        let own_trait = self.model.traits.get(&one.name);
        let (traits, fields) = match (kind, own_trait) {
            (Some(kind), _) => (&kind.traits, &kind.fields),
            (None, Some(own)) => (&own.traits, &own.fields),
            (None, None) => return page.code(one.source()),
        };
        let mut facts: Vec<Text> = Vec::new();
        let mut fact = |name: &str, text: Text| {
            if !text.is_empty() {
                facts.push([plain(format!("{name}: ")), text].concat());
            }
        };
        fact("has the traits", listed(traits.iter().map(|name| vec![self.link(name)])));
        if let Some(kind) = kind {
            fact("identified by", listed(kind.identity.iter().map(|name| code(name.as_str()))));
            fact("read from", listed(sources(kind).into_iter().map(code)));
        } else {
            let kinds = self.model.kinds.values().filter(|kind| kind.traits.contains(&one.name));
            fact("kinds that have it", listed(kinds.map(|kind| vec![self.link(&kind.name)])));
        }
        fact("judged by", self.judges(&one.name));
        page.list(facts);
        let written = written(&one.syntax);
        let row = |field: &FieldDefinition| {
            let own = written.get(field.name.as_str());
            let default = match own {
                Some(own) if own.is_computed => plain("computed"),
                Some(own) => own.value.as_deref().map(code).unwrap_or_default(),
                None => Text::new(),
            };
            let about = match own {
                Some(own) => own.comment.as_deref().map(words).unwrap_or_default(),
                None => self.origin(field, traits),
            };
            vec![code(field.name.as_str()), self.types(&field.ty.to_string()), default, about]
        };
        page.table(&["Field", "Type", "Default", "About"], fields.iter().map(row).collect());
    }

    /// The trait that a field comes from.
    fn origin(&self, field: &FieldDefinition, traits: &[iom_model::QualifiedName]) -> Text {
        let mut all = traits.iter().filter_map(|name| self.find(name));
        let declares = |one: &&Declared| written(&one.syntax).contains_key(field.name.as_str());
        match all.find(declares) {
            Some(found) => {
                let own = written(&found.syntax).remove(field.name.as_str()).and_then(|own| own.comment);
                let mut text = own.map(|comment| words(&format!("{comment} "))).unwrap_or_default();
                text.extend([Piece::Plain("of ".to_owned()), found.link(&found.name)]);
                text
            }
            None => Text::new(),
        }
    }

    /// The policies about a kind, also through its traits.
    fn judges(&self, name: &str) -> Text {
        let of_kind = self.model.kinds.get(name).map(|kind| kind.traits.as_slice()).unwrap_or_default();
        let is_about = |population: &str| population == name || of_kind.iter().any(|own| own == population);
        let policies = self.model.policies.values();
        let mut found: Vec<&iom_model::QualifiedName> = policies
            .filter(|policy| policy.rules.iter().any(|rule| is_about(rule.population.name())))
            .map(|policy| &policy.declared)
            .collect();
        found.sort();
        found.dedup();
        listed(found.into_iter().map(|name| vec![self.link(name)]))
    }

    /// A type with links to what it names.
    fn types(&self, text: &str) -> Text {
        let mut out = Text::new();
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
        let mut rest = text;
        while let Some(start) = rest.find(is_name) {
            let (before, after) = rest.split_at(start);
            let end = after.find(|letter| !is_name(letter)).unwrap_or(after.len());
            let (name, behind) = after.split_at(end);
            let piece = match self.find(name) {
                Some(found) => found.link(name),
                None => Piece::Code(name.to_owned()),
            };
            if !before.is_empty() {
                out.push(Piece::Plain(before.to_owned()));
            }
            out.push(piece);
            rest = behind;
        }
        if !rest.is_empty() {
            out.push(Piece::Plain(rest.to_owned()));
        }
        out
    }
}

/// `terraform aws_s3_bucket`
pub(super) fn sources(kind: &KindDefinition) -> Vec<String> {
    let of_adapter = |adapter: &iom_model::Adapter| -> Vec<String> {
        if adapter.source_types.is_empty() {
            return vec![adapter.format.to_string()];
        }
        let data = if adapter.is_data { "data " } else { "" };
        adapter.source_types.iter().map(|name| format!("{} {data}{name}", adapter.format)).collect()
    };
    kind.adapters.iter().flat_map(of_adapter).collect()
}

fn written(declaration: &SyntaxNode) -> BTreeMap<String, Written> {
    let is_field =
        |node: &SyntaxNode| matches!(node.kind(), SyntaxKind::TypeField | SyntaxKind::DeriveClause);
    let body = declaration.children().filter(|child| child.kind() == SyntaxKind::Body);
    let fields = body.flat_map(|body| body.children()).chain(declaration.children()).filter(is_field);
    fields
        .filter_map(|field| {
            let mut tokens = field.children_with_tokens().filter_map(|element| element.into_token());
            let name = tokens.find(|token| matches!(token.kind(), SyntaxKind::Name | SyntaxKind::String))?;
            let value = field
                .children_with_tokens()
                .skip_while(|element| element.kind() != SyntaxKind::Eq)
                .skip(1)
                .map(|element| element.to_string())
                .collect::<String>();
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            let written = Written {
                comment: comment_of(&field).map(|comment| comment.replace('\n', " ")),
                value: (!value.is_empty()).then_some(value),
                is_computed: field.kind() == SyntaxKind::DeriveClause,
            };
            Some((name.text().trim_matches('"').to_owned(), written))
        })
        .collect()
}
