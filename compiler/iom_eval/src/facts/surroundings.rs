//! What is around an object: its account, its region, its cluster. The object itself says it, or else whoever names the source.

use iom_state::document::{Format, SourceObject};
use smol_str::SmolStr;

use super::{Estate, Origin, StateSource};
use crate::evaluate::{Evaluator, Key};
use crate::program::{ContextName, KindId, family};
use crate::value::{Causes, ElementId, Value};

/// What is around everything in a source, as `iom.toml` says it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Surroundings {
    pub account: Option<SmolStr>,
    pub region: Option<SmolStr>,
    pub project: Option<SmolStr>,
    pub cluster: Option<SmolStr>,
    pub namespace: Option<SmolStr>,
}

/// The field that a declaration names its cluster in.
const CLUSTER: &str = "cluster";

/// Objects that name no namespace are in this one.
const DEFAULT_NAMESPACE: &str = "default";

/// Whether sources name different clusters. Where they do not, all objects are in one, whatever it is called.
pub(super) fn are_several_clusters(sources: &[StateSource]) -> bool {
    let mut named = sources.iter().filter_map(|source| source.surroundings.cluster.as_ref());
    named.next().is_some_and(|first| named.any(|other| other != first))
}

impl Evaluator<'_> {
    /// `$region` and the like, of the object at hand.
    pub(crate) fn context(&mut self, name: ContextName) -> Value {
        let estate = self.estate;
        let Some((from, object)) = self.at_hand else { return Value::Absent };
        let Some(object) = estate.object(from, object) else { return Value::Absent };
        let source = &estate.sources[from as usize];
        let around = &source.surroundings;
        let format = source.document.format;
        let said = |text: &Option<SmolStr>| text.as_deref().map(|text| estate.text(text));
        let own = |path: &[&str]| estate.own_text(from, object, path);
        let found = match name {
            ContextName::Account
                if format == Format::AwsConfig && !estate.strings.resolve(&object.provider).is_empty() =>
            {
                Some(Value::Text(object.provider))
            }
            // An account is known by the provider configuration that reaches it.
            ContextName::Account => said(&around.account).or(Some(Value::Text(object.provider))),
            ContextName::Region if format == Format::AwsConfig => {
                own(&["awsRegion"]).or(said(&around.region))
            }
            ContextName::Region => said(&around.region),
            ContextName::Project => said(&around.project),
            ContextName::Cluster => said(&around.cluster),
            ContextName::Namespace if format == Format::Kubernetes => own(&["metadata", "namespace"])
                .or(said(&around.namespace))
                .or_else(|| Some(estate.text(DEFAULT_NAMESPACE))),
            ContextName::Namespace => said(&around.namespace),
            ContextName::Provider => Some(Value::Text(object.provider)),
            ContextName::Address => Some(Value::Text(object.address)),
            ContextName::Type => Some(Value::Text(object.source_type)),
            ContextName::Module => Some(Value::Text(object.module)),
            ContextName::Name => Some(estate.text(estate.local_name(object))),
        };
        found.unwrap_or(Value::Unknown(Causes::NOT_REPORTED))
    }

    /// What tells equal names in several clusters apart: nothing where there is one cluster, or things of this kind are in none;
    /// `None` where the cluster is not known.
    pub(super) fn cluster_key(&mut self, id: ElementId) -> Option<Option<Key>> {
        let estate = self.estate;
        let kind = estate.kind_of(id);
        if !estate.is_in_clusters(kind) {
            return Some(None);
        }
        let cluster = match &estate.element(id).origin {
            Origin::Imported { source, .. } => {
                let named = estate.sources[*source as usize].surroundings.cluster.as_deref();
                named.map(|name| estate.text(name))
            }
            Origin::Declared { .. } => {
                let name = estate.symbol(CLUSTER)?;
                let position = self.program.kind(kind).field_position(name)?;
                Some(self.field(id, position)).filter(|value| !value.is_absent())
            }
        };
        Some(Some(self.key(&cluster?)?))
    }
}

impl Estate {
    /// Whether there are several clusters, and things of the kind are in one of them.
    fn is_in_clusters(&self, kind: KindId) -> bool {
        self.has_clusters && self.program.kind(kind).formats.contains(&family(Format::Kubernetes))
    }

    /// Whether a text in one source can mean an element: not one of another cluster.
    pub(super) fn is_within_reach(&self, from: Option<u32>, id: ElementId) -> bool {
        let cluster = |source: u32| self.sources.get(source as usize)?.surroundings.cluster.as_ref();
        match (&self.element(id).origin, from) {
            (Origin::Imported { source, .. }, Some(from)) => {
                cluster(from).is_none_or(|own| cluster(*source).is_none_or(|other| own == other))
            }
            _ => true,
        }
    }

    /// The text at a path of names in an object.
    fn own_text(&self, source: u32, object: &SourceObject, path: &[&str]) -> Option<Value> {
        let path: Option<Vec<_>> = path.iter().map(|step| self.symbol(step)).collect();
        let found = self.at_path(source, object.values?, &path?);
        let is_empty = self.str_of(&found).is_some_and(str::is_empty);
        (!found.is_absent() && !is_empty).then_some(found)
    }
}
