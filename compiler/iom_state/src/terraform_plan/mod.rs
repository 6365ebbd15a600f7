//! `terraform show -json PLAN` and `terraform show -json` of a state, format versions 0.1 to 1.x.
//!
//! A plan says one thing in several places: what will be (`planned_values`), what of it is not known yet and what is secret
//! (`resource_changes`), what data sources said (`prior_state`), and which expressions the author wrote
//! (`configuration`). The importer brings them together: an object's attributes are its planned values, with nodes for
//! what is unknown, nothing of what is secret, and references where the author wrote some.

pub(crate) mod addresses;
mod changes;
mod configuration;
pub(crate) mod context;
pub(crate) mod dependencies;
mod entries;
pub(crate) mod listed;
mod marks;
mod meant;
mod modules;
pub(crate) mod objects;
pub(crate) mod outline;
mod references;
mod trail;

use crate::document::{Document, Format, ImportError, ImportErrorKind, LineStarts, Wanted};
use crate::fault::Fault;
use crate::files::SourceFiles;
use crate::reader::{Reader, Supply};
use crate::recognise::{self, Likeness, recognise_text};
use crate::tape::Strings;
use crate::terraform_sources::TerraformSources;
use context::Context;
use listed::Listed;
use outline::{Outline, read_outline};

/// Imports a plan from its text, which is as long as a `u32` can tell.
///
/// `sha256` is of the bytes the text was decoded from; `sources` are the configuration beside the plan.
///
/// # Errors
/// [`ImportErrorKind::Malformed`] for text that is no JSON or a plan with parts of the wrong shape,
/// [`ImportErrorKind::NotThisFormat`] for JSON of another kind, [`ImportErrorKind::UnsupportedVersion`] for plans of a
/// later major format version.
pub fn import_plan(
    text: &str,
    sha256: String,
    sources: Option<&TerraformSources>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    read(text, sha256, Format::TerraformPlan, sources, wanted, strings).map_err(|fault| fault.locate(text))
}

/// Imports what `terraform show -json` writes of state, as [`import_plan`].
///
/// # Errors
/// As [`import_plan`].
pub(crate) fn import_shown_state(
    text: &str,
    sha256: String,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    read(text, sha256, Format::TerraformState, None, wanted, strings).map_err(|fault| fault.locate(text))
}

/// Imports a plan of planned values only from its text in pieces; `None` for everything else, also for what is wrong.
///
/// Hash and line starts are left to whoever knows the bytes.
pub(crate) fn import_planned_values(
    supply: &mut dyn Supply,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Option<Document> {
    let mut context = Context::new("", wanted, strings, true);
    let mut reader = Reader::over(supply);
    let outline = read_outline(&mut context, &mut reader, check_version).ok()?;
    let mut document = empty_document(&outline);
    // An object whose values could not be read on the way has to be looked at again, and the text is gone.
    let is_complete = |listed: &Listed| listed.read.is_some() || !context.is_wanted(listed);
    if !(outline.is_plan || outline.is_state)
        || !outline.planned.iter().chain(&outline.prior).all(is_complete)
    {
        return None;
    }
    objects::read_objects(&outline, &mut context, &mut document).ok()?;
    Some(document)
}

fn read(
    text: &str,
    sha256: String,
    format: Format,
    sources: Option<&TerraformSources>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, Fault> {
    let reads_on_the_way = memchr::memmem::find(text.as_bytes(), b"resource_changes").is_none();
    let mut context = Context::new(text, wanted, strings, reads_on_the_way);
    context.sources = sources;
    let mut reader = Reader::at(text, 0);
    let outline = read_outline(&mut context, &mut reader, check_version).map_err(|fault| {
        let found = recognise_text(text).filter(|found| *found != Likeness::State(format));
        match found {
            _ if fault.kind() != ImportErrorKind::Malformed => fault,
            Some(found) => recognise::not_this(format, found),
            None if !text.trim_start().starts_with(['{', '[']) => no_json(),
            None => fault,
        }
    })?;
    let is_it = if format == Format::TerraformPlan { outline.is_plan } else { outline.is_state };
    if !is_it {
        return Err(match recognise_text(text).filter(|found| *found != Likeness::State(format)) {
            Some(found) => recognise::not_this(format, found),
            None if format == Format::TerraformPlan => not_a_plan(text),
            None => recognise::unknown(text),
        });
    }
    let mut document =
        Document { sha256, files: SourceFiles::one(LineStarts::of(text)), ..empty_document(&outline) };
    objects::read_objects(&outline, &mut context, &mut document)?;
    Ok(document)
}

fn not_a_plan(text: &str) -> Fault {
    let found = match recognise::top_level_names(text).as_slice() {
        [] => "it is empty".to_owned(),
        names => format!("it has {} at the top", names.get(..6).unwrap_or(names).join(", ")),
    };
    let message = format!(
        "this is JSON, but no Terraform plan: {found}, where a plan has `format_version` and `planned_values`"
    );
    Fault::new(ImportErrorKind::NotThisFormat, 0, message)
}

fn no_json() -> Fault {
    let message =
        "this is no Terraform plan in JSON, which begins with `{`: `terraform show -json PLAN` writes one";
    Fault::new(ImportErrorKind::NotThisFormat, 0, message)
}

/// A document with what a file says of itself.
pub(crate) fn empty_document(outline: &Outline) -> Document {
    Document {
        timestamp: outline.timestamp.clone(),
        format_version: outline.format_version.clone(),
        tool_version: outline.tool_version.clone(),
        values_below: "/values",
        ..Document::of(if outline.is_state { Format::TerraformState } else { Format::TerraformPlan })
    }
}

/// Minor versions only add; a new major version may mean anything.
fn check_version(version: &str, offset: usize) -> Result<(), Fault> {
    let mut parts = version.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(0 | 1)), None | Some(Ok(_))) => Ok(()),
        (Some(Ok(major)), _) => Err(Fault::new(
            ImportErrorKind::UnsupportedVersion,
            offset,
            format!("format version {major} is not supported: this version reads 0.1 to 1.x"),
        )),
        _ => Err(Fault::new(
            ImportErrorKind::UnsupportedVersion,
            offset,
            "the `format_version` is no version; this version reads 0.1 to 1.x".to_owned(),
        )),
    }
}
