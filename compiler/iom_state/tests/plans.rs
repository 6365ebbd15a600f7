//! Published plans, read whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;
mod dump;

use common::{fixtures, import_bytes};

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
