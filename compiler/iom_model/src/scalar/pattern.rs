use regex::{Error, Regex, RegexBuilder};

/// The size of a compiled pattern, in bytes, beyond which it is refused: `\w{500}` is one of all the world's letters.
pub const MAX_PATTERN: usize = 1 << 20;

/// A regular expression as `matching` takes it: matched in linear time, and small.
pub fn compile_pattern(text: &str) -> Result<Regex, Error> {
    RegexBuilder::new(text).size_limit(MAX_PATTERN).build()
}
