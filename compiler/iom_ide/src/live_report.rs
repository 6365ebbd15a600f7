use crate::live::Live;

/// What the rules say of the workspace's state, for all who show it: shared, and never changed.
#[derive(Clone, Debug)]
pub struct LiveReport {
    /// The same that `iomc eval` reports, with ways into it.
    pub live: Live,
    /// Counts up with every change of rules or state that was judged.
    pub revision: u64,
    /// The rules have been edited since, and are not judged yet or have errors.
    pub is_outdated: bool,
}
