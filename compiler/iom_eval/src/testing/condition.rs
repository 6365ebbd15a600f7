//! Expectations that are conditions.

use iom_model::ExpectationKind;
use iom_state::document::Layer;

use super::operand;
use super::run::TestRun;
use super::unmet::Unmet;
use crate::evaluate::{Evaluator, FUEL};
use crate::judge::Answer;
use crate::value::{Causes, Truth};

impl TestRun<'_> {
    pub(super) fn condition(&self, position: usize) -> Result<(), Unmet> {
        let ExpectationKind::Condition { compared, operands, .. } = &self.test.expectations[position].kind
        else {
            return Ok(());
        };
        let conditions = &self.program.tests[self.position as usize].conditions;
        let Some(code) = conditions.get(position).and_then(Option::as_ref) else {
            return Err(Unmet::new("it was not understood"));
        };
        let layer = self.estate.layers().first().copied().unwrap_or(Layer::Intended);
        let mut evaluator = Evaluator::new(&self.estate, layer);
        evaluator.run(code.locals, |evaluator| {
            let truth = evaluator.truth(&code.value);
            let is_exhausted = evaluator.is_exhausted();
            let message = match if is_exhausted { Truth::Unknown(Causes::INVALID) } else { truth } {
                Truth::True => return Ok(()),
                Truth::False => "it is false".to_owned(),
                Truth::Unknown(causes) => {
                    let causes: Vec<&str> = causes.names().collect();
                    format!("it is unknown ({})", causes.join(", "))
                }
            };
            evaluator.refuel();
            let sides = compared.as_ref().and_then(|compared| operand::sides(evaluator, code, compared));
            let (expected, found) = sides.unzip();
            let values = operand::values(evaluator, code, operands);
            // What authority said of the changes that the expectation names.
            let source = &self.test.expectations[position].source;
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let words: Vec<&str> = source.split(|c| !is_word(c)).collect();
            let is_named = |one: &&Answer| words.contains(&self.estate.short_name(one.change));
            let mut details: Vec<String> =
                self.answers.iter().filter(is_named).map(|one| self.told(one)).collect();
            details.extend(self.estate.expensive());
            if is_exhausted {
                details.push(format!("evaluating it takes more than {FUEL} steps"));
            }
            Err(Unmet { message, expected, found, values, details })
        })
    }
}
