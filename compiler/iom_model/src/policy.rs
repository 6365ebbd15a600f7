use std::collections::HashSet;

use serde::Serialize;
use smol_str::SmolStr;

use crate::{Binder, Duration, Expr, GroupBy, Local, Location, Nominal, QualifiedName};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// What a policy is for. A regulatory one covers a control, one about risk has an owner.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintClass {
    Architectural,
    Regulatory,
    Risk,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Policy {
    /// Unique: the declared name, and with parameters their values: `images.allowed(registries: ["registry.example"])`.
    pub name: QualifiedName,
    /// As the declaration is called. Exceptions, evidence and tests name it, whatever its parameters are.
    pub declared: QualifiedName,
    /// The values of its parameters: `registries: ["registry.example"]`.
    pub arguments: Option<SmolStr>,
    pub location: Location,
    pub class: Option<ConstraintClass>,
    pub title: Option<String>,
    pub doc: Option<String>,
    pub severity: Severity,
    /// `None`: nothing was written, the default of whoever applies it holds.
    pub mode: Option<Vec<ModeStep>>,
    pub covers: Vec<ControlReference>,
    pub aliases: Vec<SmolStr>,
    /// Aliases that hold for subjects of one kind only.
    pub kind_aliases: Vec<(QualifiedName, Vec<SmolStr>)>,
    /// A declared element.
    pub owner: Option<QualifiedName>,
    pub max_exception: Option<Duration>,
    /// Where it bites; empty: everywhere.
    pub stages: Vec<SmolStr>,
    /// On which layers it is judged; empty: on all with data.
    pub layers: Vec<SmolStr>,
    /// Has parameters that nothing has given values yet.
    pub is_parametric: bool,
    /// Judges: a policy of the workspace's own, or one that is applied. Others are known, for tests that name them.
    pub is_applied: bool,
    /// The `apply` that set its mode or its parameters.
    pub application: Option<Location>,
    pub rules: Vec<Rule>,
}

impl Policy {
    /// The aliases of the policy and those that hold for one kind only, each once. Clauses may have more of their own.
    pub fn all_aliases(&self) -> Vec<SmolStr> {
        let of_kinds = self.kind_aliases.iter().flat_map(|(_, aliases)| aliases);
        once(self.aliases.iter().chain(of_kinds))
    }

    /// [`Policy::all_aliases`], and those of rules and clauses.
    pub fn every_alias(&self) -> Vec<SmolStr> {
        let mut aliases = self.all_aliases();
        for rule in &self.rules {
            aliases.extend(rule.aliases.iter().cloned());
            aliases_of(&rule.steps, &mut aliases);
        }
        once(aliases.iter())
    }
}

fn aliases_of(steps: &[Step], aliases: &mut Vec<SmolStr>) {
    for step in steps {
        match step {
            Step::Let { .. } => {}
            Step::For { aliases: own, steps, .. } => {
                aliases.extend(own.iter().cloned());
                aliases_of(steps, aliases);
            }
            Step::Require(require) => aliases.extend(require.aliases.iter().cloned()),
        }
    }
}

fn once<'a>(aliases: impl Iterator<Item = &'a SmolStr>) -> Vec<SmolStr> {
    let mut seen = HashSet::new();
    aliases.filter(|alias| seen.insert(*alias)).cloned().collect()
}

/// A mode with the instant it ends, the last one without.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct ModeStep {
    pub mode: Mode,
    /// Seconds since 1970; the next step's mode holds from this instant on.
    pub until: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Enforce,
    Advise,
    /// To a declared element.
    Escalate(QualifiedName),
    Off,
}

/// `catalog."id"`
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct ControlReference {
    pub catalog: QualifiedName,
    pub control: SmolStr,
}

impl std::fmt::Display for ControlReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let catalog = self.catalog.rsplit('.').next().unwrap_or(&self.catalog);
        write!(f, "{catalog}.{}", self.control)
    }
}

/// A `for` block at the top of a policy: its binder is the subject.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Rule {
    pub aliases: Vec<SmolStr>,
    /// The subject's slot.
    pub subject: Local,
    /// The slots of the policy's parameters, until they are [put in](Policy::with_arguments).
    pub parameters: Vec<Local>,
    pub population: Nominal,
    /// Groups of the population are the subjects where present: the slot holds one, with `.key` and `.items`.
    pub by: Option<GroupBy>,
    /// What subjects, groups where there are some, must satisfy for the rule to apply.
    pub filter: Option<Expr>,
    pub steps: Vec<Step>,
    /// Slots a frame needs.
    pub locals: u32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Step {
    Let { local: Local, value: Expr },
    For { aliases: Vec<SmolStr>, binder: Binder, steps: Vec<Step> },
    Require(Require),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Require {
    /// Unique inside the policy, in source order.
    pub clause: u32,
    pub label: Option<SmolStr>,
    /// All aliases that name the clause: its own and those of the blocks around it.
    pub aliases: Vec<SmolStr>,
    pub location: Location,
    pub condition: Expr,
    /// Where the condition as a whole is `all` or `none`: the slot its message finds the offending element in.
    pub witness: Option<Local>,
    /// Earlier clauses this one relies on: judged only where they pass.
    pub after: Vec<u32>,
    /// The part or neighbour the finding is shown at.
    pub at: Option<Expr>,
    pub message: Option<Expr>,
    /// Fields that would satisfy the clause, each with the names that lead to it.
    pub fix: Vec<(Vec<SmolStr>, Expr)>,
    /// The record in the subject whose fields these are, by its binder; `None`: the subject's own.
    pub fix_of: Option<Local>,
    /// The condition and the fix as written, for reports.
    pub source: SmolStr,
    pub fix_source: Option<SmolStr>,
}

/// Policies under one name: to apply, except and prove them together.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Group {
    pub name: QualifiedName,
    pub location: Location,
    pub title: Option<String>,
    /// The declared names of all policies in it, also through other groups, sorted.
    pub policies: Vec<QualifiedName>,
    /// What other tools call it.
    pub aliases: Vec<SmolStr>,
    pub covers: Vec<ControlReference>,
    pub owner: Option<QualifiedName>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Exception {
    pub name: QualifiedName,
    pub location: Location,
    pub policy: QualifiedName,
    /// One clause of it, else all.
    pub label: Option<SmolStr>,
    pub target: Selection,
    pub reason: String,
    pub approved_by: Vec<QualifiedName>,
    /// Seconds since 1970; holds while `opened <= now < expires`.
    pub opened: i64,
    pub expires: i64,
    pub compensating: Vec<QualifiedName>,
}

/// Elements picked from a population: the element at hand is local 0.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Selection {
    Where {
        population: Nominal,
        filter: Option<Expr>,
        locals: u32,
    },
    /// Declared elements by name.
    These(Vec<QualifiedName>),
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Evidence {
    pub name: QualifiedName,
    pub location: Location,
    pub title: Option<String>,
    pub satisfies: Vec<ControlReference>,
    pub claims: Vec<Claim>,
    pub population: Selection,
    pub collect: Vec<SmolStr>,
    pub every: Option<Duration>,
    pub fresh: Option<Duration>,
    pub retain: Option<Duration>,
    /// Who attests, and how often.
    pub attest: Option<(QualifiedName, Option<Duration>)>,
}

/// A policy, or one clause of it, that the population must pass.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Claim {
    pub policy: QualifiedName,
    pub label: Option<SmolStr>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Catalog {
    pub name: QualifiedName,
    pub controls: Vec<Control>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Control {
    pub id: SmolStr,
    pub title: Option<String>,
    /// Where the catalog has withdrawn it: the controls that it became a part of.
    pub withdrawn: Option<Vec<SmolStr>>,
}

/// `test "..": given, expect`
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Test {
    pub title: String,
    pub module: QualifiedName,
    pub location: Location,
    pub at: Option<i64>,
    pub given: Vec<crate::ResourceDeclaration>,
    /// State in the form of other tools.
    pub sources: Vec<TestSource>,
    pub expectations: Vec<Expectation>,
}

/// `given terraform """.."""`, `given plan "plan.json"`
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TestSource {
    /// Of the text, or of the file's name.
    pub location: Location,
    pub format: TestFormat,
    pub content: TestContent,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TestFormat {
    /// Configuration: the text of `.tf` files.
    Terraform,
    /// What `terraform show -json` writes.
    TerraformPlan,
    /// Objects, in YAML or JSON.
    Kubernetes,
    /// A template, in YAML or JSON.
    Cloudformation,
    /// A state file, or what `terraform show -json` writes of one.
    TerraformState,
    /// Items of AWS Config.
    AwsConfig,
    /// Things in lists, in JSON or YAML.
    Json,
    /// A table.
    Csv,
}

impl TestFormat {
    pub const ALL: [TestFormat; 8] = [
        TestFormat::Terraform,
        TestFormat::TerraformPlan,
        TestFormat::TerraformState,
        TestFormat::Kubernetes,
        TestFormat::Cloudformation,
        TestFormat::AwsConfig,
        TestFormat::Json,
        TestFormat::Csv,
    ];

    /// As it stands after `given`.
    pub fn word(self) -> &'static str {
        match self {
            TestFormat::Terraform => "terraform",
            TestFormat::TerraformPlan => "plan",
            TestFormat::TerraformState => "state",
            TestFormat::Kubernetes => "kubernetes",
            TestFormat::Cloudformation => "cloudformation",
            TestFormat::AwsConfig => "aws_config",
            TestFormat::Json => "json",
            TestFormat::Csv => "csv",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TestContent {
    /// Relative to the workspace's root.
    File(SmolStr),
    Text(String),
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Expectation {
    pub location: Location,
    /// As written.
    pub source: SmolStr,
    pub kind: ExpectationKind,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum ExpectationKind {
    /// `expect P fails on b because ".."`: `on` is a given or declared element's qualified name; absent: every subject.
    Verdict {
        claim: Claim,
        verdict: ExpectedVerdict,
        on: Option<QualifiedName>,
        because: Option<SmolStr>,
        after_fix: bool,
    },
    /// `expect decision == block`
    Decision(SmolStr),
    /// `expect inc_4711 is active`
    BreakGlass { name: QualifiedName, is_open: bool },
    /// Any other condition over the given resources.
    Condition {
        value: Expr,
        locals: u32,
        /// Where the condition compares two values: both, the second one as it should be.
        compared: Option<Box<Compared>>,
        /// Parts whose values say why it does not hold, outermost first.
        operands: Vec<Operand>,
    },
}

/// The sides of a comparison.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Compared {
    pub op: crate::CompareOp,
    pub left: Operand,
    pub right: Operand,
}

/// A part of a condition that has a value of its own.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Operand {
    /// As written.
    pub source: SmolStr,
    pub location: Location,
    pub value: Expr,
    /// Its texts are words of an enum.
    pub is_word: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedVerdict {
    Passes,
    Fails,
    Unknown,
    Excepted,
    NotApplicable,
}
