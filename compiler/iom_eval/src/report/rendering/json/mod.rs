//! The report for programs.

mod failure;
mod text;
mod writer;

#[cfg(test)]
mod tests;

use std::io::{Result, Write};

use serde::Serialize;

use crate::report::Report;
use writer::Writer;

/// The report for programs, ending in a line break. It is written straight out, so that a large report is never held
/// twice. Every finding stands on a line of its own: small for what it says, and a diff of two reports can be read.
pub fn json(report: &Report, out: impl Write) -> Result<()> {
    let mut writer = Writer::new(out);
    report.serialize(&mut writer)?;
    writer.finish()
}
