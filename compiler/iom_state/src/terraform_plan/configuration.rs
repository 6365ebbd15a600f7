//! The `configuration` part of a plan: which expressions the author wrote, as far as a plan tells.

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::Context;
use crate::fault::Fault;
use crate::overlay::Expressions;
use crate::reader::Reader;
use crate::tape::{NodeIndex, NodeValue, Symbol};
use crate::values::{Keep, TapeWriter};

/// Deepest nesting of module calls that is read.
const MODULE_DEPTH_LIMIT: u32 = 64;

/// The configuration of a plan.
pub(crate) struct Configuration {
    /// The root first.
    pub modules: Vec<Module>,
    pub expressions: Expressions,
    /// Keys of the provider configurations that are written down: `aws`, `aws.eu`, `module.a:aws`.
    pub providers: FxHashSet<Symbol>,
    pub is_present: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ModuleId(pub u32);

/// A module as written: shared by all its instances.
#[derive(Default)]
pub(crate) struct Module {
    /// By their address within the module: `aws_x.y`, `data.aws_x.y`.
    pub resources: FxHashMap<Symbol, ConfiguredResource>,
    pub calls: FxHashMap<Symbol, ModuleCall>,
    /// The expressions of the outputs.
    pub outputs: FxHashMap<Symbol, NodeIndex>,
}

/// A resource block.
#[derive(Default)]
pub(crate) struct ConfiguredResource {
    pub provider: Option<Symbol>,
    /// An object of expressions; `None`: the block is empty, or its type is not wanted.
    pub expressions: Option<NodeIndex>,
    pub for_each: Option<NodeIndex>,
    pub depends_on: Vec<Symbol>,
}

/// A module block.
pub(crate) struct ModuleCall {
    pub module: ModuleId,
    pub expressions: Option<NodeIndex>,
    pub for_each: Option<NodeIndex>,
    pub depends_on: Vec<Symbol>,
}

impl Configuration {
    pub(crate) fn new(context: &mut Context) -> Configuration {
        let expressions = Expressions {
            tape: Default::default(),
            references: context.strings.get_or_intern("references"),
            constant_value: context.strings.get_or_intern("constant_value"),
        };
        Configuration { modules: Vec::new(), expressions, providers: Default::default(), is_present: false }
    }

    pub(crate) fn module(&self, id: ModuleId) -> Option<&Module> {
        self.modules.get(id.0 as usize)
    }

    /// Reads the value of a plan's `configuration`.
    pub(crate) fn read(&mut self, reader: &mut Reader, context: &mut Context) -> Result<(), Fault> {
        #[derive(PartialEq)]
        enum Key {
            Providers,
            Root,
            Other,
        }
        let classify = |name: &str| match name {
            "provider_config" => Key::Providers,
            "root_module" => Key::Root,
            _ => Key::Other,
        };
        let mut next = reader.first_member(classify)?;
        while let Some(key) = next {
            match key {
                Key::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                Key::Providers => self.read_providers(reader, context)?,
                Key::Root => {
                    self.read_module(reader, context, 0)?;
                    self.is_present = true;
                }
            }
            next = reader.next_member(classify)?;
        }
        Ok(())
    }

    fn read_providers(&mut self, reader: &mut Reader, context: &mut Context) -> Result<(), Fault> {
        let mut next = reader.first_member(|name| context.strings.get_or_intern(name))?;
        while let Some(key) = next {
            self.providers.insert(key);
            reader.skip()?;
            next = reader.next_member(|name| context.strings.get_or_intern(name))?;
        }
        Ok(())
    }

    fn read_module(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        depth: u32,
    ) -> Result<ModuleId, Fault> {
        if depth > MODULE_DEPTH_LIMIT {
            return Err(Fault::malformed(
                reader.offset(),
                format!("modules nested more than {MODULE_DEPTH_LIMIT} deep"),
            ));
        }
        #[derive(Clone, Copy)]
        enum Key {
            Resources,
            Calls,
            Outputs,
            Other,
        }
        let classify = |name: &str| match name {
            "resources" => Key::Resources,
            "module_calls" => Key::Calls,
            "outputs" => Key::Outputs,
            _ => Key::Other,
        };
        let id = ModuleId(self.modules.len() as u32);
        self.modules.push(Module::default());
        let mut module = Module::default();
        let mut next = reader.first_member(classify)?;
        while let Some(key) = next {
            match key {
                Key::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                Key::Resources => self.read_resources(reader, context, &mut module)?,
                Key::Calls => self.read_calls(reader, context, &mut module, depth)?,
                Key::Outputs => self.read_outputs(reader, context, &mut module)?,
            }
            next = reader.next_member(classify)?;
        }
        if let Some(slot) = self.modules.get_mut(id.0 as usize) {
            *slot = module;
        }
        Ok(id)
    }

    fn read_resources(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        module: &mut Module,
    ) -> Result<(), Fault> {
        let mut has_element = reader.first_element()?;
        while has_element {
            if let Some((local, resource)) = self.read_resource(reader, context)? {
                module.resources.insert(local, resource);
            }
            has_element = reader.next_element()?;
        }
        Ok(())
    }

    fn read_resource(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
    ) -> Result<Option<(Symbol, ConfiguredResource)>, Fault> {
        #[derive(Clone, Copy)]
        enum Key {
            Mode,
            Type,
            Name,
            Provider,
            Expressions,
            ForEach,
            DependsOn,
            Other,
        }
        let classify = |name: &str| match name {
            "mode" => Key::Mode,
            "type" => Key::Type,
            "name" => Key::Name,
            "provider_config_key" => Key::Provider,
            "expressions" => Key::Expressions,
            "for_each_expression" => Key::ForEach,
            "depends_on" => Key::DependsOn,
            _ => Key::Other,
        };
        let mut resource = ConfiguredResource::default();
        let (mut is_data, mut source_type, mut name, mut expressions_at) = (false, None, None, None);
        let mut next = reader.first_member(classify)?;
        while let Some(key) = next {
            match key {
                Key::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                Key::Mode => is_data = reader.text(|text| text == "data")?,
                Key::Type => source_type = Some(reader.text(|text| context.strings.get_or_intern(text))?),
                Key::Name => name = Some(reader.text(str::to_owned)?),
                Key::Provider => {
                    resource.provider = Some(reader.text(|text| context.strings.get_or_intern(text))?)
                }
                Key::Expressions => expressions_at = Some(reader.skip_from()?),
                Key::ForEach => resource.for_each = Some(self.read_expressions(reader, context)?),
                Key::DependsOn => resource.depends_on = read_names(reader, context)?,
            }
            next = reader.next_member(classify)?;
        }
        let (Some(source_type), Some(name)) = (source_type, name) else { return Ok(None) };
        if let Some(start) = expressions_at
            && context.filter(source_type, is_data).is_some()
        {
            let mut at = Reader::at(context.text, start);
            resource.expressions = Some(self.read_expressions(&mut at, context)?);
        }
        let prefix = if is_data { "data." } else { "" };
        let local = format!("{prefix}{}.{name}", context.strings.resolve(&source_type));
        Ok(Some((context.strings.get_or_intern(local), resource)))
    }

    fn read_calls(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        module: &mut Module,
        depth: u32,
    ) -> Result<(), Fault> {
        let mut next = reader.first_member(|name| context.strings.get_or_intern(name))?;
        while let Some(name) = next {
            if let Some(call) = self.read_call(reader, context, depth)? {
                module.calls.insert(name, call);
            }
            next = reader.next_member(|name| context.strings.get_or_intern(name))?;
        }
        Ok(())
    }

    fn read_call(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        depth: u32,
    ) -> Result<Option<ModuleCall>, Fault> {
        #[derive(Clone, Copy)]
        enum Key {
            Module,
            Expressions,
            ForEach,
            DependsOn,
            Other,
        }
        let classify = |name: &str| match name {
            "module" => Key::Module,
            "expressions" => Key::Expressions,
            "for_each_expression" => Key::ForEach,
            "depends_on" => Key::DependsOn,
            _ => Key::Other,
        };
        let (mut module, mut expressions, mut for_each, mut depends_on) = (None, None, None, Vec::new());
        let mut next = reader.first_member(classify)?;
        while let Some(key) = next {
            match key {
                Key::Other => reader.skip()?,
                _ if reader.skip_null()? => {}
                Key::Module => module = Some(self.read_module(reader, context, depth + 1)?),
                Key::Expressions => expressions = Some(self.read_expressions(reader, context)?),
                Key::ForEach => for_each = Some(self.read_expressions(reader, context)?),
                Key::DependsOn => depends_on = read_names(reader, context)?,
            }
            next = reader.next_member(classify)?;
        }
        Ok(module.map(|module| ModuleCall { module, expressions, for_each, depends_on }))
    }

    fn read_outputs(
        &mut self,
        reader: &mut Reader,
        context: &mut Context,
        module: &mut Module,
    ) -> Result<(), Fault> {
        let mut next = reader.first_member(|name| context.strings.get_or_intern(name))?;
        while let Some(name) = next {
            let mut member = reader.first_member(|name| name == "expression")?;
            while let Some(is_expression) = member {
                if is_expression {
                    module.outputs.insert(name, self.read_expressions(reader, context)?);
                } else {
                    reader.skip()?;
                }
                member = reader.next_member(|name| name == "expression")?;
            }
            next = reader.next_member(|name| context.strings.get_or_intern(name))?;
        }
        Ok(())
    }

    fn read_expressions(&mut self, reader: &mut Reader, context: &mut Context) -> Result<NodeIndex, Fault> {
        let keep = Keep::AllBut(self.expressions.constant_value);
        TapeWriter {
            text: context.text,
            tape: &mut self.expressions.tape,
            strings: context.strings,
            scratch: &mut context.scratch,
            no_key: context.no_key,
            keep,
        }
        .root(reader)
    }

    /// The entries of an expression's `references`.
    pub(crate) fn references(&self, expression: NodeIndex) -> impl Iterator<Item = Symbol> + '_ {
        let tape = &self.expressions.tape;
        let list = tape.member(expression, self.expressions.references);
        list.into_iter().flat_map(|list| tape.elements(list)).filter_map(|element| {
            match tape.node(element).value {
                NodeValue::Text(text) => Some(text),
                _ => None,
            }
        })
    }
}

/// A list of texts.
pub(crate) fn read_names(reader: &mut Reader, context: &mut Context) -> Result<Vec<Symbol>, Fault> {
    let mut names = Vec::new();
    let mut has_element = reader.first_element()?;
    while has_element {
        names.push(reader.text(|text| context.strings.get_or_intern(text))?);
        has_element = reader.next_element()?;
    }
    Ok(names)
}
