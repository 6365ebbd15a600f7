use std::fmt::Write as _;

use crate::facts::RelationSort;

use super::{Picture, kind_text};

/// For Markdown: a `mermaid` block shows it.
pub fn text(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    if let Some(summary) = picture.blast_summary() {
        let _ = writeln!(out, "  %% {}", summary.replace('\n', " "));
    }
    for (number, (name, things)) in picture.groups().into_iter().enumerate() {
        let is_cluster = name.is_some();
        if is_cluster {
            let title = picture.cluster_name(name.map(|name| name.as_str()));
            let _ = writeln!(out, "  subgraph g{number}[{}]", quoted(&title));
        }
        for thing in things {
            let found = &picture.relations.things[thing];
            let label = quoted(&format!("{}<br>{}", escaped(&found.address), escaped(kind_text(found))));
            let indent = if is_cluster { "    " } else { "  " };
            let shape = if found.is_modelled { format!("[{label}]") } else { format!("([{label}])") };
            let _ = writeln!(out, "{indent}n{thing}{shape}");
        }
        if is_cluster {
            out.push_str("  end\n");
        }
    }
    for relation in &picture.relations.relations {
        let arrow = match relation.sort {
            RelationSort::Declared => "==>",
            RelationSort::Reference => "-->",
            RelationSort::Inferred
            | RelationSort::Possible
            | RelationSort::DependsOn
            | RelationSort::Link => "-.->",
        };
        let _ = writeln!(out, "  n{} {arrow} n{}", relation.from, relation.to);
    }
    if let Some(blast) = &picture.blast {
        let _ = writeln!(out, "  style n{} stroke-width:4px", blast.center);
    }
    out
}

/// Mermaid has no escapes in quotes but those of HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "&quot;").replace('\n', " "))
}
