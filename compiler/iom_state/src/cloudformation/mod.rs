//! Templates of CloudFormation, in JSON and YAML with short tags. Parameters count by their defaults; what the template leaves
//! open is unknown, never guessed.

mod condition;
mod evaluate;
mod function;
mod names;
mod value;
mod write;

use rustc_hash::FxHashMap;

use crate::document::{
    Action, AttributeFilter, Document, Format, ImportError, ObjectId, Pointer, Remark, SourceObject, Wanted,
};
use crate::interner::InternCache;
use crate::tape::{Strings, Symbol};
use crate::tree::{Child, Documents, NodeId, Tree, shown};
use evaluate::{Evaluator, Truth};
use names::Names;
use value::{Computed, Item, Origin};
use write::Writer;

/// Reads one template.
///
/// # Errors
/// Where the text is broken, or no template.
pub fn import(text: &str, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Document, ImportError> {
    let names = Names::new(strings);
    let mut documents = Documents::new(text);
    let mut document = Document { values_below: "/Properties", ..Document::of(Format::Cloudformation) };
    // Beginnings of documents without anything in them are nothing.
    loop {
        let Some(tree) = documents.next(strings)? else {
            return Err(ImportError::not_this_format("there is nothing in the file but comments"));
        };
        if !tree.is_null(tree.root()) {
            template(text, tree, &names, wanted, strings, &mut document)?;
            break;
        }
    }
    if let Some(tree) = documents.next(strings)?
        && !tree.is_null(tree.root())
    {
        let mistake = "a second document begins here: a template is one document";
        return Err(malformed(text, tree.offset(tree.root()), mistake, String::new()));
    }
    let _ = document.files.push("", text);
    Ok(document)
}

/// A resource of a template.
struct Resource {
    name: Symbol,
    node: NodeId,
    key_offset: u32,
    source_type: String,
    /// Whether it is there.
    is_there: Truth,
    condition: Option<String>,
}

fn template(
    text: &str,
    tree: &Tree<'_>,
    names: &Names,
    wanted: &dyn Wanted,
    strings: &mut Strings,
    document: &mut Document,
) -> Result<(), ImportError> {
    let root = tree.root();
    let mistake = |node: NodeId, message: String, strings: &Strings| {
        let name = |symbol: Symbol| shown(strings.resolve(&symbol)).into_owned();
        malformed(text, tree.offset(node), message, tree.pointer(node, name))
    };
    let Some(resources) = tree.member(root, names.resources) else {
        return Err(ImportError::not_this_format(
            "this is no CloudFormation template, which is an object with `Resources` at the top",
        ));
    };
    if !tree.is_object(resources) {
        let message =
            "`Resources` is no object: a template has its resources there, by logical id".to_owned();
        return Err(mistake(resources, message, strings));
    }
    if let Some(tagged) = unknown_tag(tree) {
        let message = format!(
            "the tag `{}` means nothing in CloudFormation",
            shown(tree.tag(tagged).unwrap_or_default())
        );
        return Err(mistake(tagged, message, strings));
    }
    document.format_version = tree.member_text(root, names.format_version).map(str::to_owned);
    let by_name = |section: Symbol| -> FxHashMap<Symbol, NodeId> {
        let section = tree.member(root, section);
        let members = section.map(|section| tree.members(section)).unwrap_or_default();
        members.iter().map(|child| (child.key, child.node)).collect()
    };
    let mut remarks = Vec::new();
    let has_macro = about_transforms(tree, names, document, &mut remarks);
    let mut evaluator = Evaluator {
        tree,
        strings,
        names,
        parameters: by_name(names.parameters),
        conditions: by_name(names.conditions),
        mappings: by_name(names.mappings),
        resources: FxHashMap::default(),
        known: FxHashMap::default(),
        left: Evaluator::budget(text),
        told: Vec::new(),
        base: 0,
    };
    let mut found = Vec::new();
    for child in tree.members(resources) {
        resource(&mut evaluator, child, document, &mut remarks, &mut found);
    }
    for (position, one) in found.iter().filter(|one| one.is_there != Some(false)).enumerate() {
        evaluator.resources.insert(one.name, Some(ObjectId(position as u32)));
    }
    let mut made = Vec::new();
    for one in found.iter().filter(|one| one.is_there != Some(false)) {
        let filter = wanted.attributes(&one.source_type, false);
        let members = filter.map(|filter| properties(&mut evaluator, one, filter, has_macro));
        let needs = depends_on(&evaluator, one.node);
        made.push((members, needs));
    }
    let told = std::mem::take(&mut evaluator.told);
    remarks.extend(told.into_iter().map(|(offset, message)| Remark { message, address: None, offset }));
    drop(evaluator);
    let there = found.into_iter().filter(|one| one.is_there != Some(false));
    let mut writer =
        Writer { tape: &mut document.tape, strings, cache: InternCache::default(), pending: Vec::new() };
    for (one, (members, needs)) in there.zip(made) {
        let values = members.map(|(members, offset)| writer.root(members, offset));
        if one.is_there.is_none() {
            let condition = one.condition.unwrap_or_default();
            let message = format!(
                "whether it is there depends on the condition {}, which is not known",
                shown(&condition)
            );
            remarks.push(Remark { message, address: Some(one.name), offset: one.key_offset });
        }
        let start = document.dependencies.len() as u32;
        document.dependencies.extend(needs);
        let name = writer.strings.resolve(&one.name).replace('~', "~0").replace('/', "~1");
        document.objects.push(SourceObject {
            address: one.name,
            source_type: writer.strings.get_or_intern(&one.source_type),
            is_data: false,
            module: names.nothing,
            provider: names.provider,
            action: Action::None,
            values,
            pointer: Pointer::Written(format!("/Resources/{name}").into()),
            offset: one.key_offset,
            document: None,
            depends_on: start..document.dependencies.len() as u32,
        });
    }
    document.remarks = remarks;
    Ok(())
}

/// Looks at an entry of `Resources`.
fn resource(
    evaluator: &mut Evaluator<'_, '_>,
    child: &Child,
    document: &mut Document,
    remarks: &mut Vec<Remark>,
    found: &mut Vec<Resource>,
) {
    let (tree, names) = (evaluator.tree, evaluator.names);
    let mut remark = |message: &str| {
        remarks.push(Remark {
            message: message.to_owned(),
            address: Some(child.key),
            offset: child.key_offset,
        });
    };
    if evaluator.strings.resolve(&child.key).starts_with("Fn::") {
        document.is_partial = true;
        return remark("resources that a loop makes are left to AWS: they are not judged");
    }
    let Some(source_type) = tree.member_text(child.node, names.ty) else {
        return remark("left out: a resource has a `Type`, which is a text");
    };
    match source_type {
        "AWS::CloudFormation::Stack" => remark("the resources of a nested stack are in its own template"),
        ty if ty.ends_with("::MODULE") => remark("the resources of a module are in its own template"),
        _ => {}
    }
    let condition = tree.member_text(child.node, names.condition);
    let is_there = match condition {
        None => Some(true),
        Some(name) => evaluator.strings.get(name).and_then(|name| evaluator.condition(name)),
    };
    evaluator.resources.insert(child.key, None);
    found.push(Resource {
        name: child.key,
        node: child.node,
        key_offset: child.key_offset,
        source_type: source_type.to_owned(),
        is_there,
        condition: condition.map(str::to_owned),
    });
}

/// The wanted properties of a resource, and where they stand. What a macro may add to them is not known.
fn properties(
    evaluator: &mut Evaluator<'_, '_>,
    resource: &Resource,
    filter: AttributeFilter<'_>,
    has_macro: bool,
) -> (Vec<(Symbol, Item)>, u32) {
    let (tree, names) = (evaluator.tree, evaluator.names);
    let properties = tree.member(resource.node, names.properties);
    let offset = properties.map_or(resource.key_offset, |properties| tree.offset(properties));
    let members = properties.map(|properties| tree.members(properties)).unwrap_or_default();
    let mut values: Vec<(Symbol, Item)> = Vec::with_capacity(members.len());
    for child in members.iter().filter(|child| filter.keeps(evaluator.strings.resolve(&child.key))) {
        let item = evaluator.value(child.node);
        if !matches!(item.value, Computed::Nothing) {
            values.push((child.key, if resource.is_there.is_none() { unsure(item) } else { item }));
        }
    }
    let is_call = |node: NodeId| {
        tree.member(node, names.transform_call).is_some() || tree.tag(node) == Some("!Transform")
    };
    let has_call = is_call(resource.node) || properties.is_some_and(is_call);
    if has_call {
        let message = "a macro adds to its properties: those that are not written here are not known";
        evaluator.tell(resource.key_offset, message.to_owned());
    }
    if has_macro || has_call {
        let strings = evaluator.strings;
        let missing: Vec<Symbol> = filter
            .asked()
            .iter()
            .filter_map(|name| strings.get(name))
            .filter(|name| values.iter().all(|(given, _)| given != name))
            .collect();
        values.extend(missing.into_iter().map(|name| (name, Item::open(offset))));
    }
    (values, offset)
}

/// What is said of transforms: they change the template before anything is made of it. Whether one of them is a macro that
/// may add to what is written.
fn about_transforms(
    tree: &Tree<'_>,
    names: &Names,
    document: &mut Document,
    remarks: &mut Vec<Remark>,
) -> bool {
    let mut has_macro = false;
    let Some(transform) = tree.member(tree.root(), names.transform) else { return false };
    let listed = tree.elements(transform).iter().map(|child| child.node);
    let all: Vec<NodeId> = if tree.is_list(transform) { listed.collect() } else { vec![transform] };
    for one in all {
        let message = match tree.text(one).unwrap_or("with parameters") {
            "AWS::LanguageExtensions" => continue,
            name if name.starts_with("AWS::Serverless") => {
                "the resources that the serverless transform makes are left to AWS: \
                 what is written here is judged, what becomes of it is not"
                    .to_owned()
            }
            name => {
                // Those of AWS add resources.
                has_macro |= !name.starts_with("AWS::");
                format!("the transform {} may change everything here: it is left to AWS", shown(name))
            }
        };
        document.is_partial = true;
        remarks.push(Remark { message, address: None, offset: tree.offset(one) });
    }
    has_macro
}

/// Resources that must be there first.
fn depends_on(evaluator: &Evaluator<'_, '_>, resource: NodeId) -> Vec<ObjectId> {
    let tree = evaluator.tree;
    let Some(needed) = tree.member(resource, evaluator.names.depends_on) else { return Vec::new() };
    let listed = tree.elements(needed).iter().map(|child| child.node);
    let all: Vec<NodeId> = if tree.is_list(needed) { listed.collect() } else { vec![needed] };
    let ids = all.into_iter().filter_map(|one| {
        let name = evaluator.strings.get(tree.text(one)?)?;
        evaluator.resources.get(&name).copied().flatten()
    });
    ids.collect()
}

/// A value of something that may not be there: what it refers to is not surely referred to. Nesting is bounded by that of the
/// template.
fn unsure(item: Item) -> Item {
    match item {
        Item { value: Computed::List(items), offset, origin } => {
            let items = items.into_iter().map(unsure).collect();
            Item { value: Computed::List(items), offset, origin }
        }
        Item { value: Computed::Object(members), offset, origin } => {
            let members = members.into_iter().map(|(name, item)| (name, unsure(item))).collect();
            Item { value: Computed::Object(members), offset, origin }
        }
        Item { value: Computed::Unknown(cause), offset, origin: Some(origin) } => {
            let origin = Origin { references: Vec::new(), has_other_inputs: true, ..*origin };
            Item::unknown(cause, offset, origin)
        }
        other => other,
    }
}

/// A tag that is no function.
fn unknown_tag(tree: &Tree<'_>) -> Option<NodeId> {
    const KNOWN: [&str; 20] = [
        "!Ref",
        "!GetAtt",
        "!Sub",
        "!Join",
        "!Select",
        "!Split",
        "!FindInMap",
        "!If",
        "!Equals",
        "!And",
        "!Or",
        "!Not",
        "!Condition",
        "!Base64",
        "!Cidr",
        "!GetAZs",
        "!ImportValue",
        "!Transform",
        "!Length",
        "!ToJsonString",
    ];
    tree.tagged().find(|node| !tree.tag(*node).is_some_and(|tag| KNOWN.contains(&tag)))
}

fn malformed(text: &str, offset: u32, message: impl Into<String>, pointer: String) -> ImportError {
    ImportError { pointer: Some(pointer), ..ImportError::malformed(message).in_text(text, offset) }
}
