//! Codes that no text alone leads to, because they come from files, from a state or from the command line: each is made
//! to happen here, and what is said is kept under the code's name. Codes with a checked block on their page are shown by
//! the pages themselves. A rule of the registry looks for one or the other.

use crate::support::{MANIFEST, PLAN, POLICY, folder, iomc};

struct Case {
    slug: &'static str,
    files: Vec<(&'static str, String)>,
    arguments: &'static [&'static str],
    status: i32,
}

const EVAL: &[&str] = &["eval", "--state", "plan.json", "--at", "2026-11-22"];

/// A workspace with the sample's policies and plan, and these files.
const OVERDUE: &str = "module patterns\n\
    resource lead: org.Person { }\n\
    blueprint Kept(name: string) {\n  version: \"1.0.0\"  approved_by: [lead]  review_by: 2026-06-01\n  \
    resource store: aws.Bucket { name: name  versioning: true }\n}\n";

fn workspace(more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("iom.toml", MANIFEST.to_owned()),
        ("security.iom", POLICY.to_owned()),
        ("plan.json", PLAN.to_owned()),
    ];
    for (path, text) in more {
        files.retain(|(other, _)| other != path);
        files.push((path, (*text).to_owned()));
    }
    files
}

fn exception(bucket: &str, expires: &str) -> String {
    format!(
        "module exceptions\nuse security.versioned\n\nresource ciso: org.Person {{ }}\n\nexception legacy_logs {{\n  policy: versioned\n  \
         target: aws.Bucket where .name == \"{bucket}\"\n  reason: \"The vendor reads the bucket until the contract ends\"\n  \
         approved_by: [ciso]\n  opened: 2026-10-01\n  expires: {expires}\n}}\n"
    )
}

fn cases() -> Vec<Case> {
    let with = |slug, more: &[(&'static str, &str)], arguments, status| Case {
        slug,
        files: workspace(more),
        arguments,
        status,
    };
    let rule = "module rules\nkind Rule {\n  port: int in 1..65535\n  from terraform \"example_rule\" { port: .port }\n}\n\
                policy known { severity: low  for r: Rule { require r.port is present } }\n";
    let rule_plan =
        PLAN.replace("aws_s3_bucket", "example_rule").replace("\"bucket\": \"good\"", "\"port\": 70000");
    let owners = "module reference\ndata owners: list<string> from json \"owners.json\" at \".owners\"\n\
                  policy owned { severity: low  for b: aws.Bucket { require b.name in owners } }\n";
    let scratch = "module infrastructure\nresource orders: aws.Bucket { name: \"orders\"  versioning: true }\n\
                   resource scratch = orders with {\n  name: \"scratch\"\n  \
                   override versioning: false because \"scratch data\" until 2026-11-01\n}\n";
    let dependent =
        format!("{MANIFEST}\n[dependencies]\nshared-policies = {{ path = \"vendor/policies\" }}\n");
    let shared = MANIFEST.replace("sample", "shared-policies");
    let lock = format!(
        "version = 1\n\n[[package]]\nname = \"shared_policies\"\npath = \"vendor/policies\"\nsha256 = \"{}\"\n",
        "0".repeat(64)
    );
    vec![
        with("bad-dependency", &[("iom.toml", &dependent)], &["check"], 1),
        with(
            "lock-mismatch",
            &[("iom.toml", &dependent), ("iom.lock", &lock), ("vendor/policies/iom.toml", &shared)],
            &["check"],
            1,
        ),
        with(
            "bad-catalog",
            &[("catalog.iom", "catalog nist from oscal \"notes.txt\"\n"), ("notes.txt", "hello\n")],
            &["check"],
            1,
        ),
        with(
            "bad-data-file",
            &[("reference.iom", owners), ("owners.json", "{ \"owners\": \"payments\" }\n")],
            EVAL,
            2,
        ),
        with("bad-manifest", &[("iom.toml", &MANIFEST.replace("name", "nmae"))], &["check"], 1),
        with("exception-expired", &[("exceptions.iom", &exception("bad", "2026-11-01"))], EVAL, 1),
        with("exception-expiring", &[("exceptions.iom", &exception("bad", "2026-11-30"))], EVAL, 0),
        with("exception-unused", &[("exceptions.iom", &exception("bda", "2026-12-24"))], EVAL, 1),
        with("model-invalid", &[("security.iom", rule), ("plan.json", &rule_plan)], EVAL, 0),
        with("override-ended", &[("scratch.iom", scratch)], EVAL, 1),
        with("review-overdue", &[("patterns.iom", OVERDUE)], EVAL, 1),
        with(
            "not-applied",
            &[(
                "tags.iom",
                "module tags\npolicy tagged(tag: string) {\n  for b: aws.Bucket { require b.tags?[tag] is present }\n}\n",
            )],
            EVAL,
            1,
        ),
        Case { slug: "no-workspace", files: Vec::new(), arguments: &["check"], status: 2 },
        with(
            "not-a-plan",
            &[("plan.json", "{ \"@level\": \"info\" }\n")],
            &["eval", "--state", "terraform-plan:plan.json"],
            2,
        ),
        with(
            "too-deep",
            &[("deep.iom", &format!("const a = {}1{}\n", "[".repeat(300), "]".repeat(300)))],
            &["check"],
            1,
        ),
        with("too-large", &[("addresses.iom", &"// data\n".repeat(5 << 20))], &["check"], 1),
        with(
            "skipped-file",
            &[
                ("state/plan.json", PLAN),
                ("state/log.json", "{ \"@level\": \"info\", \"@message\": \"planning\" }\n"),
                ("state/settings.json", "{ \"colour\": \"blue\" }\n"),
            ],
            &["eval", "--state", "state", "--at", "2026-11-22"],
            1,
        ),
        with(
            "source-remark",
            &[("plan.json", &PLAN.replacen("\"format_version\": \"1.2\",", "", 1))],
            EVAL,
            1,
        ),
        with(
            "unknown-format",
            &[("inventory.json", "{ \"hosts\": [] }\n")],
            &["eval", "--state", "inventory.json"],
            2,
        ),
        with("unreadable-source", &[], &["eval", "--state", "terraform-plan:plan.jsno"], 2),
        with(
            "unsupported-version",
            &[("plan.json", "{ \"format_version\": \"9.0\", \"planned_values\": { } }\n")],
            EVAL,
            2,
        ),
        with(
            "vacuous-policy",
            &[(
                "keys.iom",
                "module keys\npolicy rotated { severity: low  for k: aws.KmsKey { require k.rotation } }\n",
            )],
            EVAL,
            1,
        ),
    ]
}

#[test]
fn codes_from_outside_the_text_are_shown() {
    for case in cases() {
        let files: Vec<(&str, &str)> = case.files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let folder = folder(&files);
        let ran = iomc(folder.path(), &[case.arguments, &["--color", "never"]].concat());
        let code = iom_diagnostics::find(case.slug).expect("a code").to_string();
        let shown = format!("$ iomc {}\n{}{}", case.arguments.join(" "), ran.stdout, ran.stderr);
        assert!(shown.contains(&code), "no {code} for {}:\n{shown}", case.slug);
        assert_eq!(ran.status, case.status, "{}:\n{shown}", case.slug);
        insta::with_settings!({ snapshot_path => "snapshots/codes", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(case.slug, shown);
        });
    }
}
