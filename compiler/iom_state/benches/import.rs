//! How fast plans are imported: `cargo bench -p iom_state`. Estates are generated, so that every run measures the same.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

#[path = "../tests/common/estate.rs"]
mod estate;

use std::io::Cursor;

use divan::Bencher;
use divan::counter::BytesCount;
use iom_state::document::{AttributeFilter, Everything, Wanted};
use iom_state::tape::Strings;

/// Resources of an estate; one is about 500 bytes.
const SIZES: [usize; 2] = [1_000, 50_000];

fn main() {
    divan::main();
}

struct Nothing;

impl Wanted for Nothing {
    fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
        None
    }
}

/// What policies ask for: a few attributes of some types.
struct AFew {
    group: Vec<String>,
    machine: Vec<String>,
}

impl AFew {
    fn new() -> AFew {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        AFew {
            group: names(&["id", "ingress", "tags"]),
            machine: names(&["instance_type", "vpc_security_group_ids"]),
        }
    }
}

impl Wanted for AFew {
    fn attributes(&self, source_type: &str, _: bool) -> Option<AttributeFilter<'_>> {
        match source_type {
            "aws_security_group" => Some(AttributeFilter::These(&self.group)),
            "aws_instance" => Some(AttributeFilter::These(&self.machine)),
            _ => None,
        }
    }
}

fn whole(bencher: Bencher, size: usize, wanted: &dyn Wanted) {
    let text = estate::estate(size, 7);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| iom_state::import(text.as_bytes(), None, wanted, &mut Strings::default()).unwrap());
}

fn in_pieces(bencher: Bencher, size: usize, wanted: &dyn Wanted) {
    let text = estate::estate(size, 7);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let mut source = Cursor::new(text.as_bytes());
        iom_state::import_in_pieces(&mut source, None, wanted, &mut Strings::default()).unwrap()
    });
}

#[divan::bench(args = SIZES)]
fn whole_with_nothing_wanted(bencher: Bencher, size: usize) {
    whole(bencher, size, &Nothing);
}

#[divan::bench(args = SIZES)]
fn whole_with_everything_wanted(bencher: Bencher, size: usize) {
    whole(bencher, size, &Everything);
}

#[divan::bench(args = SIZES)]
fn pieces_with_nothing_wanted(bencher: Bencher, size: usize) {
    in_pieces(bencher, size, &Nothing);
}

#[divan::bench(args = SIZES)]
fn pieces_with_some_wanted(bencher: Bencher, size: usize) {
    in_pieces(bencher, size, &AFew::new());
}

#[divan::bench(args = SIZES)]
fn pieces_with_everything_wanted(bencher: Bencher, size: usize) {
    in_pieces(bencher, size, &Everything);
}
