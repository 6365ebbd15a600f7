//! References followed to the objects they mean.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test panics")]

mod common;

use std::sync::Arc;

use common::{Imported, configured, created, import, plan, planned};
use iom_state::tape::Strings;
use iom_state::terraform_sources::{Files, TerraformSources};
use serde_json::{Value, json};

fn references(list: &[&str]) -> Value {
    json!({ "references": list })
}

/// Objects by address, with one unknown attribute `a`, and a configuration.
fn estate(addresses: &[&str], root: Value) -> Imported {
    let mut modules: Vec<(String, Vec<Value>)> = Vec::new();
    for address in addresses {
        let local = address.find("data.aws_").or(address.find("aws_")).unwrap();
        let module = address[..local].trim_end_matches('.').to_owned();
        let entry = planned(address, json!({}));
        match modules.iter_mut().find(|known| known.0 == module) {
            Some(known) => known.1.push(entry),
            None => modules.push((module, vec![entry])),
        }
    }
    let root_resources: Vec<Value> =
        modules.iter().filter(|module| module.0.is_empty()).flat_map(|module| module.1.clone()).collect();
    let children: Vec<Value> = modules
        .iter()
        .filter(|module| !module.0.is_empty())
        .map(|(address, resources)| json!({ "address": address, "resources": resources }))
        .collect();
    let changes = addresses.iter().map(|address| created(address, json!({ "a": true }), json!({}))).collect();
    let mut plan = plan(vec![], changes, vec![]);
    plan["planned_values"] =
        json!({ "root_module": { "resources": root_resources, "child_modules": children } });
    plan["configuration"] = json!({ "root_module": root });
    import(&plan)
}

#[test]
fn enclosing_objects_fold_into_one_reference() {
    let estate = estate(
        &["aws_kms_key.k", "aws_kms_key.l", "data.aws_x.d", "aws_s3_bucket.b"],
        json!({ "resources": [
            configured("aws_s3_bucket.b", json!({ "a": references(&[
                "aws_kms_key.k.arn", "aws_kms_key.k", "aws_kms_key.l.rule[0].id", "aws_kms_key.l.rule[0]",
                "aws_kms_key.l.rule", "aws_kms_key.l", "data.aws_x.d", "aws_kms_key.k.arn", "aws_kms_key.k"]) })),
            configured("aws_kms_key.k", json!({})), configured("aws_kms_key.l", json!({}))] }),
    );
    assert_eq!(
        estate.references("aws_s3_bucket.b", "a"),
        [
            "aws_kms_key.k.arn = aws_kms_key.k .arn",
            "aws_kms_key.l.rule[0].id = aws_kms_key.l .rule[0].id",
            "data.aws_x.d = data.aws_x.d"
        ]
    );
}

#[test]
fn instances_are_those_of_the_key() {
    let estate = estate(
        &[
            "aws_k.k[0]",
            "aws_k.k[1]",
            "aws_f.f[\"x\"]",
            "aws_f.f[\"y\"]",
            "aws_b.b[0]",
            "aws_b.b[1]",
            "aws_b.b[2]",
            "aws_e.e[\"x\"]",
            "aws_one.o",
        ],
        json!({ "resources": [
            configured("aws_b.b", json!({ "a": references(&["aws_k.k", "count.index"]) })),
            configured("aws_e.e", json!({ "a": references(&["aws_f.f", "each.key"]) })),
            configured("aws_one.o", json!({ "a": references(
                &["aws_k.k[1].id", "aws_k.k[1]", "aws_k.k", "aws_f.f[\"y\"].id", "aws_f.f[\"y\"]", "aws_f.f", "aws_b.b",
                  "aws_k.k[7].id", "aws_k.k[7]"]) })),
        ] }),
    );
    assert_eq!(estate.references("aws_b.b[0]", "a"), ["aws_k.k = aws_k.k[0]"]);
    assert_eq!(estate.references("aws_b.b[1]", "a"), ["aws_k.k = aws_k.k[1]"]);
    assert_eq!(estate.references("aws_b.b[2]", "a"), ["aws_k.k = aws_k.k[0]"], "element() starts again");
    assert_eq!(estate.references("aws_e.e[\"x\"]", "a"), ["aws_f.f = aws_f.f[\"x\"]"]);
    assert_eq!(
        estate.references("aws_one.o", "a"),
        [
            "aws_k.k[1].id = aws_k.k[1] .id",
            "aws_f.f[\"y\"].id = aws_f.f[\"y\"] .id",
            "aws_b.b = aws_b.b[0] | aws_b.b[1] | aws_b.b[2]"
        ],
        "an instance that is not there is no reference"
    );
}

#[test]
fn variables_lead_to_the_calling_module() {
    let bucket = |expression| json!({ "resources": [configured("aws_b.b", json!({ "a": expression }))] });
    let inner = json!({ "module": bucket(references(&["var.deep.name", "var.deep"])),
                        "expressions": { "deep": references(&["var.key", "each.key"]) } });
    let estate = estate(
        &[
            "aws_k.k",
            "module.m[\"x\"].module.n.aws_b.b",
            "module.m[\"x\"].aws_c.c",
            "module.m[\"x\"].aws_d.d",
        ],
        json!({ "resources": [configured("aws_k.k", json!({}))],
            "module_calls": { "m": {
                "for_each_expression": { "constant_value": ["x"] },
                "expressions": { "key": references(&["aws_k.k.arn", "aws_k.k"]), "fixed": { "constant_value": 1 } },
                "module": { "module_calls": { "n": inner }, "resources": [
                    configured("aws_c.c", json!({ "a": references(&["var.fixed"]) })),
                    configured("aws_d.d", json!({ "a": references(&["local.x", "var.key"]) }))] } } } }),
    );
    let nested = "module.m[\"x\"].module.n.aws_b.b";
    assert_eq!(estate.references(nested, "a"), ["var.deep.name = aws_k.k .arn"]);
    assert!(!estate.mark(nested, "a").unwrap().has_other_inputs);

    let fixed = estate.mark("module.m[\"x\"].aws_c.c", "a").unwrap();
    assert!(fixed.has_other_inputs && fixed.references.is_empty() && fixed.unresolved_in.is_none());

    let local = estate.mark("module.m[\"x\"].aws_d.d", "a").unwrap();
    assert_eq!(local.unresolved_in.map(|module| estate.text(module)), Some("module.m[\"x\"]"));
    assert_eq!(estate.references("module.m[\"x\"].aws_d.d", "a"), ["var.key = aws_k.k .arn"]);
}

#[test]
fn outputs_lead_to_the_called_module() {
    let vpc = json!({ "resources": [configured("aws_vpc.v", json!({}))],
        "outputs": { "id": { "expression": references(&["aws_vpc.v.id", "aws_vpc.v"]) },
                     "label": { "expression": references(&["local.label"]) } } });
    // Without resources of its own: no object names an instance of it.
    let through = json!({ "outputs": { "vpc": { "expression": references(&["var.vpc"]) } } });
    let estate = estate(
        &[
            "module.net.aws_vpc.v",
            "module.many[0].aws_vpc.v",
            "module.many[1].aws_vpc.v",
            "aws_s.s",
            "aws_m.m[1]",
        ],
        json!({ "module_calls": {
                "net": { "module": vpc },
                "many": { "module": vpc, "count_expression": { "constant_value": 2 } },
                "through": { "module": through, "expressions": { "vpc": references(&["module.net.id", "module.net"]) } } },
            "resources": [
                configured("aws_s.s", json!({ "a": references(
                    &["module.net.id", "module.net", "module.many[1].id", "module.many[1]", "module.many",
                      "module.through.vpc", "module.through", "module.net.label", "module.net", "module.many"]) })),
                configured("aws_m.m", json!({ "a": references(&["module.many", "count.index"]) }))] }),
    );
    assert_eq!(
        estate.references("aws_s.s", "a"),
        [
            "module.net.id = module.net.aws_vpc.v .id",
            "module.many[1].id = module.many[1].aws_vpc.v .id",
            "module.many = module.many[0].aws_vpc.v | module.many[1].aws_vpc.v .id"
        ]
    );
    let unresolved = estate.mark("aws_s.s", "a").unwrap().unresolved_in;
    assert_eq!(unresolved.map(|module| estate.text(module)), Some("module.net"));
    assert_eq!(estate.references("aws_m.m[1]", "a"), ["module.many = module.many[1].aws_vpc.v .id"]);
}

#[test]
fn each_value_is_the_object_of_the_same_key() {
    let with_for_each = |address: &str, for_each: Value, reference: &str| {
        let mut resource = configured(address, json!({ "a": references(&[reference, "each.value"]) }));
        resource["for_each_expression"] = for_each;
        resource
    };
    let estate = estate(
        &["aws_s.s[\"x\"]", "aws_s.s[\"y\"]", "aws_b.b[\"x\"]", "aws_l.l[\"x\"]", "aws_c.c[\"x\"]"],
        json!({ "resources": [
            configured("aws_s.s", json!({})),
            with_for_each("aws_b.b", references(&["aws_s.s"]), "each.value.id"),
            with_for_each("aws_l.l", references(&["local.all"]), "each.value.id"),
            with_for_each("aws_c.c", json!({ "constant_value": ["x"] }), "each.value")] }),
    );
    assert_eq!(estate.references("aws_b.b[\"x\"]", "a"), ["each.value.id = aws_s.s[\"x\"] .id"]);
    assert!(estate.mark("aws_l.l[\"x\"]", "a").unwrap().unresolved_in.is_some());
    assert!(estate.mark("aws_c.c[\"x\"]", "a").unwrap().has_other_inputs);
}

#[test]
fn cycles_end() {
    let call = json!({ "expressions": { "x": references(&["module.m.out", "module.m"]) },
        "module": { "resources": [configured("aws_b.b", json!({ "a": references(&["var.x"]) }))],
                    "outputs": { "out": { "expression": references(&["var.x", "aws_b.b.id", "aws_b.b"]) } } } });
    let estate = estate(&["module.m.aws_b.b"], json!({ "module_calls": { "m": call } }));
    assert_eq!(estate.references("module.m.aws_b.b", "a"), ["var.x = module.m.aws_b.b .id"]);
}

#[test]
fn references_of_blocks_stand_on_the_blocks_attributes() {
    let group = "aws_g.g";
    let ingress =
        |reference: &str| json!({ "groups": references(&[reference]), "port": { "constant_value": 1 } });
    let values = json!({ "one": [{ "port": 1, "groups": ["sg-1"] }], "two": [{ "port": 1 }, { "port": 1 }],
                         "single": { "groups": "x" }, "known": "text", "nothing": null });
    let imported = import(&plan(
        vec![planned("aws_k.k", json!({})), planned("aws_k.l", json!({})), planned(group, values)],
        vec![],
        vec![configured(
            group,
            json!({ "one": [ingress("aws_k.k")], "two": [ingress("aws_k.k")], "single": ingress("aws_k.l"),
                    "known": references(&["aws_k.k.id", "aws_k.k"]), "nothing": references(&["aws_k.l"]) }),
        )],
    ));
    assert_eq!(imported.references(group, "one/0/groups"), ["aws_k.k = aws_k.k"]);
    assert_eq!(
        imported.references(group, "two"),
        ["aws_k.k = aws_k.k"],
        "one block, two elements: on the list"
    );
    assert!(imported.mark(group, "two/0").is_none());
    assert_eq!(imported.references(group, "single/groups"), ["aws_k.l = aws_k.l"]);
    assert_eq!(imported.references(group, "known"), ["aws_k.k.id = aws_k.k .id"]);
    assert_eq!(imported.references(group, "nothing"), ["aws_k.l = aws_k.l"]);
}

#[test]
fn dependencies_are_objects() {
    let depends_on = |mut entry: Value, names: &[&str]| {
        entry["depends_on"] = json!(names);
        entry
    };
    let called = json!({ "resources": [configured("aws_b.b", json!({}))] });
    let estate = estate(
        &["aws_k.k[0]", "aws_k.k[1]", "aws_s.s", "module.m.aws_b.b", "module.n.aws_b.b"],
        json!({ "resources": [
                configured("aws_k.k", json!({})),
                depends_on(configured("aws_s.s", json!({})), &["aws_k.k", "module.m"])],
            "module_calls": { "m": { "module": called },
                              "n": { "module": called, "depends_on": ["module.m", "aws_k.k[1]"] } } }),
    );
    let dependencies = |address| {
        let ids = estate.document.depends_on(estate.object(address));
        let mut addresses: Vec<&str> = ids.iter().map(|id| estate.addresses()[id.0 as usize]).collect();
        addresses.sort_unstable();
        addresses
    };
    assert_eq!(dependencies("aws_s.s"), ["aws_k.k[0]", "aws_k.k[1]", "module.m.aws_b.b"]);
    assert_eq!(dependencies("module.n.aws_b.b"), ["aws_k.k[1]", "module.m.aws_b.b"]);
    assert!(dependencies("module.m.aws_b.b").is_empty());
}

#[test]
fn listed_dependencies_are_objects_too() {
    let mut first = planned("aws_a.a[0]", json!({}));
    first["depends_on"] = json!(["aws_b.b"]);
    let mut second = planned("aws_b.b", json!({}));
    second["depends_on"] = json!(["aws_a.a", "aws_gone.g"]);
    let imported = import(&json!({ "format_version": "1.0",
        "planned_values": { "root_module": { "resources": [first, second] } } }));
    assert_eq!(imported.dependencies("aws_a.a[0]").iter().map(|id| id.0).collect::<Vec<_>>(), [1]);
    assert_eq!(imported.dependencies("aws_b.b").iter().map(|id| id.0).collect::<Vec<_>>(), [0]);
}

#[test]
fn providers_are_equal_where_the_configuration_is_the_same() {
    let with_provider = |address: &str, key: &str| {
        let mut resource = configured(address, json!({}));
        resource["provider_config_key"] = json!(key);
        resource
    };
    let call = json!({ "module": { "resources": [
        with_provider("aws_a.inherited", "m:aws"),
        with_provider("aws_a.own", "m:aws.own"),
        with_provider("aws_a.passed", "m:aws.passed")] } });
    let mut plan = plan(
        vec![
            planned("aws_a.root", json!({})),
            planned("aws_a.eu", json!({})),
            planned("aws_a.unconfigured", json!({})),
        ],
        vec![],
        vec![with_provider("aws_a.root", "aws"), with_provider("aws_a.eu", "aws.eu")],
    );
    plan["planned_values"]["root_module"]["child_modules"] = json!([{ "address": "module.m", "resources": [
        planned("module.m.aws_a.inherited", json!({})),
        planned("module.m.aws_a.own", json!({})),
        planned("module.m.aws_a.passed", json!({}))] }]);
    plan["configuration"]["provider_config"] = json!({ "aws": {}, "aws.eu": {}, "m:aws.own": {} });
    plan["configuration"]["root_module"]["module_calls"] = json!({ "m": call });
    let imported = import(&plan);
    let provider = |address| imported.text(imported.object(address).provider);
    assert_eq!(provider("aws_a.root"), "aws");
    assert_eq!(provider("aws_a.eu"), "aws.eu");
    assert_eq!(provider("module.m.aws_a.inherited"), "aws");
    assert_eq!(provider("module.m.aws_a.own"), "m:aws.own");
    assert_eq!(provider("module.m.aws_a.passed"), "m:aws.passed");
    assert_eq!(provider("aws_a.unconfigured"), "registry.terraform.io/hashicorp/aws");
}

/// As [`estate`], with `.tf` files beside the plan.
fn estate_beside(
    addresses: &[&str],
    root: Value,
    files: &'static [(&'static str, &'static str)],
) -> Imported {
    struct Texts(&'static [(&'static str, &'static str)]);
    impl Files for Texts {
        fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String> {
            let is_inside = |name: &str| name.rsplit_once('/').map_or("", |(around, _)| around) == folder;
            let inside = self.0.iter().filter(|(name, _)| is_inside(name));
            Ok(Some(inside.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()))
        }

        fn text(&mut self, _: &str) -> Option<String> {
            None
        }
    }
    let planned = addresses.iter().map(|address| planned(address, json!({}))).collect();
    let changes = addresses.iter().map(|address| created(address, json!({ "a": true }), json!({}))).collect();
    let mut plan = plan(planned, changes, vec![]);
    plan["configuration"] = json!({ "root_module": root });
    let sources = Arc::new(TerraformSources::read(&mut Texts(files)).unwrap());
    let mut strings = Strings::default();
    let document = iom_state::import_file(
        plan.to_string().as_bytes(),
        &iom_state::About { sources: Some(&sources), ..iom_state::About::default() },
        &common::Everything,
        &mut strings,
    );
    Imported { document: document.unwrap(), strings }
}

#[test]
fn locals_are_followed_where_the_configuration_is_at_hand() {
    let estate = estate_beside(
        &["aws_k.k", "aws_k.l", "aws_x.whole", "aws_x.part", "aws_x.through", "aws_x.late", "aws_x.constant"],
        json!({
            "resources": [
                configured("aws_k.k", json!({})), configured("aws_k.l", json!({})),
                configured("aws_x.whole", json!({ "a": references(&["local.keys"]) })),
                configured("aws_x.part", json!({ "a": references(&["local.keys.b.arn", "local.keys.b", "local.keys"]) })),
                configured("aws_x.through", json!({ "a": references(&["local.through"]) })),
                configured("aws_x.late", json!({ "a": references(&["local.late"]) })),
                configured("aws_x.constant", json!({ "a": references(&["local.none"]) })),
            ] }),
        &[
            ("main.tf", "locals {\n keys = { a = aws_k.k, b = aws_k.l }\n late = uuid()\n none = null\n}\n"),
            ("more.tf", "locals {\n through = [for key in values(local.keys) : key.arn]\n}\n"),
        ],
    );
    assert_eq!(estate.references("aws_x.whole", "a"), ["local.keys = aws_k.k", "local.keys = aws_k.l"]);
    assert_eq!(estate.references("aws_x.part", "a"), ["local.keys.b.arn = aws_k.l .arn"]);
    assert_eq!(
        estate.references("aws_x.through", "a"),
        ["local.through = aws_k.k", "local.through = aws_k.l"]
    );
    assert!(estate.mark("aws_x.whole", "a").unwrap().unresolved_in.is_none());
    // What is computed anew when the plan is applied stays unknown; a null that is written down is left to the provider.
    assert_eq!(estate.value("aws_x.late", "a"), "KnownAfterApply");
    assert_eq!(estate.value("aws_x.constant", "a"), "null");
}

#[test]
fn a_local_that_refers_to_itself_leads_nowhere() {
    let estate = estate_beside(
        &["aws_x.x"],
        json!({ "resources": [configured("aws_x.x", json!({ "a": references(&["local.a"]) }))] }),
        &[("main.tf", "locals {\n a = local.b\n b = local.a\n}\n")],
    );
    assert_eq!(estate.references("aws_x.x", "a"), [] as [&str; 0]);
    assert_eq!(estate.value("aws_x.x", "a"), "KnownAfterApply");
}

#[test]
fn locals_in_a_row_end() {
    let row: String = (0..50_000).map(|number| format!(" l{number} = local.l{}\n", number + 1)).collect();
    let text: &'static str = format!("locals {{\n{row} l50000 = aws_k.k\n near = local.l49990\n}}\n").leak();
    let files: &'static [(&'static str, &'static str)] = vec![("main.tf", text)].leak();
    let estate = estate_beside(
        &["aws_k.k", "aws_x.far", "aws_x.near"],
        json!({ "resources": [
            configured("aws_x.far", json!({ "a": references(&["local.l0"]) })),
            configured("aws_x.near", json!({ "a": references(&["local.near"]) })) ] }),
        files,
    );
    assert!(estate.mark("aws_x.far", "a").unwrap().unresolved_in.is_some());
    assert_eq!(estate.references("aws_x.near", "a"), ["local.near = aws_k.k"]);
}
