use std::fmt::Write;

use crate::SchemaError;
use crate::declaration::{Adapter, Alternative, Declaration, Field, Kind, Refinement, Shape, Ty, Unit};
use crate::names;

/// The text of a file, as the formatter leaves it.
pub(crate) fn formatted(unit: &Unit) -> Result<String, SchemaError> {
    let text = text(unit);
    iom_fmt::format(&text).map_err(|errors| {
        let error = errors.first().map(|error| error.message.clone()).unwrap_or_default();
        SchemaError(format!("the schema can't be written as iom: {error}. Please report this"))
    })
}

fn text(unit: &Unit) -> String {
    let mut out = String::new();
    for line in &unit.docs {
        comment(&mut out, "//!", line);
    }
    if !unit.remarks.is_empty() {
        out.push_str("//!\n//! Not said, or said less precisely than in the schema:\n");
        unit.remarks.iter().for_each(|remark| comment(&mut out, "//! -", remark));
    }
    let _ = writeln!(out, "module {}\n", unit.module);
    for declaration in &unit.declarations {
        self::declaration(&mut out, declaration);
        out.push('\n');
    }
    out
}

/// A line of a comment: what could end it, or hide in it, is left out.
fn comment(out: &mut String, start: &str, line: &str) {
    out.push_str(start);
    let line: String = line.chars().map(|letter| if is_invisible(letter) { ' ' } else { letter }).collect();
    let line = line.trim_end();
    if !line.is_empty() {
        out.push(' ');
        out.push_str(line);
    }
    out.push('\n');
}

/// Control characters, and those that turn text around in an editor.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn docs(out: &mut String, lines: &[String]) {
    lines.iter().for_each(|line| comment(out, "///", line));
}

fn declaration(out: &mut String, declared: &Declaration) {
    docs(out, &declared.docs);
    let name = &declared.name;
    match (&declared.shape, &declared.kind) {
        (Shape::Alias(ty), _) => {
            let _ = writeln!(out, "type {name} = {}", self::ty(ty));
        }
        (Shape::Fields(all), None) => {
            let _ = writeln!(out, "type {name} = {{");
            fields(out, all);
            out.push_str("}\n");
        }
        (Shape::Fields(all), Some(kind)) => {
            let _ = writeln!(out, "kind {name} : {} {{", kind.of);
            fields(out, all);
            self::kind(out, kind, all);
            out.push_str("}\n");
        }
    }
}

fn kind(out: &mut String, kind: &Kind, fields: &[Field]) {
    match kind.identity.as_slice() {
        [] => {}
        [one] => {
            let _ = writeln!(out, "identity {one}");
        }
        several => {
            let _ = writeln!(out, "identity ({})", several.join(", "));
        }
    }
    if let Some(adapter) = &kind.adapter {
        self::adapter(out, adapter, fields);
    }
}

fn adapter(out: &mut String, adapter: &Adapter, fields: &[Field]) {
    let _ = writeln!(out, "\nfrom {} {} {{", adapter.format, names::quoted(&adapter.source_type));
    if !adapter.keys.is_empty() {
        let _ = writeln!(out, "key {}", adapter.keys.join(", "));
    }
    for field in fields {
        let _ = writeln!(out, "{}: {}", names::key(&field.name), field.read);
    }
    for (field, read) in &adapter.inherited {
        let _ = writeln!(out, "{field}: {read}");
    }
    out.push_str("}\n");
}

fn fields(out: &mut String, fields: &[Field]) {
    for field in fields {
        docs(out, &field.docs);
        let _ = write!(out, "{}: {}", names::key(&field.name), ty(&field.ty));
        if let Some(default) = &field.default {
            let _ = write!(out, " = {default}");
        }
        out.push('\n');
    }
}

/// A type as it is written.
pub(crate) fn ty(ty: &Ty) -> String {
    match ty {
        Ty::Named(name) => name.clone(),
        Ty::List(item) => format!("list<{}>", self::ty(item)),
        Ty::Set(item) => format!("set<{}>", self::ty(item)),
        Ty::Map(item) => format!("map<string, {}>", self::ty(item)),
        Ty::Secret(inner) => format!("secret {}", one(inner)),
        Ty::Enum(alternatives) => match alternatives.as_slice() {
            [only] => names::quoted(&only.text),
            several => several.iter().map(alternative).collect::<Vec<_>>().join(" | "),
        },
        Ty::Union(types) => types.iter().map(self::ty).collect::<Vec<_>>().join(" | "),
        Ty::Record(fields) => {
            let mut out = "{\n".to_owned();
            self::fields(&mut out, fields);
            out.push('}');
            out
        }
        // The question mark stands before what refines the type.
        Ty::Optional(inner) => match &**inner {
            Ty::Refined(base, refinements) => {
                format!("{}{}", self::ty(&base.clone().optional()), refined(refinements))
            }
            other => format!("{}?", one(other)),
        },
        Ty::Refined(base, refinements) => format!("{}{}", one(base), refined(refinements)),
    }
}

/// A type as part of another one: alternatives in brackets.
fn one(ty: &Ty) -> String {
    let is_several = match ty {
        Ty::Enum(alternatives) => alternatives.len() > 1,
        Ty::Union(types) => types.len() > 1,
        _ => false,
    };
    if is_several { format!("({})", self::ty(ty)) } else { self::ty(ty) }
}

fn alternative(alternative: &Alternative) -> String {
    match &alternative.name {
        Some(name) if *name == alternative.text => name.clone(),
        Some(name) => format!("{name} {}", names::quoted(&alternative.text)),
        None => names::quoted(&alternative.text),
    }
}

fn refined(refinements: &[Refinement]) -> String {
    let mut out = String::new();
    for refinement in refinements {
        let _ = match refinement {
            Refinement::Range(low, high) => write!(out, " in {low}..{high}"),
            Refinement::Least(low) => write!(out, " where (self >= {low})"),
            Refinement::Most(high) => write!(out, " where (self <= {high})"),
            Refinement::More(low) => write!(out, " where (self > {low})"),
            Refinement::Less(high) => write!(out, " where (self < {high})"),
            Refinement::OneOf(values) => write!(out, " where (self in [{}])", values.join(", ")),
            Refinement::Size(low, high) => write!(out, " size {low}..{high}"),
            Refinement::LeastSize(least) => write!(out, " where (size(self) >= {least})"),
            Refinement::Matching(pattern) if pattern.contains('"') => {
                write!(out, " matching r#\"{pattern}\"#")
            }
            Refinement::Matching(pattern) => write!(out, " matching r\"{pattern}\""),
        };
    }
    out
}
