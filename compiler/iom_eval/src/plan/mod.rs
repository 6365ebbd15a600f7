//! How policies are judged, for people: what is gone through, what is looked up by which key, what is computed once, and
//! what has to be tried pair by pair.

mod search;
mod words;
mod written;

pub use words::words;

use serde::Serialize;
use smol_str::SmolStr;

use crate::facts::Estate;
use crate::report::Layer;
use search::Search;

/// How one policy is judged.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PolicyPlan {
    /// Its qualified name.
    pub policy: SmolStr,
    pub rules: Vec<RulePlan>,
}

/// One `for` of a policy.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RulePlan {
    /// The kind or trait that is gone through.
    pub population: SmolStr,
    /// How many there are, by layer with data.
    pub elements: Vec<Count>,
    /// What the groups have in common, where groups are judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grouped_by: Option<String>,
    /// What must be so of one that is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Fields that are read of the things judged: nothing else of them is looked at.
    pub reads: Vec<SmolStr>,
    /// What the filter goes through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accesses: Vec<Access>,
    pub steps: Vec<StepPlan>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Count {
    pub layer: Layer,
    pub count: usize,
}

/// A step of a rule.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StepPlan {
    /// The condition of a `require` as it is written; nothing for `let`s and inner `for`s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require: Option<SmolStr>,
    pub accesses: Vec<Access>,
    /// The steps of an inner `for`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepPlan>,
}

/// How one collection is got at, for each thing judged.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Access {
    #[serde(flatten)]
    pub how: How,
    /// The collection, or what is computed, as the rule says it.
    pub of: String,
    /// How many elements a population has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// What must be so of an element for it to count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// What is done for each element that is found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<Access>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum How {
    /// By an index that is made once; of several the one with the fewest answers is used.
    LookUp { by: Vec<Key> },
    /// Every element is tried: nothing ties it to the thing judged.
    TryAll,
    /// A list of the thing at hand is gone through.
    GoThrough,
    /// Everything upstream or downstream of the thing at hand is gone through.
    Walk,
    /// Answered for all things at once, in one pass over the graph.
    OnePass,
    /// Computed once for everybody.
    Once,
}

/// What is looked up.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Key {
    /// What elements are indexed by.
    pub key: String,
    /// `equal to`, `inside`, ..
    pub relation: &'static str,
    pub value: String,
}

/// The plans of all policies of the estate's program.
pub fn plans(estate: &Estate) -> Vec<PolicyPlan> {
    let policies = estate.program.policies.iter();
    policies
        .map(|policy| PolicyPlan {
            policy: policy.name.clone(),
            rules: policy.rules.iter().map(|rule| Search::new(estate).rule(policy, rule)).collect(),
        })
        .collect()
}
