//! What `iomc fix` says.

use std::fmt::Write as _;

use iom_diagnostics::render::harmless;
use iom_eval::report::Place;
use serde_json::{Value, json};

use super::{Cause, Left, Mended};
use crate::arguments::Format;
use crate::difference::masked_difference;

pub struct Shown<'a> {
    pub mended: &'a [Mended],
    pub left: &'a [Left],
    /// Path, text before, text after.
    pub changed: &'a [(&'a str, &'a str, String)],
    /// Nothing is written.
    pub is_dry: bool,
}

impl Shown<'_> {
    pub fn text(&self, format: Format) -> String {
        match format {
            Format::Json => format!("{:#}\n", self.json()),
            _ => self.words(format == Format::Human),
        }
    }

    fn difference(&self) -> String {
        let files = self.changed.iter();
        files.map(|(path, before, after)| masked_difference(path, "fixed", before, after)).collect()
    }

    fn words(&self, is_long: bool) -> String {
        let mut out = if self.is_dry { self.difference() } else { String::new() };
        if self.is_dry && !out.is_empty() && !self.left.is_empty() {
            out.push('\n');
        }
        if !self.is_dry {
            for one in self.mended {
                line(&mut out, "fixed", Some(&one.place), &one.title, &one.cause);
            }
        }
        for one in self.left {
            let what =
                if one.why.is_empty() { one.what.clone() } else { format!("{}: {}", one.what, one.why) };
            line(&mut out, "to do", one.place.as_ref(), &what, &one.cause);
        }
        if is_long {
            let gap = if out.is_empty() { "" } else { "\n" };
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{gap}{}", self.summary());
        }
        out
    }

    fn summary(&self) -> String {
        let count = |number: usize, what: &str| match number {
            1 => format!("1 {what}"),
            more => format!("{more} {what}s"),
        };
        let would = if self.is_dry { " would be" } else { "" };
        let fixed = match self.mended {
            [] => "nothing to fix".to_owned(),
            all => {
                format!("{} in {}{would} fixed", count(all.len(), "place"), count(self.changed.len(), "file"))
            }
        };
        match self.left.len() {
            0 => fixed,
            left => format!("{fixed}, {} left to do", count(left, "change")),
        }
    }

    fn json(&self) -> Value {
        let mended = self.mended.iter().map(|one| {
            let mut entry = entry(Some(&one.place), &one.cause);
            entry["title"] = one.title.as_str().into();
            entry
        });
        let left = self.left.iter().map(|one| {
            let mut entry = entry(one.place.as_ref(), &one.cause);
            entry["title"] = one.what.as_str().into();
            entry["why"] = if one.why.is_empty() { Value::Null } else { one.why.as_str().into() };
            entry
        });
        let files = self.changed.iter().map(|(path, before, after)| {
            json!({ "path": path, "diff": masked_difference(path, "fixed", before, after) })
        });
        json!({
            "version": 1,
            "tool": env!("CARGO_PKG_VERSION"),
            "written": !self.is_dry,
            "fixed": mended.collect::<Vec<_>>(),
            "left": left.collect::<Vec<_>>(),
            "files": files.collect::<Vec<_>>(),
        })
    }
}

fn line(out: &mut String, verb: &str, place: Option<&Place>, what: &str, cause: &Cause) {
    let place = place.map(|place| format!("{}:{}: ", place.file, place.line)).unwrap_or_default();
    let text = match cause {
        Cause::Code(code) => format!("{verb} {place}{what} [{code}]"),
        Cause::Policy { policy, resource } => format!("{verb} {place}{resource}: {what} ({policy})"),
    };
    out.push_str(&harmless(&text));
    out.push('\n');
}

fn entry(place: Option<&Place>, cause: &Cause) -> Value {
    let (code, policy, resource) = match cause {
        Cause::Code(code) => (Some(code.to_string()), None, None),
        Cause::Policy { policy, resource } => (None, Some(policy), Some(resource)),
    };
    json!({ "location": place, "code": code, "policy": policy, "resource": resource })
}
