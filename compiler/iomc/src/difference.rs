//! What formatting would change, in the form of `diff -u`.

use std::fmt::Write;

use iom_project::masking::places;
use iom_stdlib::secrets::masked;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;
/// After so many bytes of one file's differences the rest is only counted.
const MOST_SHOWN: usize = 64 << 10;
/// Lines of one place and characters of one line that are shown at most.
const MOST_LINES: usize = 400;
const MOST_CHARACTERS: usize = 400;
/// Beyond this many comparisons the middle of two texts is shown as replaced as a whole.
const MOST_COMPARISONS: usize = 16_000_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Same,
    Removed,
    Added,
}

/// The difference of two programs, without the secrets in them.
pub fn masked_difference(path: &str, done: &str, old: &str, new: &str) -> String {
    let hidden = |text: &str| masked(text, &places(text)).into_owned();
    unified(path, done, &hidden(old), &hidden(new))
}

/// The difference of two texts; empty where they are equal. `done` is what made the second one: `formatted`.
pub fn unified(path: &str, done: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let steps = steps(&old_lines, &new_lines);
    let mut out = format!("--- {path}\n+++ {path} ({done})\n");
    let hunks = hunks(&steps);
    for (number, hunk) in hunks.iter().enumerate() {
        if out.len() > MOST_SHOWN {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "(and {} more places)", hunks.len() - number);
            break;
        }
        write_hunk(&mut out, &steps, hunk.clone(), &old_lines, &new_lines);
    }
    out
}

/// What to do line by line to get from one text to the other: equal lines at both ends, then the longest common
/// subsequence of what is between.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let mut steps = vec![Step::Same; start];
    if old.len().saturating_mul(new.len()) > MOST_COMPARISONS {
        steps.extend(std::iter::repeat_n(Step::Removed, old.len()));
        steps.extend(std::iter::repeat_n(Step::Added, new.len()));
    } else {
        steps.extend(middle(old, new));
    }
    steps.extend(std::iter::repeat_n(Step::Same, end));
    steps
}

fn middle(old: &[&str], new: &[&str]) -> Vec<Step> {
    // `common[i][j]`: lines that `old[i..]` and `new[j..]` have in common.
    let width = new.len() + 1;
    let mut common = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut steps) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        let step = if i < old.len() && j < new.len() && old[i] == new[j] {
            Step::Same
        } else if i < old.len()
            && (j == new.len() || common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            Step::Removed
        } else {
            Step::Added
        };
        i += usize::from(step != Step::Added);
        j += usize::from(step != Step::Removed);
        steps.push(step);
    }
    steps
}

/// Ranges of steps that belong together.
fn hunks(steps: &[Step]) -> Vec<std::ops::Range<usize>> {
    let mut hunks: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in steps.iter().enumerate().filter(|(_, step)| **step != Step::Same) {
        let (start, end) = (at.saturating_sub(CONTEXT), (at + 1 + CONTEXT).min(steps.len()));
        match hunks.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => hunks.push(start..end),
        }
    }
    hunks
}

fn write_hunk(out: &mut String, steps: &[Step], hunk: std::ops::Range<usize>, old: &[&str], new: &[&str]) {
    let count = |range: std::ops::Range<usize>, other: Step| {
        steps[range].iter().filter(|step| **step != other).count()
    };
    let (mut old_at, mut new_at) = (count(0..hunk.start, Step::Added), count(0..hunk.start, Step::Removed));
    let (old_length, new_length) = (count(hunk.clone(), Step::Added), count(hunk.clone(), Step::Removed));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "@@ -{},{old_length} +{},{new_length} @@", old_at + 1, new_at + 1);
    let shown = hunk.len().min(MOST_LINES);
    let more = hunk.len() - shown;
    for step in steps[hunk].iter().take(shown) {
        let (sign, line) = match step {
            Step::Same => (' ', old[old_at]),
            Step::Removed => ('-', old[old_at]),
            Step::Added => ('+', new[new_at]),
        };
        old_at += usize::from(*step != Step::Added);
        new_at += usize::from(*step != Step::Removed);
        // A lone carriage return would let the rest of the line overwrite its beginning.
        let text = line.trim_end_matches(['\n', '\r']).replace('\r', "\\r");
        match text.char_indices().nth(MOST_CHARACTERS) {
            Some((end, _)) => {
                let _ = writeln!(out, "{sign}{} ..", &text[..end]);
            }
            None => {
                let _ = writeln!(out, "{sign}{text}");
            }
        }
        if !line.ends_with('\n') {
            let _ = writeln!(out, "\\ No newline at end of file");
        }
    }
    if more > 0 {
        let _ = writeln!(out, "(and {more} more lines here)");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_none() {
        assert_eq!(unified("a.iom", "formatted", "x\n", "x\n"), "");
    }

    #[test]
    fn changes_are_shown_with_what_is_around_them() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13";
        let expected = "--- a.iom\n+++ a.iom (formatted)\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n\
                        @@ -10,3 +10,4 @@\n 10\n 11\n 12\n+13\n\\ No newline at end of file\n";
        assert_eq!(unified("a.iom", "formatted", old, new), expected);
    }

    #[test]
    fn moved_lines_keep_what_is_common() {
        let text = unified("a", "fixed", "a\nb\nc\n", "b\nc\na\n");
        assert!(text.contains("-a\n b\n c\n+a\n"), "{text}");
    }
}
