//! What an editor can ask about a workspace, in an editor's own words: paths, offsets and texts, no protocol.

mod actions;
mod analysis;
mod fixes;
pub mod live;
mod live_report;
mod symbols;
mod test_run;
mod verdicts;

pub use actions::{ActionKind, CodeAction, FileEdit};
pub use analysis::Analysis;
pub use fixes::{HandChange, PolicyFix, policy_fix};
pub use iom_semantic::{CancellationToken, Cancelled, FileDiagnostics, Packages, Stated};
pub use live::Rules;
pub use live_report::LiveReport;
pub use symbols::Symbol;
pub use verdicts::{Unjudged, Verdicts};
