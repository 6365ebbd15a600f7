use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};
use rustc_hash::FxHashMap;

use super::local::Local;
use super::written::Written;

/// What is asked of a module's configuration.
#[derive(Clone, Default, Debug)]
pub(super) struct Module {
    /// From the root module's folder.
    pub folder: String,
    /// Resources and data sources by their address in the module: `aws_x.y`, `data.aws_x.y`.
    pub resources: FxHashMap<String, ResourceBlock>,
    pub locals: FxHashMap<String, Local>,
    /// Calls of other modules, with their `source`.
    pub calls: FxHashMap<String, String>,
}

/// Where a block and its attributes are written.
#[derive(Clone, Debug)]
pub(super) struct ResourceBlock {
    /// Which of the files.
    pub file: u32,
    pub written: Written,
}

impl Module {
    /// Adds what a file declares. Terraform has refused whatever is declared twice before there was a plan.
    pub fn add(&mut self, body: &Body, file: u32) {
        for block in body.iter().filter_map(Structure::as_block) {
            let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("resource", [kind, name]) => self.resource(format!("{kind}.{name}"), block, file),
                ("data", [kind, name]) => self.resource(format!("data.{kind}.{name}"), block, file),
                ("locals", _) => {
                    let values = block.body.iter().filter_map(Structure::as_attribute);
                    self.locals
                        .extend(values.map(|value| (value.key.as_str().to_owned(), Local::of(&value.value))));
                }
                ("module", [name]) => {
                    let source = block.body.iter().filter_map(Structure::as_attribute);
                    let source = source.filter(|attribute| attribute.key.as_str() == "source").last();
                    if let Some(Expression::String(source)) = source.map(|attribute| &attribute.value) {
                        self.calls.insert((*name).to_owned(), source.as_str().to_owned());
                    }
                }
                _ => {}
            }
        }
    }

    fn resource(&mut self, address: String, block: &Block, file: u32) {
        self.resources.insert(address, ResourceBlock { file, written: Written::block(block) });
    }
}
