//! What layers and formats of a state are called, in manifests and on the command line.

use iom_diagnostics::{nearest, quoted_list};
use iom_state::document::{Format, Layer};

const LAYERS: &[(&str, Layer)] =
    &[("intended", Layer::Intended), ("built", Layer::Built), ("running", Layer::Running)];

const FORMATS: &[(&str, Format)] = &[
    ("terraform-plan", Format::TerraformPlan),
    ("terraform-state", Format::TerraformState),
    ("terraform", Format::Terraform),
    ("kubernetes", Format::Kubernetes),
    ("cloudformation", Format::Cloudformation),
    ("aws-config", Format::AwsConfig),
    ("json", Format::Json),
    ("csv", Format::Csv),
];

/// The layer with this name.
///
/// # Errors
/// What to say where there is none.
pub fn layer(name: &str) -> Result<Layer, String> {
    find(LAYERS, name, "layer")
}

/// The format with this name.
///
/// # Errors
/// What to say where there is none.
pub fn format(name: &str) -> Result<Format, String> {
    find(FORMATS, name, "format")
}

fn find<T: Copy>(known: &[(&str, T)], name: &str, what: &str) -> Result<T, String> {
    if let Some((_, value)) = known.iter().find(|(known, _)| *known == name) {
        return Ok(*value);
    }
    let names = known.iter().map(|(name, _)| *name);
    Err(match nearest(name, names.clone()) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`; it is one of {}", quoted_list(names, usize::MAX)),
    })
}

/// Whether a word is the name of a layer or a format.
pub fn is_format_or_layer(word: &str) -> bool {
    LAYERS.iter().any(|(name, _)| *name == word) || FORMATS.iter().any(|(name, _)| *name == word)
}
