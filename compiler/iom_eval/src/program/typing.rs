use iom_model::{EnumType, RecordType, Refinement, Type};

use super::compile::Compiler;
use super::types::{EnumCode, RecordCode, RecordField, RefinementCode, TypeCode};
use super::{EnumId, RecordId, TypeId};
use crate::pattern::TextPattern;

impl Compiler<'_> {
    /// A type; equal types get the same id, and named ones may be recursive.
    pub fn ty(&mut self, ty: &Type) -> TypeId {
        if let Type::Named(name) = ty {
            return self.named(name);
        }
        if let Some(id) = self.ids.types.get(ty) {
            return *id;
        }
        let id = self.reserve();
        self.ids.types.insert(ty.clone(), id);
        let code = self.type_code(ty);
        self.types.types[id.index()] = code;
        id
    }

    fn reserve(&mut self) -> TypeId {
        self.types.types.push(TypeCode::Any);
        TypeId(self.types.types.len() as u32 - 1)
    }

    fn named(&mut self, name: &iom_model::QualifiedName) -> TypeId {
        if let Some(id) = self.ids.named_types.get(name) {
            return *id;
        }
        let id = self.reserve();
        self.ids.named_types.insert(name.clone(), id);
        if let Some(definition) = self.model.types.get(name) {
            let code = self.type_code(&definition.ty);
            self.types.types[id.index()] = code;
        }
        id
    }

    fn type_code(&mut self, ty: &Type) -> TypeCode {
        match ty {
            Type::Error | Type::Json | Type::Group { .. } => TypeCode::Any,
            Type::Absent => TypeCode::Absent,
            Type::Scalar(scalar) => TypeCode::Scalar(*scalar),
            Type::Optional(inner) => TypeCode::Optional(self.ty(inner)),
            Type::List(item) => TypeCode::List(self.ty(item)),
            Type::Set(item) => TypeCode::Set(self.ty(item)),
            Type::Map(key, value) => TypeCode::Map(self.ty(key), self.ty(value)),
            Type::Enum(ty) => TypeCode::Enum(self.enumeration(ty)),
            Type::Record(record) => TypeCode::Record(self.record(record)),
            Type::Union(types) => TypeCode::Union(types.iter().map(|ty| self.ty(ty)).collect()),
            // `type A = B`
            Type::Named(name) => TypeCode::Refined(self.named(name), RefinementCode::Nothing),
            Type::Element(nominal) => TypeCode::Element(Box::new(self.kind_set(nominal))),
            // Taint is a matter of the checker; here a secret is what it holds.
            Type::Secret(inner) => self.type_code(inner),
            Type::Refined(inner, refinement) => {
                let inner = self.ty(inner);
                TypeCode::Refined(inner, self.refinement(refinement))
            }
        }
    }

    pub fn enumeration(&mut self, ty: &EnumType) -> EnumId {
        if let Some(id) = self.ids.enums.get(ty) {
            return *id;
        }
        let names: Vec<_> = ty.alternatives.iter().map(|one| self.symbol(&one.name)).collect();
        let mut code = EnumCode { names: names.clone(), spellings: Default::default() };
        code.spellings.extend(names.iter().map(|name| (*name, *name)));
        // A wire spelling wins over a name: it is what sources write.
        for (alternative, name) in ty.alternatives.iter().zip(&names) {
            if let Some(wire) = &alternative.wire {
                let wire = self.symbol(wire);
                code.spellings.insert(wire, *name);
            }
        }
        let id = EnumId(self.types.enums.len() as u32);
        self.types.enums.push(code);
        self.ids.enums.insert(ty.clone(), id);
        id
    }

    fn record(&mut self, record: &RecordType) -> RecordId {
        let id = RecordId(self.types.records.len() as u32);
        self.types.records.push(RecordCode { fields: Vec::new() });
        let mut fields = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            fields.push(RecordField {
                name: self.symbol(&field.name),
                ty: self.ty(&field.ty),
                default: field.default.as_ref().map(|default| self.expr(default)),
                derive: field.derive.as_ref().map(|derive| (self.expr(&derive.value), derive.locals)),
                is_optional: field.ty.is_optional(),
                is_secret: super::load::is_secret(&field.ty),
                is_link: super::edge::has_link(self.model, &field.ty)
                    && !super::edge::has_element(self.model, &field.ty),
            });
        }
        self.types.records[id.index()] = RecordCode { fields };
        id
    }

    fn refinement(&mut self, refinement: &Refinement) -> RefinementCode {
        match refinement {
            Refinement::Range { low, high } => RefinementCode::Range {
                low: low.as_ref().map(|low| self.expr(low)),
                high: high.as_ref().map(|high| self.expr(high)),
            },
            Refinement::Matching(source) => RefinementCode::Matching(TextPattern::of_program(source)),
            Refinement::Size { low, high } => RefinementCode::Size { low: *low, high: *high },
            Refinement::Link => RefinementCode::Nothing,
            Refinement::Where { condition, locals } => {
                RefinementCode::Where { condition: self.expr(condition), locals: (*locals).max(1) }
            }
        }
    }
}
