//! Objects of Kubernetes, in YAML and JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;
mod dump;

use common::{Everything, described_by};
use insta::assert_snapshot;
use iom_state::document::{Document, Layer};
use iom_state::kubernetes::{KubernetesImport, import};
use iom_state::tape::Strings;
use proptest::prelude::*;

fn read(text: &str) -> (Document, Strings) {
    let mut strings = Strings::default();
    (import(text, &Everything, &mut strings).unwrap(), strings)
}

fn dumped(text: &str) -> String {
    described_by(import, text, |document, strings| {
        format!("{:?} {}", document.usual_layer(), dump::dump(document, strings))
    })
}

#[test]
fn a_file_of_several_documents() {
    let text = "\
# the shop
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  managedFields: [{manager: kubectl}]
  annotations:
    a: b
    kubectl.kubernetes.io/last-applied-configuration: '{}'
spec:
  replicas: 2
---
---
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {password: Y2FuYXJ5, empty: null}
stringData: plain
---
apiVersion: v1
kind: Pod
metadata: {generateName: job-}
---
apiVersion: v1
kind: Pod
---
values: {are: no object}
---
kind: Pod
";
    assert_snapshot!(dumped(text));
    let (_, strings) = read(text);
    assert!(strings.texts().all(|text| !text.contains("Y2FuYXJ5") && text != "plain"));
}

#[test]
fn lists_of_an_api_server() {
    let text = r#"{"apiVersion": "v1", "kind": "NamespaceList", "metadata": {"resourceVersion": "1"}, "items": [
        {"metadata": {"name": "a", "uid": "1", "managedFields": []}, "spec": {}, "status": {"phase": "Active"}},
        {"metadata": {"name": "b", "uid": "2"}}, {"metadata": {"name": "c"}}]}"#;
    assert_snapshot!(dumped(text));
    assert_snapshot!(dumped(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {metadata: {name: b}}\n"
    ));
    assert_snapshot!(dumped(r#"[{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}]"#));
    assert_snapshot!(dumped("apiVersion: v1\nkind: PodList\nitems: []\n"));
}

#[test]
fn requests_for_admission() {
    let review = |request: &str| {
        format!(r#"{{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {request}}}"#)
    };
    assert_snapshot!(dumped(&review(
        r#"{"operation": "UPDATE", "namespace": "shop", "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "userInfo": {"username": "canary"}, "object": {"metadata": {"name": "web", "uid": "1"}, "spec": {"replicas": 1}},
            "oldObject": {"metadata": {"name": "old"}}}"#
    )));
    assert_snapshot!(dumped(&review(
        r#"{"operation": "DELETE", "object": null, "oldObject": {"metadata": {"name": "old"}}}"#
    )));
    assert_snapshot!(dumped(r#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}"#));
}

#[test]
fn what_is_no_object_is_told() {
    let texts = [
        "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: [a.yaml]\n",
        "resources:\n- a.yaml\n",
        "{{- if .Values.x }}\napiVersion: v1\n{{- end }}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Release.Name }}-a\"}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: \"{{ .Values.image }}\"}]}\n",
        "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "replicaCount: 1\nimage: {tag: latest}\n",
        "apiVersion: v1\nkind: Config\nclusters: []\nusers: [{name: canary}]\n",
        "AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n",
        "Resources: {A: {Type: T, Properties: {B: !Ref C}}}\n",
        "services: {web: {image: nginx}}\n",
        "on: push\njobs: {}\n",
        "apiVersion: v1\nmetadata: {name: a}\n",
        "kind: Pod\nmetadata: {name: a}\n",
        "just text\n",
        "- 1\n- 2\n",
        "# nothing\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: !Ref A}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a\n",
    ];
    assert_snapshot!(texts.map(dumped).concat());
}

#[test]
fn templates_inside_of_objects_are_text() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: \"{{ .Values.y }}\", y: \"{{ $labels.z }}\"}\n";
    assert_eq!(read(text).0.objects.len(), 1);
    let text =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {summary: \"{{ $labels.z }} is down\"}\n";
    assert_eq!(read(text).0.objects.len(), 1);
}

/// The square of so many would not end.
#[test]
fn long_lists_are_read_in_one_pass() {
    let item = r#"{"metadata": {"name": "a", "labels": {"a": "b"}}, "spec": {"x": ["a", "b", "c", "d"]}}"#;
    let items = vec![item; 40_000].join(", ");
    let list = format!(r#"{{"apiVersion": "v1", "kind": "PodList", "items": [{items}]}}"#);
    assert_eq!(read(&list).0.objects.len(), 40_000);
}

#[test]
fn a_status_with_nothing_in_it_is_a_generators() {
    let layer = |text: &str| read(text).0.usual_layer();
    let (intended, running) = (Layer::Intended, Layer::Running);
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n";
    let empty = "status: {acceptedNames: {kind: \"\", plural: \"\"}, conditions: [], storedVersions: []}\n";
    assert_eq!(layer(&format!("{crd}{empty}")), intended);
    assert_eq!(layer(&format!("{crd}status: {{storedVersions: [v1]}}\n")), running);
    assert_eq!(layer("apiVersion: v1\nkind: Pod\nmetadata: {name: a, uid: x}\n"), running);
}

#[test]
fn files_that_cannot_be_read_leave_nothing() {
    let mut strings = Strings::default();
    let mut import = KubernetesImport::new(&Everything, &mut strings);
    import.add("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n").unwrap();
    import
        .add("b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: b}\ndata: {x: y}\n---\na: 1\na: 2\n")
        .unwrap_err();
    import.add("c.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: c, uid: x}\n").unwrap();
    import.add("d.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: d}\n").unwrap();
    let document = import.finish();
    assert_snapshot!(dump::dump(&document, &strings));
    assert!(document.tape.marks.is_empty());
    let place = document.files.place(document.objects[2].offset);
    assert_eq!((place.file, place.line), ("d.yaml", 1));
    assert_eq!(document.usual_layer(), Layer::Intended);
    let others: Vec<_> = document.other_layers.iter().collect();
    assert_eq!(others, [(&iom_state::document::ObjectId(1), &Layer::Running)]);
}

/// Manifests with everything in them that YAML has.
const MANIFESTS: [&str; 3] = [
    include_str!("../../../tests/state/kubernetes/deployment.yaml"),
    include_str!("../../../tests/state/kubernetes/list.yaml"),
    include_str!("../../../tests/state/kubernetes/pods.json"),
];

fn check(bytes: &[u8]) {
    let mut strings = Strings::default();
    let format = Some(iom_state::document::Format::Kubernetes);
    match iom_state::import(bytes, format, &Everything, &mut strings) {
        Ok(document) => {
            let shown = dump::dump(&document, &strings);
            assert!(!shown.is_empty());
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            let (line, column) = error.place.unwrap_or((1, 1));
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert!(line >= 1 && column >= 1 && line as usize <= lines, "line {line} of {lines}: {error}");
        }
    }
}

proptest! {
    #[test]
    fn cut_manifests(manifest in any::<prop::sample::Index>(), end in any::<prop::sample::Index>()) {
        let bytes = MANIFESTS[manifest.index(MANIFESTS.len())].as_bytes();
        check(&bytes[..end.index(bytes.len())]);
    }

    #[test]
    fn manifests_with_changed_bytes(
        manifest in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = MANIFESTS[manifest.index(MANIFESTS.len())].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
    }

    /// Structure moved to where it does not belong.
    #[test]
    fn manifests_with_moved_pieces(
        manifest in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        len in 1usize..60,
        to in any::<prop::sample::Index>(),
    ) {
        let mut bytes = MANIFESTS[manifest.index(MANIFESTS.len())].as_bytes().to_vec();
        let from = from.index(bytes.len());
        let piece: Vec<u8> = bytes[from..].iter().take(len).copied().collect();
        let to = to.index(bytes.len());
        bytes.splice(to..to, piece);
        check(&bytes);
    }
}
