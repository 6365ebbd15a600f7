//! Adapters: how the objects of a source become elements.

use super::{
    combinators::{
        List, Rule, Rules, attempt, by_hand, demand, demand_body, first_of, list, next_word, node, optional,
        position, rule, sequence, skip, token, when, word,
    },
    expressions::{any_name, binding_name, part},
    operators::where_part,
    postfix::postfixes,
    primaries::dot_field,
    problems, wanted,
};
use crate::SyntaxKind::{self, *};

/// `from terraform data ["a", "b"] at .. each .. where .. { .. }`
pub(super) fn adapter(rules: &Rules) -> Rule {
    let several = list(List {
        opening: LBracket,
        item: token(String),
        wanted: wanted::SOURCE_TYPES,
        items: "source types",
    });
    node(
        AdapterClause,
        sequence([
            word(FromKw),
            demand(any_name(), wanted::FORMAT),
            optional(word(DataKw)),
            optional(first_of([token(String), several])),
            optional(part(ClausePart, AtKw, rule(&rules.or))),
            optional(part(ClausePart, EachKw, rule(&rules.or))),
            optional(where_part(rules)),
            demand_body(rule(&rules.body), wanted::BODY),
        ]),
    )
}

/// `key .id, .arn`; the comma goes on only before `.`
pub(super) fn key_clause(rules: &Rules) -> Rule {
    let path = postfixes(rules, dot_field());
    let paths = by_hand(move |input| {
        loop {
            if !attempt(input, &path) {
                let at = position(input);
                input.state().report(at, |state| problems::expected(state, at, wanted::KEY_PATH));
                // `key id`: the name is taken, so that one mistake is one error.
                if input.state().kind(at) == Name && !input.state().is_field_start(at) {
                    skip(input, 1);
                    input.state().push_node(Error, at, at + 1);
                }
            }
            let at = position(input);
            if input.state().kind(at) != Comma || input.state().kind(at + 1) != Dot {
                return Ok(());
            }
            skip(input, 1);
        }
    });
    node(KeyClause, sequence([word(KeyKw), paths]))
}

/// `part v: "source_type" on .path`, and `parts`
pub(super) fn part_clause(rules: &Rules, keyword: SyntaxKind) -> Rule {
    let on = demand(next_word(OnKw), wanted::PART_ON);
    let value = when(|state, at| !state.is_field_start(at), rule(&rules.or));
    node(
        PartClause,
        sequence([
            word(keyword),
            demand(binding_name(), wanted::NAME),
            demand(token(Colon), wanted::COLON),
            demand(token(String), wanted::STRING),
            on,
            demand(value, wanted::EXPRESSION),
        ]),
    )
}
