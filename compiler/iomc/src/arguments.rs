//! The command line. Names and meanings here are a contract: adding is free, changing breaks somebody.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::state_argument::StateArgument;

/// Commands whose names are reserved and that this version cannot do.
pub const NOT_BUILT_YET: &[&str] = &[
    "admit", "build", "drift", "evidence", "forecast", "learn", "lint", "man", "mcp", "replay", "report",
    "score", "serve",
];

const AFTER_HELP: &str = "\
Exit status: 0 admit or nothing found, 1 block or the check failed, 2 the command line, the sources or the state
can't be used, 3 escalate.

Not built yet: admit, build, drift, evidence, forecast, learn, lint, man, mcp, replay, report, score, serve.";

/// Infrastructure, policy and evidence in one language: check it, judge state by it, and see why.
#[derive(Debug, Parser)]
#[command(name = "iomc", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// When to colour the output; `auto` colours a terminal and respects NO_COLOR
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Parse, resolve and type-check; no state needed
    Check(CheckArguments),
    /// Judge state by every policy and evidence rule, and decide: admit, escalate or block
    Eval(Box<EvalArguments>),
    /// Run `test` declarations
    Test(TestArguments),
    /// Format .iom files the one way there is; comments stay
    Fmt(FmtArguments),
    /// Ask one question of the model and the state, for example 'aws.Bucket where not .versioning'
    Query(QueryArguments),
    /// Explain an error code (IOM0203, type-mismatch), a control (nist.SC-28), a policy (CKV_AWS_19), where a value comes from
    /// (payments.prod.orders.versioning), or why a policy's verdict on a resource is what it is
    Explain(ExplainArguments),
    /// Kinds from the schemas of other systems; JSON Schemas of our own outputs
    Schema(SchemaArguments),
    /// Start a workspace: iom.toml and a folder for each team; with --from, what is there as unratified declarations
    Init(InitArguments),
    /// Draw what depends on what: SVG, DOT, Mermaid or JSON
    Graph(GraphArguments),
    /// Write exceptions
    Exception(ExceptionArguments),
    /// Mend what is safe to mend in the workspace's .iom files, and say what to change elsewhere: misspellings with one candidate,
    /// and what policies propose in `fix`
    Fix(Box<FixArguments>),
    /// Write the reference of a workspace, or of the standard library: kinds, policies, blueprints, and indexes by control and
    /// by the names that other tools give
    Doc(DocArguments),
    /// Compare two estates: what is in both, owned by different teams, of the same name or addresses, or under stricter rules
    Compare(CompareArguments),
    /// Run the language server on standard input and output
    Lsp,
    /// Print completions for a shell, to be put where that shell looks for them
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Any other word.
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// A workspace folder or one .iom file [default: the workspace around the current folder]
    pub path: Option<String>,
    #[command(flatten)]
    pub output: OutputArguments,
    /// Write iom.lock anew: the dependencies are as they should be
    #[arg(long)]
    pub update_lock: bool,
    /// Fail on warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// Say nothing when nothing is wrong, and no warnings
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct EvalArguments {
    /// A workspace folder or one .iom file [default: the workspace around the current folder, else the standard
    /// library's policies alone]
    pub path: Option<String>,
    #[command(flatten)]
    pub state: StateArguments,
    /// Judge only by these: policy names, covered controls (nist.SC-28) or aliases (CKV_AWS_20); `*` matches anything
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// List what passes too
    #[arg(long)]
    pub all: bool,
    /// Judge nothing: say how a policy would be judged, what is gone through and what is looked up by which index. Takes what
    /// --only takes
    #[arg(long, value_name = "POLICY", conflicts_with_all = ["only", "watch"])]
    pub explain_plan: Option<String>,
    /// Judge as of this date or time, for example 2027-01-15 or 2026-11-22T10:00Z [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    /// From which decision on the exit status is not 0
    #[arg(long, value_enum, value_name = "DECISION", default_value_t = FailOn::Escalate)]
    pub fail_on: FailOn,
    /// Judge only by policies at least this severe
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub min_severity: Option<SeverityArgument>,
    /// Judge only by policies that bite at this point of delivery
    #[arg(long, value_enum)]
    pub stage: Option<Stage>,
    /// Give a parameter of an applied policy another value: allowed_registries.registries=registry.example. Texts need no
    /// quotes, lists no brackets
    #[arg(long, value_name = "POLICY.PARAM=VALUE")]
    pub set: Vec<String>,
    /// Threads to judge with; the result does not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    #[command(flatten)]
    pub output: OutputArguments,
    /// Exit with 1 on warnings
    #[arg(long)]
    pub deny_warnings: bool,
    /// Say nothing when nothing is wrong, and no warnings
    #[arg(long, short)]
    pub quiet: bool,
    /// Judge again whenever a rule, a data file or state changes, until ctrl-c or the end of standard input
    #[arg(long)]
    pub watch: bool,
    /// Findings that this file lists are shown as known and don't decide
    #[arg(long, value_name = "FILE", conflicts_with = "watch")]
    pub baseline: Option<String>,
    /// Write what fails or is unknown now to this file, and take it as known
    #[arg(long, value_name = "FILE", conflicts_with = "watch")]
    pub write_baseline: Option<String>,
    #[command(flatten)]
    pub reserved: ReservedArguments,
}

/// Which state is looked at.
#[derive(Clone, Debug, Default, Args)]
pub struct StateArguments {
    /// State to look at, `-` for standard input; repeatable. LAYER is intended, built or running; FORMAT is
    /// terraform-plan, .., recognised from the content if left out [default: the sources of iom.toml]
    #[arg(long = "state", value_name = "[LAYER=][FORMAT:]PATH")]
    pub sources: Vec<StateArgument>,
    /// The folder with the .tf files that the plan was made of: findings then say where something is written, and
    /// references are followed through locals
    #[arg(long = "source", value_name = "DIR")]
    pub configuration: Option<String>,
}

/// Flags whose names are reserved and that this version cannot do: a clear word beats `unexpected argument`.
#[derive(Debug, Args)]
pub struct ReservedArguments {
    #[arg(long, hide = true)]
    pub base: Option<String>,
    #[arg(long, hide = true)]
    pub record: bool,
}

impl ReservedArguments {
    /// The first flag that was used, if any.
    pub fn used(&self) -> Option<&'static str> {
        [(self.base.is_some(), "--base"), (self.record, "--record")]
            .into_iter()
            .find_map(|(is_used, name)| is_used.then_some(name))
    }
}

#[derive(Debug, Args)]
pub struct TestArguments {
    /// A workspace folder or one .iom file [default: the workspace around the current folder]
    pub path: Option<String>,
    /// Run only tests whose titles contain this text; `*` matches anything
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Show which clauses of which policies the tests judge, and which they never see pass or fail
    #[arg(long)]
    pub coverage: bool,
    /// Write what --coverage shows as an LCOV trace to this file
    #[arg(long, value_name = "FILE")]
    pub coverage_out: Option<String>,
    /// Threads to run tests with; the result does not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// The instant of tests that name none [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    #[command(flatten)]
    pub output: OutputArguments,
    /// Fail on warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// Say nothing when nothing is wrong, and no warnings
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct QueryArguments {
    /// An expression: a population, or any value made of what is declared and imported
    #[arg(value_name = "EXPR")]
    pub expression: String,
    /// A workspace folder or one .iom file [default: the workspace around the current folder, else the standard
    /// library alone]
    pub path: Option<String>,
    #[command(flatten)]
    pub state: StateArguments,
    /// What `now` is, for example 2027-01-15 [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Debug, Args)]
pub struct InitArguments {
    /// The folder of the new workspace; it is made where it does not exist [default: the current folder]
    pub directory: Option<String>,
    /// Write what is in this state as declarations, marked unratified; repeatable
    #[arg(long, value_name = "[LAYER=][FORMAT:]PATH")]
    pub from: Vec<StateArgument>,
}

#[derive(Debug, Args)]
pub struct ExceptionArguments {
    #[command(subcommand)]
    pub command: ExceptionCommand,
}

#[derive(Debug, Subcommand)]
pub enum ExceptionCommand {
    /// Let a finding be, for a reason, by somebody's word, until a date: writes the declaration
    New(Box<ExceptionNewArguments>),
}

#[derive(Debug, Args)]
pub struct ExceptionNewArguments {
    /// The policy, or one clause of it, as findings name it: security.storage.encrypted_at_rest.our_key
    pub policy: String,
    /// The resource's address, as findings name it
    pub resource: String,
    /// Why it is let be
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who said so: declared people or teams
    #[arg(long, value_name = "NAME", required = true, value_delimiter = ',')]
    pub approved_by: Vec<String>,
    /// The first day on which it does not hold any more [default: in 30 days, sooner where the policy allows less]
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// What it is called [default: after the policy and the resource]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The file it is added to, in the workspace
    #[arg(long, value_name = "FILE", default_value = "exceptions.iom")]
    pub file: String,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// A workspace folder [default: the workspace around the current folder]
    #[arg(long, value_name = "PATH")]
    pub workspace: Option<String>,
    #[command(flatten)]
    pub state: StateArguments,
    /// The day it begins [default: today]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

#[derive(Debug, Args)]
pub struct FixArguments {
    /// A workspace folder or one .iom file [default: the workspace around the current folder; without one, what the standard
    /// library's policies propose is told]
    pub path: Option<String>,
    #[command(flatten)]
    pub state: StateArguments,
    /// Only what these policies propose: names, covered controls or aliases; `*` matches anything
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Do what is likely meant, too, not only what is sure
    #[arg(long)]
    pub suggested: bool,
    /// Show what would change, and write nothing
    #[arg(long, visible_alias = "diff")]
    pub dry_run: bool,
    /// Judge as of this date or time [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Debug, Args)]
pub struct DocArguments {
    /// A workspace folder or one .iom file [default: the workspace around the current folder, else the standard library]
    pub path: Option<String>,
    /// The folder that the pages are written to; one that holds anything but such pages is left alone
    #[arg(long, value_name = "DIR")]
    pub out: String,
    /// What the pages are written in
    #[arg(long, value_enum, default_value_t = DocFormat::Markdown)]
    pub format: DocFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocFormat {
    Markdown,
    Html,
}

#[derive(Debug, Args)]
pub struct GraphArguments {
    /// A workspace folder or one .iom file [default: the workspace around the current folder, else the standard
    /// library alone]
    pub path: Option<String>,
    #[command(flatten)]
    pub state: StateArguments,
    /// Draw this resource and all that depends on it, however indirectly, with owners
    #[arg(long, value_name = "RESOURCE")]
    pub blast_radius: Option<String>,
    /// Draw only things of these kinds: aws.Bucket, `aws.*`, `*Role`
    #[arg(long, value_name = "KIND")]
    pub only: Vec<String>,
    /// What things are grouped by
    #[arg(long, value_enum, value_name = "BY", default_value_t = GraphCluster::Environment)]
    pub cluster: GraphCluster,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub format: GraphFormat,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<String>,
    /// What `now` is, for example 2027-01-15 [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
}

#[derive(Debug, Args)]
pub struct CompareArguments {
    /// A workspace folder, an .iom file, or state: [LAYER=][FORMAT:]PATH, - for standard input
    pub a: String,
    /// The other one
    pub b: String,
    /// What `now` is, for example 2027-01-15 [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    Svg,
    Dot,
    Mermaid,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphCluster {
    Environment,
    Owner,
    Module,
    None,
}

#[derive(Debug, Args)]
pub struct FmtArguments {
    /// A workspace folder, one .iom file, or - for standard input [default: the workspace around the current folder]
    pub path: Option<String>,
    /// Change nothing; show what would change, and exit with 1 if anything would
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// An error code, a control, a policy (with a resource), or a value: a resource's name or address, and a path in it
    /// (payments.prod.shards[2].limits.memory, aws_s3_bucket.b.versioning)
    #[arg(value_name = "CODE|CONTROL|VALUE|POLICY")]
    pub subject: String,
    /// A resource, to explain the policy's verdict on it
    pub resource: Option<String>,
    /// A workspace folder or one .iom file [default: the workspace around the current folder]
    #[arg(long, value_name = "PATH")]
    pub workspace: Option<String>,
    #[command(flatten)]
    pub state: StateArguments,
    /// The instant of verdicts, and of overrides that end, for example 2027-01-15 [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Debug, Args)]
pub struct SchemaArguments {
    #[command(subcommand)]
    pub command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Write the types of a schema as kinds: a provider schema of Terraform (`terraform providers schema -json`),
    /// CustomResourceDefinitions of Kubernetes, OpenAPI or JSON Schema, recognised from the content
    Import(SchemaImportArguments),
    /// Write the JSON Schema of one of iomc's own outputs; without a name, list them
    Output(SchemaOutputArguments),
}

#[derive(Debug, Args)]
pub struct SchemaImportArguments {
    /// The schema, - for standard input
    #[arg(value_name = "SRC")]
    pub source: String,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<String>,
    /// The module of what is written [default: schemas. and the schema's own name]
    #[arg(long, value_name = "NAME")]
    pub module: Option<String>,
    /// Only these types, by the schema's names; `*` matches anything
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Data sources of Terraform, too
    #[arg(long)]
    pub data_sources: bool,
}

#[derive(Debug, Args)]
pub struct SchemaOutputArguments {
    /// eval, compare or graph
    #[arg(value_name = "OUTPUT")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub struct OutputArguments {
    /// Form of the output: human, short (one line each) or json; for eval also sarif, junit and github, for test junit
    /// [not built yet: oscal, html]
    #[arg(long, value_enum, default_value_t = Format::Human, hide_possible_values = true)]
    pub format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Short,
    Json,
    Sarif,
    Junit,
    Github,
    Oscal,
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Block,
    Escalate,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SeverityArgument {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<SeverityArgument> for iom_model::Severity {
    fn from(argument: SeverityArgument) -> iom_model::Severity {
        match argument {
            SeverityArgument::Info => iom_model::Severity::Info,
            SeverityArgument::Low => iom_model::Severity::Low,
            SeverityArgument::Medium => iom_model::Severity::Medium,
            SeverityArgument::High => iom_model::Severity::High,
            SeverityArgument::Critical => iom_model::Severity::Critical,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    Merge,
    Deploy,
    Admission,
    Continuous,
}

impl Stage {
    /// The name that policies use.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Merge => "merge",
            Stage::Deploy => "deploy",
            Stage::Admission => "admission",
            Stage::Continuous => "continuous",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn help_lists_what_is_not_built_yet() {
        let listed = AFTER_HELP.replace('\n', " ");
        assert!(NOT_BUILT_YET.iter().all(|name| listed.contains(name)));
    }
}
