use std::process::ExitCode;

use iom_diagnostics::Code;
use iom_diagnostics::render::harmless;

/// The exit status, as the README lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Admit, or nothing found.
    Fine,
    /// Block, or the check failed.
    Failed,
    /// The command line, the sources or the state cannot be used; nothing was decided or written.
    Unusable,
    Escalate,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Unusable => 2,
            Exit::Escalate => 3,
        })
    }
}

/// Why a command cannot do its work: always exit status 2.
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

pub type Outcome = Result<Exit, Failure>;
