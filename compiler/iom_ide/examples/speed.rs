//! How long an editor waits in a workspace of 100,000 lines, after each of many edits: half and all but one in a hundred.

#[path = "../../iom_semantic/tests/generated/mod.rs"]
mod generated;

use std::time::{Duration, Instant};

use generated::{FILES, file};
use iom_ide::Analysis;

const EDITS: usize = 300;

type Question = fn(&Analysis, &str, u32) -> usize;

fn main() {
    let texts: Vec<(String, String)> =
        (0..FILES).map(|number| (format!("f{number:04}.iom"), file(number))).collect();
    let mut analysis = Analysis::new("nowhere".into());
    analysis.set_files(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let start = Instant::now();
    let found: usize = texts.iter().map(|(path, _)| analysis.diagnostics(path).len()).sum();
    println!("{found} diagnostics after {:?}", start.elapsed());
    let (path, text) = &texts[500];
    analysis.open_file(path);
    let place = |word: &str| u32::try_from(text.find(word).unwrap_or_default()).unwrap_or_default();
    let (field, value) = (place("m.field1 <"), place("  size: large") + 8);
    let questions: [(&str, u32, Question); 8] = [
        ("hover", field + 3, |analysis, path, at| analysis.hover(path, at).iter().count()),
        ("definition", field + 3, |analysis, path, at| analysis.definition(path, at).len()),
        ("completion of a member", field + 2, |analysis, path, at| {
            analysis.completions(path, at).items.len()
        }),
        ("completion of a value", value, |analysis, path, at| analysis.completions(path, at).items.len()),
        ("highlights", field + 3, |analysis, path, at| analysis.highlights(path, at).len()),
        ("colours", 0, |analysis, path, _| analysis.semantic_tokens(path, None).len()),
        ("references", place("kind Machine") + 5, |analysis, path, at| {
            analysis.references(path, at, true).len()
        }),
        ("workspace symbols", 0, |analysis, _, _| analysis.workspace_symbols("mach9").len()),
    ];
    for (name, at, ask) in questions {
        let mut times: Vec<Duration> = Vec::with_capacity(EDITS);
        let mut answers = 0;
        for number in 0..EDITS {
            let edited = text.replacen("field1: 7", &format!("field1: {}", 10 + number % 80), 1);
            // As many letters before the place as there were.
            let shift = u32::from(at > place("field1: 7"));
            analysis.set_files([(path.as_str(), edited.as_str())]);
            let start = Instant::now();
            answers = ask(&analysis, path, at + shift);
            times.push(start.elapsed());
        }
        times.sort();
        println!("{name}: {answers} answers, p50 {:?}, p99 {:?}", times[EDITS / 2], times[EDITS * 99 / 100]);
    }
}
