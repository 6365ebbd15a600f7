use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::plain::{counted, one_line};
use super::word_of;
use super::words::{not_known, read, remedy};
use crate::report::policy::full_name;
use crate::report::{Decision, Finding, Report, Verdict};

/// The form that CI systems show beside the results of tests: a suite for each policy that is about anything, a case for
/// each finding, and one for all resources that pass. What blocks or makes a person decide is a failure; advice, what is
/// unknown without consequence, excused or known is skipped, with the reason. Times are zero, so that equal runs give equal
/// bytes.
pub fn junit(report: &Report, out: impl io::Write) -> io::Result<()> {
    let suites = suites(report);
    let counts = suites.iter().map(|suite| suite.counts()).fold(Counts::default(), Counts::and);
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    // CI systems want to know when, and take no zone.
    let at = report.at.trim_end_matches('Z');
    writer
        .create_element("testsuites")
        .with_attribute(("name", "iomc eval"))
        .with_attributes(counts.attributes().iter().map(|(name, count)| (*name, count.as_str())))
        .write_inner_content(|writer| suites.iter().try_for_each(|suite| suite.write(at, writer)))?;
    writer.into_inner().write_all(b"\n")
}

/// A policy with what was found.
#[derive(Default)]
struct Suite<'r> {
    name: String,
    findings: Vec<&'r Finding>,
    /// Resources that pass.
    pass: u64,
}

/// By policies and the values of their parameters; those that are about nothing are left out.
fn suites(report: &Report) -> Vec<Suite<'_>> {
    let mut suites: BTreeMap<(&str, Option<&str>), Suite<'_>> = BTreeMap::new();
    for policy in &report.policies {
        suites.entry((&policy.policy, policy.arguments.as_deref())).or_default().pass = policy.pass;
    }
    for finding in &report.findings {
        let suite = suites.entry((&finding.policy, finding.arguments.as_deref())).or_default();
        suite.findings.push(finding);
    }
    let named = |((policy, arguments), suite)| Suite { name: full_name(policy, arguments), ..suite };
    let is_empty = |suite: &Suite<'_>| suite.findings.is_empty() && suite.pass == 0;
    suites.into_iter().map(named).filter(|suite| !is_empty(suite)).collect()
}

#[derive(Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    skipped: usize,
}

impl Counts {
    fn and(self, other: Counts) -> Counts {
        Counts {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            skipped: self.skipped + other.skipped,
        }
    }

    fn attributes(self) -> [(&'static str, String); 5] {
        let zero = || "0".to_owned();
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", zero()),
            ("skipped", self.skipped.to_string()),
            ("time", zero()),
        ]
    }
}

enum Outcome {
    Passed,
    Skipped(String),
    Failed,
}

fn outcome(finding: &Finding) -> Outcome {
    match (finding.verdict, finding.decision) {
        (Verdict::Pass | Verdict::NotApplicable, _) => Outcome::Passed,
        (Verdict::Excepted, _) => {
            let exception = finding.exception.as_ref();
            let why = exception.map(|one| format!(" by {} until {}: {}", one.name, one.expires, one.reason));
            Outcome::Skipped(format!("excepted{}", why.unwrap_or_default()))
        }
        _ if finding.known => Outcome::Skipped(format!("known: {}", finding.message)),
        (Verdict::Fail, Decision::Admit) => Outcome::Skipped(format!("advice: {}", finding.message)),
        (Verdict::Unknown, Decision::Admit) => Outcome::Skipped(format!("unknown: {}", finding.message)),
        (Verdict::Fail | Verdict::Unknown, Decision::Block | Decision::Escalate) => Outcome::Failed,
    }
}

impl Suite<'_> {
    /// The passing resources that have no case of their own.
    fn others(&self) -> Option<String> {
        let is_pass = |finding: &&Finding| finding.verdict == Verdict::Pass;
        if self.pass == 0 || self.findings.iter().any(is_pass) {
            return None;
        }
        Some(counted(self.pass, "resource passes", "resources pass"))
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts { tests: self.findings.len(), ..Counts::default() };
        counts.tests += usize::from(self.others().is_some());
        for finding in &self.findings {
            match outcome(finding) {
                Outcome::Passed => {}
                Outcome::Skipped(_) => counts.skipped += 1,
                Outcome::Failed => counts.failures += 1,
            }
        }
        counts
    }

    fn write<W: io::Write>(&self, at: &str, writer: &mut Writer<W>) -> io::Result<()> {
        let name = one_line(&self.name);
        writer
            .create_element("testsuite")
            .with_attribute(("name", &*name))
            .with_attributes(self.counts().attributes().iter().map(|(name, count)| (*name, count.as_str())))
            .with_attribute(("timestamp", at))
            .write_inner_content(|writer| {
                self.findings.iter().try_for_each(|finding| case(finding, &name, writer))?;
                let Some(others) = self.others() else { return Ok(()) };
                let attributes = [("name", others.as_str()), ("classname", &*name), ("time", "0")];
                writer.create_element("testcase").with_attributes(attributes).write_empty()?;
                Ok(())
            })?;
        Ok(())
    }
}

fn case<W: io::Write>(finding: &Finding, suite: &str, writer: &mut Writer<W>) -> io::Result<()> {
    let label = finding.label.as_deref().map(|label| format!(", {label}")).unwrap_or_default();
    let layer = word_of(&finding.resource.layer);
    let name = format!("{} ({layer}{label})", one_line(&finding.resource.address));
    let place = finding.location.clone().map(|place| place.written());
    let line = place.as_ref().map(|place| place.line.to_string());
    let mut element = writer.create_element("testcase").with_attributes([
        ("name", name.as_str()),
        ("classname", suite),
        ("time", "0"),
    ]);
    if let (Some(place), Some(line)) = (&place, &line) {
        element = element.with_attributes([("file", &*one_line(&place.file)), ("line", line)]);
    }
    match outcome(finding) {
        Outcome::Passed => element.write_empty().map(|_| ()),
        Outcome::Skipped(why) => element
            .write_inner_content(|writer| {
                let why = one_line(&why);
                writer.create_element("skipped").with_attribute(("message", &*why)).write_empty()?;
                Ok(())
            })
            .map(|_| ()),
        Outcome::Failed => element
            .write_inner_content(|writer| {
                let (message, kind) = (one_line(&finding.message), word_of(&finding.verdict));
                writer
                    .create_element("failure")
                    .with_attributes([("message", &*message), ("type", &kind)])
                    .write_text_content(BytesText::new(&described(finding).join("\n")))?;
                Ok(())
            })
            .map(|_| ()),
    }
}

/// What a person wants to know who sees the failure in a list.
fn described(finding: &Finding) -> Vec<String> {
    let place = finding.location.clone().map(|place| place.written());
    let mut lines: Vec<String> =
        place.map(|place| format!("{}:{}:{}", place.file, place.line, place.column)).into_iter().collect();
    lines.push(format!("{}, {}", word_of(&finding.severity), word_of(&finding.decision)));
    lines.extend(finding.title.as_deref().map(str::to_owned));
    lines.extend(finding.facts.iter().map(read));
    lines.extend(finding.unknown.iter().map(not_known));
    lines.extend(finding.witnesses.iter().map(|row| format!("also: {}", row.message)));
    lines.extend(remedy(finding).map(|remedy| format!("to do: {remedy}")));
    let controls: Vec<&str> =
        finding.covers.iter().chain(finding.aliases.iter()).map(|name| name.as_str()).collect();
    lines.extend((!controls.is_empty()).then(|| controls.join(", ")));
    lines.iter().map(|line| one_line(line).into_owned()).collect()
}
