//! What a policy asks for: the same facts as `iomc explain`, with its clauses and an example.

use iom_model::{Claim, ExpectationKind, ExpectedVerdict, Mode, Policy, Require, Step, Test};
use iom_syntax::{SyntaxKind, SyntaxNode};

use super::declarations::{Declared, Reference};
use super::page::{Page, Piece, Text, code, listed, plain};
use crate::commands::explain::policy::explained;

impl Reference<'_> {
    pub(super) fn policy(&self, page: &mut Page, one: &Declared) {
        let policies = || self.model.policies.values().filter(|policy| policy.declared == one.name);
        // Of several applications with parameters any tells what was declared.
        let Some(policy) = policies().next() else { return page.code(one.source()) };
        let known = explained(policy, self.model, &|file: &str| self.front_end.text_of(file));
        if let Some(title) = &known.title {
            page.paragraph(vec![Piece::Strong(title.clone())]);
        }
        if let Some(comment) = &known.doc {
            page.comment(comment);
        }
        let mut facts: Vec<Text> = Vec::new();
        let mut fact = |name: &str, text: Text| {
            if !text.is_empty() {
                facts.push([plain(format!("{name}: ")), text].concat());
            }
        };
        fact("severity", plain(format!("{:?}", known.severity).to_lowercase()));
        fact("mode", policy.mode.as_deref().map(mode).unwrap_or_default());
        fact("judges", self.subjects(policy));
        fact(
            "covers",
            listed(known.covers.iter().map(|control| vec![super::indexes::control_link(control)])),
        );
        fact("also called", listed(known.aliases.iter().map(|alias| code(alias.as_str()))));
        fact("parameters", parameters(&one.syntax));
        fact("owner", policy.owner.as_ref().map(|owner| vec![self.link(owner)]).unwrap_or_default());
        let groups = self.model.groups.values().filter(|group| group.policies.contains(&one.name));
        fact("in the groups", listed(groups.map(|group| vec![self.link(&group.name)])));
        fact("declared in", code(format!("{}:{}", known.location.file, known.location.line)));
        page.list(facts);
        page.table(&["Clause", "Asks for", "Says", "Proposes"], clauses(policy, &one.syntax));
        for example in self.examples(&one.name) {
            page.paragraph(plain("Seen by this test:"));
            page.code(example);
        }
        if let Some(source) = known.source {
            page.paragraph(plain("As it is written:"));
            page.code(source);
        }
    }

    fn subjects(&self, policy: &Policy) -> Text {
        let mut names: Vec<&str> = policy.rules.iter().map(|rule| rule.population.name().as_str()).collect();
        names.sort_unstable();
        names.dedup();
        listed(names.into_iter().map(|name| vec![self.link(name)]))
    }

    /// The tests that see it fail and pass: one where one shows both.
    fn examples(&self, policy: &str) -> Vec<String> {
        let sees = |test: &&Test, wanted: ExpectedVerdict| {
            test.expectations.iter().any(|expectation| match &expectation.kind {
                ExpectationKind::Verdict { claim: Claim { policy: name, .. }, verdict, .. } => {
                    name == policy && *verdict == wanted
                }
                _ => false,
            })
        };
        let tests = || self.model.tests.iter();
        let fails = |test: &&Test| sees(test, ExpectedVerdict::Fails);
        let passes = |test: &&Test| sees(test, ExpectedVerdict::Passes);
        let chosen: Vec<&Test> = match tests().find(|test| fails(test) && passes(test)) {
            Some(both) => vec![both],
            None => tests().find(fails).into_iter().chain(tests().find(passes)).collect(),
        };
        chosen.iter().filter_map(|test| self.source_at(&test.location.file, test.location.line)).collect()
    }
}

fn mode(steps: &[iom_model::ModeStep]) -> Text {
    let words: Vec<String> = steps
        .iter()
        .map(|step| {
            let word = match &step.mode {
                Mode::Enforce => "enforce".to_owned(),
                Mode::Advise => "advise".to_owned(),
                Mode::Escalate(to) => format!("escalate to {to}"),
                Mode::Off => "off".to_owned(),
            };
            match step.until {
                Some(until) => format!("{word} until {}", iom_eval::facts::instant_text(until)),
                None => word,
            }
        })
        .collect();
    plain(words.join(", then "))
}

fn parameters(declaration: &SyntaxNode) -> Text {
    let all = declaration.children().filter(|child| child.kind() == SyntaxKind::Parameters);
    let each = all.flat_map(|parameters| parameters.children());
    listed(each.map(|parameter| code(folded(&parameter))))
}

/// One row each: the label, the condition, the message and the fix as they are written.
fn clauses(policy: &Policy, declaration: &SyntaxNode) -> Vec<Vec<Text>> {
    let mut requires: Vec<&Require> = Vec::new();
    policy.rules.iter().for_each(|rule| collect(&rule.steps, &mut requires));
    requires.sort_by_key(|require| require.clause);
    // Clauses are numbered as they are written.
    let written = declaration.descendants().filter(|node| node.kind() == SyntaxKind::RequireClause);
    let row = |(require, written): (&Require, SyntaxNode)| {
        let label = require.label.as_ref().map(|label| code(label.as_str())).unwrap_or_default();
        let message = part(&written, SyntaxKind::ClausePart, SyntaxKind::ElseKw);
        let fix = part(&written, SyntaxKind::FixPart, SyntaxKind::FixKw);
        let shown = |text: Option<String>| text.map(code).unwrap_or_default();
        vec![label, code(require.source.as_str()), shown(message), shown(fix)]
    };
    requires.into_iter().zip(written).map(row).collect()
}

fn collect<'p>(steps: &'p [Step], found: &mut Vec<&'p Require>) {
    for step in steps {
        match step {
            Step::Let { .. } => {}
            Step::For { steps, .. } => collect(steps, found),
            Step::Require(require) => found.push(require),
        }
    }
}

/// What stands after a keyword of a clause.
fn part(clause: &SyntaxNode, kind: SyntaxKind, keyword: SyntaxKind) -> Option<String> {
    let mut parts = clause.children().filter(|child| child.kind() == kind);
    let found = parts.find(|part| part.children_with_tokens().any(|element| element.kind() == keyword))?;
    let text = folded(&found);
    Some(text.strip_prefix(keyword.word()?).unwrap_or(&text).trim().to_owned())
}

/// On one line, without comments.
fn folded(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let text: String = tokens
        .map(|token| if token.kind().is_trivia() { " ".to_owned() } else { token.text().to_owned() })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
