use iom_model::scalar::instant;
use serde_json::{Map, Value, json};

use super::{Comparison, sort_name};

pub(super) fn text(comparison: &Comparison) -> String {
    let side = |at: usize| {
        json!({
            "path": comparison.names[at],
            "workspace": comparison.is_workspace[at],
            "undecided": comparison.undecided[at],
        })
    };
    let counts = comparison.counts().into_iter();
    let summary: Map<String, Value> =
        counts.map(|(sort, count)| (sort_name(sort).to_owned(), count.into())).collect();
    let document = json!({
        "version": 1,
        "tool": env!("CARGO_PKG_VERSION"),
        "at": instant::format_time(comparison.at),
        "a": side(0),
        "b": side(1),
        "summary": summary,
        "conflicts": comparison.conflicts,
    });
    format!("{document:#}\n")
}
