use std::fmt::Display;

/// Colours, or none.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub color: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Tone {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Blue,
    Magenta,
}

impl Style {
    pub fn paint(self, tone: Tone, text: impl Display) -> String {
        let code = match tone {
            Tone::Bold => "1",
            Tone::Dim => "2",
            Tone::Red => "1;31",
            Tone::Yellow => "1;33",
            Tone::Green => "1;32",
            Tone::Blue => "1;34",
            Tone::Magenta => "1;35",
        };
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
