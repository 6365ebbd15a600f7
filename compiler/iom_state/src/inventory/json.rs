//! Lists of things in JSON or YAML, of whatever form. What the things are called by adapters:
//!
//! - A list at the top, or a document that is one thing: the name of the file without its ending.
//! - Lists in an object that says nothing else of its own, and a single object in one: the name of the member.

use super::address::Addresses;
use super::answer::{AnswerNames, answered_at, unwrapped};
use super::aws_config;
use super::write::{Place, Unfold, Writer};
use crate::document::{
    Action, Document, Format, ImportError, ObjectId, Pointer, Remark, SourceObject, Wanted,
};
use crate::interner::InternCache;
use crate::tape::{Node, Strings, Symbol};
use crate::tree::{Child, Documents, NodeId, Tree, TreeValue, shown};

/// Reads an inventory; `source_type` is what things without another name are of: the file's name without its ending.
///
/// # Errors
/// Where the text is broken, there is no thing in it, or it is a recorded answer that says that something failed.
pub fn import(
    text: &str,
    source_type: &str,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    let mut document = Document::of(Format::Json);
    document.files.push("", text).map_err(|_| ImportError::malformed("the file is larger than 4 GiB"))?;
    let mut import = JsonImport {
        text,
        wanted,
        answer: AnswerNames::new(strings),
        names: JsonNames::new(strings),
        cache: InternCache::default(),
        pending: Vec::new(),
        addresses: Addresses::default(),
        document: &mut document,
        is_empty: true,
    };
    let mut documents = Documents::new(text);
    let mut number = 0;
    let mut latest = None;
    while let Some(tree) = documents.next(strings)? {
        let root = unwrapped(tree, tree.root(), &import.answer)?;
        if number == 0 && aws_config::is_answer(tree, root, strings) {
            return aws_config::import(text, wanted, strings);
        }
        let before = import.document.objects.len();
        import.document(tree, root, source_type, number, strings)?;
        if let Some(answered) = answered_at(tree, tree.root(), root, &import.answer) {
            let objects = before..import.document.objects.len();
            let ids = objects.map(|position| ObjectId(position as u32));
            import.document.observed.extend(ids.map(|id| (id, answered.as_second())));
            latest = latest.max(Some(answered));
        }
        number += 1;
    }
    import.document.timestamp = latest.map(|latest| latest.to_string());
    if import.is_empty {
        return Err(ImportError::not_this_format("there is nothing in the file"));
    }
    if number == 1 {
        document.objects.iter_mut().for_each(|object| object.document = None);
    }
    Ok(document)
}

struct JsonNames {
    class: Symbol,
    response_metadata: Symbol,
    none: Symbol,
    /// What things are called by, the better first.
    naming: [Symbol; 8],
}

impl JsonNames {
    fn new(strings: &mut Strings) -> JsonNames {
        let mut name = |text| strings.get_or_intern(text);
        // The parts of recorded instants are asked for by name.
        for part in ["year", "month", "day", "hour", "minute", "second", "microsecond"] {
            name(part);
        }
        JsonNames {
            class: name("__class__"),
            response_metadata: name("ResponseMetadata"),
            none: name(""),
            naming: ["id", "arn", "name", "Id", "Arn", "Name", "hostname", "selfLink"].map(name),
        }
    }
}

struct JsonImport<'a> {
    text: &'a str,
    wanted: &'a dyn Wanted,
    answer: AnswerNames,
    names: JsonNames,
    cache: InternCache,
    pending: Vec<(Symbol, Node)>,
    addresses: Addresses,
    document: &'a mut Document,
    /// Nothing but comments and nulls so far.
    is_empty: bool,
}

impl JsonImport<'_> {
    /// One document of the file.
    fn document(
        &mut self,
        tree: &Tree<'_>,
        root: NodeId,
        source_type: &str,
        number: u32,
        strings: &mut Strings,
    ) -> Result<(), ImportError> {
        let pointer = if root == tree.root() {
            String::new()
        } else {
            tree.pointer(root, |name| strings.resolve(&name).to_owned())
        };
        self.is_empty &= tree.is_null(root);
        match tree.value(root) {
            TreeValue::List { .. } => {
                let members = tree.elements(root);
                if !members.is_empty() && members.iter().all(|member| !tree.is_object(member.node)) {
                    return Err(self.located(
                        tree,
                        root,
                        "the list holds no objects: things have names and values",
                    ));
                }
                self.list(tree, root, source_type, &pointer, number, strings);
                Ok(())
            }
            TreeValue::Object { .. } => {
                self.top(tree, root, source_type, &pointer, number, strings);
                Ok(())
            }
            TreeValue::Null => Ok(()),
            _ => Err(self.located(tree, root, "this is a single value: things have names and values")),
        }
    }

    /// An object at the top: it holds things, or is one.
    fn top(
        &mut self,
        tree: &Tree<'_>,
        root: NodeId,
        source_type: &str,
        pointer: &str,
        number: u32,
        strings: &mut Strings,
    ) {
        let metadata = self.names.response_metadata;
        let members: Vec<Child> =
            tree.members(root).iter().copied().filter(|member| member.key != metadata).collect();
        let below = |key: Symbol, strings: &Strings| {
            let name = strings.resolve(&key).to_owned();
            let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            (name, pointer)
        };
        if let [only] = members.as_slice()
            && tree.is_object(only.node)
        {
            let (name, pointer) = below(only.key, strings);
            let inner = tree.members(only.node).to_vec();
            return self.thing(
                tree,
                only.node,
                &inner,
                &name,
                Pointer::Written(pointer.into()),
                0,
                number,
                strings,
            );
        }
        if !holds_things(tree, &members, strings) {
            return self.thing(
                tree,
                root,
                &members,
                source_type,
                Pointer::Written(pointer.into()),
                0,
                number,
                strings,
            );
        }
        let (lists, others): (Vec<Child>, Vec<Child>) =
            members.into_iter().partition(|member| is_list_of_things(tree, member.node));
        for list in lists {
            let (name, pointer) = below(list.key, strings);
            self.list(tree, list.node, &name, &pointer, number, strings);
        }
        if !others.is_empty() {
            let names: Vec<String> =
                others.iter().map(|other| format!("`{}`", shown(strings.resolve(&other.key)))).collect();
            let message = format!(
                "what stands beside the lists is part of no thing, and left out: {}",
                names.join(", ")
            );
            self.document.remarks.push(Remark { message, address: None, offset: tree.offset(root) });
        }
    }

    fn list(
        &mut self,
        tree: &Tree<'_>,
        list: NodeId,
        source_type: &str,
        pointer: &str,
        number: u32,
        strings: &mut Strings,
    ) {
        let index = self.document.lists.len() as u32;
        self.document.lists.push(pointer.into());
        for (position, element) in tree.elements(list).iter().enumerate() {
            if !tree.is_object(element.node) {
                let message =
                    format!("element {position} of `{}` is no object, and left out", shown(source_type));
                self.document.remarks.push(Remark {
                    message,
                    address: None,
                    offset: tree.offset(element.node),
                });
                continue;
            }
            let pointer = Pointer::Element { list: index, position: position as u32 };
            let members = tree.members(element.node).to_vec();
            self.thing(tree, element.node, &members, source_type, pointer, position, number, strings);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "where a thing stands takes as many words")]
    fn thing(
        &mut self,
        tree: &Tree<'_>,
        node: NodeId,
        members: &[Child],
        source_type: &str,
        pointer: Pointer,
        position: usize,
        number: u32,
        strings: &mut Strings,
    ) {
        let name =
            self.names.naming.iter().find_map(|key| tree.member(node, *key).and_then(|id| name_of(tree, id)));
        let position = if matches!(pointer, Pointer::Element { .. }) { position } else { number as usize };
        let address = self.addresses.give(source_type, name.as_deref(), position, strings);
        let filter = self.wanted.attributes(source_type, false);
        let values = filter.map(|filter| {
            let kept: Vec<Child> =
                members.iter().copied().filter(|member| filter.keeps(strings.resolve(&member.key))).collect();
            let mut writer = Writer {
                tape: &mut self.document.tape,
                strings: &mut *strings,
                cache: &mut self.cache,
                pending: &mut self.pending,
                class: self.names.class,
            };
            writer.object(tree, tree.offset(node), &kept, Place::Own, &|_| Unfold::Nothing)
        });
        self.document.objects.push(SourceObject {
            address,
            source_type: strings.get_or_intern(source_type),
            is_data: false,
            module: self.names.none,
            provider: self.names.none,
            action: Action::None,
            values,
            pointer,
            offset: tree.offset(node),
            document: Some(number),
            depends_on: 0..0,
        });
    }

    fn located(&self, tree: &Tree<'_>, node: NodeId, message: &str) -> ImportError {
        ImportError::malformed(message).in_text(self.text, tree.offset(node))
    }
}

/// Whether an object only holds lists of things: it has at least one, nothing else in it is more than a value, and nothing names it.
fn holds_things(tree: &Tree<'_>, members: &[Child], strings: &Strings) -> bool {
    let is_plain = |member: &Child| match tree.value(member.node) {
        TreeValue::Object { .. } => false,
        TreeValue::List { .. } => tree
            .elements(member.node)
            .iter()
            .all(|element| !tree.is_object(element.node) && !tree.is_list(element.node)),
        _ => !names_something(strings.resolve(&member.key)),
    };
    members.iter().any(|member| is_list_of_things(tree, member.node))
        && members.iter().all(|member| is_list_of_things(tree, member.node) || is_plain(member))
}

/// A list of objects; an empty one may be that.
fn is_list_of_things(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.is_list(node) && tree.elements(node).iter().all(|element| tree.is_object(element.node))
}

/// Whether a member by this name tells its object from others: `id`, `bucketName`, `resourceId`.
fn names_something(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["id", "name", "arn"].iter().any(|end| name.ends_with(end)) || name == "selflink"
}

fn name_of(tree: &Tree<'_>, node: NodeId) -> Option<String> {
    match tree.value(node) {
        TreeValue::Text(text) => Some(text.to_string()),
        TreeValue::Int(number) => Some(number.to_string()),
        _ => None,
    }
}
