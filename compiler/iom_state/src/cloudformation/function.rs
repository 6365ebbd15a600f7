//! The functions of templates.

use std::borrow::Cow;

use data_encoding::BASE64;
use rustc_hash::FxHashMap;

use super::evaluate::{Call, Evaluator};
use super::value::{Computed, Item, Origin};
use crate::tape::{Symbol, UnknownCause};
use crate::tree::{NodeId, shown};

impl Evaluator<'_, '_> {
    pub(super) fn function(&mut self, call: &Call<'_>, node: NodeId) -> Item {
        let offset = self.offset(node);
        match call.name {
            "Ref" => match self.argument(call).as_text() {
                Some(name) => self.reference(&name, offset),
                None => Item::invalid(offset),
            },
            "GetAtt" => self.get_att(call, offset),
            "Sub" => self.sub(call, offset),
            "Join" => self.join(call, offset),
            "Select" => self.select(call, offset),
            "Split" => self.split(call, offset),
            "FindInMap" => self.find_in_map(call, offset),
            "If" => self.choose(call, offset),
            "Base64" => self.base64(call, offset),
            "Cidr" => self.cidr(call, offset),
            "Length" => match self.argument(call).value {
                Computed::List(items) => Item::new(Computed::Int(items.len() as i64), offset),
                _ => Item::open(offset),
            },
            "And" | "Or" | "Not" | "Equals" => match self.truth(node, 0) {
                Some(value) => Item::new(Computed::Bool(value), offset),
                None => Item::open(offset),
            },
            // What they give is nowhere in the template.
            "GetAZs" | "ImportValue" | "ToJsonString" => {
                let argument = self.argument(call);
                let mut origin = Origin { has_other_inputs: true, ..Origin::default() };
                origin.add(&argument);
                let cause = origin.cause();
                Item::unknown(cause, offset, origin)
            }
            other => {
                self.tell(
                    offset,
                    format!("`Fn::{}` is left to AWS: what it gives is not known here", shown(other)),
                );
                Item::open(offset)
            }
        }
    }

    /// The arguments of a function that takes a list; each may be a call. `None` where they are no list.
    fn arguments(&mut self, call: &Call<'_>) -> Option<Vec<NodeId>> {
        let list = self.tree.is_list(call.argument);
        list.then(|| self.tree.elements(call.argument).iter().map(|child| child.node).collect())
    }

    /// `Bucket.Arn`, or a list of both.
    fn get_att(&mut self, call: &Call<'_>, offset: u32) -> Item {
        if let Some(arguments) = self.arguments(call) {
            let [resource, attribute] = arguments.as_slice() else { return Item::invalid(offset) };
            let Some(resource) = self.tree.text(*resource).map(str::to_owned) else {
                return Item::invalid(offset);
            };
            let attribute = self.value(*attribute).as_text();
            return self.attribute(&resource, attribute.as_deref(), offset);
        }
        match self.tree.text(call.argument).and_then(|text| text.split_once('.')) {
            Some((resource, attribute)) => {
                let (resource, attribute) = (resource.to_owned(), attribute.to_owned());
                self.attribute(&resource, Some(&attribute), offset)
            }
            None => Item::invalid(offset),
        }
    }

    /// `"arn:aws:s3:::${Bucket}/*"`, with values of its own in a second argument.
    fn sub(&mut self, call: &Call<'_>, offset: u32) -> Item {
        let (template, own) = match self.arguments(call).as_deref() {
            Some([template, own]) => (*template, Some(*own)),
            Some([template]) => (*template, None),
            Some(_) => return Item::invalid(offset),
            None => (call.argument, None),
        };
        let mut given: FxHashMap<Symbol, Item> = FxHashMap::default();
        for child in own.map(|own| self.tree.members(own)).unwrap_or_default() {
            let value = self.value(child.node);
            given.insert(child.key, value);
        }
        // Numbers are templates without anything to put in.
        let Some(text) = self.plain(template).as_text() else { return Item::invalid(offset) };
        let mut parts: Vec<Cow<'_, Item>> = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            parts.push(Cow::Owned(Item::text(before, offset)));
            let Some((name, after)) = after.split_once('}') else { return Item::invalid(offset) };
            rest = after;
            if let Some(written) = name.strip_prefix('!') {
                parts.push(Cow::Owned(Item::text(format!("${{{written}}}"), offset)));
                continue;
            }
            let name = name.trim();
            let own = self.strings.get(name).and_then(|name| given.get(&name));
            parts.push(match (own, name.split_once('.')) {
                (Some(own), _) => Cow::Borrowed(own),
                (None, Some((resource, attribute))) => {
                    Cow::Owned(self.attribute(resource, Some(attribute), offset))
                }
                (None, None) => Cow::Owned(self.reference(name, offset)),
            });
        }
        parts.push(Cow::Owned(Item::text(rest, offset)));
        let parts: Vec<&Item> = parts.iter().map(|part| &**part).collect();
        self.joined(&parts, offset)
    }

    fn join(&mut self, call: &Call<'_>, offset: u32) -> Item {
        let arguments = self.arguments(call);
        let Some([delimiter, list]) = arguments.as_deref() else { return Item::invalid(offset) };
        let delimiter = self.value(*delimiter);
        let list = self.value(*list);
        let items = match list.value {
            Computed::List(items) => items,
            Computed::Unknown(_) => return Item { offset, ..list },
            _ => return Item::invalid(offset),
        };
        let mut parts = Vec::with_capacity(items.len() * 2);
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                parts.push(&delimiter);
            }
            parts.push(item);
        }
        self.joined(&parts, offset)
    }

    fn select(&mut self, call: &Call<'_>, offset: u32) -> Item {
        let arguments = self.arguments(call);
        let Some([index, list]) = arguments.as_deref() else { return Item::invalid(offset) };
        let index = self.value(*index);
        let list = self.value(*list);
        match (index.as_text().and_then(|text| text.trim().parse::<usize>().ok()), list.value) {
            (Some(index), Computed::List(items)) => {
                items.into_iter().nth(index).unwrap_or_else(|| Item::invalid(offset))
            }
            (_, Computed::Unknown(cause)) => {
                Item { value: Computed::Unknown(cause), offset, origin: list.origin }
            }
            (None, Computed::List(_)) if matches!(index.value, Computed::Unknown(_)) => index,
            _ => Item::invalid(offset),
        }
    }

    fn split(&mut self, call: &Call<'_>, offset: u32) -> Item {
        let arguments = self.arguments(call);
        let Some([delimiter, text]) = arguments.as_deref() else { return Item::invalid(offset) };
        let delimiter = self.value(*delimiter).as_text();
        let text = self.value(*text);
        match (delimiter.filter(|delimiter| !delimiter.is_empty()), text.as_text()) {
            (Some(delimiter), Some(text)) => {
                let items = text.split(&delimiter).map(|item| Item::text(item, offset)).collect();
                Item::new(Computed::List(items), offset)
            }
            (Some(_), None) if matches!(text.value, Computed::Unknown(_)) => text,
            _ => Item::invalid(offset),
        }
    }

    /// A value of a mapping; the names may be calls.
    fn find_in_map(&mut self, call: &Call<'_>, offset: u32) -> Item {
        let arguments = self.arguments(call);
        let (path, otherwise) = match arguments.as_deref() {
            Some([map, first, second]) => ([*map, *first, *second], None),
            Some([map, first, second, otherwise]) => ([*map, *first, *second], Some(*otherwise)),
            _ => return Item::invalid(offset),
        };
        let mut origin = Origin { has_other_inputs: true, ..Origin::default() };
        let mut found: Option<NodeId> = None;
        for (position, name) in path.into_iter().enumerate() {
            let name = self.value(name);
            let Some(text) = name.as_text() else {
                origin.add(&name);
                return Item::unknown(UnknownCause::NotReported, offset, origin);
            };
            let symbol = self.strings.get(&text);
            found = match (position, symbol, found) {
                (0, Some(symbol), _) => self.mappings.get(&symbol).copied(),
                (_, Some(symbol), Some(inside)) => self.tree.member(inside, symbol),
                _ => None,
            };
        }
        let default = || self.tree.member(otherwise?, self.names.default_value);
        match (found, default()) {
            (Some(found), _) => {
                let found = self.plain(found);
                self.copied(found)
            }
            (None, Some(default)) => self.value(default),
            (None, None) => Item::invalid(offset),
        }
    }

    fn choose(&mut self, call: &Call<'_>, offset: u32) -> Item {
        let arguments = self.arguments(call);
        let Some([condition, then, otherwise]) = arguments.as_deref() else { return Item::invalid(offset) };
        let truth = match self.tree.text(*condition).and_then(|name| self.strings.get(name)) {
            Some(name) => self.condition(name),
            None => return Item::invalid(offset),
        };
        match truth {
            Some(true) => self.value(*then),
            Some(false) => self.value(*otherwise),
            None => {
                let (then, otherwise) = (self.value(*then), self.value(*otherwise));
                match (then.as_text(), otherwise.as_text()) {
                    (Some(one), Some(other)) if one == other => then,
                    _ => Item::open(offset),
                }
            }
        }
    }

    fn base64(&mut self, call: &Call<'_>, offset: u32) -> Item {
        let text = self.argument(call);
        match text.as_text() {
            Some(text) => self.made(BASE64.encode(text.as_bytes()), offset),
            // How it begins says nothing of how its encoding begins.
            None => {
                Item { origin: text.origin.map(|origin| Box::new(Origin { ends: None, ..*origin })), ..text }
            }
        }
    }

    /// `[block, count, bits]`: the first networks of a block, each with so many bits for addresses.
    fn cidr(&mut self, call: &Call<'_>, offset: u32) -> Item {
        const MOST: i64 = 256;
        let arguments = self.arguments(call).unwrap_or_default();
        let given: Vec<Item> = arguments.into_iter().map(|argument| self.value(argument)).collect();
        let mut origin = Origin::default();
        given.iter().for_each(|item| origin.add(item));
        let texts: Option<Vec<String>> = given.iter().map(Item::as_text).collect();
        let Some(texts) = texts else {
            let cause = origin.cause();
            return Item::unknown(cause, offset, origin);
        };
        let number = |position: usize| texts.get(position).and_then(|text| text.trim().parse::<i64>().ok());
        let block = texts.first().and_then(|text| text.split_once('/'));
        let network = block.and_then(|(address, _)| address.parse::<std::net::Ipv4Addr>().ok());
        let bits = number(2).and_then(|bits| u32::try_from(bits).ok()).filter(|bits| *bits < 32);
        match (network, number(1), bits) {
            (Some(network), Some(count @ 1..=MOST), Some(bits)) => {
                let start = u64::from(u32::from(network));
                let nth = |position: u64| start + (position << bits);
                let blocks = (0..count as u64).map(|position| {
                    let address = std::net::Ipv4Addr::from(nth(position) as u32);
                    Item::text(format!("{address}/{}", 32 - bits), offset)
                });
                Item::new(Computed::List(blocks.collect()), offset)
            }
            // Version 6 is left to AWS.
            _ => Item::open(offset),
        }
    }
}
