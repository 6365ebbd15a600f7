//! What configuration says of Terraform itself: where its state is kept, and which providers it uses. They become objects
//! where they are wanted.

use super::evaluate::Evaluator;
use super::syntax::Body;
use super::value::Value;
use super::write::Writer;
use crate::document::{Action, Document, ObjectId, Pointer, SourceObject, Wanted};
use crate::tape::{Strings, Tape};

/// `backend` and `cloud` blocks, with the kind of the backend as `type`.
pub const BACKEND: &str = "terraform_backend";
/// `provider` blocks, with the name of the provider as `name`.
pub const PROVIDER: &str = "terraform_provider";
/// Entries of `required_providers`, with the local name as `name`.
pub const REQUIRED_PROVIDER: &str = "terraform_required_provider";

/// Adds an object for everything that is wanted of it.
pub(super) fn add(
    evaluator: &mut Evaluator<'_>,
    wanted: &dyn Wanted,
    strings: &mut Strings,
    tape: &mut Tape,
    order: &[ObjectId],
    document: &mut Document,
) {
    let tree = evaluator.tree;
    let Some(root) = tree.modules.first() else { return };
    let mut found: Vec<(&str, String, u32, Value)> = Vec::new();
    let mut of_body =
        |evaluator: &mut Evaluator<'_>, source_type, word: &str, name: &str, offset, body: &Body| {
            let Some(filter) = wanted.attributes(source_type, false) else { return };
            evaluator.refuel();
            let values =
                evaluator.within(0, Vec::new(), |one| one.body(body, offset, &|name| filter.keeps(name), 0));
            let mut members = values.members().unwrap_or_default().to_vec();
            if filter.keeps(word) {
                members.push((word.into(), Value::text(name, offset)));
            }
            let address =
                if source_type == BACKEND { source_type.to_owned() } else { format!("provider.{name}") };
            found.push((source_type, address, offset, Value::object(members, offset)));
        };
    for backend in &root.backends {
        of_body(evaluator, BACKEND, "type", &backend.name, backend.offset, &backend.body);
    }
    for provider in &root.providers {
        of_body(evaluator, PROVIDER, "name", &provider.name, provider.offset, &provider.body);
    }
    for (name, required) in &root.required_providers {
        let Some(filter) = wanted.attributes(REQUIRED_PROVIDER, false) else { break };
        let value = evaluator.within(0, Vec::new(), |evaluator| evaluator.expression(required));
        // `aws = "~> 4.0"` says no more than the version.
        let mut members = match value.members() {
            Some(members) => members.to_vec(),
            None => vec![("version".into(), value.clone())],
        };
        members.push(("name".into(), Value::text(name.clone(), required.offset)));
        members.retain(|(name, _)| filter.keeps(name));
        let address = format!("required_providers.{name}");
        found.push((REQUIRED_PROVIDER, address, required.offset, Value::object(members, required.offset)));
    }
    for (source_type, address, offset, value) in found {
        let values = Writer::new(tape, strings, order).write(&value);
        document.objects.push(SourceObject {
            address: strings.get_or_intern(address),
            source_type: strings.get_or_intern(source_type),
            is_data: false,
            module: strings.get_or_intern_static(""),
            provider: strings.get_or_intern_static(""),
            action: Action::None,
            values: Some(values),
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
