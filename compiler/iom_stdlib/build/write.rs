//! Writes the index as Rust source.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::facts::{Declared, LibraryFile};

/// The text of `index.rs`.
pub fn index(files: &[LibraryFile]) -> String {
    let mut text = String::from("pub(crate) static FILES: &[LibraryFile] = &[\n");
    for file in files {
        let _ = writeln!(
            text,
            "LibraryFile {{ path: {path:?}, module: {:?}, text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \
             \"/../../stdlib/\", {path:?})), uses: &{:?}, declarations: &[",
            file.module,
            file.uses,
            path = file.path,
        );
        for declared in &file.declarations {
            write_declaration(&mut text, declared);
        }
        text.push_str("] },\n");
    }
    text.push_str("];\n");
    let modules: BTreeSet<&str> = files.iter().map(|file| file.module.as_str()).collect();
    let _ = writeln!(text, "pub(crate) static MODULES: &[&str] = &{:?};", Vec::from_iter(modules));
    write_lookup(&mut text, "BY_NAME", "&str", &by_name(files));
    write_lookup(&mut text, "BY_ALIAS", "&str", &by_alias(files));
    write_lookup(&mut text, "BY_TRAIT", "&str", &by_trait(files));
    write_lookup(&mut text, "BY_EXTENDED", "&str", &by_extended(files));
    write_lookup(&mut text, "BY_SOURCE", "(&str, &str)", &by_source(files));
    text
}

fn write_declaration(text: &mut String, declared: &Declared) {
    let source_types: Vec<String> = declared
        .source_types
        .iter()
        .map(|one| {
            format!(
                "SourceType {{ format: {:?}, is_data: {}, name: {:?} }}",
                one.format, one.is_data, one.name
            )
        })
        .collect();
    let _ = writeln!(
        text,
        "LibraryDeclaration {{ keyword: {:?}, name: {:?}, is_parametric: {}, aliases: &{:?}, kind_aliases: &{:?}, \
         covers: &{:?}, subjects: &{:?}, source_types: &[{}], traits: &{:?}, all_traits: &{:?} }},",
        declared.keyword,
        declared.name,
        declared.is_parametric,
        declared.aliases,
        declared.kind_aliases,
        declared.covers,
        declared.subjects,
        source_types.join(", "),
        declared.traits,
        declared.all_traits,
    );
}

/// A sorted table from a key to positions: (file, declaration in it).
type Lookup = Vec<(String, (usize, usize))>;

fn write_lookup(text: &mut String, name: &str, key: &str, lookup: &Lookup) {
    let _ = writeln!(text, "pub(crate) static {name}: &[({key}, Position)] = &[");
    for (key, (file, declaration)) in lookup {
        let _ = writeln!(text, "({key}, ({file}, {declaration})),");
    }
    text.push_str("];\n");
}

fn lookup(files: &[LibraryFile], keys: impl Fn(&LibraryFile, &Declared) -> Vec<String>) -> Lookup {
    let mut lookup = Vec::new();
    for (file_position, file) in files.iter().enumerate() {
        for (position, declared) in file.declarations.iter().enumerate() {
            lookup.extend(keys(file, declared).into_iter().map(|key| (key, (file_position, position))));
        }
    }
    lookup
}

/// Sorted as the plain texts are, not as their quoted forms.
fn sorted_by_text(mut lookup: Lookup) -> Lookup {
    lookup.sort();
    lookup.dedup();
    lookup.into_iter().map(|(key, position)| (format!("{key:?}"), position)).collect()
}

fn by_name(files: &[LibraryFile]) -> Lookup {
    sorted_by_text(lookup(files, |file, declared| {
        if matches!(declared.keyword, "test" | "extend") {
            Vec::new()
        } else {
            vec![format!("{}.{}", file.module, declared.name)]
        }
    }))
}

fn by_alias(files: &[LibraryFile]) -> Lookup {
    sorted_by_text(lookup(files, |_, declared| {
        if declared.keyword != "policy" {
            return Vec::new();
        }
        let of_kinds = declared.kind_aliases.iter().map(|(_, alias)| alias.clone());
        declared.aliases.iter().cloned().chain(of_kinds).collect()
    }))
}

fn by_trait(files: &[LibraryFile]) -> Lookup {
    sorted_by_text(lookup(files, |_, declared| {
        let is_kind = declared.keyword == "kind" && declared.rest_of.is_empty();
        if is_kind || declared.keyword == "extend" { declared.all_traits.clone() } else { Vec::new() }
    }))
}

/// Extensions by the kind that they extend.
fn by_extended(files: &[LibraryFile]) -> Lookup {
    sorted_by_text(lookup(files, |_, declared| {
        if declared.keyword == "extend" { declared.subjects.clone() } else { Vec::new() }
    }))
}

fn by_source(files: &[LibraryFile]) -> Lookup {
    let mut found = lookup(files, |_, declared| {
        // A separator below every other character keeps the order of pairs. The rest is called as no type is.
        let named = declared.source_types.iter().map(|one| format!("{}\u{0}{}", one.format, one.name));
        let rest = declared.rest_of.iter().map(|(format, is_data)| {
            let name = if *is_data { "data *" } else { "*" };
            format!("{format}\u{0}{name}")
        });
        named.chain(rest).collect()
    });
    found.sort();
    found.dedup();
    found
        .into_iter()
        .map(|(key, position)| {
            let (format, name) = key.split_once('\u{0}').unwrap_or((&key, ""));
            (format!("({format:?}, {name:?})"), position)
        })
        .collect()
}
