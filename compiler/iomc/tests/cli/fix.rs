//! `iomc fix`

use std::fs;

use crate::support::{MANIFEST, folder, iomc};

const RULES: &str = r#"module rules

policy versioned {
  title: "Buckets keep old versions"
  severity: high
  for b: aws.Bucket {
    require kept: b.versioning else "{b} keeps none" fix { versioning: true }
  }
}

policy unprivileged {
  title: "Containers are not privileged"
  severity: high
  for w: k8s.Workload for c in w.pod.all_containers {
    require not c.privileged else "{w}: {c.name}" fix c { privileged: false }
  }
}
"#;

const BUCKETS: &str = r#"module prod

resource prod: org.Environment { tier: production }

resource orders: aws.Bucket {
  name: "orders"
  environmnt: prod
}

resource shards for n in 1..2: aws.Bucket { name: "shard-{n}"  environment: prod }
"#;

const POD: &str = "apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec:
  containers:
    - { name: a, image: x }
  initContainers:
    - name: b
      image: y
      securityContext:
        privileged: true
";

const CONFIGURATION: &str = "resource \"aws_s3_bucket\" \"old\" {\n  bucket = \"old\"\n}\n";

fn workspace() -> tempfile::TempDir {
    folder(&[
        ("iom.toml", MANIFEST),
        ("rules.iom", RULES),
        ("prod.iom", BUCKETS),
        ("pod.yaml", POD),
        ("main.tf", CONFIGURATION),
    ])
}

#[test]
fn what_is_sure_is_done_and_the_rest_is_told() {
    let workspace = workspace();
    let run = |more: &[&str]| iomc(workspace.path(), &[&["fix", "--state", "."], more].concat());
    let would = run(&["--dry-run"]).exits(1);
    insta::assert_snapshot!("fix_shown_first", would.stdout);
    let read = |file: &str| fs::read_to_string(workspace.path().join(file)).expect("a file");
    assert_eq!(read("prod.iom"), BUCKETS);

    let ran = run(&[]).exits(1);
    insta::assert_snapshot!("fix_done", format!("{}{}", ran.stdout, read("prod.iom")));
    assert_eq!((read("pod.yaml"), read("main.tf")), (POD.to_owned(), CONFIGURATION.to_owned()));

    // Nothing more is sure; one declaration that makes several things is changed where that is asked for.
    let left = run(&["--format", "short"]).exits(1);
    assert!(left.stdout.contains("to do prod.iom:11: prod.shards[1]: set versioning: true"), "{left:#?}");
    let ran = run(&["--suggested", "--format", "short"]).exits(1);
    assert!(ran.stdout.starts_with("fixed prod.iom:11: "), "{ran:#?}");
    assert!(
        read("prod.iom").contains("shards for n in 1..2: aws.Bucket { name: \"shard-{n}\"  versioning: true")
    );

    let report = run(&["--format", "json"]).exits(1).json();
    let left: Vec<&str> =
        report["left"].as_array().expect("a list").iter().filter_map(|one| one["title"].as_str()).collect();
    assert_eq!(
        left,
        [
            "write spec.initContainers[0].securityContext.privileged: false",
            "write versioning { enabled = true }"
        ]
    );
    run(&["--only", "unprivileged"]).exits(1);
    iomc(workspace.path(), &["fix"]).exits(0);
}

#[test]
fn nothing_is_done_that_breaks_something_or_that_somebody_decided() {
    let main = "module main\n\n// Not formatted, and stays so.\nresource   base: aws.Bucket { name: \"base\"  versioning: false }\n\
                resource copy: aws.Bucket = base with { name: \"copy\" }\n\
                resource good: aws.Bucket { name: \"good\"  versioning: true }\n\
                resource kept: aws.Bucket = good with { name: \"kept\"  override versioning: false because \"scratch\" }\n\
                resource both: aws.Bucket { name: \"both\"  versionning: true  versioning: false }\n";
    let workspace = folder(&[("iom.toml", MANIFEST), ("main.iom", main), ("rules.iom", RULES)]);
    let path = workspace.path().join("main.iom");
    let ran = iomc(workspace.path(), &["fix"]).exits(1);
    assert!(ran.stdout.contains("it would bring about another error"), "{ran:#?}");
    assert!(ran.stderr.contains("versionning"), "{ran:#?}");
    assert_eq!(fs::read_to_string(&path).expect("a file"), main);

    fs::write(&path, main.replace("versionning: true  ", "")).expect("a file");
    let ran = iomc(workspace.path(), &["fix"]).exits(1);
    let after = fs::read_to_string(&path).expect("a file");
    insta::assert_snapshot!("fix_left", format!("{}{after}", ran.stdout));
}

#[test]
fn without_a_workspace_it_is_told() {
    let nothing = folder(&[]);
    iomc(nothing.path(), &["fix"]).exits(2).says("there is nothing to mend");
    let state = folder(&[("main.tf", CONFIGURATION)]);
    let ran = iomc(state.path(), &["fix", "--state", ".", "--only", "CKV_AWS_21"]).exits(1);
    assert!(
        ran.stdout.contains("to do main.tf:1: aws_s3_bucket.old: write versioning { enabled = true }"),
        "{ran:#?}"
    );
    iomc(state.path(), &["fix", "--state", ".", "--only", "NO_SUCH"]).exits(2).says("no policy matches");
}
