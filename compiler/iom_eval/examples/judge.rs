//! Judges a state file by `.iom` files and the library's policies, and prints the report:
//! `cargo run -p iom_eval --example judge -- --state plan.json [--only PATTERN] [FILE.iom ..] [--json]`

use std::sync::Arc;
use std::time::Instant;

use iom_eval::facts::{Estate, StateSource};
use iom_eval::judge::{Options, judge};
use iom_eval::program::{Program, Scope};
use iom_semantic::{Host, LibrarySelection};
use iom_state::document::Layer;
use iom_state::tape::Strings;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut host = Host::new();
    let mut states = Vec::new();
    let mut patterns = Vec::new();
    let mut is_json = false;
    let mut is_test = false;
    let mut is_timed = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--state" => states.extend(arguments.next()),
            "--only" => patterns.extend(arguments.next()),
            "--timings" => is_timed = true,
            "--json" => is_json = true,
            "--test" => is_test = true,
            path => drop(host.set_file(path, &std::fs::read_to_string(path)?)),
        }
    }
    let selection =
        if patterns.is_empty() { LibrarySelection::All } else { LibrarySelection::Matching(patterns) };
    let mut last = (Instant::now(), cpu_milliseconds());
    let mut lap = |what: &str| {
        let cpu = cpu_milliseconds();
        eprintln!("{what}: {:.1} ms, CPU {} ms", last.0.elapsed().as_secs_f64() * 1e3, cpu - last.1);
        last = (Instant::now(), cpu);
    };
    let selection = if is_test { LibrarySelection::None } else { selection };
    let model = Arc::new(host.model(&selection));
    lap("model");
    if is_test {
        let options = iom_eval::testing::TestOptions {
            at: 1_795_000_000,
            filter: &|_| true,
            read_file: &|_| Err("no files here".to_owned()),
            threads: 1,
        };
        for outcome in iom_eval::testing::run_tests(&model, Default::default(), &Default::default(), &options)
        {
            println!("{} {}", if outcome.passed() { "ok  " } else { "FAIL" }, outcome.title);
            for failure in &outcome.failures {
                println!("    {}: {}", failure.source, failure.message);
                failure.details.iter().for_each(|detail| println!("        {detail}"));
            }
        }
        lap("test");
        return Ok(());
    }
    let hash = model.hash();
    lap("hash");
    let mut strings = Strings::default();
    let mut data = rustc_hash::FxHashMap::default();
    for source in model.data.values() {
        let text = std::fs::read_to_string(source.file.as_str())?;
        data.insert(source.name.clone(), iom_eval::data::read(source, &model, &text, &mut strings)?);
    }
    let program = Arc::new(Program::compile(model, &Scope::default(), &data, &mut strings));
    lap("compile");
    let mut sources = Vec::new();
    for path in &states {
        let bytes = std::fs::read(path)?;
        let document = iom_state::import(&bytes, None, &program.demand, &mut strings)?;
        sources.push(StateSource::new(path.as_str(), Layer::Built, document));
    }
    lap("import");
    let estate = Estate::build(program, strings, sources, 1_795_000_000);
    lap("build");
    let options = Options { model_hash: Some(hash.into()), is_workspace: false, ..Options::default() };
    if is_timed {
        for policy in estate.program.model.policies.keys() {
            let start = Instant::now();
            let judgement =
                iom_eval::judge::Judgement::of_policies(&estate, &options, &|name| name == policy);
            let judged = start.elapsed();
            let report = judgement.report(&options);
            let reported = start.elapsed() - judged;
            println!(
                "{policy} judged {judged:.2?} reported {reported:.2?}, {} findings",
                report.findings.len()
            );
        }
        lap("timings");
        return Ok(());
    }
    let report = judge(&estate, &options);
    lap("judge");
    if is_json {
        iom_eval::report::rendering::json(&report, std::io::stdout().lock())?;
    } else {
        for finding in &report.findings {
            println!(
                "{:?} {} {} [{}]",
                finding.verdict, finding.policy, finding.resource.address, finding.message
            );
            for fact in &finding.facts {
                let place = fact.location.as_ref().map(|place| format!("{}:{}", place.line, place.column));
                println!(
                    "    {} = {} {:?} {}",
                    fact.path,
                    fact.value,
                    fact.unknown,
                    place.unwrap_or_default()
                );
            }
            for value in finding.unknown.iter().filter(|_| finding.facts.is_empty()) {
                println!("    unknown {} {}", value.path, value.cause);
            }
        }
        println!("{:?} {:?}", report.decision, report.summary);
    }
    lap("print");
    Ok(())
}

/// CPU time of the process in steps of ten milliseconds, where the system says: wall time means little on a busy machine.
fn cpu_milliseconds() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>()
        * 10
}
