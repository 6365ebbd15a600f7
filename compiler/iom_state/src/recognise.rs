//! What a file is, where it is not what was expected: for error messages that say more than "no".

use crate::document::ImportErrorKind;
use crate::fault::Fault;
use crate::reader::Reader;

/// What a file looks like, or `None` for JSON that nothing is known about.
struct Likeness {
    /// "a Kubernetes object"
    name: &'static str,
    /// What to do about it.
    advice: &'static str,
}

/// The fault for text that is well-formed JSON but no plan.
pub(crate) fn not_a_plan(text: &str) -> Fault {
    let names = top_level_names(text);
    let message = match likeness(&names) {
        Some(Likeness { name, advice }) => format!("this looks like {name}, not a Terraform plan in JSON{advice}"),
        None if names.is_empty() => {
            "this is JSON, but no Terraform plan: the output of `terraform show -json PLAN` is an object with \
             `format_version` and `planned_values`"
                .to_owned()
        }
        None => {
            let shown: Vec<&str> = names.iter().take(6).map(String::as_str).collect();
            format!(
                "this is JSON, but no Terraform plan: it has {} at the top, where a plan has `format_version` and \
                 `planned_values`",
                shown.join(", ")
            )
        }
    };
    Fault::new(ImportErrorKind::NotThisFormat, 0, message)
}

/// How much of a file is looked at to see what it is.
const LOOKED_AT: usize = 64 * 1024;

/// The fault for JSON that is broken, or not shaped like a plan, and looks like something else anyway.
pub(crate) fn other_kind(text: &str) -> Option<Fault> {
    let names = top_level_names(text);
    let is_plan = names.iter().any(|name| name == "planned_values" || name == "resource_changes");
    (!is_plan && likeness(&names).is_some()).then(|| not_a_plan(text))
}

const NOT_YET: &str = "; this version can't read that yet";

fn likeness(names: &[String]) -> Option<Likeness> {
    let has = |wanted: &[&str]| wanted.iter().all(|wanted| names.iter().any(|name| name == wanted));
    let found = |name| Some(Likeness { name, advice: NOT_YET });
    if has(&["format_version", "values"]) {
        return found("Terraform state in JSON (`terraform show -json` without a plan)");
    }
    if has(&["format_version", "provider_schemas"]) {
        return found("provider schemas (`terraform providers schema -json`)");
    }
    if has(&["version", "resources"])
        && (has(&["serial"]) || has(&["lineage"]) || has(&["terraform_version"]))
    {
        return found("a Terraform state file");
    }
    if has(&["version", "modules"]) && has(&["serial"]) {
        return found("a Terraform state file of before 0.12");
    }
    if has(&["apiVersion", "kind"]) || has(&["kind", "metadata"]) {
        return found("a Kubernetes object");
    }
    if has(&["AWSTemplateFormatVersion"]) || has(&["Resources"]) {
        return found("a CloudFormation template");
    }
    if has(&["configurationItems"])
        || has(&["resourceType", "configuration"])
        || has(&["baseConfigurationItems"])
    {
        return found("AWS Config configuration items");
    }
    if has(&["@level", "@message"]) {
        return Some(Likeness {
            name: "Terraform's log (`terraform plan -json`)",
            advice: ": save the plan with `-out`, then `terraform show -json`",
        });
    }
    None
}

/// The fault for text that is no JSON at all, if it is recognisable; else `None`, and the JSON error says more.
pub(crate) fn not_json(bytes: &[u8]) -> Option<Fault> {
    let fault = |message: &str| Some(Fault::new(ImportErrorKind::NotThisFormat, 0, message));
    if bytes.starts_with(b"PK\x03\x04") {
        return fault(
            "this is a zip file: if it is a saved Terraform plan, `terraform show -json FILE` writes what can be read here",
        );
    }
    if bytes.starts_with(&[0x1F, 0x8B]) {
        return fault("this is a gzip file: unpack it first");
    }
    // The beginning says enough; UTF-16 and broken text are told by the decoder.
    let beginning = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let text = beginning.utf8_chunks().next()?.valid();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) || text.is_empty() {
        return None;
    }
    let has_line = |start: &str| text.lines().take(200).any(|line| line.starts_with(start));
    if has_line("apiVersion:") || has_line("kind:") {
        return fault(
            "this looks like a Kubernetes manifest in YAML, not a Terraform plan in JSON; this version can't read that yet",
        );
    }
    if has_line("AWSTemplateFormatVersion:") || has_line("Resources:") {
        return fault(
            "this looks like a CloudFormation template in YAML, not a Terraform plan in JSON; this version can't read that yet",
        );
    }
    if has_line("resource \"") || has_line("module \"") || has_line("terraform {") || has_line("provider \"")
    {
        return fault(
            "this looks like Terraform configuration, not a plan in JSON: `terraform show -json PLAN` writes that",
        );
    }
    if text.starts_with("Terraform will perform") || text.contains("Terraform used the selected providers") {
        return fault(
            "this is Terraform's plan for human eyes: `terraform show -json PLAN` writes what can be read here",
        );
    }
    fault("this is no Terraform plan in JSON, which begins with `{`: `terraform show -json PLAN` writes one")
}

/// The names at the top of the file: an object's members, or those of a list's first element.
fn top_level_names(text: &str) -> Vec<String> {
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
