use crate::support::{iomc, payments, sample};

#[test]
fn equal_runs_give_equal_bytes() {
    for format in ["human", "short", "json"] {
        let arguments = ["eval", "--at", "2026-11-22T10:00Z", "--all", "--format", format];
        let first = iomc(&payments(), &[&arguments[..], &["--threads", "1"]].concat());
        assert_ne!(first.status, 2, "{first:#?}");
        for run in 0..9 {
            let threads = if run % 2 == 0 { "2" } else { "1" };
            assert_eq!(iomc(&payments(), &[&arguments[..], &["--threads", threads]].concat()), first);
        }
    }
}

#[test]
fn the_place_of_the_run_does_not_matter() {
    let (one, two) = (sample(), sample());
    let arguments = ["eval", "--state", "plan.json", "--at", "2026-11-22", "--format", "json"];
    assert_eq!(iomc(one.path(), &arguments), iomc(two.path(), &arguments));
    let from_above = one.path().join("..");
    let name = one.path().file_name().and_then(|name| name.to_str()).expect("a name");
    let state = format!("{name}/plan.json");
    let ran = iomc(&from_above, &["eval", name, "--state", &state, "--at", "2026-11-22", "--format", "json"]);
    assert_eq!(ran.json()["model"], iomc(one.path(), &arguments).json()["model"]);
}
