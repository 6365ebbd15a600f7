use std::str::FromStr;

use iom_manifest::{format, is_format_or_layer, layer};
use iom_state::document::{Format, Layer};

/// `[LAYER=][FORMAT:]PATH`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateArgument {
    pub layer: Option<Layer>,
    pub format: Option<Format>,
    /// As written; `-` is standard input.
    pub path: String,
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
    let is_path = !is_format_or_layer(word) && std::path::Path::new(text).exists();
    (is_word && !is_path).then_some((word, rest))
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
