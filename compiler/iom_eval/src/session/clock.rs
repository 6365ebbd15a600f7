/// How something depends on the instant of the run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Clock {
    /// Instants that `now` is compared with, sorted.
    pub thresholds: Vec<i64>,
    /// `now` is more than compared: any other instant may make a difference.
    pub is_ticking: bool,
}

impl Clock {
    pub fn join(&mut self, other: &Clock) {
        self.thresholds.extend_from_slice(&other.thresholds);
        self.is_ticking |= other.is_ticking;
    }

    /// Whether what depends on it may be something else at another instant.
    pub fn differs(&self, before: i64, after: i64) -> bool {
        let lies_between = |threshold: &i64| before.cmp(threshold) != after.cmp(threshold);
        before != after && (self.is_ticking || self.thresholds.iter().any(lies_between))
    }
}
