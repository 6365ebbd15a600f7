use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a run said.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the exit status, and shows everything where it is another.
    pub fn exits(self, status: i32) -> Ran {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Asserts that standard error has a line with this text.
    pub fn says(self, text: &str) -> Ran {
        assert!(self.stderr.contains(text), "no `{text}` in {self:#?}");
        self
    }
}

/// Runs `iomc` in a folder, with nothing on standard input.
pub fn iomc(folder: &Path, arguments: &[&str]) -> Ran {
    iomc_with_input(folder, arguments, b"")
}

/// Starts `iomc` in a folder; all three streams are pipes.
pub fn started(folder: &Path, arguments: &[&str]) -> Child {
    started_with_variables(folder, arguments, &[])
}

fn started_with_variables(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_iomc"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        // The tests may run in a workflow themselves.
        .env_remove("GITHUB_STEP_SUMMARY")
        .env_remove("GITHUB_WORKSPACE")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("iomc starts")
}

pub fn iomc_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    ended(started(folder, arguments), input)
}

/// Runs `iomc` with more variables in its environment.
pub fn iomc_with_variables(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    ended(started_with_variables(folder, arguments, variables), b"")
}

fn ended(mut child: Child, input: &[u8]) -> Ran {
    // A program that does not read its input closes it: that is no failure of the test.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("iomc ends");
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The example workspace of the repository.
pub fn payments() -> PathBuf {
    repository().join("examples/payments")
}

/// A folder with these files, removed at the end of the test.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

pub const MANIFEST: &str = "[package]\nname = \"sample\"\nversion = \"0.1.0\"\nedition = \"2026\"\n";

/// Buckets are versioned.
pub const POLICY: &str = r#"module security

policy versioned {
  title: "Buckets keep old versions"
  severity: high
  aliases: ["SAMPLE_1"]
  for b: aws.Bucket {
    require kept: b.versioning else "{b} is not versioned"
  }
}

policy named {
  severity: low
  for b: aws.Bucket {
    require b.name is present else "{b} has no name"
  }
}
"#;

/// A plan with one bucket that is versioned and one that is not. Beside the name of the second stands a secret.
pub const PLAN: &str = r#"{
  "format_version": "1.2",
  "terraform_version": "1.9.0",
  "planned_values": {
    "root_module": {
      "resources": [
        {
          "address": "aws_s3_bucket.good",
          "mode": "managed",
          "type": "aws_s3_bucket",
          "name": "good",
          "provider_name": "registry.terraform.io/hashicorp/aws",
          "schema_version": 0,
          "values": {
            "bucket": "good",
            "versioning": [
              { "enabled": true }
            ]
          },
          "sensitive_values": {}
        },
        {
          "address": "aws_s3_bucket.bad",
          "mode": "managed",
          "type": "aws_s3_bucket",
          "name": "bad",
          "provider_name": "registry.terraform.io/hashicorp/aws",
          "schema_version": 0,
          "values": {
            "bucket": "bad",
            "tags": { "note": "canary-hunter2" },
            "versioning": [
              { "enabled": false }
            ]
          },
          "sensitive_values": {}
        }
      ]
    }
  },
  "resource_changes": [],
  "configuration": { "root_module": {} }
}
"#;

/// A workspace with the policies above and no state of its own.
pub fn sample() -> tempfile::TempDir {
    folder(&[("iom.toml", MANIFEST), ("security.iom", POLICY), ("plan.json", PLAN)])
}
