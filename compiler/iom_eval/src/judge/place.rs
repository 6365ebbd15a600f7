use std::fmt::Write;
use std::sync::Arc;

use iom_model::Location;
use iom_state::document::{Layer as StateLayer, SourceObject};
use iom_state::tape::{NodeIndex, NodeValue, Tape};

use crate::facts::{Estate, Origin};
use crate::report::{Layer, Place, WrittenPlace};
use crate::value::{ElementId, Value};

pub(crate) fn report_layer(layer: StateLayer) -> Layer {
    match layer {
        StateLayer::Intended => Layer::Intended,
        StateLayer::Built => Layer::Built,
        StateLayer::Running => Layer::Running,
    }
}

/// A place in an `.iom` file.
pub(crate) fn source_place(location: &Location) -> Place {
    Place {
        file: location.file.clone(),
        line: location.line,
        column: location.column,
        pointer: None,
        document: None,
        written: None,
    }
}

impl Estate {
    /// Where an element stands in its source: the object, or the piece of it that the element was made of.
    pub(crate) fn element_place(&self, id: ElementId) -> Option<Place> {
        match &self.element(id).origin {
            Origin::Declared { resource, .. } => Some(source_place(self.program.place_of(*resource, None)?)),
            Origin::Imported { source, object, this, .. } => {
                let values = self.object(*source, *object)?.values;
                match this {
                    Value::Node { source, node } if Some(*node) != values => {
                        self.node_place(*source, *object, *node)
                    }
                    _ => self.object_place(*source, *object),
                }
            }
        }
    }

    pub(crate) fn object_place(&self, source: u32, object: u32) -> Option<Place> {
        let found = self.object(source, object)?;
        let from = self.sources.get(source as usize)?;
        let (file, line, column) = from.place(found.offset);
        Some(Place {
            file,
            line,
            column,
            pointer: Some(from.document.pointer(found).into()),
            document: found.document,
            written: self.written_place(source, found, ""),
        })
    }

    /// Where a value of an object stands.
    pub(crate) fn node_place(&self, source: u32, object: u32, node: NodeIndex) -> Option<Place> {
        let path = self.path_in(source, object, node).unwrap_or_default();
        self.place_at(source, object, node, &path)
    }

    /// Where the configuration beside a source writes a value of an object: `path` is a JSON pointer into its attributes.
    fn written_place(&self, source: u32, object: &SourceObject, path: &str) -> Option<Arc<WrittenPlace>> {
        let sources = self.sources.get(source as usize)?.document.sources.as_ref()?;
        let place = sources.place(self.strings.resolve(&object.address), path)?;
        Some(Arc::new(WrittenPlace { file: place.file.into(), line: place.line, column: place.column }))
    }

    /// Where a value of a source stands, whatever object it belongs to.
    pub(crate) fn place_of_node(&self, source: u32, node: NodeIndex) -> Option<Place> {
        let document = &self.sources.get(source as usize)?.document;
        let offset = document.tape.node(node).offset;
        let starts = self.object_starts(source);
        let after = starts.partition_point(|(start, _)| *start <= offset);
        // The object that starts last before the value is the one around it. But what a source says of a value elsewhere, as
        // that it is not known yet, stands anywhere: there the object is the one that has the node.
        let (_, around) = starts.get(after.checked_sub(1)?)?;
        let found = self.path_in(source, *around, node).map(|path| (*around, path)).or_else(|| {
            let holder = self.object_index(source).by_root(self, source, node)?;
            Some((holder, self.path_in(source, holder, node)?))
        });
        let (object, path) = found.unwrap_or_else(|| (*around, String::new()));
        self.place_at(source, object, node, &path)
    }

    fn place_at(&self, source: u32, object: u32, node: NodeIndex, path: &str) -> Option<Place> {
        let found = self.object(source, object)?;
        let written = self.written_place(source, found, path);
        let source = self.sources.get(source as usize)?;
        let (file, line, column) = source.place(source.document.tape.node(node).offset);
        let pointer = source.document.values_pointer(found) + path;
        let pointer = Some(pointer.into());
        Some(Place { file, line, column, pointer, document: found.document, written })
    }

    /// The JSON pointer from an object's values down to a node of them.
    fn path_in(&self, source: u32, object: u32, node: NodeIndex) -> Option<String> {
        self.path_to(source, self.object(source, object)?.values?, node)
    }

    /// The JSON pointer from one node down to another one inside it.
    fn path_to(&self, source: u32, from: NodeIndex, to: NodeIndex) -> Option<String> {
        let tape = &self.sources[source as usize].document.tape;
        let mut way = Vec::new();
        if !leads_to(tape, from, to, &mut way) {
            return None;
        }
        let mut path = String::new();
        let mut around = from;
        for (position, child) in way {
            path.push('/');
            match tape.node(around).value {
                NodeValue::Object { .. } => push_escaped(&mut path, self.strings.resolve(&tape.key(child))),
                _ => {
                    let _ = write!(path, "{position}");
                }
            }
            around = child;
        }
        Some(path)
    }
}

/// Finds the way from one node down to another one inside it: its steps, each with its position.
fn leads_to(tape: &Tape, from: NodeIndex, to: NodeIndex, way: &mut Vec<(u32, NodeIndex)>) -> bool {
    if from == to {
        return true;
    }
    let (NodeValue::List { first, len } | NodeValue::Object { first, len }) = tape.node(from).value else {
        return false;
    };
    // Mostly it is one of these: then nothing else is looked into.
    if let Some(position) = to.0.checked_sub(first.0).filter(|position| *position < len) {
        way.push((position, to));
        return true;
    }
    for position in 0..len {
        let child = NodeIndex(first.0 + position);
        way.push((position, child));
        if leads_to(tape, child, to, way) {
            return true;
        }
        way.pop();
    }
    false
}

/// Adds a name as a step of a JSON pointer.
fn push_escaped(pointer: &mut String, name: &str) {
    if name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(name);
    }
}
