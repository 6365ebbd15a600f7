use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::evaluate::Evaluator;
use super::tree::{Shape, Tree};

impl Evaluator<'_> {
    pub fn unary(&self, operator: UnaryOperator, value: Tree) -> Tree {
        let shape = match (operator, &value.shape) {
            (UnaryOperator::Not, Shape::Bool(one)) => Some(Shape::Bool(!one)),
            (UnaryOperator::Neg, Shape::Int(number)) => number.checked_neg().map(Shape::Int),
            (UnaryOperator::Neg, Shape::Number(text)) => Some(Shape::Number(match text.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{text}"),
            })),
            _ => None,
        };
        match shape {
            Some(shape) => Tree { shape, ..value },
            None => self.not_computed(&[&value], value.offset),
        }
    }

    pub fn binary(&self, operator: BinaryOperator, left: &Tree, right: &Tree) -> Tree {
        use BinaryOperator as Op;
        let numbers = match (&left.shape, &right.shape) {
            (Shape::Int(left), Shape::Int(right)) => Some((*left, *right)),
            _ => None,
        };
        let shape = match (operator, &left.shape, &right.shape) {
            (Op::And, Shape::Bool(left), Shape::Bool(right)) => Some(Shape::Bool(*left && *right)),
            (Op::Or, Shape::Bool(left), Shape::Bool(right)) => Some(Shape::Bool(*left || *right)),
            (Op::Eq, left, right) => equal(left, right).map(Shape::Bool),
            (Op::NotEq, left, right) => equal(left, right).map(|same| Shape::Bool(!same)),
            _ => numbers.and_then(|(left, right)| match operator {
                Op::Plus => left.checked_add(right).map(Shape::Int),
                Op::Minus => left.checked_sub(right).map(Shape::Int),
                Op::Mul => left.checked_mul(right).map(Shape::Int),
                Op::Div if right != 0 && left.checked_rem(right) == Some(0) => {
                    left.checked_div(right).map(Shape::Int)
                }
                Op::Mod => left.checked_rem(right).map(Shape::Int),
                Op::Less => Some(Shape::Bool(left < right)),
                Op::LessEq => Some(Shape::Bool(left <= right)),
                Op::Greater => Some(Shape::Bool(left > right)),
                Op::GreaterEq => Some(Shape::Bool(left >= right)),
                _ => None,
            }),
        };
        match shape {
            Some(shape) => {
                let mut value = Tree::new(shape, left.offset);
                value.inherit(left);
                value.inherit(right);
                value
            }
            None => self.not_computed(&[left, right], left.offset),
        }
    }
}

/// Of plain values; `None`: not known.
fn equal(left: &Shape, right: &Shape) -> Option<bool> {
    Some(match (left, right) {
        (Shape::Bool(left), Shape::Bool(right)) => left == right,
        (Shape::Int(left), Shape::Int(right)) => left == right,
        (Shape::Text(left), Shape::Text(right)) => left == right,
        (Shape::Null, Shape::Null) => true,
        (
            Shape::Null,
            Shape::Bool(_) | Shape::Int(_) | Shape::Text(_) | Shape::List(_) | Shape::Object(_),
        )
        | (
            Shape::Bool(_) | Shape::Int(_) | Shape::Text(_) | Shape::List(_) | Shape::Object(_),
            Shape::Null,
        ) => false,
        _ => return None,
    })
}
