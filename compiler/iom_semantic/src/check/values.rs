use iom_model::{Constant, DataSource, Function};
use iom_syntax::ast::{self, Name, Parameter, TypeExpr};
use smol_str::SmolStr;

use super::{Lowered, unplaced};
use crate::infer::Checker;
use crate::messages;
use crate::names::data_path;

impl<'db> Checker<'db> {
    pub(super) fn check_constant(&mut self, ty: Option<&TypeExpr>, value: &ast::Expr) -> Lowered {
        let ty = ty.map(|ty| self.lower_type(ty));
        let ((ty, value), locals) = self.in_new_body(|checker| match ty {
            Some(ty) => {
                let value = checker.check(value, &ty);
                (ty, value)
            }
            None => {
                let typed = checker.infer(value, None);
                (typed.ty, typed.expr)
            }
        });
        Lowered::Constant(Constant { ty, value, locals })
    }

    pub(super) fn check_function(
        &mut self,
        parameters: &[Parameter],
        result: &TypeExpr,
        value: &ast::Expr,
    ) -> Lowered {
        let result = self.lower_type(result);
        let ((parameters, value), locals) = self.in_new_body(|checker| {
            let mut types = Vec::with_capacity(parameters.len());
            for parameter in parameters {
                let ty = checker.lower_type(&parameter.ty);
                if let Some(default) = &parameter.default {
                    checker.check(default, &ty);
                }
                if let Some(first) = checker.binding(&parameter.name.text) {
                    let first = checker.place(first.node);
                    checker.report(messages::duplicate_name(
                        checker.place(parameter.name.id),
                        first,
                        &parameter.name.text,
                    ));
                }
                checker.bind(&parameter.name, ty.clone());
                types.push(ty);
            }
            let value = checker.check(value, &result);
            (types, value)
        });
        Lowered::Function(Box::new(Function { parameters, result, value, locals }))
    }

    pub(super) fn check_data(&mut self, name: &Name, ty: &TypeExpr, source: &ast::Source) -> Lowered {
        const FORMATS: &[&str] = &["json", "csv"];
        let ty = self.lower_type(ty);
        if !FORMATS.contains(&source.format.text.as_str()) {
            let place = self.place(source.format.id);
            self.report(messages::no_alternative(place, &source.format.text, FORMATS.iter().copied()));
        }
        self.check_data_path(&source.file);
        let mut key = None;
        if let Some(body) = &source.body {
            for (name, field) in self.settings(body, "data source", &["key"]) {
                if name.text == "key" {
                    key = self.text_setting(field).map(SmolStr::from);
                }
            }
        }
        let at = match &source.at {
            None => Vec::new(),
            Some(at) => match at.text.strip_prefix('.') {
                Some(path) => path.split('.').filter(|part| !part.is_empty()).map(SmolStr::new).collect(),
                None => {
                    self.report(messages::wanted_value(
                        self.place(at.id),
                        "a path that starts with a dot",
                        "\".config.owners\"",
                    ));
                    Vec::new()
                }
            },
        };
        Lowered::Data(Box::new(DataSource {
            name: self.item.qualified_name(self.db),
            location: unplaced(name.id),
            ty,
            format: source.format.text.clone(),
            file: data_path(self.db, self.item.file(self.db), &source.file.text),
            at,
            key,
        }))
    }
}
