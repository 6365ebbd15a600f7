//! Makes names of kinds, traits and modules qualified, as the language resolves them: own module, `use`, prelude, module root.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::LibraryFile;

const PRELUDE: &str = "std.prelude";

/// Qualifies names in place; gives a message for each that names nothing.
pub fn resolve(files: &mut [LibraryFile]) -> Vec<String> {
    let mut faults = Vec::new();
    let known: BTreeSet<String> = files
        .iter()
        .flat_map(|file| {
            let named = file.declarations.iter().filter(|declared| declared.keyword != "extend");
            named.map(|declared| format!("{}.{}", file.module, declared.name))
        })
        .collect();
    for file in files.iter_mut() {
        if file.module.is_empty() {
            faults.push(format!("stdlib/{}: it does not begin with `module NAME`", file.path));
        }
        let (module, imports, path) = (file.module.clone(), file.imports.clone(), file.path.clone());
        let mut qualify = |name: &mut String, owner: &str| match qualified(name, &module, &imports, &known) {
            Some(found) => *name = found,
            None => faults.push(format!("stdlib/{path}: {owner}: there is no `{name}`")),
        };
        for declared in &mut file.declarations {
            let owner = declared.name.clone();
            for name in declared.traits.iter_mut().chain(&mut declared.subjects) {
                qualify(name, &owner);
            }
            for (kind, _) in &mut declared.kind_aliases {
                qualify(kind, &owner);
            }
        }
    }
    add_all_traits(files);
    faults.extend(duplicates(files));
    faults
}

fn qualified(
    name: &str,
    module: &str,
    imports: &[(String, String)],
    known: &BTreeSet<String>,
) -> Option<String> {
    let (first, rest) = match name.split_once('.') {
        Some((first, rest)) => (first, format!(".{rest}")),
        None => (name, String::new()),
    };
    let imported =
        imports.iter().find(|(local, _)| local == first).map(|(_, target)| format!("{target}{rest}"));
    [Some(format!("{module}.{name}")), imported, Some(format!("{PRELUDE}.{name}")), Some(name.to_owned())]
        .into_iter()
        .flatten()
        .find(|candidate| known.contains(candidate))
}

fn add_all_traits(files: &mut [LibraryFile]) {
    let parents: BTreeMap<String, Vec<String>> = files
        .iter()
        .flat_map(|file| {
            file.declarations
                .iter()
                .filter(|declared| declared.keyword != "extend")
                .map(|declared| (format!("{}.{}", file.module, declared.name), declared.traits.clone()))
        })
        .collect();
    for declared in files.iter_mut().flat_map(|file| &mut file.declarations) {
        let mut all = BTreeSet::new();
        let mut open = declared.traits.clone();
        while let Some(name) = open.pop() {
            if all.insert(name.clone()) {
                open.extend(parents.get(&name).cloned().unwrap_or_default());
            }
        }
        declared.all_traits = all.into_iter().collect();
    }
}

/// Two declarations with one name, in one module.
fn duplicates(files: &[LibraryFile]) -> Vec<String> {
    let mut seen: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for file in files {
        let named =
            file.declarations.iter().filter(|declared| !matches!(declared.keyword, "test" | "extend"));
        for declared in named {
            if let Some(other) = seen.insert((&file.module, &declared.name), &file.path) {
                faults.push(format!(
                    "stdlib/{}: `{}` is declared in stdlib/{other} too",
                    file.path, declared.name
                ));
            }
        }
    }
    faults
}
