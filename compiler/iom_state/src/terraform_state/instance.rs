//! The `resources` of a state file and their instances.

use jiter::Peek;

use super::flat;
use super::sensitive::Secrets;
use crate::document::Remark;
use crate::fault::Fault;
use crate::overlay::{Expressions, Given, Layer, Overlay};
use crate::reader::Reader;
use crate::tape::{NodeIndex, Symbol, Tape};
use crate::terraform_plan::addresses::{text_key, without_keys};
use crate::terraform_plan::context::Context;
use crate::terraform_plan::listed::Listed;
use crate::terraform_plan::outline::{Outline, deposed, tainted};
use crate::values::{Keep, UsualNames, duplicate_name};

/// What an entry of `resources` says of all its instances.
#[derive(Default)]
struct Block {
    module: Option<String>,
    is_data: Option<bool>,
    source_type: Option<String>,
    name: Option<String>,
    provider: Option<Symbol>,
}

impl Block {
    /// The address without a key, once all of its parts are read.
    fn address(&self) -> Option<String> {
        let (source_type, name) = (self.source_type.as_ref()?, self.name.as_ref()?);
        let module = self.module.as_ref().map(|module| format!("{module}.")).unwrap_or_default();
        let data = if self.is_data? { "data." } else { "" };
        Some(format!("{module}{data}{source_type}.{name}"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockKey {
    Module,
    Mode,
    Type,
    Name,
    Provider,
    Instances,
    Other,
}

fn block_key(name: &str) -> BlockKey {
    match name {
        "module" => BlockKey::Module,
        "mode" => BlockKey::Mode,
        "type" => BlockKey::Type,
        "name" => BlockKey::Name,
        "provider" => BlockKey::Provider,
        "instances" => BlockKey::Instances,
        _ => BlockKey::Other,
    }
}

pub(super) fn read_resources(
    outline: &mut Outline,
    reader: &mut Reader,
    context: &mut Context,
) -> Result<(), Fault> {
    let mut position = 0_u32;
    let mut has_element = reader.first_element()?;
    while has_element {
        reader.proceed()?;
        read_block(outline, reader, context, position)?;
        position += 1;
        has_element = reader.next_element()?;
    }
    Ok(())
}

fn read_block(
    outline: &mut Outline,
    reader: &mut Reader,
    context: &mut Context,
    position: u32,
) -> Result<(), Fault> {
    reader.peek()?;
    let offset = reader.offset();
    let list = outline.lists.len() as u32;
    outline.lists.push(format!("/resources/{position}/instances"));
    let mut block = Block::default();
    // Where the instances stand, if they come before what names them (a file with sorted keys).
    let mut postponed = None;
    let first = outline.planned.len();
    let mut next = reader.first_member(block_key)?;
    while let Some(key) = next {
        match key {
            BlockKey::Other => reader.skip()?,
            _ if reader.skip_null()? => {}
            BlockKey::Module => {
                block.module = Some(reader.text(str::to_owned)?).filter(|text| !text.is_empty());
            }
            BlockKey::Mode => block.is_data = Some(reader.text(|text| text == "data")?),
            BlockKey::Type => block.source_type = Some(reader.text(str::to_owned)?),
            BlockKey::Name => block.name = Some(reader.text(str::to_owned)?),
            BlockKey::Provider => block.provider = Some(provider(reader, context)?),
            BlockKey::Instances => match block.address() {
                Some(address) => read_instances(outline, reader, context, &block, &address, list)?,
                None if reader.is_supplied() => {
                    return Err(Fault::malformed(
                        offset,
                        "instances before their names are not read in pieces",
                    ));
                }
                None => postponed = Some(reader.skip_from()?),
            },
        }
        next = reader.next_member(block_key)?;
    }
    let Some(address) = block.address() else {
        return Err(Fault::malformed(offset, "the resource lacks its `mode`, `type` or `name`"));
    };
    if let Some(start) = postponed {
        let text = context.text;
        read_instances(outline, &mut Reader::at(text, start), context, &block, &address, list)?;
    }
    // The provider may follow the instances.
    let own = outline.planned.get_mut(first..).unwrap_or_default();
    own.iter_mut().for_each(|listed| listed.provider_name = block.provider);
    Ok(())
}

/// `provider["registry.terraform.io/hashicorp/aws"].eu`, `module.a.provider.aws`: as plans name providers, with the alias.
fn provider(reader: &mut Reader, context: &mut Context) -> Result<Symbol, Fault> {
    let written = reader.text(str::to_owned)?;
    let own = written.rsplit_once("provider[\"").map(|(_, rest)| rest.replacen("\"]", "", 1));
    let own = own.or_else(|| written.rsplit_once("provider.").map(|(_, rest)| rest.to_owned()));
    Ok(context.strings.get_or_intern(own.unwrap_or(written)))
}

fn read_instances(
    outline: &mut Outline,
    reader: &mut Reader,
    context: &mut Context,
    block: &Block,
    address: &str,
    list: u32,
) -> Result<(), Fault> {
    let source_type = context.strings.get_or_intern(block.source_type.as_deref().unwrap_or_default());
    let module = context.strings.get_or_intern(block.module.as_deref().unwrap_or_default());
    let mut position = 0;
    let mut has_element = reader.first_element()?;
    while has_element {
        reader.proceed()?;
        reader.peek()?;
        let start = outline.dependencies.len() as u32;
        let mut instance = Instance {
            listed: Listed {
                address: context.no_key,
                source_type,
                is_data: block.is_data.unwrap_or(false),
                module,
                provider_name: None,
                values: None,
                sensitive_values: None,
                read: None,
                tape: 0,
                offset: reader.offset() as u32,
                list,
                position,
                depends_on: (start, start),
                is_deposed: false,
            },
            key: String::new(),
            is_tainted: false,
            is_flat: false,
            secrets: Secrets::default(),
        };
        instance.read(outline, reader, context, block)?;
        instance.listed.address = context.strings.get_or_intern(format!("{address}{}", instance.key));
        outline.add(instance);
        position += 1;
        has_element = reader.next_element()?;
    }
    Ok(())
}

impl Outline {
    fn add(&mut self, instance: Instance) {
        let Instance { listed, is_tainted, .. } = instance;
        if listed.is_deposed {
            self.remarks.push(deposed(&listed));
            return;
        }
        if is_tainted {
            self.remarks.push(tainted(&listed));
        }
        if instance.secrets.is_whole {
            self.remarks.push(Remark {
                message: "the state marks the whole object as secret: none of its attributes is read"
                    .to_owned(),
                address: Some(listed.address),
                offset: listed.offset,
            });
        }
        self.planned.push(listed);
    }
}

/// An instance being read.
struct Instance {
    listed: Listed,
    /// As the address writes it, with its brackets.
    key: String,
    is_tainted: bool,
    is_flat: bool,
    secrets: Secrets,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InstanceKey {
    Key,
    Status,
    Deposed,
    Attributes,
    FlatAttributes,
    Sensitive,
    Dependencies,
    DependsOn,
    Other,
}

fn instance_key(name: &str) -> InstanceKey {
    match name {
        "index_key" => InstanceKey::Key,
        "status" => InstanceKey::Status,
        "deposed" => InstanceKey::Deposed,
        "attributes" => InstanceKey::Attributes,
        "attributes_flat" => InstanceKey::FlatAttributes,
        "sensitive_attributes" => InstanceKey::Sensitive,
        "dependencies" => InstanceKey::Dependencies,
        "depends_on" => InstanceKey::DependsOn,
        _ => InstanceKey::Other,
    }
}

impl Instance {
    fn read(
        &mut self,
        outline: &mut Outline,
        reader: &mut Reader,
        context: &mut Context,
        block: &Block,
    ) -> Result<(), Fault> {
        let offset = reader.offset();
        let nodes = context.tape.len();
        let mut next = reader.first_member(instance_key)?;
        while let Some(key) = next {
            match key {
                InstanceKey::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                InstanceKey::Key => self.key = key_in_brackets(reader)?,
                InstanceKey::Status => self.is_tainted = reader.text(|text| text == "tainted")?,
                InstanceKey::Deposed => self.listed.is_deposed = !reader.text(str::is_empty)?,
                InstanceKey::Attributes | InstanceKey::FlatAttributes if self.listed.values.is_some() => {
                    return Err(duplicate_name(reader.offset()));
                }
                InstanceKey::Attributes => self.attributes(reader, context)?,
                InstanceKey::FlatAttributes => {
                    self.is_flat = true;
                    self.listed.values = Some(reader.skip_from()? as u32);
                }
                InstanceKey::Sensitive => self.secrets.read(reader)?,
                InstanceKey::Dependencies => dependencies(outline, reader, context, None)?,
                InstanceKey::DependsOn => dependencies(outline, reader, context, block.module.as_deref())?,
            }
            next = reader.next_member(instance_key)?;
        }
        self.listed.depends_on.1 = outline.dependencies.len() as u32;
        if self.secrets.is_empty() && self.listed.read.is_some() {
            return context.writer(Keep::Deferred).intern_deferred(reader);
        }
        if reader.is_supplied() && self.listed.values.is_some() {
            // The values would have to be read again, and are gone by then: better to begin anew at once.
            return Err(Fault::malformed(offset, "an object with secrets is not read in pieces"));
        }
        if self.listed.read.take().is_some() {
            context.writer(Keep::Deferred).forget_from(nodes);
        }
        self.listed.read = self.values(offset, &outline.configuration.expressions, context)?;
        Ok(())
    }

    /// The attributes on the way; texts wait until it is known whether something is secret, which the file says after.
    fn attributes(&mut self, reader: &mut Reader, context: &mut Context) -> Result<(), Fault> {
        let is_object = reader.peek()? == Peek::Object;
        self.listed.values = Some(reader.offset() as u32);
        let source_type = (self.listed.source_type, self.listed.is_data);
        let filter = context.filter(source_type.0, source_type.1);
        let Some(filter) = filter.filter(|_| is_object && self.secrets.is_empty()) else {
            return reader.skip();
        };
        let read = |context: &mut Context, usual: &mut UsualNames| {
            let keep = Keep::until_secrets_are_known(reader);
            context.writer(keep).tree(reader, filter, usual)
        };
        self.listed.read = Some(context.with_usual(source_type, false, read)?);
        Ok(())
    }

    /// Reads the attributes when everything about them is known.
    fn values(
        &self,
        offset: usize,
        expressions: &Expressions,
        context: &mut Context,
    ) -> Result<Option<NodeIndex>, Fault> {
        let source_type = (self.listed.source_type, self.listed.is_data);
        let Some(filter) = context.filter(source_type.0, source_type.1) else { return Ok(None) };
        let text = context.text;
        if self.secrets.is_whole {
            return Ok(Some(context.writer(Keep::Everything).secret_attributes(filter, offset)));
        }
        let Some(start) = self.listed.values.map(|start| start as usize) else {
            return Ok(Some(context.writer(Keep::Everything).nothing(offset)));
        };
        if self.is_flat {
            return flat::read(text, start, filter, &self.secrets, context).map(Some);
        }
        let mut shapes = Tape::default();
        let secrets = self.secrets.write(&mut shapes, context.strings, context.no_key);
        let top = Layer { unknown: None, sensitive: [Some(secrets), None], given: Given::Yes };
        let overlay = Overlay { shapes: &shapes, expressions, top };
        let read = |context: &mut Context, usual: &mut UsualNames| {
            let mut reader = Reader::at(text, start);
            context.writer(Keep::Everything).attributes(&mut reader, filter, usual, &overlay)
        };
        context.with_usual(source_type, false, read).map(Some)
    }
}

/// `[0]`, `["a"]`
fn key_in_brackets(reader: &mut Reader) -> Result<String, Fault> {
    match reader.peek()? {
        Peek::String => reader.text(text_key),
        Peek::Object | Peek::Array | Peek::True | Peek::False => {
            Err(Fault::malformed(reader.offset(), "the key of an instance is a number or a text"))
        }
        _ => reader.number(|digits| format!("[{}]", String::from_utf8_lossy(digits))),
    }
}

/// Addresses of blocks; those that are written as seen from the module get its address.
fn dependencies(
    outline: &mut Outline,
    reader: &mut Reader,
    context: &mut Context,
    module: Option<&str>,
) -> Result<(), Fault> {
    let Some(module) = module else {
        outline.read_dependencies(reader, context)?;
        return Ok(());
    };
    // Blocks are named, not instances of them.
    let module = without_keys(module);
    let mut has_element = reader.first_element()?;
    while has_element {
        let address = reader.text(|text| format!("{module}.{text}"))?;
        outline.dependencies.push(context.strings.get_or_intern(address));
        has_element = reader.next_element()?;
    }
    Ok(())
}
