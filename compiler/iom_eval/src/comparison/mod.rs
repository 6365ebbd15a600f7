//! Two estates side by side: what could not stay as it is if they became one. Everything is found by looking up what the other
//! one has, or by one pass over what is sorted: twice as much takes twice as long.

mod addresses;
mod rules;
mod text;
mod things;

pub use rules::rules;

use serde::Serialize;
use smol_str::SmolStr;

use crate::evaluate::Evaluator;
use crate::facts::Estate;
use crate::judge::{element_resource, report_layer};
use crate::report::{Layer, Place};
use crate::value::ElementId;

/// One of the two estates, in the order in which they are given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    A,
    B,
}

/// What cannot be both.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Conflict {
    pub sort: ConflictSort,
    /// What it is about: what identifies a thing, addresses, a name, a policy.
    pub subject: String,
    /// `aws.Bucket` of things, the keyword of declarations; nothing where it is about several kinds.
    pub kind: Option<SmolStr>,
    pub a: Vec<Holder>,
    pub b: Vec<Holder>,
    /// What each of them says.
    pub differences: Vec<Difference>,
    /// Of rules: whose is stricter, where one is in all that differs.
    pub stricter: Option<Side>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictSort {
    /// One thing is in both.
    Identity,
    /// One thing is in both, and different teams own it.
    Owner,
    /// Networks have addresses in common.
    Addresses,
    /// Different things are called the same.
    Name,
    /// One judges what the other lets be.
    Rule,
}

/// What one of the estates has of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Holder {
    /// As findings call it.
    pub address: SmolStr,
    /// Its addresses, where it is about those.
    pub value: Option<String>,
    pub layer: Option<Layer>,
    pub owner: Option<SmolStr>,
    pub environment: Option<SmolStr>,
    pub location: Option<Place>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Difference {
    pub field: SmolStr,
    pub a: String,
    pub b: String,
}

/// What was found about things; rules are looked at by [`rules`].
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Found {
    /// In order.
    pub conflicts: Vec<Conflict>,
    /// Things of each of which it is not known what identifies them.
    pub undecided: [usize; 2],
}

/// What is in conflict of all things of two estates.
pub fn things(a: &Estate, b: &Estate) -> Found {
    let mut found = things::compared(a, b);
    found.conflicts.extend(addresses::common(a, b));
    sort(&mut found.conflicts);
    found
}

/// The order in which conflicts are told: by sort, then by what they are about.
pub fn sort(conflicts: &mut [Conflict]) {
    conflicts.sort_by(|left, right| {
        let key = |one: &Conflict| (one.sort, one.kind.clone());
        key(left).cmp(&key(right)).then_with(|| left.subject.cmp(&right.subject))
    });
}

impl Conflict {
    fn new(sort: ConflictSort, subject: String, kind: Option<SmolStr>) -> Conflict {
        let (a, b, differences) = (Vec::new(), Vec::new(), Vec::new());
        Conflict { sort, subject, kind, a, b, differences, stricter: None }
    }

    /// One name that declarations of both have.
    pub fn of_name(name: &str, keyword: &str, a: Holder, b: Holder) -> Conflict {
        let kind = Some(keyword.into());
        Conflict { a: vec![a], b: vec![b], ..Conflict::new(ConflictSort::Name, name.to_owned(), kind) }
    }

    /// A policy that only one of them has, and what of the other one it would not let be.
    pub fn of_rule(policy: &str, stricter: Side, rule: Holder, things: Vec<Holder>) -> Conflict {
        let (a, b) = match stricter {
            Side::A => (vec![rule], things),
            Side::B => (things, vec![rule]),
        };
        let conflict = Conflict::new(ConflictSort::Rule, policy.to_owned(), Some("policy".into()));
        Conflict { a, b, stricter: Some(stricter), ..conflict }
    }
}

impl Holder {
    /// A declaration.
    pub fn declared(name: &str, location: &iom_model::Location) -> Holder {
        Holder {
            address: name.into(),
            value: None,
            layer: None,
            owner: None,
            environment: None,
            location: Some(crate::judge::source_place(location)),
        }
    }

    fn of(evaluator: &mut Evaluator<'_>, id: ElementId) -> Holder {
        let estate = evaluator.estate;
        let layer = estate.layer_of(id);
        evaluator.layer = layer;
        evaluator.refuel();
        let resource = element_resource(evaluator, id, layer);
        Holder {
            address: estate.short_name(id).into(),
            value: None,
            layer: Some(report_layer(layer)),
            owner: resource.owner,
            environment: resource.environment,
            location: estate.element_place(id).map(Place::written),
        }
    }
}
