//! Objects of Kubernetes as state.

use crate::support::{folder, iomc};

const MANIFEST: &str = "\
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: web:1.2
        securityContext:
          privileged: true
";

const DUMP: &str = r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default", "uid": "1"},
   "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "web", "image": "web:1.2"}]}}}},
  {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "uid": "2"}, "data": {"password": "Q0FOQVJZ"}}]}"#;

#[test]
fn manifests_and_what_runs_are_told_apart_in_one_folder() {
    let folder = folder(&[("web.yaml", MANIFEST), ("dump.json", DUMP)]);
    let ran =
        iomc(folder.path(), &["eval", "--state", ".", "--only", "CKV_K8S_16", "--all", "--format", "json"])
            .exits(1);
    let report = ran.json();
    let findings = report["findings"].as_array().expect("a list");
    let said: Vec<String> = findings
        .iter()
        .map(|finding| {
            let (resource, location) = (&finding["resource"], &finding["location"]);
            format!(
                "{} {} {} {}:{} {} document {}",
                finding["verdict"],
                resource["layer"],
                resource["address"],
                location["file"],
                location["line"],
                location["pointer"],
                location["document"]
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            r#""pass" "running" "Deployment/default/web" "dump.json":2 "/items/0" document null"#,
            r#""fail" "intended" "Deployment/web" "web.yaml":5 "" document 1"#,
        ]
    );
    let fact = &findings[1]["facts"][0];
    assert_eq!(fact["location"]["line"], 15, "{fact}");
    assert_eq!(fact["location"]["pointer"], "/spec/template/spec/containers/0/securityContext/privileged");
}

#[test]
fn a_thing_is_the_same_in_a_manifest_and_in_the_cluster() {
    let folder = folder(&[("web.yaml", MANIFEST), ("dump.json", DUMP)]);
    let asked = "[for d in k8s.Deployment: \"{d.path ?? \"\"} {running(d)?.replicas ?? 0}\"]";
    let ran = iomc(folder.path(), &["query", asked, "--state", ".", "--format", "json"]).exits(0);
    assert!(ran.stdout.contains("default/web 1"), "{ran:?}");
}

#[test]
fn secrets_are_never_shown() {
    let folder = folder(&[("dump.json", DUMP)]);
    for arguments in [
        &["eval", "--state", "dump.json", "--all", "--format", "json"][..],
        &["query", "[for s in k8s.Secret: s.source]", "--state", "dump.json"],
        &["query", "k8s.Secret", "--state", "dump.json", "--format", "json"],
    ] {
        let ran = iomc(folder.path(), arguments);
        assert!(!ran.stdout.contains("Q0FOQVJZ") && !ran.stderr.contains("Q0FOQVJZ"), "{ran:?}");
    }
}

#[test]
fn what_is_to_be_rendered_first_is_said() {
    let chart = "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n";
    let kustomization =
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n";
    let folder =
        folder(&[("pod.yaml", chart), ("kustomization.yaml", kustomization), ("web.yaml", MANIFEST)]);
    iomc(folder.path(), &["eval", "--state", "pod.yaml"]).exits(2).says("helm template");
    iomc(folder.path(), &["eval", "--state", "kustomization.yaml"]).exits(2).says("kubectl kustomize");
    // In a folder they are left out and told.
    let ran = iomc(folder.path(), &["eval", "--state", ".", "--only", "CKV_K8S_16"]);
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("helm template") && said.contains("kubectl kustomize"), "{said}");
}

/// What a reference to a trait leads to is in the model, though nobody else asks for its kinds.
#[test]
fn references_to_traits_lead_to_kinds() {
    let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\n\
                  spec: { maxReplicas: 3, scaleTargetRef: { kind: Deployment, name: web } }\n---\n";
    let rules = r#"policy scaled { for h: k8s.HorizontalPodAutoscaler { require h.target is modelled else "{h.target}" } }
policy keyed { for b: aws.Bucket { require b.encryption?.key?.rotation == true else "{b.encryption?.key}" } }
"#;
    let bucket = r#"
resource "aws_kms_key" "k" { enable_key_rotation = true }
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.k.arn
    }
  }
}
"#;
    let folder = folder(&[
        ("iom.toml", crate::support::MANIFEST),
        ("rules.iom", rules),
        ("manifests/web.yaml", &format!("{scaler}{MANIFEST}")),
        ("infra/main.tf", bucket),
    ]);
    let state = ["eval", "--state", "manifests", "--state", "infra"];
    let arguments = [&state[..], &["--only", "scaled", "--only", "keyed", "--format", "json"]].concat();
    let report = iomc(folder.path(), &arguments).exits(0).json();
    assert_eq!(
        (&report["summary"]["pass"], &report["summary"]["fail"]),
        (&2.into(), &0.into()),
        "{report:#}"
    );
}

/// The policies of the library that a run without a workspace judges by.
fn policies(folder: &tempfile::TempDir, only: &[&str]) -> Vec<String> {
    let mut arguments = vec!["eval", "--state", "web.yaml", "--all", "--format", "json"];
    arguments.extend(only);
    let report = iomc(folder.path(), &arguments).json();
    let findings = report["findings"].as_array().expect("a list");
    let mut names: Vec<String> =
        findings.iter().map(|finding| finding["policy"].as_str().unwrap_or_default().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn what_has_parameters_judges_where_it_is_asked_for_by_name() {
    let folder = folder(&[("web.yaml", MANIFEST)]);
    let by_digest = "k8s.checks.images.image_by_digest";
    assert_eq!(policies(&folder, &["--only", "CKV_K8S_43"]), [by_digest]);
    assert_eq!(policies(&folder, &["--only", "image_by_digest"]), [by_digest]);
    // Patterns and controls pick from what judges anyway.
    for only in [&[][..], &["--only", "image_*"], &["--only", "nist.SI-7"]] {
        let found = policies(&folder, only);
        assert!(found.iter().any(|name| name == "k8s.checks.images.image_fixed"), "{found:?}");
        assert!(!found.contains(&by_digest.to_owned()), "{found:?}");
    }
}

#[test]
fn groups_are_found_by_what_other_tools_call_them() {
    let folder = folder(&[("web.yaml", MANIFEST)]);
    let by_alias = policies(&folder, &["--only", "podsecurity-subrule-baseline"]);
    assert!(by_alias.contains(&"k8s.checks.pod_security.not_privileged".to_owned()), "{by_alias:?}");
    assert_eq!(by_alias, policies(&folder, &["--only", "pod_security_baseline"]));
    let for_most_images = policies(&folder, &["--only", "podsecurity-subrule-restricted-capabilities"]);
    assert!(
        for_most_images.contains(&"k8s.checks.restricted.few_capabilities".to_owned()),
        "{for_most_images:?}"
    );
}
