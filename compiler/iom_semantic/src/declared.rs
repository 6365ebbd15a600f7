//! What the workspace itself declares, by name: what two workspaces cannot both have if they are to become one.

use iom_model::{Location, QualifiedName};
use iom_syntax::ast::NodeId;

use crate::export::location_of;
use crate::host::Host;
use crate::items::items;
use crate::names::{file_module, is_nameless, qualify};

/// A name that a file of the workspace declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclaredName {
    pub name: QualifiedName,
    /// `resource`, `policy`, ..
    pub keyword: &'static str,
    pub location: Location,
}

impl Host {
    /// All names that the workspace's own files declare, sorted; of names that stand twice the first.
    pub fn declared_names(&self) -> Vec<DeclaredName> {
        let db = self.database();
        let mut found = Vec::new();
        for file in self.own_source_files() {
            let module = file_module(db, file);
            for item in items(db, file).iter().copied() {
                let (keyword, name) = (item.keyword(db), item.name(db));
                if is_nameless(keyword) || name.is_empty() {
                    continue;
                }
                let location = location_of(db, item, NodeId::DECLARATION);
                found.push(DeclaredName { name: qualify(module, name), keyword, location });
            }
        }
        found.sort_by(|left, right| left.name.cmp(&right.name));
        found.dedup_by(|later, first| later.name == first.name);
        found
    }
}
