use std::fs;
use std::io::{self, Read};
use std::path::Path;

use iom_schema::{Imported, Options};
use serde_json::Value;

use crate::arguments::{SchemaCommand, SchemaImportArguments, SchemaOutputArguments};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{self, reason};

/// JSON Schemas of what `iomc` writes, by the names they are asked for.
const OUTPUTS: &[(&str, &str)] = &[
    ("eval", include_str!("../../../../spec/schema/eval-report.v1.json")),
    ("compare", include_str!("../../../../spec/schema/comparison.v1.json")),
    ("graph", include_str!("../../../../spec/schema/graph.v1.json")),
];

/// The largest file that is read.
const LARGEST: u64 = 256 << 20;

/// `iomc schema import` and `iomc schema output`.
pub fn run(command: &SchemaCommand) -> Outcome {
    match command {
        SchemaCommand::Import(arguments) => import(arguments),
        SchemaCommand::Output(arguments) => schemas(arguments),
    }
}

/// Writes what other systems say of their types as kinds.
fn import(arguments: &SchemaImportArguments) -> Outcome {
    let source = arguments.source.as_str();
    let shown = if source == "-" { "standard input" } else { source };
    let failed = |what: String| Failure::new(format!("{shown}: {what}"));
    let text = read(source).map_err(failed)?;
    let schema = parsed(&text).map_err(failed)?;
    // A schema may be large; the process ends before taking it apart would be worth anything.
    let schema = std::mem::ManuallyDrop::new(schema);
    let options = Options {
        module: arguments.module.clone(),
        file: stem(source),
        only: arguments.only.clone(),
        with_data_sources: arguments.data_sources,
    };
    if let Some(module) = options.module.as_deref().filter(|module| !is_path(module)) {
        return Err(Failure::new(format!("--module {module}: this is no name of a module"))
            .help("names of letters, digits and `_`, joined by dots: schemas.aws"));
    }
    let imported = iom_schema::import(&schema, &options).map_err(|error| failed(error.to_string()))?;
    match &arguments.out {
        Some(path) => {
            output::to_file(Path::new(path), |out| out.write_all(imported.text.as_bytes()))
                .map_err(|error| Failure::new(format!("{path}: can't be written: {}", reason(&error))))?;
            output::to_standard_error(&summary(path, &imported));
        }
        None => output::to_standard_output(|out| out.write_all(imported.text.as_bytes()))?,
    }
    Ok(Exit::Fine)
}

fn summary(path: &str, imported: &Imported) -> String {
    let counted = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let mut out = format!(
        "{path}: {} and {} in module {}\n",
        counted(imported.kinds, "kind"),
        counted(imported.types, "type"),
        imported.module
    );
    if !imported.remarks.is_empty() {
        out.push_str(&format!("{path}: {} at its top\n", counted(imported.remarks.len(), "remark")));
    }
    out
}

fn read(source: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = |reader: &mut dyn Read, bytes: &mut Vec<u8>| reader.take(LARGEST + 1).read_to_end(bytes);
    let found = match source {
        "-" => read(&mut io::stdin().lock(), &mut bytes),
        path => fs::File::open(path).and_then(|mut file| read(&mut file, &mut bytes)),
    };
    found.map_err(|error| format!("can't be read: {}", reason(&error)))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("the file is larger than {} MiB", LARGEST >> 20));
    }
    iom_state::text(&bytes)
        .map(|text| text.into_owned())
        .ok_or_else(|| "the file is no text: schemas are JSON or YAML in UTF-8".to_owned())
}

/// The document of a text; a list of them, where there are several.
fn parsed(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).map_err(|error| not_json(&error));
    }
    let mut documents = iom_state::plain::documents(text).map_err(|error| error.to_string())?;
    documents.retain(|document| !document.is_null());
    match documents.len() {
        1 => Ok(documents.remove(0)),
        _ => Ok(Value::Array(documents)),
    }
}

/// The name of a file up to the first dot.
fn stem(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    (!stem.is_empty() && stem != "-").then(|| stem.to_owned())
}

fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("this is no JSON: {what}, line {} column {}", error.line(), error.column())
}

fn is_path(text: &str) -> bool {
    text.split('.').all(|part| {
        let mut letters = part.chars();
        letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

/// Writes the JSON Schema of one of our own outputs, or the names of all.
fn schemas(arguments: &SchemaOutputArguments) -> Outcome {
    let known = || OUTPUTS.iter().map(|(name, _)| *name);
    let text = match arguments.name.as_deref() {
        None => known().map(|name| format!("{name}\n")).collect(),
        Some(wanted) => match OUTPUTS.iter().find(|(name, _)| *name == wanted) {
            Some((_, text)) => (*text).to_owned(),
            None => {
                let failure = Failure::new(format!("there is no schema of an output `{wanted}`"));
                let all: Vec<&str> = known().collect();
                return Err(failure.help(format!("there is one of: {}", all.join(", "))));
            }
        },
    };
    output::to_standard_output(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Fine)
}
