//! Plans of any size: planned values only, in the shapes that Terraform writes. The same seed gives the same text.

use std::fmt::Write;

/// Numbers that look like chance (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }
}

/// A plan with so many resources: networks, groups, databases, machines and policies that depend on one another.
pub fn estate(count: usize, seed: u64) -> String {
    let mut chance = Chance(seed | 1);
    let mut text = String::from(
        "{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"planned_values\":{\"root_module\":{\"resources\":[\n",
    );
    for position in 0..count {
        if position > 0 {
            text.push_str(",\n");
        }
        resource(&mut text, position, &mut chance);
    }
    text.push_str("]}}}\n");
    text
}

fn resource(text: &mut String, position: usize, chance: &mut Chance) {
    let (kind, values, dependency) = match position % 5 {
        0 => ("aws_vpc", network(position), String::new()),
        1 => ("aws_security_group", group(position, chance), format!("\"aws_vpc.n{}\"", position - 1)),
        2 => (
            "aws_db_instance",
            database(position, chance),
            format!("\"aws_security_group.n{}\"", position - 1),
        ),
        3 => ("aws_instance", machine(position, chance), format!("\"aws_security_group.n{}\"", position - 2)),
        _ => ("aws_iam_policy", policy(position, chance), String::new()),
    };
    let owner = chance.below(200);
    let cost = if chance.one_in(50) {
        String::new()
    } else {
        format!(",\"cost-center\":\"cc-{:04}\"", chance.below(4000))
    };
    let _ = write!(
        text,
        "{{\"address\":\"{kind}.n{position}\",\"mode\":\"managed\",\"type\":\"{kind}\",\"name\":\"n{position}\",\
         \"provider_name\":\"registry.terraform.io/hashicorp/aws\",\"schema_version\":1,\"values\":{{\"id\":\"{kind}-{position}\",\
         {values},\"tags\":{{\"owner\":\"team-{owner:03}\"{cost},\"Name\":\"n{position}\"}}}},\"sensitive_values\":{{\"tags\":{{}}}},\
         \"depends_on\":[{dependency}]}}"
    );
}

fn network(position: usize) -> String {
    format!(
        "\"cidr_block\":\"10.{}.0.0/16\",\"enable_dns_support\":true,\"ipv6_cidr_block\":null",
        position % 250
    )
}

fn group(position: usize, chance: &mut Chance) -> String {
    let rule = |port: u64, source: &str| {
        format!(
            "{{\"from_port\":{port},\"to_port\":{port},\"protocol\":\"tcp\",\"cidr_blocks\":[\"{source}\"],\
             \"ipv6_cidr_blocks\":[],\"description\":\"\",\"self\":false}}"
        )
    };
    let mut rules = vec![rule(443, "0.0.0.0/0"), rule(8000 + chance.below(10), "10.0.0.0/8")];
    if chance.one_in(50) {
        rules.push(rule(22, "0.0.0.0/0"));
    }
    format!(
        "\"vpc_id\":\"aws_vpc-{}\",\"name\":\"Gruppe für n{position}\",\"ingress\":[{}],\"egress\":[]",
        position - 1,
        rules.join(",")
    )
}

fn database(position: usize, chance: &mut Chance) -> String {
    format!(
        "\"identifier\":\"db-{position}\",\"engine\":\"postgres\",\"allocated_storage\":{},\"publicly_accessible\":{},\
         \"storage_encrypted\":true,\"backup_retention_period\":14,\"monitoring_interval\":0.5,\
         \"vpc_security_group_ids\":[\"aws_security_group-{}\"]",
        20 + chance.below(500),
        chance.one_in(50),
        position - 1
    )
}

fn machine(position: usize, chance: &mut Chance) -> String {
    let size = ["large", "xlarge", "2xlarge"][chance.below(3) as usize];
    format!(
        "\"ami\":\"ami-0abc\",\"instance_type\":\"m6i.{size}\",\"vpc_security_group_ids\":[\"aws_security_group-{}\"],\
         \"metadata_options\":[{{\"http_tokens\":\"required\"}}],\"root_block_device\":[{{\"encrypted\":true,\"volume_size\":50}}]",
        position - 2
    )
}

fn policy(position: usize, chance: &mut Chance) -> String {
    let action = if chance.one_in(50) { "s3:*" } else { "s3:GetObject" };
    format!(
        "\"path\":\"/\",\"policy\":\"{{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{{\\\"Effect\\\":\\\"Allow\\\",\
         \\\"Action\\\":[\\\"{action}\\\"],\\\"Resource\\\":\\\"arn:aws:s3:::b{position}/*\\\"}}]}}\""
    )
}
