//! What the fuzz targets share: what must hold for every text, and how programs are changed into other programs.

pub mod inventories;
pub mod manifests;
mod mutation;
mod pieces;
pub mod properties;
pub mod terraform;

use std::cell::RefCell;

use iom_semantic::Host;
use libfuzzer_sys::{Corpus, fuzzer_mutate};

/// Holds a property against an input. What is no UTF-8 is no source, and not kept.
pub fn run(data: &[u8], property: fn(&str)) -> Corpus {
    let Ok(text) = std::str::from_utf8(data) else { return Corpus::Reject };
    property(text);
    Corpus::Keep
}

/// How many texts one host checks: what it remembers of them grows.
const TEXTS_OF_A_HOST: u32 = 400;

/// How many texts come to one that is held against a fresh host as well: that one has to read the library anew.
const TEXTS_TO_A_FRESH_HOST: u32 = 16;

/// The checker's property in a host that has checked other texts before.
pub fn check(data: &[u8]) -> Corpus {
    thread_local! {
        static WARM: RefCell<(Host, u32)> = RefCell::new((Host::new(), 0));
    }
    let Ok(text) = std::str::from_utf8(data) else { return Corpus::Reject };
    WARM.with_borrow_mut(|(host, count)| {
        *count += 1;
        if *count % TEXTS_OF_A_HOST == 0 {
            *host = Host::new();
        }
        let known = properties::checked(host, text);
        if *count % TEXTS_TO_A_FRESH_HOST == 0 {
            assert_eq!(
                known,
                properties::checked(&mut Host::new(), text),
                "another answer than that of a fresh start"
            );
        }
    });
    Corpus::Keep
}

/// A mutator for libFuzzer: every fourth input is changed byte by byte, the others as programs.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    mutate_as(mutation::mutated, data, size, max_size, seed)
}

/// As [`mutate`], for the files that importers read.
pub fn mutate_pieces(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    mutate_as(pieces::mutated, data, size, max_size, seed)
}

fn mutate_as(
    mutated: fn(&str, u32) -> String,
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
) -> usize {
    let text = std::str::from_utf8(&data[..size]).ok();
    let changed = text.filter(|_| seed % 4 != 0).map(|text| mutated(text, seed));
    match changed.filter(|changed| changed.len() <= max_size) {
        Some(changed) => {
            data[..changed.len()].copy_from_slice(changed.as_bytes());
            changed.len()
        }
        None => fuzzer_mutate(data, size, max_size),
    }
}
