//! Whether files are others than they were: by when they were written and how long they are.

use std::collections::BTreeMap;
use std::fs;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};

/// What is known of a file without reading it; nothing where it cannot be seen.
type Stamp = Option<(SystemTime, u64)>;

/// Files by the names that they are shown by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stamps(BTreeMap<String, Stamp>);

impl Stamps {
    pub fn add(&mut self, name: impl Into<String>, path: &Utf8Path) {
        let found = fs::metadata(path).ok();
        self.0.insert(name.into(), found.and_then(|found| Some((found.modified().ok()?, found.len()))));
    }

    /// These, and those of the files of `more` that are not among them.
    pub fn with(mut self, more: Stamps) -> Stamps {
        for (name, stamp) in more.0 {
            self.0.entry(name).or_insert(stamp);
        }
        self
    }

    /// How long the largest of some files is.
    pub fn largest(&self, names: &[String]) -> u64 {
        let lengths = names.iter().filter_map(|name| self.0.get(name).copied().flatten());
        lengths.map(|(_, length)| length).max().unwrap_or(0)
    }

    /// Files that came, went or were written since, in order.
    pub fn changed_since(&self, before: &Stamps) -> Vec<String> {
        let names = self.0.keys().chain(before.0.keys().filter(|name| !self.0.contains_key(*name)));
        let mut changed: Vec<String> =
            names.filter(|name| self.0.get(*name) != before.0.get(*name)).cloned().collect();
        changed.sort();
        changed
    }
}

/// A file that is watched, with the name it is shown by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watched {
    pub name: String,
    pub path: Utf8PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_come_go_or_grow_have_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = Utf8Path::from_path(folder.path()).expect("Unicode");
        let look = || {
            let mut stamps = Stamps::default();
            ["a", "b", "c"].iter().for_each(|name| stamps.add(*name, &folder.join(name)));
            stamps
        };
        fs::write(folder.join("a"), "1").expect("a file");
        fs::write(folder.join("b"), "1").expect("a file");
        let before = look();
        assert_eq!(look().changed_since(&before), Vec::<String>::new());
        fs::write(folder.join("a"), "12").expect("a file");
        fs::remove_file(folder.join("b")).expect("a file");
        fs::write(folder.join("c"), "1").expect("a file");
        assert_eq!(look().changed_since(&before), ["a", "b", "c"]);
    }
}
