use rustc_hash::FxHashMap;

use super::ByKey;
use super::declared::{Declared, Resource, attribute, offset_of};
use super::evaluate::Evaluator;
use super::tree::{Shape, Tree};
use crate::document::ObjectId;
use crate::tape::UnknownCause;

/// More objects than this are no test and no configuration.
const MAX_INSTANCES: usize = 100_000;

/// What is bound, by name.
pub(super) type Scope = Vec<(String, Tree)>;

/// What `count` and `for_each` make of the blocks.
#[derive(Default)]
pub(super) struct Instances {
    pub all: Vec<Instance>,
    /// By position of the block.
    by_resource: FxHashMap<usize, Vec<ObjectId>>,
    by_key: FxHashMap<usize, ByKey>,
    /// Some block has a number of instances that is not known.
    pub is_open: bool,
    pub remarks: Vec<(String, u32)>,
}

/// One object in the making.
pub(super) struct Instance {
    /// The block, by position.
    pub resource: usize,
    pub address: String,
    /// `each` or `count`.
    pub scope: Scope,
}

impl Instances {
    pub fn of(declared: &Declared<'_>) -> Instances {
        let mut instances = Instances::default();
        for (position, resource) in declared.resources.iter().enumerate() {
            instances.expand(declared, position, resource);
        }
        instances
    }

    fn expand(&mut self, declared: &Declared<'_>, position: usize, resource: &Resource<'_>) {
        let body = &resource.block.body;
        let (word, expression) = match (attribute(body, "count"), attribute(body, "for_each")) {
            (Some(count), _) => ("count", count),
            (None, Some(each)) => ("for_each", each),
            (None, None) => return self.add(position, resource, "", Vec::new()),
        };
        let value = Evaluator::new(declared, None).expression(expression);
        let keyed: Option<Vec<(String, Scope)>> = match (word, &value.shape) {
            ("count", Shape::Int(count)) => usize::try_from(*count).ok().map(|count| {
                let count = count.min(MAX_INSTANCES + 1);
                (0..count).map(|number| (format!("[{number}]"), counted(Some(number), &value))).collect()
            }),
            ("for_each", Shape::Object(members)) => {
                Some(members.iter().map(|(key, member)| (keyed(key), each(key, member.clone()))).collect())
            }
            ("for_each", Shape::List(items)) => items
                .iter()
                .map(|item| item.text().map(|key| (keyed(&key), each(&key, item.clone()))))
                .collect(),
            _ => None,
        };
        match keyed {
            Some(mut found) if self.all.len() + found.len() <= MAX_INSTANCES => {
                found.sort_by(|left, right| {
                    if word == "for_each" { left.0.cmp(&right.0) } else { std::cmp::Ordering::Equal }
                });
                found.dedup_by(|later, first| later.0 == first.0);
                for (key, scope) in found {
                    self.add(position, resource, &key, scope);
                }
            }
            _ => {
                self.is_open = true;
                let message =
                    format!("{}: its `{word}` is not known, one instance stands for all", resource.address());
                self.remarks.push((message, offset_of(expression)));
                let unknown = Tree::unknown(UnknownCause::KnownAfterApply, value.offset);
                let scope =
                    if word == "count" { counted(None, &value) } else { each_of(unknown.clone(), unknown) };
                self.add(position, resource, "", scope);
            }
        }
    }

    fn add(&mut self, position: usize, resource: &Resource<'_>, key: &str, scope: Scope) {
        let id = ObjectId(self.all.len() as u32);
        self.by_resource.entry(position).or_default().push(id);
        self.by_key.entry(position).or_default().insert(key.to_owned(), id);
        self.all.push(Instance {
            resource: position,
            address: format!("{}{key}", resource.address()),
            scope,
        });
    }

    pub fn of_resource(&self, position: usize) -> &[ObjectId] {
        self.by_resource.get(&position).map_or(&[], Vec::as_slice)
    }

    /// The one with a key as an address writes it: `[0]`, `["a"]`.
    pub fn with_key(&self, position: usize, key: &str) -> Option<ObjectId> {
        self.by_key.get(&position)?.get(key).copied()
    }
}

/// A key as addresses write it.
pub(super) fn keyed(key: &str) -> String {
    format!("[\"{key}\"]")
}

fn each(key: &str, value: Tree) -> Scope {
    each_of(Tree::new(Shape::Text(key.to_owned()), value.offset), value)
}

fn each_of(key: Tree, value: Tree) -> Scope {
    let offset = value.offset;
    let members = vec![("key".to_owned(), key), ("value".to_owned(), value)];
    vec![("each".to_owned(), Tree::new(Shape::Object(members), offset))]
}

fn counted(number: Option<usize>, count: &Tree) -> Scope {
    let shape = match number {
        Some(number) => Shape::Int(number as i64),
        None => Shape::Unknown(UnknownCause::KnownAfterApply),
    };
    let members = vec![("index".to_owned(), Tree::new(shape, count.offset))];
    vec![("count".to_owned(), Tree::new(Shape::Object(members), count.offset))]
}
