//! Importers: files of other tools become [`Document`](document::Document)s of source objects with every value's place.
//! Pure functions over bytes: no files are opened here, no salsa, no knowledge of kinds. Which attributes are kept is
//! asked of [`Wanted`](document::Wanted).

pub mod base64;
mod blocks;
pub mod cloudformation;
pub mod document;
pub mod ends;
mod fault;
pub mod files;
mod interner;
pub mod inventory;
pub mod kubernetes;
mod numbers;
mod overlay;
mod place;
pub mod plain;
mod reader;
mod recognise;
pub mod rewritten;
mod scan;
mod scratch;
pub mod secrets;
#[cfg(test)]
mod shown;
mod strings;
mod supply;
pub mod tape;
pub mod terraform;
pub mod terraform_plan;
pub mod terraform_sources;
pub mod terraform_state;
mod text;
mod tree;
mod usual;
mod values;
mod yaml;

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use memchr::memmem;
use sha2::{Digest, Sha256};

use document::{Document, Format, ImportError, ImportErrorKind, Wanted};
use fault::Fault;
use files::SourceFiles;
use kubernetes::KubernetesImport;
pub use recognise::{LOOKED_AT, Likeness, recognise, recognise_text};
use supply::FileSupply;
use tape::Strings;
use terraform_sources::{Files, TerraformSources};

/// Imports a file, whatever it is: the format is recognised from the content, unless it is given.
///
/// # Errors
/// Every error has a message in plain words; for broken text also line, column and JSON pointer of the place.
pub fn import(
    bytes: &[u8],
    format: Option<Format>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    import_file(bytes, &About { format, ..About::default() }, wanted, strings)
}

/// What is known of a file beside its content.
#[derive(Clone, Copy, Default, Debug)]
pub struct About<'a> {
    /// Nothing where it is to be recognised.
    pub format: Option<Format>,
    /// The file's name, without the folder it is in: things in tables and inventories are of the type that it says.
    pub name: &'a str,
    /// The configuration that a plan was made of.
    pub sources: Option<&'a Arc<TerraformSources>>,
}

impl<'a> About<'a> {
    /// `hosts` of `hosts.csv`
    fn stem(&self) -> &'a str {
        self.name.split_once('.').map_or(self.name, |(stem, _)| stem)
    }
}

/// As [`import`], with what is known of the file.
///
/// # Errors
/// As [`import`].
pub fn import_file(
    bytes: &[u8],
    about: &About<'_>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    if bytes.len() > u32::MAX as usize {
        return Err(ImportError::malformed("the file is larger than 4 GiB"));
    }
    let (found, is_recognised) = (recognise(bytes), about.format.is_none());
    let format = match (about.format, found) {
        // What is no text can't be decoded, and decoding would say less.
        (format, Some(other @ Likeness::Other { .. })) => {
            return Err(recognise::not_this(format.unwrap_or(Format::TerraformPlan), other).locate(""));
        }
        (Some(format), _) => format,
        (None, Some(Likeness::State(format))) => format,
        (None, None) => Format::TerraformPlan,
    };
    let text = text::decode(bytes).map_err(|error| error.fault().locate(&error.before))?;
    if text.len() > u32::MAX as usize {
        return Err(ImportError::malformed("the text is larger than 4 GiB"));
    }
    if text.trim_ascii_start().is_empty() {
        return Err(Fault::malformed(0, "the file is empty").locate(&text));
    }
    if found.is_none() && is_recognised && !text.trim_start().starts_with(['{', '[']) {
        return Err(recognise::unknown(&text).locate(&text));
    }
    std::thread::scope(|scope| {
        // Hashing is half as slow as reading, and needs nothing of it.
        let hash = (bytes.len() > LARGE).then(|| scope.spawn(|| sha256(bytes)));
        let imported = import_text(&text, format, about, wanted, strings);
        let mut document = imported.map_err(|error| match (error.kind, found) {
            // Nobody said that it is a plan.
            (ImportErrorKind::NotThisFormat, None) if is_recognised => {
                recognise::unknown(&text).locate(&text)
            }
            _ => error,
        })?;
        secrets::hide(&mut document, strings);
        document.sha256 = hash.and_then(|hash| hash.join().ok()).unwrap_or_else(|| sha256(bytes));
        Ok(document)
    })
}

/// The document of one text. Each importer tells what is something else by its own lights; the hash is the caller's.
fn import_text(
    text: &str,
    format: Format,
    about: &About<'_>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    match format {
        Format::TerraformPlan => {
            let beside = about.sources.map(Arc::as_ref);
            let mut document = terraform_plan::import_plan(text, String::new(), beside, wanted, strings)?;
            document.sources = about.sources.cloned();
            Ok(document)
        }
        Format::TerraformState => terraform_state::import_state(text, String::new(), wanted, strings),
        Format::Terraform => terraform::import_text(text, wanted, strings),
        Format::Kubernetes => kubernetes::import(text, wanted, strings),
        Format::AwsConfig => inventory::aws_config::import(text, wanted, strings),
        Format::Json => inventory::json::import(text, about.stem(), wanted, strings),
        Format::Cloudformation => cloudformation::import(text, wanted, strings),
        Format::Csv => inventory::csv::import(text, about.stem(), wanted, strings),
    }
}

/// The files of a folder that is one source. Names are relative to it, with `/` between steps.
pub trait Folder: Files {
    /// The files it consists of, sorted. Of a folder of Terraform configuration: those that [`Files`] gives.
    fn names(&self) -> Vec<String>;

    /// The bytes of one of them.
    ///
    /// # Errors
    /// Why it cannot be read, without its name.
    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, String>;
}

/// Imports a folder as one source, which may describe several layers: a document for each. What a file that cannot be used
/// means is the caller's to say: `on_error` gives the error back, or nothing where the file is left out.
///
/// # Errors
/// As [`import`], with the file.
pub fn import_folder(
    folder: &mut dyn Folder,
    format: Format,
    on_error: &mut dyn FnMut(ImportError) -> Result<(), ImportError>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Vec<Document>, ImportError> {
    let mut documents = match format {
        Format::Kubernetes => import_manifests(folder, on_error, wanted, strings),
        // What a module is takes all of its files.
        Format::Terraform => terraform::import_folder(folder, wanted, strings).map(|document| vec![document]),
        other => {
            let message = format!("folders of {} can't be read yet", other.describe());
            Err(ImportError::not_this_format(message))
        }
    }?;
    documents.iter_mut().for_each(|document| secrets::hide(document, strings));
    Ok(documents)
}

fn import_manifests(
    folder: &mut dyn Folder,
    on_error: &mut dyn FnMut(ImportError) -> Result<(), ImportError>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Vec<Document>, ImportError> {
    let mut import = KubernetesImport::new(wanted, strings);
    let mut hash = Sha256::new();
    for name in folder.names() {
        let read = folder.bytes(&name).map_err(ImportError::malformed);
        let added = read.and_then(|bytes| {
            let text = text::decode(&bytes).map_err(|error| error.fault().locate(&error.before))?;
            import.add(&name, &text)?;
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(&name);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(&bytes);
            Ok(())
        });
        if let Err(error) = added {
            on_error(ImportError { file: Some(name), ..error })?;
        }
    }
    let sha256 = hexadecimal(&hash.finalize());
    Ok(vec![Document { sha256, ..import.finish() }])
}

/// Imports a file without ever holding it as a whole, if it is of a sort that can be read so: state, and plans that list
/// nothing but planned values, in UTF-8. `None` for every other file, also for one with mistakes, which [`import`] describes.
pub fn import_in_pieces<Source: Read + Seek>(
    source: &mut Source,
    format: Option<Format>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Option<Document> {
    if ends_with_other_parts(source).ok()? {
        return None;
    }
    let beginning = beginning(source).ok()?;
    let found = match recognise(&beginning) {
        Some(Likeness::Other { .. }) => return None,
        Some(Likeness::State(found)) => found,
        None => Format::TerraformPlan,
    };
    if format.is_some_and(|format| format != found) {
        return None;
    }
    let read = match found {
        Format::TerraformState if recognise::is_state_file(&String::from_utf8_lossy(&beginning)) => {
            terraform_state::import_in_pieces
        }
        Format::TerraformPlan | Format::TerraformState => terraform_plan::import_planned_values,
        _ => return None,
    };
    let mut supply = FileSupply::new(source);
    let texts = strings.len();
    // What only turns out to be something else further on is read as a whole, which says what it is.
    let Some(mut document) = read(&mut supply, wanted, strings).filter(|document| document.format == found)
    else {
        // Secrets may be among what was read in vain.
        strings.truncate(texts);
        return None;
    };
    let lines;
    (document.sha256, lines) = supply.finish();
    document.files = SourceFiles::one(lines);
    secrets::hide(&mut document, strings);
    Some(document)
}

/// The first bytes of a file; afterwards the source stands at its beginning.
fn beginning(source: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LOOKED_AT as u64).read_to_end(&mut bytes)?;
    source.rewind()?;
    Ok(bytes)
}

/// Whether the end of a file shows that it has parts that can't be read in pieces. It is only a hint, which saves reading
/// much of a file in vain; afterwards the source stands at its beginning.
fn ends_with_other_parts(source: &mut (impl Read + Seek)) -> io::Result<bool> {
    const LOOKED_AT: u64 = 4096;
    let length = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
    let mut end = Vec::new();
    source.take(LOOKED_AT).read_to_end(&mut end)?;
    source.rewind()?;
    // What Terraform writes after the planned values.
    let parts =
        ["resource_changes", "configuration", "relevant_attributes", "timestamp", "applyable", "errored"];
    Ok(parts.iter().any(|part| memmem::find(&end, format!("\"{part}\":").as_bytes()).is_some()))
}

/// From this size on a second thread is worth starting.
const LARGE: usize = 1 << 20;

/// The text of a file, in any encoding that [`import`] reads; `None` for other bytes. Offsets and lines of a document
/// count in it.
pub fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    text::decode(bytes).ok()
}

/// The hash of a document's bytes, in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    hex
}
