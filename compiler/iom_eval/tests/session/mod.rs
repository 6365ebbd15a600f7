//! A session says what a run from nothing says, and judges only what a change touches.

mod estate;
mod files;
mod random;
mod workspace;

use std::sync::Arc;

use iom_eval::facts::Estate;
use iom_eval::judge::judge;
use iom_eval::program::{Program, Scope};
use iom_eval::report::Report;
use iom_eval::session::{Session, Work};
use iom_model::Model;
use iom_state::tape::Strings;

use super::common::{NOW, Plan};
use files::{Files, options, task};

/// A plan as a file.
fn file(plan: &Plan) -> Files {
    Files::of_plan(serde_json::to_vec_pretty(&plan.json()).unwrap())
}

/// A run from nothing.
fn cold(model: Arc<Model>, files: &Files, at: i64) -> Report {
    let mut strings = Strings::default();
    let data = files.values(&model, &mut strings);
    let program = Program::compile(model, &Scope::default(), &data, &mut strings);
    let sources = files.import(&program.demand, &mut strings);
    judge(&Estate::build(Arc::new(program), strings, sources, at), &options())
}

/// A run from nothing over the sources that a session holds.
fn cold_over(estate: &Estate, model: Arc<Model>, at: i64) -> Report {
    let mut strings = (*estate.strings).clone();
    let program = Program::compile(model, &Scope::default(), &Default::default(), &mut strings);
    judge(&Estate::build(Arc::new(program), strings, estate.sources.clone(), at), &options())
}

fn json(report: &Report) -> String {
    serde_json::to_string_pretty(report).unwrap()
}

#[test]
fn what_no_kind_maps_is_judged_as_from_nothing() {
    let vault = |on: bool| serde_json::json!({ "id": "v", "on": on });
    let plan = Plan::new()
        .resource("vault.a", vault(true))
        .resource("vault.b", vault(false))
        .resource("other.c", vault(false))
        .resource("aws_s3_bucket.d", serde_json::json!({ "bucket": "d", "force_destroy": true }));
    let mut session = Session::new();
    let mut files = file(&plan);
    let policy = |name: &str, filter: &str, condition: &str| {
        format!(
            "policy {name} {{ for r: terraform.Resource {filter} {{ require {condition} else \"{{r}}\" }} }}\n"
        )
    };
    let vaults = policy("p", "where r.type == \"vault\"", "r.values.on == true");
    let others = policy("q", "where r.type == \"other\"", "r.values.on == true");
    let all = policy("p", "", "r.values.id != \"v\"");
    let raw = "policy s { for b: aws.Bucket { require b.source.force_destroy == false } }\n".to_owned();
    let texts = [
        vaults.clone(),
        vaults.clone() + &others,
        others,
        all.clone(),
        all + &raw,
        raw.clone(),
        vaults + &raw,
    ];
    for text in texts {
        let model = super::common::model(&text);
        let Ok(report) = session.update(task(model.clone(), NOW), &mut files);
        assert_eq!(json(report), json(&cold(model, &files, NOW)), "{text}");
    }
    let text = policy("p", "where r.type == \"vault\"", "r.values.on == true") + &raw;
    let model = super::common::model(&text);
    for (address, values) in [
        ("vault.a", vault(false)),
        ("vault.b", vault(true)),
        ("aws_s3_bucket.d", serde_json::json!({ "bucket": "d", "force_destroy": false })),
    ] {
        assert!(session.replace_object(0, address, &values), "{address}");
        let Ok(report) = session.update(task(model.clone(), NOW), &mut files);
        let report = json(report);
        let estate = session.estate().unwrap();
        assert_eq!(report, json(&cold_over(estate, model.clone(), NOW)), "{address}");
    }
}

const RULES: &str = r#"
kind Server : Resource {
  name: string?
  size: int?
  live: bool?
  from terraform "server" { key .id  name: .name  size: .size  live: .live  tags: .tags }
}
const limit: int = 3
fn fits(size: int): bool = size < limit
policy small { title: "Small"  for s: Server { require fits(s.size ?? 0) else "{s} is large" } }
policy live { title: "Live"  for s: Server { require s.live == true } }
policy single { for s: Server { require none o in Server: o.name == s.name and not (o == s) } }
"#;

/// A session over three servers, with the work that an edit of the rules makes.
struct Edits {
    session: Session,
    file: Files,
    rules: String,
}

impl Edits {
    fn new() -> Edits {
        let server = |name: &str, size: i64| serde_json::json!({ "id": name, "name": name, "size": size });
        let plan = Plan::new()
            .resource("server.a", server("a", 1))
            .resource("server.b", server("b", 4))
            .resource("server.c", server("c", 2));
        let mut edits = Edits { session: Session::new(), file: file(&plan), rules: RULES.to_owned() };
        edits.edit("", "", NOW);
        edits
    }

    fn edit(&mut self, old: &str, new: &str, at: i64) -> Work {
        assert!(self.rules.contains(old));
        self.rules = self.rules.replacen(old, new, 1);
        let before = self.session.work();
        let model = super::common::model(&self.rules);
        let Ok(report) = self.session.update(task(model.clone(), at), &mut self.file);
        assert_eq!(json(report), json(&cold(model, &self.file, at)));
        let now = self.session.work();
        Work {
            imports: now.imports - before.imports,
            estates: now.estates - before.estates,
            policies: now.policies - before.policies,
            subjects: now.subjects - before.subjects,
            reports: now.reports - before.reports,
            findings: now.findings - before.findings,
        }
    }
}

#[test]
fn an_edit_judges_what_it_touches() {
    let mut edits = Edits::new();
    let nothing = Work::default();
    let said = Work { reports: 1, findings: 1, ..nothing };
    assert_eq!(edits.edit("\nconst", "\n\nconst", NOW), nothing, "a line moves");
    assert_eq!(edits.edit("\"Small\"", "\"Not large\"", NOW), said, "a title");
    assert_eq!(edits.edit("is large", "is too large", NOW), said, "a message");
    let mode = edits.edit(
        "title: \"Not large\"",
        "title: \"Not large\"  mode: advise until 2026-12-01 then enforce",
        NOW,
    );
    assert_eq!(mode, said, "a mode");
    let exception = "exception e { policy: small  target: Server where .name == \"b\"  reason: \"it is\"  \
                     approved_by: [ciso]  opened: 2026-11-01  expires: 2026-12-24 }\nresource ciso: org.Person { }\npolicy";
    let with_person = edits.edit("policy", exception, NOW);
    assert_eq!((with_person.estates, with_person.imports), (1, 0), "a new resource makes new elements");
    assert_eq!(edits.edit("\"it is\"", "\"it has to be\"", NOW), said, "an exception's reason");
    assert_eq!(edits.edit("2026-12-24", "2026-11-02", NOW), said, "an exception's date");
    let day = NOW + 86_400;
    assert_eq!(edits.edit("", "", day), nothing, "a day later");
    assert_eq!(edits.edit("", "", NOW + 10 * 86_400), said, "when the mode has changed");
    let one = Work { policies: 1, subjects: 3, ..said };
    let at = NOW + 10 * 86_400;
    assert_eq!(edits.edit("size < limit", "size <= limit", at), one, "a function that one policy calls");
    assert_eq!(edits.edit("limit: int = 3", "limit: int = 2", at), one, "a constant behind it");
    let live = edits.edit("s.live == true", "s.live == false", at);
    assert_eq!((live.policies, live.subjects, live.estates), (1, 3, 0), "a clause");
    let more = edits.edit(
        "policy live",
        "policy alive { for s: Server { require s.live is present } }\npolicy live",
        at,
    );
    assert_eq!((more.policies, more.subjects, more.estates), (1, 3, 0), "a new policy");
    assert_eq!((edits.session.work().imports, edits.session.work().estates), (1, 2));
}

#[test]
fn a_policy_that_is_off_is_judged_when_it_is_on() {
    let mut edits = Edits::new();
    assert_eq!(edits.edit("title: \"Small\"", "title: \"Small\"  mode: off", NOW).subjects, 0);
    assert_eq!(edits.edit("mode: off", "mode: enforce", NOW).subjects, 0, "it was judged before it was off");
}

#[test]
fn the_next_threshold_is_the_nearest_date() {
    let mut edits = Edits::new();
    assert_eq!(edits.session.next_threshold(), None);
    let at = "require now < 2026-12-03 or s.live == true";
    edits.edit("require s.live == true", at, NOW);
    let day = 86_400;
    assert_eq!(edits.session.next_threshold(), Some(NOW + 11 * day));
    edits.edit("title: \"Small\"", "title: \"Small\"  mode: advise until 2026-12-01 then enforce", NOW);
    assert_eq!(edits.session.next_threshold(), Some(NOW + 9 * day));
    let later = edits.edit("", "", NOW + 12 * day);
    assert_eq!((later.policies, later.subjects), (1, 3), "what compares with the date is judged again");
    assert_eq!(edits.session.next_threshold(), None);
}

/// An index by a function, and a list that is the same for everybody, follow the function and what it reads.
#[test]
fn indexes_follow_what_they_are_made_by() {
    let mut host = iom_semantic::Host::new();
    let mut edits = Edits::new();
    for (divisor, wanted) in [(1, "live"), (2, "live"), (2, "not live"), (3, "not live"), (1, "live")] {
        let rules = format!(
            "{RULES}\nfn class(s: Server): int = (s.size ?? 0) - {divisor} * 2\n\
             fn counts(s: Server): bool = {}\n\
             policy classes {{ for s: Server {{ require none o in Server: class(o) == (s.size ?? 0) - 3 }} }}\n\
             policy listed {{ for s: Server {{ require not ((s.size ?? 0) in [for o in Server where counts(o): (o.size ?? 0) + 1]) }} }}",
            if wanted == "live" { "o_is(s)" } else { "not o_is(s)" }
        ) + "\nfn o_is(s: Server): bool = (s.size ?? 0) < 3";
        host.set_file("rules.iom", &rules);
        assert!(!host.has_errors(), "{}", iom_diagnostics::render::human(&host.diagnostics(), &host, false));
        let model = Arc::new(host.model(&iom_semantic::LibrarySelection::None));
        let Ok(kept) = edits.session.update(task(model.clone(), NOW), &mut edits.file);
        assert_eq!(json(kept), json(&cold(model, &edits.file, NOW)), "{divisor} {wanted}");
    }
}

#[test]
fn a_changed_object_judges_what_rests_on_it() {
    let mut edits = Edits::new();
    let model = super::common::model(RULES);
    let mut replaced = |values: serde_json::Value| {
        let before = edits.session.work();
        assert!(edits.session.replace_object(0, "server.b", &values));
        let Ok(report) = edits.session.update(task(model.clone(), NOW), &mut edits.file);
        let report = json(report);
        let estate = edits.session.estate().unwrap();
        assert_eq!(report, json(&cold_over(estate, model.clone(), NOW)));
        let now = edits.session.work();
        (now.subjects - before.subjects, now.reports - before.reports, now.estates - before.estates)
    };
    let server =
        |id: &str, name: &str, size: i64| serde_json::json!({ "id": id, "name": name, "size": size });
    assert_eq!(replaced(server("b", "b", 4)), (0, 0, 0), "nothing is different");
    assert_eq!(
        replaced(server("b", "b", 2)),
        (1, 1, 0),
        "a size that one policy reads; others say where it stands"
    );
    assert_eq!(replaced(server("b", "b", 1)), (1, 1, 0), "it passes as before");
    assert_eq!(
        replaced(server("b", "a", 1)),
        (2, 2, 0),
        "a name that servers are looked up by: who has it, and who had it"
    );
    assert_eq!(replaced(server("x", "a", 1)).2, 0, "what others refer to it by");
    assert!(!edits.session.replace_object(0, "server.z", &server("z", "z", 1)), "nobody is called so");
}

#[test]
fn what_was_secret_stays_secret() {
    let mut edits = Edits::new();
    let plan = Plan::new().resource("server.a", serde_json::json!({ "id": "a", "name": "a", "size": 1 }));
    let mut plan = plan.json();
    plan["planned_values"]["root_module"]["resources"][0]["sensitive_values"] =
        serde_json::json!({ "name": true });
    edits.file = Files::of_plan(serde_json::to_vec(&plan).unwrap());
    edits.session.sources_changed();
    let model = super::common::model(
        &RULES.replace("else \"{s} is large\"", "else \"{s.name ?? \"one\"} is large\""),
    );
    let values = serde_json::json!({ "id": "a", "name": "canary-hunter2", "size": 9 });
    let Ok(_) = edits.session.update(task(model.clone(), NOW), &mut edits.file);
    assert!(edits.session.replace_object(0, "server.a", &values));
    let Ok(report) = edits.session.update(task(model, NOW), &mut edits.file);
    let report = json(report);
    assert!(report.contains("is large") && !report.contains("canary"), "{report}");
}
