//! A declared thing as one would write it, with what its author says of it: what hovers and completion show.

use iom_base::TextRange;
use iom_model::Type;
use iom_semantic::items::{Item, Place, declaration, items};
use iom_semantic::look::{DeclaredInside, Declares, declared_inside};
use iom_stdlib::secrets;
use iom_syntax::ast::{Declaration, DeclarationKind, NodeId, ResourceValue};

use crate::Analysis;

/// What can be said of a declared thing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Description {
    /// As it is written, without its body.
    pub signature: String,
    pub doc: Option<String>,
    /// Where it belongs: a module, or the kind that has the field.
    pub container: String,
}

/// Longer ones are cut.
const MOST_CHARACTERS: usize = 600;

impl Analysis {
    /// Describes what is declared at a place.
    pub(crate) fn description(&self, place: &Place) -> Option<Description> {
        let db = self.db();
        let item = self.item_of(place)?;
        let declaration = declaration(db, item);
        if declaration.name().is_none_or(|name| name.id == place.node) {
            return Some(self.description_of(item));
        }
        let inside = declared_inside(declaration);
        let one = inside.iter().find(|one| one.node == place.node)?;
        let container = item.qualified_name(db).to_string();
        let doc = one.doc.as_deref().map(str::to_owned);
        Some(Description { signature: self.signature_inside(item, one), doc, container })
    }

    /// Describes a whole declaration.
    pub(crate) fn description_of(&self, item: Item<'_>) -> Description {
        let db = self.db();
        let declaration = declaration(db, item);
        let range = item.span(db, NodeId::DECLARATION).range();
        let end = body_of(declaration).map_or(range.end(), |body| item.span(db, body).start());
        let written = self.written(item, TextRange::new(range.start(), end.max(range.start())));
        let signature = written.trim_end_matches(['=', ' ', '\n']).to_owned();
        let container = iom_semantic::names::file_module(db, item.file(db)).to_string();
        Description { signature, doc: declaration.doc.as_deref().map(str::to_owned), container }
    }

    fn signature_inside(&self, item: Item<'_>, one: &DeclaredInside) -> String {
        let range = item.span(self.db(), one.whole).range();
        let written = self.written(item, range);
        match one.what {
            Declares::Resource | Declares::Control => {
                written.split_once('{').map_or(written.as_str(), |(head, _)| head).trim_end().to_owned()
            }
            _ => written,
        }
    }

    /// The words of a declaration at a place of its file, without secrets, not too many.
    pub(crate) fn written(&self, item: Item<'_>, range: TextRange) -> String {
        let text: &str = item.file(self.db()).text(self.db());
        let words = text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default();
        let mut shown = unindented(&secrets::without(words));
        if let Some((at, _)) = shown.char_indices().nth(MOST_CHARACTERS) {
            shown.truncate(at);
            shown.push_str(" ..");
        }
        shown
    }

    /// What the comments at the top of a module's files say.
    pub(crate) fn module_doc(&self, module: &str) -> Option<String> {
        let db = self.db();
        let files = iom_semantic::names::files_of_module(db, module);
        files.iter().find_map(|file| {
            let text: &str = file.text(db);
            let lines = text.lines().take_while(|line| line.starts_with("//") || line.trim().is_empty());
            let said: Vec<&str> = lines.filter_map(|line| line.strip_prefix("//!")).map(str::trim).collect();
            (!said.is_empty()).then(|| said.join("\n"))
        })
    }

    /// How many things a module declares.
    pub(crate) fn count_in_module(&self, module: &str) -> usize {
        let db = self.db();
        iom_semantic::names::files_of_module(db, module).iter().map(|file| items(db, *file).len()).sum()
    }
}

/// Where the part of a declaration starts that its signature leaves out.
fn body_of(declaration: &Declaration) -> Option<NodeId> {
    use DeclarationKind as D;
    match &declaration.kind {
        D::Kind(nominal) | D::Trait(nominal) => Some(nominal.body.id),
        D::Blueprint { body, .. }
        | D::Shape { body, .. }
        | D::Extend { body, .. }
        | D::Bind { body, .. }
        | D::Policy { body, .. }
        | D::Authority { body, .. }
        | D::Exception { body, .. }
        | D::Breakglass { body, .. }
        | D::Evidence { body, .. }
        | D::Group { body, .. }
        | D::Control { body, .. }
        | D::Test { body, .. }
        | D::Amend { body, .. }
        | D::Tolerate { body, .. } => Some(body.id),
        D::Apply { body: Some(body), .. } | D::Catalog { body: Some(body), .. } => Some(body.id),
        D::Resource(resource) => match &resource.value {
            ResourceValue::Body(body) => Some(body.id),
            ResourceValue::Expr(_) => None,
        },
        D::Function { value, .. } => Some(value.id),
        _ => None,
    }
}

/// Lines after the first moved to the left as far as they can be together.
fn unindented(text: &str) -> String {
    let rest = || text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let indent = rest().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines = text.lines().enumerate().map(|(number, line)| match number {
        0 => line,
        _ => line.get(indent.min(line.len())..).unwrap_or_else(|| line.trim_start()),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether something of a type may not be shown.
pub(crate) fn holds_secret(ty: &Type) -> bool {
    /// Deeper ones are taken for secret.
    const MOST_STEPS: usize = 16;
    fn holds(ty: &Type, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return true };
        match ty {
            Type::Secret(_) => true,
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Refined(inner, _) => {
                holds(inner, steps)
            }
            Type::Map(key, value) => holds(key, steps) || holds(value, steps),
            Type::Record(record) => record.fields.iter().any(|field| holds(&field.ty, steps)),
            _ => false,
        }
    }
    holds(ty, MOST_STEPS)
}
