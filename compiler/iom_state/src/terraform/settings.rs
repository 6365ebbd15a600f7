//! What configuration says of Terraform itself: where its state is kept, and which providers it uses. They become objects
//! where they are wanted.

use super::Collection;
use super::evaluate::Evaluator;
use super::module::Settings;
use super::syntax::{Expr, Name};
use super::value::Value;
use crate::document::{Action, Pointer, SourceObject};

/// `backend` and `cloud` blocks, with the kind of the backend as `type`.
pub const BACKEND: &str = "terraform_backend";
/// `provider` blocks, with the name of the provider as `name`.
pub const PROVIDER: &str = "terraform_provider";
/// Entries of `required_providers`, with the local name as `name`.
pub const REQUIRED_PROVIDER: &str = "terraform_required_provider";

/// Something to say of Terraform itself.
struct Setting {
    source_type: &'static str,
    address: String,
    offset: u32,
    values: Value,
}

impl Collection<'_, '_> {
    /// Adds an object for everything that is wanted of it.
    pub(super) fn settings(&mut self) {
        let tree = self.evaluator.tree;
        let Some(root) = tree.modules.first() else { return };
        let backends = root.backends.iter().filter_map(|backend| {
            let values = self.of_body(BACKEND, "type", backend)?;
            Some(Setting {
                source_type: BACKEND,
                address: BACKEND.to_owned(),
                offset: backend.offset,
                values,
            })
        });
        let mut found: Vec<Setting> = backends.collect();
        found.extend(root.providers.iter().filter_map(|provider| {
            let (values, address) =
                (self.of_body(PROVIDER, "name", provider)?, format!("provider.{}", provider.name));
            Some(Setting { source_type: PROVIDER, address, offset: provider.offset, values })
        }));
        found.extend(
            root.required_providers.iter().filter_map(|(name, required)| self.required(name, required)),
        );
        found.into_iter().for_each(|setting| self.setting(setting));
    }

    /// What stands in a block, with its name as `word`.
    fn of_body(&mut self, source_type: &str, word: &str, settings: &Settings) -> Option<Value> {
        let Settings { name, offset, body } = settings;
        let filter = self.wanted.attributes(source_type, false)?;
        self.evaluator.refuel();
        let values = self
            .evaluator
            .within(0, Vec::new(), |evaluator| evaluator.body(body, *offset, &|name| filter.keeps(name), 0));
        let mut members = values.members().unwrap_or_default().to_vec();
        if filter.keeps(word) {
            members.push((word.into(), Value::text(name.clone(), *offset)));
        }
        Some(Value::object(members, *offset))
    }

    fn required(&mut self, name: &Name, required: &Expr) -> Option<Setting> {
        let filter = self.wanted.attributes(REQUIRED_PROVIDER, false)?;
        let value = self.evaluator.within(0, Vec::new(), |evaluator| evaluator.expression(required));
        // `aws = "~> 4.0"` says no more than the version.
        let mut members = match value.members() {
            Some(members) => members.to_vec(),
            None => vec![("version".into(), value.clone())],
        };
        members.push(("name".into(), Value::text(name.clone(), required.offset)));
        members.retain(|(name, _)| filter.keeps(name));
        Some(Setting {
            source_type: REQUIRED_PROVIDER,
            address: format!("required_providers.{name}"),
            offset: required.offset,
            values: Value::object(members, required.offset),
        })
    }

    fn setting(&mut self, setting: Setting) {
        let Setting { source_type, address, offset, values } = setting;
        let values = Some(self.write(&values, offset));
        self.document.objects.push(SourceObject {
            address: self.strings.get_or_intern(address),
            source_type: self.strings.get_or_intern(source_type),
            is_data: false,
            module: self.strings.get_or_intern(""),
            provider: self.strings.get_or_intern(""),
            action: Action::None,
            values,
            pointer: Pointer::Written("".into()),
            offset,
            document: None,
            depends_on: 0..0,
        });
    }
}

impl Evaluator<'_> {
    /// A name that is equal for two objects that use the same configuration of a provider: `aws`, `aws.eu`,
    /// `module.a:aws`.
    pub fn provider(&self, module: u32, local: &str) -> String {
        let mut local = local.to_owned();
        let mut at = module;
        loop {
            let Some(instance) = self.modules.get(at as usize) else { return local };
            let Some((caller, call)) = instance.caller else { return local };
            let given = self.source(caller).and_then(|source| source.calls.get(call)).and_then(|call| {
                call.providers().find(|(inside, _)| *inside == local).map(|(_, outside)| outside.to_owned())
            });
            let is_own = self.source(at).is_some_and(|source| {
                source
                    .providers
                    .iter()
                    .any(|provider| *provider.name == *local && !provider.body.items.is_empty())
            });
            match given {
                Some(outside) => local = outside,
                // A configuration with an alias is only ever found where it is written.
                None if is_own || local.contains('.') => return format!("{}:{local}", instance.address),
                None => {}
            }
            at = caller;
        }
    }
}
