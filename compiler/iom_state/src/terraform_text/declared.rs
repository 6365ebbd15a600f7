use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};
use rustc_hash::FxHashMap;

/// The blocks of a module, by what they declare.
pub(super) struct Declared<'a> {
    /// In order of the text.
    pub resources: Vec<Resource<'a>>,
    by_name: FxHashMap<(bool, &'a str, &'a str), usize>,
    pub locals: FxHashMap<&'a str, &'a Expression>,
    pub variables: FxHashMap<&'a str, Variable<'a>>,
    pub has_modules: bool,
    /// With the place in the text.
    pub remarks: Vec<(String, u32)>,
}

/// A `resource` or a `data` block.
pub(super) struct Resource<'a> {
    pub is_data: bool,
    pub source_type: &'a str,
    pub name: &'a str,
    pub block: &'a Block,
    pub offset: u32,
}

pub(super) struct Variable<'a> {
    pub default: Option<&'a Expression>,
    pub is_sensitive: bool,
}

impl<'a> Declared<'a> {
    /// A block that cannot be understood is an error, with its place.
    pub fn of(body: &'a Body) -> Result<Declared<'a>, (String, u32)> {
        let mut declared = Declared {
            resources: Vec::new(),
            by_name: FxHashMap::default(),
            locals: FxHashMap::default(),
            variables: FxHashMap::default(),
            has_modules: false,
            remarks: Vec::new(),
        };
        for structure in body.iter() {
            match structure {
                Structure::Block(block) => declared.block(block)?,
                Structure::Attribute(attribute) => {
                    let message = format!("`{}` stands outside of any block", attribute.key.as_str());
                    return Err((message, offset_of(attribute)));
                }
            }
        }
        Ok(declared)
    }

    fn block(&mut self, block: &'a Block) -> Result<(), (String, u32)> {
        let labels: Vec<&'a str> = block.labels.iter().map(|label| label.as_str()).collect();
        let offset = offset_of(block);
        match (block.ident.as_str(), labels.as_slice()) {
            (word @ ("resource" | "data"), [source_type, name]) => {
                let is_data = word == "data";
                let position = self.resources.len();
                if self.by_name.insert((is_data, source_type, name), position).is_some() {
                    return Err((format!("{source_type}.{name} is declared twice"), offset));
                }
                self.resources.push(Resource { is_data, source_type, name, block, offset });
            }
            (word @ ("resource" | "data"), _) => {
                return Err((format!("a {word} block has two labels: its type and its name"), offset));
            }
            ("locals", _) => {
                let values = block.body.iter().filter_map(Structure::as_attribute);
                self.locals.extend(values.map(|value| (value.key.as_str(), &value.value)));
            }
            ("variable", [name]) => {
                let is_sensitive = attribute(&block.body, "sensitive").and_then(Expression::as_bool);
                let default = attribute(&block.body, "default");
                self.variables
                    .insert(name, Variable { default, is_sensitive: is_sensitive.unwrap_or(false) });
            }
            ("module", [name]) => {
                self.has_modules = true;
                self.remarks.push((format!("module.{name} is not read: what it holds is not known"), offset));
            }
            _ => {}
        }
        Ok(())
    }

    pub fn resource(&self, is_data: bool, source_type: &str, name: &str) -> Option<usize> {
        self.by_name.get(&(is_data, source_type, name)).copied()
    }
}

impl Resource<'_> {
    /// A name that is equal for two blocks that use the same provider configuration.
    pub fn provider(&self) -> String {
        match attribute(&self.block.body, "provider") {
            Some(expression) => expression.to_string().trim().to_owned(),
            None => self.source_type.split('_').next().unwrap_or_default().to_owned(),
        }
    }

    pub fn address(&self) -> String {
        let prefix = if self.is_data { "data." } else { "" };
        format!("{prefix}{}.{}", self.source_type, self.name)
    }
}

pub(super) fn attribute<'a>(body: &'a Body, name: &str) -> Option<&'a Expression> {
    let attributes = body.iter().filter_map(Structure::as_attribute);
    attributes.filter(|attribute| attribute.key.as_str() == name).map(|attribute| &attribute.value).last()
}

pub(super) fn offset_of(node: &impl Span) -> u32 {
    node.span().map_or(0, |span| span.start as u32)
}
