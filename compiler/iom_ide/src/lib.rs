//! What an editor can ask about a workspace, in an editor's own words: paths, offsets and texts, no protocol.

mod actions;
mod analysis;
mod completion;
mod definition;
mod description;
mod fixes;
#[cfg(test)]
mod fixture;
mod folding;
mod hover;
mod inlay_hints;
mod links;
pub mod live;
mod live_report;
mod references;
mod rename;
#[cfg(test)]
mod robustness;
mod selection;
pub mod semantic_tokens;
mod signature_help;
mod spot;
mod symbols;
mod test_run;
mod verdicts;
mod words;

pub use actions::{ActionKind, CodeAction, FileEdit};
pub use analysis::Analysis;
pub use completion::{Completion, CompletionKind, Completions, TextEdit};
pub use definition::Destination;
pub use fixes::{HandChange, PolicyFix, policy_fix};
pub use folding::{Fold, FoldKind};
pub use hover::Hover;
pub use inlay_hints::{HintKind, InlayHint};
pub use iom_semantic::{CancellationToken, Cancelled, FileDiagnostics, Packages, Stated};
pub use links::{Link, LinkTarget};
pub use live::Rules;
pub use live_report::LiveReport;
pub use references::{Access, Reference};
pub use rename::{Edits, Renamable};
pub use signature_help::SignatureHelp;
pub use symbols::{FoundSymbol, Symbol};
pub use verdicts::{Unjudged, Verdicts};
