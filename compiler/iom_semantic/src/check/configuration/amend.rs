//! `amend NAME { .. }`: more about a resource of the same package, written elsewhere.

use std::sync::Arc;

use iom_diagnostics::Diagnostic;
use iom_model::Type;
use iom_syntax::ast::{self, Body, DeclarationKind, NodeId};

use crate::check::{Lowered, check_item};
use crate::db::Db;
use crate::infer::{Checker, Entry};
use crate::items::{Item, Place, declaration};
use crate::messages;
use crate::names::Target;
use crate::signatures::resource_kind;

/// What an `amend` sets, checked by itself. The resource it belongs to merges it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Amendment {
    pub(crate) entries: Vec<Entry>,
    pub(crate) locals: u32,
    pub(crate) diagnostics: Vec<Diagnostic<Place>>,
    pub(crate) types: Vec<(NodeId, Type)>,
}

#[salsa::tracked]
pub(crate) fn amendment<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Amendment> {
    let declaration = declaration(db, item);
    let DeclarationKind::Amend { target, body } = &declaration.kind else { return Arc::default() };
    let mut checker = Checker::new(db, item);
    checker.types = Some(Vec::new());
    let (entries, locals) = match checker.amended(target) {
        Some(resource) => checker.amending_entries(resource, body),
        None => (Vec::new(), 0),
    };
    Arc::new(Amendment {
        entries,
        locals,
        diagnostics: checker.diagnostics,
        types: checker.types.unwrap_or_default(),
    })
}

impl<'db> Checker<'db> {
    /// The resource that is amended; reports one that cannot be.
    fn amended(&mut self, target: &ast::Path) -> Option<Item<'db>> {
        let place = self.place(target.id);
        match self.resolve_path(target) {
            Some((Target::Item(item), _)) if item.package(self.db) != self.item.package(self.db) => {
                self.report(messages::amended_elsewhere(place, target));
                None
            }
            Some((Target::Item(item), _)) if item.keyword(self.db) == "resource" => Some(item),
            Some((Target::Item(item), _)) => {
                let keyword = item.keyword(self.db);
                self.report(messages::wrong_kind_of_name(place, target, keyword, "a resource"));
                None
            }
            Some((Target::Module, _)) => {
                self.report(messages::wrong_kind_of_name(place, target, "module", "a resource"));
                None
            }
            None => {
                self.report_unknown_name(target, "resource", Vec::new());
                None
            }
        }
    }

    fn amending_entries(&mut self, resource: Item<'db>, body: &Body) -> (Vec<Entry>, u32) {
        let Some(kind) = resource_kind(self.db, resource) else { return (Vec::new(), 0) };
        let inside = self.fields_of_resource(kind);
        let fields = self.only_plain_fields(body, "an amendment");
        self.in_new_body(|checker| checker.body_entries(fields, &inside))
    }

    /// The declaration itself: what is wrong in it, and what is wrong with it beside the others.
    pub(in crate::check) fn check_amend(&mut self, target: &ast::Path, body: &Body) -> Lowered {
        if self.is_looked_at()
            && let Some(resource) = self.silently(|checker| checker.amended(target))
        {
            self.silently(|checker| checker.amending_entries(resource, body));
        }
        let own = amendment(self.db, self.item);
        self.diagnostics.extend(own.diagnostics.iter().cloned());
        own.types.iter().for_each(|(node, ty)| self.note_type(*node, ty));
        if let Some((Target::Item(resource), _)) = self.resolve_path(target)
            && resource.keyword(self.db) == "resource"
        {
            let here = self.place(NodeId::DECLARATION);
            for diagnostic in &check_item(self.db, resource).aside().elsewhere {
                if diagnostic.primary.place.is_of(&here) {
                    self.report(diagnostic.clone());
                }
            }
        }
        Lowered::Nothing
    }
}
