//! How a resource comes to its values: the kind's defaults, then what it copies, then its own body, and every `amend` of
//! it. Two places that disagree are one error that names both; what is changed is changed visibly.

mod amend;
mod built;
mod compose;
mod copy;
mod identity;
mod merge;

pub(crate) use amend::{Amendment, amendment};
pub(crate) use built::call_in;
pub(in crate::check) use built::{OnRoot, root_settings};
pub(crate) use compose::{Settings, settings_of};
pub(crate) use copy::copied_path;
