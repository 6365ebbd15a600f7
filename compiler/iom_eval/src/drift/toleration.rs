use iom_state::tape::Symbol;

use crate::evaluate::Evaluator;
use crate::value::{Causes, ElementId, Truth, Value};

/// What `tolerate` declarations say about a value that is not the one that was written.
#[derive(Clone, Debug)]
pub enum Toleration {
    /// Nobody may have written it.
    No,
    /// It lies in the range of a declared writer.
    Yes {
        /// The declaration, by position in the model.
        declaration: usize,
        writer: Value,
    },
    /// Whether it does is not known.
    Unknown(Causes),
}

impl Evaluator<'_> {
    /// Whether a field of an element may hold this value. The conditions and ranges are those of the element given, so it is
    /// the one that says what should be: the declared or planned one, where there is one.
    pub fn toleration(&mut self, element: ElementId, field: Symbol, found: &Value) -> Toleration {
        let program = self.program;
        let kind = self.estate.element(element).kind;
        let mut doubt: Option<Causes> = None;
        let about = program.tolerances.iter().enumerate();
        for (declaration, code) in about.filter(|(_, code)| code.field == field && code.kinds.has(kind)) {
            self.refuel();
            let (within, writer) = self.run(code.locals, |ev| {
                ev.set(0, Value::Element(element));
                let applies = code.filter.as_ref().map_or(Truth::True, |filter| ev.truth(filter));
                if applies.is_false() {
                    return (Truth::False, Value::Absent);
                }
                let writer = ev.eval(&code.writer);
                // Nothing is written where there is nobody to write it, or nothing that was written.
                if writer.is_absent() || found.is_absent() {
                    return (Truth::False, writer);
                }
                let values = ev.eval(&code.within);
                let is_known = writer.causes().map_or(Truth::True, Truth::Unknown);
                (applies.and(is_known).and(ev.is_in(found, &values)), writer)
            });
            match within {
                Truth::True => return Toleration::Yes { declaration, writer },
                Truth::Unknown(causes) => doubt = doubt.into_iter().chain([causes]).reduce(Causes::union),
                Truth::False => {}
            }
        }
        doubt.map_or(Toleration::No, Toleration::Unknown)
    }
}
