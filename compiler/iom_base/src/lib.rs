//! Positions and spans shared by every other crate. No dependency on the rest of the compiler.

mod line_index;
mod span;

pub use line_index::{LineColumn, LineIndex, Lines, WideEncoding, WideLineCol};
pub use span::{FileId, Span};
pub use text_size::{TextRange, TextSize};
