use std::str::FromStr;

use iom_diagnostics::{nearest, quoted_list};
use iom_state::document::{Format, Layer};

/// `[LAYER=][FORMAT:]PATH`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateArgument {
    pub layer: Option<Layer>,
    pub format: Option<Format>,
    /// As written; `-` is standard input.
    pub path: String,
}

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

/// The layer with this name, or what to say.
pub fn layer(name: &str) -> Result<Layer, String> {
    find(LAYERS, name, "layer")
}

/// The format with this name, or what to say.
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

impl FromStr for StateArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<StateArgument, String> {
        let (layer, rest) = match prefix(text, '=') {
            Some((name, rest)) => (Some(layer(name)?), rest),
            None => (None, text),
        };
        let (format, path) = match prefix(rest, ':') {
            Some((name, rest)) => (Some(format(name)?), rest),
            None => (None, rest),
        };
        if path.is_empty() {
            return Err("the path is missing".to_owned());
        }
        Ok(StateArgument { layer, format, path: path.to_owned() })
    }
}

/// What stands before a sign, if it is a word and not part of a path: a file that exists under the whole text is meant,
/// and so is a drive letter.
fn prefix(text: &str, sign: char) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(sign)?;
    let is_word = word.len() > 1
        && word.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'));
    let is_path = !is_known(word) && std::path::Path::new(text).exists();
    (is_word && !is_path).then_some((word, rest))
}

fn is_known(word: &str) -> bool {
    LAYERS.iter().any(|(name, _)| *name == word) || FORMATS.iter().any(|(name, _)| *name == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<StateArgument, String> {
        text.parse()
    }

    #[test]
    fn layer_and_format_may_be_left_out() {
        let argument = |layer, format, path: &str| Ok(StateArgument { layer, format, path: path.to_owned() });
        assert_eq!(parse("plan.json"), argument(None, None, "plan.json"));
        assert_eq!(parse("-"), argument(None, None, "-"));
        assert_eq!(parse("terraform-plan:p.json"), argument(None, Some(Format::TerraformPlan), "p.json"));
        assert_eq!(parse("running=json:a=b:c"), argument(Some(Layer::Running), Some(Format::Json), "a=b:c"));
        assert_eq!(parse("built=-"), argument(Some(Layer::Built), None, "-"));
        assert_eq!(parse("./a:b"), argument(None, None, "./a:b"));
        assert_eq!(parse("C:\\plan.json"), argument(None, None, "C:\\plan.json"));
    }

    #[test]
    fn misspelt_words_are_named() {
        assert_eq!(parse("biult=p.json"), Err("there is no layer `biult`; did you mean `built`?".to_owned()));
        let error = parse("terraform-pln:p.json");
        assert_eq!(
            error,
            Err("there is no format `terraform-pln`; did you mean `terraform-plan`?".to_owned())
        );
        assert!(parse("zzzzzz:p.json").is_err_and(|error| error.contains("one of `terraform-plan`")));
        assert_eq!(parse("json:"), Err("the path is missing".to_owned()));
    }
}
