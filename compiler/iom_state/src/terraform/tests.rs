use std::fmt::Write as _;

use super::{import_folder, import_text};
use crate::document::{AttributeFilter, Document, Everything, More, Wanted};
use crate::shown::shown;
use crate::tape::Strings;
use crate::terraform_sources::Files;

fn read(text: &str) -> String {
    let mut strings = Strings::default();
    match import_text(text, &Everything, &mut strings) {
        Ok(document) => described(&document, &strings),
        Err(error) => format!("error: {error}\n"),
    }
}

fn described(document: &Document, strings: &Strings) -> String {
    let mut out = String::new();
    for (number, object) in document.objects.iter().enumerate() {
        let place = document.files.place(object.offset);
        let file = if place.file.is_empty() { String::new() } else { format!("{}, ", place.file) };
        let provider = strings.resolve(&object.provider);
        let by = if provider.contains([':', '.']) { format!(" by {provider}") } else { String::new() };
        let address = strings.resolve(&object.address);
        let _ = write!(out, "{number} {address} ({file}line {}){by} ", place.line);
        if let Some(values) = object.values {
            shown(document, strings, values, &mut out);
        }
        if !object.depends_on.is_empty() {
            let _ = write!(out, " after {:?}", document.depends_on(object));
        }
        out.push('\n');
    }
    for remark in &document.remarks {
        let _ = writeln!(out, "remark: {}", remark.message);
    }
    match &document.more {
        More::Nothing => {}
        More::Anything => out.push_str("more of anything\n"),
        More::OfTypes(types) => {
            let types: Vec<&str> = types.iter().map(|name| strings.resolve(name)).collect();
            let _ = writeln!(out, "more of {}", types.join(" "));
        }
    }
    out
}

#[test]
fn values_references_and_blocks() {
    insta::assert_snapshot!(read(
        r#"
locals {
  prefix = "acme"
  tags   = { team = "red", "cost-center" = 4711 }
}
variable "env" { default = "prod" }
variable "size" { type = number }
variable "token" {
  default   = "hunter2"
  sensitive = true
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "a" {
  bucket = "${local.prefix}-${var.env}"
  tags   = merge(local.tags, { env = var.env })
  acl    = var.size > 3 ? "private" : "public-read"
  token  = var.token
  note   = "token: ${var.token}"
}
resource "aws_s3_bucket_versioning" "v" {
  bucket = aws_s3_bucket.a.id
  same   = aws_s3_bucket.a.bucket
  versioning_configuration { status = "Enabled" }
  depends_on = [aws_s3_bucket.a]
}
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.missing.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:*"], N = 1.5 }] })
  other  = jsonencode({ Resource = aws_s3_bucket.a.arn })
  file   = file("policy.json")
  text   = <<-EOT
    one
      two
  EOT
}
resource "aws_security_group" "g" {
  ingress { from_port = 22 }
  ingress { from_port = -1 }
  dynamic "egress" {
    for_each = [80, 443]
    content { from_port = egress.value }
  }
  dynamic "rule" {
    for_each = var.rules
    content { port = rule.value }
  }
}
module "net" { source = "./net" }
"#
    ));
}

#[test]
fn instances() {
    insta::assert_snapshot!(read(
        r#"
locals { names = ["b", "a"] }
resource "x_y" "counted" {
  count = 2
  name  = "n-${count.index}"
}
resource "x_y" "each" {
  for_each = toset(local.names)
  name     = each.key
  next     = x_y.counted[1].id
  all      = x_y.counted[*].name
  some     = x_y.counted.id
}
resource "x_y" "mapped" {
  for_each = { for n in local.names : upper(n) => { long = "${n}${n}" } if n != "b" }
  name     = each.value.long
  sibling  = x_y.each["a"].name
}
resource "x_y" "open" {
  count = var.many
  name  = "n-${count.index}"
}
resource "x_y" "none" { count = 0 }
"#
    ));
}

#[test]
fn one_line_is_enough() {
    let spread = read(
        r#"resource "aws_s3_bucket" "a" { bucket = "same" }
resource "aws_s3_bucket_versioning" "v" { bucket = aws_s3_bucket.a.id  versioning_configuration { status = "Enabled" } }
resource "aws_x" "c" { n = 1  m = { a = 1, b = "x { y" } t { u = [1, 2] w { } }  z = "${"a"}" # end
}"#,
    );
    insta::assert_snapshot!(spread);
}

#[test]
fn what_is_no_configuration_is_said() {
    insta::assert_snapshot!(
        [
            read("resource \"a\" {}\n"),
            read("resource \"a\" \"b\" {}\nresource \"a\" \"b\" {}\n"),
            read("resource \"a\" \"b\" {\n  x = \n}\n"),
            read("x = 1\n"),
            read("resource \"a\" \"b\" {\n  x = local.a\n}\nlocals {\n  a = local.b\n  b = local.a\n}\n"),
            read("resource \"a\" \"b\" {\n  x = a.b.x\n}\n"),
        ]
        .concat()
    );
}

#[test]
fn blocks_that_end_too_early_are_read_and_told() {
    insta::assert_snapshot!(
        [
            read("resource \"a\" \"b\" {\n  c {\n    x = \"é\"}\n  d {\n    y = 1}\n  e = true\n}\n"),
            read("resource \"a\" \"b\" {\n  x = \"}\n}\n"),
            read("resource \"a\" \"b\" {\n  x = 1}}\n"),
        ]
        .concat()
    );
}

#[test]
fn locals_that_double_end() {
    let mut text = String::from("locals {\n  x0 = [1, 2, 3, 4, 5, 6, 7, 8]\n");
    for number in 1..60 {
        let _ = writeln!(text, "  x{number} = [local.x{0}, local.x{0}]", number - 1);
    }
    text.push_str("}\nresource \"a\" \"b\" {\n  x = length(local.x59)\n}\n");
    assert!(read(&text).starts_with("0 a.b"));
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(text in "[a-c{}\\[\\]()=\"$ \n.,#<E/*0-9?:!-]{0,120}") {
        read(&text);
    }
}

/// Files by name.
pub(super) struct Texts<'t>(pub &'t [(&'t str, &'t str)]);

impl Files for Texts<'_> {
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String> {
        let inside = self.0.iter().filter(|(name, _)| {
            let around = name.rsplit_once('/').map_or("", |(around, _)| around);
            around == folder && (name.ends_with(".tf") || name.ends_with(".tf.json"))
        });
        let inside: Vec<_> = inside.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Ok((!inside.is_empty()).then_some(inside))
    }

    fn text(&mut self, file: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| *name == file).map(|(_, text)| (*text).to_owned())
    }

    fn list(&mut self, folder: &str) -> Vec<String> {
        let inside = |name: &&str| name.rsplit_once('/').map_or("", |(around, _)| around) == folder;
        let names = self.0.iter().map(|(name, _)| *name).filter(inside);
        names.map(|name| name.rsplit('/').next().unwrap_or(name).to_owned()).collect()
    }

    fn folders(&mut self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let inside = self.0.iter().filter_map(|(name, _)| name.strip_prefix(&prefix)?.split_once('/'));
        inside.map(|(name, _)| name.to_owned()).collect()
    }
}

fn read_folder(files: &[(&str, &str)]) -> String {
    let mut strings = Strings::default();
    match import_folder(&mut Texts(files), &Everything, &mut strings) {
        Ok(document) => described(&document, &strings),
        Err(error) => format!("error: {}: {error}\n", error.file.as_deref().unwrap_or("?")),
    }
}

#[test]
fn modules() {
    insta::assert_snapshot!(read_folder(&[
        (
            "main.tf",
            r#"
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "~> 5.0" } }
  backend "s3" {
    bucket = "state"
    key    = "a"
  }
}
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
module "net" {
  source    = "./net"
  for_each  = toset(["b", "a"])
  name      = "net-${each.key}"
  key       = aws_kms_key.k.arn
  providers = { aws = aws.us }
}
module "gone" {
  source = "terraform-aws-modules/vpc/aws"
  name   = "x"
}
resource "aws_kms_key" "k" {}
resource "aws_instance" "i" {
  subnet_id = module.net["a"].subnet_id
  all       = [for one in module.net : one.subnet_id]
  name      = module.net["b"].name
  vpc_id    = module.gone.vpc_id
  secret    = module.net["a"].secret
  depends_on = [module.net]
}
"#,
        ),
        (
            "net/main.tf",
            r#"
variable "name" { type = string }
variable "key" {}
variable "size" {
  type    = object({ a = number, b = optional(list(string), ["x"]), c = optional(bool) })
  default = { a = "3" }
}
module "deep" {
  source = "../deep"
  count  = 1
  from   = var.name
}
resource "aws_subnet" "s" {
  name = upper(var.name)
  size = var.size
  key  = var.key
  deep = module.deep[0].out
  path = "${path.module}/x"
}
output "subnet_id" { value = aws_subnet.s.id }
output "name" { value = aws_subnet.s.name }
output "secret" {
  value     = "hunter2"
  sensitive = true
}
"#,
        ),
        (
            "deep/main.tf",
            r#"
variable "from" {}
resource "null_resource" "n" { triggers = { from = var.from } }
output "out" { value = null_resource.n.triggers.from }
"#,
        ),
    ]));
}

#[test]
fn values_of_variables_and_overrides() {
    insta::assert_snapshot!(read_folder(&[
        ("a.auto.tfvars", "late = 2\nmap = { k = \"v\" }\n"),
        (
            "main.tf",
            r#"
variable "early" { default = 1 }
variable "late" {}
variable "map" { type = map(string) }
variable "kept" {
  default  = "default"
  nullable = false
}
variable "none" { default = "default" }
variable "unknown" { type = string }
variable "wrong" { type = number }
variable "password" { sensitive = true }
resource "x_y" "a" {
  early    = var.early
  late     = var.late
  map      = var.map
  kept     = var.kept
  none     = var.none
  unknown  = var.unknown
  wrong    = var.wrong
  password = var.password
  pair     = [var.password, "b"]
  replaced = "no"
  rule { port = 1 }
  rule { port = 2 }
  other { port = 3 }
}
"#,
        ),
        (
            "main_override.tf",
            r#"
resource "x_y" "a" {
  replaced = "yes"
  rule { port = 4 }
}
variable "early" { default = 7 }
"#,
        ),
        (
            "more.tf.json",
            r#"{"resource": {"x_y": {"json": {"//": "a remark", "name": "${var.late}-json", "plain": "a$${b}",
  "list": ["${x_y.a.id}", 1, true, null], "dynamic": {"rule": {"for_each": [1, 2], "content": {"port": "${rule.value}"}}},
  "depends_on": ["x_y.a"]}}},
 "locals": {"l": "x"}, "variable": {"v": {"type": "string", "default": "${not a template}"}},
 "output": {"o": {"value": "${local.l}"}}}"#,
        ),
        ("terraform.tfvars", "late = 1\nkept = null\nnone = null\nwrong = \"x\"\npassword = \"hunter2\"\n"),
        ("z.auto.tfvars.json", r#"{"early": 8}"#),
    ]));
}

#[test]
fn every_mistake_has_its_file() {
    let main = ("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n");
    insta::assert_snapshot!(
        [
            read_folder(&[]),
            read_folder(&[("main.tf", "resource \"a\" \"b\" {\n")]),
            read_folder(&[main, ("m/x.tf", "locals {\n  a = \n}\n")]),
            read_folder(&[("a.tf", "resource \"a\" \"b\" {}\n"), ("b.tf", "\nresource \"a\" \"b\" {}\n")]),
            read_folder(&[("a.tf.json", "{\"resource\": {\n \"a\": }")]),
            read_folder(&[("a.tf", ""), ("terraform.tfvars", "x = \n")]),
            read_folder(&[
                main,
                ("m/x.tf", "module \"again\" {\n  source = \"../m\"\n}\nresource \"a\" \"b\" {}\n")
            ])
            .lines()
            .take(3)
            .collect::<Vec<_>>()
            .join("\n"),
        ]
        .concat()
    );
}

/// What an expression gives.
fn value(expression: &str) -> String {
    let text = format!(
        "variable \"u\" {{}}\nresource \"a\" \"r\" {{\n  n = \"name\"\n}}\nresource \"a\" \"b\" {{\n  x = {expression}\n}}\n"
    );
    let policy = r#"{"Statement": [{"Action": "${action}", "Resource": "${resource}"}]}"#;
    let found = read_folder(&[
        ("main.tf", &text),
        ("p.tpl", policy),
        ("data.json", "[1]"),
        ("deep/a.yml", ""),
        ("deep/er/b.txt", ""),
    ]);
    let line = found.lines().find(|line| line.starts_with("1 ")).unwrap_or(&found);
    let remarks = found.lines().filter(|line| line.starts_with("remark")).map(|line| format!(" ({line})"));
    let value = line.split_once("{x: ").map_or(line, |(_, value)| value.trim_end_matches('}'));
    format!("{expression} = {value}{}\n", remarks.collect::<String>())
}

#[test]
fn functions() {
    let expressions = include_str!("expressions.txt").lines().filter(|line| !line.is_empty());
    insta::assert_snapshot!(expressions.map(value).collect::<String>());
}

#[test]
fn templates() {
    insta::assert_snapshot!(
        [
            "<<-EOT\n    %{ for k, v in { a = 1, b = 2 } ~}\n    ${k} = ${v}\n    %{ endfor ~}\n    end\n  EOT",
            "\"%{ if 1 > 2 }yes%{ else }no%{ endif }-${~ \" x \" ~} -$${a}\"",
            "<<EOT\n{\"Version\": \"2012-10-17\", \"Statement\": [\n  {\"Effect\": \"Allow\", \"Resource\": \"${a.r.arn}/*\", \"Action\": [\"s3:Get\",],},\n]}\nEOT",
            "<<EOT\nhello ${var.u}\nEOT",
            "\"${a.r.n}-${a.r.id}-x\"",
            "\"${a.r.id}\"",
        ]
        .map(value)
        .concat()
    );
}

#[test]
fn the_chosen_workspace_is_known() {
    let main =
        "resource \"a\" \"b\" {\n  name = \"web-${terraform.workspace}\"\n  other = terraform.cloud\n}\n";
    insta::assert_snapshot!(
        [
            read_folder(&[("main.tf", main), (".terraform/environment", "staging\n")]),
            read_folder(&[("main.tf", main)]),
        ]
        .concat()
    );
}

#[test]
fn configuration_in_json() {
    insta::assert_snapshot!(read_folder(&[(
        "main.tf.json",
        r#"[{"//": "what a generator writes", "resource": {"aws_s3_bucket": {"a": {
    "bucket": "a",
    "tags": {"team": "x"},
    "versioning": {"enabled": true},
    "server_side_encryption_configuration": {"rule": {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}},
    "lifecycle_rule": [{"id": "one", "enabled": true}, {"id": "two", "enabled": false}]
}}}},
{"resource": {"aws_security_group": {"g": [{"name": "g", "ingress": [{"from_port": 22}], "timeouts": {"create": "1m"},
    "dynamic": {"egress": {"for_each": [1, 2], "content": {"from_port": "${egress.value}"}}}}]}},
 "unknown_x": 1, "variable": null}]"#,
    )]));
    let mistakes = [
        r#""text""#,
        r#"[1]"#,
        r#"{"resource": "x"}"#,
        r#"{"resource": {"a": {"b": 1}}}"#,
        r#"{"resource": {"a": {"b": {"dynamic": [{"c": 1}]}}}}"#,
    ];
    insta::assert_snapshot!(mistakes.map(|text| read_folder(&[("x.tf.json", text)])).concat());
}

#[test]
fn lifecycle_is_read_by_its_name() {
    struct Named(Vec<String>, bool);
    impl Wanted for Named {
        fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
            Some(if self.1 { AttributeFilter::All(&self.0) } else { AttributeFilter::These(&self.0) })
        }
    }
    let text = "resource \"a\" \"b\" {\n  x = 1\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n";
    let expected = [
        (false, "0 a.b (line 1) {lifecycle: [{create_before_destroy: true}]}\n"),
        (true, "0 a.b (line 1) {lifecycle: [{create_before_destroy: true}], x: 1}\n"),
    ];
    for (is_all, expected) in expected {
        let mut strings = Strings::default();
        let named = Named(vec!["lifecycle".to_owned()], is_all);
        let document = import_text(text, &named, &mut strings).unwrap();
        assert_eq!(described(&document, &strings), expected);
    }
    assert_eq!(read(text), "0 a.b (line 1) {x: 1}\n");
}

#[test]
fn files_beside_the_configuration_count() {
    let hash = |files: &[(&str, &str)]| {
        import_folder(&mut Texts(files), &Everything, &mut Strings::default()).unwrap().sha256
    };
    let main = ("main.tf", "resource \"a\" \"b\" {\n  x = file(\"x.json\")\n}\n");
    let hashes = [hash(&[main]), hash(&[main, ("x.json", "1")]), hash(&[main, ("x.json", "2")])];
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2]);
    assert_eq!(hashes[0], hash(&[main, ("y.json", "1")]));
}

#[test]
fn large_things_end() {
    let mut text = String::from("locals {\n  t0 = \"0123456789abcdef\"\n  l0 = [1, 2, 3, 4, 5, 6, 7, 8]\n");
    for number in 1..60 {
        let _ = writeln!(text, "  t{number} = \"${{local.t{0}}}${{local.t{0}}}\"", number - 1);
        let _ = writeln!(text, "  l{number} = concat(local.l{0}, local.l{0})", number - 1);
        let _ = writeln!(text, "  d{number} = {{ a = [local.d{0}], b = local.d{0} }}", number - 1);
    }
    text.push_str("  d0 = {}\n  chain0 = 1\n");
    for number in 1..3000 {
        let _ = writeln!(text, "  chain{number} = local.chain{} + 1", number - 1);
    }
    text.push_str("}\nresource \"a\" \"b\" {\n  text = local.t59\n  list = local.l59\n  deep = local.d59\n");
    text.push_str(
        "  same = local.d59 == local.d58\n  json = jsonencode(local.d59)\n  chain = local.chain2999\n",
    );
    text.push_str("  range = range(1000000000)\n  many = join(\",\", [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]])\n");
    text.push_str("  wide = format(\"%4000000000s\", \"x\")\n  set = toset([local.d59, local.d58])\n}\n");
    text.push_str("resource \"a\" \"c\" {\n  count = 1000000000\n}\nresource \"a\" \"e\" {\n  for_each = toset([for x in range(1000) : x])\n  x = each.key\n}\n");
    let found = read_folder(&[("main.tf", &text)]);
    assert!(found.contains("a.e[\"999\"]"), "{found}");
    assert!(found.contains("a.c: its `count` is more than is read"), "{found}");
}
