/// Whether the whole text matches: `*` is any run of characters, `?` one character.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut next) = (0, 0);
    // Where to go on after a mismatch: behind the last `*`, with one more character given to it.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(next) {
            Some('*') => {
                retry = Some((next + 1, at));
                next += 1;
            }
            Some(expected) if *expected == '?' || text.get(at) == Some(expected) => {
                at += 1;
                next += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    next = after;
                    at = from + 1;
                    retry = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(next..).unwrap_or_default().iter().all(|rest| *rest == '*')
}
