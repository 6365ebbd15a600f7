//! `iomc exception new`: lets a finding be until a date, as a declaration that is reviewed like any other.

use std::path::Path;

use camino::{Utf8Component, Utf8Path};
use iom_diagnostics::nearest;
use iom_eval::draft::{ExceptionDraft, start_of_day};
use iom_eval::report::{Finding, Verdict};
use iom_model::scalar::instant::parse_date;
use iom_model::{Model, Policy};
use iom_semantic::LibrarySelection;

use crate::arguments::{ColorChoice, ExceptionArguments, ExceptionCommand, ExceptionNewArguments, Format};
use crate::clock;
use crate::commands::named::{no_policy, no_resource, policies};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::judge::{self, Question};
use crate::lock::Locking;
use crate::output;
use crate::sources;
use crate::workspace::{SourceText, Workspace};

/// Where a new file's declarations live.
const MODULE: &str = "exceptions";

pub fn run(arguments: &ExceptionArguments, color: ColorChoice) -> Outcome {
    match &arguments.command {
        ExceptionCommand::New(arguments) => new(arguments, color),
    }
}

fn new(arguments: &ExceptionNewArguments, color: ColorChoice) -> Outcome {
    let opened = start_of_day(clock::instant(arguments.at.as_deref())?);
    let mut workspace = Workspace::require(arguments.workspace.as_deref())?;
    let before =
        workspace.files.iter().find(|file| file.path == arguments.file).map(|file| file.text.clone());
    let front_end = loaded(&mut workspace, color)?;
    let exception = draft(arguments, opened, &workspace, &front_end)?;
    let text = match &before {
        Some(text) => format!("{}\n\n{}", text.trim_end(), exception.declaration()),
        None => format!("module {MODULE}\n\n{}", exception.declaration()),
    };
    let text = iom_fmt::format(&text).map_err(|_| {
        Failure::new(format!("{}: the file can't be read, so nothing is added to it", arguments.file))
    })?;
    check(arguments, &text, color)?;
    if !arguments.dry_run {
        let path = workspace.root.join(&arguments.file);
        output::to_file(Path::new(path.as_str()), |out| out.write_all(text.as_bytes())).map_err(|error| {
            Failure::new(format!("{}: can't be written: {}", arguments.file, output::reason(&error)))
        })?;
    }
    let added = text.trim_start_matches(before.as_deref().unwrap_or_default().trim_end()).trim_start();
    let said = if arguments.dry_run { "would be added to" } else { "added to" };
    let said = format!("{said} {}:\n\n{added}", arguments.file);
    output::to_standard_output(|out| out.write_all(said.as_bytes()))?;
    Ok(Exit::Fine)
}

fn loaded(workspace: &mut Workspace, color: ColorChoice) -> Result<FrontEnd, Failure> {
    let front_end = FrontEnd::load(workspace, Locking::Verify);
    front_end.without_errors(Format::Human, output::use_color(color, &std::io::stderr()))?;
    Ok(front_end)
}

/// The workspace with the file as it will be has no errors; else nothing is written.
fn check(arguments: &ExceptionNewArguments, text: &str, color: ColorChoice) -> Result<(), Failure> {
    let mut workspace = Workspace::require(arguments.workspace.as_deref())?;
    workspace.files.retain(|file| file.path != arguments.file);
    workspace.files.push(SourceText { path: arguments.file.clone(), text: text.to_owned() });
    workspace.files.sort_by(|left, right| left.path.cmp(&right.path));
    loaded(&mut workspace, color).map(drop)
}

/// What is to be declared.
fn draft(
    arguments: &ExceptionNewArguments,
    opened: i64,
    workspace: &Workspace,
    front_end: &FrontEnd,
) -> Result<ExceptionDraft, Failure> {
    if Utf8Path::new(&arguments.file).extension() != Some("iom") {
        return Err(Failure::new(format!("--file {}: declarations are in .iom files", arguments.file)));
    }
    let is_step = |component: Utf8Component<'_>| matches!(component, Utf8Component::Normal(_));
    if !Utf8Path::new(&arguments.file).components().all(is_step) {
        return Err(Failure::new(format!("--file {}: name a file in the workspace", arguments.file)));
    }
    let sources = sources::open(&arguments.state, Some(workspace))?;
    let model = || front_end.model_with(&LibrarySelection::None, &[], sources::stated(&sources));
    let asked = model();
    let (policy, label) = policy(&asked, &arguments.policy)?;
    let question = Question {
        at: opened,
        selected: Some(policies(&asked, &policy.declared)),
        patterns: &[],
        lists_passes: true,
        has_workspace: true,
        threads: 1,
        workspace,
    };
    let finding = finding(arguments, label, model(), &sources, &question)?;
    let resource = &finding.resource;
    let target = judge::selection(model(), &sources, &question, &resource.address, &resource.kind)?
        .ok_or_else(|| {
            Failure::new(format!(
                "nothing that is known tells {} apart from others of its kind",
                resource.address
            ))
            .help("write the exception by hand, with a `target` that picks it out")
        })?;
    Ok(ExceptionDraft {
        name: name(arguments, policy, resource.address.as_str(), &asked)?,
        policy: label
            .map_or_else(|| policy.declared.to_string(), |label| format!("{}.{label}", policy.declared)),
        target,
        reason: arguments.reason.clone(),
        approved_by: approvers(&asked, &arguments.approved_by)?,
        opened,
        expires: expires(arguments, policy, opened)?,
    })
}

/// A policy, or one clause of it.
fn policy<'m, 'a>(model: &'m Model, subject: &'a str) -> Result<(&'m Policy, Option<&'a str>), Failure> {
    let find = |name: &str| policies(model, name).first().and_then(|name| model.policies.get(name));
    if let Some(policy) = find(subject) {
        return Ok((policy, None));
    }
    match subject.rsplit_once('.').and_then(|(name, label)| Some((find(name)?, label))) {
        Some((policy, label)) => Ok((policy, Some(label))),
        None => Err(no_policy(model, subject)),
    }
}

/// What is to be let be: what holds, or is let be already, needs no exception.
fn finding(
    arguments: &ExceptionNewArguments,
    label: Option<&str>,
    model: Model,
    sources: &[sources::Source],
    question: &Question<'_>,
) -> Result<Finding, Failure> {
    let explained = judge::verdict(model, sources, question, &arguments.resource)?;
    let Some(report) = explained.report else {
        return Err(no_resource(&arguments.resource, &explained.addresses));
    };
    let is_meant = |finding: &&Finding| label.is_none() || finding.label.as_deref() == label;
    let findings = || report.findings.iter().map(|finding| &**finding).filter(is_meant);
    let is_fault = |finding: &&Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
    if let Some(finding) = findings().find(is_fault) {
        return Ok(finding.clone());
    }
    let excepted = findings().find_map(|finding| finding.exception.as_ref());
    Err(Failure::new(match excepted {
        Some(exception) => {
            format!(
                "{} is let be already, until {}, by {}",
                arguments.resource, exception.expires, exception.name
            )
        }
        None => {
            format!("{} does not fail {}: there is nothing to let be", arguments.resource, arguments.policy)
        }
    }))
}

/// Declared names in full: whoever approves is somebody.
fn approvers(model: &Model, names: &[String]) -> Result<Vec<String>, Failure> {
    let declared: Vec<&str> = model.resources.keys().map(|name| name.as_str()).collect();
    let find = |wanted: &String| {
        let is_it = |name: &&&str| {
            **name == wanted || name.strip_suffix(wanted.as_str()).is_some_and(|module| module.ends_with('.'))
        };
        let found: Vec<&&str> = declared.iter().filter(is_it).collect();
        match found.as_slice() {
            [one] => Ok((**one).to_owned()),
            [] => {
                let failure = Failure::new(format!("nobody is declared as `{wanted}`"));
                let near = nearest(wanted, declared.iter().filter_map(|name| name.rsplit('.').next()));
                Err(failure.help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "people and teams are declared: resource ciso: org.Person { }".to_owned(),
                }))
            }
            [first, second, ..] => {
                Err(Failure::new(format!("`{wanted}` may be {first} or {second}: say which")))
            }
        }
    };
    names.iter().map(find).collect()
}

fn expires(arguments: &ExceptionNewArguments, policy: &Policy, opened: i64) -> Result<i64, Failure> {
    let Some(until) = &arguments.until else {
        return ExceptionDraft::usual_end(policy, opened).ok_or_else(|| {
            Failure::new(format!("{} allows no exceptions that last a day", policy.declared))
        });
    };
    let date = parse_date(until).map_err(|why| {
        Failure::new(format!("--until {until}: {why}")).help("dates are written like 2026-12-24")
    })?;
    if date <= opened {
        return Err(Failure::new(format!("--until {until}: the exception would end before it begins")));
    }
    Ok(date)
}

/// As asked for, else after the policy and the resource; a name that is taken gets a number.
fn name(
    arguments: &ExceptionNewArguments,
    policy: &Policy,
    address: &str,
    model: &Model,
) -> Result<String, Failure> {
    if let Some(name) = &arguments.name {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let is_name =
            name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_letter);
        let failure = || Failure::new(format!("--name {name}: names are letters, digits and _"));
        return is_name.then(|| name.clone()).ok_or_else(failure);
    }
    Ok(ExceptionDraft::usual_name(&policy.declared, address, model))
}
