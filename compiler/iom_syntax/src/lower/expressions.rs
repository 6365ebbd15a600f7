//! Expressions.

use smol_str::SmolStr;

use super::{Lower, exact, long_text, raw_text, string_text, tree};
use crate::{
    SyntaxKind,
    ast::{
        Arm, BinaryOp, Expr, ExprKind, Literal, Name, Pattern, PatternKind, Quantifier, StringPart, UnaryOp,
    },
    tree::{Node, Token},
};

impl Lower {
    /// The first expression right in the node.
    pub(super) fn first_expression(&mut self, node: Node<'_>) -> Expr {
        self.expression_or_missing(tree::expressions(node).next(), node)
    }

    pub(super) fn expression_or_missing(&mut self, expression: Option<Node<'_>>, node: Node<'_>) -> Expr {
        match expression {
            Some(expression) => self.expression(expression),
            None => self.missing_expression(node),
        }
    }

    pub(super) fn missing_expression(&mut self, node: Node<'_>) -> Expr {
        Expr { id: self.id(tree::end_of(node)), kind: ExprKind::Missing }
    }

    pub(super) fn boxed(&mut self, expression: Option<Node<'_>>, node: Node<'_>) -> Box<Expr> {
        Box::new(self.expression_or_missing(expression, node))
    }

    /// The expression after a token, if there is one.
    pub(super) fn expression_after(&mut self, node: Node<'_>, after: SyntaxKind) -> Option<Expr> {
        tree::expression_after(node, after).map(|expression| self.expression(expression))
    }

    /// The expression of a `by` or `where` part.
    pub(super) fn part_expression(&mut self, node: Node<'_>, part: SyntaxKind) -> Option<Expr> {
        tree::child(node, part).map(|part| self.first_expression(part))
    }

    pub(super) fn expression(&mut self, node: Node<'_>) -> Expr {
        if node.kind() == SyntaxKind::ParenExpr {
            return self.first_expression(node);
        }
        let id = self.node_id(node);
        Expr { id, kind: self.expression_kind(node) }
    }

    fn expression_kind(&mut self, node: Node<'_>) -> ExprKind {
        use SyntaxKind as K;
        match node.kind() {
            K::Literal => literal(node),
            K::StringExpr => self.string(node),
            K::NameExpr => match tree::names(node).next() {
                Some(name) => ExprKind::Name(name.text().into()),
                None => ExprKind::Missing,
            },
            K::DotField => ExprKind::DotField(self.first_name(node)),
            K::Outer => ExprKind::Outer,
            K::ContextExpr => self.context(node),
            K::RecordExpr => ExprKind::Record(self.fields(node)),
            K::SetExpr => ExprKind::Set(self.elements(node)),
            K::ListExpr => ExprKind::List(self.elements(node)),
            K::ListComprehension | K::MapComprehension => self.comprehension(node),
            K::QuantifierExpr => self.quantifier(node),
            K::IfExpr => self.conditional(node),
            K::LetExpr => self.let_expression(node),
            K::MatchExpr => self.match_expression(node),
            K::PrefixExpr => self.prefix(node),
            K::BinaryExpr => self.binary(node),
            _ => self.postfix(node),
        }
    }

    fn string(&mut self, node: Node<'_>) -> ExprKind {
        let mut parts = Vec::new();
        for element in node.children_with_tokens() {
            match element.kind() {
                SyntaxKind::StringText => {
                    let text = element.token().map(Token::text).unwrap_or_default();
                    parts.push(StringPart::Text(crate::lexer::unescape(text).into()));
                }
                SyntaxKind::Interpolation => {
                    if let Some(interpolation) = element.node() {
                        parts.push(StringPart::Expr(self.first_expression(interpolation)));
                    }
                }
                _ => {}
            }
        }
        parts.shrink_to_fit();
        ExprKind::String(parts)
    }

    fn context(&mut self, node: Node<'_>) -> ExprKind {
        match tree::token(node, SyntaxKind::Context) {
            Some(token) => {
                let text = SmolStr::new(token.text().trim_start_matches('$'));
                ExprKind::Context(Name { id: self.id(token.text_range()), text, quoted: false })
            }
            None => ExprKind::Missing,
        }
    }

    fn elements(&mut self, node: Node<'_>) -> Vec<Expr> {
        exact(tree::expressions(node), |element| self.expression(element))
    }

    fn comprehension(&mut self, node: Node<'_>) -> ExprKind {
        let binders = exact(tree::children(node, SyntaxKind::InBinder), |binder| self.in_binder(binder));
        let first = self.boxed(tree::expression_after(node, SyntaxKind::Colon), node);
        if node.kind() == SyntaxKind::ListComprehension {
            return ExprKind::ListComprehension { binders, value: first };
        }
        let value = self.boxed(tree::expression_after(node, SyntaxKind::FatArrow), node);
        ExprKind::MapComprehension { binders, key: first, value }
    }

    fn quantifier(&mut self, node: Node<'_>) -> ExprKind {
        let quantifier = match tree::tokens(node).next().map(|token| token.kind()) {
            Some(SyntaxKind::AllKw) => Quantifier::All,
            Some(SyntaxKind::AnyKw) => Quantifier::Any,
            _ => Quantifier::None,
        };
        let Some(binder) = tree::child(node, SyntaxKind::InBinder) else { return ExprKind::Missing };
        let binder = Box::new(self.in_binder(binder));
        let body = self.boxed(tree::expression_after(node, SyntaxKind::Colon), node);
        ExprKind::Quantifier { quantifier, binder, body }
    }

    fn conditional(&mut self, node: Node<'_>) -> ExprKind {
        ExprKind::If {
            condition: self.boxed(tree::expression_after(node, SyntaxKind::IfKw), node),
            then: self.boxed(tree::expression_after(node, SyntaxKind::ThenKw), node),
            otherwise: self.boxed(tree::expression_after(node, SyntaxKind::ElseKw), node),
        }
    }

    fn let_expression(&mut self, node: Node<'_>) -> ExprKind {
        ExprKind::Let {
            name: Box::new(self.name_or_missing(tree::names(node).next(), node)),
            value: self.boxed(tree::expression_after(node, SyntaxKind::Eq), node),
            body: self.boxed(tree::expression_after(node, SyntaxKind::Colon), node),
        }
    }

    fn match_expression(&mut self, node: Node<'_>) -> ExprKind {
        let scrutinee = self.boxed(tree::expressions(node).next(), node);
        let arms = exact(tree::children(node, SyntaxKind::Arm), |arm| self.arm(arm));
        ExprKind::Match { scrutinee, arms }
    }

    fn arm(&mut self, node: Node<'_>) -> Arm {
        Arm {
            id: self.node_id(node),
            patterns: exact(tree::children(node, SyntaxKind::Pattern), |pattern| self.pattern(pattern)),
            value: self.first_expression(node),
        }
    }

    fn pattern(&mut self, node: Node<'_>) -> Pattern {
        let id = self.node_id(node);
        let kind = match (tree::child(node, SyntaxKind::Literal), tree::type_child(node)) {
            (Some(value), _) => match literal(value) {
                ExprKind::Literal(value) => PatternKind::Literal(value),
                ExprKind::String(parts) => PatternKind::String(match parts.into_iter().next() {
                    Some(StringPart::Text(text)) => text,
                    _ => SmolStr::default(),
                }),
                _ => PatternKind::Error,
            },
            (None, Some(ty)) => PatternKind::Type {
                ty: self.type_expr(ty),
                binder: tree::names(node).next().map(|token| self.name(token)),
            },
            (None, None) => PatternKind::Error,
        };
        Pattern { id, kind }
    }

    fn prefix(&mut self, node: Node<'_>) -> ExprKind {
        let operator = tree::child(node, SyntaxKind::Operator).and_then(|node| tree::tokens(node).next());
        let op = match operator.map(|token| token.kind()) {
            Some(SyntaxKind::NotKw) => UnaryOp::Not,
            Some(SyntaxKind::RefKw) => UnaryOp::Ref,
            Some(SyntaxKind::RefsKw) => UnaryOp::Refs,
            _ => UnaryOp::Negate,
        };
        ExprKind::Unary { op, operand: self.boxed(tree::expressions(node).next(), node) }
    }

    fn binary(&mut self, node: Node<'_>) -> ExprKind {
        let mut operands = tree::expressions(node);
        let (left, right) = (operands.next(), operands.next());
        let Some(operator) = tree::child(node, SyntaxKind::Operator) else { return ExprKind::Missing };
        let left = self.boxed(left, node);
        let op_id = self.node_id(operator);
        let right = self.boxed(right, node);
        match binary_operator(operator) {
            Some(op) => ExprKind::Binary { op, op_id, left, right },
            None => ExprKind::Missing,
        }
    }
}

fn binary_operator(operator: Node<'_>) -> Option<BinaryOp> {
    use SyntaxKind as K;
    let token = tree::tokens(operator).next()?;
    Some(match token.kind() {
        K::OrKw => BinaryOp::Or,
        K::AndKw => BinaryOp::And,
        K::EqEq => BinaryOp::Equal,
        K::BangEq => BinaryOp::NotEqual,
        K::Lt => BinaryOp::Less,
        K::LtEq => BinaryOp::LessEqual,
        K::Gt => BinaryOp::Greater,
        K::GtEq => BinaryOp::GreaterEqual,
        K::InKw => BinaryOp::In,
        K::NotKw => BinaryOp::NotIn,
        K::ContainsKw => BinaryOp::Contains,
        K::OverlapsKw => BinaryOp::Overlaps,
        K::CoversKw => BinaryOp::Covers,
        K::WithinKw => BinaryOp::Within,
        K::ConformsKw => BinaryOp::Conforms,
        K::MatchesKw => BinaryOp::Matches,
        K::MatchingKw => BinaryOp::Matching,
        K::LikeKw => BinaryOp::Like,
        K::QuestionQuestion => BinaryOp::Coalesce,
        K::DefaultKw => BinaryOp::Default,
        K::NamedKw => BinaryOp::Named,
        K::DotDot => BinaryOp::Range,
        K::Plus => BinaryOp::Add,
        K::Minus => BinaryOp::Subtract,
        K::PlusPlus => BinaryOp::Concat,
        K::Star => BinaryOp::Multiply,
        K::Slash => BinaryOp::Divide,
        K::WhereKw => BinaryOp::Where,
        _ => return None,
    })
}

/// A literal node.
fn literal(node: Node<'_>) -> ExprKind {
    let Some(token) = tree::tokens(node).next() else { return ExprKind::Missing };
    let text = token.text();
    ExprKind::Literal(match token.kind() {
        SyntaxKind::TrueKw => Literal::Bool(true),
        SyntaxKind::FalseKw => Literal::Bool(false),
        SyntaxKind::Number => Literal::Number(text.into()),
        SyntaxKind::Duration => Literal::Duration(text.into()),
        SyntaxKind::Size => Literal::Size(text.into()),
        SyntaxKind::Date => Literal::Date(text.into()),
        SyntaxKind::Ipv4 => Literal::Ipv4(text.into()),
        SyntaxKind::LongString => Literal::Long(long_text(text)),
        SyntaxKind::RawString => Literal::Raw(raw_text(text)),
        SyntaxKind::String => {
            let text = string_text(text);
            return ExprKind::String(if text.is_empty() { Vec::new() } else { vec![StringPart::Text(text)] });
        }
        _ => return ExprKind::Missing,
    })
}
