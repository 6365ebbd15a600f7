//! Packages: what a path means inside one, and what of the others can be seen from it.

use iom_syntax::ast::Path;
use smol_str::{SmolStr, format_smolstr};

use super::index::{definition_of, module_exists, qualify, split};
use crate::db::Db;
use crate::input::SourceFile;

/// A path as it is written in a package, from the root of everything. Inside a dependency its own modules come first.
pub(crate) fn absolute(db: &dyn Db, package: &str, path: &str) -> SmolStr {
    if matches!(package, "" | "std") {
        return path.into();
    }
    let first = path.split('.').next().unwrap_or(path);
    let inside = qualify(package, first);
    if module_exists(db, &inside) || definition_of(db, &inside).is_some() {
        qualify(package, path)
    } else {
        path.into()
    }
}

/// The module that a `use` names: the whole path, or all of it but the last segment.
pub fn absolute_module(db: &dyn Db, file: SourceFile, path: &Path) -> SmolStr {
    let whole = absolute(db, file.package(db), &path.to_string());
    if definition_of(db, &whole).is_none() && module_exists(db, &whole) {
        return whole;
    }
    split(&whole).0.into()
}

/// Whether code of a package may name another package: itself, one it depends on, or what is no dependency at all.
pub(crate) fn sees(db: &dyn Db, package: &str, root: &str) -> bool {
    let packages = db.workspace().packages(db);
    if root == package || packages.named(root).is_none() {
        return true;
    }
    let seen = match package {
        "" => Some(&packages.direct),
        package => packages.named(package).map(|own| &own.dependencies),
    };
    seen.is_some_and(|seen| seen.iter().any(|name| name == root))
}

/// Whether a path, as a declaration writes it, stays in its package: relative, and never above where it starts.
pub fn stays_inside(written: &str) -> bool {
    let mut depth = 0_i64;
    for part in written.split(['/', '\\']) {
        match part {
            ".." => depth -= 1,
            "" | "." => {}
            _ => depth += 1,
        }
        if depth < 0 {
            return false;
        }
    }
    let is_drive = written.as_bytes().get(1) == Some(&b':');
    !written.starts_with(['/', '\\']) && !is_drive
}

/// A file that a declaration names, relative to the workspace: what a dependency names is relative to its own folder.
pub fn data_path(db: &dyn Db, file: SourceFile, written: &str) -> SmolStr {
    match db.workspace().packages(db).named(file.package(db)) {
        Some(package) => format_smolstr!("{}/{written}", package.folder),
        None => written.into(),
    }
}
