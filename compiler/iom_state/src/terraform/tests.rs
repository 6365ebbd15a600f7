use std::fmt::Write as _;

use super::import_text;
use crate::document::{AttributeFilter, More, Wanted};
use crate::shown::shown;
use crate::tape::Strings;

struct Everything;

impl Wanted for Everything {
    fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
        Some(AttributeFilter::All)
    }
}

fn read(text: &str) -> String {
    let mut strings = Strings::default();
    let found = match import_text(text, &Everything, &mut strings) {
        Ok(found) => found,
        Err(error) => return format!("error: {error}\n"),
    };
    let document = &found;
    let mut out = String::new();
    for (number, object) in document.objects.iter().enumerate() {
        let line = document.files.place(object.offset).line;
        let _ = write!(out, "{number} {} (line {line}) ", strings.resolve(&object.address));
        if let Some(values) = object.values {
            shown(document, &strings, values, &mut out);
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
