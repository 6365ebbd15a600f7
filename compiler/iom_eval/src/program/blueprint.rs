use iom_model::{Blueprint, Expr, Instance, PartSearch, QualifiedName, ResourceDeclaration};
use smol_str::{SmolStr, format_smolstr};

use super::code::{Code, Over};
use super::compile::Compiler;
use super::policy::{ResourceCode, StepCode};
use super::{BlueprintId, KindSet, ResourceId, TypeId};

/// Resources that all blueprints together may build.
pub const MOST_RESOURCES: u32 = 1_000_000;

/// How deep blueprints may be nested.
pub const MOST_LEVELS: u32 = 101;

/// A compiled blueprint: what builds, and what judges.
#[derive(Debug)]
pub struct BlueprintCode {
    pub name: QualifiedName,
    pub parameters: Vec<ParameterCode>,
    /// Slots of parts, after those of the parameters.
    pub slots: u32,
    pub locals: u32,
    pub parts: Vec<PartSite>,
    /// What is compared with existing elements: the parts outside `build` blocks, else those of each block.
    pub groups: Vec<Group>,
    pub steps: Vec<StepCode>,
    pub judges: Vec<JudgesCode>,
    /// By number: where the clause is, and its text.
    pub clauses: Vec<iom_model::Require>,
}

#[derive(Debug)]
pub struct ParameterCode {
    pub name: SmolStr,
    pub ty: TypeId,
    pub is_optional: bool,
    pub default: Option<Code>,
    pub default_locals: u32,
}

/// Where a part is declared.
#[derive(Debug)]
pub struct PartSite {
    pub name: SmolStr,
    /// Counted from the root's.
    pub slot: u32,
    /// In the frame of the blueprint.
    pub code: ResourceCode,
    /// What may be this part.
    pub kinds: KindSet,
    pub search: SearchCode,
    pub fixed: Vec<FixedCode>,
}

#[derive(Debug)]
pub enum SearchCode {
    Subject,
    Among(Box<Over>),
    Value(Code),
}

#[derive(Debug)]
pub struct FixedCode {
    pub path: SmolStr,
    pub solves: Option<u32>,
    pub is_secret: bool,
    pub found: Code,
    pub expected: Code,
    pub condition: Code,
    /// Parameters and other parts that the condition reads.
    pub reads: Vec<u32>,
}

/// Parts that are looked for together, the root first.
#[derive(Debug)]
pub struct Group {
    pub target: Option<SmolStr>,
    pub parts: Vec<u16>,
}

#[derive(Debug)]
pub struct JudgesCode {
    pub subject: u32,
    pub population: KindSet,
    pub filter: Option<Code>,
    pub steps: Vec<StepCode>,
}

/// What a declaration builds by a blueprint.
#[derive(Debug)]
pub struct InstanceCode {
    pub blueprint: BlueprintId,
    /// In the frame of the declaration.
    pub arguments: Vec<Option<Code>>,
}

/// The elements that an instance is made of, by name; those that `for` multiplies stand here once.
#[derive(Debug)]
pub struct Plan {
    pub blueprint: BlueprintId,
    pub parts: Vec<PlannedPart>,
}

#[derive(Debug)]
pub struct PlannedPart {
    /// In the blueprint.
    pub part: u16,
    pub resource: ResourceId,
    /// Where the part is an instance in turn.
    pub nested: Option<Plan>,
}

/// `x conforms B(..)`
#[derive(Debug)]
pub struct ConformsCode {
    pub value: Code,
    pub blueprint: BlueprintId,
    pub target: Option<SmolStr>,
    pub arguments: Vec<Option<Code>>,
}

impl Compiler<'_> {
    pub(super) fn blueprint_id(&self, name: &str) -> Option<BlueprintId> {
        self.model.blueprints.get_index_of(name).map(|index| BlueprintId(index as u32))
    }

    pub(super) fn blueprints(&mut self) -> Vec<BlueprintCode> {
        let model = self.model;
        model.blueprints.values().map(|blueprint| self.blueprint(blueprint)).collect()
    }

    fn blueprint(&mut self, blueprint: &Blueprint) -> BlueprintCode {
        let parameters = blueprint
            .parameters
            .iter()
            .map(|parameter| ParameterCode {
                name: parameter.name.clone(),
                ty: self.ty(&parameter.ty),
                is_optional: parameter.ty.is_optional(),
                default: parameter.default.as_ref().map(|default| self.expr(default)),
                default_locals: parameter.default_locals,
            })
            .collect();
        let parts: Vec<PartSite> =
            blueprint.parts.iter().map(|part| self.part_site(blueprint, part)).collect();
        let mut clauses = Vec::new();
        let steps = self.steps(&blueprint.steps, &mut clauses);
        let judges = blueprint
            .judges
            .iter()
            .map(|rule| JudgesCode {
                subject: rule.subject.0,
                population: self.kind_set(&rule.population),
                filter: rule.filter.as_ref().map(|filter| self.expr(filter)),
                steps: self.steps(&rule.steps, &mut clauses),
            })
            .collect();
        BlueprintCode {
            name: blueprint.name.clone(),
            parameters,
            slots: blueprint.slots,
            locals: blueprint.locals,
            parts,
            groups: groups(blueprint),
            steps,
            judges,
            clauses,
        }
    }

    fn part_site(&mut self, blueprint: &Blueprint, part: &iom_model::BlueprintPart) -> PartSite {
        let mut code = self.settings(&part.declaration);
        code.locals = blueprint.locals;
        let parameters = blueprint.parameters.len() as u32;
        let end = parameters + blueprint.slots;
        let fixed = part
            .fixed
            .iter()
            .map(|field| {
                let mut reads = Vec::new();
                field.condition.walk(&mut |expr| {
                    if let Expr::Local(local) = expr
                        && local.0 < end
                        && *local != part.slot
                    {
                        reads.push(local.0);
                    }
                });
                FixedCode {
                    path: field.path.clone(),
                    solves: field.solves.map(|local| local.0),
                    is_secret: field.is_secret,
                    found: self.expr(&field.found),
                    expected: self.expr(&field.expected),
                    condition: self.expr(&field.condition),
                    reads,
                }
            })
            .collect();
        PartSite {
            name: part.declaration.name.clone(),
            slot: part.slot.0.saturating_sub(parameters),
            code,
            kinds: self.kind_set(&part.nominal),
            search: match &part.search {
                PartSearch::Subject => SearchCode::Subject,
                PartSearch::Among(binder) => SearchCode::Among(Box::new(self.over(binder, None))),
                PartSearch::Value(value) => SearchCode::Value(self.expr(value)),
            },
            fixed,
        }
    }

    pub(super) fn instance(&mut self, instance: &Instance) -> Option<InstanceCode> {
        let blueprint = self.blueprint_id(&instance.blueprint)?;
        let arguments =
            instance.arguments.iter().map(|value| value.as_ref().map(|value| self.expr(value))).collect();
        Some(InstanceCode { blueprint, arguments })
    }

    pub(super) fn conforms(&mut self, value: &Expr, pattern: &Instance) -> Option<Code> {
        let InstanceCode { blueprint, arguments } = self.instance(pattern)?;
        let value = self.expr(value);
        let target = pattern.target.clone();
        Some(Code::Conforms(Box::new(ConformsCode { value, blueprint, target, arguments })))
    }

    /// Names everything that a declaration builds. The root has the declaration's own id.
    pub(super) fn plan(
        &mut self,
        declaration: &ResourceDeclaration,
        id: ResourceId,
        resources: &mut Vec<ResourceCode>,
    ) -> Option<Plan> {
        let instance = declaration.instance.as_ref()?;
        let mut planning = Planning { top: id, resources, names: Vec::new() };
        let is_many = declaration.each.is_some();
        let plan = planning.instance(self, instance, (id, declaration.name.clone()), is_many, 0);
        let names = planning.names;
        self.resource_ids.extend(names);
        plan
    }
}

struct Planning<'p> {
    /// What is declared.
    top: ResourceId,
    resources: &'p mut Vec<ResourceCode>,
    names: Vec<(QualifiedName, ResourceId)>,
}

impl Planning<'_> {
    fn instance(
        &mut self,
        compiler: &mut Compiler<'_>,
        instance: &Instance,
        (root, name): (ResourceId, SmolStr),
        is_many: bool,
        level: u32,
    ) -> Option<Plan> {
        let model = compiler.model;
        let id = compiler.blueprint_id(&instance.blueprint)?;
        let blueprint = model.blueprints.get(&instance.blueprint)?;
        if level > MOST_LEVELS {
            return None;
        }
        let target = instance.target.as_deref();
        let (root_part, _) = blueprint.root_of(target)?;
        let mut plan = Plan { blueprint: id, parts: Vec::new() };
        for (position, part) in blueprint.parts_of(target) {
            if self.resources.len() > MOST_RESOURCES as usize {
                return Some(plan);
            }
            let is_many = is_many || part.declaration.each.is_some();
            let part_name = format_smolstr!("{name}.{}", part.declaration.name);
            let resource = if position == root_part {
                self.names.push((part_name.clone(), root));
                root
            } else {
                self.add(compiler, &part_name, &part.declaration)
            };
            if let Some(code) = self.resources.get_mut(resource.index()) {
                code.is_many |= is_many;
            }
            let nested = match &part.declaration.instance {
                None => {
                    if let Some(code) = self.resources.get_mut(resource.index()) {
                        code.template = Some((id, position as u16));
                    }
                    None
                }
                Some(inner) => {
                    let nested = self.instance(compiler, inner, (resource, part_name), is_many, level + 1);
                    Some(nested.unwrap_or(Plan { blueprint: id, parts: Vec::new() }))
                }
            };
            plan.parts.push(PlannedPart { part: position as u16, resource, nested });
        }
        Some(plan)
    }

    fn add(
        &mut self,
        compiler: &mut Compiler<'_>,
        name: &SmolStr,
        declaration: &ResourceDeclaration,
    ) -> ResourceId {
        let id = ResourceId(self.resources.len() as u32);
        let (layer, test, short_from) = self
            .resources
            .get(self.top.index())
            .map_or((iom_state::document::Layer::Intended, None, 0), |top| {
                (top.layer, top.test, top.short_from)
            });
        let kind = compiler.kind_ids.get(&declaration.kind).copied().unwrap_or(super::KindId(0));
        self.resources.push(ResourceCode {
            name: name.clone(),
            short_from,
            kind,
            fields: Vec::new(),
            each: None,
            locals: 0,
            test,
            layer,
            instance: None,
            plan: None,
            template: None,
            top: Some(self.top),
            is_many: false,
        });
        self.names.push((name.clone(), id));
        id
    }
}

/// Parts in the order in which they are looked for.
fn groups(blueprint: &Blueprint) -> Vec<Group> {
    let of = |target: Option<&SmolStr>| {
        let parts = blueprint.parts.iter().enumerate().filter(|(_, part)| part.target.as_ref() == target);
        Group { target: target.cloned(), parts: parts.map(|(position, _)| position as u16).collect() }
    };
    let common = of(None);
    if !common.parts.is_empty() {
        return vec![common];
    }
    blueprint.targets.iter().map(|target| of(Some(target))).filter(|group| !group.parts.is_empty()).collect()
}
