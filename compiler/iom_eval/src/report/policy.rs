use std::sync::Arc;

use iom_model::Severity;
use serde::Serialize;
use smol_str::SmolStr;

use super::FindingMode;

/// One policy that was judged, and how many resources there are by the worst that it says about them.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PolicyResult {
    /// The qualified name, as findings have it.
    pub policy: SmolStr,
    /// The values of its parameters, where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<SmolStr>,
    pub title: Option<SmolStr>,
    pub severity: Severity,
    pub mode: FindingMode,
    pub covers: Arc<[SmolStr]>,
    pub aliases: Arc<[SmolStr]>,
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub excepted: u64,
    /// What its author says about it; for people.
    #[serde(skip)]
    pub doc: Option<SmolStr>,
}

/// A policy's name with the values of its parameters: `images.allowed(registries: ["registry.example"])`.
pub(super) fn full_name(policy: &str, arguments: Option<&str>) -> String {
    match arguments {
        Some(arguments) => format!("{policy}({arguments})"),
        None => policy.to_owned(),
    }
}
