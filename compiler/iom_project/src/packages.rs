//! Dependencies: other packages by path, and what they depend on themselves.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use iom_base::Span;
use iom_diagnostics::{Diagnostic, code, nearest};
use iom_semantic::Package;
use smol_str::SmolStr;

use crate::failure::Failure;
use crate::failure::reason;
use crate::walk;
use crate::workspace::Workspace;
use iom_manifest::{self as manifest, Dependency};

/// More packages than this are no workspace but a mistake.
const MOST_PACKAGES: usize = 1_000;

/// Reads all packages that a workspace depends on, each once.
pub fn load(workspace: &mut Workspace) -> Result<(), Failure> {
    let dependencies = workspace.manifest.dependencies.clone();
    if dependencies.iter().all(|dependency| dependency.path.is_none()) {
        return Ok(());
    }
    let Ok(root) = workspace.root.canonicalize_utf8() else { return Ok(()) };
    let mut loader = Loader {
        workspace,
        ring: vec![Step { folder: root, name: "this package".into(), place: None }],
        by_folder: BTreeMap::new(),
    };
    let direct = loader.dependencies(&Utf8PathBuf::new(), &dependencies)?;
    let workspace = loader.workspace;
    workspace.packages.direct = direct;
    workspace.packages.all.sort_by(|left, right| left.folder.cmp(&right.folder));
    Ok(())
}

/// A package whose dependencies are being read.
struct Step {
    folder: Utf8PathBuf,
    name: SmolStr,
    /// What depends on it.
    place: Option<Span>,
}

struct Loader<'w> {
    workspace: &'w mut Workspace,
    /// From the workspace down to the package at hand.
    ring: Vec<Step>,
    /// What is known, by the real folder: its root name, and the place that brought it in.
    by_folder: BTreeMap<Utf8PathBuf, (SmolStr, Span)>,
}

impl Loader<'_> {
    /// The root names of those that can be used. `from` is the folder whose manifest names them, relative to the workspace.
    fn dependencies(&mut self, from: &Utf8Path, named: &[Dependency]) -> Result<Vec<SmolStr>, Failure> {
        let mut names = Vec::new();
        for dependency in named {
            let Some(path) = &dependency.path else { continue };
            if self.by_folder.len() >= MOST_PACKAGES {
                self.refuse(dependency.place, format!("there are more than {MOST_PACKAGES} packages"), None);
                break;
            }
            match self.dependency(from, dependency, path)? {
                Some(name) if !names.contains(&name) => names.push(name),
                Some(_) => {}
                None => self.workspace.packages.failed.push(dependency.name.replace('-', "_").into()),
            }
        }
        Ok(names)
    }

    fn dependency(
        &mut self,
        from: &Utf8Path,
        dependency: &Dependency,
        path: &str,
    ) -> Result<Option<SmolStr>, Failure> {
        let Some(name) = self.root_name(dependency) else { return Ok(None) };
        let written = from.join(path);
        let Some(folder) = self.folder(&written, path, dependency.path_place) else { return Ok(None) };
        if let Some(position) = self.ring.iter().position(|step| step.folder == folder) {
            self.report_ring(position, dependency, &name);
            return Ok(None);
        }
        if let Some((known, first)) = self.by_folder.get(&folder).cloned() {
            if known == name {
                return Ok(Some(name));
            }
            self.refuse(
                dependency.place,
                format!("`{path}` is called `{name}` here and `{known}` elsewhere"),
                Some((first, "the other name", "one package has one name in a workspace: use the same")),
            );
            return Ok(None);
        }
        if let Some((_, first)) = self.by_folder.values().find(|(known, _)| *known == name).cloned() {
            self.refuse(
                dependency.place,
                format!("two packages are called `{name}`"),
                Some((first, "the other one", "give one of them another name")),
            );
            return Ok(None);
        }
        self.by_folder.insert(folder.clone(), (name.clone(), dependency.place));
        self.package(folder, name.clone(), dependency.place)?;
        Ok(Some(name))
    }

    /// Reads the package itself, then what it depends on.
    fn package(&mut self, folder: Utf8PathBuf, name: SmolStr, place: Span) -> Result<(), Failure> {
        let root = self.workspace.root.canonicalize_utf8().unwrap_or_else(|_| self.workspace.root.clone());
        let relative = relative(&root, &folder);
        let manifest_path = format!("{relative}/{}", manifest::FILE_NAME);
        let bytes = fs::read(folder.join(manifest::FILE_NAME))
            .map_err(|error| Failure::new(format!("{manifest_path}: {}", reason(&error))))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let file = self.workspace.own_texts.add(manifest_path, text.as_str());
        let (manifest, mut diagnostics) = manifest::read(&text, file);
        // What a dependency is judged against is its own concern.
        diagnostics.retain(Diagnostic::is_error);
        self.workspace.diagnostics.extend(diagnostics);
        for path in walk::iom_files(&folder)? {
            self.workspace.add_dependency_file(&format!("{relative}/{path}"))?;
        }
        self.ring.push(Step { folder, name: name.clone(), place: Some(place) });
        let dependencies = self.dependencies(Utf8Path::new(&relative), &manifest.dependencies)?;
        self.ring.pop();
        self.workspace.packages.all.push(Package { name, folder: relative.into(), dependencies });
        Ok(())
    }

    /// What stands before the package's modules: its name, where `-` cannot be.
    fn root_name(&mut self, dependency: &Dependency) -> Option<SmolStr> {
        let name: SmolStr = dependency.name.replace('-', "_").into();
        let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && name.chars().next().is_some_and(|first| !first.is_ascii_digit());
        if !is_word {
            let message = format!("`{}` is no name that modules could have", dependency.name);
            self.refuse(dependency.place, message, None);
            return None;
        }
        if iom_stdlib::module_exists(&name) {
            let message = format!("`{name}` is a module of the standard library");
            self.refuse(dependency.place, message, None);
            return None;
        }
        Some(name)
    }

    /// The real folder of a package.
    fn folder(&mut self, written: &Utf8Path, path: &str, place: Span) -> Option<Utf8PathBuf> {
        let full = self.workspace.root.join(written);
        let found = full.canonicalize_utf8().ok().filter(|folder| folder.is_dir());
        let Some(folder) = found else {
            let what = if full.is_file() { "is a file, not a folder" } else { "is no folder" };
            let diagnostic = Diagnostic::new(code::BAD_DEPENDENCY, place, format!("`{path}` {what}"));
            let diagnostic = match neighbour(&full) {
                Some(near) => diagnostic.help(format!("did you mean `{}`?", sibling(path, &near))),
                None => diagnostic.help("paths are relative to the folder of this iom.toml"),
            };
            self.workspace.diagnostics.push(diagnostic);
            return None;
        };
        if self.workspace.fence.as_ref().is_some_and(|fence| !fence.holds(&folder.join(manifest::FILE_NAME)))
        {
            let message = format!("`{path}` lies outside the workspace, which is not trusted");
            let diagnostic = Diagnostic::new(code::BAD_DEPENDENCY, place, message);
            let help = "trust the workspace in the editor, or use packages inside it";
            self.workspace.diagnostics.push(diagnostic.help(help));
            return None;
        }
        if !folder.join(manifest::FILE_NAME).is_file() {
            let message = format!("`{path}` is no package: it has no {}", manifest::FILE_NAME);
            let diagnostic = Diagnostic::new(code::BAD_DEPENDENCY, place, message);
            self.workspace
                .diagnostics
                .push(diagnostic.help("name the folder that has one, or add one there"));
            return None;
        }
        Some(folder)
    }

    fn report_ring(&mut self, position: usize, dependency: &Dependency, name: &SmolStr) {
        let ring = self.ring.get(position..).unwrap_or_default();
        let mut names: Vec<&str> = ring.iter().map(|step| step.name.as_str()).collect();
        let first = names.first().copied().unwrap_or(name);
        names.push(first);
        let message = format!("packages depend on one another: {}", names.join(" \u{2192} "));
        let mut diagnostic = Diagnostic::new(code::BAD_DEPENDENCY, dependency.place, message)
            .label("comes back to here")
            .help("break the ring at one of these places: move what both need into a package of its own");
        let edges = ring.get(1..).unwrap_or_default().iter();
        for (place, name) in edges.filter_map(|step| step.place.map(|place| (place, &step.name))) {
            diagnostic = diagnostic.also(place, format!("depends on `{name}`"));
        }
        self.workspace.diagnostics.push(diagnostic);
    }

    fn refuse(&mut self, place: Span, message: String, other: Option<(Span, &str, &str)>) {
        let diagnostic = Diagnostic::new(code::BAD_DEPENDENCY, place, message);
        self.workspace.diagnostics.push(match other {
            Some((first, what, help)) => diagnostic.also(first, what).help(help),
            None => diagnostic.help("choose another name: what the package declares is visible below it"),
        });
    }
}

/// The folder beside a missing one that was most likely meant.
fn neighbour(missing: &Utf8Path) -> Option<String> {
    let parent = missing.parent()?.canonicalize_utf8().ok()?;
    let mut names: Vec<String> = parent
        .read_dir_utf8()
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join(manifest::FILE_NAME).is_file())
        .map(|entry| entry.file_name().to_owned())
        .collect();
    names.sort();
    nearest(missing.file_name()?, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The path as written, with another last part.
fn sibling(path: &str, name: &str) -> String {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some((before, _)) => format!("{before}/{name}"),
        None => name.to_owned(),
    }
}

/// The way from one absolute folder to another, with forward slashes.
fn relative(from: &Utf8Path, to: &Utf8Path) -> String {
    let from: Vec<Utf8Component<'_>> = from.components().collect();
    let to: Vec<Utf8Component<'_>> = to.components().collect();
    let shared = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    let down = to.get(shared..).unwrap_or_default().iter().map(|part| part.as_str());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_between_folders() {
        let way = |from: &str, to: &str| relative(Utf8Path::new(from), Utf8Path::new(to));
        assert_eq!(way("/a/b", "/a/c"), "../c");
        assert_eq!(way("/a/b", "/a/b/c/d"), "c/d");
        assert_eq!(way("/a/b/c", "/x"), "../../../x");
        assert_eq!(sibling("../polices", "policies"), "../policies");
        assert_eq!(sibling("polices", "policies"), "policies");
    }
}
