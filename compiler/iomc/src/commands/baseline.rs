//! `--baseline` and `--write-baseline`

use std::fs;
use std::path::Path;

use iom_eval::report::{Baseline, Report};

use crate::arguments::EvalArguments;
use crate::exit::Failure;
use crate::output;

pub fn read(path: &str) -> Result<Baseline, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{path}: {}", output::reason(&error))))?;
    Baseline::read(&text).map_err(|why| {
        Failure::new(format!("{path}: {why}")).help("iomc eval --write-baseline FILE writes one")
    })
}

/// Marks what is known. What is written holds all that is found now, the known and the new, and from then on is known, too.
pub fn apply(
    baseline: Option<Baseline>,
    arguments: &EvalArguments,
    report: &mut Report,
) -> Result<(), Failure> {
    let written = arguments.write_baseline.as_deref().map(|path| (path, Baseline::of(report)));
    if let Some((path, baseline)) = &written {
        let write = |out: &mut dyn std::io::Write| out.write_all(baseline.text().as_bytes());
        output::to_file(Path::new(path), write)
            .map_err(|error| Failure::new(format!("{path}: can't be written: {}", output::reason(&error))))?;
    }
    let Some(baseline) = written.map(|(_, baseline)| baseline).or(baseline) else { return Ok(()) };
    let gone = baseline.apply(report);
    if let Some(path) = arguments.baseline.as_deref().filter(|_| gone > 0 && !arguments.quiet) {
        let (findings, are, them) =
            if gone == 1 { ("finding", "is", "it") } else { ("findings", "are", "them") };
        output::to_standard_error(&format!(
            "{gone} {findings} of {path} {are} no more: --write-baseline {path} takes {them} out\n"
        ));
    }
    Ok(())
}
