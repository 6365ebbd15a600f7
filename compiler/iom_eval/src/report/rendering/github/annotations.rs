use std::io::{Result, Write};

use iom_model::Severity;

use super::super::plain::one_line;
use super::super::rooted::RootedPaths;
use super::super::word_of;
use super::super::words::remedy;
use super::by_weight;
use crate::report::{Decision, Finding, Report, Verdict};

/// The service shows ten of each level for a step; more only make the log long.
const MOST_PER_LEVEL: usize = 50;

/// Workflow commands ([reference](https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions)): what
/// blocks is an error, what a person has to decide a warning, advice a warning or a notice.
pub fn annotations(report: &Report, paths: &dyn RootedPaths, mut out: impl Write) -> Result<()> {
    let mut counts = [0_usize; 3];
    for finding in by_weight(report).into_iter().filter(|finding| !finding.known) {
        let level = level(finding);
        counts[level as usize] += 1;
        if counts[level as usize] <= MOST_PER_LEVEL {
            writeln!(out, "{}", annotation(finding, level, paths))?;
        }
    }
    let left: usize = counts.iter().map(|count| count.saturating_sub(MOST_PER_LEVEL)).sum();
    if left > 0 {
        writeln!(out, "::notice title=iomc::{left} more findings are in the summary of the job")?;
    }
    let (word, summary) = (word_of(&report.decision), &report.summary);
    writeln!(
        out,
        "iomc: {word}: {} policies over {} resources: {} fail, {} unknown, {} excepted, {} pass",
        summary.policies, summary.resources, summary.fail, summary.unknown, summary.excepted, summary.pass
    )
}

#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        }
    }
}

fn level(finding: &Finding) -> Level {
    match (finding.decision, finding.verdict) {
        (Decision::Block, _) => Level::Error,
        (Decision::Escalate, _) => Level::Warning,
        (Decision::Admit, Verdict::Fail) if finding.severity >= Severity::Medium => Level::Warning,
        (Decision::Admit, _) => Level::Notice,
    }
}

fn annotation(finding: &Finding, level: Level, paths: &dyn RootedPaths) -> String {
    let place = finding.location.clone().map(|place| place.written());
    let path = place.as_ref().and_then(|place| paths.path(&place.file));
    let mut properties = Vec::new();
    if let (Some(path), Some(place)) = (&path, &place) {
        properties.push(format!("file={}", property(path)));
        properties.push(format!("line={}", place.line));
        properties.push(format!("col={}", place.column));
    }
    let title = finding.title.as_deref().unwrap_or(&finding.policy);
    properties.push(format!("title={}", property(title)));
    let mut lines = vec![finding.message.to_string()];
    if !finding.message.contains(finding.resource.address.as_str()) {
        lines.push(finding.resource.address.to_string());
    }
    // A place that is not in the repository is still a place.
    lines.extend(place.filter(|_| path.is_none()).map(|place| format!("at {}:{}", place.file, place.line)));
    lines.extend(remedy(finding).map(|remedy| format!("To do: {remedy}")));
    lines.push(format!("{} ({})", finding.policy, word_of(&finding.severity)));
    let lines: Vec<String> = lines.iter().map(|line| data(line)).collect();
    format!("::{} {}::{}", level.word(), properties.join(","), lines.join("%0A"))
}

/// A command ends with its line, so everything that ends one is escaped.
fn data(text: &str) -> String {
    one_line(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
