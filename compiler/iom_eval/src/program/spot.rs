//! Where the references of a field stand in a source's object, where that is plain to see: what an object refers to by such
//! a field is found there without evaluating the field.

use iom_model::{
    Adapter, BinaryOp, Binder, Expr, FieldDefinition, IsTest, Literal, Local, Model, Nominal, Type,
};
use smol_str::SmolStr;

/// Paths are followed so far, through the names that an adapter gives to values.
const MOST_NESTED: u32 = 32;

/// The places of all references of a field.
#[derive(Debug, Default)]
pub(super) struct Spots {
    pub spots: Vec<Spot>,
    /// Slots of parts that have a say: of an object that has none of them, the references stand at these places.
    pub parts: Vec<Local>,
}

/// Where one reference stands.
#[derive(Debug)]
pub(super) struct Spot {
    /// The list in whose items it stands, instead of in the object itself.
    pub within: Option<Vec<PathStep>>,
    /// The first that leads to something counts.
    pub ways: Vec<Vec<PathStep>>,
    pub target: Nominal,
    pub is_many: bool,
    /// Whether what stands there is surely referred to; else something more decides.
    pub is_sure: bool,
}

/// A step from a value into it.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum PathStep {
    Name(SmolStr),
    Item(u32),
}

/// Where a value comes from.
enum Place {
    Nowhere,
    /// From the object at hand, or from the item at hand.
    At {
        is_of_item: bool,
        path: Vec<PathStep>,
    },
}

impl Spots {
    /// Of a field that has records with references in it; `value` is what is left of it without all else.
    pub fn of_records<'m>(
        model: &'m Model,
        adapter: &'m Adapter,
        value: &'m Expr,
        ty: &Type,
    ) -> Option<Spots> {
        let mut search = Search::of(model, adapter)?;
        search.references(value, ty, true)?;
        Some(search.spots)
    }

    /// Of a field that is a reference, or a list of references. Nothing else must come of it where nothing stands there.
    pub fn of_reference<'m>(
        model: &'m Model,
        adapter: &'m Adapter,
        value: &'m Expr,
        field: &FieldDefinition,
    ) -> Option<Spots> {
        let is_empty = |default: &Expr| matches!(default, Expr::List { items, .. } if items.is_empty());
        let may_miss = match &field.default {
            Some(default) => is_empty(default),
            None => matches!(field.ty, Type::Optional(_)),
        };
        let Expr::Reference { .. } = value else { return None };
        may_miss.then(|| Spots::of_records(model, adapter, value, &field.ty)).flatten()
    }
}

struct Search<'m> {
    model: &'m Model,
    adapter: &'m Adapter,
    /// The item of the list that is gone through.
    item: Option<Local>,
    /// What stands for a value inside a record, with the value.
    reshaped: Vec<(Local, &'m Expr)>,
    depth: u32,
    spots: Spots,
}

impl<'m> Search<'m> {
    fn of(model: &'m Model, adapter: &'m Adapter) -> Option<Search<'m>> {
        let is_whole = adapter.at.is_none() && adapter.each.is_none();
        let spots = Spots::default();
        is_whole.then_some(Search { model, adapter, item: None, reshaped: Vec::new(), depth: 0, spots })
    }

    /// Finds the references in a value; nothing where something else than the object's attributes and its parts decides.
    fn references(&mut self, value: &'m Expr, ty: &Type, is_sure: bool) -> Option<()> {
        match ty {
            Type::Optional(inner) => return self.references(value, inner, is_sure),
            // What is checked of the value is looked at where the value is.
            Type::Refined(inner, _) => return self.references(value, inner, false),
            Type::Named(name) => {
                let definition = &self.model.types.get(name)?.ty;
                return match definition {
                    Type::Named(_) => None,
                    definition => self.references(value, definition, is_sure),
                };
            }
            _ => {}
        }
        match (value, ty) {
            (Expr::Literal(_), _) => Some(()),
            (Expr::Reference { value, target, is_many }, _) => {
                let fits = |ty: &Type| matches!(ty, Type::Element(nominal) if nominal == target);
                let is_sure = is_sure
                    && match ty {
                        Type::List(item) | Type::Set(item) => *is_many && fits(item),
                        ty => !is_many && fits(ty),
                    };
                self.reference(value, target, *is_many, is_sure)
            }
            (Expr::Record(fields), Type::Record(record)) => fields
                .iter()
                .try_for_each(|(name, value)| self.references(value, &record.field(name)?.ty, is_sure)),
            (Expr::List { items, .. }, Type::List(item) | Type::Set(item)) => {
                items.iter().try_for_each(|one| self.references(one, item, is_sure))
            }
            (Expr::Binary { op: BinaryOp::Concat, left, right }, Type::List(_) | Type::Set(_)) => {
                self.references(left, ty, is_sure)?;
                self.references(right, ty, is_sure)
            }
            (Expr::Coalesce(left, right), _) => {
                // Which of them counts depends on what they refer to.
                let is_sure = is_sure && is_nothing(right);
                self.references(left, ty, is_sure)?;
                self.references(right, ty, is_sure)
            }
            (Expr::Reshape { value, local, record, .. }, _) => {
                self.reshaped.push((*local, value));
                let found = self.references(record, ty, is_sure);
                self.reshaped.pop();
                found
            }
            (Expr::ListComprehension { binders, value }, Type::List(item) | Type::Set(item)) => {
                let [binder] = binders.as_slice() else { return None };
                self.items(binder, value, item, is_sure)
            }
            _ => None,
        }
    }

    fn reference(&mut self, value: &Expr, target: &Nominal, is_many: bool, is_sure: bool) -> Option<()> {
        let mut places = Vec::new();
        self.places(value, &mut places)?;
        let mut ways = Vec::new();
        let mut are_of_items = None;
        for place in places {
            let Place::At { is_of_item, path } = place else { continue };
            if *are_of_items.get_or_insert(is_of_item) != is_of_item {
                return None;
            }
            ways.push(path);
        }
        let within = match (are_of_items, self.item) {
            (None, _) => return Some(()),
            (Some(true), _) => Some(Vec::new()),
            // A reference of the object itself in each item.
            (Some(false), Some(_)) => return None,
            (Some(false), None) => None,
        };
        self.spots.spots.push(Spot { within, ways, target: target.clone(), is_many, is_sure });
        Some(())
    }

    /// The references in what is made of each item of a list.
    fn items(&mut self, binder: &'m Binder, value: &'m Expr, ty: &Type, is_sure: bool) -> Option<()> {
        if self.item.is_some() || binder.by.is_some() || binder.second.is_some() {
            return None;
        }
        let mut is_sure = is_sure && binder.filter.is_none();
        let mut source = &binder.source;
        while let Expr::Filter { source: all, .. } = source {
            is_sure = false;
            source = all;
        }
        let within = match self.place(source)? {
            // Of a list that is not there nothing comes. That is said of what the items would be read from.
            Place::Nowhere => return Some(()),
            Place::At { is_of_item: true, .. } => return None,
            Place::At { path, .. } => path,
        };
        let first = self.spots.spots.len();
        self.item = Some(binder.local);
        let found = self.references(value, ty, is_sure);
        self.item = None;
        found?;
        for spot in &mut self.spots.spots[first..] {
            spot.within = Some(within.clone());
        }
        Some(())
    }

    /// The places of which the first that leads to something counts.
    fn places(&mut self, value: &Expr, places: &mut Vec<Place>) -> Option<()> {
        match value {
            Expr::Coalesce(left, right) if !is_nothing(right) => {
                self.places(left, places)?;
                self.places(right, places)
            }
            other => {
                places.push(self.place(other)?);
                Some(())
            }
        }
    }

    fn place(&mut self, value: &Expr) -> Option<Place> {
        self.depth += 1;
        let place = if self.depth > MOST_NESTED { None } else { self.place_within(value) };
        self.depth -= 1;
        place
    }

    fn place_within(&mut self, value: &Expr) -> Option<Place> {
        let step = |place: Place, step: PathStep| match place {
            Place::Nowhere => Place::Nowhere,
            Place::At { is_of_item, mut path } => {
                path.push(step);
                Place::At { is_of_item, path }
            }
        };
        match value {
            Expr::Literal(Literal::Absent) => Some(Place::Nowhere),
            Expr::Local(local) => self.place_of_local(*local),
            Expr::Field { base, name, .. } => Some(step(self.place(base)?, PathStep::Name(name.clone()))),
            Expr::Index { base, index } => match &**index {
                Expr::Literal(Literal::Int(index)) => {
                    Some(step(self.place(base)?, PathStep::Item(u32::try_from(*index).ok()?)))
                }
                _ => None,
            },
            Expr::Coalesce(left, right) if is_nothing(right) => self.place(left),
            // `if p is present then .. else ..`: an object without the part.
            Expr::If { condition, otherwise, .. } => {
                let Expr::Is { value, test: IsTest::Present, negated: false } = &**condition else {
                    return None;
                };
                let Expr::Local(local) = &**value else { return None };
                self.is_part(*local).then(|| self.spots.parts.push(*local))?;
                self.place(otherwise)
            }
            _ => None,
        }
    }

    fn place_of_local(&mut self, local: Local) -> Option<Place> {
        if local == Local(0) {
            return Some(Place::At { is_of_item: false, path: Vec::new() });
        }
        if self.item == Some(local) {
            return Some(Place::At { is_of_item: true, path: Vec::new() });
        }
        if self.is_part(local) {
            self.spots.parts.push(local);
            return Some(Place::Nowhere);
        }
        if let Some((_, value)) = self.reshaped.iter().rev().find(|(known, _)| *known == local) {
            let value: &Expr = value;
            return self.place(value);
        }
        let adapter = self.adapter;
        let (_, value) = adapter.lets.iter().find(|(known, _)| *known == local)?;
        // What an adapter names knows nothing of the items that a field goes through.
        let item = self.item.take();
        let place = self.place(value);
        self.item = item;
        place
    }

    fn is_part(&self, local: Local) -> bool {
        self.adapter.parts.iter().any(|part| part.local == local)
    }
}

/// Absent, or an empty list.
fn is_nothing(value: &Expr) -> bool {
    match value {
        Expr::Literal(literal) => *literal == Literal::Absent,
        Expr::List { items, .. } => items.is_empty(),
        _ => false,
    }
}
