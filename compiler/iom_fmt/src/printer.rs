//! Writing tokens, and the comments and blank lines before them.

use iom_syntax::SyntaxToken;

/// What stands between a token and the one before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Gap {
    Nothing,
    Blank,
    /// Between two fields on one line.
    TwoBlanks,
    /// A new line; a blank line before it stays.
    Line(usize),
    /// A new line, never a blank one before it.
    TightLine(usize),
    /// A new line where the author broke the line, with a blank line before it if there was one; else a blank.
    KeepLine(usize),
    /// A new line where the author broke the line, else nothing or a blank.
    Keep {
        blank: bool,
        indent: usize,
    },
}

impl Gap {
    /// The indentation of the line it may start.
    fn indent(self) -> Option<usize> {
        match self {
            Gap::Line(indent) | Gap::TightLine(indent) | Gap::KeepLine(indent) | Gap::Keep { indent, .. } => {
                Some(indent)
            }
            Gap::Nothing | Gap::Blank | Gap::TwoBlanks => None,
        }
    }
}

/// A comment between two tokens.
struct Comment<'t> {
    text: &'t str,
    /// Where it starts in the source.
    start: usize,
    /// How many line breaks are between it and what stands before it.
    newlines: usize,
}

pub(crate) struct Printer<'t> {
    source: &'t str,
    pub out: String,
    /// Where the source has been written up to.
    position: usize,
    /// The indentation of the current line.
    pub line_indent: usize,
    /// Where the current line starts in `out`.
    line_start: usize,
}

impl<'t> Printer<'t> {
    pub fn new(source: &'t str, position: usize) -> Printer<'t> {
        Printer { source, out: String::new(), position, line_indent: 0, line_start: 0 }
    }

    /// How many characters the current line has.
    pub fn column(&self) -> usize {
        self.out[self.line_start..].chars().count()
    }

    /// Writes a token. `continuation` is the indentation it gets if a comment forces it onto a new line.
    pub fn token(&mut self, token: &SyntaxToken, gap: Gap, continuation: usize) {
        let indent = gap.indent().unwrap_or(continuation);
        self.spaced_token(token, gap, indent, indent);
    }

    /// Writes a closing bracket. Comments before it belong to what it closes, whose brackets are indented by `base`.
    pub fn closing(&mut self, token: &SyntaxToken, gap: Gap, base: usize) {
        self.spaced_token(token, gap, base + 2, base);
    }

    fn spaced_token(&mut self, token: &SyntaxToken, gap: Gap, comment_indent: usize, indent: usize) {
        let start = usize::from(token.text_range().start());
        let is_tight = matches!(gap, Gap::TightLine(_)) && comment_indent == indent;
        let (has_comments, newlines) = self.comments(start, comment_indent, !is_tight);
        let is_first = self.out.is_empty();
        match gap {
            _ if is_first => {}
            Gap::Line(indent) => self.new_line(indent, newlines > 1),
            Gap::KeepLine(indent) if newlines > 0 => self.new_line(indent, newlines > 1),
            // A blank line between a comment and what follows says that it is no doc comment of that.
            Gap::TightLine(indent) => self.new_line(indent, has_comments && is_tight && newlines > 1),
            _ if has_comments => self.new_line(indent, false),
            Gap::Keep { indent, .. } if newlines > 0 => self.new_line(indent, false),
            Gap::Nothing | Gap::Keep { blank: false, .. } => {}
            Gap::Blank | Gap::Keep { blank: true, .. } | Gap::KeepLine(_) => self.out.push(' '),
            Gap::TwoBlanks => self.out.push_str("  "),
        }
        self.text(token.text());
        self.position = usize::from(token.text_range().end());
    }

    /// Writes text that is not in the source: a comma after the last element of a list.
    pub fn synthetic(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn text(&mut self, text: &str) {
        if let Some(newline) = text.rfind('\n') {
            self.line_start = self.out.len() + newline + 1;
        }
        self.out.push_str(text);
    }

    /// The comments up to the end of the file.
    pub fn finish(mut self) -> String {
        self.comments(self.source.len(), 0, true);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    /// Writes the comments up to `end`; says whether there were any, and how many line breaks follow.
    fn comments(&mut self, end: usize, indent: usize, blank_before: bool) -> (bool, usize) {
        let (comments, newlines) = comments_between(self.source, self.position, end);
        for (number, comment) in comments.iter().enumerate() {
            if self.out.is_empty() {
                self.out.push_str(comment.text);
            } else if comment.newlines == 0 {
                self.trailing(comment);
            } else {
                self.new_line(indent, comment.newlines > 1 && (blank_before || number > 0));
                self.out.push_str(comment.text);
            }
        }
        (!comments.is_empty(), newlines)
    }

    /// A comment behind code keeps its column if the code leaves room.
    fn trailing(&mut self, comment: &Comment<'_>) {
        let line = self.source[..comment.start].rfind('\n').map_or(0, |newline| newline + 1);
        let wanted = self.source[line..comment.start].chars().count();
        let blanks = wanted.saturating_sub(self.column()).max(2);
        self.out.extend(std::iter::repeat_n(' ', blanks));
        self.out.push_str(comment.text);
    }

    fn new_line(&mut self, indent: usize, blank_line: bool) {
        self.out.push_str(if blank_line { "\n\n" } else { "\n" });
        self.line_start = self.out.len();
        self.line_indent = indent;
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// The comments in a stretch of source that holds nothing else but white space and commas, and the number of line breaks
/// after the last one.
fn comments_between(source: &str, start: usize, end: usize) -> (Vec<Comment<'_>>, usize) {
    let mut comments = Vec::new();
    let mut at = start;
    while let Some(found) = source[at..end].find("//") {
        let text_start = at + found;
        let newlines = count_newlines(&source[at..text_start]);
        let rest = &source[text_start..end];
        let text = rest[..rest.find('\n').unwrap_or(rest.len())].trim_end();
        comments.push(Comment { text, start: text_start, newlines });
        at = text_start + text.len();
    }
    (comments, count_newlines(&source[at..end]))
}

fn count_newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Whether a stretch of source has a line break.
pub(crate) fn has_newline(text: &str) -> bool {
    text.contains('\n')
}
