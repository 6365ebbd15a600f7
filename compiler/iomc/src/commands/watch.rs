//! `iomc eval --watch`: judges again whenever something changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use iom_eval::facts::instant_text;
use iom_eval::report::{Finding, Report, Verdict, rendering};
use iom_eval::session::{Change as Said, Session};
use iom_state::document::Format as StateFormat;

use super::eval::{Run, Shown};
use super::texts::Texts;
use crate::arguments::{ColorChoice, EvalArguments, Format};
use crate::clock;
use crate::configuration;
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::judge::{self, Files};
use crate::lock::Locking;
use crate::output;
use crate::sources::{self, Following, Source};
use crate::stamps::{Stamps, Watched};
use crate::walk;
use crate::workspace::Workspace;
use iom_manifest as manifest;

/// How long to wait between two looks at the files, at least and at most; looking takes a small part of the time.
const SHORTEST: Duration = Duration::from_millis(40);
const LONGEST: Duration = Duration::from_secs(5);
const SHARE: u32 = 20;

/// How long nothing has to change before files are read. Who writes a large one takes breaks.
const QUIET: Duration = Duration::from_millis(40);
const QUIET_OF_LARGE: Duration = Duration::from_millis(150);
const LARGE: u64 = 1 << 20;

/// Findings that are named one by one when they come or go, and how many of those that come are shown with all there is to say
/// of them.
const MOST_NAMED: usize = 10;
const MOST_SHOWN: usize = 3;

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
        has_reported: false,
        following: Following::default(),
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

struct Watch<'a> {
    arguments: &'a EvalArguments,
    color: ColorChoice,
    session: Session,
    front_end: Option<FrontEnd>,
    /// The sources, for excerpts.
    sources: Vec<Source>,
    has_reported: bool,
    /// What is remembered of the sources.
    following: Following,
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
        // What the manifest says of sources it says of what is read from them.
        let (state, data) = (inputs(Role::State).with(inputs(Role::Manifest)), inputs(Role::Data));
        let run = Run { arguments: self.arguments, color: self.color, has_workspace };
        front_end.without_errors(self.arguments.output.format, false)?;
        let is_other_state = self.state != state;
        let opened =
            is_other_state.then(|| sources::open(&self.arguments.state, Some(&workspace))).transpose()?;
        let stated = opened.as_ref().map(|opened| self.following.look(opened));
        let stated = stated.unwrap_or_else(|| self.following.stated());
        let (model, selected, remarks) = run.rules(front_end, stated)?;
        let question = run.question(&workspace, selected, at);
        let following = &mut self.following;
        let mut files =
            Files { workspace: &workspace, state: &self.arguments.state, opened, sources: None, following };
        if is_other_state {
            // Until it is read, it may be anything.
            self.state = Stamps::default();
            self.session.sources_changed();
        }
        if self.data != data {
            self.session.data_changed();
        }
        judge::judge_again(&mut self.session, model, &question, &mut files)?;
        (self.state, self.data) = (state, data);
        if let Some(sources) = files.sources {
            self.sources = sources;
        }
        front_end.write_lock();
        let Some(report) = self.session.report() else { return Ok(Exit::Fine) };
        let shown = Shown { sources: &self.sources, root: Utf8Path::new("") };
        let is_first = !std::mem::replace(&mut self.has_reported, true);
        let exit = match change {
            Some(change) if !is_first && self.arguments.output.format != Format::Json => {
                let is_to_file = self.arguments.output.out.is_some();
                let news = News::of(self.session.changes(), report);
                let texts = Texts { front_end, sources: &self.sources };
                let format = self.arguments.output.format;
                let exit = run
                    .tell(report, &remarks, front_end, |color| news.text(change, at, color, &texts, format));
                match is_to_file {
                    true => {
                        run.deliver(&mut judge::whole(report, &self.sources), Vec::new(), front_end, &shown)
                    }
                    false => exit,
                }
            }
            _ => run.deliver(&mut judge::whole(report, &self.sources), remarks, front_end, &shown),
        };
        // Nobody waits for it now.
        if let Some(estate) = self.session.estate() {
            self.following.remember(&self.sources, &estate.sources);
        }
        exit
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
        let mut is_quiet_since = Instant::now();
        loop {
            match end.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return None,
            }
            let start = Instant::now();
            let now = self.look();
            pause = (start.elapsed() * SHARE).clamp(SHORTEST, LONGEST);
            let changed = now.changed_since(&seen);
            if now != before {
                is_quiet_since = start;
            }
            // Whoever is still writing is let finish.
            let quiet = if now.largest(&changed) > LARGE { QUIET_OF_LARGE } else { QUIET };
            if !changed.is_empty() && is_quiet_since.elapsed() >= quiet {
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

/// What is different about a report, in a few lines.
struct News<'r> {
    report: &'r Report,
    /// What fails, or is not known, and did not; and what does no more.
    came: Vec<&'r Finding>,
    went: Vec<&'r Finding>,
}

impl<'r> News<'r> {
    fn of(changes: &'r [Said], report: &'r Report) -> News<'r> {
        let mut news = News { report, came: Vec::new(), went: Vec::new() };
        for change in changes {
            let after = report.findings.get(change.after.clone()).unwrap_or_default();
            let (before, now) = (open(change.before.iter()), open(after.iter()));
            let is_as = |other: &Open<'_>, key: &Key<'_>, one: &Finding| {
                other.get(key).is_some_and(|other| other.verdict == one.verdict)
            };
            news.came.extend(now.iter().filter(|(key, one)| !is_as(&before, key, one)).map(|(_, one)| *one));
            news.went.extend(before.iter().filter(|(key, _)| !now.contains_key(*key)).map(|(_, one)| *one));
        }
        news
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.came.iter().filter(|one| one.verdict == verdict).count()
    }

    /// `--- storage.iom changed: 2 newly failing, 1 no longer, 7 failing`
    fn heading(&self, change: &Change, at: i64) -> String {
        let what = match change {
            Change::Files(names) => format!("{} changed", names.join(", ")),
            Change::Time => format!("it is {}", instant_text(at)),
        };
        let unknown = self.count(Verdict::Unknown);
        let unknown = if unknown > 0 { format!("{unknown} newly unknown, ") } else { String::new() };
        format!(
            "--- {what}: {} newly failing, {unknown}{} no longer, {} failing",
            self.count(Verdict::Fail),
            self.went.len(),
            self.report.summary.fail
        )
    }

    fn text(&self, change: &Change, at: i64, color: bool, texts: &Texts<'_>, format: Format) -> String {
        let mut text = format!("\n{}\n", self.heading(change, at));
        for (found, is_new) in [(&self.came, true), (&self.went, false)] {
            for one in found.iter().take(MOST_NAMED) {
                let sign = match one.verdict {
                    _ if !is_new => '-',
                    Verdict::Unknown => '?',
                    _ => '+',
                };
                let label = one.label.as_deref().map(|label| format!(".{label}")).unwrap_or_default();
                let _ = writeln!(text, "{sign} {}{label} {}", one.policy, one.resource.address);
            }
            if found.len() > MOST_NAMED {
                let sign = if is_new { '+' } else { '-' };
                let _ = writeln!(text, "{sign} (and {} more)", found.len() - MOST_NAMED);
            }
        }
        let mut text = iom_diagnostics::render::harmless(&text).into_owned();
        text.push('\n');
        let shown = self.came.get(..MOST_SHOWN.min(self.came.len())).unwrap_or_default();
        match format {
            Format::Short => shown.iter().for_each(|one| {
                let _ = writeln!(text, "{}", rendering::line(one));
            }),
            _ => text.push_str(&rendering::news(self.report, shown, texts, color)),
        }
        text
    }
}

/// What tells a finding apart from others of its policy.
type Key<'f> = (Option<&'f str>, Option<&'f str>, &'f str, iom_eval::report::Layer);
type Open<'f> = BTreeMap<Key<'f>, &'f Finding>;

/// Findings that something is to be done about.
fn open<'f>(findings: impl Iterator<Item = &'f Arc<Finding>>) -> Open<'f> {
    let is_open = |finding: &&Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
    let key = |one: &'f Finding| {
        let resource = (one.resource.address.as_str(), one.resource.layer);
        (one.arguments.as_deref(), one.label.as_deref(), resource.0, resource.1)
    };
    findings.map(|finding| &**finding).filter(is_open).map(|finding| (key(finding), finding)).collect()
}
