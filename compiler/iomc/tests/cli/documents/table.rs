//! Tables of expressions. A table below a line `<!-- table -->` states what expressions over `x` and `y` give: `T`, `F`, `U`
//! for true, false and unknown, or any other value.
//!
//! With `y` in the first cell of the head, that cell is the expression, the rest of the head are the values of `y`. Without
//! it the first cell is `x`, and the rest of the head are the expressions. Each row begins with the value of `x`.

use std::fmt::Write as _;

use super::{documents, failed_tests, read, shown};

/// Values that the tables name: a type without a value of its own cannot be compared with absent.
const NAMES: &str = "const some: int? = 1\nconst other: int? = 2\nconst none: int? = absent\nconst unsure: int = unknown\nconst nothing: list<int> = []\n";

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
}

/// As an expression.
fn value(cell: &str) -> &str {
    match cell {
        "T" => "true",
        "F" => "false",
        "U" => "unknown",
        other => other,
    }
}

/// Replaces a name that stands alone.
fn with(expression: &str, name: char, value: &str) -> String {
    let letters: Vec<char> = expression.chars().collect();
    let is_word = |position: usize| {
        letters.get(position).is_some_and(|letter| letter.is_alphanumeric() || *letter == '_')
    };
    let mut text = String::new();
    for (position, letter) in letters.iter().enumerate() {
        let stands_alone = (position == 0 || !is_word(position - 1)) && !is_word(position + 1);
        match *letter == name && stands_alone {
            true => text.push_str(value),
            false => text.push(*letter),
        }
    }
    text
}

fn expectation(expression: &str, result: &str) -> String {
    match result {
        "T" => format!("  expect ({expression}) == true\n"),
        "F" => format!("  expect ({expression}) == false\n"),
        "U" => format!("  expect ({expression}) is unknown\n"),
        "absent" => format!("  expect ({expression}) is absent\n"),
        other => format!("  expect ({expression}) == ({other})\n"),
    }
}

/// The expectations of one table: its head, the line of dashes, its rows.
fn expectations(table: &[&str]) -> String {
    let mut text = String::new();
    let head = cells(table[0]);
    let is_binary = with(&head[0], 'y', "") != head[0];
    for row in &table[2..] {
        let row = cells(row);
        for (column, result) in row.iter().enumerate().skip(1) {
            let x = value(&row[0]);
            let expression = match is_binary {
                true => with(&with(&head[0], 'y', value(&head[column])), 'x', x),
                false => with(&head[column], 'x', x),
            };
            text.push_str(&expectation(&expression, result));
        }
    }
    text
}

#[test]
fn every_table_of_expressions_holds() {
    let mut wrong = String::new();
    let mut count = 0;
    for path in documents() {
        let text = read(&path);
        let lines: Vec<&str> = text.lines().collect();
        for (number, _) in lines.iter().enumerate().filter(|(_, line)| **line == "<!-- table -->") {
            let table: Vec<&str> = lines[number + 1..]
                .iter()
                .skip_while(|line| line.is_empty())
                .take_while(|line| line.starts_with('|'))
                .copied()
                .collect();
            assert!(table.len() > 2, "{}:{}: no table follows", shown(&path), number + 1);
            count += 1;
            let source = format!("{NAMES}\ntest \"table\" {{\n{}}}\n", expectations(&table));
            if let Some(problem) = failed_tests(&[("table.iom", &source)]) {
                let _ = writeln!(wrong, "{}:{}:\n{problem}", shown(&path), number + 1);
            }
        }
    }
    assert!(count > 0, "no tables found");
    assert!(wrong.is_empty(), "\n{wrong}");
}
