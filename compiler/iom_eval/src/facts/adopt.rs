use std::sync::Arc;

use super::Estate;
use crate::program::{GlobalId, Program, ReachId};

impl Estate {
    /// Goes on with another program over the same kinds, types and resources, at another instant. What was read stays, but
    /// for constants and questions whose answers may be others now, and what rules have computed for everybody.
    pub(crate) fn adopt(&mut self, program: Program, at: i64, values: &[GlobalId], reaches: &[ReachId]) {
        self.at = at;
        self.globals.resize_with(program.globals.len(), Default::default);
        self.joins.resize_with(program.joins.len(), Default::default);
        self.reaches.resize_with(program.reaches, Default::default);
        self.shared = (0..program.shared).map(|_| Default::default()).collect();
        self.names.extend(program.kind_sets);
        self.populations.extend(program.kind_sets);
        self.referrers.extend(program.kind_sets);
        for (cells, key) in self.joins.iter_mut().zip(&program.joins) {
            if !key.is_lasting {
                *cells = Default::default();
            }
        }
        for id in values {
            self.globals[id.index()] = Default::default();
        }
        for id in reaches {
            self.reaches[id.index()] = Default::default();
        }
        self.program = Arc::new(program);
    }

    /// Whether what the sources say is as old at another instant as it is now.
    pub(crate) fn is_as_fresh_at(&self, at: i64) -> bool {
        self.sources.iter().zip(&self.stale).all(|(source, stale)| source.staleness(at) == *stale)
    }
}
