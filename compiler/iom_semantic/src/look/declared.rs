//! The names that a declaration declares inside itself.

use iom_syntax::ast::{
    Body, Clause, ClauseKind, Declaration, DeclarationKind, Given, Member, Name, NodeId, Parameter,
    RecordMember, TypeExpr, TypeField, TypeKind,
};
use smol_str::SmolStr;

/// What is declared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Declares {
    Parameter,
    Field,
    Derived,
    Alternative,
    /// A clause of a policy by its label.
    Clause,
    /// A resource of a blueprint, or one that a test gives.
    Resource,
    Control,
}

/// A name, and the node of all that is said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclaredInside {
    pub what: Declares,
    pub name: SmolStr,
    pub node: NodeId,
    pub whole: NodeId,
    pub doc: Option<Box<str>>,
    /// How deep it stands: fields of fields have one more.
    pub depth: usize,
}

/// Deeper ones are nobody's.
const MOST_LEVELS: usize = 32;

/// The names a declaration declares beside its own, in source order.
pub fn declared_inside(declaration: &Declaration) -> Vec<DeclaredInside> {
    let mut found = Found { names: Vec::new(), depth: 0 };
    use DeclarationKind as D;
    match &declaration.kind {
        D::Type { value, .. } => found.ty(value),
        D::Kind(nominal) | D::Trait(nominal) => found.body(&nominal.body),
        D::Function { parameters, .. } => found.parameters(parameters),
        D::Policy { parameters, body, .. } | D::Authority { parameters, body, .. } => {
            found.parameters(parameters.as_deref().unwrap_or_default());
            found.body(body);
        }
        D::Blueprint { parameters, body, .. } => {
            found.parameters(parameters);
            found.body(body);
        }
        D::Data { ty, .. } => found.ty(ty),
        D::Catalog { body: Some(body), .. } => found.body(body),
        D::Test { body, .. } => found.body(body),
        _ => {}
    }
    found.names.retain(|one| !one.name.is_empty());
    found.names
}

struct Found {
    names: Vec<DeclaredInside>,
    depth: usize,
}

impl Found {
    fn add(&mut self, what: Declares, name: &Name, whole: NodeId, doc: Option<&str>) {
        let (name, node, doc) = (name.text.clone(), name.id, doc.map(Box::from));
        self.names.push(DeclaredInside { what, name, node, whole, doc, depth: self.depth });
    }

    fn inside(&mut self, run: impl FnOnce(&mut Self)) {
        if self.depth < MOST_LEVELS {
            self.depth += 1;
            run(self);
            self.depth -= 1;
        }
    }

    fn parameters(&mut self, parameters: &[Parameter]) {
        for one in parameters {
            self.add(Declares::Parameter, &one.name, one.id, None);
        }
    }

    fn body(&mut self, body: &Body) {
        for member in &body.members {
            match member {
                Member::TypeField(field) => self.field(field),
                Member::Clause(clause) => self.clause(clause),
                Member::Declaration(inner) => match &inner.kind {
                    DeclarationKind::Resource(resource) => {
                        self.add(Declares::Resource, &resource.name, inner.id, inner.doc.as_deref());
                    }
                    DeclarationKind::Control { name, .. } => {
                        self.add(Declares::Control, name, inner.id, None)
                    }
                    _ => {}
                },
                Member::Field(_) => {}
            }
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match &clause.kind {
            ClauseKind::Derive { name, ty, .. } => {
                self.add(Declares::Derived, name, clause.id, clause.doc.as_deref());
                self.inside(|found| found.ty(ty));
            }
            ClauseKind::Require(require) => {
                if let Some(label) = &require.label {
                    self.add(Declares::Clause, label, clause.id, clause.doc.as_deref());
                }
            }
            ClauseKind::For { body, .. }
            | ClauseKind::Judges { body, .. }
            | ClauseKind::Build { body, .. }
            | ClauseKind::Given(Given::Declared { body, .. }) => self.body_of_clause(body),
            _ => {}
        }
    }

    /// What stands in a block belongs to the declaration as much as what stands outside.
    fn body_of_clause(&mut self, body: &Body) {
        if self.depth < MOST_LEVELS {
            self.body(body);
        }
    }

    fn field(&mut self, field: &TypeField) {
        self.add(Declares::Field, &field.name, field.id, field.doc.as_deref());
        self.inside(|found| found.ty(&field.ty));
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeKind::Record(members) => {
                for member in members {
                    match member {
                        RecordMember::Field(field) => self.field(field),
                        RecordMember::Derive(clause) => self.clause(clause),
                    }
                }
            }
            TypeKind::Union(alternatives) => alternatives.iter().for_each(|one| self.alternative(one)),
            TypeKind::Ordered(alternatives) => {
                for one in alternatives {
                    self.add(Declares::Alternative, &one.name, one.name.id, None);
                }
            }
            TypeKind::Generic { arguments, .. } => {
                self.inside(|found| arguments.iter().for_each(|one| found.ty(one)));
            }
            TypeKind::Optional(inner) | TypeKind::Prefixed { inner, .. } => {
                self.inside(|found| found.ty(inner));
            }
            TypeKind::Refined { base, .. } => self.inside(|found| found.ty(base)),
            TypeKind::Missing | TypeKind::Path(_) | TypeKind::Text(_) => {}
        }
    }

    fn alternative(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeKind::Path(path) => {
                if let [single] = &*path.segments {
                    self.add(Declares::Alternative, single, ty.id, None);
                }
            }
            TypeKind::Refined { base, .. } => self.inside(|found| found.alternative(base)),
            TypeKind::Record(_) => self.ty(ty),
            _ => {}
        }
    }
}
