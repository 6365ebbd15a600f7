//! Computed fields of records, on the way to where a value stands: `pod.all_containers[3]` is `pod.init[1]`.

use iom_model::BinaryOp;

use super::locate::{Step, Trail};
use crate::evaluate::Evaluator;
use crate::program::{Code, RecordId, TypeCode, TypeId};
use crate::value::Value;

impl Evaluator<'_> {
    /// The steps of a trail without those through computed fields of the record that its first step is.
    pub(super) fn without_derived(&mut self, trail: Trail) -> Vec<Step> {
        let Some((Step::Name(name), rest)) = trail.steps.split_first() else { return trail.steps };
        let kind = self.program.kind(self.estate.element(trail.element).kind);
        let Some(position) = kind.field_position(*name) else { return trail.steps };
        let value = self.field(trail.element, position);
        match self.without_computed(value, kind.fields[position as usize].ty, rest) {
            Some(inner) => [Step::Name(*name)].into_iter().chain(inner).collect(),
            None => trail.steps,
        }
    }

    /// Steps into a value of a type, with those through a computed field of its record replaced by what leads to the same
    /// value without it; `None` where nothing has to be replaced, or it cannot be told.
    pub(super) fn without_computed(&mut self, value: Value, ty: TypeId, steps: &[Step]) -> Option<Vec<Step>> {
        let (Step::Name(name), rest) = steps.split_first()? else { return None };
        let record = self.record_of(ty)?;
        let field = self.program.types.record(record).fields.iter().find(|field| field.name == *name)?;
        let (code, locals) = field.derive.as_ref()?;
        let frame = self.enter(*locals);
        self.set(0, value);
        let found = self.leading_to(code, rest, 0);
        self.leave(frame);
        found
    }

    fn record_of(&self, mut ty: TypeId) -> Option<RecordId> {
        loop {
            match self.program.types.get(ty) {
                TypeCode::Optional(inner) | TypeCode::Refined(inner, _) => ty = *inner,
                TypeCode::Record(id) => return Some(*id),
                _ => return None,
            }
        }
    }

    /// The steps from the record in slot 0 to what stands at some steps into a value that is made of it.
    fn leading_to(&mut self, code: &Code, steps: &[Step], depth: u32) -> Option<Vec<Step>> {
        if depth > 32 {
            return None;
        }
        match code.seen_through() {
            Code::Local(0) => Some(steps.to_vec()),
            Code::Member { base, name } => {
                let mut inner = vec![Step::Name(*name)];
                inner.extend_from_slice(steps);
                self.leading_to(base, &inner, depth + 1)
            }
            Code::Convert { value, .. } => self.leading_to(value, steps, depth + 1),
            Code::Coalesce { left, right, empty_is_absent } => {
                let value = self.raw(left);
                let side = if self.reads_as_absent(&value, *empty_is_absent) { right } else { left };
                self.leading_to(side, steps, depth + 1)
            }
            Code::Binary { op: BinaryOp::Concat, left, right } => {
                let (Step::Index(position), rest) = steps.split_first()? else { return None };
                let value = self.raw(left);
                let len = self.list_of(value).map_or(0, |list| list.items.len());
                match position.checked_sub(len) {
                    None => self.leading_to(left, steps, depth + 1),
                    Some(position) => {
                        let mut inner = vec![Step::Index(position)];
                        inner.extend_from_slice(rest);
                        self.leading_to(right, &inner, depth + 1)
                    }
                }
            }
            _ => None,
        }
    }
}
