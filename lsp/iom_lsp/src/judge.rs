//! Judges the workspace's state by its rules, again and again, on a thread of its own that nobody waits for.
//!
//! The host says when something has changed. After a moment without another change the judge looks whether files of state are
//! others now, and asks for the rules: they come from a snapshot on the pool, which an edit ends, so that judging itself holds
//! on to nothing. What it finds goes back to the host.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use iom_base::{Span, TextRange};
use iom_eval::facts::StateSource;
use iom_eval::judge::Options;
use iom_eval::program::{Demand, Scope};
use iom_eval::session::{FactsVersion, Inputs, Session, Task};
use iom_eval::value::Value;
use iom_ide::live::{Dependencies, Live};
use iom_ide::{LiveReport, Rules, Stated};
use iom_model::{Model, QualifiedName};
use iom_project::sources::{self, Following, Source};
use iom_project::{Failure, Workspace, configuration, judging};
use iom_state::rewritten::Rewritten;
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::host::Message;
use crate::outbox::Outbox;
use crate::pool::STACK;
use crate::problems::Problem;
use crate::request::{Attempt, Request, Urgency, attempt, internal_error, message_of};
use crate::snapshot::Snapshot;

/// How long nothing has to change before it is judged.
const PAUSE: Duration = Duration::from_millis(120);
/// Who types without end sees verdicts all the same.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What the judge is told.
pub enum Order {
    /// The workspace was found, or read again.
    Workspace(Arc<Workspace>),
    /// Rules were edited.
    Edited,
    /// Files may be others on disk.
    LookAtDisk,
    /// The rules that were asked for; nothing where they have errors.
    Rules(Option<Rules>),
    End,
}

/// Starts the thread.
///
/// # Errors
/// Where the operating system gives none.
pub fn start(host: Sender<Message>, outbox: Outbox) -> io::Result<Sender<Order>> {
    let (sender, orders) = channel();
    let judge = Judge {
        host,
        own: sender.clone(),
        outbox,
        workspace: Arc::default(),
        session: Session::new(),
        sources: Vec::new(),
        is_imported: false,
        following: Following::default(),
        dependencies: None,
        stated: Stated::default(),
        unopened: Vec::new(),
        has_told_unopened: false,
        stamps: Vec::new(),
        data_stamps: Vec::new(),
        is_to_look: false,
        due: None,
        first_change: None,
        revision: 0,
    };
    thread::Builder::new()
        .name("iom judge".to_owned())
        .stack_size(STACK)
        .spawn(move || judge.run(&orders))?;
    Ok(sender)
}

struct Judge {
    host: Sender<Message>,
    own: Sender<Order>,
    outbox: Outbox,
    workspace: Arc<Workspace>,
    session: Session,
    /// Those that could be opened; what the others lack is in `unopened`.
    sources: Vec<Source>,
    /// They have been read since they were opened.
    is_imported: bool,
    /// What is remembered of them.
    following: Following,
    /// What depended on what, by which facts.
    dependencies: Option<(FactsVersion, Arc<Dependencies>)>,
    stated: Stated,
    unopened: Vec<Problem>,
    has_told_unopened: bool,
    /// The files of the sources, and of data that rules name, as they were when they were read.
    stamps: Vec<Stamp>,
    data_stamps: Vec<Stamp>,
    is_to_look: bool,
    /// When to ask for the rules.
    due: Option<Instant>,
    /// When the first change came that has not been judged.
    first_change: Option<Instant>,
    revision: u64,
}

type Stamp = (PathBuf, Option<(SystemTime, u64)>);

impl Judge {
    fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let order = match self.due {
                Some(due) => orders.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => match self.until_threshold() {
                    Some(wait) => orders.recv_timeout(wait),
                    None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                },
            };
            match order {
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(order) => self.take(order),
                Err(RecvTimeoutError::Timeout) => self.ask(),
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Workspace(workspace) => {
                if self.workspace.manifest != workspace.manifest || self.workspace.root != workspace.root {
                    self.stamps.clear();
                }
                self.workspace = workspace;
                self.is_to_look = true;
                self.postpone();
            }
            Order::Edited => self.postpone(),
            Order::LookAtDisk => {
                self.is_to_look = true;
                self.postpone();
            }
            Order::Rules(rules) => {
                let judged = std::panic::AssertUnwindSafe(|| self.judge(rules));
                if let Err(thrown) = std::panic::catch_unwind(judged) {
                    self.outbox.log(internal_error(&message_of(thrown.as_ref())));
                    (self.session, self.dependencies) = (Session::new(), None);
                }
            }
            Order::End => {}
        }
    }

    fn postpone(&mut self) {
        let now = Instant::now();
        let first = *self.first_change.get_or_insert(now);
        self.due = Some((now + PAUSE).min(first + LONGEST_PAUSE));
    }

    /// Until verdicts change by themselves.
    fn until_threshold(&self) -> Option<Duration> {
        let seconds = self.session.next_threshold()?.saturating_sub(now());
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0).max(1)))
    }

    /// Looks at the disk where there is a reason to, and asks for the rules.
    fn ask(&mut self) {
        (self.due, self.first_change) = (None, None);
        if std::mem::take(&mut self.is_to_look) {
            self.open_sources();
        }
        if !self.unopened.is_empty() {
            self.has_told_unopened = true;
            self.deliver(None, self.unopened.clone());
            return;
        }
        let ask = AskForRules { stated: self.stated, judge: self.own.clone(), outbox: self.outbox.clone() };
        // Without a host there is nobody to judge for.
        let _ = self.host.send(Message::Ask(Box::new(ask)));
    }

    fn open_sources(&mut self) {
        let stamps = self.look();
        if stamps == self.stamps && !stamps.is_empty() {
            return;
        }
        self.stamps = stamps;
        let (opened, unopened) = opened(&self.workspace);
        self.stated = self.following.look(&opened);
        (self.sources, self.unopened, self.is_imported) = (opened, unopened, false);
        self.session.sources_changed();
    }

    /// The files that the sources consist of, as they are now.
    fn look(&self) -> Vec<Stamp> {
        let (root, fence) = (&self.workspace.root, self.workspace.fence.as_ref());
        let mut stamps = Vec::new();
        for state in &self.workspace.manifest.states {
            let mut files = sources::files(&root.join(&state.path), &state.path, state.format, fence);
            if let Some(folder) = &state.source {
                files.extend(configuration::files(&root.join(folder), folder, fence));
            }
            stamps.extend(files.into_iter().map(|(_, path)| stamp(path.into())));
        }
        stamps
    }

    fn judge(&mut self, rules: Option<Rules>) {
        // What was known stays, and is known to be of other rules: their mistakes are told where they are.
        let has_told_unopened = std::mem::take(&mut self.has_told_unopened);
        let Some(rules) = rules else {
            if has_told_unopened {
                self.deliver(None, Vec::new());
            }
            return;
        };
        let root = &self.workspace.root;
        let data: Vec<Stamp> =
            rules.reference_files.iter().map(|file| stamp(root.join(file.as_str()).into())).collect();
        if data != self.data_stamps {
            self.data_stamps = data;
            self.session.data_changed();
        }
        let options = Options {
            is_workspace: true,
            tool: env!("CARGO_PKG_VERSION").into(),
            // Nobody in an editor asks for it, and it takes time.
            model_hash: Some(SmolStr::default()),
            ..Options::default()
        };
        let task = Task { model: rules.model.clone(), scope: Scope::default(), options, at: now() };
        let (sources, is_imported) = (&mut self.sources, &mut self.is_imported);
        let following = &mut self.following;
        let mut outside = Outside { workspace: &self.workspace, sources, is_imported, following };
        let mut report = match self.session.update(task, &mut outside) {
            Ok(report) => report.clone(),
            Err(problems) => {
                // What could not be read may be readable the next time.
                self.stamps.clear();
                self.deliver(None, problems);
                return;
            }
        };
        if self.session.estate().is_some_and(|estate| estate.is_too_large) {
            let failure = judging::too_large();
            self.deliver(None, vec![Problem::in_manifest(TextRange::default(), &failure)]);
            return;
        }
        judging::tell_unconcerned(&mut report);
        judging::tell_skipped(&mut report, &self.sources);
        let live = Live::of(Arc::new(report), &rules);
        let dependencies = self.dependencies();
        self.deliver(Some(live.with_dependencies(dependencies)), Vec::new());
        // Nobody waits for it now.
        if let Some(estate) = self.session.estate() {
            self.following.remember(&self.sources, &estate.sources);
        }
    }

    /// What depends on what: looked for where facts are others than the last time.
    fn dependencies(&mut self) -> Option<Arc<Dependencies>> {
        let version = self.session.facts_version();
        if self.dependencies.as_ref().is_none_or(|(known, _)| Some(*known) != version) {
            let relations = self.session.estate().map(|estate| Dependencies::new(estate.relations()));
            self.dependencies = version.zip(relations.map(Arc::new));
        }
        self.dependencies.as_ref().map(|(_, found)| found.clone())
    }

    fn deliver(&mut self, live: Option<Live>, problems: Vec<Problem>) {
        self.revision += 1;
        let revision = self.revision;
        let live = live.map(|live| Arc::new(LiveReport { live, revision, is_outdated: false }));
        let _ = self.host.send(Message::Judged { live, problems });
    }
}

/// What lies outside the rules.
struct Outside<'a> {
    workspace: &'a Workspace,
    sources: &'a mut Vec<Source>,
    is_imported: &'a mut bool,
    following: &'a mut Following,
}

impl Inputs for Outside<'_> {
    type Error = Vec<Problem>;

    fn data(
        &mut self,
        model: &Model,
        strings: &mut Strings,
    ) -> Result<FxHashMap<QualifiedName, Value>, Vec<Problem>> {
        judging::data(model, self.workspace, strings).map_err(|fault| vec![Problem::in_data(&fault)])
    }

    fn sources(&mut self, wanted: &Demand, strings: &mut Strings) -> Result<Vec<StateSource>, Vec<Problem>> {
        self.following.forget();
        let (mut state, mut problems) = (Vec::new(), Vec::new());
        // What a source has to say of itself it says once.
        if std::mem::replace(self.is_imported, true) {
            (*self.sources, problems) = opened(self.workspace);
        }
        for source in self.sources.iter() {
            match judging::imported(std::slice::from_ref(source), wanted, strings) {
                Ok(imported) => state.extend(imported),
                Err(failure) => {
                    let place = source.place.map(|place| place.range()).unwrap_or_default();
                    problems.push(Problem::in_manifest(place, &failure));
                }
            }
        }
        if problems.is_empty() { Ok(state) } else { Err(problems) }
    }

    fn rewritten(
        &mut self,
        known: &[StateSource],
        wanted: &Demand,
        strings: &mut Strings,
    ) -> Result<Option<Vec<Option<Rewritten>>>, Vec<Problem>> {
        let rewritten = self.following.rewritten(self.sources, known, wanted, strings);
        *self.is_imported |= rewritten.is_some();
        Ok(rewritten)
    }
}

/// The sources of a workspace, and what is wrong with those that cannot be opened.
fn opened(workspace: &Workspace) -> (Vec<Source>, Vec<Problem>) {
    let (sources, failures) = sources::open_declared(workspace);
    let problem = |(place, failure): &(Span, Failure)| Problem::in_manifest(place.range(), failure);
    (sources, failures.iter().map(problem).collect())
}

/// Asks a snapshot for the rules.
struct AskForRules {
    stated: Stated,
    judge: Sender<Order>,
    outbox: Outbox,
}

impl Request for AskForRules {
    fn urgency(&self) -> Urgency {
        Urgency::Usual
    }

    fn asked(&mut self, now: u64) -> u64 {
        now
    }

    fn answer(self: Box<Self>, snapshot: Snapshot) -> Option<Box<dyn Request>> {
        let order = match attempt(snapshot, |snapshot| snapshot.analysis.rules(self.stated)) {
            Attempt::Done(rules) => Order::Rules(rules),
            Attempt::Ended => Order::Edited,
            Attempt::Failed(why) => {
                self.outbox.log(internal_error(&why));
                return None;
            }
        };
        let _ = self.judge.send(order);
        None
    }

    fn after_change(self: Box<Self>) -> Option<Box<dyn Request>> {
        let _ = self.judge.send(Order::Edited);
        None
    }
}

fn stamp(path: PathBuf) -> Stamp {
    let about = fs::metadata(&path).ok();
    let about = about.and_then(|about| Some((about.modified().ok()?, about.len())));
    (path, about)
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
