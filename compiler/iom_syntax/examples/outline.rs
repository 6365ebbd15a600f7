//! What files declare at their top, for comparison with other parsers: `outline FILE..` prints a line `file PATH` for each that
//! is sound, then a line `KEYWORD NAME` for each declaration (a tab between; no name, nothing). Faulty files are left out.

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::io;

fn main() -> io::Result<()> {
    for path in std::env::args().skip(1) {
        let Ok(text) = String::from_utf8(std::fs::read(&path)?) else { continue };
        let parse = iom_syntax::parse(&text);
        if !parse.errors().is_empty() {
            continue;
        }
        println!("file\t{path}");
        for declaration in iom_syntax::declarations(&parse.syntax()) {
            println!("{}\t{}", declaration.keyword, declaration.name);
        }
    }
    Ok(())
}
