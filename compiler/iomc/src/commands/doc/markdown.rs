use std::fmt::Write as _;

use super::page::{Block, Page, Piece, Text};

pub fn text(page: &Page) -> String {
    let mut out = format!("# {}\n", plain(&page.title));
    for block in &page.blocks {
        out.push('\n');
        // Writing to a string cannot fail.
        let _ = match block {
            Block::Heading { level, text, anchor } => {
                if let Some(anchor) = anchor {
                    let _ = writeln!(out, "<a id=\"{anchor}\"></a>\n");
                }
                writeln!(out, "{} {}", "#".repeat(usize::from(*level)), plain(text))
            }
            Block::Paragraph(text) => writeln!(out, "{}", line(page, text)),
            Block::List(items) => items.iter().try_for_each(|item| writeln!(out, "- {}", line(page, item))),
            Block::Table { head, rows } => {
                let cells = |row: &[Text]| {
                    let cells: Vec<String> =
                        row.iter().map(|cell| line(page, cell).replace('|', "\\|")).collect();
                    format!("| {} |", cells.join(" | "))
                };
                let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), " --- |".repeat(head.len()));
                rows.iter().try_for_each(|row| writeln!(out, "{}", cells(row)))
            }
            Block::Code(code) => writeln!(out, "```iom\n{}\n```", code.trim_end()),
        };
    }
    out
}

fn line(page: &Page, text: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Plain(text) => plain(text),
        Piece::Strong(text) => format!("**{}**", plain(text)),
        Piece::Code(text) => code(text),
        Piece::Link { words, page: target, anchor } => {
            let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
            format!("[{}]({}{target}.md{anchor})", plain(words), page.way_up())
        }
    };
    text.iter().map(piece).collect()
}

/// Without a meaning of its own.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '*' | '_' | '[' | ']' | '\\' | '`' | '#' => {
                out.push('\\');
                out.push(letter);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

fn code(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
