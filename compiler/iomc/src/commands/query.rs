use std::fmt::Write as _;
use std::io;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use iom_diagnostics::render;
use iom_eval::question::{self, Answer, Cell, Content, ElementRow};
use iom_model::Type;
use iom_semantic::LibrarySelection;
use serde_json::json;

use crate::arguments::{ColorChoice, Format, QueryArguments};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::masking;
use crate::workspace::Workspace;
use crate::{clock, judge, output, sources};

/// `iomc query`: one expression over the model and the state, as a table or as JSON.
pub fn run(arguments: &QueryArguments, color: ColorChoice) -> Outcome {
    let format = arguments.output.format;
    output::supported(format, &[Format::Human, Format::Short, Format::Json])?;
    let at = clock::instant(arguments.at.as_deref())?;
    let mut workspace = Workspace::find(arguments.path.as_deref())?.unwrap_or_default();
    let mut front_end = FrontEnd::load(&mut workspace, Locking::Verify);
    let color = output::use_color(color, &io::stderr());
    front_end.without_errors(format, color)?;
    let question = front_end
        .ask(&arguments.expression)
        .map_err(|found| Failure::Diagnostics(masking::human(&found, &front_end, color)))?;
    if holds_secret(&question.ty) {
        return Err(Failure::new("the answer would show a secret")
            .help("whether a secret is there can be asked: `.. is present`"));
    }
    let model = front_end.model(&LibrarySelection::None);
    let sources = sources::open(&arguments.state, Some(&workspace))?;
    let answers = judge::answers(model, &sources, &question, at, &workspace)?;
    let text = match format {
        Format::Json => {
            let document = json!({
                "version": 1,
                "tool": env!("CARGO_PKG_VERSION"),
                "query": arguments.expression,
                "type": question.ty.to_string(),
                "answers": answers,
            });
            format!("{document:#}\n")
        }
        Format::Short => short(&answers),
        _ => human(&answers),
    };
    output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Fine)
}

/// Records of a declared type are not looked into: their secret fields are left out when they are shown.
fn holds_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Refined(inner, _) => {
            holds_secret(inner)
        }
        Type::Map(key, value) => holds_secret(key) || holds_secret(value),
        Type::Group { key, item } => holds_secret(key) || holds_secret(item),
        Type::Union(types) => types.iter().any(holds_secret),
        Type::Record(record) => record.fields.iter().any(|field| holds_secret(&field.ty)),
        _ => false,
    }
}

/// A table for each layer; answers that are the same everywhere are shown once.
fn human(answers: &[Answer]) -> String {
    let mut out = String::new();
    let is_same = answers.windows(2).all(|pair| pair[0].content == pair[1].content);
    let shown = if is_same { &answers[..answers.len().min(1)] } else { answers };
    for answer in shown {
        if shown.len() > 1 {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{}:", answer.layer.name());
        }
        content(&answer.content, &mut out);
    }
    out
}

fn content(content: &Content, out: &mut String) {
    match content {
        Content::Value(cell) => {
            let _ = writeln!(out, "{}", shown(cell));
        }
        Content::Values(table) => {
            rows(table, None, |cell| vec![shown(cell)], out);
        }
        Content::Records { columns, table } => {
            let header = columns.iter().map(ToString::to_string).collect();
            rows(table, Some(header), |row| row.iter().map(shown).collect(), out);
        }
        Content::Elements(table) => {
            let header = ["address", "kind", "owner", "environment", "place"].map(str::to_owned);
            rows(table, Some(header.into()), element, out);
        }
    }
}

fn rows<T>(
    found: &question::Table<T>,
    header: Option<Vec<String>>,
    cells: impl Fn(&T) -> Vec<String>,
    out: &mut String,
) {
    let count = found.rows.len() + found.maybe.len();
    let mut table = Table::new();
    table.load_style(NOTHING);
    if count > 0
        && let Some(header) = header
    {
        table.set_header(header);
    }
    for row in &found.rows {
        table.add_row(cells(row));
    }
    for row in &found.maybe {
        let mut cells = cells(row);
        cells.push("perhaps".to_owned());
        table.add_row(cells);
    }
    if count > 0 {
        for line in table.lines() {
            let _ = writeln!(out, "{}", line.trim());
        }
    }
    let noun = if count == 1 { "row" } else { "rows" };
    let _ = match &*found.incomplete {
        [] => writeln!(out, "{count} {noun}"),
        causes => writeln!(out, "{count} {noun}; there may be more: {}", causes.join(", ")),
    };
}

fn element(row: &ElementRow) -> Vec<String> {
    let resource = &row.resource;
    let or_none = |text: &Option<smol_str::SmolStr>| {
        text.as_ref().map_or_else(|| "-".to_owned(), |text| harmless(text))
    };
    let place = row.location.as_ref();
    vec![
        harmless(&resource.address),
        resource.kind.to_string(),
        or_none(&resource.owner),
        or_none(&resource.environment),
        place.map_or_else(
            || "-".to_owned(),
            |place| harmless(&format!("{}:{}:{}", place.file, place.line, place.column)),
        ),
    ]
}

fn shown(cell: &Cell) -> String {
    match &*cell.unknown {
        [] => harmless(&cell.text),
        causes => format!("unknown ({})", causes.join(", ")),
    }
}

/// Text out of a state may hold anything, a terminal's control characters too.
fn harmless(text: &str) -> String {
    render::one_line(text)
}

/// One line per row: addresses, or values.
fn short(answers: &[Answer]) -> String {
    let mut out = String::new();
    for answer in answers {
        let mut line = |text: String| {
            let _ = writeln!(out, "{}: {text}", answer.layer.name());
        };
        match &answer.content {
            Content::Value(cell) => line(shown(cell)),
            Content::Values(table) => table.rows.iter().for_each(|cell| line(shown(cell))),
            Content::Records { table, .. } => {
                table.rows.iter().for_each(|row| line(row.iter().map(shown).collect::<Vec<_>>().join("\t")));
            }
            Content::Elements(table) => {
                table.rows.iter().for_each(|row| line(harmless(&row.resource.address)));
            }
        }
    }
    out
}
