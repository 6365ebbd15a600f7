//! Positions and spans shared by every other crate. No dependency on the rest of the compiler.

mod line_index;
mod span;
mod workspace_file;

pub use line_index::{LineColumn, LineIndex, Lines, WideEncoding, WideLineCol};
pub use span::{FileId, Span};
pub use text_size::{TextRange, TextSize};
pub use workspace_file::{MAX_DATA_FILE, read_workspace_file};
