use std::env;
use std::fs::OpenOptions;
use std::io::Write;

use iom_eval::report::Report;
use iom_eval::report::rendering::github;

use crate::exit::Failure;
use crate::output::reason;

/// Names the file that a step of a workflow appends its summary to.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Adds to the summary of the job, where there is one.
pub fn add_summary(report: &Report) -> Result<(), Failure> {
    let Some(path) = env::var_os(SUMMARY).filter(|path| !path.is_empty()) else { return Ok(()) };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(github::summary(report).as_bytes())).map_err(|error| {
        Failure::new(format!("{} ({SUMMARY}) can't be written: {}", path.display(), reason(&error)))
    })
}
