//! Who has a say in the value of a field of a declared resource.

use iom_model::{Change, Location, OriginRole};
use smol_str::SmolStr;

use crate::check::{Lowered, check_item};
use crate::db::Db;
use crate::export::put_in;
use crate::items::Item;
use crate::names::definition_of;

/// Copies of copies: longer chains say nothing more.
const MOST_BASES: usize = 8;

/// Something that sets a field, or a part of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Said {
    pub role: OriginRole,
    pub location: Location,
    pub change: Option<Change>,
    /// The resource whose declaration this is said of.
    pub resource: SmolStr,
    /// Below the field.
    pub path: Vec<SmolStr>,
}

/// All that has a say in a field of a resource, in the order in which each changes what was before. Found out by the check;
/// nothing is evaluated.
pub fn setting_origins<'db>(db: &'db dyn Db, item: Item<'db>, field: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let mut current = Some(item);
    for _ in 0..MOST_BASES {
        let Some(item) = current.take() else { break };
        let checked = check_item(db, item);
        let Lowered::Resource(resource) = &checked.lowered else { break };
        let mut resource = resource.clone();
        resource.fields.retain(|one| one.name == field);
        let mut lowered = Lowered::Resource(resource);
        put_in(db, item, &mut lowered, checked);
        let Lowered::Resource(resource) = lowered else { break };
        let origins = resource.fields.into_iter().flat_map(|one| one.origins);
        let mut own = Vec::new();
        for origin in origins {
            if let OriginRole::Base(base) = &origin.role {
                current = definition_of(db, base);
            }
            let (role, location, change, path) = (origin.role, origin.location, origin.change, origin.path);
            own.push(Said { role, location, change, path, resource: item.qualified_name(db) });
        }
        said.splice(0..0, own);
    }
    said
}
