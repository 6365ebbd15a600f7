//! What may differ between what was written and what runs.

mod toleration;

pub use toleration::Toleration;
