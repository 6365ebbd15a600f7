//! Entries of `resources` lists: an object's address and type, and where its values stand.

use jiter::Peek;

use super::addresses::resource_address;
use super::context::Context;
use super::outline::{Outline, tainted};
use crate::fault::Fault;
use crate::reader::Reader;
use crate::tape::{NodeIndex, Symbol};
use crate::values::{Keep, duplicate_name};

/// An entry of a `resources` list.
pub(crate) struct Listed {
    pub address: Symbol,
    pub source_type: Symbol,
    pub is_data: bool,
    pub module: Symbol,
    pub provider_name: Option<Symbol>,
    /// Offsets of the values, where there are any.
    pub values: Option<u32>,
    pub sensitive_values: Option<u32>,
    /// The values, where they were read on the way: until everything is read, on the tape with this number.
    pub read: Option<NodeIndex>,
    pub tape: u32,
    pub offset: u32,
    /// The `resources` list and the position in it.
    pub list: u32,
    pub position: u32,
    /// Part of [`Outline::dependencies`].
    pub depends_on: (u32, u32),
    /// It was replaced and is only left to be deleted.
    pub is_deposed: bool,
}

impl Outline {
    /// Reads an entry, and its values if that can be done on the way.
    pub(crate) fn read_resource(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        list: u32,
        position: u32,
        is_planned: bool,
    ) -> Result<Listed, Fault> {
        reader.peek()?;
        let offset = reader.offset();
        let (mut address, mut source_type, mut is_data, mut sensitive) = (None, None, None, None);
        let mut is_tainted = false;
        let mut read = None;
        let start = self.dependencies.len() as u32;
        let mut listed = Listed {
            address: context.no_key,
            source_type: context.no_key,
            is_data: false,
            module: context.no_key,
            provider_name: None,
            values: None,
            sensitive_values: None,
            read: None,
            tape: 0,
            offset: offset as u32,
            list,
            position,
            depends_on: (start, start),
            is_deposed: false,
        };
        let mut usual = std::mem::take(&mut context.usual_resource);
        let mut next = reader.first_usual_member(&mut usual, resource_key)?;
        while let Some(key) = next {
            match key {
                ResourceKey::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                ResourceKey::Address => address = Some(context.intern_address(reader)?),
                ResourceKey::Mode => is_data = Some(reader.text(|text| text == "data")?),
                ResourceKey::Type => source_type = Some(context.intern(reader)?),
                ResourceKey::Provider => listed.provider_name = Some(context.provider(reader)?),
                ResourceKey::Values if listed.values.is_some() => {
                    return Err(duplicate_name(reader.offset()));
                }
                ResourceKey::Values => {
                    listed.values = Some(reader.offset() as u32);
                    // Of the prior state only data sources become objects.
                    let known = source_type.zip(is_data).filter(|(_, is_data)| is_planned || *is_data);
                    read = read_values(reader, context, known)?;
                }
                ResourceKey::Sensitive if listed.sensitive_values.is_some() => {
                    return Err(duplicate_name(reader.offset()));
                }
                ResourceKey::Sensitive => {
                    let start = reader.skip_from()?;
                    listed.sensitive_values = Some(start as u32);
                    sensitive = Some((start, reader.offset()));
                }
                ResourceKey::Deposed => {
                    reader.skip()?;
                    listed.is_deposed = true;
                }
                ResourceKey::Tainted => is_tainted = reader.boolean()?,
                ResourceKey::DependsOn => listed.depends_on = self.read_dependencies(reader, context)?,
            }
            next = reader.next_usual_member(&mut usual, resource_key)?;
        }
        context.usual_resource = usual;
        if let Some(ReadValues { tape, node, nodes }) = read {
            if sensitive.is_none_or(|(start, end)| reader.written(start, end).is_some_and(says_nothing)) {
                if !context.scratch.deferred.is_empty() {
                    let intern =
                        |context: &mut Context| context.writer(Keep::Deferred).intern_deferred(reader);
                    context.on_tape(tape, intern)?;
                }
                (listed.read, listed.tape) = (Some(node), tape);
            } else if reader.is_supplied() {
                // The values would have to be read again, and are gone by then: better to begin anew at once.
                return Err(Fault::malformed(offset, "an object with secrets is not read in pieces"));
            } else {
                context.on_tape(tape, |context| context.writer(Keep::Deferred).forget_from(nodes));
            }
        }
        listed.address = address.ok_or_else(|| Fault::malformed(offset, "the resource has no `address`"))?;
        listed.source_type =
            source_type.ok_or_else(|| Fault::malformed(offset, "the resource has no `type`"))?;
        listed.is_data = is_data.unwrap_or_else(|| is_data_address(context.strings.resolve(&listed.address)));
        if is_tainted && is_planned {
            self.remarks.push(tainted(&listed));
        }
        Ok(listed)
    }
}

/// A member of an entry of a `resources` list.
#[derive(Clone, Copy)]
pub(crate) enum ResourceKey {
    Address,
    Mode,
    Type,
    Provider,
    Values,
    Sensitive,
    DependsOn,
    Deposed,
    Tainted,
    Other,
}

fn resource_key(name: &str) -> ResourceKey {
    match name {
        "address" => ResourceKey::Address,
        "mode" => ResourceKey::Mode,
        "type" => ResourceKey::Type,
        "provider_name" => ResourceKey::Provider,
        "values" => ResourceKey::Values,
        "sensitive_values" => ResourceKey::Sensitive,
        "depends_on" => ResourceKey::DependsOn,
        "deposed_key" => ResourceKey::Deposed,
        "tainted" => ResourceKey::Tainted,
        _ => ResourceKey::Other,
    }
}

/// Values that were read on the way, to the tape of their type.
struct ReadValues {
    tape: u32,
    node: NodeIndex,
    /// How many nodes the tape had before.
    nodes: usize,
}

/// Reads an object's values if that can be done on the way, else steps over them. Texts wait until it is known whether
/// something is secret, which the file says after the values.
fn read_values(
    reader: &mut Reader,
    context: &mut Context,
    source_type: Option<(Symbol, bool)>,
) -> Result<Option<ReadValues>, Fault> {
    if context.reads_on_the_way
        && let Some(source_type) = source_type
        && reader.peek()? == Peek::Object
        && let Some((tape, read)) = context.read_apart(source_type, |context, filter, usual| {
            let nodes = context.tape.len();
            let keep = Keep::until_secrets_are_known(reader);
            Ok((context.writer(keep).tree(reader, filter, usual)?, nodes))
        })
    {
        return read.map(|(node, nodes)| Some(ReadValues { tape, node, nodes }));
    }
    reader.skip()?;
    Ok(None)
}

/// True for a tree of marks without a mark. (Or a name that contains the word: then it is read with more care than needed.)
fn says_nothing(written: &str) -> bool {
    // Mostly it is `{}`: getting ready to search takes longer than to see that.
    written.len() < "true".len() || memchr::memmem::find(written.as_bytes(), b"true").is_none()
}

/// True for `{}`.
pub(crate) fn is_empty_object(text: &str, start: u32) -> bool {
    let rest = text.get(start as usize..).unwrap_or_default();
    rest.strip_prefix('{')
        .is_some_and(|rest| rest.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('}'))
}

fn is_data_address(address: &str) -> bool {
    resource_address(address).is_some_and(|parts| parts.local.starts_with("data."))
}
