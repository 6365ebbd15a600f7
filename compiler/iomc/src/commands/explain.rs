//! `iomc explain`: codes, controls, policies, values and verdicts.

mod control;
pub(super) mod policy;
mod shown;
mod subject;
mod value;
mod verdict;

use iom_diagnostics::{Code, REGISTRY, find, nearest};
use iom_semantic::LibrarySelection;
use serde_json::json;

use crate::arguments::{ColorChoice, ExplainArguments, Format};
use crate::clock;
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::output;
use crate::workspace::Workspace;
use verdict::QuestionAt;

/// What the words mean is found out in this order: a code, a verdict (two words), a control, a policy, a value.
pub fn run(arguments: &ExplainArguments, color: ColorChoice) -> Outcome {
    let format = arguments.output.format;
    output::supported(format, &[Format::Human, Format::Short, Format::Json])?;
    if arguments.resource.is_none()
        && let Some(code) = find(&arguments.subject)
    {
        return explain_code(code, arguments);
    }
    let at = clock::instant(arguments.at.as_deref())?;
    let found = Workspace::find(arguments.workspace.as_deref())?;
    let has_workspace = found.is_some();
    let mut workspace = found.unwrap_or_default();
    let mut front_end = FrontEnd::load(&mut workspace, Locking::Verify);
    front_end.without_errors(format, output::use_color(color, &std::io::stderr()))?;
    match &arguments.resource {
        Some(resource) => {
            let question = QuestionAt { at, has_workspace };
            verdict::run(arguments, resource, &workspace, &front_end, question, color)
        }
        None => explain_name(arguments, &mut front_end, has_workspace, &workspace, at),
    }
}

fn explain_code(code: Code, arguments: &ExplainArguments) -> Outcome {
    let text = page(code);
    let text = match arguments.output.format {
        Format::Json => {
            let document =
                json!({ "version": 1, "code": code.to_string(), "name": code.slug(), "page": text });
            format!("{document:#}\n")
        }
        _ => text,
    };
    output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Fine)
}

fn explain_name(
    arguments: &ExplainArguments,
    front_end: &mut FrontEnd,
    has_workspace: bool,
    workspace: &Workspace,
    at: i64,
) -> Outcome {
    let all = front_end.model(&LibrarySelection::All);
    let own = if has_workspace { front_end.model(&LibrarySelection::None) } else { all.clone() };
    let is_json = arguments.output.format == Format::Json;
    let controls = control::find(&all, &own, &arguments.subject);
    let policies = policy::find(&all, &own, &arguments.subject, |file| front_end.text_of(file));
    let text = if !controls.is_empty() {
        match is_json {
            true => format!("{:#}\n", json!({ "version": 1, "controls": controls })),
            false => control::text(&controls, has_workspace),
        }
    } else if !policies.is_empty() {
        match is_json {
            true => format!("{:#}\n", json!({ "version": 1, "policies": policies })),
            false => policy::text(&policies, has_workspace),
        }
    } else {
        let mut names = control::names(&all);
        names.extend(all.policies.values().map(|policy| policy.declared.to_string()));
        let found = value::explain(arguments, front_end, workspace, own, at, &mut names)?;
        let values = found.ok_or_else(|| unknown(&arguments.subject, &names))?;
        shown::shown(&arguments.subject, &values, arguments.output.format)
    };
    output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Fine)
}

/// Number, slug and page.
fn page(code: Code) -> String {
    let body = code.page().trim();
    // A page's own title is its slug; the number belongs beside it.
    let body = body.strip_prefix(&format!("# {}", code.slug())).unwrap_or(body).trim();
    format!("# {code} {}\n\n{body}\n", code.slug())
}

fn unknown(subject: &str, others: &[String]) -> Failure {
    let failure = Failure::new(format!("no error code, control, policy or value is called `{subject}`"));
    let numbers: Vec<String> = REGISTRY.iter().map(Code::to_string).collect();
    let codes = REGISTRY.iter().map(|code| code.slug()).chain(numbers.iter().map(String::as_str));
    failure.help(match nearest(subject, codes.chain(others.iter().map(String::as_str))) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "codes look like IOM0203 or type-mismatch, controls like nist.SC-28, values like \
             payments.prod.orders.versioning; a verdict is explained by naming the policy and the resource"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_its_number() {
        for code in REGISTRY {
            let page = page(*code);
            assert!(page.starts_with(&format!("# {code} ")), "{page}");
            assert_eq!(find(&code.to_string()), Some(*code));
        }
    }

    #[test]
    fn a_near_code_is_suggested() {
        assert!(unknown("type-mismach", &[]).text().contains("did you mean `type-mismatch`?"));
        assert!(unknown("nonsense at all", &[]).text().contains("codes look like"));
    }
}
