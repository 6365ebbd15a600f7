//! A model compiled once into dense ids: what the evaluator runs.

mod adapter;
mod alike;
mod authority;
mod blueprint;
mod code;
mod compile;
mod demand;
mod edge;
mod join;
mod kind;
mod load;
mod load_authority;
mod policy;
mod populations;
mod rest;
mod screen;
mod spot;
mod tables;
mod types;
mod typing;

pub use adapter::{
    Adapter, AdapterField, EdgeCode, FieldPath, PartCode, Routes, Secrets, SpotCode, SpotStep, SpotsCode,
    family,
};
pub use alike::{Alike, AlikeBody, is_of_text_alone};
pub use authority::{
    AuthorityClauseCode, AuthorityCode, AuthorityRuleCode, AuthorityStepCode, BreakGlassCode,
};
pub use blueprint::{
    BlueprintCode, ConformsCode, FixedCode, Group, InstanceCode, JudgesCode, MOST_LEVELS, MOST_RESOURCES,
    PartSite, Plan, PlannedPart, SearchCode,
};
pub use code::{
    Arm, By, Code, ContextName, Join, JoinKey, KeyShape, Order, Over, Pattern, Piece, Screen, Test,
};
pub use demand::Demand;
pub use kind::{FieldTable, Kind, KindField, KindSet};
pub use policy::{
    BindCode, ClauseCode, ConditionCode, ExceptionCode, PolicyCode, Population, ResourceCode, RuleCode,
    SelectionCode, StepCode, TestCode, ToleranceCode,
};
pub use tables::{Ids, Tables};
pub use types::{EnumCode, RecordCode, RecordField, RefinementCode, TypeCode, TypeTable};

use std::sync::Arc;

use iom_model::{Model, QualifiedName};
use iom_state::document::Format;
use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;

use crate::value::Value;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A kind, in order of names.
    KindId,
    /// A kind, or the kinds with a trait.
    KindSetId,
    /// A field name that is read of elements.
    FieldId,
    FunctionId,
    /// A constant or a data declaration.
    GlobalId,
    /// A declared resource.
    ResourceId,
    TypeId,
    RecordId,
    EnumId,
    /// A key that elements are indexed by.
    JoinId,
    /// A question about everything reachable.
    ReachId,
    /// Something that is the same for everybody in a world.
    SharedId,
    AdapterId,
    BlueprintId,
    PolicyId
}

/// What is to be judged.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// The policies; `None`: all that are applied.
    pub policies: Option<Vec<QualifiedName>>,
    /// Policies that tests name are judged too, whatever else is.
    pub with_tests: bool,
    /// Constants that are asked for.
    pub questions: Vec<QualifiedName>,
    /// All references of everything are asked for.
    pub with_graph: bool,
}

/// A compiled model.
#[derive(Debug)]
pub struct Program {
    pub model: Arc<Model>,
    pub kinds: Vec<Kind>,
    pub fields: Vec<FieldTable>,
    pub functions: Vec<FunctionCode>,
    pub globals: Vec<GlobalCode>,
    /// What is declared, and the named parts of what blueprints build.
    pub resources: Vec<ResourceCode>,
    pub blueprints: Vec<BlueprintCode>,
    pub types: TypeTable,
    pub joins: Vec<JoinKey>,
    /// How many things there are that are the same for everybody in a world.
    pub shared: usize,
    /// How many sets of kinds are asked for.
    pub kind_sets: usize,
    /// How many questions about everything reachable there are.
    pub reaches: usize,
    pub adapters: Vec<Adapter>,
    pub routes: Routes,
    pub policies: Vec<PolicyCode>,
    pub exceptions: Vec<ExceptionCode>,
    pub authorities: Vec<AuthorityCode>,
    pub break_glass: Vec<BreakGlassCode>,
    pub evidence: Vec<SelectionCode>,
    pub binds: Vec<BindCode>,
    /// In the order of the model.
    pub tolerances: Vec<ToleranceCode>,
    pub tests: Vec<TestCode>,
    pub demand: Demand,
    pub names: Names,
    ids: Ids,
    kind_ids: FxHashMap<QualifiedName, KindId>,
    resource_ids: FxHashMap<QualifiedName, ResourceId>,
}

/// Names that the engine itself uses.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    pub empty: Symbol,
    pub key: Symbol,
    pub items: Symbol,
    pub owner: Symbol,
    pub environment: Symbol,
    pub yes: Symbol,
    pub no: Symbol,
}

#[derive(Debug)]
pub struct FunctionCode {
    pub value: Code,
    pub locals: u32,
}

#[derive(Debug)]
pub struct GlobalCode {
    pub name: QualifiedName,
    /// A constant to evaluate, or a value read from a file before.
    pub value: GlobalValue,
    pub ty: TypeId,
}

#[derive(Debug)]
pub enum GlobalValue {
    Constant { value: Code, locals: u32 },
    Data(Value),
}

impl Program {
    pub fn kind(&self, id: KindId) -> &Kind {
        &self.kinds[id.index()]
    }

    /// A kind by its qualified name.
    pub fn kind_named(&self, name: &str) -> Option<KindId> {
        self.kind_ids.get(name).copied()
    }

    /// Where a resource, or a field of it, is written: a part of an instance stands where the instance is declared, its
    /// fields stand in the blueprint.
    pub fn place_of(&self, id: ResourceId, field: Option<&str>) -> Option<&iom_model::Location> {
        let resource = self.resources.get(id.index())?;
        let declared = self.declaration(resource.top.unwrap_or(id))?;
        let own = (resource.top.is_none()).then_some(declared);
        let template = resource.template.and_then(|(blueprint, part)| {
            let (_, blueprint) = self.model.blueprints.get_index(blueprint.index())?;
            blueprint.parts.get(part as usize).map(|part| &part.declaration)
        });
        let setting = own.into_iter().chain(template).find_map(|declaration| {
            declaration.fields.iter().find(|setting| Some(setting.name.as_str()) == field)
        });
        Some(setting.map_or(&declared.location, |setting| &setting.location))
    }

    /// The adapters that this run reads objects of a type by, in order of kinds.
    pub fn adapters_of(&self, format: Format, is_data: bool, source_type: &str) -> Vec<AdapterId> {
        let mut found = self.routes.find(family(format), is_data, source_type);
        found.retain(|adapter| {
            let adapter = &self.adapters[adapter.index()];
            let is_elsewhere =
                || adapter.source_types.is_empty() && self.demand.is_elsewhere(source_type, is_data);
            self.demand.takes(adapter.kind, source_type) && !is_elsewhere()
        });
        found
    }

    /// How a resource was declared.
    pub fn declaration(&self, id: ResourceId) -> Option<&iom_model::ResourceDeclaration> {
        let resource = self.resources.get(id.index())?;
        match resource.test {
            None => self.model.resources.get(&resource.name),
            Some(test) => {
                let given = &self.model.tests.get(test as usize)?.given;
                given.iter().find(|given| given.name == resource.name)
            }
        }
    }

    /// A declared resource by its qualified name or the end of it, where only one ends so.
    pub fn resource_ending(&self, name: &str) -> Option<ResourceId> {
        if let Some(id) = self.resource_named(name) {
            return Some(id);
        }
        let is_it = |resource: &ResourceCode| {
            resource.test.is_none()
                && resource.name.strip_suffix(name).is_some_and(|module| module.ends_with('.'))
        };
        let mut found = self.resources.iter().enumerate().filter(|(_, resource)| is_it(resource));
        let (position, _) = found.next()?;
        found.next().is_none().then_some(ResourceId(position as u32))
    }

    /// Whether a name means a compiled policy: as it is declared, or by a group it is in.
    pub fn means(&self, name: &str, code: &PolicyCode) -> bool {
        self.model.policies.get(&code.name).is_some_and(|policy| self.model.means(name, policy))
    }

    /// A declared resource by its qualified name.
    pub fn resource_named(&self, name: &str) -> Option<ResourceId> {
        self.resource_ids.get(name).copied()
    }
}
