//! Configuration as both of its notations say it, HCL and JSON: what is evaluated, with every place as an offset in the
//! texts of all files together.

use std::rc::Rc;

use rustc_hash::FxHashSet;

pub(super) use hcl_edit::expr::{BinaryOperator, UnaryOperator};

/// A name in the configuration.
pub(super) type Name = Rc<str>;

#[derive(Debug)]
pub(super) struct Expr {
    pub offset: u32,
    pub kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    /// As written.
    Number(Rc<str>),
    Text(Rc<str>),
    List(Vec<Expr>),
    /// Keys with their values.
    Object(Vec<(Expr, Expr)>),
    Template(Template),
    /// `root.step[step]`, also without any step.
    Path(Box<Path>),
    /// Steps from a value that no name leads to: `f(x).y`.
    Steps(Box<(Expr, Vec<Step>)>),
    /// `condition ? yes : no`
    Conditional(Box<[Expr; 3]>),
    Unary(UnaryOperator, Box<Expr>),
    Binary(BinaryOperator, Box<(Expr, Expr)>),
    Call(Box<Call>),
    For(Box<For>),
}

#[derive(Debug)]
pub(super) struct Path {
    pub root: Name,
    pub steps: Vec<Step>,
    /// As the text has it.
    pub written: Rc<str>,
}

#[derive(Debug)]
pub(super) enum Step {
    Attribute(Name),
    Index(Expr),
    /// `.0`, `[0]`
    Position(i64),
    /// `.*`: goes on with attributes only.
    AttributeSplat,
    /// `[*]`
    FullSplat,
}

#[derive(Debug)]
pub(super) struct Call {
    /// Functions of providers have `::` in their names.
    pub name: Name,
    pub arguments: Vec<Expr>,
    /// The last argument is a list of arguments: `f(xs...)`.
    pub expands: bool,
}

/// `[for k, v in over : value if condition]`, `{for k, v in over : key => value...}`
#[derive(Debug)]
pub(super) struct For {
    pub key_name: Option<Name>,
    pub value_name: Name,
    pub over: Expr,
    pub key: Option<Expr>,
    pub value: Expr,
    pub condition: Option<Expr>,
    pub groups: bool,
}

pub(super) type Template = Vec<Part>;

#[derive(Debug)]
pub(super) enum Part {
    Literal(Rc<str>),
    Value(Expr),
    If(Box<(Expr, Template, Template)>),
    For(Box<TemplateFor>),
}

#[derive(Debug)]
pub(super) struct TemplateFor {
    pub key_name: Option<Name>,
    pub value_name: Name,
    pub over: Expr,
    pub body: Template,
}

/// What stands in a block.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub items: Vec<Item>,
}

#[derive(Debug)]
pub(super) enum Item {
    Attribute { name: Name, offset: u32, value: Expr },
    Block(Block),
}

#[derive(Debug)]
pub(super) struct Block {
    pub name: Name,
    pub labels: Vec<Name>,
    pub offset: u32,
    pub body: Body,
}

impl Body {
    /// The attribute of a name: the last one, where it is written more than once.
    pub fn attribute(&self, wanted: &str) -> Option<&Expr> {
        self.items.iter().rev().find_map(|item| match item {
            Item::Attribute { name, value, .. } if **name == *wanted => Some(value),
            _ => None,
        })
    }

    pub fn blocks<'b>(&'b self, wanted: &'b str) -> impl Iterator<Item = &'b Block> {
        self.items.iter().filter_map(move |item| match item {
            Item::Block(block) if *block.name == *wanted => Some(block),
            _ => None,
        })
    }

    pub fn take_attribute(&mut self, wanted: &str) -> Option<Expr> {
        let is_it = |item: &Item| matches!(item, Item::Attribute { name, .. } if **name == *wanted);
        let position = self.items.iter().rposition(is_it)?;
        match self.items.remove(position) {
            Item::Attribute { value, .. } => Some(value),
            Item::Block(_) => None,
        }
    }

    /// Lays an override over the body: its attributes replace those of their names, its blocks all of their name.
    pub fn override_with(&mut self, over: Body) {
        let replaced: FxHashSet<Name> = over.items.iter().map(Item::name).cloned().collect();
        self.items.retain(|item| !replaced.contains(item.name()));
        self.items.extend(over.items);
    }
}

impl Item {
    /// The name under which an object has it: of a `dynamic` block the name of the blocks it makes.
    fn name(&self) -> &Name {
        match self {
            Item::Attribute { name, .. } => name,
            Item::Block(block) => block.made(),
        }
    }
}

impl Block {
    pub fn is_dynamic(&self) -> bool {
        &*self.name == "dynamic" && !self.labels.is_empty()
    }

    /// The name of the blocks it stands for.
    pub fn made(&self) -> &Name {
        match self.labels.first() {
            Some(label) if &*self.name == "dynamic" => label,
            _ => &self.name,
        }
    }
}

impl Expr {
    /// A text that is written out: no template, no name.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A path in words: `aws.eu`.
    pub fn as_path(&self) -> Option<&str> {
        match &self.kind {
            Kind::Path(path) => Some(&path.written),
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }
}
