//! Configuration and state of any size, in the shapes that Terraform takes and writes.

use std::fmt::Write;

/// A `.tf` file with so many resources: buckets, and keys and policies that refer to them.
pub fn configuration(count: usize) -> String {
    let mut text =
        String::from("locals {\n  team = \"platform\"\n}\n\nvariable \"stage\" {\n  default = \"dev\"\n}\n");
    for position in 0..count {
        let before = position.saturating_sub(position % 3);
        let _ = match position % 3 {
            0 => writeln!(
                text,
                "\nresource \"aws_s3_bucket\" \"n{position}\" {{\n  bucket = \"${{var.stage}}-n{position}\"\n  \
                 tags = {{\n    team = local.team\n    cost = \"cc-{}\"\n  }}\n}}",
                position % 400
            ),
            1 => writeln!(
                text,
                "\nresource \"aws_kms_key\" \"n{position}\" {{\n  description = \"of ${{aws_s3_bucket.n{before}.id}}\"\n  \
                 enable_key_rotation = {}\n}}",
                position % 7 != 0
            ),
            _ => writeln!(
                text,
                "\nresource \"aws_s3_bucket_policy\" \"n{position}\" {{\n  bucket = aws_s3_bucket.n{before}.id\n  \
                 policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{\n      Effect = \"Allow\"\n      \
                 Action = [\"s3:GetObject\"]\n      Resource = \"${{aws_s3_bucket.n{before}.arn}}/*\"\n    }}]\n  }})\n}}"
            ),
        };
    }
    text
}

/// A state file with so many instances of resources, one about two kilobytes as they are on average.
pub fn state(count: usize) -> String {
    let mut text = String::from(
        "{\"version\":4,\"terraform_version\":\"1.11.4\",\"serial\":7,\"lineage\":\"a\",\"outputs\":{},\"resources\":[",
    );
    for position in 0..count {
        let separator = if position > 0 { "," } else { "" };
        let _ = write!(
            text,
            "{separator}\n{{\"mode\":\"managed\",\"type\":\"aws_instance\",\"name\":\"n{position}\",\
             \"provider\":\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\"instances\":[{{\"schema_version\":1,\
             \"attributes\":{{\"id\":\"i-{position:08x}\",\"ami\":\"ami-0abc\",\"instance_type\":\"m6i.large\",\"tags\":{{\"Name\":\"n{position}\"}}"
        );
        for block in 0..12 {
            let _ = write!(
                text,
                ",\"block_{block}\":[{{\"volume_id\":\"vol-{position}-{block}\",\"encrypted\":true,\"size\":{block},\
                 \"kms_key_id\":null,\"options\":[\"a\",\"b\"],\"note\":\"disk {block} of machine {position}\"}}]"
            );
        }
        let dependency =
            position.checked_sub(1).map(|before| format!("\"aws_instance.n{before}\"")).unwrap_or_default();
        let _ = write!(
            text,
            "}},\"sensitive_attributes\":[],\"private\":\"bnVsbA==\",\"dependencies\":[{dependency}]}}]}}"
        );
    }
    text.push_str("],\"check_results\":null}\n");
    text
}
