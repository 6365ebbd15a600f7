use std::sync::Arc;

use iom_diagnostics::{Diagnostic, code};
use iom_model::{Location, Severity};
use serde_json::json as value;

use super::*;
use crate::report::{
    AppliedException, Baseline, Clause, Decision, Escalation, EscalationCause, EvidenceResult,
    EvidenceStatus, Fact, Finding, FindingMode, Fix, Layer, Place, PolicyResult, Related, Report, Resource,
    Skipped, Source, Summary, UnknownValue, Verdict, Witness,
};

/// The plan that the sample report is about, with a secret on a line that an excerpt shows.
struct Plan;

impl StateTexts for Plan {
    fn text(&self, file: &str) -> Option<&str> {
        match file {
            "plan.json" => Some(concat!(
                "{\n",
                "  \"values\": {\n",
                "    \"master_password\": \"hunter2-canary\",\n",
                "    \"encryption\": [],\n",
                "    \"bucket\": \"legacy\"\n",
                "  }\n",
                "}\n",
            )),
            "minified.json" => {
                Some(r#"{"a":[{"token":"hunter2-canary","acl":"public-read","secret":"hunter2-canary"}]}"#)
            }
            _ => None,
        }
    }
}

fn place(file: &str, line: u32, column: u32) -> Place {
    let pointer = Some("/values/encryption".into());
    Place { file: file.into(), line, column, pointer, document: None, written: None }
}

fn finding(policy: &str, address: &str) -> Finding {
    Finding {
        policy: policy.into(),
        arguments: None,
        label: Some("encrypted".into()),
        title: Some("Object stores are encrypted with a key we hold".into()),
        verdict: Verdict::Fail,
        mode: FindingMode::Enforce,
        severity: Severity::High,
        covers: Arc::from(["nist.SC-28".into()]),
        aliases: Arc::from(["CKV_AWS_19".into()]),
        resource: Resource {
            address: address.into(),
            kind: "aws.Bucket".into(),
            layer: Layer::Built,
            owner: Some("payments".into()),
            environment: Some("prod".into()),
            observed_at: None,
        },
        message: format!("{address} is not encrypted").into(),
        clause: Some(Clause {
            file: "security/storage.iom".into(),
            line: 22,
            column: 5,
            source: "store.encryption is present".into(),
        }),
        location: Some(place("plan.json", 4, 5)),
        facts: vec![Fact {
            path: "encryption".into(),
            value: value!(null),
            location: Some(place("plan.json", 4, 5)),
            unknown: None,
            inferred: false,
            layer: None,
        }],
        unknown: Vec::new(),
        exception: None,
        fix: Some(Fix {
            source: "encryption: { algorithm: aws_kms\n  key: store.environment.default_key }".into(),
            sets: Vec::new(),
        }),
        decision: Decision::Block,
        escalate_to: None,
        related: Vec::new(),
        path: Vec::new(),
        witnesses: Vec::new(),
        more_witnesses: 0,
        note: None,
        known: false,
    }
}

fn unknown_finding() -> Finding {
    let mut found = finding("security.storage.key_is_ours", "aws_s3_bucket.b");
    found.verdict = Verdict::Unknown;
    found.decision = Decision::Escalate;
    found.fix = None;
    found.facts.clear();
    found.unknown = vec![UnknownValue {
        path: "encryption.key".into(),
        cause: "known_after_apply".into(),
        location: Some(place("stdin", 9, 1)),
    }];
    found.location = None;
    found
}

fn advised_finding() -> Finding {
    let mut found = finding("std.aws.not_public", "aws_s3_bucket.legacy");
    found.mode = FindingMode::Advise;
    found.decision = Decision::Admit;
    found.severity = Severity::Medium;
    found.message = "the bucket can be read by anyone\u{1b}[2J".into();
    found.location = Some(place("minified.json", 1, 41));
    found.facts = vec![Fact {
        path: "acl".into(),
        value: value!("public-read"),
        location: Some(place("minified.json", 1, 41)),
        unknown: None,
        inferred: false,
        layer: None,
    }];
    found.fix = None;
    found.path = vec!["aws_s3_bucket.legacy".into(), "aws_instance.web".into(), "dev".into()];
    found.related = vec![Related {
        address: "aws_instance.web".into(),
        kind: "aws.Instance".into(),
        role: "d".into(),
        location: Some(place("plan.json", 2, 3)),
    }];
    found.witnesses =
        vec![Witness { message: "port 22 is open".into(), location: Some(place("plan.json", 3, 1)) }];
    found.more_witnesses = 2;
    found
}

fn excepted_finding() -> Finding {
    let mut found = finding("security.storage.encrypted_at_rest", "aws_s3_bucket.logs");
    found.verdict = Verdict::Excepted;
    found.decision = Decision::Admit;
    found.exception = Some(Box::new(AppliedException {
        name: "security.legacy_logs".into(),
        reason: "Vendor reads the bucket until the contract ends".into(),
        approved_by: vec!["ciso".into()],
        opened: "2026-10-01".into(),
        expires: "2026-12-24".into(),
        location: None,
    }));
    found
}

fn policies() -> Vec<PolicyResult> {
    let named = |policy: &str, title: &str, mode, fail, unknown, excepted, pass| PolicyResult {
        policy: policy.into(),
        arguments: None,
        title: Some(title.into()),
        severity: Severity::High,
        mode,
        covers: Arc::from(["nist.SC-28".into()]),
        aliases: Arc::from(["CKV_AWS_19".into()]),
        pass,
        fail,
        unknown,
        excepted,
        doc: Some("What is stored must be of no use to whoever steals the disk.".into()),
    };
    let (enforce, advise) = (FindingMode::Enforce, FindingMode::Advise);
    vec![
        named("security.storage.encrypted_at_rest", "Stores are encrypted", enforce, 1, 0, 1, 3),
        named("security.storage.key_is_ours", "The key is ours", enforce, 0, 1, 0, 3),
        named("std.aws.not_public", "Nothing is public", advise, 1, 0, 0, 1),
        named("std.aws.not_about_anything", "There is none", enforce, 0, 0, 0, 0),
    ]
}

/// A report with one of everything.
pub(super) fn report() -> Report {
    let findings = vec![
        unknown_finding(),
        advised_finding(),
        finding("security.storage.encrypted_at_rest", "aws_s3_bucket.legacy"),
        excepted_finding(),
    ];
    let place = Location { file: "security/storage.iom".into(), line: 40, column: 1 };
    let expired = Diagnostic::new(code::EXCEPTION_EXPIRED, place, "the exception `old` ended on 2026-11-01")
        .help("delete it, or open a new one with a reason");
    let mut report = Report {
        version: 1,
        tool: "0.1.0".into(),
        at: "2026-11-22T00:00:00Z".into(),
        model: "sha256:00".into(),
        sources: vec![Source {
            observed_at: None,
            fresh_until: None,
            path: "plan.json".into(),
            format: "terraform-plan".into(),
            layer: Layer::Built,
            sha256: "00".into(),
            resources: 4,
            skipped: vec![Skipped {
                address: "aws_foo.x".into(),
                reason: "no kind maps aws_foo".into(),
                source_type: Some("aws_foo".into()),
            }],
        }],
        decision: Decision::Block,
        summary: Summary {
            resources: 4,
            policies: 3,
            pass: 7,
            fail: 2,
            unknown: 1,
            excepted: 1,
            not_applicable: 1,
            known: None,
        },
        policies: policies(),
        findings: findings.into_iter().map(Arc::new).collect(),
        escalations: vec![Escalation {
            cause: EscalationCause::UnknownValue,
            to: Some("security".into()),
            resource: Some("aws_s3_bucket.b".into()),
            policy: Some("security.storage.key_is_ours".into()),
            message: None,
        }],
        evidence: vec![EvidenceResult {
            evidence: "compliance.soc2.encryption_proof".into(),
            satisfies: vec!["nist.SC-28".into()],
            status: EvidenceStatus::Failing,
            population: 4,
            pass: 2,
            fail: 1,
            unknown: 1,
            last_collected: None,
            title: None,
            excepted: 0,
        }],
        outcomes: Vec::new(),
        diagnostics: vec![expired.into()],
    };
    report.sort();
    report
}

fn clean() -> Report {
    let mut report = report();
    report.decision = Decision::Admit;
    report.findings.clear();
    report.escalations.clear();
    report.evidence.clear();
    report.diagnostics.clear();
    report.sources.clear();
    report.summary = Summary { resources: 4, policies: 3, pass: 11, ..Summary::default() };
    report
}

fn json_text(report: &Report) -> String {
    let mut bytes = Vec::new();
    json(report, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn for_people() {
    insta::assert_snapshot!(human(&report(), &Plan, false));
}

#[test]
fn for_logs() {
    insta::assert_snapshot!(short(&report()));
}

#[test]
fn for_programs() {
    insta::assert_snapshot!(json_text(&report()));
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A report with addresses that mean something to whoever reads a format carelessly.
pub(super) fn hostile() -> Report {
    let mut report = report();
    let mut found = finding("p.q", "x\n::error::y %0A,:<b>|`@a`](http://h) ]]>");
    found.message = "<script>\u{202e}&amp; | a\r\n## heading".into();
    found.location = Some(place("a dir/ä%#?.tf", 1, 1));
    report.findings = vec![Arc::new(found)];
    report
}

#[test]
fn for_code_scanning() {
    insta::assert_snapshot!(written(|out| sarif(&report(), &AsReported, &Plan, out)));
    let text = written(|out| sarif(&hostile(), &AsReported, &Plan, out));
    assert!(text.contains("\"a%20dir/%C3%A4%25%23%3F.tf\""), "{text}");
    assert!(!text.contains('\u{202e}') && !text.contains("\\r"), "{text}");
}

#[test]
fn for_ci_systems() {
    insta::assert_snapshot!(written(|out| junit(&report(), out)));
}

#[test]
fn for_workflows() {
    let text = written(|out| github::annotations(&report(), &AsReported, out));
    insta::assert_snapshot!(text + "\n" + &github::summary(&report()));
}

#[test]
fn no_text_is_taken_for_a_command_or_for_markup() {
    let text = written(|out| github::annotations(&hostile(), &AsReported, out));
    insta::assert_snapshot!(text + "\n" + &github::summary(&hostile()));
}

#[test]
fn what_a_baseline_lists_is_known_and_does_not_decide() {
    let baseline = Baseline::read(&Baseline::of(&report()).text()).unwrap();
    let mut same = report();
    same.escalations[0].message = Some(unknown_finding().message);
    assert_eq!(baseline.apply(&mut same), 0);
    assert_eq!((same.decision, same.escalations.len(), same.summary.known), (Decision::Admit, 0, Some(3)));
    let text = written(|out| junit(&same, out));
    insta::assert_snapshot!(human(&same, &Plan, false) + "\n" + &short(&same) + "\n" + &text);
}

#[test]
fn a_baseline_knows_no_more_than_was_recorded() {
    let baseline = Baseline::of(&report());
    let changed = |change: &dyn Fn(&mut Finding)| {
        let mut report = report();
        for found in report.findings.iter_mut().map(Arc::make_mut).filter(|found| found.more_witnesses > 0) {
            change(found);
        }
        let gone = baseline.apply(&mut report);
        (report.summary.known, gone)
    };
    // Rows that are no more, and lines that moved.
    assert_eq!(changed(&|found| found.witnesses.clear()), (Some(3), 0));
    assert_eq!(changed(&|found| found.location = Some(place("plan.json", 9, 9))), (Some(3), 0));
    // Rows that are new, other values, another verdict.
    let row = Witness { message: "port 23 is open".into(), location: None };
    assert_eq!(changed(&|found| found.witnesses.push(row.clone())), (Some(2), 1));
    assert_eq!(changed(&|found| found.more_witnesses += 1), (Some(2), 1));
    assert_eq!(changed(&|found| found.verdict = Verdict::Unknown), (Some(2), 1));
    assert_eq!(changed(&|found| found.message = "says something else".into()), (Some(2), 1));
}

#[test]
fn of_one_row_the_values_count_and_not_what_is_said_of_them() {
    let aged = |days: u32, value: &str| {
        let mut report = clean();
        let mut found = finding("p.q", "aws_iam_access_key.old");
        found.message = format!("the key is {days} days old").into();
        found.facts[0].value = value!(value);
        report.findings = vec![Arc::new(found.clone()), Arc::new(found)];
        report
    };
    let baseline = Baseline::of(&aged(91, "2026-08-01"));
    let known = |mut report: Report| {
        baseline.apply(&mut report);
        report.summary.known
    };
    assert_eq!(known(aged(92, "2026-08-01")), Some(2));
    assert_eq!(known(aged(91, "2026-08-01")), Some(2));
    assert_eq!(known(aged(92, "2026-08-02")), Some(0));
    assert_eq!(known(aged(91, "2026-08-02")), Some(0));
    let mut more = aged(91, "2026-08-01");
    more.findings.push(more.findings[0].clone());
    assert_eq!(known(more), Some(2));
}

#[test]
fn what_is_no_baseline_is_refused() {
    let errors = ["", "[]", "{\"version\": 2, \"findings\": []}", "{\"version\": 1}"];
    let errors: Vec<String> = errors.iter().map(|text| Baseline::read(text).unwrap_err()).collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn a_clean_run_is_one_line() {
    assert_eq!(human(&clean(), &NoTexts, false), "Admitted: 3 policies over 4 resources: 11 pass.\n");
    assert_eq!(short(&clean()), "");
}

#[test]
fn secrets_beside_a_finding_are_not_shown() {
    for color in [false, true] {
        assert!(!human(&report(), &Plan, color).contains("hunter2"));
    }
}

#[test]
fn colours_change_no_word() {
    let coloured = human(&report(), &Plan, true);
    let mut plain = String::new();
    let mut parts = coloured.split('\u{1b}');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, text)| text));
    }
    assert_eq!(plain, human(&report(), &Plan, false));
}

#[test]
fn json_reads_back_and_breaks_lines_between_findings_only() {
    let text = json_text(&report());
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["findings"].as_array().unwrap().len(), 4);
    // Findings, and as many policies.
    assert_eq!(text.lines().filter(|line| line.starts_with("    {\"policy\"")).count(), 8);
    let read: serde_json::Value = serde_json::from_str(&json_text(&clean())).unwrap();
    assert_eq!(read["findings"], value!([]));
}

#[test]
fn very_many_resources_are_listed_one_line_each() {
    let mut large = report();
    large.findings =
        (0..100).map(|number| Arc::new(finding("p.q", &format!("aws_s3_bucket.b{number:03}")))).collect();
    let text = human(&large, &NoTexts, false);
    assert_eq!(text.matches("BLOCK").count(), 30);
    assert!(text.contains("MORE FINDINGS"));
    assert!(text.contains("aws_s3_bucket.b099 is not encrypted (fail, block)"));
}
