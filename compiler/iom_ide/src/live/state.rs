//! Findings where a source's own files say something: `.tf`, manifests. A plan is nobody's to edit.

use smol_str::SmolStr;

use super::diagnostics::{LiveSeverity, severity};
use super::{Live, words, written};
use iom_eval::report::Verdict;

const MOST_IN_A_FILE: usize = 200;

/// A verdict in a file that the workspace only reads; line and column from 1, the column in characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateDiagnostic {
    pub line: u32,
    pub column: u32,
    pub severity: LiveSeverity,
    /// The policy's qualified name.
    pub code: SmolStr,
    pub message: String,
}

impl Live {
    /// Files of sources that people write and in which something is wrong, in order.
    pub fn state_files(&self) -> impl Iterator<Item = &SmolStr> {
        self.index.state.keys().filter(|path| is_written_by_hand(path))
    }

    /// What there is to say in one of them. They are as they were when they were read: whoever shows it where the file is
    /// open and has been edited since says it at the wrong line.
    pub fn state_diagnostics(&self, path: &str) -> Vec<StateDiagnostic> {
        let numbers = self.index.state.get(path).filter(|_| is_written_by_hand(path)).into_iter().flatten();
        let findings = numbers.filter_map(|number| self.finding(*number));
        let shown = findings.filter(|finding| finding.verdict != Verdict::Excepted).filter_map(|finding| {
            let (_, line, column) = written(finding.location.as_ref()?);
            Some(StateDiagnostic {
                line,
                column,
                severity: severity(finding),
                code: finding.policy.clone(),
                message: words::finding(finding),
            })
        });
        let mut shown: Vec<StateDiagnostic> = shown.take(MOST_IN_A_FILE).collect();
        shown.sort_by_key(|one| (one.line, one.column));
        shown
    }
}

/// Inside the workspace, and in a format that is written rather than produced.
fn is_written_by_hand(path: &str) -> bool {
    let is_outside = path.starts_with("../") || path.starts_with('/') || path == "-" || path.contains(':');
    let is_written = [".tf", ".tf.json", ".yaml", ".yml"].iter().any(|end| path.ends_with(end));
    is_written && !is_outside
}
