//! The formatter: one layout for every program, over the lossless tree.
//!
//! It changes white space and optional commas, nothing else. Line breaks that the author chose inside expressions and
//! between the elements of lists stay; bodies and records written on one line stay on one line if they fit; everything
//! else is decided here: two blanks of indentation, one member a line, at most one blank line, no comma between fields.

mod layout;
mod lists;
mod printer;
mod range;
mod spacing;

pub use range::{Edit, format_range};

use iom_base::TextRange;
use iom_diagnostics::Diagnostic;

/// The width that lines should not exceed, in characters.
pub const LINE_WIDTH: usize = 100;

/// Formats a file, or says why it cannot be read: a file with syntax errors is left alone.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic<TextRange>>> {
    let parse = iom_syntax::parse(text);
    if parse.errors.is_empty() { Ok(layout::file(text, &parse.syntax())) } else { Err(parse.errors) }
}
