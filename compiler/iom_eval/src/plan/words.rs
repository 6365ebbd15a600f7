use std::fmt::Write;

use super::{Access, How, Key, PolicyPlan, RulePlan, StepPlan};

/// Plans in words, one below the other.
pub fn words(plans: &[PolicyPlan]) -> String {
    let mut out = Lines(String::new());
    for (position, plan) in plans.iter().enumerate() {
        if position > 0 {
            out.0.push('\n');
        }
        out.line(0, &plan.policy);
        plan.rules.iter().for_each(|rule| out.rule(rule));
    }
    out.0
}

struct Lines(String);

impl Lines {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{:width$}{text}", "", width = depth * 2);
    }

    fn rule(&mut self, rule: &RulePlan) {
        let counts = rule.elements.iter().map(|one| format!("{} {}", one.count, one.layer.name()));
        let counts: Vec<String> = counts.collect();
        let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
        let population = &rule.population;
        self.line(
            1,
            &match &rule.grouped_by {
                Some(key) => {
                    format!("put every {population}{counts} into groups by {key}, and judge each group")
                }
                None => format!("go through every {population}{counts}"),
            },
        );
        if !rule.reads.is_empty() {
            self.line(2, &format!("read its {}, nothing else of it", rule.reads.join(", ")));
        }
        if let Some(filter) = &rule.filter {
            self.line(2, &format!("keep those where {filter}"));
        }
        rule.accesses.iter().for_each(|access| self.access(3, access));
        rule.steps.iter().for_each(|step| self.step(2, step));
    }

    fn step(&mut self, depth: usize, step: &StepPlan) {
        let mut inside = depth;
        if let Some(require) = &step.require {
            let require = require.split_whitespace().collect::<Vec<_>>().join(" ");
            self.line(depth, &format!("require {require}"));
            inside += 1;
        }
        step.accesses.iter().for_each(|access| self.access(inside, access));
        step.steps.iter().for_each(|step| self.step(depth + 1, step));
    }

    fn access(&mut self, depth: usize, access: &Access) {
        let Access { how, of, .. } = access;
        let size = access.size.map(|size| format!(" ({size})")).unwrap_or_default();
        let filters = match access.filters.as_slice() {
            [] => String::new(),
            filters => format!(", keep those where {}", filters.join(" and ")),
        };
        let text = match how {
            How::LookUp { by } => {
                let by: Vec<String> = by.iter().map(key).collect();
                let fewest = if by.len() > 1 { ", whichever finds the fewest" } else { "" };
                format!("look up {of}{size} by {}{fewest}; the index is made once", by.join(", or by "))
            }
            How::TryAll => format!("try every {of}{size} again for each: no index fits{filters}"),
            How::GoThrough => format!("go through {of}{filters}"),
            How::Walk => format!("follow the references: {of}{filters}"),
            How::OnePass => {
                let asked = access.filters.join(" and ");
                format!("{of} with {asked}: answered for everything in one pass over the references")
            }
            How::Once => format!("once for everybody: {of}"),
        };
        self.line(depth, &text);
        access.inside.iter().for_each(|inner| self.access(depth + 1, inner));
    }
}

fn key(key: &Key) -> String {
    format!("{} {} {}", key.key, key.relation, key.value)
}
