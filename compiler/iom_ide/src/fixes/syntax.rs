//! Fields in the text of a declaration: which is replaced, and where a new one belongs.

use iom_base::{TextRange, TextSize};
use iom_diagnostics::Edit;
use iom_eval::explain::Segment;
use iom_syntax::{SyntaxKind, SyntaxNode};
use smol_str::SmolStr;

/// What an edit is about.
pub(super) enum Target {
    /// Fields between braces.
    Fields(SyntaxNode),
    /// An expression that has no fields of its own yet: `x = orders`.
    Value(SyntaxNode),
    /// What is given for a parameter.
    Argument(SyntaxNode),
}

/// The body of the declaration that a place belongs to, or what stands for it.
pub(super) fn own_fields(place: &SyntaxNode) -> Option<Target> {
    let declaration = place.ancestors().find(|node| node.kind() == SyntaxKind::ResourceDeclaration)?;
    if let Some(body) = declaration.children().find(|child| child.kind() == SyntaxKind::Body) {
        return Some(Target::Fields(body));
    }
    let value = declaration.children().filter(|child| child.kind().is_expression()).last()?;
    match value.kind() {
        SyntaxKind::WithExpr => {
            let fields = value.children().filter(|child| child.kind() == SyntaxKind::RecordExpr).last()?;
            Some(Target::Fields(fields))
        }
        _ => Some(Target::Value(value)),
    }
}

/// The fields that the one at a place is among.
pub(super) fn fields_around(place: &SyntaxNode) -> Option<Target> {
    let field = place.ancestors().find(|node| node.kind() == SyntaxKind::Field)?;
    field.parent().map(Target::Fields)
}

pub(super) fn argument(place: &SyntaxNode) -> Option<Target> {
    let argument = place.ancestors().find(|node| node.kind() == SyntaxKind::Argument)?;
    argument.children().find(|child| child.kind().is_expression()).map(Target::Argument)
}

impl Target {
    /// The edits after which the value stands at the path; nothing where what is written there is no literal.
    pub fn set(&self, path: &[Segment], value: &str, order: &[SmolStr]) -> Option<Vec<Edit<TextRange>>> {
        match self {
            Target::Fields(fields) => set_in(fields, path, value, order),
            Target::Value(whole) => {
                let text = format!(" with {{ {} }}", field(path, value)?);
                Some(vec![Edit { place: TextRange::empty(end(whole)), text }])
            }
            Target::Argument(given) => Some(vec![replaced(given, value)]),
        }
    }
}

/// `pod.host_pid: false`
fn field(path: &[Segment], value: &str) -> Option<String> {
    // An item of a list is no field.
    let is_named = path.iter().all(|segment| matches!(segment, Segment::Name(_)));
    is_named.then(|| format!("{}: {value}", iom_eval::explain::path_text(path)))
}

fn set_in(
    fields: &SyntaxNode,
    path: &[Segment],
    value: &str,
    order: &[SmolStr],
) -> Option<Vec<Edit<TextRange>>> {
    let own: Vec<SyntaxNode> = fields.children().filter(|child| child.kind() == SyntaxKind::Field).collect();
    let mut parts = Vec::new();
    for one in &own {
        let names = names(one)?;
        let common = names.iter().zip(path).take_while(|(name, step)| is_step(name, step)).count();
        if common == names.len() {
            let written = value_of(one)?;
            return match path.get(common..) {
                None | Some([]) => Some(vec![replaced(&written, value)]),
                Some(rest) => set_below(&written, rest, value),
            };
        }
        if common == path.len() {
            parts.push(one);
        }
    }
    let text = field(path, value)?;
    let Some((first, others)) = parts.split_first() else {
        return Some(vec![added(fields, &own, &text, path, order)]);
    };
    // Its parts are set one by one: now it is set as a whole.
    let mut edits = vec![Edit { place: trimmed(first), text }];
    edits.extend(others.iter().map(|other| Edit { place: with_space_before(other), text: String::new() }));
    Some(edits)
}

/// Inside a record or a list that is written out.
fn set_below(written: &SyntaxNode, path: &[Segment], value: &str) -> Option<Vec<Edit<TextRange>>> {
    match (written.kind(), path.split_first()?) {
        (SyntaxKind::RecordExpr, (Segment::Name(_), _)) => set_in(written, path, value, &[]),
        (SyntaxKind::ListExpr, (Segment::Index(position), rest)) => {
            let item = written.children().filter(|child| child.kind().is_expression()).nth(*position)?;
            if rest.is_empty() { Some(vec![replaced(&item, value)]) } else { set_below(&item, rest, value) }
        }
        _ => None,
    }
}

fn is_step(name: &str, step: &Segment) -> bool {
    matches!(step, Segment::Name(step) if step == name)
}

fn names(field: &SyntaxNode) -> Option<Vec<String>> {
    let path = field.children().find(|child| child.kind() == SyntaxKind::FieldPath)?;
    let tokens = path.children_with_tokens().filter_map(|element| element.into_token());
    let keys = tokens.filter(|token| matches!(token.kind(), SyntaxKind::Name | SyntaxKind::String));
    Some(keys.map(|token| token.text().trim_matches('"').to_owned()).collect())
}

/// The expression that a field is set to.
fn value_of(field: &SyntaxNode) -> Option<SyntaxNode> {
    let around = field.children().find(|child| child.kind() == SyntaxKind::FieldValue);
    let mut parts = around.as_ref().unwrap_or(field).children();
    parts.find(|child| child.kind().is_expression())
}

fn replaced(node: &SyntaxNode, text: &str) -> Edit<TextRange> {
    Edit { place: trimmed(node), text: text.to_owned() }
}

/// Without the white space and the comments at both ends.
fn trimmed(node: &SyntaxNode) -> TextRange {
    let tokens = || node.descendants_with_tokens().filter_map(|element| element.into_token());
    let start = tokens().find(|token| !token.kind().is_trivia()).map(|token| token.text_range().start());
    TextRange::new(start.unwrap_or(node.text_range().start()), end(node))
}

fn end(node: &SyntaxNode) -> TextSize {
    let mut last = node.last_token();
    while let Some(token) = &last {
        if !token.kind().is_trivia() {
            return token.text_range().end();
        }
        last = token.prev_token();
    }
    node.text_range().end()
}

/// A field with the white space that sets it off from what is before.
fn with_space_before(field: &SyntaxNode) -> TextRange {
    let own = trimmed(field);
    let before = field.first_token().and_then(|token| token.prev_token());
    let start = match before {
        Some(token) if token.kind() == SyntaxKind::Whitespace => token.text_range().start(),
        _ => own.start(),
    };
    TextRange::new(start, own.end())
}

/// A new field at the place where the kind declares it: after the last one that is declared before it.
fn added(
    fields: &SyntaxNode,
    own: &[SyntaxNode],
    text: &str,
    path: &[Segment],
    order: &[SmolStr],
) -> Edit<TextRange> {
    let rank = |name: &str| order.iter().position(|field| field == name).unwrap_or(usize::MAX);
    let wanted = match path.first() {
        Some(Segment::Name(name)) => rank(name),
        _ => usize::MAX,
    };
    let comes_before = |field: &&SyntaxNode| {
        names(field).and_then(|names| names.first().map(|name| rank(name) <= wanted)).unwrap_or(true)
    };
    let source = fields.text().to_string();
    let is_one_line = !source.contains('\n');
    if let Some(before) = own.iter().rev().find(comes_before) {
        let place = TextRange::empty(end(before));
        let gap = if is_one_line { "  ".to_owned() } else { format!("\n{}", indent(before)) };
        return Edit { place, text: format!("{gap}{text}") };
    }
    if let Some(first) = own.first() {
        let gap = if is_one_line { "  ".to_owned() } else { format!("\n{}", indent(first)) };
        return Edit { place: TextRange::empty(trimmed(first).start()), text: format!("{text}{gap}") };
    }
    let brace = fields.children_with_tokens().find(|element| element.kind() == SyntaxKind::LBrace);
    let place = brace.map_or(fields.text_range().end(), |brace| brace.text_range().end());
    let gap = if is_one_line { " ".to_owned() } else { format!("\n{}  ", indent(fields)) };
    let after = if source.trim_end().ends_with("{}") { " " } else { "" };
    Edit { place: TextRange::empty(place), text: format!("{gap}{text}{after}") }
}

/// The blanks before the line that a node starts on.
fn indent(node: &SyntaxNode) -> String {
    let mut text = String::new();
    let mut token = node.first_token();
    if let Some(first) = &token
        && first.kind().is_trivia()
    {
        token = node
            .descendants_with_tokens()
            .filter_map(|element| element.into_token())
            .find(|token| !token.kind().is_trivia());
    }
    let mut before = token.and_then(|token| token.prev_token());
    while let Some(token) = before {
        if let Some((_, after)) = token.text().rsplit_once('\n') {
            text = after.to_owned();
            break;
        }
        before = token.prev_token();
    }
    text.chars().take_while(|letter| matches!(letter, ' ' | '\t')).collect()
}
