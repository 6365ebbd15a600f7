//! What expressions are worth: the rules of the language, written down once more, with no thought for speed.

use crate::program::{Binder, Expr, Name, Pattern, Program};
use crate::value::{
    Group, Interval, Truth, UNKNOWN, Value, and, compare_intervals, not, or, sure_list, value_of,
};

pub struct Interpreter<'p> {
    pub program: &'p Program,
    /// The layer whose world this is, by position.
    pub world: usize,
    slots: Vec<Value>,
}

impl<'p> Interpreter<'p> {
    pub fn new(program: &'p Program, world: usize) -> Interpreter<'p> {
        Interpreter { program, world, slots: Vec::new() }
    }

    pub fn set(&mut self, name: Name, value: Value) {
        if self.slots.len() <= name.number {
            self.slots.resize(name.number + 1, Value::Absent);
        }
        self.slots[name.number] = value;
    }

    pub fn truth(&mut self, expr: &Expr) -> Truth {
        match self.value(expr) {
            Value::Bool(value) => Some(value),
            Value::Unknown(_) => None,
            other => panic!("{expr} is {other:?}"),
        }
    }

    pub fn value(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Int(value) => Value::Int(*value),
            Expr::Text(text) | Expr::Word(text) => Value::Text((*text).to_owned()),
            Expr::Constant("numbers") => sure_list([1, 2, 3].map(Value::Int).to_vec()),
            Expr::Constant("nothing") => Value::Absent,
            Expr::Constant(_) => {
                let size = ("size".to_owned(), Value::Int(1));
                let mode = ("mode".to_owned(), Value::Text("busy".to_owned()));
                sure_list(vec![Value::Fields(vec![size, mode]), Value::Fields(Vec::new())])
            }
            Expr::Name(name) => self.slots[name.number].clone(),
            Expr::Field(base, field) | Expr::Maybe(base, field) => {
                let base = self.value(base);
                self.field(&base, field)
            }
            Expr::At(base, index) => match (self.value(base), self.value(index)) {
                (Value::List(items, false), Value::Int(index)) => {
                    items.get(index as usize).map_or(Value::Absent, |(item, _)| item.clone())
                }
                (base @ Value::Fields(_), Value::Text(key)) => self.field(&base, &key),
                _ => UNKNOWN,
            },
            Expr::Not(value) => value_of(not(self.truth(value))),
            Expr::Negate(value) => match self.value(value) {
                Value::Int(value) => value.checked_neg().map_or(UNKNOWN, Value::Int),
                _ => UNKNOWN,
            },
            Expr::Binary(op, left, right) => self.binary(op, left, right),
            Expr::Is(value, is, test) => {
                let value = self.value(value);
                let present = match value {
                    Value::Absent => Some(false),
                    Value::Unknown(false) => None,
                    _ => Some(true),
                };
                let known = Some(!matches!(value, Value::Unknown(_) | Value::Partly(..)));
                let truth = match *test {
                    "present" => present,
                    "absent" => not(present),
                    "known" => known,
                    _ => not(known),
                };
                value_of(if *is { truth } else { not(truth) })
            }
            Expr::If(condition, then, otherwise) => match self.truth(condition) {
                Some(true) => self.value(then),
                Some(false) => self.value(otherwise),
                None => {
                    let (then, otherwise) = (self.value(then), self.value(otherwise));
                    if self.equal(&then, &otherwise) == Some(true) { then } else { UNKNOWN }
                }
            },
            Expr::Let(name, value, body) => {
                let value = self.value(value);
                self.set(*name, value);
                self.value(body)
            }
            Expr::Match(value, arms) => self.matched(value, arms),
            Expr::Template(parts) => {
                let parts: Vec<Value> = parts.iter().map(|part| self.value(part)).collect();
                let mut text = String::new();
                for part in parts {
                    match part {
                        Value::Text(part) => text.push_str(&part),
                        Value::Int(part) => text.push_str(&part.to_string()),
                        _ => return UNKNOWN,
                    }
                    text.push('-');
                }
                Value::Text(text)
            }
            Expr::List(items) => sure_list(items.iter().map(|item| self.value(item)).collect()),
            Expr::Population => {
                let nodes = 0..self.program.state.layers[self.world].1.len();
                sure_list(nodes.map(|position| Value::Node(self.world, position)).collect())
            }
            Expr::Where(list, hand, condition) => {
                let Value::List(items, is_open) = self.value(list) else { return UNKNOWN };
                let mut kept = Vec::new();
                for (item, belongs) in items {
                    self.set(*hand, item.clone());
                    let belongs = and(belongs, self.truth(condition));
                    if belongs != Some(false) {
                        kept.push((item, belongs));
                    }
                }
                Value::List(kept, is_open)
            }
            Expr::Each(binder, value) => {
                let mut items = Vec::new();
                let is_open = self.rounds(binder, |this, belongs| {
                    let item = this.value(value);
                    items.push((item, belongs));
                });
                Value::List(items, is_open)
            }
            Expr::Quantifier(word, binder, body) => {
                let mut any = Some(false);
                // `all` is: none that does not.
                let is_all = *word == "all";
                let is_open = self.rounds(binder, |this, belongs| {
                    let holds = this.truth(body);
                    any = or(any, and(belongs, if is_all { not(holds) } else { holds }));
                });
                let any = if is_open { or(any, None) } else { any };
                value_of(if *word == "any" { any } else { not(any) })
            }
            Expr::Builtin(name, arguments) => self.builtin(name, &arguments[0]),
            Expr::Call(function, arguments) => {
                let function = &self.program.functions[*function];
                let arguments: Vec<Value> = arguments.iter().map(|one| self.value(one)).collect();
                for ((name, _), argument) in function.parameters.iter().zip(arguments) {
                    self.set(*name, argument);
                }
                self.value(&function.body)
            }
        }
    }

    /// Every item of a loop with whether it belongs; gives whether there may be more items.
    pub fn rounds(&mut self, binder: &Binder, mut each: impl FnMut(&mut Self, Truth)) -> bool {
        let (mut items, is_open) = match self.value(&binder.source) {
            Value::List(items, is_open) => (items, is_open),
            Value::Unknown(_) => (Vec::new(), true),
            other => panic!("{} is {other:?}", binder.source),
        };
        if let Some((hand, key)) = &binder.by {
            let mut groups = Vec::new();
            for group in self.groups(items, is_open, *hand, key) {
                // Those whose key is not known may make up as many groups as they are.
                let count = if group.key == UNKNOWN { group.items.len() } else { 1 };
                groups.extend(vec![(group.value(), group.exists()); count]);
            }
            items = groups;
        }
        for (item, belongs) in items {
            self.set(binder.name, item);
            let fits = binder.filter.as_ref().map_or(Some(true), |filter| self.truth(filter));
            let belongs = and(belongs, fits);
            if belongs != Some(false) {
                each(self, belongs);
            }
        }
        is_open
    }

    pub fn groups(
        &mut self,
        items: Vec<(Value, Truth)>,
        is_open: bool,
        hand: Name,
        key: &Expr,
    ) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut rest = Vec::new();
        for (item, belongs) in items {
            self.set(hand, item.clone());
            let key = self.value(key);
            if let Value::Unknown(_) | Value::Partly(..) | Value::OneOf(_) = key {
                rest.push((item, None));
                continue;
            }
            match groups.iter().position(|group| self.equal(&group.key, &key) == Some(true)) {
                Some(found) => groups[found].items.push((item, belongs)),
                None => groups.push(Group { key, items: vec![(item, belongs)], is_open }),
            }
        }
        for group in &mut groups {
            group.items.extend(rest.clone());
        }
        if !rest.is_empty() {
            groups.push(Group { key: UNKNOWN, items: rest, is_open });
        }
        groups
    }

    fn matched(&mut self, value: &Expr, arms: &[(Pattern, Expr)]) -> Value {
        let value = self.value(value);
        for (pattern, result) in arms {
            let fits = match (pattern, &value) {
                (Pattern::Absent, value) => *value == Value::Absent,
                (Pattern::Unknown, value) => matches!(value, Value::Unknown(_) | Value::Partly(..)),
                (_, Value::Absent | Value::Unknown(_) | Value::Partly(..)) => false,
                (Pattern::Int(wanted), value) => *value == Value::Int(*wanted),
                (Pattern::Word(wanted), value) => *value == Value::Text((*wanted).to_owned()),
                (Pattern::Rest, _) => true,
            };
            if fits {
                return self.value(result);
            }
        }
        if value == Value::Absent { Value::Absent } else { UNKNOWN }
    }

    fn binary(&mut self, op: &str, left: &Expr, right: &Expr) -> Value {
        match op {
            "and" => return value_of(and(self.truth(left), self.truth(right))),
            "or" => return value_of(or(self.truth(left), self.truth(right))),
            "??" => {
                return match self.value(left) {
                    Value::Absent => self.value(right),
                    value => value,
                };
            }
            "<" | "<=" | ">" | ">=" | "==" | "!=" => {
                if let (Some(left), Some(right)) = (self.interval(left), self.interval(right)) {
                    return value_of(compare_intervals(op, left, right));
                }
            }
            _ => {}
        }
        let (left, right) = (self.value(left), self.value(right));
        match op {
            "==" => value_of(self.equal(&left, &right)),
            "!=" => value_of(not(self.equal(&left, &right))),
            "in" => value_of(self.is_in(&left, &right)),
            "contains" if !matches!((&left, &right), (Value::Text(_), Value::Text(_))) => {
                value_of(self.is_in(&right, &left))
            }
            "++" => match (left, right) {
                (Value::Text(left), Value::Text(right)) => Value::Text(left + &right),
                (Value::List(mut left, left_open), Value::List(right, right_open)) => {
                    left.extend(right);
                    Value::List(left, left_open || right_open)
                }
                // Of the other list nothing is known.
                (Value::List(items, _), Value::Unknown(_)) | (Value::Unknown(_), Value::List(items, _)) => {
                    Value::List(items, true)
                }
                _ => UNKNOWN,
            },
            _ => match (left, right) {
                (Value::Text(left), Value::Text(right)) => Value::Bool(match op {
                    "<" => left < right,
                    ">=" => left >= right,
                    _ => left.contains(&right),
                }),
                (Value::Int(left), Value::Int(right)) => match op {
                    "+" => left.checked_add(right),
                    "-" => left.checked_sub(right),
                    _ => left.checked_mul(right),
                }
                .map_or(UNKNOWN, Value::Int),
                _ => UNKNOWN,
            },
        }
    }

    /// Numbers, also those that are known in part.
    fn interval(&mut self, expr: &Expr) -> Option<Interval> {
        match expr {
            Expr::Builtin("size", arguments) => match self.value(&arguments[0]) {
                Value::List(items, is_open) => {
                    let sure = items.iter().filter(|(_, belongs)| *belongs == Some(true)).count();
                    Some((sure as i64, (!is_open).then_some(items.len() as i64)))
                }
                _ => None,
            },
            other => match self.value(other) {
                Value::Int(value) => Some((value, Some(value))),
                _ => None,
            },
        }
    }

    fn builtin(&mut self, name: &str, argument: &Expr) -> Value {
        if name == "size" {
            let interval = self.interval(&Expr::Builtin("size", vec![argument.clone()]));
            return match interval {
                Some((least, Some(most))) if least == most => Value::Int(least),
                _ => UNKNOWN,
            };
        }
        let argument = self.value(argument);
        if name == "sure" {
            return argument;
        }
        let Value::List(items, false) = argument else { return UNKNOWN };
        // Of one item it is that item.
        if let [(item @ Value::Unknown(_), Some(true))] = items.as_slice() {
            return item.clone();
        }
        let mut numbers = Vec::new();
        for item in items {
            let (Value::Int(number), Some(true)) = item else { return UNKNOWN };
            numbers.push(number);
        }
        match name {
            "sum" => numbers
                .into_iter()
                .try_fold(0_i64, |total, number| total.checked_add(number))
                .map_or(UNKNOWN, Value::Int),
            "min" => numbers.into_iter().min().map_or(Value::Absent, Value::Int),
            _ => numbers.into_iter().max().map_or(Value::Absent, Value::Int),
        }
    }
}
