//! Files beside the configuration.

use std::rc::Rc;

use regex::Regex;

use super::super::evaluate::Evaluator;
use super::super::load::normal_path;
use super::super::lower::Lowering;
use super::super::value::{self, Shape, Value};
use super::{Computed, Stop, encoding, hash, members_of, text_of, text_shape};

/// Templates that read templates.
const MOST_DEPTH: usize = 8;
/// Folders and files that a pattern is held against.
const MOST_FILES: usize = 10_000;
const DEEPEST_FOLDER: usize = 32;

pub(super) fn call(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: &[Value],
    offset: u32,
) -> Option<Computed> {
    Some(match (name, arguments) {
        ("file", [path]) => read(evaluator, path).and_then(text_shape),
        ("filebase64", [path]) => {
            read(evaluator, path).and_then(|text| text_shape(encoding::base64(text.as_bytes())))
        }
        ("templatefile", [path, values]) => {
            read(evaluator, path).and_then(|text| template(evaluator, &text, values, offset))
        }
        ("templatestring", [text, values]) => {
            text_of(text).and_then(|text| template(evaluator, &text, values, offset))
        }
        // What is not there may be made before Terraform runs.
        ("fileexists", [path]) => read(evaluator, path).map(|_| Shape::Bool(true)),
        ("fileset", [folder, pattern]) => {
            text_of(folder).and_then(|folder| files_like(evaluator, &folder, &text_of(pattern)?, offset))
        }
        ("abspath" | "pathexpand", [_]) => Err(Stop::Elsewhere),
        ("dirname", [path]) => text_of(path).and_then(|path| {
            let folder =
                path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
            text_shape(folder)
        }),
        ("basename", [path]) => text_of(path)
            .and_then(|path| text_shape(path.trim_end_matches('/').rsplit('/').next().unwrap_or("."))),
        (name, [path]) => {
            let of_text = hash::of_bytes(name.strip_prefix("file")?)?;
            read(evaluator, path).and_then(|text| text_shape(of_text(text.as_bytes())))
        }
        _ => return None,
    })
}

/// The text of a file that belongs to the configuration.
fn read(evaluator: &mut Evaluator<'_>, path: &Value) -> Result<Rc<str>, Stop> {
    let path = normal_path(&text_of(path)?);
    let text = evaluator.file(&path).filter(|text| text.len() <= super::LONGEST_TEXT);
    text.map(Rc::from).ok_or(Stop::Elsewhere)
}

/// The files below a folder whose paths have a pattern. None at all may be those that are made before Terraform runs.
fn files_like(evaluator: &mut Evaluator<'_>, folder: &str, pattern: &str, offset: u32) -> Computed {
    let folder = normal_path(folder);
    let pattern = Regex::new(&as_regex(pattern)).map_err(|_| Stop::Wrong)?;
    let tree = evaluator.tree;
    let mut found = Vec::new();
    let mut left = vec![(String::new(), 0)];
    let mut looked_at = 0;
    while let Some((inside, depth)) = left.pop() {
        let here = below(&folder, &inside);
        let files = evaluator.files.as_mut().filter(|_| tree.holds(&here)).ok_or(Stop::Elsewhere)?;
        let below_it = |name: String| below(&inside, &name);
        let paths: Vec<String> = files.list(&here).into_iter().map(below_it).collect();
        let folders: Vec<String> = files.folders(&here).into_iter().map(below_it).collect();
        looked_at += 1 + paths.len() + folders.len();
        if looked_at > MOST_FILES || depth > DEEPEST_FOLDER {
            return Err(Stop::Elsewhere);
        }
        found.extend(paths.into_iter().filter(|path| pattern.is_match(path)));
        left.extend(folders.into_iter().map(|folder| (folder, depth + 1)));
    }
    if found.is_empty() {
        return Err(Stop::Elsewhere);
    }
    found.sort();
    evaluator.beside.insert(folder.to_string(), found.join("\n"));
    Ok(value::set(found.into_iter().map(|path| Value::text(path, offset)).collect()))
}

fn below(folder: &str, path: &str) -> String {
    let separator = if folder.is_empty() || path.is_empty() { "" } else { "/" };
    format!("{folder}{separator}{path}")
}

/// The pattern of a path as a regular expression: `*` and `?` stand for what is in one step, `**` for any number of steps.
fn as_regex(pattern: &str) -> String {
    let mut regex = String::from("^");
    let mut rest = pattern;
    let mut alternatives = 0;
    while let Some(sign) = rest.chars().next() {
        let (written, length) = match sign {
            '*' if rest.starts_with("**/") => ("(?:.*/)?", 3),
            '*' if rest.starts_with("**") => (".*", 2),
            '*' => ("[^/]*", 1),
            '?' => ("[^/]", 1),
            '{' => {
                alternatives += 1;
                ("(?:", 1)
            }
            ',' if alternatives > 0 => ("|", 1),
            '}' if alternatives > 0 => {
                alternatives -= 1;
                (")", 1)
            }
            '[' => match class(rest) {
                Some((written, length)) => {
                    regex.push_str(&written);
                    ("", length)
                }
                // A pattern that is none: the regular expression is none, either.
                None => ("[", 1),
            },
            _ => {
                regex.push_str(&regex::escape(rest.get(..sign.len_utf8()).unwrap_or_default()));
                ("", sign.len_utf8())
            }
        };
        regex.push_str(written);
        rest = rest.get(length..).unwrap_or_default();
    }
    regex.push('$');
    regex
}

/// `[a-c]` or `[!a-c]` at the beginning of a pattern, and its length: one sign of one step.
fn class(pattern: &str) -> Option<(String, usize)> {
    let inside = pattern.strip_prefix('[')?;
    let signs = inside.strip_prefix(['!', '^']).unwrap_or(inside);
    // What closes it may be its first sign.
    let first = signs.chars().next()?.len_utf8();
    let length = first + signs.get(first..)?.find(']')?;
    let mut written = String::from(if signs.len() < inside.len() { "[^/" } else { "[" });
    for sign in signs.get(..length)?.chars() {
        if matches!(sign, '\\' | '[' | ']' | '^' | '&' | '~') {
            written.push('\\');
        }
        written.push(sign);
    }
    written.push(']');
    Some((written, pattern.len() - signs.len() + length + 1))
}

impl Evaluator<'_> {
    /// The text of a file beside the configuration, if it is in a folder of it.
    pub fn file(&mut self, path: &str) -> Option<String> {
        let tree = self.tree;
        let text = self.files.as_mut().filter(|_| tree.holds(path))?.text(path)?;
        self.beside.insert(path.to_owned(), crate::sha256(text.as_bytes()));
        Some(text)
    }
}

fn template(evaluator: &mut Evaluator<'_>, text: &str, values: &Value, offset: u32) -> Computed {
    let parsed = hcl_edit::parser::parse_template(text).map_err(|_| Stop::Wrong)?;
    let expression =
        Lowering { text, start: offset, has_one_place: true, added: &[] }.whole_template(&parsed);
    // In a template only what it is given has a name, and what it is given is on the stack of all templates around it.
    if evaluator.templates >= MOST_DEPTH {
        return Err(Stop::Elsewhere);
    }
    let scope = members_of(values)?.iter().map(|(name, value)| (Rc::clone(name), value.clone())).collect();
    evaluator.templates += 1;
    let module = evaluator.module;
    let value = evaluator.within(module, scope, |evaluator| evaluator.expression(&expression));
    evaluator.templates -= 1;
    Ok(match value.shape {
        Shape::Bool(_) | Shape::Int(_) | Shape::Number(_) => Shape::Text(text_of(&value)?),
        Shape::Unknown(_) if value.is_wrong() => return Err(Stop::Wrong),
        shape => shape,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_paths_are_read_as_terraform_reads_them() {
        let matches = |pattern: &str, path: &str| Regex::new(&as_regex(pattern)).unwrap().is_match(path);
        assert!(matches("[!a]*.tf", "main.tf") && !matches("[!a]*.tf", "alb.tf"));
        assert!(matches("[^a-c].tf", "d.tf") && !matches("[^a-c].tf", "b.tf"));
        assert!(matches("[a-c].tf", "b.tf") && !matches("[a-c].tf", "d.tf"));
        assert!(!matches("x[!a]y", "x/y"));
        assert!(matches("[]x].tf", "].tf") && matches("a].tf", "a].tf"));
        assert!(Regex::new(&as_regex("a[.tf")).is_err());
        assert!(matches("**/*.{json,yaml}", "a/b.yaml"));
    }
}
