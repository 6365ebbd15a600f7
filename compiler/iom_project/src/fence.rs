use camino::{Utf8Path, Utf8PathBuf};
use iom_diagnostics::code;

use crate::failure::Failure;

/// The folder that nothing leads out of, neither a path nor a link: that of a workspace which nobody said is to be trusted.
#[derive(Clone, Debug)]
pub struct Fence {
    /// Without links.
    root: Utf8PathBuf,
}

impl Fence {
    /// A folder that is not there holds nothing.
    pub fn around(root: &Utf8Path) -> Fence {
        Fence { root: root.canonicalize_utf8().unwrap_or_else(|_| root.to_owned()) }
    }

    /// Whether a path leads to something inside. One that leads nowhere does not.
    pub fn holds(&self, path: &Utf8Path) -> bool {
        path.canonicalize_utf8().is_ok_and(|real| real.starts_with(&self.root))
    }

    /// # Errors
    /// Where something is at the path and lies outside; what is not there is told by whoever looks for it.
    pub fn check(&self, path: &Utf8Path, name: &str) -> Result<(), Failure> {
        if path.canonicalize_utf8().is_err() || self.holds(path) {
            return Ok(());
        }
        let failure = Failure::coded(
            code::UNREADABLE_SOURCE,
            format!("{name}: this lies outside the workspace, which is not trusted"),
        );
        Err(failure.help("trust the workspace in the editor, or use what is inside it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out() {
        let folder = tempfile::tempdir().unwrap();
        let all = Utf8Path::from_path(folder.path()).unwrap();
        let inside = all.join("inside");
        std::fs::create_dir_all(inside.join("deep")).unwrap();
        std::fs::write(all.join("secret.json"), "{}").unwrap();
        std::fs::write(inside.join("own.json"), "{}").unwrap();
        let fence = Fence::around(&inside);
        assert!(fence.holds(&inside.join("deep/../own.json")));
        assert!(!fence.holds(&inside.join("../secret.json")));
        assert!(!fence.holds(&inside.join("missing.json")));
        assert!(fence.check(&inside.join("missing.json"), "missing.json").is_ok());
        assert!(fence.check(&inside.join("../secret.json"), "../secret.json").is_err());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(all.join("secret.json"), inside.join("link.json")).unwrap();
            assert!(!fence.holds(&inside.join("link.json")));
        }
    }
}
