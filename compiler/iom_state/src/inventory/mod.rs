//! Inventories: tables, lists of things in JSON or YAML, what a cloud recorded of its resources.

mod address;
mod answer;
pub mod aws_config;
pub mod csv;
pub mod json;
mod write;
