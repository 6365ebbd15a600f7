//! Module instances: `module.a["k"]` is an instance of the module that the root's call `a` leads to.

use rustc_hash::FxHashMap;

use super::addresses::parent_module;
use super::configuration::{Configuration, Module, ModuleId};
use crate::tape::{Strings, Symbol};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct InstanceId(pub u32);

/// The root module's only instance.
pub(crate) const ROOT: InstanceId = InstanceId(0);

/// One instance of a module.
#[derive(Debug)]
pub(crate) struct Instance {
    pub address: Symbol,
    pub parent: Option<InstanceId>,
    /// The name of the call in the parent.
    pub call: Symbol,
    /// The key of the instance as written: `0`, `"k"`.
    pub key: Option<Symbol>,
    /// Where the configuration has the module.
    pub module: Option<ModuleId>,
}

/// The module instances of a plan. There are more than its objects name: a module may have outputs and no resources.
pub(crate) struct ModuleInstances {
    instances: Vec<Instance>,
    by_address: FxHashMap<Symbol, InstanceId>,
    by_call: FxHashMap<(InstanceId, Symbol), Vec<InstanceId>>,
}

impl ModuleInstances {
    pub(crate) fn new(configuration: &Configuration, root: Symbol) -> ModuleInstances {
        let module = (!configuration.modules.is_empty()).then_some(ModuleId(0));
        let instance = Instance { address: root, parent: None, call: root, key: None, module };
        ModuleInstances {
            instances: vec![instance],
            by_address: FxHashMap::from_iter([(root, ROOT)]),
            by_call: FxHashMap::default(),
        }
    }

    pub(crate) fn get(&self, id: InstanceId) -> Option<&Instance> {
        self.instances.get(id.0 as usize)
    }

    /// The configured module an instance is of.
    pub(crate) fn module_of<'c>(
        &self,
        id: InstanceId,
        configuration: &'c Configuration,
    ) -> Option<&'c Module> {
        self.get(id).and_then(|instance| instance.module).and_then(|module| configuration.module(module))
    }

    /// The instances of a call, in the order they were met.
    pub(crate) fn of_call(&self, parent: InstanceId, call: Symbol) -> &[InstanceId] {
        self.by_call.get(&(parent, call)).map_or(&[], Vec::as_slice)
    }

    /// All instances inside of an instance, with itself.
    pub(crate) fn inside(&self, outer: InstanceId) -> Vec<InstanceId> {
        let ids = (0..self.instances.len() as u32).map(InstanceId);
        ids.filter(|id| self.enclosing(*id).any(|enclosing| enclosing == outer)).collect()
    }

    fn enclosing(&self, id: InstanceId) -> impl Iterator<Item = InstanceId> + '_ {
        std::iter::successors(Some(id), |id| self.get(*id).and_then(|instance| instance.parent))
    }

    /// The instance of an address, made known together with those around it if it is new.
    pub(crate) fn at(
        &mut self,
        address: Symbol,
        strings: &mut Strings,
        configuration: &Configuration,
    ) -> InstanceId {
        if let Some(known) = self.by_address.get(&address) {
            return *known;
        }
        let text = strings.resolve(&address).to_owned();
        let mut id = ROOT;
        for step_address in addresses_around(&text) {
            let symbol = strings.get_or_intern(step_address);
            id = match self.by_address.get(&symbol) {
                Some(known) => *known,
                None => self.add(id, step_address, symbol, strings, configuration),
            };
        }
        self.by_address.insert(address, id);
        id
    }

    /// An instance that no object names.
    pub(crate) fn at_call(
        &mut self,
        parent: InstanceId,
        call: Symbol,
        key: Option<Symbol>,
        strings: &mut Strings,
        configuration: &Configuration,
    ) -> InstanceId {
        let parent_address =
            self.get(parent).map(|instance| strings.resolve(&instance.address)).unwrap_or_default();
        let separator = if parent_address.is_empty() { "" } else { "." };
        let key = key.map(|key| format!("[{}]", strings.resolve(&key))).unwrap_or_default();
        let address = format!("{parent_address}{separator}module.{}{key}", strings.resolve(&call));
        let symbol = strings.get_or_intern(address);
        self.at(symbol, strings, configuration)
    }

    fn add(
        &mut self,
        parent: InstanceId,
        text: &str,
        address: Symbol,
        strings: &mut Strings,
        configuration: &Configuration,
    ) -> InstanceId {
        let id = InstanceId(self.instances.len() as u32);
        let (call, key) = match parent_module(text) {
            Some((_, step)) => {
                (strings.get_or_intern(step.name), step.key.map(|key| strings.get_or_intern(key)))
            }
            None => (address, None),
        };
        let module = self
            .module_of(parent, configuration)
            .and_then(|module| module.calls.get(&call))
            .map(|call| call.module);
        self.instances.push(Instance { address, parent: Some(parent), call, key, module });
        self.by_address.insert(address, id);
        self.by_call.entry((parent, call)).or_default().push(id);
        id
    }
}

/// `module.a.module.b[0]` gives `module.a`, `module.a.module.b[0]`.
fn addresses_around(address: &str) -> Vec<&str> {
    let mut around = Vec::new();
    let mut rest = address;
    while let Some((parent, _)) = parent_module(rest) {
        around.push(rest);
        rest = parent;
    }
    around.reverse();
    around
}
