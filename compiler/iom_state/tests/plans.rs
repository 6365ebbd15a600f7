//! Published plans, read whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;
mod dump;

use common::estate::estate;
use common::{Imported, fixtures, import_bytes, import_in_pieces};

#[test]
fn published_plans_read_as_reviewed() {
    for file in fixtures() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let imported = import_bytes(&std::fs::read(&file).unwrap()).unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, dump::dump(&imported.document, &imported.strings));
        });
    }
}

#[test]
fn the_same_plan_in_other_encodings_reads_the_same() {
    let file = fixtures().into_iter().find(|file| file.ends_with("checkov-utf16.json")).unwrap();
    let bytes = std::fs::read(file).unwrap();
    let wide = import_bytes(&bytes).unwrap();
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    let text = String::from_utf16(&units).unwrap();
    let narrow = import_bytes(text.trim_start_matches('\u{feff}').as_bytes()).unwrap();
    let marked = import_bytes(text.as_bytes()).unwrap();
    let expected = dump::dump(&wide.document, &wide.strings);
    assert_eq!(dump::dump(&narrow.document, &narrow.strings), expected);
    assert_eq!(dump::dump(&marked.document, &marked.strings), expected);
    assert_ne!(narrow.document.sha256, wide.document.sha256, "the hash is of the bytes as read");
}

/// Everything that is known of a document.
fn all_of(imported: &Imported) -> String {
    let Imported { document, strings } = imported;
    let offsets: Vec<u32> = document.objects.iter().map(|object| object.offset).collect();
    format!("{}{}\n{:?}\n{offsets:?}", dump::dump(document, strings), document.sha256, document.files)
}

#[test]
fn plans_read_in_pieces_as_they_do_at_once() {
    let plain = estate(3500, 7);
    assert!(plain.len() > 3 << 19, "several pieces");
    let indented =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&plain).unwrap()).unwrap();
    let marked = format!("\u{feff}{plain}");
    let in_modules = plain.replace(
        "\"root_module\":{",
        "\"root_module\":{\"child_modules\":[{\"address\":\"module.a\",\"resources\":[]},{\"address\":\"module.b\",",
    );
    let in_modules = in_modules.replace("]}}}\n", "]}]}}}\n");
    let windows = plain.replace('\n', "\r\n");
    for text in [plain, indented, marked, in_modules, windows, estate(1, 1), estate(0, 1)] {
        let whole = import_bytes(text.as_bytes()).unwrap();
        let pieces = import_in_pieces(text.as_bytes()).unwrap();
        assert!(all_of(&pieces) == all_of(&whole), "{}", &text[..text.len().min(300)]);
    }
}

#[test]
fn what_cannot_be_read_in_pieces_is_left_to_be_read_at_once() {
    for file in fixtures() {
        let bytes = std::fs::read(&file).unwrap();
        if let Some(pieces) = import_in_pieces(&bytes) {
            assert_eq!(all_of(&pieces), all_of(&import_bytes(&bytes).unwrap()), "{}", file.display());
        }
    }
    let text = estate(2500, 3);
    let cut = &text[..text.len() / 2];
    let twice = text.replace("\"sensitive_values\":{\"tags\":{}}", "\"values\":{}");
    let secret = text.replace("\"sensitive_values\":{\"tags\":{}}", "\"sensitive_values\":{\"id\":true}");
    let large = text.replacen("10.0.0.0/8", &"1".repeat(3 << 20), 1);
    let not_json = text.replacen("10.0.0.0/8", "10.\n0.0.0/8", 1);
    let configured = text.replace("]}}}\n", "]}},\"configuration\":{}}");
    for text in [cut, &twice, &secret, &large, &not_json, &configured, "", "{}", "[1]"] {
        assert!(import_in_pieces(text.as_bytes()).is_none(), "{}", &text[..text.len().min(300)]);
    }
    let mut bytes = text.into_bytes();
    bytes[1 << 20] = 0xFF;
    assert!(import_in_pieces(&bytes).is_none());
    assert!(import_bytes(&bytes).is_err());
}

/// Reads every plan in the folder named by `IOM_STATE_PLANS`, and says what became of it. Without the variable there is
/// nothing to read.
#[test]
fn plans_of_a_folder_can_be_read() {
    let Some(folder) = std::env::var_os("IOM_STATE_PLANS") else { return };
    let mut folders = vec![std::path::PathBuf::from(folder)];
    let (mut read, mut refused) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            match import_bytes(&std::fs::read(&path).unwrap()) {
                Ok(_) => read += 1,
                Err(error) => refused.push(format!("{}: {error}", path.display())),
            }
        }
    }
    println!("{read} read, {} refused\n{}", refused.len(), refused.join("\n"));
    assert!(read > 0);
}
