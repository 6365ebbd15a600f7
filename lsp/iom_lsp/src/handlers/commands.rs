//! What can be asked for by name: `{ title, text, svg?, dot? }` is answered, the text in Markdown.

use std::time::{SystemTime, UNIX_EPOCH};

use iom_base::TextSize;
use iom_ide::live::{Answer, Live};
use serde_json::{Value, json};
use tower_lsp_server::jsonrpc::Error;
use tower_lsp_server::ls_types::{ExecuteCommandParams, Position, Uri};

use super::Result;
use crate::snapshot::{File, Snapshot};

pub const SHOW_GRAPH: &str = "iom.showGraph";
pub const SHOW_FINDINGS: &str = "iom.showFindings";
pub const BLAST_RADIUS: &str = "iom.blastRadius";
pub const EXPLAIN_VERDICT: &str = "iom.explainVerdict";
pub const RUN_TEST: &str = "iom.runTest";
pub const WORKSPACE_DECISION: &str = "iom.workspaceDecision";

pub const ALL: [&str; 6] =
    [SHOW_GRAPH, SHOW_FINDINGS, BLAST_RADIUS, EXPLAIN_VERDICT, RUN_TEST, WORKSPACE_DECISION];

/// Does what a command asks for. Its argument names something, or a place in a document.
///
/// # Errors
/// Where there is no such command.
pub fn execute(snapshot: &Snapshot, asked: ExecuteCommandParams) -> Result<Option<Value>> {
    let argument = asked.arguments.into_iter().next().unwrap_or_default();
    let command = asked.command.as_str();
    if !ALL.contains(&command) {
        return Err(Error::invalid_params(format!("there is no command {command}")));
    }
    let live = snapshot.live.as_ref().map(|known| &known.live);
    if command == RUN_TEST {
        return Ok(Some(shown(
            test(snapshot, &argument)?,
            "The rules have errors, or there is no such test.",
        )));
    }
    if command == WORKSPACE_DECISION {
        return Ok(Some(decision(live)));
    }
    let Some(live) = live else { return Ok(Some(shown(None, "Nothing has been judged yet."))) };
    Ok(Some(match command {
        SHOW_GRAPH => shown(live.graph(), "What depends on what is not known yet."),
        _ => about(snapshot, live, command, &argument)?,
    }))
}

/// What the editor shows of the workspace as a whole.
pub fn decision(live: Option<&Live>) -> Value {
    match live.map(Live::decision_text) {
        Some((decision, text)) => json!({ "decision": decision, "text": text }),
        None => json!({ "decision": null, "text": "Nothing has been judged." }),
    }
}

fn about(snapshot: &Snapshot, live: &Live, command: &str, argument: &Value) -> Result<Value> {
    let name = argument.get("name").and_then(Value::as_str);
    let place = place(snapshot, argument)?;
    let place = place.as_ref().map(|(file, offset)| (file.path.as_str(), *offset));
    let analysis = &snapshot.analysis;
    Ok(match (command, name, place) {
        (BLAST_RADIUS, Some(name), _) => shown(live.blast_radius(name), "There is no such resource."),
        (BLAST_RADIUS, None, Some((path, offset))) => {
            let item = live.call_item(analysis, path, offset);
            let found = item.and_then(|item| live.blast_radius(&item.name));
            shown(found, "There is no resource here that anything could depend on.")
        }
        (_, Some(name), _) => shown(live.findings_of(name), "Nothing was found by it."),
        (_, None, Some((path, offset))) => {
            shown(live.explained_at(analysis, path, offset), "Nothing was found here.")
        }
        (_, None, None) => shown(None, "Put the cursor on a resource or a policy."),
    })
}

fn test(snapshot: &Snapshot, argument: &Value) -> Result<Option<Answer>> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
    let now = i64::try_from(since).unwrap_or(i64::MAX);
    let run = |module: &str, title: &str| snapshot.analysis.run_test(module, title, now);
    let said = |name: &str| argument.get(name).and_then(Value::as_str);
    if let (Some(module), Some(title)) = (said("module"), said("title")) {
        return Ok(run(module, title));
    }
    let Some((file, offset)) = place(snapshot, argument)? else { return Ok(None) };
    let found = snapshot.analysis.test_at(&file.path, offset);
    Ok(found.and_then(|(module, title)| run(&module, &title)))
}

/// The place in a document that an argument names.
fn place<'s>(snapshot: &'s Snapshot, argument: &Value) -> Result<Option<(File<'s>, TextSize)>> {
    let uri = argument.pointer("/textDocument/uri").and_then(Value::as_str);
    let Some(uri) = uri.and_then(|uri| uri.parse::<Uri>().ok()) else { return Ok(None) };
    let position = argument.get("position").cloned().unwrap_or_default();
    let Ok(position) = serde_json::from_value::<Position>(position) else { return Ok(None) };
    Ok(snapshot.file(&uri)?.map(|file| {
        let offset = TextSize::new(file.offset(position));
        (file, offset)
    }))
}

fn shown(answer: Option<Answer>, otherwise: &str) -> Value {
    match answer {
        Some(answer) => json!({
            "title": answer.title, "text": answer.text, "svg": answer.svg, "dot": answer.dot,
        }),
        None => json!({ "title": "iom", "text": otherwise }),
    }
}
