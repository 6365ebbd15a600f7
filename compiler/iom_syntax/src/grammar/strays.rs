//! What stands among fields and clauses and is neither: what its writer was up to, and the next step.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code};

use super::{
    habits,
    problems::{Problem, found},
    state::State,
};
use crate::SyntaxKind::{self, *};

/// How many tokens before a body its construct is looked for.
const MAX_LOOK_BACK: usize = 4096;

/// Whose body it is.
pub(super) struct Around {
    /// A `for` block of a policy or an authority, or a blueprint's `judges`.
    is_rule: bool,
    declaration: SyntaxKind,
    /// Fields have types here.
    takes_types: bool,
}

impl Around {
    /// `open`: the `{` of the body.
    pub fn of(state: &State, open: usize, takes_types: bool) -> Around {
        let mut is_rule = false;
        let mut depth = 0_usize;
        for at in (open.saturating_sub(MAX_LOOK_BACK)..open).rev() {
            let kind = state.kind(at);
            match kind {
                RParen | RBracket | RBrace => depth += 1,
                LParen | LBracket | LBrace => depth = depth.saturating_sub(1),
                _ if depth > 0 || state.kind(at + 1) == Colon || at > 0 && state.kind(at - 1) == Dot => {}
                // Not the `for` of `resource x for n in ..`.
                ForKw => is_rule |= at < 2 || state.kind(at - 2) != ResourceKw,
                JudgesKw => is_rule = true,
                _ if kind.is_declaration_keyword() => {
                    return Around { is_rule, declaration: kind, takes_types };
                }
                _ => {}
            }
        }
        Around { is_rule, declaration: ErrorToken, takes_types }
    }

    fn takes_conditions(&self) -> bool {
        match self.declaration {
            PolicyKw => self.is_rule,
            BlueprintKw => true,
            _ => false,
        }
    }

    /// What may stand in the body.
    pub fn next_step(&self) -> &'static str {
        match self.declaration {
            AuthorityKw if self.is_rule => {
                "this block holds `deny when ..`, `escalate to X when ..`, `allow when ..` and `let name = ..`"
            }
            AuthorityKw => "an authority holds `title: \"..\"` and the like, and `for change: Change { .. }`",
            _ if self.is_rule => {
                "this block holds `require condition`, `let name = ..` and `for x in xs { .. }`"
            }
            PolicyKw => {
                "a policy holds `title: \"..\"` and the like, and `for x: Kind { require condition }`"
            }
            BlueprintKw => "a blueprint holds fields, `resource name: Kind { .. }` and `require condition`",
            TestKw => "a test holds `given { .. }` and `expect ..`",
            KindKw | TraitKw if self.takes_types => {
                "here stand fields, `name: type`, and clauses such as `derive` and `from`"
            }
            KindKw => "here stand fields, `name: .path`, and `key`, `part` and `let`",
            _ => "a field is `name: value`",
        }
    }
}

/// The clause that a word of another language means, where there is just one like it.
pub(super) fn meant_clause(state: &State, at: usize, around: &Around) -> Option<SyntaxKind> {
    let is_clause = around.takes_conditions()
        && state.kind(at) == Name
        && !state.is_field_start(at)
        && (state.starts_expression(at + 1) || state.kind(at + 1) == NotKw);
    is_clause.then(|| habits::clause(state.text(at))).flatten()
}

/// What is said of it, where more can be said than that it is neither.
pub(super) fn stray(state: &State, at: usize, around: &Around) -> Option<Problem> {
    let is_conditional = matches!(state.text(at), "when" | "if" | "unless" | "where" | "while" | "elif");
    if is_conditional && (around.is_rule || matches!(around.declaration, PolicyKw | AuthorityKw)) {
        return Some(conditional(state, at, around));
    }
    if matches!(state.kind(at), String | StringStart | FatArrow | LongString) && around.takes_conditions() {
        return Some(message_without_else(state, at));
    }
    if around.declaration == PolicyKw && !around.is_rule && is_subject(state, at) {
        return Some(subject_without_for(state, at));
    }
    if is_condition(state, at) {
        match around.declaration {
            TestKw => return Some(word_missing(state, at, "expect", "what a test expects")),
            _ if around.takes_conditions() => {
                return Some(word_missing(state, at, "require", "what must hold"));
            }
            _ => {}
        }
    }
    if state.is_name(at) && !around.is_rule && stands_alone(state, at) {
        return Some(without_value(state, at, around));
    }
    None
}

/// `when x { .. }`, `if x { .. }` in a rule.
fn conditional(state: &State, at: usize, around: &Around) -> Problem {
    let whose = if around.declaration == AuthorityKw { "an authority" } else { "a policy" };
    let message = format!("{whose} has no {}", found(state, at));
    let help = if around.declaration == AuthorityKw {
        "say who may: `deny when condition`, `escalate to X when condition`, `allow when condition`"
    } else {
        "say what it is about after `where`, and what must hold after `require`: `for x: Kind where condition { require .. }`"
    };
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), message).help(help)
}

/// `require x "text"`
fn message_without_else(state: &State, at: usize) -> Problem {
    let place = state.range(at);
    let problem = Diagnostic::new(
        code::UNEXPECTED_TOKEN,
        place,
        "what is said where a rule is broken stands after `else`",
    )
    .help("write `require condition else \"..\"`");
    match state.kind(at) {
        FatArrow => problem.fix(
            "write `else`",
            Applicability::Suggested,
            vec![Edit { place, text: "else".to_owned() }],
        ),
        _ => {
            let place = text_size::TextRange::empty(place.start());
            let text = "else ".to_owned();
            problem.fix("insert `else`", Applicability::Suggested, vec![Edit { place, text }])
        }
    }
}

/// `aws.Bucket { .. }`: kinds begin with a capital letter.
fn is_subject(state: &State, at: usize) -> bool {
    let mut last = at;
    while state.kind(last + 1) == Dot && state.is_name(last + 2) {
        last += 2;
    }
    state.is_name(at)
        && state.kind(last + 1) == LBrace
        && state.text(last).starts_with(|letter: char| letter.is_ascii_uppercase())
}

fn subject_without_for(state: &State, at: usize) -> Problem {
    let place = text_size::TextRange::empty(state.range(at).start());
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), "what a policy is about stands after `for`")
        .help("write `for x: Kind { require condition }`")
        .fix("insert `for x:`", Applicability::Suggested, vec![Edit { place, text: "for x: ".to_owned() }])
}

/// A value that is true or false, and no member.
fn is_condition(state: &State, at: usize) -> bool {
    let is_value = match state.kind(at) {
        LParen | NotKw => true,
        AllKw | AnyKw | NoneKw => state.is_quantifier(at),
        Name => {
            !stands_alone(state, at)
                && (matches!(
                    state.kind(at + 1),
                    Dot | QuestionDot | LParen | EqEq | BangEq | Lt | LtEq | Gt | GtEq
                ) || matches!(state.kind(at + 1), IsKw | InKw | NotKw | ContainsKw))
        }
        _ => false,
    };
    is_value && !state.is_field_start(at)
}

fn word_missing(state: &State, at: usize, word: &str, what: &str) -> Problem {
    let place = text_size::TextRange::empty(state.range(at).start());
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), format!("{what} stands after `{word}`"))
        .help(format!("write `{word}` before this"))
        .fix(
            format!("insert `{word}`"),
            Applicability::Suggested,
            vec![Edit { place, text: format!("{word} ") }],
        )
}

/// A name, and nothing after it that belongs to it.
fn stands_alone(state: &State, at: usize) -> bool {
    let next = at + 1;
    matches!(state.kind(next), RBrace | Comma) || state.is_line_start(next) || state.is_field_start(next)
}

fn without_value(state: &State, at: usize, around: &Around) -> Problem {
    let (what, example) = if around.takes_types { ("type", "string") } else { ("value", "..") };
    let name = state.text(at);
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), format!("{} has no {what}", found(state, at)))
        .help(format!("write `{name}: {example}`"))
}
