//! What nobody wrote, beside what somebody did: inferred types, the names of parameters, and what blueprints set where an
//! instance says nothing.

use iom_base::{TextRange, TextSize};
use iom_semantic::items::{Item, Place, declaration, items};
use iom_semantic::look::{CallSite, Called, Look, look, type_at};
use iom_syntax::ast::{DeclarationKind, NodeId};
use iom_syntax::{SyntaxKind, lexer};

use crate::Analysis;
use crate::description::holds_secret;
use crate::spot::whole;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HintKind {
    Type,
    Parameter,
    /// What holds where nothing is said.
    Default,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InlayHint {
    pub offset: TextSize,
    pub label: String,
    pub kind: HintKind,
}

/// Longer types say less than they hide.
const MOST_CHARACTERS: usize = 40;

impl Analysis {
    /// The hints of the declarations that a range touches, in order.
    pub fn inlay_hints(&self, path: &str, within: TextRange) -> Vec<InlayHint> {
        let Some(file) = self.source(path) else { return Vec::new() };
        let db = self.db();
        let mut hints = Vec::new();
        for item in items(db, file).iter().filter(|item| within.intersect(whole(db, **item)).is_some()) {
            let look = look(db, *item);
            self.type_hints(*item, look, &mut hints);
            for call in &look.calls {
                self.call_hints(*item, call, &mut hints);
            }
        }
        hints.retain(|hint| within.contains_inclusive(hint.offset));
        hints.sort_by_key(|hint| hint.offset);
        hints
    }

    /// The types of constants and of names after `let`, where none is written.
    fn type_hints(&self, item: Item<'_>, look: &Look, hints: &mut Vec<InlayHint>) {
        let db = self.db();
        let mut names: Vec<NodeId> = Vec::new();
        if let DeclarationKind::Const { name, ty: None, value } = &declaration(db, item).kind
            && let Some(ty) = look.types.get(&value.id)
        {
            hints.extend(type_hint(item.span(db, name.id).end(), ty));
        }
        let text: &str = item.file(db).text(db);
        let range = whole(db, item);
        let Some(inner) = text.get(std::ops::Range::<usize>::from(range)) else { return };
        let lexed = lexer::lex(inner);
        let words: Vec<_> = lexed.tokens.iter().filter(|token| !token.kind.is_trivia()).collect();
        for pair in words.windows(2) {
            if let [first, second] = pair
                && first.kind == SyntaxKind::LetKw
            {
                names.extend(item.spans(db).nodes_at(second.range));
            }
        }
        for name in names {
            if let Some(ty) = look.types.get(&name) {
                hints.extend(type_hint(item.span(db, name).end(), ty));
            }
        }
    }

    fn call_hints(&self, item: Item<'_>, call: &CallSite, hints: &mut Vec<InlayHint>) {
        let Called::Declared { place, parameters, .. } = &call.called else { return };
        let db = self.db();
        let text: &str = item.file(db).text(db);
        let written = |node: NodeId| {
            let range = item.span(db, node).range();
            text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default()
        };
        for argument in call.arguments.iter().filter(|argument| !argument.is_named) {
            let Some(parameter) = argument.parameter.and_then(|at| parameters.get(at)) else { continue };
            let value = written(argument.value);
            // One that is called so says it already.
            if value.rsplit('.').next() != Some(parameter.name.as_str()) && !value.is_empty() {
                let offset = item.span(db, argument.value).start();
                let label = format!("{}:", parameter.name);
                hints.push(InlayHint { offset, label, kind: HintKind::Parameter });
            }
        }
        let given = |position: usize| call.arguments.iter().any(|one| one.parameter == Some(position));
        let left = parameters
            .iter()
            .enumerate()
            .filter(|(position, one)| one.has_default && !given(*position) && !holds_secret(&one.ty));
        let defaults: Vec<String> = left
            .filter_map(|(_, one)| Some(format!("{}: {}", one.name, self.default_of(place, &one.name)?)))
            .collect();
        let end = item.span(db, call.node).end();
        // The instance may go on with `with`: what is called ends with its parenthesis.
        let inner = text.get(..usize::from(end)).unwrap_or_default();
        let close = TextSize::new(u32::try_from(inner.trim_end().len()).unwrap_or(u32::MAX));
        if !defaults.is_empty() && inner.trim_end().ends_with(')') {
            let comma = if call.arguments.is_empty() { "" } else { ", " };
            let label = format!("{comma}{}", defaults.join(", "));
            hints.push(InlayHint { offset: close - TextSize::new(1), label, kind: HintKind::Default });
        }
    }

    /// What a parameter takes where nothing is given, as it is written.
    fn default_of(&self, called: &Place, name: &str) -> Option<String> {
        let item = self.item_of(called)?;
        let syntax = declaration(self.db(), item);
        let parameters = match &syntax.kind {
            DeclarationKind::Function { parameters, .. } | DeclarationKind::Blueprint { parameters, .. } => {
                parameters
            }
            DeclarationKind::Policy { parameters: Some(parameters), .. } => parameters,
            _ => return None,
        };
        let parameter = parameters.iter().find(|one| one.name.text == name)?;
        type_at(syntax, parameter.name.id)?;
        let range = item.span(self.db(), parameter.default.as_ref()?.id).range();
        let written = self.written(item, range);
        (written.chars().count() <= MOST_CHARACTERS && !written.contains('\n')).then_some(written)
    }
}

fn type_hint(offset: TextSize, ty: &iom_model::Type) -> Option<InlayHint> {
    if ty.is_error() {
        return None;
    }
    let label = format!(": {ty}");
    (label.chars().count() <= MOST_CHARACTERS).then_some(InlayHint { offset, label, kind: HintKind::Type })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn hints_say_what_nobody_wrote() {
        let text = "fn scaled(of: int, by: int = 2): int = of * by\nconst 数 = 1\nconst three = scaled(3)\nconst of = 4\nconst four = scaled(of, by: 3)\n\
                    blueprint Pair(name: string, zone: string = \"eu\"): Resource { resource one: Server { name: name } }\n\
                    kind Server : Resource { name: string }\nresource a = Pair(name: \"😀\")\nresource b = Pair(\"b\") with { }\n\
                    policy p(limit: int = 3) { for s: Server { let n = size(s.name) require n < limit } }\napply p()\nconst broken = scaled(";
        let fixture = Fixture::new(text);
        let whole = TextRange::up_to(TextSize::of(text));
        let hints = fixture.analysis.inlay_hints("main.iom", whole);
        let mut shown = text.to_owned();
        for hint in hints.iter().rev() {
            shown.insert_str(hint.offset.into(), &format!("⟦{}⟧", hint.label));
        }
        insta::assert_snapshot!(shown);
    }
}
