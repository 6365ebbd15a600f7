//! Drops each letter of each name that policies and adapters read after a dot, one at a time. In a language without types
//! such a rule finds nothing, for ever; here each must be an error, and the right name the suggestion.
//!
//! A declaration is copied into a file of its own beside the library, so that a mutant re-checks nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use iom_semantic::Host;
use iom_stdlib::schemas::{schema_of, schemas};
use iom_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

/// What is not worth a suggestion: more than two mutants of a hundred.
const LEAST_SUGGESTED: f64 = 0.98;

/// What adapters of the library read out of maps, where any key may be.
const KEYS_OF_MAPS: &[&str] = &["account_ids"];

/// A declaration by itself: the text around it, its own text, and the names in it to misspell.
struct Subject {
    header: String,
    text: String,
    names: Vec<(usize, String)>,
}

#[derive(Default)]
struct Tally {
    mutants: usize,
    suggested: usize,
    /// Mutants that nothing is said about.
    survivors: Vec<String>,
    /// Errors without the right name.
    missed: Vec<String>,
}

/// Everything of the file's module, and what the file uses itself.
fn header(root: &SyntaxNode) -> String {
    let mut header = "module mutants\n".to_owned();
    for found in iom_syntax::declarations(root) {
        let text = found.green.to_string();
        let line = text.lines().rev().find(|line| line.starts_with(found.keyword)).unwrap_or_default();
        match found.keyword {
            "module" => header.push_str(&format!("use {}.*\n", line.trim_start_matches("module").trim())),
            "use" => header.push_str(&format!("{}\n", text.trim())),
            _ => {}
        }
    }
    header
}

/// The declarations of the files with a keyword. What two of them read alike is misspelt in the first only.
fn all_subjects<'a>(
    texts: impl Iterator<Item = &'a String>,
    keyword: &str,
    known: &BTreeSet<String>,
) -> Vec<Subject> {
    let mut seen = BTreeSet::new();
    texts.flat_map(|text| subjects(text, keyword, known, &mut seen)).collect()
}

fn subjects(
    text: &str,
    keyword: &str,
    known: &BTreeSet<String>,
    seen: &mut BTreeSet<String>,
) -> Vec<Subject> {
    let root = iom_syntax::parse(text).syntax();
    let header = header(&root);
    let mut all = Vec::new();
    for found in iom_syntax::declarations(&root) {
        if keyword == found.keyword {
            let node = SyntaxNode::new_root(found.green.clone());
            let names = names_read(&node, known, seen);
            all.push(Subject { header: header.clone(), text: found.green.to_string(), names });
        }
    }
    all
}

/// Names after a dot, each once with what stands before it.
fn names_read(
    declaration: &SyntaxNode,
    known: &BTreeSet<String>,
    seen: &mut BTreeSet<String>,
) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let tokens: Vec<SyntaxToken> = declaration
        .descendants_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .filter(|token| !token.kind().is_trivia())
        .collect();
    for (index, token) in tokens.iter().enumerate() {
        // Keys of documents in JSON are not of any schema, nor are those of text that is read as such.
        let is_of_text = adapter_of(token).is_some()
            && (token.text().contains(|letter: char| letter.is_ascii_uppercase())
                || KEYS_OF_MAPS.contains(&token.text())
                || is_read_from_text(token, &tokens[..index]));
        let is_name = token.text().chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let after_dot =
            index > 0 && matches!(tokens[index - 1].kind(), SyntaxKind::Dot | SyntaxKind::QuestionDot);
        // `"aws_s3_bucket"` of an adapter or a part.
        let unquoted = token.text().trim_matches('"');
        if unquoted.len() + 2 == token.text().len()
            && adapter_of(token).is_some()
            && schema_of(unquoted).is_some()
        {
            if known.contains(unquoted) && is_checked(token) && seen.insert(unquoted.to_owned()) {
                found.push((usize::from(token.text_range().start()) + 1, unquoted.to_owned()));
            }
            continue;
        }
        if is_of_text || !is_name || !after_dot || !known.contains(token.text()) || !is_checked(token) {
            continue;
        }
        let read = tokens[index.saturating_sub(4)..=index].iter().map(SyntaxToken::text).collect::<String>();
        if seen.insert(format!("{} {read}", about(token, &tokens[..index]))) {
            found.push((usize::from(token.text_range().start()), token.text().to_owned()));
        }
    }
    found
}

/// What they read has names of its own.
const PARSERS: [&str; 2] = ["parse_json", "parse_yaml"];

/// `parse_json(..).name`, the same of `parse_yaml`, and `c.name` where `c` goes through such text, or stands for it.
fn is_read_from_text(token: &SyntaxToken, before: &[SyntaxToken]) -> bool {
    let Some(start) = adapter_of(token).map(|adapter| adapter.text_range().start()) else { return false };
    let before: Vec<&str> =
        before.iter().filter(|one| one.text_range().start() >= start).map(SyntaxToken::text).collect();
    let receiver = match before.as_slice() {
        [.., ")", "."] => return before.iter().any(|word| PARSERS.contains(word)),
        [.., receiver, "."] => *receiver,
        _ => return false,
    };
    let binds = |words: &[&str]| matches!(words, [name, "in" | "=", parser, ..] if *name == receiver && PARSERS.contains(parser));
    before.windows(3).any(binds)
}

/// What the names around a token mean something in: the adapter it is in, or the binders before it.
fn about(token: &SyntaxToken, before: &[SyntaxToken]) -> String {
    if let Some(adapter) = adapter_of(token) {
        return adapter.text().to_string().lines().next().unwrap_or_default().to_owned();
    }
    let mut binders = String::new();
    for words in before.windows(6).filter(|words| words[0].text() == "for") {
        binders.extend(words.iter().map(SyntaxToken::text));
    }
    binders
}

fn adapter_of(token: &SyntaxToken) -> Option<SyntaxNode> {
    token.parent_ancestors().find(|node| node.kind() == SyntaxKind::AdapterClause)
}

/// Paths in adapters are held against schemas where there is one for every type.
fn is_checked(token: &SyntaxToken) -> bool {
    let Some(adapter) = adapter_of(token) else { return true };
    let words: Vec<String> = adapter
        .descendants_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .filter(|token| !token.kind().is_trivia())
        .map(|token| token.text().trim_matches('"').to_owned())
        .take_while(|word| word != "{")
        .collect();
    let is_data = words.get(2).is_some_and(|word| word == "data");
    let types: Vec<&String> = words.iter().filter(|word| word.contains('_')).collect();
    words.get(1).is_some_and(|format| format == "terraform")
        && !types.is_empty()
        && types.iter().all(|name| schema_of(name).is_some_and(|schema| schema.find(is_data, name).is_some()))
}

/// Every name that something declares: fields, kinds, constants, and what the schemas have. A mutant that is such a name may be
/// right where it stands.
fn declared_names(texts: &[String]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for text in texts {
        let tokens =
            iom_syntax::parse(text).syntax().descendants_with_tokens().filter_map(SyntaxElement::into_token);
        names.extend(tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_owned()));
    }
    for schema in schemas() {
        for is_data in [false, true] {
            for name in schema.type_names(is_data) {
                names.insert(name.to_owned());
                let members = schema.find(is_data, name).into_iter().flat_map(|object| object.members());
                names.extend(members.map(|member| member.name.to_owned()));
            }
        }
    }
    names
}

fn without_letter(name: &str) -> BTreeSet<String> {
    (0..name.len())
        .map(|index| format!("{}{}", &name[..index], &name[index + 1..]))
        .filter(|mutant| !mutant.is_empty())
        .collect()
}

fn judge(host: &mut Host, subject: &Subject, declared: &BTreeSet<String>, tally: &mut Tally) {
    let start = subject.header.len();
    let whole = format!("{}{}", subject.header, subject.text);
    let id = host.set_file("mutants.iom", &whole);
    let errors = |host: &Host| -> Vec<_> {
        host.file_diagnostics(id).iter().filter(|found| found.is_error()).cloned().collect()
    };
    let before = errors(host);
    assert!(before.is_empty(), "{whole}\n{before:#?}");
    for (offset, name) in &subject.names {
        for mutant in without_letter(name) {
            let at = start + offset;
            host.set_file("mutants.iom", &format!("{}{mutant}{}", &whole[..at], &whole[at + name.len()..]));
            let found = errors(host);
            let line = whole[..at].rsplit('\n').next().unwrap_or_default().to_owned()
                + whole[at..].lines().next().unwrap_or_default();
            if found.is_empty() {
                if !declared.contains(&mutant) {
                    tally.survivors.push(format!("{name} as {mutant}: {}", line.trim()));
                }
                continue;
            }
            tally.mutants += 1;
            let suggests = |one: &iom_diagnostics::Diagnostic| {
                one.fixes
                    .first()
                    .and_then(|fix| fix.edits.first())
                    .is_some_and(|edit| edit.text.trim_matches('"') == name)
            };
            if found.iter().any(suggests) {
                tally.suggested += 1;
            } else {
                let said = found
                    .first()
                    .map(|one| format!("{} {}", one.message, one.help.clone().unwrap_or_default()));
                tally.missed.push(format!(
                    "{name} as {mutant}: {} | {}",
                    line.trim(),
                    said.unwrap_or_default()
                ));
            }
        }
    }
}

fn judge_all(subjects: &[Subject], workspace: &[(String, String)], declared: &BTreeSet<String>) -> Tally {
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Tally::default());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut host = Host::new();
                host.set_files(workspace.iter().map(|(path, text)| (path.as_str(), text.as_str())));
                let mut tally = Tally::default();
                while let Some(subject) = subjects.get(next.fetch_add(1, Ordering::Relaxed)) {
                    judge(&mut host, subject, declared, &mut tally);
                }
                let mut total = total.lock().unwrap();
                total.mutants += tally.mutants;
                total.suggested += tally.suggested;
                total.survivors.extend(tally.survivors);
                total.missed.extend(tally.missed);
            });
        }
    });
    total.into_inner().unwrap()
}

fn assert_noticed(tally: &Tally, least: usize) {
    let mut shown = String::new();
    for line in tally.survivors.iter().chain(&tally.missed).take(200) {
        let _ = writeln!(shown, "  {line}");
    }
    let share = tally.suggested as f64 / tally.mutants.max(1) as f64;
    let figures = format!(
        "{} mutants are errors, {} of them suggest the right name ({:.2} %), {} are not noticed",
        tally.mutants,
        tally.suggested,
        share * 100.0,
        tally.survivors.len()
    );
    println!("{figures}");
    assert!(tally.survivors.is_empty(), "{figures}\n{shown}");
    assert!(share >= LEAST_SUGGESTED, "{figures}\n{shown}");
    assert!(tally.mutants >= least, "{figures}");
}

fn library() -> Vec<String> {
    iom_stdlib::files().iter().map(|file| file.text.to_owned()).collect()
}

fn estate() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bench/estate");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "iom"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_misspelt_attribute_in_the_policies_of_the_estate_is_noticed() {
    let files = estate();
    let texts: Vec<String> = files.iter().map(|(_, text)| text.clone()).chain(library()).collect();
    let declared = declared_names(&texts);
    let subjects: Vec<Subject> = all_subjects(files.iter().map(|(_, text)| text), "policy", &declared);
    assert_noticed(&judge_all(&subjects, &files, &declared), 200);
}

#[test]
fn every_misspelt_attribute_in_the_policies_of_the_library_is_noticed() {
    let texts = library();
    let declared = declared_names(&texts);
    let subjects: Vec<Subject> = all_subjects(texts.iter(), "policy", &declared);
    assert_noticed(&judge_all(&subjects, &[], &declared), 1000);
}

#[test]
fn every_misspelt_path_in_the_adapters_of_the_library_is_noticed() {
    let texts = library();
    let declared = declared_names(&texts);
    let subjects: Vec<Subject> = all_subjects(texts.iter(), "kind", &declared);
    assert_noticed(&judge_all(&subjects, &[], &declared), 4000);
}
