use iom_model::{Expr, Nominal, Type};
use iom_syntax::ast::{self, ExprKind, NodeId};

use super::instances::Called;
use super::{Checker, Typed};
use crate::messages;
use crate::names::definition_of;
use crate::signatures::nominal_signature;
use crate::types::expand;

impl<'db> Checker<'db> {
    /// `x conforms B`, or `x conforms B(p: ..)` for parameters that no field of x says.
    pub(super) fn infer_conforms(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let value = self.infer(left, None);
        let value = self.operand(left.id, value, "compared with a blueprint");
        let (callee, arguments) = match &right.kind {
            ExprKind::Call { callee, arguments } => (&**callee, arguments.as_slice()),
            _ => (right, &[][..]),
        };
        let Some(called) = self.blueprint_at(callee) else {
            self.report_no_blueprint(callee);
            return Typed::error();
        };
        self.check_subject(op_id, &value.ty, &called);
        let pattern = self.blueprint_arguments(right.id, &called, arguments, false);
        let missing: Vec<_> = called
            .signature
            .unsolved()
            .filter(|parameter| {
                let position = called.signature.parameters.iter().position(|one| one.name == parameter.name);
                position.and_then(|position| pattern.arguments.get(position)).is_none_or(Option::is_none)
            })
            .collect();
        if let Some(first) = missing.first() {
            let names: Vec<&str> = missing.iter().map(|parameter| parameter.name.as_str()).collect();
            let short = called.name.rsplit('.').next().unwrap_or(&called.name);
            let declared = called.item.place(self.db, first.node);
            self.report(messages::unsolved_parameters(self.place(right.id), short, &names, declared));
        }
        Typed::new(Type::BOOL, Expr::Conforms { value: Box::new(value.expr), pattern: Box::new(pattern) })
    }

    /// A blueprint was wanted.
    pub(crate) fn report_no_blueprint(&mut self, callee: &ast::Expr) {
        match self.as_global_path(callee) {
            Some(segments) => {
                let names: Vec<_> = segments.iter().map(|(name, _)| name.clone()).collect();
                let found = crate::names::resolve(self.db, self.scope, &names);
                match found.filter(|found| found.used == names.len()) {
                    Some(_) => self.report(messages::no_blueprint(self.place(callee.id))),
                    None => self.report_unknown_segments(
                        &names,
                        |index| segments[index].1,
                        "blueprint",
                        Vec::new(),
                    ),
                }
            }
            None if matches!(callee.kind, ExprKind::Missing) => {}
            None => self.report(messages::no_blueprint(self.place(callee.id))),
        }
    }

    /// What can never be what the blueprint is about is a mistake.
    fn check_subject(&mut self, op_id: NodeId, ty: &Type, called: &Called<'db>) {
        let found = match expand(self.db, ty) {
            Type::Element(nominal) => nominal,
            Type::Error => return,
            other => {
                self.report(messages::no_such_operation(self.place(op_id), "conforms", &other, None));
                return;
            }
        };
        let subjects = called.signature.subjects();
        if !subjects.is_empty() && !subjects.iter().any(|subject| self.may_be(&found, subject)) {
            let declared = self.blueprint_place(called.item);
            let place = self.place(op_id);
            self.report(messages::never_conforms(
                place,
                &Type::Element(found.clone()),
                &called.name,
                &subjects,
                declared,
            ));
        }
    }

    /// Whether something could be both.
    fn may_be(&self, left: &Nominal, right: &Nominal) -> bool {
        match (left, right) {
            (Nominal::Trait(_), Nominal::Trait(_)) => true,
            (Nominal::Kind(left), Nominal::Kind(right)) => left == right,
            (Nominal::Kind(kind), Nominal::Trait(name)) | (Nominal::Trait(name), Nominal::Kind(kind)) => {
                self.has_trait(kind, name)
            }
        }
    }

    /// Whether a kind or trait is a trait, itself or through another.
    pub(crate) fn has_trait(&self, nominal: &str, name: &str) -> bool {
        nominal == name
            || definition_of(self.db, nominal)
                .is_none_or(|item| nominal_signature(self.db, item).traits.iter().any(|own| own == name))
    }
}
