//! Checks a declaration as a whole and lowers it into its part of the model. One query per declaration, free of positions:
//! an edit elsewhere re-runs none of the others.

mod adapter;
mod catalog;
mod evidence;
mod exception;
mod imports;
mod joins;
mod kind;
mod policy;
mod resource;
mod ring;
mod settings;
mod test;
mod values;

use std::sync::Arc;

use iom_diagnostics::Diagnostic;
use iom_model::{
    Bind, Catalog, Constant, DataSource, Evidence, Exception, Function, KindDefinition, Location, Policy,
    ResourceDeclaration, Test, TraitDefinition, Type, TypeDefinition,
};
use iom_syntax::ast::{DeclarationKind, NodeId};

pub(crate) use catalog::oscal_controls;

use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, Place, declaration};
use crate::messages;

/// What a declaration adds to the model. Its [`Location`]s are [unplaced](unplaced) until the model is put together.
#[derive(Clone, PartialEq, Debug)]
pub enum Lowered {
    Nothing,
    Type(TypeDefinition),
    Trait(TraitDefinition),
    Kind(Box<KindDefinition>),
    Constant(Constant),
    Function(Function),
    Data(DataSource),
    Resource(ResourceDeclaration),
    Bind(Bind),
    Catalog(Catalog),
    Policy(Box<Policy>),
    Exception(Exception),
    Evidence(Evidence),
    Test(Test),
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
    pub clauses: Vec<ClauseNodes>,
    /// Types of names and expressions, for the editor.
    pub types: Vec<(NodeId, Type)>,
}

#[salsa::tracked]
pub fn check_item<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Checked> {
    let mut checker = Checker::new(db, item);
    let mut clauses = Vec::new();
    let lowered = checker.check_declaration(&mut clauses);
    if let Some(ring) = ring::find(db, item) {
        let place = checker.place(declaration(db, item).name().map_or(NodeId::DECLARATION, |name| name.id));
        checker.report(messages::cycle(place, &ring));
    }
    Arc::new(Checked { diagnostics: checker.diagnostics, lowered, clauses, types: checker.types })
}

/// A location that names a node of the declaration instead of a line: the model's assembly puts the place in.
pub(crate) fn unplaced(node: NodeId) -> Location {
    Location { file: "".into(), line: node.0, column: 0 }
}

impl<'db> Checker<'db> {
    fn check_declaration(&mut self, clauses: &mut Vec<ClauseNodes>) -> Lowered {
        let declaration = declaration(self.db, self.item);
        match &declaration.kind {
            DeclarationKind::Module(_) | DeclarationKind::Error => Lowered::Nothing,
            DeclarationKind::Use(import) => {
                self.check_use(import);
                Lowered::Nothing
            }
            DeclarationKind::Type { value, .. } => {
                let name = self.item.qualified_name(self.db);
                Lowered::Type(TypeDefinition { ty: self.lower_named_type(value, &name) })
            }
            DeclarationKind::Const { ty, value, .. } => self.check_constant(ty.as_ref(), value),
            DeclarationKind::Function { parameters, result, value, .. } => {
                self.check_function(parameters, result, value)
            }
            DeclarationKind::Data { name, ty, source } => self.check_data(name, ty, source),
            DeclarationKind::Trait(nominal) => self.check_trait(nominal),
            DeclarationKind::Kind(nominal) => self.check_kind(nominal),
            DeclarationKind::Resource(resource) => self.check_resource(resource),
            DeclarationKind::Bind { binder, body } => self.check_bind(binder, body),
            DeclarationKind::Catalog { name, source, body } => {
                self.check_catalog(name, source.as_ref(), body.as_ref())
            }
            DeclarationKind::Policy { name, parameters, body } => {
                self.check_policy(name, parameters.as_deref(), body, declaration.doc.clone(), clauses)
            }
            DeclarationKind::Exception { name, body } => self.check_exception(name, body),
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
            DeclarationKind::Apply { .. }
            | DeclarationKind::Blueprint { .. }
            | DeclarationKind::Shape { .. }
            | DeclarationKind::Extend { .. }
            | DeclarationKind::Authority { .. }
            | DeclarationKind::Breakglass { .. }
            | DeclarationKind::Group { .. }
            | DeclarationKind::Amend { .. }
            | DeclarationKind::Tolerate { .. } => {
                let node = declaration.name().map_or(NodeId::DECLARATION, |name| name.id);
                let what = format!("`{}`", declaration.keyword());
                self.report(messages::not_evaluated_yet(self.place(node), &what));
                Lowered::Nothing
            }
        }
    }
}
