//! `tolerate`: what may differ from what was written.

use crate::common::{Run, model};
use iom_eval::drift::Toleration;
use iom_eval::evaluate::Evaluator;
use iom_eval::value::{ElementId, Value};
use iom_state::document::Layer;

const RULES: &str = r#"
kind Scaler { name: string  min: int  max: int  identity name }
kind Workload : Resource { name: string  replicas: int = 1  mode: slow | fast = slow  scaler: ref Scaler?  limit: int?  identity name }
resource hpa: Scaler { name: "hpa"  min: 2  max: 9 }
resource patcher: Scaler { name: "patcher"  min: 0  max: 0 }
resource scaled: Workload { name: "scaled"  scaler: hpa }
resource fixed: Workload { name: "fixed"  limit: 3 }
resource doubtful: Workload { name: "doubtful"  limit: unknown }
tolerate replicas of w: Workload where .scaler is present { in: w.scaler.min..w.scaler.max  writer: w.scaler }
tolerate replicas of w: Workload where w.limit is present { in: 1..w.limit  writer: patcher }
tolerate mode of w: Workload { in: [fast]  writer: patcher }
"#;

fn toleration(name: &str, field: &str, found: Value) -> String {
    let estate = Run::of(model(RULES)).estate();
    let id = estate.program.resource_named(name).and_then(|id| estate.declared(id).first().copied());
    let field = estate.symbol(field).unwrap();
    let found = match found {
        Value::Bool(true) => estate.text("fast"),
        other => other,
    };
    match Evaluator::new(&estate, Layer::Intended).toleration(id.unwrap(), field, &found) {
        Toleration::No => "no".to_owned(),
        Toleration::Unknown(causes) => format!("unknown: {}", causes.names().collect::<Vec<_>>().join(", ")),
        Toleration::Yes { writer: Value::Element(ElementId(_)), declaration } => {
            format!("yes by {declaration}")
        }
        Toleration::Yes { writer, .. } => format!("{writer:?}"),
    }
}

#[test]
fn inside_the_range_of_a_writer_there_is_no_drift() {
    assert_eq!(toleration("scaled", "replicas", Value::Int(2)), "yes by 0");
    assert_eq!(toleration("scaled", "replicas", Value::Int(9)), "yes by 0");
    assert_eq!(toleration("scaled", "replicas", Value::Int(10)), "no");
    assert_eq!(toleration("scaled", "replicas", Value::Absent), "no");
    assert_eq!(toleration("fixed", "replicas", Value::Int(3)), "yes by 1");
    assert_eq!(toleration("fixed", "replicas", Value::Int(4)), "no");
    assert_eq!(toleration("fixed", "limit", Value::Int(3)), "no", "another field");
    assert_eq!(toleration("fixed", "mode", Value::Bool(true)), "yes by 2");
    assert_eq!(toleration("doubtful", "replicas", Value::Int(3)), "unknown: not_reported");
}
