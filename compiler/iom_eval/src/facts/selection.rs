//! How a declaration picks out one thing that is there.

use super::literal::quoted;
use super::{Estate, Origin};
use crate::evaluate::{Evaluator, Key};
use crate::value::{ElementId, Value};

/// What things are told apart by where their kind does not say it.
const NAME: &str = "name";

impl Estate {
    /// What picks out the thing of a kind at an address: the name of a declared one, else
    /// `aws.Bucket where .name == "legacy-logs"`. `None` where nothing is known that tells it apart, or where other things have
    /// the same.
    pub fn selection_of(&self, address: &str, kind: &str) -> Option<String> {
        let ids = || (0..self.elements.len() as u32).map(ElementId);
        let is_kind = |id: &ElementId| self.program.kind(self.kind_of(*id)).name == kind;
        let id = ids().find(|id| self.address(*id) == address && is_kind(id))?;
        if matches!(self.element(id).origin, Origin::Declared { .. }) {
            return Some(address.to_owned());
        }
        let mut evaluator = Evaluator::new(self, self.layer_of(id));
        let telling = telling(&mut evaluator, id)?;
        let of_others = |other: ElementId| {
            evaluator.layer = self.layer_of(other);
            evaluator.refuel();
            let is_same = other != id && evaluator.canonical(other) == evaluator.canonical(id);
            !is_same
                && telling.iter().all(|one| {
                    let value = evaluator.field(other, one.position);
                    evaluator.key(&value).as_ref() == Some(&one.key)
                })
        };
        if ids().filter(is_kind).filter(|other| *other != id).any(of_others) {
            return None;
        }
        let conditions: Vec<String> =
            telling.iter().map(|one| format!(".{} == {}", one.name, one.code)).collect();
        Some(format!("{kind} where {}", conditions.join(" and ")))
    }
}

/// A field that tells a thing apart.
struct Telling {
    position: u16,
    name: String,
    key: Key,
    code: String,
}

/// The fields that identify a thing, where all of them are known, else its name.
fn telling(evaluator: &mut Evaluator<'_>, id: ElementId) -> Option<Vec<Telling>> {
    let estate = evaluator.estate;
    let kind = estate.program.kind(estate.kind_of(id));
    let mut one = |position: u16| {
        let field = kind.fields.get(usize::from(position)).filter(|field| !field.is_secret)?;
        let value = estate.force(evaluator.field(id, position));
        let code = match &value {
            Value::Text(_) | Value::Made(_) => quoted(estate.str_of(&value)?),
            Value::Scalar(scalar) => quoted(&scalar.text()),
            Value::Int(_) | Value::Bool(_) => estate.render(&value),
            _ => return None,
        };
        let key = evaluator.key(&value)?;
        Some(Telling { position, name: estate.strings.resolve(&field.name).to_owned(), key, code })
    };
    let by_identity: Option<Vec<Telling>> = kind.identity.iter().map(|position| one(*position)).collect();
    match by_identity {
        Some(found) if !found.is_empty() => Some(found),
        _ => Some(vec![one(kind.field_position(estate.symbol(NAME)?)?)?]),
    }
}
