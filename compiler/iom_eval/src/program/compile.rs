use std::sync::Arc;

use iom_model::{Builtin, Expr, FieldOwner, IsTest, Literal, Model, Nominal, QualifiedName, TextPart};
use iom_state::tape::{Strings, Symbol};
use iom_stdlib::secrets;
use rustc_hash::FxHashMap;

use super::code::{Arm, Code, ContextName, JoinKey, Order, Pattern, Piece, Test};
use super::populations::Populations;
use super::{FieldId, FieldTable, Ids, KindId, KindSet, KindSetId, ResourceId, SharedId, Tables, TypeTable};
use crate::pattern::TextPattern;
use crate::scalar::{self, ScalarValue};
use crate::value::{Causes, Value};

/// Turns expressions into [`Code`]. Text is interned here, before sources are imported.
pub struct Compiler<'a> {
    pub model: &'a Model,
    pub strings: &'a mut Strings,
    pub types: TypeTable,
    pub fields: Vec<FieldTable>,
    pub joins: Vec<JoinKey>,
    pub kind_ids: FxHashMap<QualifiedName, KindId>,
    pub resource_ids: FxHashMap<QualifiedName, ResourceId>,
    pub(super) ids: Ids,
    populations: Populations<'a>,
    /// Where kinds have fields, by name: the kind's position and the field's in it.
    places: FxHashMap<&'a str, Vec<(u32, u16)>>,
    /// The values of the `let`s around what is compiled.
    pub(super) lets: Vec<(iom_model::Local, Expr)>,
    /// Find what is the same for everybody. Off where everything is computed once anyway.
    pub shares: bool,
    /// Adapters read empty text as absent.
    pub in_adapter: bool,
    /// The slot of the object whose shape is given; `self` to begin with.
    at_hand: u32,
    /// Plan joins. Off for the reference evaluation of tests.
    pub plans_joins: bool,
}

/// Declared resources whose kind exists: all of them in a model without errors.
pub(super) fn known_resources(model: &Model) -> impl Iterator<Item = &iom_model::ResourceDeclaration> {
    model.resources.values().filter(|resource| model.kinds.contains_key(&resource.kind))
}

/// Of two fields of a kind with one name, which no sound kind has, the first.
fn places_of_fields(model: &Model) -> FxHashMap<&str, Vec<(u32, u16)>> {
    let mut places: FxHashMap<&str, Vec<(u32, u16)>> = FxHashMap::default();
    for (kind, definition) in (0..).zip(model.kinds.values()) {
        for (position, field) in (0..).zip(&definition.fields) {
            let places = places.entry(&field.name).or_default();
            if places.last().is_none_or(|(last, _)| *last != kind) {
                places.push((kind, position));
            }
        }
    }
    places
}

impl<'a> Compiler<'a> {
    pub fn new(model: &'a Model, strings: &'a mut Strings, mut tables: Tables) -> Compiler<'a> {
        tables.extend(model);
        let Tables { ids, types, fields, joins } = tables;
        let kinds = model.kinds.keys().enumerate();
        Compiler {
            model,
            strings,
            types,
            fields,
            joins,
            kind_ids: kinds.map(|(index, name)| (name.clone(), KindId(index as u32))).collect(),
            resource_ids: known_resources(model)
                .enumerate()
                .map(|(index, resource)| (resource.name.clone(), ResourceId(index as u32)))
                .collect(),
            ids,
            populations: Populations::of(model),
            places: places_of_fields(model),
            lets: Vec::new(),
            shares: false,
            in_adapter: false,
            at_hand: 0,
            plans_joins: true,
        }
    }

    pub fn symbol(&mut self, text: &str) -> Symbol {
        self.strings.get_or_intern(text)
    }

    pub fn field(&mut self, name: &str) -> FieldId {
        if let Some(id) = self.ids.fields.get(name) {
            return *id;
        }
        let id = FieldId(self.fields.len() as u32);
        let mut positions = vec![FieldTable::NONE; self.model.kinds.len()];
        for (kind, position) in self.places.get(name).into_iter().flatten() {
            positions[*kind as usize] = *position;
        }
        let positions = positions.into();
        let symbol = self.symbol(name);
        self.fields.push(FieldTable { name: symbol, positions });
        self.ids.fields.insert(name.to_owned(), id);
        id
    }

    /// The kinds a nominal type stands for. What no kind maps is in the population of no trait.
    pub fn kind_set(&mut self, nominal: &Nominal) -> KindSet {
        let mut set = self.kinds_of(nominal, false);
        let next = KindSetId(self.ids.kind_sets.len() as u32);
        set.id = Some(*self.ids.kind_sets.entry(nominal.clone()).or_insert(next));
        set
    }

    /// The kinds that something said of a nominal type is about, whoever ranges over them: also what no kind maps.
    pub fn kinds_meant(&mut self, nominal: &Nominal) -> KindSet {
        self.kinds_of(nominal, true)
    }

    fn kinds_of(&self, nominal: &Nominal, with_the_rest: bool) -> KindSet {
        let mut kinds = self.populations.kinds(nominal);
        let is_trait = matches!(nominal, Nominal::Trait(_));
        if is_trait {
            // A kind may be asked for as a trait that it alone has.
            let own = self.model.kinds.get_index_of(nominal.name());
            if let Some((own, Err(place))) = own.map(|own| (own, kinds.binary_search(&own))) {
                kinds.insert(place, own);
            }
            let is_in = |position: &usize| {
                let kind = self.model.kinds.get_index(*position);
                with_the_rest || kind.is_some_and(|(_, kind)| !kind.stands_aside())
            };
            kinds.retain(is_in);
        }
        let kinds = kinds.into_iter().map(|position| KindId(position as u32)).collect();
        KindSet::new(nominal.name().clone(), is_trait, kinds, self.model.kinds.len())
    }

    fn boxed(&mut self, expr: &Expr) -> Box<Code> {
        Box::new(self.expr(expr))
    }

    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> Box<[Code]> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    pub fn expr(&mut self, expr: &Expr) -> Code {
        if self.shares && is_worth_sharing(expr) {
            return self.shared(expr);
        }
        match expr {
            Expr::Error => Code::Constant(Value::Unknown(Causes::INVALID)),
            Expr::Literal(literal) => Code::Constant(self.literal(literal)),
            Expr::Local(local) => Code::Local(local.0),
            Expr::Global(name) => match self.ids.globals.get(name) {
                Some(id) => Code::Global(*id),
                None => Code::Constant(Value::Unknown(Causes::INVALID)),
            },
            Expr::Resource(name) => match self.resource_ids.get(name) {
                Some(id) => Code::Resource(*id),
                None => Code::Constant(Value::Unknown(Causes::INVALID)),
            },
            Expr::Now => Code::Now,
            Expr::Context(name) => Code::Context(match name.as_str() {
                "region" => ContextName::Region,
                "project" => ContextName::Project,
                "cluster" => ContextName::Cluster,
                "namespace" => ContextName::Namespace,
                "address" => ContextName::Address,
                "type" => ContextName::Type,
                "name" => ContextName::Name,
                "module" => ContextName::Module,
                "provider" => ContextName::Provider,
                // There is no other name that the check lets by.
                _ => ContextName::Account,
            }),
            Expr::Field { base, .. } if matches!(**base, Expr::Inherited) => Code::Inherited,
            Expr::Field { base, name, owner } => self.field_of(base, name, owner),
            Expr::Keyed { base, key } => Code::Keyed { base: self.boxed(base), key: self.boxed(key) },
            Expr::Index { base, index } => Code::Index { base: self.boxed(base), index: self.boxed(index) },
            Expr::Not(value) => Code::Not(self.boxed(value)),
            Expr::And(left, right) => Code::And(self.boxed(left), self.boxed(right)),
            Expr::Or(left, right) => Code::Or(self.boxed(left), self.boxed(right)),
            Expr::Negate(value) => Code::Negate(self.boxed(value)),
            Expr::Binary { op, left, right } => {
                Code::Binary { op: *op, left: self.boxed(left), right: self.boxed(right) }
            }
            Expr::Compare { op, left, right, semantics } => {
                let order = match semantics {
                    iom_model::Comparison::Natural => Order::Natural,
                    iom_model::Comparison::Nocase => Order::Nocase,
                    iom_model::Comparison::Ordered(ty) => Order::Ranked(self.enumeration(ty)),
                };
                Code::Compare { op: *op, left: self.boxed(left), right: self.boxed(right), order }
            }
            Expr::Coalesce(left, right) => Code::Coalesce {
                left: self.boxed(left),
                right: self.boxed(right),
                empty_is_absent: self.in_adapter,
            },
            Expr::If { condition, then, otherwise } => {
                Code::If(Box::new([self.expr(condition), self.expr(then), self.expr(otherwise)]))
            }
            Expr::Let { local, value, body } => {
                let code = self.boxed(value);
                self.lets.push((*local, (**value).clone()));
                let body = self.boxed(body);
                self.lets.pop();
                Code::Let { local: local.0, value: code, body }
            }
            Expr::List { items, drops_absent } => list(self.all(items), *drops_absent),
            Expr::Set(items) => Code::Set(self.all(items)),
            Expr::Map(entries) => {
                Code::Map(entries.iter().map(|(key, value)| (self.expr(key), self.expr(value))).collect())
            }
            Expr::Record(fields) => Code::Record(
                fields
                    .iter()
                    .map(|(name, value)| (self.symbol(name), self.expr_called(name, value)))
                    .collect(),
            ),
            Expr::Conforms { value, pattern } => {
                self.conforms(value, pattern).unwrap_or(Code::Constant(Value::Unknown(Causes::INVALID)))
            }
            Expr::Built { root, blueprint, what } => match self.blueprint_id(blueprint) {
                Some(blueprint) => Code::Built { root: self.boxed(root), blueprint, what: *what },
                None => Code::Constant(Value::Unknown(Causes::INVALID)),
            },
            Expr::Instances(blueprint) => match self.blueprint_id(blueprint) {
                Some(blueprint) => Code::Instances(blueprint),
                None => Code::Constant(Value::Unknown(Causes::INVALID)),
            },
            Expr::Population(nominal) => Code::Population(Box::new(self.kind_set(nominal))),
            Expr::Named { nominal, name } => {
                Code::Named { kinds: Box::new(self.kind_set(nominal)), name: self.boxed(name) }
            }
            Expr::Convert { value, to } => Code::Convert { value: self.boxed(value), to: self.ty(to) },
            other => self.larger(other),
        }
    }

    /// The rest of [`Compiler::expr`].
    fn larger(&mut self, expr: &Expr) -> Code {
        match expr {
            Expr::Call { function, arguments } => match self.ids.functions.get(function).copied() {
                Some(function) => Code::Call { function, arguments: self.all(arguments) },
                None => Code::Constant(Value::Unknown(Causes::INVALID)),
            },
            Expr::Builtin { function, arguments } => {
                let mut kinds = None;
                let mut code = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    // A population beside another argument names the kinds asked for; it is no value.
                    match argument {
                        Expr::Population(nominal) if arguments.len() > 1 => {
                            kinds = Some(Box::new(self.kind_set(nominal)));
                        }
                        other => code.push(self.expr(other)),
                    }
                }
                Code::Builtin { function: *function, arguments: code.into(), kinds }
            }
            Expr::Match { scrutinee, arms } => {
                let scrutinee = self.boxed(scrutinee);
                let arms = arms.iter().map(|arm| self.arm(arm)).collect();
                Code::Match { scrutinee, arms, empty_is_absent: self.in_adapter }
            }
            Expr::Is { value, test, negated } => {
                Code::Is { value: self.boxed(value), test: self.test(test), negated: *negated }
            }
            Expr::Quantifier { quantifier, binder, body } => {
                let over = Box::new(self.over(binder, Some((*quantifier, body))));
                let reach = self.reach(*quantifier, binder, body);
                let screen = if reach.is_none() { self.screen(*quantifier, binder, body) } else { None };
                Code::Quantifier { quantifier: *quantifier, over, body: self.boxed(body), reach, screen }
            }
            Expr::ListComprehension { binders, value } => {
                let binders = binders.iter().map(|binder| self.over(binder, None)).collect();
                Code::ListComprehension { binders, value: self.boxed(value) }
            }
            Expr::MapComprehension { binders, key, value } => {
                let binders = binders.iter().map(|binder| self.over(binder, None)).collect();
                Code::MapComprehension { binders, key: self.boxed(key), value: self.boxed(value) }
            }
            Expr::Filter { source, local, condition } => {
                Code::Filter(Box::new(self.filtered(source, *local, condition)))
            }
            Expr::Interpolation(parts) => Code::Interpolation(
                parts
                    .iter()
                    .map(|part| match part {
                        TextPart::Text(text) => Piece::Text(text.clone()),
                        TextPart::Expr(expr) => Piece::Code(self.expr(expr)),
                    })
                    .collect(),
            ),
            Expr::Reference { value, target, is_many } => Code::Reference {
                value: self.boxed(value),
                target: Box::new(self.kind_set(target)),
                is_many: *is_many,
            },
            Expr::ReferenceByFields { fields, target } => Code::ReferenceByFields {
                fields: fields.iter().map(|(name, value)| (self.field(name), self.expr(value))).collect(),
                target: Box::new(self.kind_set(target)),
            },
            Expr::Reshape { value, local, outer, record } => {
                let value = self.boxed(value);
                let around = std::mem::replace(&mut self.at_hand, local.0);
                let record = self.boxed(record);
                self.at_hand = around;
                Code::Reshape { value, local: local.0, outer: outer.0, around, record }
            }
            _ => Code::Constant(Value::Unknown(Causes::INVALID)),
        }
    }

    /// Something that depends on nothing but the world.
    fn shared(&mut self, expr: &Expr) -> Code {
        let next = SharedId(self.ids.shared.len() as u32);
        let id = *self.ids.shared.entry(expr.clone()).or_insert(next);
        let mut locals = 0;
        expr.walk(&mut |part| part.for_each_binding(&mut |local| locals = locals.max(local.0 + 1)));
        self.shares = false;
        let value = self.boxed(expr);
        self.shares = true;
        Code::Shared { id, value, locals }
    }

    fn field_of(&mut self, base: &Expr, name: &str, owner: &FieldOwner) -> Code {
        let base = self.boxed(base);
        match owner {
            FieldOwner::Element(_) => Code::ElementField { base, field: self.field(name) },
            FieldOwner::Record | FieldOwner::Json | FieldOwner::Group => {
                Code::Member { base, name: self.symbol(name) }
            }
            FieldOwner::Scalar => Code::Part { base, name: name.into() },
        }
    }

    fn arm(&mut self, arm: &iom_model::Arm) -> Arm {
        let patterns = arm
            .patterns
            .iter()
            .map(|pattern| match pattern {
                iom_model::Pattern::Any => Pattern::Any,
                iom_model::Pattern::Absent => Pattern::Absent,
                iom_model::Pattern::Unknown => Pattern::Unknown,
                iom_model::Pattern::Literal(literal) => Pattern::Equal(self.literal(literal)),
                iom_model::Pattern::Type { ty, local } => {
                    Pattern::Type { ty: self.ty(ty), local: local.map(|local| local.0) }
                }
            })
            .collect();
        Arm { patterns, value: self.expr(&arm.value) }
    }

    fn test(&mut self, test: &IsTest) -> Test {
        match test {
            IsTest::Present if self.in_adapter => Test::Filled,
            IsTest::Absent if self.in_adapter => Test::Blank,
            IsTest::Present => Test::Present,
            IsTest::Absent => Test::Absent,
            IsTest::Known => Test::Known,
            IsTest::Unknown => Test::Unknown,
            IsTest::Empty => Test::Empty,
            IsTest::Nonempty => Test::Nonempty,
            IsTest::Dangling => Test::Dangling,
            IsTest::Modelled => Test::Modelled,
            IsTest::Private => Test::Private,
            IsTest::All => Test::All,
            IsTest::Element(nominal) => Test::Element(Box::new(self.kinds_meant(nominal))),
        }
    }

    /// An expression with a name. A text under the name of a secret is one, and nothing may show it.
    pub fn expr_called(&mut self, name: &str, value: &Expr) -> Code {
        match value {
            Expr::Literal(Literal::Text(text))
                if secrets::is_secret_name(name) && secrets::is_plain(text) =>
            {
                Code::Constant(Value::Unknown(Causes::PLAIN_SECRET))
            }
            other => self.expr(other),
        }
    }

    pub fn literal(&mut self, literal: &Literal) -> Value {
        match literal {
            Literal::Absent => Value::Absent,
            Literal::Unknown => Value::Unknown(Causes::NOT_REPORTED),
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Decimal(text) => scalar::decimal(text).unwrap_or(Value::Unknown(Causes::INVALID)),
            Literal::Text(text) if secrets::form_of(text).is_some() => Value::Unknown(Causes::PLAIN_SECRET),
            Literal::Text(text) | Literal::Enum(text) => Value::Text(self.symbol(text)),
            Literal::Duration(duration) => {
                Value::Duration { months: duration.months, milliseconds: duration.milliseconds }
            }
            Literal::Size(bytes) => Value::Size(*bytes),
            Literal::Instant(seconds) => Value::Instant(*seconds),
            Literal::Scalar(iom_model::Scalar::Regex, text) => {
                Value::Scalar(Arc::new(ScalarValue::Regex(TextPattern::of_program(text))))
            }
            Literal::Scalar(scalar, text) => match scalar::parse(*scalar, text) {
                Some(scalar::Parsed::Value(value)) => value,
                Some(scalar::Parsed::Text) => Value::Text(self.symbol(text)),
                None => Value::Unknown(Causes::INVALID),
            },
        }
    }
}

/// A list; one of nothing but constants is a constant itself.
fn list(items: Box<[Code]>, drops_absent: bool) -> Code {
    if drops_absent || !items.iter().all(|item| matches!(item, Code::Constant(_))) {
        return Code::List { items, drops_absent };
    }
    let value = |item| match item {
        Code::Constant(value) => Some(value),
        _ => None,
    };
    Code::Constant(Value::list(items.into_iter().filter_map(value).collect()))
}

/// Whether an expression goes through a collection and depends on nothing but the world.
pub(super) fn is_worth_sharing(expr: &Expr) -> bool {
    let goes_through = match expr {
        Expr::ListComprehension { .. }
        | Expr::MapComprehension { .. }
        | Expr::Filter { .. }
        | Expr::Quantifier { .. } => true,
        // How large something is may be known within bounds only, which a kept value would lose; what is counted is kept.
        Expr::Builtin { function: Builtin::Size, .. } => false,
        Expr::Builtin { function, arguments } => {
            !function.follows_references()
                && arguments.iter().any(|argument| {
                    matches!(argument, Expr::Population(_) | Expr::Global(_)) || is_worth_sharing(argument)
                })
        }
        _ => false,
    };
    let mut is_plain = true;
    if goes_through {
        expr.walk(&mut |part| {
            is_plain &= !matches!(
                part,
                Expr::Inherited | Expr::Context(_) | Expr::Conforms { .. } | Expr::Built { .. } | Expr::Error
            );
        });
    }
    goes_through && is_plain && expr.is_closed()
}
