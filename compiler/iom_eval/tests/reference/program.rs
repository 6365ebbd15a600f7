//! Programs as the generator makes them and the interpreter reads them, and how they are written.

use std::fmt::{Display, Formatter, Result, Write as _};

use crate::state::State;

/// A binder, parameter or `let`. The number is unique in a program; hands are written `.x`, not `v3.x`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Name {
    pub number: usize,
    pub is_hand: bool,
}

#[derive(Clone, Debug)]
pub enum Expr {
    Bool(bool),
    Int(i64),
    Text(&'static str),
    /// A value of the enum.
    Word(&'static str),
    /// What is declared beside the kinds: `numbers` or `specs`; or `nothing`, an absent number.
    Constant(&'static str),
    Name(Name),
    Field(Box<Expr>, &'static str),
    /// `x?.f`
    Maybe(Box<Expr>, &'static str),
    /// `x[i]`
    At(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// By the operator as it is written.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `x is present`, or not.
    Is(Box<Expr>, bool, &'static str),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Let(Name, Box<Expr>, Box<Expr>),
    Match(Box<Expr>, Vec<(Pattern, Expr)>),
    Template(Vec<Expr>),
    List(Vec<Expr>),
    /// All nodes of the world at hand.
    Population,
    /// `xs where ..` with a hand.
    Where(Box<Expr>, Name, Box<Expr>),
    /// `[for x in xs where c: e]`
    Each(Box<Binder>, Box<Expr>),
    /// By its word.
    Quantifier(&'static str, Box<Binder>, Box<Expr>),
    /// A function of the language, by its name.
    Builtin(&'static str, Vec<Expr>),
    /// A function of the program.
    Call(usize, Vec<Expr>),
}

#[derive(Clone, Copy, Debug)]
pub enum Pattern {
    Int(i64),
    Word(&'static str),
    Absent,
    Unknown,
    Rest,
}

#[derive(Clone, Debug)]
pub struct Binder {
    pub name: Name,
    pub source: Expr,
    pub by: Option<(Name, Expr)>,
    pub filter: Option<Expr>,
}

pub enum Step {
    Let(Name, Expr),
    /// Judged only where the clause that it relies on passed.
    Require {
        label: String,
        condition: Expr,
        after: Option<String>,
    },
    For(Binder, Vec<Step>),
}

pub struct Policy {
    pub subject: Binder,
    pub steps: Vec<Step>,
}

pub struct Function {
    pub parameters: Vec<(Name, &'static str)>,
    pub result: &'static str,
    pub body: Expr,
}

pub struct Exception {
    pub policy: usize,
    pub label: Option<String>,
    pub target: (Name, Option<Expr>),
    pub opened: &'static str,
    pub expires: &'static str,
    pub is_open: bool,
}

/// A computed field.
pub struct Derived {
    pub field: &'static str,
    pub ty: &'static str,
    pub hand: Name,
    pub value: Expr,
}

pub struct Program {
    pub derived: Vec<Derived>,
    pub functions: Vec<Function>,
    pub policies: Vec<Policy>,
    pub exceptions: Vec<Exception>,
    pub state: State,
}

pub const WORDS: [&str; 3] = ["idle", "busy", "broken"];

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.is_hand { f.write_str("self") } else { write!(f, "v{}", self.number) }
    }
}

impl Display for Binder {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} in {}", self.name, self.source)?;
        self.tail(f)
    }
}

impl Binder {
    fn tail(&self, f: &mut Formatter<'_>) -> Result {
        if let Some((_, key)) = &self.by {
            write!(f, " by {key}")?;
        }
        match &self.filter {
            Some(filter) => write!(f, " where {filter}"),
            None => Ok(()),
        }
    }
}

/// Everything that may need it is in brackets.
impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Expr::Bool(value) => write!(f, "{value}"),
            Expr::Int(value) if *value < 0 => write!(f, "({value})"),
            Expr::Int(value) => write!(f, "{value}"),
            Expr::Text(text) => write!(f, "{text:?}"),
            Expr::Word(word) => f.write_str(word),
            Expr::Constant(name) => f.write_str(name),
            Expr::Name(name) => write!(f, "{name}"),
            Expr::Field(base, field) => match &**base {
                Expr::Name(name) if name.is_hand => write!(f, ".{field}"),
                base => write!(f, "{base}.{field}"),
            },
            Expr::Maybe(base, field) => write!(f, "{base}?.{field}"),
            Expr::At(base, index) => write!(f, "{base}[{index}]"),
            Expr::Not(value) => write!(f, "(not {value})"),
            Expr::Negate(value) => write!(f, "(-{value})"),
            Expr::Binary(op, left, right) => write!(f, "({left} {op} {right})"),
            Expr::Is(value, true, test) => write!(f, "({value} is {test})"),
            Expr::Is(value, false, test) => write!(f, "({value} is not {test})"),
            Expr::If(condition, then, otherwise) => {
                write!(f, "(if {condition} then {then} else {otherwise})")
            }
            Expr::Let(name, value, body) => write!(f, "(let {name} = {value}: {body})"),
            Expr::Match(value, arms) => {
                write!(f, "(match {value} {{")?;
                for (pattern, value) in arms {
                    write!(f, " {pattern} => {value}")?;
                }
                f.write_str(" })")
            }
            Expr::Template(parts) => {
                f.write_char('"')?;
                for part in parts {
                    write!(f, "{{{part}}}-")?;
                }
                f.write_char('"')
            }
            Expr::List(items) => write!(f, "[{}]", commas(items)),
            Expr::Population => f.write_str("Node"),
            Expr::Where(list, _, condition) => write!(f, "({list} where {condition})"),
            Expr::Each(binder, value) => write!(f, "[for {binder}: {value}]"),
            Expr::Quantifier(word, binder, body) => write!(f, "({word} {binder}: {body})"),
            Expr::Builtin(name, arguments) => write!(f, "{name}({})", commas(arguments)),
            Expr::Call(number, arguments) => write!(f, "f{number}({})", commas(arguments)),
        }
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Pattern::Int(value) => write!(f, "{value}"),
            Pattern::Word(word) => f.write_str(word),
            Pattern::Absent => f.write_str("absent"),
            Pattern::Unknown => f.write_str("unknown"),
            Pattern::Rest => f.write_str("_"),
        }
    }
}

fn commas<T: Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn write_steps(f: &mut Formatter<'_>, steps: &[Step]) -> Result {
    for step in steps {
        match step {
            Step::Let(name, value) => writeln!(f, "    let {name} = {value}")?,
            Step::Require { label, condition, .. } => writeln!(f, "    require {label}: {condition}")?,
            Step::For(binder, steps) => {
                writeln!(f, "    for {binder} {{")?;
                write_steps(f, steps)?;
                writeln!(f, "    }}")?;
            }
        }
    }
    Ok(())
}

impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(include_str!("kinds.iom"))?;
        f.write_str("kind Node : Common {\n  id: string\n  identity id\n")?;
        for Derived { field, ty, value, .. } in &self.derived {
            writeln!(f, "  derive {field}: {ty} = {value}")?;
        }
        f.write_str(include_str!("adapter.txt"))?;
        for (number, function) in self.functions.iter().enumerate() {
            let parameters: Vec<String> =
                function.parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
            writeln!(f, "fn f{number}({}): {} = {}", parameters.join(", "), function.result, function.body)?;
        }
        for (number, policy) in self.policies.iter().enumerate() {
            let subject = &policy.subject;
            write!(f, "policy p{number} {{\n  for {}: Node", subject.name)?;
            subject.tail(f)?;
            f.write_str(" {\n")?;
            write_steps(f, &policy.steps)?;
            f.write_str("  }\n}\n")?;
        }
        for (number, exception) in self.exceptions.iter().enumerate() {
            let label = exception.label.as_ref().map(|label| format!(".{label}")).unwrap_or_default();
            let filter =
                exception.target.1.as_ref().map(|filter| format!(" where {filter}")).unwrap_or_default();
            writeln!(
                f,
                "exception e{number} {{ policy: p{}{label}  target: Node{filter}  reason: \"r\"  approved_by: [boss]  opened: {}  expires: {} }}",
                exception.policy, exception.opened, exception.expires
            )?;
        }
        f.write_str(&self.state.declarations())
    }
}

/// The names of all clauses, loops included.
pub fn labels_of(steps: &[Step], labels: &mut Vec<String>) {
    for step in steps {
        match step {
            Step::Let(..) => {}
            Step::Require { label, .. } => labels.push(label.clone()),
            Step::For(_, steps) => labels_of(steps, labels),
        }
    }
}
