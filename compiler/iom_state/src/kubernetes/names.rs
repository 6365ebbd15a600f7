use crate::tape::{Strings, Symbol};
use crate::tree::{NodeId, Tree, TreeValue};

/// Names that the importer looks for.
pub(super) struct Names {
    pub api_version: Symbol,
    pub kind: Symbol,
    pub items: Symbol,
    pub metadata: Symbol,
    pub name: Symbol,
    pub generate_name: Symbol,
    pub namespace: Symbol,
    pub request: Symbol,
    pub object: Symbol,
    pub operation: Symbol,
    pub group: Symbol,
    pub version: Symbol,
    pub nothing: Symbol,
    pub provider: Symbol,
    uid: Symbol,
    status: Symbol,
}

impl Names {
    pub(super) fn new(strings: &mut Strings) -> Names {
        let mut name = |text: &str| strings.get_or_intern(text);
        Names {
            api_version: name("apiVersion"),
            kind: name("kind"),
            items: name("items"),
            metadata: name("metadata"),
            name: name("name"),
            generate_name: name("generateName"),
            namespace: name("namespace"),
            request: name("request"),
            object: name("object"),
            operation: name("operation"),
            group: name("group"),
            version: name("version"),
            nothing: name(""),
            provider: name("kubernetes"),
            uid: name("uid"),
            status: name("status"),
        }
    }

    /// Whether an API server has seen the object: it alone gives out `metadata.uid` and says how things are. Generators write
    /// a `status` with nothing in it.
    pub(super) fn is_running(&self, tree: &Tree<'_>, node: NodeId) -> bool {
        let has_uid =
            tree.member(node, self.metadata).and_then(|metadata| tree.member_text(metadata, self.uid));
        let status = || tree.member(node, self.status).is_some_and(|status| says_something(tree, status));
        has_uid.is_some_and(|uid| !uid.is_empty()) || status()
    }
}

/// Whether there is anything but empty texts, lists and objects. Trees are of a bounded depth.
fn says_something(tree: &Tree<'_>, node: NodeId) -> bool {
    match tree.value(node) {
        TreeValue::Null => false,
        TreeValue::Text(text) => !text.is_empty(),
        TreeValue::List { .. } | TreeValue::Object { .. } => {
            tree.children(node).iter().any(|child| says_something(tree, child.node))
        }
        _ => true,
    }
}
