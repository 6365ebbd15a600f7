//! Values for parameters of applied policies from outside the sources: `POLICY.PARAM=VALUE` of the command line.

use iom_base::FileId;
use iom_diagnostics::nearest;
use iom_model::{QualifiedName, Scalar, Type};
use iom_syntax::ast::{DeclarationKind, Expr};
use smol_str::{SmolStr, format_smolstr};

use crate::check::apply::{ArgumentValue, applied_policies};
use crate::db::Db;
use crate::infer::Checker;
use crate::input::{SourceFile, SourceText};
use crate::items::{Item, declaration, items, syntax_errors};
use crate::names::{definition_of, file_module};
use crate::signatures::{ParameterSignature, policy_parameters};
use crate::types::expand;

/// A value that takes the place of the one in every `apply` of the policy.
#[derive(Clone, PartialEq, Debug)]
pub struct ParameterOverride {
    pub policy: QualifiedName,
    pub(crate) value: ArgumentValue,
}

impl ParameterOverride {
    pub fn parameter(&self) -> &str {
        &self.value.parameter
    }
}

/// Why a value cannot be used, in one sentence, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OverrideFault {
    pub message: String,
    pub help: Option<String>,
}

impl OverrideFault {
    fn new(message: String, help: Option<String>) -> OverrideFault {
        OverrideFault { message, help }
    }
}

/// Reads `POLICY.PARAM=VALUE`. The policy's name may be given without its module where only one is called so; names in the
/// value mean what they mean in the policy's module.
pub(crate) fn read(db: &dyn Db, text: &str) -> Result<ParameterOverride, OverrideFault> {
    let usage = || {
        Some("write POLICY.PARAM=VALUE, for example allowed_registries.registries=registry.example".into())
    };
    let Some((target, value)) = text.split_once('=') else {
        return Err(OverrideFault::new("there is no `=`".to_owned(), usage()));
    };
    let Some((policy, parameter)) = target.trim().rsplit_once('.') else {
        return Err(OverrideFault::new(
            format!("`{}` names no parameter of a policy", target.trim()),
            usage(),
        ));
    };
    let (policy, item) = applied_policy(db, policy)?;
    let parameters = policy_parameters(db, item);
    let Some(signature) = parameters.iter().find(|one| one.name == parameter) else {
        let names = parameters.iter().map(|one| one.name.as_str());
        let help = match nearest(parameter, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", iom_diagnostics::quoted_list(names, 12)),
        };
        return Err(OverrideFault::new(format!("`{policy}` has no parameter `{parameter}`"), Some(help)));
    };
    let value = argument(db, item, signature, value)?;
    Ok(ParameterOverride { policy, value })
}

/// The applied policy with parameters that a name means.
fn applied_policy<'db>(db: &'db dyn Db, name: &str) -> Result<(QualifiedName, Item<'db>), OverrideFault> {
    let applied = applied_policies(db);
    let has_parameters = |policy: &&SmolStr| {
        definition_of(db, policy).is_some_and(|item| !policy_parameters(db, item).is_empty())
    };
    let known: Vec<&SmolStr> = applied.iter().filter(has_parameters).collect();
    let means = |policy: &&&SmolStr| {
        policy.as_str() == name || policy.strip_suffix(name).is_some_and(|module| module.ends_with('.'))
    };
    let found: Vec<&SmolStr> = known.iter().filter(means).copied().collect();
    let exact = found.iter().find(|policy| policy.as_str() == name);
    match (exact, found.as_slice()) {
        (Some(policy), _) | (None, [policy]) => match definition_of(db, policy) {
            Some(item) => Ok(((*policy).clone(), item)),
            None => Err(OverrideFault::new(format!("there is no policy `{name}`"), None)),
        },
        (None, [_, ..]) => {
            let names = iom_diagnostics::quoted_list(found.iter().map(|policy| policy.as_str()), 6);
            let help = Some(format!("write one of {names}"));
            Err(OverrideFault::new(format!("several policies are called `{name}`"), help))
        }
        (None, []) => {
            if let Some(plain) = applied.iter().find(|policy| means(&policy)) {
                return Err(OverrideFault::new(format!("`{plain}` has no parameters"), None));
            }
            let short = known.iter().map(|policy| policy.rsplit('.').next().unwrap_or(policy));
            let near = nearest(name, known.iter().map(|policy| policy.as_str()).chain(short));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "no policy with parameters is applied here".to_owned(),
                None => {
                    let names = known.iter().map(|policy| policy.as_str());
                    format!("applied with parameters: {}", iom_diagnostics::quoted_list(names, 12))
                }
            };
            Err(OverrideFault::new(format!("nothing applies a policy `{name}` with parameters"), Some(help)))
        }
    }
}

fn argument<'db>(
    db: &'db dyn Db,
    policy: Item<'db>,
    parameter: &ParameterSignature,
    value: &str,
) -> Result<ArgumentValue, OverrideFault> {
    let module = file_module(db, policy.file(db));
    let written = written(db, &parameter.ty, value.trim());
    let header = if module.is_empty() { String::new() } else { format!("module {module}\n") };
    let source = SourceText::Shared(format!("{header}const value = {written}\n").into());
    let file = SourceFile::new(db, FileId(u32::MAX - 1), "--set".into(), source, false, SmolStr::default());
    let what = format!("`{}` is no {} for `{}`", value.trim(), parameter.ty, parameter.name);
    let all = items(db, file);
    // What is more than one constant was no value.
    let expected = usize::from(!module.is_empty()) + 1;
    let item = all.last().copied().filter(|_| all.len() == expected && syntax_errors(db, file).is_empty());
    let declared = item.map(|item| (item, declaration(db, item)));
    let Some((item, DeclarationKind::Const { value: expr, .. })) =
        declared.map(|(item, declaration)| (item, &declaration.kind))
    else {
        return Err(OverrideFault::new(what, None));
    };
    check(db, item, parameter, expr).map_err(|reason| OverrideFault::new(what, reason))
}

fn check<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    parameter: &ParameterSignature,
    expr: &Expr,
) -> Result<ArgumentValue, Option<String>> {
    let mut checker = Checker::new(db, item);
    let (value, locals) = checker.in_new_body(|checker| checker.check(expr, &parameter.ty));
    if let Some(mistake) = checker.diagnostics.iter().find(|one| one.is_error()) {
        let help = mistake.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        return Err(Some(format!("{}{help}", mistake.message)));
    }
    if !crate::check::apply::is_constant(&value) {
        return Err(Some("the value depends on the state that is judged".to_owned()));
    }
    Ok(ArgumentValue { parameter: parameter.name.clone(), ty: parameter.ty.clone(), value, locals })
}

/// A value as the language writes it. On the command line texts need no quotes, and lists no brackets.
fn written(db: &dyn Db, ty: &Type, value: &str) -> SmolStr {
    match expand(db, ty) {
        Type::Optional(_) if value == "absent" => value.into(),
        Type::Optional(inner) | Type::Secret(inner) => written(db, &inner, value),
        Type::Scalar(Scalar::Bool | Scalar::Int | Scalar::Decimal | Scalar::Port | Scalar::Policy) => {
            value.into()
        }
        Type::Scalar(_) | Type::Enum(_) => quoted(value),
        Type::List(item) if !value.starts_with('[') => format_smolstr!("[{}]", items_of(db, &item, value)),
        Type::Set(item) if !value.starts_with(['{', '[']) => {
            format_smolstr!("{{{}}}", items_of(db, &item, value))
        }
        _ => value.into(),
    }
}

fn items_of(db: &dyn Db, item: &Type, value: &str) -> String {
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| written(db, item, part).to_string()).collect::<Vec<_>>().join(", ")
}

fn quoted(value: &str) -> SmolStr {
    if value.starts_with('"') {
        return value.into();
    }
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' | '{' | '}' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
    }
    text.push('"');
    text.into()
}
