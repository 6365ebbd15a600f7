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
