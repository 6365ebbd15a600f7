//! Which objects a plan has: what its parts say of one address brought together.

use rustc_hash::{FxHashMap, FxHashSet};

use super::addresses::resource_address;
use super::changes::Change;
use super::configuration::{Configuration, ConfiguredResource};
use super::context::Context;
use super::listed::Listed;
use super::modules::{InstanceId, ModuleInstances, ROOT};
use super::outline::Outline;
use crate::document::{Action, Document, Remark};
use crate::tape::Symbol;

/// What the outline says of one object.
pub(crate) struct Entry<'o> {
    pub listed: Option<&'o Listed>,
    pub change: Option<&'o Change>,
    pub address: Symbol,
    pub source_type: Symbol,
    pub is_data: bool,
    pub module: Symbol,
    pub instance: InstanceId,
    pub configured: Option<&'o ConfiguredResource>,
    /// The address in the module, without the key, and the key: only where there is a configuration or a dependency.
    pub local: Option<Symbol>,
    pub key: Option<Symbol>,
}

/// The objects in source order: planned values first, then what only the changes list, then data sources already read.
pub(crate) fn entries<'o>(
    outline: &'o Outline,
    context: &mut Context,
    modules: &mut ModuleInstances,
    document: &mut Document,
) -> Vec<Entry<'o>> {
    let changes: FxHashMap<Symbol, &Change> = outline
        .changes
        .iter()
        .filter(|change| !change.is_deposed)
        .map(|change| (change.address, change))
        .collect();
    let needs_listing = !outline.changes.is_empty() || !outline.prior.is_empty();
    let mut planned: FxHashSet<Symbol> = FxHashSet::default();
    for listed in outline.planned.iter().filter(|_| needs_listing) {
        if !planned.insert(listed.address) {
            document.remarks.push(Remark {
                message: "another object has the same address".to_owned(),
                address: Some(listed.address),
                offset: listed.offset,
            });
        }
    }

    let mut entries = Vec::with_capacity(outline.planned.len());
    for listed in &outline.planned {
        let change = changes.get(&listed.address).copied();
        entries.push(Entry::of_listed(listed, change, outline, context, modules));
    }
    for change in outline.changes.iter().filter(|change| !change.is_deposed) {
        remark_on_action(change, document);
        let is_left = matches!(change.action, Action::Delete | Action::Forget) || change.after.is_none();
        if is_left || planned.contains(&change.address) {
            continue;
        }
        if let Some(source_type) = change.source_type {
            if outline.has_planned_values {
                document.remarks.push(Remark {
                    message: "listed under `resource_changes` only, not in `planned_values`: read from there"
                        .to_owned(),
                    address: Some(change.address),
                    offset: change.offset,
                });
            }
            entries.push(Entry::of_change(change, source_type, outline, context, modules));
        }
    }
    let changed: FxHashSet<Symbol> =
        entries.iter().skip(outline.planned.len()).map(|entry| entry.address).collect();
    for listed in &outline.prior {
        if planned.contains(&listed.address) || changed.contains(&listed.address) {
            continue;
        }
        let entry = Entry::of_listed(listed, None, outline, context, modules);
        // A data source that is no longer written down goes away with this plan.
        if entry.configured.is_some() || !outline.configuration.is_present {
            entries.push(entry);
        }
    }
    entries
}

/// Remarks on the file as a whole.
pub(crate) fn remark_on_parts(outline: &Outline, context: &Context, document: &mut Document) {
    let mut remark = |message: &str, offset| {
        document.remarks.push(Remark { message: message.to_owned(), address: None, offset })
    };
    if outline.format_version.is_none() && outline.is_plan {
        remark("the plan has no `format_version`; it is read as version 1", 0);
    }
    if outline.is_plan && !outline.has_planned_values {
        remark("the plan has no `planned_values`; its objects are read from `resource_changes`", 0);
    }
    if outline.format_version.is_none() && outline.is_state {
        remark("the state has no `format_version`; it is read as version 1", 0);
    }
    for (reason, offset) in &outline.incomplete {
        remark(&format!("{reason}: objects may be missing"), *offset);
    }
    for offset in &context.scratch.repeated {
        remark("the name occurs twice in one JSON object, with the same value", *offset);
    }
    document.remarks.extend(outline.remarks.iter().cloned());
}

fn remark_on_action(change: &Change, document: &mut Document) {
    if change.has_unknown_action {
        document.remarks.push(Remark {
            message: "the plan does something to this object that this version has no name for".to_owned(),
            address: Some(change.address),
            offset: change.offset,
        });
    }
}

impl<'o> Entry<'o> {
    fn of_listed(
        listed: &'o Listed,
        change: Option<&'o Change>,
        outline: &'o Outline,
        context: &mut Context,
        modules: &mut ModuleInstances,
    ) -> Entry<'o> {
        let mut entry = Entry {
            listed: Some(listed),
            change,
            address: listed.address,
            source_type: listed.source_type,
            is_data: listed.is_data,
            module: listed.module,
            instance: ROOT,
            configured: None,
            local: None,
            key: None,
        };
        entry.find_configuration(&outline.configuration, context, modules);
        entry
    }

    fn of_change(
        change: &'o Change,
        source_type: Symbol,
        outline: &'o Outline,
        context: &mut Context,
        modules: &mut ModuleInstances,
    ) -> Entry<'o> {
        let mut entry = Entry {
            listed: None,
            change: Some(change),
            address: change.address,
            source_type,
            is_data: change.is_data,
            module: change.module,
            instance: ROOT,
            configured: None,
            local: None,
            key: None,
        };
        entry.find_configuration(&outline.configuration, context, modules);
        entry
    }

    /// True if all attributes are known: nothing happens to it, or it is a data source that is read already.
    pub(crate) fn is_settled(&self) -> bool {
        match self.change {
            Some(change) => change.action == Action::None && !change.has_unknown_action,
            None => self.is_data,
        }
    }

    fn find_configuration(
        &mut self,
        configuration: &'o Configuration,
        context: &mut Context,
        modules: &mut ModuleInstances,
    ) {
        if !configuration.is_present {
            return;
        }
        self.instance = modules.at(self.module, context.strings, configuration);
        self.take_apart(context);
        let module = modules.module_of(self.instance, configuration);
        self.configured = module.zip(self.local).and_then(|(module, local)| module.resources.get(&local));
    }

    fn take_apart(&mut self, context: &mut Context) {
        let address = context.strings.resolve(&self.address).to_owned();
        if let Some(parts) = resource_address(&address) {
            self.local = Some(context.strings.get_or_intern(parts.local));
            self.key = parts.key.map(|key| context.strings.get_or_intern(key));
        }
    }
}
