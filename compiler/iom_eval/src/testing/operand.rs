use iom_model::{CompareOp, Compared, Operand};

use super::ShownValue;
use crate::evaluate::Evaluator;
use crate::program::ConditionCode;
use crate::value::Value;

/// Longer values are cut: the beginning says enough.
const MAX_TEXT: usize = 240;

/// A value as an expectation would write it: texts in quotes, lists in brackets.
pub(super) fn shown(evaluator: &mut Evaluator<'_>, value: &Value, is_word: bool) -> String {
    let estate = evaluator.estate;
    let text = match value {
        Value::Text(_) | Value::Made(_) if !is_word => format!("\"{}\"", estate.render(value)),
        Value::Unknown(causes) => {
            let causes: Vec<&str> = causes.names().collect();
            format!("unknown ({})", causes.join(", "))
        }
        Value::List(list) | Value::Set(list) => {
            let mut items: Vec<String> =
                list.items.iter().map(|item| shown(evaluator, item, is_word)).collect();
            // There may be more than are known.
            items.extend(list.open.map(|_| "..".to_owned()));
            format!("[{}]", items.join(", "))
        }
        other => estate.render(other),
    };
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text,
    }
}

/// The values of a condition's parts, those left out that say no more than how they are written.
pub(super) fn values(
    evaluator: &mut Evaluator<'_>,
    code: &ConditionCode,
    operands: &[Operand],
) -> Vec<ShownValue> {
    let mut found: Vec<ShownValue> = Vec::new();
    for (code, operand) in code.operands.iter().zip(operands) {
        if found.iter().any(|known| known.source == operand.source) {
            continue;
        }
        let raw = evaluator.raw(code);
        let value = evaluator.estate.force(raw);
        let text = shown(evaluator, &value, operand.is_word);
        if text != operand.source {
            found.push(ShownValue { source: operand.source.clone(), value: text });
        }
    }
    found
}

/// What a comparison should have found, and what it found.
pub(super) fn sides(
    evaluator: &mut Evaluator<'_>,
    code: &ConditionCode,
    compared: &Compared,
) -> Option<(String, String)> {
    let (left, right) = code.compared.as_ref()?;
    // Beside a word of an enum stands another one.
    let is_word = compared.left.is_word || compared.right.is_word;
    let mut value = |code| {
        let raw = evaluator.raw(code);
        let value = evaluator.estate.force(raw);
        shown(evaluator, &value, is_word)
    };
    let (found, wanted) = (value(left), value(right));
    let wanted = match compared.op {
        CompareOp::Equal => wanted,
        CompareOp::NotEqual => format!("anything but {wanted}"),
        CompareOp::Less => format!("less than {wanted}"),
        CompareOp::LessEqual => format!("at most {wanted}"),
        CompareOp::Greater => format!("more than {wanted}"),
        CompareOp::GreaterEqual => format!("at least {wanted}"),
    };
    Some((wanted, found))
}
