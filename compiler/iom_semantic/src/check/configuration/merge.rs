//! Merging, on trees of checked values. Nothing here depends on the order in which bodies of one rank are met, except
//! which of two places an error is told at.

use iom_model::{Change, Expr, OriginRole, QualifiedName};
use smol_str::SmolStr;

use crate::infer::{Entry, Override, Parts, Set};
use crate::items::Place;

/// Two places that do not go together, or one that has no counterpart.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Fault {
    /// Sets what the base sets, without `override`.
    NotOverridden {
        place: Place,
        first: Place,
        path: String,
        base: QualifiedName,
    },
    Disagree {
        place: Place,
        other: Place,
        path: String,
    },
    /// Two amendments override the same, and not to the same value or not as long.
    OverridesDisagree {
        place: Place,
        other: Place,
        path: String,
    },
    /// A part of something that is set as a whole elsewhere, or the other way round.
    SetAsAWhole {
        place: Place,
        other: Place,
        path: String,
    },
    NothingToOverride {
        place: Place,
        path: String,
    },
}

/// A place that has a say in a value.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Contribution {
    pub path: Vec<SmolStr>,
    pub place: Place,
    pub role: OriginRole,
    pub change: Option<Change>,
}

/// What one declaration writes about a resource.
pub(super) struct Body {
    pub role: OriginRole,
    pub entries: Vec<Entry>,
}

/// An `override` at its path.
#[derive(Clone)]
struct Overriding {
    path: Vec<SmolStr>,
    place: Place,
    over: Override,
}

/// Says what is wrong where two entries of one name (and path) cannot be joined.
type Meet<'a> = dyn FnMut(&mut Vec<Fault>, &Entry, Entry, String) + 'a;

#[derive(Default)]
pub(super) struct Merging {
    pub entries: Vec<Entry>,
    pub contributions: Vec<Contribution>,
    pub faults: Vec<Fault>,
    base: QualifiedName,
    /// How much higher the slots of an amendment are than those of the body.
    shift: u32,
}

impl Merging {
    /// Starts from what a base sets.
    pub fn inheriting(entries: Vec<Entry>, base: &QualifiedName) -> Merging {
        let mut merging = Merging { base: base.clone(), ..Merging::default() };
        merging.note(&entries, &OriginRole::Base(base.clone()));
        merging.entries = entries;
        merging
    }

    /// Lays bodies of one rank over what is there: what they set must agree; then come overrides, those of an `amend`
    /// last.
    pub fn lay(&mut self, bodies: Vec<Body>, shift: u32) {
        self.shift = shift;
        let mut settings: Vec<Entry> = Vec::new();
        let mut overriding: Vec<(OriginRole, Vec<Overriding>)> = Vec::new();
        for body in bodies {
            let mut overrides = Vec::new();
            let plain = split(body.entries, &mut Vec::new(), &mut overrides);
            self.note(&plain, &body.role);
            self.agree(&mut settings, plain);
            overriding.push((body.role, overrides));
        }
        let mut entries = std::mem::take(&mut self.entries);
        self.overlay(&mut entries, settings, &mut Vec::new());
        self.entries = entries;
        let mut amended: Vec<Overriding> = Vec::new();
        for (role, overrides) in overriding {
            for one in overrides {
                self.contributions.push(Contribution {
                    path: one.path.clone(),
                    place: one.place.clone(),
                    role: role.clone(),
                    change: Some(Change { reason: one.over.reason.clone(), until: one.over.until }),
                });
                if role != OriginRole::Amend || self.is_first(&mut amended, &one) {
                    self.apply(one);
                }
            }
        }
    }

    /// Whether no other `amend` overrides the same; two that say the same are one.
    fn is_first(&mut self, amended: &mut Vec<Overriding>, one: &Overriding) -> bool {
        let meets =
            |other: &&Overriding| other.path.starts_with(&one.path) || one.path.starts_with(&other.path);
        let Some(other) = amended.iter().find(meets) else {
            amended.push(one.clone());
            return true;
        };
        let is_same = other.path == one.path
            && other.over.value == one.over.value
            && other.over.until == one.over.until;
        if !is_same {
            let path = one.path.join(".");
            self.faults.push(Fault::OverridesDisagree {
                place: one.place.clone(),
                other: other.place.clone(),
                path,
            });
        }
        false
    }

    fn note(&mut self, entries: &[Entry], role: &OriginRole) {
        let mut found = Vec::new();
        leaves(entries, &mut Vec::new(), &mut found);
        self.contributions.extend(found.into_iter().map(|(path, place)| Contribution {
            path,
            place,
            role: role.clone(),
            change: None,
        }));
    }

    /// Joins what two bodies of one rank set.
    fn agree(&mut self, entries: &mut Vec<Entry>, others: Vec<Entry>) {
        let shift = self.shift;
        self.join(entries, others, &mut Vec::new(), &mut |faults, entry, other, path| {
            let is_same = match (&entry.set, &other.set) {
                (Set::Value(Expr::Error), _) | (_, Set::Value(Expr::Error)) => true,
                (Set::Value(value), Set::Value(other)) => value == other || is_shifted(value, other, shift),
                _ => {
                    faults.push(Fault::SetAsAWhole { place: other.place, other: entry.place.clone(), path });
                    return;
                }
            };
            if !is_same {
                faults.push(Fault::Disagree { place: other.place, other: entry.place.clone(), path });
            }
        });
    }

    /// Adds to what a base sets; what it sets itself needs an `override`.
    fn overlay(&mut self, entries: &mut Vec<Entry>, others: Vec<Entry>, path: &mut Vec<SmolStr>) {
        let base = self.base.clone();
        self.join(entries, others, path, &mut |faults, entry, other, path| match (&entry.set, &other.set) {
            (_, Set::Value(Expr::Error)) => {}
            (Set::Parts(_), Set::Value(_)) | (Set::Value(_), Set::Value(_)) => {
                let (place, first) = (other.place, entry.place.clone());
                faults.push(Fault::NotOverridden { place, first, path, base: base.clone() });
            }
            _ => faults.push(Fault::SetAsAWhole { place: other.place, other: entry.place.clone(), path }),
        });
    }

    /// Puts entries together by name, into the parts of each; `meet` says what is wrong where that cannot be.
    fn join(
        &mut self,
        entries: &mut Vec<Entry>,
        others: Vec<Entry>,
        path: &mut Vec<SmolStr>,
        meet: &mut Meet<'_>,
    ) {
        for other in others {
            let Some(position) = entries.iter().position(|entry| entry.name == other.name) else {
                entries.push(other);
                continue;
            };
            path.push(other.name.clone());
            let entry = &mut entries[position];
            match (&mut entry.set, other) {
                (Set::Parts(parts), Entry { set: Set::Parts(more), .. }) => {
                    self.join(&mut parts.entries, more.entries, path, meet);
                }
                (_, other) => meet(&mut self.faults, entry, other, path.join(".")),
            }
            path.pop();
        }
    }

    fn apply(&mut self, one: Overriding) {
        let path = one.path.join(".");
        let mut entries = &mut self.entries;
        for (depth, name) in one.path.iter().enumerate() {
            let is_last = depth + 1 == one.path.len();
            let Some(position) = entries.iter().position(|entry| entry.name == *name) else {
                self.faults.push(Fault::NothingToOverride { place: one.place.clone(), path });
                // So that what is overridden for nothing is not missed too.
                let value = if is_last { one.over.value } else { Expr::Error };
                entries.push(Entry { name: name.clone(), place: one.place, set: Set::Value(value) });
                return;
            };
            let entry = &mut entries[position];
            if is_last {
                let under = std::mem::replace(&mut entry.set, Set::Value(Expr::Error));
                entry.set = Set::Override(Box::new(Override { under: Some(under), ..one.over }));
                entry.place = one.place;
                return;
            }
            match &mut entry.set {
                Set::Parts(parts) => entries = &mut parts.entries,
                _ => {
                    let other = entry.place.clone();
                    self.faults.push(Fault::SetAsAWhole { place: one.place, other, path });
                    return;
                }
            }
        }
    }
}

/// Whether an expression is another one in a frame whose slots are higher.
fn is_shifted(value: &Expr, other: &Expr, by: u32) -> bool {
    let mut shifted = value.clone();
    shifted.shift_locals(by);
    shifted == *other
}

/// Takes the overrides out of a tree.
fn split(entries: Vec<Entry>, path: &mut Vec<SmolStr>, overrides: &mut Vec<Overriding>) -> Vec<Entry> {
    let mut plain = Vec::with_capacity(entries.len());
    for Entry { name, place, set } in entries {
        path.push(name.clone());
        match set {
            Set::Value(_) => plain.push(Entry { name, place, set }),
            Set::Override(over) => overrides.push(Overriding { path: path.clone(), place, over: *over }),
            Set::Parts(parts) => {
                let inner = split(parts.entries, path, overrides);
                if !inner.is_empty() {
                    plain.push(Entry { name, place, set: Set::Parts(Parts { entries: inner, ..parts }) });
                }
            }
        }
        path.pop();
    }
    plain
}

fn leaves(entries: &[Entry], path: &mut Vec<SmolStr>, found: &mut Vec<(Vec<SmolStr>, Place)>) {
    for entry in entries {
        path.push(entry.name.clone());
        match &entry.set {
            Set::Parts(parts) => leaves(&parts.entries, path, found),
            _ => found.push((path.clone(), entry.place.clone())),
        }
        path.pop();
    }
}

/// The names that bodies set at the top, overridden or not.
pub(super) fn names_set<'a>(bodies: impl IntoIterator<Item = &'a [Entry]>) -> Vec<SmolStr> {
    bodies.into_iter().flatten().map(|entry| entry.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use iom_base::FileId;
    use iom_model::Literal;
    use iom_syntax::ast::NodeId;

    use super::*;

    fn place(node: u32) -> Place {
        Place { file: FileId(0), keyword: "resource", name: "r".into(), duplicate: 0, node: NodeId(node) }
    }

    fn value(name: &str, value: i64, node: u32) -> Entry {
        Entry { name: name.into(), place: place(node), set: Set::Value(Expr::Literal(Literal::Int(value))) }
    }

    fn over(name: &str, value: i64, node: u32) -> Entry {
        let value = Expr::Literal(Literal::Int(value));
        let over = Override { value, reason: "why".into(), until: None, under: None };
        Entry { name: name.into(), place: place(node), set: Set::Override(Box::new(over)) }
    }

    fn parts(name: &str, entries: Vec<Entry>) -> Entry {
        let place = entries[0].place.clone();
        let parts = Parts { entries, place: place.clone(), is_literal: true };
        Entry { name: name.into(), place, set: Set::Parts(parts) }
    }

    fn lay(bodies: Vec<(OriginRole, Vec<Entry>)>) -> Merging {
        let mut merging = Merging::inheriting(vec![value("a", 1, 1)], &"base".into());
        merging.lay(bodies.into_iter().map(|(role, entries)| Body { role, entries }).collect(), 0);
        merging
    }

    /// The number that holds in the end.
    fn holds(merging: &Merging, name: &str) -> Option<i64> {
        let entry = merging.entries.iter().find(|entry| entry.name == name)?;
        match &entry.set {
            Set::Value(Expr::Literal(Literal::Int(value))) => Some(*value),
            Set::Override(over) => match over.value {
                Expr::Literal(Literal::Int(value)) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    #[test]
    fn the_order_of_amendments_changes_nothing() {
        let own = || (OriginRole::Body, vec![value("b", 2, 2), parts("p", vec![value("x", 1, 3)])]);
        let first = || (OriginRole::Amend, vec![value("c", 3, 4), parts("p", vec![value("y", 2, 5)])]);
        let second = || (OriginRole::Amend, vec![over("b", 9, 6), value("c", 3, 7)]);
        let one = lay(vec![own(), first(), second()]);
        let other = lay(vec![own(), second(), first()]);
        assert_eq!((&one.faults, &other.faults), (&vec![], &vec![]));
        for name in ["a", "b", "c"] {
            assert_eq!(holds(&one, name), holds(&other, name), "{name}");
        }
        assert_eq!(holds(&one, "b"), Some(9));
    }

    #[test]
    fn what_the_base_sets_is_changed_by_override_only() {
        let silent = lay(vec![(OriginRole::Body, vec![value("a", 2, 2)])]);
        assert!(matches!(&silent.faults[..], [Fault::NotOverridden { path, .. }] if path == "a"));
        let visible = lay(vec![(OriginRole::Body, vec![over("a", 2, 2)])]);
        assert_eq!((visible.faults.len(), holds(&visible, "a")), (0, Some(2)));
    }

    #[test]
    fn an_amendment_overrides_an_override_and_not_another_amendment() {
        let own = || (OriginRole::Body, vec![over("a", 2, 2)]);
        let once = lay(vec![own(), (OriginRole::Amend, vec![over("a", 3, 3)])]);
        assert_eq!((once.faults.len(), holds(&once, "a")), (0, Some(3)));
        let twice = lay(vec![
            own(),
            (OriginRole::Amend, vec![over("a", 3, 3)]),
            (OriginRole::Amend, vec![over("a", 4, 4)]),
        ]);
        assert!(matches!(&twice.faults[..], [Fault::OverridesDisagree { .. }]));
    }
}
