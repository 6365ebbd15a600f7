//! The syntax of a declaration as it is kept. Resources are what most large workspaces are full of, and nobody but their own
//! check looks into their bodies: once that is done, only their text is kept, and read anew when it is asked for again. What
//! the library declares is stored in the binary, and read when it is first asked for.

use std::sync::{Arc, Mutex, OnceLock};

use iom_stdlib::StoredDeclaration;
use iom_syntax::ast::{Body, Declaration, DeclarationKind, NodeId, Resource, ResourceValue};

/// Compared by what is declared, never by what is remembered of it.
#[derive(Clone, Debug)]
pub struct Syntax(Kept);

#[derive(Clone, Debug)]
enum Kept {
    Whole(Arc<Declaration>),
    Forgettable(Arc<Forgettable>),
    Stored(Arc<Stored>),
}

/// A resource with a body.
#[derive(Debug)]
struct Forgettable {
    /// What stands before the body.
    head: Arc<Declaration>,
    /// Of the declaration alone.
    text: Box<str>,
    whole: Mutex<Option<Arc<Declaration>>>,
}

/// A declaration of the library.
#[derive(Debug)]
struct Stored {
    declaration: &'static StoredDeclaration,
    text: &'static str,
    read: OnceLock<Arc<Declaration>>,
}

impl Syntax {
    /// For a declaration of a text without errors, which means the same wherever it stands.
    pub fn of_sound(declaration: Arc<Declaration>, text: &str) -> Syntax {
        match without_body(&declaration) {
            Some(head) => {
                let whole = Mutex::new(Some(declaration));
                Syntax(Kept::Forgettable(Arc::new(Forgettable {
                    head: Arc::new(head),
                    text: text.into(),
                    whole,
                })))
            }
            None => Syntax::of_faulty(declaration),
        }
    }

    /// For one whose text may mean something else on its own.
    pub fn of_faulty(declaration: Arc<Declaration>) -> Syntax {
        Syntax(Kept::Whole(declaration))
    }

    /// For one of the library, with its own text.
    pub fn of_library(declaration: &'static StoredDeclaration, text: &'static str) -> Syntax {
        Syntax(Kept::Stored(Arc::new(Stored { declaration, text, read: OnceLock::new() })))
    }

    /// Without the body of a resource, unless it is the library's.
    pub fn head(&self) -> &Arc<Declaration> {
        match &self.0 {
            Kept::Whole(declaration) => declaration,
            Kept::Forgettable(resource) => &resource.head,
            Kept::Stored(stored) => stored.whole(),
        }
    }

    pub fn whole(&self) -> Arc<Declaration> {
        match &self.0 {
            Kept::Whole(declaration) => declaration.clone(),
            Kept::Forgettable(resource) => resource.whole().unwrap_or_else(|| resource.head.clone()),
            Kept::Stored(stored) => stored.whole().clone(),
        }
    }

    /// Gives back the memory of what can be read anew.
    pub fn forget(&self) {
        if let Kept::Forgettable(resource) = &self.0
            && let Ok(mut whole) = resource.whole.lock()
        {
            debug_assert!(
                whole.is_none() || *whole == resource.read(),
                "a resource means the same on its own"
            );
            *whole = None;
        }
    }
}

impl PartialEq for Syntax {
    fn eq(&self, other: &Syntax) -> bool {
        match (&self.0, &other.0) {
            (Kept::Forgettable(own), Kept::Forgettable(others))
                if Arc::ptr_eq(own, others) || own.text == others.text =>
            {
                true
            }
            (Kept::Stored(own), Kept::Stored(others))
                if std::ptr::eq(own.declaration, others.declaration) =>
            {
                true
            }
            _ => self.whole() == other.whole(),
        }
    }
}

impl Eq for Syntax {}

impl Forgettable {
    fn whole(&self) -> Option<Arc<Declaration>> {
        let known = self.whole.lock().ok().and_then(|whole| whole.clone());
        known.or_else(|| self.read())
    }

    fn read(&self) -> Option<Arc<Declaration>> {
        only_declaration(&self.text)
    }
}

impl Stored {
    /// Should the stored bytes not be those of this version, which they are, the text still is.
    fn whole(&self) -> &Arc<Declaration> {
        self.read.get_or_init(|| {
            let stored = iom_syntax::read_declaration(self.declaration.syntax()).map(Arc::new);
            stored.or_else(|| only_declaration(self.text)).unwrap_or_else(|| {
                Arc::new(Declaration { id: NodeId::DECLARATION, doc: None, kind: DeclarationKind::Error })
            })
        })
    }
}

fn only_declaration(text: &str) -> Option<Arc<Declaration>> {
    iom_syntax::lower_file(text).declarations.into_iter().next().map(|one| one.declaration)
}

/// A resource with a body, without what is in it.
fn without_body(declaration: &Declaration) -> Option<Declaration> {
    let DeclarationKind::Resource(resource) = &declaration.kind else { return None };
    let ResourceValue::Body(body) = &resource.value else { return None };
    let head = Resource {
        name: resource.name.clone(),
        each: resource.each.clone(),
        kind: resource.kind.clone(),
        value: ResourceValue::Body(Body { id: body.id, members: Vec::new() }),
    };
    let kind = DeclarationKind::Resource(head);
    Some(Declaration { id: declaration.id, doc: declaration.doc.clone(), kind })
}
