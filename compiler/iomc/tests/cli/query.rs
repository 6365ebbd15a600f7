use serde_json::json;

use crate::support::{MANIFEST, folder, iomc, payments};

const SHOP: &str = "module shop
use org

resource team: org.Team { members: [] }
resource a: aws.Bucket { name: \"a\"  versioning: true  owner: team }
resource b: aws.Bucket { name: \"b\" }
type Login = { user: string  password: secret string }
kind Server { login: Login }
resource s: Server { login: { user: \"root\"  password: \"hunter2\" } }
";

fn ask(expression: &str) -> String {
    let shop = folder(&[("iom.toml", MANIFEST), ("shop.iom", SHOP)]);
    iomc(shop.path(), &["query", expression]).exits(0).stdout
}

#[test]
fn a_population_is_a_table_with_places() {
    assert_eq!(
        ask("aws.Bucket"),
        "address  kind        owner  environment  place
shop.a   aws.Bucket  team   -            shop.iom:5:10
shop.b   aws.Bucket  -      -            shop.iom:6:10
2 rows
"
    );
    assert_eq!(ask("aws.Bucket where .name == \"c\""), "0 rows\n");
}

#[test]
fn records_give_columns_and_values_stand_alone() {
    let records = ask("[for b in aws.Bucket: { name: b.name  versioned: b.versioning }]");
    assert_eq!(records, "name  versioned\na     true\nb     false\n2 rows\n");
    assert_eq!(ask("size(aws.Bucket where .versioning)"), "1\n");
    assert_eq!(ask("[for b in aws.Bucket: b.name]"), "a\nb\n2 rows\n");
    assert_eq!(ask("a.name"), "a\n");
}

#[test]
fn what_is_unknown_says_why() {
    let found =
        iomc(&payments(), &["query", "[for b in aws.Bucket: b.name]", "--format", "json"]).exits(0).json();
    let built =
        found["answers"].as_array().and_then(|answers| answers.iter().find(|one| one["layer"] == "built"));
    let first = &built.expect("a built layer")["values"]["rows"][0];
    assert_eq!(*first, json!({ "value": null, "unknown": ["known_after_apply"] }));
}

#[test]
fn mistakes_point_into_the_question() {
    let shop = folder(&[("iom.toml", MANIFEST), ("shop.iom", SHOP)]);
    let ran = iomc(shop.path(), &["query", "[for b in aws.Bucket: b.nam]"]).exits(2);
    let ran = ran.says("query:1:25").says("did you mean `name`?");
    assert_eq!(ran.stdout, "");
    iomc(shop.path(), &["query", "1 +"]).exits(2).says("query:1:4");
    iomc(shop.path(), &["query", "tema"]).exits(2).says("error[IOM0101]");
}

#[test]
fn no_question_shows_a_secret() {
    let shop = folder(&[("iom.toml", MANIFEST), ("shop.iom", SHOP)]);
    for question in
        ["s.login.password", "[for s in shop.Server: s.login.password]", "s.login", "[s.login]", "s"]
    {
        for format in ["human", "json"] {
            let ran = iomc(shop.path(), &["query", question, "--format", format]);
            assert!(!format!("{ran:?}").contains("hunter2"), "{question}: {ran:?}");
        }
    }
}

/// A reference that may lead to either of two things says nothing about a third.
#[test]
fn doubt_stays_where_it_belongs() {
    let resource = |kind: &str, name: &str, values: &str| {
        format!(
            "{{ \"address\": \"{kind}.{name}\", \"mode\": \"managed\", \"type\": \"{kind}\", \"name\": \"{name}\", \"values\": {values} }}"
        )
    };
    let resources = [
        resource("aws_s3_bucket", "one", "{ \"bucket\": \"same\" }"),
        resource("aws_s3_bucket", "two", "{ \"bucket\": \"same\" }"),
        resource("aws_s3_bucket_public_access_block", "block", "{ \"bucket\": \"same\" }"),
        resource("aws_security_group", "alone", "{ \"name\": \"alone\" }"),
    ];
    let plan = format!(
        "{{ \"format_version\": \"1.2\", \"planned_values\": {{ \"root_module\": {{ \"resources\": [{}] }} }} }}",
        resources.join(", ")
    );
    let empty = folder(&[("plan.json", &plan)]);
    let ask =
        |question: &str| iomc(empty.path(), &["query", question, "--state", "plan.json"]).exits(0).stdout;
    assert_eq!(ask("[for g in aws.SecurityGroup: size(downstream(g))]"), "0\n1 row\n");
    let of_buckets = ask("[for b in aws.Bucket: downstream(b) is nonempty]");
    assert!(of_buckets.starts_with("unknown (known_after_apply)\n"), "{of_buckets}");
    let reached = ask("size(aws.SecurityGroup where none x in downstream(self): x is aws.PublicAccessBlock)");
    assert_eq!(reached, "1\n");
}
