use iom_model::{BinaryOp, CompareOp, Quantifier};

use super::search::Search;
use crate::program::{Code, Over, Piece, Test};
use crate::value::Value;

/// What is longer says no more.
const MAX_TEXT: usize = 160;

impl Search<'_> {
    /// An expression as a rule could say it: what is too large for a line is cut short.
    pub fn written(&self, code: &Code) -> String {
        let mut text = String::new();
        self.write(code, &mut text);
        if text.len() > MAX_TEXT {
            let end = text.floor_char_boundary(MAX_TEXT);
            text.truncate(end);
            text.push_str(" ..");
        }
        text
    }

    /// The same, where the fields of one thing are written `.field`.
    pub fn written_of(&self, at_hand: u32, code: &Code) -> String {
        let mut inner = Search::new(self.estate);
        inner.names.clone_from(&self.names);
        inner.at_hand = Some(at_hand);
        inner.written(code)
    }

    fn write(&self, code: &Code, out: &mut String) {
        if out.len() > MAX_TEXT {
            return;
        }
        let program = &self.estate.program;
        match code {
            Code::Constant(value) => self.constant(value, out),
            Code::Local(local) => match self.names.get(local) {
                _ if self.at_hand == Some(*local) => out.push_str("it"),
                Some(name) => out.push_str(name),
                None => out.push_str("it"),
            },
            Code::ElementField { base, field } => {
                let name = program.fields[field.index()].name;
                self.field(base, self.estate.strings.resolve(&name), out);
            }
            Code::Member { base, name } => self.field(base, self.estate.strings.resolve(name), out),
            Code::Part { base, name } => self.field(base, name, out),
            Code::Index { base, index } => {
                self.write(base, out);
                out.push('[');
                self.write(index, out);
                out.push(']');
            }
            Code::Global(id) => out.push_str(&program.globals[id.index()].name),
            Code::Resource(id) => out.push_str(&program.resources[id.index()].name),
            Code::Now => out.push_str("now"),
            Code::Population(kinds) => out.push_str(&kinds.name),
            Code::Not(value) => {
                out.push_str("not ");
                self.write(value, out);
            }
            Code::And(left, right) => self.infix(left, "and", right, out),
            Code::Or(left, right) => self.infix(left, "or", right, out),
            Code::Coalesce { left, right, .. } => self.infix(left, "??", right, out),
            Code::Compare { op, left, right, .. } => self.infix(left, comparison(*op), right, out),
            Code::Binary { op, left, right } => self.infix(left, operator(*op), right, out),
            Code::Is { value, test, negated } => {
                self.write(value, out);
                out.push_str(if *negated { " is not " } else { " is " });
                out.push_str(Search::test_name(test));
            }
            Code::Call { function, arguments } => {
                let name = program.model.functions.get_index(function.index()).map_or("..", |(name, _)| name);
                self.applied(name, arguments, out);
            }
            Code::Builtin { function, arguments, .. } => {
                let name = format!("{function:?}").to_lowercase();
                self.applied(&name, arguments, out);
            }
            Code::Named { kinds, name } => {
                out.push_str(&kinds.name);
                out.push_str(" named ");
                self.write(name, out);
            }
            Code::Interpolation(pieces) => {
                out.push('"');
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => out.push_str(text),
                        Piece::Code(code) => {
                            out.push('{');
                            self.write(code, out);
                            out.push('}');
                        }
                    }
                }
                out.push('"');
            }
            Code::List { items, .. } => self.list('[', items, ']', out),
            Code::Set(items) => self.list('{', items, '}', out),
            Code::Quantifier { quantifier, over, body, .. } => {
                out.push_str(match quantifier {
                    Quantifier::All => "all in ",
                    Quantifier::Any => "any in ",
                    Quantifier::None => "none in ",
                });
                self.source(over, out);
                out.push_str(": ");
                out.push_str(&self.written_of(over.local, body));
            }
            Code::Filter(over) => self.source(over, out),
            Code::ListComprehension { binders, value } => {
                out.push_str("[for ");
                for over in binders {
                    self.source(over, out);
                    out.push_str(": ");
                }
                match binders.last() {
                    Some(over) => out.push_str(&self.written_of(over.local, value)),
                    None => self.write(value, out),
                }
                out.push(']');
            }
            Code::Shared { value, .. } | Code::Convert { value, .. } | Code::Reference { value, .. } => {
                self.write(value, out);
            }
            _ => out.push_str(".."),
        }
    }

    fn constant(&self, value: &Value, out: &mut String) {
        let is_word =
            |text: &str| !text.is_empty() && text.chars().all(|one| one.is_alphanumeric() || one == '_');
        match self.estate.str_of(value) {
            Some(text) if !is_word(text) => {
                out.push('"');
                out.push_str(text);
                out.push('"');
            }
            _ => match value {
                Value::List(_) => {
                    out.push('[');
                    self.estate.render_into(value, out);
                    out.push(']');
                }
                _ => self.estate.render_into(value, out),
            },
        }
    }

    fn field(&self, base: &Code, name: &str, out: &mut String) {
        if !matches!(base, Code::Local(local) if self.at_hand == Some(*local)) {
            self.write(base, out);
        }
        out.push('.');
        out.push_str(name);
    }

    fn infix(&self, left: &Code, operator: &str, right: &Code, out: &mut String) {
        self.write(left, out);
        out.push(' ');
        out.push_str(operator);
        out.push(' ');
        self.write(right, out);
    }

    fn applied(&self, name: &str, arguments: &[Code], out: &mut String) {
        out.push_str(name);
        self.list('(', arguments, ')', out);
    }

    fn list(&self, open: char, items: &[Code], close: char, out: &mut String) {
        out.push(open);
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                out.push_str(", ");
            }
            self.write(item, out);
        }
        out.push(close);
    }

    fn source(&self, over: &Over, out: &mut String) {
        self.write(&over.source, out);
        for filter in &over.filters {
            out.push_str(" where ");
            out.push_str(&self.written_of(over.local, filter));
        }
    }

    fn test_name(test: &Test) -> &str {
        match test {
            Test::Present | Test::Filled => "present",
            Test::Absent | Test::Blank => "absent",
            Test::Known => "known",
            Test::Unknown => "unknown",
            Test::Empty => "empty",
            Test::Nonempty => "nonempty",
            Test::Dangling => "dangling",
            Test::Modelled => "modelled",
            Test::Private => "private",
            Test::All => "all",
            Test::Element(kinds) => &kinds.name,
        }
    }
}

fn comparison(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "==",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterEqual => ">=",
    }
}

fn operator(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Concat => "++",
        BinaryOp::Range => "..",
        BinaryOp::In => "in",
        BinaryOp::Contains => "contains",
        BinaryOp::Overlaps => "overlaps",
        BinaryOp::Covers => "covers",
        BinaryOp::Within => "within",
        BinaryOp::Matches => "matches",
        BinaryOp::Matching => "matching",
        BinaryOp::Like => "like",
    }
}
