//! States: nodes in one layer or two, of which anything may be said.

use iom_state::document::Layer;

use super::Generator;
use crate::program::WORDS;
use crate::state::{Node, Said, State};

impl Generator {
    pub(super) fn state(&mut self) -> State {
        let layers: &[Layer] = match self.roll(6) {
            0 => &[Layer::Intended],
            1 => &[Layer::Built, Layer::Running],
            2 => &[Layer::Intended, Layer::Built],
            _ => &[Layer::Built],
        };
        let layers = layers.iter().map(|layer| {
            let chosen: Vec<usize> = (0..6).filter(|_| self.roll(3) > 0).collect();
            let nodes = chosen.iter().map(|number| self.state_node(*layer, *number, &chosen));
            (*layer, nodes.collect())
        });
        State { layers: layers.collect() }
    }

    fn state_node(&mut self, layer: Layer, number: usize, others: &[usize]) -> Node {
        let is_declared = layer == Layer::Intended;
        let mut fields = Vec::new();
        for field in ["name", "peer", "size", "level", "live", "mode", "spec", "ports", "parts", "marks"] {
            if self.roll(5) > 0 {
                let said = match (is_declared, self.roll(12)) {
                    (false, 0) => Said::Given(self.one_of(others)),
                    _ => self.said(field, is_declared),
                };
                fields.push((field, said));
            }
        }
        if self.roll(4) > 0 {
            let next = match self.roll(if is_declared { 3 } else { 7 }) {
                0..=2 => Said::Id(self.one_of(others)),
                3 => Said::Reference(self.one_of(others)),
                // One that may be in another layer only, or nowhere.
                4 => Said::Id(self.roll(8)),
                5 => Said::Any,
                _ => Said::Later,
            };
            fields.push(("next", next));
        }
        if self.roll(3) > 0 {
            let ids = (0..self.roll(3)).map(|_| match (is_declared, self.roll(6)) {
                (false, 0) => Said::Id(self.roll(8)),
                _ => Said::Id(self.one_of(others)),
            });
            fields.push(("others", Said::List(ids.collect())));
        }
        Node { number, fields }
    }

    fn said(&mut self, field: &str, is_declared: bool) -> Said {
        let is_compound = matches!(field, "spec" | "ports" | "parts" | "marks");
        match self.roll(12) {
            0 => return Said::Later,
            1 if !is_declared && !is_compound => return Said::Malformed,
            1 if !is_declared => return Said::Bool(true),
            _ => {}
        }
        match field {
            // Declarations say all of a text.
            "name" | "peer" if !is_declared && self.roll(4) == 0 => {
                Said::Partly(self.one_of(&["", "a", "b", "ab"]), self.one_of(&["", "", "b", "ab"]))
            }
            "name" | "peer" | "label" => Said::Text(self.one_of(&["a", "b", "ab"])),
            "live" => Said::Bool(self.roll(2) == 0),
            "mode" => Said::Text(self.one_of(&WORDS)),
            "spec" => {
                let mut fields = Vec::new();
                for field in ["size", "mode", "label"] {
                    if self.roll(3) > 0 {
                        fields.push((field, self.said(field, is_declared)));
                    }
                }
                Said::Fields(fields)
            }
            "ports" => Said::List((0..self.roll(4)).map(|_| self.said("size", is_declared)).collect()),
            "parts" => Said::List(
                (0..self.roll(3))
                    .map(|_| {
                        loop {
                            if let said @ Said::Fields(_) = self.said("spec", is_declared) {
                                return said;
                            }
                        }
                    })
                    .collect(),
            ),
            "marks" => {
                let mut fields = Vec::new();
                for key in ["a", "b"] {
                    if self.roll(2) == 0 {
                        fields.push((key, self.said("size", is_declared)));
                    }
                }
                Said::Fields(fields)
            }
            _ => Said::Int(self.roll(5) as i64),
        }
    }
}
