use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::files::SourceFiles;
use crate::place;
use crate::rewritten::Shifts;
use crate::tape::{NodeIndex, Symbol, Tape};
use crate::terraform_sources::TerraformSources;

/// The formats state comes in, with the names the command line uses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    TerraformPlan,
    TerraformState,
    Terraform,
    Kubernetes,
    Cloudformation,
    AwsConfig,
    Json,
    Csv,
}

/// Which world a source describes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Intended,
    Built,
    Running,
}

impl Format {
    /// `terraform-plan`, as the command line and `iom.toml` say it.
    pub fn name(self) -> &'static str {
        match self {
            Format::TerraformPlan => "terraform-plan",
            Format::TerraformState => "terraform-state",
            Format::Terraform => "terraform",
            Format::Kubernetes => "kubernetes",
            Format::Cloudformation => "cloudformation",
            Format::AwsConfig => "aws-config",
            Format::Json => "json",
            Format::Csv => "csv",
        }
    }

    /// `a Terraform plan`
    pub fn describe(self) -> &'static str {
        match self {
            Format::TerraformPlan => "a Terraform plan in JSON",
            Format::TerraformState => "Terraform state",
            Format::Terraform => "Terraform configuration",
            Format::Kubernetes => "Kubernetes objects",
            Format::Cloudformation => "a CloudFormation template",
            Format::AwsConfig => "AWS Config items",
            Format::Json => "an inventory in JSON or YAML",
            Format::Csv => "a table in CSV",
        }
    }

    /// The layer that a format describes where nothing else is said.
    pub fn usual_layer(self) -> Layer {
        match self {
            Format::TerraformPlan | Format::TerraformState => Layer::Built,
            Format::Terraform | Format::Cloudformation | Format::Kubernetes => Layer::Intended,
            Format::AwsConfig | Format::Json | Format::Csv => Layer::Running,
        }
    }
}

/// An object of one document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectId(pub u32);

/// One imported source.
#[derive(Clone, Debug)]
pub struct Document {
    pub format: Format,
    /// Lower-case hex of the SHA-256 of the bytes as read; of several files that of their names, lengths and bytes.
    pub sha256: String,
    /// The layer the source describes, where the content says so: objects that an API server has seen are running.
    pub layer: Option<Layer>,
    /// Objects that the content says are in another layer than the document as a whole: files may mix them.
    pub other_layers: FxHashMap<ObjectId, Layer>,
    /// The content says that there is more than it lists.
    pub is_partial: bool,
    /// When the source says it was made (a plan's `timestamp`), as written.
    pub timestamp: Option<String>,
    /// When the source saw single objects, where it says so of each: seconds since 1970.
    pub observed: FxHashMap<ObjectId, i64>,
    /// The version of the format and of the tool, as written.
    pub format_version: Option<String>,
    pub tool_version: Option<String>,
    pub objects: Vec<SourceObject>,
    /// JSON pointers of the lists that [`Pointer::Element`] counts in.
    pub lists: Vec<Box<str>>,
    /// Where in an object its attributes are, as a JSON pointer: `/values`, `/Properties`; empty where the object is its
    /// attributes.
    pub values_below: &'static str,
    /// What [`SourceObject::depends_on`] counts in.
    pub dependencies: Vec<ObjectId>,
    pub tape: Tape,
    /// To turn offsets into places without the texts.
    pub files: SourceFiles,
    /// Things the importer saw and could not use: never dropped silently.
    pub remarks: Vec<Remark>,
    /// What there may be more of than the document lists.
    pub more: More,
    /// The configuration beside a plan, where it was given.
    pub sources: Option<Arc<TerraformSources>>,
}

/// One resource, data source or object of a source. Objects that only existed before a change (deletes) are not listed.
#[derive(Clone, Debug)]
pub struct SourceObject {
    /// The source tool's own address: `module.a["k"].aws_x.y[0]`, `data.aws_x.y`.
    pub address: Symbol,
    /// `aws_s3_bucket`
    pub source_type: Symbol,
    pub is_data: bool,
    /// The address of the module instance, empty for the root.
    pub module: Symbol,
    /// The provider as the source names it, and for plans the provider configuration the resource uses (`aws.eu`).
    pub provider: Symbol,
    pub action: Action,
    /// The object's attributes: an object node, or `None` where nothing of the type is wanted.
    pub values: Option<NodeIndex>,
    /// See [`Document::pointer`].
    pub pointer: Pointer,
    /// Where the object stands: see [`SourceFiles`].
    pub offset: u32,
    /// Which document of its file it is, from 0, where a file holds several.
    pub document: Option<u32>,
    /// See [`Document::depends_on`].
    pub depends_on: Range<u32>,
}

/// A JSON pointer. Most objects are elements of a few lists, whose own pointers are kept once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pointer {
    Written(Box<str>),
    Element {
        /// In [`Document::lists`].
        list: u32,
        position: u32,
    },
}

impl Document {
    /// A document without anything in it.
    pub fn of(format: Format) -> Document {
        Document {
            format,
            sha256: String::new(),
            layer: None,
            other_layers: FxHashMap::default(),
            is_partial: false,
            timestamp: None,
            observed: FxHashMap::default(),
            format_version: None,
            tool_version: None,
            objects: Vec::new(),
            lists: Vec::new(),
            values_below: "",
            dependencies: Vec::new(),
            tape: Tape::default(),
            files: SourceFiles::default(),
            remarks: Vec::new(),
            more: More::Nothing,
            sources: None,
        }
    }

    /// The layer the source describes, where nobody says otherwise.
    pub fn usual_layer(&self) -> Layer {
        self.layer.unwrap_or_else(|| self.format.usual_layer())
    }

    /// JSON pointer of the whole object: `/planned_values/root_module/resources/17`.
    pub fn pointer(&self, object: &SourceObject) -> String {
        match &object.pointer {
            Pointer::Written(pointer) => pointer.to_string(),
            Pointer::Element { list, position } => {
                let list = self.lists.get(*list as usize).map_or("", |list| &**list);
                // Room for what mostly is asked for: an attribute of the object.
                let mut pointer = String::with_capacity(list.len() + 64);
                pointer.push_str(list);
                let _ = write!(pointer, "/{position}");
                pointer
            }
        }
    }

    /// JSON pointer of the object that holds the attributes. A value's own pointer is this one followed by the path to
    /// the value (`/ingress/0/from_port`), with `~` and `/` in names escaped.
    ///
    /// Objects that a plan lists only under its changes keep their attributes there, hence the two cases.
    pub fn values_pointer(&self, object: &SourceObject) -> String {
        let mut pointer = self.pointer(object);
        let is_change = pointer.starts_with("/resource_changes/");
        pointer.push_str(if is_change { "/change/after" } else { self.values_below });
        pointer
    }

    /// Adds an object that stands for the source as a whole.
    pub(crate) fn add_whole(&mut self, source_type: Symbol, nothing: Symbol, values: NodeIndex) {
        self.objects.push(SourceObject {
            address: source_type,
            source_type,
            is_data: false,
            module: nothing,
            provider: nothing,
            action: Action::None,
            values: Some(values),
            pointer: Pointer::Written("".into()),
            offset: 0,
            document: None,
            depends_on: 0..0,
        });
    }

    /// Says of everything that it stands elsewhere in the file now.
    pub fn shift(&mut self, shifts: &Shifts) {
        shifts.apply(self.tape.offsets_mut());
        shifts.apply(self.objects.iter_mut().map(|object| &mut object.offset));
        shifts.apply(self.remarks.iter_mut().map(|remark| &mut remark.offset));
    }

    /// Explicit dependencies that are no attribute (`depends_on`), resolved as far as possible.
    pub fn depends_on(&self, object: &SourceObject) -> &[ObjectId] {
        let Range { start, end } = object.depends_on;
        self.dependencies.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// What there may be more of than a document lists, so that absence says nothing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum More {
    #[default]
    Nothing,
    /// Objects of these source types, sorted: how many there are is not known.
    OfTypes(Vec<Symbol>),
    /// Anything: a part of the source is not at hand.
    Anything,
}

/// What a plan does to an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Action {
    #[default]
    None,
    Create,
    Read,
    Update,
    Replace,
    Delete,
    Forget,
}

/// Something in a source that is not understood or not as it should be.
#[derive(Clone, PartialEq, Debug)]
pub struct Remark {
    pub message: String,
    pub address: Option<Symbol>,
    /// See [`SourceFiles`].
    pub offset: u32,
}

/// Byte offsets at which the lines of a file start.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineStarts(pub Vec<u32>);

impl LineStarts {
    /// The line starts of a text of at most `u32::MAX` bytes.
    pub fn of(text: &str) -> LineStarts {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|index| index as u32 + 1));
        LineStarts(starts)
    }

    /// Line and column (in bytes), both from 1.
    pub fn place(&self, offset: u32) -> (u32, u32) {
        let line = self.0.partition_point(|start| *start <= offset).max(1);
        let start = self.0.get(line - 1).copied().unwrap_or(0);
        (line as u32, offset.saturating_sub(start) + 1)
    }
}

/// Which parts of a source are kept.
pub trait Wanted {
    /// What to keep of a type's objects; `None`: only that the object exists.
    fn attributes(&self, source_type: &str, is_data: bool) -> Option<AttributeFilter<'_>>;

    /// Whether it matters what the attributes of a type's objects were before a change.
    fn wants_before(&self, _source_type: &str) -> bool {
        false
    }
}

/// All of it.
pub struct Everything;

impl Wanted for Everything {
    fn attributes(&self, _: &str, _: bool) -> Option<AttributeFilter<'_>> {
        Some(AttributeFilter::All(&[]))
    }
}

/// Top-level attributes to keep, each whole.
#[derive(Clone, Copy, Debug)]
pub enum AttributeFilter<'a> {
    /// All there are. Those that are asked for by their names, sorted: what a source does not have of them is not known.
    All(&'a [String]),
    /// Sorted.
    These(&'a [String]),
}

impl<'a> AttributeFilter<'a> {
    /// Attributes that are asked for by their names.
    pub(crate) fn asked(self) -> &'a [String] {
        match self {
            AttributeFilter::All(names) | AttributeFilter::These(names) => names,
        }
    }
}

/// Why a source cannot be used. The caller adds the file's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportError {
    pub kind: ImportErrorKind,
    /// Plain words: what was found, what was expected, what to do.
    pub message: String,
    /// The file, of a source that consists of several: see [`SourceFile::name`](crate::files::SourceFile::name).
    pub file: Option<String>,
    /// JSON pointer of the place, where there is one.
    pub pointer: Option<String>,
    /// Line and column, both from 1.
    pub place: Option<(u32, u32)>,
}

impl ImportError {
    /// Without a place.
    pub(crate) fn new(kind: ImportErrorKind, message: impl Into<String>) -> ImportError {
        ImportError { kind, message: message.into(), file: None, pointer: None, place: None }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> ImportError {
        ImportError::new(ImportErrorKind::Malformed, message)
    }

    pub(crate) fn not_this_format(message: impl Into<String>) -> ImportError {
        ImportError::new(ImportErrorKind::NotThisFormat, message)
    }

    /// With the line and the column of an offset in a text.
    pub(crate) fn in_text(self, text: &str, offset: u32) -> ImportError {
        ImportError { place: Some(place::line_and_column(text, offset as usize)), ..self }
    }
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some((line, column)) = self.place {
            write!(formatter, ", line {line} column {column}")?;
        }
        match self.pointer.as_deref() {
            Some(pointer) if !pointer.is_empty() => write!(formatter, " ({pointer})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ImportError {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportErrorKind {
    /// Not readable as what it claims to be: syntax, encoding, truncation, depth, size.
    Malformed,
    /// Well-formed, but not this format.
    NotThisFormat,
    UnsupportedVersion,
}
