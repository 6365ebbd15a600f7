//! What an editor offers to do at a place: the fixes of diagnostics, remedies that take a look at the text, and what can be
//! done about a verdict. Every edit leaves the lines it touches formatted.

mod edit;
mod imports;
mod missing;
mod remedies;
mod verdicts;

use iom_base::{Span, TextRange};
use iom_diagnostics::{Applicability, Diagnostic, Fix, code};
use iom_syntax::SyntaxNode;
use smol_str::SmolStr;

use crate::Analysis;
use crate::live::Live;
use edit::Patch;

/// Diagnostics that are looked at for one question: each remedy is formatted in its text, and a list of more is read by nobody. Whole
/// files are mended by [`Analysis::fix_all`].
const MOST_DIAGNOSTICS: usize = 16;

/// Something that can be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeAction {
    pub title: String,
    pub kind: ActionKind,
    /// At most one for each file.
    pub edits: Vec<FileEdit>,
    /// It is the one remedy, and safe.
    pub is_preferred: bool,
    /// Something in the text is left to be filled in.
    pub is_template: bool,
    /// The place of the diagnostic that it remedies, with its code.
    pub about: Option<(TextRange, SmolStr)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionKind {
    QuickFix,
    /// `source.fixAll`
    FixAll,
    /// `source.organizeImports`
    OrganizeImports,
}

/// A replacement in a file of the workspace; in one that does not exist yet the range is empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileEdit {
    pub path: SmolStr,
    pub range: TextRange,
    pub text: String,
    pub is_new_file: bool,
}

/// A remedy for one diagnostic, in the file that the diagnostic is in.
struct Remedy {
    title: String,
    patches: Vec<Patch>,
    applicability: Applicability,
}

impl Analysis {
    /// What can be done about the first diagnostics that a range touches, and about the verdicts there.
    pub fn code_actions(&self, path: &str, range: TextRange, live: Option<&Live>) -> Vec<CodeAction> {
        let Some(text) = self.text(path) else { return Vec::new() };
        let found = self.diagnostics(path);
        let here =
            found.iter().filter(|one| touches(one.primary.place.range(), range)).take(MOST_DIAGNOSTICS);
        let mut actions = Vec::new();
        let mut root = None;
        for one in here {
            actions.extend(one.fixes.iter().filter_map(|fix| self.fix(one, fix)));
            let root = root.get_or_insert_with(|| iom_syntax::parse(text).syntax());
            let remedies = remedies::of(self, path, text, root, one);
            actions.extend(remedies.into_iter().filter_map(|remedy| self.remedy(path, text, one, remedy)));
        }
        if let Some(live) = live {
            actions.extend(verdicts::for_verdicts(self, live, path, range));
        }
        actions
    }

    /// All safe fixes of a file at once; nothing where there is none.
    pub fn fix_all(&self, path: &str) -> Option<CodeAction> {
        let text = self.text(path)?;
        let root = iom_syntax::parse(text).syntax();
        let mut patches: Vec<Patch> = Vec::new();
        for one in self.diagnostics(path).iter() {
            let own =
                one.fixes.iter().filter(|fix| fix.applicability == Applicability::Safe).find_map(|fix| {
                    let is_here = fix.edits.iter().all(|edit| edit.place.file == one.primary.place.file);
                    let patch =
                        |edit: &iom_diagnostics::Edit| Patch::new(edit.place.range(), edit.text.clone());
                    is_here.then(|| fix.edits.iter().map(patch).collect::<Vec<_>>())
                });
            // Imports are put in order as a whole.
            let is_import = one.code == code::UNUSED_IMPORT;
            let looked = || {
                let found = remedies::of(self, path, text, &root, one).into_iter();
                found
                    .filter(|remedy| remedy.applicability == Applicability::Safe && !is_import)
                    .map(|remedy| remedy.patches)
                    .next()
            };
            let Some(wanted) = own.or_else(looked) else { continue };
            let is_apart = |patch: &Patch| patches.iter().all(|known| !touches(known.range, patch.range));
            if wanted.iter().all(is_apart) {
                patches.extend(wanted);
            }
        }
        patches.extend(imports::unused(self, path, &root));
        self.whole(path, text, "fix all that is safe to fix", ActionKind::FixAll, patches)
    }

    /// Takes out what is brought in for nothing, and puts the rest in order.
    pub fn organize_imports(&self, path: &str) -> Option<CodeAction> {
        let text = self.text(path)?;
        let root = iom_syntax::parse(text).syntax();
        let patches = imports::organized(self, path, &root);
        self.whole(path, text, "put imports in order", ActionKind::OrganizeImports, patches)
    }

    fn whole(
        &self,
        path: &str,
        text: &str,
        title: &str,
        kind: ActionKind,
        patches: Vec<Patch>,
    ) -> Option<CodeAction> {
        let edit = edit::formatted(path, text, patches)?;
        Some(CodeAction {
            title: title.to_owned(),
            kind,
            edits: vec![edit],
            is_preferred: false,
            is_template: false,
            about: None,
        })
    }

    /// A fix that the diagnostic has itself.
    fn fix(&self, found: &Diagnostic<Span>, fix: &Fix<Span>) -> Option<CodeAction> {
        let about = Some((found.primary.place.range(), found.code.to_string().into()));
        Some(CodeAction { about, ..self.edited(fix)? })
    }

    /// A fix as edits of files, of which there may be several.
    fn edited(&self, fix: &Fix<Span>) -> Option<CodeAction> {
        let mut files: Vec<(&str, Vec<Patch>)> = Vec::new();
        for edit in &fix.edits {
            let path = self.path(edit.place.file);
            let patch = Patch::new(edit.place.range(), edit.text.clone());
            match files.iter_mut().find(|(known, _)| *known == path) {
                Some((_, patches)) => patches.push(patch),
                None => files.push((path, vec![patch])),
            }
        }
        let edits: Option<Vec<FileEdit>> = files
            .into_iter()
            .map(|(path, patches)| edit::formatted(path, self.text(path)?, patches))
            .collect();
        Some(action(fix.title.clone(), fix.applicability, edits?))
    }

    fn remedy(&self, path: &str, text: &str, found: &Diagnostic<Span>, remedy: Remedy) -> Option<CodeAction> {
        let edit = edit::formatted(path, text, remedy.patches)?;
        let about = Some((found.primary.place.range(), found.code.to_string().into()));
        Some(CodeAction { about, ..action(remedy.title, remedy.applicability, vec![edit]) })
    }
}

fn action(title: String, applicability: Applicability, edits: Vec<FileEdit>) -> CodeAction {
    CodeAction {
        title,
        kind: ActionKind::QuickFix,
        edits,
        is_preferred: applicability == Applicability::Safe,
        is_template: applicability == Applicability::Placeholder,
        about: None,
    }
}

fn touches(one: TextRange, other: TextRange) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

/// The innermost node of a kind around the place of a diagnostic.
fn around(root: &SyntaxNode, range: TextRange, kind: iom_syntax::SyntaxKind) -> Option<SyntaxNode> {
    let whole = root.text_range();
    let range = TextRange::new(range.start().min(whole.end()), range.end().min(whole.end()));
    let token = match root.covering_element(range) {
        iom_syntax::SyntaxElement::Node(node) => return node.ancestors().find(|node| node.kind() == kind),
        iom_syntax::SyntaxElement::Token(token) => token,
    };
    token.parent_ancestors().find(|node| node.kind() == kind)
}

#[cfg(test)]
mod tests;
