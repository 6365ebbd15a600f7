//! The files of a configuration: the root module, the modules that it calls and that are at hand, and what variables are.

use std::borrow::Cow;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::json;
use super::lower::Lowering;
use super::module::{Call, Mistake, Module};
use super::syntax::{Body, Expr, Item, Name};
use crate::document::ImportError;
use crate::fault::Fault;
use crate::files::SourceFiles;
use crate::terraform_sources::{Files, installed_folders, local_folder};

/// More folders than this are no configuration that a person has.
const MOST_FOLDERS: usize = 4096;

/// Everything that is read before anything is evaluated.
#[derive(Default)]
pub(super) struct Tree {
    /// The root first.
    pub modules: Vec<Module>,
    by_folder: FxHashMap<String, usize>,
    /// Folders as `terraform init` notes them, by the path of the calls: `vpc.subnets`.
    installed: FxHashMap<String, String>,
    /// What `*.tfvars` give the root's variables.
    pub values: FxHashMap<Name, Expr>,
    pub files: SourceFiles,
    pub sha256: String,
}

impl Tree {
    /// The tree of one text.
    pub fn of_text(parsed: Parsed, files: SourceFiles) -> Result<Tree, Mistake> {
        let mut module = Module::default();
        module.remarks = parsed.mistakes;
        module.add(parsed.body)?;
        Ok(Tree { modules: vec![module], files, ..Tree::default() })
    }

    pub fn read(files: &mut dyn Files) -> Result<Tree, ImportError> {
        let mut loading = Loading { files, hash: Sha256::new(), tree: Tree::default() };
        loading.tree.installed = installed_folders(loading.files);
        if !loading.folder("")? {
            let message =
                "the folder has no Terraform configuration: no `.tf` and no `.tf.json` file".to_owned();
            return Err(ImportError::not_this_format(message));
        }
        loading.values()?;
        loading.called()?;
        let Loading { hash, mut tree, .. } = loading;
        tree.sha256 = crate::hexadecimal(&hash.finalize());
        Ok(tree)
    }

    /// The module that a call leads to: by what `terraform init` noted for its path, else by its folder.
    pub fn called(&self, path: &str, folder: &str, call: &Call) -> Option<usize> {
        let installed = self.installed.get(path).and_then(|folder| self.by_folder.get(folder));
        installed.copied().or_else(|| self.by_folder.get(&local_folder(folder, call.source()?)?).copied())
    }

    /// Whether a file belongs to what was read: it is in the root's folder or in that of some module.
    pub fn holds(&self, file: &str) -> bool {
        let is_inside = |folder: &str| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        !(file.starts_with("..") || file.starts_with('/'))
            || self.modules.iter().any(|module| !module.folder.is_empty() && is_inside(&module.folder))
    }
}

struct Loading<'f> {
    files: &'f mut dyn Files,
    hash: Sha256,
    tree: Tree,
}

impl Loading<'_> {
    /// Reads the files of a folder; whether there are any.
    fn folder(&mut self, folder: &str) -> Result<bool, ImportError> {
        let files = self.files.configuration(folder).map_err(ImportError::malformed)?;
        let files = files.unwrap_or_default();
        if files.is_empty() {
            return Ok(false);
        }
        let mut module = Module::in_folder(folder);
        let (overrides, others): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(name, _)| is_override(name));
        for (name, text) in others {
            let (parsed, start) = self.file(&name, &text)?;
            module.remarks.extend(parsed.mistakes);
            module.add(parsed.body).map_err(|mistake| located(mistake, &name, &text, start))?;
        }
        for (name, text) in overrides {
            let (parsed, start) = self.file(&name, &text)?;
            module.remarks.extend(parsed.mistakes);
            module.override_with(parsed.body).map_err(|mistake| located(mistake, &name, &text, start))?;
        }
        self.tree.by_folder.insert(folder.to_owned(), self.tree.modules.len());
        self.tree.modules.push(module);
        Ok(true)
    }

    /// Adds a file; gives where it begins.
    fn begin(&mut self, name: &str, text: &str) -> Result<u32, ImportError> {
        for part in [name, text] {
            self.hash.update((part.len() as u64).to_be_bytes());
            self.hash.update(part);
        }
        self.tree.files.push(name, text).map_err(|_| ImportError {
            file: Some(name.to_owned()),
            ..ImportError::malformed("the files together are larger than 4 GiB")
        })
    }

    fn file(&mut self, name: &str, text: &str) -> Result<(Parsed, u32), ImportError> {
        let start = self.begin(name, text)?;
        let parsed = if name.ends_with(".json") {
            json::read(text, start).map(Parsed::from).map_err(|fault| of_json(fault, name, text))?
        } else {
            parse(text, start).map_err(|error| ImportError { file: Some(name.to_owned()), ..error })?
        };
        Ok((parsed, start))
    }

    /// What `*.tfvars` beside the root module say, the later ones before the earlier ones.
    fn values(&mut self) -> Result<(), ImportError> {
        let is_automatic =
            |name: &String| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
        let mut names = vec!["terraform.tfvars".to_owned(), "terraform.tfvars.json".to_owned()];
        let mut automatic: Vec<String> = self.files.list("").into_iter().filter(is_automatic).collect();
        automatic.sort();
        names.extend(automatic);
        for name in names {
            let Some(text) = self.files.text(&name) else { continue };
            let start = self.begin(&name, &text)?;
            let found: Vec<(Name, Expr)> = if name.ends_with(".json") {
                json::read_values(&text, start).map_err(|fault| of_json(fault, &name, &text))?
            } else {
                let parsed =
                    parse(&text, start).map_err(|error| ImportError { file: Some(name.clone()), ..error })?;
                let attributes = parsed.body.items.into_iter().filter_map(|item| match item {
                    Item::Attribute { name, value, .. } => Some((name, value)),
                    Item::Block(_) => None,
                });
                attributes.collect()
            };
            self.tree.values.extend(found);
        }
        Ok(())
    }

    /// Follows the calls from the root on. A folder that is called often is read once.
    fn called(&mut self) -> Result<(), ImportError> {
        let mut installed: Vec<String> = self.tree.installed.values().cloned().collect();
        installed.sort();
        installed.dedup();
        for folder in installed.into_iter().take(MOST_FOLDERS) {
            if !self.tree.by_folder.contains_key(&folder) {
                self.folder(&folder)?;
            }
        }
        let mut next = 0;
        while let Some(module) = self.tree.modules.get(next) {
            next += 1;
            let folders: Vec<String> = module
                .calls
                .iter()
                .filter_map(|call| local_folder(&module.folder, call.source()?))
                .filter(|folder| !self.tree.by_folder.contains_key(folder))
                .collect();
            for folder in folders {
                if self.tree.modules.len() < MOST_FOLDERS && !self.tree.by_folder.contains_key(&folder) {
                    self.folder(&folder)?;
                }
            }
        }
        Ok(())
    }
}

/// `override.tf`, `x_override.tf.json`
fn is_override(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let stem = stem.strip_suffix(".tf").unwrap_or(stem);
    stem == "override" || stem.ends_with("_override")
}

/// Texts are parsed in parts of this size: the parser's tree takes fifty times as much memory as its text.
const PART: usize = 64 << 10;

/// A text that was read.
pub(super) struct Parsed {
    pub body: Body,
    /// What Terraform refuses of it, though there is no doubt what is meant.
    pub mistakes: Vec<Mistake>,
}

impl From<Body> for Parsed {
    fn from(body: Body) -> Parsed {
        Parsed { body, mistakes: Vec::new() }
    }
}

/// Reads a text of HCL that begins at an offset.
pub(super) fn parse(text: &str, start: u32) -> Result<Parsed, ImportError> {
    let marked = text.len();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = start + (marked - text.len()) as u32;
    // Of a text that can't be parsed, or not in parts, the parser says where.
    let parsed = parse_in_parts(text, start, PART).or_else(|_| parse_in_parts(text, start, text.len()));
    parsed.map(Parsed::from).or_else(|error| closed_on_new_lines(text, start, &error).ok_or(error)).map_err(
        |error| {
            let location = error.location();
            let message = format!("this is no Terraform configuration: {}", error.message());
            let place = Some((location.line() as u32, location.column() as u32));
            ImportError { place, ..ImportError::malformed(message) }
        },
    )
}

/// Reads a text in which blocks end on the line of their last argument, `status = "on"}`: what is meant is in no doubt.
fn closed_on_new_lines(text: &str, start: u32, error: &hcl_edit::parser::Error) -> Option<Parsed> {
    /// The text is parsed anew after each; nobody writes so all the time.
    const MOST: usize = 64;
    const LONGEST: usize = 1 << 20;
    let mut mended = Cow::Borrowed(text);
    let mut added: Vec<usize> = Vec::new();
    let mut at = error.location().offset();
    while text.len() <= LONGEST && added.len() < MOST && mended.as_bytes().get(at) == Some(&b'}') {
        mended.to_mut().insert(at, '\n');
        added.push(at);
        match hcl_edit::parser::parse_body(&mended) {
            Ok(body) => {
                let body = Lowering { text: &mended, start, has_one_place: false, added: &added }.body(&body);
                let message = "a block ends on the line of an argument, which Terraform refuses";
                let offset = |(earlier, at): (usize, &usize)| start + (at - earlier) as u32;
                let offsets = added.iter().enumerate().map(offset);
                let mistakes = offsets.map(|offset| (message.to_owned(), offset)).collect();
                return Some(Parsed { body, mistakes });
            }
            // A line break that changes nothing was not what is missing.
            Err(error) if error.location().offset() > at + 1 => at = error.location().offset(),
            Err(_) => return None,
        }
    }
    None
}

/// Parts of at least this many bytes, as long as the text has them. A part ends with a line that is a closing brace,
/// whatever it closes: parts that all parse say what the whole says, and if it closed nothing, one of them does not parse.
fn parse_in_parts(text: &str, start: u32, least: usize) -> Result<Body, hcl_edit::parser::Error> {
    let mut whole = Body::default();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_at(end_of_part(rest, least));
        let start = start + (text.len() - rest.len()) as u32;
        let body = hcl_edit::parser::parse_body(part)?;
        let mut body = Lowering { text: part, start, has_one_place: false, added: &[] }.body(&body);
        whole.items.append(&mut body.items);
        rest = after;
        if rest.is_empty() {
            return Ok(whole);
        }
    }
}

fn end_of_part(text: &str, least: usize) -> usize {
    let bytes = text.as_bytes().get(least..).unwrap_or_default();
    let mut ends = memchr::memmem::find_iter(bytes, b"\n}").map(|at| at + 2);
    let is_line_end = |end: &usize| matches!(bytes.get(*end..), Some([b'\n', ..] | [b'\r', b'\n', ..]));
    ends.find(is_line_end).map_or(text.len(), |end| least + end)
}

fn of_json(fault: Fault, name: &str, text: &str) -> ImportError {
    ImportError { file: Some(name.to_owned()), ..fault.locate(text) }
}

fn located((message, offset): Mistake, name: &str, text: &str, start: u32) -> ImportError {
    let error = ImportError::malformed(message).in_text(text, offset.saturating_sub(start));
    ImportError { file: Some(name.to_owned()), ..error }
}

/// A path without detours, as seen from the root: `modules/a/../b` is `modules/b`.
pub(super) fn normal_path(path: &str) -> Rc<str> {
    let is_absolute = path.starts_with('/');
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    let path = steps.join("/");
    if is_absolute { format!("/{path}").into() } else { path.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_say_what_the_whole_says() {
        let block = "resource \"a\" \"b\" {\n  x = \"é${{\n}\n.a}\"\n}\n";
        let texts = [
            "",
            "\n}\n",
            "a {\n}",
            "a {\n}\r\n\r\nb {\r\n}\r\n",
            "a {\n  x = <<E\n}\n  E\n}\nb {\n}\n",
            "/*\n}\n*/\na {\n}\n# end\n}\n",
            "a {\n  x = {\n}\n}\nx = 1\n",
            "a {\n}\n}\n",
            "a {\n}\n x\n",
            block,
        ];
        for text in texts.into_iter().map(str::to_owned).chain([block.repeat(3)]) {
            let whole = parse_in_parts(&text, 7, text.len()).map(|body| format!("{body:?}")).ok();
            let parts = parse_in_parts(&text, 7, 0).map(|body| format!("{body:?}")).ok();
            let read = parse(&text, 7).map(|parsed| format!("{:?}", parsed.body)).ok();
            assert!(parts.is_none() || parts == whole, "{text}");
            assert_eq!(read, whole, "{text}");
        }
        let parts = parse_in_parts("a {\n}\nb {\n}\n", 0, 0).unwrap_or_default();
        assert_eq!(parts.items.len(), 2);
    }

    #[test]
    fn a_byte_order_mark_moves_nothing() {
        let body = parse("\u{feff}a {\n}\n", 0).map(|parsed| parsed.body).unwrap_or_default();
        assert!(matches!(body.items.as_slice(), [Item::Block(block)] if block.offset == 3));
    }
}
