use super::{Comparison, Deviation};
use crate::program::{JudgesCode, StepCode};
use crate::value::{ElementId, Truth, Value};

impl<'b> Comparison<'_, '_, 'b> {
    /// Clauses over the parts; what a clause relies on must hold before it is asked.
    pub(super) fn steps(&mut self, steps: &'b [StepCode], guard: Truth, deviations: &mut Vec<Deviation>) {
        let mut failed: Vec<u32> = Vec::new();
        self.clauses(steps, guard, &mut failed, deviations);
    }

    fn clauses(
        &mut self,
        steps: &'b [StepCode],
        guard: Truth,
        failed: &mut Vec<u32>,
        deviations: &mut Vec<Deviation>,
    ) {
        for step in steps {
            match step {
                StepCode::Let { local, value } => {
                    let value = self.ev.raw(value);
                    self.ev.set(*local, value);
                }
                StepCode::Require(clause) => {
                    if clause.after.iter().any(|earlier| failed.contains(earlier)) {
                        failed.push(clause.clause);
                        continue;
                    }
                    let truth = guard.negate().or(self.ev.truth(&clause.condition));
                    if truth.is_true() {
                        continue;
                    }
                    failed.push(clause.clause);
                    let message = self.say(|comparison| comparison.complaint(clause, truth));
                    deviations.push(Deviation { truth, message, field: None, found: Value::Absent });
                }
                StepCode::For { over, steps, .. } => {
                    let items = self.ev.items(over);
                    for position in 0..items.len() {
                        let belongs = self.ev.bind(over, position, items.get(position));
                        if !belongs.is_false() {
                            self.clauses(steps, guard.and(belongs), failed, deviations);
                        }
                    }
                    if let Some(causes) = items.open {
                        let message = self.say(|_| "what it ranges over is not completely known".to_owned());
                        let truth = guard.negate().or(Truth::Unknown(causes));
                        deviations.push(Deviation { truth, message, field: None, found: Value::Absent });
                    }
                }
            }
        }
    }

    pub(super) fn judge(&mut self, judges: &'b JudgesCode, id: ElementId, deviations: &mut Vec<Deviation>) {
        self.ev.set(judges.subject, Value::Element(id));
        let guard = match &judges.filter {
            None => Truth::True,
            Some(filter) => self.ev.truth(filter),
        };
        if !guard.is_false() {
            self.steps(&judges.steps, guard, deviations);
        }
    }
}
