use std::fmt::Write as _;

use iom_diagnostics::render;
use iom_eval::comparison::{Conflict, ConflictSort, Holder, Side};

use super::{Comparison, sort_name};

/// Things that are listed of one conflict and one side.
const MOST_LISTED: usize = 5;

/// Conflicts with what each side has of them, and how many there are.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let mut line = |text: &str| {
        let _ = writeln!(out, "{}", text.trim_end());
    };
    for conflict in &comparison.conflicts {
        line(&format!("{}: {}", sort_name(conflict.sort), sentence(conflict)));
        for (name, holders) in [("A", &conflict.a), ("B", &conflict.b)] {
            for holder in holders.iter().take(MOST_LISTED) {
                line(&format!("  {name}  {}", described(holder)));
            }
            if let Some(more) = holders.len().checked_sub(MOST_LISTED + 1) {
                line(&format!("  {name}  and {} more", more + 1));
            }
        }
        for one in conflict.differences.iter().filter(|_| conflict.sort != ConflictSort::Owner) {
            let (a, b) = (render::one_line(&one.a), render::one_line(&one.b));
            line(&format!("     {}: {a} in A, {b} in B", one.field));
        }
        line("");
    }
    line(&closing(comparison));
    if let Some(note) = undecided(comparison) {
        line(&note);
    }
    out
}

/// One line for each.
pub(super) fn short(comparison: &Comparison) -> String {
    let mut out = String::new();
    for conflict in &comparison.conflicts {
        let place = |holders: &[Holder]| {
            let place = holders.first().and_then(|holder| holder.location.as_ref());
            place.map_or_else(
                || "-".to_owned(),
                |place| render::one_line(&format!("{}:{}:{}", place.file, place.line, place.column)),
            )
        };
        let sort = sort_name(conflict.sort);
        let _ =
            writeln!(out, "{} {}: {sort}: {}", place(&conflict.a), place(&conflict.b), sentence(conflict));
    }
    out
}

fn sentence(conflict: &Conflict) -> String {
    let kind = conflict.kind.as_deref().unwrap_or_default();
    let subject = render::one_line(&conflict.subject);
    match conflict.sort {
        ConflictSort::Identity => format!("{kind} {subject} is in both"),
        ConflictSort::Owner => {
            let owners = conflict.differences.first();
            let (a, b) = owners.map_or(("", ""), |one| (one.a.as_str(), one.b.as_str()));
            format!("{kind} {subject} belongs to {a} in A and to {b} in B")
        }
        ConflictSort::Addresses => format!("addresses of {subject} are in both"),
        ConflictSort::Name => format!("{kind} {subject} is the name of one in A and of one in B"),
        ConflictSort::Rule => rule(conflict, &subject),
    }
}

fn rule(conflict: &Conflict, subject: &str) -> String {
    let name = |side: Side| if side == Side::A { "A" } else { "B" };
    match conflict.stricter {
        // Only one of them has it.
        Some(side) if conflict.differences.is_empty() => {
            let (other, things) = match side {
                Side::A => (Side::B, &conflict.b),
                Side::B => (Side::A, &conflict.a),
            };
            let things = match things.len() {
                1 => "1 thing".to_owned(),
                count => format!("{count} things"),
            };
            format!("policy {subject} is {}'s alone, and fails on {things} of {}", name(side), name(other))
        }
        Some(side) => format!("policy {subject} is stricter in {}", name(side)),
        None => format!("policy {subject} is not the same in both"),
    }
}

fn described(holder: &Holder) -> String {
    let mut parts = vec![render::one_line(&holder.address)];
    parts.extend(holder.value.clone());
    parts.extend(holder.layer.map(|layer| layer.name().to_owned()));
    parts.extend(holder.owner.as_deref().map(|owner| format!("owner {}", render::one_line(owner))));
    let place = holder.location.as_ref();
    parts.extend(
        place.map(|place| render::one_line(&format!("{}:{}:{}", place.file, place.line, place.column))),
    );
    parts.join("  ")
}

fn closing(comparison: &Comparison) -> String {
    let all = comparison.conflicts.len();
    if all == 0 {
        return "nothing is in conflict".to_owned();
    }
    let counts = comparison.counts().into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(sort, count)| format!("{} {count}", sort_name(sort))).collect();
    let noun = if all == 1 { "conflict" } else { "conflicts" };
    format!("{all} {noun}: {}", counts.join(", "))
}

fn undecided(comparison: &Comparison) -> Option<String> {
    let [a, b] = comparison.undecided;
    (a + b > 0)
        .then(|| format!("not compared, because it is not known what identifies them: {a} of A, {b} of B"))
}
