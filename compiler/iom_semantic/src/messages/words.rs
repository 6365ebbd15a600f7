//! Types and values in words: what somebody who never programmed would call them.

use iom_diagnostics::quoted_list;
use iom_model::{Expr, Literal, Refinement, Scalar, Type, scalar};

use super::article;

/// Deeper than any type a person writes; messages about deeper ones show the type as it is written.
const DEEPEST: usize = 8;

/// `text`, `a whole number from 1 to 10`, ``one of `web` or `db` ``, ``an `aws.Bucket` ``
pub(super) fn in_words(ty: &Type) -> String {
    words(ty, DEEPEST)
}

fn words(ty: &Type, depth: usize) -> String {
    let Some(depth) = depth.checked_sub(1) else { return format!("`{ty}`") };
    match ty {
        Type::Error => "something".to_owned(),
        Type::Absent => "nothing".to_owned(),
        Type::Scalar(scalar) => scalar_in_words(*scalar).to_owned(),
        Type::Json => "data of another system (`json`)".to_owned(),
        Type::Optional(inner) => format!("{} or nothing", words(inner, depth)),
        Type::List(item) => format!("a list of {}", plural(item, depth)),
        Type::Set(item) => format!("a set of {}", plural(item, depth)),
        Type::Map(key, value) => format!("a map from {} to {}", plural(key, depth), plural(value, depth)),
        Type::Enum(alternatives) if alternatives.name.is_none() => {
            let names = alternatives.alternatives.iter().map(|one| one.name.as_str());
            match alternatives.alternatives.as_slice() {
                [one] => format!("`{}`", one.name),
                _ => format!("one of {}", quoted_list(names, 8)),
            }
        }
        Type::Record(_) => "a record `{ .. }`".to_owned(),
        Type::Union(alternatives) => {
            let all: Vec<String> = alternatives.iter().map(|one| words(one, depth)).collect();
            all.join(", or ")
        }
        Type::Secret(inner) => format!("a secret ({})", words(inner, depth)),
        Type::Refined(inner, refinement) => refined(inner, refinement, depth),
        Type::Group { item, .. } => format!("a group of {}", plural(item, depth)),
        Type::Enum(_) | Type::Named(_) | Type::Element(_) => {
            let name = ty.to_string();
            format!("{} `{name}`", article(&name))
        }
    }
}

fn scalar_in_words(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "`true` or `false`",
        Scalar::Int => "a whole number",
        Scalar::Decimal => "a number",
        Scalar::String | Scalar::StringNocase => "text",
        Scalar::Glob | Scalar::GlobNocase => "a pattern with `*`",
        Scalar::Regex => "a regular expression",
        Scalar::Duration => "a length of time such as `24h`",
        Scalar::Bytes => "a size such as `512MiB`",
        Scalar::Date => "a date such as `2027-01-31`",
        Scalar::Time => "a point in time such as `2027-01-31T08:00Z`",
        Scalar::Ip => "an IP address",
        Scalar::Cidr => "an address range such as `10.0.0.0/8`",
        Scalar::Port => "a port number",
        Scalar::Ports => "a range of ports",
        Scalar::Version => "a version such as \"1.2.3\"",
        Scalar::Percent => "a percentage such as \"50%\"",
        Scalar::Url => "a URL",
        Scalar::Arn => "an ARN",
        Scalar::Image => "the name of a container image",
        Scalar::Cpu => "an amount of CPU such as \"500m\"",
        Scalar::Selector => "a label selector",
        Scalar::Policy => "the name of a policy",
    }
}

/// Several of a kind: `texts`, `whole numbers`, `` `aws.Bucket`s ``.
fn plural(ty: &Type, depth: usize) -> String {
    match ty.unrefined() {
        Type::Scalar(Scalar::String | Scalar::StringNocase) => "texts".to_owned(),
        Type::Scalar(Scalar::Int) => "whole numbers".to_owned(),
        Type::Scalar(Scalar::Decimal) => "numbers".to_owned(),
        Type::Scalar(Scalar::Cidr) => "address ranges".to_owned(),
        Type::Scalar(Scalar::Ip) => "IP addresses".to_owned(),
        Type::Scalar(Scalar::Port | Scalar::Ports) => "ports".to_owned(),
        Type::Json => "`json`".to_owned(),
        Type::Enum(_) | Type::Named(_) | Type::Element(_) => format!("`{ty}`"),
        Type::Record(_) => "records `{ .. }`".to_owned(),
        Type::List(inner) | Type::Set(inner) => match depth.checked_sub(1) {
            Some(depth) => format!("lists of {}", plural(inner, depth)),
            None => format!("`{ty}`"),
        },
        _ => format!("`{ty}`"),
    }
}

fn refined(inner: &Type, refinement: &Refinement, depth: usize) -> String {
    let inner = words(inner, depth);
    match refinement {
        Refinement::Range { low: Some(low), high: Some(high) } => {
            format!("{inner} from {} to {}", value_in_words(low), value_in_words(high))
        }
        Refinement::Matching(pattern) => format!("{inner} that matches `{pattern}`"),
        Refinement::Size { low, high } => match (low, high) {
            (Some(low), Some(high)) if low == high => format!("{inner}, exactly {low} of them"),
            (Some(low), Some(high)) => format!("{inner}, {low} to {high} of them"),
            _ => inner,
        },
        Refinement::Range { .. } | Refinement::Where { .. } | Refinement::Link => inner,
    }
}

/// A literal as a person wrote it.
pub(crate) fn value_in_words(expr: &Expr) -> String {
    match expr {
        Expr::Literal(Literal::Int(value)) => value.to_string(),
        Expr::Literal(Literal::Size(value)) => format!("{value} bytes"),
        Expr::Literal(Literal::Decimal(text) | Literal::Text(text)) => text.to_string(),
        Expr::Literal(Literal::Duration(duration)) => duration.to_string(),
        Expr::Literal(Literal::Instant(instant)) => scalar::instant::format_time(*instant),
        _ => "the bound".to_owned(),
    }
}

/// How to write what was meant, where a value of one type stands for one of another.
pub(super) fn how_to_write(found: &Type, expected: &Type) -> Option<&'static str> {
    let is_text = matches!(found.required().unrefined(), Type::Scalar(Scalar::String));
    match expected.required().unrefined() {
        Type::Scalar(Scalar::Bool) if is_text => Some("write `true` or `false`, without quotation marks"),
        Type::Scalar(Scalar::Int | Scalar::Decimal | Scalar::Port) if is_text => {
            Some("write digits, without quotation marks: `3`")
        }
        Type::Scalar(Scalar::String) if matches!(found, Type::Scalar(_)) => {
            Some("text stands in quotation marks: \"..\"")
        }
        Type::Scalar(Scalar::Duration) => {
            Some("a length of time is a number with its unit: `90d`, `24h`, `30min`")
        }
        Type::Scalar(Scalar::Bytes) => Some("a size is a number with its unit: `512MiB`"),
        Type::Element(_) if is_text => Some("name the resource itself, without quotation marks"),
        Type::List(_) | Type::Set(_) if !matches!(found, Type::List(_) | Type::Set(_) | Type::Map(..)) => {
            Some("a list stands in brackets, also when it has one element: `[..]`")
        }
        _ => None,
    }
}
