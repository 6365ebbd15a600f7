use iom_model::scalar::instant;

use super::Session;

impl Session {
    /// The next instant after the last update at which the report may be another, though nothing changes: an exception or a
    /// mode ends, facts become stale, a rule compares with it. Rules that reckon with `now` have none: they are judged
    /// whenever something else is.
    pub fn next_threshold(&self) -> Option<i64> {
        let world = self.world.as_ref()?;
        let (estate, definitions) = (&world.estate, &world.definitions);
        let clocks =
            definitions.policies.values().flat_map(|policy| [&policy.verdicts.clock, &policy.words.clock]);
        let clocks = clocks.chain([&definitions.foundation.clock]);
        // `now <= t` ends one second after `now < t`.
        let compared = clocks.flat_map(|clock| &clock.thresholds).flat_map(|at| [*at, at.saturating_add(1)]);
        let stale = estate.sources.iter().flat_map(|source| {
            source.fresh_until().into_iter().chain(source.fresh_objects().map(|(_, until)| until))
        });
        let stamps = estate.sources.iter().filter_map(|source| source.document.timestamp.as_deref());
        let collected = stamps.filter_map(|stamp| instant::parse_time(stamp).ok()).max();
        let evidence = estate.program.model.evidence.values().filter_map(|one| one.fresh);
        let evidence = evidence.filter_map(|fresh| instant::add(collected?, fresh));
        let all = compared.chain(definitions.dates.iter().copied()).chain(stale).chain(evidence);
        all.filter(|at| *at > estate.at).min()
    }
}
