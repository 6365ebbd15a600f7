//! From policies to verdicts, findings, decisions and evidence.
//!
//! First every policy is judged over every kind of its population and every layer, which gives a few bytes per subject
//! ([`row`]). Then the subjects that did not pass are looked at again, with everything a report says about them
//! ([`finding`]), and what modes, exceptions and dates make of it ([`disposition`]).

mod about;
mod authority;
mod backwards;
mod cause;
mod clause;
mod computed;
mod diagnostic;
mod disposition;
mod evidence;
mod finding;
mod fix;
mod locate;
mod outcome;
mod place;
mod policy;
mod readings;
mod row;
mod run;
mod subject;

pub use about::GroupAtHand;
pub use authority::{Answer, CHANGE, Ground, answers};
pub(crate) use cause::bind_witness;
pub(crate) use diagnostic::sources;
pub(crate) use disposition::{CurrentMode, Exceptions};
pub use disposition::{DefaultMode, is_off};
pub(crate) use finding::FindingMaker;
pub(crate) use fix::SubjectFix;
pub(crate) use locate::{Step, Trail};
pub(crate) use place::{report_layer, source_place};
pub(crate) use policy::{PolicyReport, SubjectReport};
pub use row::{ClauseState, SubjectOutcome};
pub use run::{Judgement, RawPolicy, Resources};
pub(crate) use run::{Put, resource as element_resource};
pub use subject::{Subject, SubjectGroup};

use iom_model::Severity;
use smol_str::SmolStr;

use crate::facts::Estate;
use crate::report::Report;

/// How a run judges.
#[derive(Clone, Debug)]
pub struct Options {
    /// The mode of policies that say none.
    pub default_mode: DefaultMode,
    /// Only policies that bite at this stage: `merge`, `deploy`, `admission`, `continuous`.
    pub stage: Option<SmolStr>,
    /// Findings less severe are left out of the report and of the decision.
    pub min_severity: Option<Severity>,
    /// Report passes as well.
    pub with_passes: bool,
    /// What a workspace is told beyond verdicts: rules that match nothing, exceptions that expire.
    pub is_workspace: bool,
    /// How many threads judge.
    pub threads: usize,
    /// The version of the tool.
    pub tool: SmolStr,
    /// The model's hash, where the caller has it already; it takes a while for large models.
    pub model_hash: Option<SmolStr>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            default_mode: DefaultMode::Enforce,
            stage: None,
            min_severity: None,
            with_passes: false,
            is_workspace: true,
            threads: 1,
            tool: env!("CARGO_PKG_VERSION").into(),
            model_hash: None,
        }
    }
}

/// Judges all policies of the estate's program.
pub fn judge(estate: &Estate, options: &Options) -> Report {
    let judgement = Judgement::of(estate, options);
    judgement.report(options)
}
