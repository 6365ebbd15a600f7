use crate::support::{MANIFEST, folder, iomc};

const RULES: &str = r#"module rules

policy versioned { for b: aws.Bucket { require b.versioning else "{b.name} keeps nothing" } }
policy not_public { for b: aws.Bucket { require not b.public else "{b.name} is public" } }
policy has_key { for b: aws.Bucket { require b.encryption?.algorithm == aws_kms else "{b.name} has no key" } }
policy closed {
  for g: aws.SecurityGroup for r in g.ingress {
    require not (r.sources covers internet) else "{g.name ?? ""} is open at {r.ports}"
  }
}
policy disks { for d: EncryptedAtRest { require d.encrypted else "{d} is not encrypted" } }
"#;

/// A snapshot as AWS Config delivers it: a bucket, a security group, a database and a disk.
const SNAPSHOT: &str = r#"{
  "fileVersion": "1.0",
  "configSnapshotId": "s-1",
  "configurationItems": [
    {
      "resourceType": "AWS::S3::Bucket", "resourceId": "logs", "ARN": "x", "awsAccountId": "111122223333",
      "configuration": { "name": "logs" },
      "supplementaryConfiguration": {
        "BucketVersioningConfiguration": { "status": "Enabled", "isMfaDeleteEnabled": null },
        "ServerSideEncryptionConfiguration": "{\"rules\":[{\"applyServerSideEncryptionByDefault\":{\"sseAlgorithm\":\"aws:kms\",\"kmsMasterKeyID\":\"k\"}}]}",
        "AccessControlList": "\"{\\\"grantList\\\":[{\\\"grantee\\\":{\\\"id\\\":\\\"e\\\"},\\\"permission\\\":\\\"FullControl\\\"}]}\"",
        "BucketPolicy": { "policyText": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}" }
      }
    },
    {
      "resourceType": "AWS::S3::Bucket", "resourceId": "open",
      "supplementaryConfiguration": {
        "BucketVersioningConfiguration": "{\"status\":\"Off\"}",
        "AccessControlList": { "grantList": [{ "grantee": "AllUsers", "permission": "Read" }] },
        "BucketPolicy": "{\"policyText\":null}"
      }
    },
    {
      "resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1",
      "configuration": {
        "groupName": "web", "vpcId": "vpc-1",
        "ipPermissions": [
          { "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": ["0.0.0.0/0"], "userIdGroupPairs": [] },
          { "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "ipv4Ranges": [{ "cidrIp": "10.0.0.0/8" }], "userIdGroupPairs": [] }
        ]
      }
    },
    { "resourceType": "AWS::EC2::Volume", "resourceId": "vol-1", "configuration": "{\"encrypted\":false,\"kmsKeyId\":null}" },
    { "resourceType": "AWS::RDS::DBInstance", "resourceId": "db-1", "configuration": { "dBInstanceIdentifier": "main", "storageEncrypted": true } }
  ]
}"#;

#[test]
fn the_library_reads_what_aws_config_says() {
    let here = folder(&[("iom.toml", MANIFEST), ("rules.iom", RULES), ("snapshot.json", SNAPSHOT)]);
    let ran =
        iomc(here.path(), &["eval", "--state", "snapshot.json", "--format", "short", "--only", "rules.*"])
            .exits(1);
    let said: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split("medium[rules.").nth(1)).collect();
    assert_eq!(
        said,
        [
            "closed] AWS::EC2::SecurityGroup/sg-1: web is open at tcp 22 (fail, block)",
            "disks] AWS::EC2::Volume/vol-1 is not encrypted (fail, block)",
            "has_key] AWS::S3::Bucket/open: open has no key (fail, block)",
            "not_public] AWS::S3::Bucket/logs: logs is public (fail, block)",
            "not_public] AWS::S3::Bucket/open: open is public (fail, block)",
            "versioned] AWS::S3::Bucket/open: open keeps nothing (fail, block)",
        ],
        "{ran:?}"
    );
}

#[test]
fn tables_with_mistakes_are_named_by_line() {
    let here = folder(&[
        ("iom.toml", MANIFEST),
        ("hosts.csv", "name,owner\nweb\n"),
        ("twice.csv", "name,name\na,b\n"),
    ]);
    let eval = |file: &str| iomc(here.path(), &["eval", "--state", file]).exits(2);
    eval("csv:hosts.csv").says("hosts.csv:2:1: this line has 1 field, and the first line names 2 columns");
    eval("twice.csv").says("twice.csv:1:6: columns 1 and 2 have the same name, `name`");
}
