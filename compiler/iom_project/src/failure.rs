use std::io::{self, ErrorKind};

use iom_diagnostics::Code;
use iom_diagnostics::render::harmless;

/// Why something cannot be done: a command ends with exit status 2.
#[derive(Clone, Debug)]
pub enum Failure {
    /// One sentence that names file and place, and, where there is one, the next step.
    Message { code: Option<Code>, text: String, help: Option<String> },
    /// Diagnostics, rendered as the command's `--format` asks.
    Diagnostics(String),
}

impl Failure {
    pub fn new(text: impl Into<String>) -> Failure {
        Failure::Message { code: None, text: text.into(), help: None }
    }

    /// A failure that `iomc explain` has a page about.
    pub fn coded(code: Code, text: impl Into<String>) -> Failure {
        Failure::Message { code: Some(code), text: text.into(), help: None }
    }

    pub fn help(self, help: impl Into<String>) -> Failure {
        match self {
            Failure::Message { code, text, .. } => Failure::Message { code, text, help: Some(help.into()) },
            other @ Failure::Diagnostics(_) => other,
        }
    }

    /// What standard error gets.
    pub fn text(&self) -> String {
        match self {
            Failure::Message { code, text, help } => {
                let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
                // Names out of a file, and paths, may hold anything.
                let help =
                    help.as_deref().map(|help| format!("  help: {}\n", harmless(help))).unwrap_or_default();
                format!("error{code}: {}\n{help}", harmless(text))
            }
            Failure::Diagnostics(rendered) => rendered.clone(),
        }
    }
}

/// An error of the operating system in plain words, without its number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "you are not allowed to".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::InvalidData => "it is no text in UTF-8".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn reasons_have_no_numbers() {
        let error = fs::read("/no/such/file").unwrap_err();
        assert_eq!(reason(&error), "there is no such file or folder");
    }
}
