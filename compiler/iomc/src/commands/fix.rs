//! `iomc fix`: mends what is safe to mend in the workspace's own files, and says what to change elsewhere.

mod edits;
mod findings;
mod mistakes;
mod shown;

use iom_diagnostics::Diagnostic;
use iom_eval::report::Place;

use crate::arguments::{ColorChoice, FixArguments, Format};
use crate::clock;
use crate::commands::eval::library;
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::output::{self, reason};
use crate::selection::is_inside;
use crate::workspace::Workspace;
use edits::Files;

/// What was mended.
struct Mended {
    place: Place,
    title: String,
    cause: Cause,
}

/// What is left to do.
struct Left {
    place: Option<Place>,
    what: String,
    /// Why nobody but a person does it; may be empty.
    why: String,
    cause: Cause,
}

/// What asks for a change.
#[derive(Clone)]
enum Cause {
    /// A diagnostic.
    Code(iom_diagnostics::Code),
    Policy {
        policy: String,
        resource: String,
    },
}

/// Rounds after which what one fix lets another find is left to the next run.
const MOST_ROUNDS: usize = 16;

pub fn run(arguments: &FixArguments, color: ColorChoice) -> Outcome {
    let format = arguments.output.format;
    output::supported(format, &[Format::Human, Format::Short, Format::Json])?;
    let at = clock::instant(arguments.at.as_deref())?;
    let found = Workspace::find(arguments.path.as_deref())?;
    let has_workspace = found.is_some();
    if !has_workspace && arguments.state.sources.is_empty() {
        let failure =
            Failure::new("there is nothing to mend: there is no workspace here, and no --state was given");
        return Err(
            failure.help("iomc fix --state main.tf says what the standard library's policies propose")
        );
    }
    let mut workspace = found.unwrap_or_default();
    let broken = workspace.diagnostics.iter().any(Diagnostic::is_error);
    let focus = workspace.focus.clone();
    let mut front_end = FrontEnd::load(&mut workspace, Locking::Verify);
    if broken {
        front_end.without_errors(format, output::use_color(color, &std::io::stderr()))?;
    }
    let mut files = Files::of(&front_end, |path| focus.as_deref().is_none_or(|focus| is_inside(path, focus)));
    let (mut mended, mut left) = (Vec::new(), Vec::new());
    mistakes::mend(&mut front_end, &mut files, arguments.suggested, (&mut mended, &mut left));
    let faults = front_end.diagnostics();
    let has_errors = faults.iter().any(Diagnostic::is_error);
    if !has_errors {
        let library = library(has_workspace, &arguments.only);
        let round = findings::Judged { arguments, workspace: &workspace, library, at, has_workspace };
        round.mend(&mut front_end, &mut files, (&mut mended, &mut left))?;
    }
    let changed = files.changed();
    if !arguments.dry_run {
        for (path, _, text) in &changed {
            output::rewrite(&workspace.root.join(path), text)
                .map_err(|error| Failure::new(format!("{path}: can't be written: {}", reason(&error))))?;
        }
    }
    if has_errors {
        let color = output::use_color(color, &std::io::stderr());
        output::to_standard_error(&front_end.rendered(&faults, format, color));
    }
    let shown = shown::Shown { mended: &mended, left: &left, changed: &changed, is_dry: arguments.dry_run };
    output::deliver(&arguments.output, |out| out.write_all(shown.text(format).as_bytes()))?;
    let is_done = left.is_empty() && !has_errors && (changed.is_empty() || !arguments.dry_run);
    Ok(if is_done { Exit::Fine } else { Exit::Failed })
}
