//! The `resource_changes` of a plan: what it does to each object, and what of it is unknown or secret.

use super::context::Context;
use crate::document::Action;
use crate::fault::Fault;
use crate::reader::Reader;
use crate::tape::Symbol;
use crate::values::duplicate_name;

/// An entry of `resource_changes`.
pub(crate) struct Change {
    pub address: Symbol,
    pub source_type: Option<Symbol>,
    pub is_data: bool,
    pub module: Symbol,
    pub provider_name: Option<Symbol>,
    pub action: Action,
    /// Offsets, where there are any.
    pub after: Option<u32>,
    pub after_unknown: Option<u32>,
    pub after_sensitive: Option<u32>,
    pub before: Option<u32>,
    pub before_sensitive: Option<u32>,
    pub offset: u32,
    pub position: u32,
    /// The entry is about an object that was replaced before and is only left to be deleted.
    pub is_deposed: bool,
    /// An action of a name no version of Terraform had when this was written.
    pub has_unknown_action: bool,
}

/// Reads an entry of `resource_changes`, without its values.
pub(crate) fn read_change(
    reader: &mut Reader,
    context: &mut Context,
    position: u32,
) -> Result<Change, Fault> {
    #[derive(Clone, Copy)]
    enum Key {
        Address,
        Module,
        Mode,
        Type,
        Provider,
        Deposed,
        Change,
        Other,
    }
    let classify = |name: &str| match name {
        "address" => Key::Address,
        "module_address" => Key::Module,
        "mode" => Key::Mode,
        "type" => Key::Type,
        "provider_name" => Key::Provider,
        "deposed" => Key::Deposed,
        "change" => Key::Change,
        _ => Key::Other,
    };
    reader.peek()?;
    let offset = reader.offset();
    let mut change = Change {
        address: context.no_key,
        source_type: None,
        is_data: false,
        module: context.no_key,
        provider_name: None,
        action: Action::None,
        after: None,
        after_unknown: None,
        after_sensitive: None,
        before: None,
        before_sensitive: None,
        offset: offset as u32,
        position,
        is_deposed: false,
        has_unknown_action: false,
    };
    let mut next = reader.first_member(classify)?;
    while let Some(key) = next {
        match key {
            Key::Other => reader.skip()?,
            _ if reader.skip_null()? => {}
            Key::Address => change.address = context.intern(reader)?,
            Key::Module => change.module = context.intern(reader)?,
            Key::Mode => change.is_data = reader.text(|text| text == "data")?,
            Key::Type => change.source_type = Some(context.intern(reader)?),
            Key::Provider => change.provider_name = Some(context.intern(reader)?),
            Key::Deposed => {
                reader.skip()?;
                change.is_deposed = true;
            }
            Key::Change => read_change_body(reader, &mut change)?,
        }
        next = reader.next_member(classify)?;
    }
    if change.address == context.no_key {
        return Err(Fault::malformed(offset, "the resource change has no `address`"));
    }
    Ok(change)
}

fn read_change_body(reader: &mut Reader, change: &mut Change) -> Result<(), Fault> {
    #[derive(Clone, Copy)]
    enum Key {
        Actions,
        After,
        Unknown,
        Sensitive,
        Before,
        BeforeSensitive,
        Other,
    }
    let classify = |name: &str| match name {
        "before" => Key::Before,
        "before_sensitive" => Key::BeforeSensitive,
        "actions" => Key::Actions,
        "after" => Key::After,
        "after_unknown" => Key::Unknown,
        "after_sensitive" => Key::Sensitive,
        _ => Key::Other,
    };
    let mut next = reader.first_member(classify)?;
    while let Some(key) = next {
        let slot = match key {
            Key::Actions | Key::Other => None,
            Key::After => Some(&mut change.after),
            Key::Unknown => Some(&mut change.after_unknown),
            Key::Sensitive => Some(&mut change.after_sensitive),
            Key::Before => Some(&mut change.before),
            Key::BeforeSensitive => Some(&mut change.before_sensitive),
        };
        match (key, slot) {
            (Key::Actions, _) => read_actions(reader, change)?,
            (_, Some(slot)) if slot.is_some() => return Err(duplicate_name(reader.offset())),
            (_, Some(_)) if reader.skip_null()? => {}
            (_, Some(slot)) => *slot = Some(reader.skip_from()? as u32),
            (_, None) => reader.skip()?,
        }
        next = reader.next_member(classify)?;
    }
    Ok(())
}

fn read_actions(reader: &mut Reader, change: &mut Change) -> Result<(), Fault> {
    let (mut creates, mut deletes) = (false, false);
    let mut has_element = reader.first_element()?;
    while has_element {
        let action = reader.text(|text| match text {
            "no-op" => Some(Action::None),
            "create" => Some(Action::Create),
            "read" => Some(Action::Read),
            "update" => Some(Action::Update),
            "delete" => Some(Action::Delete),
            "forget" => Some(Action::Forget),
            _ => None,
        })?;
        creates |= action == Some(Action::Create);
        deletes |= action == Some(Action::Delete);
        change.has_unknown_action |= action.is_none();
        // `create, forget` leaves the old object alone: what matters is what will be.
        if let Some(action) = action
            && change.action != Action::Create
        {
            change.action = action;
        }
        has_element = reader.next_element()?;
    }
    if creates && deletes {
        change.action = Action::Replace;
    } else if creates {
        change.action = Action::Create;
    }
    Ok(())
}
