//! Where results go: standard output, or a file that is there in full or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;

use camino::Utf8Path;

use crate::arguments::{ColorChoice, Format, OutputArguments};
use crate::exit::Failure;
pub use iom_project::reason;

/// Whether what is written to a stream is to be coloured.
pub fn use_color(choice: ColorChoice, stream: &impl IsTerminal) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            stream.is_terminal()
                && !is_set("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Standard output is coloured by its own rule, a file only where that is asked for.
pub fn use_color_for(choice: ColorChoice, arguments: &OutputArguments) -> bool {
    match arguments.out {
        Some(_) => choice == ColorChoice::Always,
        None => use_color(choice, &io::stdout()),
    }
}

/// Refuses formats that this version cannot write, before any work is done.
pub fn supported(format: Format, supported: &[Format]) -> Result<(), Failure> {
    if supported.contains(&format) {
        return Ok(());
    }
    let name = format!("{format:?}").to_lowercase();
    Err(Failure::new(format!("--format {name} is not built yet")).help("use human, short or json"))
}

/// Writes a result where it belongs.
pub fn deliver(
    arguments: &OutputArguments,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    match &arguments.out {
        Some(path) => to_file(Path::new(path), write)
            .map_err(|error| Failure::new(format!("{path}: can't be written: {}", reason(&error)))),
        None => to_standard_output(write),
    }
}

/// Writes to standard output. A reader that stops reading (`| head`) is no failure.
pub fn to_standard_output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output can't be written: {}", reason(&error))))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error, where a failure has nobody left to tell.
pub fn to_standard_error(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a file beside its final name and then renames it, so that nobody ever sees half of it.
pub fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Devices and pipes (`/dev/stdout`, `/dev/null`) cannot be replaced, only written to.
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let mut out = BufWriter::new(File::create(path)?);
        return write(&mut out).and_then(|()| out.flush());
    }
    let name =
        path.file_name().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "that is not a file name"))?;
    let mut temporary_name = std::ffi::OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary_name);
    let written = File::create(&temporary).and_then(|file| {
        let mut out = BufWriter::with_capacity(1 << 16, file);
        write(&mut out)?;
        out.flush()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        // What went wrong before matters more than what goes wrong here.
        let _ = fs::remove_file(&temporary);
    }
    renamed
}

/// Writes another text to a file that is there.
pub fn rewrite(path: &Utf8Path, text: &str) -> io::Result<()> {
    // Renaming a new file over the old one would lose who may read and write it.
    let permissions = fs::metadata(path)?.permissions();
    to_file(path.as_std_path(), |out| out.write_all(text.as_bytes()))?;
    fs::set_permissions(path, permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        to_file(&path, |out| out.write_all(b"old")).unwrap();
        let failed = to_file(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("broken"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
