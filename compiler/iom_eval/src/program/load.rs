use std::sync::Arc;

use iom_model::{Expr, Model, Nominal, QualifiedName, Selection, Step, Type};
use iom_state::tape::Strings;
use rustc_hash::{FxHashMap, FxHashSet};

use super::adapter::{Adapter, AdapterField, PartCode, Routes, Secrets, family_named};
use super::compile::{Compiler, known_resources};
use super::demand::Demand;
use super::edge::{edge_fields, has_element, has_link, prune_type};
use super::policy::{
    BindCode, ClauseCode, ConditionCode, ExceptionCode, PolicyCode, ResourceCode, RuleCode, SelectionCode,
    StepCode, TestCode, ToleranceCode,
};
use super::spot::{PathStep, Spot, Spots};
use super::{
    AdapterId, Code, EdgeCode, FunctionCode, GlobalCode, GlobalValue, Kind, KindField, KindId, KindSet,
    Names, Program, Scope, SpotCode, SpotStep, SpotsCode, Tables,
};
use crate::value::{Causes, Value};

/// What stands for something that is not there.
const UNKNOWN: Value = Value::Unknown(Causes::NOT_REPORTED);

impl Program {
    /// Compiles a model. Text goes into `strings`, which sources are imported with afterwards. `data` holds the values of
    /// `data` declarations, as read by [`crate::data`]; one that is missing is unknown.
    pub fn compile(
        model: Arc<Model>,
        scope: &Scope,
        data: &FxHashMap<QualifiedName, Value>,
        strings: &mut Strings,
    ) -> Program {
        Program::compile_with(model, scope, data, strings, true)
    }

    /// As [`Program::compile`], going on with the ids of an earlier compilation of a model with the same kinds, types and
    /// resources.
    pub(crate) fn compile_on(
        tables: Tables,
        model: Arc<Model>,
        scope: &Scope,
        data: &FxHashMap<QualifiedName, Value>,
        strings: &mut Strings,
        demand: Demand,
    ) -> Program {
        let compiler = Compiler::new(&model, strings, tables);
        compiler.program(model.clone(), scope, data, demand)
    }

    /// As [`Program::compile`]; `plans_joins: false` gives a program that looks at every element of a population.
    pub fn compile_with(
        model: Arc<Model>,
        scope: &Scope,
        data: &FxHashMap<QualifiedName, Value>,
        strings: &mut Strings,
        plans_joins: bool,
    ) -> Program {
        let mut compiler = Compiler::new(&model, strings, Tables::default());
        compiler.plans_joins = plans_joins;
        let demand = Demand::of(&model, scope);
        compiler.program(model.clone(), scope, data, demand)
    }
}

impl Compiler<'_> {
    fn program(
        mut self,
        model: Arc<Model>,
        scope: &Scope,
        data: &FxHashMap<QualifiedName, Value>,
        demand: Demand,
    ) -> Program {
        let compiler = &mut self;
        let names = compiler.names();
        // Parts of instances get their names before anything can refer to them.
        let mut resources = compiler.resources();
        let (adapters, routes) = compiler.adapters();
        let kinds = compiler.kinds(&adapters);
        compiler.shares = compiler.plans_joins;
        let functions = compiler.functions();
        compiler.shares = false;
        let globals = compiler.globals(data);
        let blueprints = compiler.blueprints();
        let tests = compiler.tests(&mut resources);
        compiler.shares = compiler.plans_joins;
        let policies = compiler.policies(scope);
        compiler.shares = false;
        let exceptions = compiler.exceptions();
        let authorities = compiler.authorities();
        let break_glass = compiler.break_glass();
        let evidence = model.evidence.values().map(|one| compiler.selection(&one.population)).collect();
        let binds = compiler.binds();
        let tolerances = compiler.tolerances();
        let Compiler { types, fields, joins, kind_ids, resource_ids, ids, .. } = self;
        Program {
            kinds,
            fields,
            functions,
            globals,
            resources,
            blueprints,
            types,
            joins,
            shared: ids.shared.len(),
            kind_sets: ids.kind_sets.len(),
            reaches: ids.reaches.len(),
            adapters,
            routes,
            policies,
            exceptions,
            authorities,
            break_glass,
            evidence,
            binds,
            tolerances,
            tests,
            demand,
            names,
            ids,
            kind_ids,
            resource_ids,
            model,
        }
    }

    fn names(&mut self) -> Names {
        Names {
            empty: self.symbol(""),
            key: self.symbol("key"),
            items: self.symbol("items"),
            owner: self.symbol("owner"),
            environment: self.symbol("environment"),
            yes: self.symbol("true"),
            no: self.symbol("false"),
        }
    }

    fn functions(&mut self) -> Vec<FunctionCode> {
        let model = self.model;
        let nothing = || FunctionCode { value: Code::Constant(UNKNOWN), locals: 0 };
        let mut functions: Vec<FunctionCode> = self.ids.functions.iter().map(|_| nothing()).collect();
        for (name, one) in &model.functions {
            let code = FunctionCode { value: self.expr(&one.value), locals: one.locals };
            if let Some(id) = self.ids.functions.get(name) {
                functions[id.index()] = code;
            }
        }
        functions
    }

    fn globals(&mut self, data: &FxHashMap<QualifiedName, Value>) -> Vec<GlobalCode> {
        let model = self.model;
        let any = self.ty(&Type::Error);
        let nothing =
            || GlobalCode { name: QualifiedName::default(), value: GlobalValue::Data(UNKNOWN), ty: any };
        let mut globals: Vec<GlobalCode> = self.ids.globals.iter().map(|_| nothing()).collect();
        let mut put = |ids: &super::Ids, name: &QualifiedName, value: GlobalValue, ty: super::TypeId| {
            if let Some(id) = ids.globals.get(name) {
                globals[id.index()] = GlobalCode { name: name.clone(), value, ty };
            }
        };
        for (name, constant) in &model.constants {
            let value = GlobalValue::Constant { value: self.expr(&constant.value), locals: constant.locals };
            let ty = self.ty(&constant.ty);
            put(&self.ids, name, value, ty);
        }
        for (name, source) in &model.data {
            let value = data.get(name).cloned().unwrap_or(UNKNOWN);
            let ty = self.ty(&source.ty);
            put(&self.ids, name, GlobalValue::Data(value), ty);
        }
        globals
    }

    fn kinds(&mut self, adapters: &[Adapter]) -> Vec<Kind> {
        let model = self.model;
        let bound: Vec<_> =
            model.binds.iter().flat_map(|bind| bind.fields.iter().map(|(name, _)| name)).collect();
        let mut kinds = Vec::with_capacity(model.kinds.len());
        for (index, kind) in model.kinds.values().enumerate() {
            let id = KindId(index as u32);
            let own = adapters.iter().enumerate().filter(|(_, adapter)| adapter.kind == id);
            let own: Vec<(AdapterId, &Adapter)> =
                own.map(|(index, adapter)| (AdapterId(index as u32), adapter)).collect();
            let is_json = |adapter: &Adapter| adapter.format == "json" && adapter.source_types.is_empty();
            let mut formats: Vec<&'static str> =
                own.iter().filter(|(_, one)| !is_json(one)).map(|(_, one)| one.format).collect();
            formats.sort_unstable();
            formats.dedup();
            let from_json = own.iter().find(|(_, one)| is_json(one)).map(|(id, _)| *id);
            let fields = kind
                .fields
                .iter()
                .map(|field| KindField {
                    name: self.symbol(&field.name),
                    ty: self.ty(&field.ty),
                    default: field.default.as_ref().map(|default| self.expr(default)),
                    derive: field.derive.as_ref().map(|derive| (self.expr(&derive.value), derive.locals)),
                    is_optional: field.ty.is_optional(),
                    is_secret: is_secret(&field.ty),
                    is_bound: matches!(field.name.as_str(), "owner" | "environment")
                        || bound.contains(&&field.name),
                })
                .collect();
            let edges = kind.fields.iter().enumerate();
            let edges = edges.filter(|(_, field)| field.derive.is_none() && has_element(model, &field.ty));
            let edges = edges.map(|(position, _)| position as u16).collect();
            let links = kind.fields.iter().enumerate();
            let links = links.filter(|(_, field)| field.derive.is_none() && has_link(model, &field.ty));
            let links = links.map(|(position, _)| position as u16).collect();
            let position = |name: &smol_str::SmolStr| {
                kind.fields.iter().position(|field| field.name == *name).map(|position| position as u16)
            };
            kinds.push(Kind {
                name: kind.name.clone(),
                traits: kind.traits.clone(),
                fields,
                identity: kind.identity.iter().filter_map(position).collect(),
                edges,
                links,
                adapters: own.iter().map(|(id, _)| *id).collect(),
                formats,
                from_json,
                stands_aside: kind.stands_aside(),
            });
        }
        kinds
    }

    fn adapters(&mut self) -> (Vec<Adapter>, Routes) {
        let model = self.model;
        let mut adapters = Vec::new();
        let mut routes = Routes::default();
        self.in_adapter = true;
        for (index, kind) in model.kinds.values().enumerate() {
            for adapter in &kind.adapters {
                let format = family_named(&adapter.format);
                let id = AdapterId(adapters.len() as u32);
                for source_type in &adapter.source_types {
                    if kind.is_view {
                        routes.add_view(format, adapter.is_data, source_type, id);
                    } else {
                        routes.add(format, adapter.is_data, source_type, id);
                    }
                }
                if adapter.takes_the_rest() {
                    routes.add_rest(format, adapter.is_data, id);
                }
                adapters.push(self.adapter(KindId(index as u32), kind, adapter, format));
            }
        }
        self.in_adapter = false;
        (adapters, routes)
    }

    fn adapter(
        &mut self,
        kind: KindId,
        definition: &iom_model::KindDefinition,
        adapter: &iom_model::Adapter,
        format: &'static str,
    ) -> Adapter {
        let parts = adapter.parts.iter().map(|part| PartCode {
            local: part.local.0,
            is_many: part.is_many,
            source_type: self.strings.get_or_intern(part.source_type.as_str()),
            on: match &part.on {
                Expr::Context(_) => None,
                on => Some(self.expr(on)),
            },
        });
        let parts: Vec<PartCode> = parts.collect();
        let lets = adapter.lets.iter().map(|(local, value)| (local.0, self.expr(value))).collect();
        let mut fields: Vec<Option<AdapterField>> = Vec::new();
        fields.resize_with(definition.fields.len(), || None);
        for (name, value) in &adapter.fields {
            if let Some(position) = definition.fields.iter().position(|field| field.name == *name) {
                fields[position] = Some(self.adapter_field(adapter, value));
            }
        }
        let model = self.model;
        let (mut edges, mut spots) = (Vec::new(), Vec::new());
        for (position, value) in edge_fields(model, definition, adapter) {
            let ty = prune_type(model, &definition.fields[position].ty);
            let found = Spots::of_records(model, adapter, &value, &definition.fields[position].ty);
            spots.extend(found.map(|found| self.spots(adapter, position, &found, false)));
            let field = self.adapter_field(adapter, &value);
            edges.push(EdgeCode { position: position as u16, field, ty: self.ty(&ty) });
        }
        for (name, value) in &adapter.fields {
            let Some(position) = definition.fields.iter().position(|field| field.name == *name) else {
                continue;
            };
            let field = &definition.fields[position];
            if field.derive.is_none() && has_element(model, &field.ty) {
                let found = Spots::of_reference(model, adapter, value, field);
                spots.extend(found.map(|found| self.spots(adapter, position, &found, true)));
            }
        }
        let keys =
            adapter.keys.iter().map(|path| path.iter().map(|step| self.symbol(step)).collect()).collect();
        Adapter {
            kind,
            format,
            is_data: adapter.is_data,
            source_types: adapter.source_types.iter().map(|name| name.as_str().into()).collect(),
            at: adapter.at.as_ref().map(|at| self.expr(at)),
            each: adapter.each.as_ref().map(|each| self.expr(each)),
            filter: adapter.filter.as_ref().map(|filter| self.expr(filter)),
            keys,
            parts,
            lets,
            fields,
            edges,
            spots,
            secrets: self.secrets(definition, adapter),
            locals: adapter.locals.max(2),
        }
    }

    /// The attributes that secret fields are read from.
    fn secrets(&mut self, definition: &iom_model::KindDefinition, adapter: &iom_model::Adapter) -> Secrets {
        let model = self.model;
        let is_secret = |name: &QualifiedName| {
            let field = definition.fields.iter().find(|field| field.name == *name);
            field.is_some_and(|field| has_secret(model, &field.ty, &mut FxHashSet::default()))
        };
        let mut attributes = Vec::new();
        for (_, value) in adapter.fields.iter().filter(|(name, _)| is_secret(name)) {
            let reads_more = locals_of(value).iter().any(|local| *local > 1);
            match self.inputs(adapter, value) {
                Some(found) if !reads_more => attributes.extend(found),
                _ => return Secrets::Anywhere,
            }
        }
        Secrets::In(attributes)
    }

    fn spots(
        &mut self,
        adapter: &iom_model::Adapter,
        position: usize,
        found: &Spots,
        is_plain: bool,
    ) -> SpotsCode {
        let spots = found.spots.iter().map(|spot| self.spot(spot)).collect();
        let parts = adapter.parts.iter().enumerate();
        let parts = parts.filter(|(_, part)| found.parts.contains(&part.local));
        let parts = parts.map(|(position, _)| position as u16).collect();
        SpotsCode { position: position as u16, spots, parts, is_plain }
    }

    fn spot(&mut self, spot: &Spot) -> SpotCode {
        let mut steps = |path: &Vec<PathStep>| -> Box<[SpotStep]> {
            let step = |step: &PathStep| match step {
                PathStep::Name(name) => SpotStep::Name(self.symbol(name)),
                PathStep::Item(position) => SpotStep::Item(*position),
            };
            path.iter().map(step).collect()
        };
        let within = spot.within.as_ref().map(&mut steps);
        let ways = spot.ways.iter().map(steps).collect();
        let target = Box::new(self.kind_set(&spot.target));
        SpotCode { within, ways, target, is_many: spot.is_many, is_sure: spot.is_sure }
    }

    /// The value with the parts and `let`s it needs, so that no others are evaluated for it.
    fn adapter_field(&mut self, adapter: &iom_model::Adapter, value: &Expr) -> AdapterField {
        let mut read = locals_of(value);
        let mut lets = Vec::new();
        for (position, (local, bound)) in adapter.lets.iter().enumerate().rev() {
            if read.contains(&local.0) {
                lets.push(position as u16);
                read.extend(locals_of(bound));
            }
        }
        lets.reverse();
        let parts = adapter.parts.iter().enumerate();
        let parts = parts.filter(|(_, part)| read.contains(&part.local.0));
        let parts = parts.map(|(position, _)| position as u16).collect();
        let parts: Vec<u16> = parts;
        let inputs = if parts.is_empty() && lets.is_empty() { self.inputs(adapter, value) } else { None };
        AdapterField::new(self.expr(value), inputs, parts, lets)
    }

    /// The attributes that a value depends on, where it depends on nothing else.
    fn inputs(
        &mut self,
        adapter: &iom_model::Adapter,
        value: &Expr,
    ) -> Option<Box<[iom_state::tape::Symbol]>> {
        if adapter.at.is_some() || adapter.each.is_some() {
            return None;
        }
        let mut depends = false;
        value.walk(&mut |part| {
            depends |= match part {
                Expr::Context(_) | Expr::Population(_) | Expr::Named { .. } | Expr::Now => true,
                Expr::Local(local) => local.0 == 1,
                _ => false,
            };
        });
        let mut found = Vec::new();
        super::demand::attributes(value, 0, &mut found);
        if depends {
            return None;
        }
        found.into_iter().map(|name| name.map(|name| self.symbol(name))).collect()
    }

    fn resources(&mut self) -> Vec<ResourceCode> {
        // Names first: what is declared may refer to parts of what is declared later.
        let known: Vec<&iom_model::ResourceDeclaration> = known_resources(self.model).collect();
        let mut resources: Vec<ResourceCode> =
            known.iter().map(|resource| ResourceCode::named(resource, None, &self.kind_ids)).collect();
        self.fill(&known, 0, &mut resources, None);
        resources
    }

    /// Plans what is built and compiles what is set, of declarations whose codes stand from `first` on.
    fn fill(
        &mut self,
        known: &[&iom_model::ResourceDeclaration],
        first: usize,
        resources: &mut Vec<ResourceCode>,
        test: Option<u32>,
    ) {
        for (offset, declaration) in known.iter().enumerate() {
            let plan = self.plan(declaration, super::ResourceId((first + offset) as u32), resources);
            resources[first + offset].plan = plan;
        }
        for (offset, declaration) in known.iter().enumerate() {
            let planned = ResourceCode::named(declaration, test, &self.kind_ids);
            let planned = std::mem::replace(&mut resources[first + offset], planned);
            let settings = self.settings(declaration);
            resources[first + offset] = ResourceCode {
                plan: planned.plan,
                template: planned.template,
                is_many: planned.is_many || declaration.each.is_some(),
                test,
                ..settings
            };
        }
    }

    /// What a declaration sets.
    pub(super) fn settings(&mut self, resource: &iom_model::ResourceDeclaration) -> ResourceCode {
        let mut code = ResourceCode::named(resource, None, &self.kind_ids);
        if let Some(definition) = self.model.kinds.get(&resource.kind) {
            code.fields.resize_with(definition.fields.len(), || None);
            for setting in &resource.fields {
                if let Some(position) = definition.fields.iter().position(|field| field.name == setting.name)
                {
                    code.fields[position] = Some(self.expr_called(&setting.name, &setting.value));
                }
            }
        }
        code.each = resource.each.as_ref().map(|binder| self.over(binder, None));
        code.instance = resource.instance.as_ref().and_then(|instance| self.instance(instance));
        code
    }

    /// What tests give, after the model's own resources, and the conditions they expect.
    fn tests(&mut self, resources: &mut Vec<ResourceCode>) -> Vec<TestCode> {
        let model = self.model;
        let mut tests = Vec::with_capacity(model.tests.len());
        for (position, test) in model.tests.iter().enumerate() {
            let known: Vec<&iom_model::ResourceDeclaration> =
                test.given.iter().filter(|given| model.kinds.contains_key(&given.kind)).collect();
            let first = resources.len() as u32;
            // Two tests may give things of one name: a name means the test's own while it is compiled.
            let hidden: Vec<(QualifiedName, Option<super::ResourceId>)> = (first..)
                .zip(&known)
                .map(|(id, given)| {
                    let id = super::ResourceId(id);
                    (given.name.clone(), self.resource_ids.insert(given.name.clone(), id))
                })
                .collect();
            let given: FxHashMap<QualifiedName, super::ResourceId> = (first..)
                .zip(&known)
                .map(|(id, given)| (given.name.clone(), super::ResourceId(id)))
                .collect();
            let number = Some(position as u32);
            resources.extend(known.iter().map(|given| ResourceCode::named(given, number, &self.kind_ids)));
            self.fill(&known, first as usize, resources, number);
            let parts = resources.len() as u32;
            let given: FxHashMap<QualifiedName, super::ResourceId> = (first..parts)
                .map(|id| (resources[id as usize].name.clone(), super::ResourceId(id)))
                .chain(given)
                .collect();
            let conditions =
                test.expectations.iter().map(|expectation| self.condition(expectation)).collect();
            for (name, before) in hidden.into_iter().rev() {
                match before {
                    Some(id) => self.resource_ids.insert(name, id),
                    None => self.resource_ids.remove(&name),
                };
            }
            tests.push(TestCode { given, conditions });
        }
        tests
    }

    fn condition(&mut self, expectation: &iom_model::Expectation) -> Option<ConditionCode> {
        let iom_model::ExpectationKind::Condition { value, locals, compared, operands } = &expectation.kind
        else {
            return None;
        };
        Some(ConditionCode {
            value: self.expr(value),
            locals: *locals,
            compared: compared.as_ref().map(|one| (self.expr(&one.left.value), self.expr(&one.right.value))),
            operands: operands.iter().map(|operand| self.expr(&operand.value)).collect(),
        })
    }

    fn policies(&mut self, scope: &Scope) -> Vec<PolicyCode> {
        let model = self.model;
        model.policies.values().filter(|policy| scope.has(policy)).map(|policy| self.policy(policy)).collect()
    }

    fn policy(&mut self, policy: &iom_model::Policy) -> PolicyCode {
        let mut clauses = Vec::new();
        let mut rules = Vec::with_capacity(policy.rules.len());
        for rule in &policy.rules {
            let steps = self.steps(&rule.steps, &mut clauses);
            rules.push(RuleCode {
                subject: rule.subject.0,
                population: self.kind_set(&rule.population),
                by: rule.by.as_ref().map(|by| self.by(by)),
                filter: rule.filter.as_ref().map(|filter| self.expr(filter)),
                clauses: clauses_in(&steps),
                steps,
                locals: rule.locals,
            });
        }
        clauses.sort_by_key(|clause: &iom_model::Require| clause.clause);
        PolicyCode { name: policy.name.clone(), rules, clauses }
    }

    pub(super) fn steps(&mut self, steps: &[Step], clauses: &mut Vec<iom_model::Require>) -> Vec<StepCode> {
        let outside = self.lets.len();
        let mut compiled = Vec::with_capacity(steps.len());
        for step in steps {
            compiled.push(match step {
                Step::Let { local, value } => {
                    let code = self.expr(value);
                    self.lets.push((*local, value.clone()));
                    StepCode::Let { local: local.0, value: code }
                }
                Step::For { binder, steps, .. } => {
                    let over = self.over(binder, None);
                    let steps = self.steps(steps, clauses);
                    StepCode::For { over, clauses: clauses_in(&steps), steps }
                }
                Step::Require(require) => {
                    clauses.push(require.clone());
                    StepCode::Require(Box::new(ClauseCode {
                        clause: require.clause,
                        condition: self.expr(&require.condition),
                        witness: require.witness.map(|local| local.0),
                        after: require.after.clone(),
                        at: require.at.as_ref().map(|at| self.expr(at)),
                        message: require.message.as_ref().map(|message| self.expr(message)),
                        fix: require
                            .fix
                            .iter()
                            .map(|(path, value)| {
                                (path.iter().map(|name| self.field(name)).collect(), self.expr(value))
                            })
                            .collect(),
                        fix_of: require.fix_of.map(|local| local.0),
                    }))
                }
            });
        }
        self.lets.truncate(outside);
        compiled
    }

    fn exceptions(&mut self) -> Vec<ExceptionCode> {
        let model = self.model;
        let compile = |exception: &iom_model::Exception| ExceptionCode {
            name: exception.name.clone(),
            target: self.selection_of(&exception.target, Compiler::kinds_meant),
        };
        model.exceptions.values().map(compile).collect()
    }

    /// A selection that is a population.
    fn selection(&mut self, selection: &Selection) -> SelectionCode {
        self.selection_of(selection, Compiler::kind_set)
    }

    /// A selection over the kinds that a name stands for.
    pub(super) fn selection_of(
        &mut self,
        selection: &Selection,
        kinds: fn(&mut Self, &Nominal) -> KindSet,
    ) -> SelectionCode {
        match selection {
            Selection::Where { population, filter, locals } => SelectionCode::Where {
                population: kinds(self, population),
                filter: filter.as_ref().map(|filter| self.expr(filter)),
                locals: (*locals).max(1),
            },
            Selection::These(names) => SelectionCode::These(
                names.iter().filter_map(|name| self.resource_ids.get(name).copied()).collect(),
            ),
        }
    }

    fn binds(&mut self) -> Vec<BindCode> {
        let model = self.model;
        let mut binds = Vec::with_capacity(model.binds.len());
        for bind in &model.binds {
            let rank = match &bind.nominal {
                Nominal::Kind(_) => usize::MAX,
                // The more traits one includes, the more specific it is.
                Nominal::Trait(name) => model.traits.get(name).map_or(0, |one| one.traits.len()),
            };
            binds.push(BindCode {
                kinds: self.kinds_meant(&bind.nominal),
                rank,
                filter: bind.filter.as_ref().map(|filter| self.expr(filter)),
                fields: bind
                    .fields
                    .iter()
                    .map(|(name, value)| (self.field(name), self.expr(value)))
                    .collect(),
                locals: bind.locals.max(1),
            });
        }
        binds
    }

    fn tolerances(&mut self) -> Vec<ToleranceCode> {
        let model = self.model;
        let compile = |one: &iom_model::Tolerance| ToleranceCode {
            kinds: self.kind_set(&one.nominal),
            field: self.symbol(&one.field),
            filter: one.filter.as_ref().map(|filter| self.expr(filter)),
            within: self.expr(&one.within),
            writer: self.expr(&one.writer),
            locals: one.locals.max(1),
        };
        model.tolerances.iter().map(compile).collect()
    }
}

impl Scope {
    /// Whether the policy is to be judged.
    pub fn has(&self, policy: &iom_model::Policy) -> bool {
        self.with_tests
            || match &self.policies {
                Some(names) => names.contains(&policy.name),
                None => policy.is_applied,
            }
    }
}

fn clauses_in(steps: &[StepCode]) -> Vec<u32> {
    let mut found = Vec::new();
    for step in steps {
        match step {
            StepCode::Let { .. } => {}
            StepCode::For { clauses, .. } => found.extend(clauses),
            StepCode::Require(clause) => found.push(clause.clause),
        }
    }
    found
}

fn locals_of(expr: &Expr) -> Vec<u32> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let Expr::Local(local) = part {
            found.push(local.0);
        }
    });
    found
}

/// Whether a value of the type may not be shown.
/// Whether a value of the type holds a secret, however deep inside. Types may be made of themselves: each that has a name is
/// looked at once.
fn has_secret<'m>(model: &'m Model, ty: &'m Type, seen: &mut FxHashSet<&'m QualifiedName>) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Refined(inner, _) => {
            has_secret(model, inner, seen)
        }
        Type::Map(key, value) => has_secret(model, key, seen) || has_secret(model, value, seen),
        Type::Record(record) => record.fields.iter().any(|field| has_secret(model, &field.ty, seen)),
        Type::Union(types) => types.iter().any(|ty| has_secret(model, ty, seen)),
        Type::Named(name) if seen.insert(name) => {
            model.types.get(name).is_some_and(|definition| has_secret(model, &definition.ty, seen))
        }
        _ => false,
    }
}

pub(super) fn is_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Refined(inner, _) => {
            is_secret(inner)
        }
        Type::Map(_, value) => is_secret(value),
        _ => false,
    }
}
