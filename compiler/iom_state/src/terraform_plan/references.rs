//! From the references an expression lists to the objects they lead to: through variables into the calling module,
//! through outputs into the called one, to the instance the expression's own instance belongs to.
//!
//! What a plan does not tell: `local` values (not listed at all; followed where the configuration is at hand), which of several references decides the value
//! (`a ? b : c` lists all three), and the index where it is computed.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::addresses::{self, is_part_of};
use super::configuration::Configuration;
use super::modules::{InstanceId, ModuleInstances};
use super::trail::{Found, Trail};
use crate::document::ObjectId;
use crate::tape::{Mark, NodeIndex, Reference, Strings, Symbol};
use crate::terraform_sources::TerraformSources;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    pub instance: InstanceId,
    /// The key of the resource or module instance the expression belongs to: what `count.index` and `each.key` are.
    pub key: Option<Symbol>,
    /// The expression behind `each.value`.
    pub for_each: Option<NodeIndex>,
}

/// An entry of a `references` list, interned.
#[derive(Clone, Copy)]
enum Target {
    Resource { local: Symbol, key: Option<Symbol>, attribute: Option<Symbol> },
    Variable { name: Symbol },
    Local { name: Symbol, rest: Symbol },
    Output { call: Symbol, key: Option<Symbol>, name: Option<Symbol> },
    EachValue { attribute: Option<Symbol> },
    CountIndex,
    EachKey,
    Other,
}

/// The objects of a resource block in one module instance, with their instance keys.
pub(crate) type Instances = Vec<(ObjectId, Option<Symbol>)>;

/// What is known of a value through its expression.
pub(crate) struct Followed {
    pub mark: Mark,
    /// All that the expression reads is known: variables, constants, data sources read already. So the expression is.
    pub is_known: bool,
}

/// Follows references. Variables and outputs are followed once and remembered.
pub(crate) struct Resolver<'a> {
    pub text: &'a str,
    pub configuration: &'a Configuration,
    pub sources: Option<&'a TerraformSources>,
    pub modules: &'a mut ModuleInstances,
    pub strings: &'a mut Strings,
    /// By module instance and address in the module.
    pub resources: FxHashMap<(InstanceId, Symbol), Instances>,
    /// Every object's instance key, and whether all of its attributes are known.
    pub keys: Vec<Option<Symbol>>,
    pub settled: Vec<bool>,
    pub targets: Remembered,
    /// How many locals, variables and outputs the one at hand was reached through.
    pub depth: u32,
}

/// Longer ways, from one local, variable or output to the next, are written by nobody.
const LONGEST_WAY: u32 = 256;

/// What was followed before.
#[derive(Default)]
pub(crate) struct Remembered {
    expressions: FxHashMap<NodeIndex, Rc<[(Symbol, Target)]>>,
    /// `None` while being followed: see [`Trail::not_understood`].
    variables: FxHashMap<(InstanceId, Symbol), Option<Rc<Trail>>>,
    outputs: FxHashMap<(InstanceId, Symbol), Option<Rc<Trail>>>,
    /// By name and what of the value is read.
    locals: FxHashMap<(InstanceId, Symbol, Symbol), Option<Rc<Trail>>>,
    dependencies: FxHashMap<(InstanceId, Symbol), Rc<[ObjectId]>>,
    module_dependencies: FxHashMap<InstanceId, Rc<[ObjectId]>>,
}

impl Resolver<'_> {
    /// What the source says about a value whose expression this is; `None` if that is nothing.
    pub(crate) fn mark(&mut self, expression: NodeIndex, scope: Scope) -> Option<Followed> {
        if self.is_constant(expression) {
            return Some(Followed { mark: Mark::default(), is_known: true });
        }
        let trail = self.follow(expression, scope);
        let is_known = trail.unresolved_in.is_none()
            && !trail.is_opaque
            && trail.found.iter().flat_map(|found| &found.targets).all(|object| self.is_settled(*object))
            && (trail.has_other_inputs || !trail.found.is_empty());
        let unresolved_in =
            trail.unresolved_in.and_then(|id| self.modules.get(id)).map(|instance| instance.address);
        let references: Vec<Reference> = trail
            .found
            .into_iter()
            .map(|found| Reference {
                targets: found.targets,
                attribute: found.attribute,
                is_inferred: false,
                written: found.written,
            })
            .collect();
        if references.is_empty() && unresolved_in.is_none() && !trail.has_other_inputs {
            return None;
        }
        let mark =
            Mark { references, unresolved_in, has_other_inputs: trail.has_other_inputs, ..Mark::default() };
        Some(Followed { mark, is_known })
    }

    fn is_constant(&self, expression: NodeIndex) -> bool {
        let expressions = &self.configuration.expressions;
        expressions.tape.member(expression, expressions.constant_value).is_some()
    }

    fn is_settled(&self, object: ObjectId) -> bool {
        self.settled.get(object.0 as usize).copied().unwrap_or_default()
    }

    /// The objects a `depends_on` entry names.
    pub(crate) fn dependencies(&mut self, name: Symbol, instance: InstanceId) -> Rc<[ObjectId]> {
        if let Some(known) = self.targets.dependencies.get(&(instance, name)) {
            return Rc::clone(known);
        }
        let found: Rc<[ObjectId]> = match self.parse(name) {
            Target::Resource { local, key, .. } => self.instances_of(instance, local, key, None, false),
            Target::Output { call, key, .. } => {
                let called = self.called(instance, call, key, None);
                let inside: FxHashSet<InstanceId> =
                    called.into_iter().flat_map(|id| self.modules.inside(id)).collect();
                let is_inside = |(instance, _): &&(InstanceId, Symbol)| inside.contains(instance);
                let blocks =
                    self.resources.keys().filter(is_inside).filter_map(|block| self.resources.get(block));
                blocks.flatten().map(|(object, _)| *object).collect()
            }
            _ => Vec::new(),
        }
        .into();
        self.targets.dependencies.insert((instance, name), Rc::clone(&found));
        found
    }

    /// What all objects of a module instance depend on because its call, or one around it, says so.
    pub(crate) fn dependencies_of_module(&mut self, instance: InstanceId) -> Rc<[ObjectId]> {
        if let Some(known) = self.targets.module_dependencies.get(&instance) {
            return Rc::clone(known);
        }
        let mut found: Vec<ObjectId> = Vec::new();
        if let Some((parent, call)) =
            self.modules.get(instance).and_then(|own| own.parent.zip(Some(own.call)))
        {
            let configuration = self.configuration;
            let call =
                self.modules.module_of(parent, configuration).and_then(|module| module.calls.get(&call));
            for name in call.into_iter().flat_map(|call| &call.depends_on) {
                found.extend(self.dependencies(*name, parent).iter());
            }
            found.extend(self.dependencies_of_module(parent).iter());
        }
        let found: Rc<[ObjectId]> = found.into();
        self.targets.module_dependencies.insert(instance, Rc::clone(&found));
        found
    }

    fn follow(&mut self, expression: NodeIndex, scope: Scope) -> Trail {
        let written = self.written(expression);
        self.follow_targets(&written, scope)
    }

    /// Where the references of an expression lead.
    fn follow_targets(&mut self, written: &[(Symbol, Target)], scope: Scope) -> Trail {
        if self.depth >= LONGEST_WAY {
            return Trail { is_opaque: true, ..Trail::ending_in(scope.instance) };
        }
        self.depth += 1;
        let trail = self.follow_each(written, scope);
        self.depth -= 1;
        trail
    }

    fn follow_each(&mut self, written: &[(Symbol, Target)], scope: Scope) -> Trail {
        let own_key = written
            .iter()
            .any(|(_, target)| {
                matches!(target, Target::CountIndex | Target::EachKey | Target::EachValue { .. })
            })
            .then_some(scope.key)
            .flatten();
        let is_count = written.iter().any(|(_, target)| matches!(target, Target::CountIndex));
        let mut trail = Trail::default();
        for (text, target) in written {
            match *target {
                Target::Resource { local, key, attribute } => {
                    let targets = self.instances_of(scope.instance, local, key, own_key, is_count);
                    if !targets.is_empty() {
                        trail.found.push(Found { targets, attribute, written: *text });
                    } else if !self.is_configured(scope.instance, local) {
                        trail.has_other_inputs = true;
                        trail.is_opaque = true;
                    }
                }
                Target::Variable { name } => {
                    let through = self.variable(scope.instance, name);
                    trail.add(&through, *text);
                }
                Target::Output { call, key, name } => {
                    let through = self.output(scope.instance, call, key.or(own_key), key.is_some(), name);
                    trail.add(&through, *text);
                }
                Target::EachValue { attribute } => {
                    let through = self.each_value(scope, attribute);
                    trail.add(&through, *text);
                }
                Target::Local { name, rest } => {
                    let through = self.local(scope.instance, name, rest);
                    trail.add(&through, *text);
                }
                Target::CountIndex | Target::EachKey | Target::Other => {}
            }
        }
        trail.without_repetitions()
    }

    /// The references of an expression, without the enclosing objects Terraform lists after each.
    fn written(&mut self, expression: NodeIndex) -> Rc<[(Symbol, Target)]> {
        if let Some(known) = self.targets.expressions.get(&expression) {
            return Rc::clone(known);
        }
        let mut kept: Vec<(Symbol, Target)> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut last: Option<Symbol> = None;
        let symbols: Vec<Symbol> = self.configuration.references(expression).collect();
        for symbol in symbols {
            let text = self.strings.resolve(&symbol);
            // From most to least specific, so the enclosing objects follow directly.
            let is_enclosing = last.is_some_and(|last| is_part_of(self.strings.resolve(&last), text));
            if is_enclosing {
                continue;
            }
            last = Some(symbol);
            if seen.insert(symbol) {
                kept.push((symbol, self.parse(symbol)));
            }
        }
        let kept: Rc<[(Symbol, Target)]> = kept.into();
        self.targets.expressions.insert(expression, Rc::clone(&kept));
        kept
    }

    fn parse(&mut self, reference: Symbol) -> Target {
        let text = self.strings.resolve(&reference).to_owned();
        let mut intern = |text: &str| self.strings.get_or_intern(text);
        match addresses::target(&text) {
            addresses::Target::Resource { local, key, attribute } => Target::Resource {
                local: intern(local),
                key: key.map(&mut intern),
                attribute: attribute.map(&mut intern),
            },
            addresses::Target::Variable { name } => Target::Variable { name: intern(name) },
            addresses::Target::Local { name, rest } => {
                Target::Local { name: intern(name), rest: intern(rest) }
            }
            addresses::Target::Output { call, key, name } => {
                Target::Output { call: intern(call), key: key.map(&mut intern), name: name.map(&mut intern) }
            }
            addresses::Target::EachValue { attribute } => {
                Target::EachValue { attribute: attribute.map(&mut intern) }
            }
            addresses::Target::OwnKey if text.starts_with("count") => Target::CountIndex,
            addresses::Target::OwnKey => Target::EachKey,
            addresses::Target::Other => Target::Other,
        }
    }

    /// What a module instance's variable is given by the call.
    fn variable(&mut self, instance: InstanceId, name: Symbol) -> Rc<Trail> {
        if let Some(known) = self.targets.variables.get(&(instance, name)) {
            return known.clone().unwrap_or_else(Trail::not_understood);
        }
        self.targets.variables.insert((instance, name), None);
        let trail = Rc::new(self.follow_variable(instance, name).unwrap_or_else(Trail::of_other_input));
        self.targets.variables.insert((instance, name), Some(Rc::clone(&trail)));
        trail
    }

    fn follow_variable(&mut self, instance: InstanceId, name: Symbol) -> Option<Trail> {
        let called = self.modules.get(instance)?;
        let (parent, key) = (called.parent?, called.key);
        let call = self.modules.module_of(parent, self.configuration)?.calls.get(&called.call)?;
        let expression = self.configuration.expressions.tape.member(call.expressions?, name)?;
        let trail = self.follow(expression, Scope { instance: parent, key, for_each: call.for_each });
        // Neither a constant nor a reference: functions of constants, and `uuid()` is not known before it is applied.
        let is_computed = !self.is_constant(expression) && self.written(expression).is_empty();
        Some(Trail { is_opaque: trail.is_opaque || is_computed, ..trail.of_what_is_written() })
    }

    /// What a `local` leads to: nowhere where the configuration is not at hand.
    fn local(&mut self, instance: InstanceId, name: Symbol, rest: Symbol) -> Rc<Trail> {
        if let Some(known) = self.targets.locals.get(&(instance, name, rest)) {
            return known.clone().unwrap_or_else(Trail::not_understood);
        }
        self.targets.locals.insert((instance, name, rest), None);
        let trail =
            Rc::new(self.follow_local(instance, name, rest).unwrap_or_else(|| Trail::ending_in(instance)));
        self.targets.locals.insert((instance, name, rest), Some(Rc::clone(&trail)));
        trail
    }

    fn follow_local(&mut self, instance: InstanceId, name: Symbol, rest: Symbol) -> Option<Trail> {
        let module = self.strings.resolve(&self.modules.get(instance)?.address);
        let local = self.sources?.local(module, self.strings.resolve(&name))?;
        let is_known_late = local.is_known_late();
        let references = local.references(self.strings.resolve(&rest));
        let mut written = Vec::with_capacity(references.len());
        for reference in references {
            let symbol = self.strings.get_or_intern(reference);
            written.push((symbol, self.parse(symbol)));
        }
        let trail = self.follow_targets(&written, Scope { instance, key: None, for_each: None });
        Some(Trail { is_opaque: trail.is_opaque || is_known_late, ..trail.of_what_is_written() })
    }

    /// What the outputs of a call lead to: `name` is missing where the reference's index is computed.
    fn output(
        &mut self,
        instance: InstanceId,
        call: Symbol,
        key: Option<Symbol>,
        is_key_written: bool,
        name: Option<Symbol>,
    ) -> Rc<Trail> {
        let (written, own) = if is_key_written { (key, None) } else { (None, key) };
        let called = self.called(instance, call, written, own);
        let mut trails: Vec<Rc<Trail>> = Vec::new();
        for id in called {
            for name in self.output_names(id, name) {
                trails.push(self.output_of(id, name));
            }
        }
        match trails.as_slice() {
            [only] => Rc::clone(only),
            several => Rc::new(Trail::of_any(several)),
        }
    }

    fn output_names(&self, instance: InstanceId, name: Option<Symbol>) -> Vec<Symbol> {
        match (name, self.modules.module_of(instance, self.configuration)) {
            (Some(name), _) => vec![name],
            (None, Some(module)) => {
                let mut names: Vec<Symbol> = module.outputs.keys().copied().collect();
                names.sort_unstable_by_key(|name| self.strings.resolve(name));
                names
            }
            (None, None) => Vec::new(),
        }
    }

    fn output_of(&mut self, instance: InstanceId, name: Symbol) -> Rc<Trail> {
        if let Some(known) = self.targets.outputs.get(&(instance, name)) {
            return known.clone().unwrap_or_else(Trail::not_understood);
        }
        self.targets.outputs.insert((instance, name), None);
        let module = self.modules.module_of(instance, self.configuration);
        let expression = module.and_then(|module| module.outputs.get(&name)).copied();
        let trail = expression
            .map(|expression| self.follow(expression, Scope { instance, key: None, for_each: None }))
            .map(Rc::new)
            .unwrap_or_else(Trail::not_understood);
        self.targets.outputs.insert((instance, name), Some(Rc::clone(&trail)));
        trail
    }

    /// What the `for_each` of the scope leads to: for its instance, the object of the same key.
    fn each_value(&mut self, scope: Scope, attribute: Option<Symbol>) -> Trail {
        let Some(for_each) = scope.for_each else {
            return Trail::ending_in(scope.instance);
        };
        // `each` in a `for_each` is an error to Terraform: without one in the scope there is no endless trail.
        let mut trail = self.follow(for_each, Scope { for_each: None, ..scope });
        for found in &mut trail.found {
            let own: Vec<ObjectId> = found
                .targets
                .iter()
                .copied()
                .filter(|object| scope.key.is_some() && self.key_of(*object) == scope.key)
                .collect();
            if !own.is_empty() {
                found.targets = own;
            }
            found.attribute = found.attribute.or(attribute);
        }
        trail.of_what_is_written()
    }
}
