//! What hovers say of verdicts, in Markdown.

use std::fmt::Write as _;

use iom_base::TextSize;
use iom_diagnostics::render::one_line;
use iom_eval::report::{Decision, Finding, Verdict};
use iom_semantic::OutlinedDeclaration;

use super::diagnostics::severity_word;
use super::{Live, lenses, words};
use crate::Analysis;

/// A hover with more than this is a report.
const MOST_SHOWN: usize = 5;

impl Live {
    /// What the report says of the declaration whose name, or whose field, is at an offset.
    pub fn hover(&self, analysis: &Analysis, path: &str, offset: TextSize) -> Option<String> {
        let outline = analysis.outline(path);
        let declaration = outline.iter().find(|one| one.range.contains_inclusive(offset))?;
        let is_at_name = declaration.name_range.contains_inclusive(offset);
        match declaration.keyword {
            "resource" if is_at_name => self.hover_of_resource(path, declaration),
            "resource" => self.hover_of_field(analysis, path, offset),
            "policy" if is_at_name => self.hover_of_policy(declaration),
            "evidence" if is_at_name => self.hover_of_evidence(declaration),
            "exception" if is_at_name => self.hover_of_exception(declaration),
            _ => None,
        }
    }

    fn hover_of_resource(&self, path: &str, declaration: &OutlinedDeclaration) -> Option<String> {
        let (decision, counts) = self.decision(path, &declaration.qualified);
        if counts.total() == 0 {
            return None;
        }
        let word = match decision {
            Decision::Admit => "admitted",
            Decision::Escalate => "to be decided by a person",
            Decision::Block => "blocked",
        };
        Some(listed(format!("**{word}**"), self.about(path, &declaration.qualified)))
    }

    /// The verdicts whose cause stands at an offset.
    fn hover_of_field(&self, analysis: &Analysis, path: &str, offset: TextSize) -> Option<String> {
        let found = self.diagnostics(analysis, path);
        let mut here =
            found.iter().filter(|one| one.subject.is_some() && one.range.contains_inclusive(offset));
        let first = here.next()?;
        let mut text = String::new();
        for one in std::iter::once(first).chain(here).take(MOST_SHOWN) {
            let _ = writeln!(text, "- {}", plain(&one.message).replace('\n', "  \n  "));
        }
        Some(text)
    }

    fn hover_of_policy(&self, declaration: &OutlinedDeclaration) -> Option<String> {
        let known = self.index.policies.get(&declaration.qualified)?;
        let findings = known.failing.iter().filter_map(|number| self.finding(*number));
        Some(listed(format!("**{}**", known.counts.text()), findings))
    }

    fn hover_of_evidence(&self, declaration: &OutlinedDeclaration) -> Option<String> {
        let number = self.index.evidence.get(&declaration.qualified)?;
        let result = self.report.evidence.get(*number as usize)?;
        let satisfies = words::joined(&result.satisfies);
        Some(format!("**{}**\n\nsatisfies {}", lenses::of_evidence(result), plain(&satisfies)))
    }

    /// What an exception lets be.
    fn hover_of_exception(&self, declaration: &OutlinedDeclaration) -> Option<String> {
        let is_it = |finding: &&Finding| {
            finding.exception.as_ref().is_some_and(|one| one.name == declaration.qualified)
        };
        let findings = self.report.findings.iter().map(|finding| &**finding).filter(is_it);
        let mut findings = findings.take(MOST_SHOWN + 1).peekable();
        findings.peek()?;
        Some(listed("**lets be**".to_owned(), findings))
    }
}

fn listed<'a>(title: String, findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut text = title;
    text.push('\n');
    let mut left = 0;
    for (number, finding) in findings.enumerate() {
        if number < MOST_SHOWN {
            let _ = write!(text, "\n- {}", shown(finding));
        } else {
            left += 1;
        }
    }
    if left > 0 {
        let _ = write!(text, "\n- and {left} more");
    }
    text
}

pub(super) fn shown(finding: &Finding) -> String {
    let verdict = match finding.verdict {
        Verdict::Fail => "fails",
        Verdict::Unknown => "not known",
        Verdict::Excepted => "excepted",
        Verdict::Pass => "passes",
        Verdict::NotApplicable => "not applicable",
    };
    let mut text = format!(
        "{verdict}: `{}` ({}, {}): {}",
        finding.policy,
        severity_word(finding.severity),
        words::mode(finding.mode),
        plain(&one_line(&finding.message))
    );
    let facts = words::facts(finding);
    if !facts.is_empty() {
        let _ = write!(text, "  \n  read {}", plain(&facts.join(", ")));
    }
    if let Some(exception) = &finding.exception {
        let _ = write!(
            text,
            "  \n  let be by `{}` until {}: {}, approved by {}",
            exception.name,
            exception.expires,
            plain(&one_line(&exception.reason)),
            plain(&words::joined(&exception.approved_by))
        );
    }
    text
}

/// Text of others, without a meaning in Markdown: no link, no picture, no markup of its own.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '&' | '~') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}
