//! Terraform's own state files, version 4 (`terraform.tfstate`, `terraform state pull`). What `terraform show -json` writes of
//! state is read where plans are read, of which it is a part.
//!
//! State lists what there is by value: no reference is written in it, only which block depends on which.

mod flat;
mod instance;
mod sensitive;

use jiter::Peek;

use crate::document::{Document, ImportError, ImportErrorKind, LineStarts, Wanted};
use crate::fault::Fault;
use crate::files::SourceFiles;
use crate::reader::{Reader, Supply};
use crate::recognise;
use crate::tape::{Node, NodeIndex, NodeValue, Strings, Symbol};
use crate::terraform_plan::context::Context;
use crate::terraform_plan::outline::Outline;
use crate::terraform_plan::{self, empty_document, objects};

/// The type of the object that stands for a state itself, where anything of it is wanted: its `lineage`, `serial` and
/// `terraform_version`.
pub const STATE: &str = "terraform_state";

/// Imports state from its text, which is as long as a `u32` can tell: of the file itself or as `terraform show -json` writes
/// it.
///
/// # Errors
/// [`ImportErrorKind::Malformed`] for text that is no JSON or state with parts of the wrong shape,
/// [`ImportErrorKind::NotThisFormat`] for JSON of another kind,
/// [`ImportErrorKind::UnsupportedVersion`] for state of another version than 4.
pub fn import_state(
    text: &str,
    sha256: String,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    if !recognise::is_state_file(text) {
        return terraform_plan::import_shown_state(text, sha256, wanted, strings);
    }
    let mut context = Context::new(text, wanted, strings, true);
    let document = read(&mut context, &mut Reader::at(text, 0)).map_err(|fault| fault.locate(text))?;
    Ok(Document { sha256, files: SourceFiles::one(LineStarts::of(text)), ..document })
}

/// As [`import_state`] from a text in pieces; `None` for everything that can't be read so, also for what is wrong.
///
/// Hash and line starts are left to whoever knows the bytes.
pub(crate) fn import_in_pieces(
    supply: &mut dyn Supply,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Option<Document> {
    let mut context = Context::new("", wanted, strings, true);
    read(&mut context, &mut Reader::over(supply)).ok()
}

/// What a state file says of itself.
#[derive(Default)]
struct Itself {
    lineage: Option<String>,
    serial: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Version,
    ToolVersion,
    Serial,
    Lineage,
    Resources,
    Other,
}

fn part(name: &str) -> Part {
    match name {
        "version" => Part::Version,
        "terraform_version" => Part::ToolVersion,
        "serial" => Part::Serial,
        "lineage" => Part::Lineage,
        "resources" => Part::Resources,
        _ => Part::Other,
    }
}

fn read(context: &mut Context, reader: &mut Reader) -> Result<Document, Fault> {
    let mut outline = Outline::new(context);
    outline.is_state = true;
    let mut itself = Itself::default();
    let mut has_version = false;
    let mut seen = Vec::new();
    reader.proceed()?;
    let mut next = reader.first_member(part)?;
    while let Some(part) = next {
        if part != Part::Other {
            if seen.contains(&part) {
                return Err(Fault::malformed(reader.offset(), "a part of the state is written twice"));
            }
            seen.push(part);
        }
        match part {
            Part::Other => reader.skip()?,
            Part::Version => {
                outline.format_version = Some(version(reader)?);
                has_version = true;
            }
            _ if reader.skip_null()? => {}
            Part::ToolVersion => outline.tool_version = Some(reader.text(str::to_owned)?),
            Part::Lineage => itself.lineage = Some(reader.text(str::to_owned)?),
            Part::Serial => itself.serial = whole_number(reader)?,
            Part::Resources => instance::read_resources(&mut outline, reader, context)?,
        }
        reader.proceed()?;
        next = reader.next_member(self::part)?;
    }
    reader.finish()?;
    if !has_version {
        let message = "the state has no `version`: this version of iom reads version 4, which Terraform writes since 0.12";
        return Err(Fault::new(ImportErrorKind::UnsupportedVersion, 0, message));
    }
    let mut document = Document { values_below: "/attributes", ..empty_document(&outline) };
    objects::read_objects(&outline, context, &mut document)?;
    add_itself(&itself, &outline, context, &mut document);
    Ok(document)
}

/// The version of the format, which must be one that is read here.
fn version(reader: &mut Reader) -> Result<String, Fault> {
    reader.peek()?;
    let offset = reader.offset();
    match whole_number(reader)? {
        Some(4) => Ok("4".to_owned()),
        Some(old @ 1..=3) => Err(Fault::new(
            ImportErrorKind::UnsupportedVersion,
            offset,
            format!(
                "state of version {old} was written before Terraform 0.12 and keeps all values as text: any later \
                 Terraform makes version 4 of it (`terraform apply -refresh-only`)"
            ),
        )),
        _ => Err(Fault::new(
            ImportErrorKind::UnsupportedVersion,
            offset,
            "state of this version is not supported: this version of iom reads version 4".to_owned(),
        )),
    }
}

/// A number without a fraction; `None` for other numbers.
fn whole_number(reader: &mut Reader) -> Result<Option<i64>, Fault> {
    let peek = reader.peek()?;
    if matches!(peek, Peek::String | Peek::Object | Peek::Array | Peek::True | Peek::False) {
        return Err(Fault::malformed(reader.offset(), "expected a number"));
    }
    reader.number(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
}

/// The state as an object of its own, at the end, where anything of it is wanted.
fn add_itself(itself: &Itself, outline: &Outline, context: &mut Context, document: &mut Document) {
    let source_type = context.strings.get_or_intern(STATE);
    let Some(filter) = context.filter(source_type, false) else { return };
    let text = |text: &Option<String>, context: &mut Context| {
        text.as_deref().map(|text| NodeValue::Text(context.strings.get_or_intern(text)))
    };
    let members = [
        ("lineage", text(&itself.lineage, context)),
        ("serial", itself.serial.map(NodeValue::Int)),
        ("terraform_version", text(&outline.tool_version, context)),
    ];
    let first = document.tape.len() as u32;
    for (name, value) in members {
        if let Some(value) = value.filter(|_| filter.keeps(name)) {
            let key: Symbol = context.strings.get_or_intern(name);
            document.tape.push(Node { value, offset: 0 }, key);
        }
    }
    let value = NodeValue::Object { first: NodeIndex(first), len: document.tape.len() as u32 - first };
    let values = document.tape.push(Node { value, offset: 0 }, context.no_key);
    document.add_whole(source_type, context.no_key, values);
}

#[cfg(test)]
mod tests;
