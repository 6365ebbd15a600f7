//! What state a folder holds: root modules of Terraform, manifests, templates, plans and states.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;

use camino::{Utf8Path, Utf8PathBuf};
use iom_state::document::Format;
use iom_state::{LOOKED_AT, Likeness};

use crate::configuration::shown;
use crate::failure::Failure;
use crate::walk;

/// What was found in a folder.
#[derive(Debug, Default)]
pub struct Discovered {
    /// In order of their names.
    pub sources: Vec<Found>,
    /// Files that may be state and are not recognised, or are known to be something else: with the reason.
    pub skipped: Vec<(String, String)>,
}

/// A source in a folder; names are relative to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    File {
        name: String,
        format: Format,
    },
    /// A root module; the name is empty where it is the folder itself.
    Terraform {
        folder: String,
    },
    /// All manifests of the folder.
    Manifests {
        files: Vec<String>,
    },
}

/// Looks at all files of a folder and those below it. Hidden ones, what a `.gitignore` in the folder names, and links are
/// left out.
pub fn discover(root: &Utf8Path) -> Result<Discovered, Failure> {
    let mut found = Discovered::default();
    let mut modules: BTreeSet<String> = BTreeSet::new();
    let mut manifests = Vec::new();
    let mut unknown = Vec::new();
    for name in all(root)? {
        if is_configuration(&name) {
            modules.insert(parent(&name).to_owned());
            continue;
        }
        match likeness(&root.join(&name)) {
            Some(Likeness::State(Format::Kubernetes)) => manifests.push(name),
            Some(Likeness::State(format)) => found.sources.push(Found::File { name, format }),
            Some(other @ Likeness::Other { advice, .. }) => {
                found.skipped.push((name, format!("this is {}: {advice}", other.name())));
            }
            None => unknown.push(name),
        }
    }
    found.sources.extend(roots(root, &modules).into_iter().map(|folder| Found::Terraform { folder }));
    if !manifests.is_empty() {
        found.sources.push(Found::Manifests { files: manifests });
    }
    found.sources.sort_by(|left, right| left.name().cmp(right.name()));
    found.skipped.extend(unknown.into_iter().map(|name| (name, NOT_KNOWN.to_owned())));
    Ok(found)
}

/// Why a file is left out that could be anything.
pub const NOT_KNOWN: &str = "it is no state that can be recognised";

/// The files of a folder that may be state.
pub fn all(root: &Utf8Path) -> Result<Vec<String>, Failure> {
    walk::files(root, may_be_state)
}

/// The files of a folder that may be of a format.
pub fn of_format(root: &Utf8Path, format: Format) -> Result<Vec<String>, Failure> {
    let extensions: &[&str] = match format {
        Format::Csv => &["csv", "tsv"],
        Format::TerraformState => &["tfstate", "json"],
        Format::Terraform => &["tf", "tfvars"],
        Format::TerraformPlan | Format::AwsConfig => &["json"],
        Format::Json => &["json", "jsonl", "ndjson", "yaml", "yml"],
        Format::Kubernetes => &["yaml", "yml", "json"],
        Format::Cloudformation => &["yaml", "yml", "json", "template"],
    };
    walk::files(root, |name| has_extension(name, extensions))
}

impl Found {
    pub fn name(&self) -> &str {
        match self {
            Found::File { name, .. } => name,
            Found::Terraform { folder } => folder,
            Found::Manifests { .. } => "",
        }
    }
}

fn may_be_state(name: &str) -> bool {
    is_configuration(name) || has_extension(name, &["json", "yaml", "yml", "tfstate", "template"])
}

fn is_configuration(name: &str) -> bool {
    name.ends_with(".tf") || name.ends_with(".tf.json")
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    Utf8Path::new(name).extension().is_some_and(|found| extensions.contains(&found))
}

fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// What the beginning of a file shows; JSON that begins with a long list is read further.
fn likeness(path: &Utf8Path) -> Option<Likeness> {
    const MOST_LOOKED_AT: u64 = 16 << 20;
    let beginning = |most: u64| {
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    let bytes = beginning(LOOKED_AT as u64)?;
    iom_state::recognise(&bytes).or_else(|| {
        let is_cut = bytes.len() == LOOKED_AT && path.extension().is_some_and(|found| found == "json");
        is_cut.then(|| iom_state::recognise(&beginning(MOST_LOOKED_AT)?))?
    })
}

/// The folders that no other module of the tree calls, which is how most are judged; of modules that call one another in a
/// ring, the first.
fn roots(root: &Utf8Path, modules: &BTreeSet<String>) -> Vec<String> {
    let of_folder = |folder: &String| (folder.clone(), calls_of(root, folder));
    let calls: BTreeMap<String, BTreeSet<String>> = modules.iter().map(of_folder).collect();
    let is_other = |caller: &String, target: &String| caller != target && modules.contains(target);
    let called: BTreeSet<&String> = calls
        .iter()
        .flat_map(|(caller, targets)| targets.iter().filter(move |target| is_other(caller, target)))
        .collect();
    let mut roots = Vec::new();
    let mut covered: BTreeSet<&String> = BTreeSet::new();
    let (called, free): (Vec<&String>, Vec<&String>) = modules.iter().partition(|one| called.contains(one));
    for folder in free.into_iter().chain(called) {
        if !covered.insert(folder) {
            continue;
        }
        roots.push(folder.clone());
        let mut open = vec![folder];
        while let Some(folder) = open.pop() {
            let targets = calls.get(folder).into_iter().flatten();
            open.extend(targets.filter(|target| covered.insert(target)));
        }
    }
    roots
}

/// The folders that the configuration in a folder calls as modules, as far as they lie in the tree.
fn calls_of(root: &Utf8Path, folder: &str) -> BTreeSet<String> {
    let mut targets = BTreeSet::new();
    let Ok(entries) = root.join(folder).read_dir_utf8() else { return targets };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.into_path()));
    for path in paths.filter(|path| is_configuration(path.as_str())) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for written in text.lines().filter_map(local_source) {
            let target = shown(&Utf8PathBuf::from(folder).join(written));
            targets.insert(target);
        }
    }
    targets
}

/// `source = "./module"` on a line of its own, in HCL or JSON: Terraform's formatter and most people write it so.
fn local_source(line: &str) -> Option<&str> {
    let rest = line.trim_start().trim_start_matches('"').strip_prefix("source")?;
    let rest = rest.trim_start_matches('"').trim_start();
    let rest = rest.strip_prefix('=').or_else(|| rest.strip_prefix(':'))?;
    let path = rest.trim_start().strip_prefix('"')?.split('"').next()?;
    (path.starts_with("./") || path.starts_with("../")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    fn discovered(files: &[(&str, &str)]) -> Discovered {
        let folder = tree(files);
        discover(Utf8Path::from_path(folder.path()).expect("Unicode")).expect("a folder")
    }

    #[test]
    fn every_sort_of_state_is_found() {
        let found = discovered(&[
            ("main.tf", "module \"net\" {\n  source = \"./modules/net\"\n}\n"),
            ("modules/net/net.tf", "resource \"aws_vpc\" \"v\" {}\n"),
            ("other/x.tf.json", "{}"),
            ("deploy/app.yaml", "apiVersion: v1\nkind: Pod\n"),
            ("deploy/deep/more.json", "{\"kind\": \"Pod\", \"apiVersion\": \"v1\"}"),
            ("stack.template", "{\"Resources\": {}}"),
            ("plan.json", "{\"format_version\": \"1.0\", \"planned_values\": {}}"),
            ("package.json", "{\"name\": \"x\"}"),
            (".hidden/pod.yaml", "apiVersion: v1\nkind: Pod\n"),
            ("readme.md", "kind: Pod\n"),
        ]);
        let file = |name: &str, format| Found::File { name: name.to_owned(), format };
        let folder = |folder: &str| Found::Terraform { folder: folder.to_owned() };
        let manifests = Found::Manifests {
            files: vec!["deploy/app.yaml".to_owned(), "deploy/deep/more.json".to_owned()],
        };
        assert_eq!(
            found.sources,
            [
                folder(""),
                manifests,
                folder("other"),
                file("plan.json", Format::TerraformPlan),
                file("stack.template", Format::Cloudformation)
            ]
        );
        assert_eq!(found.skipped, [("package.json".to_owned(), NOT_KNOWN.to_owned())]);
    }

    #[test]
    fn of_modules_in_a_ring_one_is_a_root() {
        let found = discovered(&[
            ("a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n"),
            ("b/main.tf", "module \"a\" {\n  source = \"../a/\"\n}\n"),
        ]);
        assert_eq!(found.sources, [Found::Terraform { folder: "a".to_owned() }]);
    }
}
