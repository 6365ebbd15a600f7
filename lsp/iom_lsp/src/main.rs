//! `iom-lsp`: the language server on standard input and output, the same as `iomc lsp`.

use std::process::ExitCode;

use iom_lsp::Ended;

fn main() -> ExitCode {
    match iom_lsp::serve() {
        Ok(Ended::InOrder) => ExitCode::SUCCESS,
        Ok(Ended::Abruptly) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: the language server can't start: {}", iom_project::reason(&error));
            ExitCode::from(2)
        }
    }
}
