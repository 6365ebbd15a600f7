//! Things that both estates have, and addresses of Terraform that both use.

use iom_state::document::Format;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::text::{Identity, identity, text};
use super::{Conflict, ConflictSort, Difference, Found, Holder};
use crate::evaluate::Evaluator;
use crate::facts::{Estate, Origin};
use crate::value::{ElementId, Value};

/// Who owns it is told apart from the rest, and how it came to be here is no difference.
const TOLD_APART: [&str; 4] = ["owner", "environment", "unratified", "source"];

/// Characters of a value that are shown.
const MOST_SHOWN: usize = 200;

/// A kind, and what identifies or names a thing of it.
type Key = (SmolStr, String);

/// What one estate has.
struct Things<'e> {
    evaluator: Evaluator<'e>,
    /// The elements of all layers, in order of layers.
    by_identity: FxHashMap<Key, Vec<ElementId>>,
    /// By Terraform's address: the first of the estate, with its identity.
    by_address: FxHashMap<Key, (ElementId, Option<String>)>,
    kinds: FxHashSet<SmolStr>,
    /// By kind: things of which it is not known what identifies them.
    unidentified: FxHashMap<SmolStr, FxHashSet<ElementId>>,
}

impl<'e> Things<'e> {
    fn of(estate: &'e Estate) -> Things<'e> {
        let layer = estate.layers().first().copied().unwrap_or(iom_state::document::Layer::Intended);
        let mut things = Things {
            evaluator: Evaluator::new(estate, layer),
            by_identity: FxHashMap::default(),
            by_address: FxHashMap::default(),
            kinds: FxHashSet::default(),
            unidentified: FxHashMap::default(),
        };
        let mut identified: FxHashSet<ElementId> = FxHashSet::default();
        for id in (0..estate.elements.len() as u32).map(ElementId) {
            things.put(id, &mut identified);
        }
        // One layer may know what another one does not.
        for ids in things.unidentified.values_mut() {
            ids.retain(|id| !identified.contains(id));
        }
        things
    }

    fn put(&mut self, id: ElementId, identified: &mut FxHashSet<ElementId>) {
        let estate = self.evaluator.estate;
        let kind = &estate.program.kind(estate.kind_of(id)).name;
        let definition = estate.program.model.kinds.get(kind);
        if definition.is_none_or(|definition| definition.stands_aside()) {
            return;
        }
        self.evaluator.layer = estate.layer_of(id);
        self.evaluator.refuel();
        self.kinds.insert(kind.clone());
        let mut known = None;
        match identity(&mut self.evaluator, id, 0) {
            Identity::Known(text) => {
                identified.insert(self.evaluator.canonical(id));
                self.by_identity.entry((kind.clone(), text.clone())).or_default().push(id);
                known = Some(text);
            }
            Identity::NotKnown => {
                let canonical = self.evaluator.canonical(id);
                self.unidentified.entry(kind.clone()).or_default().insert(canonical);
            }
            Identity::None => {}
        }
        if is_addressed(estate, id) {
            let key = (kind.clone(), estate.address(id).to_owned());
            let first = self.by_address.entry(key).or_insert((id, None));
            first.1 = first.1.take().or(known);
        }
    }

    /// Of several elements each thing once.
    fn holders(&mut self, ids: &[ElementId]) -> Vec<Holder> {
        let mut seen = FxHashSet::default();
        let mut holders = Vec::new();
        for id in ids {
            if seen.insert(self.evaluator.canonical(*id)) {
                holders.push(Holder::of(&mut self.evaluator, *id));
            }
        }
        holders
    }

    fn undecided(&self, others: &Things<'_>) -> usize {
        let common = self.unidentified.iter().filter(|(kind, _)| others.kinds.contains(*kind));
        common.map(|(_, ids)| ids.len()).sum()
    }
}

/// What Terraform calls by one address is one thing where nothing says otherwise; a part of a resource has none.
fn is_addressed(estate: &Estate, id: ElementId) -> bool {
    let Origin::Imported { source, adapter, .. } = &estate.element(id).origin else { return false };
    let format = estate.sources[*source as usize].document.format;
    matches!(format, Format::Terraform | Format::TerraformPlan | Format::TerraformState)
        && estate.program.adapters[adapter.index()].each.is_none()
}

pub(super) fn compared(a: &Estate, b: &Estate) -> Found {
    let (mut a, mut b) = (Things::of(a), Things::of(b));
    let mut conflicts = Vec::new();
    let common: Vec<Key> =
        a.by_identity.keys().filter(|key| b.by_identity.contains_key(*key)).cloned().collect();
    for key in common {
        let (of_a, of_b) = (a.by_identity[&key].clone(), b.by_identity[&key].clone());
        let (kind, subject) = key;
        let mut conflict = Conflict::new(ConflictSort::Identity, shown(&subject), Some(kind));
        (conflict.a, conflict.b) = (a.holders(&of_a), b.holders(&of_b));
        conflict.differences = differences(&mut a.evaluator, &of_a, &mut b.evaluator, &of_b);
        conflicts.extend(ownership(&conflict));
        conflicts.push(conflict);
    }
    for (key, (of_a, identity_of_a)) in &a.by_address {
        let Some((of_b, identity_of_b)) = b.by_address.get(key) else { continue };
        // Two names are two things, and one name was told already.
        if identity_of_a.is_some() && identity_of_b.is_some() {
            continue;
        }
        let (kind, address) = key;
        conflicts.push(Conflict {
            a: vec![Holder::of(&mut a.evaluator, *of_a)],
            b: vec![Holder::of(&mut b.evaluator, *of_b)],
            ..Conflict::new(ConflictSort::Name, address.clone(), Some(kind.clone()))
        });
    }
    let undecided = [a.undecided(&b), b.undecided(&a)];
    Found { conflicts, undecided }
}

/// A conflict of its own, where one thing has different owners.
fn ownership(conflict: &Conflict) -> Option<Conflict> {
    let owner = |holders: &[Holder]| holders.iter().find_map(|holder| holder.owner.clone());
    let (a, b) = (owner(&conflict.a)?, owner(&conflict.b)?);
    (a != b).then(|| Conflict {
        sort: ConflictSort::Owner,
        differences: vec![Difference { field: "owner".into(), a: a.to_string(), b: b.to_string() }],
        ..conflict.clone()
    })
}

/// The fields in which one thing surely differs, in the same layer of both where there is one.
fn differences(
    a: &mut Evaluator<'_>,
    of_a: &[ElementId],
    b: &mut Evaluator<'_>,
    of_b: &[ElementId],
) -> Vec<Difference> {
    let layers = |id: &ElementId| a.estate.layer_of(*id);
    let common = of_a
        .iter()
        .find_map(|id| Some((*id, *of_b.iter().find(|other| b.estate.layer_of(**other) == layers(id))?)));
    let (Some(first), Some(second)) = (of_a.first(), of_b.first()) else { return Vec::new() };
    let (in_a, in_b) = common.unwrap_or((*first, *second));
    let kind = a.estate.program.kind(a.estate.kind_of(in_a));
    let mut found = Vec::new();
    for (position, field) in (0_u16..).zip(&kind.fields) {
        let name = a.estate.strings.resolve(&field.name);
        let is_asked = field.derive.is_none()
            && !field.is_secret
            && !TOLD_APART.contains(&name)
            && !kind.identity.contains(&position);
        if !is_asked {
            continue;
        }
        let of_a = field_text(a, in_a, name);
        let of_b = field_text(b, in_b, name);
        if let (Some(of_a), Some(of_b)) = (of_a, of_b)
            && of_a != of_b
        {
            found.push(Difference { field: name.into(), a: shown(&of_a), b: shown(&of_b) });
        }
    }
    found
}

fn field_text(evaluator: &mut Evaluator<'_>, id: ElementId, name: &str) -> Option<String> {
    let estate = evaluator.estate;
    let kind = estate.program.kind(estate.kind_of(id));
    let position = kind.field_position(estate.symbol(name)?)?;
    evaluator.layer = estate.layer_of(id);
    evaluator.refuel();
    let nothing = || "nothing".to_owned();
    match evaluator.field(id, position) {
        Value::Absent => Some(nothing()),
        // Sources write what was not set as an empty list, too.
        value => {
            text(evaluator, &value, 0).map(|text| if text == "[]" || text == "{}" { nothing() } else { text })
        }
    }
}

/// A value as it is shown: not all of a long one, and no secret.
pub(super) fn shown(text: &str) -> String {
    let text = iom_stdlib::secrets::without(text);
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{} ..", &text[..end]),
        None => text.into_owned(),
    }
}
