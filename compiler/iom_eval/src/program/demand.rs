use std::collections::{BTreeMap, BTreeSet};

use iom_model::{
    AuthorityStep, Binder, Builtin, Expr, FieldOwner, Local, Model, Nominal, QualifiedName, SOURCE_OBJECT,
    Selection, Step, Type,
};
use iom_state::document::{AttributeFilter, Wanted};
use rustc_hash::FxHashSet;

use super::adapter::matches_type;
use super::populations::Populations;
use super::rest::{Rest, Types, types_of};
use super::{KindId, Scope};

/// What of a source is needed to judge what is to be judged: the kinds that can be reached and the attributes that are
/// read of them. Everything else is left in the file.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Kinds whose elements are needed, by position.
    pub kinds: BTreeSet<usize>,
    /// Graph functions are used: every reference of every kind is needed.
    pub needs_graph: bool,
    /// Source types of which it matters what was before: those of kinds with transitions.
    before: BTreeSet<String>,
    /// Something asks which elements have one identity.
    pub needs_twins: bool,
    exact: BTreeMap<(String, bool), Attributes>,
    patterns: Vec<(String, bool, Attributes)>,
    /// What is needed of types that no kind maps.
    rest: Rest,
    /// All source types some kind maps, needed or not.
    mapped: BTreeSet<(String, bool)>,
    /// Types that kinds show beside whatever maps them.
    viewed: BTreeSet<(String, bool)>,
    /// Source types that are read as parts of other objects.
    parts: BTreeSet<String>,
    /// Source types of kinds that are not in the model.
    elsewhere: BTreeSet<(String, bool)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    /// Whatever there is, too.
    is_all: bool,
    /// Sorted.
    names: Vec<String>,
}

impl Attributes {
    pub(super) fn add(&mut self, name: &str) {
        if let Err(position) = self.names.binary_search_by(|found| found.as_str().cmp(name)) {
            self.names.insert(position, name.to_owned());
        }
    }

    pub(super) fn covers(&self, other: &Attributes) -> bool {
        (self.is_all || !other.is_all)
            && other.names.iter().all(|name| self.names.binary_search(name).is_ok())
    }

    fn filter(&self, is_all: bool) -> AttributeFilter<'_> {
        match self.is_all || is_all {
            true => AttributeFilter::All(&self.names),
            false => AttributeFilter::These(&self.names),
        }
    }
}

impl Wanted for Demand {
    fn attributes(&self, source_type: &str, is_data: bool) -> Option<AttributeFilter<'_>> {
        let exact = self.exact.get(&(source_type.to_owned(), is_data));
        let patterns = self
            .patterns
            .iter()
            .filter(|(pattern, data, _)| *data == is_data && matches_type(pattern, source_type))
            .map(|(.., attributes)| attributes)
            .filter(|_| exact.is_none());
        let rest = self.of_the_rest(source_type, is_data);
        let mut fitting = exact.into_iter().chain(patterns).chain(rest);
        let first = fitting.next()?;
        // Several for one type are rare; their union is not worth keeping. Who asks for the type itself comes first.
        Some(first.filter(fitting.next().is_some()))
    }

    fn wants_before(&self, source_type: &str) -> bool {
        self.before.iter().any(|pattern| pattern == source_type || matches_type(pattern, source_type))
    }
}

impl Demand {
    pub fn of(model: &Model, scope: &Scope) -> Demand {
        let mut search = Search::new(model);
        search.start(scope);
        search.run();
        search.demand
    }

    /// What can be asked of all kinds of a model, whatever is asked now: for those who keep sources while questions change.
    pub fn whole(model: &Model, scope: &Scope) -> Demand {
        let mut search = Search::new(model);
        search.start(scope);
        for (position, kind) in model.kinds.values().enumerate() {
            search.present_kind(position);
            search.demand.rest.want(position, Types::All);
            kind.fields.iter().for_each(|field| search.field_of(position, &field.name));
        }
        search.run();
        search.demand
    }

    /// Whether sources that were read for this one hold what another one needs.
    pub fn covers(&self, other: &Demand) -> bool {
        let exact = other
            .exact
            .iter()
            .all(|(key, attributes)| self.exact.get(key).is_some_and(|kept| kept.covers(attributes)));
        exact
            && other.before.is_subset(&self.before)
            && self.rest.covers(&other.rest)
            && other.patterns.iter().all(|(pattern, is_data, attributes)| {
                let is_it =
                    |(name, data, _): &&(String, bool, Attributes)| name == pattern && data == is_data;
                self.patterns.iter().find(is_it).is_some_and(|(.., kept)| kept.covers(attributes))
            })
    }

    /// Whether both take the same elements from the same sources.
    pub fn takes_as(&self, other: &Demand) -> bool {
        self.kinds == other.kinds
            && (self.needs_graph, self.needs_twins) == (other.needs_graph, other.needs_twins)
            && self.before == other.before
            && self.rest.takes_as(&other.rest)
    }

    /// Whether elements of a kind are made of objects of a type that the kind's adapters read.
    pub(super) fn takes(&self, kind: KindId, source_type: &str) -> bool {
        self.kinds.contains(&kind.index()) && self.rest.takes(kind.index(), source_type)
    }

    /// Whether the rules know the type: some kind of the model maps it, needed or not, it is read as a part of another
    /// object, or somebody asks for it without a kind.
    pub fn is_mapped(&self, source_type: &str, is_data: bool) -> bool {
        self.has_kind(source_type, is_data)
            || is_among(&self.viewed, source_type, is_data)
            || !is_data && self.parts.contains(source_type)
            || self.of_the_rest(source_type, is_data).is_some()
    }

    /// What is needed of a type that no kind maps.
    fn of_the_rest(&self, source_type: &str, is_data: bool) -> Option<&Attributes> {
        let rest = self.rest.of_type(source_type, is_data)?;
        (!self.has_kind(source_type, is_data) && !self.is_elsewhere(source_type, is_data)).then_some(rest)
    }

    /// Whether some kind of the model maps the type.
    fn has_kind(&self, source_type: &str, is_data: bool) -> bool {
        is_among(&self.mapped, source_type, is_data)
    }

    /// Whether a kind maps the type that is not in the model.
    pub(super) fn is_elsewhere(&self, source_type: &str, is_data: bool) -> bool {
        is_among(&self.elsewhere, source_type, is_data)
    }
}

fn is_among(types: &BTreeSet<(String, bool)>, source_type: &str, is_data: bool) -> bool {
    types.contains(&(source_type.to_owned(), is_data))
        || types.iter().any(|(pattern, data)| {
            *data == is_data && pattern.contains('*') && matches_type(pattern, source_type)
        })
}

struct Search<'a> {
    model: &'a Model,
    populations: Populations<'a>,
    demand: Demand,
    /// Fields that are read of each kind.
    fields: BTreeMap<usize, BTreeSet<QualifiedName>>,
    done: FxHashSet<(usize, QualifiedName)>,
    queue: Vec<(usize, QualifiedName)>,
    named: FxHashSet<QualifiedName>,
    /// Populations that are seen to by the filters around them.
    met: FxHashSet<*const Expr>,
}

impl<'a> Search<'a> {
    fn new(model: &'a Model) -> Search<'a> {
        let mut demand = Demand::default();
        let adapters = model
            .kinds
            .values()
            .flat_map(|kind| kind.adapters.iter().map(move |adapter| (kind.is_view, adapter)));
        for (is_view, adapter) in adapters {
            let mapped = if is_view { &mut demand.viewed } else { &mut demand.mapped };
            for source_type in &adapter.source_types {
                mapped.insert((source_type.to_string(), adapter.is_data));
            }
            // A sibling that is read as a part of another element is known, too.
            demand.parts.extend(adapter.parts.iter().map(|part| part.source_type.to_string()));
        }
        for kind in model.kinds.values().filter(|kind| !kind.transitions.is_empty()) {
            let types = kind.adapters.iter().flat_map(|adapter| &adapter.source_types);
            demand.before.extend(types.map(ToString::to_string));
        }
        let elsewhere = model.mapped_elsewhere.iter();
        demand.elsewhere.extend(elsewhere.map(|mapped| (mapped.name.to_string(), mapped.is_data)));
        demand.rest = Rest::of(model);
        Search {
            model,
            populations: Populations::of(model),
            demand,
            fields: BTreeMap::new(),
            done: FxHashSet::default(),
            queue: Vec::new(),
            named: FxHashSet::default(),
            met: FxHashSet::default(),
        }
    }

    fn start(&mut self, scope: &Scope) {
        let model = self.model;
        self.demand.needs_graph |= scope.with_graph;
        for policy in model.policies.values().filter(|policy| scope.has(policy)) {
            for rule in &policy.rules {
                let filter = rule.filter.as_ref().filter(|_| rule.by.is_none());
                self.present_where(&rule.population, filter, rule.subject);
                rule.by.iter().map(|by| &by.key).chain(&rule.filter).for_each(|expr| self.walk(expr));
                self.steps(&rule.steps);
            }
        }
        for exception in model.exceptions.values() {
            self.selection(&exception.target, false);
        }
        for authority in model.authorities.values() {
            for rule in &authority.rules {
                rule.filter.iter().for_each(|filter| self.walk(filter));
                AuthorityStep::for_each_expression(&rule.steps, &mut |expr| self.walk(expr));
            }
        }
        for window in model.break_glass.values() {
            self.selection(&window.scope, false);
        }
        for evidence in model.evidence.values() {
            self.selection(&evidence.population, true);
            if let Selection::Where { population, .. } = &evidence.population {
                evidence.collect.iter().for_each(|field| self.field(population, field));
            }
        }
        for bind in &model.binds {
            bind.filter.iter().for_each(|filter| self.walk(filter));
            bind.fields.iter().for_each(|(_, value)| self.walk(value));
        }
        for name in &scope.questions {
            if let Some(constant) = model.constants.get(name) {
                self.walk(&constant.value);
            }
        }
        for tolerance in &model.tolerances {
            let parts = tolerance.filter.iter().chain([&tolerance.within, &tolerance.writer]);
            parts.for_each(|part| self.walk(part));
        }
        let tests = || model.tests.iter().filter(|_| scope.with_tests);
        for expectation in tests().flat_map(|test| &test.expectations) {
            if let iom_model::ExpectationKind::Condition { value, .. } = &expectation.kind {
                self.walk(value);
            }
        }
        let given = tests().flat_map(|test| &test.given);
        for resource in model.resources.values().chain(given) {
            self.declared(resource);
        }
    }

    fn declared(&mut self, resource: &'a iom_model::ResourceDeclaration) {
        resource.fields.iter().for_each(|setting| self.walk(&setting.value));
        if let Some(instance) = &resource.instance {
            instance.arguments.iter().flatten().for_each(|value| self.walk(value));
            self.blueprint(&instance.blueprint);
        }
    }

    /// What a blueprint's parts and clauses read.
    fn blueprint(&mut self, name: &QualifiedName) {
        if !self.named.insert(name.clone()) {
            return;
        }
        let Some(blueprint) = self.model.blueprints.get(name) else { return };
        blueprint.parameters.iter().filter_map(|one| one.default.as_ref()).for_each(|one| self.walk(one));
        blueprint.parts.iter().for_each(|part| self.declared(&part.declaration));
        self.steps(&blueprint.steps);
        for rule in &blueprint.judges {
            rule.filter.iter().for_each(|filter| self.walk(filter));
            self.steps(&rule.steps);
        }
    }

    /// What existing elements are compared with: the parts are looked for in the sources.
    fn pattern(&mut self, name: &QualifiedName) {
        self.blueprint(name);
        let Some(blueprint) = self.model.blueprints.get(name) else { return };
        let mut key = name.to_string();
        key.push_str(" conforms");
        if !self.named.insert(key.into()) {
            return;
        }
        for part in &blueprint.parts {
            self.present(&part.nominal);
            part.fixed.iter().for_each(|field| self.walk(&field.condition));
            if let iom_model::PartSearch::Among(binder) = &part.search {
                binder.for_each_child(&mut |child| self.walk(child));
            }
            if let Some(instance) = &part.declaration.instance {
                self.pattern(&instance.blueprint);
            }
        }
        blueprint.judges.iter().for_each(|rule| self.present(&rule.population));
    }

    fn selection(&mut self, selection: &'a Selection, makes_present: bool) {
        if let Selection::Where { population, filter, .. } = selection {
            if makes_present {
                self.present_where(population, filter.as_ref(), Local(0));
            }
            filter.iter().for_each(|filter| self.walk(filter));
        }
    }

    fn steps(&mut self, steps: &'a [Step]) {
        for step in steps {
            match step {
                Step::Let { value, .. } => self.walk(value),
                Step::For { binder, steps, .. } => {
                    self.narrowed(binder);
                    binder.for_each_child(&mut |part| self.walk(part));
                    self.steps(steps);
                }
                Step::Require(require) => {
                    self.walk(&require.condition);
                    require.at.iter().chain(&require.message).for_each(|part| self.walk(part));
                    require.fix.iter().for_each(|(_, value)| self.walk(value));
                }
            }
        }
    }

    fn run(&mut self) {
        if self.demand.needs_graph {
            self.everything();
        }
        while let Some((kind, field)) = self.queue.pop() {
            if self.done.insert((kind, field.clone())) {
                self.read(kind, &field);
            }
            if self.queue.is_empty() && self.demand.needs_graph {
                self.everything();
            }
        }
    }

    /// All kinds with all their references. Views have those that their source tells, of whatever attribute. What no kind maps
    /// is there where it is asked for.
    fn everything(&mut self) {
        for (position, kind) in self.model.kinds.values().enumerate() {
            if kind.is_view {
                self.present_kind(position);
                self.field_of(position, &SOURCE_OBJECT.into());
            } else if !kind.stands_aside() {
                self.present_kind(position);
                self.edges(position);
            }
        }
    }

    fn edges(&mut self, position: usize) {
        let Some((_, kind)) = self.model.kinds.get_index(position) else { return };
        for field in kind.fields.iter().filter(|field| super::edge::has_element(self.model, &field.ty)) {
            self.field_of(position, &field.name);
        }
    }

    fn links(&mut self, position: usize) {
        let Some((_, kind)) = self.model.kinds.get_index(position) else { return };
        for field in kind.fields.iter().filter(|field| super::edge::has_link(self.model, &field.ty)) {
            self.field_of(position, &field.name);
        }
    }

    fn present(&mut self, nominal: &Nominal) {
        self.present_where(nominal, None, Local(0));
    }

    /// The elements of which a condition on a slot holds are needed. What no kind maps is in the population of no trait.
    fn present_where(&mut self, nominal: &Nominal, condition: Option<&Expr>, element: Local) {
        for position in self.populations.kinds(nominal) {
            let Some((_, kind)) = self.model.kinds.get_index(position) else { continue };
            if kind.stands_aside() && matches!(nominal, Nominal::Trait(_)) {
                continue;
            }
            if kind.takes_the_rest() {
                self.demand.rest.want(position, types_of(kind, condition, element));
            }
            self.present_kind(position);
        }
    }

    /// A population that a binder filters is needed as far as the filter lets it through.
    fn narrowed(&mut self, binder: &'a Binder) {
        if let (Expr::Population(nominal), Some(filter), None) = (&binder.source, &binder.filter, &binder.by)
        {
            self.present_where(nominal, Some(filter), binder.local);
            self.met.insert(std::ptr::from_ref(&binder.source));
        }
    }

    fn present_kind(&mut self, position: usize) {
        if !self.demand.kinds.insert(position) {
            return;
        }
        let Some((_, kind)) = self.model.kinds.get_index(position) else { return };
        for adapter in &kind.adapters {
            self.adapter_base(adapter);
        }
        let reported = kind.fields.iter().map(|field| &field.name);
        let reported = reported.filter(|name| matches!(name.as_str(), "owner" | "environment"));
        for field in kind.identity.iter().chain(reported) {
            self.field_of(position, field);
        }
        if let Some(read) = self.fields.get(&position) {
            self.queue.extend(read.iter().map(|field| (position, field.clone())));
        }
    }

    fn field(&mut self, nominal: &Nominal, field: &QualifiedName) {
        for kind in self.populations.kinds(nominal) {
            self.field_of(kind, field);
        }
    }

    fn field_of(&mut self, kind: usize, field: &QualifiedName) {
        let is_new = self.fields.entry(kind).or_default().insert(field.clone());
        if is_new && self.demand.kinds.contains(&kind) {
            self.queue.push((kind, field.clone()));
        }
    }

    /// A field of a kind that is needed: what its adapters read for it, and what that needs in turn.
    fn read(&mut self, position: usize, name: &QualifiedName) {
        let Some((_, kind)) = self.model.kinds.get_index(position) else { return };
        if name == SOURCE_OBJECT {
            for adapter in &kind.adapters {
                self.attribute(adapter, None);
            }
        }
        if let Some(field) = kind.fields.iter().find(|field| field.name == *name) {
            self.ty(&field.ty);
            field.default.iter().for_each(|default| self.walk(default));
            field.derive.iter().for_each(|derive| self.walk(&derive.value));
        }
        for adapter in &kind.adapters {
            for (_, value) in adapter.fields.iter().filter(|(field, _)| field == name) {
                self.adapter_value(adapter, value);
                self.walk(value);
            }
        }
    }

    /// What is always read of an adapter's objects: what makes them elements and how others refer to them.
    fn adapter_base(&mut self, adapter: &'a iom_model::Adapter) {
        for source_type in &adapter.source_types {
            self.source_type(source_type, adapter.is_data);
        }
        for first in adapter.keys.iter().filter_map(|path| path.first()) {
            self.attribute(adapter, Some(first));
        }
        if let Some(at) = &adapter.at {
            self.attributes_of(adapter, at, 0);
        }
        for value in adapter.each.iter().chain(&adapter.filter) {
            self.walk(value);
            self.adapter_value(adapter, value);
        }
        if let Some(each) = &adapter.each
            && adapter.at.is_none()
        {
            self.attributes_of(adapter, each, 0);
        }
        for part in &adapter.parts {
            self.source_type(&part.source_type, false);
            let mut found = Vec::new();
            attributes(&part.on, 0, &mut found);
            self.part_attributes(&part.source_type, found);
        }
    }

    /// What a field's expression reads of the object, of the object around it and of its parts.
    fn adapter_value(&mut self, adapter: &'a iom_model::Adapter, value: &'a Expr) {
        // Inside `at` and `each`, slot 0 is somewhere in an attribute that is kept whole.
        let object = match (&adapter.at, &adapter.each) {
            (None, None) => Some(0),
            (None, Some(_)) | (Some(_), None) => Some(1),
            (Some(_), Some(_)) => None,
        };
        if let Some(object) = object {
            self.attributes_of(adapter, value, object);
        }
        for part in &adapter.parts {
            let mut found = Vec::new();
            attributes(value, part.local.0, &mut found);
            self.part_attributes(&part.source_type, found);
        }
        let mut locals = Vec::new();
        value.walk(&mut |part| {
            if let Expr::Local(local) = part {
                locals.push(*local);
            }
        });
        for (_, bound) in adapter.lets.iter().filter(|(local, _)| locals.contains(local)) {
            self.adapter_value(adapter, bound);
            self.walk(bound);
        }
    }

    fn attributes_of(&mut self, adapter: &iom_model::Adapter, value: &Expr, local: u32) {
        let mut found = Vec::new();
        attributes(value, local, &mut found);
        for name in found {
            self.attribute(adapter, name);
        }
    }

    fn part_attributes(&mut self, source_type: &str, found: Vec<Option<&QualifiedName>>) {
        for name in found {
            add(self.source_type(source_type, false), name);
        }
    }

    fn attribute(&mut self, adapter: &iom_model::Adapter, name: Option<&QualifiedName>) {
        for source_type in &adapter.source_types {
            add(self.source_type(source_type, adapter.is_data), name);
        }
        if adapter.takes_the_rest() {
            add(self.demand.rest.attributes(adapter.is_data), name);
        }
    }

    fn source_type(&mut self, source_type: &str, is_data: bool) -> &mut Attributes {
        if source_type.contains('*') {
            let patterns = &mut self.demand.patterns;
            let found = patterns.iter().position(|(name, data, _)| name == source_type && *data == is_data);
            let position = found.unwrap_or_else(|| {
                patterns.push((source_type.to_owned(), is_data, Attributes::default()));
                patterns.len() - 1
            });
            return &mut patterns[position].2;
        }
        let key = (source_type.to_owned(), is_data);
        self.demand.exact.entry(key).or_default()
    }

    fn ty(&mut self, ty: &'a Type) {
        match ty {
            Type::Named(name) if self.named.insert(name.clone()) => {
                if let Some(definition) = self.model.types.get(name) {
                    self.ty(&definition.ty);
                }
            }
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Secret(inner) => {
                self.ty(inner)
            }
            Type::Refined(inner, refinement) => {
                self.ty(inner);
                if let iom_model::Refinement::Where { condition, .. } = &**refinement {
                    self.walk(condition);
                }
            }
            Type::Map(key, value) | Type::Group { key, item: value } => {
                self.ty(key);
                self.ty(value);
            }
            Type::Union(types) => types.iter().for_each(|ty| self.ty(ty)),
            Type::Record(record) => {
                for field in &record.fields {
                    self.ty(&field.ty);
                    field.default.iter().for_each(|default| self.walk(default));
                    field.derive.iter().for_each(|derive| self.walk(&derive.value));
                }
            }
            _ => {}
        }
    }

    /// Everything an expression needs.
    fn walk(&mut self, expr: &'a Expr) {
        expr.walk(&mut |part| match part {
            Expr::Field { name, owner: FieldOwner::Element(nominal), .. } => self.field(nominal, name),
            Expr::Conforms { pattern, .. } => self.pattern(&pattern.blueprint),
            Expr::Built { blueprint, .. } => self.blueprint(blueprint),
            Expr::Filter { source, local, condition } => {
                if let Expr::Population(nominal) = &**source {
                    self.present_where(nominal, Some(condition), *local);
                    self.met.insert(std::ptr::from_ref(&**source));
                }
            }
            Expr::Quantifier { binder, .. } => self.narrowed(binder),
            Expr::ListComprehension { binders, .. } | Expr::MapComprehension { binders, .. } => {
                binders.iter().for_each(|binder| self.narrowed(binder));
            }
            Expr::Population(_) if self.met.contains(&std::ptr::from_ref(part)) => {}
            Expr::Population(nominal)
            | Expr::Named { nominal, .. }
            | Expr::Reference { target: nominal, .. } => {
                self.present(nominal);
            }
            Expr::ReferenceByFields { fields, target } => {
                self.present(target);
                fields.iter().for_each(|(name, _)| self.field(target, name));
            }
            Expr::Convert { to, .. } => {
                if let Type::Element(nominal) = to.required() {
                    self.present(nominal);
                }
                self.ty(to);
            }
            Expr::Call { function, .. } => {
                if self.named.insert(function.clone())
                    && let Some(function) = self.model.functions.get(function)
                {
                    self.walk(&function.value);
                }
            }
            Expr::Global(name) => {
                if self.named.insert(name.clone())
                    && let Some(constant) = self.model.constants.get(name)
                {
                    self.walk(&constant.value);
                }
            }
            Expr::Builtin { function: Builtin::Referrers, arguments } => {
                for argument in arguments {
                    if let Expr::Population(nominal) = argument {
                        for kind in self.populations.kinds(nominal) {
                            self.edges(kind);
                            self.links(kind);
                        }
                    }
                }
            }
            Expr::Builtin { function: Builtin::Twins, .. } => self.demand.needs_twins = true,
            Expr::Builtin { function: Builtin::Unmodelled, .. } => self.demand.needs_graph = true,
            Expr::Builtin {
                function: Builtin::Upstream | Builtin::Downstream | Builtin::Path | Builtin::Reaches,
                ..
            } => self.demand.needs_graph = true,
            _ => {}
        });
    }
}

fn add(attributes: &mut Attributes, name: Option<&QualifiedName>) {
    match name {
        Some(name) => attributes.add(name),
        None => attributes.is_all = true,
    }
}

/// The attributes of a slot's object that an expression reads; `None` stands for all.
pub(super) fn attributes<'e>(expr: &'e Expr, local: u32, found: &mut Vec<Option<&'e QualifiedName>>) {
    match expr {
        Expr::Local(read) if read.0 == local => found.push(None),
        Expr::Field { base, name, .. } if matches!(**base, Expr::Local(read) if read.0 == local) => {
            found.push(Some(name));
        }
        // `ref ^` is the object itself: nothing of it is read.
        Expr::Reference { value, .. } if matches!(**value, Expr::Local(_)) => {}
        other => other.for_each_child(&mut |child| attributes(child, local, found)),
    }
}
