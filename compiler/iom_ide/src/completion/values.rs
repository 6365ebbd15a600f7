//! Expressions: values of the type that is expected first.

use iom_model::{Nominal, Scalar, Type};
use iom_semantic::items::Item;
use iom_semantic::look::{fitting_resources, is_fitting, members_of, plain_type};
use smol_str::SmolStr;

use super::candidates::{Candidates, rank};
use super::{CompletionKind, MOST};
use crate::words::BUILTINS;

/// Words that start an expression.
const WORDS: &[(&str, &str)] = &[
    ("if", "if ${1:condition} then ${2:value} else ${3:other}"),
    ("match", "match ${1:value} {\n  ${2:pattern} => $0\n}"),
    ("let", "let ${1:name} = ${2:value}: $0"),
    ("all", "all ${1:x} in ${2:xs}: $0"),
    ("any", "any ${1:x} in ${2:xs}: $0"),
    ("none", "none ${1:x} in ${2:xs}: $0"),
    ("not", "not $0"),
];

impl Candidates<'_> {
    pub fn values(
        &mut self,
        expected: Option<&Type>,
        bindings: &[(SmolStr, Type)],
        at_hand: Option<&Type>,
        is_adapter: bool,
        item: Item<'_>,
    ) {
        let db = self.analysis.db();
        let plain = expected.map(|ty| plain_type(db, ty));
        if let (Some(expected), Some(plain)) = (expected, &plain) {
            self.expected(expected, plain);
        }
        for (position, (name, ty)) in bindings.iter().enumerate().rev() {
            let is_shadowed = bindings[position + 1..].iter().any(|(later, _)| later == name);
            let fits = plain.as_ref().is_some_and(|expected| is_fitting(db, ty.required(), expected));
            let rank = if fits { rank::FITTING } else { rank::NEAR };
            if !is_shadowed {
                self.add(name, CompletionKind::Local, rank, ty.to_string());
            }
        }
        if let Some(ty) = at_hand {
            for field in members_of(db, ty) {
                let fits =
                    plain.as_ref().is_some_and(|expected| is_fitting(db, field.ty.required(), expected));
                let rank = if fits { rank::FITTING } else { rank::NEAR };
                self.add(&format!(".{}", field.name), CompletionKind::Field, rank, field.ty.to_string());
            }
        }
        if self.only_names(plain.as_ref()) {
            return;
        }
        if is_adapter {
            for word in ["$account", "$region", "$namespace", "$cluster", "$project", "$address"] {
                let one = self.add(word, CompletionKind::Local, rank::WORD, "what the source says of itself");
                one.insert = format!("\\{word}");
            }
        }
        self.globals(item);
        for builtin in BUILTINS {
            let one = self.add(builtin.name, CompletionKind::Function, rank::WORD, builtin.signature());
            one.insert = format!("{}($0)", builtin.name);
            one.about = format!("word {}", builtin.name);
        }
        for (word, insert) in WORDS {
            self.add(word, CompletionKind::Keyword, rank::WORD, "").insert = (*insert).to_owned();
        }
        for word in ["now", "unknown", "absent"] {
            self.add(word, CompletionKind::Value, rank::WORD, "").about = format!("word {word}");
        }
    }

    /// Values that are named by the type itself are all there is to say.
    fn only_names(&self, plain: Option<&Type>) -> bool {
        matches!(plain, Some(Type::Enum(_) | Type::Element(_) | Type::Scalar(Scalar::Bool)))
            && self.standing.word.is_empty()
    }

    fn expected(&mut self, expected: &Type, plain: &Type) {
        match plain {
            Type::Enum(ty) => {
                for one in &ty.alternatives {
                    let wire = one.wire.as_ref().map(|wire| format!("\"{wire}\"")).unwrap_or_default();
                    self.add(&one.name, CompletionKind::Value, rank::EXPECTED, wire);
                }
            }
            Type::Scalar(Scalar::Bool) => {
                for word in ["true", "false"] {
                    self.add(word, CompletionKind::Value, rank::EXPECTED, "bool");
                }
            }
            Type::Element(nominal) => self.resources(nominal),
            Type::Scalar(Scalar::Policy) => self.claims(),
            Type::Record(_) | Type::Map(..) => {
                self.add("{ }", CompletionKind::Value, rank::EXPECTED, expected.to_string()).insert =
                    "{ $0 }".to_owned();
            }
            Type::List(_) => {
                self.add("[ ]", CompletionKind::Value, rank::EXPECTED, expected.to_string()).insert =
                    "[$0]".to_owned();
            }
            _ => {}
        }
        if expected.is_optional() {
            self.add("absent", CompletionKind::Value, rank::FITTING, "").about = "word absent".to_owned();
        }
    }

    /// Declared resources that a reference may lead to.
    fn resources(&mut self, wanted: &Nominal) {
        let db = self.analysis.db();
        let word = self.standing.word.clone();
        let is_meant = move |name: &str| super::candidates::is_near(&word, name);
        let (found, has_more) = fitting_resources(db, wanted, &self.scope.module, &is_meant, MOST);
        self.is_incomplete |= has_more;
        for (name, kind) in found {
            self.global(&name, CompletionKind::Resource, rank::EXPECTED, kind.name());
        }
    }
}
