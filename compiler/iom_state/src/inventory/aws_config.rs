//! Configuration items of AWS Config: snapshots, histories, single items, the events that rules are called with, and all of them
//! as a program recorded them. Of several items of one resource the latest counts.

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::answer::{AnswerNames, unwrapped};
use super::write::{Place, Unfold, Writer, unfold};
use crate::document::{
    Action, Document, Format, ImportError, ObjectId, Pointer, Remark, SourceObject, Wanted,
};
use crate::interner::InternCache;
use crate::tape::{Node, NodeIndex, Strings, Symbol, Tape};
use crate::tree::{Child, JsonDocuments, NodeId, Tree, TreeValue, shown};

/// Reads configuration items. Each is an object of its `resourceType`, with everything the item says; `configuration` and the members
/// of `supplementaryConfiguration` are read where they are JSON in a text.
///
/// # Errors
/// Where the text is broken, or there is no item in it: an event of another sort, for example.
pub fn import(text: &str, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Document, ImportError> {
    let mut document = Document::of(Format::AwsConfig);
    document.files.push("", text).map_err(|_| ImportError::malformed("the file is larger than 4 GiB"))?;
    let names = Names::new(strings);
    let answer = AnswerNames::new(strings);
    let mut import = ConfigImport {
        wanted,
        names,
        cache: InternCache::default(),
        pending: Vec::new(),
        items: Vec::new(),
        remarks: Vec::new(),
    };
    let mut tape = Tape::default();
    let mut documents = JsonDocuments::new(text);
    let mut has_any = false;
    while let Some(tree) = documents.next(strings)? {
        has_any = true;
        let root = unwrapped(tree, tree.root(), &answer)?;
        import.found(tree, root, &mut tape, strings)?;
    }
    if !has_any {
        return Err(ImportError::not_this_format("there is nothing in the file"));
    }
    document.tape = tape;
    import.finish(&mut document);
    Ok(document)
}

/// Whether a document, out of its wrapper, holds configuration items.
pub(crate) fn is_answer(tree: &Tree<'_>, root: NodeId, strings: &Strings) -> bool {
    let has = |name: &str| strings.get(name).is_some_and(|key| tree.member(root, key).is_some());
    has("configurationItems") || has("baseConfigurationItems")
}

struct Names {
    class: Symbol,
    none: Symbol,
    lists: [Symbol; 3],
    item: Symbol,
    invoking_event: Symbol,
    detail: Symbol,
    resource_type: Symbol,
    resource_id: Symbol,
    arn: Symbol,
    accounts: [Symbol; 2],
    region: Symbol,
    statuses: [Symbol; 2],
    captured: Symbol,
    configuration: Symbol,
    supplementary: Symbol,
}

impl Names {
    fn new(strings: &mut Strings) -> Names {
        let mut name = |text| strings.get_or_intern(text);
        for part in ["year", "month", "day", "hour", "minute", "second", "microsecond"] {
            name(part);
        }
        Names {
            class: name("__class__"),
            none: name(""),
            lists: ["configurationItems", "baseConfigurationItems", "Results"].map(&mut name),
            item: name("configurationItem"),
            invoking_event: name("invokingEvent"),
            detail: name("detail"),
            resource_type: name("resourceType"),
            resource_id: name("resourceId"),
            arn: name("arn"),
            accounts: ["awsAccountId", "accountId"].map(&mut name),
            region: name("awsRegion"),
            statuses: ["configurationItemStatus", "status"].map(&mut name),
            captured: name("configurationItemCaptureTime"),
            configuration: name("configuration"),
            supplementary: name("supplementaryConfiguration"),
        }
    }
}

/// An item, with what tells which one counts.
struct Item {
    object: SourceObject,
    /// Type, id, account and region.
    resource: [Symbol; 4],
    captured: Option<Timestamp>,
    is_deleted: bool,
}

struct ConfigImport<'a> {
    wanted: &'a dyn Wanted,
    names: Names,
    cache: InternCache,
    pending: Vec<(Symbol, Node)>,
    items: Vec<Item>,
    remarks: Vec<Remark>,
}

impl ConfigImport<'_> {
    /// Finds the items of a document.
    fn found(
        &mut self,
        tree: &Tree<'_>,
        root: NodeId,
        tape: &mut Tape,
        strings: &mut Strings,
    ) -> Result<(), ImportError> {
        if tree.is_list(root) {
            self.list(tree, root, tape, strings);
            return Ok(());
        }
        if let Some(list) = self.names.lists.iter().find_map(|name| tree.member(root, *name)) {
            self.list(tree, list, tape, strings);
            return Ok(());
        }
        if tree.member(root, self.names.resource_type).is_some() {
            self.item(tree, root, pointer_of(tree, root, strings), Place::Own, tape, strings);
            return Ok(());
        }
        if let Some(item) = tree.member(root, self.names.item) {
            self.item(tree, item, pointer_of(tree, item, strings), Place::Own, tape, strings);
            return Ok(());
        }
        if let Some(event) = tree.member(root, self.names.invoking_event) {
            return self.event(tree, event, tape, strings);
        }
        match tree.member(root, self.names.detail).and_then(|detail| tree.member(detail, self.names.item)) {
            Some(item) => {
                self.item(tree, item, pointer_of(tree, item, strings), Place::Own, tape, strings);
                Ok(())
            }
            None if tree.member(root, self.names.detail).is_some() => Err(ImportError::not_this_format(
                "this is an event that tells what somebody did, not what there is: it has no `configurationItem`".to_owned(),
            )),
            None => Err(ImportError::not_this_format(
                "there are no configuration items in here: AWS Config writes `configurationItems`, or items with a \
                 `resourceType`"
                    .to_owned(),
            )),
        }
    }

    /// What a rule of AWS Config is called with: the event is JSON in a text.
    fn event(
        &mut self,
        tree: &Tree<'_>,
        event: NodeId,
        tape: &mut Tape,
        strings: &mut Strings,
    ) -> Result<(), ImportError> {
        let place = Place::At(tree.offset(event));
        let item_name = self.names.item;
        let read = |inner: &Tree<'_>, strings: &mut Strings| {
            let item = inner.member(inner.root(), item_name)?;
            self.item(inner, item, Pointer::Written("".into()), place, tape, strings);
            Some(())
        };
        let found = match tree.text(event) {
            Some(text) => unfold(text, strings, read).flatten(),
            None => tree.member(event, item_name).map(|item| {
                self.item(tree, item, pointer_of(tree, item, strings), Place::Own, tape, strings)
            }),
        };
        found.ok_or_else(|| {
            ImportError::not_this_format(
                "the event that the rule was called with names no `configurationItem`: it came by schedule"
                    .to_owned(),
            )
        })
    }

    fn list(&mut self, tree: &Tree<'_>, list: NodeId, tape: &mut Tape, strings: &mut Strings) {
        // Found once: looking for where something is takes as long as there is to look at.
        let list_pointer = tree.pointer(list, |name| strings.resolve(&name).to_owned());
        for (position, element) in tree.elements(list).iter().enumerate() {
            match tree.value(element.node) {
                // Answers to queries hold each item as a text.
                TreeValue::Text(text) => {
                    let place = Place::At(tree.offset(element.node));
                    let read = |inner: &Tree<'_>, strings: &mut Strings| {
                        self.item(inner, inner.root(), Pointer::Written("".into()), place, tape, strings);
                    };
                    if unfold(text, strings, read).is_none() {
                        self.remark(tree.offset(element.node), "a text that is no JSON is left out");
                    }
                }
                _ => {
                    let pointer = Pointer::Written(format!("{list_pointer}/{position}").into());
                    self.item(tree, element.node, pointer, Place::Own, tape, strings);
                }
            }
        }
    }

    fn item(
        &mut self,
        tree: &Tree<'_>,
        node: NodeId,
        pointer: Pointer,
        place: Place,
        tape: &mut Tape,
        strings: &mut Strings,
    ) {
        let offset = match place {
            Place::Own => tree.offset(node),
            Place::At(offset) => offset,
        };
        let names = &self.names;
        let text = |name: Symbol| tree.member_text(node, name);
        let (Some(source_type), Some(id)) =
            (text(names.resource_type), text(names.resource_id).or_else(|| text(names.arn)))
        else {
            return self.remark(
                offset,
                "what has no `resourceType` and `resourceId` is no configuration item, and left out",
            );
        };
        let arn = text(names.arn).filter(|arn| arn.starts_with("arn:"));
        let account = names.accounts.iter().find_map(|name| text(*name)).unwrap_or_default();
        let address = arn.map_or_else(|| format!("{}/{}", shown(source_type), shown(id)), str::to_owned);
        let status = names.statuses.iter().find_map(|name| text(*name)).unwrap_or_default();
        let captured = self.captured(tree, node, strings);
        let names = &self.names;
        let [address, source_type, id, account, region] =
            [&address, source_type, id, account, text(names.region).unwrap_or_default()]
                .map(|text| strings.get_or_intern(text));
        let object = SourceObject {
            address,
            source_type,
            is_data: false,
            module: names.none,
            provider: account,
            action: Action::None,
            values: None,
            pointer,
            offset,
            document: None,
            depends_on: 0..0,
        };
        let is_deleted = status.starts_with("ResourceDeleted");
        let mut item = Item { object, resource: [source_type, id, account, region], captured, is_deleted };
        if !is_deleted {
            item.object.values = self.values(tree, node, place, source_type, tape, strings);
        }
        self.items.push(item);
    }

    fn values(
        &mut self,
        tree: &Tree<'_>,
        node: NodeId,
        place: Place,
        source_type: Symbol,
        tape: &mut Tape,
        strings: &mut Strings,
    ) -> Option<NodeIndex> {
        let filter = self.wanted.attributes(strings.resolve(&source_type), false)?;
        let members = tree.members(node).iter().copied();
        let kept: Vec<Child> = members.filter(|member| filter.keeps(strings.resolve(&member.key))).collect();
        let (configuration, supplementary) = (self.names.configuration, self.names.supplementary);
        let unfolds = |key: Symbol| match key {
            key if key == configuration => Unfold::Itself,
            key if key == supplementary => Unfold::Members,
            _ => Unfold::Nothing,
        };
        let mut writer = Writer {
            tape,
            strings,
            cache: &mut self.cache,
            pending: &mut self.pending,
            class: self.names.class,
        };
        Some(writer.object(tree, tree.offset(node), &kept, place, &unfolds))
    }

    /// When the item was captured.
    fn captured(&mut self, tree: &Tree<'_>, node: NodeId, strings: &mut Strings) -> Option<Timestamp> {
        let captured = tree.member(node, self.names.captured)?;
        let written = match tree.value(captured) {
            TreeValue::Text(text) => text.to_string(),
            TreeValue::Int(seconds) => return Timestamp::from_second(*seconds).ok(),
            TreeValue::Number(seconds) => {
                let milliseconds = (seconds.parse::<f64>().ok()? * 1000.0).round();
                let is_instant = milliseconds.abs() < 1e15;
                return Timestamp::from_millisecond(is_instant.then_some(milliseconds as i64)?).ok();
            }
            TreeValue::Object { .. } => {
                let mut scratch = Tape::default();
                let writer = Writer {
                    tape: &mut scratch,
                    strings: &mut *strings,
                    cache: &mut self.cache,
                    pending: &mut self.pending,
                    class: self.names.class,
                };
                writer.instant(tree, captured)?
            }
            _ => return None,
        };
        written.parse().ok()
    }

    fn remark(&mut self, offset: u32, message: &str) {
        self.remarks.push(Remark { message: message.to_owned(), address: None, offset });
    }

    /// Of several items of one resource the latest counts; of equally late ones, the first: histories begin with the last.
    fn finish(self, document: &mut Document) {
        let mut latest: FxHashMap<[Symbol; 4], usize> = FxHashMap::default();
        for (position, item) in self.items.iter().enumerate() {
            let entry = latest.entry(item.resource).or_insert(position);
            if self.items.get(*entry).is_some_and(|known| known.captured < item.captured) {
                *entry = position;
            }
        }
        let all = self.items.len();
        let mut deleted = 0;
        document.remarks = self.remarks;
        document.timestamp =
            self.items.iter().filter_map(|item| item.captured).max().map(|made| made.to_string());
        for (position, item) in self.items.into_iter().enumerate() {
            if latest.get(&item.resource) != Some(&position) {
                continue;
            }
            if item.is_deleted {
                deleted += 1;
                continue;
            }
            if let Some(captured) = item.captured {
                let id = ObjectId(document.objects.len() as u32);
                document.observed.insert(id, captured.as_second());
            }
            document.objects.push(item.object);
        }
        let older = all - document.objects.len() - deleted;
        for (count, what) in [
            (older, "older than another one of the same resource"),
            (deleted, "of a resource that was deleted"),
        ] {
            if count > 0 {
                let items = if count == 1 { "1 item is".to_owned() } else { format!("{count} items are") };
                let message = format!("{items} {what}, and left out");
                document.remarks.push(Remark { message, address: None, offset: 0 });
            }
        }
    }
}

fn pointer_of(tree: &Tree<'_>, node: NodeId, strings: &Strings) -> Pointer {
    Pointer::Written(tree.pointer(node, |name| strings.resolve(&name).to_owned()).into())
}
