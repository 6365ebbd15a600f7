#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use iom_eval::session::PolicyCounts;
use serde_json::json;

use super::{Unjudged, Verdicts};
use crate::Analysis;

/// 2026-11-22
const NOW: i64 = 1_795_305_600;

const RULES: &str = r#"module shop
kind Server : Resource {
  name: string
  size: int
  from terraform "server" { key .id  name: .name  size: .size  tags: .tags }
}
policy small { for s: Server { require s.size < 4 else "{s} is large" } }
policy named { for s: Server { require s.name != "" } }
"#;

fn plan(sizes: [i64; 3]) -> Vec<u8> {
    let server = |(number, size): (usize, i64)| {
        let name = format!("s{number}");
        json!({
            "address": format!("server.{name}"), "mode": "managed", "type": "server", "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
            "values": { "id": name, "name": name, "size": size }, "sensitive_values": {},
        })
    };
    let resources: Vec<_> = sizes.into_iter().enumerate().map(server).collect();
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": { "root_module": { "resources": resources } },
        "resource_changes": [], "configuration": { "root_module": {} },
    });
    serde_json::to_vec(&plan).unwrap()
}

/// `pass` and `fail` of each policy, as an editor would show them above it.
fn shown(verdicts: &Verdicts) -> String {
    let line = |one: &PolicyCounts| format!("{} {}/{}", one.policy, one.pass, one.fail);
    verdicts.by_policy().iter().map(line).collect::<Vec<_>>().join(", ")
}

#[test]
fn an_editor_shows_verdicts_while_rules_and_state_are_edited() {
    let mut workspace = Analysis::new("nowhere".into());
    workspace.set_files([("shop.iom", RULES)]);
    let mut verdicts = Verdicts::new();
    verdicts.set_source("plan.json", None, plan([1, 4, 2]));
    verdicts.report(&workspace, NOW).unwrap();
    assert_eq!(shown(&verdicts), "shop.named 3/0, shop.small 2/1");

    workspace.set_files([("shop.iom", RULES.replace("< 4", "< 2").as_str())]);
    verdicts.report(&workspace, NOW).unwrap();
    assert_eq!(shown(&verdicts), "shop.named 3/0, shop.small 1/2");

    // Half an edit: what was known stays.
    workspace.set_files([("shop.iom", RULES.replace("s.size < 4", "s.siz").as_str())]);
    assert_eq!(verdicts.report(&workspace, NOW).unwrap_err(), Unjudged::Rules);
    assert_eq!(shown(&verdicts), "shop.named 3/0, shop.small 1/2");

    workspace.set_files([("shop.iom", RULES)]);
    verdicts.set_source("plan.json", None, plan([1, 3, 2]));
    let report = verdicts.report(&workspace, NOW).unwrap();
    assert_eq!((report.summary.pass, report.findings.len()), (6, 0));
    assert_eq!(shown(&verdicts), "shop.named 3/0, shop.small 3/0");

    verdicts.set_source("plan.json", None, b"{".to_vec());
    assert!(
        matches!(verdicts.report(&workspace, NOW), Err(Unjudged::Source { name, .. }) if name == "plan.json")
    );
    verdicts.set_source("plan.json", None, plan([9, 9, 9]));
    verdicts.report(&workspace, NOW).unwrap();
    assert_eq!(shown(&verdicts), "shop.named 3/0, shop.small 0/3");
}
