//! Everything the command line asks of evaluation, in one place.

use std::sync::Arc;

use iom_eval::explain::{self, Segment, Unexplained};
use iom_eval::facts::{Estate, Relations, StateSource, Stub};
use iom_eval::judge::{DefaultMode, Options};
use iom_eval::plan::PolicyPlan;
use iom_eval::program::{Demand, Program, Scope};
use iom_eval::question::Answer;
use iom_eval::report::{Report, Summary, Verdict};
use iom_eval::session::{Inputs, Session, Task};
use iom_eval::testing::{TestOptions, TestOutcome, run_tests};
use iom_eval::value::{ElementId, Value};
use iom_model::{Model, QualifiedName};
use iom_project::judging::{data, imported, tell_skipped, tell_unconcerned, too_large};
use iom_state::document::{AttributeFilter, Everything, Wanted};
use iom_state::rewritten::Rewritten;
use iom_state::tape::{Strings, strings_for};
use rustc_hash::FxHashMap;

use crate::arguments::StateArguments;
use crate::exit::Failure;
use crate::selection::{self, Selected};
use crate::sources::{self, Following, Source};
use crate::workspace::Workspace;

/// What is asked, beyond the rules and the state.
pub struct Question<'a> {
    /// Seconds since 1970.
    pub at: i64,
    pub selected: Selected,
    /// `--only`, which narrows a policy to the blocks that it names.
    pub patterns: &'a [String],
    pub lists_passes: bool,
    /// Nobody claims the estate without one.
    pub has_workspace: bool,
    pub threads: usize,
    /// Where the files of `data` declarations are.
    pub workspace: &'a Workspace,
}

/// What the policies say of the sources.
pub fn judge(model: Model, sources: &[Source], question: &Question<'_>) -> Result<Report, Failure> {
    judge_with(model, sources, question, |_| ())
}

/// What a session judges from: the workspace's data files and the sources that are asked for.
pub struct Files<'a> {
    pub workspace: &'a Workspace,
    pub state: &'a StateArguments,
    /// The sources, opened and not read yet; nothing where they are to be opened when they are asked for.
    pub opened: Option<Vec<Source>>,
    /// The sources, once they were read.
    pub sources: Option<Vec<Source>>,
    /// What is remembered of them.
    pub following: &'a mut Following,
}

impl Inputs for Files<'_> {
    type Error = Failure;

    fn data(
        &mut self,
        model: &Model,
        strings: &mut Strings,
    ) -> Result<FxHashMap<QualifiedName, Value>, Failure> {
        Ok(data(model, self.workspace, strings)?)
    }

    fn sources(&mut self, wanted: &Demand, strings: &mut Strings) -> Result<Vec<StateSource>, Failure> {
        self.following.forget();
        let sources = match self.opened.take() {
            Some(opened) => opened,
            None => sources::open(self.state, Some(self.workspace))?,
        };
        let imported = imported(&sources, wanted, strings);
        self.sources = Some(sources);
        imported
    }

    fn rewritten(
        &mut self,
        known: &[StateSource],
        wanted: &Demand,
        strings: &mut Strings,
    ) -> Result<Option<Vec<Option<Rewritten>>>, Failure> {
        let Some(opened) = &self.opened else { return Ok(None) };
        let rewritten = self.following.rewritten(opened, known, wanted, strings);
        if rewritten.is_some() {
            self.sources = self.opened.take();
        }
        Ok(rewritten)
    }
}

/// Judges as [`judge`] does, keeping what the next call may need. The session has the report: [`whole`] makes it what [`judge`]
/// gives.
pub fn judge_again(
    session: &mut Session,
    model: Model,
    question: &Question<'_>,
    files: &mut Files<'_>,
) -> Result<(), Failure> {
    let (model, scope, options) = asked(model, question);
    let task = Task { model: Arc::new(model), scope, options, at: question.at };
    session.update(task, files)?;
    if session.estate().is_some_and(|estate| estate.is_too_large) { Err(too_large()) } else { Ok(()) }
}

/// A report of a session with what there is to say of its sources.
pub fn whole(report: &Report, sources: &[Source]) -> Report {
    let mut report = report.clone();
    tell_unconcerned(&mut report);
    tell_skipped(&mut report, sources);
    report
}

/// The rules that are asked for, and how they are judged.
fn asked(mut model: Model, question: &Question<'_>) -> (Model, Scope, Options) {
    // The rules as they stand, whatever part of them is asked for.
    let model_hash = model.hash().into();
    selection::narrow(&mut model, question.patterns);
    let policies = question.selected.as_ref().map(|names| names.iter().cloned().collect());
    let scope = Scope { policies, ..Scope::default() };
    let options = Options {
        default_mode: if question.has_workspace { DefaultMode::Enforce } else { DefaultMode::BySeverity },
        with_passes: question.lists_passes,
        is_workspace: question.has_workspace,
        threads: question.threads,
        tool: env!("CARGO_PKG_VERSION").into(),
        model_hash: Some(model_hash),
        ..Options::default()
    };
    (model, scope, options)
}

fn judge_with(
    model: Model,
    sources: &[Source],
    question: &Question<'_>,
    mut look: impl FnMut(&Estate),
) -> Result<Report, Failure> {
    let (model, scope, options) = asked(model, question);
    let mut strings = strings_for(sources.iter().map(Source::size).sum());
    let data = data(&model, question.workspace, &mut strings)?;
    let program = Program::compile(Arc::new(model), &scope, &data, &mut strings);
    let estate = estate(program, strings, sources, question.at)?;
    let mut report = iom_eval::judge::judge(&estate, &options);
    look(&estate);
    tell_unconcerned(&mut report);
    tell_skipped(&mut report, sources);
    // The process ends soon; taking a large estate apart piece by piece first would be work for nothing.
    std::mem::forget(estate);
    Ok(report)
}

/// Judges as [`judge`] does, and keeps what is about things of the sources.
pub fn judge_imported(model: Model, sources: &[Source], question: &Question<'_>) -> Result<Report, Failure> {
    let mut declared = std::collections::BTreeSet::new();
    let mut report = judge_with(model, sources, question, |estate| {
        let ids = (0..estate.elements.len() as u32).map(ElementId);
        let ids = ids.filter(|id| !estate.element(*id).is_imported());
        declared.extend(ids.map(|id| estate.address(id).to_owned()));
    })?;
    report.findings.retain(|finding| !declared.contains(finding.resource.address.as_str()));
    Ok(report)
}

/// How the selected policies are judged over the sources.
pub fn plans(model: Model, sources: &[Source], question: &Question<'_>) -> Result<Vec<PolicyPlan>, Failure> {
    let (model, scope, _) = asked(model, question);
    let mut strings = Strings::default();
    let data = data(&model, question.workspace, &mut strings)?;
    let program = Program::compile(Arc::new(model), &scope, &data, &mut strings);
    let estate = estate(program, strings, sources, question.at)?;
    Ok(iom_eval::plan::plans(&estate))
}

/// What a policy says about one resource.
pub struct Explained {
    /// Its findings, what passes too; `None` where there is no such resource.
    pub report: Option<Report>,
    /// The resources there are.
    pub addresses: Vec<String>,
}

/// Judges as [`judge`] does, and keeps what is about one resource: by its address, or by the name it was declared by.
pub fn verdict(
    model: Model,
    sources: &[Source],
    question: &Question<'_>,
    resource: &str,
) -> Result<Explained, Failure> {
    let mut addresses = Vec::new();
    let mut report = judge_with(model, sources, question, |estate| {
        for position in 0..estate.elements.len() as u32 {
            let id = ElementId(position);
            addresses.extend([estate.address(id).to_owned(), estate.short_name(id).to_owned()]);
        }
    })?;
    addresses.sort();
    addresses.dedup();
    if addresses.binary_search_by(|address| address.as_str().cmp(resource)).is_err() {
        return Ok(Explained { report: None, addresses });
    }
    let is_it = |address: &str| {
        address == resource || address.strip_suffix(resource).is_some_and(|module| module.ends_with('.'))
    };
    report.findings.retain(|finding| is_it(&finding.resource.address));
    report.escalations.retain(|escalation| escalation.resource.as_deref().is_none_or(is_it));
    confine(&mut report);
    Ok(Explained { report: Some(report), addresses })
}

/// What picks out the thing of a kind at an address in a declaration; `None` where nothing known tells it apart.
pub fn selection(
    model: Model,
    sources: &[Source],
    question: &Question<'_>,
    address: &str,
    kind: &str,
) -> Result<Option<String>, Failure> {
    let (model, scope, _) = asked(model, question);
    let mut strings = Strings::default();
    let data = data(&model, question.workspace, &mut strings)?;
    let program = Program::compile(Arc::new(model), &scope, &data, &mut strings);
    Ok(estate(program, strings, sources, question.at)?.selection_of(address, kind))
}

/// Makes decision and counts those of the findings that are left, all of one resource.
fn confine(report: &mut Report) {
    report.decision = report.findings.iter().map(|finding| finding.decision).max().unwrap_or_default();
    let mut summary = Summary { resources: 1, policies: 1, ..Summary::default() };
    match report.findings.iter().map(|finding| finding.verdict).max() {
        None | Some(Verdict::NotApplicable) => summary.not_applicable = 1,
        Some(Verdict::Pass) => summary.pass = 1,
        Some(Verdict::Excepted) => summary.excepted = 1,
        Some(Verdict::Unknown) => summary.unknown = 1,
        Some(Verdict::Fail) => summary.fail = 1,
    }
    report.summary = summary;
    report.policies.clear();
    report.sources.iter_mut().for_each(|source| source.skipped.clear());
}

/// The answer to a question, in each layer with data.
pub fn answers(
    model: Model,
    sources: &[Source],
    question: &iom_semantic::Question,
    at: i64,
    workspace: &Workspace,
) -> Result<Vec<Answer>, Failure> {
    let mut strings = Strings::default();
    let scope =
        Scope { policies: Some(Vec::new()), questions: vec![question.constant.clone()], ..Scope::default() };
    let data = data(&model, workspace, &mut strings)?;
    let program = Program::compile(Arc::new(model), &scope, &data, &mut strings);
    let estate = estate(program, strings, sources, at)?;
    Ok(iom_eval::question::answers(&estate, &question.constant, &question.ty))
}

/// Everything there is, and how it hangs together. The constant only says which kinds are wanted.
pub fn relations(
    model: Model,
    sources: &[Source],
    constant: &QualifiedName,
    at: i64,
    workspace: &Workspace,
) -> Result<Relations, Failure> {
    let mut strings = Strings::default();
    let scope = Scope {
        policies: Some(Vec::new()),
        questions: vec![constant.clone()],
        with_graph: true,
        ..Scope::default()
    };
    let data = data(&model, workspace, &mut strings)?;
    let program = Program::compile(Arc::new(model), &scope, &data, &mut strings);
    Ok(estate(program, strings, sources, at)?.relations())
}

/// Everything there is, with all that is said of it. The constant only says which kinds are wanted.
pub fn everything(
    model: Model,
    sources: &[Source],
    constant: &QualifiedName,
    at: i64,
    workspace: &Workspace,
) -> Result<Estate, Failure> {
    let mut strings = Strings::default();
    let scope = Scope { policies: Some(Vec::new()), questions: vec![constant.clone()], ..Scope::default() };
    let data = data(&model, workspace, &mut strings)?;
    let program = Program::compile(Arc::new(model), &scope, &data, &mut strings);
    let state = imported(sources, &Everything, &mut strings)?;
    let estate = Estate::build(Arc::new(program), strings, state, at);
    if estate.is_too_large { Err(too_large()) } else { Ok(estate) }
}

/// What is there, as declarations. The constant only says which kinds are wanted.
pub fn stubs(
    model: Model,
    sources: &[Source],
    constant: &QualifiedName,
    at: i64,
) -> Result<Vec<Stub>, Failure> {
    Ok(everything(model, sources, constant, at, &Workspace::default())?.stubs())
}

/// An object of a source, as far as its name goes.
pub struct ObjectName {
    pub address: String,
    pub family: &'static str,
    pub source_type: String,
    pub is_data: bool,
}

/// The names of everything in the sources.
pub fn object_names(sources: &[Source]) -> Result<Vec<ObjectName>, Failure> {
    struct Nothing;
    impl Wanted for Nothing {
        fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
            None
        }
    }
    let mut names = Vec::new();
    for source in sources {
        let mut strings = Strings::default();
        let documents = source.import(&Nothing, &mut strings)?;
        let objects = documents
            .iter()
            .flat_map(|document| document.objects.iter().map(move |object| (document.format, object)));
        names.extend(objects.map(|(format, object)| ObjectName {
            address: strings.resolve(&object.address).to_owned(),
            family: iom_eval::program::family(format),
            source_type: strings.resolve(&object.source_type).to_owned(),
            is_data: object.is_data,
        }));
    }
    Ok(names)
}

/// Where the values at a path come from: of several readings, of the first whose address is there. What the constants read
/// of the sources is looked at.
pub fn explained(
    model: Model,
    sources: &[Source],
    constants: Vec<QualifiedName>,
    at: i64,
    workspace: &Workspace,
    readings: &[(String, Vec<Segment>)],
) -> Result<Result<Vec<explain::Explained>, Unexplained>, Failure> {
    let mut strings = Strings::default();
    let scope = Scope { policies: Some(Vec::new()), questions: constants, ..Scope::default() };
    let data = data(&model, workspace, &mut strings)?;
    let program = Program::compile(Arc::new(model), &scope, &data, &mut strings);
    let estate = estate(program, strings, sources, at)?;
    let all = readings.iter().map(|(address, path)| explain::explain(&estate, address, path));
    let is_there = |found: &Result<Vec<explain::Explained>, Unexplained>| {
        found.as_ref().map_or(true, |found| !found.is_empty())
    };
    Ok(all.into_iter().find(is_there).unwrap_or_else(|| Ok(Vec::new())))
}

/// Imports what the program wants to know of the sources.
fn estate(program: Program, mut strings: Strings, sources: &[Source], at: i64) -> Result<Estate, Failure> {
    let state = imported(sources, &program.demand, &mut strings)?;
    let estate = Estate::build(Arc::new(program), strings, state, at);
    if estate.is_too_large {
        return Err(too_large());
    }
    Ok(estate)
}

/// Runs the tests that are asked for.
pub fn test(
    model: &Arc<Model>,
    workspace: &Workspace,
    options: &TestOptions<'_>,
) -> Result<Vec<TestOutcome>, Failure> {
    let mut strings = Strings::default();
    let data = data(model, workspace, &mut strings)?;
    Ok(run_tests(model, strings, &data, options))
}
