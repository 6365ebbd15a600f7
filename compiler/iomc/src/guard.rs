//! A bug in this program must not look like a verdict: it ends with exit status 2 and asks for a report.

use std::panic::{self, AssertUnwindSafe};

use iom_diagnostics::code;

use crate::exit::{Exit, Outcome};
use crate::output::to_standard_error;

/// Deeply nested input is refused long before this is used up; it is only address space.
const STACK: usize = 256 << 20;

/// Runs a command on a large stack, and turns what goes wrong into an exit status.
///
/// It stays on the main thread: the system's allocator grows the memory of other threads page by page, with a call to the
/// kernel each time.
pub fn guarded(run: impl FnOnce() -> Outcome) -> Exit {
    panic::set_hook(Box::new(report));
    match panic::catch_unwind(AssertUnwindSafe(|| stacker::grow(STACK, run))) {
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
