use iom_eval::report::Report;
use iom_eval::session::PolicyCounts;

/// What the rules say of the workspace's state, for all who show it: shared, and never changed.
#[derive(Clone, Debug)]
pub struct LiveReport {
    /// The same that `iomc eval` reports.
    pub report: Report,
    /// How many resources pass, fail and so on, for each policy.
    pub by_policy: Vec<PolicyCounts>,
    /// Counts up with every change of rules or state that was judged.
    pub revision: u64,
    /// The rules have been edited since, and are not judged yet or have errors: places of the report may be others by now.
    pub is_outdated: bool,
}
