//! Schemas of other systems written as iom: a kind for each type of resource, types for what is nested in it, and an adapter
//! that maps every field. Pure functions over text: what could not be said in iom is a remark in the text that comes out.
//!
//! ```
//! let schema = r#"{ "provider_schemas": { "example.com/acme/acme": { "resource_schemas": {
//!     "acme_queue": { "block": { "attributes": { "name": { "type": "string", "required": true } } } } } } } }"#;
//! let value = serde_json::from_str(schema).unwrap();
//! let imported = iom_schema::import(&value, &iom_schema::Options::default()).unwrap();
//! assert!(imported.text.contains("kind Queue : std.prelude.Resource {"));
//! ```

mod custom_resource;
mod declaration;
mod document;
mod json_schema;
mod names;
mod openapi;
mod print;
mod terraform;

use serde_json::Value;

/// What a schema is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SchemaFormat {
    /// `terraform providers schema -json`, or a map of resource types as programs dump it.
    Terraform,
    /// `CustomResourceDefinition`s of Kubernetes.
    CustomResources,
    /// OpenAPI 3, and Swagger 2 before it.
    OpenApi,
    JsonSchema,
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// The module of the text; made of the schema's own name where nothing is said.
    pub module: Option<String>,
    /// The name of the file without its ending: what a schema without a name is called by.
    pub file: Option<String>,
    /// Names of types; empty: all of them. `*` is any run of characters.
    pub only: Vec<String>,
    /// Data sources of Terraform, too.
    pub with_data_sources: bool,
}

/// A schema as iom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    pub format: SchemaFormat,
    /// One file, formatted.
    pub text: String,
    pub module: String,
    pub kinds: usize,
    /// Types that are no kinds.
    pub types: usize,
    /// What the text says less precisely than the schema, or not at all. They stand in the text, too.
    pub remarks: Vec<String>,
}

/// Why there is no text: one sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchemaError(pub String);

impl std::fmt::Display for SchemaError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SchemaError {}

/// Which format a document is in, by its content.
pub fn recognise(schema: &Value) -> Option<SchemaFormat> {
    if custom_resource::is_schema(schema) {
        Some(SchemaFormat::CustomResources)
    } else if openapi::is_schema(schema) {
        Some(SchemaFormat::OpenApi)
    } else if terraform::is_schema(schema) {
        Some(SchemaFormat::Terraform)
    } else {
        document::is_schema(schema).then_some(SchemaFormat::JsonSchema)
    }
}

/// Writes a schema as iom.
///
/// # Errors
/// Where the document is no schema that is known here, is broken, or nothing in it is asked for.
pub fn import(schema: &Value, options: &Options) -> Result<Imported, SchemaError> {
    let format = recognise(schema).ok_or_else(|| {
        SchemaError(
            "this is none of the schemas that can be read: provider schemas of Terraform (`terraform providers schema \
             -json`), CustomResourceDefinitions of Kubernetes, OpenAPI, JSON Schema"
                .to_owned(),
        )
    })?;
    let unit = match format {
        SchemaFormat::Terraform => terraform::unit(schema, options)?,
        SchemaFormat::CustomResources => custom_resource::unit(schema, options)?,
        SchemaFormat::OpenApi => openapi::unit(schema, options)?,
        SchemaFormat::JsonSchema => document::unit(schema, options)?,
    };
    let text = print::formatted(&unit)?;
    let kinds = unit.declarations.iter().filter(|one| one.kind.is_some()).count();
    Ok(Imported {
        format,
        text,
        kinds,
        types: unit.declarations.len() - kinds,
        module: unit.module,
        remarks: unit.remarks,
    })
}
