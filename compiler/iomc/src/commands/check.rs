use std::io;

use iom_diagnostics::{Diagnostic, Severity};

use crate::arguments::{CheckArguments, ColorChoice, Format};
use crate::exit::{Exit, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::output;
use crate::selection::is_inside;
use crate::workspace::Workspace;
use iom_diagnostics::render::SourceTexts;

/// `iomc check`: what is wrong with the sources. Nothing found says nothing but one line.
pub fn run(arguments: &CheckArguments, color: ColorChoice) -> Outcome {
    output::supported(arguments.output.format, &[Format::Human, Format::Short, Format::Json])?;
    let mut workspace = Workspace::require(arguments.path.as_deref())?;
    let locking = if arguments.update_lock { Locking::Update } else { Locking::Extend };
    let front_end = FrontEnd::load(&mut workspace, locking);
    let mut found = front_end.diagnostics();
    if let Some(focus) = front_end.focus() {
        found.retain(|diagnostic| is_inside(front_end.path(diagnostic.primary.place.file), focus));
    }
    let has_errors = found.iter().any(Diagnostic::is_error);
    if !has_errors {
        front_end.write_lock();
    }
    if arguments.quiet {
        found.retain(Diagnostic::is_error);
    }
    let has_warnings = found.iter().any(|diagnostic| diagnostic.severity == Severity::Warning);

    let color = output::use_color_for(color, &arguments.output);
    let text = match arguments.output.format {
        Format::Human if found.is_empty() => clean(&front_end, arguments.quiet),
        format => front_end.rendered(&found, format, color),
    };
    output::deliver(&arguments.output, |out| io::Write::write_all(out, text.as_bytes()))?;
    let failed = has_errors || (arguments.deny_warnings && has_warnings);
    Ok(if failed { Exit::Failed } else { Exit::Fine })
}

fn clean(front_end: &FrontEnd, quiet: bool) -> String {
    let files = front_end
        .paths()
        .filter(|path: &smol_str::SmolStr| front_end.focus().is_none_or(|focus| is_inside(path, focus)))
        .count();
    match files {
        _ if quiet => String::new(),
        0 => "No .iom files found.\n".to_owned(),
        1 => "1 file checked, nothing wrong.\n".to_owned(),
        files => format!("{files} files checked, nothing wrong.\n"),
    }
}
