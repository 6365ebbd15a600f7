//! `iom.toml`: what a workspace is called, what it depends on and which state it is judged against. Text goes in, a manifest
//! and its mistakes come out: the command line and the editor read files.

mod reading;
mod words;

use iom_base::{FileId, Span};
use iom_diagnostics::Diagnostic;
use iom_model::Duration;
use iom_model::scalar::duration_text::parse_duration;
use iom_state::document::{Format, Layer};
use toml::de::DeTable;

pub use words::{format, is_format_or_layer, layer};

use reading::{Reading, Table};

/// The name of the file at the root of every workspace.
pub const FILE_NAME: &str = "iom.toml";

/// The only edition of the language there is.
const EDITION: &str = "2026";

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    pub name: Option<String>,
    pub version: Option<String>,
    pub dependencies: Vec<Dependency>,
    pub states: Vec<StateEntry>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    pub name: String,
    /// A folder, relative to the workspace; `None` for the embedded standard library.
    pub path: Option<String>,
    /// Of its name.
    pub place: Span,
    /// Of its path.
    pub path_place: Span,
}

/// `[[state]]`
#[derive(Clone, Debug, PartialEq)]
pub struct StateEntry {
    pub layer: Option<Layer>,
    pub format: Option<Format>,
    /// Relative to the workspace.
    pub path: String,
    pub place: Span,
    pub manages: bool,
    pub environment: Option<String>,
    pub fresh_for: Option<Duration>,
    pub partial: bool,
    pub external: Vec<String>,
    /// The folder of the configuration that a plan was made of, relative to the workspace.
    pub source: Option<String>,
    pub surroundings: Surroundings,
}

/// What is around everything in a source, where the source does not say it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    pub account: Option<String>,
    pub region: Option<String>,
    pub project: Option<String>,
    pub cluster: Option<String>,
    pub namespace: Option<String>,
}

/// Reads a manifest. Mistakes are reported all at once; what is right is kept.
pub fn read(text: &str, file: FileId) -> (Manifest, Vec<Diagnostic<Span>>) {
    let mut reading = Reading::new(file, text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            reading.syntax_error(&error);
        }
        return (Manifest::default(), reading.diagnostics);
    }
    let mut manifest = Manifest::default();
    let mut top = reading.table(&document, "iom.toml", &["package", "dependencies", "state"]);
    if let Some(table) = top.table(&mut reading, "package", &["name", "version", "edition"]) {
        package(table, &mut reading, &mut manifest);
    }
    if let Some(entries) = top.entries(&mut reading, "dependencies") {
        manifest.dependencies =
            entries.into_iter().filter_map(|(name, value)| dependency(name, value, &mut reading)).collect();
    }
    for table in top.tables(&mut reading, "state", STATE_KEYS) {
        manifest.states.extend(state(table, &mut reading));
    }
    (manifest, reading.diagnostics)
}

fn package(mut table: Table<'_, '_>, reading: &mut Reading<'_>, manifest: &mut Manifest) {
    manifest.name = table.text(reading, "name").map(|(name, _)| name);
    manifest.version = table.text(reading, "version").map(|(version, _)| version);
    if let Some((edition, place)) = table.text(reading, "edition")
        && edition != EDITION
    {
        reading.report(place, format!("there is no edition `{edition}`; write `{EDITION}`"));
    }
}

fn dependency(
    (name, place): (String, Span),
    value: &toml::Spanned<toml::de::DeValue<'_>>,
    reading: &mut Reading<'_>,
) -> Option<Dependency> {
    let is_standard = name == "std";
    match value.get_ref() {
        toml::de::DeValue::String(version) if is_standard => {
            if version != "*" {
                reading.report(
                    reading.span(&value.span()),
                    "the standard library is part of the compiler: its version is always `*`",
                );
            }
            Some(Dependency { name, path: None, place, path_place: place })
        }
        toml::de::DeValue::Table(_) if !is_standard => {
            let mut table = reading.subtable(value, "a dependency", &["path"])?;
            let (path, path_place) = table.required_text(reading, "path", place)?;
            Some(Dependency { name, path: Some(path), place, path_place })
        }
        _ => {
            let wanted = if is_standard { "`std = \"*\"`" } else { "`{ path = \"../folder\" }`" };
            reading.report(reading.span(&value.span()), format!("`{name}` should be {wanted}"));
            None
        }
    }
}

const STATE_KEYS: &[&str] = &[
    "layer",
    "format",
    "path",
    "manages",
    "environment",
    "fresh_for",
    "partial",
    "external",
    "source",
    "account",
    "region",
    "project",
    "cluster",
    "namespace",
];

fn state(mut table: Table<'_, '_>, reading: &mut Reading<'_>) -> Option<StateEntry> {
    let layer = table.parsed(reading, "layer", layer);
    let format = table.parsed(reading, "format", format);
    let fresh_for = table.parsed(reading, "fresh_for", parse_duration);
    let manages = table.boolean(reading, "manages").unwrap_or(false);
    let partial = table.boolean(reading, "partial").unwrap_or(false);
    let environment = table.text(reading, "environment").map(|(name, _)| name);
    let external = table.texts(reading, "external");
    let source = table.text(reading, "source").map(|(folder, _)| folder);
    let mut around = |key| table.text(reading, key).map(|(name, _)| name).filter(|name| !name.is_empty());
    let surroundings = Surroundings {
        account: around("account"),
        region: around("region"),
        project: around("project"),
        cluster: around("cluster"),
        namespace: around("namespace"),
    };
    let whole = table.place;
    let (path, place) = table.required_text(reading, "path", whole)?;
    Some(StateEntry {
        layer,
        format,
        path,
        place,
        manages,
        environment,
        fresh_for,
        partial,
        external,
        source,
        surroundings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        read(text, FileId(7)).1.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn the_contract_example_is_read() {
        let text = r#"
            [package]
            name = "payments"
            version = "0.1.0"
            edition = "2026"
            [dependencies]
            std = "*"
            shared-policies = { path = "../policies" }
            [[state]]
            layer = "built"
            format = "terraform-plan"
            path = "plan.json"
            manages = true
            environment = "prod"
            fresh_for = "24h"
            partial = false
            external = ["arn:aws:iam::aws:*"]
            source = "infra"
            account = "111122223333"
            region = "eu-west-1"
            project = "shop"
            cluster = "shop-eu"
            namespace = "shop"
        "#;
        let (manifest, diagnostics) = read(text, FileId(7));
        assert!(!diagnostics.iter().any(Diagnostic::is_error), "{diagnostics:?}");
        assert_eq!(manifest.name.as_deref(), Some("payments"));
        assert_eq!(manifest.dependencies.len(), 2);
        let [state] = manifest.states.as_slice() else { unreachable!("one state") };
        assert_eq!((state.layer, state.format), (Some(Layer::Built), Some(Format::TerraformPlan)));
        assert!(state.manages && !state.partial && state.fresh_for.is_some());
        assert_eq!(state.external, ["arn:aws:iam::aws:*"]);
        assert_eq!(state.source.as_deref(), Some("infra"));
        let around = &state.surroundings;
        assert_eq!(around.account.as_deref(), Some("111122223333"));
        assert_eq!((around.region.as_deref(), around.project.as_deref()), (Some("eu-west-1"), Some("shop")));
        assert_eq!((around.cluster.as_deref(), around.namespace.as_deref()), (Some("shop-eu"), Some("shop")));
    }

    #[test]
    fn every_mistake_is_reported_at_its_place() {
        let text =
            "[packge]\nname = \"x\"\n[package]\nname = 1\nedition = \"2015\"\n[[state]]\nlayer = \"biult\"\n";
        let (_, diagnostics) = read(text, FileId(7));
        let found: Vec<(u32, &str)> = diagnostics
            .iter()
            .map(|found| (u32::from(found.primary.place.start()), found.message.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (1, "iom.toml has no `packge`; did you mean `package`?"),
                (37, "`name` should be text, not an integer"),
                (49, "there is no edition `2015`; write `2026`"),
                (74, "there is no layer `biult`; did you mean `built`?"),
                (56, "`path` is missing in [[state]]"),
            ]
        );
    }

    #[test]
    fn broken_toml_names_the_place() {
        let (manifest, diagnostics) = read("[package\nname = \"x\"\n", FileId(7));
        assert_eq!(manifest, Manifest::default());
        assert!(!diagnostics.is_empty());
    }

    #[test]
    fn dependencies_say_how_they_are_written() {
        assert_eq!(messages("[dependencies]\nx = \"1\"\n"), ["`x` should be `{ path = \"../folder\" }`"]);
        assert_eq!(messages("[dependencies]\nstd = \"1\"\n").len(), 1);
        assert_eq!(
            messages("[dependencies]\nx = { pth = \"a\" }\n"),
            ["a dependency has no `pth`; did you mean `path`?", "`path` is missing in a dependency"]
        );
    }
}
