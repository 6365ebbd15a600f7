//! The errors of the grammar: short human phrases, one next step, a fix where an edit is safe.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code, nearest};
use text_size::TextRange;

use super::{habits, state::State, wanted::Wanted};
use crate::SyntaxKind::{self, *};

pub(super) type Problem = Diagnostic<TextRange>;

/// What stands at `at`, in words.
pub(super) fn found(state: &State, at: usize) -> std::string::String {
    if at >= state.len() {
        return "the end of the file".to_owned();
    }
    match state.kind(at) {
        StringStart | String => "a string".to_owned(),
        LongString => "a long string".to_owned(),
        InterpolationClose => "`}`".to_owned(),
        _ => {
            let text = state.text(at);
            let short: std::string::String = text.chars().take(24).collect();
            if short.len() < text.len() { format!("`{short}..`") } else { format!("`{short}`") }
        }
    }
}

/// Something is missing.
pub(super) fn expected(state: &State, at: usize, wanted: &Wanted) -> Problem {
    if let Some(problem) = special(state, at) {
        return problem;
    }
    let message = format!("expected {}, found {}", wanted.what, found(state, at));
    let problem = Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), message);
    if wanted.help.is_empty() { problem } else { problem.help(wanted.help) }
}

/// Mistakes that are recognised by what stands there, wherever it is.
fn special(state: &State, at: usize) -> Option<Problem> {
    let kind = state.kind(at);
    let place = state.range(at);
    if kind == Star
        && at > 0
        && matches!(state.kind(at + 1), String | Name)
        && state.kind(at - 1).is_keyword()
    {
        return Some(
            Diagnostic::new(code::BAD_LITERAL, place, "a glob has no literal")
                .help("write it as a string, for example `like \"*.example.com\"`"),
        );
    }
    if let Some(quoted) = quoted_name(state, at) {
        return Some(
            Diagnostic::new(
                code::UNEXPECTED_TOKEN,
                place,
                "a name with a number after a dot stands in quotes",
            )
            .help(format!("write {quoted}")),
        );
    }
    if kind == Question {
        return Some(
            Diagnostic::new(code::UNEXPECTED_TOKEN, place, "`?` does not choose between two values")
                .help("write `if condition then one else other`"),
        );
    }
    None
}

/// `soc2.CC6.1` as it has to be written: a number cannot follow a dot, so the last name goes on.
fn quoted_name(state: &State, at: usize) -> Option<std::string::String> {
    let is_name = |at: usize| state.kind(at) == Name;
    let is_meant = at >= 4
        && state.kind(at - 1) == Dot
        && is_name(at - 2)
        && state.kind(at - 3) == Dot
        && is_name(at - 4);
    let begins_with_digit = state.text(at).starts_with(|letter: char| letter.is_ascii_digit());
    let (catalog, name, rest) = (state.text(at.checked_sub(4)?), state.text(at - 2), state.text(at));
    (is_meant && begins_with_digit).then(|| format!("{catalog}.\"{name}.{rest}\""))
}

/// Neither a field nor a clause, of which nothing more can be said.
pub(super) fn no_member(state: &State, at: usize, what: &str, help: &str) -> Problem {
    special(state, at).unwrap_or_else(|| {
        let message = format!("expected {what}, found {}", found(state, at));
        Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), message).help(help)
    })
}

/// A token that belongs to nothing.
pub(super) fn unexpected(state: &State, at: usize, help: &str) -> Problem {
    if let Some(problem) = special(state, at) {
        return problem;
    }
    let problem = Diagnostic::new(
        code::UNEXPECTED_TOKEN,
        state.range(at),
        format!("{} does not fit here", found(state, at)),
    );
    if help.is_empty() { problem } else { problem.help(help) }
}

/// Whether the next item of a list stands here, without a comma before it.
pub(super) fn is_comma_missing(state: &State, at: usize) -> bool {
    state.starts_expression(at) && !matches!(state.kind(at), Dot | LParen | LBracket | Minus)
}

pub(super) fn missing_comma(state: &State, at: usize, items: &str) -> Problem {
    Diagnostic::new(code::MISSING_COMMA, state.range(at), format!("{items} need commas between them"))
        .help("put a `,` before this")
        .fix(
            "insert `,`",
            Applicability::Safe,
            vec![Edit { place: state.end_before(at), text: ",".to_owned() }],
        )
}

/// Something else between the items of a list.
pub(super) fn in_list(state: &State, at: usize, items: &str) -> Problem {
    let place = state.range(at);
    match state.kind(at) {
        ForKw => Diagnostic::new(code::UNEXPECTED_TOKEN, place, "a comprehension starts with its `for`")
            .help("write `[for x in xs: x]`"),
        Colon if items == "set elements" => {
            Diagnostic::new(code::UNEXPECTED_TOKEN, place, "a set cannot hold a field")
                .help("a record holds fields only, a set values only")
        }
        _ => {
            let message = format!("expected `,` or the end of the {items}, found {}", found(state, at));
            Diagnostic::new(code::UNEXPECTED_TOKEN, place, message)
        }
    }
}

pub(super) fn not_chainable(state: &State, at: usize, message: &str, help: &str) -> Problem {
    Diagnostic::new(code::NOT_CHAINABLE, state.range(at), message).help(help)
}

pub(super) fn reserved_value(state: &State, at: usize) -> Problem {
    let word = state.text(at);
    Diagnostic::new(
        code::RESERVED_WORD,
        state.range(at),
        format!("`{word}` is reserved and cannot be a value"),
    )
    .help(format!("write a value; a field may be called `{word}`, a value may not"))
}

pub(super) fn reserved_name(state: &State, at: usize) -> Problem {
    let word = state.text(at);
    Diagnostic::new(
        code::RESERVED_WORD,
        state.range(at),
        format!("`{word}` is reserved and cannot be a name here"),
    )
    .help("choose another name")
}

/// A word of plain English that iom does without.
pub(super) fn needless_word(state: &State, at: usize, help: &str) -> Problem {
    let word = state.text(at);
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), format!("`{word}` is not needed here"))
        .help(format!("remove it: {help}"))
        .fix("remove it", Applicability::Safe, vec![Edit { place: state.range(at), text: "".to_owned() }])
}

pub(super) fn misplaced(state: &State, at: usize, message: &str, help: &str) -> Problem {
    Diagnostic::new(code::MISPLACED, state.range(at), message).help(help)
}

/// The word that was meant, for an unknown word that starts a declaration or a clause.
pub(super) fn meant_word(
    state: &State,
    at: usize,
    is_candidate: fn(SyntaxKind) -> bool,
) -> Option<SyntaxKind> {
    let words = SyntaxKind::ALL.iter().copied().filter(|kind| is_candidate(*kind));
    let word = nearest(state.text(at), words.filter_map(SyntaxKind::word))?;
    SyntaxKind::ALL.iter().copied().find(|kind| kind.word() == Some(word))
}

pub(super) fn unknown_declaration(state: &State, at: usize, meant: Option<SyntaxKind>) -> Problem {
    let message = format!("{} does not start a declaration", found(state, at));
    let problem = Diagnostic::new(code::UNKNOWN_DECLARATION, state.range(at), message);
    let word = state.text(at);
    match meant {
        Some(meant) if habits::declaration(word) == Some(meant) => {
            let help = format!(
                "here this is a `{}`: `{}`",
                meant.word().unwrap_or_default(),
                habits::example(meant)
            );
            write_instead(problem, meant).help(help)
        }
        Some(meant) => did_you_mean(problem, meant),
        None => problem.help(
            habits::instead_of_declaration(word)
                .unwrap_or("a declaration starts with a word such as `resource`, `policy`, `kind` or `use`"),
        ),
    }
}

pub(super) fn unknown_clause(state: &State, at: usize, meant: SyntaxKind) -> Problem {
    let message = format!("there is no clause {}", found(state, at));
    let problem = Diagnostic::new(code::UNKNOWN_CLAUSE, state.range(at), message);
    match habits::clause(state.text(at)) {
        Some(habit) if habit == meant => {
            let word = meant.word().unwrap_or_default();
            write_instead(problem, meant).help(format!("here this is called `{word}`"))
        }
        _ => did_you_mean(problem, meant),
    }
}

fn did_you_mean(problem: Problem, meant: SyntaxKind) -> Problem {
    let help = format!("did you mean `{}`?", meant.word().unwrap_or_default());
    write_instead(problem, meant).help(help)
}

fn write_instead(problem: Problem, meant: SyntaxKind) -> Problem {
    let word = meant.word().unwrap_or_default();
    let place = problem.primary.place;
    problem.fix(
        format!("write `{word}`"),
        Applicability::Suggested,
        vec![Edit { place, text: word.to_owned() }],
    )
}

/// `a: .b` in a kind.
pub(super) fn value_for_type(state: &State, at: usize) -> Problem {
    Diagnostic::new(code::MISPLACED, state.range(at), "a value stands here, but a field of a kind has a type")
        .help("write `name: type = default`; what a source says stands in `from .. { }`")
}

/// `a: x else y`
pub(super) fn else_for_default(state: &State, at: usize) -> Problem {
    let place = state.range(at);
    Diagnostic::new(code::UNEXPECTED_TOKEN, place, "`else` belongs to an `if` or a clause, not to a value")
        .help("the value to take where there is none follows `??`")
        .fix("write `??`", Applicability::Suggested, vec![Edit { place, text: "??".to_owned() }])
}

/// `a:` and nothing.
pub(super) fn missing_value(state: &State, at: usize) -> Problem {
    let name = at.checked_sub(2).map_or("the field", |name| state.text(name));
    let message = format!("`{name}` has no value; {} follows", found(state, at));
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), message).help("write a value after the `:`")
}

/// At the `:` of a dotted path that starts with the operator word `first`.
pub(super) fn operator_path(state: &State, at: usize, first: usize) -> Problem {
    let word = state.text(first);
    let message = format!("`{word}` is read as an operator here, so `:` does not fit");
    let place = state.range(first);
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), message)
        .help(format!(
            "a dotted path that starts with an operator word is quoted: `\"{word}\"{}`",
            tail(state, first, at)
        ))
        .fix("quote the word", Applicability::Suggested, vec![Edit { place, text: format!("\"{word}\"") }])
}

fn tail(state: &State, first: usize, colon: usize) -> std::string::String {
    (first + 1..=colon).map(|at| state.text(at)).collect()
}

/// `a 1` or `a = 1` in a body.
pub(super) fn missing_colon(state: &State, at: usize) -> Problem {
    let place = state.range(at);
    let next = at + 1;
    let message = format!("a field needs `:` after its name, but {} follows", found(state, next));
    let edit = if state.kind(next) == Eq {
        let mut replaced = state.range(next);
        if state.is_joint(at) {
            replaced = TextRange::new(place.end(), replaced.end());
        }
        Edit { place: replaced, text: ":".to_owned() }
    } else {
        Edit { place: TextRange::empty(place.end()), text: ":".to_owned() }
    };
    Diagnostic::new(code::UNEXPECTED_TOKEN, place, message)
        .help(format!("write `{}: ..`", state.text(at)))
        .fix("write `:`", Applicability::Suggested, vec![edit])
}

/// `30 days`, with the number at `at`.
pub(super) fn loose_unit(state: &State, at: usize) -> Problem {
    let place = state.range(at).cover(state.range(at + 1));
    let unit = crate::lexer::meant_unit(state.text(at + 1)).unwrap_or_default();
    let written = format!("{}{unit}", state.text(at));
    Diagnostic::new(code::BAD_LITERAL, place, "a number and its unit are written as one word")
        .help(format!("write {written}"))
        .fix(format!("write {written}"), Applicability::Suggested, vec![Edit { place, text: written }])
}

/// `a = b` where it can only be a comparison.
pub(super) fn single_equals(state: &State, at: usize) -> Problem {
    let place = state.range(at);
    Diagnostic::new(code::UNEXPECTED_TOKEN, place, "one `=` compares nothing")
        .help("two values are compared with `==`")
        .fix("write `==`", Applicability::Suggested, vec![Edit { place, text: "==".to_owned() }])
}

/// `given resource x: K { .. }`
pub(super) fn bare_given(state: &State, at: usize) -> Problem {
    let message = format!("what a test is given stands in braces, but {} follows", found(state, at));
    Diagnostic::new(code::UNEXPECTED_TOKEN, state.range(at), message)
        .help(format!("write `given {{ {} .. }}`", state.text(at)))
}

/// `expect p fails x`
pub(super) fn missing_on(state: &State, at: usize) -> Problem {
    let place = state.end_before(at);
    Diagnostic::new(
        code::UNEXPECTED_TOKEN,
        state.range(at),
        "`on` is missing between the verdict and what it is about",
    )
    .help(format!("write `{} on {}`", state.text(at - 1), state.text(at)))
    .fix("insert `on`", Applicability::Suggested, vec![Edit { place, text: " on".to_owned() }])
}
