//! Which declaration a name means.

mod amendments;
mod faults;
mod index;
mod package;
mod resolve;

pub(crate) use amendments::{Amendments, amendments_of, workspace_amendments};
pub(crate) use faults::name_faults;
pub(crate) use index::{
    CONCERNING, declares, definition_of, files_with, is_nameless, is_provider_kind, library_file_at,
    policies_in_module, qualify,
};
pub use index::{
    ExportedName, Exports, GlobalName, definition, exported_names, file_by_id, file_module, files_of_module,
    module_exists, module_names, names_in_module, prelude_module, split,
};
pub(crate) use package::{absolute, sees};
pub use package::{absolute_module, data_path, stays_inside};
pub use resolve::{
    FileScope, Import, Resolution, Target, file_scope, offering_globs, resolve, visible_names,
};
pub(crate) use resolve::{near_in_module, visible_from};
