//! OSCAL catalogs in JSON, version 1.0 and later.

use std::collections::BTreeMap;

use iom_model::Control;
use serde_json::Value;
use smol_str::SmolStr;

/// The controls of a catalog, in order of their names; `None` where the text is no catalog. Groups and controls nest, so that
/// enhancements are controls, too. A control is named by its `label` (`AC-2(1)`), else by its id.
pub(crate) fn controls(text: &str) -> Option<Vec<Control>> {
    let document = read(text)?;
    let all = all_controls(&document)?;
    let names: BTreeMap<&str, SmolStr> =
        all.iter().filter_map(|control| Some((text_of(control, "id")?, name(control)?))).collect();
    let mut controls: Vec<Control> = all
        .iter()
        .filter_map(|control| {
            Some(Control {
                id: name(control)?,
                title: text_of(control, "title").map(str::to_owned),
                withdrawn: is_withdrawn(control).then(|| successors(control, &names)),
            })
        })
        .collect();
    controls.sort_by(|left, right| left.id.cmp(&right.id));
    controls.dedup_by(|later, first| later.id == first.id);
    Some(controls)
}

/// What the catalog calls a control that somebody wrote in another way: by its id (`ac-2.1`), by a label of another class
/// (`AC-02(01)`), in other case or with blanks.
pub(crate) fn known_as(text: &str, written: &str) -> Option<SmolStr> {
    let plain = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    let written = plain(written);
    let document = read(text)?;
    let all = all_controls(&document)?;
    all.into_iter().find_map(|control| {
        let labels = labels(control).map(|(_, label)| label);
        let mut spellings = labels.chain(text_of(control, "id"));
        spellings.any(|spelling| plain(spelling) == written).then(|| name(control)).flatten()
    })
}

fn read(text: &str) -> Option<Value> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

fn all_controls(document: &Value) -> Option<Vec<&Value>> {
    let mut found = Vec::new();
    let mut pending = vec![document.get("catalog")?];
    while let Some(node) = pending.pop() {
        for key in ["groups", "controls"] {
            let children = node.get(key).and_then(Value::as_array).into_iter().flatten();
            for child in children {
                if key == "controls" {
                    found.push(child);
                }
                pending.push(child);
            }
        }
    }
    Some(found)
}

fn text_of<'v>(node: &'v Value, key: &str) -> Option<&'v str> {
    node.get(key).and_then(Value::as_str)
}

fn list_of<'v>(node: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    node.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The labels of a control with their classes.
fn labels(control: &Value) -> impl Iterator<Item = (Option<&str>, &str)> {
    let labels = list_of(control, "props").filter(|prop| text_of(prop, "name") == Some("label"));
    labels.filter_map(|prop| Some((text_of(prop, "class"), text_of(prop, "value")?)))
}

/// The label without a class is the one that people write; others serve sorting and other publications.
fn name(control: &Value) -> Option<SmolStr> {
    let plain = labels(control).find(|(class, _)| class.is_none());
    let other = || labels(control).find(|(class, _)| *class != Some("zero-padded"));
    let label = plain.or_else(other).map(|(_, label)| label);
    label.or_else(|| text_of(control, "id")).map(SmolStr::new)
}

fn is_withdrawn(control: &Value) -> bool {
    list_of(control, "props").any(|prop| {
        text_of(prop, "name") == Some("status")
            && text_of(prop, "value").is_some_and(|value| value.eq_ignore_ascii_case("withdrawn"))
    })
}

/// The controls that a withdrawn one was moved to or became a part of.
fn successors(control: &Value, names: &BTreeMap<&str, SmolStr>) -> Vec<SmolStr> {
    let links = list_of(control, "links");
    let links = links.filter(|link| matches!(text_of(link, "rel"), Some("incorporated-into" | "moved-to")));
    let mut found: Vec<SmolStr> = links
        .filter_map(|link| {
            let target = text_of(link, "href")?.strip_prefix('#')?;
            // `#ac-2_smt.k` is a part of `ac-2`.
            names.get(target).or_else(|| names.get(target.split('_').next()?)).cloned()
        })
        .collect();
    found.dedup();
    found
}
