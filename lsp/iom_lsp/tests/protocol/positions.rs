use serde_json::{Value, json};

use crate::session::{Session, clients};
use crate::{MANIFEST, folder};

/// What stands before the mistake has one, two, three and four bytes in UTF-8.
const TEXT: &str = "module shop\nconst a: string = \"é漢🦀\" ++ nothing\n";

#[test]
fn characters_count_as_agreed() {
    let line = TEXT.lines().nth(1).unwrap();
    let before = &line[..line.find("nothing").unwrap()];
    let counts = [
        ("utf-8", before.len()),
        ("utf-16", before.encode_utf16().count()),
        ("utf-32", before.chars().count()),
    ];
    for (encoding, column) in counts {
        let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", TEXT)]);
        let client = json!({ "general": { "positionEncodings": [encoding] } });
        let mut session = Session::start(folder.path(), &client, Value::Null);
        session.open("shop.iom", TEXT);
        let found = session.told("shop.iom", 1);
        assert_eq!(found.len(), 1, "{found:?}");
        let place = json!({
            "start": { "line": 1, "character": column },
            "end": { "line": 1, "character": column + 7 },
        });
        assert_eq!(found[0]["range"], place, "{encoding}");
        // What is replaced is what was meant.
        session.change("shop.iom", 2, json!([{ "range": place, "text": "\"漢\"" }]));
        assert_eq!(session.told("shop.iom", 2), [Value::Null; 0], "{encoding}");
        session.end();
    }
}

#[test]
fn positions_past_an_end_are_that_end() {
    let folder = folder(&[("iom.toml", MANIFEST), ("shop.iom", TEXT)]);
    let mut session = Session::start(folder.path(), &clients::told(), Value::Null);
    session.open("shop.iom", TEXT);
    session.told("shop.iom", 1);
    let far = json!({ "line": 4_000_000, "character": 4_000_000 });
    let everything = json!({ "start": { "line": 0, "character": 0 }, "end": far });
    session.change("shop.iom", 2, json!([{ "range": everything, "text": "module shop\n" }]));
    assert_eq!(session.told("shop.iom", 2), [Value::Null; 0]);
    let backwards = json!({ "start": far, "end": { "line": 0, "character": 2 } });
    session.change("shop.iom", 3, json!([{ "range": backwards, "text": "const a: int = \"\"\n" }]));
    assert_eq!(session.told("shop.iom", 3).len(), 1);
    session.end();
}
