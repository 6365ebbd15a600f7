//! Prints the diagnostics of the given `.iom` files, or of the library where none is given.

use iom_semantic::Host;

fn main() {
    let mut host = Host::new();
    let paths: Vec<String> = std::env::args().skip(1).collect();
    for path in &paths {
        match std::fs::read_to_string(path) {
            Ok(text) => drop(host.set_file(path, &text)),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
    let found = if paths.is_empty() { host.library_diagnostics() } else { host.diagnostics() };
    print!("{}", iom_diagnostics::render::human(&found, &host, false));
}
