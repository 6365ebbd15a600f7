//! What a call takes, while its arguments are written.

use iom_base::TextSize;
use iom_semantic::look::{CallSite, Called, look};

use crate::Analysis;
use crate::spot::item_at;
use crate::words;

/// A function, a policy or a blueprint as it is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureHelp {
    /// `scaled(of: int, by: int): int`
    pub label: String,
    pub doc: Option<String>,
    /// The parameters' places in the label, in bytes.
    pub parameters: Vec<std::ops::Range<usize>>,
    /// The one that the cursor is at.
    pub active: Option<usize>,
}

impl Analysis {
    pub fn signature_help(&self, path: &str, offset: u32) -> Option<SignatureHelp> {
        let db = self.db();
        let file = self.source(path)?;
        let offset = TextSize::new(offset);
        let text: &str = file.text(db);
        // Blanks at the end of half a call are part of nothing.
        let before = text.get(..usize::from(offset))?;
        let written = TextSize::new(u32::try_from(before.trim_end().len()).ok()?);
        let item = item_at(db, file, offset).or_else(|| item_at(db, file, written))?;
        let look = look(db, item);
        let arguments_of = |call: &&CallSite| {
            let range = item.span(db, call.node).range();
            let inner = text.get(std::ops::Range::<usize>::from(range))?;
            let open = range.start() + TextSize::new(u32::try_from(inner.find('(')?).ok()?);
            let is_closed = inner.trim_end().ends_with(')');
            let end = if is_closed { range.end() } else { offset.max(range.end()) };
            (open < offset && offset < end + TextSize::new(u32::from(!is_closed))).then_some(range.len())
        };
        let call = look.calls.iter().filter(|call| arguments_of(call).is_some()).min_by_key(arguments_of)?;
        let position = |argument: &iom_semantic::look::GivenArgument| item.span(db, argument.node).range();
        let at = call.arguments.iter().find(|one| position(one).contains_inclusive(offset));
        let count = match &call.called {
            Called::Declared { parameters, .. } => parameters.len(),
            Called::Builtin(name) => words::builtin(name).map_or(0, |one| one.parameters.len()),
        };
        let before_it = call.arguments.iter().filter(|one| position(one).end() < offset).count();
        let active = match at {
            Some(argument) if matches!(call.called, Called::Declared { .. }) => argument.parameter,
            _ => Some(before_it),
        };
        let mut help = self.signature_of(&call.called)?;
        help.active = active.filter(|at| *at < count);
        Some(help)
    }

    fn signature_of(&self, called: &Called) -> Option<SignatureHelp> {
        match called {
            Called::Builtin(name) => {
                let builtin = words::builtin(name)?;
                let parameters = builtin.parameters.iter().map(|one| (*one).to_owned());
                Some(signature(
                    name,
                    parameters,
                    Some(builtin.result.to_owned()),
                    Some(builtin.doc.to_owned()),
                ))
            }
            Called::Declared { name, place, parameters, result } => {
                let short = name.rsplit('.').next().unwrap_or(name);
                let doc = self.description(place).and_then(|described| described.doc);
                let parameters = parameters.iter().map(|one| {
                    let optional = if one.has_default { " = .." } else { "" };
                    format!("{}: {}{optional}", one.name, one.ty)
                });
                Some(signature(short, parameters, result.as_ref().map(ToString::to_string), doc))
            }
        }
    }
}

fn signature(
    name: &str,
    parameters: impl Iterator<Item = String>,
    result: Option<String>,
    doc: Option<String>,
) -> SignatureHelp {
    let mut label = format!("{name}(");
    let mut places = Vec::new();
    for (number, parameter) in parameters.enumerate() {
        if number > 0 {
            label.push_str(", ");
        }
        let start = label.len();
        label.push_str(&parameter);
        places.push(start..label.len());
    }
    label.push(')');
    if let Some(result) = result {
        label.push_str(&format!(": {result}"));
    }
    SignatureHelp { label, doc, parameters: places, active: None }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn calls_say_what_they_take() {
        let help = |text: &str| {
            let scaled = "/// Times something.\nfn scaled(of: int, by: int = 2): int = of * by\n";
            let fixture = Fixture::new(&format!("{scaled}{text}"));
            match fixture.analysis.signature_help("main.iom", fixture.offset) {
                Some(found) => {
                    let active = found.active.map(|at| &found.label[found.parameters[at].clone()]);
                    format!("{} | {active:?} | {:?}", found.label, found.doc)
                }
                None => "nothing".to_owned(),
            }
        };
        let answers = [
            help("const n = scaled($0)\n"),
            help("const n = scaled(1, $0)\n"),
            help("const n = scaled(1, $0"),
            help("const n = scaled(by: $03, of: 1)\n"),
            help("const n = scaled(scaled(2), 世$0)\n"),
            help("const n = scaled(size(\"😀\"$0), 2)\n"),
            help("const n = scaled(1)$0\n"),
            help(
                "blueprint B(name: string): Resource { resource r: aws.Bucket { name: name } }\nresource b = B($0)\n",
            ),
            help("policy p(limit: int) { for r: Resource { require limit > 1 } }\napply p($0)\n"),
        ];
        insta::assert_snapshot!(answers.join("\n"));
    }
}
