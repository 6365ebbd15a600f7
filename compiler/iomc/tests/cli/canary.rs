//! Secrets are planted in everything that can be read, and nothing that any command writes may hold one.
//!
//! A new format is a line in [`PLANTED`], a new command one in [`COMMANDS`].

use std::path::Path;

use crate::support::{MANIFEST, folder, iomc};

/// What is planted: by name, by form, in addresses, in scripts, in json inside text, encoded.
const SECRETS: &[&str] = &[
    "c4nary-by-name",
    "AKIAC4NARYBYFORM0001",
    "c4nary-in-address",
    "c4naryInScript99",
    "c4nary-in-json",
    "MIIEc4naryPrivateKeyBody",
    "ghp_c4naryc4naryc4naryc4naryc4naryc4nary",
    "c4nary-marked",
];

/// `export TOKEN=ghp_c4nary..` in base64; decoded nowhere, shown nowhere.
const ENCODED: &str = "ZXhwb3J0IFRPS0VOPWdocF9jNG5hcnljNG5hcnljNG5hcnljNG5hcnljNG5hcnljNG5hcnk=";

/// A source with secrets in it.
struct Planted {
    file: &'static str,
    text: &'static str,
    /// Whether the format can be read: `false` for those whose importer is to come.
    is_read: bool,
}

const PLANTED: &[Planted] = &[
    Planted {
        file: "plan.json",
        is_read: true,
        text: r#"{
  "format_version": "1.2", "terraform_version": "1.9.0",
  "variables": { "password": { "value": "c4nary-marked" } },
  "planned_values": {
    "outputs": { "o": { "sensitive": true, "value": "c4nary-marked" } },
    "root_module": { "resources": [
      { "address": "aws_db_instance.d", "mode": "managed", "type": "aws_db_instance", "name": "d",
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
        "values": { "identifier": "d", "password": "c4nary-by-name", "username": "c4nary-marked" },
        "sensitive_values": { "username": true } },
      { "address": "aws_instance.i", "mode": "managed", "type": "aws_instance", "name": "i",
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
        "values": { "user_data": "export DB_PASSWORD=c4naryInScript99\nexport ID=AKIAC4NARYBYFORM0001\n",
                    "user_data_base64": "ZXhwb3J0IFRPS0VOPWdocF9jNG5hcnljNG5hcnljNG5hcnljNG5hcnljNG5hcnljNG5hcnk=",
                    "tags": { "source": "https://app:c4nary-in-address@example.com/x" } },
        "sensitive_values": {} },
      { "address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function", "name": "f",
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
        "values": { "function_name": "f", "environment": [ { "variables": { "API_TOKEN": "c4nary-by-name",
                    "OTHER": "ghp_c4naryc4naryc4naryc4naryc4naryc4nary" } } ] },
        "sensitive_values": {} },
      { "address": "aws_ecs_task_definition.t", "mode": "managed", "type": "aws_ecs_task_definition", "name": "t",
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
        "values": { "family": "t", "container_definitions":
          "[{\"name\":\"app\",\"environment\":[{\"name\":\"DB_PASSWORD\",\"value\":\"c4nary-in-json\"}]}]" },
        "sensitive_values": {} },
      { "address": "example_thing.x", "mode": "managed", "type": "example_thing", "name": "x",
        "provider_name": "registry.terraform.io/example/example", "schema_version": 0,
        "values": { "key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEc4naryPrivateKeyBody\n-----END RSA PRIVATE KEY-----\n",
                    "settings": "{\"client_secret\":\"c4nary-in-json\",\"name\":\"x\"}" },
        "sensitive_values": {} }
    ] } },
  "resource_changes": [],
  "configuration": { "provider_config": { "aws": { "expressions": { "secret_key": { "constant_value": "c4nary-by-name" } } } },
                     "root_module": {} }
}"#,
    },
    Planted {
        file: "state.tfstate",
        is_read: true,
        text: r#"{ "version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x",
  "outputs": { "o": { "value": "c4nary-marked", "type": "string", "sensitive": true } },
  "resources": [
    { "mode": "managed", "type": "aws_db_instance", "name": "d", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
      "instances": [ { "schema_version": 0, "attributes": { "identifier": "d", "password": "c4nary-by-name",
          "username": "c4nary-marked", "tags": { "id": "AKIAC4NARYBYFORM0001" } },
        "sensitive_attributes": [ [ { "type": "get_attr", "value": "username" } ] ] } ] } ] }"#,
    },
    Planted {
        file: "infra/main.tf",
        is_read: true,
        text: r#"variable "password" {
  default   = "c4nary-marked"
  sensitive = true
}
resource "aws_db_instance" "d" {
  password = "c4nary-by-name"
  username = var.password
}
resource "aws_instance" "i" {
  user_data = "export DB_PASSWORD=c4naryInScript99"
  tags      = { id = "AKIAC4NARYBYFORM0001" }
}
"#,
    },
    Planted {
        file: "manifests.yaml",
        is_read: true,
        text: r#"apiVersion: v1
kind: Secret
metadata: { name: s, namespace: n }
stringData: { anything: c4nary-marked }
data: { other: YzRuYXJ5LW1hcmtlZA== }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: d, namespace: n }
spec:
  selector: { matchLabels: { app: d } }
  template:
    metadata: { labels: { app: d } }
    spec:
      containers:
        - name: c
          image: nginx
          args: ["--dsn=postgres://app:c4nary-in-address@db/app"]
          env:
            - { name: DB_PASSWORD, value: c4nary-by-name }
            - { name: ID, value: AKIAC4NARYBYFORM0001 }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: m, namespace: n }
data:
  app.properties: |
    db.password=c4naryInScript99
"#,
    },
    Planted {
        file: "template.yaml",
        is_read: true,
        text: r#"AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties: { DBInstanceIdentifier: d, MasterUsername: app, MasterUserPassword: c4nary-by-name }
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: f
      Environment: { Variables: { API_TOKEN: c4nary-by-name, ID: AKIAC4NARYBYFORM0001 } }
"#,
    },
    Planted {
        file: "accounts.csv",
        is_read: true,
        text: "name,directory,password,notes\nalice,okta,c4nary-by-name,\nbob,okta,,id AKIAC4NARYBYFORM0001\n",
    },
];

/// Reads everything there is, so that whatever is not masked is shown.
const RULES: &str = r#"module rules

policy shows_all {
  for r: terraform.Resource { require r.values == r.tags else "{r} {r.values} {r.source}" }
}

policy shows_instances {
  for i: aws.Instance { require i.source.user_data == "x" else "{i} {i.source.user_data} {i.source.tags}" }
}

policy shows_databases {
  for d: aws.DbInstance { require d.source.password == d.source.username else "{d} {d.source}" }
}

policy shows_functions {
  for f: aws.Function { require none v in f.source.environment: v == "x" else "{f} {f.source.environment}" }
}

policy decodes {
  for i: aws.Instance {
    require base64_decode(i.source.user_data_base64 as string ?? "") == "x"
      else "{i} {base64_decode(i.source.user_data_base64 as string ?? "")}"
  }
}

policy parses {
  for t: aws.TaskDefinition {
    require parse_json(t.source.container_definitions as string ?? "") == t.tags
      else "{t} {parse_json(t.source.container_definitions as string ?? "")}"
  }
}
"#;

/// What is run over each source: `STATE` stands for it.
const COMMANDS: &[&[&str]] = &[
    &["eval", "--state", "STATE"],
    &["eval", "--state", "STATE", "--all"],
    &["eval", "--state", "STATE", "--explain-plan", "shows_all"],
    &["query", "[for r in terraform.Resource: r.values]", "--state", "STATE"],
    &["query", "[for r in Resource: r.source]", "--state", "STATE"],
    &[
        "query",
        "[for i in aws.Instance: base64_decode(i.source.user_data_base64 as string ?? \"\")]",
        "--state",
        "STATE",
    ],
    &["query", "[for t in aws.TaskDefinition: t.source.container_definitions]", "--state", "STATE"],
    &["explain", "aws_db_instance.d.engine", "--state", "STATE"],
    &["explain", "example_thing.x.values", "--state", "STATE"],
    &["explain", "aws_ecs_task_definition.t.tags", "--state", "STATE"],
    &["explain", "std.model.plaintext_secret", "aws_db_instance.d", "--state", "STATE"],
    &["graph", "--state", "STATE"],
    &["graph", "--state", "STATE", "--format", "dot"],
    &["graph", "--state", "STATE", "--format", "mermaid"],
];

const FORMATS: &[&str] = &["human", "short", "json"];

fn has_no_secret(what: &str, text: &str) {
    for secret in SECRETS.iter().chain(&[ENCODED]) {
        let at = text.find(secret);
        assert!(at.is_none(), "{what} shows {secret}: {}", &text[at.unwrap_or(0).saturating_sub(120)..]);
    }
}

fn run(folder: &Path, arguments: &[&str]) -> i32 {
    let ran = iomc(folder, arguments);
    let what = arguments.join(" ");
    has_no_secret(&format!("{what} (standard output)"), &ran.stdout);
    has_no_secret(&format!("{what} (standard error)"), &ran.stderr);
    ran.status
}

fn state_of(planted: &Planted) -> &str {
    planted.file.strip_suffix("/main.tf").unwrap_or(planted.file)
}

#[test]
fn no_command_repeats_a_secret_of_a_source() {
    for planted in PLANTED {
        let text = planted.text;
        let minified: String = text.lines().map(str::trim).collect();
        let folder = folder(&[
            ("iom.toml", MANIFEST),
            ("rules.iom", RULES),
            (planted.file, text),
            ("min/plan.json", &minified),
        ]);
        let mut states = vec![state_of(planted)];
        if planted.file == "plan.json" {
            states.push("min/plan.json");
        }
        for state in states {
            for command in COMMANDS {
                let command: Vec<&str> =
                    command.iter().map(|word| if *word == "STATE" { state } else { word }).collect();
                if command[0] == "graph" {
                    run(folder.path(), &command);
                    continue;
                }
                for format in FORMATS {
                    // One line of a finding is a part of what people see of it.
                    if *format == "short" && command[0] != "eval" {
                        continue;
                    }
                    let mut command = command.clone();
                    command.extend(["--format", format]);
                    run(folder.path(), &command);
                }
            }
            let to = format!("new-{}", state.replace(['/', '.'], "-"));
            run(folder.path(), &["init", &to, "--from", state]);
            for entry in written(&folder.path().join(&to)) {
                has_no_secret(
                    &format!("init wrote {entry:?}, which"),
                    &std::fs::read_to_string(&entry).unwrap(),
                );
            }
        }
    }
}

fn written(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .flat_map(|entry| if entry.path().is_dir() { written(&entry.path()) } else { vec![entry.path()] })
        .collect()
}

#[test]
fn secrets_in_plain_text_are_findings() {
    for planted in PLANTED.iter().filter(|planted| planted.is_read) {
        let folder = folder(&[(planted.file, planted.text)]);
        let ran = iomc(folder.path(), &["eval", "--state", state_of(planted), "--format", "json"]);
        let report = ran.json();
        let findings = report["findings"].as_array().unwrap().iter();
        let found = findings.filter(|finding| finding["policy"] == "std.model.plaintext_secret");
        let found: Vec<&serde_json::Value> = found.collect();
        let rows = |finding: &serde_json::Value| 1 + finding["witnesses"].as_array().map_or(0, Vec::len);
        let count: usize = found.iter().map(|finding| rows(finding)).sum();
        assert!(count >= 2, "{}: {found:#?}", planted.file);
        for finding in found {
            assert_eq!(finding["verdict"], "fail");
            assert!(finding["location"]["line"].as_u64().unwrap() > 1, "{finding:#}");
        }
    }
}

/// Secrets in `.iom` files, with a mistake beside each.
const SOURCES: &[&str] = &[
    "resource d: org.Team { contact: \"postgres://app:c4nary-in-address@db/app\"  conact: 1 }\n",
    "const token: string = \"c4nary-by-name\" + 1\n",
    "const key: string = \"AKIAC4NARYBYFORM0001\"  const key: int = 2\n",
    "const tags: map<string, string> = { api_token: \"c4nary-by-name\"  other: nothing }\n",
    "kind K : Resource { k: secret string }\nresource x: K { k: \"c4nary-marked\"  j: 1 }\n",
    "resource x: org.Team { title: \"a\" password: \"c4nary-by-name\" \n",
    "const a: int = \"ghp_c4naryc4naryc4naryc4naryc4naryc4nary\"\n",
];

#[test]
fn no_command_repeats_a_secret_of_a_program() {
    for source in SOURCES {
        let folder = folder(&[("iom.toml", MANIFEST), ("a.iom", source), ("plan.json", PLANTED[0].text)]);
        for format in FORMATS {
            assert_ne!(run(folder.path(), &["check", "--format", format]), 0, "{source}");
            run(folder.path(), &["eval", "--format", format]);
            run(folder.path(), &["test", "--format", format]);
            run(folder.path(), &["query", "1", "--format", format]);
        }
        run(folder.path(), &["fmt", "--check"]);
        run(folder.path(), &["explain", "a.key"]);
        run(folder.path(), &["graph"]);
    }
}

#[test]
fn a_secret_in_a_program_is_told_with_its_place() {
    for (source, place) in [
        ("const key: string = \"AKIAC4NARYBYFORM0001\"\n", "a.iom:1:22: warning[IOM0240]"),
        (
            "kind K : Resource { k: secret string }\nresource x: K { k: \"c4nary-marked\" }\n",
            "a.iom:2:20: warning[IOM0240]",
        ),
    ] {
        let folder = folder(&[("iom.toml", MANIFEST), ("a.iom", source)]);
        let ran = iomc(folder.path(), &["check", "--format", "short"]).exits(0);
        assert!((ran.stdout.clone() + &ran.stderr).contains(place), "{ran:#?}");
    }
}
