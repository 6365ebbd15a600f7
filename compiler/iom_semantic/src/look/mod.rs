//! What an editor wants to know of one declaration: which declaration each name in it means, and the type of each
//! expression. Found by the check itself, which writes it down while somebody looks; ordinary checks write nothing.

mod cursor;
mod declared;
mod names;
mod origins;
mod scope;
mod settings;

use std::cell::RefCell;
use std::sync::Arc;

use iom_model::Type;
use iom_syntax::ast::{Declaration, NodeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, Place, whole_declaration};
use crate::names::{Target, resolve};

pub use cursor::{Cursor, MARKER, Offered};
pub use declared::{DeclaredInside, Declares, declared_inside};
pub(crate) use names::place_of_label;
pub use origins::{place_of_field, type_at};
pub use scope::{fitting_resources, is_fitting, members_of, plain_type};
pub use settings::{Said, setting_origins};

/// What a name means.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Meaning {
    /// Something that has a place where it is declared: the node of its name.
    Declared(Place),
    Module(SmolStr),
    /// A control that a catalog reads from a file.
    Control {
        catalog: SmolStr,
        control: SmolStr,
    },
    /// A setting of a policy, an exception and so on.
    Setting {
        owner: SmolStr,
        name: SmolStr,
    },
    /// A function, a type or a value of the language itself.
    Word(SmolStr),
}

/// A call as it is written.
#[derive(Clone, PartialEq, Debug)]
pub struct CallSite {
    /// The call as a whole.
    pub node: NodeId,
    pub called: Called,
    pub arguments: Vec<GivenArgument>,
}

/// What a call calls.
#[derive(Clone, PartialEq, Debug)]
pub enum Called {
    /// A function, a policy or a blueprint.
    Declared { name: SmolStr, place: Place, parameters: Vec<CallParameter>, result: Option<Type> },
    /// A function of the language.
    Builtin(SmolStr),
}

#[derive(Clone, PartialEq, Debug)]
pub struct CallParameter {
    pub name: SmolStr,
    pub ty: Type,
    pub has_default: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GivenArgument {
    pub node: NodeId,
    /// Of its value.
    pub value: NodeId,
    /// The parameter it is for.
    pub parameter: Option<usize>,
    pub is_named: bool,
}

/// What the check of one declaration found out about its names and expressions. Of a node that is looked at several times the
/// last counts.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Look {
    pub types: FxHashMap<NodeId, Type>,
    pub meanings: FxHashMap<NodeId, Meaning>,
    pub calls: Vec<CallSite>,
    /// What could stand where [`MARKER`] stands.
    pub cursor: Option<Cursor>,
    /// Types without a name of their own, and the fields that were met with them.
    origins: Vec<(Type, Place)>,
    /// Resources that the test at hand gives.
    given: Vec<(SmolStr, NodeId)>,
}

/// Looks at a declaration. Kept for the few that an editor last asked about.
#[salsa::tracked(lru = 256)]
pub fn look<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Look> {
    Arc::new(look_at(db, item, whole_declaration(db, item)))
}

/// Looks at other syntax in a declaration's place: as it would be if something stood at the cursor.
pub fn look_at<'db>(db: &'db dyn Db, item: Item<'db>, syntax: Arc<Declaration>) -> Look {
    let mut checker = Checker::new(db, item);
    checker.look = Some(Box::default());
    checker.instead = Some(syntax.clone());
    checker.check_declaration(&mut Vec::new());
    let mut look = checker.look.map(|look| look.into_inner()).unwrap_or_default();
    look.declare(db, item, &syntax);
    look
}

impl Look {
    /// Names mean what they declare where they declare it.
    fn declare<'db>(&mut self, db: &'db dyn Db, item: Item<'db>, syntax: &Declaration) {
        for one in declared_inside(syntax) {
            let is_type = match self.meanings.get(&one.node) {
                Some(Meaning::Declared(place)) => matches!(place.keyword, "type" | "kind" | "trait"),
                Some(Meaning::Word(_)) => true,
                _ => false,
            };
            // The alternatives of a union may be types that stand elsewhere.
            if one.what != Declares::Alternative || !is_type {
                self.meanings.insert(one.node, Meaning::Declared(item.place(db, one.node)));
            }
        }
        if let Some(name) = syntax.name()
            && !matches!(syntax.keyword(), "amend" | "extend")
        {
            self.meanings.insert(name.id, Meaning::Declared(item.place(db, name.id)));
        }
    }
}

impl<'db> Checker<'db> {
    /// Writes something down while somebody looks.
    pub(crate) fn note(&self, write: impl FnOnce(&mut Look)) {
        if let Some(look) = &self.look
            && let Ok(mut look) = RefCell::try_borrow_mut(look)
        {
            write(&mut look);
        }
    }

    pub(crate) fn is_looked_at(&self) -> bool {
        self.look.is_some()
    }

    /// The meaning of a name; made only while somebody looks.
    pub(crate) fn note_meaning(&self, node: NodeId, meaning: impl FnOnce() -> Option<Meaning>) {
        if self.is_looked_at()
            && let Some(meaning) = meaning()
        {
            self.note(|look| drop(look.meanings.insert(node, meaning)));
        }
    }

    pub(crate) fn note_declared(&self, node: NodeId, place: impl FnOnce() -> Option<Place>) {
        self.note_meaning(node, || place().map(Meaning::Declared));
    }

    pub(crate) fn note_word(&self, node: NodeId, word: &str) {
        self.note_meaning(node, || Some(Meaning::Word(word.into())));
    }

    /// What the last segment of a dotted name means, if all of it names a declaration or a module.
    pub(crate) fn note_path(&self, segments: &[SmolStr], node: NodeId) {
        self.note_meaning(node, || {
            let found = resolve(self.db, self.scope, segments)?;
            if found.used < segments.len() {
                return None;
            }
            Some(match found.target {
                Target::Item(item) => Meaning::Declared(self.item_place(item)),
                Target::Module => Meaning::Module(found.qualified),
            })
        });
    }

    pub(crate) fn note_given(&self, name: &SmolStr, node: NodeId) {
        self.note(|look| look.given.push((name.clone(), node)));
    }

    /// A name that the test at hand gives.
    pub(crate) fn note_use_of_given(&self, node: NodeId, name: &str) {
        let mut declared = None;
        self.note(|look| {
            declared = look.given.iter().find(|(given, _)| given == name).map(|(_, node)| *node)
        });
        self.note_declared(node, || declared.map(|declared| self.place(declared)));
    }

    pub(crate) fn note_call(
        &self,
        node: NodeId,
        called: impl FnOnce() -> Called,
        arguments: impl FnOnce() -> Vec<GivenArgument>,
    ) {
        if self.is_looked_at() {
            let call = CallSite { node, called: called(), arguments: arguments() };
            self.note(|look| {
                look.calls.retain(|other| other.node != call.node);
                look.calls.push(call);
            });
        }
    }
}

/// Arguments by the parameters they are for.
pub(crate) fn given_arguments<'p>(
    arguments: &[iom_syntax::ast::Argument],
    names: impl Iterator<Item = &'p SmolStr> + Clone,
) -> Vec<GivenArgument> {
    let count = names.clone().count();
    let mut position = 0;
    let given = arguments.iter().map(|argument| {
        let parameter = match &argument.name {
            Some(name) => names.clone().position(|parameter| *parameter == name.text),
            None => {
                position += 1;
                (position <= count).then(|| position - 1)
            }
        };
        let (node, value) = (argument.id, argument.value.id);
        GivenArgument { node, value, parameter, is_named: argument.name.is_some() }
    });
    given.collect()
}
