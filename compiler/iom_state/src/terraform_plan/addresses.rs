//! Terraform addresses and references as text: `module.a["k"].data.aws_x.y[0]`, `aws_kms_key.k.arn`.

/// A step of an address: a name, and the instance key in brackets after it as written (`0`, `"k"`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Step<'a> {
    pub name: &'a str,
    pub key: Option<&'a str>,
    /// Where the name ends in the address.
    pub name_end: usize,
    /// Where the step ends, with its key.
    pub end: usize,
}

/// The steps of an address. Dots and brackets inside of quoted keys are no separators.
pub(crate) fn steps(address: &str) -> impl Iterator<Item = Step<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= address.len() {
            return None;
        }
        let rest = address.get(start..)?;
        let name_len = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = rest.get(..name_len)?;
        let key = rest.get(name_len..).filter(|rest| rest.starts_with('[')).map(key_in_brackets);
        let start_of_name = start;
        let end = start + name_len + key.map_or(0, |key| key.len() + 2);
        // A dot separates; a second bracket, which only attributes have, starts a step without a name.
        start = if address.get(end..).is_some_and(|rest| rest.starts_with('.')) { end + 1 } else { end };
        Some(Step { name, key, name_end: start_of_name + name_len, end: end.min(address.len()) })
    })
}

/// The text between the bracket a text starts with and the one that closes it.
fn key_in_brackets(text: &str) -> &str {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b']' if !is_quoted => return text.get(1..index).unwrap_or_default(),
            _ => {}
        }
    }
    text.get(1..).unwrap_or_default()
}

/// An address in its parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ResourceAddress<'a> {
    /// `module.a["k"]`, empty for the root.
    pub module: &'a str,
    /// `aws_x.y`, `data.aws_x.y`: the address in its module without the instance key.
    pub local: &'a str,
    pub key: Option<&'a str>,
}

/// Takes a resource's address apart; `None` for anything else.
pub(crate) fn resource_address(address: &str) -> Option<ResourceAddress<'_>> {
    let mut module_end = 0;
    let mut rest = steps(address).peekable();
    while rest.peek().is_some_and(|step| step.name == "module" && step.key.is_none()) {
        rest.next();
        module_end = rest.next()?.end;
    }
    if rest.peek().is_some_and(|step| step.name == "data") {
        rest.next();
    }
    rest.next()?;
    let name = rest.next()?;
    if rest.next().is_some() {
        return None;
    }
    let local_start = if module_end == 0 { 0 } else { module_end + 1 };
    Some(ResourceAddress {
        module: address.get(..module_end)?,
        local: address.get(local_start..name.name_end)?,
        key: name.key,
    })
}

/// The module address without its last step, and that step: `module.a.module.b[0]` is `module.a`, `b`, `0`.
pub(crate) fn parent_module(address: &str) -> Option<(&str, Step<'_>)> {
    let mut parent_end = 0;
    let mut end = 0;
    let mut last = None;
    let mut rest = steps(address);
    while let (Some(_), Some(name)) = (rest.next(), rest.next()) {
        parent_end = std::mem::replace(&mut end, name.end);
        last = Some(name);
    }
    Some((address.get(..parent_end)?, last?))
}

/// The address of the block: `module.a["k"].aws_x.y[0]` is an instance of `module.a.aws_x.y`.
pub(crate) fn without_keys(address: &str) -> String {
    let names: Vec<&str> = steps(address).map(|step| step.name).collect();
    names.join(".")
}

/// A text key as addresses write it: `["a.b"]`.
pub(crate) fn text_key(key: &str) -> String {
    let mut written = String::with_capacity(key.len() + 4);
    written.push_str("[\"");
    let mut rest = key.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => written.extend([character, character]),
            _ => written.push(character),
        }
    }
    written.push_str("\"]");
    written
}

/// What an expression's reference leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target<'a> {
    Resource {
        local: &'a str,
        key: Option<&'a str>,
        attribute: Option<&'a str>,
    },
    Variable {
        name: &'a str,
    },
    /// `local.x`, with what follows the name: `["k"].arn`.
    Local {
        name: &'a str,
        rest: &'a str,
    },
    Output {
        call: &'a str,
        key: Option<&'a str>,
        name: Option<&'a str>,
    },
    /// `each.value`, with the attribute of it that is read.
    EachValue {
        attribute: Option<&'a str>,
    },
    /// `count.index`, `each.key`: choose the instance of the other references.
    OwnKey,
    /// `path.module`, `terraform.workspace`, `self.x`.
    Other,
}

/// Reads one entry of a `references` list.
pub(crate) fn target(reference: &str) -> Target<'_> {
    let mut rest = steps(reference);
    let Some(first) = rest.next() else { return Target::Other };
    match first.name {
        "var" => rest.next().map_or(Target::Other, |step| Target::Variable { name: step.name }),
        "local" => rest.next().map_or(Target::Other, |step| Target::Local {
            name: step.name,
            rest: reference.get(step.name_end..).unwrap_or_default(),
        }),
        "count" => Target::OwnKey,
        "each" => match rest.next() {
            Some(step) if step.name == "value" => {
                Target::EachValue { attribute: after(reference, first.end + 1 + "value".len()) }
            }
            _ => Target::OwnKey,
        },
        "path" | "terraform" | "self" => Target::Other,
        "module" => rest.next().map_or(Target::Other, |call| Target::Output {
            call: call.name,
            key: call.key,
            name: rest.next().map(|step| step.name),
        }),
        _ => resource_target(reference).unwrap_or(Target::Other),
    }
}

fn resource_target(reference: &str) -> Option<Target<'_>> {
    let mut rest = steps(reference);
    if rest.next()?.name == "data" {
        rest.next()?;
    }
    let name = rest.next()?;
    Some(Target::Resource {
        local: reference.get(..name.name_end)?,
        key: name.key,
        attribute: after(reference, name.end),
    })
}

/// What follows a step, without the dot.
fn after(reference: &str, end: usize) -> Option<&str> {
    reference.get(end..).map(|rest| rest.strip_prefix('.').unwrap_or(rest)).filter(|rest| !rest.is_empty())
}

/// True if `prefix` is an enclosing object of `reference`: Terraform lists both.
pub(crate) fn is_part_of(reference: &str, prefix: &str) -> bool {
    reference.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['.', '[']) || rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_apart() {
        let parts = |address| resource_address(address).map(|parts| (parts.module, parts.local, parts.key));
        assert_eq!(parts("aws_x.y"), Some(("", "aws_x.y", None)));
        assert_eq!(parts("data.aws_x.y[0]"), Some(("", "data.aws_x.y", Some("0"))));
        assert_eq!(
            parts(r#"module.a["k.x]\"["].module.b[1].aws_x.y["é"]"#),
            Some((r#"module.a["k.x]\"["].module.b[1]"#, "aws_x.y", Some("\"é\"")))
        );
        assert_eq!(parts("module.a.data.aws_x.y"), Some(("module.a", "data.aws_x.y", None)));
        assert_eq!(parts("module.a"), None);
        assert_eq!(parts("aws_x"), None);
        assert_eq!(parts(""), None);
        assert_eq!(parts("aws_x.y[\"never closed"), Some(("", "aws_x.y", Some("\"never closed"))));
    }

    #[test]
    fn blocks_have_no_keys() {
        assert_eq!(without_keys(r#"module.a["k.x"].aws_x.y[0]"#), "module.a.aws_x.y");
    }

    #[test]
    fn parents_of_modules() {
        let (parent, step) = parent_module(r#"module.a["k"].module.b[1]"#).unwrap();
        assert_eq!((parent, step.name, step.key), (r#"module.a["k"]"#, "b", Some("1")));
        assert_eq!(parent_module("module.a").unwrap().0, "");
        assert_eq!(parent_module(""), None);
    }

    #[test]
    fn references_lead_to_their_targets() {
        let resource = |local, key, attribute| Target::Resource { local, key, attribute };
        assert_eq!(target("aws_kms_key.k.arn"), resource("aws_kms_key.k", None, Some("arn")));
        assert_eq!(target("aws_x.y[0].rule[1].id"), resource("aws_x.y", Some("0"), Some("rule[1].id")));
        assert_eq!(target("data.aws_x.y"), resource("data.aws_x.y", None, None));
        assert_eq!(target("var.a.b[0]"), Target::Variable { name: "a" });
        assert_eq!(target("local.a"), Target::Local { name: "a", rest: "" });
        assert_eq!(target("local.a[\"k\"].b"), Target::Local { name: "a", rest: "[\"k\"].b" });
        assert_eq!(
            target(r#"module.net["a.b"].vpc_id"#),
            Target::Output { call: "net", key: Some("\"a.b\""), name: Some("vpc_id") }
        );
        assert_eq!(target("each.value.id"), Target::EachValue { attribute: Some("id") });
        assert_eq!(target("each.value"), Target::EachValue { attribute: None });
        assert_eq!(target("each.key"), Target::OwnKey);
        assert_eq!(target("count.index"), Target::OwnKey);
        assert_eq!(target("path.module"), Target::Other);
        assert_eq!(target("aws_x"), Target::Other);
    }

    #[test]
    fn enclosing_objects_are_recognised() {
        assert!(is_part_of("aws_x.y[0].id", "aws_x.y"));
        assert!(is_part_of("aws_x.y", "aws_x.y"));
        assert!(!is_part_of("aws_x.yes", "aws_x.y"));
    }
}
