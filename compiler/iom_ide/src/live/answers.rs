//! Longer answers, in Markdown or as a picture: findings, verdicts, blast radius, graph.

use std::fmt::Write as _;

use iom_base::TextSize;
use iom_eval::facts::Thing;
use iom_eval::picture::{Clustering, Picture};
use iom_eval::report::{Decision, Finding};
use smol_str::SmolStr;

use super::{Live, hover, words, written};
use crate::Analysis;

/// More than these are read in a terminal, not in an editor.
const MOST_FINDINGS: usize = 100;
/// A picture of more things shows nothing.
const MOST_THINGS: usize = 400;

/// Something to show beside the text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    pub title: String,
    /// Markdown.
    pub text: String,
    pub svg: Option<String>,
    pub dot: Option<String>,
}

impl Live {
    /// What the report leads to, and a line about it.
    pub fn decision_text(&self) -> (Decision, String) {
        let summary = &self.report.summary;
        let text = format!(
            "{} by {}: {} fail, {} unknown, {} excepted, {} pass",
            words::counted(summary.resources, "resource"),
            if summary.policies == 1 {
                "1 policy".to_owned()
            } else {
                format!("{} policies", summary.policies)
            },
            summary.fail,
            summary.unknown,
            summary.excepted,
            summary.pass
        );
        (self.report.decision, text)
    }

    /// The findings of a policy, of the policies of a group, or of what an evidence claims, by qualified name.
    pub fn findings_of(&self, name: &str) -> Option<Answer> {
        let claims = self.model.evidence.get(name).map(|evidence| {
            evidence.claims.iter().map(|claim| claim.policy.clone()).collect::<Vec<SmolStr>>()
        });
        let policies = claims.or_else(|| self.index.groups.get(name).cloned());
        let policies = policies.unwrap_or_else(|| vec![SmolStr::new(name)]);
        let known: Vec<_> = policies.iter().filter_map(|policy| self.index.policies.get(policy)).collect();
        if known.is_empty() {
            return None;
        }
        let numbers = known.iter().flat_map(|known| known.findings.clone());
        Some(self.listed(name, numbers.filter_map(|number| self.finding(number))))
    }

    /// What is said of the resource declared at an offset; at the place of a verdict only that one.
    pub fn explained_at(&self, analysis: &Analysis, path: &str, offset: TextSize) -> Option<Answer> {
        let outline = analysis.outline(path);
        let declaration = outline.iter().find(|one| one.range.contains_inclusive(offset))?;
        match declaration.keyword {
            "policy" | "group" | "evidence" => self.findings_of(&declaration.qualified),
            _ => self.explained(path, &declaration.qualified),
        }
    }

    /// What is said of a declared resource.
    pub fn explained(&self, path: &str, resource: &str) -> Option<Answer> {
        let mut findings = self.about(path, resource).peekable();
        findings.peek()?;
        Some(self.listed(resource, findings))
    }

    fn listed<'a>(&self, title: &str, findings: impl Iterator<Item = &'a Finding>) -> Answer {
        let mut text = format!("# {}\n", hover::plain(title));
        let mut left = 0;
        for (number, finding) in findings.enumerate() {
            if number >= MOST_FINDINGS {
                left += 1;
                continue;
            }
            let _ =
                write!(text, "\n- **{}** {}", hover::plain(&finding.resource.address), hover::shown(finding));
            if let Some(place) = &finding.location {
                let (file, line, _) = written(place);
                let _ = write!(text, "  \n  {}:{line}", hover::plain(file));
            }
        }
        if left > 0 {
            let _ = write!(text, "\n- and {left} more");
        }
        text.push('\n');
        Answer { title: title.to_owned(), text, ..Answer::default() }
    }

    /// What depends on a thing, as a picture and in words.
    pub fn blast_radius(&self, name: &str) -> Option<Answer> {
        let dependencies = self.dependencies()?;
        let (center, _) = dependencies.thing(name)?;
        let relations = dependencies.relations();
        let picture = Picture::blast_radius(relations, center, Clustering::Owner, |_| true);
        let reached = relations.downstream(center);
        let mut text = format!("# {}\n\n{}\n", hover::plain(name), hover::plain(&picture.blast_summary()?));
        let things = reached.iter().filter_map(|number| dependencies.at(*number));
        for thing in things.take(MOST_FINDINGS) {
            let _ = write!(text, "\n- {}", line_of(thing));
        }
        if reached.len() > MOST_FINDINGS {
            let _ = write!(text, "\n- and {} more", reached.len() - MOST_FINDINGS);
        }
        text.push('\n');
        let is_drawn = reached.len() < MOST_THINGS;
        Some(Answer {
            title: format!("what depends on {name}"),
            text,
            svg: is_drawn.then(|| picture.svg()),
            dot: Some(picture.dot()),
        })
    }

    /// Everything, grouped by owner; of too much only the numbers.
    pub fn graph(&self) -> Option<Answer> {
        let dependencies = self.dependencies()?;
        let relations = dependencies.relations();
        let picture = Picture::whole(relations, Clustering::Owner, |_| true);
        let counts = format!("{} things, {} relations", relations.things.len(), relations.relations.len());
        let is_drawn = relations.things.len() <= MOST_THINGS;
        let hint = "too many for one picture: `iomc graph --only KIND` draws some of them";
        let text = if is_drawn { format!("{counts}\n") } else { format!("{counts}\n\n{hint}\n") };
        Some(Answer {
            title: "graph".to_owned(),
            text,
            svg: is_drawn.then(|| picture.svg()),
            dot: Some(picture.dot()),
        })
    }
}

fn line_of(thing: &Thing) -> String {
    let owner = thing.owner.as_deref().map(|owner| format!(", owner {owner}")).unwrap_or_default();
    let kind = if thing.is_modelled { &thing.kind } else { "not in the model" };
    hover::plain(&format!("{} ({kind}{owner})", super::dependencies::name_of(thing)))
}
