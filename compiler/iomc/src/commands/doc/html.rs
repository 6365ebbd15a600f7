//! Pages for browsers: no scripts, nothing from elsewhere.

use std::fmt::Write as _;

use super::page::{Block, Page, Piece, Text};

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem}
pre,code{font-family:ui-monospace,monospace;font-size:.9em}
pre{overflow-x:auto;padding:.75rem;border:1px solid #8888}
table{border-collapse:collapse;display:block;overflow-x:auto}
th,td{border:1px solid #8888;padding:.25rem .5rem;text-align:left;vertical-align:top}
h2,h3{margin-top:2rem}";

/// What every page leads to: words and page.
const WAYS: [(&str, &str); 4] = [
    ("All modules", "index"),
    ("Kinds", "kinds"),
    ("Controls", "controls"),
    ("Other tools' names", "aliases"),
];

pub fn text(page: &Page) -> String {
    let title = plain(&page.title);
    let up = page.way_up();
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}\n</style>\n</head>\n<body>\n<nav aria-label=\"Reference\">\n"
    );
    // Writing to a string cannot fail.
    for (words, target) in WAYS {
        let _ = writeln!(out, "<a href=\"{up}{target}.html\">{words}</a>");
    }
    let _ = writeln!(out, "</nav>\n<main>\n<h1>{title}</h1>");
    for block in &page.blocks {
        let _ = match block {
            Block::Heading { level, text, anchor } => {
                let id = anchor.as_ref().map(|anchor| format!(" id=\"{anchor}\"")).unwrap_or_default();
                writeln!(out, "<h{level}{id}>{}</h{level}>", plain(text))
            }
            Block::Paragraph(text) => writeln!(out, "<p>{}</p>", line(&up, text)),
            Block::List(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| format!("<li>{}</li>", line(&up, item))).collect();
                writeln!(out, "<ul>\n{}\n</ul>", items.join("\n"))
            }
            Block::Table { head, rows } => {
                let head: String = head.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
                let row = |row: &Vec<Text>| {
                    let cells: String =
                        row.iter().map(|cell| format!("<td>{}</td>", line(&up, cell))).collect();
                    format!("<tr>{cells}</tr>")
                };
                let rows: Vec<String> = rows.iter().map(row).collect();
                writeln!(
                    out,
                    "<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>",
                    rows.join("\n")
                )
            }
            Block::Code(code) => {
                writeln!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", plain(code.trim_end()))
            }
        };
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn line(up: &str, text: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Plain(text) => plain(text),
        Piece::Strong(text) => format!("<strong>{}</strong>", plain(text)),
        Piece::Code(text) => format!("<code>{}</code>", plain(text)),
        Piece::Link { words, page, anchor } => {
            let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
            format!("<a href=\"{up}{page}.html{anchor}\">{}</a>", plain(words))
        }
    };
    text.iter().map(piece).collect()
}

fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}
