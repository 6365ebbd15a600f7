use iom_model::{QualifiedName, Require};
use iom_state::document::Layer;
use rustc_hash::FxHashMap;

use super::blueprint::{InstanceCode, Plan};
use super::{BlueprintId, By, Code, FieldId, KindId, KindSet, Over, ResourceId};

/// A compiled policy; what is no code stays in the model.
#[derive(Debug)]
pub struct PolicyCode {
    pub name: QualifiedName,
    pub rules: Vec<RuleCode>,
    /// By clause number: where the clause is.
    pub clauses: Vec<Require>,
}

#[derive(Debug)]
pub struct RuleCode {
    pub subject: u32,
    pub population: Population,
    /// Groups of the population are the subjects where present.
    pub by: Option<By>,
    pub filter: Option<Code>,
    pub steps: Vec<StepCode>,
    pub locals: u32,
    /// Clauses anywhere in the steps.
    pub clauses: Vec<u32>,
}

pub type Population = KindSet;

#[derive(Debug)]
pub enum StepCode {
    Let {
        local: u32,
        value: Code,
    },
    For {
        over: Over,
        steps: Vec<StepCode>,
        /// Clauses inside.
        clauses: Vec<u32>,
    },
    Require(Box<ClauseCode>),
}

#[derive(Debug)]
pub struct ClauseCode {
    pub clause: u32,
    pub condition: Code,
    pub witness: Option<u32>,
    pub after: Vec<u32>,
    pub at: Option<Code>,
    pub message: Option<Code>,
    /// Fields that would satisfy it, each with the names that lead to it.
    pub fix: Vec<(Box<[FieldId]>, Code)>,
    /// The slot of the record that these are fields of, where they are not the subject's.
    pub fix_of: Option<u32>,
}

/// A compiled exception.
#[derive(Debug)]
pub struct ExceptionCode {
    pub name: QualifiedName,
    pub target: SelectionCode,
}

#[derive(Debug)]
pub enum SelectionCode {
    Where { population: KindSet, filter: Option<Code>, locals: u32 },
    These(Vec<ResourceId>),
}

/// A declared resource.
#[derive(Debug)]
pub struct ResourceCode {
    pub name: QualifiedName,
    pub kind: KindId,
    /// By position of the kind's field.
    pub fields: Vec<Option<Code>>,
    pub each: Option<Over>,
    pub locals: u32,
    /// The test, by position, that alone declares it.
    pub test: Option<u32>,
    pub layer: Layer,
    /// Where its name without the module begins.
    pub short_from: u32,
    /// What it is made from.
    pub instance: Option<InstanceCode>,
    /// What that builds, where the declaration stands at the top.
    pub plan: Option<Plan>,
    /// The part of a blueprint that sets its fields.
    pub template: Option<(BlueprintId, u16)>,
    /// For a part: what was declared.
    pub top: Option<ResourceId>,
    /// A `for` makes a list of it.
    pub is_many: bool,
}

impl ResourceCode {
    /// A declaration that sets nothing yet.
    pub(super) fn named(
        resource: &iom_model::ResourceDeclaration,
        test: Option<u32>,
        kinds: &FxHashMap<QualifiedName, KindId>,
    ) -> ResourceCode {
        let layer = match resource.layer.as_deref() {
            Some("built") => Layer::Built,
            Some("running") => Layer::Running,
            _ => Layer::Intended,
        };
        ResourceCode {
            name: resource.name.clone(),
            short_from: resource.name.rfind('.').map_or(0, |dot| dot as u32 + 1),
            kind: kinds.get(&resource.kind).copied().unwrap_or(KindId(0)),
            fields: Vec::new(),
            each: None,
            locals: resource.locals,
            test,
            layer,
            instance: None,
            plan: None,
            template: None,
            top: None,
            is_many: resource.each.is_some(),
        }
    }
}

#[derive(Debug)]
pub struct BindCode {
    pub kinds: KindSet,
    /// How specific: binds of a kind win over those of a trait, and those of a trait over those of a trait it includes.
    pub rank: usize,
    pub filter: Option<Code>,
    pub fields: Vec<(FieldId, Code)>,
    pub locals: u32,
}

/// A value that may differ from the one that was written.
#[derive(Debug)]
pub struct ToleranceCode {
    pub kinds: KindSet,
    pub field: iom_state::tape::Symbol,
    pub filter: Option<Code>,
    pub within: Code,
    pub writer: Code,
    pub locals: u32,
}

/// What a test of the language gives and expects.
#[derive(Debug)]
pub struct TestCode {
    /// By name, what only the test declares.
    pub given: FxHashMap<QualifiedName, ResourceId>,
    /// By expectation: its condition, where it is one.
    pub conditions: Vec<Option<ConditionCode>>,
}

/// A condition that a test expects to hold.
#[derive(Debug)]
pub struct ConditionCode {
    pub value: Code,
    pub locals: u32,
    /// Both sides of a comparison.
    pub compared: Option<(Code, Code)>,
    /// Parts whose values are shown, as the model lists them.
    pub operands: Vec<Code>,
}
