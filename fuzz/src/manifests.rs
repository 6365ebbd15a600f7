//! What must hold for every manifest of Kubernetes and every template of CloudFormation, whatever is in it.

use iom_state::document::{AttributeFilter, Document, Format, Wanted};
use iom_state::tape::{NodeIndex, NodeValue, Strings};

/// Attributes that are kept; all where there are none.
pub struct Kept(Vec<String>);

impl Kept {
    pub fn all() -> Kept {
        Kept(Vec::new())
    }

    pub fn these(names: &[&str]) -> Kept {
        Kept(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl Wanted for Kept {
    fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
        Some(if self.0.is_empty() { AttributeFilter::All(&[]) } else { AttributeFilter::These(&self.0) })
    }
}

/// What a secret holds is nowhere; an object is of one API version and kind.
pub fn kubernetes(text: &str) {
    let Some((document, strings)) = import(text, Format::Kubernetes, &[]) else { return };
    for object in &document.objects {
        let source_type = strings.resolve(&object.source_type);
        assert!(source_type.contains('/'), "{source_type}");
        if source_type != "v1/Secret" {
            continue;
        }
        for name in ["data", "stringData"] {
            let key = strings.get(name);
            let held = key.zip(object.values).and_then(|(key, values)| document.tape.member(values, key));
            assert!(held.is_none_or(|held| is_hidden(&document, held)), "a secret is in the open");
        }
    }
    import(text, Format::Kubernetes, &["metadata", "spec"]);
}

/// References lead to resources that are there.
pub fn cloudformation(text: &str) {
    let Some((document, _)) = import(text, Format::Cloudformation, &[]) else { return };
    for mark in document.tape.marks.values() {
        for target in mark.references.iter().flat_map(|reference| &reference.targets) {
            assert!((target.0 as usize) < document.objects.len(), "a reference to nothing");
        }
    }
    import(text, Format::Cloudformation, &["BucketName", "Tags"]);
}

fn is_hidden(document: &Document, node: NodeIndex) -> bool {
    let tape = &document.tape;
    match tape.node(node).value {
        NodeValue::Object { .. } => tape.members(node).all(|(_, member)| is_hidden(document, member)),
        NodeValue::Null | NodeValue::Unknown(_) => true,
        _ => false,
    }
}

/// An import ends, says the same twice, and everything it says stands in the text, which it is not much larger than.
fn import(text: &str, format: Format, kept: &[&str]) -> Option<(Document, Strings)> {
    let kept = Kept::these(kept);
    let mut strings = Strings::default();
    let read = |strings: &mut Strings| iom_state::import(text.as_bytes(), Some(format), &kept, strings);
    let first = read(&mut strings);
    let second = read(&mut Strings::default());
    let (document, again) = match (first, second) {
        (Ok(document), Ok(again)) => (document, again),
        (Err(error), Err(again)) => {
            assert_eq!(error, again, "another reason the second time");
            assert!(!error.message.is_empty());
            let lines = text.split('\n').count() as u32;
            assert!(
                error.place.is_none_or(|(line, column)| (1..=lines).contains(&line) && column > 0),
                "{error}"
            );
            return None;
        }
        (first, second) => panic!("{:?} and then {:?}", first.err(), second.err()),
    };
    assert_eq!(document.tape.len(), again.tape.len());
    assert_eq!(document.remarks, again.remarks);
    // An object has an API version and a kind of its own, and merged mappings have a bound.
    assert!(document.tape.len() <= 4 * text.len() + 1_000_000, "{} values", document.tape.len());
    let stands_in_text = |offset: u32| assert!(offset as usize <= text.len(), "nothing stands at {offset}");
    document.objects.iter().for_each(|object| stands_in_text(object.offset));
    document.remarks.iter().for_each(|remark| stands_in_text(remark.offset));
    for index in 0..document.tape.len() as u32 {
        let node = document.tape.node(NodeIndex(index));
        stands_in_text(node.offset);
        if let NodeValue::List { first, len } | NodeValue::Object { first, len } = node.value {
            assert!(first.0 + len <= index, "what is in a value comes before it");
        }
    }
    Some((document, strings))
}
