use iom_base::Span;

use crate::Code;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// How sure a fix is: `Safe` keeps the meaning or is the only one possible, `Suggested` is a likely guess,
/// `Placeholder` leaves something to fill in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Applicability {
    Safe,
    Suggested,
    Placeholder,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Label<P = Span> {
    pub place: P,
    /// Empty where the place alone says enough.
    pub message: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Edit<P = Span> {
    /// What is replaced.
    pub place: P,
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fix<P = Span> {
    pub title: String,
    pub edits: Vec<Edit<P>>,
    pub applicability: Applicability,
}

/// One mistake or remark.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Diagnostic<P = Span> {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub primary: Label<P>,
    pub secondary: Vec<Label<P>>,
    pub notes: Vec<String>,
    /// One concrete next step.
    pub help: Option<String>,
    pub fixes: Vec<Fix<P>>,
}

impl<P> Diagnostic<P> {
    /// A diagnostic with the code's default severity.
    pub fn new(code: Code, place: P, message: impl Into<String>) -> Diagnostic<P> {
        Diagnostic {
            code,
            severity: code.severity(),
            message: message.into(),
            primary: Label { place, message: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// The text beside the marked place.
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// Another place that matters.
    pub fn also(mut self, place: P, message: impl Into<String>) -> Self {
        self.secondary.push(Label { place, message: message.into() });
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn fix(
        mut self,
        title: impl Into<String>,
        applicability: Applicability,
        edits: Vec<Edit<P>>,
    ) -> Self {
        self.fixes.push(Fix { title: title.into(), edits, applicability });
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The same diagnostic with every place turned into another kind of place.
    pub fn map_places<Q>(self, mut map: impl FnMut(P) -> Q) -> Diagnostic<Q> {
        let mut label = |label: Label<P>| Label { place: map(label.place), message: label.message };
        let primary = label(self.primary);
        let secondary = self.secondary.into_iter().map(&mut label).collect();
        let fixes = self
            .fixes
            .into_iter()
            .map(|fix| Fix {
                title: fix.title,
                edits: fix
                    .edits
                    .into_iter()
                    .map(|edit| Edit { place: map(edit.place), text: edit.text })
                    .collect(),
                applicability: fix.applicability,
            })
            .collect();
        Diagnostic {
            code: self.code,
            severity: self.severity,
            message: self.message,
            primary,
            secondary,
            notes: self.notes,
            help: self.help,
            fixes,
        }
    }
}
