//! Workspaces for tests: files after `//- path` lines, with `$0` where the cursor stands.

use iom_base::Span;
use iom_diagnostics::render::SourceTexts;

use crate::Analysis;

pub(crate) struct Fixture {
    pub analysis: Analysis,
    pub path: String,
    pub offset: u32,
}

impl Fixture {
    pub fn new(text: &str) -> Fixture {
        let mut files: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            match line.strip_prefix("//- ") {
                Some(path) => files.push((path.trim().to_owned(), String::new())),
                None => {
                    if files.is_empty() {
                        files.push(("main.iom".to_owned(), String::new()));
                    }
                    files.last_mut().unwrap().1.push_str(line);
                }
            }
        }
        let (mut path, mut offset) = (files[0].0.clone(), 0);
        for (name, text) in &mut files {
            if let Some(at) = text.find("$0") {
                text.replace_range(at..at + 2, "");
                path.clone_from(name);
                offset = at as u32;
            }
        }
        let mut analysis = Analysis::new("nowhere".into());
        analysis.set_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        Fixture { analysis, path, offset }
    }

    /// `path:line:column text`
    pub fn shown(&self, span: Span) -> String {
        let text = self.analysis.host.text(span.file);
        let place = iom_base::Lines::new(text).line_column(span.range().start());
        let path = self.analysis.host.path(span.file);
        format!("{path}:{}:{} {}", place.line, place.column, &text[span.range()])
    }
}
