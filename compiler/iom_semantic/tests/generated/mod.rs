//! A workspace of 100,000 lines, for tests and benchmarks.

use std::fmt::Write as _;

pub const FILES: usize = 1_000;

/// All of the workspace's first files in one, of 100 lines each.
#[allow(dead_code, reason = "not every user needs it")]
pub fn large_file(files: usize) -> String {
    let mut text = String::from("module large\n\n");
    for number in 0..files {
        let of_before = format!("m{}.", number.checked_sub(1).unwrap_or(FILES - 1));
        let part = file(number).replace(&of_before, "").replacen(&format!("module m{number}\n"), "", 1);
        text.push_str(&part);
    }
    // The first refers to the last.
    text.replace(&format!("Machine{}", FILES - 1), &format!("Machine{}", files - 1))
        .replace(&format!("r{}_", FILES - 1), &format!("r{}_", files - 1))
}

/// A file of 100 lines: types, a kind, constants, a function, resources that refer to the file before it, a policy.
pub fn file(number: usize) -> String {
    let before = number.checked_sub(1).unwrap_or(FILES - 1);
    let mut text = String::new();
    let _ = writeln!(text, "//! Generated file {number}.\nmodule m{number}\n");
    let _ = writeln!(text, "type Size{number} = small | medium | large\n");
    let _ = writeln!(text, "/// A machine.\nkind Machine{number} : Resource {{");
    for field in 0..20 {
        let _ = writeln!(text, "  field{field}: int in 0..100 = {field}");
    }
    let _ = writeln!(
        text,
        "  size: Size{number} = small\n  label: string?\n  other: ref m{before}.Machine{before}?\n  derive big: bool = .size == large\n}}\n"
    );
    let _ = writeln!(text, "const limit{number}: int = 50\n");
    let _ = writeln!(text, "fn twice{number}(x: int): int = x + x\n");
    for resource in 0..6 {
        let _ = writeln!(
            text,
            "resource r{number}_{resource}: Machine{number} {{\n  field0: {resource}\n  field1: 7\n  // a comment\n  size: large\n  label: \"n{resource}\"\n  other: m{before}.r{before}_{resource}\n}}\n"
        );
    }
    let _ = writeln!(
        text,
        "policy p{number} {{\n  title: \"Machines of file {number} are small\"\n  severity: low\n\n  for m: Machine{number} where m.field0 < limit{number} {{\n    require m.field1 < twice{number}(m.field2) or not m.big\n      else \"{{m}} is too large\"\n  }}\n}}"
    );
    text
}
