use crate::support::{MANIFEST, PLAN, POLICY, folder, iomc};

const CANARY: &str = "canary-hunter2";

#[test]
fn a_secret_beside_a_finding_is_never_repeated() {
    assert!(PLAN.contains(CANARY));
    // Marked as secret by the source, in a value that a policy reads, and in one that nothing reads.
    let marked = PLAN.replace("\"bucket\": \"bad\"", &format!("\"bucket\": \"{CANARY}\"")).replacen(
        "\"sensitive_values\": {}",
        "\"sensitive_values\": { \"bucket\": true }",
        2,
    );
    for plan in [PLAN, marked.as_str()] {
        let minified: String = plan.lines().map(str::trim).collect();
        let folder = folder(&[
            ("iom.toml", MANIFEST),
            ("security.iom", POLICY),
            ("plan.json", plan),
            ("minified.json", &minified),
        ]);
        for state in ["plan.json", "minified.json"] {
            for format in ["human", "short", "json"] {
                let ran = iomc(folder.path(), &["eval", "--state", state, "--all", "--format", format]);
                assert_ne!(ran.status, 2, "{ran:#?}");
                assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY), "{ran:#?}");
            }
        }
    }
}

#[test]
fn a_broken_source_is_not_quoted() {
    let broken = PLAN.replace("\"versioning\": [", "\"versioning\": canary-hunter2 [");
    let folder = folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY), ("plan.json", &broken)]);
    let ran = iomc(folder.path(), &["eval", "--state", "plan.json"]).exits(2);
    assert!(!ran.stderr.contains(CANARY), "{ran:#?}");
}

#[test]
fn what_no_kind_maps_and_what_sources_say_keep_their_secrets() {
    let unmarked = PLAN.replace(CANARY, "x").replace("aws_s3_bucket", "example_vault");
    let unmarked = unmarked.replace("\"bucket\": \"bad\"", &format!("\"bucket\": \"{CANARY}\""));
    let marked = unmarked.replace("\"sensitive_values\": {}", "\"sensitive_values\": { \"bucket\": true }");
    let kind = r#"
        kind Vault : Resource {
          hidden: secret string?
          from terraform "example_vault" { hidden: .bucket }
        }
        policy a { for v: Vault { require v.source.bucket == "x" else "{v} {v.source.bucket}" } }
        policy b { for v: Vault { require v.source == v.tags and v.hidden is present else "{v} {v.source}" } }"#;
    let rest = r#"
        policy a { for r: terraform.Resource { require r.values.bucket == "x" else "{r} {r.values}" } }
        policy b { for r: terraform.Resource { require none v in r.values: v == "x" else "{r.values.bucket}" } }
        policy c { for r: terraform.Resource { require r.source.bucket like "c*" and r.values == r.tags } }"#;
    for (rules, plan) in [(kind, &unmarked), (kind, &marked), (rest, &marked)] {
        let folder = folder(&[("iom.toml", MANIFEST), ("rules.iom", rules), ("plan.json", plan)]);
        let quiet = |arguments: &[&str]| {
            let ran = iomc(folder.path(), arguments);
            assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY), "{ran:#?}");
            assert_ne!(ran.status, 2, "{ran:#?}");
        };
        for format in ["human", "short", "json"] {
            quiet(&["eval", "--state", "plan.json", "--all", "--format", format]);
        }
        quiet(&["query", "[for r in terraform.Resource: r.values]", "--state", "plan.json"]);
    }
}

/// A secret that somebody answers for until a date; what it is stays out of every output all the same.
#[test]
fn a_secret_can_be_excepted_until_a_date() {
    let rules = r#"resource ciso: org.Person { }
exception being_moved {
  policy: std.model.plaintext_secret
  target: aws.DbInstance
  reason: "It moves to the secrets manager with the next release"
  approved_by: [ciso]
  opened: 2026-11-01
  expires: 2026-12-24
}
"#;
    let infra = format!(
        "resource \"aws_db_instance\" \"d\" {{ password = \"{CANARY}\" }}\n\
         resource \"aws_instance\" \"i\" {{ user_data = \"export KEY=AKIAQ4J6L2M8N0P1R3S5\" }}\n"
    );
    let folder = folder(&[("iom.toml", MANIFEST), ("rules.iom", rules), ("infra/main.tf", &infra)]);
    let verdicts = |at: &str| -> Vec<String> {
        let arguments = ["eval", "--state", "infra", "--only", "std.model.*", "--format", "json", "--at", at];
        let ran = iomc(folder.path(), &arguments).exits(1);
        assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY), "{ran:#?}");
        let report = ran.json();
        let one = |finding: &serde_json::Value| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
            let exception = text(&finding["exception"]["name"]);
            format!("{} {} {exception}", text(&finding["resource"]["address"]), text(&finding["verdict"]))
        };
        report["findings"].as_array().unwrap().iter().map(one).collect()
    };
    assert_eq!(verdicts("2026-11-22"), ["aws_db_instance.d excepted being_moved", "aws_instance.i fail -"]);
    assert_eq!(verdicts("2026-12-24"), ["aws_db_instance.d fail -", "aws_instance.i fail -"]);
}

/// A kind that calls an attribute secret hides it from rules, and nothing in the object from who looks for secrets.
#[test]
fn secrets_are_looked_for_where_a_kind_hides_some() {
    let rules = r#"module m
kind Vault : Resource { bucket: string?  hidden: secret string?  from terraform "example_vault" { bucket: .bucket  hidden: .api_token } }
"#;
    let infra = format!(
        "resource \"example_vault\" \"v\" {{\n  api_token = \"{CANARY}\"\n  note = \"AKIAQ4J6L2M8N0P1R3S5\"\n}}\n\
         resource \"example_vault\" \"w\" {{ bucket = \"logs\" }}\n"
    );
    let folder = folder(&[("iom.toml", MANIFEST), ("rules.iom", rules), ("infra/main.tf", &infra)]);
    let arguments = ["eval", "--state", "infra", "--only", "std.model.plaintext_secret", "--format", "json"];
    let ran = iomc(folder.path(), &arguments).exits(1);
    assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY), "{ran:#?}");
    let report = ran.json();
    let found = report["findings"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    let text = found[0].to_string();
    assert!(
        text.contains("example_vault.v") && text.contains("api_token") && text.contains("note"),
        "{text}"
    );
}
