#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed test panics")]

use super::*;

/// Files by name.
struct Texts<'t>(&'t [(&'t str, &'t str)]);

impl Files for Texts<'_> {
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String> {
        let inside = self.0.iter().filter(|(name, _)| {
            let around = name.rsplit_once('/').map_or("", |(around, _)| around);
            around == folder && name.ends_with(".tf")
        });
        let inside: Vec<_> = inside.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Ok((!inside.is_empty()).then_some(inside))
    }

    fn text(&mut self, file: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| *name == file).map(|(_, text)| (*text).to_owned())
    }
}

fn read(files: &[(&str, &str)]) -> TerraformSources {
    TerraformSources::read(&mut Texts(files)).unwrap()
}

fn references(text: &str, name: &str, rest: &str) -> Vec<String> {
    read(&[("main.tf", text)]).local("", name).unwrap().references(rest)
}

#[test]
fn a_local_has_the_references_of_its_expression() {
    let text = r#"
        locals {
          ids  = concat([aws_x.a.id], aws_x.b[*].id, [for k, v in var.more : "${v}-${local.suffix}" if k != data.aws_y.d.name])
          text = <<-EOT
            %{ for key in aws_x.keys ~}
            ${key.name} ${module.net["eu"].vpc_id}
            %{ endfor ~}
          EOT
        }
    "#;
    assert_eq!(
        references(text, "ids", ""),
        ["aws_x.a.id", "aws_x.b", "var.more", "local.suffix", "data.aws_y.d.name"]
    );
    assert_eq!(references(text, "text", ""), ["aws_x.keys", "module.net[\"eu\"].vpc_id"]);
}

#[test]
fn only_the_part_that_is_read_counts() {
    let text = r#"
        locals {
          keys   = { logs = aws_kms_key.logs, "audit/1" = { key = aws_kms_key.audit.arn } }
          zones  = [aws_x.a, aws_x.b]
          mixed  = { (var.name) = aws_x.a }
          bucket = (aws_s3_bucket.b)
        }
    "#;
    assert_eq!(references(text, "keys", ".logs.arn"), ["aws_kms_key.logs.arn"]);
    assert_eq!(references(text, "keys", "[\"audit/1\"].key"), ["aws_kms_key.audit.arn"]);
    assert_eq!(references(text, "keys", "").len(), 2);
    assert_eq!(references(text, "keys", "[\"none\"]").len(), 2);
    assert_eq!(references(text, "zones", "[1].id"), ["aws_x.b.id"]);
    assert_eq!(references(text, "mixed", ".a"), ["var.name", "aws_x.a"]);
    assert_eq!(references(text, "bucket", ".arn"), ["aws_s3_bucket.b.arn"]);
}

#[test]
fn places_are_as_near_as_the_text_tells() {
    let sources = read(&[(
        "main.tf",
        r#"resource "aws_x" "a" {
  name = "n"
  tags = {
    team      = "t"
    "a/b" = 1
  }
  ingress {
    from = 1
  }
  ingress {
    from = 2
  }
  dynamic "egress" {
    for_each = var.e
    content {
      to = egress.value
    }
  }
  timeouts {
    create = "1m"
  }
}
"#,
    )]);
    let line = |path| sources.place("aws_x.a[\"k\"]", path).unwrap().line;
    assert_eq!(line(""), 1);
    assert_eq!(line("/name"), 2);
    assert_eq!(line("/tags/team"), 4);
    assert_eq!(line("/tags/a~1b"), 5);
    assert_eq!(line("/ingress/1/from"), 11);
    assert_eq!(line("/ingress/7/from"), 7, "there is no such block: the first one");
    assert_eq!(line("/egress/3/to"), 16);
    assert_eq!(line("/timeouts/create"), 20);
    assert_eq!(line("/arn"), 1, "the provider chooses it");
    assert_eq!(sources.place("aws_x.b", ""), None);
}

#[test]
fn modules_are_found_by_folder_and_by_what_was_installed() {
    let sources = read(&[
        (
            "main.tf",
            "module \"a\" {\n source = \"./mods/a\"\n}\nmodule \"far\" {\n source = \"org/vpc/aws\"\n}\nmodule \"gone\" {\n source = \"org/gone/aws\"\n}\n",
        ),
        ("mods/a/main.tf", "module \"b\" {\n source = \"../b\"\n}\n"),
        ("mods/b/main.tf", "resource \"aws_x\" \"y\" {\n}\n"),
        (".terraform/modules/far/x.tf", "resource \"aws_x\" \"z\" {\n}\n"),
        (
            INSTALLED,
            r#"{ "Modules": [ { "Key": "", "Source": "", "Dir": "." },
                 { "Key": "far", "Source": "registry/org/vpc/aws", "Version": "1.0.0", "Dir": ".terraform/modules/far" } ] }"#,
        ),
    ]);
    assert_eq!(sources.place("module.a[0].module.b[\"k\"].aws_x.y[1]", "").unwrap().file, "mods/b/main.tf");
    assert_eq!(sources.place("module.far.aws_x.z", "").unwrap().file, ".terraform/modules/far/x.tf");
    assert_eq!(sources.missing, [("module.gone".to_owned(), "org/gone/aws".to_owned())]);
}

#[test]
fn what_is_no_configuration_is_refused_with_its_place() {
    let refused = |files| TerraformSources::read(&mut Texts(files)).unwrap_err();
    let broken = refused(&[("main.tf", "resource \"a\" \"b\" {\n  x = \n}\n")]);
    assert!(matches!(&broken, SourcesError::Unusable(text) if text.starts_with("main.tf:2:")), "{broken:?}");
    assert_eq!(refused(&[]), SourcesError::Nothing);
}

#[test]
fn modules_that_call_each_other_end() {
    let call = |name| format!("module \"{name}\" {{\n source = \"../{name}\"\n}}\n");
    let (a, b) = (call("a"), call("b"));
    let sources =
        read(&[("main.tf", "module \"a\" {\n source = \"./m/a\"\n}\n"), ("m/a/m.tf", &b), ("m/b/m.tf", &a)]);
    assert_eq!(sources.len(), 3);
}

#[test]
fn only_paths_with_dots_are_folders() {
    let root = r#"module "a" { source = "terraform-aws-modules/vpc/aws" }
module "b" { source = "./b" }
module "c" { source = "git::https://example.org/c.git" }
module "d" { source = "./d" }
"#;
    let nested = r#"module "c" { source = "git::https://example.org/c.git" }"#;
    let installed = r#"{"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "d.c", "Source": "x", "Dir": "/opt/modules/c"}]}"#;
    let sources = read(&[
        ("main.tf", root),
        ("terraform-aws-modules/vpc/aws/main.tf", "locals {\n  x = 1\n}\n"),
        ("b/main.tf", nested),
        ("d/main.tf", nested),
        ("/opt/modules/c/main.tf", "locals {\n  found = aws_x.y.id\n}\n"),
        (".terraform/modules/modules.json", installed),
    ]);
    let missing: Vec<&str> = sources.missing.iter().map(|(name, _)| name.as_str()).collect();
    // `c` was installed for `d` only: for the root and for `b` it is not at hand.
    assert_eq!(missing, ["module.a", "module.c"]);
    assert_eq!(sources.local("module.d.module.c", "found").unwrap().references(""), ["aws_x.y.id"]);
    assert!(sources.local("module.b.module.c", "found").is_none());
}
