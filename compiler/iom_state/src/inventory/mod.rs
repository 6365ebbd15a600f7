//! Inventories: tables, lists of things in JSON or YAML, what a cloud recorded of its resources.

mod address;
pub mod csv;
