//! What has to be written and is not: fields of resources and settings, arms of a `match`.

use iom_base::TextRange;
use iom_diagnostics::{Applicability, Diagnostic};
use iom_model::{Scalar, Type};
use iom_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::edit::Patch;
use super::{Remedy, around};
use crate::Analysis;

const MOST_STEPS: usize = 16;

/// The names between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The fields that a diagnostic says are missing, each with a value of its type to begin with.
pub(super) fn fields(
    analysis: &Analysis,
    path: &str,
    root: &SyntaxNode,
    found: &Diagnostic<iom_base::Span>,
) -> Option<Remedy> {
    let names: Vec<&str> = quoted(found.help.as_deref()?).map(|name| name.trim_end_matches(": ..")).collect();
    let range = found.primary.place.range();
    let body = body_of(root, range)?;
    let close = body.last_token().filter(|token| token.kind() == SyntaxKind::RBrace)?;
    let of_kind = fields_of(analysis, path, range);
    let value = |name: &str| {
        let ty = of_kind.iter().find(|(known, _)| known == name).map(|(_, ty)| ty);
        ty.and_then(beginning).or_else(|| setting(name).map(str::to_owned))
    };
    let lines: Option<Vec<String>> =
        names.iter().map(|name| Some(format!("  {name}: {}\n", value(name)?))).collect();
    let lines = lines.filter(|lines| !lines.is_empty())?;
    let title = match names.as_slice() {
        [one] => format!("fill in `{one}`"),
        names => format!("fill in {} fields", names.len()),
    };
    Some(Remedy {
        title,
        patches: vec![before(&close, &lines.concat())],
        applicability: Applicability::Placeholder,
    })
}

/// Lines before a closing brace, right after what stands there.
fn before(close: &SyntaxToken, lines: &str) -> Patch {
    let space = close.prev_token().filter(|token| token.kind() == SyntaxKind::Whitespace);
    let start = space.map_or(close.text_range().start(), |token| token.text_range().start());
    Patch::new(TextRange::new(start, close.text_range().start()), format!("\n{lines}"))
}

/// The braces that the fields belong in: of the record that is marked, else of the declaration.
fn body_of(root: &SyntaxNode, range: TextRange) -> Option<SyntaxNode> {
    let record = around(root, range, SyntaxKind::RecordExpr).filter(|node| node.text_range() == range);
    record.or_else(|| {
        let token = root.token_at_offset(range.start()).right_biased()?;
        let declaration = token.parent_ancestors().find(|node| node.kind().is_declaration())?;
        declaration.children().find(|node| node.kind() == SyntaxKind::Body)
    })
}

/// The fields of the kind of the resource that is declared at a place.
fn fields_of(analysis: &Analysis, path: &str, range: TextRange) -> Vec<(smol_str::SmolStr, Type)> {
    let outline = analysis.outline(path);
    let declaration = outline.iter().find(|one| one.range.contains_range(range) && one.keyword == "resource");
    declaration.map(|one| analysis.host.fields_of_resource(&one.qualified)).unwrap_or_default()
}

/// A value of a type, as plain as there is one; nothing where only the author can know.
fn beginning(ty: &Type) -> Option<String> {
    let mut current = ty;
    for _ in 0..MOST_STEPS {
        let text = match current {
            Type::Optional(inner) | Type::Refined(inner, _) | Type::Secret(inner) => {
                current = inner;
                continue;
            }
            Type::Scalar(Scalar::Bool) => "false",
            Type::Scalar(Scalar::Int | Scalar::Decimal) => "0",
            Type::Scalar(Scalar::Duration) => "24h",
            Type::Scalar(Scalar::Bytes) => "1GiB",
            Type::Scalar(_) => "\"\"",
            Type::List(_) | Type::Set(_) => "[]",
            Type::Map(..) | Type::Record(_) | Type::Json => "{ }",
            Type::Enum(one) => return one.alternatives.first().map(|one| one.name.to_string()),
            Type::Element(nominal) => {
                // The name that most would give it.
                let name = nominal.name().rsplit('.').next()?;
                return Some(snake_case(name));
            }
            _ => return None,
        };
        return Some(text.to_owned());
    }
    None
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// What settings of declarations begin as.
fn setting(name: &str) -> Option<&'static str> {
    Some(match name {
        "title" | "reason" | "purpose" => "\"\"",
        "severity" => "medium",
        "every" => "24h",
        "fresh" => "48h",
        "max" => "4h",
        "opened" => "2026-01-01",
        "expires" | "until" | "review_by" => "2026-01-31",
        "claims" | "satisfies" | "collect" | "approved_by" | "policies" => "[]",
        _ => return None,
    })
}

/// Arms for what a `match` does not speak of; they give what its last arm gives, until somebody says otherwise.
pub(super) fn arms(root: &SyntaxNode, found: &Diagnostic<iom_base::Span>) -> Option<Remedy> {
    let node = around(root, found.primary.place.range(), SyntaxKind::MatchExpr)?;
    let close = node.last_token().filter(|token| token.kind() == SyntaxKind::RBrace)?;
    let last = node.children().filter(|child| child.kind() == SyntaxKind::Arm).last()?;
    let text = last.text().to_string();
    let (_, value) = text.split_once("=>")?;
    let value = value.trim().trim_end_matches(',');
    let is_cut = found.message.contains(" more");
    let mut names: Vec<&str> = quoted(&found.message).filter(|name| *name != "match").collect();
    if is_cut {
        names = vec!["_"];
    }
    let arms: String = names.iter().map(|name| format!("  {name} => {value}\n")).collect();
    Some(Remedy {
        title: if names.len() == 1 {
            format!("add an arm for `{}`", names[0])
        } else {
            "add the missing arms".to_owned()
        },
        patches: vec![before(&close, &arms)],
        applicability: Applicability::Placeholder,
    })
}
