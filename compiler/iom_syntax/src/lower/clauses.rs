//! Clauses.

use super::{Lower, exact, tree};
use crate::{
    SyntaxKind,
    ast::{Adapter, Binder, Body, Clause, ClauseKind, Expect, Fix, Given, Member, Name, Require, Text},
    tree::{Node, Token},
};

impl Lower {
    pub(super) fn clause(&mut self, node: Node<'_>) -> Clause {
        let id = self.node_id(node);
        let aliases = exact(tree::children(node, SyntaxKind::Alias), |alias| {
            self.text_or_missing(tree::token(alias, SyntaxKind::String), alias)
        });
        Clause { id, doc: tree::docs(node), aliases, kind: self.clause_kind(node) }
    }

    fn clause_kind(&mut self, node: Node<'_>) -> ClauseKind {
        use SyntaxKind as K;
        match node.kind() {
            K::ForClause => self.for_clause(node),
            K::RequireClause => ClauseKind::Require(self.require(node)),
            K::AllowClause => ClauseKind::Allow {
                when: self.first_expression(node),
                message: self.clause_part(node, K::ElseKw),
            },
            K::DenyClause => ClauseKind::Deny {
                when: self.first_expression(node),
                message: self.clause_part(node, K::ElseKw),
            },
            K::EscalateClause => ClauseKind::Escalate {
                to: self.first_expression(node),
                when: self.clause_part(node, K::WhenKw),
                message: self.clause_part(node, K::ElseKw),
            },
            K::LetClause => {
                ClauseKind::Let { name: self.first_name(node), value: self.first_expression(node) }
            }
            K::DeriveClause => ClauseKind::Derive {
                name: self.first_name(node),
                ty: self.first_type(node),
                value: self.first_expression(node),
            },
            K::TransitionClause => ClauseKind::Transition {
                field: self.first_name(node),
                steps: exact(tree::children(node, K::TransitionStep), |step| self.step(step)),
            },
            K::IdentityClause => ClauseKind::Identity(exact(tree::names(node), |token| self.name(token))),
            K::AdapterClause => ClauseKind::Adapter(self.adapter(node)),
            K::KeyClause => ClauseKind::Key(exact(tree::expressions(node), |path| self.expression(path))),
            K::PartClause => ClauseKind::Part {
                is_many: tree::has_token(node, K::PartsKw),
                name: self.name_or_missing(tree::names(node).next(), node),
                source_type: self.text_or_missing(tree::token(node, K::String), node),
                on: self.first_expression(node),
            },
            K::JudgesClause => {
                ClauseKind::Judges { binder: self.kind_binder_of(node), body: self.body_of(node) }
            }
            K::BuildClause => ClauseKind::Build { target: self.first_name(node), body: self.body_of(node) },
            K::GivenClause => ClauseKind::Given(self.given(node)),
            K::ExpectClause => ClauseKind::Expect(self.expect_clause(node)),
            _ => ClauseKind::Error,
        }
    }

    /// The expression of a part such as `at ..` or `else ..`.
    fn clause_part(&mut self, node: Node<'_>, keyword: SyntaxKind) -> Option<crate::ast::Expr> {
        tree::part(node, keyword).map(|part| self.first_expression(part))
    }

    fn for_clause(&mut self, node: Node<'_>) -> ClauseKind {
        let binder = match tree::child(node, SyntaxKind::InBinder) {
            Some(binder) => Binder::In(self.in_binder(binder)),
            None => Binder::Kind(self.kind_binder_of(node)),
        };
        let body = match tree::child(node, SyntaxKind::ForClause) {
            Some(inner) => {
                Body { id: self.node_id(inner), members: vec![Member::Clause(Box::new(self.clause(inner)))] }
            }
            None => self.body_of(node),
        };
        ClauseKind::For { binder, body }
    }

    fn require(&mut self, node: Node<'_>) -> Require {
        Require {
            label: tree::names(node).next().map(|token| self.name(token)),
            condition: self.first_expression(node),
            at: self.clause_part(node, SyntaxKind::AtKw),
            message: self.clause_part(node, SyntaxKind::ElseKw),
            fix: tree::child(node, SyntaxKind::FixPart).map(|fix| Fix {
                of: tree::names(fix).next().map(|token| self.name(token)),
                fields: match tree::child(fix, SyntaxKind::RecordExpr) {
                    Some(record) => self.fields(record),
                    None => Vec::new(),
                },
            }),
        }
    }

    fn step(&mut self, node: Node<'_>) -> (Name, Name) {
        let mut names = tree::names(node);
        let (from, to) = (names.next(), names.next());
        (self.name_or_missing(from, node), self.name_or_missing(to, node))
    }

    fn adapter(&mut self, node: Node<'_>) -> Adapter {
        let format = self.name_or_missing(tree::names(node).next(), node);
        let source_types: Vec<Text> =
            exact(tree::tokens(node).filter(|token| token.kind() == SyntaxKind::String), |token| {
                self.text_or_missing(Some(token), node)
            });
        Adapter {
            format,
            is_data: tree::has_token(node, SyntaxKind::DataKw),
            source_types,
            at: self.clause_part(node, SyntaxKind::AtKw),
            each: self.clause_part(node, SyntaxKind::EachKw),
            filter: self.part_expression(node, SyntaxKind::WherePart),
            body: self.body_of(node),
        }
    }

    fn given(&mut self, node: Node<'_>) -> Given {
        let name = tree::names(node).next();
        let file = tree::token(node, SyntaxKind::String);
        if file.is_some() {
            return Given::File {
                format: self.name_or_missing(name, node),
                file: self.text_or_missing(file, node),
            };
        }
        let text = tree::token(node, SyntaxKind::LongString);
        if text.is_some() {
            return Given::Inline {
                format: self.name_or_missing(name, node),
                text: self.text_or_missing(text, node),
            };
        }
        Given::Declared { layer: name.map(|token| self.name(token)), body: self.body_of(node) }
    }

    fn expect_clause(&mut self, node: Node<'_>) -> Expect {
        let subject = self.first_expression(node);
        let is_verdict = |token: &Token<'_>| {
            use SyntaxKind::*;
            matches!(token.kind(), PassesKw | FailsKw | UnknownKw | ExceptedKw | NotApplicableKw)
        };
        let after_fix = tree::has_token(node, SyntaxKind::AfterKw);
        match tree::tokens(node).find(is_verdict) {
            None if !after_fix => Expect::Expr(subject),
            verdict => Expect::Verdict {
                after_fix,
                policy: subject,
                verdict: self.name_or_missing(verdict, node),
                on: self.clause_part(node, SyntaxKind::OnKw),
                because: tree::part(node, SyntaxKind::BecauseKw)
                    .map(|part| self.text_or_missing(tree::token(part, SyntaxKind::String), part)),
            },
        }
    }
}
