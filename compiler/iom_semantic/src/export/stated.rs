//! Policies of the library that judge without being applied, as soon as there is something for them to judge.

use iom_model::ResourceDeclaration;

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

impl Stated {
    pub(super) fn policies<'l>(
        self,
        lowered: impl Iterator<Item = &'l Lowered>,
    ) -> impl Iterator<Item = &'static str> {
        let secrets = if self.secrets { SECRETS } else { &[] };
        let claims = if self.claims || claim_environments(lowered) { OF_CLAIMS } else { &[] };
        secrets.iter().chain(claims).copied()
    }
}

/// Whether an environment claims what is in it, declared for the workspace itself.
fn claim_environments<'l>(mut lowered: impl Iterator<Item = &'l Lowered>) -> bool {
    lowered.any(|lowered| match lowered {
        Lowered::Resource(resource) => claims(resource),
        _ => false,
    })
}

fn claims(resource: &ResourceDeclaration) -> bool {
    resource.kind == ENVIRONMENT && resource.fields.iter().any(|field| field.name == MANAGES)
}
