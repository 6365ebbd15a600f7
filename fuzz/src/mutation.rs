//! Programs out of programs: parts of one are put where parts of the same sort stand, so that most results still parse and
//! reach what lies behind the parser.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use iom_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, parse};

/// Longer parts only make longer programs.
const LONGEST_PART: usize = 600;

/// A program near the given one.
pub fn mutated(text: &str, seed: u32) -> String {
    near(text, seed, changed)
}

/// A text that a few changes lead to.
pub fn near(text: &str, seed: u32, change: fn(&str, &mut Dice) -> String) -> String {
    let mut dice = Dice::new(seed);
    let mut text = text.to_owned();
    for _ in 0..=dice.roll(3) {
        text = change(&text, &mut dice);
    }
    text
}

/// What can stand for each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sort {
    Declaration,
    Member,
    Expression,
    Type,
    Name,
    Literal,
    Operator,
}

const SORTS: [Sort; 7] = [
    Sort::Declaration,
    Sort::Member,
    Sort::Expression,
    Sort::Type,
    Sort::Name,
    Sort::Literal,
    Sort::Operator,
];

fn sort(element: &SyntaxElement) -> Option<Sort> {
    let kind = element.kind();
    Some(match kind {
        SyntaxKind::Field | SyntaxKind::TypeField | SyntaxKind::Arm => Sort::Member,
        SyntaxKind::Literal | SyntaxKind::String => Sort::Literal,
        SyntaxKind::Operator => Sort::Operator,
        SyntaxKind::Name => Sort::Name,
        _ if kind.is_declaration() => Sort::Declaration,
        _ if kind.is_clause() => Sort::Member,
        _ if kind.is_expression() => Sort::Expression,
        _ if kind.is_type() => Sort::Type,
        _ => return None,
    })
}

/// The parts of the repository's own programs, by sort.
struct Pool {
    parts: Vec<Vec<String>>,
}

impl Pool {
    fn get() -> &'static Pool {
        static POOL: OnceLock<Pool> = OnceLock::new();
        POOL.get_or_init(|| {
            let mut pool = Pool { parts: vec![Vec::new(); SORTS.len()] };
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            for folder in ["tests/corpus/ok", "stdlib", "examples"] {
                pool.collect(&root.join(folder));
            }
            for parts in &mut pool.parts {
                parts.sort();
                parts.dedup();
            }
            pool
        })
    }

    fn collect(&mut self, folder: &Path) {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                self.collect(&path);
            } else if let Some(text) =
                fs::read_to_string(&path).ok().filter(|_| path.extension().is_some_and(|it| it == "iom"))
            {
                for (sort, range) in parts(&parse(&text).syntax()) {
                    if range.len() <= LONGEST_PART {
                        self.parts[sort as usize].push(text[range].to_owned());
                    }
                }
            }
        }
    }

    fn any(&self, sort: Sort, dice: &mut Dice) -> &str {
        dice.one_of(&self.parts[sort as usize]).map_or("x", String::as_str)
    }
}

/// All parts of a program that have a sort.
fn parts(root: &SyntaxNode) -> Vec<(Sort, Range<usize>)> {
    root.descendants_with_tokens()
        .filter_map(|element| Some((sort(&element)?, Range::<usize>::from(element.text_range()))))
        .collect()
}

/// Values at the edges.
const LITERALS: &[&str] = &[
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "0.1",
    "99999999999999999999999999999.9",
    "true",
    "false",
    "\"\"",
    "\"a\"",
    "\"é🙂\"",
    "\"{self}\"",
    "\"{1 + 1} {x}\"",
    "\"\\u{1F600}\\n\"",
    "r\"^[a-z]+$\"",
    "r\"(\"",
    "r#\"a\"b\"#",
    "\"\"\"\n  a\n\"\"\"",
    "1s",
    "1mo",
    "1y2w",
    "9999999y",
    "1h30min",
    "1GiB",
    "9999999999TiB",
    "2026-02-29",
    "2024-02-29",
    "2026-01-01T00:00Z",
    "2026-01-01T23:59:59+14:00",
    "10.0.0.0/8",
    "255.255.255.255",
    "0.0.0.0/0",
    "\"::/0\"",
    "\"1.2.3\"",
    "\"*\"",
    "[]",
    "{}",
    "{1}",
    "1..4",
    "4..1",
    "absent",
    "unknown",
    "present",
    "known",
    "empty",
    "nonempty",
    "self",
    "now",
    "_",
    "^",
    "$account",
    "internet",
    ".x",
    "x",
];

/// Expressions around an expression, in place of `@`.
const AROUND: &[&str] = &[
    "(@)",
    "-@",
    "not @",
    "[@]",
    "{@}",
    "{ x: @ }",
    "if true then @ else @",
    "let a = @: a",
    "@ ?? @",
    "@.x",
    "@?.x",
    "@[0]",
    "@?[0]",
    "@ with { x: 1 }",
    "@ as { x: .y }",
    "@ as list<int>",
    "size(@)",
    "match @ { _ => @ }",
    "\"{@}\"",
    "[for a in @: a]",
    "all a in @: a",
    "{for k, v in @: k => v}",
    "@ where .x == 1",
    "@ is present",
    "@ is not absent",
    "@ in @",
    "@ == @",
    "@ and @",
    "@ or @",
    "@ + @",
    "@ ++ @",
    "@ * @",
    "@ / @",
    "@ default @",
    "@ named @",
    "@..@",
    "ref @",
    "@ matches r\"a\"",
    "@ covers @",
    "@ conforms @",
    "count(@)",
];

/// Types around a type.
const TYPES_AROUND: &[&str] = &[
    "@?",
    "list<@>",
    "set<@>",
    "map<string, @>",
    "ref @",
    "link @",
    "secret @",
    "(@)",
    "@ | @",
    "{ x: @ }",
    "@ in 1..4",
    "@ matching r\"a\"",
    "list<@> size 1..2",
    "@ where (. x > 1)",
    "@ nocase",
    "{ kind: a | b  x: @ }",
];

const OPERATORS: &[&str] = &[
    "and", "or", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "overlaps", "covers",
    "within", "conforms", "matches", "like", "??", "default", "named", "..", "+", "-", "++", "*", "/",
];

/// What may stand between two tokens.
const GAPS: &[&str] =
    &[" ", "\n", "\n\n\n", "  // c\n", "\n/// d\n", "\n// c\n\n", ",", ", ", "\r\n", "\t", ""];

fn changed(text: &str, dice: &mut Dice) -> String {
    let root = parse(text).syntax();
    let pool = Pool::get();
    if dice.roll(8) == 0 {
        return with_other_gap(text, &root, dice);
    }
    let wanted = SORTS[dice.roll(SORTS.len())];
    let parts = parts(&root);
    let candidates: Vec<&Range<usize>> =
        parts.iter().filter(|(sort, _)| *sort == wanted).map(|(_, range)| range).collect();
    let Some(place) = dice.one_of(&candidates).map(|range| (*range).clone()) else {
        return format!("{text}\n{}\n", pool.any(Sort::Declaration, dice));
    };
    let own = dice.one_of(&candidates).map_or("", |range| &text[(*range).clone()]).to_owned();
    let here = &text[place.clone()];
    let new = match (wanted, dice.roll(8)) {
        (Sort::Expression | Sort::Literal, 0 | 1) => {
            dice.one_of(AROUND).map_or_else(String::new, |around| around.replace('@', here))
        }
        (Sort::Expression | Sort::Literal, 2) => (*dice.one_of(LITERALS).unwrap_or(&"1")).to_owned(),
        (Sort::Literal, 3) => (*dice.one_of(LITERALS).unwrap_or(&"1")).to_owned(),
        (Sort::Type, 0 | 1) => {
            dice.one_of(TYPES_AROUND).map_or_else(String::new, |around| around.replace('@', here))
        }
        (Sort::Operator, 0..4) => (*dice.one_of(OPERATORS).unwrap_or(&"+")).to_owned(),
        (Sort::Declaration | Sort::Member, 0) => String::new(),
        (Sort::Declaration | Sort::Member, 1 | 2) => format!("{here}\n{}", pool.any(wanted, dice)),
        (Sort::Declaration | Sort::Member, 3) => format!("{here}\n{own}"),
        // What a program names is seldom what another program calls so.
        (Sort::Name, 0..7) => own,
        (_, 0..6) => pool.any(wanted, dice).to_owned(),
        _ => own,
    };
    format!("{}{new}{}", &text[..place.start], &text[place.end..])
}

/// Another piece of white space, a comment or a comma between two tokens.
fn with_other_gap(text: &str, root: &SyntaxNode, dice: &mut Dice) -> String {
    let tokens: Vec<Range<usize>> = root
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .map(|token| Range::<usize>::from(token.text_range()))
        .collect();
    let Some(token) = dice.one_of(&tokens).cloned() else { return text.to_owned() };
    let is_gap = text[token.clone()].trim().is_empty();
    let kept = if is_gap { token.end } else { token.start };
    let gap = dice.one_of(GAPS).unwrap_or(&" ");
    format!("{}{gap}{}", &text[..token.start], &text[kept..])
}

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u32) -> Dice {
        Dice(0x9e37_79b9_7f4a_7c15 ^ (u64::from(seed) << 1 | 1))
    }

    /// A number below `count`.
    pub fn roll(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 9) as usize % count.max(1)
    }

    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.roll(choices.len()))
    }
}
