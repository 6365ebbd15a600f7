use iom_model::{Expr, Type};
use iom_syntax::ast::{self, Field};

use super::{Checker, Surroundings, Typed};
use crate::messages;

impl<'db> Checker<'db> {
    /// `x as { .. }`: `.y` inside is a field of x, `^` what was at hand outside.
    pub(super) fn infer_as_record(
        &mut self,
        base: &ast::Expr,
        fields: &[Field],
        expected: Option<&Type>,
    ) -> Typed {
        if self.surroundings != Surroundings::Adapter {
            self.report(messages::reshape_outside_adapter(self.place(base.id)));
            return Typed::error();
        }
        let base_node = base.id;
        let base = self.infer(base, None);
        let wanted = self.wanted(expected);
        self.in_scope(|checker| {
            let around = checker.at_hand.last().cloned();
            let outer = checker.fresh_local();
            let local = checker.bind_thing_at_hand(base.ty.required().clone());
            let kept = checker.outer.replace((outer, around.map_or(Type::Json, |(_, ty)| ty)));
            let record = checker.infer_record(base_node, fields, wanted.as_ref());
            checker.outer = kept;
            let expr =
                Expr::Reshape { value: Box::new(base.expr), local, outer, record: Box::new(record.expr) };
            Typed::new(record.ty.optional(), expr)
        })
    }
}
