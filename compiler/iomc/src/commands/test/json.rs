use iom_eval::testing::ExpectationFailure;
use iom_model::scalar::instant::format_time;
use serde_json::{Value, json};

use super::{Run, coverage};

pub fn document(run: &Run) -> String {
    let failed = run.failed();
    let tests: Vec<Value> = run
        .outcomes
        .iter()
        .map(|outcome| {
            json!({
                "title": outcome.title,
                "module": outcome.module,
                "location": outcome.location,
                "passed": outcome.passed(),
                "failures": outcome.failures.iter().map(failure).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut document = json!({
        "version": 1,
        "tool": env!("CARGO_PKG_VERSION"),
        "at": format_time(run.at),
        "summary": { "passed": run.outcomes.len() - failed, "failed": failed },
        "tests": tests,
    });
    if let Some(found) = &run.coverage {
        document["coverage"] = coverage::json(found);
    }
    format!("{document:#}\n")
}

fn failure(failure: &ExpectationFailure) -> Value {
    let values: Vec<Value> =
        failure.values.iter().map(|value| json!({ "source": value.source, "value": value.value })).collect();
    json!({
        "location": failure.location,
        "expectation": failure.source,
        "message": failure.message,
        "expected": failure.expected,
        "found": failure.found,
        "values": values,
        "details": failure.details,
    })
}
