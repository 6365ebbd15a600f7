//! A bug in this program must not look like a verdict: it ends with exit status 2 and asks for a report.

use std::panic;
use std::thread;

use iom_diagnostics::code;

use crate::exit::{Exit, Outcome};
use crate::output::to_standard_error;

/// Deeply nested input is refused long before this is used up; it is only address space.
const STACK: usize = 256 << 20;

/// Runs a command on a thread with a large stack, and turns what goes wrong into an exit status.
pub fn guarded(run: impl FnOnce() -> Outcome + Send + 'static) -> Exit {
    panic::set_hook(Box::new(report));
    let outcome = match thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn(run) {
        Ok(thread) => thread.join(),
        Err(error) => {
            to_standard_error(&format!("error: no thread can be started: {error}\n"));
            return Exit::Unusable;
        }
    };
    match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            to_standard_error(&failure.text());
            Exit::Unusable
        }
        // The hook has said what there is to say.
        Err(_) => Exit::Unusable,
    }
}

/// Says where it happened, not what the message was: that may hold text of the sources, and so a secret.
fn report(info: &panic::PanicHookInfo<'_>) {
    let place =
        info.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    to_standard_error(&format!(
        "error: internal error ({}) in iomc {version}{place}; nothing was decided\n  help: this is a mistake in iomc, \
         not yours: please report this line and what you ran\n",
        code::INTERNAL
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_no_verdict() {
        assert_eq!(guarded(|| panic!("a bug, on purpose")), Exit::Unusable);
        assert_eq!(guarded(|| Ok(Exit::Escalate)), Exit::Escalate);
    }
}
