//! Types.

use super::{Lower, exact, raw_text, string_text, tree};
use crate::{
    SyntaxKind,
    ast::{
        GenericHead, OrderedAlternative, RecordMember, Refinement, RefinementKind, TypeExpr, TypeKind,
        TypePrefix,
    },
    tree::Node,
};

impl Lower {
    /// The first type right in the node.
    pub(super) fn first_type(&mut self, node: Node<'_>) -> TypeExpr {
        match tree::type_child(node) {
            Some(ty) => self.type_expr(ty),
            None => TypeExpr { id: self.id(tree::end_of(node)), kind: TypeKind::Missing },
        }
    }

    pub(super) fn type_expr(&mut self, node: Node<'_>) -> TypeExpr {
        if node.kind() == SyntaxKind::ParenType {
            return self.first_type(node);
        }
        let id = self.node_id(node);
        TypeExpr { id, kind: self.type_kind(node) }
    }

    fn type_kind(&mut self, node: Node<'_>) -> TypeKind {
        match node.kind() {
            SyntaxKind::PathType => match tree::child(node, SyntaxKind::Path) {
                Some(path) => TypeKind::Path(self.path(path)),
                None => TypeKind::Missing,
            },
            SyntaxKind::TextType => match tree::token(node, SyntaxKind::String) {
                Some(token) => TypeKind::Text(string_text(token.text())),
                None => TypeKind::Missing,
            },
            SyntaxKind::GenericType => self.generic(node),
            SyntaxKind::OptionalType => TypeKind::Optional(Box::new(self.first_type(node))),
            SyntaxKind::PrefixedType => self.prefixed(node),
            SyntaxKind::RecordType => {
                let is_member =
                    |node: &Node<'_>| matches!(node.kind(), SyntaxKind::TypeField | SyntaxKind::DeriveClause);
                TypeKind::Record(exact(node.children().filter(is_member), |member| {
                    self.record_member(member)
                }))
            }
            SyntaxKind::UnionType => TypeKind::Union(self.types(node)),
            SyntaxKind::OrderedType => self.ordered(node),
            SyntaxKind::RefinedType => {
                let base = Box::new(self.first_type(node));
                let refinements = tree::children(node, SyntaxKind::Refinement);
                TypeKind::Refined {
                    base,
                    refinements: exact(refinements, |node| self.refinement(node)).into(),
                }
            }
            _ => TypeKind::Missing,
        }
    }

    fn types(&mut self, node: Node<'_>) -> Vec<TypeExpr> {
        exact(node.children().filter(|child| child.kind().is_type()), |ty| self.type_expr(ty))
    }

    fn generic(&mut self, node: Node<'_>) -> TypeKind {
        let head = match tree::tokens(node).next().map(|token| token.kind()) {
            Some(SyntaxKind::SetKw) => GenericHead::Set,
            Some(SyntaxKind::MapKw) => GenericHead::Map,
            _ => GenericHead::List,
        };
        TypeKind::Generic { head, arguments: self.types(node).into() }
    }

    fn prefixed(&mut self, node: Node<'_>) -> TypeKind {
        let prefix = match tree::tokens(node).next().map(|token| token.kind()) {
            Some(SyntaxKind::LinkKw) => TypePrefix::Link,
            Some(SyntaxKind::SecretKw) => TypePrefix::Secret,
            _ => TypePrefix::Ref,
        };
        TypeKind::Prefixed { prefix, inner: Box::new(self.first_type(node)) }
    }

    fn record_member(&mut self, node: Node<'_>) -> RecordMember {
        match node.kind() {
            SyntaxKind::DeriveClause => RecordMember::Derive(Box::new(self.clause(node))),
            _ => RecordMember::Field(Box::new(self.type_field(node))),
        }
    }

    fn ordered(&mut self, node: Node<'_>) -> TypeKind {
        let alternatives = exact(tree::children(node, SyntaxKind::OrderedAlternative), |alternative| {
            let name = self.name_or_missing(tree::names(alternative).next(), alternative);
            let wire = tree::token(alternative, SyntaxKind::String).map(|token| string_text(token.text()));
            OrderedAlternative { name, wire }
        });
        TypeKind::Ordered(alternatives)
    }

    fn refinement(&mut self, node: Node<'_>) -> Refinement {
        let id = self.node_id(node);
        let Some(first) = tree::tokens(node).next() else {
            return Refinement { id, kind: RefinementKind::Nocase };
        };
        let kind = match first.kind() {
            SyntaxKind::InKw => RefinementKind::In(self.first_expression(node)),
            SyntaxKind::SizeKw => RefinementKind::Size(self.first_expression(node)),
            SyntaxKind::WhereKw => RefinementKind::Where(self.first_expression(node)),
            SyntaxKind::NocaseKw => RefinementKind::Nocase,
            SyntaxKind::MatchingKw => {
                let regex = tree::token(node, SyntaxKind::RawString);
                RefinementKind::Matching(regex.map(|token| raw_text(token.text())).unwrap_or_default())
            }
            _ => RefinementKind::Wire(string_text(first.text())),
        };
        Refinement { id, kind }
    }
}
