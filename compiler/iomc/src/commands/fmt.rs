use std::io::{self, Read};

use iom_base::Span;
use iom_diagnostics::code;
use iom_diagnostics::render::NamedTexts;

use crate::arguments::{ColorChoice, FmtArguments};
use crate::difference::masked_difference;
use crate::exit::{Exit, Failure, Outcome};
use crate::masking;
use crate::output::{self, reason};
use crate::selection::is_inside;
use crate::workspace::Workspace;

/// `iomc fmt`: rewrites what is not formatted, or, with `--check`, shows what would change. Nothing is written before every
/// file was read without an error.
pub fn run(arguments: &FmtArguments, color: ColorChoice) -> Outcome {
    if arguments.path.as_deref() == Some("-") {
        return standard_input(arguments.check, color);
    }
    let workspace = Workspace::require(arguments.path.as_deref())?;
    let mut faults = Faults { rendered: String::new(), color: output::use_color(color, &io::stderr()) };
    let mut changes = Vec::new();
    for file in workspace.files.iter().filter(|file| focused(&workspace, &file.path)) {
        match iom_fmt::format(&file.text) {
            Ok(formatted) if formatted != file.text => changes.push((file, formatted)),
            Ok(_) => {}
            Err(errors) => faults.add(&file.path, &file.text, errors),
        }
    }
    let unreadable: Vec<_> = workspace
        .diagnostics
        .iter()
        .filter(|found| found.code != code::BAD_MANIFEST && found.code != code::BAD_DEPENDENCY)
        .cloned()
        .collect();
    if !unreadable.is_empty() {
        faults.rendered.push_str(&masking::human(&unreadable, &workspace.own_texts, faults.color));
    }
    if !faults.rendered.is_empty() {
        return Err(Failure::Diagnostics(faults.rendered));
    }
    if arguments.check {
        let text: String = changes
            .iter()
            .map(|(file, formatted)| masked_difference(&file.path, "formatted", &file.text, formatted))
            .collect();
        output::to_standard_output(|out| out.write_all(text.as_bytes()))?;
        return Ok(if changes.is_empty() { Exit::Fine } else { Exit::Failed });
    }
    for (file, formatted) in &changes {
        output::rewrite(&workspace.root.join(&file.path), formatted)
            .map_err(|error| Failure::new(format!("{}: can't be written: {}", file.path, reason(&error))))?;
    }
    Ok(Exit::Fine)
}

fn focused(workspace: &Workspace, path: &str) -> bool {
    workspace.focus.as_deref().is_none_or(|focus| is_inside(path, focus))
}

/// Formats standard input to standard output.
fn standard_input(check: bool, color: ColorChoice) -> Outcome {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(iom_syntax::MAX_FILE_SIZE as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("standard input: {}", reason(&error))))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new("standard input: the text is not valid UTF-8").help("save the file as UTF-8")
    })?;
    let formatted = iom_fmt::format(&text).map_err(|errors| {
        let mut faults = Faults { rendered: String::new(), color: output::use_color(color, &io::stderr()) };
        faults.add("<stdin>", &text, errors);
        Failure::Diagnostics(faults.rendered)
    })?;
    let (shown, exit) = match check {
        true if formatted != text => {
            (masked_difference("<stdin>", "formatted", &text, &formatted), Exit::Failed)
        }
        true => (String::new(), Exit::Fine),
        false => (formatted, Exit::Fine),
    };
    output::to_standard_output(|out| out.write_all(shown.as_bytes()))?;
    Ok(exit)
}

/// Files that cannot be formatted because they cannot be parsed.
struct Faults {
    rendered: String,
    color: bool,
}

impl Faults {
    fn add(&mut self, path: &str, text: &str, errors: Vec<iom_diagnostics::Diagnostic<iom_base::TextRange>>) {
        let mut texts = NamedTexts::new();
        let file = texts.add(path, text);
        let errors: Vec<_> =
            errors.into_iter().map(|error| error.map_places(|range| Span::new(file, range))).collect();
        self.rendered.push_str(&masking::human(&errors, &texts, self.color));
    }
}
