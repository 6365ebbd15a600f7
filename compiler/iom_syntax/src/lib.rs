//! Lexer, grammar, lossless tree and owned syntax of iom. Knows nothing of salsa, files or meaning.
//!
//! [`parse`] turns a text into a tree that holds every byte of it, [`declarations`] lists what the file declares without
//! looking inside, and [`lower`] turns one declaration into the owned syntax of [`ast`]. [`lower_file`] does all three and
//! keeps no tree.

pub mod ast;
mod brackets;
mod builder;
mod grammar;
mod hidden;
mod kind;
pub mod lexer;
mod lower;
mod outline;
mod parse;
mod stored;
mod tree;

pub use kind::{Iom, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};
pub use lower::{
    Before, LoweredDeclaration, LoweredFile, ParsedExpression, lower, lower_file, lower_file_again,
    parse_expression,
};
pub use outline::{DeclarationSyntax, declarations};
pub use parse::{MAX_FILE_SIZE, Parse, parse};
pub use stored::{read_declaration, write_declaration};
