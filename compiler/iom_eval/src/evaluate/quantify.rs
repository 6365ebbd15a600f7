use std::sync::Arc;

use iom_model::Quantifier;

use super::Evaluator;
use crate::program::{Code, Over};
use crate::value::{Causes, ListValue, Truth, Value};

/// How many elements one declaration with `for` makes at most.
const MAX_INSTANCES: usize = 100_000;

/// An instance of a declaration with `for`: its key, and the slots it fills.
pub(crate) type Instance = (Value, Vec<(u32, Value)>);

/// A list in the making.
struct Collected<T> {
    items: Vec<T>,
    /// Beside `items`; empty while nothing is in doubt.
    doubts: Vec<Option<Causes>>,
    open: Option<Causes>,
}

impl<T> Collected<T> {
    fn new(open: Option<Causes>) -> Collected<T> {
        Collected { items: Vec::new(), doubts: Vec::new(), open }
    }

    fn open(&mut self, causes: Option<Causes>) {
        self.open = self.open.into_iter().chain(causes).reduce(Causes::union);
    }

    /// Adds an item that belongs, surely or maybe.
    fn push(&mut self, item: T, belongs: Truth) {
        match belongs {
            Truth::Unknown(causes) => {
                self.doubts.resize(self.items.len(), None);
                self.doubts.push(Some(causes));
            }
            _ if !self.doubts.is_empty() => self.doubts.push(None),
            _ => {}
        }
        self.items.push(item);
    }
}

impl Collected<Value> {
    fn list(self) -> Value {
        let maybe = (!self.doubts.is_empty()).then(|| self.doubts.into());
        Value::List(Arc::new(ListValue { items: self.items, maybe, open: self.open }))
    }
}

/// What a quantifier says of the items that were looked at.
pub(crate) struct Quantified {
    quantifier: Quantifier,
    /// That all hold, or that any does.
    result: Truth,
}

impl Quantified {
    pub(crate) fn of_nothing(quantifier: Quantifier) -> Quantified {
        Quantified { quantifier, result: (quantifier == Quantifier::All).into() }
    }

    /// Takes in one more item, which belongs surely or maybe; whether no other can change the result.
    pub(crate) fn decides(&mut self, belongs: Truth, holds: Truth) -> bool {
        if self.quantifier == Quantifier::All {
            self.result = self.result.and(belongs.negate().or(holds));
            self.result.is_false()
        } else {
            self.result = self.result.or(belongs.and(holds));
            self.result.is_true()
        }
    }

    /// The result, where there may be more items than were looked at.
    pub(crate) fn truth(self, open: Option<Causes>) -> Truth {
        let more = open.map(Truth::Unknown);
        match self.quantifier {
            Quantifier::All => more.map_or(self.result, |more| self.result.and(more)),
            Quantifier::Any => more.map_or(self.result, |more| self.result.or(more)),
            Quantifier::None => more.map_or(self.result, |more| self.result.or(more)).negate(),
        }
    }
}

impl Evaluator<'_> {
    pub(crate) fn quantify(&mut self, quantifier: Quantifier, over: &Over, body: &Code) -> Truth {
        let items = self.items(over);
        let mut found = Quantified::of_nothing(quantifier);
        for position in 0..items.len() {
            if !self.step() {
                return Truth::Unknown(Causes::INVALID);
            }
            let belongs = self.bind(over, position, items.get(position));
            if !belongs.is_false() && found.decides(belongs, self.truth(body)) {
                break;
            }
        }
        found.truth(items.open)
    }

    pub(crate) fn list_comprehension(&mut self, binders: &[Over], value: &Code) -> Value {
        let mut found = Collected::new(None);
        match self.alike_body(value) {
            Some(body) => {
                self.rounds(binders, Truth::True, &mut found, &mut |ev| ev.of_alike(body, value));
            }
            None => self.rounds(binders, Truth::True, &mut found, &mut |ev| ev.raw(value)),
        }
        found.list()
    }

    pub(crate) fn map_comprehension(&mut self, binders: &[Over], key: &Code, value: &Code) -> Value {
        let mut found = Collected::new(None);
        self.rounds(binders, Truth::True, &mut found, &mut |ev| (ev.eval(key), ev.raw(value)));
        // An entry that may not be there: its key is there or not, so the map stays open.
        let open = found.doubts.iter().flatten().copied().chain(found.open).reduce(Causes::union);
        let mut doubts = found.doubts.into_iter();
        let entries = found.items.into_iter().filter(|_| doubts.next().flatten().is_none()).collect();
        Value::Map(Arc::new(self.make_map(entries, open)))
    }

    /// All rounds of nested binders; what `make` gives in each, with the doubts about the round.
    fn rounds<T>(
        &mut self,
        binders: &[Over],
        belongs: Truth,
        found: &mut Collected<T>,
        make: &mut dyn FnMut(&mut Self) -> T,
    ) {
        let Some((over, rest)) = binders.split_first() else {
            let item = make(self);
            found.push(item, belongs);
            return;
        };
        let items = self.items(over);
        found.open(items.open);
        if rest.is_empty() && over.filters.is_empty() {
            found.items.reserve(items.len().min(1 << 16));
        }
        for position in 0..items.len() {
            if !self.step() {
                found.open(Some(Causes::INVALID));
                return;
            }
            let here = belongs.and(self.bind(over, position, items.get(position)));
            if here.is_false() {
                continue;
            }
            if rest.is_empty() {
                let item = make(self);
                found.push(item, here);
            } else if self.deeper(|ev| ev.rounds(rest, here, found, make)).is_none() {
                found.open(Some(Causes::INVALID));
                return;
            }
        }
    }

    /// `source where condition`: what it is not known of stays as "maybe".
    pub(crate) fn filter(&mut self, over: &Over) -> Value {
        let items = self.items(over);
        let mut kept = Collected::new(items.open);
        for position in 0..items.len() {
            if !self.step() {
                kept.open(Some(Causes::INVALID));
                break;
            }
            let item = items.get(position);
            let value = item.value.clone();
            let belongs = self.bind(over, position, item);
            if !belongs.is_false() {
                kept.push(value, belongs);
            }
        }
        kept.list()
    }

    /// The instances of a declaration with `for`: their keys, and the slots of each.
    pub(crate) fn instances(
        &mut self,
        over: &Over,
        locals: u32,
        around: &[(u32, Value)],
    ) -> (Vec<Instance>, Option<Causes>) {
        self.run(locals, |ev| {
            for (local, value) in around {
                ev.set(*local, value.clone());
            }
            let items = ev.items(over);
            let mut open = items.open;
            let mut instances = Vec::new();
            for position in 0..items.len() {
                if position >= MAX_INSTANCES || !ev.step() {
                    open = Some(Causes::INVALID);
                    break;
                }
                match ev.bind(over, position, items.get(position)) {
                    Truth::False => {}
                    Truth::Unknown(causes) => open = Some(causes),
                    Truth::True => {
                        let mut slots = vec![(over.local, ev.get(over.local))];
                        slots.extend(over.second.map(|second| (second, ev.get(second))));
                        // The key of a map's entry, the value itself for everything else.
                        let key = slots[0].1.clone();
                        instances.push((key, slots));
                    }
                }
            }
            (instances, open)
        })
    }
}
