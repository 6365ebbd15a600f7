//! What stands after `apply` and in the list of a group: a policy, with values for its parameters, a group, or a module.

use iom_model::{Builtin, Expr, QualifiedName, Type, constant_text};
use iom_syntax::ast::{self, Argument, ExprKind, NodeId};
use smol_str::{SmolStr, format_smolstr};

use super::super::ring::{MOST_GROUPS, is_deeper_than};
use super::{ApplicationSettings, ArgumentValue, Member, Reach, group_members};
use crate::infer::Checker;
use crate::items::Item;
use crate::look::{Called, given_arguments};
use crate::messages;
use crate::names::{Target as NameTarget, definition_of, policies_in_module, resolve};
use crate::signatures::{ParameterSignature, parameter_defaults, policy_parameters};

/// Something that can be applied, taken apart.
pub(super) struct Target<'db> {
    pub named: Named<'db>,
    pub name: SmolStr,
    pub members: Vec<Member>,
    pub node: NodeId,
}

#[derive(Clone, Copy)]
pub(super) enum Named<'db> {
    Policy(Item<'db>),
    Group,
    Module,
}

impl<'db> Checker<'db> {
    pub(super) fn application_target(&mut self, expr: &ast::Expr) -> Option<Target<'db>> {
        let (name, arguments) = match &expr.kind {
            ExprKind::Call { callee, arguments } => (&**callee, Some(arguments.as_slice())),
            _ => (expr, None),
        };
        let Some(segments) = self.as_global_path(name) else {
            if !matches!(name.kind, ExprKind::Missing) {
                self.report(messages::not_applicable(self.place(name.id)));
            }
            return None;
        };
        let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
        self.note_claim_cursor(&names);
        let found = resolve(self.db, self.scope, &names).filter(|found| found.used == names.len());
        let Some(found) = found else {
            self.report_unknown_segments(&names, |index| segments[index].1, "policy or group", Vec::new());
            return None;
        };
        let node = segments.last().map_or(name.id, |(_, node)| *node);
        let (named, members) = match found.target {
            NameTarget::Item(item) if item.keyword(self.db) == "policy" => {
                let member = self.applied_policy(expr.id, node, item, &found.qualified, arguments)?;
                (Named::Policy(item), vec![member])
            }
            NameTarget::Item(item) if item.keyword(self.db) == "group" => {
                self.no_arguments(arguments, "group", &found.qualified);
                if is_deeper_than(self.db, item, MOST_GROUPS) {
                    self.report(messages::groups_too_deep(self.place(node), MOST_GROUPS));
                    return None;
                }
                (Named::Group, reached(&group_members(self.db, item).members, Reach::InGroup, node))
            }
            NameTarget::Item(item) => {
                let keyword = item.keyword(self.db);
                self.report(messages::cannot_be_applied(self.place(node), &found.qualified, keyword));
                return None;
            }
            NameTarget::Module => {
                self.no_arguments(arguments, "module", &found.qualified);
                let members = self.policies_of_module(&found.qualified, node);
                if members.is_empty() {
                    self.report(messages::module_without_policies(self.place(node), &found.qualified));
                    return None;
                }
                (Named::Module, members)
            }
        };
        Some(Target { named, name: found.qualified, members, node })
    }

    fn no_arguments(&mut self, arguments: Option<&[Argument]>, what: &str, name: &str) {
        if let Some(first) = arguments.and_then(|arguments| arguments.first()) {
            self.report(messages::takes_no_arguments(self.place(first.id), what, name));
        }
    }

    /// All policies of a module and of those below it that judge without being told anything.
    fn policies_of_module(&mut self, module: &str, node: NodeId) -> Vec<Member> {
        let policies = policies_in_module(self.db, module);
        let plain = policies.into_iter().filter(|name| {
            definition_of(self.db, name).is_some_and(|item| policy_parameters(self.db, item).is_empty())
        });
        plain.map(|policy| Member { reach: Reach::InModule, node, ..Member::plain(policy) }).collect()
    }

    fn applied_policy(
        &mut self,
        whole: NodeId,
        node: NodeId,
        item: Item<'db>,
        qualified: &QualifiedName,
        arguments: Option<&[Argument]>,
    ) -> Option<Member> {
        let parameters = policy_parameters(self.db, item);
        let values = self.arguments(whole, item, parameters, arguments.unwrap_or_default())?;
        Some(Member {
            policy: qualified.clone(),
            text: arguments_text(&values),
            arguments: values,
            settings: ApplicationSettings::default(),
            reach: Reach::Itself,
            node,
        })
    }

    /// A value for every parameter; `None` where one is missing or wrong, which has been reported then.
    fn arguments(
        &mut self,
        whole: NodeId,
        item: Item<'db>,
        parameters: &[ParameterSignature],
        arguments: &[Argument],
    ) -> Option<Vec<ArgumentValue>> {
        self.note_call(
            whole,
            || Called::Declared {
                name: item.qualified_name(self.db),
                place: self.item_place(item),
                parameters: parameters.iter().map(ParameterSignature::as_called).collect(),
                result: None,
            },
            || given_arguments(arguments, parameters.iter().map(|one| &one.name)),
        );
        let mut values: Vec<Option<ArgumentValue>> = vec![None; parameters.len()];
        let mut given: Vec<Option<NodeId>> = vec![None; parameters.len()];
        let mut position = 0;
        for argument in arguments {
            let index = match &argument.name {
                Some(name) => parameters.iter().position(|parameter| parameter.name == name.text),
                None => {
                    position += 1;
                    (position <= parameters.len()).then(|| position - 1)
                }
            };
            let Some(index) = index else {
                self.unexpected_argument(argument, item, parameters);
                return None;
            };
            let node = argument.name.as_ref().map_or(argument.id, |name| name.id);
            if argument.name.is_some() {
                self.note_declared(node, || Some(item.place(self.db, parameters[index].node)));
            }
            if let Some(first) = given[index].replace(node) {
                let first = self.place(first);
                self.report(messages::argument_twice(self.place(node), first, &parameters[index].name));
                continue;
            }
            values[index] = self.argument(item, &parameters[index], &argument.value);
        }
        let missing: Vec<&ParameterSignature> = parameters
            .iter()
            .zip(&given)
            .filter(|(parameter, given)| given.is_none() && !parameter.has_default)
            .map(|(parameter, _)| parameter)
            .collect();
        if let Some(first) = missing.first() {
            let names: Vec<&str> = missing.iter().map(|parameter| parameter.name.as_str()).collect();
            let declared = item.place(self.db, first.node);
            let message = messages::missing_arguments(self.place(whole), item.name(self.db), &names);
            self.report(message.also(declared, "declared here"));
            return None;
        }
        let defaults = parameter_defaults(self.db, item);
        let filled = values.into_iter().zip(parameters).zip(&given).zip(defaults);
        filled
            .map(|(((value, parameter), given), default)| match given {
                Some(_) => value,
                None => parameter.by_default(default.as_ref()),
            })
            .collect()
    }

    fn argument(
        &mut self,
        item: Item<'db>,
        parameter: &ParameterSignature,
        value: &ast::Expr,
    ) -> Option<ArgumentValue> {
        let before = self.diagnostics.len();
        let (checked, locals) = self.in_new_body(|checker| checker.check(value, &parameter.ty));
        if let Some(mistake) = self.diagnostics.get_mut(before)
            && mistake.is_error()
            && mistake.code != iom_diagnostics::code::UNKNOWN_NAME
        {
            let declared = item.place(self.db, parameter.node);
            mistake.secondary.push(iom_diagnostics::Label {
                place: declared,
                message: format!("`{}: {}` is declared here", parameter.name, parameter.ty),
            });
        }
        if has_error(&checked) {
            return None;
        }
        if !is_constant(&checked) {
            self.report(messages::argument_not_constant(self.place(value.id), &parameter.name));
            return None;
        }
        Some(ArgumentValue {
            parameter: parameter.name.clone(),
            ty: parameter.ty.clone(),
            value: checked,
            locals,
        })
    }

    fn unexpected_argument(
        &mut self,
        argument: &Argument,
        item: Item<'db>,
        parameters: &[ParameterSignature],
    ) {
        let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let policy = item.name(self.db);
        let message = match &argument.name {
            _ if parameters.is_empty() => {
                messages::takes_no_arguments(self.place(argument.id), "policy", policy)
            }
            Some(name) => {
                let near = iom_diagnostics::nearest(&name.text, names.iter().copied());
                messages::unknown_parameter(self.place(name.id), &name.text, policy, near, &names)
            }
            None => messages::too_many_arguments(self.place(argument.id), policy, names.len()),
        };
        let declared = self.name_place(item);
        self.report(message.also(declared, "declared here"));
    }
}

impl ParameterSignature {
    /// The default as a value; nothing where there is none, or a wrong one.
    pub(super) fn by_default(&self, default: Option<&Expr>) -> Option<ArgumentValue> {
        let value = default.filter(|value| !has_error(value))?.clone();
        Some(ArgumentValue { parameter: self.name.clone(), ty: self.ty.clone(), value, locals: 0 })
    }
}

/// `registries: ["registry.example"]`, with secrets left out.
pub(crate) fn arguments_text(arguments: &[ArgumentValue]) -> SmolStr {
    let mut text = String::new();
    for argument in arguments {
        let is_secret = matches!(argument.ty.required(), Type::Secret(_));
        let value = if is_secret { "(secret)".to_owned() } else { constant_text(&argument.value) };
        let comma = if text.is_empty() { "" } else { ", " };
        text.push_str(&format_smolstr!("{comma}{}: {value}", argument.parameter));
    }
    text.into()
}

/// The members of something, as those who name it see them.
fn reached(members: &[Member], reach: Reach, node: NodeId) -> Vec<Member> {
    members.iter().map(|member| Member { reach: member.reach.max(reach), node, ..member.clone() }).collect()
}

fn has_error(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= matches!(part, Expr::Error));
    found
}

/// Whether a value is the same whoever asks, on whatever layer and whenever.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    let mut is_constant = true;
    expr.walk(&mut |part| {
        is_constant &= !matches!(
            part,
            Expr::Population(_)
                | Expr::Named { .. }
                | Expr::Now
                | Expr::Builtin {
                    function: Builtin::Upstream
                        | Builtin::Downstream
                        | Builtin::Path
                        | Builtin::Reaches
                        | Builtin::Referrers
                        | Builtin::Intended
                        | Builtin::Built
                        | Builtin::Running,
                    ..
                }
        );
    });
    is_constant
}
