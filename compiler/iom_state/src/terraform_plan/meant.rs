//! Which instances a reference means.

use super::modules::InstanceId;
use super::references::{Instances, Resolver};
use crate::document::ObjectId;
use crate::tape::Symbol;

impl Resolver<'_> {
    /// The instances of a resource block a reference means: the one with the key written, else the one with the key of
    /// the referring instance, else all of them.
    pub(super) fn instances_of(
        &self,
        instance: InstanceId,
        local: Symbol,
        key: Option<Symbol>,
        own_key: Option<Symbol>,
        is_count: bool,
    ) -> Vec<ObjectId> {
        let Some(all) = self.resources.get(&(instance, local)) else { return Vec::new() };
        let with_key = |wanted: Option<Symbol>| -> Vec<ObjectId> {
            all.iter().filter(|(_, key)| *key == wanted).map(|(object, _)| *object).collect()
        };
        if key.is_some() {
            return with_key(key);
        }
        if own_key.is_some() {
            let own = with_key(own_key);
            if !own.is_empty() {
                return own;
            }
            if is_count && let Some(wrapped) = self.wrapped(all, own_key) {
                return vec![wrapped];
            }
        }
        all.iter().map(|(object, _)| *object).collect()
    }

    /// `element(list, count.index)` starts again at the list's beginning.
    fn wrapped(&self, all: &Instances, own_key: Option<Symbol>) -> Option<ObjectId> {
        let index: usize = self.strings.resolve(&own_key?).parse().ok()?;
        let wanted = (index % all.len()).to_string();
        all.iter()
            .find(|(_, key)| key.is_some_and(|key| self.strings.resolve(&key) == wanted))
            .map(|found| found.0)
    }

    pub(super) fn is_configured(&self, instance: InstanceId, local: Symbol) -> bool {
        self.modules
            .module_of(instance, self.configuration)
            .is_some_and(|module| module.resources.contains_key(&local))
    }

    /// The instances of a module call a reference means; like [`Resolver::instances_of`].
    pub(super) fn called(
        &mut self,
        instance: InstanceId,
        call: Symbol,
        key: Option<Symbol>,
        own_key: Option<Symbol>,
    ) -> Vec<InstanceId> {
        let all = self.modules.of_call(instance, call).to_vec();
        let with_key = |wanted: Option<Symbol>| -> Vec<InstanceId> {
            let has_key =
                |id: &InstanceId| self.modules.get(*id).is_some_and(|instance| instance.key == wanted);
            all.iter().copied().filter(has_key).collect()
        };
        let meant = match (key, own_key) {
            (Some(_), _) => with_key(key),
            (None, Some(_)) => Some(with_key(own_key)).filter(|own| !own.is_empty()).unwrap_or(all),
            (None, None) => all,
        };
        let is_configured = || {
            self.modules
                .module_of(instance, self.configuration)
                .is_some_and(|module| module.calls.contains_key(&call))
        };
        if meant.is_empty() && is_configured() {
            // A module without resources of its own: no object names it, but its outputs lead on.
            let Resolver { modules, strings, configuration, .. } = self;
            return vec![modules.at_call(instance, call, key.or(own_key), strings, configuration)];
        }
        meant
    }

    pub(super) fn key_of(&self, object: ObjectId) -> Option<Symbol> {
        self.keys.get(object.0 as usize).copied().flatten()
    }
}
