//! Where the declarations of a file stand, without a look at its tree.

use std::sync::Arc;

use iom_base::TextRange;
use iom_model::Type;
use iom_syntax::ast::NodeId;
use smol_str::SmolStr;

use crate::host::Host;
use crate::input::SourceText;
use crate::items::{declaration, items};
use crate::names::{declares, definition_of, file_module, is_nameless, module_names, qualify};
use crate::signatures::{nominal_signature, resource_kind};

/// A declaration of a file; ranges are in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutlinedDeclaration {
    /// `policy`, `resource`, ..
    pub keyword: &'static str,
    /// As written; of a test its title.
    pub name: SmolStr,
    /// `module.name`; the name alone where the module has none, or the declaration adds to another one.
    pub qualified: SmolStr,
    pub range: TextRange,
    pub name_range: TextRange,
}

impl Host {
    /// What a file declares, in order. Declarations without a name are left out.
    pub fn outline(&self, path: &str) -> Vec<OutlinedDeclaration> {
        let db = self.database();
        let Some(file) = self.source_file(path) else { return Vec::new() };
        let module = file_module(db, file);
        let found = items(db, file).iter().filter_map(|item| {
            let keyword = item.keyword(db);
            let name = declaration(db, *item).name().filter(|name| !name.text.is_empty())?;
            let end = item.span(db, NodeId::DECLARATION).range().end();
            Some(OutlinedDeclaration {
                keyword,
                name: name.text.clone(),
                qualified: if is_nameless(keyword) { name.text.clone() } else { qualify(module, &name.text) },
                range: TextRange::new(item.offset(db), end),
                name_range: item.span(db, name.id).range(),
            })
        });
        found.collect()
    }

    /// The file that declares a qualified name, and where the name stands; nothing for what is not in the workspace.
    pub fn place_of_declaration(&self, qualified: &str) -> Option<(SmolStr, TextRange)> {
        let db = self.database();
        let item = definition_of(db, qualified)?;
        let file = item.file(db);
        let node = declaration(db, item).name().map_or(NodeId::DECLARATION, |name| name.id);
        (!file.is_library(db)).then(|| (file.path(db).clone(), item.span(db, node).range()))
    }

    /// Modules that declare a name, sorted.
    pub fn modules_declaring(&self, name: &str) -> Vec<SmolStr> {
        let db = self.database();
        module_names(db).into_iter().filter(|module| declares(db, module, name)).collect()
    }

    /// The fields that can be set in a declared resource, with their types.
    pub fn fields_of_resource(&self, resource: &str) -> Vec<(SmolStr, Type)> {
        let db = self.database();
        let kind = definition_of(db, resource).and_then(|item| resource_kind(db, item).as_ref());
        let Some(kind) = kind.and_then(|kind| definition_of(db, kind.name())) else { return Vec::new() };
        let fields = nominal_signature(db, kind).fields.iter().filter(|field| !field.is_derived);
        fields.map(|field| (field.name.clone(), field.ty.clone())).collect()
    }

    /// The module that a file is of.
    pub fn module_of(&self, path: &str) -> Option<&SmolStr> {
        self.source_file(path).map(|file| file_module(self.database(), file))
    }

    /// The text of a file of the workspace, for those who keep it.
    pub fn shared_text(&self, path: &str) -> Option<Arc<str>> {
        match self.source_file(path)?.text(self.database()) {
            SourceText::Shared(text) => Some(text.clone()),
            SourceText::Static(text) => Some((*text).into()),
        }
    }
}
