//! State to judge: which sources the command line names.

use iom_project::Failure;
pub use iom_project::sources::*;

use crate::arguments::StateArguments;
use crate::workspace::Workspace;

/// Opens the sources that the command line names, else those of the manifest. One that cannot be read is enough to stop.
pub fn open(arguments: &StateArguments, workspace: Option<&Workspace>) -> Result<Vec<Source>, Failure> {
    iom_project::sources::open(&arguments.sources, arguments.configuration.as_deref(), workspace)
}
