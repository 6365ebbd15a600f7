use std::fmt::Write as _;

use iom_base::{TextRange, TextSize};
use iom_diagnostics::render::{harmless, one_line};
use iom_diagnostics::{Diagnostic, Severity as RemarkSeverity};
use iom_eval::report::{Finding, FindingMode, Place, ReportDiagnostic, Verdict};
use iom_model::{Location, Severity};
use iom_semantic::OutlinedDeclaration;
use iom_syntax::{SyntaxKind, SyntaxNode};
use smol_str::SmolStr;

use super::texts::{Now, word_at};
use super::{Live, PolicyVerdicts, words, written};
use crate::Analysis;

/// More places than these beside one finding help nobody.
const MOST_RELATED: usize = 8;
/// An editor shows no more of one file.
const MOST_IN_A_FILE: usize = 500;

/// A verdict at a place where somebody can do something about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveDiagnostic {
    /// In the text as it is now.
    pub range: TextRange,
    pub severity: LiveSeverity,
    /// The policy's qualified name; a diagnostic code for remarks.
    pub code: SmolStr,
    /// Where the policy is declared, if the workspace has the file.
    pub link: Option<RelatedPlace>,
    pub message: String,
    pub related: Vec<RelatedPlace>,
    /// What it is about, for those who act on it; nothing for remarks and for what is said at a policy.
    pub subject: Option<LiveSubject>,
}

/// The clause and the resource of a verdict.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveSubject {
    /// Its number in the report.
    pub finding: u32,
    pub policy: SmolStr,
    pub label: Option<SmolStr>,
    pub address: SmolStr,
    pub kind: SmolStr,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LiveSeverity {
    Error,
    Warning,
    Information,
}

/// A place in a file of the workspace or of a source; line and column from 1, the column in characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelatedPlace {
    pub path: SmolStr,
    pub line: u32,
    pub column: u32,
    pub message: String,
}

impl Live {
    /// What the report says of a file's declarations, in order of places.
    pub fn diagnostics(&self, analysis: &Analysis, path: &str) -> Vec<LiveDiagnostic> {
        let Some(now) = self.texts.now(analysis, path) else { return Vec::new() };
        let outline = analysis.outline(path);
        let file = File { live: self, analysis, now, outline: &outline };
        let about = self.declared_in(path).filter_map(|(number, finding)| file.at_resource(number, finding));
        let mut found: Vec<LiveDiagnostic> = about.take(MOST_IN_A_FILE).collect();
        let policies = outline.iter().filter(|one| one.keyword == "policy");
        found.extend(policies.filter_map(|policy| file.at_policy(policy)));
        found.extend(self.remarks(path).filter_map(|remark| file.remark(remark)));
        found.sort_by_key(|one| (one.range.start(), one.severity));
        found
    }

    fn remarks(&self, path: &str) -> impl Iterator<Item = &Diagnostic<Location>> {
        let numbers = self.index.remarks.get(path).into_iter().flatten();
        numbers.filter_map(|number| remark(self.report.diagnostics.get(*number as usize)?))
    }
}

/// What evaluation remarked; the front end's diagnostics are shown as such.
pub(super) fn remark(found: &ReportDiagnostic) -> Option<&Diagnostic<Location>> {
    match found {
        ReportDiagnostic::Evaluation(diagnostic) => Some(diagnostic),
        ReportDiagnostic::FrontEnd(_) => None,
    }
}

/// One file while its diagnostics are made.
struct File<'a> {
    live: &'a Live,
    analysis: &'a Analysis,
    now: Now<'a>,
    outline: &'a [OutlinedDeclaration],
}

impl File<'_> {
    fn at_resource(&self, number: u32, finding: &Finding) -> Option<LiveDiagnostic> {
        if finding.verdict == Verdict::Excepted {
            return None;
        }
        let (_, line, column) = written(finding.location.as_ref()?);
        let named = self.now.offset(line, column)?;
        let declaration = self.outline.iter().find(|one| one.range.contains(named));
        let range = self.cause(finding, named, declaration);
        let mut message = words::finding(finding);
        let title = finding.title.as_deref().map(|title| format!(": {}", one_line(title)));
        let _ = write!(
            message,
            "\n{} ({}, {}){}",
            finding.policy,
            severity_word(finding.severity),
            words::mode(finding.mode),
            title.unwrap_or_default()
        );
        Some(LiveDiagnostic {
            range,
            severity: severity(finding),
            code: finding.policy.clone(),
            link: self.policy_place(finding),
            message,
            related: self.related(finding, range),
            subject: Some(LiveSubject {
                finding: number,
                policy: finding.policy.clone(),
                label: finding.label.clone(),
                address: finding.resource.address.clone(),
                kind: finding.resource.kind.clone(),
            }),
        })
    }

    /// The smallest piece of the declaration that the verdict rests on: a field that was read, else the name.
    fn cause(
        &self,
        finding: &Finding,
        named: TextSize,
        declaration: Option<&OutlinedDeclaration>,
    ) -> TextRange {
        let name = || word_at(self.now.text, named);
        let Some(declaration) = declaration else { return name() };
        let is_of_a_part = named != declaration.name_range.start();
        let of_facts = finding.facts.iter().filter_map(|fact| fact.location.as_ref());
        let of_unknown = finding.unknown.iter().filter_map(|one| one.location.as_ref());
        let places = of_unknown.chain(of_facts).map(written);
        let own =
            places.filter(|(file, ..)| Some(*file) == finding.location.as_ref().map(|place| &place.file));
        let offsets = own.filter_map(|(_, line, column)| self.now.offset(line, column));
        let inside =
            |offset: &TextSize| declaration.range.contains(*offset) && *offset > declaration.name_range.end();
        let cause = if is_of_a_part { Some(named) } else { offsets.into_iter().find(inside) };
        cause.map_or_else(name, |offset| self.field_at(declaration, offset))
    }

    /// The field that starts at an offset; its name alone where it goes over several lines.
    fn field_at(&self, declaration: &OutlinedDeclaration, offset: TextSize) -> TextRange {
        let word = word_at(self.now.text, offset);
        let Some(text) =
            self.now.text.get(usize::from(declaration.range.start())..usize::from(declaration.range.end()))
        else {
            return word;
        };
        let start = declaration.range.start();
        let root: SyntaxNode = iom_syntax::parse(text).syntax();
        let token = root.token_at_offset(offset - start).right_biased();
        let field =
            token.and_then(|token| token.parent_ancestors().find(|node| node.kind() == SyntaxKind::Field));
        let range = field.map(|field| field.text_range() + start);
        let is_short = |range: &TextRange| {
            let text = self.now.text.get(usize::from(range.start())..usize::from(range.end()));
            range.start() == offset && text.is_some_and(|text| !text.trim_end().contains('\n'))
        };
        range.filter(is_short).unwrap_or(word)
    }

    fn policy_place(&self, finding: &Finding) -> Option<RelatedPlace> {
        let clause = finding.clause.as_ref()?;
        let message = format!("what must hold: {}", one_line(&clause.source));
        self.place(&clause.file, clause.line, clause.column, message)
    }

    /// The clause, then the places that were read, then other things that the verdict rests on; not what is marked anyway.
    fn related(&self, finding: &Finding, marked: TextRange) -> Vec<RelatedPlace> {
        let mut related: Vec<RelatedPlace> = self.policy_place(finding).into_iter().collect();
        let own = finding.location.as_ref();
        let mut add = |place: Option<&Place>, message: String| {
            let Some(place) = place.filter(|place| Some(*place) != own) else { return };
            let (file, line, column) = written(place);
            let is_own_file = own.is_some_and(|own| written(own).0 == file);
            if is_own_file && self.now.offset(line, column) == Some(marked.start()) {
                return;
            }
            if let Some(place) = self.place(file, line, column, message)
                && !related.iter().any(|known| (&known.path, known.line) == (&place.path, place.line))
            {
                related.push(place);
            }
        };
        for fact in &finding.facts {
            add(fact.location.as_ref(), format!("{} is read here", one_line(&fact.path)));
        }
        for witness in &finding.witnesses {
            add(witness.location.as_ref(), one_line(&witness.message));
        }
        for one in &finding.related {
            add(one.location.as_ref(), format!("{}: {}", one_line(&one.role), one_line(&one.address)));
        }
        related.truncate(MOST_RELATED);
        related
    }

    /// A place in a file that an editor can open: of the workspace as it stands now, or of a source.
    fn place(&self, path: &SmolStr, line: u32, column: u32, message: String) -> Option<RelatedPlace> {
        if !self.live.texts.has(path) {
            // What is in the library's own files no editor can open.
            let is_library = path.starts_with("std:") || path.is_empty();
            return (!is_library).then(|| RelatedPlace { path: path.clone(), line, column, message });
        }
        let now = self.live.texts.now(self.analysis, path)?;
        let place = now.place(line, column)?;
        Some(RelatedPlace { path: path.clone(), line: place.line, column: place.column, message })
    }

    fn at_policy(&self, policy: &OutlinedDeclaration) -> Option<LiveDiagnostic> {
        let known = self.live.index.policies.get(&policy.qualified)?;
        let PolicyVerdicts { counts, failing, .. } = known;
        let message = match (counts.fail, counts.unknown) {
            (0, 0) => return None,
            (0, unknown) => {
                format!("not known for {unknown} of {}", words::counted(counts.total(), "resource"))
            }
            (fail, 0) => format!("fails for {fail} of {}", words::counted(counts.total(), "resource")),
            (fail, unknown) => format!(
                "fails for {fail} of {}, not known for {unknown}",
                words::counted(counts.total(), "resource")
            ),
        };
        let places = failing.iter().filter_map(|number| {
            let finding = self.live.finding(*number)?;
            let (file, line, column) = written(finding.location.as_ref()?);
            self.place(file, line, column, harmless(&finding.message).into_owned())
        });
        Some(LiveDiagnostic {
            range: policy.name_range,
            severity: LiveSeverity::Information,
            code: policy.qualified.clone(),
            link: None,
            message,
            related: places.collect(),
            subject: None,
        })
    }

    fn remark(&self, remark: &Diagnostic<Location>) -> Option<LiveDiagnostic> {
        let place = &remark.primary.place;
        let offset = self.now.offset(place.line, place.column)?;
        let mut message = harmless(&remark.message).into_owned();
        if let Some(help) = &remark.help {
            let _ = write!(message, "\n{}", harmless(help));
        }
        Some(LiveDiagnostic {
            range: word_at(self.now.text, offset),
            severity: match remark.severity {
                RemarkSeverity::Error => LiveSeverity::Error,
                RemarkSeverity::Warning => LiveSeverity::Warning,
                RemarkSeverity::Note => LiveSeverity::Information,
            },
            code: remark.code.to_string().into(),
            link: None,
            message,
            related: Vec::new(),
            subject: None,
        })
    }
}

/// What blocks is an error, what a person decides is a warning, what only advises is as loud as its severity.
pub(super) fn severity(finding: &Finding) -> LiveSeverity {
    let is_grave = finding.severity >= Severity::High;
    match (finding.verdict, finding.mode) {
        (Verdict::Fail, FindingMode::Enforce) => LiveSeverity::Error,
        (Verdict::Fail, FindingMode::Escalate) => LiveSeverity::Warning,
        (Verdict::Fail, FindingMode::Advise) if finding.severity >= Severity::Medium => LiveSeverity::Warning,
        (Verdict::Unknown, FindingMode::Enforce | FindingMode::Escalate) if is_grave => LiveSeverity::Warning,
        _ => LiveSeverity::Information,
    }
}

pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}
