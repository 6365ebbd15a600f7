#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use crate::definition::Destination;
use crate::fixture::Fixture;

const SHOP: &str = r#"//- kinds.iom
module shop.kinds
/// Serves.
kind Server : Resource {
  /// How big it is.
  size: int = 2
  zone: east "e" | west = east
  disk: { gib: int  kind: Disk? }?
  derive big: bool = .size > 3
  identity (name)
  name: string
}
type Disk = slow < fast
trait Sized : Resource { size: int }
fn doubled(of: int): int = of * 2
"#;

fn definition(text: &str) -> String {
    shown(text, |fixture| fixture.analysis.definition(&fixture.path, fixture.offset))
}

fn shown(text: &str, ask: impl Fn(&Fixture) -> Vec<Destination>) -> String {
    let fixture = Fixture::new(&format!("{SHOP}//- main.iom\n{text}"));
    let found = ask(&fixture);
    found.iter().map(|one| fixture.shown(one.name)).collect::<Vec<_>>().join("\n")
}

#[test]
fn names_lead_to_declarations() {
    let answers = [
        definition("use shop.kinds.Ser$0ver\n"),
        definition("use shop.kin$0ds\n"),
        definition("use shop.kinds.*\nresource a: Ser$0ver { name: \"a\" }\n"),
        definition("use shop.kinds\nresource a: kinds.$0Server { name: \"a\" }\n"),
        definition("use shop.kinds\nresource a: $0kinds.Server { name: \"a\" }\n"),
        definition("resource a: aws.Buc$0ket { name: \"a\" }\nuse aws\n"),
        definition("use shop.kinds.*\nconst n: int = dou$0bled(2)\n"),
        definition("use shop.kinds.*\nconst n: int = doubled($0of: 2)\n"),
        definition("const other = 3\nconst n: int = oth$0er + 1\n"),
    ];
    insta::assert_snapshot!(answers.join("\n---\n"));
}

#[test]
fn fields_values_and_locals_lead_to_where_they_are_declared() {
    let policy =
        |rule: &str| definition(&format!("use shop.kinds.*\npolicy p {{ for s: Server {{ {rule} }} }}\n"));
    let answers = [
        definition("use shop.kinds.*\nresource a: Server { name: \"a\"  si$0ze: 3 }\n"),
        definition("use shop.kinds.*\nresource a: Server { name: \"a\"  zone: ea$0st }\n"),
        definition("use shop.kinds.*\nresource a: Server { name: \"a\"  disk: { gi$0b: 3 } }\n"),
        definition("use shop.kinds.*\nresource a: Server { name: \"a\"  disk.gib: 3  disk.kind: fa$0st }\n"),
        definition("use shop.kinds.*\nresource a: Server { name: \"a\"  own$0er: payments }\n"),
        policy("require s.bi$0g else \"😀 {s}\""),
        policy("require $0s.big"),
        policy("require \"世界😀\" != s.na$0me"),
        policy("require s.zone == wes$0t"),
        policy("let n = s.size require n$0 < 3"),
        policy("require any o in Server: o$0.size > s.size"),
        policy("require s.disk?.gi$0b == 3"),
        policy("require match s.zone { wes$0t => true  _ => false }"),
        definition(
            "exception e { policy: p.sma$0ll }\npolicy p { for r: Resource { require small: true } }\n",
        ),
        definition(
            "catalog c { control \"C 1\" { title: \"One\" } }\npolicy p { covers: [c.\"C $01\"] for r: Resource { require true } }\n",
        ),
        definition(
            "use shop.kinds.*\ntest \"t\" { given { resource x: Server { name: \"x\" } } expect $0x.big }\n",
        ),
    ];
    insta::assert_snapshot!(answers.join("\n---\n"));
}

#[test]
fn types_and_what_is_made_of_them_are_found() {
    let types = |text: &str| shown(text, |one| one.analysis.type_definition(&one.path, one.offset));
    let made = |text: &str| shown(text, |one| one.analysis.implementation(&one.path, one.offset));
    let answers = [
        types("use shop.kinds.*\npolicy p { for s: Server { require $0s.big } }\n"),
        types("use shop.kinds.*\npolicy p { for s: Server { require s.disk?.ki$0nd is present } }\n"),
        made("use shop.kinds.*\nresource a: Ser$0ver { name: \"a\" }\nresource b: Server { name: \"b\" }\n"),
        made("trait T$0 : Resource { }\nkind K : T { a: int }\n"),
        made("trait T : Resource { a$0: int }\nkind K : T { a: int }\n"),
        made("policy p$0(n: int) { for r: Resource { require n > 1 } }\napply p(n: 1)\n"),
    ];
    insta::assert_snapshot!(answers.join("\n---\n"));
}

#[test]
fn broken_text_is_no_obstacle() {
    let answers = [
        definition("use shop.kinds.*\nresource a: Ser$0ver { name: \n"),
        definition(
            "use shop.kinds.*\nresource a: Server { name: \"a\" size: } } policy {{{\nresource b: Serv$0er",
        ),
        definition("use shop.kinds.*\npolicy p { for s: Server { require s.si$0ze < "),
        definition("$0"),
        definition("use shop.kinds.*\nresource a: Server { x: unknown_thing$0"),
    ];
    insta::assert_snapshot!(answers.join("\n---\n"));
}
