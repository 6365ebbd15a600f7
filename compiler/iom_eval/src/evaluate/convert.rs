use std::sync::Arc;

use iom_model::Scalar;
use iom_model::scalar::Number;
use iom_state::tape::{Symbol, UnknownCause};
use smol_str::SmolStr;

use super::compare::number;
use super::{Evaluator, INVALID, Note};
use crate::facts::FactRemark;
use crate::facts::FactRemarkKind;
use crate::program::{KindField, KindSet, RecordField, RecordId, RefinementCode, TypeCode, TypeId};
use crate::scalar::{self, Parsed, ScalarValue};
use crate::value::{Causes, ListValue, RecordShape, RecordValue, Truth, Value};

/// Texts that are kept parsed.
const MAX_PARSED: usize = 1 << 16;

impl Evaluator<'_> {
    /// What a source or a declaration says, as a field's value: its default where nothing is said.
    pub(crate) fn convert_field(&mut self, raw: Value, field: &KindField, may_miss: bool) -> Value {
        if matches!(raw, Value::Element(_)) && self.program.types.is_reference(field.ty) {
            return raw;
        }
        if let Value::Node { source, node } = raw
            && self.program.types.is_map_of_texts(field.ty)
            && self.estate.has_texts_only(source, node)
        {
            return Value::Entries { source, node };
        }
        let says_nothing = self.reads_as_absent(&raw, field.is_optional && matches!(raw, Value::Node { .. }));
        if !says_nothing {
            // Of a text that is known in part it is known how it begins and ends.
            if self.program.types.is_string(field.ty) && self.estate.ends(&raw).is_some() {
                return raw;
            }
            return self.convert(raw, field.ty);
        }
        if let Some(default) = &field.default {
            let value = self.run(0, |ev| ev.raw(default));
            return self.convert(value, field.ty);
        }
        if field.is_optional || field.is_bound && may_miss {
            return Value::Absent;
        }
        self.remark(FactRemarkKind::NotReported, "nothing is said, and the kind needs a value".to_owned());
        Value::Unknown(Causes::NOT_REPORTED)
    }

    /// A value as one of another type. Absent stays absent, unknown stays unknown; what does not fit is invalid.
    pub(crate) fn convert(&mut self, raw: Value, ty: TypeId) -> Value {
        let program = self.program;
        let mut code = program.types.get(ty);
        while let TypeCode::Optional(inner) = code {
            let is_node = matches!(raw, Value::Node { .. });
            if self.reads_as_absent(&raw, is_node) {
                return Value::Absent;
            }
            code = program.types.get(*inner);
        }
        match code {
            TypeCode::Any => return raw,
            TypeCode::Refined(inner, refinement) => {
                let value = self.convert(raw, *inner);
                self.check(&value, refinement);
                return value;
            }
            TypeCode::Element(kinds) => return self.convert_element(raw, kinds),
            TypeCode::List(item) => return self.convert_list(raw, *item),
            TypeCode::Set(item) => {
                return match self.convert_list(raw, *item) {
                    Value::List(list) => {
                        let list = Arc::unwrap_or_clone(list);
                        let open = list.doubt();
                        let items = self.make_set(list.items);
                        Value::Set(Arc::new(ListValue { items, maybe: None, open }))
                    }
                    other => other,
                };
            }
            _ => {}
        }
        let is_of_source = matches!(raw, Value::Node { .. });
        let value = self.estate.force(raw);
        if matches!(value, Value::Absent | Value::Unknown(_)) {
            return value;
        }
        if let (Value::Node { source, node }, TypeCode::Scalar(_) | TypeCode::Enum(_)) = (&value, code)
            && self.estate.stands_for_text(*source, *node)
        {
            return Value::Unknown(Causes::of(UnknownCause::KnownAfterApply).present());
        }
        match code {
            TypeCode::Absent => Value::Absent,
            TypeCode::Scalar(scalar) => match self.convert_scalar(&value, *scalar) {
                Some(value) => value,
                None => self.misfit(&value, &format!("no {}", scalar.name())),
            },
            TypeCode::Enum(id) => {
                let found = match &value {
                    Value::Text(text) => program.types.enumeration(*id).alternative(*text, is_of_source),
                    _ => None,
                };
                match found {
                    Some(name) => Value::Text(name),
                    None => self.misfit(&value, "none of the alternatives"),
                }
            }
            TypeCode::Map(key, item) => self.convert_map(&value, *key, *item),
            TypeCode::Record(id) => self.convert_record(value, *id),
            TypeCode::Union(alternatives) => self.convert_union(value, alternatives),
            _ => value,
        }
    }

    fn misfit(&mut self, value: &Value, what: &str) -> Value {
        let shown = match value {
            Value::Node { .. } | Value::Entries { .. } | Value::Map(_) | Value::Record(_) => {
                "an object".to_owned()
            }
            Value::List(_) | Value::Set(_) => "a list".to_owned(),
            other => self.shown(other),
        };
        self.remark(FactRemarkKind::Malformed, format!("{shown} is {what}"));
        Value::Unknown(Causes::INVALID.present())
    }

    /// A value in a remark: text in quotation marks, as sources write it, everything else as it is.
    fn shown(&self, value: &Value) -> String {
        match self.estate.str_of(value) {
            Some(text) => format!("\"{text}\""),
            None => self.estate.render(value),
        }
    }

    pub(super) fn remark(&mut self, kind: FactRemarkKind, message: String) {
        let Some((element, position)) = self.reading else { return };
        let field = &self.program.kind(self.estate.element(element).kind).fields[position as usize];
        let field = SmolStr::new(self.estate.strings.resolve(&field.name));
        self.note(Note::Remark(FactRemark { element, field, kind, message }));
    }

    fn convert_element(&mut self, raw: Value, kinds: &KindSet) -> Value {
        if matches!(
            raw,
            Value::Element(_)
                | Value::Dangling(_)
                | Value::Candidates(_)
                | Value::Record(_)
                | Value::Absent
                | Value::Unknown(_)
        ) {
            return raw;
        }
        match kinds.kinds.iter().find(|kind| self.program.kind(**kind).from_json.is_some()) {
            Some(kind) => self.as_kind(raw, *kind),
            None => self.resolve(raw, kinds),
        }
    }

    /// A list of json takes a single value as a list of one, and nothing as an empty one: `x as list`.
    fn convert_list(&mut self, raw: Value, item: TypeId) -> Value {
        let is_lenient = matches!(self.program.types.get(item), TypeCode::Any);
        let known = self.estate.force(raw);
        match &known {
            Value::Absent if is_lenient => return Value::list(Vec::new()),
            Value::Absent | Value::Unknown(_) => return known,
            Value::List(_) if is_lenient => return known,
            Value::List(list) if self.holds_elements(item, list) => return known,
            Value::List(_) | Value::Set(_) | Value::Range(_) => {}
            Value::Node { source, node } if self.estate.is_list(*source, *node) => {}
            _ if is_lenient => return Value::list(vec![known]),
            _ => return self.misfit(&known, "no list"),
        }
        let mut list = match self.own_list(known) {
            Ok(list) if !self.charge(list.items.len() + 4) => return INVALID,
            Ok(list) => list,
            Err(causes) => return Value::Unknown(causes),
        };
        if is_lenient {
            return Value::List(Arc::new(list));
        }
        let takes_absent = self.program.types.is_optional(item);
        for value in &mut list.items {
            *value = match self.convert(std::mem::take(value), item) {
                Value::Absent if !takes_absent => Value::Unknown(Causes::NOT_REPORTED),
                value => value,
            };
        }
        Value::List(Arc::new(list))
    }

    /// References that are resolved already need no second look.
    fn holds_elements(&self, item: TypeId, list: &ListValue) -> bool {
        matches!(self.program.types.get(item), TypeCode::Element(_))
            && list.items.iter().all(|item| matches!(item, Value::Element(_) | Value::Dangling(_)))
    }

    fn convert_map(&mut self, value: &Value, key: TypeId, item: TypeId) -> Value {
        let is_text = |ty| self.program.types.is_plain_text(ty);
        if let Value::Node { source, node } | Value::Entries { source, node } = value
            && is_text(key)
            && is_text(item)
            && self.estate.has_texts_only(*source, *node)
        {
            return Value::Entries { source: *source, node: *node };
        }
        let map = match value {
            Value::Node { source, node } | Value::Entries { source, node } => {
                match self.estate.plain_node(*source, *node) {
                    Value::Map(map) => map,
                    _ => return self.misfit(value, "no map"),
                }
            }
            Value::Map(_) | Value::Record(_) => self.entries(value),
            _ => return self.misfit(value, "no map"),
        };
        if !self.charge(map.entries.len()) {
            return INVALID;
        }
        let entries: Vec<(Value, Value)> = map
            .entries
            .iter()
            .map(|(found, value)| (self.convert(found.clone(), key), self.convert(value.clone(), item)))
            .collect();
        let mut map = self.make_map(entries, map.open);
        map.is_nocase = matches!(self.program.types.get(key), TypeCode::Scalar(Scalar::StringNocase));
        Value::Map(Arc::new(map))
    }

    fn convert_record(&mut self, value: Value, id: RecordId) -> Value {
        // What was converted before costs nothing, so that it does not matter when that was.
        if matches!(&value, Value::Record(record) if record.shape == RecordShape::Record(id)) {
            return value;
        }
        if !self.charge(4) {
            return INVALID;
        }
        let program = self.program;
        let code = program.types.record(id);
        let value = match value {
            Value::Record(record) => match Arc::try_unwrap(record) {
                // A record that nobody else holds and that has just these fields is converted where it is.
                Ok(mut record) if code.has_fields(&record) => {
                    let stored = code.fields.iter().filter(|field| field.derive.is_none());
                    for (field, (_, value)) in stored.zip(&mut record.fields) {
                        *value = self.convert_member(std::mem::take(value), field);
                    }
                    record.shape = RecordShape::Record(id);
                    return Value::Record(Arc::new(record));
                }
                Ok(record) => Value::Record(Arc::new(record)),
                Err(record) => Value::Record(record),
            },
            Value::Map(_) | Value::Entries { .. } => value,
            Value::Node { source, node } if self.estate.is_object(source, node) => value,
            other => return self.misfit(&other, "no object"),
        };
        let mut fields =
            Vec::with_capacity(code.fields.iter().filter(|field| field.derive.is_none()).count());
        for field in code.fields.iter().filter(|field| field.derive.is_none()) {
            let raw = self.member(value.clone(), field.name);
            fields.push((field.name, self.convert_member(raw, field)));
        }
        Value::Record(Arc::new(RecordValue { shape: RecordShape::Record(id), fields: fields.into() }))
    }

    fn convert_member(&mut self, raw: Value, field: &RecordField) -> Value {
        let is_node = matches!(raw, Value::Node { .. });
        if !self.reads_as_absent(&raw, field.is_optional && is_node) {
            self.convert(raw, field.ty)
        } else if let Some(default) = &field.default {
            let value = self.run(0, |ev| ev.raw(default));
            self.convert(value, field.ty)
        } else if field.is_optional {
            Value::Absent
        } else {
            Value::Unknown(Causes::NOT_REPORTED)
        }
    }

    fn convert_union(&mut self, value: Value, alternatives: &[TypeId]) -> Value {
        for alternative in alternatives {
            if let Some(value) = self.as_type(&value, *alternative) {
                return value;
            }
        }
        self.misfit(&value, "none of the alternatives")
    }

    /// The value as one of a type it is already of, or is written as in a source; nothing is bent to fit.
    pub(crate) fn as_type(&mut self, raw: &Value, ty: TypeId) -> Option<Value> {
        let program = self.program;
        let value = self.estate.force(raw.clone());
        match program.types.get(ty) {
            TypeCode::Any => Some(raw.clone()),
            TypeCode::Absent => value.is_absent().then_some(Value::Absent),
            TypeCode::Optional(inner) | TypeCode::Refined(inner, _) => self.as_type(raw, *inner),
            TypeCode::Scalar(scalar) => {
                let fits = match (&value, scalar) {
                    (Value::Bool(_), Scalar::Bool) | (Value::Int(_), Scalar::Int | Scalar::Port) => true,
                    (Value::Int(_) | Value::Decimal(_), Scalar::Decimal) => true,
                    (Value::Text(_) | Value::Made(_), Scalar::Bool | Scalar::Int | Scalar::Decimal) => false,
                    (Value::Text(_) | Value::Made(_), _) => true,
                    (Value::Duration { .. }, Scalar::Duration) | (Value::Size(_), Scalar::Bytes) => true,
                    (Value::Instant(_), Scalar::Date | Scalar::Time) => true,
                    (Value::Scalar(found), scalar) => found.is(*scalar),
                    _ => false,
                };
                if fits { self.convert_scalar(&value, *scalar) } else { None }
            }
            TypeCode::List(_) | TypeCode::Set(_) => {
                self.list_of(value.clone()).ok()?;
                Some(self.convert(value, ty))
            }
            TypeCode::Map(..) => {
                let is_map = match &value {
                    Value::Map(_) | Value::Record(_) | Value::Entries { .. } => true,
                    Value::Node { source, node } => {
                        matches!(self.estate.plain_node(*source, *node), Value::Map(_))
                    }
                    _ => false,
                };
                if is_map { Some(self.convert(value, ty)) } else { None }
            }
            TypeCode::Enum(id) => match &value {
                Value::Text(text) => {
                    let is_of_source = matches!(raw, Value::Node { .. });
                    program.types.enumeration(*id).alternative(*text, is_of_source).map(Value::Text)
                }
                _ => None,
            },
            TypeCode::Record(id) => self.as_record(&value, *id),
            TypeCode::Union(alternatives) => {
                alternatives.iter().find_map(|alternative| self.as_type(&value, *alternative))
            }
            TypeCode::Element(kinds) => match &value {
                Value::Element(id) if kinds.has(self.estate.element(*id).kind) => Some(value),
                Value::Record(record) => match record.shape {
                    RecordShape::Kind(kind) if kinds.has(kind) => Some(value),
                    _ => None,
                },
                _ => None,
            },
        }
    }

    /// An object that has the record's literal tags, and all it must have.
    fn as_record(&mut self, value: &Value, id: RecordId) -> Option<Value> {
        if !matches!(value, Value::Record(_) | Value::Map(_) | Value::Node { .. } | Value::Entries { .. }) {
            return None;
        }
        let program = self.program;
        for field in &program.types.record(id).fields {
            if field.derive.is_some() || field.is_optional || field.default.is_some() {
                continue;
            }
            let raw = self.member(value.clone(), field.name);
            let found = self.estate.force(raw);
            if found.is_absent() {
                return None;
            }
            if matches!(program.types.get(field.ty), TypeCode::Enum(_)) && !found.is_unknown() {
                self.as_type(&found, field.ty)?;
            }
        }
        Some(self.convert_record(value.clone(), id))
    }

    /// Values come in disguise: `"true"`, `"443"`, `4` for a share of processors.
    pub(crate) fn convert_scalar(&mut self, value: &Value, scalar: Scalar) -> Option<Value> {
        if let Value::Text(symbol) = value {
            return self.text_as(*symbol, scalar);
        }
        let text = match value {
            Value::Scalar(found) if found.is(scalar) => return Some(value.clone()),
            Value::Bool(_) if scalar == Scalar::Bool => return Some(value.clone()),
            Value::Duration { .. } if scalar == Scalar::Duration => return Some(value.clone()),
            Value::Instant(_) if matches!(scalar, Scalar::Date | Scalar::Time) => return Some(value.clone()),
            Value::Size(_) if scalar == Scalar::Bytes => return Some(value.clone()),
            Value::Made(_) => {
                if matches!(scalar, Scalar::String | Scalar::StringNocase) {
                    return Some(value.clone());
                }
                return self.made_text_as(self.estate.str_of(value)?, scalar);
            }
            Value::Int(_) | Value::Decimal(_) => return self.number_as(value, scalar),
            Value::Bool(_) if matches!(scalar, Scalar::String | Scalar::StringNocase) => {
                return Some(self.estate.text(&self.estate.render(value)));
            }
            Value::Scalar(found) => match (&**found, scalar) {
                (ScalarValue::Ip(address), Scalar::Cidr) => {
                    let set = iom_model::scalar::CidrSet::of_address(*address);
                    return Some(Value::Scalar(Arc::new(ScalarValue::Cidr(set))));
                }
                _ => found.text(),
            },
            Value::List(_) | Value::Set(_) | Value::Range(_) if scalar == Scalar::Ports => {
                return self
                    .ports_of(value)
                    .ok()
                    .map(|ports| Value::Scalar(Arc::new(ScalarValue::Ports(ports))));
            }
            Value::Map(_) | Value::Record(_) | Value::Node { .. } | Value::Entries { .. }
                if scalar == Scalar::Selector =>
            {
                return self.selector(value);
            }
            _ => return None,
        };
        match scalar::parse(scalar, text.trim())? {
            Parsed::Value(value) => Some(value),
            Parsed::Text => Some(self.estate.text(&text)),
        }
    }

    /// The same texts come again and again: `0.0.0.0/0`, a version, an image. Each is read once.
    fn text_as(&mut self, text: Symbol, scalar: Scalar) -> Option<Value> {
        if matches!(scalar, Scalar::String | Scalar::StringNocase) {
            return Some(Value::Text(text));
        }
        if let Some(found) = self.parsed.get(&(scalar, text)) {
            return found.clone();
        }
        let value = match scalar::parse(scalar, self.estate.strings.resolve(&text).trim()) {
            Some(Parsed::Value(value)) => Some(value),
            Some(Parsed::Text) => Some(Value::Text(text)),
            None => None,
        };
        if self.parsed.len() < MAX_PARSED {
            self.parsed.insert((scalar, text), value.clone());
        }
        value
    }

    /// The same of a text that is nowhere in the sources as it is, but inside of others.
    fn made_text_as(&mut self, text: &str, scalar: Scalar) -> Option<Value> {
        let known = self.parsed_made.entry(scalar).or_default();
        if let Some(found) = known.get(text) {
            return found.clone();
        }
        let value = match scalar::parse(scalar, text.trim()) {
            Some(Parsed::Value(value)) => Some(value),
            Some(Parsed::Text) => return Some(self.estate.text(text)),
            None => None,
        };
        if known.len() < MAX_PARSED {
            known.insert(text.into(), value.clone());
        }
        value
    }

    fn number_as(&mut self, value: &Value, scalar: Scalar) -> Option<Value> {
        let found = number(value)?;
        Some(match scalar {
            Scalar::Int | Scalar::Port => Value::Int(found.as_int()?),
            Scalar::Decimal => value.clone(),
            Scalar::String | Scalar::StringNocase => self.estate.text(&self.estate.render(value)),
            Scalar::Bytes => Value::Size(found.as_int()?),
            Scalar::Cpu => {
                let millicores = found.times(Number::Int(1_000))?.as_int()?;
                Value::Scalar(Arc::new(ScalarValue::Cpu(millicores)))
            }
            Scalar::Ports | Scalar::Version => match scalar::parse(scalar, &self.estate.render(value))? {
                Parsed::Value(value) => value,
                Parsed::Text => return None,
            },
            _ => return None,
        })
    }

    /// A rule of the type that a source's value breaks is a remark; the value is kept.
    fn check(&mut self, value: &Value, refinement: &RefinementCode) {
        if matches!(value, Value::Absent | Value::Unknown(_)) {
            return;
        }
        let broken = match refinement {
            RefinementCode::Nothing => None,
            RefinementCode::Range { low, high } => {
                let mut bound = |code: &Option<crate::program::Code>, wrong: std::cmp::Ordering| {
                    let bound = code.as_ref().map(|code| self.run(0, |ev| ev.eval(code)))?;
                    let order = self.order(value, &bound, crate::program::Order::Natural);
                    (order == Ok(wrong)).then(|| self.estate.render(&bound))
                };
                let low = bound(low, std::cmp::Ordering::Less).map(|bound| format!("less than {bound}"));
                low.or_else(|| {
                    bound(high, std::cmp::Ordering::Greater).map(|bound| format!("more than {bound}"))
                })
            }
            RefinementCode::Matching(pattern) => {
                let fits = self.estate.str_of(value).is_none_or(|text| pattern.is_match(text) != Some(false));
                (!fits).then(|| format!("not of the form {}", pattern.source()))
            }
            RefinementCode::Size { low, high } => {
                let size = match value {
                    Value::List(list) | Value::Set(list) if list.is_complete() => Some(list.items.len()),
                    Value::Map(map) if map.open.is_none() => Some(map.entries.len()),
                    other => self.estate.str_of(other).map(|text| text.chars().count()),
                };
                let fits = size.is_none_or(|size| {
                    low.is_none_or(|low| size as u64 >= low) && high.is_none_or(|high| size as u64 <= high)
                });
                (!fits).then(|| "of a size that is not allowed".to_owned())
            }
            RefinementCode::Where { condition, locals } => {
                let holds = self.run(*locals, |ev| {
                    ev.set(0, value.clone());
                    ev.truth(condition)
                });
                (holds == Truth::False).then(|| "not what its type requires".to_owned())
            }
        };
        if let Some(broken) = broken {
            let shown = self.shown(value);
            self.remark(FactRemarkKind::OutOfBounds, format!("{shown} is {broken}"));
        }
    }
}
