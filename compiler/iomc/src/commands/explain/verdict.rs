//! `iomc explain POLICY RESOURCE`: why a verdict is what it is.

use std::io::Write;

use iom_eval::report::rendering;
use iom_semantic::LibrarySelection;

use crate::arguments::{ColorChoice, ExplainArguments, Format};
use crate::commands::named::{no_policy, no_resource, policies};
use crate::commands::texts::Texts;
use crate::exit::{Exit, Outcome};
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
