#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use crate::fixture::Fixture;

const SHOP: &str = r#"//- kinds.iom
//! What the shop sells from.
module shop.kinds
/// Serves
/// customers.
kind Server : Resource {
  /// How big it is.
  size: int in 1..9 = 2
  zone: east "e" | west = east
  password: secret string = "hunter2hunter2"
  derive big: bool = .size > 3
  identity (name)
  name: string
}
/// Twice as much.
fn doubled(of: int): int = of * 2
catalog c { control "C.1" { title: "Encryption at rest" } }
"#;

fn hover(text: &str) -> String {
    let fixture = Fixture::new(&format!("{SHOP}//- main.iom\n{text}"));
    match fixture.analysis.hover(&fixture.path, fixture.offset) {
        Some(hover) => hover.markdown,
        None => "nothing".to_owned(),
    }
}

#[test]
fn hovers_say_what_a_word_is() {
    let answers = [
        hover("use shop.kinds.*\nresource a: Ser$0ver { name: \"a\" }\n"),
        hover("use shop.kinds.*\nresource a: Server { name: \"a\"  zone: we$0st }\n"),
        hover("use shop.kinds.*\npolicy p { for s: Server { require s.bi$0g else \"{s}\" } }\n"),
        hover("use shop.kinds.*\npolicy p { for s: Server { require $0s.big else \"{s}\" } }\n"),
        hover("use shop.kinds.*\nconst n: int = dou$0bled(3)\n"),
        hover("const n: int = si$0ze([1])\n"),
        hover("use shop.kin$0ds\n"),
        hover(
            "use shop.kinds.*\n/// Doc.\npolicy p$0 { title: \"世界 is big\"  severity: high  covers: [c.\"C.1\"]  aliases: [\"X1\"]  for s: Server { require s.big } }\n",
        ),
        hover("use shop.kinds.*\npolicy p { covers: [c.\"C.$01\"] for s: Server { require s.big } }\n"),
        hover("policy p { sever$0ity: high  for r: Resource { require true } }\n"),
        hover("policy p { severity: hi$0gh  for r: Resource { require true } }\n"),
        hover("const d$0 = 90d\n"),
        hover("const d = 9$00d\n"),
        hover("policy p { for r: Resource { require r.own$0er is present } }\n"),
    ];
    insta::assert_snapshot!(answers.join("\n=====\n"));
}

#[test]
fn a_field_that_is_set_says_where_its_value_comes_from() {
    let answers = [
        hover("use shop.kinds.*\nresource a: Server { name: \"a\"  si$0ze: 3 }\n"),
        hover(
            "use shop.kinds.*\nresource a: Server { name: \"a\"  size: 3 }\nresource b: Server = a with { name: \"b\"  override si$0ze: 4 because \"more\" }\n",
        ),
        hover("use shop.kinds.*\nresource a: Server { name: \"a\" }\namend a { si$0ze: 4 }\n"),
    ];
    insta::assert_snapshot!(answers.join("\n=====\n"));
}

#[test]
fn secrets_are_never_shown() {
    let answers = [
        hover("use shop.kinds.*\nresource a: Server { name: \"a\"  pass$0word: \"hunter2hunter2\" }\n"),
        hover("const to$0ken = \"ghp_0123456789abcdefghijABCDEFGHIJ012345\"\n"),
    ];
    let all = answers.join("\n=====\n");
    assert!(!all.contains("hunter2") && !all.contains("ghp_"), "{all}");
    insta::assert_snapshot!(all);
}
