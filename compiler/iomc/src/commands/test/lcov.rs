use std::collections::BTreeMap;
use std::fmt::Write as _;

use iom_eval::testing::{Coverage, PolicyCoverage};

/// A trace that `genhtml` and editors read: a policy is a function, a clause is a line with two branches, pass and fail.
/// Counts are tests.
pub fn trace(coverage: &Coverage) -> String {
    let mut files: BTreeMap<&str, Vec<&PolicyCoverage>> = BTreeMap::new();
    for policy in &coverage.policies {
        files.entry(&policy.location.file).or_default().push(policy);
    }
    let mut out = String::new();
    for (file, policies) in files {
        record(file, &policies, &mut out);
    }
    out
}

fn record(file: &str, policies: &[&PolicyCoverage], out: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "TN:\nSF:{file}");
    for policy in policies {
        let _ = writeln!(out, "FN:{},{}", policy.location.line, policy.policy);
    }
    for policy in policies {
        let _ = writeln!(out, "FNDA:{},{}", policy.tests, policy.policy);
    }
    let hit = policies.iter().filter(|policy| policy.tests > 0).count();
    let _ = writeln!(out, "FNF:{}\nFNH:{hit}", policies.len());
    // Several clauses may stand on one line.
    let mut lines: BTreeMap<u32, u32> = BTreeMap::new();
    let (mut branches, mut taken) = (0, 0);
    let clauses = policies.iter().flat_map(|policy| &policy.clauses);
    for (block, clause) in clauses.enumerate() {
        let hits = clause.pass + clause.fail + clause.unknown;
        *lines.entry(clause.location.line).or_default() += hits;
        for (branch, count) in [clause.pass, clause.fail].into_iter().enumerate() {
            let count = if hits == 0 { "-".to_owned() } else { count.to_string() };
            let _ = writeln!(out, "BRDA:{},{block},{branch},{count}", clause.location.line);
        }
        branches += 2;
        taken += u32::from(clause.pass > 0) + u32::from(clause.fail > 0);
    }
    let _ = writeln!(out, "BRF:{branches}\nBRH:{taken}");
    for (line, hits) in &lines {
        let _ = writeln!(out, "DA:{line},{hits}");
    }
    let hit = lines.values().filter(|hits| **hits > 0).count();
    let _ = writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
}
