//! Label selectors: which maps of labels they match.

use std::fmt;

/// Requirements on labels, all of which must hold. Without any it matches everything; what an *absent* selector means is
/// for the field that holds it to say.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

/// One requirement on one label.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Requirement {
    pub key: String,
    pub operator: Operator,
    /// Sorted; empty for `Exists` and `DoesNotExist`.
    pub values: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operator {
    In,
    /// A missing label satisfies it.
    NotIn,
    Exists,
    DoesNotExist,
}

impl Operator {
    /// The name Kubernetes gives it.
    pub fn parse(text: &str) -> Result<Operator, String> {
        match text {
            "In" => Ok(Operator::In),
            "NotIn" => Ok(Operator::NotIn),
            "Exists" => Ok(Operator::Exists),
            "DoesNotExist" => Ok(Operator::DoesNotExist),
            _ => {
                Err(format!("\"{text}\" is no operator of selectors: In, NotIn, Exists and DoesNotExist are"))
            }
        }
    }
}

impl Selector {
    /// The selector without requirements: everything matches.
    pub fn everything() -> Selector {
        Selector::default()
    }

    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Sorted.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Adds `key: value`, as in `matchLabels` and in the plain maps of services and replication controllers.
    pub fn require_label(&mut self, key: &str, value: &str) {
        self.require(key, Operator::In, vec![value.to_owned()]);
    }

    /// Adds an element of `matchExpressions`.
    pub fn require(&mut self, key: &str, operator: Operator, values: Vec<String>) {
        let mut values = match operator {
            Operator::In | Operator::NotIn => values,
            Operator::Exists | Operator::DoesNotExist => Vec::new(),
        };
        values.sort_unstable();
        values.dedup();
        let requirement = Requirement { key: key.to_owned(), operator, values };
        // Sorted, so that equal selectors are equal values.
        if let Err(position) = self.requirements.binary_search(&requirement) {
            self.requirements.insert(position, requirement);
        }
    }

    /// All requirements hold for the labels that the function looks up.
    pub fn matches<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = label(&requirement.key);
            let listed = value.is_some_and(|value| requirement.values.iter().any(|one| one == value));
            match requirement.operator {
                Operator::In => listed,
                Operator::NotIn => !listed,
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }

    /// Reads the way command lines write it: `app=web,tier!=db,zone in (a, b),env notin (dev),owner,!legacy`.
    pub fn parse(text: &str) -> Result<Selector, String> {
        let mut selector = Selector::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end = end_of_requirement(rest);
            let (part, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
            selector
                .parse_requirement(part.trim())
                .ok_or_else(|| format!("\"{text}\" is no selector: \"{}\" is no requirement", part.trim()))?;
            rest = tail.strip_prefix(',').unwrap_or(tail).trim_start();
        }
        Ok(selector)
    }

    fn parse_requirement(&mut self, part: &str) -> Option<()> {
        let name = |text: &str| {
            let text = text.trim();
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
            (!text.is_empty() && text.chars().all(fits)).then(|| text.to_owned())
        };
        if let Some(key) = part.strip_prefix('!') {
            self.require(&name(key)?, Operator::DoesNotExist, Vec::new());
        } else if let Some((left, list)) = part.split_once('(') {
            let values = list.strip_suffix(')')?.split(',').map(name).collect::<Option<Vec<String>>>()?;
            let (key, word) = left.trim().rsplit_once(char::is_whitespace)?;
            let operator = match word {
                "in" => Operator::In,
                "notin" => Operator::NotIn,
                _ => return None,
            };
            self.require(&name(key)?, operator, values);
        } else if let Some((key, value)) = part.split_once("!=") {
            self.require(&name(key)?, Operator::NotIn, vec![name(value)?]);
        } else if let Some((key, value)) = part.split_once('=') {
            let value = value.strip_prefix('=').unwrap_or(value);
            self.require(&name(key)?, Operator::In, vec![name(value)?]);
        } else {
            self.require(&name(part)?, Operator::Exists, Vec::new());
        }
        Some(())
    }
}

/// The position of the comma after the first requirement: not one inside of parentheses.
fn end_of_requirement(text: &str) -> usize {
    let mut depth = 0_u32;
    for (position, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return position,
            _ => {}
        }
    }
    text.len()
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, requirement) in self.requirements.iter().enumerate() {
            if position > 0 {
                f.write_str(",")?;
            }
            let key = &requirement.key;
            match (requirement.operator, &requirement.values[..]) {
                (Operator::In, [value]) => write!(f, "{key}={value}")?,
                (Operator::NotIn, [value]) => write!(f, "{key}!={value}")?,
                (Operator::In, values) => write!(f, "{key} in ({})", values.join(","))?,
                (Operator::NotIn, values) => write!(f, "{key} notin ({})", values.join(","))?,
                (Operator::Exists, _) => f.write_str(key)?,
                (Operator::DoesNotExist, _) => write!(f, "!{key}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(selector: &str, labels: &[(&str, &'static str)]) -> bool {
        Selector::parse(selector)
            .unwrap()
            .matches(|key| labels.iter().find(|(name, _)| *name == key).map(|(_, value)| *value))
    }

    #[test]
    fn matching() {
        let labels = [("app", "web"), ("zone", "a")];
        for (selector, expected) in [
            ("", true),
            ("app=web", true),
            ("app==web", true),
            ("app=db", false),
            ("app!=db", true),
            ("tier!=db", true),
            ("zone in (a, b),app", true),
            ("zone notin (a, b)", false),
            ("tier notin (a)", true),
            ("!tier", true),
            ("!app", false),
            ("tier", false),
        ] {
            assert_eq!(matches(selector, &labels), expected, "{selector}");
        }
    }

    #[test]
    fn prints_and_reads_back() {
        for text in ["app=web", "!legacy,app,env notin (a,b),tier!=db,zone in (a,b)"] {
            let selector = Selector::parse(text).unwrap();
            assert_eq!(Selector::parse(&selector.to_string()).unwrap(), selector);
        }
        let mut built = Selector::everything();
        built.require("zone", Operator::In, vec!["b".to_owned(), "a".to_owned()]);
        built.require_label("app", "web");
        assert_eq!(built, Selector::parse("app=web,zone in (a,b)").unwrap());
    }

    #[test]
    fn reasons() {
        assert_eq!(
            Selector::parse("app=web,=").unwrap_err(),
            "\"app=web,=\" is no selector: \"=\" is no requirement"
        );
        for text in ["a in b", "a foo (b)", "a in (b", "(a)", "a b"] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
        assert!(Operator::parse("Gt").is_err());
    }
}
