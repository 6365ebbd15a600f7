//! Versions, compared by component: `1.10 > 1.9`, `v1beta1 < v1`, `1.0.0-rc1 < 1.0.0`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A version as written, with the components it is compared by. Equal versions may be written differently (`1.2`, `1.2.0`).
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    release: Vec<Component>,
    /// What comes before the release: `-rc.1`, `beta1`. Empty for a release.
    prerelease: Vec<Component>,
}

/// Words come before numbers, so that `5.7.mysql_aurora.2` is a kind of `5.7`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Component {
    Word(String),
    Number(u128),
}

impl Version {
    /// Reads a version: digits first, after an optional `v`, then components separated by dots, then `-` and what comes
    /// before the release. Build metadata after `+` does not count.
    pub fn parse(text: &str) -> Result<Version, String> {
        let text = text.trim();
        let wrong = |reason: &str| format!("\"{text}\" is no version: {reason}");
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        if !bare.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(wrong("it begins with a number, like 1.2.3 or v1beta1"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_' | '~');
        if let Some(bad) = bare.chars().find(|&c| !allowed(c)) {
            return Err(wrong(&format!("it has a {bad:?}")));
        }
        let bare = bare.split('+').next().unwrap_or(bare);
        let (release, before) = match bare.split_once(['-', '~']) {
            Some((release, before)) => (release, components(before)),
            None => (bare, Vec::new()),
        };
        if let Some((number, stage)) = api_stage(release) {
            return Ok(Version { text: text.to_owned(), release: number, prerelease: stage });
        }
        Ok(Version { text: text.to_owned(), release: components(release), prerelease: before })
    }

    /// The first number.
    pub fn major(&self) -> Option<i64> {
        self.number(0)
    }

    /// The second number; absent where the version has only one.
    pub fn minor(&self) -> Option<i64> {
        self.number(1)
    }

    /// The third number.
    pub fn patch(&self) -> Option<i64> {
        self.number(2)
    }

    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn number(&self, position: usize) -> Option<i64> {
        match self.release.get(position) {
            Some(Component::Number(number)) => i64::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// `1beta2` of Kubernetes, `1a1` and `1rc2` of other tools: a number, then how far it is.
fn api_stage(release: &str) -> Option<(Vec<Component>, Vec<Component>)> {
    let digits = release.len() - release.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, stage) = release.split_at_checked(digits)?;
    let stage = stage.to_ascii_lowercase();
    ["alpha", "beta", "rc"]
        .iter()
        .any(|word| stage.starts_with(word))
        .then(|| (components(number), components(&stage)))
}

/// Split at dots and between digits and letters. Leading zeros do not count; trailing zero numbers are dropped.
fn components(text: &str) -> Vec<Component> {
    let mut result = Vec::new();
    for part in text.split(['.', '-', '_', '~']) {
        let mut rest = part;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let letters = rest.len() - rest.trim_start_matches(|c: char| !c.is_ascii_digit()).len();
            let (piece, tail) = rest.split_at_checked(digits.max(letters)).unwrap_or((rest, ""));
            // A number too long to read is compared as a word: still the same for the same text.
            result.push(match piece.parse() {
                Ok(number) => Component::Number(number),
                Err(_) => Component::Word(piece.to_ascii_lowercase()),
            });
            rest = tail;
        }
    }
    while result.len() > 1 && result.last() == Some(&Component::Number(0)) {
        result.pop();
    }
    result
}

/// Missing components count as zero.
fn compare(left: &[Component], right: &[Component]) -> Ordering {
    const ZERO: Component = Component::Number(0);
    for position in 0..left.len().max(right.len()) {
        let ordering = left.get(position).unwrap_or(&ZERO).cmp(right.get(position).unwrap_or(&ZERO));
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        compare(&self.release, &other.release).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare(&self.prerelease, &other.prerelease),
            }
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.release.hash(state);
        self.prerelease.hash(state);
    }
}

/// As written.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn ascending() {
        for chain in [
            &["1.2", "1.2.1", "1.9", "1.10", "2"][..],
            &["v1alpha1", "v1alpha2", "v1beta1", "v1beta10", "v1", "v2beta1", "v2"],
            &["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"],
            &[
                "5.6.10a",
                "5.7.mysql_aurora.2.03.2",
                "5.7.mysql_aurora.2.11.1",
                "5.7.1",
                "8.0.mysql_aurora.3.04.0",
            ],
            &["13.9", "14.2", "14.10"],
        ] {
            for pair in chain.windows(2) {
                assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
                assert!(version(pair[1]) > version(pair[0]), "{pair:?}");
            }
        }
    }

    #[test]
    fn equal_however_written() {
        for (left, right) in
            [("1.2", "1.2.0"), ("v1.2.3", "1.2.3"), ("1.2.3+build5", "1.2.3"), ("1.02", "1.2")]
        {
            assert_eq!(version(left), version(right));
        }
        assert_eq!(version("v1.2.3").to_string(), "v1.2.3");
        assert_eq!(version("1.25.3").minor(), Some(25));
        assert_eq!(version("14").minor(), None);
    }

    #[test]
    fn reasons() {
        assert_eq!(
            Version::parse("latest").unwrap_err(),
            "\"latest\" is no version: it begins with a number, like 1.2.3 or v1beta1"
        );
        assert_eq!(Version::parse("1 2").unwrap_err(), "\"1 2\" is no version: it has a ' '");
        assert!(Version::parse("").is_err());
        assert!(Version::parse("v").is_err());
        assert!(Version::parse("99999999999999999999999999999999999999999999").is_ok());
    }
}
