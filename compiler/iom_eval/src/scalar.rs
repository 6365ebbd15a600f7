//! Scalars with a structure: read from text by `iom_model::scalar`, held as values.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

use iom_model::Scalar;
use iom_model::scalar::{Arn, CidrSet, Glob, Image, Number, Ports, Selector, Url, Version};
use iom_model::scalar::{decimal, duration_text, instant, ports, quantity};
use rust_decimal::Decimal;

use crate::pattern::TextPattern;
use crate::value::Value;

#[derive(Clone, Debug)]
pub enum ScalarValue {
    Ip(IpAddr),
    Cidr(CidrSet),
    /// The public address space, `internet`: covering one family of it is enough.
    Internet,
    Ports(Ports),
    Version(Version),
    Percent(Decimal),
    Url(Url),
    Arn(Arn),
    Image(Image),
    /// Millicores.
    Cpu(i64),
    Glob(Glob),
    Regex(TextPattern),
    Selector(Selector),
}

/// What a text of a scalar type is.
pub enum Parsed {
    Value(Value),
    /// The text itself.
    Text,
}

/// Reads the text of a scalar type; `None` if it is not of that type.
pub fn parse(scalar: Scalar, text: &str) -> Option<Parsed> {
    let value = match scalar {
        Scalar::String | Scalar::StringNocase | Scalar::Policy => return Some(Parsed::Text),
        Scalar::Bool => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return None,
        },
        Scalar::Int => Value::Int(decimal::parse_int(text).ok()?),
        Scalar::Decimal => number(Number::parse(text).ok()?),
        Scalar::Duration => {
            let duration = duration_text::parse_duration(text).ok()?;
            Value::Duration { months: duration.months, milliseconds: duration.milliseconds }
        }
        Scalar::Bytes => Value::Size(quantity::parse_bytes(text).ok()?),
        Scalar::Date => Value::Instant(instant::parse_date(text).ok()?),
        Scalar::Time => Value::Instant(instant::parse_time(text).ok()?),
        Scalar::Port => Value::Int(i64::from(ports::parse_port(text.trim(), text).ok()?)),
        _ => Value::Scalar(Arc::new(structured(scalar, text)?)),
    };
    Some(Parsed::Value(value))
}

fn structured(scalar: Scalar, text: &str) -> Option<ScalarValue> {
    Some(match scalar {
        Scalar::Ip => ScalarValue::Ip(CidrSet::parse_address(text).ok()?),
        Scalar::Cidr if text == "internet" => ScalarValue::Internet,
        Scalar::Cidr => ScalarValue::Cidr(CidrSet::parse(text).ok()?),
        Scalar::Ports => ScalarValue::Ports(Ports::parse(text).ok()?),
        Scalar::Version => ScalarValue::Version(Version::parse(text).ok()?),
        Scalar::Percent => ScalarValue::Percent(quantity::parse_percent(text).ok()?),
        Scalar::Url => ScalarValue::Url(Url::parse(text).ok()?),
        Scalar::Arn => ScalarValue::Arn(Arn::parse(text).ok()?),
        Scalar::Image => ScalarValue::Image(Image::parse(text).ok()?),
        Scalar::Cpu => ScalarValue::Cpu(quantity::parse_cpu(text).ok()?),
        Scalar::Glob => ScalarValue::Glob(Glob::new(text)),
        Scalar::GlobNocase => ScalarValue::Glob(Glob::nocase(text)),
        Scalar::Regex => ScalarValue::Regex(TextPattern::parse(text)?),
        Scalar::Selector => ScalarValue::Selector(Selector::parse(text).ok()?),
        _ => return None,
    })
}

/// A decimal number; an integer where it is one.
pub fn decimal(text: &str) -> Option<Value> {
    Some(number(Number::parse(text).ok()?))
}

/// A number as a value.
pub fn number(number: Number) -> Value {
    match number {
        Number::Int(value) => Value::Int(value),
        Number::Decimal(value) => Value::Decimal(Arc::new(value)),
    }
}

impl ScalarValue {
    /// Whether the value is of the scalar type.
    pub fn is(&self, scalar: Scalar) -> bool {
        matches!(
            (self, scalar),
            (ScalarValue::Ip(_), Scalar::Ip)
                | (ScalarValue::Cidr(_) | ScalarValue::Internet, Scalar::Cidr)
                | (ScalarValue::Ports(_), Scalar::Ports)
                | (ScalarValue::Version(_), Scalar::Version)
                | (ScalarValue::Percent(_), Scalar::Percent)
                | (ScalarValue::Url(_), Scalar::Url)
                | (ScalarValue::Arn(_), Scalar::Arn)
                | (ScalarValue::Image(_), Scalar::Image)
                | (ScalarValue::Cpu(_), Scalar::Cpu)
                | (ScalarValue::Glob(_), Scalar::Glob | Scalar::GlobNocase)
                | (ScalarValue::Regex(_), Scalar::Regex)
                | (ScalarValue::Selector(_), Scalar::Selector)
        )
    }

    /// As interpolation writes it.
    pub fn text(&self) -> String {
        match self {
            ScalarValue::Ip(address) => address.to_string(),
            ScalarValue::Cidr(set) => set.to_string(),
            ScalarValue::Internet => "internet".to_owned(),
            ScalarValue::Ports(ports) => ports.to_string(),
            ScalarValue::Version(version) => version.to_string(),
            ScalarValue::Percent(amount) => format!("{}%", amount.normalize()),
            ScalarValue::Url(url) => url.to_string(),
            ScalarValue::Arn(arn) => arn.to_string(),
            ScalarValue::Image(image) => image.to_string(),
            ScalarValue::Cpu(millicores) => quantity::format_cpu(*millicores),
            ScalarValue::Glob(glob) => glob.text().to_owned(),
            ScalarValue::Regex(regex) => regex.source().to_owned(),
            ScalarValue::Selector(selector) => selector.to_string(),
        }
    }

    /// Where both are of the same type and the type has an order (any total one, for sorting).
    pub fn compare(&self, other: &ScalarValue) -> Option<Ordering> {
        Some(match (self, other) {
            (ScalarValue::Ip(left), ScalarValue::Ip(right)) => left.cmp(right),
            (ScalarValue::Cidr(left), ScalarValue::Cidr(right)) => left.cmp(right),
            (ScalarValue::Internet, ScalarValue::Internet) => Ordering::Equal,
            (ScalarValue::Ports(left), ScalarValue::Ports(right)) => left.cmp(right),
            (ScalarValue::Version(left), ScalarValue::Version(right)) => left.cmp(right),
            (ScalarValue::Percent(left), ScalarValue::Percent(right)) => left.cmp(right),
            (ScalarValue::Cpu(left), ScalarValue::Cpu(right)) => left.cmp(right),
            (ScalarValue::Url(_), ScalarValue::Url(_))
            | (ScalarValue::Arn(_), ScalarValue::Arn(_))
            | (ScalarValue::Image(_), ScalarValue::Image(_))
            | (ScalarValue::Glob(_), ScalarValue::Glob(_))
            | (ScalarValue::Regex(_), ScalarValue::Regex(_))
            | (ScalarValue::Selector(_), ScalarValue::Selector(_)) => self.text().cmp(&other.text()),
            _ => return None,
        })
    }

    /// `image.registry`, `arn.account`, `version.major`.
    pub fn part(&self, name: &str) -> Option<Part> {
        let text = |text: &str| Some(Part::Text(text.to_owned()));
        let maybe = |value: &Option<String>| Some(value.clone().map_or(Part::Absent, Part::Text));
        let int = |value: Option<i64>| Some(value.map_or(Part::Absent, Part::Int));
        match (self, name) {
            (ScalarValue::Image(image), "registry") => text(&image.registry),
            (ScalarValue::Image(image), "repository") => text(&image.repository),
            (ScalarValue::Image(image), "tag") => maybe(&image.tag),
            (ScalarValue::Image(image), "digest") => maybe(&image.digest),
            (ScalarValue::Image(image), "written") => text(&image.written),
            (ScalarValue::Arn(arn), "partition") => text(&arn.partition),
            (ScalarValue::Arn(arn), "service") => text(&arn.service),
            (ScalarValue::Arn(arn), "region") => maybe(&arn.region),
            (ScalarValue::Arn(arn), "account") => maybe(&arn.account),
            (ScalarValue::Arn(arn), "resource") => text(&arn.resource),
            (ScalarValue::Version(version), "major") => int(version.major()),
            (ScalarValue::Version(version), "minor") => int(version.minor()),
            (ScalarValue::Version(version), "patch") => int(version.patch()),
            (ScalarValue::Version(version), "is_prerelease") => Some(Part::Bool(version.is_prerelease())),
            (ScalarValue::Url(url), "scheme") => text(&url.scheme),
            (ScalarValue::Url(url), "host") => text(&url.host),
            (ScalarValue::Url(url), "port") => int(url.port.map(i64::from)),
            (ScalarValue::Url(url), "path") => text(&url.path),
            _ => None,
        }
    }
}

/// A part of a scalar.
pub enum Part {
    Absent,
    Text(String),
    Int(i64),
    Bool(bool),
}
