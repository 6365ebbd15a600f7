use iom_base::FileId;

/// The texts that the places of diagnostics point into.
///
/// A file whose text cannot be shown (it could not be read, or it is a binary) has the empty text; its diagnostics
/// are then shown by their path alone.
pub trait SourceTexts {
    /// The path as people should see it: relative to the folder they work in, with `/` between its parts.
    fn path(&self, file: FileId) -> &str;
    fn text(&self, file: FileId) -> &str;
}

/// Texts held in memory, each under a name. Ids are handed out in the order of [`NamedTexts::add`].
#[derive(Clone, Debug, Default)]
pub struct NamedTexts {
    files: Vec<(String, String)>,
}

impl NamedTexts {
    pub fn new() -> NamedTexts {
        NamedTexts::default()
    }

    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let file = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push((path.into(), text.into()));
        file
    }

    fn get(&self, file: FileId) -> Option<&(String, String)> {
        self.files.get(usize::try_from(file.0).ok()?)
    }
}

impl SourceTexts for NamedTexts {
    fn path(&self, file: FileId) -> &str {
        self.get(file).map_or("", |(path, _)| path)
    }

    fn text(&self, file: FileId) -> &str {
        self.get(file).map_or("", |(_, text)| text)
    }
}
