//! Where a value comes from: everything that has a say in it, in the order in which each changes what was before.

mod built;
mod declared;
pub(crate) mod path;

pub use path::{Segment, Unexplained, text as path_text};

use iom_model::QualifiedName;
use serde::Serialize;
use smol_str::SmolStr;

use crate::evaluate::Evaluator;
use crate::facts::{Estate, Origin};
use crate::judge::report_layer;
use crate::judge::{Step, Trail};
use crate::report::{Layer, Place};
use crate::value::{ElementId, Value};

/// A value and its origins.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Explained {
    pub address: SmolStr,
    pub kind: QualifiedName,
    pub layer: Layer,
    pub path: String,
    #[serde(rename = "type")]
    pub ty: String,
    /// `null` for what is absent, not known, or secret.
    pub value: serde_json::Value,
    /// Why it is not known; empty: it is.
    pub unknown: Vec<&'static str>,
    pub secret: bool,
    /// Whether the words that set the field may be shown: they hold no secret.
    #[serde(skip)]
    pub is_quotable: bool,
    /// The value in words; nothing where it is secret.
    #[serde(skip)]
    pub text: Option<String>,
    /// The first is the oldest.
    pub origins: Vec<OriginStep>,
}

/// One place that has a say.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OriginStep {
    pub role: Role,
    /// What it sets: the value itself, something around it, or a part of it.
    pub path: String,
    /// Where another resource than the one asked for says it.
    pub resource: Option<QualifiedName>,
    pub location: Option<Place>,
    /// The words there; nothing where they could show a secret. Filled in by whoever has the texts.
    pub source: Option<String>,
    pub reason: Option<SmolStr>,
    pub until: Option<String>,
    /// An override whose time is over.
    pub ended: bool,
    /// Whether the value, or a part of it, is what this place says.
    pub holds: bool,
    /// What to look up where there is no location yet.
    #[serde(skip)]
    pub definition: Option<Definition>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The kind says so where nothing else does.
    Default,
    /// The kind computes it.
    Derived,
    /// The body of the resource that is copied.
    Base,
    /// What a blueprint sets its part to.
    Blueprint,
    /// What a parameter is where nothing is given for it.
    Parameter,
    /// What is given for a parameter.
    Argument,
    Body,
    Amend,
    Override,
    /// The declared name.
    Name,
    /// The clause that reads it from a source.
    Adapter,
    /// The place in the configuration that the source was made of.
    Configuration,
    /// The place in the source.
    State,
    Bind,
}

/// A place that only the front end knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Definition {
    Field {
        kind: QualifiedName,
        field: SmolStr,
    },
    /// A blueprint's parameter.
    Parameter {
        blueprint: QualifiedName,
        parameter: SmolStr,
    },
    /// What a declaration gives for a blueprint's parameter.
    Argument {
        resource: ArgumentOf,
        parameter: SmolStr,
        /// Among the parameters.
        position: usize,
    },
    /// The field in the kind's adapter of this number, in order of the kind's body.
    Adapter {
        kind: QualifiedName,
        position: usize,
        field: SmolStr,
    },
}

/// The declaration that an argument stands in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ArgumentOf {
    Declared(QualifiedName),
    Part { blueprint: QualifiedName, target: Option<SmolStr>, name: SmolStr },
}

impl OriginStep {
    fn new(role: Role, path: String) -> OriginStep {
        OriginStep {
            role,
            path,
            resource: None,
            location: None,
            source: None,
            reason: None,
            until: None,
            ended: false,
            holds: true,
            definition: None,
        }
    }
}

/// The value at a path of everything with this address: one for each kind and layer.
///
/// # Errors
///
/// The first step of the path that leads nowhere, with what could have been meant. An address that nothing has gives an
/// empty list.
pub fn explain(estate: &Estate, address: &str, path: &[Segment]) -> Result<Vec<Explained>, Unexplained> {
    let ids = (0..estate.elements.len() as u32).map(ElementId);
    ids.filter(|id| estate.address(*id) == address).map(|id| explain_element(estate, id, path)).collect()
}

fn explain_element(estate: &Estate, id: ElementId, path: &[Segment]) -> Result<Explained, Unexplained> {
    let program = &estate.program;
    let kind = program.kind(estate.element(id).kind);
    let walked = path::walk(&program.model, &kind.name, path)?;
    let layer = estate.layer_of(id);
    let mut evaluator = Evaluator::new(estate, layer);
    let value = value_at(&mut evaluator, id, path);
    let origins = origins(&mut evaluator, id, path, &value);
    Ok(Explained {
        address: estate.address(id).into(),
        kind: kind.name.clone(),
        layer: report_layer(layer),
        path: path::text(path),
        ty: walked.ty.to_string(),
        value: if walked.is_secret { serde_json::Value::Null } else { estate.json(&value) },
        unknown: value.causes().map(|causes| causes.names().collect()).unwrap_or_default(),
        secret: walked.is_secret,
        is_quotable: walked.is_quotable,
        text: (!walked.is_secret).then(|| estate.render(&value)),
        origins,
    })
}

fn value_at(evaluator: &mut Evaluator<'_>, id: ElementId, path: &[Segment]) -> Value {
    let estate = evaluator.estate;
    let kind = estate.program.kind(estate.element(id).kind);
    let Some((Segment::Name(field), rest)) = path.split_first() else { return Value::Absent };
    let position = estate.symbol(field).and_then(|name| kind.field_position(name));
    let Some(position) = position else { return Value::Absent };
    let mut value = evaluator.field(id, position);
    for segment in rest {
        value = match segment {
            Segment::Name(name) => match estate.symbol(name) {
                Some(name) => evaluator.member(value, name),
                None => Value::Absent,
            },
            Segment::Index(position) => match evaluator.list_of(value) {
                Ok(list) => list.items.get(*position).cloned().unwrap_or(Value::Absent),
                Err(causes) => Value::Unknown(causes),
            },
        };
    }
    value
}

fn origins(evaluator: &mut Evaluator<'_>, id: ElementId, path: &[Segment], value: &Value) -> Vec<OriginStep> {
    let estate = evaluator.estate;
    let program = &estate.program;
    let element = estate.element(id);
    let kind = program.kind(element.kind);
    let Some(Segment::Name(name)) = path.first() else { return Vec::new() };
    let Some(position) = estate.symbol(name).and_then(|name| kind.field_position(name)) else {
        return Vec::new();
    };
    let field = &kind.fields[position as usize];
    let of_kind = |role| {
        let mut step = OriginStep::new(role, name.clone());
        let definition = Definition::Field { kind: kind.name.clone(), field: name.as_str().into() };
        step.definition = Some(definition);
        step
    };
    if field.derive.is_some() {
        return vec![of_kind(Role::Derived)];
    }
    let mut steps = Vec::new();
    if field.default.is_some() {
        steps.push(of_kind(Role::Default));
    }
    let own = match &element.origin {
        Origin::Declared { instance: Some(_), .. } => declared::settled(built::said(estate, id, path)),
        Origin::Declared { resource, .. } => match program.declaration(*resource) {
            Some(declaration) => {
                declared::settled(declared::said(&program.model, declaration, path, estate.at))
            }
            None => Vec::new(),
        },
        Origin::Imported { adapter, .. } => {
            let adapter = kind.adapters.iter().position(|own| own == adapter);
            imported(evaluator, id, path, position, adapter)
        }
    };
    let is_read = own.iter().any(|step| step.role != Role::Adapter);
    if let Some(default) = steps.first_mut() {
        default.holds = !is_read;
    }
    steps.extend(own);
    if field.is_bound && !is_read && !value.is_absent() {
        steps.extend(bound(estate, id, name));
    }
    steps
}

/// The clause that reads the field, and what it reads.
fn imported(
    evaluator: &mut Evaluator<'_>,
    id: ElementId,
    path: &[Segment],
    position: u16,
    adapter: Option<usize>,
) -> Vec<OriginStep> {
    let estate = evaluator.estate;
    let kind = estate.program.kind(estate.element(id).kind);
    let Some(Segment::Name(name)) = path.first() else { return Vec::new() };
    let mapped = adapter.filter(|number| {
        kind.adapters.get(*number).is_some_and(|adapter| {
            estate.program.adapters[adapter.index()].fields[position as usize].is_some()
        })
    });
    let Some(adapter) = mapped else { return Vec::new() };
    let mut clause = OriginStep::new(Role::Adapter, name.clone());
    clause.definition =
        Some(Definition::Adapter { kind: kind.name.clone(), position: adapter, field: name.as_str().into() });
    let mut trail = Trail::of(id, path::text(path));
    for segment in path {
        match segment {
            Segment::Name(name) => match estate.symbol(name) {
                Some(name) => trail.steps.push(Step::Name(name)),
                None => break,
            },
            Segment::Index(position) => trail.steps.push(Step::Index(*position)),
        }
    }
    let mut steps = vec![clause];
    if let Some(place) = evaluator.place_in_source(&trail) {
        if place.written.is_some() {
            let mut configuration = OriginStep::new(Role::Configuration, trail.text.clone());
            configuration.location = Some(place.clone().written());
            steps.push(configuration);
        }
        let mut state = OriginStep::new(Role::State, trail.text);
        state.location = Some(Place { written: None, ..place });
        steps.push(state);
    }
    steps
}

/// The binds that say something about the field.
fn bound(estate: &Estate, id: ElementId, name: &str) -> Vec<OriginStep> {
    let program = &estate.program;
    let kind = estate.element(id).kind;
    let binds = program.model.binds.iter().zip(&program.binds);
    binds
        .filter(|(bind, code)| code.kinds.has(kind) && bind.fields.iter().any(|(field, _)| field == name))
        .map(|(bind, _)| {
            let mut step = OriginStep::new(Role::Bind, name.to_owned());
            step.location = Some(crate::judge::source_place(&bind.location));
            step
        })
        .collect()
}
