use super::{JsonDocuments, Tree};
use crate::document::ImportError;
use crate::tape::Strings;
use crate::yaml::YamlDocuments;

/// The documents of a text that is YAML or JSON, one after the other.
pub(crate) enum Documents<'t> {
    Yaml(Box<YamlDocuments<'t>>),
    Json(Box<JsonDocuments<'t>>),
}

impl<'t> Documents<'t> {
    pub(crate) fn new(text: &'t str) -> Documents<'t> {
        if looks_like_json(text) {
            Documents::Json(Box::new(JsonDocuments::new(text)))
        } else {
            Documents::Yaml(Box::new(YamlDocuments::new(text)))
        }
    }

    /// The next document, which may be null; `None` at the end.
    pub(crate) fn next(&mut self, strings: &mut Strings) -> Result<Option<&Tree<'t>>, ImportError> {
        match self {
            Documents::Yaml(documents) => documents.next(strings),
            Documents::Json(documents) => documents.next(strings),
        }
    }
}

/// Whether a text is meant as JSON: `{` or `[` and what may follow it there. `{a: 1}` and `{{ .x }}` are not.
fn looks_like_json(text: &str) -> bool {
    let text = text.trim_ascii_start();
    match (text.strip_prefix('{'), text.strip_prefix('[')) {
        (Some(rest), _) => matches!(rest.trim_ascii_start().as_bytes().first(), None | Some(b'"' | b'}')),
        (_, Some(rest)) => {
            let next = rest.trim_ascii_start();
            matches!(next.as_bytes().first(), None | Some(b'[' | b']' | b'"' | b'0'..=b'9'))
                || next.starts_with('{') && looks_like_json(next)
        }
        _ => false,
    }
}
