//! Terraform configuration: `resource` and `data` blocks become the same [`Document`] that a plan becomes, as far as the
//! configuration alone tells their values.
//!
//! Everything is evaluated as Terraform does it: variables with their defaults and `*.tfvars`, locals, functions, `count`
//! and `for_each`, local modules and their outputs. What cannot be known from the files is unknown with its cause, and
//! keeps what it refers to; nothing is guessed and nothing is dropped.

mod body;
mod evaluate;
mod functions;
mod instances;
mod json;
mod json_text;
mod load;
mod lower;
mod module;
mod operators;
mod path;
mod settings;
mod spread;
mod syntax;
mod template;
mod types;
mod value;
mod write;

use rustc_hash::FxHashSet;

use crate::document::{
    Action, Document, Format, ImportError, LineStarts, More, ObjectId, Pointer, Remark, SourceObject, Wanted,
};
use crate::files::SourceFiles;
use crate::tape::{Strings, Symbol, Tape};
use crate::terraform_sources::Files;
use evaluate::Evaluator;
use instances::Expansion;
use load::{Tree, malformed};
use write::Writer;

pub use settings::{BACKEND, PROVIDER, REQUIRED_PROVIDER};

/// Reads the text of `.tf` files. Blocks may also be written on one line with several attributes, which Terraform itself
/// does not take: tests are easier to read so.
///
/// # Errors
/// Where the text is no HCL, or declares something twice: with line and column.
pub fn import_text(text: &str, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Document, ImportError> {
    if text.len() > u32::MAX as usize {
        return Err(malformed("the text is larger than 4 GiB".to_owned(), None));
    }
    let lines = LineStarts::of(text);
    let body =
        load::parse(text, 0).or_else(|error| load::parse(&spread::over_lines(text), 0).map_err(|_| error))?;
    let files = SourceFiles::one(lines.clone());
    let tree = Tree::of_text(body, files)
        .map_err(|(message, offset)| malformed(message, Some(lines.place(offset))))?;
    let mut document = document(&tree, None, wanted, strings);
    document.sha256 = crate::sha256(text.as_bytes());
    Ok(document)
}

/// Reads the configuration of a root module, with the modules it calls that are at hand.
///
/// # Errors
/// Where a file is no HCL (or JSON), or the files declare something twice: with file, line and column. Half of the files
/// would give half of the answers.
pub fn import_folder(
    files: &mut dyn Files,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    let mut tree = Tree::read(files)?;
    let mut document = document(&tree, Some(files), wanted, strings);
    document.sha256 = std::mem::take(&mut tree.sha256);
    Ok(document)
}

fn document<'c>(
    tree: &'c Tree,
    files: Option<&'c mut dyn Files>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Document {
    let mut evaluator = Evaluator::new(tree, files);
    evaluator.add_root();
    let everything = evaluator.everything();
    let mut order = vec![ObjectId(0); evaluator.instances.len()];
    for (position, object) in everything.iter().enumerate() {
        if let Some(slot) = order.get_mut(object.0 as usize) {
            *slot = ObjectId(position as u32);
        }
    }
    let mut document = Document::of(Format::Terraform);
    let mut tape = Tape::default();
    for object in &everything {
        let found = source_object(*object, &mut evaluator, wanted, strings, &mut tape, &order, &mut document);
        document.objects.extend(found);
    }
    settings::add(&mut evaluator, wanted, strings, &mut tape, &order, &mut document);
    document.more = more(&evaluator, strings);
    let remarks = evaluator.remarks.drain(..);
    document.remarks = remarks.map(|(message, offset)| Remark { message, address: None, offset }).collect();
    document.remarks.sort_by_key(|remark| remark.offset);
    document.tape = tape;
    document.files = tree.files.clone();
    document
}

fn source_object(
    object: ObjectId,
    evaluator: &mut Evaluator<'_>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
    tape: &mut Tape,
    order: &[ObjectId],
    document: &mut Document,
) -> Option<SourceObject> {
    evaluator.refuel();
    let block = evaluator.block(object)?;
    let module = evaluator.instances.get(object.0 as usize)?.module;
    let values = wanted.attributes(&block.source_type, block.is_data).map(|filter| {
        let values = evaluator.object_body(object, filter);
        let mut writer = Writer::new(tape, strings, order);
        let node = writer.write(&values);
        if writer.is_cut {
            let message = "the object has more values than are read: some of them are not known".to_owned();
            evaluator.remark(message, block.offset);
        }
        node
    });
    let first = document.dependencies.len() as u32;
    let dependencies = evaluator.depends_on(object);
    document.dependencies.extend(dependencies.iter().filter_map(|object| order.get(object.0 as usize)));
    let kind = if block.is_data { "data" } else { "resource" };
    let around = evaluator.modules.get(module as usize).map_or("", |module| &*module.address);
    Some(SourceObject {
        address: strings.get_or_intern(evaluator.address(object)),
        source_type: strings.get_or_intern(&*block.source_type),
        is_data: block.is_data,
        module: strings.get_or_intern(around),
        provider: strings.get_or_intern(evaluator.provider(module, &block.provider())),
        action: Action::None,
        values,
        pointer: Pointer::Written(format!("/{kind}/{}/{}", block.source_type, block.name).into()),
        offset: block.offset,
        document: None,
        depends_on: first..document.dependencies.len() as u32,
    })
}

/// What there may be more of: objects of blocks whose number is not known, and anything in a module that is not read.
fn more(evaluator: &Evaluator<'_>, strings: &mut Strings) -> More {
    let mut types: FxHashSet<Symbol> = FxHashSet::default();
    for (instance, module) in evaluator.modules.iter().zip(0..) {
        let Some(source) = evaluator.source(module) else { return More::Anything };
        for (resource, expansion) in source.resources.iter().zip(&instance.resources) {
            if instance.is_open || matches!(expansion, Expansion::Open(_)) {
                types.insert(strings.get_or_intern(&*resource.source_type));
            }
        }
    }
    if types.is_empty() {
        return More::Nothing;
    }
    let mut types: Vec<Symbol> = types.into_iter().collect();
    types.sort_unstable();
    More::OfTypes(types)
}

#[cfg(test)]
mod tests;
