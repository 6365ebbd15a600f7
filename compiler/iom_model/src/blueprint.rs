use serde::Serialize;
use smol_str::SmolStr;

use crate::{
    Binder, ControlReference, Expr, IsTest, Literal, Local, Location, Mode, ModeStep, Nominal, Policy,
    QualifiedName, Quantifier, ResourceDeclaration, Rule, Severity, Step, Type,
};

/// `blueprint NAME(..): TRAITS { .. }`: a pattern that builds resources and judges existing ones.
///
/// All its expressions share the slots of one frame: first the parameters, then one slot for each part's name, then what
/// expressions bind.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Blueprint {
    pub name: QualifiedName,
    pub location: Location,
    pub title: Option<String>,
    pub doc: Option<String>,
    pub version: Option<SmolStr>,
    /// Declared elements.
    pub approved_by: Vec<QualifiedName>,
    /// Seconds since 1970: overdue from this instant on.
    pub review_by: Option<i64>,
    /// Of its clauses.
    pub severity: Severity,
    pub covers: Vec<ControlReference>,
    pub owner: Option<QualifiedName>,
    pub parameters: Vec<BlueprintParameter>,
    /// The names of its `build` blocks, in source order.
    pub targets: Vec<SmolStr>,
    pub parts: Vec<BlueprintPart>,
    /// How many slots the parts' names take.
    pub slots: u32,
    /// `let`, `require` and inner `for` over the parts.
    pub steps: Vec<Step>,
    /// `judges x: K where .. { .. }`: the binder is the subject.
    pub judges: Vec<Rule>,
    /// Slots a frame needs.
    pub locals: u32,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BlueprintParameter {
    pub name: SmolStr,
    pub ty: Type,
    /// In a frame of its own.
    pub default: Option<Expr>,
    pub default_locals: u32,
}

/// A `resource` of a blueprint.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BlueprintPart {
    /// The slot of its name. The first slot is the root's.
    pub slot: Local,
    /// The kind it builds, or the kind or trait it judges.
    pub nominal: Nominal,
    /// The `build` block it stands in.
    pub target: Option<SmolStr>,
    /// Named without the blueprint.
    pub declaration: ResourceDeclaration,
    /// How it is found among existing elements.
    pub search: PartSearch,
    /// What it fixes of an existing element.
    pub fixed: Vec<FixedField>,
}

/// How a part is found where something existing is compared with the blueprint.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum PartSearch {
    /// It is what is judged.
    Subject,
    /// Some element that the binder lets through; its slot is the part's.
    Among(Binder),
    /// A part that was found before refers to it.
    Value(Expr),
}

/// A field that a part sets, as a condition on an existing element in the part's slot.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FixedField {
    /// As written from the part: `encryption.algorithm`.
    pub path: SmolStr,
    pub location: Location,
    /// The field is set to exactly this parameter, which is solved from it.
    pub solves: Option<Local>,
    /// Nothing is asked of a secret but whether it is there.
    pub is_secret: bool,
    pub found: Expr,
    pub expected: Expr,
    /// `found == expected`; of a secret `found is present`.
    pub condition: Expr,
}

/// `SecureBucket(name: ..)`: the argument of each parameter, where one is given.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Instance {
    pub blueprint: QualifiedName,
    /// The `build` block that is built.
    pub target: Option<SmolStr>,
    /// In the frame of the declaration that the instance stands in.
    pub arguments: Vec<Option<Expr>>,
}

impl Blueprint {
    /// The slot of a parameter.
    pub fn parameter(&self, position: usize) -> Local {
        Local(position as u32)
    }

    /// The slot of the root.
    pub fn root(&self) -> Local {
        Local(self.parameters.len() as u32)
    }

    /// What of a target is built: what stands outside all `build` blocks and what stands in the target's. Where both have
    /// a part of one name, the target's is the one.
    pub fn parts_of<'b>(
        &'b self,
        target: Option<&'b str>,
    ) -> impl Iterator<Item = (usize, &'b BlueprintPart)> {
        let is_built_by_target = move |slot: Local| {
            target.is_some()
                && self.parts.iter().any(|other| other.slot == slot && other.target.as_deref() == target)
        };
        self.parts.iter().enumerate().filter(move |(_, part)| match &part.target {
            None => !is_built_by_target(part.slot),
            own => own.as_deref() == target,
        })
    }

    /// The root of a target.
    pub fn root_of(&self, target: Option<&str>) -> Option<(usize, &BlueprintPart)> {
        let root = self.root();
        let found = self.parts.iter().enumerate().filter(|(_, part)| part.slot == root);
        let mut found = found.filter(|(_, part)| part.target.is_none() || part.target.as_deref() == target);
        let first = found.next()?;
        Some(found.find(|(_, part)| part.target.is_some()).unwrap_or(first))
    }

    /// The blueprint's own clauses as a policy: judged for every instance of it, and enforced. `None` where it has none.
    pub fn policy(&self) -> Option<Policy> {
        let rules: Vec<Rule> = self.own_rules().chain(self.judging_rules()).collect();
        if rules.is_empty() {
            return None;
        }
        Some(Policy {
            name: self.name.clone(),
            declared: self.name.clone(),
            arguments: None,
            location: self.location.clone(),
            class: None,
            title: self.title.clone(),
            doc: self.doc.clone(),
            severity: self.severity,
            mode: Some(vec![ModeStep { mode: Mode::Enforce, until: None }]),
            covers: self.covers.clone(),
            aliases: Vec::new(),
            kind_aliases: Vec::new(),
            owner: self.owner.clone(),
            max_exception: None,
            stages: Vec::new(),
            layers: Vec::new(),
            is_parametric: false,
            is_applied: true,
            application: None,
            rules,
        })
    }

    /// For what it built: the root is the subject.
    fn own_rules(&self) -> impl Iterator<Item = Rule> {
        let mut populations: Vec<Nominal> = Vec::new();
        let roots = self.parts.iter().filter(|part| part.slot == self.root() && !self.steps.is_empty());
        for part in roots {
            // A trait is built by the kinds of the targets.
            if matches!(part.nominal, Nominal::Kind(_)) && !populations.contains(&part.nominal) {
                populations.push(part.nominal.clone());
            }
        }
        let subject = self.root();
        populations.into_iter().map(move |population| Rule {
            aliases: Vec::new(),
            subject,
            parameters: Vec::new(),
            population,
            by: None,
            filter: Some(self.built(subject, Built::Is)),
            steps: self.instance_steps(subject).chain(self.steps.iter().cloned()).collect(),
            locals: self.locals,
        })
    }

    /// For everything its `judges` blocks range over, once per instance.
    fn judging_rules(&self) -> impl Iterator<Item = Rule> {
        let instances = Expr::Instances(self.name.clone());
        let is_there =
            Expr::Is { value: Box::new(instances.clone()), test: IsTest::Nonempty, negated: false };
        self.judges.iter().map(move |rule| {
            let binder = Binder {
                local: self.root(),
                second: None,
                source: instances.clone(),
                by: None,
                filter: None,
            };
            let own = rule.filter.clone().filter(|filter| !self.reads_instance(filter));
            // What no instance is about is not judged at all.
            let filter = match (&own, &rule.filter) {
                (Some(own), _) => Expr::And(Box::new(is_there.clone()), Box::new(own.clone())),
                (None, Some(asked)) => Expr::Quantifier {
                    quantifier: Quantifier::Any,
                    binder: Box::new(binder.clone()),
                    body: Box::new(self.with_instance(asked.clone())),
                },
                (None, None) => is_there.clone(),
            };
            let mut steps: Vec<Step> = self.instance_steps(self.root()).collect();
            match rule.filter.clone().filter(|_| own.is_none()) {
                None => steps.extend(rule.steps.iter().cloned()),
                // A `where` that reads parameters is asked for each instance.
                Some(filter) => {
                    let once =
                        Expr::List { items: vec![Expr::Literal(Literal::Bool(true))], drops_absent: false };
                    let binder = Binder {
                        local: Local(self.locals),
                        second: None,
                        source: once,
                        by: None,
                        filter: Some(filter),
                    };
                    steps.push(Step::For { aliases: Vec::new(), binder, steps: rule.steps.clone() });
                }
            }
            Rule {
                aliases: rule.aliases.clone(),
                subject: rule.subject,
                parameters: Vec::new(),
                population: rule.population.clone(),
                by: None,
                filter: Some(filter),
                steps: vec![Step::For { aliases: Vec::new(), binder, steps }],
                locals: self.locals + 1,
            }
        })
    }

    fn instance_steps(&self, root: Local) -> impl Iterator<Item = Step> {
        self.given_instance(root).map(|(local, value)| Step::Let { local, value })
    }

    /// An expression with the parameters and parts of the instance whose root is at hand.
    fn with_instance(&self, expr: Expr) -> Expr {
        self.given_instance(self.root()).rev().fold(expr, |body, (local, value)| Expr::Let {
            local,
            value: Box::new(value),
            body: Box::new(body),
        })
    }

    /// Whether an expression reads a parameter or a part.
    fn reads_instance(&self, expr: &Expr) -> bool {
        let end = self.root().0 + self.slots;
        let mut reads = false;
        expr.walk(&mut |part| reads |= matches!(part, Expr::Local(local) if local.0 < end));
        reads
    }

    /// The parameters and parts of the instance whose root is in a slot.
    fn given_instance(&self, root: Local) -> impl DoubleEndedIterator<Item = (Local, Expr)> {
        let parameters = (0..self.parameters.len() as u32)
            .map(move |position| (Local(position), self.built(root, Built::Parameter(position))));
        let others = (1..self.slots)
            .map(move |slot| (Local(self.root().0 + slot), self.built(root, Built::Part(slot))));
        parameters.chain(others)
    }

    fn built(&self, root: Local, what: Built) -> Expr {
        Expr::Built { root: Box::new(Expr::Local(root)), blueprint: self.name.clone(), what }
    }
}

/// What is asked of an element that is the root of a blueprint's instance.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Built {
    /// Whether it is one.
    Is,
    /// The value of a parameter, by position.
    Parameter(u32),
    /// The part in a slot, counted from the root's.
    Part(u32),
}
