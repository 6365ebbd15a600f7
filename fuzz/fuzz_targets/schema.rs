//! Files of this sort, most of them changed piece by piece.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { iom_fuzz::run(data, iom_fuzz::inventories::schema) });

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    iom_fuzz::mutate_pieces(data, size, max_size, seed)
});
