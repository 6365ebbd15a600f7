use iom_model::{
    AuthorityStep, ExpectationKind, Expr, FieldDefinition, FieldOwner, IsTest, Literal, Nominal, Pattern,
    QualifiedName, Refinement, Scalar, Selection, Step, Type,
};

use crate::check::Lowered;
use crate::check::apply::Member;

/// What a declaration needs to be in the model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reached {
    Definition(QualifiedName),
    /// Every element with this trait matters: all kinds that have it are needed.
    Population(QualifiedName),
}

/// Traits that everything has.
const EVERYTHING: [&str; 2] = ["std.prelude.Element", "std.prelude.Resource"];

/// Collects what a declaration refers to.
#[derive(Default)]
pub(super) struct Reaching {
    found: Vec<Reached>,
}

impl Reaching {
    pub(super) fn of(lowered: &Lowered) -> Vec<Reached> {
        let mut reaching = Reaching::default();
        reaching.lowered(lowered);
        reaching.found
    }

    fn name(&mut self, name: &QualifiedName) {
        self.found.push(Reached::Definition(name.clone()));
    }

    fn population(&mut self, nominal: &Nominal) {
        self.found.push(match nominal {
            Nominal::Kind(name) => Reached::Definition(name.clone()),
            Nominal::Trait(name) => Reached::Population(name.clone()),
        });
    }

    /// What a source's value refers to: one of the kinds that have the trait. What refers to any resource would bring the whole
    /// library; it leads to what is in the model anyway.
    fn target(&mut self, nominal: &Nominal) {
        if EVERYTHING.contains(&nominal.name().as_str()) {
            self.name(nominal.name());
        } else {
            self.population(nominal);
        }
    }

    fn lowered(&mut self, lowered: &Lowered) {
        match lowered {
            Lowered::Nothing => {}
            Lowered::Type(definition) => self.ty(&definition.ty),
            Lowered::Trait(definition) => {
                definition.traits.iter().for_each(|name| self.name(name));
                self.fields(&definition.fields);
            }
            Lowered::Kind(kind) => {
                kind.traits.iter().for_each(|name| self.name(name));
                self.fields(&kind.fields);
                for adapter in &kind.adapters {
                    let parts = adapter.parts.iter().map(|part| &part.on);
                    let lets = adapter.lets.iter().map(|(_, value)| value);
                    let fields = adapter.fields.iter().map(|(_, value)| value);
                    let around = adapter.at.iter().chain(&adapter.each).chain(&adapter.filter);
                    parts.chain(lets).chain(fields).chain(around).for_each(|expr| self.expr(expr));
                }
            }
            Lowered::Extension(extension) => {
                self.name(&extension.kind);
                self.name(&extension.with);
                self.fields(&extension.fields);
            }
            Lowered::Constant(constant) => {
                self.ty(&constant.ty);
                self.expr(&constant.value);
            }
            Lowered::Function(function) => {
                function.parameters.iter().for_each(|ty| self.ty(ty));
                self.ty(&function.result);
                self.expr(&function.value);
            }
            Lowered::Data(data) => self.ty(&data.ty),
            Lowered::Resource(resource) => self.resource(resource),
            Lowered::Bind(bind) => {
                self.name(bind.nominal.name());
                bind.filter.iter().for_each(|filter| self.expr(filter));
                bind.fields.iter().for_each(|(_, value)| self.expr(value));
            }
            Lowered::Tolerance(tolerance) => {
                self.name(tolerance.nominal.name());
                let around = tolerance.filter.iter().chain([&tolerance.within, &tolerance.writer]);
                around.for_each(|expr| self.expr(expr));
            }
            Lowered::Catalog(_) => {}
            Lowered::Blueprint(blueprint) => self.blueprint(blueprint),
            Lowered::Policy(policy) => self.policy(policy),
            Lowered::Group(group) => {
                group.policies.iter().for_each(|name| self.name(name));
                group.covers.iter().for_each(|control| self.name(&control.catalog));
                group.owner.iter().for_each(|name| self.name(name));
            }
            Lowered::Apply(members) => members.iter().for_each(|member| self.member(member)),
            Lowered::Exception(exception) => {
                self.name(&exception.policy);
                exception.compensating.iter().chain(&exception.approved_by).for_each(|name| self.name(name));
                self.selection(&exception.target);
            }
            Lowered::Authority(authority) => {
                self.name(&"std.prelude.Change".into());
                authority.owner.iter().for_each(|name| self.name(name));
                for rule in &authority.rules {
                    rule.filter.iter().for_each(|filter| self.expr(filter));
                    AuthorityStep::for_each_expression(&rule.steps, &mut |expr| self.expr(expr));
                }
            }
            Lowered::BreakGlass(window) => {
                self.name(&window.identity);
                self.name(&window.reviewer);
                self.selection(&window.scope);
            }
            Lowered::Evidence(evidence) => {
                evidence.claims.iter().for_each(|claim| self.name(&claim.policy));
                evidence.satisfies.iter().for_each(|control| self.name(&control.catalog));
                evidence.attest.iter().for_each(|(who, _)| self.name(who));
                self.selection(&evidence.population);
            }
            Lowered::Test(test) => {
                test.given.iter().for_each(|resource| self.resource(resource));
                for expectation in &test.expectations {
                    match &expectation.kind {
                        ExpectationKind::Verdict { claim, .. } => self.name(&claim.policy),
                        ExpectationKind::Condition { value, .. } => self.expr(value),
                        ExpectationKind::BreakGlass { name, .. } => self.name(name),
                        ExpectationKind::Decision(_) => {}
                    }
                }
            }
        }
    }

    fn resource(&mut self, resource: &iom_model::ResourceDeclaration) {
        self.name(&resource.kind);
        resource.fields.iter().for_each(|field| self.expr(&field.value));
        if let Some(instance) = &resource.instance {
            self.name(&instance.blueprint);
            instance.arguments.iter().flatten().for_each(|value| self.expr(value));
        }
        if let Some(each) = &resource.each {
            each.for_each_child(&mut |expr| self.expr(expr));
        }
    }

    fn member(&mut self, member: &Member) {
        self.name(&member.policy);
        member.settings.owner.iter().for_each(|name| self.name(name));
        for step in member.settings.mode.iter().flatten() {
            if let iom_model::Mode::Escalate(to) = &step.mode {
                self.name(to);
            }
        }
        for argument in &member.arguments {
            self.ty(&argument.ty);
            self.expr(&argument.value);
        }
    }

    fn blueprint(&mut self, blueprint: &iom_model::Blueprint) {
        blueprint.covers.iter().for_each(|control| self.name(&control.catalog));
        blueprint.owner.iter().chain(&blueprint.approved_by).for_each(|name| self.name(name));
        for parameter in &blueprint.parameters {
            self.ty(&parameter.ty);
            parameter.default.iter().for_each(|value| self.expr(value));
        }
        for part in &blueprint.parts {
            self.population(&part.nominal);
            self.resource(&part.declaration);
        }
        self.steps(&blueprint.steps);
        for rule in &blueprint.judges {
            self.population(&rule.population);
            rule.filter.iter().for_each(|filter| self.expr(filter));
            self.steps(&rule.steps);
        }
    }

    fn policy(&mut self, policy: &iom_model::Policy) {
        policy.covers.iter().for_each(|control| self.name(&control.catalog));
        policy.owner.iter().for_each(|name| self.name(name));
        policy.kind_aliases.iter().for_each(|(kind, _)| self.name(kind));
        for step in policy.mode.iter().flatten() {
            if let iom_model::Mode::Escalate(to) = &step.mode {
                self.name(to);
            }
        }
        for rule in &policy.rules {
            self.population(&rule.population);
            rule.by.iter().map(|by| &by.key).chain(&rule.filter).for_each(|expr| self.expr(expr));
            self.steps(&rule.steps);
        }
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Let { value, .. } => self.expr(value),
                Step::For { binder, steps, .. } => {
                    binder.for_each_child(&mut |expr| self.expr(expr));
                    self.steps(steps);
                }
                Step::Require(require) => {
                    let around = require.at.iter().chain(&require.message);
                    around.chain([&require.condition]).for_each(|expr| self.expr(expr));
                    require.fix.iter().for_each(|(_, value)| self.expr(value));
                }
            }
        }
    }

    fn selection(&mut self, selection: &Selection) {
        match selection {
            Selection::Where { population, filter, .. } => {
                self.population(population);
                filter.iter().for_each(|filter| self.expr(filter));
            }
            Selection::These(names) => names.iter().for_each(|name| self.name(name)),
        }
    }

    fn fields(&mut self, fields: &[FieldDefinition]) {
        for field in fields {
            self.ty(&field.ty);
            field.default.iter().for_each(|value| self.expr(value));
            field.derive.iter().for_each(|derive| self.expr(&derive.value));
        }
    }

    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Error | Type::Absent | Type::Scalar(_) | Type::Json | Type::Enum(_) => {}
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Secret(inner) => {
                self.ty(inner)
            }
            Type::Map(key, value) | Type::Group { key, item: value } => {
                self.ty(key);
                self.ty(value);
            }
            Type::Record(record) => self.fields(&record.fields),
            Type::Union(types) => types.iter().for_each(|one| self.ty(one)),
            Type::Named(name) => self.name(name),
            Type::Element(nominal) => self.name(nominal.name()),
            Type::Refined(inner, refinement) => {
                self.ty(inner);
                match &**refinement {
                    Refinement::Range { low, high } => low.iter().chain(high).for_each(|end| self.expr(end)),
                    Refinement::Where { condition, .. } => self.expr(condition),
                    Refinement::Matching(_) | Refinement::Size { .. } | Refinement::Link => {}
                }
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let mut all = Vec::new();
        expr.walk(&mut |part| all.push(part));
        for part in all {
            self.one(part);
        }
    }

    fn one(&mut self, expr: &Expr) {
        match expr {
            Expr::Global(name) | Expr::Resource(name) | Expr::Call { function: name, .. } => self.name(name),
            Expr::Field { owner: FieldOwner::Element(nominal), .. } => self.name(nominal.name()),
            Expr::Literal(Literal::Scalar(Scalar::Policy, name)) => self.name(name),
            Expr::Conforms { pattern, .. } => self.name(&pattern.blueprint),
            Expr::Built { blueprint, .. } | Expr::Instances(blueprint) => self.name(blueprint),
            Expr::Population(nominal) | Expr::Named { nominal, .. } => self.population(nominal),
            Expr::Reference { target, .. } | Expr::ReferenceByFields { target, .. } => self.target(target),
            Expr::Is { test: IsTest::Element(nominal), .. } => self.name(nominal.name()),
            Expr::Convert { to, .. } => self.ty(to),
            Expr::Match { arms, .. } => {
                for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
                    if let Pattern::Type { ty, .. } = pattern {
                        self.ty(ty);
                    }
                }
            }
            // Everything that can be reached over references may be on the way.
            Expr::Builtin {
                function:
                    iom_model::Builtin::Upstream
                    | iom_model::Builtin::Downstream
                    | iom_model::Builtin::Path
                    | iom_model::Builtin::Reaches,
                ..
            } => self.found.push(Reached::Population("std.prelude.Resource".into())),
            _ => {}
        }
    }
}
