use std::sync::OnceLock;

use iom_state::document::Format;
use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;

use super::{AdapterId, Alike, Code, KindId, KindSet, TypeId};

/// A compiled adapter. Slot 0 is the source's object, slot 1 the object around it.
#[derive(Debug)]
pub struct Adapter {
    pub kind: KindId,
    pub format: &'static str,
    pub is_data: bool,
    pub source_types: Vec<Box<str>>,
    pub at: Option<Code>,
    pub each: Option<Code>,
    pub filter: Option<Code>,
    /// Paths to the texts by which other objects refer to this one.
    pub keys: Vec<Vec<Symbol>>,
    pub parts: Vec<PartCode>,
    pub lets: Vec<(u32, Code)>,
    /// By position of the kind's field.
    pub fields: Vec<Option<AdapterField>>,
    /// Fields with elements deep inside, without all else: what the graph needs of them.
    pub edges: Vec<EdgeCode>,
    /// Of fields that refer to something, where that is plain to see.
    pub spots: Vec<SpotsCode>,
    /// Where in the object fields come from that are declared secret.
    pub secrets: Secrets,
    pub locals: u32,
}

/// What of an object is never shown, whoever reads it.
#[derive(Debug)]
pub enum Secrets {
    /// Attributes, each as a whole.
    In(Vec<Symbol>),
    /// It cannot be told where.
    Anywhere,
}

impl Adapter {
    /// One element per object, made of the object as it is.
    pub fn is_plain(&self) -> bool {
        self.at.is_none() && self.each.is_none() && self.filter.is_none()
    }
}

/// A field with elements deep inside.
#[derive(Debug)]
pub struct EdgeCode {
    /// Of the kind's field.
    pub position: u16,
    /// Without what holds no elements.
    pub field: AdapterField,
    /// What is left of the field's type.
    pub ty: TypeId,
}

/// Where in an object all references of a field stand: an object that has nothing there refers to nothing by it.
#[derive(Debug)]
pub struct SpotsCode {
    /// Of the kind's field.
    pub position: u16,
    pub spots: Box<[SpotCode]>,
    /// Positions of parts that have a say: of an object that has one of them, this says nothing.
    pub parts: Box<[u16]>,
    /// The field is nothing but references.
    pub is_plain: bool,
}

/// Where one reference of an object stands.
#[derive(Debug)]
pub struct SpotCode {
    /// The list in whose items it stands, instead of in the object itself.
    pub within: Option<Box<[SpotStep]>>,
    /// The first that leads to something counts.
    pub ways: Box<[Box<[SpotStep]>]>,
    pub target: Box<KindSet>,
    pub is_many: bool,
    /// Whether what stands there is surely referred to; else something more decides.
    pub is_sure: bool,
}

/// A step from a value of a source into it.
#[derive(Clone, Copy, Debug)]
pub enum SpotStep {
    Name(Symbol),
    Item(u32),
}

/// The kinds that a reference at the end of a path may lead to, and whether it may lead to many.
pub type PathTarget = Option<(Box<KindSet>, bool)>;

/// A value at the end of a path from the object.
#[derive(Debug)]
pub struct FieldPath {
    /// The first that leads to something counts: `.tags_all ?? .tags`.
    pub paths: Box<[Box<[Symbol]>]>,
    pub target: PathTarget,
}

/// How one field is read.
#[derive(Debug)]
pub struct AdapterField {
    pub value: Code,
    /// Where the value is nothing but a path from the object. Most fields are.
    pub path: Option<FieldPath>,
    /// Where the value depends on nothing but some attributes of the object: their names.
    pub inputs: Option<Box<[Symbol]>>,
    /// Positions in `parts` that the value needs.
    pub parts: Vec<u16>,
    /// Positions in `lets` that the value needs, in order.
    pub lets: Vec<u16>,
    /// What of it is made once for all things that are alike; found out when the field is first read.
    pub alike: OnceLock<Alike>,
}

impl AdapterField {
    pub fn new(value: Code, inputs: Option<Box<[Symbol]>>, parts: Vec<u16>, lets: Vec<u16>) -> AdapterField {
        let (source, target) = match &value {
            Code::Reference { value, target, is_many } => (&**value, Some((target.clone(), *is_many))),
            other => (other, None),
        };
        let mut paths = Vec::new();
        let path = add_paths(source, &mut paths).then(|| FieldPath { paths: paths.into(), target });
        AdapterField { value, path, inputs, parts, lets, alike: OnceLock::new() }
    }
}

/// Adds the paths of which the first that leads to something counts; false where there is more to the value.
fn add_paths(code: &Code, paths: &mut Vec<Box<[Symbol]>>) -> bool {
    match code {
        Code::Coalesce { left, right, empty_is_absent: true } => {
            add_paths(left, paths) && add_paths(right, paths)
        }
        other => steps(other).map(|steps| paths.push(steps.into())).is_some(),
    }
}

/// The names from the object down, where that is all there is.
fn steps(code: &Code) -> Option<Vec<Symbol>> {
    match code {
        Code::Local(0) => Some(Vec::new()),
        Code::Member { base, name } => {
            let mut steps = steps(base)?;
            steps.push(*name);
            Some(steps)
        }
        _ => None,
    }
}

/// A sibling object that refers to this one.
#[derive(Debug)]
pub struct PartCode {
    pub local: u32,
    pub is_many: bool,
    pub source_type: Symbol,
    /// Over the sibling, slot 0; `None` for siblings of the whole account.
    pub on: Option<Code>,
}

/// Which adapters an object goes through.
#[derive(Debug, Default)]
pub struct Routes {
    exact: FxHashMap<(&'static str, bool, Box<str>), Vec<AdapterId>>,
    /// Source types with `*`.
    patterns: Vec<(&'static str, bool, Box<str>, AdapterId)>,
    /// Adapters of all types that nothing maps.
    rest: Vec<(&'static str, bool, AdapterId)>,
    /// Adapters of kinds that show objects as they are, whatever else maps them.
    views: FxHashMap<(&'static str, bool, Box<str>), Vec<AdapterId>>,
}

impl Routes {
    pub fn add(&mut self, format: &'static str, is_data: bool, source_type: &str, adapter: AdapterId) {
        if source_type.contains('*') {
            self.patterns.push((format, is_data, source_type.into(), adapter));
        } else {
            self.exact.entry((format, is_data, source_type.into())).or_default().push(adapter);
        }
    }

    pub fn add_rest(&mut self, format: &'static str, is_data: bool, adapter: AdapterId) {
        self.rest.push((format, is_data, adapter));
    }

    pub fn add_view(&mut self, format: &'static str, is_data: bool, source_type: &str, adapter: AdapterId) {
        self.views.entry((format, is_data, source_type.into())).or_default().push(adapter);
    }

    /// All adapters for a type, in order of kinds: where no kind of the model maps it, those of the rest.
    pub fn find(&self, format: &'static str, is_data: bool, source_type: &str) -> Vec<AdapterId> {
        let key = (format, is_data, Box::from(source_type));
        let mut found = self.exact.get(&key).cloned().unwrap_or_default();
        for (pattern_format, pattern_data, pattern, adapter) in &self.patterns {
            if *pattern_format == format && *pattern_data == is_data && matches_type(pattern, source_type) {
                found.push(*adapter);
            }
        }
        if found.is_empty() {
            let rest = self.rest.iter().filter(|(rest, data, _)| *rest == format && *data == is_data);
            found.extend(rest.map(|(.., adapter)| *adapter));
        }
        found.extend(self.views.get(&key).into_iter().flatten());
        found.sort();
        found.dedup();
        found
    }
}

/// `apps/*/Deployment`: a star stands for one step of the path; a star alone for everything.
pub fn matches_type(pattern: &str, source_type: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let mut steps = source_type.split('/');
    let fits = pattern
        .split('/')
        .all(|step| steps.next().is_some_and(|found| step == "*" || glob_step(step, found)));
    fits && steps.next().is_none()
}

/// One step of a type path, where a star stands for any run of characters.
fn glob_step(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((prefix, rest)) => text.strip_prefix(prefix).is_some_and(|tail| {
            (0..=tail.len()).any(|skip| tail.get(skip..).is_some_and(|left| glob_step(rest, left)))
        }),
    }
}

/// The name adapters use for a format: the three Terraform formats are read by the same adapters.
pub fn family(format: Format) -> &'static str {
    match format {
        Format::TerraformPlan | Format::TerraformState | Format::Terraform => "terraform",
        Format::Kubernetes => "kubernetes",
        Format::Cloudformation => "cloudformation",
        Format::AwsConfig => "aws_config",
        Format::Json => "json",
        Format::Csv => "csv",
    }
}

/// The family of an adapter's `from`; unknown ones read nothing.
pub fn family_named(name: &str) -> &'static str {
    const FAMILIES: [&str; 6] = ["terraform", "kubernetes", "cloudformation", "aws_config", "json", "csv"];
    let name = name.replace('-', "_");
    FAMILIES.into_iter().find(|family| *family == name).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::matches_type;

    #[test]
    fn a_star_is_one_step_of_a_type() {
        assert!(matches_type("apps/*/Deployment", "apps/v1/Deployment"));
        assert!(!matches_type("apps/*/Deployment", "apps/v1/beta/Deployment"));
        assert!(!matches_type("apps/*/Deployment", "apps/v1"));
        assert!(matches_type("aws_s3_*", "aws_s3_bucket"));
        assert!(matches_type("*", "anything/at/all"));
    }
}
