//! The objects of a plan, from the outline.

use rustc_hash::{FxHashMap, FxHashSet};

use super::addresses::{resource_address, without_keys};
use super::changes::Change;
use super::configuration::{Configuration, ConfiguredResource};
use super::marks::mark_attributes;
use super::modules::{InstanceId, ModuleInstances, ROOT};
use super::outline::{Context, Listed, Outline, is_empty_object};
use super::references::{Instances, Resolver, Scope};
use crate::document::{Action, AttributeFilter, Document, ObjectId, Remark, SourceObject};
use crate::fault::Fault;
use crate::overlay::{Given, Layer, Overlay};
use crate::reader::Reader;
use crate::tape::{NodeIndex, NodeValue, Symbol, Tape};
use crate::values::{Keep, TapeWriter};

/// What the outline says of one object.
struct Entry<'o> {
    listed: Option<&'o Listed>,
    change: Option<&'o Change>,
    address: Symbol,
    source_type: Symbol,
    is_data: bool,
    module: Symbol,
    instance: InstanceId,
    configured: Option<&'o ConfiguredResource>,
    /// The address in the module, without the key, and the key: only where there is a configuration or a dependency.
    local: Option<Symbol>,
    key: Option<Symbol>,
}

/// Fills a document with the objects of a plan.
pub(crate) fn read_objects(
    outline: &Outline,
    context: &mut Context,
    document: &mut Document,
) -> Result<(), Fault> {
    let mut modules = ModuleInstances::new(&outline.configuration, context.no_key);
    let entries = entries(outline, context, &mut modules, document);
    let mut shapes = Tape::default();
    document.objects.reserve_exact(entries.len());
    for entry in &entries {
        let object = read_object(entry, outline, context, &mut shapes, document)?;
        document.objects.push(object);
    }
    document.tape = std::mem::take(&mut context.tape);
    remark_on_parts(outline, context, document);
    connect(&entries, outline, context, &mut modules, document);
    Ok(())
}

/// The objects in source order: planned values first, then what only the changes list, then data sources already read.
fn entries<'o>(
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
    let planned: FxHashSet<Symbol> =
        outline.planned.iter().filter(|_| needs_listing).map(|listed| listed.address).collect();

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
    let changed: FxHashSet<Symbol> = entries.iter().skip(planned.len()).map(|entry| entry.address).collect();
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
fn remark_on_parts(outline: &Outline, context: &Context, document: &mut Document) {
    let mut remark = |message: &str, offset| {
        document.remarks.push(Remark { message: message.to_owned(), address: None, offset })
    };
    if outline.format_version.is_none() {
        remark("the plan has no `format_version`; it is read as version 1", 0);
    }
    if !outline.has_planned_values {
        remark("the plan has no `planned_values`; its objects are read from `resource_changes`", 0);
    }
    for offset in &context.scratch.repeated {
        remark("the name occurs twice in one JSON object, with the same value", *offset);
    }
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
    fn is_settled(&self) -> bool {
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

fn read_object(
    entry: &Entry,
    outline: &Outline,
    context: &mut Context,
    shapes: &mut Tape,
    document: &mut Document,
) -> Result<SourceObject, Fault> {
    let after = entry.change.and_then(|change| change.after);
    let listed_values = entry.listed.and_then(|listed| listed.values);
    // Terraform leaves out `values` where nothing is known; other writers leave them out of plans they shorten.
    let is_from_change =
        listed_values.is_none() && after.is_some_and(|after| !is_empty_object(context.text, after));
    let values_at = if is_from_change { after } else { listed_values };
    let (pointer, offset) = match (entry.listed, entry.change) {
        (Some(listed), _) if !is_from_change => {
            let list = outline.lists.get(listed.list as usize).map_or("", String::as_str);
            (format!("{list}/{}", listed.position), listed.offset)
        }
        (_, Some(change)) => (format!("/resource_changes/{}", change.position), change.offset),
        _ => (String::new(), 0),
    };
    let read_already = entry.listed.and_then(|listed| listed.read);
    let values = match context.filter(entry.source_type, entry.is_data) {
        Some(_) if read_already.is_some() => read_already,
        Some(filter) => read_values(entry, filter, values_at, offset, outline, context, shapes, document)?,
        None => None,
    };
    Ok(SourceObject {
        address: entry.address,
        source_type: entry.source_type,
        is_data: entry.is_data,
        module: entry.module,
        provider: provider(entry, &outline.configuration, context),
        action: entry.change.map_or(Action::None, |change| change.action),
        values,
        pointer: pointer.into(),
        offset,
        depends_on: Vec::new(),
    })
}

#[expect(clippy::too_many_arguments, reason = "one call, and the parts have no common name")]
fn read_values(
    entry: &Entry,
    filter: AttributeFilter,
    values_at: Option<u32>,
    offset: u32,
    outline: &Outline,
    context: &mut Context,
    shapes: &mut Tape,
    document: &mut Document,
) -> Result<Option<NodeIndex>, Fault> {
    shapes.nodes.clear();
    shapes.keys.clear();
    let unknown = read_shape(entry.change.and_then(|change| change.after_unknown), filter, context, shapes)?;
    let sensitive = [
        read_shape(entry.listed.and_then(|listed| listed.sensitive_values), filter, context, shapes)?,
        read_shape(entry.change.and_then(|change| change.after_sensitive), filter, context, shapes)?,
    ];
    let given = match entry.configured {
        Some(configured) => Given::Block(configured.expressions),
        None => Given::Yes,
    };
    let top = Layer { unknown, sensitive, given };
    let overlay = Overlay { shapes, expressions: &outline.configuration.expressions, top };
    let text = context.text;
    let mut writer = context.writer(Keep::Everything);
    if overlay.is_sensitive(top) {
        document.remarks.push(Remark {
            message: "the plan marks the whole object as secret: none of its attributes is read".to_owned(),
            address: Some(entry.address),
            offset,
        });
        return writer.nothing(offset as usize).map(Some);
    }
    match values_at {
        Some(start) => {
            let mut reader = Reader::at(text, start as usize);
            writer.attributes(&mut reader, filter, &overlay).map(Some)
        }
        None => writer.missing_attributes(filter, &overlay, offset as usize).map(Some),
    }
}

/// Reads a tree of `true` and `false`; nothing for trees that say nothing.
fn read_shape(
    start: Option<u32>,
    filter: AttributeFilter,
    context: &mut Context,
    shapes: &mut Tape,
) -> Result<Option<NodeIndex>, Fault> {
    let Some(start) = start.filter(|start| !is_empty_object(context.text, *start)) else { return Ok(None) };
    let mut writer = TapeWriter {
        text: context.text,
        tape: shapes,
        strings: context.strings,
        scratch: &mut context.scratch,
        no_key: context.no_key,
        keep: Keep::Shape,
    };
    let root = writer.tree(&mut Reader::at(context.text, start as usize), filter)?;
    Ok(match shapes.node(root).value {
        NodeValue::Bool(true) | NodeValue::Object { .. } => Some(root),
        _ => None,
    })
}

/// A name that is equal for two objects if they use the same provider configuration, as far as the plan tells.
fn provider(entry: &Entry, configuration: &Configuration, context: &mut Context) -> Symbol {
    let named = entry
        .listed
        .and_then(|listed| listed.provider_name)
        .or(entry.change.and_then(|change| change.provider_name))
        .unwrap_or(context.no_key);
    let Some(key) = entry.configured.and_then(|configured| configured.provider) else { return named };
    if configuration.providers.contains(&key) {
        return key;
    }
    let text = context.strings.resolve(&key).to_owned();
    let Some((mut module, local)) = text.rsplit_once(':') else { return key };
    // Modules inherit configurations: the one in force is that of the nearest module around that has one.
    while let Some((outer, _)) = module.rsplit_once('.') {
        module = outer;
        let around = context.strings.get(format!("{module}:{local}"));
        if let Some(around) = around.filter(|around| configuration.providers.contains(around)) {
            return around;
        }
    }
    let root = context.strings.get_or_intern(local);
    // An alias is only ever found where it is configured; the plain name has a configuration in every root.
    if configuration.providers.contains(&root) || !local.contains('.') { root } else { key }
}

/// Resolves references and dependencies, now that every object has its number.
fn connect(
    entries: &[Entry],
    outline: &Outline,
    context: &mut Context,
    modules: &mut ModuleInstances,
    document: &mut Document,
) {
    let configuration = &outline.configuration;
    connect_listed(entries, outline, context, document);
    if !configuration.is_present {
        return;
    }
    let mut resources: FxHashMap<(InstanceId, Symbol), Instances> = FxHashMap::default();
    for (index, entry) in entries.iter().enumerate() {
        if let Some(local) = entry.local {
            resources.entry((entry.instance, local)).or_default().push((ObjectId(index as u32), entry.key));
        }
    }
    let keys = entries.iter().map(|entry| entry.key).collect();
    let text = context.text;
    let settled = entries.iter().map(Entry::is_settled).collect();
    let mut resolver = Resolver {
        text,
        configuration,
        modules,
        strings: context.strings,
        resources,
        keys,
        settled,
        targets: Default::default(),
    };
    let Document { tape, objects, .. } = document;
    for (entry, object) in entries.iter().zip(objects) {
        let Some(configured) = entry.configured else { continue };
        if let (Some(values), Some(expressions)) = (object.values, configured.expressions) {
            let scope = Scope { instance: entry.instance, key: entry.key, for_each: configured.for_each };
            mark_attributes(tape, values, expressions, scope, &mut resolver);
        }
        for name in &configured.depends_on {
            object.depends_on.extend(resolver.dependencies(*name, entry.instance).iter());
        }
        object.depends_on.extend(resolver.dependencies_of_module(entry.instance).iter());
        object.depends_on.sort_unstable();
        object.depends_on.dedup();
    }
}

/// Dependencies that stand with the objects themselves, by address: with the instance's key, or without for all of them.
fn connect_listed(entries: &[Entry], outline: &Outline, context: &Context, document: &mut Document) {
    if outline.dependencies.is_empty() {
        return;
    }
    let mut by_address: FxHashMap<Symbol, Vec<ObjectId>> = FxHashMap::default();
    for (index, entry) in entries.iter().enumerate() {
        by_address.entry(entry.address).or_default().push(ObjectId(index as u32));
    }
    // State names blocks, not instances: `module.a.aws_x.y` stands for all of them.
    let mut by_block: FxHashMap<String, Vec<ObjectId>> = FxHashMap::default();
    for (index, entry) in entries.iter().enumerate() {
        let address = context.strings.resolve(&entry.address);
        if address.contains('[') {
            by_block.entry(without_keys(address)).or_default().push(ObjectId(index as u32));
        }
    }
    for (entry, object) in entries.iter().zip(&mut document.objects) {
        for name in entry.listed.iter().flat_map(|listed| outline.dependencies_of(listed)) {
            let exact = by_address.get(name);
            let of_block = || by_block.get(context.strings.resolve(name));
            object.depends_on.extend(exact.or_else(of_block).into_iter().flatten());
        }
        object.depends_on.sort_unstable();
        object.depends_on.dedup();
    }
}
