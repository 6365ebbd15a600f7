//! Addresses on the web by their parts.

use std::fmt;

/// `scheme://host:port/path?query`
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Url {
    /// As written.
    pub written: String,
    /// In lower case.
    pub scheme: String,
    /// In lower case, without a user and without the brackets of IPv6.
    pub host: String,
    /// Absent where none is written.
    pub port: Option<u16>,
    /// From the first slash to the query; empty where there is none.
    pub path: String,
}

impl Url {
    /// Reads an absolute URL with a host.
    pub fn parse(text: &str) -> Result<Url, String> {
        let written = text.trim();
        let wrong = |reason: &str| format!("\"{written}\" is no URL: {reason}");
        let shape = || wrong("write it like https://example.org/path");
        let (scheme, rest) = written.split_once("://").ok_or_else(shape)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(fits) {
            return Err(shape());
        }
        if let Some(bad) = rest.chars().find(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong(&format!("it has a {bad:?}")));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end).ok_or_else(shape)?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, after)) => (host, after.strip_prefix(':')),
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() {
            return Err(wrong("it has no host"));
        }
        let port = match port {
            None | Some("") => None,
            Some(port) => Some(port.parse().map_err(|_| wrong(&format!("\"{port}\" is no port")))?),
        };
        let path = tail.split(['?', '#']).next().unwrap_or_default().to_owned();
        Ok(Url {
            written: written.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_ascii_lowercase(),
            port,
            path,
        })
    }
}

/// As written.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let url = Url::parse("HTTPS://user@A.example:8443/p/q?x=1#y").unwrap();
        assert_eq!((url.scheme.as_str(), url.host.as_str()), ("https", "a.example"));
        assert_eq!((url.port, url.path.as_str()), (Some(8443), "/p/q"));
        assert_eq!(Url::parse("http://[::1]:80").unwrap().host, "::1");
        assert_eq!(Url::parse("https://a.example?x").unwrap().path, "");
    }

    #[test]
    fn reasons() {
        for text in ["", "a.example", "://a", "http://", "http://a b", "http://a:99999", "1http://a"] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }
}
