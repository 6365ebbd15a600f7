//! Imports beside a plain parser of the same text, with the memory that both take at most: `cargo bench -p iom_state --bench
//! beside_parsers`. The parser only builds its tree; the importer says what everything is.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

#[path = "../tests/common/configuration.rs"]
mod configuration;
#[path = "../tests/common/estate.rs"]
mod estate;

use std::io::Cursor;

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};
use iom_state::document::Everything;
use iom_state::tape::Strings;

#[global_allocator]
static MEMORY: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench_group(sample_count = 10)]
mod configuration_of_50_000 {
    use super::*;

    #[divan::bench]
    fn hcl_edit(bencher: Bencher) {
        let text = configuration::configuration(50_000);
        bencher
            .counter(BytesCount::of_str(&text))
            .bench_local(|| hcl_edit::parser::parse_body(&text).unwrap());
    }

    #[divan::bench]
    fn import(bencher: Bencher) {
        let text = configuration::configuration(50_000);
        bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
            iom_state::terraform::import_text(&text, &Everything, &mut Strings::default()).unwrap()
        });
    }
}

#[divan::bench_group(sample_count = 10)]
mod state_of_10_000 {
    use super::*;

    #[divan::bench]
    fn serde_json(bencher: Bencher) {
        plain_json(bencher, &configuration::state(10_000));
    }

    #[divan::bench]
    fn import(bencher: Bencher) {
        import_whole(bencher, &configuration::state(10_000));
    }

    #[divan::bench]
    fn import_in_pieces(bencher: Bencher) {
        pieces(bencher, &configuration::state(10_000));
    }
}

#[divan::bench_group(sample_count = 10)]
mod plan_of_50_000 {
    use super::*;

    #[divan::bench]
    fn serde_json(bencher: Bencher) {
        plain_json(bencher, &estate::estate(50_000, 7));
    }

    #[divan::bench]
    fn import(bencher: Bencher) {
        import_whole(bencher, &estate::estate(50_000, 7));
    }

    #[divan::bench]
    fn import_in_pieces(bencher: Bencher) {
        pieces(bencher, &estate::estate(50_000, 7));
    }
}

fn plain_json(bencher: Bencher, text: &str) {
    bencher
        .counter(BytesCount::of_str(text))
        .bench_local(|| serde_json::from_str::<serde_json::Value>(text).unwrap());
}

fn import_whole(bencher: Bencher, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        iom_state::import(text.as_bytes(), None, &Everything, &mut Strings::default()).unwrap()
    });
}

fn pieces(bencher: Bencher, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        let mut source = Cursor::new(text.as_bytes());
        iom_state::import_in_pieces(&mut source, None, &Everything, &mut Strings::default()).unwrap()
    });
}
