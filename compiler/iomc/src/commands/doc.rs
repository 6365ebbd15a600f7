//! `iomc doc`: the reference of a workspace or of the standard library, made from its declarations.

mod declarations;
mod html;
mod indexes;
mod kind;
mod markdown;
mod page;
mod policy;

use std::collections::BTreeMap;
use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use iom_semantic::LibrarySelection;

use crate::arguments::{ColorChoice, DocArguments, DocFormat, Format};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::output::{self, reason};
use crate::workspace::{SourceText, Workspace};
use declarations::Reference;

/// The first line of the first page: a folder that has it may be written anew.
const MARK: &str = "<!-- written by iomc doc -->";

pub fn run(arguments: &DocArguments, color: ColorChoice) -> Outcome {
    let found = Workspace::find(arguments.path.as_deref())?;
    let title = match &found {
        Some(workspace) => workspace.manifest.name.clone().unwrap_or_else(|| "Workspace".to_owned()),
        None => "The standard library".to_owned(),
    };
    let mut workspace = found.unwrap_or_else(library);
    let front_end = FrontEnd::load(&mut workspace, Locking::Verify);
    front_end.without_errors(Format::Human, output::use_color(color, &io::stderr()))?;
    let model = front_end.model(&LibrarySelection::None);
    let reference = Reference::new(&front_end, &model, title);
    let pages = reference.pages();
    let written: BTreeMap<String, String> = match arguments.format {
        DocFormat::Markdown => pages.iter().map(|page| (page.file("md"), markdown::text(page))).collect(),
        DocFormat::Html => pages.iter().map(|page| (page.file("html"), html::text(page))).collect(),
    };
    let first = pages.first().map(|page| page.file(extension(arguments.format))).unwrap_or_default();
    let written = written.into_iter().map(|(path, mut text)| {
        if path == first {
            text.insert_str(0, &format!("{MARK}\n"));
        }
        front_end.hide_secrets(&mut text);
        (path, text)
    });
    write(&Folder::of(&arguments.out)?, &first, written.collect())?;
    Ok(Exit::Fine)
}

fn extension(format: DocFormat) -> &'static str {
    match format {
        DocFormat::Markdown => "md",
        DocFormat::Html => "html",
    }
}

/// The library as if it were somebody's workspace.
fn library() -> Workspace {
    let files = iom_stdlib::files().iter();
    let files =
        files.map(|file| SourceText { path: file.path.to_owned(), text: file.text.to_owned() }).collect();
    Workspace { files, ..Workspace::default() }
}

/// Where the pages go.
struct Folder {
    path: Utf8PathBuf,
    /// Beside it, while the pages are written.
    aside: Utf8PathBuf,
}

impl Folder {
    fn of(out: &str) -> Result<Folder, Failure> {
        let path = Utf8PathBuf::from(out);
        let Some(name) = path.file_name() else {
            return Err(Failure::new(format!("--out {out}: name a folder of its own")));
        };
        let aside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        Ok(Folder { aside, path })
    }
}

/// All pages or none: they are written beside the folder, which they then replace.
fn write(folder: &Folder, first: &str, pages: Vec<(String, String)>) -> Result<(), Failure> {
    if !is_ours(&folder.path) {
        let text = format!("--out {}: something else is in there, which would be lost", folder.path);
        return Err(Failure::new(text)
            .help(format!("name a new folder, or one whose {first} was written by iomc doc")));
    }
    let result = pages
        .iter()
        .try_for_each(|(path, text)| {
            let path = folder.aside.join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, text)
        })
        .and_then(|()| {
            if folder.path.exists() {
                fs::remove_dir_all(&folder.path)?;
            }
            fs::rename(&folder.aside, &folder.path)
        });
    result.map_err(|error| {
        // What went wrong before matters more than what goes wrong here.
        let _ = fs::remove_dir_all(&folder.aside);
        Failure::new(format!("{}: can't be written: {}", folder.path, reason(&error)))
    })
}

/// Nothing is there, nothing is in it, or what is in it was written by this command.
fn is_ours(folder: &Utf8Path) -> bool {
    let is_marked = |name: &str| {
        fs::read_to_string(folder.join(name)).is_ok_and(|text| text.lines().next() == Some(MARK))
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none() || is_marked("index.md") || is_marked("index.html"),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_ours_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(root.path().join("out")).unwrap();
        let folder = || Folder::of(path.as_str()).unwrap();
        let pages = |text: &str| vec![("index.md".to_owned(), text.to_owned())];
        write(&folder(), "index.md", pages(&format!("{MARK}\nold\n"))).unwrap();
        write(&folder(), "index.md", pages("new\n")).unwrap();
        assert_eq!(fs::read_to_string(path.join("index.md")).unwrap(), "new\n");
        assert!(write(&folder(), "index.md", pages("lost\n")).is_err());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
