//! The scalar types of the language: reading them from text, comparing them, and their set algebra. Pure, without floats and
//! without panics.

pub mod arn;
pub mod cidr;
pub mod decimal;
pub mod duration_text;
pub mod glob;
pub mod image;
pub mod instant;
mod pattern;
pub mod ports;
pub mod quantity;
pub mod selector;
pub mod url;
pub mod version;

pub use arn::Arn;
pub use cidr::CidrSet;
pub use decimal::{Decimal, Number};
pub use glob::Glob;
pub use image::Image;
pub use pattern::{MAX_PATTERN, compile_pattern};
pub use ports::{Ports, Protocol};
pub use selector::Selector;
pub use url::Url;
pub use version::Version;

use crate::Scalar;

/// Whether a text is a value of the scalar type; else the reason, in plain words and with the text quoted.
pub fn validate(scalar: Scalar, text: &str) -> Result<(), String> {
    match scalar {
        Scalar::Bool if matches!(text, "true" | "false") => Ok(()),
        Scalar::Bool => Err(format!("\"{text}\" is no bool: it is true or false")),
        Scalar::Int => decimal::parse_int(text).map(drop),
        Scalar::Decimal => decimal::parse_decimal(text).map(drop),
        Scalar::Policy => {
            Err(format!("\"{text}\" is a text; a policy is written by its name, without quotes"))
        }
        Scalar::String | Scalar::StringNocase | Scalar::Glob | Scalar::GlobNocase => Ok(()),
        Scalar::Regex => compile_pattern(text).map(drop).map_err(|error| {
            format!("r\"{text}\" is no regular expression: {}", last_line(&error.to_string()))
        }),
        Scalar::Duration => duration_text::parse_duration(text).map(drop),
        Scalar::Bytes => quantity::parse_bytes(text).map(drop),
        Scalar::Date => instant::parse_date(text).map(drop),
        Scalar::Time => instant::parse_time(text).map(drop),
        Scalar::Ip => CidrSet::parse_address(text).map(drop),
        Scalar::Cidr => CidrSet::parse(text).map(drop),
        Scalar::Port => ports::parse_port(text.trim(), text).map(drop),
        Scalar::Ports => Ports::parse(text).map(drop),
        Scalar::Version => Version::parse(text).map(drop),
        Scalar::Percent => quantity::parse_percent(text).map(drop),
        Scalar::Url => Url::parse(text).map(drop),
        Scalar::Arn => Arn::parse(text).map(drop),
        Scalar::Image => Image::parse(text).map(drop),
        Scalar::Cpu => quantity::parse_cpu(text).map(drop),
        Scalar::Selector => Selector::parse(text).map(drop),
    }
}

/// The regex engine draws a picture over several lines and says the reason in the last.
fn last_line(text: &str) -> &str {
    let line = text.lines().last().unwrap_or(text).trim();
    line.strip_prefix("error: ").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scalar_type_says_what_is_wrong() {
        for (scalar, good, bad, reason) in [
            (Scalar::Bool, "true", "yes", "\"yes\" is no bool: it is true or false"),
            (Scalar::Int, "42", "4.2", "\"4.2\" is no int: write it like 42"),
            (Scalar::Regex, "^a+$", "a(", "r\"a(\" is no regular expression: unclosed group"),
            (Scalar::Ip, "::1", "10.0.0.0/8", "\"10.0.0.0/8\" is no IP address"),
            (Scalar::Cidr, "::/0", "10.0.0.0/33", "\"10.0.0.0/33\" is no CIDR: the prefix is at most 32"),
            (Scalar::Port, "443", "65536", "\"65536\" is no port: the greatest is 65535"),
            (
                Scalar::Url,
                "https://a.example/x",
                "a.example",
                "\"a.example\" is no URL: write it like https://example.org/path",
            ),
            (Scalar::Percent, "5%", "5", "\"5\" is no percentage: write it like 50%"),
        ] {
            assert_eq!(validate(scalar, good), Ok(()), "{good}");
            assert_eq!(validate(scalar, bad), Err(reason.to_owned()), "{bad}");
        }
        for scalar in Scalar::NAMED {
            for text in ["", " ", "\u{0}", "é", "-", "/", ":", "1", "%", "0.0.0.0/", "\u{1F600}"] {
                let _ = validate(*scalar, text);
            }
        }
    }
}
