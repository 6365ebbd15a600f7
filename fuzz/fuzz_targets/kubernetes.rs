//! Any bytes that are UTF-8.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { iom_fuzz::run(data, iom_fuzz::manifests::kubernetes) });
