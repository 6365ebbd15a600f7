use iom_base::TextRange;
use iom_eval::report::{Decision, EvidenceResult, EvidenceStatus};
use iom_semantic::OutlinedDeclaration;
use smol_str::SmolStr;

use super::{Counts, Live};
use crate::Analysis;

/// A line above a declaration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lens {
    /// The declaration's name.
    pub range: TextRange,
    pub title: String,
    pub command: LensCommand,
}

/// What a click asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LensCommand {
    /// The findings of a policy, of a group's policies or of what an evidence claims.
    ShowFindings {
        name: SmolStr,
    },
    /// What a resource's verdicts are.
    ShowResource {
        name: SmolStr,
    },
    ShowBlastRadius {
        name: SmolStr,
    },
    RunTest {
        module: SmolStr,
        title: SmolStr,
    },
}

impl Analysis {
    /// Tests can be run whether anything has been judged or not.
    pub fn test_lenses(&self, path: &str) -> Vec<Lens> {
        let outline = self.outline(path);
        let module = self.host.module_of(path).cloned().unwrap_or_default();
        let tests = outline.iter().filter(|one| one.keyword == "test");
        let lens = |test: &OutlinedDeclaration| Lens {
            range: test.name_range,
            title: "run test".to_owned(),
            command: LensCommand::RunTest { module: module.clone(), title: test.name.clone() },
        };
        tests.map(lens).collect()
    }
}

impl Live {
    /// What the report says, above the declarations of a file.
    pub fn lenses(&self, analysis: &Analysis, path: &str) -> Vec<Lens> {
        if !self.texts.has(path) {
            return Vec::new();
        }
        let outline = analysis.outline(path);
        outline.iter().flat_map(|one| self.lenses_of(path, one)).collect()
    }

    fn lenses_of(&self, path: &str, declaration: &OutlinedDeclaration) -> Vec<Lens> {
        let (range, name) = (declaration.name_range, &declaration.qualified);
        let findings =
            |title: String| Lens { range, title, command: LensCommand::ShowFindings { name: name.clone() } };
        match declaration.keyword {
            "policy" => {
                let known = self.index.policies.get(name);
                known.map(|known| findings(known.counts.text())).into_iter().collect()
            }
            "group" => self.text_of_group(name).map(findings).into_iter().collect(),
            "evidence" => {
                let number = self.index.evidence.get(name);
                let result = number.and_then(|number| self.report.evidence.get(*number as usize));
                result.map(|result| findings(of_evidence(result))).into_iter().collect()
            }
            "resource" => self.lenses_of_resource(path, range, name),
            _ => Vec::new(),
        }
    }

    fn text_of_group(&self, name: &str) -> Option<String> {
        let policies = self.index.groups.get(name)?;
        let mut counts = Counts::default();
        let judged = policies.iter().filter_map(|policy| self.index.policies.get(policy));
        judged.for_each(|known| counts.add(known.counts));
        (counts.total() > 0).then(|| counts.text())
    }

    fn lenses_of_resource(&self, path: &str, range: TextRange, name: &SmolStr) -> Vec<Lens> {
        let (decision, counts) = self.decision(path, name);
        let dependents = self.dependencies().and_then(|known| known.dependents(name));
        let is_deployed = dependents.is_some();
        let mut lenses = Vec::new();
        if is_deployed || counts.total() > 0 {
            let word = match decision {
                Decision::Admit => "admit",
                Decision::Escalate => "escalate",
                Decision::Block => "block",
            };
            let title =
                if counts.total() > 0 { format!("{word}: {}", counts.text()) } else { word.to_owned() };
            lenses.push(Lens { range, title, command: LensCommand::ShowResource { name: name.clone() } });
        }
        if let Some(count) = dependents {
            let title = match count {
                0 => "nothing depends on it".to_owned(),
                1 => "1 thing depends on it".to_owned(),
                count => format!("{count} things depend on it"),
            };
            lenses.push(Lens { range, title, command: LensCommand::ShowBlastRadius { name: name.clone() } });
        }
        lenses
    }
}

/// `failing: 1 of 40 fails · collected 2026-11-21T22:00:00Z`
pub(super) fn of_evidence(result: &EvidenceResult) -> String {
    let counts =
        Counts { pass: result.pass, fail: result.fail, unknown: result.unknown, excepted: result.excepted };
    let status = match result.status {
        EvidenceStatus::Fresh => "fresh",
        EvidenceStatus::Stale => "stale",
        EvidenceStatus::Failing => "failing",
        EvidenceStatus::Missing => "missing",
        EvidenceStatus::Unknown => "unknown",
    };
    let population = super::words::counted(result.population, "resource");
    let counts = if counts.total() > 0 { format!(": {}", counts.text()) } else { String::new() };
    let collected = result.last_collected.as_ref().map(|at| format!(" · as of {at}")).unwrap_or_default();
    format!("{status} · {population}{counts}{collected}")
}
