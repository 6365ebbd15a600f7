//! What is said of a suggestion once somebody looks at it.

use iom_semantic::look::place_of_field;
use iom_semantic::signatures::nominal_signature;

use crate::Analysis;
use crate::words;

impl Analysis {
    /// More about a suggestion, in Markdown, by its [`about`](super::Completion::about).
    pub fn completion_doc(&self, about: &str) -> Option<String> {
        let mut parts = about.splitn(3, ' ');
        match (parts.next()?, parts.next(), parts.next()) {
            ("word", Some(word), _) => match words::builtin(word) {
                Some(builtin) => Some(format!("```iom\n{}\n```\n\n{}", builtin.signature(), builtin.doc)),
                None => words::word(word).map(str::to_owned),
            },
            ("setting", Some(owner), Some(name)) => words::setting(owner, name).map(str::to_owned),
            ("declaration", Some(name), _) => {
                let described = self.description_of(self.named(name)?);
                let doc = described.doc.unwrap_or_default();
                Some(format!("```iom\n{}\n```\n\n{doc}", described.signature).trim_end().to_owned())
            }
            ("field", Some(owner), Some(name)) => {
                let item = self.named(owner)?;
                let db = self.db();
                if let Some(field) = nominal_signature(db, item).field(name) {
                    return field.doc.clone();
                }
                let place = place_of_field(db, item, name)?;
                self.description(&place).and_then(|described| described.doc)
            }
            _ => None,
        }
    }
}
