use crate::support::{MANIFEST, folder, iomc, iomc_with_input, repository};

fn fixture(name: &str) -> String {
    let path = repository().join("compiler/iom_schema/tests/fixtures").join(name);
    std::fs::read_to_string(path).expect("a fixture")
}

const RULES: &str = r#"module rules
use schemas.acme

policy kept {
  for q: acme.Queue {
    require any v in q.versioning: v.enabled == true else "{q.name} keeps nothing"
    require (q."max-size" ?? 0) < 10 else "{q.name} is large"
    require q.owner_attribute == "me" else "{q.name} is not mine"
    require q.password is present
  }
}

test "what a plan says is read by its own names" {
  given terraform """
    resource "acme_queue" "a" {
      name       = "a"
      zones      = ["x", "y"]
      max-size   = 3
      owner      = "me"
      password   = "hunter2"
      redrive    = [{ target = "t" }]
      versioning = [{ enabled = true, redrive = { dead = { target = "b" } } }]
      tags       = { team = "a" }
    }
    resource "acme_queue" "b" {
      name       = "b"
      zones      = []
      owner      = "me"
      redrive    = [{ target = "t" }]
      versioning = [{ enabled = false }]
    }
  """
  expect kept passes on "acme_queue.a"
  expect kept fails on "acme_queue.b" because "keeps nothing"
  expect (all q in acme.Queue: q.redrive[0]?.target == "t")
  expect (any q in acme.Queue: q.versioning[0]?.redrive?["dead"]?.target == "b" and q.tags?["team"] == "a")
  expect (any q in acme.Queue: size(q.zones) == 2)
}
"#;

#[test]
fn what_is_imported_compiles_and_reads_a_plan() {
    let provider = fixture("acme-provider.json");
    let shop = folder(&[("iom.toml", MANIFEST), ("rules.iom", RULES), ("schema/provider.json", &provider)]);
    let ran = iomc(
        shop.path(),
        &["schema", "import", "schema/provider.json", "--data-sources", "--out", "acme.iom"],
    );
    assert_eq!(ran.stdout, "");
    ran.exits(0)
        .says("acme.iom: 3 kinds and 7 types in module schemas.acme")
        .says("acme.iom: 4 remarks at its top");
    iomc(shop.path(), &["check"]).exits(0);
    iomc(shop.path(), &["fmt", "--check", "acme.iom"]).exits(0);
    iomc(shop.path(), &["test"]).exits(0);
}

#[test]
fn every_sort_of_schema_gives_text_that_compiles() {
    for (name, kinds) in [
        ("go-names.json", "1 kind "),
        ("shapes.json", "1 kind "),
        ("swagger.json", "1 kind "),
        ("certificates.yaml", "3 kinds "),
        ("pets.yaml", "2 kinds "),
    ] {
        let here = folder(&[("iom.toml", MANIFEST), (name, &fixture(name))]);
        let arguments = ["schema", "import", name, "--out", "out.iom"];
        iomc(here.path(), &arguments).exits(0).says(&format!("out.iom: {kinds}"));
        iomc(here.path(), &["check"]).exits(0);
        iomc(here.path(), &["fmt", "--check"]).exits(0);
    }
}

const CERTIFICATES: &str = r#"module rules
use schemas.cert_manager_io

policy short {
  for c: cert_manager_io.Certificate {
    require size(c.spec.dnsNames ?? []) < 2 else "{c.name ?? "it"} is for many names"
    require c.spec.issuerRef.kind == issuer else "{c.name ?? "it"} is not issued in its namespace"
  }
}
"#;

const OBJECT: &str = "apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: shop, namespace: web }
spec:
  secretName: shop
  issuerRef: { name: ca, kind: ClusterIssuer }
  dnsNames: [shop.example]
";

#[test]
fn what_a_definition_says_reads_its_objects() {
    let definition = fixture("certificates.yaml");
    let files = [
        ("iom.toml", MANIFEST),
        ("rules.iom", CERTIFICATES),
        ("crd.yaml", &definition),
        ("shop.yaml", OBJECT),
    ];
    let here = folder(&files);
    iomc(here.path(), &["schema", "import", "crd.yaml", "--only", "Certificate", "--out", "crd.iom"])
        .exits(0);
    let ran = iomc(here.path(), &["eval", "--state", "shop.yaml", "--format", "short"]).exits(1);
    assert!(ran.stdout.contains("shop is not issued in its namespace (fail"), "{ran:?}");
}

#[test]
fn a_schema_comes_from_standard_input_too() {
    let here = folder(&[]);
    let arguments = ["schema", "import", "-", "--only", "acme_queue_versioning", "--module", "a.b"];
    let ran = iomc_with_input(here.path(), &arguments, fixture("acme-provider.json").as_bytes()).exits(0);
    assert!(ran.stdout.contains("\nmodule a.b\n") && ran.stderr.is_empty(), "{ran:?}");
}

#[test]
fn what_cannot_be_imported_is_said() {
    let here = folder(&[("broken.json", "{\"a\": [1,\n2"), ("other.json", "{}"), ("bytes", "")]);
    let import = |rest: &[&str]| iomc(here.path(), &[&["schema", "import"], rest].concat()).exits(2);
    import(&["none.json"]).says("none.json: can't be read: there is no such file or folder");
    import(&["broken.json"]).says("broken.json: this is no JSON: EOF while parsing a list, line 2 column 1");
    import(&["other.json"]).says("other.json: this is none of the schemas that can be read");
    import(&["other.json", "--module", "a b"]).says("--module a b: this is no name of a module");
}

#[test]
fn outputs_have_schemas() {
    let here = folder(&[]);
    let names = iomc(here.path(), &["schema", "output"]).exits(0).stdout;
    for name in names.lines() {
        let schema = iomc(here.path(), &["schema", "output", name]).exits(0).json();
        assert!(jsonschema::draft202012::new(&schema).is_ok(), "{name}");
    }
    iomc(here.path(), &["schema", "output", "evl"]).exits(2).says("there is no schema of an output `evl`");
}
