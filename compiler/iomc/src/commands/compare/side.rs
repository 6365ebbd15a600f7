use std::collections::BTreeMap;

use camino::Utf8Path;
use iom_eval::comparison::Holder;
use iom_eval::facts;
use iom_eval::report::{Decision, Finding, Verdict};
use iom_model::Model;
use iom_semantic::{DeclaredName, LibrarySelection};
use smol_str::SmolStr;

use crate::arguments::{Format, StateArguments};
use crate::configuration::shown;
use crate::exit::Failure;
use crate::front_end::FrontEnd;
use crate::judge::{self, Question};
use crate::lock::Locking;
use crate::sources::{self, Source};
use crate::threads;
use crate::workspace::Workspace;

/// Names every kind of things, so that all of them are in the model.
const EVERYTHING: &str = "size(Element)";

/// One of the two: a workspace with the sources that it names, or a source of state alone.
pub(super) struct Estate {
    /// As it was named.
    pub name: String,
    pub is_workspace: bool,
    /// What the workspace itself declares.
    pub declared: Vec<DeclaredName>,
    /// What it is judged by. A source alone has no rules.
    pub rules: Model,
    pub facts: facts::Estate,
    sources: Vec<Source>,
    workspace: Workspace,
    at: i64,
}

impl Estate {
    pub fn open(name: &str, at: i64, color: bool) -> Result<Estate, Failure> {
        let is_workspace = is_workspace(name);
        let mut state = StateArguments::default();
        let mut workspace = if is_workspace {
            Workspace::require(Some(name))?
        } else {
            let argument = name.parse().map_err(|why: String| Failure::new(format!("{name}: {why}")))?;
            state.sources.push(argument);
            Workspace::default()
        };
        let mut front_end = FrontEnd::load(&mut workspace, Locking::Verify);
        front_end.without_errors(Format::Human, color)?;
        let declared = front_end.host().declared_names();
        // What is asked below is no rule.
        let rules = front_end.model(&LibrarySelection::None);
        let question = front_end
            .ask(EVERYTHING)
            .map_err(|_| Failure::new("the standard library can't be asked for its kinds"))?;
        let sources = sources::open(&state, Some(&workspace))?;
        let model = front_end.model(&LibrarySelection::None);
        let facts = judge::everything(model, &sources, &question.constant, at, &workspace)?;
        let name = name.to_owned();
        Ok(Estate { name, is_workspace, declared, rules, facts, sources, workspace, at })
    }

    /// What of another estate's state the rules that only this one has would not let be, by rule.
    pub fn refuses_of(&self, other: &Estate) -> Result<BTreeMap<SmolStr, Vec<Holder>>, Failure> {
        let applied = |model: &Model| -> Vec<(SmolStr, SmolStr)> {
            let applied = model.policies.values().filter(|policy| policy.is_applied);
            applied.map(|policy| (policy.declared.clone(), policy.name.clone())).collect()
        };
        let theirs = applied(&other.rules);
        let is_theirs = |declared: &SmolStr| theirs.iter().any(|(name, _)| name == declared);
        let own = applied(&self.rules).into_iter().filter(|(declared, _)| !is_theirs(declared));
        let selected: std::collections::BTreeSet<SmolStr> = own.map(|(_, name)| name).collect();
        if selected.is_empty() || other.sources.is_empty() {
            return Ok(BTreeMap::new());
        }
        let question = Question {
            at: self.at,
            selected: Some(selected),
            patterns: &[],
            lists_passes: false,
            has_workspace: true,
            threads: threads::number(None),
            workspace: &self.workspace,
        };
        let report = judge::judge_imported(self.rules.clone(), &other.sources, &question)?;
        let mut refused: BTreeMap<SmolStr, Vec<Holder>> = BTreeMap::new();
        for finding in &report.findings {
            if finding.verdict == Verdict::Fail && finding.decision != Decision::Admit {
                let things = refused.entry(finding.policy.clone()).or_default();
                let holder = holder(finding);
                // Several clauses may fail on one thing.
                if things.iter().all(|one| (&one.address, one.layer) != (&holder.address, holder.layer)) {
                    things.push(holder);
                }
            }
        }
        Ok(refused)
    }

    /// Makes a place in the workspace one that can be opened from here.
    pub fn place(&self, holder: &mut Holder) {
        if let (true, Some(place)) = (self.is_workspace, &mut holder.location) {
            let folder = Utf8Path::new(&self.name);
            let folder = if folder.is_dir() { folder } else { folder.parent().unwrap_or(folder) };
            place.file = shown(&folder.join(place.file.as_str())).into();
        }
    }
}

/// A folder that is the root of a workspace, or a file of the language.
fn is_workspace(name: &str) -> bool {
    let path = Utf8Path::new(name);
    path.join(iom_manifest::FILE_NAME).is_file() || path.extension() == Some("iom") && path.is_file()
}

fn holder(finding: &Finding) -> Holder {
    let resource = &finding.resource;
    Holder {
        address: resource.address.clone(),
        value: None,
        layer: Some(resource.layer),
        owner: resource.owner.clone(),
        environment: resource.environment.clone(),
        location: finding.location.clone(),
    }
}
