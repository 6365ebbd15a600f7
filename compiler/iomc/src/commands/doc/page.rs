//! Pages before they are written in a format.

/// One page. Links in it are relative to the folder of all pages.
pub struct Page {
    /// Without its ending: `index`, `modules/aws`.
    pub path: String,
    pub title: String,
    pub blocks: Vec<Block>,
}

pub enum Block {
    /// From 2 on; what others link to has an anchor.
    Heading {
        level: u8,
        text: String,
        anchor: Option<String>,
    },
    Paragraph(Text),
    List(Vec<Text>),
    Table {
        head: Vec<&'static str>,
        rows: Vec<Vec<Text>>,
    },
    Code(String),
}

/// Words with links and code among them.
pub type Text = Vec<Piece>;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    Plain(String),
    Code(String),
    Strong(String),
    /// The words, the page without its ending, and the anchor on it.
    Link {
        words: String,
        page: String,
        anchor: String,
    },
}

impl Page {
    pub fn new(path: impl Into<String>, title: impl Into<String>) -> Page {
        Page { path: path.into(), title: title.into(), blocks: Vec::new() }
    }

    pub fn file(&self, ending: &str) -> String {
        format!("{}.{ending}", self.path)
    }

    pub fn heading(&mut self, level: u8, text: impl Into<String>, anchor: Option<String>) {
        self.blocks.push(Block::Heading { level, text: text.into(), anchor });
    }

    pub fn paragraph(&mut self, text: Text) {
        if !text.is_empty() {
            self.blocks.push(Block::Paragraph(text));
        }
    }

    pub fn list(&mut self, items: Vec<Text>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    pub fn table(&mut self, head: &[&'static str], rows: Vec<Vec<Text>>) {
        if !rows.is_empty() {
            self.blocks.push(Block::Table { head: head.to_vec(), rows });
        }
    }

    pub fn code(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Code(text.into()));
    }

    /// A paragraph for each that comments are made of.
    pub fn comment(&mut self, comment: &str) {
        for paragraph in comment.split("\n\n") {
            self.paragraph(words(&paragraph.replace('\n', " ")));
        }
    }

    /// From this page to another: the way up to the folder of all pages, as often as this one is below it.
    pub fn way_up(&self) -> String {
        "../".repeat(self.path.matches('/').count())
    }
}

pub fn plain(text: impl Into<String>) -> Text {
    vec![Piece::Plain(text.into())]
}

pub fn code(text: impl Into<String>) -> Text {
    vec![Piece::Code(text.into())]
}

/// Text in which code stands between backticks.
pub fn words(text: &str) -> Text {
    let parts = text.trim().split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts
        .map(|(number, part)| match number % 2 {
            0 => Piece::Plain(part.to_owned()),
            _ => Piece::Code(part.to_owned()),
        })
        .collect()
}

/// Several texts with commas between them.
pub fn listed(items: impl IntoIterator<Item = Text>) -> Text {
    let mut all = Text::new();
    for item in items {
        if !all.is_empty() {
            all.push(Piece::Plain(", ".to_owned()));
        }
        all.extend(item);
    }
    all
}
