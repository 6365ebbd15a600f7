//! What there is: nodes in layers, and what is said of each of their fields.

use std::fmt::Write as _;

use iom_state::document::Layer;
use serde_json::{Map, Value as Json, json};

use crate::common::{PARTLY_KNOWN, Plan};

/// What a source says of a value.
#[derive(Clone, Debug)]
pub enum Said {
    /// It is known after apply; whether there will be one, too.
    Later,
    /// As `Later`, and another resource gives it: it will surely be there.
    Given(usize),
    /// The id of some node of the plan, it is not known which.
    Any,
    /// Something of another type.
    Malformed,
    Bool(bool),
    Int(i64),
    Text(&'static str),
    /// A text that begins and ends so, and is not empty.
    Partly(&'static str, &'static str),
    List(Vec<Said>),
    /// Entries of a record or a map.
    Fields(Vec<(&'static str, Said)>),
    /// The id of a node; of none where there is no such node.
    Id(usize),
    /// The node by name, its id is known after apply.
    Reference(usize),
}

/// A field that is not listed is not spoken of.
#[derive(Clone, Debug)]
pub struct Node {
    pub number: usize,
    pub fields: Vec<(&'static str, Said)>,
}

impl Node {
    pub fn said(&self, field: &str) -> Option<&Said> {
        self.fields.iter().find(|(name, _)| *name == field).map(|(_, said)| said)
    }
}

#[derive(Clone, Debug)]
pub struct State {
    /// Every layer once.
    pub layers: Vec<(Layer, Vec<Node>)>,
}

impl State {
    /// What is imported.
    pub fn plans(&self) -> Vec<(Layer, Plan)> {
        let imported = self.layers.iter().filter(|(layer, _)| *layer != Layer::Intended);
        imported.map(|(layer, nodes)| (*layer, nodes.iter().fold(Plan::new(), add))).collect()
    }

    /// What is declared.
    pub fn declarations(&self) -> String {
        let mut text = String::new();
        let declared = self.layers.iter().filter(|(layer, _)| *layer == Layer::Intended);
        for node in declared.flat_map(|(_, nodes)| nodes) {
            let _ = write!(text, "resource n{}: Node {{ id: \"n{}\"", node.number, node.number);
            for (field, said) in &node.fields {
                let _ = write!(text, "  {field}: {}", declared_value(said));
            }
            text.push_str(" }\n");
        }
        text
    }
}

fn declared_value(said: &Said) -> String {
    match said {
        Said::Later | Said::Malformed | Said::Given(_) | Said::Any | Said::Partly(..) => "unknown".to_owned(),
        Said::Bool(value) => value.to_string(),
        Said::Int(value) => value.to_string(),
        Said::Text(text) if crate::program::WORDS.contains(text) => (*text).to_owned(),
        Said::Text(text) => format!("{text:?}"),
        Said::List(items) => {
            format!("[{}]", items.iter().map(declared_value).collect::<Vec<_>>().join(", "))
        }
        Said::Fields(fields) => {
            let fields = fields.iter().map(|(name, said)| format!("{name}: {}", declared_value(said)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join("  "))
        }
        Said::Id(number) | Said::Reference(number) => format!("n{number}"),
    }
}

fn add(plan: Plan, node: &Node) -> Plan {
    let mut values = json!({ "id": format!("n{}", node.number) });
    let (mut unknown, mut references) = (Map::new(), Map::new());
    for (field, said) in &node.fields {
        let (value, later) = plan_value(said);
        values[field] = value;
        if later != json!(false) {
            let written = match said {
                Said::Reference(number) | Said::Given(number) => {
                    json!([format!("node.n{number}.id"), format!("node.n{number}")])
                }
                // Nothing is said about the local, so it may stand for every node.
                Said::Any => json!(["local.x"]),
                // What gives it is not in the plan.
                _ => json!(["other.elsewhere.size", "other.elsewhere"]),
            };
            unknown.insert((*field).to_owned(), later);
            references.insert((*field).to_owned(), written);
        }
    }
    let address = format!("node.n{}", node.number);
    plan.unknown(&address, values, Json::Object(unknown), Json::Object(references))
}

/// The value as a plan writes it, and what of it is known after apply only.
fn plan_value(said: &Said) -> (Json, Json) {
    match said {
        Said::Later | Said::Given(_) | Said::Any | Said::Reference(_) => (Json::Null, json!(true)),
        Said::Malformed => (json!({ "strange": 1 }), json!(false)),
        Said::Bool(value) => (json!(value), json!(false)),
        Said::Int(value) => (json!(value), json!(false)),
        Said::Text(text) => (json!(text), json!(false)),
        Said::Partly(start, end) => (json!(format!("{PARTLY_KNOWN}{start}..{end}")), json!(false)),
        Said::Id(number) => (json!(format!("n{number}")), json!(false)),
        Said::List(items) => {
            let (values, later): (Vec<Json>, Vec<Json>) = items.iter().map(plan_value).unzip();
            let is_known = later.iter().all(|one| *one == json!(false));
            (json!(values), if is_known { json!(false) } else { json!(later) })
        }
        Said::Fields(fields) => {
            let (mut values, mut later) = (Map::new(), Map::new());
            for (name, said) in fields {
                let (value, unknown) = plan_value(said);
                if unknown == json!(false) {
                    values.insert((*name).to_owned(), value);
                } else {
                    later.insert((*name).to_owned(), unknown);
                }
            }
            (json!(values), if later.is_empty() { json!(false) } else { json!(later) })
        }
    }
}
