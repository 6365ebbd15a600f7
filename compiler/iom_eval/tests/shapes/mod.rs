//! `shape`: fragments of adapters.

use crate::common::{Plan, Run, details, verdicts};
use serde_json::json;

const KINDS: &str = r#"
type Container = {
  name: string
  user: int?
  key: ref Key?
  first_port: int?
  derive root: bool = (.user ?? 0) == 0
}
type Pod = { labels: map<string, string>  containers: list<Container>  main: Container? }
kind Key { name: string  identity name  from terraform "key" { key .name  name: .name } }
trait Workload : Resource { pod: Pod? }
kind Deployment : Workload { from terraform "deployment" { pod: .spec.template as pod_template } }
kind PlainPod : Workload { from terraform "pod" { pod: self as pod_template } }
shape pod_template: Pod {
  labels: .metadata.labels default {}
  containers: .spec.containers as list<container>
  main: .spec.main as container
}
shape container: Container {
  let security = .security
  name: .name
  user: security.user ?? ^.security.user
  key: ref .key
  first_port: .ports[0] ?? ^.ports[0]
}
policy not_root {
  for w: Workload for c in w.pod?.containers ?? [] {
    require not c.root else "{w}: {c.name} runs as root"
  }
}
policy keyed {
  for w: Workload {
    require (w.pod?.main?.key?.name ?? "k") == "k" else "{w} uses {w.pod?.main?.key?.name ?? "?"}"
    require all c in w.pod?.containers ?? []: (c.first_port ?? 80) == 80
  }
}
"#;

#[test]
fn shapes_read_what_is_around_them() {
    let plan = Plan::new()
        .resource(
            "deployment.a",
            json!({ "spec": { "template": {
                "metadata": { "labels": { "app": "a" } },
                "security": { "user": 1 },
                "spec": {
                    "ports": [8080],
                    "containers": [{ "name": "own", "security": { "user": 7 }, "ports": [80] }, { "name": "none" }],
                    "main": { "name": "m", "key": "other" },
                },
            } } }),
        )
        .resource(
            "pod.b",
            json!({ "metadata": {}, "spec": {
                "security": { "user": 5 }, "containers": [{ "name": "x" }, { "name": "y", "security": { "user": 0 } }],
            } }),
        )
        .resource("pod.c", json!({ "spec": { "containers": null } }))
        .resource("key.k", json!({ "name": "k" }))
        .resource("key.other", json!({ "name": "other" }));
    let report = Run::new(KINDS).plan(plan).report();
    assert_eq!(
        verdicts(&report),
        "fail keyed deployment.a\nfail keyed deployment.a\nfail not_root deployment.a\nfail not_root pod.b\n"
    );
    let shown = details(&report);
    // The pod's `spec` is around its containers: what stands beside it is not theirs.
    assert!(shown.contains("deployment.a: none runs as root"), "{shown}");
    assert!(shown.contains("pod.b: y runs as root"), "{shown}");
    assert!(shown.contains("deployment.a uses other"), "{shown}");
    let place = "/planned_values/root_module/resources/1/values/spec/containers/1";
    assert!(shown.contains(&format!("pod.containers[1].root = true {place}")), "{shown}");
    let port = "/planned_values/root_module/resources/0/values/spec/template/spec/ports/0";
    assert!(shown.contains(&format!("pod.containers[1].first_port = 8080 {port}")), "{shown}");
}
