use std::fmt::Write as _;

use crate::facts::RelationSort;

use super::{Picture, kind_text};

/// For Graphviz: `iomc graph --format dot | dot -Tsvg`.
pub fn text(picture: &Picture) -> String {
    let mut out =
        String::from("digraph iom {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontsize=11];\n");
    if let Some(summary) = picture.blast_summary() {
        let _ = writeln!(out, "  label={};", quoted(&summary));
    }
    for (number, (name, things)) in picture.groups().into_iter().enumerate() {
        let is_cluster = name.is_some();
        let indent = if is_cluster { "    " } else { "  " };
        if is_cluster {
            let title = picture.cluster_name(name.map(|name| name.as_str()));
            let _ = writeln!(out, "  subgraph cluster_{number} {{\n    label={};", quoted(&title));
        }
        for thing in things {
            let found = &picture.relations.things[thing];
            let label = format!("{}\n{}", found.address, kind_text(found));
            let is_center = picture.blast.as_ref().is_some_and(|blast| blast.center == thing);
            let style = match (found.is_modelled, is_center) {
                (_, true) => ", penwidth=3",
                (false, _) => ", style=\"rounded,dashed\"",
                _ => "",
            };
            let _ = writeln!(out, "{indent}n{thing} [label={}{style}];", quoted(&label));
        }
        if is_cluster {
            out.push_str("  }\n");
        }
    }
    for relation in &picture.relations.relations {
        let style = match relation.sort {
            RelationSort::Declared => "solid, penwidth=1.5",
            RelationSort::Reference => "solid",
            RelationSort::Inferred | RelationSort::Possible => "dashed",
            RelationSort::DependsOn | RelationSort::Link => "dotted",
        };
        let (style, rest) = style
            .split_once(", ")
            .map_or((style, String::new()), |(style, rest)| (style, format!(", {rest}")));
        let label = relation.fields.join(", ");
        let _ = writeln!(
            out,
            "  n{} -> n{} [style={style}{rest}, tooltip={}];",
            relation.from,
            relation.to,
            quoted(&label)
        );
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
