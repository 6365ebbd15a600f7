/// Where files are in the tree that a report is shown beside: services want paths from the root of a repository, whatever
/// folder a run was started in.
pub trait RootedPaths {
    /// The path from the root, with forward slashes and no `..`, of a file as the report calls it; `None` where it is not in
    /// the tree: standard input, another folder, the standard library.
    fn path(&self, file: &str) -> Option<String>;
}

/// The paths of the report as they are.
pub struct AsReported;

impl RootedPaths for AsReported {
    fn path(&self, file: &str) -> Option<String> {
        let is_inside = !file.starts_with('/') && file.split('/').all(|step| step != "..");
        (is_inside && file != "-").then(|| file.to_owned())
    }
}
