use iom_diagnostics::nearest;
use iom_model::{EnumType, Nominal, Transition, Type};
use iom_syntax::ast::Name;
use smol_str::SmolStr;

use super::unplaced;
use crate::infer::Checker;
use crate::messages;
use crate::signatures::nominal_signature;
use crate::types::expand;

impl<'db> Checker<'db> {
    /// `transition status: [pending => active, active => retired]`
    pub(super) fn check_transition(
        &mut self,
        field: &Name,
        steps: &[(Name, Name)],
        earlier: &[Transition],
    ) -> Option<Transition> {
        self.note_own_field(field);
        let values = self.transition_values(field)?;
        for (from, to) in steps {
            for step in [from, to] {
                self.note_declared(step.id, || self.place_of_alternative(&values, &step.text));
                let expected = Type::Enum(values.clone());
                self.note_value_cursor(&step.text, Some(&expected));
            }
        }
        if let Some(first) = earlier.iter().find(|one| one.field == field.text) {
            let first = self.place(iom_syntax::ast::NodeId(first.location.line));
            self.report(messages::second_transition(self.place(field.id), first, &field.text));
            return None;
        }
        let mut seen: Vec<(&Name, &Name)> = Vec::new();
        for (from, to) in steps {
            let known = |name: &Name| values.has(&name.text);
            for name in [from, to].into_iter().filter(|name| !known(name) && !name.text.is_empty()) {
                let names = values.alternatives.iter().map(|one| one.name.as_str());
                self.report(messages::no_alternative(self.place(name.id), &name.text, names));
            }
            let same =
                seen.iter().find(|(other, next)| other.text == from.text && next.text == to.text).copied();
            if let Some((first, _)) = same {
                let first = self.place(first.id);
                self.report(messages::step_again(self.place(from.id), first, &from.text, &to.text));
            } else if from.text == to.text && known(from) {
                self.report(messages::step_to_itself(self.place(from.id), &from.text));
            } else {
                seen.push((from, to));
            }
        }
        let steps = seen.into_iter().map(|(from, to)| (from.text.clone(), to.text.clone())).collect();
        Some(Transition { field: field.text.clone(), steps, location: unplaced(field.id) })
    }

    /// The values of the field, which must be of a type that names them.
    fn transition_values(&mut self, field: &Name) -> Option<std::sync::Arc<EnumType>> {
        let signature = nominal_signature(self.db, self.item);
        let Some(found) = signature.field(&field.text) else {
            let names: Vec<SmolStr> = signature.fields.iter().map(|field| field.name.clone()).collect();
            let near = nearest(&field.text, names.iter().map(SmolStr::as_str));
            let owner = Type::Element(Nominal::Kind(self.item.qualified_name(self.db)));
            let place = self.place(field.id);
            self.report(messages::unknown_field(place, &field.text, &owner, near, &names, None));
            return None;
        };
        match expand(self.db, found.ty.required()) {
            Type::Enum(values) => Some(values),
            Type::Error => None,
            Type::Secret(_) => {
                self.report(messages::secret_used(self.place(field.id), "part of a `transition`"));
                None
            }
            other => {
                self.report(messages::transition_without_values(self.place(field.id), &field.text, &other));
                None
            }
        }
    }
}
