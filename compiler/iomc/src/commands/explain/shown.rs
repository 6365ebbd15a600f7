//! An explained value for people, for logs and for programs.

use std::fmt::Write as _;

use iom_diagnostics::render::harmless;
use iom_eval::explain::{Explained, OriginStep, Role};
use serde_json::json;

use crate::arguments::Format;

/// Words longer than this are cut for people.
const MOST_LETTERS: usize = 90;

pub fn shown(subject: &str, values: &[Explained], format: Format) -> String {
    match format {
        Format::Json => {
            let document = json!({
                "version": 1,
                "tool": env!("CARGO_PKG_VERSION"),
                "subject": subject,
                "values": values,
            });
            format!("{document:#}\n")
        }
        Format::Short => values.iter().map(short).collect(),
        _ => values.iter().map(human).collect::<Vec<_>>().join("\n"),
    }
}

fn what(value: &Explained) -> String {
    let found = match (&value.text, value.unknown.as_slice()) {
        (None, _) => "(secret)".to_owned(),
        (Some(text), []) => text.clone(),
        (Some(_), causes) => format!("unknown ({})", causes.join(", ")),
    };
    format!("{}.{} = {}", harmless(&value.address), harmless(&value.path), harmless(&found))
}

fn short(value: &Explained) -> String {
    let mut out = format!("{}\n", what(value));
    for origin in &value.origins {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}: {}{}", place(origin), role(origin.role), held(origin, ", holds"));
    }
    out
}

fn human(value: &Explained) -> String {
    let mut out = format!("{}\n{} of {}, {}\n\n", what(value), value.ty, value.kind, value.layer.name());
    if value.origins.is_empty() {
        out.push_str("   nothing sets it\n");
    }
    let places: Vec<String> = value.origins.iter().map(place).collect();
    let said = value.origins.iter().zip(&places).filter(|(origin, _)| !words(origin).is_empty());
    let width = said.map(|(_, place)| place.chars().count()).max().unwrap_or(0);
    for (origin, place) in value.origins.iter().zip(&places) {
        let mark = if origin.holds { "→" } else { " " };
        let words = words(origin);
        let gap = if words.is_empty() { 0 } else { width.saturating_sub(place.chars().count()) + 2 };
        let _ = writeln!(out, " {mark} {:<9} {place}{:gap$}{words}", role(origin.role), "");
    }
    out
}

fn words(origin: &OriginStep) -> String {
    let mut text = match (&origin.source, &origin.resource) {
        (Some(source), Some(resource)) => format!("{resource}: {source}"),
        (Some(source), None) => source.clone(),
        (None, Some(resource)) => resource.to_string(),
        (None, None) => String::new(),
    };
    if text.chars().count() > MOST_LETTERS {
        text = text.chars().take(MOST_LETTERS).chain("..".chars()).collect();
    }
    if origin.ended {
        text.push_str("   (ended)");
    }
    if origin.source.is_none()
        && let Some(reason) = &origin.reason
    {
        let _ = write!(text, "   because \"{reason}\"");
        if let Some(until) = &origin.until {
            let _ = write!(text, " until {until}");
        }
    }
    harmless(text.trim_start()).to_string()
}

fn place(origin: &OriginStep) -> String {
    match &origin.location {
        Some(place) => {
            let pointer = place.pointer.as_deref().filter(|pointer| !pointer.is_empty());
            let pointer = pointer.map(|pointer| format!(" ({pointer})")).unwrap_or_default();
            harmless(&format!("{}:{}:{}{pointer}", place.file, place.line, place.column)).to_string()
        }
        None => "-".to_owned(),
    }
}

fn held(origin: &OriginStep, text: &'static str) -> &'static str {
    if origin.holds { text } else { "" }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Default => "default",
        Role::Derived => "derived",
        Role::Base => "base",
        Role::Blueprint => "blueprint",
        Role::Parameter => "parameter",
        Role::Argument => "argument",
        Role::Body => "body",
        Role::Amend => "amend",
        Role::Override => "override",
        Role::Name => "name",
        Role::Adapter => "adapter",
        Role::Configuration => "configuration",
        Role::State => "state",
        Role::Bind => "bind",
    }
}
