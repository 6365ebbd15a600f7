//! `iomc eval --watch`: the report follows the files.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::support::{PLAN, POLICY, folder, iomc, sample, started};

/// Longer than any machine takes; nothing is measured.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run that goes on.
struct Watching {
    child: Child,
    input: Option<ChildStdin>,
    out: Receiver<String>,
    errors: Receiver<String>,
}

impl Watching {
    fn start(folder: &Path, arguments: &[&str]) -> Watching {
        let mut child = started(folder, &[&["eval", "--watch"], arguments].concat());
        let input = child.stdin.take();
        let out = lines(child.stdout.take().expect("a pipe"));
        let errors = lines(child.stderr.take().expect("a pipe"));
        Watching { child, input, out, errors }
    }

    /// The next line of standard output with this text.
    fn line(&self, text: &str) -> String {
        awaited(&self.out, text)
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.line("{")).expect("one report in one line")
    }

    fn complaint(&self, text: &str) -> String {
        awaited(&self.errors, text)
    }

    /// Closes standard input, and says how the run ended.
    fn end(mut self) -> i32 {
        drop(self.input.take());
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn awaited(lines: &Receiver<String>, text: &str) -> String {
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(text) => return line,
            Ok(line) => seen.push(line),
            Err(error) => panic!("no `{text}` in {seen:#?}: {error}"),
        }
    }
}

fn counts(report: &Value) -> (u64, u64) {
    let count = |name: &str| report["summary"][name].as_u64().expect("a number");
    (count("pass"), count("fail"))
}

#[test]
fn the_report_follows_rules_and_state() {
    let folder = sample();
    let at = |path: &str| folder.path().join(path);
    let watching = Watching::start(folder.path(), &["--state", "plan.json", "--format", "json"]);
    assert_eq!(counts(&watching.report()), (3, 1));
    std::fs::write(
        at("security.iom"),
        POLICY.replace("kept: b.versioning", "kept: not b.versioning or b.versioning"),
    )
    .expect("written");
    assert_eq!(counts(&watching.report()), (4, 0), "a rule");
    std::fs::write(
        at("more.iom"),
        "module more\npolicy unnamed { for b: aws.Bucket { require b.name == \"good\" } }\n",
    )
    .expect("written");
    assert_eq!(counts(&watching.report()), (5, 1), "a new file");
    std::fs::write(at("plan.json"), PLAN.replace("\"bucket\": \"bad\"", "\"bucket\": \"good\""))
        .expect("written");
    assert_eq!(counts(&watching.report()), (6, 0), "state");
    std::fs::remove_file(at("more.iom")).expect("removed");
    let last = watching.report();
    assert_eq!(counts(&last), (4, 0), "a file is gone");
    let ran = iomc(
        folder.path(),
        &["eval", "--state", "plan.json", "--format", "json", "--at", last["at"].as_str().expect("text")],
    );
    assert_eq!(ran.json(), last, "what a single run says");
    assert_eq!(watching.end(), 0);
}

#[test]
fn mistakes_are_said_and_the_last_report_is_kept() {
    let folder = sample();
    let rules = folder.path().join("security.iom");
    let watching = Watching::start(folder.path(), &["--state", "plan.json", "--format", "short"]);
    watching.line("(fail");
    std::fs::write(&rules, POLICY.replace("b.versioning", "b.versionin")).expect("written");
    watching.complaint("IOM0");
    std::fs::write(&rules, POLICY.replace("is present", "is absent")).expect("written");
    let news = watching.line("--- security.iom changed");
    assert_eq!(news, "--- security.iom changed: 2 newly failing, 0 no longer, 3 failing");
    assert_eq!(watching.line("+ "), "+ security.named aws_s3_bucket.bad");
    assert_eq!(watching.end(), 1, "as the last report decides");
}

#[test]
fn data_files_are_watched() {
    let rules = "module shop\ndata allowed: list<string> from json \"allowed.json\"\n\
                 policy known { for b: aws.Bucket { require b.name in allowed } }\n";
    let files = [
        ("iom.toml", crate::support::MANIFEST),
        ("shop.iom", rules),
        ("allowed.json", "[\"good\"]"),
        ("plan.json", PLAN),
    ];
    let folder = folder(&files);
    let watching = Watching::start(folder.path(), &["--state", "plan.json", "--format", "json"]);
    assert_eq!(counts(&watching.report()), (1, 1));
    std::fs::write(folder.path().join("allowed.json"), "[\"good\", \"bad\"]").expect("written");
    assert_eq!(counts(&watching.report()), (2, 0));
    assert_eq!(watching.end(), 0);
}

#[test]
fn standard_input_cannot_be_watched() {
    let folder = sample();
    iomc(folder.path(), &["eval", "--watch", "--state", "-"])
        .exits(2)
        .says("standard input can't be watched");
}
