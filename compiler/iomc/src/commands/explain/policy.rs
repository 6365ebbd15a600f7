//! `iomc explain security.storage.encrypted_at_rest`, `iomc explain CKV_AWS_19`: what a policy asks for, and why.

use std::fmt::Write as _;

use iom_model::{Model, Policy, QualifiedName, Severity};
use serde::Serialize;
use smol_str::SmolStr;

use super::control::Place;
use crate::commands::named;

/// One policy, as its author wrote it.
#[derive(Debug, Serialize)]
pub struct Explained {
    pub policy: QualifiedName,
    pub title: Option<String>,
    pub severity: Severity,
    pub covers: Vec<String>,
    pub aliases: Vec<SmolStr>,
    /// Whether it judges here, or is in the library and nothing applies it.
    pub applies: bool,
    pub doc: Option<String>,
    pub location: Place,
    pub source: Option<String>,
}

/// The policies that a word means: a name, the end of one, an alias. `all` also holds what the library offers; `own` is what
/// judges here; `text_of` gives the texts of files.
pub fn find<'t>(
    all: &Model,
    own: &Model,
    subject: &str,
    text_of: impl Fn(&str) -> Option<&'t str>,
) -> Vec<Explained> {
    // What judges here comes before what the library calls the same.
    let here = named::policies(own, subject);
    let found = if here.is_empty() { named::policies(all, subject) } else { here };
    let mut declared: Vec<&Policy> = found.iter().filter_map(|name| all.policies.get(name)).collect();
    declared.dedup_by(|left, right| left.declared == right.declared);
    declared.into_iter().map(|policy| explained(policy, own, &text_of)).collect()
}

/// What is known of a policy.
pub fn explained<'t>(policy: &Policy, own: &Model, text_of: &impl Fn(&str) -> Option<&'t str>) -> Explained {
    Explained {
        policy: policy.declared.clone(),
        title: policy.title.clone(),
        severity: policy.severity,
        covers: policy.covers.iter().map(ToString::to_string).collect(),
        aliases: policy.every_alias(),
        applies: own.policies.values().any(|one| one.declared == policy.declared && one.is_applied),
        doc: policy.doc.clone(),
        location: Place::from(&policy.location),
        source: text_of(&policy.location.file).and_then(|text| source_at(text, policy.location.line)),
    }
}

/// The declaration on a line as it is written, with its comments.
pub fn source_at(text: &str, line: u32) -> Option<String> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let parsed = iom_syntax::parse(text).syntax();
    let around =
        |range: iom_base::TextRange| (usize::from(range.start())..usize::from(range.end())).contains(&start);
    let declaration = parsed.children().find(|child| around(child.text_range()))?;
    Some(declaration.text().to_string().trim().to_owned())
}

pub fn text(found: &[Explained], has_workspace: bool) -> String {
    let mut out = String::new();
    for one in found {
        // Writing to a string cannot fail.
        let _ = match &one.title {
            Some(title) => writeln!(out, "{}: {title}", one.policy),
            None => writeln!(out, "{}", one.policy),
        };
        let severity = format!("{:?}", one.severity).to_lowercase();
        let applies = match (has_workspace, one.applies) {
            (false, _) => "",
            (true, true) => ", judges here",
            (true, false) => ", nothing applies it here",
        };
        let _ = writeln!(out, "  {severity}{applies} ({})", one.location);
        if !one.covers.is_empty() {
            let _ = writeln!(out, "  covers {}", one.covers.join(", "));
        }
        if !one.aliases.is_empty() {
            let _ = writeln!(out, "  also called {}", one.aliases.join(", "));
        }
        if let Some(source) = &one.source {
            let _ = writeln!(out, "\n{source}");
        }
        out.push('\n');
    }
    let length = out.trim_end().len() + 1;
    out.truncate(length);
    out
}
