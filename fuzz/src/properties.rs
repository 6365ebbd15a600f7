//! What must hold for every text. A property panics where it does not.
//!
//! The targets of the fuzzers hold these against what they think of; `compiler/iomc/tests/cli/fuzzed.rs` holds them against
//! the inputs that once broke one.

use std::ops::Range;

use iom_base::TextRange;
use iom_diagnostics::render::{SourceTexts, human, json, short};
use iom_diagnostics::{Diagnostic, code};
use iom_fmt::{Edit, format, format_range};
use iom_semantic::{Host, LibrarySelection};
use iom_syntax::ast::Declaration;
use iom_syntax::lexer::lex;
use iom_syntax::{SyntaxKind, SyntaxNode, declarations, lower, parse, parse_expression};

/// The tokens are the text, in order and without gaps.
pub fn lexer(text: &str) {
    let lexed = lex(text);
    let mut end = 0;
    for token in &lexed.tokens {
        let range = bytes(token.range);
        assert_eq!(range.start, end, "a gap or an overlap before {token:?}");
        assert!(text.get(range.clone()).is_some(), "inside a character: {token:?}");
        end = range.end;
    }
    assert_eq!(end, text.len(), "the end is missing");
    for error in &lexed.errors {
        is_well_said(error, |place| text.get(bytes(*place)).is_some());
    }
}

/// The tree prints as the text, every declaration and every text as an expression can be lowered, and what is wrong is said
/// about places of the text.
pub fn parser(text: &str) {
    let parsed = parse(text);
    let root = parsed.syntax();
    assert_eq!(root.text().to_string(), text, "the tree is another text");
    for error in &parsed.errors {
        is_well_said(error, |place| text.get(bytes(*place)).is_some());
    }
    let places = parsed.errors.iter().map(|error| error.primary.place.start());
    assert!(places.is_sorted(), "errors out of order: {:?}", parsed.errors);
    for declaration in declarations(&root) {
        let lowered = lower(&declaration.green).0;
        let name = lowered.name().map_or("", |name| name.text.as_str());
        assert_eq!(name, declaration.name, "two names for one declaration");
    }
    for error in parse_expression(text).errors {
        is_well_said(&error, |place| text.get(bytes(*place)).is_some());
    }
}

/// Formatting changes white space and commas only, and once is enough; formatting a part is that part of formatting the whole.
pub fn formatter(text: &str) {
    let everything = TextRange::up_to((text.len() as u32).into());
    let part = applied(text, &format_range(text, some_range(text)));
    let Ok(once) = format(text) else {
        let whole = applied(text, &format_range(text, everything));
        assert_eq!(words(text), words(&whole), "tokens of a broken text were lost:\n{whole}");
        assert_eq!(words(text), words(&part), "tokens of a broken text were lost in a part:\n{part}");
        return;
    };
    is_same_program(text, &once);
    assert_eq!(formatted(&once), once, "formatting twice differs from formatting once");
    assert_eq!(
        applied(text, &format_range(text, everything)),
        once,
        "the range of everything is not everything"
    );
    assert_eq!(format_range(&once, some_range(&once)), [], "a part of a formatted text was changed");
    is_same_program(text, &part);
    assert_eq!(formatted(&part), once, "a part was formatted otherwise than in the whole:\n{part}");
}

/// Checking ends, and says the same whatever was checked before; what it says can be shown, and a sound text has a model.
pub fn checker(text: &str) {
    let known = checked(&mut Host::new(), text);
    let mut again = Host::new();
    again.set_file(FILE, text);
    assert_eq!(known, answer(&again), "another answer to the same question");
}

const FILE: &str = "fuzz.iom";

/// What a host knows: the diagnostics as text, and the model's hash where there is no error.
pub type Answer = (String, Option<String>);

fn answer(host: &Host) -> Answer {
    let found = host.diagnostics();
    let is_sound = !found.iter().any(Diagnostic::is_error);
    (short(&found, host), is_sound.then(|| host.model(&LibrarySelection::None).hash()))
}

/// Checks a text in a host that may have seen others.
pub fn checked(host: &mut Host, text: &str) -> Answer {
    host.set_file(FILE, text);
    let found = host.diagnostics();
    for diagnostic in &found {
        is_well_said(diagnostic, |place| host.text(place.file).get(bytes(place.range())).is_some());
        assert_ne!(diagnostic.code, code::INTERNAL);
    }
    human(&found, host, false);
    json(&found, host);
    let known = answer(host);

    // The same workspace by another way: everything moves, a module comes and goes.
    host.set_file(FILE, &format!("// moved\n\n{text}"));
    host.set_file("other.iom", "module other\nconst x: int = 1\n");
    host.diagnostics();
    host.set_file(FILE, text);
    host.remove_file("other.iom");
    assert_eq!(known, answer(host), "another answer after edits that were taken back");
    known
}

fn bytes(range: TextRange) -> Range<usize> {
    range.into()
}

/// A diagnostic has words, and every place it names is one.
fn is_well_said<P: std::fmt::Debug>(found: &Diagnostic<P>, is_place: impl Fn(&P) -> bool) {
    assert!(!found.message.trim().is_empty(), "nothing is said: {found:?}");
    assert!(found.help.as_ref().is_none_or(|help| !help.trim().is_empty()), "no help: {found:?}");
    assert!(found.notes.iter().all(|note| !note.trim().is_empty()), "no note: {found:?}");
    assert!(found.fixes.iter().all(|fix| !fix.title.trim().is_empty()), "no title: {found:?}");
    let labels = found.secondary.iter().map(|label| &label.place);
    let edits = found.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.place);
    for place in labels.chain(edits).chain([&found.primary.place]) {
        assert!(is_place(place), "{place:?} is no place of the text: {found:?}");
    }
}

fn formatted(text: &str) -> String {
    match format(text) {
        Ok(text) => text,
        Err(errors) => panic!("formatting broke the text: {errors:?}\n{text}"),
    }
}

/// The same syntax, and all comments, in the same order.
fn is_same_program(before: &str, after: &str) {
    let (old, new) = (parse(before), parse(after));
    assert!(new.errors.is_empty(), "formatting broke the text: {:?}\n{after}", new.errors);
    assert_eq!(shape(&old.syntax()), shape(&new.syntax()), "formatting changed the tree:\n{after}");
    assert_eq!(lowered(&old.syntax()), lowered(&new.syntax()), "formatting changed the meaning:\n{after}");
}

/// Kinds and texts of a tree, without white space and commas.
fn shape(root: &SyntaxNode) -> Vec<(SyntaxKind, String)> {
    root.descendants_with_tokens()
        .filter(|element| !matches!(element.kind(), SyntaxKind::Whitespace | SyntaxKind::Comma))
        .map(|element| {
            let text = element.as_token().map(|token| token.text().trim_end().to_owned());
            (element.kind(), text.unwrap_or_default())
        })
        .collect()
}

/// The syntax without positions.
fn lowered(root: &SyntaxNode) -> Vec<Declaration> {
    declarations(root).iter().map(|declaration| lower(&declaration.green).0).collect()
}

/// The tokens of a text, comments too, without white space and commas.
fn words(text: &str) -> Vec<&str> {
    let tokens = lex(text).tokens;
    let kept =
        tokens.iter().filter(|token| !matches!(token.kind, SyntaxKind::Whitespace | SyntaxKind::Comma));
    kept.map(|token| text[bytes(token.range)].trim_end()).filter(|word| !word.is_empty()).collect()
}

/// A part of a text that depends on nothing but the text.
fn some_range(text: &str) -> TextRange {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let size = text.len() as u64 + 1;
    let (one, other) = ((hash >> 8) % size, (hash >> 32) % size);
    TextRange::new((one.min(other) as u32).into(), (one.max(other) as u32).into())
}

/// A text with edits made; they are in order and do not overlap.
fn applied(text: &str, edits: &[Edit]) -> String {
    let mut changed = String::new();
    let mut position = 0;
    for edit in edits {
        let range = bytes(edit.range);
        assert!(position <= range.start, "edits overlap: {edits:?}");
        changed.push_str(&text[position..range.start]);
        changed.push_str(&edit.new_text);
        position = range.end;
    }
    changed.push_str(&text[position..]);
    changed
}
