use crate::support::{PLAN, folder, iomc};

#[test]
fn a_new_workspace_checks_tests_and_is_formatted() {
    let folder = folder(&[]);
    iomc(folder.path(), &["init", "estate"]).exits(0);
    let estate = folder.path().join("estate");
    let checked = iomc(&estate, &["check", "--deny-warnings"]).exits(0);
    assert!(
        checked.stdout.contains("nothing wrong") || checked.stderr.contains("nothing wrong"),
        "{checked:#?}"
    );
    iomc(&estate, &["test"]).exits(0);
    iomc(&estate, &["fmt", "--check"]).exits(0);
    for team in ["org", "infrastructure", "security", "compliance"] {
        assert!(estate.join(team).is_dir(), "{team}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder(&[("security/rules.iom", "// mine\n")]);
    iomc(folder.path(), &["init"])
        .exits(2)
        .says("security/rules.iom: this is there already; nothing was written");
    assert!(!folder.path().join("iom.toml").exists());
    assert_eq!(std::fs::read_to_string(folder.path().join("security/rules.iom")).unwrap(), "// mine\n");
}

#[test]
fn what_is_there_is_declared_without_being_ratified() {
    let folder = folder(&[("plan.json", PLAN)]);
    let made = iomc(folder.path(), &["init", "estate", "--from", "plan.json"]).exits(0);
    assert!(made.stdout.contains("2 unratified declarations were written"), "{made:#?}");
    let estate = folder.path().join("estate");
    let written = std::fs::read_to_string(estate.join("infrastructure/imported.iom")).unwrap();
    assert!(
        written.contains("/// aws_s3_bucket.good\nresource good: aws.Bucket {\n  unratified: true\n"),
        "{written}"
    );
    assert!(written.contains("versioning: true"), "{written}");
    let manifest = std::fs::read_to_string(estate.join("iom.toml")).unwrap();
    assert!(manifest.contains("path = \"../plan.json\""), "{manifest}");
    iomc(&estate, &["check", "--deny-warnings"]).exits(0);
    iomc(&estate, &["fmt", "--check"]).exits(0);
}

#[test]
fn unratified_declarations_can_at_most_escalate() {
    let policy =
        "policy versioned { for b: aws.Bucket { require b.versioning else \"{b} is not versioned\" } }\n";
    let bucket = |more: &str| format!("{policy}resource b: aws.Bucket {{ name: \"b\"{more} }}\n");
    for (more, status, decision) in [("", 1, "block"), ("  unratified: true", 3, "escalate")] {
        let folder = folder(&[("iom.toml", crate::support::MANIFEST), ("a.iom", &bucket(more))]);
        let report = iomc(folder.path(), &["eval", "--format", "json"]).exits(status).json();
        assert_eq!(report["decision"], decision);
        if status == 3 {
            assert_eq!(report["escalations"][0]["cause"], "unratified_intent");
        }
    }
}

/// What is not written is named, each with its reason.
#[test]
fn what_is_left_out_says_why() {
    let infra = r#"
resource "aws_kms_key" "elsewhere_not" { }
resource "aws_db_instance" "d" {
  identifier = "shop"
  password   = "hunter2hunter2"
  kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/1"
  engine     = var.engine
}
variable "engine" { }
"#;
    let folder = folder(&[("infra/main.tf", infra)]);
    iomc(folder.path(), &["init", "estate", "--from", "infra"]).exits(0);
    let estate = folder.path().join("estate");
    let written = std::fs::read_to_string(estate.join("infrastructure/imported.iom")).unwrap();
    let says = |text: &str| assert!(written.contains(text), "no `{text}` in {written}");
    says("// key: refers to arn:aws:kms:eu-west-1:111122223333:key/1, which is not declared here");
    says("// engine: not known: the source says nothing of it");
    assert!(!written.contains("hunter2"), "{written}");
    iomc(&estate, &["check", "--deny-warnings"]).exits(0);
}
