//! Lists of things that are alike: of ten thousand rules of security groups a few hundred differ. What an adapter makes of
//! one depends on what is written there and on nothing else, so it is made once for each that differs.

use iom_model::Builtin;
use iom_state::tape::Symbol;

use super::{
    Adapter, Code, FunctionId, Over, Pattern, Piece, Program, RefinementCode, Test, TypeCode, TypeId,
};

/// What an adapter's field makes of each item of a list, where equal items give equal values.
#[derive(Debug, Default)]
pub struct Alike {
    bodies: Box<[AlikeBody]>,
}

/// The body of a list comprehension that depends on nothing but what its item says.
#[derive(Debug)]
pub struct AlikeBody {
    /// The address of its code: that is how it is called.
    pub code: usize,
    /// The slot of the item.
    pub local: u32,
    /// Members of the item that are references: where one leads depends on more than what is written.
    pub references: Box<[Symbol]>,
    /// What its value becomes in the field.
    pub to: TypeId,
}

impl Alike {
    /// Of a field of this type.
    pub fn of(program: &Program, value: &Code, ty: TypeId) -> Alike {
        let mut bodies = Vec::new();
        if let Some(item) = item_of(program, ty) {
            find(program, value, item, &mut bodies);
        }
        Alike { bodies: bodies.into() }
    }

    #[inline]
    pub fn body(&self, code: &Code) -> Option<&AlikeBody> {
        let code = std::ptr::from_ref(code) as usize;
        self.bodies.iter().find(|body| body.code == code)
    }
}

/// Whether all that an adapter says of a text that it reads depends on that text alone.
pub fn is_of_text_alone(program: &Program, adapter: &Adapter) -> bool {
    let kind = program.kind(adapter.kind);
    let mut fields = adapter.fields.iter().zip(&kind.fields);
    fields.all(|(code, field)| {
        let Some(code) = code else { return true };
        let mut search = Search { program, bound: vec![0], item: None, references: Vec::new(), depth: 0 };
        let is_alone = code.parts.is_empty() && code.lets.is_empty() && search.is_pure(&code.value);
        is_alone && field.default.as_ref().is_none_or(is_literal) && is_made_alone(program, field.ty, &[])
    })
}

/// The type of the items of a list of records.
fn item_of(program: &Program, ty: TypeId) -> Option<TypeId> {
    let types = &program.types;
    let mut code = types.get(ty);
    while let TypeCode::Optional(inner) = code {
        code = types.get(*inner);
    }
    let TypeCode::List(item) = code else { return None };
    matches!(types.get(*item), TypeCode::Record(_)).then_some(*item)
}

fn find(program: &Program, code: &Code, item: TypeId, found: &mut Vec<AlikeBody>) {
    match code {
        Code::Binary { op: iom_model::BinaryOp::Concat, left, right }
        | Code::Coalesce { left, right, .. } => {
            find(program, left, item, found);
            find(program, right, item, found);
        }
        Code::ListComprehension { binders, value } => {
            let [over] = &**binders else { return };
            let is_plain = over.by.is_none() && over.second.is_none();
            let mut search = Search {
                program,
                bound: vec![over.local],
                item: Some(over.local),
                references: Vec::new(),
                depth: 0,
            };
            if is_plain && search.is_pure(value) && is_made_alone(program, item, &members_that_refer(value)) {
                found.push(AlikeBody {
                    code: std::ptr::from_ref(&**value) as usize,
                    local: over.local,
                    references: search.references.into(),
                    to: item,
                });
            }
        }
        _ => {}
    }
}

/// Members of a record whose values are resolved already.
fn members_that_refer(value: &Code) -> Vec<Symbol> {
    let Code::Record(members) = value else { return Vec::new() };
    let refers = |value: &Code| matches!(value, Code::Reference { .. });
    members.iter().filter(|(_, value)| refers(value)).map(|(name, _)| *name).collect()
}

/// Values in values.
const MAX_DEPTH: u32 = 32;

/// Whether converting a value to a type depends on the value alone; members of it that `resolved` names hold elements
/// already.
fn is_made_alone(program: &Program, ty: TypeId, resolved: &[Symbol]) -> bool {
    fn is_alone(program: &Program, ty: TypeId, resolved: &[Symbol], depth: u32) -> bool {
        let inner = |ty: &TypeId| is_alone(program, *ty, &[], depth + 1);
        depth < MAX_DEPTH
            && match program.types.get(ty) {
                TypeCode::Any | TypeCode::Absent | TypeCode::Scalar(_) | TypeCode::Enum(_) => true,
                TypeCode::Optional(item) | TypeCode::List(item) | TypeCode::Set(item) => inner(item),
                TypeCode::Map(key, item) => inner(key) && inner(item),
                TypeCode::Union(types) => types.iter().all(inner),
                TypeCode::Record(id) => program.types.record(*id).fields.iter().all(|field| {
                    field.derive.is_some()
                        || field.default.as_ref().is_none_or(is_literal)
                            && (resolved.contains(&field.name) || inner(&field.ty))
                }),
                TypeCode::Refined(item, refinement) => {
                    let is_plain = matches!(
                        refinement,
                        RefinementCode::Nothing
                            | RefinementCode::Matching { .. }
                            | RefinementCode::Size { .. }
                    );
                    is_plain && inner(item)
                }
                TypeCode::Element(_) => false,
            }
    }
    is_alone(program, ty, resolved, 0)
}

/// Whether a type is one of which nothing is computed when a part of it is read.
fn has_no_derived(program: &Program, ty: TypeId, depth: u32) -> bool {
    let inner = |ty: &TypeId| has_no_derived(program, *ty, depth + 1);
    depth < MAX_DEPTH
        && match program.types.get(ty) {
            TypeCode::Any | TypeCode::Absent | TypeCode::Scalar(_) | TypeCode::Enum(_) => true,
            TypeCode::Optional(item)
            | TypeCode::List(item)
            | TypeCode::Set(item)
            | TypeCode::Refined(item, _) => inner(item),
            TypeCode::Map(key, item) => inner(key) && inner(item),
            TypeCode::Union(types) => types.iter().all(inner),
            TypeCode::Record(id) => {
                let fields = &program.types.record(*id).fields;
                fields.iter().all(|field| field.derive.is_none() && inner(&field.ty))
            }
            TypeCode::Element(_) => false,
        }
}

fn is_literal(code: &Code) -> bool {
    match code {
        Code::Constant(_) => true,
        Code::List { items, .. } => items.iter().all(is_literal),
        Code::Set(items) => items.iter().all(is_literal),
        Code::Record(fields) => fields.iter().all(|(_, value)| is_literal(value)),
        Code::Map(entries) => entries.iter().all(|(key, value)| is_literal(key) && is_literal(value)),
        Code::Convert { value, .. } => is_literal(value),
        _ => false,
    }
}

/// Looks for anything that a value depends on beside the slots that are bound.
struct Search<'p> {
    program: &'p Program,
    bound: Vec<u32>,
    /// The slot of the item, whose members may be references.
    item: Option<u32>,
    references: Vec<Symbol>,
    depth: u32,
}

impl Search<'_> {
    fn is_pure(&mut self, code: &Code) -> bool {
        if self.depth >= MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        let is_pure = self.is_pure_inside(code);
        self.depth -= 1;
        is_pure
    }

    fn are_pure(&mut self, codes: &[Code]) -> bool {
        codes.iter().all(|code| self.is_pure(code))
    }

    fn is_pure_inside(&mut self, code: &Code) -> bool {
        match code {
            Code::Constant(_) => true,
            Code::Local(local) => self.bound.contains(local),
            Code::Member { base: value, .. }
            | Code::Part { base: value, .. }
            | Code::Not(value)
            | Code::Negate(value) => self.is_pure(value),
            Code::Is { value, test, .. } => !matches!(test, Test::Element(_)) && self.is_pure(value),
            Code::Index { base: left, index: right }
            | Code::And(left, right)
            | Code::Or(left, right)
            | Code::Binary { left, right, .. }
            | Code::Compare { left, right, .. }
            | Code::Coalesce { left, right, .. } => self.is_pure(left) && self.is_pure(right),
            Code::If(parts) => self.are_pure(&**parts),
            Code::Let { local, value, body } => {
                self.is_pure(value) && {
                    self.bound.push(*local);
                    self.is_pure(body)
                }
            }
            Code::Match { scrutinee, arms, .. } => {
                self.is_pure(scrutinee)
                    && arms.iter().all(|arm| {
                        arm.patterns.iter().all(|pattern| self.is_pattern_pure(pattern))
                            && self.is_pure(&arm.value)
                    })
            }
            Code::Quantifier { over, body, reach: None, screen: None, .. } => {
                self.is_over_pure(over) && self.is_pure(body)
            }
            Code::ListComprehension { binders, value } => {
                binders.iter().all(|over| self.is_over_pure(over)) && self.is_pure(value)
            }
            Code::MapComprehension { binders, key, value } => {
                binders.iter().all(|over| self.is_over_pure(over)) && self.is_pure(key) && self.is_pure(value)
            }
            Code::Filter(over) => self.is_over_pure(over),
            Code::List { items, .. } => self.are_pure(items),
            Code::Set(items) => self.are_pure(items),
            Code::Map(entries) => entries.iter().all(|(key, value)| self.is_pure(key) && self.is_pure(value)),
            Code::Record(fields) => fields.iter().all(|(_, value)| self.is_pure(value)),
            Code::Interpolation(pieces) => pieces.iter().all(|piece| match piece {
                Piece::Text(_) => true,
                Piece::Code(code) => self.is_pure(code),
            }),
            Code::Convert { value, to } => {
                is_made_alone(self.program, *to, &[])
                    && has_no_derived(self.program, *to, 0)
                    && self.is_pure(value)
            }
            Code::Call { function, arguments } => {
                self.are_pure(arguments) && self.is_function_pure(*function, arguments.len())
            }
            Code::Builtin { function, arguments, .. } => is_of_values(*function) && self.are_pure(arguments),
            Code::Reference { value, .. } => match &**value {
                Code::Member { base, name } if matches!(**base, Code::Local(local) if Some(local) == self.item) =>
                {
                    self.references.push(*name);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn is_over_pure(&mut self, over: &Over) -> bool {
        let is_plain = over.by.is_none() && over.joins.is_empty();
        if !is_plain || !self.is_pure(&over.source) {
            return false;
        }
        self.bound.push(over.local);
        self.bound.extend(over.second);
        self.bound.extend_from_slice(&over.also);
        self.are_pure(&over.filters)
    }

    fn is_pattern_pure(&mut self, pattern: &Pattern) -> bool {
        match pattern {
            Pattern::Any | Pattern::Absent | Pattern::Unknown | Pattern::Equal(_) => true,
            Pattern::Type { ty, local } => {
                self.bound.extend(*local);
                is_made_alone(self.program, *ty, &[]) && has_no_derived(self.program, *ty, 0)
            }
        }
    }

    /// A function that calls itself is not looked at to the end.
    fn is_function_pure(&mut self, function: FunctionId, arguments: usize) -> bool {
        let Some(function) = self.program.functions.get(function.index()) else { return false };
        let bound = std::mem::replace(&mut self.bound, (0..arguments as u32).collect());
        let item = self.item.take();
        let is_pure = self.is_pure(&function.value);
        self.bound = bound;
        self.item = item;
        is_pure
    }
}

/// Whether a function depends on its arguments alone: all that ask the estate are left out.
fn is_of_values(function: Builtin) -> bool {
    use Builtin::*;
    matches!(
        function,
        Size | Sum
            | Min
            | Max
            | First
            | Distinct
            | Only
            | Keys
            | Values
            | Sorted
            | Reverse
            | MapOf
            | Flags
            | Merge
            | Ports
            | ParseJson
            | ParseYaml
            | Lower
            | Upper
            | Trim
            | StartsWith
            | EndsWith
            | Split
            | Join
            | Replace
            | Base64Decode
            | Days
            | Hours
            | Seconds
            | Text
            | ToInt
            | Abs
    )
}
