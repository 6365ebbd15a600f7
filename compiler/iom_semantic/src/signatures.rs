//! What a declaration tells others: types without bodies. Each is a query of its own, so that an edit inside a body stops
//! here.

use std::collections::BTreeSet;
use std::sync::Arc;

use iom_model::{Control, Expr, Nominal, QualifiedName, Type};
use iom_syntax::ast::{self, Clause, ClauseKind, DeclarationKind, Member, NodeId, TypeField};
use smol_str::SmolStr;

use crate::blueprints::{blueprint_signature, instance_of, root_nominal};
use crate::db::Db;
use crate::extensions::extensions_of;
use crate::infer::Checker;
use crate::items::{Item, declaration};
use crate::look::CallParameter;
use crate::names::{GlobalName, Target, definition_of, file_scope, resolve};
use crate::tied;

/// A field as others see it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldSignature {
    pub name: SmolStr,
    pub ty: Type,
    pub has_default: bool,
    pub is_derived: bool,
    /// The kind or trait that declares it, and where.
    pub declared_in: QualifiedName,
    pub node: NodeId,
    pub doc: Option<String>,
}

/// A kind or a trait.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NominalSignature {
    /// Everything it is, directly or through another trait, in order of names.
    pub traits: Vec<QualifiedName>,
    /// Its own fields first, then inherited ones that it does not declare itself.
    pub fields: Vec<FieldSignature>,
    /// Its types look into itself, so that they are known by their shape alone: see [`crate::tied`].
    pub is_tied: bool,
}

impl NominalSignature {
    pub fn field(&self, name: &str) -> Option<&FieldSignature> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// What a kind or a trait is, with what extensions add to it.
#[salsa::tracked(cycle_result = tied::nominal)]
pub fn nominal_signature<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<NominalSignature> {
    let declared = declared_signature(db, item);
    if item.keyword(db) != "kind" {
        return declared.clone();
    }
    extended(db, item, declared, &mut |added| declared_signature(db, added).clone())
}

/// A kind with what extensions add to it; `signature` says what their traits are.
pub(crate) fn extended<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    declared: &Arc<NominalSignature>,
    signature: &mut dyn FnMut(Item<'db>) -> Arc<NominalSignature>,
) -> Arc<NominalSignature> {
    let extensions = extensions_of(db, GlobalName::new(db, item.qualified_name(db)));
    if extensions.is_empty() {
        return declared.clone();
    }
    let mut fields = declared.fields.clone();
    let mut traits: BTreeSet<QualifiedName> = declared.traits.iter().cloned().collect();
    for extension in extensions {
        let Some(added) = definition_of(db, &extension.with) else { continue };
        let signature = signature(added);
        traits.insert(extension.with.clone());
        traits.extend(signature.traits.iter().cloned());
        for field in &signature.fields {
            if !fields.iter().any(|own| own.name == field.name) {
                // Computed from the element, whatever the trait has: nothing else can set it.
                fields.push(FieldSignature { is_derived: true, ..field.clone() });
            }
        }
    }
    Arc::new(NominalSignature { traits: traits.into_iter().collect(), fields, is_tied: declared.is_tied })
}

/// What a kind or a trait says of itself.
#[salsa::tracked(cycle_result = tied::declared)]
pub fn declared_signature<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<NominalSignature> {
    let declaration = declaration(db, item);
    let (DeclarationKind::Kind(nominal) | DeclarationKind::Trait(nominal)) = &declaration.kind else {
        return Arc::default();
    };
    let mut checker = Checker::new(db, item);
    let own_name = item.qualified_name(db);
    let mut fields = own_fields(&mut checker, &own_name, &nominal.body.members);
    let mut traits = BTreeSet::new();
    for path in &nominal.traits {
        let Some(parent) = trait_item(db, item, path) else { continue };
        let signature = declared_signature(db, parent);
        traits.insert(parent.qualified_name(db));
        traits.extend(signature.traits.iter().cloned());
        for field in &signature.fields {
            if !fields.iter().any(|own| own.name == field.name) {
                fields.push(field.clone());
            }
        }
    }
    traits.remove(&own_name);
    fields.shrink_to_fit();
    Arc::new(NominalSignature { traits: traits.into_iter().collect(), fields, is_tied: false })
}

pub(crate) fn own_fields(
    checker: &mut Checker<'_>,
    owner: &QualifiedName,
    members: &[Member],
) -> Vec<FieldSignature> {
    let mut fields: Vec<FieldSignature> = Vec::new();
    for member in members {
        let field = match member {
            Member::TypeField(field) => typed_field(checker, owner, field),
            Member::Clause(clause) => match derived_field(checker, owner, clause) {
                Some(field) => field,
                None => continue,
            },
            Member::Field(_) | Member::Declaration(_) => continue,
        };
        if !fields.iter().any(|other| other.name == field.name) {
            fields.push(field);
        }
    }
    fields
}

fn typed_field(checker: &mut Checker<'_>, owner: &QualifiedName, field: &TypeField) -> FieldSignature {
    FieldSignature {
        name: field.name.text.clone(),
        ty: checker.lower_type(&field.ty),
        has_default: field.default.is_some(),
        is_derived: false,
        declared_in: owner.clone(),
        node: field.name.id,
        doc: field.doc.as_deref().map(str::to_owned),
    }
}

fn derived_field(
    checker: &mut Checker<'_>,
    owner: &QualifiedName,
    clause: &Clause,
) -> Option<FieldSignature> {
    let ClauseKind::Derive { name, ty, .. } = &clause.kind else { return None };
    Some(FieldSignature {
        name: name.text.clone(),
        ty: checker.lower_type(ty),
        has_default: false,
        is_derived: true,
        declared_in: owner.clone(),
        node: name.id,
        doc: clause.doc.as_deref().map(str::to_owned),
    })
}

/// The trait a path names, seen from an item.
pub(crate) fn trait_item<'db>(db: &'db dyn Db, item: Item<'db>, path: &ast::Path) -> Option<Item<'db>> {
    resolve_item(db, item, path).filter(|found| found.keyword(db) == "trait")
}

/// The declaration that a whole path names, seen from an item.
pub(crate) fn resolve_item<'db>(db: &'db dyn Db, item: Item<'db>, path: &ast::Path) -> Option<Item<'db>> {
    let segments: Vec<SmolStr> = path.segments.iter().map(|segment| segment.text.clone()).collect();
    let resolution = resolve(db, file_scope(db, item.file(db)), &segments)?;
    match resolution.target {
        Target::Item(found) if resolution.used == segments.len() => Some(found),
        _ => None,
    }
}

/// The fields that identify a kind's elements, as written.
#[salsa::tracked]
pub fn identity_fields<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<SmolStr> {
    let declaration = declaration(db, item);
    let DeclarationKind::Kind(nominal) = &declaration.kind else { return Vec::new() };
    let clauses = nominal.body.members.iter().filter_map(|member| match member.clause_kind()? {
        ClauseKind::Identity(names) => Some(names),
        _ => None,
    });
    clauses.flatten().map(|name| name.text.clone()).collect()
}

/// What `type NAME = ..` stands for; recursion through names is fine, because names stay names.
pub fn declared_type<'db>(db: &'db dyn Db, item: Item<'db>) -> &'db Type {
    &type_signature(db, item).ty
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TypeSignature {
    pub ty: Type,
    /// As in [`NominalSignature`].
    pub is_tied: bool,
}

#[salsa::tracked(cycle_result = tied::type_)]
pub(crate) fn type_signature<'db>(db: &'db dyn Db, item: Item<'db>) -> TypeSignature {
    TypeSignature { ty: lowered_type(&mut Checker::new(db, item)), is_tied: false }
}

pub(crate) fn lowered_type(checker: &mut Checker<'_>) -> Type {
    match &declaration(checker.db, checker.item).kind {
        DeclarationKind::Type { value, .. } => {
            let name = checker.item.qualified_name(checker.db);
            checker.lower_named_type(value, &name)
        }
        _ => Type::Error,
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ParameterSignature {
    pub name: SmolStr,
    pub ty: Type,
    pub has_default: bool,
    pub node: NodeId,
}

impl ParameterSignature {
    pub(crate) fn as_called(&self) -> CallParameter {
        CallParameter { name: self.name.clone(), ty: self.ty.clone(), has_default: self.has_default }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FunctionSignature {
    pub parameters: Vec<ParameterSignature>,
    pub result: Type,
    /// As in [`NominalSignature`].
    pub is_tied: bool,
}

#[salsa::tracked(cycle_result = tied::function)]
pub fn function_signature<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<FunctionSignature>> {
    lowered_function(&mut Checker::new(db, item)).map(Arc::new)
}

pub(crate) fn lowered_function(checker: &mut Checker<'_>) -> Option<FunctionSignature> {
    let declaration = declaration(checker.db, checker.item);
    let DeclarationKind::Function { parameters, result, .. } = &declaration.kind else { return None };
    let parameters = parameter_signatures(checker, parameters);
    let result = checker.lower_type(result);
    Some(FunctionSignature { parameters, result, is_tied: false })
}

fn parameter_signatures(checker: &mut Checker<'_>, parameters: &[ast::Parameter]) -> Vec<ParameterSignature> {
    let signature = |parameter: &ast::Parameter| ParameterSignature {
        name: parameter.name.text.clone(),
        ty: checker.lower_type(&parameter.ty),
        has_default: parameter.default.is_some(),
        node: parameter.name.id,
    };
    parameters.iter().map(signature).collect()
}

/// What a policy has to be told before it can judge.
#[salsa::tracked]
pub fn policy_parameters<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<ParameterSignature> {
    match &declaration(db, item).kind {
        DeclarationKind::Policy { parameters: Some(parameters), .. } => {
            parameter_signatures(&mut Checker::new(db, item), parameters)
        }
        _ => Vec::new(),
    }
}

/// The settings that a policy writes itself, with the nodes of their names.
#[salsa::tracked]
pub fn written_settings<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<(SmolStr, NodeId)> {
    let DeclarationKind::Policy { body, .. } = &declaration(db, item).kind else { return Vec::new() };
    let fields = body.members.iter().filter_map(|member| match member {
        Member::Field(field) => field.path.first(),
        _ => None,
    });
    fields.map(|name| (name.text.clone(), name.id)).collect()
}

/// What parameters take where a call leaves them out.
#[salsa::tracked(cycle_result = tied::defaults)]
pub fn parameter_defaults<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Option<Expr>> {
    let declaration = declaration(db, item);
    let parameters = match &declaration.kind {
        DeclarationKind::Function { parameters, .. } => parameters,
        DeclarationKind::Policy { parameters: Some(parameters), .. } => parameters,
        _ => return Vec::new(),
    };
    let mut checker = Checker::new(db, item);
    parameters
        .iter()
        .map(|parameter| {
            let default = parameter.default.as_ref()?;
            let ty = checker.lower_type(&parameter.ty);
            Some(checker.in_new_body(|checker| checker.check(default, &ty)).0)
        })
        .collect()
}

/// The type of a `const` or `data` declaration: as annotated, else as inferred from the value.
#[salsa::tracked(cycle_result = tied::value)]
pub fn value_type<'db>(db: &'db dyn Db, item: Item<'db>) -> Type {
    let declaration = declaration(db, item);
    let mut checker = Checker::new(db, item);
    match &declaration.kind {
        DeclarationKind::Const { ty: Some(ty), .. } | DeclarationKind::Data { ty, .. } => {
            checker.lower_type(ty)
        }
        DeclarationKind::Const { value, .. } => checker.infer(value, None).ty,
        _ => Type::Error,
    }
}

/// The kind of a declared resource: as written, else that of what it copies.
#[salsa::tracked(cycle_result = tied::kind_of_resource)]
pub fn resource_kind<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Nominal> {
    let mut current = item;
    // A ring, and a chain that is too long, are reported where they are checked.
    for _ in 0..=MOST_COPIES {
        let declaration = declaration(db, current);
        let DeclarationKind::Resource(resource) = &declaration.kind else { return None };
        if let Some(path) = &resource.kind {
            let kind = resolve_item(db, current, path)?;
            return (kind.keyword(db) == "kind").then(|| Nominal::Kind(kind.qualified_name(db)));
        }
        if let Some(instance) = instance_of(db, current) {
            return root_nominal(db, instance).filter(|root| matches!(root, Nominal::Kind(_)));
        }
        current = copied_resource(db, current)?;
    }
    None
}

/// Copies of copies of copies: more of them than this are refused.
pub(crate) const MOST_COPIES: usize = 64;

/// The declaration of what a resource copies.
pub(crate) fn copied_resource<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Item<'db>> {
    let DeclarationKind::Resource(resource) = &declaration(db, item).kind else { return None };
    let ast::ResourceValue::Expr(expr) = &resource.value else { return None };
    let path = crate::check::copied_path(expr)?;
    let base = resolve(db, file_scope(db, item.file(db)), &path)?;
    match base.target {
        Target::Item(found) if base.used == path.len() && found.keyword(db) == "resource" => Some(found),
        _ => None,
    }
}

/// How many copies a resource is away from what is no copy; nothing where they are too many, or go in a ring. Free of
/// recursion, however long the chain.
#[salsa::tracked]
pub(crate) fn copies_of_copies<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<usize> {
    let mut current = item;
    for count in 0..=MOST_COPIES + 1 {
        match copied_resource(db, current) {
            Some(base) => current = base,
            None => return Some(count),
        }
    }
    None
}

/// The labels of a policy's clauses, in source order.
#[salsa::tracked]
pub fn policy_labels<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<SmolStr> {
    fn collect(members: &[Member], labels: &mut Vec<SmolStr>) {
        for member in members {
            let Member::Clause(clause) = member else { continue };
            match &clause.kind {
                ClauseKind::For { body, .. } => collect(&body.members, labels),
                ClauseKind::Require(require) => {
                    labels.extend(require.label.iter().map(|label| label.text.clone()))
                }
                _ => {}
            }
        }
    }
    let mut labels = Vec::new();
    match &declaration(db, item).kind {
        DeclarationKind::Policy { body, .. } => collect(&body.members, &mut labels),
        DeclarationKind::Blueprint { .. } => {
            labels.extend(blueprint_signature(db, item).iter().flat_map(|one| one.labels.iter().cloned()));
        }
        _ => {}
    }
    labels
}

/// The longest exception a policy allows, where it says so.
#[salsa::tracked]
pub fn max_exception<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<iom_model::Duration> {
    let declaration = declaration(db, item);
    let DeclarationKind::Policy { body, .. } = &declaration.kind else { return None };
    body.members.iter().find_map(|member| match member {
        Member::Field(field) if field.path.first().is_some_and(|name| name.text == "max_exception") => {
            match &field.value.head {
                ast::FieldValueHead::Expr(ast::Expr {
                    kind: ast::ExprKind::Literal(ast::Literal::Duration(text)),
                    ..
                }) => iom_model::Duration::parse(text),
                _ => None,
            }
        }
        _ => None,
    })
}

/// The controls of a catalog, written in its body or read from the OSCAL file it names.
#[salsa::tracked]
pub fn catalog_controls<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<Control>> {
    let declaration = declaration(db, item);
    let DeclarationKind::Catalog { source, body, .. } = &declaration.kind else { return Arc::default() };
    let mut controls = Vec::new();
    if let Some(source) = source
        && let Some((_, text)) = db
            .workspace()
            .data_files(db)
            .iter()
            .find(|(path, _)| *path == crate::names::data_path(db, item.file(db), &source.file.text))
    {
        controls.extend(crate::oscal::controls(text).unwrap_or_default());
    }
    for member in body.iter().flat_map(|body| &body.members) {
        let Member::Declaration(control) = member else { continue };
        let DeclarationKind::Control { name, body } = &control.kind else { continue };
        let title = body.members.iter().find_map(|member| match member {
            Member::Field(field) if field.path.first().is_some_and(|name| name.text == "title") => {
                plain_text(&field.value)
            }
            _ => None,
        });
        controls.push(Control { id: name.text.clone(), title, withdrawn: None });
    }
    Arc::new(controls)
}

/// What others rely on of a control: that it is there, and whether it was withdrawn. Titles may change.
#[salsa::tracked]
pub fn control_named<'db>(
    db: &'db dyn Db,
    catalog: Item<'db>,
    id: GlobalName<'db>,
) -> Option<Option<Vec<SmolStr>>> {
    let controls = catalog_controls(db, catalog);
    controls.iter().find(|control| control.id == *id.text(db)).map(|control| control.withdrawn.clone())
}

/// The text of a field that is one string without interpolation.
pub(crate) fn plain_text(value: &ast::FieldValue) -> Option<String> {
    let ast::FieldValueHead::Expr(expr) = &value.head else { return None };
    plain_string(expr)
}

/// The text of a string literal without interpolation.
pub(crate) fn plain_string(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        ast::ExprKind::String(parts) => match parts.as_slice() {
            [] => Some(String::new()),
            [ast::StringPart::Text(text)] => Some(text.to_string()),
            _ => None,
        },
        ast::ExprKind::Literal(ast::Literal::Long(text) | ast::Literal::Raw(text)) => Some(text.to_string()),
        _ => None,
    }
}
