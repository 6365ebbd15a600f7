use iom_ide::live::{Lens, LensCommand};
use serde_json::{Value, json};
use tower_lsp_server::ls_types::{CodeLens, CodeLensParams, Command};

use super::{Result, commands};
use crate::snapshot::{File, Snapshot};

/// Verdicts over policies, resources and evidence, and a way to run each test.
pub fn document(snapshot: &Snapshot, asked: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let uri = asked.text_document.uri.as_str();
    let live = snapshot.live.as_ref();
    let mut lenses = live.map(|known| known.live.lenses(&snapshot.analysis, &file.path)).unwrap_or_default();
    lenses.extend(snapshot.analysis.test_lenses(&file.path));
    Ok(Some(lenses.into_iter().map(|lens| shown(&file, uri, lens)).collect()))
}

fn shown(file: &File<'_>, uri: &str, lens: Lens) -> CodeLens {
    let range = file.range(lens.range);
    let (command, argument): (&str, Value) = match lens.command {
        LensCommand::ShowFindings { name } => (commands::SHOW_FINDINGS, json!({ "name": name })),
        LensCommand::ShowResource { .. } => {
            let place = json!({ "textDocument": { "uri": uri }, "position": range.start });
            (commands::EXPLAIN_VERDICT, place)
        }
        LensCommand::ShowBlastRadius { name } => (commands::BLAST_RADIUS, json!({ "name": name })),
        LensCommand::RunTest { module, title } => {
            (commands::RUN_TEST, json!({ "module": module, "title": title }))
        }
    };
    let command = Command { title: lens.title, command: command.to_owned(), arguments: Some(vec![argument]) };
    CodeLens { range, command: Some(command), data: None }
}
