//! `iomc compare`: what could not stay as it is if two estates became one.

mod human;
mod json;
mod side;

use std::collections::BTreeMap;
use std::io;

use iom_eval::comparison::{self, Conflict, ConflictSort, Holder, Side};

use crate::arguments::{ColorChoice, CompareArguments, Format};
use crate::exit::{Exit, Failure, Outcome};
use crate::{clock, output};
use side::Estate;

/// What was found, with what is to be known about both.
struct Comparison {
    at: i64,
    /// As they were named.
    names: [String; 2],
    is_workspace: [bool; 2],
    conflicts: Vec<Conflict>,
    /// Things that could not be compared, because it is not known what identifies them.
    undecided: [usize; 2],
}

pub fn run(arguments: &CompareArguments, color: ColorChoice) -> Outcome {
    let format = arguments.output.format;
    output::supported(format, &[Format::Human, Format::Short, Format::Json])?;
    let at = clock::instant(arguments.at.as_deref())?;
    if [&arguments.a, &arguments.b].into_iter().all(|name| name.ends_with(":-") || name == "-") {
        return Err(Failure::new("both estates can't be read from standard input"));
    }
    let color = output::use_color(color, &io::stderr());
    let a = Estate::open(&arguments.a, at, color)?;
    let b = Estate::open(&arguments.b, at, color)?;
    let comparison = compared(&a, &b, at)?;
    let text = match format {
        Format::Json => json::text(&comparison),
        Format::Short => human::short(&comparison),
        _ => human::text(&comparison),
    };
    output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
    Ok(if comparison.conflicts.is_empty() { Exit::Fine } else { Exit::Failed })
}

fn compared(a: &Estate, b: &Estate, at: i64) -> Result<Comparison, Failure> {
    let found = comparison::things(&a.facts, &b.facts);
    let mut conflicts = found.conflicts;
    conflicts.extend(names(a, b));
    conflicts.extend(comparison::rules(&a.rules, &b.rules, at));
    for (side, with_rule, other) in [(Side::A, a, b), (Side::B, b, a)] {
        let refused = with_rule.refuses_of(other)?;
        conflicts.extend(refused.into_iter().map(|(rule, things)| refusal(side, with_rule, &rule, things)));
    }
    comparison::sort(&mut conflicts);
    for conflict in &mut conflicts {
        conflict.a.iter_mut().for_each(|holder| a.place(holder));
        conflict.b.iter_mut().for_each(|holder| b.place(holder));
    }
    Ok(Comparison {
        at,
        names: [a.name.clone(), b.name.clone()],
        is_workspace: [a.is_workspace, b.is_workspace],
        conflicts,
        undecided: found.undecided,
    })
}

fn refusal(side: Side, estate: &Estate, rule: &str, things: Vec<Holder>) -> Conflict {
    let policy = estate.rules.policies.values().find(|policy| policy.declared == rule);
    let location = policy.map(|policy| policy.application.as_ref().unwrap_or(&policy.location));
    let location = location.cloned().unwrap_or_default();
    Conflict::of_rule(rule, side, Holder::declared(rule, &location), things)
}

/// Names that both declare.
fn names(a: &Estate, b: &Estate) -> Vec<Conflict> {
    let of_b: BTreeMap<&str, _> = b.declared.iter().map(|one| (one.name.as_str(), one)).collect();
    let both = a.declared.iter().filter_map(|one| Some((one, *of_b.get(one.name.as_str())?)));
    both.map(|(one, other)| {
        let keyword = if one.keyword == other.keyword { one.keyword } else { "declaration" };
        let holder = |name: &iom_semantic::DeclaredName| Holder::declared(&name.name, &name.location);
        Conflict::of_name(&one.name, keyword, holder(one), holder(other))
    })
    .collect()
}

impl Comparison {
    /// How many there are of each sort, in order.
    fn counts(&self) -> [(ConflictSort, usize); 5] {
        use ConflictSort::{Addresses, Identity, Name, Owner, Rule};
        [Identity, Owner, Addresses, Name, Rule]
            .map(|sort| (sort, self.conflicts.iter().filter(|one| one.sort == sort).count()))
    }
}

fn sort_name(sort: ConflictSort) -> &'static str {
    match sort {
        ConflictSort::Identity => "identity",
        ConflictSort::Owner => "owner",
        ConflictSort::Addresses => "addresses",
        ConflictSort::Name => "name",
        ConflictSort::Rule => "rule",
    }
}
