//! What follows a first expression.

use super::{Lower, exact, tree};
use crate::{
    SyntaxKind,
    ast::{Argument, ExprKind},
    tree::Node,
};

impl Lower {
    pub(super) fn postfix(&mut self, node: Node<'_>) -> ExprKind {
        let mut inner = tree::expressions(node);
        let (base, second) = (inner.next(), inner.next());
        match node.kind() {
            SyntaxKind::IsExpr => ExprKind::Is {
                value: self.boxed(base, node),
                negated: tree::has_token(node, SyntaxKind::NotKw),
                test: Box::new(self.path_or_missing(tree::child(node, SyntaxKind::Path), node)),
            },
            SyntaxKind::FieldExpr => ExprKind::Field {
                base: self.boxed(base, node),
                name: Box::new(self.first_name(node)),
                optional: tree::has_token(node, SyntaxKind::QuestionDot),
            },
            SyntaxKind::IndexExpr => ExprKind::Index {
                base: self.boxed(base, node),
                index: self.boxed(second, node),
                optional: tree::has_token(node, SyntaxKind::Question),
            },
            SyntaxKind::CallExpr => {
                ExprKind::Call { callee: self.boxed(base, node), arguments: self.arguments(node) }
            }
            SyntaxKind::WithExpr => {
                let base = self.boxed(base, node);
                ExprKind::With { base, fields: second.map(|record| self.fields(record)).unwrap_or_default() }
            }
            SyntaxKind::AsExpr => self.cast(node, base, second),
            _ => ExprKind::Missing,
        }
    }

    fn cast(&mut self, node: Node<'_>, base: Option<Node<'_>>, record: Option<Node<'_>>) -> ExprKind {
        let base = self.boxed(base, node);
        match record {
            Some(record) => ExprKind::AsRecord { base, fields: self.fields(record) },
            None => ExprKind::AsType { base, ty: Box::new(self.first_type(node)) },
        }
    }

    fn arguments(&mut self, node: Node<'_>) -> Vec<Argument> {
        let Some(arguments) = tree::child(node, SyntaxKind::Arguments) else { return Vec::new() };
        exact(tree::children(arguments, SyntaxKind::Argument), |argument| Argument {
            id: self.node_id(argument),
            name: tree::names(argument).next().map(|token| self.name(token)),
            value: self.first_expression(argument),
        })
    }
}
