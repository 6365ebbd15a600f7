//! What is in the sources as text of the language. The text is checked before anybody sees it: what the language would not
//! accept is left out, and said.

use std::fmt::Write as _;

use iom_diagnostics::Severity;
use iom_eval::facts::Stub;
use iom_semantic::{Host, LibrarySelection};

use crate::exit::Failure;
use crate::judge;
use crate::sources::Source;

const MODULE: &str = "infrastructure.imported";
const FILE: &str = "infrastructure/imported.iom";

/// Names every kind that can be declared.
const EVERYTHING: &str = "size(Resource)";

/// Each round takes out what the one before did not accept.
const MOST_ROUNDS: usize = 12;

pub struct Imported {
    pub text: String,
    /// What there is to know about it.
    pub remarks: String,
}

/// A declaration with what is still to be written of it.
struct Written {
    stub: Stub,
    /// By setting: why it was refused.
    refused: Vec<Option<String>>,
    /// Even without anything it would not be accepted.
    is_dropped: bool,
}

/// What a line of the text is about.
#[derive(Clone, Copy)]
enum Line {
    Head(usize),
    Setting(usize, usize),
}

pub fn declarations(sources: &[Source], at: i64, starters: &[(&str, &str)]) -> Result<Imported, Failure> {
    let mut host = Host::new();
    let place = host.set_file("question.iom", "");
    let question = host
        .ask(EVERYTHING, place)
        .map_err(|_| Failure::new("the standard library can't be asked for its kinds"))?;
    let stubs = judge::stubs(host.model(&LibrarySelection::None), sources, &question.constant, at)?;
    let mut written: Vec<Written> = stubs
        .into_iter()
        .map(|stub| Written { refused: vec![None; stub.settings.len()], stub, is_dropped: false })
        .collect();
    let mut host = Host::new();
    for (path, text) in starters {
        host.set_file(path, text);
    }
    for round in 0.. {
        let (text, lines) = text_of(&written, sources);
        let file = host.set_file(FILE, &text);
        let found = host.file_diagnostics(file);
        let errors: Vec<(usize, String)> = found
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .map(|found| {
                let before = &text[..usize::from(found.primary.place.start()).min(text.len())];
                (before.matches('\n').count(), found.message.clone())
            })
            .collect();
        if errors.is_empty() {
            break;
        }
        for (line, why) in errors {
            let about = lines.iter().take_while(|(at, _)| *at <= line).last().map(|(_, about)| *about);
            match about {
                Some(Line::Setting(stub, setting)) if round < MOST_ROUNDS => {
                    written[stub].refused[setting].get_or_insert(why);
                }
                Some(Line::Setting(stub, _) | Line::Head(stub)) => written[stub].is_dropped = true,
                None => {}
            }
        }
        if round > 2 * MOST_ROUNDS {
            return Err(Failure::new("what is in the state can't be written as declarations"));
        }
    }
    let (text, _) = text_of(&written, sources);
    let text = iom_fmt::format(&text)
        .map_err(|_| Failure::new("what is in the state can't be written as declarations"))?;
    Ok(Imported { text, remarks: remarks(&written) })
}

fn text_of(written: &[Written], sources: &[Source]) -> (String, Vec<(usize, Line)>) {
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let mut out = String::new();
    let _ = writeln!(
        out,
        "//! What was in {} when `iomc init` read it: what is there, not what should be.\n\
         //!\n\
         //! A declaration says what somebody wants. Look at each, change what should be otherwise, and remove `unratified`; until\n\
         //! then what is wrong with it is put to a person and blocks nothing.\n\
         module {MODULE}",
        names.join(", ")
    );
    let mut lines = Vec::new();
    for (position, one) in written.iter().enumerate() {
        let stub = &one.stub;
        if one.is_dropped {
            let _ = writeln!(
                out,
                "\n// {} ({}) has parts that are not known and that it can't be declared without.",
                one_line(&stub.address),
                stub.kind
            );
            continue;
        }
        let _ = writeln!(out, "\n/// {}", one_line(&stub.address));
        lines.push((out.matches('\n').count(), Line::Head(position)));
        let _ = writeln!(out, "resource {}: {} {{", stub.name, stub.kind);
        out.push_str("  unratified: true\n");
        for (number, (name, code)) in stub.settings.iter().enumerate() {
            if let Some(why) = &one.refused[number] {
                let _ = writeln!(out, "  // {name}: not accepted as it is: {}", one_line(why));
                continue;
            }
            lines.push((out.matches('\n').count(), Line::Setting(position, number)));
            let _ = writeln!(out, "  {name}: {code}");
        }
        for (name, why) in &stub.left_out {
            let _ = writeln!(out, "  // {name}: {}", why.words());
        }
        lines.push((out.matches('\n').count(), Line::Head(position)));
        out.push_str("}\n");
    }
    (out, lines)
}

/// Addresses may hold anything.
fn one_line(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn remarks(written: &[Written]) -> String {
    let kept = written.iter().filter(|one| !one.is_dropped);
    let left_out: usize =
        kept.clone().map(|one| one.stub.left_out.len() + one.refused.iter().flatten().count()).sum();
    let dropped = written.iter().filter(|one| one.is_dropped).count();
    let mut text = format!("{} unratified declarations were written", kept.count());
    if left_out > 0 {
        let _ = write!(text, "; {left_out} fields could not be written: comments say why");
    }
    if dropped > 0 {
        let _ = write!(text, "; {dropped} resources can't be declared, because what they need is not known");
    }
    text.push('\n');
    text
}
