use iom_model::Type;
use iom_syntax::ast::NodeId;

use crate::infer::Checker;
use crate::messages;
use crate::types::{expand, tag};

impl<'db> Checker<'db> {
    /// Unions that are written in a type, apart from those behind names, which are looked at where they are declared.
    pub(super) fn check_unions(&mut self, node: NodeId, ty: &Type) {
        match ty {
            Type::Union(alternatives)
                if self.records_among(alternatives) > 1 && tag(self.db, alternatives).is_none() =>
            {
                self.report(messages::union_without_tag(self.place(node), ty));
            }
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Secret(inner) => {
                self.check_unions(node, inner);
            }
            Type::Refined(inner, _) => self.check_unions(node, inner),
            Type::Map(key, value) => {
                self.check_unions(node, key);
                self.check_unions(node, value);
            }
            Type::Record(record) => {
                for field in &record.fields {
                    self.check_unions(node, &field.ty);
                }
            }
            _ => {}
        }
    }

    /// Values of other types are told apart by what they are.
    fn records_among(&self, alternatives: &[Type]) -> usize {
        let is_record = |ty: &&Type| matches!(expand(self.db, ty.required()), Type::Record(_));
        alternatives.iter().filter(is_record).count()
    }
}
