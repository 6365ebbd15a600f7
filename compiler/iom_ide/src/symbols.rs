use iom_base::TextRange;
use iom_syntax::{DeclarationSyntax, SyntaxNode, declarations, parse};
use smol_str::SmolStr;

/// A declaration as outlines show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    pub name: SmolStr,
    /// `policy`, `resource`, ..
    pub keyword: &'static str,
    pub range: TextRange,
    /// Where its name stands.
    pub name_range: TextRange,
}

pub(crate) fn of(text: &str) -> Vec<Symbol> {
    declarations(&parse(text).syntax()).iter().filter(|found| !found.name.is_empty()).map(symbol).collect()
}

fn symbol(found: &DeclarationSyntax) -> Symbol {
    let node = SyntaxNode::new_root(found.green.clone());
    let range = TextRange::at(found.offset, node.text_range().len());
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let mut written = tokens.filter(|token| token.text().trim_matches('"') == found.name);
    // A name of several words, such as a module's, starts with the declaration.
    let name_range =
        written.next().map_or(TextRange::empty(found.offset), |token| token.text_range() + found.offset);
    Symbol { name: found.name.clone(), keyword: found.keyword, range, name_range }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_listed_with_their_names() {
        let text = "module a.b\n\n/// Doc.\npolicy p { severity: high }\ntest \"a title\" { }\n";
        let symbols = of(text);
        let listed: Vec<(&str, &str)> = symbols.iter().map(|one| (one.keyword, one.name.as_str())).collect();
        assert!(listed.contains(&("policy", "p")), "{listed:?}");
        let policy = symbols.iter().find(|one| one.keyword == "policy").unwrap();
        assert_eq!(&text[policy.name_range], "p");
        assert!(policy.range.contains_range(policy.name_range));
    }
}
