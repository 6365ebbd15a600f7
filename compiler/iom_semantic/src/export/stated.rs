//! Policies of the library that judge without being applied, as soon as there is something for them to judge.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::check::Lowered;

/// What a run knows of its sources before the model is put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stated {
    /// The workspace claims a source.
    pub claims: bool,
    /// A source may hold secrets in plain text.
    pub secrets: bool,
}

/// The module of policies that nobody has to ask for.
pub(super) const MODULE: &str = "std.model.";

const SECRETS: &[&str] = &["std.model.plaintext_secret"];

const OF_CLAIMS: &[&str] = &[
    "std.model.undeclared",
    "std.model.unmodelled_dependency",
    "std.model.unowned",
    "std.model.two_sources_of_truth",
];

const ENVIRONMENT: &str = "org.Environment";
const MANAGES: &str = "manages";

/// What an environment says of itself, and the policy that holds it to that.
const OF_ENVIRONMENTS: &[(&str, &str)] =
    &[("baseline", "std.baselines.baseline_is_complete"), ("temporary", "std.baselines.experiments_end")];

impl Stated {
    pub(super) fn policies<'l>(
        self,
        lowered: impl Iterator<Item = &'l Lowered>,
    ) -> impl Iterator<Item = &'static str> {
        let said = said_of_environments(lowered);
        let secrets = if self.secrets { SECRETS } else { &[] };
        let claims = if self.claims || said.contains(MANAGES) { OF_CLAIMS } else { &[] };
        let own = OF_ENVIRONMENTS.iter().filter(move |(field, _)| said.contains(*field));
        secrets.iter().chain(claims).copied().chain(own.map(|(_, policy)| *policy))
    }
}

/// The fields that environments set, declared for the workspace itself.
fn said_of_environments<'l>(lowered: impl Iterator<Item = &'l Lowered>) -> BTreeSet<SmolStr> {
    let environments = lowered.filter_map(|lowered| match lowered {
        Lowered::Resource(resource) if resource.kind == ENVIRONMENT => Some(resource),
        _ => None,
    });
    environments.flat_map(|resource| resource.fields.iter().map(|field| field.name.clone())).collect()
}
