use std::fmt::Write;

use super::super::plain::{clipped, counted, one_line, wrapped};
use super::super::style::Tone;
use super::super::word_of;
use super::super::words::remedy;
use super::Page;
use crate::report::policy::full_name;
use crate::report::{Decision, Fact, Finding, FindingMode, Place, Verdict};

/// Characters on a line, as far as words allow.
const WIDTH: usize = 100;
/// Blanks before what belongs to a finding.
const MARGIN: usize = 6;
/// Where the text beside `values read`, `rule`, .. starts.
const LABEL_WIDTH: usize = 14;
/// Characters of a value, or of a clause, that are shown.
const MOST_OF_A_VALUE: usize = 72;
/// In a line as long as this the line's number alone finds nothing.
const FAR_RIGHT: u32 = 200;
/// Rows and partners listed by name.
const MOST_LISTED: usize = 5;

impl Page<'_> {
    pub(super) fn finding(&mut self, finding: &Finding) {
        let (marker, tone) = marker(finding);
        let message = one_line(&finding.message);
        let head = self.style.paint(tone, format!("{marker}, {}", word_of(&finding.severity)));
        let _ = writeln!(self.out, "  {head}: {}", self.style.paint(Tone::Bold, message));
        let policy = full_name(&finding.policy, finding.arguments.as_deref());
        let name = match (&finding.title, &finding.label) {
            (Some(title), _) => format!("{title} ({policy})"),
            (None, Some(label)) => format!("{policy}.{label}"),
            (None, None) => policy,
        };
        let _ = writeln!(self.out, "    {}\n", one_line(&name));
        self.excerpt(finding);
        self.facts(finding);
        self.partners(finding);
        self.rule(finding);
        self.out.push('\n');
    }

    /// The place, with the lines that matter as far as they are at hand.
    fn excerpt(&mut self, finding: &Finding) {
        let first_value = || finding.facts.iter().find_map(|fact| fact.location.as_ref());
        let Some(place) = finding.location.as_ref().or_else(first_value) else { return };
        let place = &place.clone().written();
        let _ = writeln!(self.out, "{:MARGIN$}{}", "", self.style.paint(Tone::Blue, located(place)));
        let lines = self.excerpts.of(place, finding);
        let margin = lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(0);
        for line in &lines {
            if line.follows_gap {
                let _ = writeln!(self.out, "{:MARGIN$}{}", "", self.style.paint(Tone::Dim, "  ..."));
            }
            let number = format!("{:>margin$} |", line.number);
            if line.is_marked {
                let number = self.style.paint(Tone::Blue, format!("> {number}"));
                let _ = writeln!(self.out, "{:MARGIN$}{number} {}", "", line.text);
            } else {
                let shown = self.style.paint(Tone::Dim, format!("  {number} {}", line.text));
                let _ = writeln!(self.out, "{:MARGIN$}{shown}", "");
            }
        }
        if !lines.is_empty() {
            self.out.push('\n');
        }
    }

    fn facts(&mut self, finding: &Finding) {
        let mut label = "values read";
        for fact in &finding.facts {
            let place = beside(fact.location.as_ref(), finding);
            let text = format!("{} = {}", fact.path, rendered(fact));
            self.row(label, &text, &place);
            label = "";
        }
        let mut label = "not known";
        // What stands among the values read says so there.
        let read = |path: &str| finding.facts.iter().any(|fact| fact.path == path && fact.unknown.is_some());
        for value in finding.unknown.iter().filter(|value| !read(&value.path)) {
            let place = beside(value.location.as_ref(), finding);
            let why = cause(&value.cause);
            let text = if value.path.is_empty() { why.to_owned() } else { format!("{} ({why})", value.path) };
            self.row(label, &text, &place);
            label = "";
        }
    }

    fn partners(&mut self, finding: &Finding) {
        if !finding.path.is_empty() {
            self.row("path", &finding.path.join(" -> "), "");
        }
        let mut label = "together with";
        for related in finding.related.iter().take(MOST_LISTED) {
            let place = beside(related.location.as_ref(), finding);
            self.row(label, &format!("{} ({})", related.address, related.kind), &place);
            label = "";
        }
        let mut label = "also";
        for witness in finding.witnesses.iter().take(MOST_LISTED) {
            let place = beside(witness.location.as_ref(), finding);
            self.row(label, &witness.message, &place);
            label = "";
        }
        let left = finding.witnesses.len().saturating_sub(MOST_LISTED) as u64 + finding.more_witnesses;
        if left > 0 {
            self.row(label, &counted(left, "more row like this", "more rows like this"), "");
        }
    }

    fn rule(&mut self, finding: &Finding) {
        if let Some(clause) = &finding.clause {
            let source = format!("require {}", clipped(&one_line(&clause.source), MOST_OF_A_VALUE));
            self.row("rule", &source, &format!("{}:{}", clause.file, clause.line));
        }
        if let Some(remedy) = remedy(finding) {
            self.row("what to do", &remedy.to_string(), "");
        } else if finding.verdict == Verdict::Unknown {
            self.row(
                "what to do",
                "give the value where the source can see it, or judge the layer that has it",
                "",
            );
        }
        if let Some(exception) = &finding.exception {
            let approved = match exception.approved_by.as_slice() {
                [] => String::new(),
                names => format!(", approved by {}", names.join(", ")),
            };
            let text =
                format!("{} until {}{approved}: {}", exception.name, exception.expires, exception.reason);
            self.row("exception", &text, "");
        }
        if let Some(who) = &finding.escalate_to {
            self.row("asks", who, "");
        }
        if let Some(note) = &finding.note {
            self.row("note", note, "");
        }
        let controls: Vec<&str> =
            finding.covers.iter().chain(finding.aliases.iter()).map(|name| name.as_str()).collect();
        if !controls.is_empty() {
            let line = format!("{:<LABEL_WIDTH$}{}", "controls", one_line(&controls.join(", ")));
            let _ = writeln!(self.out, "      {}", self.style.paint(Tone::Dim, line));
        }
    }

    fn row(&mut self, label: &str, text: &str, place: &str) {
        let text = match place {
            "" => text.to_owned(),
            place => format!("{text}  ({place})"),
        };
        let mut label = self.style.paint(Tone::Dim, format!("{label:<LABEL_WIDTH$}"));
        for line in wrapped(&one_line(&text), WIDTH - MARGIN - LABEL_WIDTH) {
            let _ = writeln!(self.out, "{:MARGIN$}{label}{line}", "");
            label = " ".repeat(LABEL_WIDTH);
        }
    }
}

/// What the finding does, in one word.
fn marker(finding: &Finding) -> (&'static str, Tone) {
    match (finding.verdict, finding.decision, finding.mode) {
        (Verdict::Pass | Verdict::NotApplicable, _, _) => ("passes", Tone::Green),
        (Verdict::Excepted, _, _) => ("excepted", Tone::Blue),
        (Verdict::Unknown, Decision::Admit, _) => ("unknown", Tone::Yellow),
        (Verdict::Unknown, _, _) => ("unknown, escalates", Tone::Magenta),
        (Verdict::Fail, Decision::Block, _) => ("blocks", Tone::Red),
        (Verdict::Fail, Decision::Escalate, _) => ("escalates", Tone::Magenta),
        (Verdict::Fail, Decision::Admit, FindingMode::Advise) => ("advice", Tone::Yellow),
        (Verdict::Fail, Decision::Admit, _) => ("fails", Tone::Yellow),
    }
}

fn rendered(fact: &Fact) -> String {
    let value = match (&fact.unknown, &fact.value) {
        (Some(reason), _) => format!("unknown ({})", cause(reason)),
        (None, serde_json::Value::Null) => "absent".to_owned(),
        (None, value) => value.to_string(),
    };
    let layer = fact.layer.map(|layer| format!(", {} state", word_of(&layer))).unwrap_or_default();
    let inferred = if fact.inferred { ", concluded: the only one in its module" } else { "" };
    format!("{}{inferred}{layer}", clipped(&value, MOST_OF_A_VALUE))
}

/// The causes in plain words.
fn cause(name: &str) -> &str {
    match name {
        "known_after_apply" => "known after apply",
        "not_reported" => "the source does not report it",
        "stale" => "too old to rely on",
        "sensitive" => "the source marks it as secret",
        "invalid" => "not a valid value",
        "unmodelled" => "belongs to something that is not in the model",
        "partial" => "the source is partial",
        "conflict" => "sources contradict one another",
        other => other,
    }
}

/// `plan.json:812:9`, with the document of a multi-document file.
fn located(place: &Place) -> String {
    let mut text = format!("{}:{}:{}", one_line(&place.file), place.line, place.column);
    if let Some(document) = place.document.filter(|document| *document > 0) {
        let _ = write!(text, " (document {})", document + 1);
    }
    text
}

/// A place as it is put beside something that a finding says: short where it is in the finding's own file, and nothing
/// where it is the finding's own place.
fn beside(place: Option<&Place>, finding: &Finding) -> String {
    let Some(place) = place.cloned().map(Place::written) else { return String::new() };
    let own = finding.location.clone().map(Place::written);
    let at = if place.column > FAR_RIGHT {
        format!("{}:{}", place.line, place.column)
    } else {
        place.line.to_string()
    };
    match own {
        Some(own) if own == place => String::new(),
        Some(own) if own.file == place.file => format!("line {at}"),
        _ => format!("{}:{at}", one_line(&place.file)),
    }
}
