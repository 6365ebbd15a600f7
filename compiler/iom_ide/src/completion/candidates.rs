//! Suggestions while they are gathered.

use iom_model::Type;
use iom_semantic::input::SourceFile;
use iom_semantic::look::{Cursor, Offered};
use iom_semantic::names::FileScope;
use iom_syntax::{SyntaxKind, SyntaxNode};

use super::cursor::{Inside, Standing};
use super::{Completion, CompletionKind, Completions, MOST, TextEdit};
use crate::Analysis;

pub(super) struct Candidates<'a> {
    pub analysis: &'a Analysis,
    pub file: SourceFile,
    pub scope: &'a FileScope,
    pub standing: &'a Standing<'a>,
    pub items: Vec<Completion>,
    pub is_incomplete: bool,
}

/// How likely a suggestion is meant: the lower the likelier.
pub(super) mod rank {
    pub const EXPECTED: u8 = 0;
    pub const REQUIRED: u8 = 1;
    pub const FITTING: u8 = 2;
    pub const NEAR: u8 = 3;
    pub const OWN: u8 = 4;
    pub const COMMON: u8 = 5;
    pub const WORD: u8 = 6;
    pub const ELSEWHERE: u8 = 7;
}

impl<'a> Candidates<'a> {
    pub fn new(
        analysis: &'a Analysis,
        file: SourceFile,
        scope: &'a FileScope,
        standing: &'a Standing<'a>,
    ) -> Candidates<'a> {
        Candidates { analysis, file, scope, standing, items: Vec::new(), is_incomplete: false }
    }

    /// Whether a name could be what is being written: its letters are in it, in order.
    pub fn is_meant(&self, name: &str) -> bool {
        is_near(&self.standing.word, name)
    }

    pub fn add(
        &mut self,
        label: &str,
        kind: CompletionKind,
        rank: u8,
        detail: impl Into<String>,
    ) -> &mut Completion {
        let replaced = self.standing.replaced;
        self.items.push(Completion {
            label: label.to_owned(),
            kind,
            detail: detail.into(),
            is_required: false,
            insert: label.to_owned(),
            replaced,
            also: Vec::new(),
            rank,
            about: String::new(),
        });
        let last = self.items.len() - 1;
        &mut self.items[last]
    }

    pub fn finish(mut self) -> Completions {
        let word = &self.standing.word;
        self.items.retain(|one| is_near(word, &one.label));
        let starts = |one: &Completion| !one.label.to_lowercase().starts_with(&word.to_lowercase());
        self.items.sort_by(|left, right| {
            let order = |one: &Completion| (one.rank, starts(one));
            order(left).cmp(&order(right)).then_with(|| left.label.cmp(&right.label))
        });
        self.items.dedup_by(|later, first| later.label == first.label && later.detail == first.detail);
        let is_cut = self.items.len() > MOST;
        self.items.truncate(MOST);
        Completions { items: self.items, is_incomplete: self.is_incomplete || is_cut }
    }

    /// What could stand in a declaration.
    pub fn inside(&mut self, inside: &Inside<'_>) {
        if inside.starts_member {
            self.clauses(inside);
        }
        match &inside.cursor {
            Some(Cursor::Field { owner, fields }) => self.fields(owner, fields, &inside.around),
            Some(Cursor::Setting { owner, known, required }) => {
                let set = set_names(&inside.around);
                for name in known.iter().filter(|name| !set.contains(&name.to_string())) {
                    let is_required = required.contains(name);
                    let rank = if is_required { rank::REQUIRED } else { rank::FITTING };
                    let one = self.add(name, CompletionKind::Field, rank, "");
                    one.insert = format!("{name}: $0");
                    one.is_required = is_required;
                    one.about = format!("setting {owner} {name}");
                }
            }
            Some(Cursor::Word { known }) => {
                for word in known {
                    let one = self.add(word, CompletionKind::Value, rank::EXPECTED, "");
                    one.about = format!("word {word}");
                }
            }
            Some(Cursor::Member { of, parts }) => {
                for (name, nominal) in parts {
                    self.add(name, CompletionKind::Resource, rank::EXPECTED, nominal.name().to_string());
                }
                self.members(of);
            }
            Some(Cursor::Name { inside: Some(module) }) => self.names_inside(module, inside),
            Some(Cursor::Name { inside: None }) => self.named(inside),
            Some(Cursor::Value { expected, bindings, at_hand, is_adapter }) => {
                self.values(expected.as_ref(), bindings, at_hand.as_ref(), *is_adapter, inside.item);
            }
            Some(Cursor::Control) => self.controls(),
            Some(Cursor::Claim) => self.claims(),
            Some(Cursor::Label { labels }) => {
                for label in labels {
                    self.add(label, CompletionKind::Policy, rank::EXPECTED, "clause");
                }
            }
            Some(Cursor::Key { .. }) | None => self.syntactic(inside),
        }
    }

    /// Fields that are not set yet, the required ones first.
    fn fields(&mut self, owner: &Type, fields: &[Offered], around: &[SyntaxNode]) {
        let set = set_names(around);
        let left: Vec<&Offered> =
            fields.iter().filter(|field| !set.iter().any(|name| *name == *field.name)).collect();
        let missing: Vec<&&Offered> = left.iter().filter(|field| field.is_required).collect();
        if missing.len() > 1 {
            let lines = missing.iter().enumerate();
            let lines = lines.map(|(number, field)| format!("{}: ${{{}}}", field.name, number + 1));
            let insert = lines.collect::<Vec<_>>().join("\n");
            let label = format!("all {} required fields", missing.len());
            let one = self.add(&label, CompletionKind::Field, rank::EXPECTED, owner.to_string());
            one.insert = insert;
            one.is_required = true;
        }
        for field in left {
            let rank = if field.is_required { rank::REQUIRED } else { rank::FITTING };
            let is_record = matches!(
                iom_semantic::look::plain_type(self.analysis.db(), &field.ty),
                Type::Record(_) | Type::Map(..)
            );
            let detail = field.ty.to_string();
            let about = format!("field {} {}", owner_name(owner), field.name);
            let one = self.add(&field.name, CompletionKind::Field, rank, detail);
            let value = if is_record { "{ $0 }" } else { "$0" };
            one.insert = format!("{}: {value}", one.label);
            one.is_required = field.is_required;
            one.about = about;
        }
    }

    /// What can be read from a value. Behind one that may be absent the dot becomes `?.`.
    pub fn members(&mut self, of: &Type) {
        let before = self.standing.before;
        let replaced = self.standing.replaced;
        let is_optional = of.is_optional() && !matches!(of.required(), Type::Element(_));
        let dot = before.ends_with('.') && !before.ends_with("?.") && is_optional;
        for field in iom_semantic::look::members_of(self.analysis.db(), of) {
            let detail = field.ty.to_string();
            let about = format!("field {} {}", owner_name(of), field.name);
            let one = self.add(&field.name, CompletionKind::Field, rank::EXPECTED, detail);
            one.about = about;
            if dot {
                let place =
                    iom_base::TextRange::new(replaced.start() - iom_base::TextSize::new(1), replaced.start());
                one.also.push(TextEdit { range: place, text: "?.".to_owned() });
            }
        }
    }
}

/// The name of the type that has a field, for [`Analysis::completion_doc`].
fn owner_name(ty: &Type) -> String {
    match ty.required() {
        Type::Named(name) => name.to_string(),
        Type::Element(nominal) => nominal.name().to_string(),
        _ => String::new(),
    }
}

/// The names that the record or the body around a word sets.
fn set_names(around: &[SyntaxNode]) -> Vec<String> {
    let body = around.iter().find(|node| matches!(node.kind(), SyntaxKind::Body | SyntaxKind::RecordExpr));
    let Some(body) = body else { return Vec::new() };
    let fields = body.children().filter(|node| node.kind() == SyntaxKind::Field);
    let names = fields.filter_map(|field| {
        let path = field.children().find(|node| node.kind() == SyntaxKind::FieldPath)?;
        let text = path.text().to_string();
        let first = text.split('.').next().unwrap_or_default().trim().trim_matches('"').to_owned();
        (!first.ends_with(iom_semantic::look::MARKER)).then_some(first)
    });
    names.collect()
}

/// Whether the letters of a word are in a name, in order and without regard to case; the first of them starts one of its
/// words.
pub(crate) fn is_near(word: &str, name: &str) -> bool {
    let mut wanted = word.chars().map(|letter| letter.to_ascii_lowercase());
    let Some(first) = wanted.next() else { return true };
    let starts_word = |at: usize, letter: char| {
        let before = name[..at].chars().next_back();
        letter.is_ascii_uppercase() || before.is_none_or(|before| !before.is_ascii_alphanumeric())
    };
    let mut starts = name
        .char_indices()
        .filter(|(at, letter)| letter.to_ascii_lowercase() == first && starts_word(*at, *letter));
    starts.any(|(at, letter)| {
        let mut rest = name[at + letter.len_utf8()..].chars().map(|letter| letter.to_ascii_lowercase());
        wanted.clone().all(|wanted| rest.any(|letter| letter == wanted))
    })
}
