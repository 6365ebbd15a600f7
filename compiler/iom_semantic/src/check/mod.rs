//! Checks a declaration as a whole and lowers it into its part of the model. One query per declaration, free of positions:
//! an edit elsewhere re-runs none of the others.

mod adapter;
pub(crate) mod apply;
mod authority;
mod blueprint;
mod breakglass;
mod catalog;
mod configuration;
mod evidence;
mod exception;
mod expectation;
mod extend;
mod imports;
mod joins;
mod kind;
mod policy;
mod resource;
pub(crate) mod ring;
mod settings;
mod shape;
mod source_paths;
mod test;
mod tolerate;
mod transition;
mod unions;
mod values;

use std::sync::Arc;

use iom_diagnostics::Diagnostic;
use iom_model::{
    Authority, Bind, Blueprint, BreakGlass, Catalog, Constant, DataSource, Evidence, Exception, Extension,
    Function, Group, KindDefinition, Location, Policy, ResourceDeclaration, Test, Tolerance, TraitDefinition,
    Type, TypeDefinition,
};
use iom_syntax::ast::{DeclarationKind, NodeId};

pub(crate) use configuration::{Settings, call_in, copied_path};
pub(crate) use shape::{ShapeBody, shape_body};

use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, Place, declaration, whole_declaration};
use crate::messages;

/// What a declaration adds to the model; what most files are full of stands in it, all else is boxed. Its [`Location`]s are [unplaced](unplaced) until the model is put together.
#[derive(Clone, PartialEq, Debug)]
pub enum Lowered {
    Nothing,
    Type(TypeDefinition),
    Trait(TraitDefinition),
    Kind(Box<KindDefinition>),
    Extension(Extension),
    Constant(Constant),
    Function(Box<Function>),
    Data(Box<DataSource>),
    Resource(ResourceDeclaration),
    Bind(Box<Bind>),
    Tolerance(Box<Tolerance>),
    Catalog(Box<Catalog>),
    Blueprint(Box<Blueprint>),
    Policy(Box<Policy>),
    Group(Box<Group>),
    Apply(Vec<apply::Member>),
    Exception(Box<Exception>),
    Authority(Box<Authority>),
    BreakGlass(Box<BreakGlass>),
    Evidence(Box<Evidence>),
    Test(Box<Test>),
}

/// Where a clause's text stands, so that reports can quote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClauseNodes {
    pub clause: u32,
    pub condition: NodeId,
    /// The first and the last field of the fix.
    pub fix: Option<(NodeId, NodeId)>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Checked {
    pub diagnostics: Vec<Diagnostic<Place>>,
    pub lowered: Lowered,
    /// Nothing in most declarations.
    aside: Option<Box<Aside>>,
}

/// What only some declarations have.
#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Aside {
    pub clauses: Vec<ClauseNodes>,
    /// What the parts of a blueprint set, by the node of their names.
    pub parts: Vec<(NodeId, Arc<Settings>)>,
    /// What is wrong with what other declarations say about this one: they report it.
    pub elsewhere: Vec<Diagnostic<Place>>,
    /// Where the lowered declaration names other declarations' places.
    pub places: Vec<Place>,
}

static NOTHING_ASIDE: Aside =
    Aside { clauses: Vec::new(), parts: Vec::new(), elsewhere: Vec::new(), places: Vec::new() };

impl Checked {
    pub(crate) fn aside(&self) -> &Aside {
        self.aside.as_deref().unwrap_or(&NOTHING_ASIDE)
    }
}

#[salsa::tracked]
pub fn check_item<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Checked> {
    let mut checker = Checker::new(db, item);
    let mut clauses = Vec::new();
    let (lowered, _) = checker.check_declaration(&mut clauses);
    // Rings of the library, of which there are none, are looked for when it is tested: see [`library_faults`].
    if !item.file(db).is_library(db) {
        checker.check_rings();
    }
    checker.check_untied();
    let here = checker.place(NodeId::DECLARATION);
    let (diagnostics, elsewhere) =
        checker.diagnostics.into_iter().partition(|diagnostic| diagnostic.primary.place.is_of(&here));
    let places = checker.places_elsewhere;
    let parts = checker.part_settings;
    let aside = Aside { clauses, parts, elsewhere, places };
    let aside = (aside != NOTHING_ASIDE).then(|| Box::new(aside));
    Arc::new(Checked { diagnostics, lowered, aside })
}

/// What [`check_item`] leaves out of the library's declarations, because it is found out once, when the library is tested: rings,
/// and what the provider's schema says against adapters.
pub fn library_faults<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Diagnostic<Place>> {
    let mut checker = Checker::new(db, item);
    checker.check_rings();
    let mut faults = checker.diagnostics;
    faults.extend(source_paths::library_faults(db, item));
    faults
}

/// Types of names and expressions, for the few declarations that somebody looks at.
pub fn types_of<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<(NodeId, Type)> {
    let mut checker = Checker::new(db, item);
    checker.types = Some(Vec::new());
    checker.check_declaration(&mut Vec::new());
    checker.types.unwrap_or_default()
}

/// A location that names a node of the declaration instead of a line: the model's assembly puts the place in.
pub(crate) fn unplaced(node: NodeId) -> Location {
    Location { file: "".into(), line: node.0, column: 0 }
}

/// The column of a location whose line counts [`Aside::places`] instead.
pub(crate) const ELSEWHERE: u32 = 1;

/// The column of a field's location where nothing else has a say in it: the model's assembly adds the only origin. Most
/// fields are such.
pub(crate) const ONLY_HERE: u32 = 2;

impl<'db> Checker<'db> {
    /// What is made of itself is reported.
    fn check_rings(&mut self) {
        let (db, item) = (self.db, self.item);
        let named = || self.place(declaration(db, item).name().map_or(NodeId::DECLARATION, |name| name.id));
        let ring = match ring::find(db, item) {
            Some(ring::Found::Chain(end)) => {
                let place = named();
                self.report(messages::long_chain(place, ring::MAX_CHAIN, &end));
                None
            }
            Some(ring::Found::Ring(ring)) => Some((named(), ring)),
            None => {
                ring::derived::find(db, item).and_then(|ring| Some((ring.first()?.mention.clone(), ring)))
            }
        };
        if let Some((place, ring)) = ring {
            let names = ring.iter().chain(ring.first()).map(|step| step.name.clone()).collect::<Vec<_>>();
            let mentions = ring.into_iter().zip(&names[1..]);
            let mentions =
                mentions.map(|(step, next)| (step.mention, format!("`{}` takes `{next}` here", step.name)));
            self.report(messages::cycle(place, &names, mentions.collect()));
        }
    }

    /// A location that the model's assembly puts in, also where another declaration has it.
    pub(crate) fn location(&mut self, place: &Place) -> Location {
        if place.is_of(&self.place(NodeId::DECLARATION)) {
            return unplaced(place.node);
        }
        self.places_elsewhere.push(place.clone());
        Location { file: "".into(), line: self.places_elsewhere.len() as u32 - 1, column: ELSEWHERE }
    }

    pub(crate) fn check_declaration(
        &mut self,
        clauses: &mut Vec<ClauseNodes>,
    ) -> (Lowered, Option<Arc<Settings>>) {
        let instead = self.instead.clone();
        let declaration = instead.as_ref().unwrap_or_else(|| declaration(self.db, self.item));
        let doc = || declaration.doc.as_deref().map(str::to_owned);
        let lowered = match &declaration.kind {
            DeclarationKind::Module(path) => {
                self.check_module(path);
                Lowered::Nothing
            }
            DeclarationKind::Error => Lowered::Nothing,
            DeclarationKind::Use(import) => {
                self.check_use(import);
                Lowered::Nothing
            }
            DeclarationKind::Type { value, .. } => {
                let name = self.item.qualified_name(self.db);
                let ty = self.lower_named_type(value, &name);
                self.check_unions(value.id, &ty);
                Lowered::Type(TypeDefinition { ty })
            }
            DeclarationKind::Const { ty, value, .. } => self.check_constant(ty.as_ref(), value),
            DeclarationKind::Function { parameters, result, value, .. } => {
                self.check_function(parameters, result, value)
            }
            DeclarationKind::Data { name, ty, source } => self.check_data(name, ty, source),
            DeclarationKind::Trait(nominal) => self.check_trait(nominal),
            DeclarationKind::Kind(nominal) => self.check_kind(nominal),
            DeclarationKind::Shape { name, ty, body } => self.check_shape(name, ty, body),
            DeclarationKind::Tolerate { name, of, body } => self.check_tolerate(name, of, body),
            DeclarationKind::Resource(_) => {
                let whole = instead.clone().unwrap_or_else(|| whole_declaration(self.db, self.item));
                match &whole.kind {
                    DeclarationKind::Resource(resource) => return self.check_resource(resource),
                    _ => Lowered::Nothing,
                }
            }
            DeclarationKind::Amend { target, body } => self.check_amend(target, body),
            DeclarationKind::Extend { kind, with, body } => self.check_extend(kind, with, body),
            DeclarationKind::Bind { binder, body } => self.check_bind(binder, body),
            DeclarationKind::Catalog { name, source, body } => {
                self.check_catalog(name, source.as_deref(), body.as_ref())
            }
            DeclarationKind::Policy { name, parameters, body } => {
                self.check_policy(name, parameters.as_deref(), body, doc(), clauses)
            }
            DeclarationKind::Group { name, body } => self.check_group(name, body),
            DeclarationKind::Apply { policy, body } => self.check_apply(policy, body.as_ref()),
            DeclarationKind::Blueprint { name, parameters, traits, body } => {
                self.check_blueprint(name, parameters, traits, body, doc(), clauses)
            }
            DeclarationKind::Exception { name, body } => self.check_exception(name, body),
            DeclarationKind::Authority { name, parameters, body } => {
                self.check_authority(name, parameters.as_deref(), body, clauses)
            }
            DeclarationKind::Breakglass { name, body } => self.check_breakglass(name, body),
            DeclarationKind::Evidence { name, body } => self.check_evidence(name, body),
            DeclarationKind::Test { title, body } => self.check_test(title, body),
            DeclarationKind::Control { name, .. } => {
                self.report(messages::misplaced(
                    self.place(name.id),
                    "a control",
                    "a file",
                    "put it into a `catalog NAME { .. }`",
                ));
                Lowered::Nothing
            }
        };
        (lowered, None)
    }
}
