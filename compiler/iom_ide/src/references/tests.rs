#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use crate::fixture::Fixture;

fn references(text: &str) -> String {
    let fixture = Fixture::new(text);
    let found = fixture.analysis.references(&fixture.path, fixture.offset, true);
    let line = |one: &crate::Reference| format!("{:?} {}", one.access, fixture.shown(one.place));
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_use_is_found_and_nothing_that_is_merely_called_so() {
    let answers = [
        references(
            "//- kinds.iom\nmodule shop\nkind Server : Resource { size$0: int = 1  name: string }\n\
             //- a.iom\nuse shop.Server\nresource size: Server { size: 3  name: \"size\" }\nconst other = { size: 3 }\n\
             //- b.iom\nuse shop\n// size\npolicy p { for s: shop.Server { require s.size < 4 and 世(s.size) else \"{s.size} size\" } }\n",
        ),
        references(
            "//- kinds.iom\nmodule shop\nkind Server : Resource { name: string }\n\
             //- a.iom\nuse shop.Server as Box\nresource a: Bo$0x { name: \"a\" }\n\
             //- b.iom\nuse shop.*\nresource b: Server { name: \"b\" }\nresource c = b with { }\n",
        ),
        references(
            "policy p { for r: Resource { let n = 1 require n$0 < n } for n: Resource { require n is present } }\n",
        ),
        references(
            "catalog c { control \"C.1\" { title: \"One\" } }\npolicy p { covers: [c.\"C.$01\"]  for r: Resource { require true } }\n",
        ),
    ];
    insta::assert_snapshot!(answers.join("\n---\n"));
}
