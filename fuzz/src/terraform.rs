//! What must hold for whatever the importers of Terraform read. A property panics where it does not.

use std::io::Cursor;

use iom_state::document::{Document, Format, ImportError};
use iom_state::tape::{NodeIndex, NodeValue, Strings};
use iom_state::terraform;
use iom_state::terraform_sources::Files;

use super::manifests::Kept;

/// Files by name: what stands before the first line `=== NAME` is `main.tf`.
struct Texts<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Texts<'t> {
    fn of(text: &'t str) -> Texts<'t> {
        let mut files = vec![("main.tf", text)];
        while let Some((before, after)) = files.last().and_then(|(_, text)| text.split_once("\n=== ")) {
            let (name, rest) = after.split_once('\n').unwrap_or((after, ""));
            if let Some(last) = files.last_mut() {
                last.1 = before;
            }
            files.push((name.trim(), rest));
        }
        Texts(files)
    }
}

impl Files for Texts<'_> {
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String> {
        let names = self.list(folder).into_iter();
        let path = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let names = names.filter(|name| name.ends_with(".tf") || name.ends_with(".tf.json")).map(path);
        let files: Vec<_> = names.filter_map(|name| Some((name.clone(), self.text(&name)?))).collect();
        Ok((!files.is_empty()).then_some(files))
    }

    fn text(&mut self, file: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| *name == file).map(|(_, text)| (*text).to_owned())
    }

    fn list(&mut self, folder: &str) -> Vec<String> {
        let split =
            |name: &'_ str| name.rsplit_once('/').map(|(around, name)| (around.to_owned(), name.to_owned()));
        let split = |name: &str| split(name).unwrap_or_else(|| (String::new(), name.to_owned()));
        let mut names: Vec<String> = self
            .0
            .iter()
            .map(|(name, _)| split(name))
            .filter(|(around, _)| around == folder)
            .map(|(_, name)| name)
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Configuration is read or refused, twice in the same way, and everything it says is about objects and places there are.
pub fn terraform_sources(text: &str) {
    let read = |strings: &mut Strings| terraform::import_folder(&mut Texts::of(text), &Kept::all(), strings);
    let (mut strings, mut again) = (Strings::default(), Strings::default());
    is_the_same(&read(&mut strings), &strings, &read(&mut again), &again);
    let one = terraform::import_text(text, &Kept::all(), &mut Strings::default());
    is_sound(&one);
}

/// State is read or refused; in pieces it says the same as at once.
pub fn terraform_state(text: &str) {
    let _ = in_pieces_as_at_once(text, Format::TerraformState);
}

/// Plans are read or refused; in pieces they say the same as at once, and with few attributes they have the same objects.
pub fn terraform_plan(text: &str) {
    let whole = in_pieces_as_at_once(text, Format::TerraformPlan);
    let few = Kept::these(&["id", "policy", "tags"]);
    let mut strings = Strings::default();
    let few = iom_state::import(text.as_bytes(), Some(Format::TerraformPlan), &few, &mut strings);
    is_sound(&few);
    match (whole, few) {
        (Ok(whole), Ok(few)) => assert_eq!(whole.objects.len(), few.objects.len()),
        (Ok(_), Err(error)) => panic!("refused with few attributes only: {error}"),
        // What nobody asks for is passed over, and may be wrong.
        (Err(_), _) => {}
    }
}

fn in_pieces_as_at_once(text: &str, format: Format) -> Result<Document, ImportError> {
    let format = Some(format);
    let mut strings = Strings::default();
    let whole = iom_state::import(text.as_bytes(), format, &Kept::all(), &mut strings);
    is_sound(&whole);
    let mut again = Strings::default();
    let mut file = Cursor::new(text.as_bytes());
    let second = match iom_state::import_in_pieces(&mut file, format, &Kept::all(), &mut again) {
        Some(document) => Ok(document),
        None => iom_state::import(text.as_bytes(), format, &Kept::all(), &mut again),
    };
    is_the_same(&whole, &strings, &second, &again);
    whole
}

fn is_sound(imported: &Result<Document, ImportError>) {
    let document = match imported {
        Ok(document) => document,
        Err(error) => {
            assert!(!error.message.is_empty(), "an error without words");
            return;
        }
    };
    let is_object = |target: &iom_state::document::ObjectId| (target.0 as usize) < document.objects.len();
    assert!(document.dependencies.iter().all(is_object), "a dependency on nothing");
    for mark in document.tape.marks.values() {
        let mut targets = mark.references.iter().flat_map(|reference| &reference.targets);
        assert!(targets.all(is_object), "a reference to nothing");
    }
    for node in (0..document.tape.len() as u32).map(NodeIndex) {
        let found = document.tape.node(node);
        if let NodeValue::List { first, len } | NodeValue::Object { first, len } = found.value {
            let end = first.0 as usize + len as usize;
            assert!(end <= document.tape.len(), "children that are not there");
        }
        document.files.place(found.offset);
    }
}

fn is_the_same(
    left: &Result<Document, ImportError>,
    left_strings: &Strings,
    right: &Result<Document, ImportError>,
    right_strings: &Strings,
) {
    is_sound(left);
    is_sound(right);
    match (left, right) {
        (Ok(left), Ok(right)) => assert_eq!(said(left, left_strings), said(right, right_strings)),
        (Err(left), Err(right)) => assert_eq!(left, right),
        _ => panic!("read one way and refused the other"),
    }
}

/// What a document says, without the numbers of its strings.
fn said(document: &Document, strings: &Strings) -> (Vec<String>, usize, usize, Vec<String>) {
    let objects = document.objects.iter().map(|object| {
        format!("{} {} {:?}", strings.resolve(&object.address), object.offset, document.depends_on(object))
    });
    let remarks = document.remarks.iter().map(|remark| format!("{} {}", remark.offset, remark.message));
    (objects.collect(), document.tape.len(), document.tape.marks.len(), remarks.collect())
}
