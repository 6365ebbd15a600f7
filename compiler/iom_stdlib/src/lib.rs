//! The standard library of iom, embedded: its texts, an index of what they declare, and their declarations' syntax.
//!
//! The index and the syntax are made when this crate is built. Looking something up parses nothing and allocates nothing, so that a run
//! touches only the files it needs.

mod pattern;
pub mod provider_kinds;
pub mod schemas;
pub mod secrets;
mod syntax;

use std::cmp::Ordering;
use std::sync::LazyLock;

pub use pattern::matches;
pub use syntax::{StoredDeclaration, stored_declarations};

/// One file of the library. Several files may make up one module.
#[derive(Debug)]
pub struct LibraryFile {
    /// Below the library's folder, with `/`: `aws/s3.iom`.
    pub path: &'static str,
    pub module: &'static str,
    pub text: &'static str,
    /// What its `use` declarations name.
    pub uses: &'static [&'static str],
    /// In source order.
    pub declarations: &'static [LibraryDeclaration],
}

/// A declaration with a name. All names of others in it are qualified.
#[derive(Debug)]
pub struct LibraryDeclaration {
    /// `kind`, `trait`, `type`, `fn`, `const`, `policy`, `catalog`, `test`, ..
    pub keyword: &'static str,
    /// Without the module.
    pub name: &'static str,
    /// A policy with parameters: it judges nothing until it is applied, or asked for by its name.
    pub is_parametric: bool,
    /// What else a policy or a group is known as: its own aliases and those of its clauses.
    pub aliases: &'static [&'static str],
    /// What a policy is known as where it judges one kind: (kind, alias).
    pub kind_aliases: &'static [(&'static str, &'static str)],
    /// Controls that a policy covers: `nist.SC-28`.
    pub covers: &'static [&'static str],
    /// Kinds and traits that a policy judges; the kind that an extension extends.
    pub subjects: &'static [&'static str],
    /// What a kind is read from.
    pub source_types: &'static [SourceType],
    /// Traits that a kind or a trait names itself; the trait of an extension.
    pub traits: &'static [&'static str],
    /// Those, and the traits of the traits, sorted.
    pub all_traits: &'static [&'static str],
}

/// A type of another system: `aws_s3_bucket` of Terraform.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceType {
    /// `terraform`, `kubernetes`, `cloudformation`, `json`
    pub format: &'static str,
    /// A Terraform data source.
    pub is_data: bool,
    pub name: &'static str,
}

/// A declaration with the file it is in.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Position in [`files`].
    pub position: usize,
    pub file: &'static LibraryFile,
    pub declaration: &'static LibraryDeclaration,
}

impl Found {
    /// `aws.Bucket`
    pub fn qualified_name(&self) -> String {
        format!("{}.{}", self.file.module, self.declaration.name)
    }

    /// Whether the text is its name or one of its aliases, in whatever case: no pattern, and no control that it covers.
    pub fn is_called(&self, text: &str) -> bool {
        let declared = self.declaration;
        let is_it = |name: &str| name.eq_ignore_ascii_case(text);
        is_it(declared.name)
            || is_it(&self.qualified_name())
            || declared.aliases.iter().any(|alias| is_it(alias))
            || declared.kind_aliases.iter().any(|(_, alias)| is_it(alias))
    }

    fn at((file, declaration): Position) -> Option<Found> {
        let position = file as usize;
        let file = FILES.get(position)?;
        Some(Found { position, file, declaration: file.declarations.get(declaration as usize)? })
    }
}

/// A file, and a declaration in it.
type Position = (u16, u16);

include!(concat!(env!("OUT_DIR"), "/index.rs"));

/// All files, in order of their paths. A file's position never changes while the program runs.
pub fn files() -> &'static [LibraryFile] {
    FILES
}

/// The files of one module, with their positions.
pub fn files_of_module(module: &str) -> impl Iterator<Item = (usize, &'static LibraryFile)> {
    FILES.iter().enumerate().filter(move |(_, file)| file.module == module)
}

/// The declaration with this name in a module; `test`s have no names.
pub fn find_declaration(module: &str, name: &str) -> Option<Found> {
    let key = |entry: &(&str, Position)| {
        // Compared in pieces: no text has to be built to look one up.
        let (own_module, own_name) = entry.0.rsplit_once('.').unwrap_or(("", entry.0));
        own_module == module && own_name == name
    };
    let start = BY_NAME.partition_point(|(qualified, _)| before(qualified, module, name));
    BY_NAME.get(start).filter(|entry| key(entry)).and_then(|(_, position)| Found::at(*position))
}

/// Whether a qualified name comes before `module.name` in order of bytes.
fn before(qualified: &str, module: &str, name: &str) -> bool {
    qualified.bytes().lt(module.bytes().chain([b'.']).chain(name.bytes()))
}

/// The declaration with a qualified name: `aws.Bucket`.
pub fn find_qualified(qualified: &str) -> Option<Found> {
    position_of(qualified).and_then(Found::at)
}

fn position_of(qualified: &str) -> Option<Position> {
    let position = BY_NAME.binary_search_by(|(name, _)| (*name).cmp(qualified)).ok()?;
    BY_NAME.get(position).map(|(_, position)| *position)
}

/// Whether the path is a module, or the beginning of one.
pub fn module_exists(path: &str) -> bool {
    let is_it =
        |module: &str| module.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let below = MODULES.partition_point(|module| before(module, path, ""));
    MODULES.binary_search(&path).is_ok()
        || MODULES.get(below).is_some_and(|module| is_it(module))
        || provider_kinds::MODULES.into_iter().any(is_it)
}

/// Policies whose qualified name, bare name, an alias or a covered control matches: `*` is any run of characters, `?` one.
/// In order of files, each once.
pub fn policies_matching(pattern: &str) -> Vec<Found> {
    let by_alias = equal_range(BY_ALIAS, |alias| (*alias).cmp(pattern));
    if !by_alias.is_empty() {
        return once(by_alias.iter().map(|(_, position)| *position).collect());
    }
    let fits = |text: &str| matches(pattern, text);
    policies()
        .filter(|found| {
            let declared = found.declaration;
            fits(declared.name)
                || fits(&found.qualified_name())
                || declared.aliases.iter().any(|alias| fits(alias))
                || declared.kind_aliases.iter().any(|(_, alias)| fits(alias))
                || declared.covers.iter().any(|control| fits(control))
        })
        .collect()
}

/// All policies, in order of files.
pub fn policies() -> impl Iterator<Item = Found> {
    declarations().filter(|found| found.declaration.keyword == "policy")
}

/// Everything that is declared, in order of files.
pub fn declarations() -> impl Iterator<Item = Found> {
    FILES.iter().enumerate().flat_map(|(position, file)| {
        file.declarations.iter().map(move |declaration| Found { position, file, declaration })
    })
}

/// Kinds with a trait, directly, through another trait or by an extension, by the trait's qualified name. Kinds made of what
/// no other kind maps are in nobody's population but their own, and are left out.
pub fn kinds_with_trait(qualified: &str) -> Vec<Found> {
    let found = equal_range(BY_TRAIT, |name| (*name).cmp(qualified));
    let kinds = found.iter().filter_map(|(_, position)| {
        let found = Found::at(*position)?;
        match found.declaration.keyword {
            "extend" => position_of(found.declaration.subjects.first()?),
            _ => Some(*position),
        }
    });
    once(kinds.collect())
}

/// Extensions of a kind, by its qualified name, in order of files.
pub fn extensions_of(qualified: &str) -> Vec<Found> {
    let found = equal_range(BY_EXTENDED, |name| (*name).cmp(qualified));
    once(found.iter().map(|(_, position)| *position).collect())
}

/// Kinds that are read from a type of another system: resources or data sources of that name, or of a pattern that fits it.
pub fn kinds_of_source(format: &str, name: &str) -> Vec<Found> {
    let exact = equal_range(BY_SOURCE, |key| (key.0, key.1).cmp(&(format, name)));
    let fitting = PATTERNS.iter().filter(|((of, pattern), _)| *of == format && fits_type(pattern, name));
    once(exact.iter().chain(fitting.copied()).map(|(_, position)| *position).collect())
}

/// Source types with `*` in them.
static PATTERNS: LazyLock<Vec<&'static ((&'static str, &'static str), Position)>> = LazyLock::new(|| {
    BY_SOURCE.iter().filter(|((_, name), _)| name.contains('*') && !matches!(*name, "*" | "data *")).collect()
});

/// `apps/*/Deployment`: a star stays within its step of the path.
fn fits_type(pattern: &str, name: &str) -> bool {
    pattern.split('/').count() == name.split('/').count()
        && pattern.split('/').zip(name.split('/')).all(|(pattern, step)| matches(pattern, step))
}

/// Kinds that are read from what no kind maps.
pub fn kinds_of_the_rest(format: &str, is_data: bool) -> Vec<Found> {
    kinds_of_source(format, if is_data { "data *" } else { "*" })
}

/// The entries with a key, in a table sorted by keys.
fn equal_range<K>(
    table: &'static [(K, Position)],
    compare: impl Fn(&K) -> Ordering,
) -> &'static [(K, Position)] {
    let start = table.partition_point(|(key, _)| compare(key) == Ordering::Less);
    let rest = table.get(start..).unwrap_or_default();
    let length = rest.partition_point(|(key, _)| compare(key) == Ordering::Equal);
    rest.get(..length).unwrap_or_default()
}

fn once(mut positions: Vec<Position>) -> Vec<Found> {
    positions.sort_unstable();
    positions.dedup();
    positions.into_iter().filter_map(Found::at).collect()
}

#[cfg(test)]
mod tests;
