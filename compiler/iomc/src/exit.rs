use std::process::ExitCode;

pub use iom_project::Failure;

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

pub type Outcome = Result<Exit, Failure>;
