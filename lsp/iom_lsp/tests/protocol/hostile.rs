//! What a folder names outside itself is not read, unless somebody trusts it.

use std::path::Path;

use serde_json::{Value, json};

use crate::session::{Session, clients};
use crate::{MANIFEST, write};

const POLICY: &str = "module shop\n\npolicy named {\n  severity: low\n  for b: aws.Bucket {\n    \
                      require b.name is present else \"{b} has no name\"\n  }\n}\n";

/// Everything that a workspace can name, each time outside of it; beside it what is named.
fn hostile(base: &Path) -> std::path::PathBuf {
    let states = [
        "[[state]]\npath = \"../secret.json\"\n",
        "[[state]]\npath = \"link.json\"\nformat = \"json\"\n",
        "[[state]]\npath = \"infra\"\nformat = \"terraform\"\n",
        "[[state]]\npath = \"../elsewhere\"\n",
    ];
    let manifest =
        format!("{MANIFEST}\n[dependencies]\nother = {{ path = \"../other\" }}\n\n{}", states.join("\n"));
    write(base, "folder/iom.toml", &manifest);
    write(base, "folder/shop.iom", POLICY);
    write(base, "folder/data.iom", "module shop\n\ndata secrets: list<string> from json \"link.json\"\n");
    let main = "module \"m\" {\n  source = \"../../module\"\n}\n\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \
                file(\"../../secret.json\")\n}\n";
    write(base, "folder/infra/main.tf", main);
    write(base, "secret.json", "[\"CANARY-secret\"]");
    write(base, "elsewhere/plan.json", "{\"CANARY-elsewhere\": 1}");
    write(base, "module/main.tf", "resource \"aws_s3_bucket\" \"CANARY_module\" {\n}\n");
    write(base, "other/iom.toml", &MANIFEST.replace("shop", "other"));
    write(base, "other/other.iom", "module other\n\nconst CANARY_other: int = \"\"\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret.json", base.join("folder/link.json")).unwrap();
    base.join("folder")
}

fn all_files(base: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![base.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[test]
fn nothing_outside_an_untrusted_folder_is_read_and_nothing_is_written() {
    for options in [Value::Null, json!({ "trusted": false })] {
        let base = tempfile::tempdir().unwrap();
        let folder = hostile(base.path());
        let before = all_files(base.path());
        let mut session = Session::start(&folder, &clients::told(), options);
        session.open("shop.iom", POLICY);
        let refused = session.told_until("iom.toml", |found| {
            found.iter().filter(|one| one.to_string().contains("outside the workspace")).count() >= 4
        });
        let said = Value::from(refused).to_string() + &Value::from(session.waiting.clone()).to_string();
        assert!(!said.contains("CANARY"), "{said}");
        session.end();
        assert_eq!(all_files(base.path()), before);
    }
}

#[test]
fn a_trusted_folder_may_use_what_lies_beside_it() {
    let base = tempfile::tempdir().unwrap();
    let manifest = format!("{MANIFEST}\n[dependencies]\nother = {{ path = \"../other\" }}\n");
    write(base.path(), "folder/iom.toml", &manifest);
    let user = "module shop\nuse other.limit\nconst most: int = limit\n";
    write(base.path(), "folder/shop.iom", user);
    write(base.path(), "other/iom.toml", &MANIFEST.replace("shop", "other"));
    write(base.path(), "other/other.iom", "module other\n\nconst limit: int = 1\n");
    let folder = base.path().join("folder");
    let mut session = Session::start(&folder, &clients::told(), json!({ "trusted": true }));
    session.open("shop.iom", user);
    assert_eq!(session.told("shop.iom", 1), [Value::Null; 0]);
    session.end();
}
