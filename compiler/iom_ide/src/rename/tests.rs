#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use crate::fixture::Fixture;

/// All files after the rename, or why there is none.
fn renamed(text: &str, name: &str) -> String {
    let fixture = Fixture::new(text);
    let edits = match fixture.analysis.rename(&fixture.path, fixture.offset, name) {
        Ok(edits) => edits,
        Err(why) => return why,
    };
    let mut shown = String::new();
    for (file, edits) in edits {
        let mut text = fixture.analysis.text_of(file).to_owned();
        for edit in edits.iter().rev() {
            text.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
        }
        shown.push_str(&format!("//- {}\n{text}", fixture.analysis.path(file)));
    }
    shown
}

const SHOP: &str = "//- kinds.iom\nmodule shop\ntrait Sized : Resource { size: int }\nkind Server : Sized { size: int  name: string }\n\
     //- a.iom\nuse shop.Server\nresource a: Server { size: 3  name: \"size 世界\" }\n\
     //- b.iom\nuse shop.*\n// size\npolicy p(limit: int) { for s: Sized { let n = s.size require n < limit else \"{s.size} {n}\" } }\n";

fn shop(what: &str, name: &str) -> String {
    renamed(&SHOP.replacen(what, &what.replacen(what, &format!("$0{what}"), 1), 1), name)
}

#[test]
fn a_name_changes_everywhere_it_is_meant() {
    let answers = [
        shop("Server :", "Machine"),
        shop("size: int }", "extent"),
        shop("n = s.size", "count"),
        shop("limit: int", "most"),
        shop("p(limit", "small"),
        renamed(
            "catalog c { control \"C$0.1\" { title: \"One\" } }\npolicy p { covers: [c.\"C.1\"]  for r: Resource { require true } }\n",
            "C.2",
        ),
    ];
    insta::assert_snapshot!(answers.join("=====\n"));
}

#[test]
fn what_cannot_be_renamed_says_why() {
    let answers = [
        renamed("resource a: aws.Buc$0ket { name: \"a\" }\n", "Pail"),
        renamed("policy p { sever$0ity: high  for r: Resource { require true } }\n", "level"),
        renamed("const a$0 = 1\nconst b = 2\n", "b"),
        renamed("const a$0 = 1\n", "aws"),
        renamed("const a$0 = 1\n", "policy"),
        renamed("const a$0 = 1\n", "no name"),
        renamed("const a = $01\n", "x"),
        renamed("module m.n$0\n", "x"),
        renamed("kind K : Resource { own$0er: ref org.Team? }\n", "x"),
        renamed("kind K : Resource { a$0: int  b: int }\n", "b"),
        renamed("policy p { for r: Resource { let n$0 = 1 let m = 2 require n < m } }\n", "m"),
        renamed("test \"ti$0tle\" { expect true }\n", "x"),
        shop("Server :", "Sized"),
    ];
    insta::assert_snapshot!(answers.join("\n"));
}

#[test]
fn a_name_that_can_be_changed_is_told_first() {
    let fixture = Fixture::new("const 世 = 1\nconst value$0 = 2\n");
    let found = fixture.analysis.prepare_rename(&fixture.path, fixture.offset).unwrap();
    assert_eq!((found.name.as_str(), u32::from(found.range.len())), ("value", 5));
}
