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
use crate::tape::{NodeIndex, Strings, Symbol};
use crate::terraform_sources::Files;
use evaluate::Evaluator;
use instances::Expansion;
use load::Tree;
use value::Value;
use write::Writer;

pub use settings::{BACKEND, PROVIDER, REQUIRED_PROVIDER};

/// Reads the text of `.tf` files. Blocks may also be written on one line with several attributes, which Terraform itself
/// does not take: tests are easier to read so.
///
/// # Errors
/// Where the text is no HCL, or declares something twice: with line and column.
pub fn import_text(text: &str, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Document, ImportError> {
    if text.len() > u32::MAX as usize {
        return Err(ImportError::malformed("the text is larger than 4 GiB"));
    }
    let lines = LineStarts::of(text);
    let parsed =
        load::parse(text, 0).or_else(|error| load::parse(&spread::over_lines(text), 0).map_err(|_| error))?;
    let files = SourceFiles::one(lines.clone());
    let tree = Tree::of_text(parsed, files)
        .map_err(|(message, offset)| ImportError::malformed(message).in_text(text, offset))?;
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
    let tree = Tree::read(files)?;
    Ok(document(&tree, Some(files), wanted, strings))
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
    let document = Document { files: tree.files.clone(), ..Document::of(Format::Terraform) };
    let mut collection = Collection { evaluator, wanted, strings, order, document };
    everything.into_iter().for_each(|object| collection.object(object));
    collection.settings();
    collection.finish()
}

/// Objects on their way into the document.
struct Collection<'a, 'c> {
    evaluator: Evaluator<'c>,
    wanted: &'a dyn Wanted,
    strings: &'a mut Strings,
    /// The place of every object in the document, by the number it got while it was made.
    order: Vec<ObjectId>,
    document: Document,
}

impl Collection<'_, '_> {
    fn object(&mut self, object: ObjectId) {
        self.evaluator.refuel();
        let Some(block) = self.evaluator.block(object) else { return };
        let Some(module) = self.evaluator.instances.get(object.0 as usize).map(|one| one.module) else {
            return;
        };
        let values = self.wanted.attributes(&block.source_type, block.is_data).map(|filter| {
            let values = self.evaluator.object_body(object, filter);
            self.write(&values, block.offset)
        });
        let first = self.document.dependencies.len() as u32;
        let needed = self.evaluator.depends_on(object);
        self.document
            .dependencies
            .extend(needed.iter().filter_map(|object| self.order.get(object.0 as usize)));
        let kind = if block.is_data { "data" } else { "resource" };
        let around = self.evaluator.modules.get(module as usize).map_or("", |module| &*module.address);
        self.document.objects.push(SourceObject {
            address: self.strings.get_or_intern(self.evaluator.address(object)),
            source_type: self.strings.get_or_intern(&*block.source_type),
            is_data: block.is_data,
            module: self.strings.get_or_intern(around),
            provider: self.strings.get_or_intern(self.evaluator.provider(module, &block.provider())),
            action: Action::None,
            values,
            pointer: Pointer::Written(format!("/{kind}/{}/{}", block.source_type, block.name).into()),
            offset: block.offset,
            document: None,
            depends_on: first..self.document.dependencies.len() as u32,
        });
    }

    fn write(&mut self, values: &Value, offset: u32) -> NodeIndex {
        let mut writer = Writer::new(&mut self.document.tape, self.strings, &self.order);
        let node = writer.write(values);
        if writer.is_cut {
            let message = "the object has more values than are read: some of them are not known".to_owned();
            self.evaluator.remark(message, offset);
        }
        node
    }

    fn finish(mut self) -> Document {
        self.document.more = more(&self.evaluator, self.strings);
        let remarks = self.evaluator.remarks.drain(..);
        self.document.remarks =
            remarks.map(|(message, offset)| Remark { message, address: None, offset }).collect();
        self.document.remarks.sort_by_key(|remark| remark.offset);
        self.document.sha256 = self.evaluator.sha256();
        self.document
    }
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
