use iom_diagnostics::{Code, REGISTRY, find, nearest};

use crate::arguments::ExplainArguments;
use crate::exit::{Exit, Failure, Outcome};
use crate::output;

/// `iomc explain CODE`: the page about a diagnostic.
pub fn run(arguments: &ExplainArguments) -> Outcome {
    if arguments.resource.is_some() {
        return Err(Failure::new("explaining a policy's verdict on a resource is not built yet"));
    }
    let code = find(&arguments.subject).ok_or_else(|| unknown(&arguments.subject))?;
    let text = page(code);
    output::to_standard_output(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Fine)
}

/// Number, slug and page.
fn page(code: Code) -> String {
    let body = code.page().trim();
    // A page's own title is its slug; the number belongs beside it.
    let body = body.strip_prefix(&format!("# {}", code.slug())).unwrap_or(body).trim();
    format!("# {code} {}\n\n{body}\n", code.slug())
}

fn unknown(subject: &str) -> Failure {
    let failure = Failure::new(format!("there is no error code `{subject}`"));
    let numbers: Vec<String> = REGISTRY.iter().map(Code::to_string).collect();
    let names = REGISTRY.iter().map(|code| code.slug()).chain(numbers.iter().map(String::as_str));
    failure.help(match nearest(subject, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "codes look like IOM0203 or type-mismatch; controls, values and verdicts can't be explained yet"
                .to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_its_number() {
        for code in REGISTRY {
            let page = page(*code);
            assert!(page.starts_with(&format!("# {code} ")), "{page}");
            assert_eq!(find(&code.to_string()), Some(*code));
        }
    }

    #[test]
    fn a_near_code_is_suggested() {
        assert!(unknown("type-mismach").text().contains("did you mean `type-mismatch`?"));
        assert!(unknown("nonsense at all").text().contains("codes look like"));
    }
}
