//! Names that only some declarations have: settings, controls, clauses of policies, imports.

use iom_model::{Nominal, Type};
use iom_syntax::ast::{Body, ClauseKind, DeclarationKind, Member, Name, NodeId, Use, UseNames};
use smol_str::SmolStr;

use super::cursor::is_marked;
use super::{Cursor, Meaning, Offered};
use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, Place, declaration};
use crate::names::{Target, absolute, definition_of, module_exists, qualify, resolve};
use crate::signatures::{FieldSignature, nominal_signature, policy_labels};

/// Where a clause of a policy or a blueprint has its label.
pub(crate) fn place_of_label<'db>(db: &'db dyn Db, policy: Item<'db>, label: &str) -> Option<Place> {
    /// Blocks in blocks: deeper ones are refused by the parser.
    const MOST_LEVELS: usize = 64;
    fn find(body: &Body, label: &str, levels: usize) -> Option<NodeId> {
        let levels = levels.checked_sub(1)?;
        body.members.iter().find_map(|member| match member.clause_kind()? {
            ClauseKind::Require(require) => {
                require.label.as_ref().filter(|one| one.text == label).map(|one| one.id)
            }
            ClauseKind::For { body, .. } | ClauseKind::Judges { body, .. } => find(body, label, levels),
            _ => None,
        })
    }
    match &declaration(db, policy).kind {
        DeclarationKind::Policy { body, .. } | DeclarationKind::Blueprint { body, .. } => {
            Some(policy.place(db, find(body, label, MOST_LEVELS)?))
        }
        _ => None,
    }
}

/// Where the body of a catalog declares a control.
fn place_of_control<'db>(db: &'db dyn Db, catalog: Item<'db>, id: &str) -> Option<Place> {
    let DeclarationKind::Catalog { body, .. } = &declaration(db, catalog).kind else { return None };
    body.as_ref()?.members.iter().find_map(|member| match member {
        Member::Declaration(control) => match &control.kind {
            DeclarationKind::Control { name, .. } if name.text == id => Some(catalog.place(db, name.id)),
            _ => None,
        },
        _ => None,
    })
}

impl Offered {
    pub(crate) fn of_field(field: &FieldSignature) -> Offered {
        let is_required = !field.has_default && !field.is_derived && !field.ty.is_optional();
        Offered { name: field.name.clone(), ty: field.ty.clone(), is_required }
    }
}

impl<'db> Checker<'db> {
    pub(crate) fn note_setting(&self, name: &Name, owner: &str, known: &[&'static str]) {
        self.note_cursor(&name.text, || Cursor::Setting {
            owner: owner.into(),
            known: known.iter().map(|word| SmolStr::new_static(word)).collect(),
            required: Vec::new(),
        });
        self.note_meaning(name.id, || {
            let is_known = known.contains(&name.text.as_str());
            is_known.then(|| Meaning::Setting { owner: owner.into(), name: name.text.clone() })
        });
    }

    /// Settings that a declaration cannot do without.
    pub(crate) fn note_required_settings(&self, wanted: &[&'static str]) {
        self.note(|look| {
            if let Some(Cursor::Setting { required, .. }) = &mut look.cursor {
                *required = wanted.iter().map(|word| SmolStr::new_static(word)).collect();
            }
        });
    }

    pub(crate) fn note_words(&self, node: NodeId, word: &str, known: &[&str]) {
        self.note_cursor(word, || Cursor::Word { known: known.iter().map(SmolStr::new).collect() });
        if known.contains(&word) {
            // A field's name where fields are named means the field.
            let is_noted = std::cell::Cell::new(false);
            self.note(|look| is_noted.set(look.meanings.contains_key(&node)));
            if !is_noted.get() {
                self.note_word(node, word);
            }
        }
    }

    /// The word of a mode.
    pub(crate) fn noted_mode<'a>(&self, node: NodeId, word: &'a SmolStr) -> &'a str {
        self.note_words(node, word, &["enforce", "advise", "off", "escalate to"]);
        word
    }

    pub(crate) fn note_control_cursor(&self, names: &[SmolStr]) {
        if let Some(last) = names.last() {
            self.note_cursor(last, || Cursor::Control);
        }
    }

    pub(crate) fn note_control(&self, node: NodeId, catalog: Item<'db>, qualified: &SmolStr, id: &SmolStr) {
        self.note_meaning(node, || {
            let declared = place_of_control(self.db, catalog, id).map(Meaning::Declared);
            let read = || Meaning::Control { catalog: qualified.clone(), control: id.clone() };
            Some(declared.unwrap_or_else(read))
        });
    }

    pub(crate) fn note_claim_cursor(&self, names: &[SmolStr]) {
        let Some((last, before)) = names.split_last() else { return };
        self.note_cursor(last, || match resolve(self.db, self.scope, before).map(|found| found.target) {
            Some(Target::Item(item)) => Cursor::Label { labels: policy_labels(self.db, item).clone() },
            Some(Target::Module) => {
                let found = resolve(self.db, self.scope, before);
                Cursor::Name { inside: found.map(|found| found.qualified) }
            }
            None => Cursor::Claim,
        });
    }

    /// A field of the kind at hand, where the kind itself names it.
    pub(crate) fn note_own_field(&self, name: &Name) {
        if !self.is_looked_at() {
            return;
        }
        let owner = Type::Element(Nominal::Kind(self.item.qualified_name(self.db)));
        self.note_declared(name.id, || self.place_of_field(&owner, &name.text));
        self.note_cursor(&name.text, || {
            let signature = nominal_signature(self.db, self.item);
            let fields = signature.fields.iter().filter(|field| !field.is_derived);
            Cursor::Field { owner, fields: fields.map(Offered::of_field).collect() }
        });
    }

    pub(crate) fn note_import(&self, import: &Use) {
        if !self.is_looked_at() {
            return;
        }
        let meaning = |path: &str| match definition_of(self.db, path) {
            Some(item) => Some(Meaning::Declared(self.item_place(item))),
            None => module_exists(self.db, path).then(|| Meaning::Module(path.into())),
        };
        let mut written = String::new();
        for segment in &import.path.segments {
            if !written.is_empty() {
                written.push('.');
            }
            written.push_str(&segment.text);
            let path = absolute(self.db, &self.scope.package, &written);
            self.note_meaning(segment.id, || meaning(&path));
        }
        let path = absolute(self.db, &self.scope.package, &written);
        if let Some(alias) = &import.alias {
            self.note_meaning(alias.id, || meaning(&path));
        }
        if let UseNames::These(names) = &import.names {
            for name in names.iter().filter(|name| !is_marked(&name.text)) {
                self.note_meaning(name.id, || meaning(&qualify(&path, &name.text)));
            }
        }
    }
}
