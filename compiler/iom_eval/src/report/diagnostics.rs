use iom_diagnostics::{Diagnostic, Severity};
use iom_model::Location;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// A remark about the rules or the sources rather than about a resource.
#[derive(Clone, PartialEq, Debug)]
pub enum ReportDiagnostic {
    /// Found by evaluation: an exception that expired, a policy that can match nothing.
    Evaluation(Diagnostic<Location>),
    /// Found by the front end, already in the JSON form of [`iom_diagnostics::render::json`].
    FrontEnd(Value),
}

impl From<Diagnostic<Location>> for ReportDiagnostic {
    fn from(diagnostic: Diagnostic<Location>) -> ReportDiagnostic {
        ReportDiagnostic::Evaluation(diagnostic)
    }
}

impl Serialize for ReportDiagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ReportDiagnostic::FrontEnd(value) => value.serialize(serializer),
            ReportDiagnostic::Evaluation(diagnostic) => like_front_end(diagnostic).serialize(serializer),
        }
    }
}

/// The shape that the front end's diagnostics have, so that programs read one kind of thing. Evaluation knows where a
/// place starts, not where it ends.
fn like_front_end(diagnostic: &Diagnostic<Location>) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    };
    let related: Vec<Value> = diagnostic
        .secondary
        .iter()
        .map(|label| json!({ "location": place(&label.place), "message": label.message }))
        .collect();
    let mut value = place(&diagnostic.primary.place);
    if let Value::Object(object) = &mut value {
        let fields = [
            ("severity", json!(severity)),
            ("code", json!(diagnostic.code.to_string())),
            ("source", json!("iom")),
            ("message", json!(diagnostic.message)),
            ("relatedInformation", Value::Array(related)),
            (
                "data",
                json!({
                    "slug": diagnostic.code.slug(),
                    "label": diagnostic.primary.message,
                    "notes": diagnostic.notes,
                    "help": diagnostic.help,
                    "fixes": [],
                }),
            ),
        ];
        object.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
    value
}

fn place(location: &Location) -> Value {
    let position = json!({
        "line": location.line.saturating_sub(1),
        "character": location.column.saturating_sub(1),
    });
    json!({ "file": location.file, "range": { "start": position, "end": position } })
}
