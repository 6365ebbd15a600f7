//! Every question at many places of texts that end anywhere: an editor asks while people type.

use iom_base::TextRange;

use crate::Analysis;

const TEXTS: [&str; 2] = [
    "module shop\nuse aws\nuse shop.{a, b}\n/// Doc 世界.\nkind Server : Resource {\n  size: int in 1..9 = 2\n  zone: east \"e\" | west = east\n  disk: { gib: int }?\n  derive big: bool = .size > 3\n  identity (name)\n  name: string\n  from terraform \"server\" { key .id  part v: \"x\" on .y  size: .size ?? 3 }\n}\n\
     type Speed = slow < fast\nfn scaled(of: int, by: int = 2): int = of * by\nconst n = scaled(3, by: 4)\ndata d: list<string> from json \"d.json\" at \".x\"\n\
     resource 世: Server { name: \"é{n}\" }\nresource a for i in 1..3: Server { name: \"😀{i}\"  disk.gib: 3  zone: west }\nresource b = a with { override size: 3 because \"x\" until 2027-01-01 }\namend b { size: 4 }\n",
    "catalog c { control \"C.1\" { title: \"One\" } }\npolicy p(limit: int = 3) {\n  title: \"T\"\n  severity: high\n  mode: advise until 2027-01-01 then enforce\n  covers: [c.\"C.1\"]\n  for r: Resource where .owner is present {\n    let x = size(r.tags)\n    require labelled: any k in [1, 2]: k > x and match r.owner { absent => false  _ => true } else \"{r} 世界\" at r.owner fix { tags: {} }\n  }\n}\napply p(limit: 4) { mode: off }\n\
     group g { policies: [p] }\nexception e { policy: p.labelled  target: Resource where .unratified  reason: \"r\"  approved_by: []  opened: 2026-01-01  expires: 2026-02-01 }\n\
     blueprint B(name: string): Resource { resource one: aws.Bucket { name: name } require one.name != \"\" }\nresource made = B(name: \"m\")\nconst part = made.one.name\n\
     test \"t\" { given { resource q: aws.Bucket { name: \"q\" } } expect p fails on q because \"x\" }\nauthority au { for ch: Change { deny when ch.actor is org.Agent else \"{ch}\" } }\n",
];

/// All that can be asked about a place.
fn ask_everything(analysis: &Analysis, path: &str, offset: u32) {
    analysis.hover(path, offset);
    analysis.definition(path, offset);
    analysis.type_definition(path, offset);
    analysis.implementation(path, offset);
    analysis.references(path, offset, true);
    analysis.highlights(path, offset);
    analysis.signature_help(path, offset);
    analysis.selections(path, offset);
    let _ = analysis.prepare_rename(path, offset);
    let _ = analysis.rename(path, offset, "other");
    for one in analysis.completions(path, offset).items.iter().take(3) {
        analysis.completion_doc(&one.about);
    }
}

fn ask_about_all(analysis: &Analysis, path: &str, length: u32) {
    analysis.symbols(path);
    analysis.folds(path);
    analysis.links(path);
    analysis.semantic_tokens(path, None);
    analysis.inlay_hints(path, TextRange::up_to(length.into()));
}

#[test]
fn no_question_about_half_a_text_is_too_much() {
    for text in TEXTS {
        let mut analysis = Analysis::new("nowhere".into());
        for (end, _) in text.char_indices().step_by(7) {
            analysis.set_files([("main.iom", &text[..end])]);
            ask_everything(&analysis, "main.iom", end as u32);
            ask_about_all(&analysis, "main.iom", end as u32);
        }
    }
}

#[test]
fn no_place_of_a_text_is_too_much() {
    for text in TEXTS {
        let mut analysis = Analysis::new("nowhere".into());
        for text in [text.to_owned(), text.replace(['}', ')'], ""), text.replace([':', '='], "")] {
            analysis.set_files([("main.iom", text.as_str())]);
            for (offset, _) in text.char_indices().step_by(5) {
                ask_everything(&analysis, "main.iom", offset as u32);
            }
            // Past the end, and in a file that is not there.
            ask_everything(&analysis, "main.iom", text.len() as u32 + 9);
            ask_everything(&analysis, "nowhere.iom", 0);
        }
    }
}
