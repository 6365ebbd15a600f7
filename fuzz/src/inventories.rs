//! What must hold for every inventory and every schema, whatever is in it.

use iom_diagnostics::Diagnostic;
use iom_schema::Options;
use iom_semantic::Host;
use iom_state::About;
use iom_state::document::{Document, Format};
use iom_state::tape::{NodeIndex, NodeValue, Strings};

use super::manifests::Kept;

/// Tables, lists and items of AWS Config: an import ends, says the same twice, and everything it says stands in the text.
pub fn inventory(text: &str) {
    for format in [None, Some(Format::Csv), Some(Format::Json), Some(Format::AwsConfig)] {
        let about = About { format, name: "things.txt", ..About::default() };
        let import = || {
            let mut strings = Strings::default();
            let imported = iom_state::import_file(text.as_bytes(), &about, &Kept::all(), &mut strings);
            (imported.map(|document| shown(&document, &strings, text)), strings)
        };
        let (first, _) = import();
        let (second, _) = import();
        assert_eq!(first, second, "an import says something else the second time");
        if let Err(error) = first {
            assert!(!error.message.is_empty());
        }
    }
}

/// All that was read, and whether it stands in the text.
fn shown(document: &Document, strings: &Strings, text: &str) -> String {
    let stands_in_text = |offset: u32| assert!(offset as usize <= text.len(), "nothing stands at {offset}");
    let mut out = String::new();
    let mut addresses = Vec::new();
    for object in &document.objects {
        stands_in_text(object.offset);
        let address = strings.resolve(&object.address);
        out.push_str(&format!(
            "{address} {} {}\n",
            strings.resolve(&object.source_type),
            document.pointer(object)
        ));
        addresses.push(address);
        if let Some(values) = object.values {
            assert!(matches!(document.tape.node(values).value, NodeValue::Object { .. }));
        }
    }
    if document.format == Format::Csv {
        let count = addresses.len();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), count, "two lines have one address");
    }
    for index in 0..document.tape.len() as u32 {
        let node = document.tape.node(NodeIndex(index));
        if matches!(document.format, Format::Csv | Format::Json | Format::AwsConfig) {
            stands_in_text(node.offset);
        }
        out.push_str(&format!("{:?}\n", node.value));
    }
    out.push_str(&format!("{:?}", document.remarks));
    out
}

/// A schema that can be imported is text that is formatted, and that compiles.
pub fn schema(text: &str) {
    let Ok(mut documents) = iom_state::plain::documents(text) else { return };
    let document = match documents.len() {
        1 => documents.remove(0),
        _ => serde_json::Value::Array(documents),
    };
    let options = Options { with_data_sources: true, file: Some("file".to_owned()), ..Options::default() };
    let Ok(imported) = iom_schema::import(&document, &options) else { return };
    assert_eq!(imported, iom_schema::import(&document, &options).expect("the same again"));
    assert_eq!(iom_fmt::format(&imported.text).as_ref(), Ok(&imported.text), "the text is not formatted");
    let mut host = Host::new();
    host.set_file("schema.iom", &imported.text);
    let errors: Vec<_> = host.diagnostics().into_iter().filter(Diagnostic::is_error).collect();
    assert!(errors.is_empty(), "{errors:?} in\n{}", imported.text);
}
