//! Objects of Kubernetes: manifests, lists that an API server answers with, requests for admission; YAML or JSON.

mod likeness;
mod names;
mod object;

use crate::document::{Action, Document, Format, ImportError, Layer, ObjectId, Pointer, Remark, Wanted};
use crate::interner::InternCache;
use crate::tape::{Node, Strings, Symbol};
use crate::tree::{Documents, NodeId, Tree, TreeValue, shown};
use likeness::Likeness;
use names::Names;

/// Reads one file.
///
/// # Errors
/// Where the text is broken, and where there is no object in it: a kustomization, a Helm template, values of a chart.
pub fn import(text: &str, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Document, ImportError> {
    let mut import = KubernetesImport::new(wanted, strings);
    import.add("", text)?;
    Ok(import.finish())
}

/// Reads files, one after the other.
pub struct KubernetesImport<'a> {
    wanted: &'a dyn Wanted,
    strings: &'a mut Strings,
    names: Names,
    cache: InternCache,
    pending: Vec<(Symbol, Node)>,
    document: Document,
    /// Objects that are running.
    running: Vec<ObjectId>,
}

/// What is known of the file at hand.
struct File<'t> {
    text: &'t str,
    /// Whether anything in it is an object, or a list of objects.
    has_objects: bool,
    /// Documents so far, with empty ones.
    documents: u32,
    /// What is no object: where, and what it is.
    refused: Vec<(u32, Likeness)>,
}

/// How much of a document was there before a file.
struct Extent {
    objects: usize,
    nodes: usize,
    lists: usize,
    remarks: usize,
    running: usize,
}

/// Where an object stands in its document, and what a list around it says of it.
struct Around {
    pointer: Pointer,
    api_version: Option<String>,
    kind: Option<String>,
    namespace: Option<String>,
    action: Action,
}

impl<'a> KubernetesImport<'a> {
    pub fn new(wanted: &'a dyn Wanted, strings: &'a mut Strings) -> KubernetesImport<'a> {
        KubernetesImport {
            wanted,
            names: Names::new(strings),
            strings,
            cache: InternCache::default(),
            pending: Vec::new(),
            document: Document::of(Format::Kubernetes),
            running: Vec::new(),
        }
    }

    /// Reads a file; `name` is relative to what was named as the source, empty where that is this file.
    ///
    /// # Errors
    /// As [`import`]; then nothing of the file is kept.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), ImportError> {
        let mut file = File { text, has_objects: false, documents: 0, refused: Vec::new() };
        let before = self.extent();
        let added = match self.read(&mut file) {
            Ok(()) => self.keep(name, &file, &before),
            Err(error) => Err(error),
        };
        if added.is_err() {
            self.restore(&before);
        }
        added
    }

    /// All that was read. Where some of it runs and some is only meant to, the document says which.
    pub fn finish(self) -> Document {
        let KubernetesImport { mut document, running, .. } = self;
        if !running.is_empty() && running.len() == document.objects.len() {
            document.layer = Some(Layer::Running);
        } else {
            document.other_layers = running.into_iter().map(|object| (object, Layer::Running)).collect();
        }
        document
    }

    fn extent(&self) -> Extent {
        Extent {
            objects: self.document.objects.len(),
            nodes: self.document.tape.len(),
            lists: self.document.lists.len(),
            remarks: self.document.remarks.len(),
            running: self.running.len(),
        }
    }

    fn restore(&mut self, before: &Extent) {
        self.document.objects.truncate(before.objects);
        self.document.lists.truncate(before.lists);
        self.document.remarks.truncate(before.remarks);
        self.document.tape.marks.retain(|node, _| (node.0 as usize) < before.nodes);
        self.document.tape.truncate(before.nodes);
        self.running.truncate(before.running);
    }

    fn read(&mut self, file: &mut File<'_>) -> Result<(), ImportError> {
        let text = file.text;
        let mut documents = Documents::new(text);
        loop {
            let tree = match documents.next(self.strings) {
                Ok(Some(tree)) => tree,
                Ok(None) => break,
                Err(error) => return Err(likeness::of_broken(text).unwrap_or(error)),
            };
            self.document(tree, file)?;
            file.documents += 1;
        }
        if !file.has_objects {
            return Err(match file.refused.first() {
                None => ImportError::not_this_format("there is nothing in the file but comments"),
                Some((_, likeness)) => ImportError::not_this_format(likeness.message()),
            });
        }
        Ok(())
    }

    /// Says what there is to say about the file as a whole, and which of its documents objects are in.
    fn keep(&mut self, name: &str, file: &File<'_>, before: &Extent) -> Result<(), ImportError> {
        let document = &mut self.document;
        let start = document.files.next_start();
        for object in document.objects.iter_mut().skip(before.objects) {
            object.document = object.document.filter(|_| file.documents > 1);
        }
        for (offset, likeness) in &file.refused {
            let message = format!("left out: {}", likeness.message());
            document.remarks.push(Remark { message, address: None, offset: start + offset });
        }
        let added = document.files.push(name, file.text);
        added.map(|_| ()).map_err(|_| ImportError::malformed("the files together are larger than 4 GiB"))
    }

    /// A document of a file: an object, a list of them, or nothing of that kind.
    fn document(&mut self, tree: &Tree<'_>, file: &mut File<'_>) -> Result<(), ImportError> {
        let root = tree.root();
        if let Some(tagged) = tree.first_tagged() {
            let tag = tree.tag(tagged).unwrap_or_default();
            if let Some(likeness) = Likeness::of_tagged(tree, root, &self.names) {
                file.refused.push((tree.offset(tagged), likeness));
                return Ok(());
            }
            let message = format!("the tag `{}` means nothing in Kubernetes", shown(tag));
            return Err(self.located(tree, tagged, file.text, message));
        }
        match tree.value(root) {
            TreeValue::Null => Ok(()),
            TreeValue::List { .. }
                if tree.elements(root).iter().any(|item| self.is_object(tree, item.node)) =>
            {
                self.list(tree, root, "", (None, None), file)
            }
            _ => self.one(tree, root, Around::document(), file, 0),
        }
    }

    /// An object, or a list of objects that is one itself.
    fn one(
        &mut self,
        tree: &Tree<'_>,
        node: NodeId,
        around: Around,
        file: &mut File<'_>,
        depth: u32,
    ) -> Result<(), ImportError> {
        let names = &self.names;
        let api_version = tree.member_text(node, names.api_version).or(around.api_version.as_deref());
        let kind = tree.member_text(node, names.kind).or(around.kind.as_deref());
        let (Some(api_version), Some(kind)) = (api_version.filter(|text| !text.is_empty()), kind) else {
            let likeness = Likeness::of(tree, node, names, self.strings);
            file.refused.push((tree.offset(node), likeness));
            return Ok(());
        };
        if let Some(likeness) = Likeness::of_object(tree, node, api_version, kind, names) {
            if likeness.is_about_all() {
                return Err(ImportError::not_this_format(likeness.message()));
            }
            file.refused.push((tree.offset(node), likeness));
            return Ok(());
        }
        if let (Some(item_kind), Some(items)) = (kind.strip_suffix("List"), tree.member(node, names.items))
            && depth < 2
            && matches!(tree.value(items), TreeValue::List { .. } | TreeValue::Null)
        {
            let of_items = match item_kind {
                "" => (None, None),
                kind => (Some(api_version.to_owned()), Some(kind.to_owned())),
            };
            let Pointer::Written(pointer) = &around.pointer else {
                return self.object(tree, node, (api_version.to_owned(), kind.to_owned()), around, file);
            };
            return self.list(tree, items, &format!("{pointer}/items"), of_items, file);
        }
        if kind == "AdmissionReview" && api_version.starts_with("admission.k8s.io/") {
            return self.review(tree, node, file);
        }
        let type_of_it = (api_version.to_owned(), kind.to_owned());
        self.object(tree, node, type_of_it, around, file)
    }

    fn list(
        &mut self,
        tree: &Tree<'_>,
        items: NodeId,
        pointer: &str,
        (api_version, kind): (Option<String>, Option<String>),
        file: &mut File<'_>,
    ) -> Result<(), ImportError> {
        file.has_objects = true;
        let list = self.document.lists.len() as u32;
        self.document.lists.push(pointer.into());
        for (position, child) in tree.elements(items).iter().enumerate() {
            let around = Around {
                pointer: Pointer::Element { list, position: position as u32 },
                api_version: api_version.clone(),
                kind: kind.clone(),
                ..Around::document()
            };
            self.one(tree, child.node, around, file, 1)?;
        }
        Ok(())
    }

    fn is_object(&self, tree: &Tree<'_>, node: NodeId) -> bool {
        tree.member_text(node, self.names.api_version).is_some()
            && tree.member_text(node, self.names.kind).is_some()
    }

    fn located(&self, tree: &Tree<'_>, node: NodeId, text: &str, message: String) -> ImportError {
        let name = |symbol: Symbol| shown(self.strings.resolve(&symbol)).into_owned();
        let error = ImportError::malformed(message).in_text(text, tree.offset(node));
        ImportError { pointer: Some(tree.pointer(node, name)), ..error }
    }
}

impl Around {
    fn document() -> Around {
        Around {
            pointer: Pointer::Written("".into()),
            api_version: None,
            kind: None,
            namespace: None,
            action: Action::None,
        }
    }
}
