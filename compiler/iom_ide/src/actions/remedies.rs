//! Remedies that take a look at the text around a diagnostic.

use iom_base::{Span, TextRange};
use iom_diagnostics::{Applicability, Diagnostic, code};
use iom_syntax::{SyntaxKind, SyntaxNode};

use super::edit::Patch;
use super::{Remedy, around, imports, missing};
use crate::Analysis;

/// Modules that are offered for one name.
const MOST_MODULES: usize = 5;

pub(super) fn of(
    analysis: &Analysis,
    path: &str,
    text: &str,
    root: &SyntaxNode,
    found: &Diagnostic<Span>,
) -> Vec<Remedy> {
    let range = found.primary.place.range();
    let Some(marked) = text.get(usize::from(range.start())..usize::from(range.end())) else {
        return Vec::new();
    };
    let one = if found.code == code::UNKNOWN_NAME {
        return bring_in(analysis, text, root, range, marked);
    } else if found.code == code::UNUSED_IMPORT {
        Some(Remedy {
            title: format!("remove `{marked}` from the imports"),
            patches: imports::remove(root, range),
            applicability: Applicability::Safe,
        })
    } else if found.code == code::MISSING_FIELD {
        missing::fields(analysis, path, root, found)
    } else if found.code == code::NON_EXHAUSTIVE {
        missing::arms(root, found)
    } else if found.code == code::NOT_OVERRIDDEN {
        override_it(root, range)
    } else if found.code == code::OVERRIDE_WITHOUT_REASON {
        say_why(root, range)
    } else if found.code == code::NOTHING_TO_OVERRIDE {
        plain_field(root, range)
    } else if found.code == code::OPTIONAL_VALUE {
        safe_navigation(root, range)
    } else if found.code == code::TYPE_MISMATCH {
        rewritten(found, range, marked)
    } else {
        None
    };
    one.into_iter().collect()
}

/// A `use` for a name that other modules declare, or for a module.
fn bring_in(analysis: &Analysis, text: &str, root: &SyntaxNode, range: TextRange, name: &str) -> Vec<Remedy> {
    let before = text.get(..usize::from(range.start())).unwrap_or_default();
    let is_part =
        before.ends_with('.') || !name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if is_part || name.is_empty() {
        return Vec::new();
    }
    let modules = analysis.host.modules_declaring(name);
    let offered = modules.iter().take(MOST_MODULES).map(|module| Remedy {
        title: format!("add `use {module}.{name}`"),
        patches: imports::add(root, module, Some(name)),
        applicability: Applicability::Suggested,
    });
    offered.collect()
}

fn override_it(root: &SyntaxNode, range: TextRange) -> Option<Remedy> {
    let field = around(root, range, SyntaxKind::Field)?;
    let place = field.text_range();
    Some(Remedy {
        title: "say that it overrides, and why".to_owned(),
        patches: vec![
            Patch::insert(place.start(), "override "),
            Patch::insert(end_of(&field), " because \"say why\""),
        ],
        applicability: Applicability::Placeholder,
    })
}

fn say_why(root: &SyntaxNode, range: TextRange) -> Option<Remedy> {
    let field = around(root, range, SyntaxKind::Field)?;
    Some(Remedy {
        title: "add `because`".to_owned(),
        patches: vec![Patch::insert(end_of(&field), " because \"say why\"")],
        applicability: Applicability::Placeholder,
    })
}

/// Without `override` and what belongs to it.
fn plain_field(root: &SyntaxNode, range: TextRange) -> Option<Remedy> {
    let field = around(root, range, SyntaxKind::Field)?;
    let tokens = field.children_with_tokens().filter_map(|element| element.into_token());
    let word = tokens.into_iter().find(|token| token.kind() == SyntaxKind::OverrideKw)?;
    let name = field.children().find(|node| node.kind() == SyntaxKind::FieldPath)?;
    let mut patches =
        vec![Patch::remove(TextRange::new(word.text_range().start(), name.text_range().start()))];
    let tails = field.descendants().filter(|node| node.kind() == SyntaxKind::Tail);
    patches.extend(tails.map(|tail| Patch::remove(tail.text_range())));
    Some(Remedy {
        title: "set it without `override`".to_owned(),
        patches,
        applicability: Applicability::Safe,
    })
}

/// `?.` and `?[`: what is absent stays absent.
fn safe_navigation(root: &SyntaxNode, range: TextRange) -> Option<Remedy> {
    let token = root.token_at_offset(range.start()).right_biased()?;
    let before = token.prev_token()?;
    let is_dot = before.kind() == SyntaxKind::Dot;
    let has_base = before.parent().is_some_and(|node| node.kind() == SyntaxKind::FieldExpr);
    (is_dot && has_base).then(|| Remedy {
        title: "write `?.`: absent stays absent".to_owned(),
        patches: vec![Patch::new(before.text_range(), "?.")],
        applicability: Applicability::Suggested,
    })
}

/// Text in quotes that should have none, and the other way round.
fn rewritten(found: &Diagnostic<Span>, range: TextRange, marked: &str) -> Option<Remedy> {
    let help = found.help.as_deref()?;
    let inner = marked.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    // What is written there may be a secret: titles do not repeat it.
    let (title, text) = match inner {
        Some(word @ ("true" | "false")) if help.starts_with("write `true`") => {
            ("write it without quotation marks", word.to_owned())
        }
        Some(number) if help.starts_with("write digits") && is_number(number) => {
            ("write it without quotation marks", number.to_owned())
        }
        None if help.starts_with("text stands in quotation marks") => {
            ("put it in quotation marks", format!("\"{marked}\""))
        }
        _ if help.starts_with("a list stands in brackets") => ("put it in brackets", format!("[{marked}]")),
        _ => return None,
    };
    Some(Remedy {
        title: title.to_owned(),
        patches: vec![Patch::new(range, text)],
        applicability: Applicability::Suggested,
    })
}

/// Where a node's last word ends: comments and blanks after it are not its own.
fn end_of(node: &SyntaxNode) -> iom_base::TextSize {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let words = tokens.filter(|token| !token.kind().is_trivia());
    words.last().map_or(node.text_range().end(), |token| token.text_range().end())
}
