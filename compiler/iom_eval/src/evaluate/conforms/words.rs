//! What is told about a deviation.

use super::{Comparison, Deviation, Found, short};
use crate::program::{ClauseCode, FixedCode, PartSite, SearchCode};
use crate::value::{Causes, ElementId, Truth, Value};

impl Comparison<'_, '_, '_> {
    /// No element is this part.
    pub(super) fn missing(&mut self, site: &PartSite, open: Option<Causes>) -> Found {
        let truth = open.map_or(Truth::False, Truth::Unknown);
        let message = self.say(|comparison| {
            let kind = &site.kinds.name;
            let name = &site.name;
            match (&site.search, truth) {
                (SearchCode::Among(over), Truth::False) if !over.filters.is_empty() => {
                    format!(
                        "no {kind} belongs to it, where {} has `{name}`",
                        short(&comparison.blueprint.name)
                    )
                }
                (_, Truth::False) => {
                    format!("there is no {kind} for `{name}` of {}", short(&comparison.blueprint.name))
                }
                _ => format!("whether there is a {kind} for `{name}` is not known"),
            }
        });
        Found::of(vec![Deviation { truth, message, field: None, found: Value::Absent }])
    }

    pub(super) fn say(&mut self, text: impl FnOnce(&mut Self) -> String) -> String {
        if self.explains { text(self) } else { String::new() }
    }

    pub(super) fn difference(
        &mut self,
        site: &PartSite,
        id: ElementId,
        field: &FixedCode,
        found: &Value,
        truth: Truth,
    ) -> String {
        let estate = self.ev.estate;
        let whose = if site.slot == 0 { String::new() } else { format!("{}.", estate.short_name(id)) };
        let path = format!("{whose}{}", field.path);
        let blueprint = short(&self.blueprint.name);
        if field.is_secret {
            return format!("{path} is not set; {blueprint} sets it");
        }
        let expected = match field.solves {
            Some(parameter) if found.is_absent() => {
                return format!(
                    "{path} is not set; {blueprint} wants `{}` there",
                    self.blueprint.parameters[parameter as usize].name
                );
            }
            _ => {
                let value = self.ev.eval(&field.expected);
                estate.render(&value)
            }
        };
        match (truth, found) {
            (Truth::False, found) if found.is_absent() => {
                format!("{path} is not set; {blueprint} sets {expected}")
            }
            (Truth::False, found) => {
                format!("{path} is {}; {blueprint} sets {expected}", estate.render(found))
            }
            _ => format!("{path} is not known; {blueprint} sets {expected}"),
        }
    }

    pub(super) fn complaint(&mut self, clause: &ClauseCode, truth: Truth) -> String {
        let source = self.blueprint.clauses.iter().find(|one| one.clause == clause.clause);
        let source = source.map_or("", |one| one.source.as_str()).to_owned();
        match (&clause.message, truth) {
            (Some(message), Truth::False) => {
                crate::judge::bind_witness(self.ev, &clause.condition);
                self.ev.message(message)
            }
            (None, Truth::False) => format!("it does not satisfy: {source}"),
            _ => format!("it is not known whether {source}"),
        }
    }
}
