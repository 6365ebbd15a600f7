//! Answers to one question over an estate: the value of an expression in each of its worlds.

use iom_model::Type;
use iom_state::document::Layer as StateLayer;
use serde::Serialize;
use smol_str::SmolStr;

use crate::evaluate::Evaluator;
use crate::facts::Estate;
use crate::judge::{element_resource, report_layer};
use crate::program::GlobalId;
use crate::report::{Layer, Place, Resource};
use crate::value::{Causes, ListValue, Value};

/// What a question came to in one layer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Answer {
    pub layer: Layer,
    #[serde(flatten)]
    pub content: Content,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Elements, each with its place.
    Elements(Table<ElementRow>),
    /// Records: one column for each name.
    Records {
        columns: Vec<SmolStr>,
        table: Table<Vec<Cell>>,
    },
    /// Any other list.
    Values(Table<Cell>),
    Value(Cell),
}

/// Rows, and whether they are all there are.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Table<T> {
    pub rows: Vec<T>,
    /// Rows of which it is not known whether they belong here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maybe: Vec<T>,
    /// Why there may be more rows than these; empty: these are all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<&'static str>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ElementRow {
    #[serde(flatten)]
    pub resource: Resource,
    pub location: Option<Place>,
}

/// A value as it is shown.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Cell {
    /// `null` for absent, and for what is not known.
    pub value: serde_json::Value,
    /// Why it is not known; empty: it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<&'static str>,
    #[serde(skip)]
    pub text: String,
}

/// The value of a constant of type `ty` in every layer that has data, or as it is where none has. Layers in order.
pub fn answers(estate: &Estate, constant: &str, ty: &Type) -> Vec<Answer> {
    let globals = &estate.program.globals;
    let Some(position) = globals.iter().position(|global| global.name == constant) else { return Vec::new() };
    let layers = match estate.layers() {
        [] => &[StateLayer::Intended],
        layers => layers,
    };
    let shape = Shape::of(ty);
    layers.iter().map(|layer| answer(estate, GlobalId(position as u32), &shape, *layer)).collect()
}

/// How answers of a type are shown, whether there are any or not.
enum Shape {
    Elements,
    /// With the fields that the type names.
    Records(Vec<SmolStr>),
    Values,
}

impl Shape {
    fn of(ty: &Type) -> Shape {
        match ty.required().unrefined() {
            Type::List(item) | Type::Set(item) => match item.required().unrefined() {
                Type::Element(_) => Shape::Elements,
                Type::Record(record) => {
                    Shape::Records(record.fields.iter().map(|field| field.name.clone()).collect())
                }
                _ => Shape::Values,
            },
            Type::Element(_) => Shape::Elements,
            _ => Shape::Values,
        }
    }
}

fn answer(estate: &Estate, global: GlobalId, shape: &Shape, layer: StateLayer) -> Answer {
    let mut evaluator = Evaluator::new(estate, layer);
    let value = evaluator.global(global);
    let one;
    let list = match &value {
        Value::List(list) | Value::Set(list) => Some(&**list),
        Value::Element(_) => {
            one = ListValue::complete(vec![value.clone()]);
            Some(&one)
        }
        _ => None,
    };
    let content = match (list, shape) {
        (Some(list), Shape::Elements) => {
            Content::Elements(table(list, |item| element_row(&mut evaluator, item, layer)))
        }
        (Some(list), Shape::Records(columns)) => Content::Records {
            columns: columns.clone(),
            table: table(list, |item| columns.iter().map(|column| field(estate, item, column)).collect()),
        },
        (Some(list), Shape::Values) => Content::Values(table(list, |item| cell(estate, item))),
        (None, _) => Content::Value(cell(estate, &value)),
    };
    Answer { layer: report_layer(layer), content }
}

fn table<T>(list: &ListValue, mut row: impl FnMut(&Value) -> T) -> Table<T> {
    let mut table = Table { rows: Vec::new(), maybe: Vec::new(), incomplete: names(list.open) };
    for (position, item) in list.items.iter().enumerate() {
        let rows = if list.maybe(position).is_some() { &mut table.maybe } else { &mut table.rows };
        rows.push(row(item));
    }
    table
}

fn field(estate: &Estate, record: &Value, name: &str) -> Cell {
    let value = match record {
        Value::Record(record) => record
            .fields
            .iter()
            .find(|(field, _)| estate.strings.resolve(field) == name)
            .map(|(_, value)| value),
        Value::Unknown(_) => Some(record),
        _ => None,
    };
    cell(estate, value.unwrap_or(&Value::Absent))
}

/// A reference that leads nowhere, or nobody knows where, is shown by its text.
fn element_row(evaluator: &mut Evaluator<'_>, value: &Value, layer: StateLayer) -> ElementRow {
    let estate = evaluator.estate;
    match value {
        Value::Element(id) => {
            let location = estate.element_place(*id);
            ElementRow { resource: element_resource(evaluator, *id, layer), location }
        }
        other => ElementRow {
            resource: Resource {
                address: estate.render(other).into(),
                kind: "-".into(),
                layer: report_layer(layer),
                owner: None,
                environment: None,
                observed_at: None,
            },
            location: None,
        },
    }
}

fn cell(estate: &Estate, value: &Value) -> Cell {
    let value = &estate.force(value.clone());
    Cell { value: estate.json(value), unknown: names(value.causes()), text: estate.render(value) }
}

fn names(causes: Option<Causes>) -> Vec<&'static str> {
    causes.map(|causes| causes.names().collect()).unwrap_or_default()
}
