//! One pass over a plan: what it lists and where, without reading any attribute yet. Attributes are read afterwards, when
//! it is known which are wanted, unknown or secret. Works for any order of the parts.

use jiter::Peek;

use super::changes::{Change, read_change};
use super::configuration::Configuration;
use super::context::Context;
use super::listed::Listed;
use crate::document::Remark;
use crate::fault::Fault;
use crate::reader::Reader;
use crate::tape::{NodeIndex, Symbol};
use crate::values::duplicate_name;

/// Deepest nesting of `child_modules` that is read.
const MODULE_DEPTH_LIMIT: u32 = 64;

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
    /// Where the file says that planning failed or was cut short.
    pub incomplete: Vec<(&'static str, u32)>,
    /// Whether the file has any of the parts that make it a plan.
    pub is_plan: bool,
    /// Whether the file says what is, and nothing of what will be: state.
    pub is_state: bool,
    pub has_planned_values: bool,
    /// What was seen on the way and not used.
    pub remarks: Vec<Remark>,
}

impl Outline {
    /// Of a file of which nothing is read yet.
    pub(crate) fn new(context: &mut Context) -> Outline {
        Outline {
            format_version: None,
            tool_version: None,
            timestamp: None,
            planned: Vec::new(),
            prior: Vec::new(),
            changes: Vec::new(),
            configuration: Configuration::new(context),
            lists: Vec::new(),
            dependencies: Vec::new(),
            incomplete: Vec::new(),
            is_plan: false,
            is_state: false,
            has_planned_values: false,
            remarks: Vec::new(),
        }
    }

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
    Values,
    PriorState,
    Changes,
    Configuration,
    Errored,
    Complete,
    Deferred,
    Other,
}

fn part(name: &str) -> Part {
    match name {
        "format_version" => Part::FormatVersion,
        "terraform_version" => Part::ToolVersion,
        "timestamp" => Part::Timestamp,
        "planned_values" => Part::PlannedValues,
        "values" => Part::Values,
        "prior_state" => Part::PriorState,
        "resource_changes" => Part::Changes,
        "configuration" => Part::Configuration,
        "errored" => Part::Errored,
        "complete" => Part::Complete,
        "deferred_changes" => Part::Deferred,
        _ => Part::Other,
    }
}

/// Reads the outline of a plan. `check_version` is asked as soon as the version is read, before the rest is understood.
pub(crate) fn read_outline(
    context: &mut Context,
    reader: &mut Reader,
    check_version: impl Fn(&str, usize) -> Result<(), Fault>,
) -> Result<Outline, Fault> {
    let mut outline = Outline::new(context);
    reader.proceed()?;
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
                outline.read_values(reader, context, "/planned_values", true)?;
            }
            // An empty state has none.
            Part::Values if reader.skip_null()? => {}
            Part::Values => outline.read_values(reader, context, "/values", true)?,
            Part::PriorState => outline.read_prior_state(reader, context)?,
            // Values may be read already that the changes call secret.
            Part::Changes if context.reads_on_the_way => {
                return Err(Fault::malformed(
                    offset,
                    "the name `resource_changes` is written with escape sequences",
                ));
            }
            Part::Changes => outline.read_changes(reader, context)?,
            Part::Configuration if reader.is_supplied() => {
                return Err(Fault::malformed(offset, "a plan with a configuration is not read in pieces"));
            }
            Part::Configuration => outline.configuration.read(reader, context)?,
            Part::Errored | Part::Complete | Part::Deferred => outline.read_completeness(reader, part)?,
        }
        reader.proceed()?;
        next = reader.next_member(self::part)?;
    }
    reader.finish()?;
    outline.join_tapes(context);
    outline.is_plan = [Part::PlannedValues, Part::Changes].iter().any(|part| seen.contains(part))
        || (seen.contains(&Part::Configuration) && seen.contains(&Part::FormatVersion));
    outline.is_state = !outline.is_plan && seen.contains(&Part::Values);
    Ok(outline)
}

impl Outline {
    /// Everything that was read on the way comes onto one tape.
    pub(crate) fn join_tapes(&mut self, context: &mut Context) {
        let moved = context.join_tapes();
        for listed in self.planned.iter_mut().chain(&mut self.prior) {
            let by = moved.get(listed.tape as usize).copied().unwrap_or(0);
            listed.read = listed.read.map(|node| NodeIndex(node.0 + by));
        }
    }

    fn read_completeness(&mut self, reader: &mut Reader, part: Part) -> Result<(), Fault> {
        reader.peek()?;
        let offset = reader.offset() as u32;
        let message = match part {
            Part::Errored if reader.boolean()? => "Terraform stopped planning with an error",
            Part::Complete if !reader.boolean()? => {
                "Terraform calls the plan incomplete (targeted or deferred)"
            }
            Part::Deferred if reader.first_element()? => {
                reader.skip()?;
                while reader.next_element()? {
                    reader.skip()?;
                }
                "the plan puts off changes that cannot be planned yet"
            }
            _ => return Ok(()),
        };
        self.incomplete.push((message, offset));
        Ok(())
    }

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
            reader.proceed()?;
            let listed = self.read_resource(reader, context, list, position, is_planned)?;
            match is_planned {
                true if listed.is_deposed => self.remarks.push(deposed(&listed)),
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

    pub(crate) fn read_dependencies(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
    ) -> Result<(u32, u32), Fault> {
        let start = self.dependencies.len() as u32;
        let mut has_element = reader.first_element()?;
        while has_element {
            self.dependencies.push(context.intern_address(reader)?);
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

/// What is said of an object that was replaced and is only left to be deleted.
pub(crate) fn deposed(listed: &Listed) -> Remark {
    Remark {
        message: "a deposed object, which the next apply deletes, is not read".to_owned(),
        address: Some(listed.address),
        offset: listed.offset,
    }
}

/// What is said of an object whose making failed half-way, or that someone marked.
pub(crate) fn tainted(listed: &Listed) -> Remark {
    Remark {
        message: "the state calls it tainted: the next apply replaces it".to_owned(),
        address: Some(listed.address),
        offset: listed.offset,
    }
}
