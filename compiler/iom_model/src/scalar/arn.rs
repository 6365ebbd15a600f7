//! Amazon Resource Names by their parts.

use std::fmt;

/// `arn:partition:service:region:account:resource`
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Arn {
    pub partition: String,
    pub service: String,
    /// Absent for global resources.
    pub region: Option<String>,
    /// Absent where the name says none, as for buckets.
    pub account: Option<String>,
    /// All that is left, further colons included.
    pub resource: String,
}

impl Arn {
    /// Reads an ARN; wildcards in its parts are kept.
    pub fn parse(text: &str) -> Result<Arn, String> {
        let text = text.trim();
        let wrong = |reason: &str| format!("\"{text}\" is no ARN: {reason}");
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return Err(wrong("it begins with \"arn:\""));
        }
        let mut next = || parts.next().ok_or_else(|| wrong("it has six parts separated by \":\""));
        let (partition, service, region, account, resource) = (next()?, next()?, next()?, next()?, next()?);
        for (part, name) in [(partition, "partition"), (service, "service"), (resource, "resource")] {
            if part.is_empty() {
                return Err(wrong(&format!("its {name} is empty")));
            }
        }
        let given = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        Ok(Arn {
            partition: partition.to_owned(),
            service: service.to_owned(),
            region: given(region),
            account: given(account),
            resource: resource.to_owned(),
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.region.as_deref().unwrap_or_default();
        let account = self.account.as_deref().unwrap_or_default();
        write!(f, "arn:{}:{}:{region}:{account}:{}", self.partition, self.service, self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let arn = Arn::parse("arn:aws:sns:eu-west-1:123456789012:topic:sub").unwrap();
        assert_eq!(arn.service, "sns");
        assert_eq!(arn.region.as_deref(), Some("eu-west-1"));
        assert_eq!(arn.account.as_deref(), Some("123456789012"));
        assert_eq!(arn.resource, "topic:sub");
        let bucket = Arn::parse("arn:aws:s3:::logs/*").unwrap();
        assert_eq!((bucket.region, bucket.account), (None, None));
        assert_eq!(bucket.resource, "logs/*");
        assert_eq!(arn.to_string(), "arn:aws:sns:eu-west-1:123456789012:topic:sub");
    }

    #[test]
    fn reasons() {
        assert_eq!(Arn::parse("logs").unwrap_err(), "\"logs\" is no ARN: it begins with \"arn:\"");
        assert_eq!(
            Arn::parse("arn:aws:s3").unwrap_err(),
            "\"arn:aws:s3\" is no ARN: it has six parts separated by \":\""
        );
        assert_eq!(
            Arn::parse("arn:aws::::x").unwrap_err(),
            "\"arn:aws::::x\" is no ARN: its service is empty"
        );
    }
}
