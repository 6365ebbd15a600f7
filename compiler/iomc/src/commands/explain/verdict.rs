//! `iomc explain POLICY RESOURCE`: why a verdict is what it is.

use std::collections::BTreeSet;
use std::io::Write;

use iom_diagnostics::nearest;
use iom_eval::report::rendering;
use iom_model::{Model, QualifiedName};
use iom_semantic::LibrarySelection;

use crate::arguments::{ColorChoice, ExplainArguments, Format};
use crate::commands::texts::Texts;
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::judge::{self, Question};
use crate::output;
use crate::sources;
use crate::workspace::Workspace;

/// Judges one resource by one policy and shows every clause, those that pass too.
pub fn run(
    arguments: &ExplainArguments,
    resource: &str,
    workspace: &Workspace,
    front_end: &FrontEnd,
    question: QuestionAt,
    color: ColorChoice,
) -> Outcome {
    let library = if question.has_workspace { LibrarySelection::None } else { LibrarySelection::All };
    let sources = sources::open(&arguments.state, Some(workspace))?;
    let stated = sources::stated(&sources);
    let mut model = front_end.model_with(&library, &[], stated);
    if policies(&model, &arguments.subject).is_empty() {
        // The library can be asked, whether it applies here or not.
        model = front_end.model_with(&LibrarySelection::All, &[], stated);
    }
    let policies = policies(&model, &arguments.subject);
    let Some(policy) = policies.first().cloned() else { return Err(no_policy(&model, &arguments.subject)) };
    let asked = Question {
        at: question.at,
        selected: Some(policies),
        patterns: &[],
        lists_passes: true,
        has_workspace: question.has_workspace,
        threads: 1,
        workspace,
    };
    let format = arguments.output.format;
    let explained = judge::verdict(model, &sources, &asked, resource)?;
    let Some(mut report) = explained.report else {
        return Err(no_resource(resource, &explained.addresses));
    };
    report.evidence.clear();
    report.outcomes.clear();
    if report.findings.is_empty() && format != Format::Json {
        let text = format!("{policy} does not apply to {resource}: its `for` and `where` do not pick it\n");
        output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
        return Ok(Exit::Fine);
    }
    let color = output::use_color_for(color, &arguments.output);
    let texts = Texts { front_end, sources: &sources };
    output::deliver(&arguments.output, |out: &mut dyn Write| match format {
        Format::Json => rendering::json(&report, out),
        Format::Short => out.write_all(rendering::short(&report).as_bytes()),
        _ => out.write_all(rendering::human(&report, &texts, color).as_bytes()),
    })?;
    Ok(Exit::Fine)
}

/// The instant of the question, and whether a workspace claims the estate.
#[derive(Clone, Copy, Debug)]
pub struct QuestionAt {
    pub at: i64,
    pub has_workspace: bool,
}

/// A policy by its qualified name, the end of it where only one ends so, or an alias of it: all its applications, where it has
/// parameters.
fn policies(model: &Model, subject: &str) -> BTreeSet<QualifiedName> {
    let all = || model.policies.values();
    if let Some(policy) = model.policies.get(subject) {
        return [policy.name.clone()].into();
    }
    let ends = |name: &str| {
        name.strip_suffix(subject).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let ending: BTreeSet<&QualifiedName> =
        all().map(|policy| &policy.declared).filter(|name| ends(name)).collect();
    let has_alias =
        |policy: &&iom_model::Policy| policy.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(subject));
    let declared = match ending.first() {
        Some(name) if ending.len() == 1 => Some(*name),
        _ => all().find(has_alias).map(|policy| &policy.declared),
    };
    all()
        .filter(|policy| declared.is_some_and(|name| *name == policy.declared))
        .map(|policy| policy.name.clone())
        .collect()
}

fn no_policy(model: &Model, subject: &str) -> Failure {
    let short = |name: &QualifiedName| name.rsplit('.').next().unwrap_or(name).to_owned();
    let names: Vec<String> = model.policies.keys().flat_map(|name| [name.to_string(), short(name)]).collect();
    let failure = Failure::new(format!("there is no policy `{subject}`"));
    match nearest(subject, names.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("policies are named as in findings: security.storage.encrypted_at_rest"),
    }
}

fn no_resource(resource: &str, addresses: &[String]) -> Failure {
    let failure = Failure::new(format!("there is no resource `{resource}` that this policy could be about"));
    match nearest(resource, addresses.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("resources are named as in findings; --state says which state to look at"),
    }
}
