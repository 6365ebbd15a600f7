//! Conditions, as far as parameters and mappings decide them.

use super::evaluate::{Evaluator, Truth};
use crate::tape::Symbol;
use crate::tree::NodeId;

/// Conditions that name one another go no deeper.
const DEEPEST: u32 = 200;

impl Evaluator<'_, '_> {
    /// Whether a condition holds; unknown where the template does not say, has no such condition, or it needs itself.
    pub(super) fn condition(&mut self, name: Symbol) -> Truth {
        self.named(name, 0)
    }

    fn named(&mut self, name: Symbol, depth: u32) -> Truth {
        if let Some(known) = self.known.get(&name) {
            return known.flatten();
        }
        let node = *self.conditions.get(&name)?;
        self.known.insert(name, None);
        let truth = self.truth(node, depth + 1);
        self.known.insert(name, Some(truth));
        truth
    }

    pub(super) fn truth(&mut self, node: NodeId, depth: u32) -> Truth {
        if depth > DEEPEST {
            return None;
        }
        let call = self.call(node)?;
        let arguments: Vec<NodeId> =
            self.tree.elements(call.argument).iter().map(|child| child.node).collect();
        match (call.name, arguments.as_slice()) {
            ("Condition", _) => {
                let name = self.strings.get(self.tree.text(call.argument)?)?;
                self.named(name, depth + 1)
            }
            ("Equals", [left, right]) => {
                let (left, right) = (self.value(*left).as_text()?, self.value(*right).as_text()?);
                Some(left == right)
            }
            ("Not", [inner]) => self.truth(*inner, depth + 1).map(|truth| !truth),
            ("And" | "Or", parts) => {
                let deciding = call.name == "Or";
                let mut all = Some(!deciding);
                for part in parts {
                    match self.truth(*part, depth + 1) {
                        Some(truth) if truth == deciding => return Some(deciding),
                        Some(_) => {}
                        None => all = None,
                    }
                }
                all
            }
            _ => None,
        }
    }
}
