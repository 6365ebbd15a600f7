//! What dense ids stand for, taken over from one compilation to the next: as long as kinds, types and resources stay as
//! they are, everything that was known before keeps its id, and what was computed by it stays good.

use iom_model::{Expr, Model, Nominal, QualifiedName, Type};
use rustc_hash::FxHashMap;

use super::code::{JoinKey, KeyShape};
use super::{
    EnumId, FieldId, FieldTable, FunctionId, GlobalId, JoinId, KindSetId, Program, ReachId, SharedId, TypeId,
    TypeTable,
};

/// Ids by what they stand for.
#[derive(Debug, Default)]
pub struct Ids {
    pub(super) functions: FxHashMap<QualifiedName, FunctionId>,
    pub(super) globals: FxHashMap<QualifiedName, GlobalId>,
    pub(super) fields: FxHashMap<String, FieldId>,
    pub(super) types: FxHashMap<Type, TypeId>,
    pub(super) named_types: FxHashMap<QualifiedName, TypeId>,
    pub(super) enums: FxHashMap<iom_model::EnumType, EnumId>,
    /// Questions about everything reachable that do not depend on who asks.
    pub(super) reaches: FxHashMap<(bool, Expr), ReachId>,
    /// By collection, key and what of the key elements are found by.
    pub(super) joins: FxHashMap<(Expr, Expr, KeyShape), JoinId>,
    /// What is the same for everybody.
    pub(super) shared: FxHashMap<Expr, SharedId>,
    pub(super) kind_sets: FxHashMap<Nominal, KindSetId>,
}

/// What an earlier compilation found out.
#[derive(Debug, Default)]
pub struct Tables {
    pub(super) ids: Ids,
    pub(super) types: TypeTable,
    pub(super) fields: Vec<FieldTable>,
    pub(super) joins: Vec<JoinKey>,
}

impl Tables {
    /// Gives functions and constants that are new ids after those that there were. Ids of what is gone stay free.
    pub(super) fn extend(&mut self, model: &Model) {
        let next = self.ids.functions.len() as u32;
        for (number, name) in (next..).zip(new_names(&self.ids.functions, model.functions.keys())) {
            self.ids.functions.insert(name, FunctionId(number));
        }
        let next = self.ids.globals.len() as u32;
        let names = model.constants.keys().chain(model.data.keys());
        for (number, name) in (next..).zip(new_names(&self.ids.globals, names)) {
            self.ids.globals.insert(name, GlobalId(number));
        }
    }
}

fn new_names<'m, Id>(
    known: &FxHashMap<QualifiedName, Id>,
    names: impl Iterator<Item = &'m QualifiedName>,
) -> Vec<QualifiedName> {
    names.filter(|name| !known.contains_key(*name)).cloned().collect()
}

impl Program {
    /// Takes out what the next compilation goes on with. The program judges nothing any more.
    pub(crate) fn take_tables(&mut self) -> Tables {
        Tables {
            ids: std::mem::take(&mut self.ids),
            types: std::mem::take(&mut self.types),
            fields: std::mem::take(&mut self.fields),
            joins: std::mem::take(&mut self.joins),
        }
    }

    /// The id of a constant or of data.
    pub(crate) fn global_named(&self, name: &str) -> Option<GlobalId> {
        self.ids.globals.get(name).copied()
    }

    /// Questions about everything reachable, with their ids.
    pub(crate) fn reach_questions(&self) -> impl Iterator<Item = (&Expr, ReachId)> {
        self.ids.reaches.iter().map(|((_, question), id)| (question, *id))
    }

    /// How many things ids were given to that may not be asked for any more.
    pub(crate) fn table_sizes(&self) -> usize {
        self.joins.len()
            + self.shared
            + self.reaches
            + self.globals.len()
            + self.functions.len()
            + self.types.types.len()
    }
}
