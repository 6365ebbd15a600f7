//! Terraform configuration as text: `resource` and `data` blocks become the same [`Document`] that a plan becomes, as far as
//! the text alone tells their values.
//!
//! Literals, templates, `local`s, variables with a default, `count` and `for_each` over known values and the attributes of
//! other blocks are evaluated. What is not (functions that are not listed in [`functions`], modules, variables without a
//! default) is unknown with its cause; nothing is dropped.

mod declared;
mod evaluate;
mod functions;
mod instances;
mod operators;
mod references;
mod spread;
mod tree;

use hcl_edit::structure::Body;
use rustc_hash::FxHashMap;

use crate::document::{
    Action, Document, Format, ImportError, ImportErrorKind, LineStarts, ObjectId, Pointer, Remark,
    SourceObject, Wanted,
};
use crate::files::SourceFiles;
use crate::tape::{Strings, Tape};
use declared::Declared;
use evaluate::Evaluator;
use instances::Instances;

/// Configuration, read.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub document: Document,
    /// There may be more objects than are listed: a module is not read, or a `count` is not known.
    pub is_partial: bool,
}

/// Reads the text of `.tf` files. Blocks may also be written on one line with several attributes, which Terraform itself
/// does not take: tests are easier to read so.
///
/// # Errors
/// Where the text is no HCL, or declares something twice: with line and column.
pub fn import(text: &str, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Configuration, ImportError> {
    if text.len() > u32::MAX as usize {
        return Err(malformed("the text is larger than 4 GiB".to_owned(), None));
    }
    let lines = LineStarts::of(text);
    let body = parse(text)?;
    let declared =
        Declared::of(&body).map_err(|(message, offset)| malformed(message, Some(lines.place(offset))))?;
    let instances = Instances::of(&declared);
    let mut tape = Tape::default();
    let mut dependencies = Vec::new();
    let mut objects = Vec::with_capacity(instances.all.len());
    let mut remarks: Vec<(String, u32)> = declared.remarks.clone();
    remarks.extend(instances.remarks.iter().cloned());
    for instance in &instances.all {
        let resource = &declared.resources[instance.resource];
        let mut evaluator = Evaluator::new(&declared, Some(&instances));
        evaluator.scope.clone_from(&instance.scope);
        let is_wanted = wanted.attributes(resource.source_type, resource.is_data).is_some();
        let values = is_wanted.then(|| evaluator.body(&resource.block.body, resource.offset, true));
        let first = dependencies.len() as u32;
        dependencies.extend(evaluator.depends_on(resource));
        let kind = if resource.is_data { "data" } else { "resource" };
        objects.push(SourceObject {
            address: strings.get_or_intern(&instance.address),
            source_type: strings.get_or_intern(resource.source_type),
            is_data: resource.is_data,
            module: strings.get_or_intern(""),
            provider: strings.get_or_intern(resource.provider()),
            action: Action::None,
            values: values.map(|values| tree::write(&values, &mut tape, strings)),
            pointer: Pointer::Written(format!("/{kind}/{}/{}", resource.source_type, resource.name).into()),
            offset: resource.offset,
            document: None,
            depends_on: first..dependencies.len() as u32,
        });
    }
    let remarks = remarks.into_iter().map(|(message, offset)| Remark { message, address: None, offset });
    let document = Document {
        sha256: crate::sha256(text.as_bytes()),
        objects,
        dependencies,
        tape,
        files: SourceFiles::one(lines),
        remarks: remarks.collect(),
        ..Document::of(Format::Terraform)
    };
    Ok(Configuration { document, is_partial: declared.has_modules || instances.is_open })
}

/// As Terraform reads it, and else with blocks on one line spread over several.
fn parse(text: &str) -> Result<Body, ImportError> {
    hcl_edit::parser::parse_body(text).or_else(|error| {
        let spread = spread::over_lines(text);
        hcl_edit::parser::parse_body(&spread).map_err(|_| {
            let location = error.location();
            let place = (location.line() as u32, location.column() as u32);
            malformed(format!("this is no Terraform configuration: {}", error.message()), Some(place))
        })
    })
}

fn malformed(message: String, place: Option<(u32, u32)>) -> ImportError {
    ImportError { kind: ImportErrorKind::Malformed, message, file: None, pointer: None, place }
}

/// Objects by block and key.
type ByKey = FxHashMap<String, ObjectId>;

#[cfg(test)]
mod tests;
