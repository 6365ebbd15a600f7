//! What a file is that has no objects of Kubernetes in it.

use memchr::memmem;

use super::ImportError;
use super::names::Names;
use crate::tape::Strings;
use crate::tree::{NodeId, Tree, TreeValue, shown};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Likeness {
    Kustomization,
    /// With the text that shows it.
    Template,
    Chart,
    Kubeconfig,
    Cloudformation,
    Compose,
    Workflow,
    /// An object that lacks a name of the two.
    Without(&'static str),
    /// Names at its top.
    Object(Vec<String>),
    NoObject(&'static str),
}

const RENDER_TEMPLATE: &str = "render it first, with `helm template` where it belongs to a Helm chart";

impl Likeness {
    pub(super) fn message(&self) -> String {
        match self {
            Likeness::Kustomization => {
                "this is a kustomization, which changes the objects of other files: render it first with \
                                        `kubectl kustomize`"
                    .to_owned()
            }
            Likeness::Template => format!("this is a template with `{{{{ .. }}}}` in it: {RENDER_TEMPLATE}"),
            Likeness::Chart => {
                "this describes a Helm chart: render the chart first with `helm template`".to_owned()
            }
            Likeness::Kubeconfig => {
                "this is a kubeconfig, which says how to reach clusters: no object of one".to_owned()
            }
            Likeness::Cloudformation => {
                "this looks like a CloudFormation template, not like objects of Kubernetes".to_owned()
            }
            Likeness::Compose => "this looks like a Compose file, not like objects of Kubernetes".to_owned(),
            Likeness::Workflow => {
                "this looks like a workflow of GitHub, not like objects of Kubernetes".to_owned()
            }
            Likeness::Without(name) => {
                format!("an object of Kubernetes has `apiVersion` and `kind`, and `{name}` is missing")
            }
            Likeness::Object(names) => format!(
                "this is no object of Kubernetes, which has `apiVersion` and `kind`: it has {} at the top; values of a Helm \
                 chart are no objects before `helm template` has rendered it",
                names.join(", ")
            ),
            Likeness::NoObject(what) => {
                format!("this is {what}, where an object of Kubernetes has `apiVersion` and `kind`")
            }
        }
    }

    /// Whether the whole file is refused, whatever else is in it.
    pub(super) fn is_about_all(&self) -> bool {
        *self == Likeness::Template
    }

    /// What an object that has `apiVersion` and `kind` is all the same.
    pub(super) fn of_object(
        tree: &Tree<'_>,
        node: NodeId,
        api_version: &str,
        kind: &str,
        names: &Names,
    ) -> Option<Likeness> {
        if api_version.starts_with("kustomize.config.k8s.io/") {
            return Some(Likeness::Kustomization);
        }
        if api_version == "v1" && kind == "Config" && tree.member(node, names.metadata).is_none() {
            return Some(Likeness::Kubeconfig);
        }
        let metadata = tree.member(node, names.metadata);
        let of = |name| metadata.and_then(|metadata| tree.member_text(metadata, name)).unwrap_or_default();
        let is_open = |text: &str| text.contains("{{");
        let is_template = is_open(api_version)
            || is_open(kind)
            || [names.name, names.namespace, names.generate_name].into_iter().any(|name| is_open(of(name)));
        let holds_templates = matches!(kind, "ConfigMap" | "Secret" | "CustomResourceDefinition");
        let has_chart_values = !holds_templates && has_chart_values(tree, node);
        (is_template || has_chart_values).then_some(Likeness::Template)
    }

    /// What an object is without `apiVersion` or `kind`.
    pub(super) fn of(tree: &Tree<'_>, node: NodeId, names: &Names, strings: &Strings) -> Likeness {
        let what = match tree.value(node) {
            TreeValue::Object { .. } => return Likeness::of_members(tree, node, names, strings),
            TreeValue::List { .. } => "a list",
            TreeValue::Text(_) => "text",
            TreeValue::Null => "empty",
            _ => "a single value",
        };
        Likeness::NoObject(what)
    }

    fn of_members(tree: &Tree<'_>, node: NodeId, names: &Names, strings: &Strings) -> Likeness {
        let members: Vec<&str> = tree.members(node).iter().map(|child| strings.resolve(&child.key)).collect();
        let has = |name: &str| members.contains(&name);
        let makes_objects = [
            "bases",
            "components",
            "patches",
            "patchesStrategicMerge",
            "patchesJson6902",
            "configMapGenerator",
            "secretGenerator",
            "commonLabels",
            "namePrefix",
            "nameSuffix",
        ];
        let has_kind = tree.member_text(node, names.kind).is_some();
        match () {
            () if has("AWSTemplateFormatVersion") || has("Resources") => Likeness::Cloudformation,
            () if !has_kind && makes_objects.into_iter().any(has) => Likeness::Kustomization,
            () if !has_kind && has("resources") && members.len() <= 3 && !has("services") => {
                Likeness::Kustomization
            }
            () if has("name") && has("version") && (has("apiVersion") || has("appVersion")) => {
                Likeness::Chart
            }
            () if has("services") && !has_kind => Likeness::Compose,
            () if has("jobs") && has("on") => Likeness::Workflow,
            () if has_kind => Likeness::Without("apiVersion"),
            () if has("apiVersion") => Likeness::Without("kind"),
            () => Likeness::Object(members.iter().take(6).map(|name| shown(name).into_owned()).collect()),
        }
    }

    /// What a document with tags of its own is.
    pub(super) fn of_tagged(tree: &Tree<'_>, root: NodeId, names: &Names) -> Option<Likeness> {
        let is_object = tree.member_text(root, names.api_version).is_some();
        let is_short = |tag: &str| {
            matches!(tag, "!Ref" | "!Sub" | "!GetAtt" | "!If" | "!Join" | "!FindInMap" | "!Select")
        };
        let tag = tree.first_tagged().and_then(|tagged| tree.tag(tagged))?;
        (!is_object && is_short(tag)).then_some(Likeness::Cloudformation)
    }
}

/// Whether a text in here has a value of a chart. Trees are of a bounded depth.
fn has_chart_values(tree: &Tree<'_>, node: NodeId) -> bool {
    match tree.value(node) {
        TreeValue::Text(text) => is_of_a_chart(text),
        _ => tree.children(node).iter().any(|child| has_chart_values(tree, child.node)),
    }
}

/// What only a chart's templates have.
fn is_of_a_chart(text: &str) -> bool {
    memmem::find_iter(text.as_bytes(), b"{{").any(|start| {
        let inside = text.get(start + 2..).unwrap_or_default().trim_start_matches(['-', ' ']);
        [".Values", ".Release", ".Chart.", ".Capabilities", "include \"", "template \""]
            .into_iter()
            .any(|word| inside.starts_with(word))
    })
}

/// What a text is that cannot be read, if placeholders are the reason.
pub(super) fn of_broken(text: &str) -> Option<ImportError> {
    let start = memmem::find(text.as_bytes(), b"{{")?;
    memmem::find(text.get(start..)?.as_bytes(), b"}}")?;
    Some(ImportError::not_this_format(Likeness::Template.message()).in_text(text, start as u32))
}
