//! Container images by their parts.

use std::fmt;

/// `registry/repository:tag@digest`, with the defaults of container runtimes filled in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Image {
    /// As written.
    pub written: String,
    /// `docker.io` where none is written.
    pub registry: String,
    /// Without the registry; `library/` before a bare name of `docker.io`.
    pub repository: String,
    /// Absent where none is written; runtimes then take `latest`, unless there is a digest.
    pub tag: Option<String>,
    /// `sha256:..`
    pub digest: Option<String>,
}

impl Image {
    /// Reads an image reference.
    pub fn parse(text: &str) -> Result<Image, String> {
        let written = text.trim();
        let wrong = |reason: &str| format!("\"{written}\" is no image: {reason}");
        if written.is_empty() {
            return Err(wrong("it is empty"));
        }
        if let Some(bad) = written.chars().find(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong(&format!("it has a {bad:?}")));
        }
        let (name, digest) = match written.split_once('@') {
            Some((_, "")) => return Err(wrong("nothing follows the \"@\"")),
            Some((name, digest)) if digest.contains(':') => (name, Some(digest.to_owned())),
            Some((_, digest)) => return Err(wrong(&format!("the digest \"{digest}\" has no algorithm"))),
            None => (written, None),
        };
        // A colon after the last slash is the tag's; one before belongs to the registry's port.
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name.get(last..).and_then(|tail| tail.find(':')) {
            Some(colon) => {
                let (name, tag) = name.split_at_checked(last + colon).unwrap_or((name, ""));
                (name, Some(tag.trim_start_matches(':').to_owned()))
            }
            None => (name, None),
        };
        if tag.as_deref() == Some("") {
            return Err(wrong("nothing follows the \":\""));
        }
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
            _ => ("docker.io", name),
        };
        let registry = match registry {
            "index.docker.io" | "registry-1.docker.io" => "docker.io",
            other => other,
        };
        if repository.is_empty() || repository.split('/').any(str::is_empty) {
            return Err(wrong("a part of its name is empty"));
        }
        let repository = if registry == "docker.io" && !repository.contains('/') {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        };
        Ok(Image { written: written.to_owned(), registry: registry.to_owned(), repository, tag, digest })
    }
}

/// As written.
impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (text, registry, repository, tag, digest) in [
            ("nginx", "docker.io", "library/nginx", None, None),
            ("nginx:1.25", "docker.io", "library/nginx", Some("1.25"), None),
            ("bitnami/redis", "docker.io", "bitnami/redis", None, None),
            ("localhost:5000/a/b", "localhost:5000", "a/b", None, None),
            ("localhost/a", "localhost", "a", None, None),
            ("ghcr.io/a/b:v1@sha256:00ff", "ghcr.io", "a/b", Some("v1"), Some("sha256:00ff")),
            ("index.docker.io/nginx", "docker.io", "library/nginx", None, None),
        ] {
            let image = Image::parse(text).unwrap();
            assert_eq!(
                (
                    image.registry.as_str(),
                    image.repository.as_str(),
                    image.tag.as_deref(),
                    image.digest.as_deref()
                ),
                (registry, repository, tag, digest),
                "{text}"
            );
            assert_eq!(image.to_string(), text);
        }
    }

    #[test]
    fn reasons() {
        for text in ["", "a b", "nginx:", "nginx@", "nginx@latest", "/nginx", "a//b", "ghcr.io/"] {
            assert!(Image::parse(text).is_err(), "{text}");
        }
        assert_eq!(Image::parse("nginx:").unwrap_err(), "\"nginx:\" is no image: nothing follows the \":\"");
    }
}
