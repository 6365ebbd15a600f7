//! One expression asked of a workspace from outside: `iomc query`.

use iom_base::{FileId, Span, TextRange, TextSize};
use iom_diagnostics::Diagnostic;
use iom_model::{QualifiedName, Type};

use crate::check::{Lowered, check_item};
use crate::db::Db;
use crate::host::Host;
use crate::items::items;
use crate::names::{file_module, names_in_module};

/// The module a question stands in; no workspace can have one of this name by accident.
const MODULE: &str = "iomc_question";
const NAME: &str = "answer";
/// The file that holds the question for as long as the host lives.
const FILE: &str = "iomc_question.iom";

/// A question that was understood.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// The constant of the model that holds the answer.
    pub constant: QualifiedName,
    pub ty: Type,
}

impl Host {
    /// Adds a question to the workspace: an expression over everything declared. Names that only one module of the
    /// workspace declares need no module before them. The model holds the answer as a constant.
    ///
    /// # Errors
    ///
    /// What is wrong with the expression; places are offsets in it, and belong to the file `place`.
    pub fn ask(&mut self, expression: &str, place: FileId) -> Result<Question, Vec<Diagnostic<Span>>> {
        let mut text = format!("module {MODULE}\n");
        for (module, name) in self.short_names(expression) {
            text.push_str(&format!("use {module}.{name}\n"));
        }
        text.push_str(&format!("const {NAME} =\n"));
        let start = TextSize::of(text.as_str());
        text.push_str(expression);
        text.push('\n');
        let file = self.set_file(FILE, &text);
        let end = start + TextSize::of(expression);
        let in_expression = |span: Span| {
            let range = span.range();
            let clamp = |offset: TextSize| offset.clamp(start, end) - start;
            Span::new(place, TextRange::new(clamp(range.start()), clamp(range.end())))
        };
        let is_about_it = |found: &Diagnostic<Span>| {
            found.is_error() && found.primary.place.file == file && found.primary.place.range().end() >= start
        };
        let mistakes: Vec<Diagnostic<Span>> = self
            .file_diagnostics(file)
            .iter()
            .filter(|found| is_about_it(found))
            .map(|found| {
                found.clone().map_places(|span| if span.file == file { in_expression(span) } else { span })
            })
            .collect();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let constant = QualifiedName::from(format!("{MODULE}.{NAME}"));
        Ok(Question { ty: self.type_of_answer(file), constant })
    }

    /// The words of an expression that exactly one module of the workspace declares, with that module.
    fn short_names(&self, expression: &str) -> Vec<(QualifiedName, String)> {
        let db = self.database();
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let mut words: Vec<&str> = expression.split(|letter| !is_word(letter)).collect();
        words.sort_unstable();
        words.dedup();
        let mut modules: Vec<QualifiedName> =
            db.workspace().files(db).iter().map(|file| file_module(db, *file).clone()).collect();
        modules.sort();
        modules.dedup();
        modules.retain(|module| module != MODULE);
        let declared: Vec<_> = modules.iter().map(|module| names_in_module(db, module)).collect();
        let mut found = Vec::new();
        for word in words {
            let mut holders =
                modules.iter().zip(&declared).filter(|(_, names)| names.iter().any(|name| name == word));
            if let (Some((module, _)), None) = (holders.next(), holders.next()) {
                found.push((module.clone(), word.to_owned()));
            }
        }
        found
    }

    fn type_of_answer(&self, file: FileId) -> Type {
        let db: &dyn Db = self.database();
        let Some(file) = crate::names::file_by_id(db, file) else { return Type::Error };
        let answer = items(db, file).iter().copied().find(|item| item.keyword(db) == "const");
        match answer.map(|item| check_item(db, item)) {
            Some(checked) => match &checked.lowered {
                Lowered::Constant(constant) => constant.ty.clone(),
                _ => Type::Error,
            },
            None => Type::Error,
        }
    }
}
