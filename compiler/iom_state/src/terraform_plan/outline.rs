//! One pass over a plan: what it lists and where, without reading any attribute yet. Attributes are read afterwards, when
//! it is known which are wanted, unknown or secret. Works for any order of the parts.

use jiter::Peek;
use rustc_hash::FxHashMap;

use super::changes::{Change, read_change};
use super::configuration::Configuration;
use crate::document::{AttributeFilter, Wanted};
use crate::fault::Fault;
use crate::reader::Reader;
use crate::tape::{NodeIndex, Strings, Symbol, Tape};
use crate::values::{Keep, Scratch, TapeWriter, duplicate_name};

/// Deepest nesting of `child_modules` that is read.
const MODULE_DEPTH_LIMIT: u32 = 64;

/// What reading needs throughout.
pub(crate) struct Context<'a> {
    pub text: &'a str,
    pub strings: &'a mut Strings,
    pub wanted: &'a dyn Wanted,
    pub scratch: Scratch,
    /// The empty text.
    pub no_key: Symbol,
    pub filters: FxHashMap<(Symbol, bool), Option<AttributeFilter<'a>>>,
    /// The values kept.
    pub tape: Tape,
    /// No part of the plan says more about an object's values than stands with the object, so that they are read on the
    /// way: set where `resource_changes` does not occur in the text.
    pub reads_on_the_way: bool,
}

impl<'a> Context<'a> {
    /// What to keep of a type's objects.
    pub(crate) fn filter(&mut self, source_type: Symbol, is_data: bool) -> Option<AttributeFilter<'a>> {
        let Context { strings, wanted, filters, .. } = self;
        *filters
            .entry((source_type, is_data))
            .or_insert_with(|| wanted.attributes(strings.resolve(&source_type), is_data))
    }

    pub(crate) fn intern(&mut self, reader: &mut Reader) -> Result<Symbol, Fault> {
        reader.text(|text| self.scratch.cache.intern(text, self.strings))
    }

    /// A writer to the tape of the values kept.
    pub(crate) fn writer(&mut self, keep: Keep) -> TapeWriter<'_> {
        TapeWriter {
            text: self.text,
            tape: &mut self.tape,
            strings: self.strings,
            scratch: &mut self.scratch,
            no_key: self.no_key,
            keep,
        }
    }
}

/// What a plan lists.
pub(crate) struct Outline {
    pub format_version: Option<String>,
    pub tool_version: Option<String>,
    pub timestamp: Option<String>,
    /// `planned_values`, in source order.
    pub planned: Vec<Listed>,
    /// Data sources of `prior_state`: those that are read already.
    pub prior: Vec<Listed>,
    pub changes: Vec<Change>,
    pub configuration: Configuration,
    /// Pointers of the `resources` lists that [`Listed::list`] counts through.
    pub lists: Vec<String>,
    /// Names of [`Listed::depends_on`].
    pub dependencies: Vec<Symbol>,
    /// Whether the file has any of the parts that make it a plan.
    pub is_plan: bool,
    pub has_planned_values: bool,
}

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
    /// The values, where they were read on the way.
    pub read: Option<NodeIndex>,
    pub offset: u32,
    /// The `resources` list and the position in it.
    pub list: u32,
    pub position: u32,
    /// Part of [`Outline::dependencies`].
    pub depends_on: (u32, u32),
}

impl Outline {
    /// What an object says it depends on.
    pub(crate) fn dependencies_of(&self, listed: &Listed) -> &[Symbol] {
        let (start, end) = listed.depends_on;
        self.dependencies.get(start as usize..end as usize).unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    FormatVersion,
    ToolVersion,
    Timestamp,
    PlannedValues,
    PriorState,
    Changes,
    Configuration,
    Other,
}

fn part(name: &str) -> Part {
    match name {
        "format_version" => Part::FormatVersion,
        "terraform_version" => Part::ToolVersion,
        "timestamp" => Part::Timestamp,
        "planned_values" => Part::PlannedValues,
        "prior_state" => Part::PriorState,
        "resource_changes" => Part::Changes,
        "configuration" => Part::Configuration,
        _ => Part::Other,
    }
}

/// Reads the outline of a plan. `check_version` is asked as soon as the version is read, before the rest is understood.
pub(crate) fn read_outline(
    context: &mut Context,
    check_version: impl Fn(&str, usize) -> Result<(), Fault>,
) -> Result<Outline, Fault> {
    let configuration = Configuration::new(context);
    let mut outline = Outline {
        format_version: None,
        tool_version: None,
        timestamp: None,
        planned: Vec::new(),
        prior: Vec::new(),
        changes: Vec::new(),
        configuration,
        lists: Vec::new(),
        dependencies: Vec::new(),
        is_plan: false,
        has_planned_values: false,
    };
    let mut reader = Reader::at(context.text, 0);
    if reader.peek()? != Peek::Object {
        reader.skip()?;
        reader.finish()?;
        return Ok(outline);
    }
    let mut seen = Vec::new();
    let mut next = reader.first_member(part)?;
    while let Some(part) = next {
        reader.peek()?;
        let offset = reader.offset();
        if part != Part::Other {
            if seen.contains(&part) {
                return Err(duplicate_name(offset));
            }
            seen.push(part);
        }
        match part {
            Part::Other => reader.skip()?,
            _ if reader.skip_null()? => {}
            Part::FormatVersion => {
                let version = reader.text(str::to_owned)?;
                check_version(&version, offset)?;
                outline.format_version = Some(version);
            }
            Part::ToolVersion => outline.tool_version = Some(reader.text(str::to_owned)?),
            Part::Timestamp => outline.timestamp = Some(reader.text(str::to_owned)?),
            Part::PlannedValues => {
                outline.has_planned_values = true;
                outline.read_values(&mut reader, context, "/planned_values", true)?;
            }
            Part::PriorState => outline.read_prior_state(&mut reader, context)?,
            // Values may be read already that the changes call secret.
            Part::Changes if context.reads_on_the_way => {
                return Err(Fault::malformed(
                    offset,
                    "the name `resource_changes` is written with escape sequences",
                ));
            }
            Part::Changes => outline.read_changes(&mut reader, context)?,
            Part::Configuration => outline.configuration.read(&mut reader, context)?,
        }
        next = reader.next_member(self::part)?;
    }
    reader.finish()?;
    outline.is_plan = [Part::PlannedValues, Part::Changes].iter().any(|part| seen.contains(part))
        || (seen.contains(&Part::Configuration) && seen.contains(&Part::FormatVersion));
    Ok(outline)
}

impl Outline {
    fn read_prior_state(&mut self, reader: &mut Reader, context: &mut Context) -> Result<(), Fault> {
        let mut next = reader.first_member(|name| name == "values")?;
        while let Some(is_values) = next {
            if is_values && !reader.skip_null()? {
                self.read_values(reader, context, "/prior_state/values", false)?;
            } else if !is_values {
                reader.skip()?;
            }
            next = reader.next_member(|name| name == "values")?;
        }
        Ok(())
    }

    fn read_values(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        pointer: &str,
        is_planned: bool,
    ) -> Result<(), Fault> {
        let mut next = reader.first_member(|name| name == "root_module")?;
        while let Some(is_root) = next {
            if is_root && !reader.skip_null()? {
                self.read_module(reader, context, format!("{pointer}/root_module"), is_planned, 0)?;
            } else if !is_root {
                reader.skip()?;
            }
            next = reader.next_member(|name| name == "root_module")?;
        }
        Ok(())
    }

    fn read_module(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        pointer: String,
        is_planned: bool,
        depth: u32,
    ) -> Result<(), Fault> {
        if depth > MODULE_DEPTH_LIMIT {
            return Err(Fault::malformed(
                reader.offset(),
                format!("modules nested more than {MODULE_DEPTH_LIMIT} deep"),
            ));
        }
        #[derive(Clone, Copy)]
        enum Key {
            Address,
            Resources,
            Children,
            Other,
        }
        let classify = |name: &str| match name {
            "address" => Key::Address,
            "resources" => Key::Resources,
            "child_modules" => Key::Children,
            _ => Key::Other,
        };
        let first = (self.planned.len(), self.prior.len());
        let mut module = None;
        let mut own = first..first;
        let mut next = reader.first_member(classify)?;
        while let Some(key) = next {
            match key {
                Key::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                Key::Address => module = Some(context.intern(reader)?),
                Key::Resources => {
                    own.start = (self.planned.len(), self.prior.len());
                    self.read_resources(reader, context, format!("{pointer}/resources"), is_planned)?;
                    own.end = (self.planned.len(), self.prior.len());
                }
                Key::Children => {
                    let mut position = 0;
                    let mut has_element = reader.first_element()?;
                    while has_element {
                        let child = format!("{pointer}/child_modules/{position}");
                        self.read_module(reader, context, child, is_planned, depth + 1)?;
                        position += 1;
                        has_element = reader.next_element()?;
                    }
                }
            }
            next = reader.next_member(classify)?;
        }
        // The module's address follows its resources in files with sorted keys.
        let module = module.unwrap_or(context.no_key);
        let planned = self.planned.get_mut(own.start.0..own.end.0).unwrap_or_default();
        let prior = self.prior.get_mut(own.start.1..own.end.1).unwrap_or_default();
        planned.iter_mut().chain(prior).for_each(|listed| listed.module = module);
        Ok(())
    }

    fn read_resources(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        pointer: String,
        is_planned: bool,
    ) -> Result<(), Fault> {
        let list = self.lists.len() as u32;
        self.lists.push(pointer);
        let mut position = 0;
        let mut has_element = reader.first_element()?;
        while has_element {
            let listed = self.read_resource(reader, context, list, position, is_planned)?;
            match is_planned {
                true => self.planned.push(listed),
                // Managed resources of the prior state are the world before the change.
                false if listed.is_data => self.prior.push(listed),
                false => {}
            }
            position += 1;
            has_element = reader.next_element()?;
        }
        Ok(())
    }

    fn read_resource(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        list: u32,
        position: u32,
        is_planned: bool,
    ) -> Result<Listed, Fault> {
        reader.peek()?;
        let offset = reader.offset();
        let nodes = context.tape.nodes.len();
        let (mut address, mut source_type, mut is_data) = (None, None, None);
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
            offset: offset as u32,
            list,
            position,
            depends_on: (start, start),
        };
        let mut next = reader.first_member(resource_key)?;
        while let Some(key) = next {
            match key {
                ResourceKey::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                ResourceKey::Address => address = Some(context.intern(reader)?),
                ResourceKey::Mode => is_data = Some(reader.text(|text| text == "data")?),
                ResourceKey::Type => source_type = Some(context.intern(reader)?),
                ResourceKey::Provider => listed.provider_name = Some(context.intern(reader)?),
                ResourceKey::Values if listed.values.is_some() => {
                    return Err(duplicate_name(reader.offset()));
                }
                ResourceKey::Values => {
                    listed.values = Some(reader.offset() as u32);
                    // Of the prior state only data sources become objects.
                    let known = source_type.zip(is_data).filter(|(_, is_data)| is_planned || *is_data);
                    listed.read = read_values(reader, context, known)?;
                }
                ResourceKey::Sensitive if listed.sensitive_values.is_some() => {
                    return Err(duplicate_name(reader.offset()));
                }
                ResourceKey::Sensitive => listed.sensitive_values = Some(reader.skip_from()? as u32),
                ResourceKey::DependsOn => listed.depends_on = self.read_dependencies(reader, context)?,
            }
            next = reader.next_member(resource_key)?;
        }
        if listed.read.is_some() {
            let is_plain = listed.sensitive_values.is_none_or(|start| is_empty_object(context.text, start));
            let mut writer = context.writer(Keep::Deferred);
            if is_plain {
                writer.intern_deferred()?;
            } else {
                writer.forget_from(nodes);
                listed.read = None;
            }
        }
        listed.address = address.ok_or_else(|| Fault::malformed(offset, "the resource has no `address`"))?;
        listed.source_type =
            source_type.ok_or_else(|| Fault::malformed(offset, "the resource has no `type`"))?;
        listed.is_data = is_data.unwrap_or_else(|| is_data_address(context.strings.resolve(&listed.address)));
        Ok(listed)
    }

    fn read_dependencies(&mut self, reader: &mut Reader, context: &mut Context) -> Result<(u32, u32), Fault> {
        let start = self.dependencies.len() as u32;
        let mut has_element = reader.first_element()?;
        while has_element {
            self.dependencies.push(context.intern(reader)?);
            has_element = reader.next_element()?;
        }
        Ok((start, self.dependencies.len() as u32))
    }

    fn read_changes(&mut self, reader: &mut Reader, context: &mut Context) -> Result<(), Fault> {
        let mut position = 0;
        let mut has_element = reader.first_element()?;
        while has_element {
            let change = read_change(reader, context, position)?;
            self.changes.push(change);
            position += 1;
            has_element = reader.next_element()?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum ResourceKey {
    Address,
    Mode,
    Type,
    Provider,
    Values,
    Sensitive,
    DependsOn,
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
        _ => ResourceKey::Other,
    }
}

/// Reads an object's values if that can be done on the way, else steps over them. Texts wait until it is known whether
/// something is secret, which the file says after the values.
fn read_values(
    reader: &mut Reader,
    context: &mut Context,
    source_type: Option<(Symbol, bool)>,
) -> Result<Option<NodeIndex>, Fault> {
    if context.reads_on_the_way
        && let Some((source_type, is_data)) = source_type
        && let Some(filter) = context.filter(source_type, is_data)
        && reader.peek()? == Peek::Object
    {
        return context.writer(Keep::Deferred).tree(reader, filter).map(Some);
    }
    reader.skip()?;
    Ok(None)
}

/// True for `{}`.
pub(crate) fn is_empty_object(text: &str, start: u32) -> bool {
    let rest = text.get(start as usize..).unwrap_or_default();
    rest.strip_prefix('{')
        .is_some_and(|rest| rest.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('}'))
}

fn is_data_address(address: &str) -> bool {
    super::addresses::resource_address(address).is_some_and(|parts| parts.local.starts_with("data."))
}
