//! Imports every folder with Terraform configuration below the ones named, each as a root module, and prints what was read:
//! `terraform [--dump] DIR...`; `--times N` measures beside a plain parse of the same files. Build with `--release`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use iom_state::document::{Document, Everything};
use iom_state::tape::{NodeIndex, NodeValue, Strings};
use iom_state::terraform;
use iom_state::terraform_sources::Files;

#[path = "../tests/dump/mod.rs"]
mod dump;

struct Folder<'p>(&'p Path);

impl Files for Folder<'_> {
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String> {
        let names = self.list(folder).into_iter();
        let names = names.filter(|name| name.ends_with(".tf") || name.ends_with(".tf.json"));
        let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let files: Result<Vec<(String, String)>, String> = names
            .map(|name| {
                let name = path(&name);
                let text = std::fs::read_to_string(self.0.join(&name))
                    .map_err(|error| format!("{name}: {error}"))?;
                Ok((name, text))
            })
            .collect();
        files.map(|files| (!files.is_empty()).then_some(files))
    }

    fn text(&mut self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.0.join(file)).ok()
    }

    fn list(&mut self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(folder)) else { return Vec::new() };
        let files = entries.flatten().filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut roots, mut is_dump, mut times) = (Vec::new(), false, 0);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--dump" => is_dump = true,
            "--times" => times = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(3),
            _ => roots.push(PathBuf::from(argument)),
        }
    }
    let mut folders = Vec::new();
    roots.iter().for_each(|root| collect(root, &mut folders));
    let (mut read, mut refused) = (0, 0);
    let mut unheard: BTreeMap<String, usize> = BTreeMap::new();
    for folder in &folders {
        let mut strings = Strings::default();
        match terraform::import_folder(&mut Folder(folder), &Everything, &mut strings) {
            Ok(document) => {
                read += 1;
                if is_dump {
                    print!("{}", dump::dump(&document, &strings));
                }
                println!("{}: {}", folder.display(), summary(&document));
                for remark in document.remarks.iter().filter(|remark| remark.message.contains("the function"))
                {
                    *unheard.entry(remark.message.clone()).or_default() += 1;
                }
            }
            Err(error) => {
                refused += 1;
                println!(
                    "{}: refused: {}: {error}",
                    folder.display(),
                    error.file.as_deref().unwrap_or_default()
                );
            }
        }
    }
    println!("{read} read, {refused} refused");
    unheard.iter().for_each(|(message, count)| println!("{count} times {message}"));
    if times > 0 {
        measure(&folders, times);
    }
    ExitCode::SUCCESS
}

fn measure(folders: &[PathBuf], times: usize) {
    let best = |mut work: Box<dyn FnMut() + '_>| {
        let mut best = Duration::MAX;
        for _ in 0..times {
            let start = Instant::now();
            work();
            best = best.min(start.elapsed());
        }
        best.as_secs_f64() * 1e3
    };
    let texts: Vec<String> = folders
        .iter()
        .flat_map(|folder| Folder(folder).configuration("").ok().flatten().unwrap_or_default())
        .map(|(_, text)| text)
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let parse = best(Box::new(|| {
        for text in &texts {
            let _ = hcl_edit::parser::parse_body(text);
        }
    }));
    let import = best(Box::new(|| {
        for folder in folders {
            let _ = terraform::import_folder(&mut Folder(folder), &Everything, &mut Strings::default());
        }
    }));
    println!(
        "{} files, {bytes} bytes: parsed in {parse:.1} ms, imported (with called modules) in {import:.1} ms",
        texts.len()
    );
}

fn collect(path: &Path, folders: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else { return };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    if entries.iter().any(|entry| {
        entry.to_string_lossy().ends_with(".tf") || entry.to_string_lossy().ends_with(".tf.json")
    }) {
        folders.push(path.to_owned());
    }
    entries.iter().filter(|entry| entry.is_dir()).for_each(|entry| collect(entry, folders));
}

fn summary(document: &Document) -> String {
    let references = || document.tape.marks.values().flat_map(|mark| &mark.references);
    let count = |wanted: fn(usize) -> bool| references().filter(|found| wanted(found.targets.len())).count();
    let nodes = (0..document.tape.len() as u32).map(NodeIndex);
    let unknown =
        nodes.filter(|index| matches!(document.tape.node(*index).value, NodeValue::Unknown(_))).count();
    format!(
        "{} objects, {} nodes, {unknown} unknown, edges {} single {} of several {} dangling, {} remarks",
        document.objects.len(),
        document.tape.len(),
        count(|targets| targets == 1),
        count(|targets| targets > 1),
        count(|targets| targets == 0),
        document.remarks.len()
    )
}
