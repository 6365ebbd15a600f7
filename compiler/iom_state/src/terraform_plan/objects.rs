//! The objects of a plan, from the outline.

use rustc_hash::FxHashMap;

use super::changes::Change;
use super::configuration::Configuration;
use super::context::Context;
use super::dependencies::ListedDependencies;
use super::entries::{Entry, entries, remark_on_parts};
use super::listed::is_empty_object;
use super::marks::mark_attributes;
use super::modules::{InstanceId, ModuleInstances};
use super::outline::Outline;
use super::references::{Instances, Resolver, Scope};
use crate::document::{Action, AttributeFilter, Document, ObjectId, Pointer, Remark, SourceObject};
use crate::fault::Fault;
use crate::overlay::{Given, Layer, Overlay};
use crate::reader::Reader;
use crate::tape::{NodeIndex, NodeValue, Symbol, Tape};
use crate::values::{Keep, TapeWriter, UsualNames};

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
    document.lists.extend(outline.lists.iter().map(|list| list.as_str().into()));
    document.lists.push("/resource_changes".into());
    remark_on_parts(outline, context, document);
    connect(&entries, outline, context, &mut modules, document);
    Ok(())
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
            (Pointer::Element { list: listed.list, position: listed.position }, listed.offset)
        }
        (_, Some(change)) => {
            (Pointer::Element { list: outline.lists.len() as u32, position: change.position }, change.offset)
        }
        _ => (Pointer::Written("".into()), 0),
    };
    let read_already = entry.listed.and_then(|listed| listed.read);
    let values = match context.filter(entry.source_type, entry.is_data) {
        Some(_) if read_already.is_some() => read_already,
        Some(filter) => read_values(entry, filter, values_at, offset, outline, context, shapes, document)?,
        None => None,
    };
    if let (Some(values), Some(change)) = (values, entry.change) {
        read_before((entry, change), values, outline, context, shapes)?;
    }
    Ok(SourceObject {
        address: entry.address,
        source_type: entry.source_type,
        is_data: entry.is_data,
        module: entry.module,
        provider: provider(entry, &outline.configuration, context),
        action: entry.change.map_or(Action::None, |change| change.action),
        values,
        pointer,
        offset,
        document: None,
        depends_on: 0..0,
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
    shapes.truncate(0);
    let source_type = (entry.source_type, entry.is_data);
    let mut shape = |start: Option<u32>| read_shape(start, filter, source_type, context, shapes);
    let unknown = shape(entry.change.and_then(|change| change.after_unknown))?;
    let sensitive = [
        shape(entry.listed.and_then(|listed| listed.sensitive_values))?,
        shape(entry.change.and_then(|change| change.after_sensitive))?,
    ];
    let given = match entry.configured {
        Some(configured) => Given::Block(configured.expressions),
        None => Given::Yes,
    };
    let top = Layer { unknown, sensitive, given };
    let overlay = Overlay { shapes, expressions: &outline.configuration.expressions, top };
    let text = context.text;
    if overlay.is_sensitive(top) {
        document.remarks.push(Remark {
            message: "the plan marks the whole object as secret: none of its attributes is read".to_owned(),
            address: Some(entry.address),
            offset,
        });
        return Ok(Some(context.writer(Keep::Everything).secret_attributes(filter, offset as usize)));
    }
    match values_at {
        Some(start) => {
            let mut reader = Reader::at(text, start as usize);
            let read = |context: &mut Context, usual: &mut UsualNames| {
                context.writer(Keep::Everything).attributes(&mut reader, filter, usual, &overlay)
            };
            context.with_usual(source_type, false, read).map(Some)
        }
        None => {
            context.writer(Keep::Everything).missing_attributes(filter, &overlay, offset as usize).map(Some)
        }
    }
}

/// What an object is before the plan changes it, where somebody wants to know.
fn read_before(
    (entry, change): (&Entry, &Change),
    values: NodeIndex,
    outline: &Outline,
    context: &mut Context,
    shapes: &mut Tape,
) -> Result<(), Fault> {
    let Some(start) = change.before else { return Ok(()) };
    if !context.wanted.wants_before(context.strings.resolve(&entry.source_type)) {
        return Ok(());
    }
    let Some(filter) = context.filter(entry.source_type, entry.is_data) else { return Ok(()) };
    shapes.truncate(0);
    let source_type = (entry.source_type, entry.is_data);
    let sensitive = [read_shape(change.before_sensitive, filter, source_type, context, shapes)?, None];
    let top = Layer { unknown: None, sensitive, given: Given::Yes };
    let overlay = Overlay { shapes, expressions: &outline.configuration.expressions, top };
    if overlay.is_sensitive(top) {
        return Ok(());
    }
    let mut reader = Reader::at(context.text, start as usize);
    let before = context.with_usual(source_type, false, |context, usual| {
        context.writer(Keep::Everything).attributes(&mut reader, filter, usual, &overlay)
    })?;
    context.tape.before.insert(values, before);
    Ok(())
}

/// Reads a tree of `true` and `false`; nothing for trees that say nothing.
fn read_shape(
    start: Option<u32>,
    filter: AttributeFilter,
    source_type: (Symbol, bool),
    context: &mut Context,
    shapes: &mut Tape,
) -> Result<Option<NodeIndex>, Fault> {
    let Some(start) = start.filter(|start| !is_empty_object(context.text, *start)) else { return Ok(None) };
    let root = context.with_usual(source_type, true, |context, usual| {
        let mut writer = TapeWriter {
            text: context.text,
            tape: shapes,
            strings: context.strings,
            scratch: &mut context.scratch,
            no_key: context.no_key,
            keep: Keep::Shape,
        };
        writer.tree(&mut Reader::at(context.text, start as usize), filter, usual)
    })?;
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
    let mut listed = ListedDependencies::new(entries, outline);
    let mut found = Vec::new();
    if !configuration.is_present {
        for (entry, position) in entries.iter().zip(0..) {
            listed.of(dependencies(entry, outline), context.strings, &mut found);
            document.depend(position, &mut found);
        }
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
        sources: context.sources,
        modules,
        strings: context.strings,
        resources,
        keys,
        settled,
        targets: Default::default(),
        depth: 0,
    };
    for (entry, position) in entries.iter().zip(0..) {
        listed.of(dependencies(entry, outline), resolver.strings, &mut found);
        if let Some(configured) = entry.configured {
            let values = document.objects.get(position).and_then(|object| object.values);
            if let (Some(values), Some(expressions)) = (values, configured.expressions) {
                let scope = Scope { instance: entry.instance, key: entry.key, for_each: configured.for_each };
                mark_attributes(&mut document.tape, values, expressions, scope, &mut resolver);
            }
            for name in &configured.depends_on {
                found.extend(resolver.dependencies(*name, entry.instance).iter());
            }
            found.extend(resolver.dependencies_of_module(entry.instance).iter());
        }
        document.depend(position, &mut found);
    }
}

/// The names of what an object says it depends on.
fn dependencies<'o>(entry: &Entry, outline: &'o Outline) -> &'o [Symbol] {
    entry.listed.map(|listed| outline.dependencies_of(listed)).unwrap_or_default()
}

impl Document {
    /// Says what an object depends on, and empties the list.
    fn depend(&mut self, position: usize, found: &mut Vec<ObjectId>) {
        found.sort_unstable();
        found.dedup();
        let first = self.dependencies.len() as u32;
        self.dependencies.append(found);
        if let Some(object) = self.objects.get_mut(position) {
            object.depends_on = first..self.dependencies.len() as u32;
        }
    }
}
