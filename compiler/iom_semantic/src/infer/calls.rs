use std::sync::Arc;

use iom_diagnostics::nearest;
use iom_model::{Builtin, Expr, Nominal, Scalar, Type};
use iom_syntax::ast::{self, Argument, ExprKind, NodeId};
use smol_str::SmolStr;

use super::{Checker, Typed, population_type};
use crate::items::Item;
use crate::look::{Called, given_arguments};
use crate::messages;
use crate::names::{Target, resolve};
use crate::signatures::{FunctionSignature, ParameterSignature, function_signature, parameter_defaults};
use crate::types::expand;

/// Functions of the language with the number of arguments they take.
const BUILTINS: &[(&str, Builtin, usize, usize)] = &[
    ("size", Builtin::Size, 1, 1),
    ("count", Builtin::Size, 1, 1),
    ("sum", Builtin::Sum, 1, 1),
    ("min", Builtin::Min, 1, 2),
    ("max", Builtin::Max, 1, 2),
    ("first", Builtin::First, 1, 1),
    ("distinct", Builtin::Distinct, 1, 1),
    ("only", Builtin::Only, 1, 1),
    ("merge", Builtin::Merge, 2, 2),
    ("upstream", Builtin::Upstream, 1, 1),
    ("downstream", Builtin::Downstream, 1, 1),
    ("path", Builtin::Path, 2, 2),
    ("reaches", Builtin::Reaches, 2, 2),
    ("referrers", Builtin::Referrers, 2, 2),
    ("lower", Builtin::Lower, 1, 1),
    ("upper", Builtin::Upper, 1, 1),
    ("trim", Builtin::Trim, 1, 1),
    ("starts_with", Builtin::StartsWith, 2, 2),
    ("ends_with", Builtin::EndsWith, 2, 2),
    ("split", Builtin::Split, 2, 2),
    ("join", Builtin::Join, 2, 2),
    ("replace", Builtin::Replace, 3, 3),
    ("parse_json", Builtin::ParseJson, 1, 1),
    ("parse_yaml", Builtin::ParseYaml, 1, 1),
    ("base64_decode", Builtin::Base64Decode, 1, 1),
    ("days", Builtin::Days, 1, 1),
    ("hours", Builtin::Hours, 1, 1),
    ("seconds", Builtin::Seconds, 1, 1),
    ("map_of", Builtin::MapOf, 3, 3),
    ("ports", Builtin::Ports, 3, 3),
    ("flags", Builtin::Flags, 1, 1),
    ("looks_secret", Builtin::LooksSecret, 1, 1),
    ("secrets_in", Builtin::SecretsIn, 1, 1),
    ("claimed", Builtin::Claimed, 1, 1),
    ("unmodelled", Builtin::Unmodelled, 1, 1),
    ("twins", Builtin::Twins, 1, 1),
    ("identified", Builtin::Identified, 1, 1),
    ("keys", Builtin::Keys, 1, 1),
    ("values", Builtin::Values, 1, 1),
    ("intended", Builtin::Intended, 1, 1),
    ("built", Builtin::Built, 1, 1),
    ("running", Builtin::Running, 1, 1),
    ("text", Builtin::Text, 1, 1),
    ("int", Builtin::ToInt, 1, 1),
    ("abs", Builtin::Abs, 1, 1),
    ("sorted", Builtin::Sorted, 1, 1),
    ("reverse", Builtin::Reverse, 1, 1),
];

/// The names of the language's functions.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().map(|(name, ..)| *name)
}

impl<'db> Checker<'db> {
    pub(super) fn infer_call(
        &mut self,
        id: NodeId,
        callee: &ast::Expr,
        arguments: &[Argument],
        expected: Option<&Type>,
    ) -> Typed {
        let Some(segments) = self.as_global_path(callee) else {
            let message = match &callee.kind {
                ExprKind::Field { name, .. } => {
                    let mut names = BUILTINS.iter().map(|(name, ..)| *name);
                    let own = names.clone().find(|builtin| *builtin == name.text);
                    let near = own.or_else(|| nearest(&name.text, &mut names));
                    messages::method_call(self.place(name.id), &name.text, near)
                }
                _ => messages::not_callable(self.place(callee.id)),
            };
            self.report(message);
            self.infer_arguments(arguments);
            return Typed::error();
        };
        let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
        if let Some(found) = resolve(self.db, self.scope, &names)
            && found.used == names.len()
            && let Target::Item(item) = found.target
        {
            if let Some(signature) = function_signature(self.db, item) {
                return self.call_function(id, (&found.qualified, item), signature, arguments);
            }
            let keyword = item.keyword(self.db);
            let message = match keyword {
                "blueprint" => messages::blueprint_as_value(self.place(callee.id), item.name(self.db)),
                _ => messages::not_a_function(self.place(callee.id), &found.qualified, keyword),
            };
            self.report(message);
            self.infer_arguments(arguments);
            return Typed::error();
        }
        if self.is_ambiguous(&names[0], segments[0].1) {
            self.infer_arguments(arguments);
            return Typed::error();
        }
        // `net.ports` reads better than `ports` where `std.net` is used.
        let last = names.last().cloned().unwrap_or_default();
        if let Some((name, builtin, least, most)) = BUILTINS.iter().find(|(name, ..)| *name == last) {
            if let Some((_, node)) = segments.last() {
                self.note_word(*node, name);
            }
            self.note_call(
                id,
                || Called::Builtin((*name).into()),
                || given_arguments(arguments, std::iter::empty()),
            );
            return self.call_builtin(id, name, *builtin, (*least, *most), arguments, expected);
        }
        let builtins = BUILTINS.iter().map(|(name, ..)| SmolStr::new_static(name)).collect();
        self.report_unknown_segments(&names, |index| segments[index].1, "function", builtins);
        self.infer_arguments(arguments);
        Typed::error()
    }

    fn infer_arguments(&mut self, arguments: &[Argument]) -> Vec<Typed> {
        arguments.iter().map(|argument| self.infer(&argument.value, None)).collect()
    }

    fn call_function(
        &mut self,
        id: NodeId,
        (name, item): (&SmolStr, Item<'db>),
        signature: &FunctionSignature,
        arguments: &[Argument],
    ) -> Typed {
        self.note_call(
            id,
            || Called::Declared {
                name: name.clone(),
                place: self.item_place(item),
                parameters: signature.parameters.iter().map(ParameterSignature::as_called).collect(),
                result: Some(signature.result.clone()),
            },
            || given_arguments(arguments, signature.parameters.iter().map(|one| &one.name)),
        );
        let mut values: Vec<Option<Expr>> = vec![None; signature.parameters.len()];
        let mut position = 0;
        for argument in arguments {
            let index = match &argument.name {
                Some(name) => signature.parameters.iter().position(|parameter| parameter.name == name.text),
                None => {
                    position += 1;
                    (position <= signature.parameters.len()).then(|| position - 1)
                }
            };
            let Some(index) = index else {
                self.infer(&argument.value, None);
                self.report_extra_argument(argument, name, signature);
                continue;
            };
            if let Some(name) = &argument.name {
                self.note_declared(name.id, || Some(item.place(self.db, signature.parameters[index].node)));
            }
            let value = self.check(&argument.value, &signature.parameters[index].ty);
            values[index] = Some(value);
        }
        let missing: Vec<&str> = signature
            .parameters
            .iter()
            .zip(&values)
            .filter(|(parameter, value)| value.is_none() && !parameter.has_default)
            .map(|(parameter, _)| parameter.name.as_str())
            .collect();
        if !missing.is_empty() {
            self.report(messages::missing_arguments(self.place(id), name, &missing));
        }
        let defaults = parameter_defaults(self.db, item);
        let default = |index: usize| defaults.get(index).cloned().flatten().unwrap_or(Expr::Error);
        let arguments = values
            .into_iter()
            .enumerate()
            .map(|(index, value)| value.unwrap_or_else(|| default(index)))
            .collect();
        Typed::new(signature.result.clone(), Expr::Call { function: name.clone(), arguments })
    }

    fn report_extra_argument(&mut self, argument: &Argument, function: &str, signature: &FunctionSignature) {
        let names: Vec<&str> = signature.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let diagnostic = match &argument.name {
            Some(name) => {
                let near = nearest(&name.text, names.iter().copied());
                messages::unknown_parameter(self.place(name.id), &name.text, function, near, &names)
            }
            None => messages::too_many_arguments(self.place(argument.id), function, names.len()),
        };
        self.report(diagnostic);
    }

    fn call_builtin(
        &mut self,
        id: NodeId,
        name: &str,
        builtin: Builtin,
        (least, most): (usize, usize),
        arguments: &[Argument],
        expected: Option<&Type>,
    ) -> Typed {
        if arguments.len() < least || arguments.len() > most {
            self.infer_arguments(arguments);
            self.report(messages::argument_count(self.place(id), name, least, most, arguments.len()));
            return Typed::error();
        }
        match builtin {
            Builtin::MapOf => return self.call_map_of(arguments),
            Builtin::Referrers => return self.call_referrers(arguments),
            _ => {}
        }
        let hint = match builtin {
            Builtin::Distinct | Builtin::Merge | Builtin::Sorted | Builtin::Reverse => expected,
            Builtin::Lower
            | Builtin::Upper
            | Builtin::Trim
            | Builtin::StartsWith
            | Builtin::EndsWith
            | Builtin::Split => Some(&Type::STRING),
            _ => None,
        };
        let mut typed: Vec<Typed> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.infer(&argument.value, hint);
            let takes_absent = matches!(
                builtin,
                Builtin::Ports
                    | Builtin::LooksSecret
                    | Builtin::SecretsIn
                    | Builtin::ParseJson
                    | Builtin::ParseYaml
                    | Builtin::Flags
            );
            let value = if takes_absent {
                value
            } else {
                self.operand(argument.value.id, value, &format!("passed to `{name}`"))
            };
            typed.push(value);
        }
        let types: Vec<Type> = typed.iter().map(|one| expand(self.db, &one.ty)).collect();
        let Some(ty) = self.builtin_result(builtin, &types) else {
            self.report(messages::no_such_operation(
                self.place(arguments[0].value.id),
                &format!("`{name}`"),
                &typed[0].ty,
                None,
            ));
            return Typed::error();
        };
        Typed::new(
            ty,
            Expr::Builtin { function: builtin, arguments: typed.into_iter().map(|one| one.expr).collect() },
        )
    }

    fn builtin_result(&self, builtin: Builtin, types: &[Type]) -> Option<Type> {
        let first = types.first()?;
        let item = || self.item_type(first);
        let is_text = |ty: &Type| {
            matches!(ty, Type::Error | Type::Json | Type::Enum(_))
                || crate::types::fits(self.db, ty, &Type::STRING)
        };
        let resource = || Type::List(Arc::new(Type::Element(Nominal::Trait("std.prelude.Resource".into()))));
        let is_element = |ty: &Type| matches!(ty, Type::Element(_) | Type::Error);
        Some(match builtin {
            Builtin::Size => match first {
                Type::List(_) | Type::Set(_) | Type::Map(..) | Type::Json | Type::Error => Type::INT,
                ty if is_text(ty) => Type::INT,
                _ => return None,
            },
            Builtin::Sum => item()?,
            Builtin::Min | Builtin::Max if types.len() == 2 => self.join_types(first, &types[1])?,
            Builtin::Min | Builtin::Max | Builtin::First | Builtin::Only => item()?.optional(),
            Builtin::Distinct | Builtin::Sorted | Builtin::Reverse => {
                item()?;
                first.clone()
            }
            Builtin::Merge => self.join_types(first, types.get(1)?)?,
            Builtin::Upstream | Builtin::Downstream if is_element(first) => resource(),
            Builtin::Path if types.iter().all(is_element) => resource(),
            Builtin::Reaches if types.iter().all(is_element) => Type::BOOL,
            Builtin::Upstream | Builtin::Downstream | Builtin::Path | Builtin::Reaches => return None,
            Builtin::Lower | Builtin::Upper | Builtin::Trim | Builtin::Replace => {
                is_text(first).then_some(Type::STRING)?
            }
            Builtin::StartsWith | Builtin::EndsWith => is_text(first).then_some(Type::BOOL)?,
            Builtin::Split => is_text(first).then(|| Type::List(Arc::new(Type::STRING)))?,
            Builtin::Join => {
                item()?;
                Type::STRING
            }
            Builtin::ParseJson | Builtin::ParseYaml => Type::Json,
            Builtin::Base64Decode => Type::STRING.optional(),
            Builtin::Days | Builtin::Hours | Builtin::Seconds => Type::Scalar(Scalar::Duration),
            Builtin::Ports => Type::Scalar(Scalar::Ports),
            Builtin::Flags => Type::Map(Arc::new(Type::STRING), Arc::new(Type::STRING)),
            Builtin::LooksSecret => Type::BOOL,
            Builtin::SecretsIn => match first {
                Type::Json | Type::Error => Type::Map(Arc::new(Type::STRING), Arc::new(Type::Json)),
                _ => return None,
            },
            Builtin::Claimed | Builtin::Identified if is_element(first) => Type::BOOL,
            Builtin::Unmodelled if is_element(first) => Type::List(Arc::new(Type::STRING)),
            Builtin::Twins if is_element(first) => Type::List(Arc::new(first.clone())),
            Builtin::Claimed | Builtin::Identified | Builtin::Unmodelled | Builtin::Twins => return None,
            Builtin::Keys => match first {
                Type::Map(key, _) => Type::List(key.clone()),
                Type::Json | Type::Error => Type::List(Arc::new(Type::STRING)),
                _ => return None,
            },
            Builtin::Values => match first {
                Type::Map(_, value) => Type::List(value.clone()),
                Type::Json | Type::Error => Type::List(Arc::new(Type::Json)),
                _ => return None,
            },
            Builtin::Intended | Builtin::Built | Builtin::Running => first.clone().optional(),
            Builtin::Text => Type::STRING,
            Builtin::ToInt => Type::INT,
            Builtin::Abs => first.clone(),
            Builtin::MapOf | Builtin::Referrers | Builtin::Before => return None,
        })
    }

    /// `map_of(xs, by: .name, to: .value)`: the element at hand is what `.name` reads.
    fn call_map_of(&mut self, arguments: &[Argument]) -> Typed {
        let list = self.infer(&arguments[0].value, None);
        let Some(item) = self.item_type(list.ty.required()) else {
            self.report(messages::not_a_collection(self.place(arguments[0].value.id), &list.ty));
            return Typed::error();
        };
        let (binder, key, value) = self.in_scope(|checker| {
            let local = checker.bind_thing_at_hand(item);
            let key = checker.infer(&arguments[1].value, None);
            let value = checker.infer(&arguments[2].value, None);
            let binder = iom_model::Binder { local, second: None, source: list.expr, by: None, filter: None };
            (binder, key, value)
        });
        let ty = Type::Map(Arc::new(key.ty.required().clone()), Arc::new(value.ty.required().clone()));
        Typed::new(
            ty,
            Expr::MapComprehension {
                binders: vec![binder],
                key: Box::new(key.expr),
                value: Box::new(value.expr),
            },
        )
    }

    /// `referrers(x, K)`: elements of K that refer to x.
    fn call_referrers(&mut self, arguments: &[Argument]) -> Typed {
        let target = self.infer(&arguments[0].value, None);
        let target = self.operand(arguments[0].value.id, target, "passed to `referrers`");
        let population = match &arguments[1].value.kind {
            ExprKind::Name(_) | ExprKind::Field { .. } => self.infer(&arguments[1].value, None),
            _ => Typed::error(),
        };
        let Expr::Population(nominal) = population.expr else {
            if !population.ty.is_error() {
                self.report(messages::named_needs_kind(self.place(arguments[1].value.id)));
            }
            return Typed::error();
        };
        let arguments = vec![target.expr, Expr::Population(nominal.clone())];
        Typed::new(population_type(nominal), Expr::Builtin { function: Builtin::Referrers, arguments })
    }
}
