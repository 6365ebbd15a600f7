//! The graph as a picture that needs nothing else: no fonts, no scripts; readable on light and on dark ground.

use std::fmt::Write as _;

use crate::facts::{Relation, RelationSort, Thing};
use crate::report::Layer;

use super::layout::{Drawing, HEIGHT, LANE_HEADER, Layout};
use super::{Clustering, Picture, kind_text};

/// Letters are all of one width, so that what is written fits wherever it is shown.
const LETTER: f64 = 7.3;
const SMALL_LETTER: f64 = 6.1;
const PADDING: f64 = 12.0;
/// A longer name is cut in its middle; the whole one is in the title.
const MOST_LETTERS: usize = 44;
const LEGEND_HEIGHT: f64 = 46.0;

const STYLE: &str = "\
  svg { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
  .ground { fill: #ffffff; } .lane { fill: #f6f8fa; stroke: #d0d7de; } .lane-name { fill: #57606a; font-size: 12px; font-weight: 600; }
  .thing rect { fill: #ffffff; stroke: #57606a; } .thing .name { fill: #1f2328; font-size: 12px; } .thing .kind { fill: #57606a; font-size: 10px; }
  .outside rect { stroke-dasharray: 4 3; fill: #fff8c5; } .center rect { stroke: #cf222e; stroke-width: 3; }
  .edge { fill: none; stroke: #57606a; stroke-opacity: 0.65; } .head { fill: #57606a; } .declared { stroke: #0969da; stroke-width: 1.8; }
  .inferred, .possible { stroke-dasharray: 6 4; } .depends_on, .link { stroke-dasharray: 2 4; }
  .legend, .summary { fill: #57606a; font-size: 11px; } .summary { font-size: 13px; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } .lane { fill: #161b22; stroke: #30363d; } .lane-name { fill: #9198a1; }
    .thing rect { fill: #0d1117; stroke: #9198a1; } .thing .name { fill: #f0f6fc; } .thing .kind { fill: #9198a1; }
    .outside rect { fill: #272115; } .center rect { stroke: #ff7b72; }
    .edge { stroke: #9198a1; } .head { fill: #9198a1; } .declared { stroke: #58a6ff; } .legend, .summary { fill: #9198a1; }
  }
";

pub fn text(picture: &Picture) -> String {
    let things = &picture.relations.things;
    let widths: Vec<f64> = things.iter().map(|thing| width(picture, thing)).collect();
    let edges: Vec<(usize, usize)> =
        picture.relations.relations.iter().map(|one| (one.from, one.to)).collect();
    let groups = picture.groups();
    let lanes: Vec<Vec<usize>> = groups.iter().map(|(_, things)| things.clone()).collect();
    let layout = Drawing { widths: &widths, edges: &edges, lanes: &lanes }.layout();
    let summary = picture.blast_summary();
    let top = if summary.is_some() { 26.0 } else { 0.0 };
    let width = layout.width.max(760.0);
    let height = layout.height + LEGEND_HEIGHT + top;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 {:.0} {width:.0} {height:.0}\" role=\"img\">",
        -top
    );
    let _ = writeln!(out, "<title>{}</title>\n<style>\n{STYLE}</style>", title(picture));
    out.push_str(
        "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path class=\"head\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n",
    );
    let _ = writeln!(
        out,
        "<rect class=\"ground\" x=\"0\" y=\"{:.0}\" width=\"{width:.0}\" height=\"{height:.0}\"/>",
        -top
    );
    if let Some(summary) = summary {
        let _ = writeln!(out, "<text class=\"summary\" x=\"24\" y=\"2\">{}</text>", escaped(&summary));
    }
    write_lanes(picture, &layout, width, &mut out);
    for relation in &picture.relations.relations {
        write_edge(relation, things, &widths, &layout, &mut out);
    }
    for (position, thing) in things.iter().enumerate() {
        let is_center = picture.blast.as_ref().is_some_and(|blast| blast.center == position);
        let name = shown_name(picture, thing);
        write_thing((thing, &name), is_center, layout.places[position], widths[position], &mut out);
    }
    write_legend(layout.height, &mut out);
    out.push_str("</svg>\n");
    out
}

fn title(picture: &Picture) -> String {
    let (things, relations) = (picture.relations.things.len(), picture.relations.relations.len());
    format!("{things} things, {relations} relations")
}

/// What is written: where things stand in lanes of modules the module need not be repeated.
fn shown_name(picture: &Picture, thing: &Thing) -> String {
    let module = thing.module.as_deref().filter(|_| picture.clustered_by == Clustering::Module);
    let own = module.and_then(|module| thing.address.strip_prefix(module)?.strip_prefix('.'));
    shortened(own.unwrap_or(&thing.address))
}

fn width(picture: &Picture, thing: &Thing) -> f64 {
    let name = shown_name(picture, thing).chars().count() as f64 * LETTER;
    let kind = (kind_text(thing).chars().count() + layers(thing).chars().count() + 2) as f64 * SMALL_LETTER;
    name.max(kind) + 2.0 * PADDING
}

/// In which layers a thing is: `i b r`.
fn layers(thing: &Thing) -> String {
    let letter = |layer: Layer| &layer.name()[..1];
    let mut letters: Vec<&str> = Vec::new();
    for layer in [Layer::Intended, Layer::Built, Layer::Running] {
        if thing.layers.contains(&layer) {
            letters.push(letter(layer));
        }
    }
    letters.join(" ")
}

fn write_lanes(picture: &Picture, layout: &Layout, width: f64, out: &mut String) {
    if picture.clustered_by == Clustering::None {
        return;
    }
    for ((name, _), (top, height)) in picture.groups().iter().zip(&layout.lanes) {
        let title = picture.cluster_name(name.map(|name| name.as_str()));
        let _ = writeln!(
            out,
            "<rect class=\"lane\" x=\"12\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"8\"/>\n\
             <text class=\"lane-name\" x=\"24\" y=\"{:.1}\">{}</text>",
            width - 24.0,
            top + LANE_HEADER - 10.0,
            escaped(&title)
        );
    }
}

fn write_edge(relation: &Relation, things: &[Thing], widths: &[f64], layout: &Layout, out: &mut String) {
    let (from, to) = (layout.places[relation.from], layout.places[relation.to]);
    let (start_y, end_y) = (from.1 + HEIGHT / 2.0, to.1 + HEIGHT / 2.0);
    let path = if from.0 + widths[relation.from] < to.0 {
        let (start, end) = (from.0 + widths[relation.from], to.0 - 2.0);
        let bend = ((end - start) / 2.0).max(24.0);
        format!(
            "M{start:.1} {start_y:.1}C{:.1} {start_y:.1} {:.1} {end_y:.1} {end:.1} {end_y:.1}",
            start + bend,
            end - bend
        )
    } else {
        // Back, or within a column: around the right side.
        let (start, end) = (from.0 + widths[relation.from], to.0 + widths[relation.to] + 2.0);
        let bend = start.max(end) + 40.0;
        format!("M{start:.1} {start_y:.1}C{bend:.1} {start_y:.1} {bend:.1} {end_y:.1} {end:.1} {end_y:.1}")
    };
    let class = match relation.sort {
        RelationSort::Declared => "edge declared",
        RelationSort::Reference => "edge",
        RelationSort::Inferred => "edge inferred",
        RelationSort::Possible => "edge possible",
        RelationSort::DependsOn => "edge depends_on",
        RelationSort::Link => "edge link",
    };
    let fields =
        if relation.fields.is_empty() { String::new() } else { format!(" ({})", relation.fields.join(", ")) };
    let title = format!("{} → {}{fields}", things[relation.from].address, things[relation.to].address);
    let _ = writeln!(
        out,
        "<path class=\"{class}\" marker-end=\"url(#head)\" d=\"{path}\"><title>{}</title></path>",
        escaped(&title)
    );
}

fn write_thing(
    (thing, name): (&Thing, &str),
    is_center: bool,
    (x, y): (f64, f64),
    width: f64,
    out: &mut String,
) {
    let mut class = "thing".to_owned();
    class.push_str(if thing.is_modelled { "" } else { " outside" });
    class.push_str(if is_center { " center" } else { "" });
    let owner = thing.owner.as_deref().map(|owner| format!(", owner {owner}")).unwrap_or_default();
    let whole = format!("{} ({}{owner})", thing.address, kind_text(thing));
    let _ = writeln!(
        out,
        "<g class=\"{class}\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\" rx=\"6\"/>\
         <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text><text class=\"kind\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\
         <text class=\"kind\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text></g>",
        escaped(&whole),
        x + PADDING,
        y + 17.0,
        escaped(name),
        x + PADDING,
        y + 32.0,
        escaped(kind_text(thing)),
        x + width - PADDING,
        y + 32.0,
        layers(thing)
    );
}

fn write_legend(top: f64, out: &mut String) {
    let entries = [
        ("edge declared", "declared"),
        ("edge", "reference of a source"),
        ("edge inferred", "concluded or possible"),
        ("edge link", "order or link"),
    ];
    let y = top + 14.0;
    let mut x = 24.0;
    for (class, words) in entries {
        let _ = writeln!(
            out,
            "<path class=\"{class}\" d=\"M{x:.0} {y:.0}H{:.0}\"/><text class=\"legend\" x=\"{:.0}\" y=\"{:.0}\">{words}</text>",
            x + 34.0,
            x + 42.0,
            y + 4.0
        );
        x += 42.0 + words.len() as f64 * 6.8 + 24.0;
    }
    let _ = writeln!(
        out,
        "<text class=\"legend\" x=\"24\" y=\"{:.0}\">i b r: intended, built, running · an arrow leads to what is depended on</text>",
        y + 24.0
    );
}

/// The beginning and the end of a long name, which tell it apart best.
fn shortened(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= MOST_LETTERS {
        return name.to_owned();
    }
    let head = MOST_LETTERS / 2;
    let tail = MOST_LETTERS - head - 1;
    let start: String = letters[..head].iter().collect();
    let end: String = letters[letters.len() - tail..].iter().collect();
    format!("{start}…{end}")
}

/// Text for XML. What XML cannot hold, control characters, is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}
