//! Which tokens of one line stand side by side without a blank.

use iom_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

fn parent_kind(token: &SyntaxToken) -> SyntaxKind {
    token.parent().map_or(SyntaxKind::File, |parent| SyntaxNode::kind(&parent))
}

/// Whether a blank stands between two tokens that follow each other on a line.
pub(crate) fn is_spaced(left: &SyntaxToken, right: &SyntaxToken) -> bool {
    !(hugs_right(left) || hugs_left(right))
}

/// Nothing stands between the token and the next.
fn hugs_right(token: &SyntaxToken) -> bool {
    use SyntaxKind::*;
    let parent = parent_kind(token);
    match token.kind() {
        LParen | LBracket | Dot | QuestionDot | DotDot => true,
        StringStart | StringText | InterpolationOpen | InterpolationClose => true,
        LBrace => matches!(parent, SetExpr | MapComprehension | UseNames),
        Lt => parent == GenericType,
        Question => parent == IndexExpr,
        Minus => is_sign(token),
        _ => false,
    }
}

/// Nothing stands between the token and the one before.
fn hugs_left(token: &SyntaxToken) -> bool {
    use SyntaxKind::*;
    let parent = parent_kind(token);
    match token.kind() {
        // `kind Bucket : ObjectStore`, but `blueprint b(): ObjectStore`
        Colon if parent == Traits => !follows_name(token),
        RParen | RBracket | Comma | Colon | DotDot | Question | QuestionDot => true,
        StringText | InterpolationOpen | InterpolationClose | StringEnd => true,
        Dot => parent != DotField,
        RBrace => matches!(parent, SetExpr | MapComprehension | UseNames),
        LParen => matches!(parent, Arguments | Parameters),
        LBracket => parent == IndexExpr,
        Lt | Gt => parent == GenericType,
        _ => false,
    }
}

/// Whether the traits stand after the name of a kind or a trait.
fn follows_name(colon: &SyntaxToken) -> bool {
    let declaration = colon.parent().and_then(|traits| traits.parent());
    declaration
        .is_some_and(|node| matches!(node.kind(), SyntaxKind::KindDeclaration | SyntaxKind::TraitDeclaration))
}

/// A minus before one operand.
fn is_sign(token: &SyntaxToken) -> bool {
    let operator = token.parent().filter(|parent| parent.kind() == SyntaxKind::Operator);
    operator.and_then(|operator| operator.parent()).is_some_and(|node| node.kind() == SyntaxKind::PrefixExpr)
}
