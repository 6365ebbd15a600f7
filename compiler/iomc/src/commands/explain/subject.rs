//! What is written for a value: a name or an address, and a path. Where one ends and the other begins, only the names say
//! that there are.

use iom_eval::explain::Segment;

/// A part, and where it ends in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub end: usize,
    pub segment: Segment,
    /// `[..]`
    pub is_index: bool,
}

/// The parts of `a.b["c.d"][0].e`; nothing where it is not written like that.
pub fn parts(subject: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < subject.len() {
        let rest = &subject[at..];
        let (length, segment, is_index) = if let Some(inside) = rest.strip_prefix('[') {
            let (length, segment) = index(inside)?;
            (length + 1, segment, true)
        } else {
            let dot = usize::from(!parts.is_empty());
            let name = if dot == 1 { rest.strip_prefix('.')? } else { rest };
            let (length, name) = match name.strip_prefix('"') {
                Some(quoted) => {
                    let end = quoted.find('"')?;
                    (end + 2, &quoted[..end])
                }
                None => {
                    let end = name.find(['.', '[']).unwrap_or(name.len());
                    (end, &name[..end])
                }
            };
            if name.is_empty() {
                return None;
            }
            (dot + length, Segment::Name(name.to_owned()), false)
        };
        at += length;
        parts.push(Part { end: at, segment, is_index });
    }
    Some(parts)
}

/// `0]`, `"key"]`: the length with the bracket.
fn index(text: &str) -> Option<(usize, Segment)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find("\"]")?;
        return Some((end + 3, Segment::Name(quoted[..end].to_owned())));
    }
    let end = text.find(']')?;
    let inside = &text[..end];
    let segment = match inside.parse() {
        Ok(position) => Segment::Index(position),
        Err(_) => Segment::Name(inside.to_owned()),
    };
    Some((end + 1, segment))
}

/// Path segments of the parts from one on.
pub fn path(parts: &[Part]) -> Vec<Segment> {
    parts.iter().map(|part| part.segment.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(subject: &str) -> Vec<String> {
        let parts = parts(subject).unwrap_or_default();
        let mut start = 0;
        let mut found = Vec::new();
        for part in parts {
            found.push(subject[start..part.end].to_owned());
            start = part.end;
        }
        found
    }

    #[test]
    fn parts_end_at_dots_and_brackets() {
        assert_eq!(
            texts("module.a[\"k.1\"].aws_x.y[0].tags.\"a.b\""),
            ["module", ".a", "[\"k.1\"]", ".aws_x", ".y", "[0]", ".tags", ".\"a.b\""]
        );
        assert_eq!(texts("payments.shards[2].limits.memory").len(), 5);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for wrong in ["a..b", "a.", "a[", "a[\"x]", ".a", "a.\"b"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
        assert_eq!(parts("type-mismach").map(|parts| parts.len()), Some(1));
    }
}
