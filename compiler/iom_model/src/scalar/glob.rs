//! Glob patterns: `*` is any run of characters, `?` one character, and `\` takes the next character as it is.

use std::collections::{HashSet, VecDeque};
use std::fmt;

/// A pattern, parsed once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Glob {
    text: String,
    tokens: Vec<Token>,
    ignores_case: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Token {
    Character(char),
    One,
    Run,
}

/// How many pairs of states are looked at to compare two patterns exactly. Real ones need a few dozen.
const COMPARISON_LIMIT: usize = 4096;

impl Glob {
    /// Every text is a pattern.
    pub fn new(text: &str) -> Glob {
        Glob::with_case(text, false)
    }

    /// A pattern that ignores case.
    pub fn nocase(text: &str) -> Glob {
        Glob::with_case(text, true)
    }

    pub fn with_case(text: &str, ignores_case: bool) -> Glob {
        let mut tokens = Vec::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match character {
                '*' if tokens.last() == Some(&Token::Run) => {}
                '*' => tokens.push(Token::Run),
                '?' => tokens.push(Token::One),
                '\\' => characters(&mut tokens, rest.next().unwrap_or('\\'), ignores_case),
                other => characters(&mut tokens, other, ignores_case),
            }
        }
        Glob { text: text.to_owned(), tokens, ignores_case }
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// No wildcard: matches one text only.
    pub fn is_literal(&self) -> bool {
        self.tokens.iter().all(|token| matches!(token, Token::Character(_)))
    }

    /// The whole text matches. Linear space, no backtracking beyond the last `*`.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = if self.ignores_case {
            text.chars().flat_map(char::to_lowercase).collect()
        } else {
            text.chars().collect()
        };
        let (mut at, mut pattern) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.tokens.get(pattern) {
                Some(Token::Run) => {
                    retry = Some((pattern + 1, at));
                    pattern += 1;
                    continue;
                }
                Some(Token::One) => {
                    at += 1;
                    pattern += 1;
                    continue;
                }
                Some(Token::Character(expected)) if text.get(at) == Some(expected) => {
                    at += 1;
                    pattern += 1;
                    continue;
                }
                _ => {}
            }
            match retry {
                Some((after, from)) => {
                    pattern = after;
                    at = from + 1;
                    retry = Some((after, from + 1));
                }
                None => return false,
            }
        }
        self.tokens.get(pattern..).unwrap_or_default().iter().all(|token| *token == Token::Run)
    }

    /// Whether all texts match that begin and end so, or none of them; nothing where some may. No text is shorter than both ends
    /// together.
    pub fn matches_between(&self, start: &str, end: &str) -> Option<bool> {
        let states = self.steps(self.closed(vec![0]), start);
        let first = states.iter().copied().min();
        // A `*` takes whatever comes between.
        let takes_all = |state: &usize| {
            let rest = self.tokens.get(*state..).unwrap_or_default();
            rest.first() == Some(&Token::Run)
                && Glob { text: String::new(), tokens: rest.to_vec(), ignores_case: self.ignores_case }
                    .matches(end)
        };
        if states.iter().any(takes_all) {
            return Some(true);
        }
        // Whatever comes between can lead from one place of the pattern to every later one.
        let between = first.map_or(Vec::new(), |first| (first..=self.tokens.len()).collect());
        let ended = self.steps(between, end);
        (!ended.contains(&self.tokens.len())).then_some(false)
    }

    /// Where the pattern may stand after a text.
    fn steps(&self, mut states: Vec<usize>, text: &str) -> Vec<usize> {
        for character in text.chars() {
            let folded = if self.ignores_case { character.to_lowercase().collect() } else { vec![character] };
            for one in folded {
                states = self.step(&states, Some(one));
            }
        }
        states
    }

    /// Every text that `other` matches, this matches too.
    ///
    /// Exact for all but absurdly intricate pairs; for those the answer is a safe "no". Case counts where this pattern
    /// respects it, whatever the other does.
    pub fn covers(&self, other: &Glob) -> bool {
        let other = if self.ignores_case && !other.ignores_case {
            Glob::nocase(&other.text).tokens
        } else {
            other.tokens.clone()
        };
        // Texts of `other` are generated with a character that occurs in no pattern wherever it has a wildcard: what this
        // pattern then matches, it matches with any character there. Its own states are followed all at once.
        let start = self.closed([0].into_iter().collect());
        let mut seen: HashSet<(usize, Vec<usize>)> = HashSet::new();
        let mut queue: VecDeque<(usize, Vec<usize>)> = VecDeque::from([(0, start)]);
        while let Some((position, states)) = queue.pop_front() {
            if states.is_empty() {
                return false;
            }
            if !seen.insert((position, states.clone())) {
                continue;
            }
            if seen.len() > COMPARISON_LIMIT {
                return false;
            }
            match other.get(position) {
                None => {
                    if !states.contains(&self.tokens.len()) {
                        return false;
                    }
                }
                Some(Token::Run) => {
                    queue.push_back((position + 1, states.clone()));
                    queue.push_back((position, self.step(&states, None)));
                }
                Some(Token::One) => queue.push_back((position + 1, self.step(&states, None))),
                Some(Token::Character(c)) => queue.push_back((position + 1, self.step(&states, Some(*c)))),
            }
        }
        true
    }

    /// Where the pattern may stand after one character; `None` is a character that is in no pattern.
    fn step(&self, states: &[usize], character: Option<char>) -> Vec<usize> {
        let mut next = Vec::new();
        for &state in states {
            match self.tokens.get(state) {
                Some(Token::Run) => next.push(state),
                Some(Token::One) => next.push(state + 1),
                Some(Token::Character(expected)) if Some(*expected) == character => next.push(state + 1),
                _ => {}
            }
        }
        self.closed(next)
    }

    /// With all states reached by letting a `*` match nothing; sorted.
    fn closed(&self, mut states: Vec<usize>) -> Vec<usize> {
        let mut position = 0;
        while let Some(&state) = states.get(position) {
            if self.tokens.get(state) == Some(&Token::Run) && !states.contains(&(state + 1)) {
                states.push(state + 1);
            }
            position += 1;
        }
        states.sort_unstable();
        states.dedup();
        states
    }
}

fn characters(tokens: &mut Vec<Token>, character: char, ignores_case: bool) {
    if ignores_case {
        tokens.extend(character.to_lowercase().map(Token::Character));
    } else {
        tokens.push(Token::Character(character));
    }
}

/// As written.
impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_ends() {
        for (pattern, start, end, expected) in [
            ("*", "", "", Some(true)),
            ("arn:*", "arn:aws:", "", Some(true)),
            ("arn:*", "ar", "", None),
            ("arn:*", "x", "", Some(false)),
            ("arn:*:x", "arn:aws:", "", None),
            ("arn", "arn", "", None),
            ("arn", "arns", "", Some(false)),
            ("a?c*", "abc", "", Some(true)),
            ("a?c*", "ab", "", None),
            ("*/Admin", "", "policy/Admin", Some(true)),
            ("*/Admin", "", "min", None),
            ("*/Admin", "", "policy/Reader", Some(false)),
            ("arn:*/Admin", "arn:", "/Admin", Some(true)),
            ("arn:*/Admin", "", "/Admin", None),
            ("arn:/Admin", "arn:/", "/Admin", Some(false)),
            ("arn:a*", "b", "x", Some(false)),
            ("*:root*", "", ":root", Some(true)),
        ] {
            assert_eq!(Glob::new(pattern).matches_between(start, end), expected, "{pattern} {start}..{end}");
        }
        assert_eq!(Glob::nocase("ARN:*X").matches_between("Arn:a", "x"), Some(true));
    }

    #[test]
    fn matching() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("a?c", "ac", false),
            ("*a*b*", "xxaybz", true),
            ("s3:Get*", "s3:GetObject", true),
            ("s3:Get*", "S3:getobject", false),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            (r"arn:*:iam::\*:*", "arn:aws:iam::*:root", true),
            ("*.example.org", "a.b.example.org", true),
            ("ä?", "äö", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
        }
        assert!(Glob::nocase("s3:Get*").matches("S3:GETObject"));
        assert!(!Glob::new(&"*a".repeat(200)).matches(&"b".repeat(200)));
    }

    #[test]
    fn covering() {
        for (wide, narrow, expected) in [
            ("*", "s3:*", true),
            ("s3:*", "*", false),
            ("s3:*", "s3:Get*", true),
            ("s3:Get*", "s3:*", false),
            ("*", "*", true),
            ("?*", "*?", true),
            ("?*", "*a", true),
            ("?*", "*", false),
            ("*:*", "*", false),
            ("a*b*c", "a*bc", true),
            ("a*bc", "a*b*c", false),
            ("a?c", "abc", true),
            ("abc", "a?c", false),
            ("*a*", "*b*", false),
            ("iam:*Policy", "iam:CreatePolicy", true),
            ("*a??", "*abc", true),
        ] {
            assert_eq!(Glob::new(wide).covers(&Glob::new(narrow)), expected, "{wide} covers {narrow}");
        }
        assert!(Glob::nocase("S3:*").covers(&Glob::new("s3:GetObject")));
        assert!(!Glob::new("S3:*").covers(&Glob::new("s3:GetObject")));
        // Too intricate to decide: the safe answer, and an end.
        let intricate = format!("*a{}", "?".repeat(40));
        assert!(!Glob::new(&intricate).covers(&Glob::new(&format!("*a*{}", "a?".repeat(20)))));
    }
}
