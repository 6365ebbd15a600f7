//! What a file is, by its content.

use crate::document::{Format, ImportErrorKind};
use crate::fault::Fault;
use crate::inventory::csv;
use crate::reader::Reader;
use crate::text;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Likeness {
    /// State, in a format that can be read.
    State(Format),
    /// Something that is known, and is no state: a zip file, Terraform's log.
    Other {
        /// `a zip file`
        name: &'static str,
        /// What to do about it, in a few words.
        advice: &'static str,
    },
}

impl Likeness {
    /// `a Terraform plan`
    pub fn name(self) -> &'static str {
        match self {
            Likeness::State(format) => format.describe(),
            Likeness::Other { name, .. } => name,
        }
    }
}

/// What the beginning of a file shows, whatever its encoding; nothing for text that could be anything.
pub fn recognise(bytes: &[u8]) -> Option<Likeness> {
    let other = |name, advice| Some(Likeness::Other { name, advice });
    if bytes.starts_with(b"PK\x03\x04") {
        return other(
            "a zip file",
            "if it is a saved Terraform plan, `terraform show -json FILE` writes what can be read here",
        );
    }
    if bytes.starts_with(&[0x1F, 0x8B]) {
        return other("a gzip file", "unpack it first");
    }
    // The beginning says enough, and a character may be cut at its end.
    let beginning = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    match text::decode(beginning) {
        Ok(text) => recognise_text(&text),
        Err(error) => recognise_text(&error.before),
    }
}

/// What a text is, as far as its beginning shows it.
pub fn recognise_text(text: &str) -> Option<Likeness> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    // Templates begin with two braces.
    if text.starts_with(['{', '[']) && !text.starts_with("{{") {
        of_json(&top_level_names(text))
    } else {
        of_lines(text)
    }
}

/// How much of a file is looked at to see what it is.
pub const LOOKED_AT: usize = 64 * 1024;

/// The fault for a file that is something else than what it was said to be.
pub(crate) fn not_this(wanted: Format, found: Likeness) -> Fault {
    let advice = match found {
        Likeness::State(format) => format!(": read it with `{}:`, or leave the format out", format.name()),
        Likeness::Other { advice, .. } => format!(": {advice}"),
    };
    let message = format!("this looks like {}, not like {}{advice}", found.name(), wanted.describe());
    Fault::new(ImportErrorKind::NotThisFormat, 0, message)
}

/// The fault for a file of which nothing is known.
pub(crate) fn unknown(text: &str) -> Fault {
    let names = if text.trim_start().starts_with(['{', '[']) { top_level_names(text) } else { Vec::new() };
    let found = match names.as_slice() {
        [] => String::new(),
        names => {
            let shown: Vec<&str> = names.iter().take(6).map(String::as_str).collect();
            format!(": it has {} at the top", shown.join(", "))
        }
    };
    let message = format!(
        "what this is can't be told from its content{found}. Terraform plans and states, Kubernetes objects, \
         CloudFormation templates, AWS Config items and tables are recognised; anything else needs its format, as in `json:PATH`"
    );
    Fault::new(ImportErrorKind::NotThisFormat, 0, message)
}

/// What JSON is, by the names at its top.
fn of_json(names: &[String]) -> Option<Likeness> {
    let has = |wanted: &[&str]| wanted.iter().all(|wanted| names.iter().any(|name| name == wanted));
    let other = |name, advice| Some(Likeness::Other { name, advice });
    let state = |format| Some(Likeness::State(format));
    if has(&["planned_values"]) || has(&["resource_changes"]) {
        return state(Format::TerraformPlan);
    }
    if has(&["format_version", "values"])
        || has(&["version", "terraform_version"])
        || has(&["version", "serial"])
        || has(&["version", "lineage"])
        || has(&["lineage", "resources"])
        || has(&["lineage", "modules"])
    {
        return state(Format::TerraformState);
    }
    if has(&["format_version", "provider_schemas"]) {
        return other(
            "provider schemas (`terraform providers schema -json`)",
            "`iomc schema import` reads those",
        );
    }
    if has(&["apiVersion", "kind"]) || has(&["kind", "metadata"]) {
        return state(Format::Kubernetes);
    }
    if has(&["AWSTemplateFormatVersion"]) || has(&["Resources"]) {
        return state(Format::Cloudformation);
    }
    if has(&["accountId", "configurationItemStatus", "relationships.resourceId"]) {
        return other(
            "a list of the properties that AWS Config knows of a type",
            "it says what there can be, not what there is",
        );
    }
    if has(&["status_code", "data"]) || has(&["headers", "body"]) {
        return state(Format::Json);
    }
    if has(&["configurationItems"])
        || has(&["invokingEvent"])
        || has(&["detail-type", "detail"])
        || has(&["resourceType", "configuration"])
        || has(&["baseConfigurationItems"])
    {
        return state(Format::AwsConfig);
    }
    if has(&["@level", "@message"]) {
        return other(
            "Terraform's log (`terraform plan -json`)",
            "save the plan with `-out`, then `terraform show -json`",
        );
    }
    None
}

/// What text that is no JSON is, by how its lines begin.
fn of_lines(text: &str) -> Option<Likeness> {
    let has_line = |start: &str| text.lines().take(MOST_LINES).any(|line| line.starts_with(start));
    if has_line("apiVersion:") || has_line("kind:") {
        return Some(Likeness::State(Format::Kubernetes));
    }
    if has_line("AWSTemplateFormatVersion:") || has_line("Resources:") {
        return Some(Likeness::State(Format::Cloudformation));
    }
    if has_line("resource \"") || has_line("module \"") || has_line("terraform {") || has_line("provider \"")
    {
        return Some(Likeness::State(Format::Terraform));
    }
    if text.starts_with("Terraform will perform") || text.contains("Terraform used the selected providers") {
        return Some(Likeness::Other {
            name: "Terraform's plan for human eyes",
            advice: "`terraform show -json PLAN` writes what can be read here",
        });
    }
    csv::is_table(text).then_some(Likeness::State(Format::Csv))
}

/// Whether a text is one of Terraform's own state files, not what `terraform show -json` writes of state.
pub(crate) fn is_state_file(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let beginning = text.get(..text.floor_char_boundary(LOOKED_AT)).unwrap_or(text);
    !top_level_names(beginning).iter().any(|name| matches!(&**name, "format_version" | "values"))
}

/// Files begin with comments, but not for ever.
const MOST_LINES: usize = 400;

/// The names at the top of the file: an object's members, or those of a list's first element.
pub(crate) fn top_level_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut reader = Reader::at(text, 0);
    let is_list = reader.first_element().unwrap_or(false);
    let mut reader = if is_list { reader } else { Reader::at(text, 0) };
    let mut next = reader.first_member(short).ok().flatten();
    while let Some(name) = next {
        names.push(name);
        if names.len() == 64 || reader.skip().is_err() {
            break;
        }
        next = reader.next_member(short).ok().flatten();
    }
    names
}

/// Names are shown in messages: long ones are cut.
fn short(name: &str) -> String {
    name.chars().take(40).collect()
}
