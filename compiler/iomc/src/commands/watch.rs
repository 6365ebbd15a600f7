//! `iomc eval --watch`: judges again whenever something changes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use iom_eval::facts::instant_text;
use iom_eval::report::{Finding, Layer, Report, Verdict};
use iom_eval::session::Session;
use iom_state::document::Format as StateFormat;
use smol_str::SmolStr;

use super::eval::{Run, Shown};
use crate::arguments::{ColorChoice, EvalArguments, Format};
use crate::clock;
use crate::configuration;
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::judge::{self, Files};
use crate::lock::Locking;
use crate::output;
use crate::sources::{self, Source};
use crate::stamps::{Stamps, Watched};
use crate::walk;
use crate::workspace::Workspace;
use iom_manifest as manifest;

/// How long to wait between two looks at the files, at least and at most; looking takes a small part of the time.
const SHORTEST: Duration = Duration::from_millis(150);
const LONGEST: Duration = Duration::from_secs(5);
const SHARE: u32 = 20;

/// Findings that are named one by one when they come or go.
const MOST_NAMED: usize = 10;

/// Runs until somebody ends it; its exit status is that of the last report.
pub fn run(arguments: &EvalArguments, color: ColorChoice) -> Outcome {
    if arguments.state.sources.iter().any(|state| state.path == "-") {
        return Err(Failure::new("standard input can't be watched")
            .help("write the state to a file, and name that with --state"));
    }
    let end = end()?;
    let mut watch = Watch {
        arguments,
        color,
        session: Session::new(),
        front_end: None,
        sources: Vec::new(),
        failing: None,
        others: Vec::new(),
        states: Vec::new(),
        folders: Vec::new(),
        state: Stamps::default(),
        data: Stamps::default(),
    };
    // Which files matter is found out by reading; what is written from here on is read again.
    drop(watch.workspace());
    let mut change = None;
    loop {
        let before = watch.look();
        let watched = (watch.folders.clone(), watch.others.clone());
        let exit = watch.judge_or_say(change.as_ref());
        // A file that came since is only known already where nobody looked for it before.
        let is_as_before = watched == (watch.folders.clone(), watch.others.clone());
        let seen = if is_as_before { before } else { before.with(watch.look()) };
        match watch.wait(&end, seen) {
            None => return Ok(exit),
            found => change = found,
        }
    }
}

/// Hears when the run is to end: ctrl-c, a request to terminate, or the end of what standard input is connected to.
fn end() -> Result<Receiver<()>, Failure> {
    let (sender, receiver) = mpsc::channel();
    let by_signal = sender.clone();
    ctrlc::set_handler(move || by_signal.send(()).unwrap_or_default())
        .map_err(|error| Failure::new(format!("ctrl-c can't be listened to: {error}")))?;
    // A program in the background that reads a terminal is stopped.
    if !io::stdin().is_terminal() {
        std::thread::spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = sender.send(());
        });
    }
    Ok(receiver)
}

/// Why to judge again.
enum Change {
    /// Of these files.
    Files(Vec<String>),
    /// The instant has come at which something in the report changes by itself.
    Time,
}

/// What tells a failure apart from others.
type Failing = BTreeSet<(SmolStr, Option<SmolStr>, Option<SmolStr>, SmolStr, Layer)>;

struct Watch<'a> {
    arguments: &'a EvalArguments,
    color: ColorChoice,
    session: Session,
    front_end: Option<FrontEnd>,
    /// The sources, for excerpts.
    sources: Vec<Source>,
    /// What failed in the last report.
    failing: Option<Failing>,
    /// Files that matter beside the rules, and as what.
    others: Vec<(Watched, Role)>,
    /// Folders of state: files may come.
    states: Vec<(String, Utf8PathBuf, Option<StateFormat>)>,
    /// Where rules are, with what stands before the names of files in it.
    folders: Vec<(String, Utf8PathBuf)>,
    /// State and data as they were when they were last read.
    state: Stamps,
    data: Stamps,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    State,
    Data,
    Manifest,
}

impl Watch<'_> {
    /// Judges; what keeps it from that is said, and what was known before is kept.
    fn judge_or_say(&mut self, change: Option<&Change>) -> Exit {
        self.judge(change).unwrap_or_else(|failure| {
            output::to_standard_error(&failure.text());
            Exit::Unusable
        })
    }

    fn judge(&mut self, change: Option<&Change>) -> Outcome {
        let at = clock::instant(self.arguments.at.as_deref())?;
        let (workspace, has_workspace) = self.workspace()?;
        let Some(front_end) = &self.front_end else { return Ok(Exit::Fine) };
        let inputs = |role: Role| {
            let mut stamps = Stamps::default();
            let files = self.others.iter().filter(|(_, own)| *own == role);
            files.for_each(|(file, _)| stamps.add(file.name.as_str(), &file.path));
            stamps
        };
        let (state, data) = (inputs(Role::State), inputs(Role::Data));
        let run = Run { arguments: self.arguments, color: self.color, has_workspace };
        front_end.without_errors(self.arguments.output.format, false)?;
        let stated = sources::stated(&sources::open(&self.arguments.state, Some(&workspace))?);
        let (model, selected, remarks) = run.rules(front_end, stated)?;
        let question = run.question(&workspace, selected, at);
        let mut files = Files {
            workspace: &workspace,
            state: &self.arguments.state,
            sources: None,
            before: &self.sources,
        };
        if self.state != state {
            self.session.sources_changed();
        }
        if self.data != data {
            self.session.data_changed();
        }
        let mut report = judge::judge_again(&mut self.session, model, &question, &mut files)?;
        (self.state, self.data) = (state, data);
        if let Some(sources) = files.sources {
            self.sources = sources;
        }
        front_end.write_lock();
        let failing = failing(&report);
        if let (Some(change), Some(before)) = (change, &self.failing)
            && self.arguments.output.format != Format::Json
        {
            let text = news(change, at, before, &failing);
            output::to_standard_output(|out| out.write_all(text.as_bytes()))?;
        }
        self.failing = Some(failing);
        let shown = Shown { sources: &self.sources, root: Utf8Path::new("") };
        run.deliver(&mut report, remarks, front_end, &shown)
    }

    /// The workspace as it is now, and whether there is one.
    fn workspace(&mut self) -> Result<(Workspace, bool), Failure> {
        let found = Workspace::find(self.arguments.path.as_deref())?;
        let has_workspace = found.is_some();
        let mut workspace = found.unwrap_or_default();
        let front_end = match &mut self.front_end {
            Some(front_end) => {
                front_end.reload(&mut workspace, Locking::Extend);
                front_end
            }
            none => none.insert(FrontEnd::load(&mut workspace, Locking::Extend)),
        };
        self.others = others(self.arguments, &workspace, front_end);
        self.folders = folders(has_workspace, &workspace);
        self.states = states(self.arguments, &workspace);
        Ok((workspace, has_workspace))
    }

    /// All files as they are.
    fn look(&self) -> Stamps {
        let mut stamps = Stamps::default();
        for (file, _) in &self.others {
            stamps.add(file.name.as_str(), &file.path);
        }
        for (name, path, format) in &self.states {
            sources::files(path, name, *format, None)
                .into_iter()
                .for_each(|(name, path)| stamps.add(name, &path));
        }
        for (shown, folder) in &self.folders {
            for file in walk::iom_files(folder).unwrap_or_default() {
                let path = folder.join(&file);
                stamps.add(format!("{shown}{file}"), &path);
            }
        }
        stamps
    }

    /// Until something changes; nothing where the run is to end.
    fn wait(&self, end: &Receiver<()>, seen: Stamps) -> Option<Change> {
        let mut pause = SHORTEST;
        let mut before = seen.clone();
        loop {
            match end.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return None,
            }
            let start = Instant::now();
            let now = self.look();
            pause = (start.elapsed() * SHARE).clamp(SHORTEST, LONGEST);
            let changed = now.changed_since(&seen);
            // Whoever is still writing is let finish.
            if !changed.is_empty() && now == before {
                return Some(Change::Files(changed));
            }
            before = now;
            if self.is_due() {
                return Some(Change::Time);
            }
        }
    }

    /// Whether an instant has come since the last report that makes it another.
    fn is_due(&self) -> bool {
        let next = self.session.next_threshold();
        self.arguments.at.is_none()
            && next.zip(clock::instant(None).ok()).is_some_and(|(next, now)| next <= now)
    }
}

/// Where rules are: the workspace's own, and those of its dependencies.
fn folders(has_workspace: bool, workspace: &Workspace) -> Vec<(String, Utf8PathBuf)> {
    let own = has_workspace.then(|| (String::new(), workspace.root.clone()));
    let packages = workspace.packages.all.iter();
    let packages = packages
        .map(|package| (format!("{}/", package.folder), workspace.root.join(package.folder.as_str())));
    own.into_iter().chain(packages).collect()
}

/// Folders of state, as they are named.
fn states(
    arguments: &EvalArguments,
    workspace: &Workspace,
) -> Vec<(String, Utf8PathBuf, Option<StateFormat>)> {
    let named = &arguments.state.sources;
    let declared = workspace.manifest.states.iter().filter(|_| named.is_empty());
    let declared = declared.map(|state| (&state.path, workspace.root.join(&state.path), state.format));
    let named = named.iter().map(|state| (&state.path, Utf8PathBuf::from(&state.path), state.format));
    let all = declared.chain(named).filter(|(_, path, _)| path.is_dir());
    all.map(|(name, path, format)| (name.clone(), path, format)).collect()
}

/// Files that matter beside the rules.
fn others(arguments: &EvalArguments, workspace: &Workspace, front_end: &FrontEnd) -> Vec<(Watched, Role)> {
    let mut others = Vec::new();
    let mut add = |name: &str, path: Utf8PathBuf, role: Role| {
        others.push((Watched { name: name.to_owned(), path }, role));
    };
    let root = &workspace.root;
    let named = arguments.state.configuration.iter();
    let mut configurations: Vec<_> = named.map(|folder| (folder.into(), folder)).collect();
    if arguments.state.sources.is_empty() {
        let states = &workspace.manifest.states;
        for state in states {
            let files = sources::files(&root.join(&state.path), &state.path, state.format, None);
            files.into_iter().for_each(|(name, path)| add(&name, path, Role::State));
        }
        let folders = states.iter().filter_map(|state| state.source.as_ref());
        configurations.extend(folders.map(|folder| (root.join(folder), folder)));
    } else {
        for state in &arguments.state.sources {
            let files = sources::files(state.path.as_str().into(), &state.path, state.format, None);
            files.into_iter().for_each(|(name, path)| add(&name, path, Role::State));
        }
    }
    for (folder, name) in configurations {
        configuration::files(&folder, name, None)
            .into_iter()
            .for_each(|(name, path)| add(&name, path, Role::State));
    }
    for file in front_end.host().reference_files() {
        add(&file, root.join(file.as_str()), Role::Data);
    }
    if !root.as_str().is_empty() {
        add(manifest::FILE_NAME, root.join(manifest::FILE_NAME), Role::Manifest);
    }
    for package in &workspace.packages.all {
        let name = format!("{}/{}", package.folder, manifest::FILE_NAME);
        add(&name, root.join(&name), Role::Manifest);
    }
    others
}

fn failing(report: &Report) -> Failing {
    let fails = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let key = |one: &Finding| {
        let resource = (one.resource.address.clone(), one.resource.layer);
        (one.policy.clone(), one.arguments.clone(), one.label.clone(), resource.0, resource.1)
    };
    fails.map(|finding| key(finding)).collect()
}

/// What is different, in a few lines.
fn news(change: &Change, at: i64, before: &Failing, now: &Failing) -> String {
    let what = match change {
        Change::Files(names) => format!("{} changed", names.join(", ")),
        Change::Time => format!("it is {}", instant_text(at)),
    };
    let came: Vec<_> = now.difference(before).collect();
    let went: Vec<_> = before.difference(now).collect();
    let mut text = format!(
        "\n--- {what}: {} newly failing, {} newly passing, {} failing\n",
        came.len(),
        went.len(),
        now.len()
    );
    for (sign, found) in [('+', &came), ('-', &went)] {
        for (policy, _, label, address, _) in found.iter().take(MOST_NAMED) {
            let label = label.as_deref().map(|label| format!(".{label}")).unwrap_or_default();
            let _ = writeln!(text, "{sign} {policy}{label} {address}");
        }
        if found.len() > MOST_NAMED {
            let _ = writeln!(text, "{sign} (and {} more)", found.len() - MOST_NAMED);
        }
    }
    text.push('\n');
    iom_diagnostics::render::harmless(&text).into_owned()
}
