//! A thousand random changes of rules, state and time: what is kept says what a run from nothing says.

use std::sync::Arc;

use iom_eval::report::Report;
use iom_eval::session::Session;
use iom_semantic::{Host, LibrarySelection};

use super::super::common::NOW;
use super::estate::Dice;
use super::files::{Files, task};
use super::workspace::Workspace;
use super::{cold, cold_over, json};

/// How many changes are tried from each seed: `IOM_CASES` where that is set.
fn changes() -> usize {
    std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(250)
}

/// A workspace that changes, and a session that follows it.
struct Following {
    dice: Dice,
    workspace: Workspace,
    before: Workspace,
    host: Host,
    session: Session,
    files: Files,
    at: i64,
    /// Objects that were replaced since the files were read: these have no places in a file.
    replacements: usize,
}

impl Following {
    fn new(seed: u64) -> Following {
        let mut dice = Dice(seed);
        let workspace = Workspace::new(&mut dice);
        Following {
            before: workspace.clone(),
            host: Host::new(),
            session: Session::new(),
            files: workspace.files(),
            at: NOW,
            replacements: 0,
            workspace,
            dice,
        }
    }

    /// One change; says of what.
    fn change(&mut self, is_first: bool) -> &'static str {
        if self.dice.below(10) == 0 {
            self.at += 86_400 * self.dice.below(3) as i64;
        }
        let is_in_place = !is_first && self.dice.below(5) < 3;
        if is_in_place && let Some((source, address, values)) = self.workspace.change_object(&mut self.dice) {
            assert!(self.session.replace_object(source, &address, &values), "{address}");
            self.replacements += 1;
            return "an object in place";
        }
        let (what, of_sources) = self.workspace.change(&mut self.dice);
        if of_sources {
            let Files { known, rewritings, .. } = std::mem::take(&mut self.files);
            self.files = Files { known, rewritings, ..self.workspace.files() };
            self.session.sources_changed();
            self.replacements = 0;
        }
        what
    }

    fn follow(&mut self, step: usize) {
        let what = self.change(step == 0);
        self.host.set_file("rules.iom", &self.workspace.rules());
        if self.host.has_errors() {
            panic!("{}", iom_diagnostics::render::human(&self.host.diagnostics(), &self.host, false));
        }
        let model = Arc::new(self.host.model(&LibrarySelection::None));
        let Ok(kept) = self.session.update(task(model.clone(), self.at), &mut self.files);
        let kept = kept.clone();
        let cold = match self.session.estate() {
            Some(estate) if self.replacements > 0 => cold_over(estate, model, self.at),
            _ => cold(model, &self.files, self.at),
        };
        if json(&kept) != json(&cold) {
            self.fail(step, what, &kept, &cold);
        }
        self.before = self.workspace.clone();
    }

    fn fail(&self, step: usize, what: &str, kept: &Report, cold: &Report) -> ! {
        let (kept, cold) = (json(kept), json(cold));
        let (new, old): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), cold.lines().collect());
        let first = old.iter().zip(&new).position(|(old, new)| old != new).unwrap_or(0);
        let near = |lines: &[&str]| lines[first.saturating_sub(25)..(first + 8).min(lines.len())].join("\n");
        panic!(
            "step {step}: after a change of {what}\nbefore:\n{}\nafter:\n{}\nfrom nothing:\n{}\nkept:\n{}",
            self.before.rules(),
            self.workspace.rules(),
            near(&old),
            near(&new)
        );
    }
}

fn incremental_is_cold(seed: u64) {
    let mut following = Following::new(seed);
    (0..changes()).for_each(|step| following.follow(step));
    assert!(changes() < 200 || following.files.rewritings.get() > 0, "files are compared entry by entry");
}

#[test]
fn incremental_is_cold_1() {
    incremental_is_cold(0x5eed_1234_abcd_9876);
}

#[test]
fn incremental_is_cold_2() {
    incremental_is_cold(0x0bad_cafe_0042_1111);
}

#[test]
fn incremental_is_cold_3() {
    incremental_is_cold(0x1357_9bdf_2468_ace0);
}

#[test]
fn incremental_is_cold_4() {
    incremental_is_cold(0xfeed_5eed_0000_0007);
}
