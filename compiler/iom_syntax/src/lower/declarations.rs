//! Declarations, bodies and fields.

use super::{Lower, exact, tree};
use crate::{
    SyntaxKind,
    ast::{
        Body, Declaration, DeclarationKind, Field, FieldValue, FieldValueHead, InBinder, KindBinder, Member,
        Name, NodeId, Nominal, Parameter, Path, Resource, ResourceValue, Source, Tail, TailKind, TypeField,
        Use, UseNames,
    },
    tree::Node,
};

impl Lower {
    pub(super) fn declaration(&mut self, node: Node<'_>) -> Declaration {
        let id = self.node_id(node);
        Declaration { id, doc: tree::docs(node), kind: self.declaration_kind(node) }
    }

    fn declaration_kind(&mut self, node: Node<'_>) -> DeclarationKind {
        use SyntaxKind as K;
        match node.kind() {
            K::ModuleDeclaration => DeclarationKind::Module(self.first_path(node)),
            K::UseDeclaration => DeclarationKind::Use(self.use_declaration(node)),
            K::ApplyDeclaration => DeclarationKind::Apply {
                policy: self.first_expression(node),
                body: tree::child(node, K::Body).map(|body| self.body(body)),
            },
            K::TypeDeclaration => {
                DeclarationKind::Type { name: self.first_name(node), value: self.first_type(node) }
            }
            K::ConstDeclaration => DeclarationKind::Const {
                name: self.first_name(node),
                ty: tree::type_child(node).map(|ty| self.type_expr(ty)),
                value: self.first_expression(node),
            },
            K::FunctionDeclaration => DeclarationKind::Function {
                name: self.first_name(node),
                parameters: self.parameters(node).unwrap_or_default(),
                result: self.first_type(node),
                value: self.first_expression(node),
            },
            K::ResourceDeclaration => DeclarationKind::Resource(self.resource(node)),
            K::KindDeclaration => DeclarationKind::Kind(self.nominal(node)),
            K::TraitDeclaration => DeclarationKind::Trait(self.nominal(node)),
            K::BlueprintDeclaration => DeclarationKind::Blueprint {
                name: self.first_name(node),
                parameters: self.parameters(node).unwrap_or_default(),
                traits: self.traits(node),
                body: self.body_of(node),
            },
            K::DataDeclaration => DeclarationKind::Data {
                name: self.first_name(node),
                ty: self.first_type(node),
                source: Box::new(self.source_or_missing(node)),
            },
            K::CatalogDeclaration => DeclarationKind::Catalog {
                name: self.first_name(node),
                source: tree::child(node, K::Source).map(|source| Box::new(self.source(source))),
                body: tree::child(node, K::Body).map(|body| self.body(body)),
            },
            _ => self.named_body(node),
        }
    }

    /// The declarations that are a head and a body.
    fn named_body(&mut self, node: Node<'_>) -> DeclarationKind {
        use DeclarationKind as D;
        use SyntaxKind as K;
        match node.kind() {
            K::ShapeDeclaration => {
                D::Shape { name: self.first_name(node), ty: self.first_path(node), body: self.body_of(node) }
            }
            K::ExtendDeclaration => {
                let kind = self.first_path(node);
                let with = tree::children(node, K::Path).nth(1);
                D::Extend { kind, with: self.path_or_missing(with, node), body: self.body_of(node) }
            }
            K::BindDeclaration => {
                D::Bind { binder: Box::new(self.kind_binder_of(node)), body: self.body_of(node) }
            }
            K::PolicyDeclaration => D::Policy {
                name: self.first_name(node),
                parameters: self.parameters(node),
                body: self.body_of(node),
            },
            K::AuthorityDeclaration => D::Authority {
                name: self.first_name(node),
                parameters: self.parameters(node),
                body: self.body_of(node),
            },
            K::ExceptionDeclaration => D::Exception { name: self.first_name(node), body: self.body_of(node) },
            K::BreakglassDeclaration => {
                D::Breakglass { name: self.first_name(node), body: self.body_of(node) }
            }
            K::EvidenceDeclaration => D::Evidence { name: self.first_name(node), body: self.body_of(node) },
            K::GroupDeclaration => D::Group { name: self.first_name(node), body: self.body_of(node) },
            K::ControlDeclaration => D::Control { name: self.first_name(node), body: self.body_of(node) },
            K::TestDeclaration => D::Test { title: self.first_name(node), body: self.body_of(node) },
            K::AmendDeclaration => D::Amend { target: self.first_path(node), body: self.body_of(node) },
            K::TolerateDeclaration => D::Tolerate {
                name: self.first_name(node),
                of: Box::new(self.kind_binder_of(node)),
                body: self.body_of(node),
            },
            _ => D::Error,
        }
    }

    /// The first name or string right in the node.
    pub(super) fn first_name(&mut self, node: Node<'_>) -> Name {
        self.name_or_missing(tree::keys(node).next(), node)
    }

    fn first_path(&mut self, node: Node<'_>) -> Path {
        self.path_or_missing(tree::child(node, SyntaxKind::Path), node)
    }

    fn use_declaration(&mut self, node: Node<'_>) -> Use {
        let path = self.first_path(node);
        let names = match tree::child(node, SyntaxKind::UseNames) {
            None => UseNames::Itself,
            Some(names) if tree::has_token(names, SyntaxKind::Star) => UseNames::All,
            Some(names) => UseNames::These(exact(tree::names(names), |token| self.name(token))),
        };
        let alias = tree::names(node).next().map(|token| self.name(token));
        Use { path, names, alias }
    }

    fn resource(&mut self, node: Node<'_>) -> Resource {
        let name = self.first_name(node);
        let each = tree::child(node, SyntaxKind::InBinder).map(|binder| Box::new(self.in_binder(binder)));
        let kind = tree::child(node, SyntaxKind::Path).map(|path| self.path(path));
        let value = match tree::token(node, SyntaxKind::Eq) {
            Some(_) => ResourceValue::Expr(self.first_expression(node)),
            None => ResourceValue::Body(self.body_of(node)),
        };
        Resource { name, each, kind, value }
    }

    fn nominal(&mut self, node: Node<'_>) -> Nominal {
        Nominal { name: self.first_name(node), traits: self.traits(node), body: self.body_of(node) }
    }

    fn traits(&mut self, node: Node<'_>) -> Vec<Path> {
        let Some(traits) = tree::child(node, SyntaxKind::Traits) else { return Vec::new() };
        exact(tree::children(traits, SyntaxKind::Path), |path| self.path(path))
    }

    fn parameters(&mut self, node: Node<'_>) -> Option<Vec<Parameter>> {
        let parameters = tree::child(node, SyntaxKind::Parameters)?;
        let lowered = exact(tree::children(parameters, SyntaxKind::Parameter), |parameter| Parameter {
            id: self.node_id(parameter),
            name: self.first_name(parameter),
            ty: self.first_type(parameter),
            default: self.expression_after(parameter, SyntaxKind::Eq),
        });
        Some(lowered)
    }

    fn source(&mut self, node: Node<'_>) -> Source {
        let id = self.node_id(node);
        let format = self.name_or_missing(tree::names(node).next(), node);
        let mut strings = tree::tokens(node).filter(|token| token.kind() == SyntaxKind::String);
        Source {
            id,
            format,
            file: self.name_or_missing(strings.next(), node),
            at: strings.next().map(|token| self.name(token)),
            body: tree::child(node, SyntaxKind::Body).map(|body| self.body(body)),
        }
    }

    fn source_or_missing(&mut self, node: Node<'_>) -> Source {
        match tree::child(node, SyntaxKind::Source) {
            Some(source) => self.source(source),
            None => Source {
                id: self.id(tree::end_of(node)),
                format: self.missing_name(node),
                file: self.missing_name(node),
                at: None,
                body: None,
            },
        }
    }

    pub(super) fn body(&mut self, node: Node<'_>) -> Body {
        let id = self.node_id(node);
        let is_member = |node: &Node<'_>| {
            let kind = node.kind();
            matches!(kind, SyntaxKind::Field | SyntaxKind::TypeField)
                || kind.is_clause()
                || kind.is_declaration()
        };
        Body { id, members: exact(node.children().filter(is_member), |member| self.member(member)) }
    }

    fn member(&mut self, node: Node<'_>) -> Member {
        match node.kind() {
            SyntaxKind::Field => Member::Field(Box::new(self.field(node))),
            SyntaxKind::TypeField => Member::TypeField(Box::new(self.type_field(node))),
            kind if kind.is_clause() => Member::Clause(Box::new(self.clause(node))),
            _ => Member::Declaration(Box::new(self.declaration(node))),
        }
    }

    /// The fields of a record.
    pub(super) fn fields(&mut self, record: Node<'_>) -> Vec<Field> {
        exact(tree::children(record, SyntaxKind::Field), |field| self.field(field))
    }

    fn field(&mut self, node: Node<'_>) -> Field {
        let id = self.node_id(node);
        let mut path: Vec<Name> = match tree::child(node, SyntaxKind::FieldPath) {
            Some(path) => exact(tree::keys(path), |token| self.name(token)),
            None => Vec::new(),
        };
        if path.is_empty() {
            path.push(self.missing_name(node));
        }
        let value = match tree::child(node, SyntaxKind::FieldValue) {
            Some(value) => self.field_value(value),
            None => self.missing_value(node),
        };
        Field {
            id,
            doc: tree::docs(node),
            is_override: tree::has_token(node, SyntaxKind::OverrideKw),
            path: path.into(),
            value,
        }
    }

    fn missing_value(&mut self, node: Node<'_>) -> FieldValue {
        let id = self.id(tree::end_of(node));
        FieldValue { id, head: FieldValueHead::Expr(self.missing_expression(node)), tails: Box::default() }
    }

    fn field_value(&mut self, node: Node<'_>) -> FieldValue {
        let id = self.node_id(node);
        let head = match tree::child(node, SyntaxKind::EscalateValue) {
            Some(escalate) => FieldValueHead::Escalate(self.first_expression(escalate)),
            None => FieldValueHead::Expr(self.first_expression(node)),
        };
        let tails = exact(tree::children(node, SyntaxKind::Tail), |tail| self.tail(tail)).into();
        FieldValue { id, head, tails }
    }

    fn tail(&mut self, node: Node<'_>) -> Tail {
        let id = self.node_id(node);
        let keyword = tree::tokens(node).next().map(|token| token.kind());
        let kind = match keyword {
            Some(SyntaxKind::UntilKw) => TailKind::Until(self.first_expression(node)),
            Some(SyntaxKind::BecauseKw) => TailKind::Because(self.first_expression(node)),
            Some(SyntaxKind::EveryKw) => TailKind::Every(self.first_expression(node)),
            Some(SyntaxKind::DueKw) => TailKind::Due(self.first_expression(node)),
            _ => TailKind::Then(Box::new(match tree::child(node, SyntaxKind::FieldValue) {
                Some(value) => self.field_value(value),
                None => self.missing_value(node),
            })),
        };
        Tail { id, kind }
    }

    pub(super) fn type_field(&mut self, node: Node<'_>) -> TypeField {
        TypeField {
            id: self.node_id(node),
            doc: tree::docs(node),
            name: self.first_name(node),
            ty: self.first_type(node),
            default: self.expression_after(node, SyntaxKind::Eq),
        }
    }

    pub(super) fn in_binder(&mut self, node: Node<'_>) -> InBinder {
        let id = self.node_id(node);
        let mut names = tree::names(node);
        let (first, second) = (names.next(), names.next());
        InBinder {
            id,
            name: self.name_or_missing(first, node),
            second: second.map(|token| self.name(token)),
            source: self.first_expression(node),
            by: self.part_expression(node, SyntaxKind::ByPart),
            filter: self.part_expression(node, SyntaxKind::WherePart),
        }
    }

    pub(super) fn kind_binder(&mut self, node: Node<'_>) -> KindBinder {
        KindBinder {
            id: self.node_id(node),
            name: self.first_name(node),
            kind: self.first_path(node),
            by: self.part_expression(node, SyntaxKind::ByPart),
            filter: self.part_expression(node, SyntaxKind::WherePart),
        }
    }

    /// The kind binder of a declaration or a clause.
    pub(super) fn kind_binder_of(&mut self, node: Node<'_>) -> KindBinder {
        match tree::child(node, SyntaxKind::KindBinder) {
            Some(binder) => self.kind_binder(binder),
            None => self.missing_binder(node),
        }
    }

    pub(super) fn missing_binder(&mut self, node: Node<'_>) -> KindBinder {
        let id: NodeId = self.id(tree::end_of(node));
        KindBinder {
            id,
            name: self.missing_name(node),
            kind: self.path_or_missing(None, node),
            by: None,
            filter: None,
        }
    }
}
