//! Puts the model together: the workspace's declarations, and of the library what they and the chosen policies reach.

mod applications;
mod blueprints;
mod locations;
mod reach;
mod stated;
mod transitions;

pub(crate) use locations::{lines, location_of, put_in};
pub use stated::Stated;

use std::collections::{BTreeMap, BTreeSet};

use iom_model::{Extension, KindDefinition, MappedType, Model, QualifiedName};
use smol_str::SmolStr;

use crate::LibrarySelection;
use crate::check::apply::{Member, group_members, with_defaults};
use crate::check::{Lowered, check_item};
use crate::db::Db;
use crate::extensions::extensions_of;
use crate::items::{Item, items};
use crate::names::{GlobalName, definition_of};
use crate::overrides::ParameterOverride;
use applications::Applications;
use reach::{Reached, Reaching};

/// The model of a workspace without errors; declarations with errors are left out.
pub fn model(
    db: &dyn Db,
    library: &LibrarySelection,
    overrides: &[ParameterOverride],
    stated: Stated,
) -> Model {
    let mut assembly = Assembly {
        db,
        lowered: BTreeMap::new(),
        pending: Vec::new(),
        spread: BTreeSet::new(),
        applications: Applications::with(overrides),
    };
    for file in db.workspace().files(db) {
        for (position, item) in items(db, *file).iter().enumerate() {
            // What a dependency declares comes in where something names it; its kinds are read from sources like all others.
            if item.is_own(db) || item.keyword(db) == "kind" {
                // Unnamed declarations are kept apart by file and position.
                assembly.add(*item, format!("{}#{position}", file.path(db)).into());
            }
        }
    }
    // A kind states its transitions for everybody: nobody has to ask for them.
    if let Some(policy) = transitions::is_stated(assembly.lowered.values()) {
        assembly.applications.own.insert(policy.clone());
        assembly.reach(Reached::Definition(policy));
    }
    let on_their_own: Vec<QualifiedName> =
        stated.policies(assembly.lowered.values()).map(QualifiedName::from).collect();
    for policy in on_their_own {
        assembly.applications.own.insert(policy.clone());
        assembly.reach(Reached::Definition(policy));
    }
    let chosen = library_policies(db, library);
    for member in &chosen {
        assembly.reach(Reached::Definition(member.policy.clone()));
    }
    if let LibrarySelection::Matching(patterns) = library {
        let groups = patterns.iter().flat_map(|pattern| groups_matching(pattern));
        groups.for_each(|name| assembly.reach(Reached::Definition(name)));
    }
    assembly.applications.chosen = chosen;
    assembly.finish()
}

/// The library's policies that a selection names, each as it would be applied. Those with parameters are what not everybody
/// wants: they judge, with their defaults, where they are asked for by name, or by a group.
fn library_policies(db: &dyn Db, selection: &LibrarySelection) -> Vec<Member> {
    let mut chosen: Vec<Member> = Vec::new();
    match selection {
        LibrarySelection::None => {}
        LibrarySelection::All => {
            let own = iom_stdlib::policies().filter(|found| !found.declaration.is_parametric);
            let names = own.map(|found| found.qualified_name());
            chosen.extend(
                names.filter(|name| !name.starts_with(stated::MODULE)).map(|name| Member::plain(name.into())),
            );
        }
        LibrarySelection::Matching(patterns) => {
            for pattern in patterns {
                for found in iom_stdlib::policies_matching(pattern) {
                    let name: QualifiedName = found.qualified_name().into();
                    if !found.declaration.is_parametric {
                        chosen.push(Member::plain(name));
                    } else if found.is_called(pattern) {
                        chosen.extend(with_defaults(db, name));
                    }
                }
                chosen.extend(members_of_groups(db, pattern));
            }
        }
    }
    chosen.sort_by(|left, right| (&left.policy, &left.text).cmp(&(&right.policy, &right.text)));
    chosen.dedup_by(|left, right| (&left.policy, &left.text) == (&right.policy, &right.text));
    chosen
}

/// The library's groups of policies that a pattern names.
fn groups_matching(pattern: &str) -> impl Iterator<Item = QualifiedName> {
    let is_named = |found: &iom_stdlib::Found| {
        let names = [found.qualified_name(), found.declaration.name.to_owned()];
        let mut names = names.iter().map(String::as_str).chain(found.declaration.aliases.iter().copied());
        found.declaration.keyword == "group" && names.any(|name| iom_stdlib::matches(pattern, name))
    };
    iom_stdlib::declarations().filter(is_named).map(|found| found.qualified_name().into())
}

fn members_of_groups(db: &dyn Db, pattern: &str) -> Vec<Member> {
    let groups = groups_matching(pattern).filter_map(|name| definition_of(db, &name));
    groups.flat_map(|group| group_members(db, group).members.clone()).collect()
}

struct Assembly<'db> {
    db: &'db dyn Db,
    /// By qualified name, or by file and position for declarations without one.
    lowered: BTreeMap<SmolStr, Lowered>,
    pending: Vec<Reached>,
    /// Traits whose implementing kinds are in.
    spread: BTreeSet<QualifiedName>,
    applications: Applications,
}

impl<'db> Assembly<'db> {
    fn add(&mut self, item: Item<'db>, unnamed: SmolStr) {
        let is_nameless = matches!(
            item.keyword(self.db),
            "bind" | "test" | "use" | "module" | "apply" | "amend" | "tolerate"
        );
        let key = match item.keyword(self.db) {
            // Reached from the kind as well as from its own file.
            "extend" => extension_key(self.db, item),
            _ if is_nameless => unnamed,
            _ => item.qualified_name(self.db),
        };
        if self.lowered.contains_key(&key) {
            return;
        }
        let checked = check_item(self.db, item);
        let mut lowered = checked.lowered.clone();
        if matches!(lowered, Lowered::Nothing) {
            return;
        }
        put_in(self.db, item, &mut lowered, checked);
        if let Lowered::Apply(members) = &mut lowered
            && item.is_own(self.db)
        {
            self.applications.add(self.db, item, members);
        }
        if let Lowered::Policy(policy) = &lowered
            && item.is_own(self.db)
        {
            self.applications.own.insert(policy.name.clone());
        }
        self.pending.extend(Reaching::of(&lowered));
        let kind = matches!(lowered, Lowered::Kind(_)).then(|| key.clone());
        self.lowered.insert(key, lowered);
        if let Some(kind) = kind {
            for extension in extensions_of(self.db, GlobalName::new(self.db, kind)) {
                self.add(extension.item, SmolStr::default());
            }
        }
        self.settle();
    }

    fn reach(&mut self, reached: Reached) {
        self.pending.push(reached);
        self.settle();
    }

    fn settle(&mut self) {
        while let Some(reached) = self.pending.pop() {
            let name = match &reached {
                Reached::Definition(name) | Reached::Population(name) => name.clone(),
            };
            if let Some(item) = definition_of(self.db, &name)
                && !self.lowered.contains_key(&name)
            {
                self.add(item, name.clone());
            }
            if matches!(reached, Reached::Population(_)) && self.spread.insert(name.clone()) {
                self.spread_over(&name);
            }
        }
    }

    /// A population of a trait is made of every kind that has it.
    fn spread_over(&mut self, trait_name: &str) {
        for found in iom_stdlib::kinds_with_trait(trait_name) {
            let name: QualifiedName = found.qualified_name().into();
            if let Some(item) = definition_of(self.db, &name) {
                self.add(item, name);
            }
        }
    }

    fn finish(self) -> Model {
        let mut model = Model::default();
        let mut extensions = Vec::new();
        let mut declared = BTreeMap::new();
        for (name, lowered) in self.lowered {
            match lowered {
                Lowered::Nothing => {}
                Lowered::Type(ty) => drop(model.types.insert(name, ty)),
                Lowered::Trait(definition) => drop(model.traits.insert(name, definition)),
                Lowered::Kind(kind) => drop(model.kinds.insert(name, *kind)),
                Lowered::Extension(extension) => extensions.push(extension),
                Lowered::Constant(constant) => drop(model.constants.insert(name, constant)),
                Lowered::Function(function) => drop(model.functions.insert(name, *function)),
                Lowered::Data(data) => drop(model.data.insert(name, *data)),
                Lowered::Resource(resource) => drop(model.resources.insert(name, resource)),
                Lowered::Bind(bind) => model.binds.push(*bind),
                Lowered::Tolerance(tolerance) => model.tolerances.push(*tolerance),
                Lowered::Blueprint(blueprint) => drop(model.blueprints.insert(name, *blueprint)),
                Lowered::Catalog(catalog) => drop(model.catalogs.insert(name, *catalog)),
                Lowered::Policy(policy) => drop(declared.insert(name, *policy)),
                Lowered::Group(group) => drop(model.groups.insert(name, *group)),
                Lowered::Apply(_) => {}
                Lowered::Exception(exception) => drop(model.exceptions.insert(name, *exception)),
                Lowered::Authority(authority) => drop(model.authorities.insert(name, *authority)),
                Lowered::BreakGlass(window) => drop(model.break_glass.insert(name, *window)),
                Lowered::Evidence(evidence) => drop(model.evidence.insert(name, *evidence)),
                Lowered::Test(test) => model.tests.push(*test),
            }
        }
        extensions.into_iter().for_each(|extension| extend(&mut model, extension));
        if model.kinds.values().any(KindDefinition::takes_the_rest) {
            model.mapped_elsewhere = mapped_by_library();
        }
        self.applications.settle(declared, &mut model);
        transitions::put_in(&mut model);
        // Keys without a name are no order of their own: tests run as they are written.
        model.tests.sort_by(|left, right| {
            let place = |test: &iom_model::Test| {
                (test.location.file.clone(), test.location.line, test.location.column)
            };
            place(left).cmp(&place(right))
        });
        blueprints::judge_instances(&mut model);
        model
    }
}

/// What the library's kinds map, in the model or not.
fn mapped_by_library() -> Vec<MappedType> {
    let types = iom_stdlib::declarations().flat_map(|found| found.declaration.source_types);
    let mut mapped: Vec<MappedType> = types
        .map(|one| MappedType { format: one.format.into(), is_data: one.is_data, name: one.name.into() })
        .collect();
    mapped.sort();
    mapped.dedup();
    mapped
}

fn extension_key<'db>(db: &'db dyn Db, item: Item<'db>) -> SmolStr {
    format!("{}#extend {} {}", item.file(db).path(db), item.name(db), item.duplicate(db)).into()
}

/// Puts what an extension computes into its kind, which has the fields already, as the trait promises them.
fn extend(model: &mut Model, extension: Extension) {
    let Some(kind) = model.kinds.get_mut(&extension.kind) else { return };
    for field in extension.fields {
        match kind.fields.iter_mut().find(|own| own.name == field.name) {
            Some(own) => *own = field,
            None => kind.fields.push(field),
        }
    }
}
