//! The syntax of a declaration as it is kept. Resources are what most large workspaces are full of, and nobody but their own
//! check looks into their bodies: once that is done, only their text is kept, and read anew when it is asked for again.

use std::sync::{Arc, Mutex};

use iom_syntax::ast::{Body, Declaration, DeclarationKind, Resource, ResourceValue};

/// Compared by what is declared, never by what is remembered of it.
#[derive(Clone, Debug)]
pub struct Syntax {
    /// All of it; of a resource what stands before its body.
    head: Arc<Declaration>,
    body: Option<Arc<Forgettable>>,
}

#[derive(Debug)]
struct Forgettable {
    /// Of the declaration alone.
    text: Box<str>,
    whole: Mutex<Option<Arc<Declaration>>>,
}

impl Syntax {
    /// For a declaration of a text without errors, which means the same wherever it stands.
    pub fn of_sound(declaration: Arc<Declaration>, text: &str) -> Syntax {
        match without_body(&declaration) {
            Some(head) => {
                let body = Forgettable { text: text.into(), whole: Mutex::new(Some(declaration)) };
                Syntax { head: Arc::new(head), body: Some(Arc::new(body)) }
            }
            None => Syntax::of_faulty(declaration),
        }
    }

    /// For one whose text may mean something else on its own.
    pub fn of_faulty(declaration: Arc<Declaration>) -> Syntax {
        Syntax { head: declaration, body: None }
    }

    /// Without the body of a resource.
    pub fn head(&self) -> &Arc<Declaration> {
        &self.head
    }

    pub fn whole(&self) -> Arc<Declaration> {
        match &self.body {
            Some(body) => body.whole().unwrap_or_else(|| self.head.clone()),
            None => self.head.clone(),
        }
    }

    /// Gives back the memory of what can be read anew.
    pub fn forget(&self) {
        if let Some(body) = &self.body
            && let Ok(mut whole) = body.whole.lock()
        {
            debug_assert!(whole.is_none() || *whole == body.read(), "a resource means the same on its own");
            *whole = None;
        }
    }
}

impl PartialEq for Syntax {
    fn eq(&self, other: &Syntax) -> bool {
        match (&self.body, &other.body) {
            (Some(own), Some(others)) if Arc::ptr_eq(own, others) || own.text == others.text => true,
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
        iom_syntax::lower_file(&self.text).declarations.into_iter().next().map(|one| one.declaration)
    }
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
