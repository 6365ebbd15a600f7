//! Imports a file some times and prints the speed: `measure FILE [TIMES [everything|nothing|plain]]`, where `plain` is what serde_json
//! takes for it. Build with `--release`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use iom_state::document::{AttributeFilter, Everything, Format, Wanted};
use iom_state::tape::Strings;

struct Nothing;

impl Wanted for Nothing {
    fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
        None
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: measure FILE [TIMES]");
        return ExitCode::from(2);
    };
    let times = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(5);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    let only = arguments.next();
    let is_measured = |name: &str| only.as_deref().is_none_or(|only| only == name);
    // What is not recognised is an inventory.
    let format = iom_state::recognise(&bytes).is_none().then_some(Format::Json);
    if is_measured("everything") {
        measure("everything wanted", &bytes, format, &Everything, times);
    }
    if is_measured("nothing") {
        measure("nothing wanted", &bytes, format, &Nothing, times);
    }
    if only.as_deref() == Some("plain") {
        plain(&bytes, times);
    }
    println!("peak memory {}", peak_memory());
    ExitCode::SUCCESS
}

/// The same file as a tree of serde_json.
fn plain(bytes: &[u8], times: usize) {
    let mut best = Duration::MAX;
    for _ in 0..times {
        let start = Instant::now();
        let read: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
        best = best.min(start.elapsed());
        if let Err(error) = read {
            println!("{error}");
            return;
        }
    }
    println!("serde_json: {:.1} ms", best.as_secs_f64() * 1e3);
}

fn measure(name: &str, bytes: &[u8], format: Option<Format>, wanted: &dyn Wanted, times: usize) {
    let mut best = Duration::MAX;
    let mut size = String::new();
    for _ in 0..times {
        let mut strings = Strings::default();
        let start = Instant::now();
        match iom_state::import(bytes, format, wanted, &mut strings) {
            Ok(document) => {
                best = best.min(start.elapsed());
                size = format!(
                    "{} objects, {} nodes, {} strings",
                    document.objects.len(),
                    document.tape.len(),
                    strings.len()
                );
            }
            Err(error) => {
                println!("{error}");
                return;
            }
        }
    }
    let megabytes = bytes.len() as f64 / 1e6;
    println!(
        "{name}: {megabytes:.1} MB in {:.1} ms, {:.0} MB/s, {size}",
        best.as_secs_f64() * 1e3,
        megabytes / best.as_secs_f64()
    );
}

/// The most memory the process ever had, where the system tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".to_owned(), |line| line.trim().to_owned())
}
