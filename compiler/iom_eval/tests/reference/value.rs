//! Values, and the tables of what is known of them.

#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Absent,
    /// Not known; whether there surely is one.
    Unknown(bool),
    Bool(bool),
    Int(i64),
    /// Also a value of the enum.
    Text(String),
    /// Not known, but how it begins and ends; it is not empty, and at least as long as both.
    Partly(&'static str, &'static str),
    /// A record or a map.
    Fields(Vec<(String, Value)>),
    /// Items, each with whether it belongs to the list; and whether there may be more.
    List(Vec<(Value, Truth)>, bool),
    /// By layer and position.
    Node(usize, usize),
    /// A reference to what is not there.
    Dangling(usize),
    /// A reference to one of several nodes.
    OneOf(Vec<Value>),
}

/// `None`: it is not known.
pub type Truth = Option<bool>;

pub const UNKNOWN: Value = Value::Unknown(false);

pub fn and(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

pub fn or(left: Truth, right: Truth) -> Truth {
    not(and(not(left), not(right)))
}

/// Whether one of them is true.
pub fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut any = Some(false);
    for truth in truths {
        any = or(any, truth);
    }
    any
}

pub fn not(value: Truth) -> Truth {
    value.map(|value| !value)
}

pub fn value_of(truth: Truth) -> Value {
    truth.map_or(UNKNOWN, Value::Bool)
}

/// The smallest and the largest number that something may be; no largest: any.
pub type Interval = (i64, Option<i64>);

/// Items with one key.
pub struct Group {
    pub key: Value,
    pub items: Vec<(Value, Truth)>,
    pub is_open: bool,
}

impl Group {
    /// A group is there if one of its items surely belongs to it.
    pub fn exists(&self) -> Truth {
        any(self.items.iter().map(|(_, belongs)| *belongs))
    }

    pub fn value(&self) -> Value {
        let items = Value::List(self.items.clone(), self.is_open);
        Value::Fields(vec![("key".to_owned(), self.key.clone()), ("items".to_owned(), items)])
    }
}

pub fn sure_list(items: Vec<Value>) -> Value {
    Value::List(items.into_iter().map(|item| (item, Some(true))).collect(), false)
}

pub fn compare_intervals(op: &str, left: Interval, right: Interval) -> Truth {
    let is_less = |left: Interval, right: Interval| {
        if left.1.is_some_and(|most| most < right.0) {
            Some(true)
        } else if right.1.is_some_and(|most| most <= left.0) {
            Some(false)
        } else {
            None
        }
    };
    let equal = if left.1 == Some(left.0) && left == right {
        Some(true)
    } else if is_less(left, right) == Some(true) || is_less(right, left) == Some(true) {
        Some(false)
    } else {
        None
    };
    match op {
        "<" => is_less(left, right),
        ">=" => not(is_less(left, right)),
        ">" => is_less(right, left),
        "<=" => not(is_less(right, left)),
        "==" => equal,
        _ => not(equal),
    }
}
