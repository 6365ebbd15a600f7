use super::{Around, File, KubernetesImport};
use crate::document::{Action, ImportError, ObjectId, Pointer, Remark, SourceObject};
use crate::tape::{Node, NodeIndex, NodeValue, Symbol};
use crate::tree::{Child, Keep, NodeId, Tree, TreeWriter, shown};

/// Who wrote which field, and a copy of the object as it was last applied: nothing that is not said elsewhere, and of secrets
/// it is said in the open.
const METADATA: Keep = Keep::Members(&[
    ("managedFields", Keep::Nothing),
    ("annotations", Keep::Members(&[("kubectl.kubernetes.io/last-applied-configuration", Keep::Nothing)])),
]);

impl KubernetesImport<'_> {
    /// An object that is to be admitted. What it replaces, or what is deleted, is not.
    pub(super) fn review(
        &mut self,
        tree: &Tree<'_>,
        node: NodeId,
        file: &mut File<'_>,
    ) -> Result<(), ImportError> {
        file.has_objects = true;
        let names = &self.names;
        let Some(request) = tree.member(node, names.request) else {
            return Err(self.located(tree, node, file.text, "the review has no `request`".to_owned()));
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let operation = tree.member_text(request, names.operation).unwrap_or_default();
        let action = match operation {
            "CREATE" => Action::Create,
            "UPDATE" => Action::Update,
            "DELETE" => Action::Delete,
            _ => Action::None,
        };
        let Some(object) = tree.member(request, names.object).filter(|object| !tree.is_null(*object)) else {
            let message = format!("nothing is to be admitted: the operation is {}", shown(operation));
            let offset = self.document.files.next_start() + tree.offset(request);
            self.document.remarks.push(Remark { message, address: None, offset });
            return Ok(());
        };
        let kind = tree.member(request, names.kind);
        let of_kind = |name| kind.and_then(|kind| tree.member_text(kind, name));
        let group = of_kind(names.group).filter(|group| !group.is_empty()).map(|group| format!("{group}/"));
        let api_version = of_kind(names.version).map(|version| group.unwrap_or_default() + version);
        let around = Around {
            pointer: Pointer::Written("/request/object".into()),
            api_version,
            kind: owned(of_kind(names.kind)),
            namespace: owned(tree.member_text(request, names.namespace)),
            action,
        };
        self.one(tree, object, around, file, 2)
    }

    pub(super) fn object(
        &mut self,
        tree: &Tree<'_>,
        node: NodeId,
        (api_version, kind): (String, String),
        around: Around,
        file: &mut File<'_>,
    ) -> Result<(), ImportError> {
        file.has_objects = true;
        // What is to be admitted is only proposed, whatever the server has filled in already.
        let is_running = around.action == Action::None && self.names.is_running(tree, node);
        let address = self.address(tree, node, &kind, &around);
        let source_type = format!("{api_version}/{kind}");
        let values = self.values(tree, node, &source_type, (&api_version, &kind));
        let document = &mut self.document;
        if is_running {
            self.running.push(ObjectId(document.objects.len() as u32));
        }
        let offset = document.files.next_start() + tree.offset(node);
        let symbol = self.strings.get_or_intern(&address);
        if address.ends_with('/') {
            let message = format!("the {} has no name", shown(&kind));
            document.remarks.push(Remark { message, address: Some(symbol), offset });
        }
        document.objects.push(SourceObject {
            address: symbol,
            source_type: self.strings.get_or_intern(&source_type),
            is_data: false,
            module: self.names.nothing,
            provider: self.names.provider,
            action: around.action,
            values,
            pointer: around.pointer,
            offset,
            document: Some(file.documents),
            depends_on: 0..0,
        });
        Ok(())
    }

    /// `Deployment/shop/web`; `Deployment/web` where the object names no namespace.
    fn address(&self, tree: &Tree<'_>, node: NodeId, kind: &str, around: &Around) -> String {
        let names = &self.names;
        let metadata = tree.member(node, names.metadata);
        let of = |name| {
            metadata.and_then(|metadata| tree.member_text(metadata, name)).filter(|text| !text.is_empty())
        };
        let name = of(names.name).or_else(|| of(names.generate_name)).unwrap_or_default();
        match of(names.namespace).or(around.namespace.as_deref()) {
            Some(namespace) => format!("{kind}/{namespace}/{name}"),
            None => format!("{kind}/{name}"),
        }
    }

    /// What is wanted of an object, on the tape.
    fn values(
        &mut self,
        tree: &Tree<'_>,
        node: NodeId,
        source_type: &str,
        (api_version, kind): (&str, &str),
    ) -> Option<NodeIndex> {
        let filter = self.wanted.attributes(source_type, false)?;
        let is_secret = source_type == "v1/Secret";
        let mut members: Vec<(Child, Keep)> = Vec::new();
        for child in tree.members(node) {
            let name = self.strings.resolve(&child.key);
            let keep = match name {
                "metadata" => METADATA,
                "data" | "stringData" if is_secret => Keep::Secret,
                _ => Keep::All,
            };
            if filter.keeps(name) {
                members.push((*child, keep));
            }
        }
        let document = &mut self.document;
        let base = document.files.next_start();
        // Items of a list leave it to the list to say what they are.
        let offset = base + tree.offset(node);
        let mut more: Vec<(Symbol, Node)> = Vec::new();
        for (key, said, name) in
            [(self.names.api_version, api_version, "apiVersion"), (self.names.kind, kind, "kind")]
        {
            if tree.member(node, key).is_none() && filter.keeps(name) {
                let value = NodeValue::Text(self.strings.get_or_intern(said));
                more.push((key, Node { value, offset }));
            }
        }
        let mut writer = TreeWriter {
            tree,
            tape: &mut document.tape,
            strings: self.strings,
            cache: &mut self.cache,
            pending: &mut self.pending,
            base,
        };
        Some(writer.object(tree.offset(node), &members, &more))
    }
}
