//! Diagnostics: what is wrong, where, and what to do; the registry of codes; and the renderers.
//!
//! A [`Diagnostic`] is plain data, compared and cached by the front end. `P` is the kind of place: the front end works
//! with places that survive edits elsewhere in a file, everything that renders works with [`Span`](iom_base::Span).

mod codes;
mod diagnostic;
mod near_names;
pub mod render;
mod suggest;

pub use codes::{Code, REGISTRY, code, find};
pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Severity};
pub use near_names::NearNames;
pub use suggest::{edits, nearest, nearest_ranked, quoted_list};
