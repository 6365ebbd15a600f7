//! References are put on the values whose expressions name them.

use super::references::{Resolver, Scope};
use crate::blocks::align;
use crate::overlay::{Expressions, Given};
use crate::tape::{Mark, Node, NodeIndex, NodeValue, Reference, Tape, UnknownCause};

/// Marks the attributes of an object with the references of the expressions its resource block has.
pub(crate) fn mark_attributes(
    tape: &mut Tape,
    values: NodeIndex,
    expressions: NodeIndex,
    scope: Scope,
    resolver: &mut Resolver,
) {
    mark_block(tape, values, expressions, scope, resolver);
}

fn mark_entry(tape: &mut Tape, value: NodeIndex, entry: NodeIndex, scope: Scope, resolver: &mut Resolver) {
    match resolver.configuration.expressions.entry(entry) {
        Given::Block(Some(block)) => mark_block(tape, value, block, scope, resolver),
        Given::Blocks(blocks) => mark_blocks(tape, value, blocks, scope, resolver),
        _ => mark_expression(tape, value, entry, scope, resolver),
    }
}

/// A block's expressions over an object, or over the only element of a list.
fn mark_block(tape: &mut Tape, value: NodeIndex, block: NodeIndex, scope: Scope, resolver: &mut Resolver) {
    match tape.node(value).value {
        NodeValue::Object { .. } => {
            let expressions = resolver.configuration;
            for (key, entry) in expressions.expressions.tape.members(block) {
                if let Some(member) = tape.member(value, key) {
                    mark_entry(tape, member, entry, scope, resolver);
                }
            }
        }
        NodeValue::List { .. } => {
            for element in tape.elements(value) {
                mark_block(tape, element, block, scope, resolver);
            }
        }
        // The whole block is unknown: what is inside of it comes from all these.
        _ => mark_with_all(tape, value, block, scope, resolver),
    }
}

/// Blocks over the elements of a list: each over its own where that can be told, else all of them over the list.
fn mark_blocks(tape: &mut Tape, value: NodeIndex, blocks: NodeIndex, scope: Scope, resolver: &mut Resolver) {
    let expressions = &resolver.configuration.expressions;
    let node = tape.node(value);
    let aligned = match node.value {
        NodeValue::List { len, .. } if len == expressions.list_len(blocks) => {
            align(resolver.text, node.offset, blocks, expressions, resolver.strings)
        }
        NodeValue::Object { .. } => expressions.tape.element(blocks, 0).map(|block| vec![block]),
        _ => None,
    };
    match (node.value, aligned) {
        (NodeValue::List { .. }, Some(aligned)) => {
            for (element, block) in tape.elements(value).zip(aligned) {
                mark_block(tape, element, block, scope, resolver);
            }
        }
        (NodeValue::Object { .. }, Some(aligned)) if expressions.list_len(blocks) == 1 => {
            for block in aligned {
                mark_block(tape, value, block, scope, resolver);
            }
        }
        _ => mark_with_all(tape, value, blocks, scope, resolver),
    }
}

/// All references inside of blocks on one node.
fn mark_with_all(
    tape: &mut Tape,
    value: NodeIndex,
    entries: NodeIndex,
    scope: Scope,
    resolver: &mut Resolver,
) {
    let mut found = Vec::new();
    collect_expressions(&resolver.configuration.expressions, entries, &mut found);
    for expression in found {
        if let Some(followed) = resolver.mark(expression, scope)
            && followed.mark != Mark::default()
        {
            add(tape.marks.entry(value).or_default(), followed.mark, false);
        }
    }
}

fn collect_expressions(expressions: &Expressions, entry: NodeIndex, found: &mut Vec<NodeIndex>) {
    match expressions.entry(entry) {
        Given::Block(Some(block)) => {
            for (_, entry) in expressions.tape.members(block) {
                collect_expressions(expressions, entry, found);
            }
        }
        Given::Blocks(blocks) => {
            for block in expressions.tape.elements(blocks) {
                collect_expressions(expressions, block, found);
            }
        }
        _ => found.push(entry),
    }
}

fn mark_expression(
    tape: &mut Tape,
    value: NodeIndex,
    expression: NodeIndex,
    scope: Scope,
    resolver: &mut Resolver,
) {
    let Some(followed) = resolver.mark(expression, scope) else { return };
    let Node { value: node, offset } = tape.node(value);
    // The expression is known and its value is not: then it is null, and the provider chooses. (A module that hands
    // its variable on, `kms_key_id = var.kms_key_id`, with the variable left at null.)
    let is_null = followed.is_known && node == NodeValue::Unknown(UnknownCause::KnownAfterApply);
    if is_null {
        tape.set(value, Node { value: NodeValue::Null, offset });
    }
    let is_open = matches!(node, NodeValue::Unknown(_) | NodeValue::List { .. } | NodeValue::Object { .. });
    // What else a value depends on only matters while it is not known.
    let says_something =
        followed.mark != Mark::default() && (is_open || !followed.mark.references.is_empty());
    if !says_something && !is_null {
        return;
    }
    add(tape.marks.entry(value).or_default(), followed.mark, is_null);
}

fn add(mark: &mut Mark, found: Mark, is_left_to_provider: bool) {
    for reference in found.references {
        let is_known =
            |known: &Reference| known.targets == reference.targets && known.attribute == reference.attribute;
        if !mark.references.iter().any(is_known) {
            mark.references.push(reference);
        }
    }
    mark.unresolved_in = mark.unresolved_in.or(found.unresolved_in);
    mark.has_other_inputs |= found.has_other_inputs;
    mark.is_left_to_provider |= is_left_to_provider;
}
