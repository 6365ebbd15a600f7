use iom_lsp::Ended;

use crate::exit::{Exit, Failure, Outcome};
use crate::output::reason;

/// `iomc lsp`: the language server on standard input and output. A client that leaves without saying so is a failure.
pub fn run() -> Outcome {
    let ended = iom_lsp::serve()
        .map_err(|error| Failure::new(format!("the language server can't start: {}", reason(&error))))?;
    Ok(if ended == Ended::InOrder { Exit::Fine } else { Exit::Failed })
}
