use std::fmt;

use crate::Severity;

/// A stable diagnostic code such as `IOM0203`. Numbers are never reused; ranges follow the phases:
/// 00 syntax, 01 names, 02 types, 03 blueprints, 04 policies, 05 evidence, 06 import, 07 evaluation, 08 workspace, 09 limits
/// of this version and internal errors.
#[derive(Clone, Copy)]
pub struct Code(&'static Entry);

/// One row of the registry.
#[derive(Debug)]
pub struct Entry {
    number: u16,
    slug: &'static str,
    severity: Severity,
    page: &'static str,
}

impl Code {
    pub fn number(self) -> u16 {
        self.0.number
    }

    /// The short name, for example `type-mismatch`.
    pub fn slug(self) -> &'static str {
        self.0.slug
    }

    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// The Markdown page that `iomc explain` shows.
    pub fn page(self) -> &'static str {
        self.0.page
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IOM{:04}", self.0.number)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} {}", self.0.slug)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.0.number == other.0.number
    }
}

impl Eq for Code {}

impl std::hash::Hash for Code {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.number.hash(state);
    }
}

/// A code by its number (`IOM0203`, `0203`) or its slug, in any case.
pub fn find(text: &str) -> Option<Code> {
    let text = text.trim().to_lowercase();
    let digits = text.strip_prefix("iom").unwrap_or(&text);
    let number = digits.parse::<u16>().ok();
    REGISTRY.iter().copied().find(|code| Some(code.number()) == number || code.slug() == text)
}

macro_rules! registry {
    ($($constant:ident = $number:literal $slug:literal $severity:ident;)*) => {
        /// Every code, by name.
        pub mod code {
            use super::{Code, Entry};
            use crate::Severity;
            $(
                #[doc = concat!("`", $slug, "`")]
                pub const $constant: Code = {
                    static ENTRY: Entry = Entry {
                        number: $number,
                        slug: $slug,
                        severity: Severity::$severity,
                        page: include_str!(concat!("../../../spec/diagnostics/", $slug, ".md")),
                    };
                    Code(&ENTRY)
                };
            )*
        }
        /// All codes in order of their numbers.
        pub static REGISTRY: &[Code] = &[$(code::$constant),*];
    };
}

registry! {
    // 00: syntax
    UNEXPECTED_TOKEN = 1 "unexpected-token" Error;
    UNCLOSED_BRACKET = 2 "unclosed-bracket" Error;
    UNCLOSED_STRING = 3 "unclosed-string" Error;
    BAD_LITERAL = 4 "bad-literal" Error;
    UNKNOWN_DECLARATION = 5 "unknown-declaration" Error;
    UNKNOWN_CLAUSE = 6 "unknown-clause" Error;
    RESERVED_WORD = 7 "reserved-word" Error;
    MISSING_COMMA = 8 "missing-comma" Error;
    NOT_CHAINABLE = 9 "not-chainable" Error;
    TOO_DEEP = 10 "too-deep" Error;
    MISPLACED = 11 "misplaced" Error;
    BAD_TEXT = 12 "bad-text" Error;
    TOO_LARGE = 13 "too-large" Error;
    // 01: names
    UNKNOWN_NAME = 101 "unknown-name" Error;
    UNKNOWN_MODULE = 102 "unknown-module" Error;
    DUPLICATE_NAME = 103 "duplicate-name" Error;
    WRONG_KIND_OF_NAME = 104 "wrong-kind-of-name" Error;
    SHADOWED_VALUE = 105 "shadowed-value" Error;
    CYCLE = 106 "cycle" Error;
    UNUSED_IMPORT = 107 "unused-import" Warning;
    AMBIGUOUS_NAME = 108 "ambiguous-name" Error;
    // 02: types
    TYPE_MISMATCH = 201 "type-mismatch" Error;
    UNKNOWN_FIELD = 202 "unknown-field" Error;
    MISSING_FIELD = 203 "missing-field" Error;
    DUPLICATE_FIELD = 204 "duplicate-field" Error;
    OPTIONAL_VALUE = 205 "optional-value" Error;
    OUT_OF_RANGE = 206 "out-of-range" Error;
    BAD_SCALAR = 207 "bad-scalar" Error;
    WRONG_ARGUMENTS = 208 "wrong-arguments" Error;
    CANNOT_INFER = 209 "cannot-infer" Error;
    NO_SUCH_OPERATION = 210 "no-such-operation" Error;
    SECRET_USED = 211 "secret-used" Error;
    TRAIT_NOT_MET = 212 "trait-not-met" Error;
    BAD_PATTERN = 213 "bad-pattern" Error;
    NON_EXHAUSTIVE = 214 "non-exhaustive" Error;
    EXTENDED_TWICE = 221 "extended-twice" Error;
    NOT_OVERRIDDEN = 230 "not-overridden" Error;
    NOTHING_TO_OVERRIDE = 231 "nothing-to-override" Error;
    SETTINGS_DISAGREE = 232 "settings-disagree" Error;
    OVERRIDE_WITHOUT_REASON = 233 "override-without-reason" Error;
    REPEATED_IDENTITY = 234 "repeated-identity" Error;
    BAD_BASE = 235 "bad-base" Error;
    AMENDED_ELSEWHERE = 236 "amended-elsewhere" Error;
    UNION_WITHOUT_TAG = 237 "union-without-tag" Error;
    SECRET_WRITTEN = 240 "secret-written" Warning;
    // 03: blueprints
    BLUEPRINT_ROOT = 301 "blueprint-root" Error;
    BLUEPRINT_UNAPPROVED = 302 "blueprint-unapproved" Warning;
    REVIEW_OVERDUE = 303 "review-overdue" Warning;
    UNSOLVED_PARAMETER = 304 "unsolved-parameter" Error;
    TOO_MANY_RESOURCES = 305 "too-many-resources" Error;
    // 04: policies
    NO_SUBJECT = 401 "no-subject" Error;
    UNKNOWN_CONTROL = 402 "unknown-control" Error;
    BAD_MODE = 403 "bad-mode" Error;
    EXCEPTION_TOO_LONG = 404 "exception-too-long" Error;
    BAD_EXCEPTION = 405 "bad-exception" Error;
    DUPLICATE_LABEL = 406 "duplicate-label" Error;
    NOT_INDEXABLE = 407 "not-indexable" Warning;
    WITHDRAWN_CONTROL = 421 "withdrawn-control" Warning;
    BAD_AUTHORITY = 431 "bad-authority" Error;
    BAD_BREAKGLASS = 432 "bad-breakglass" Error;
    BAD_APPLICATION = 440 "bad-application" Error;
    NEEDLESS_APPLICATION = 441 "needless-application" Warning;
    INCOMPLETE_CLASS = 442 "incomplete-class" Error;
    NOT_APPLIED = 443 "not-applied" Note;
    UNAPPLIED_CLAIM = 444 "unapplied-claim" Warning;
    // 05: evidence
    BAD_EVIDENCE = 501 "bad-evidence" Error;
    BAD_CATALOG = 502 "bad-catalog" Error;
    // 06: import
    UNREADABLE_SOURCE = 601 "unreadable-source" Error;
    NOT_A_PLAN = 602 "not-a-plan" Error;
    UNSUPPORTED_VERSION = 603 "unsupported-version" Error;
    UNKNOWN_FORMAT = 604 "unknown-format" Error;
    BAD_DATA_FILE = 605 "bad-data-file" Error;
    UNKNOWN_SOURCE_TYPE = 606 "unknown-source-type" Error;
    UNKNOWN_SOURCE_PATH = 607 "unknown-source-path" Error;
    SOURCE_REMARK = 608 "source-remark" Note;
    SKIPPED_FILE = 609 "skipped-file" Warning;
    // 07: evaluation
    EXCEPTION_EXPIRED = 701 "exception-expired" Warning;
    EXCEPTION_EXPIRING = 702 "exception-expiring" Warning;
    VACUOUS_POLICY = 703 "vacuous-policy" Warning;
    EXCEPTION_UNUSED = 704 "exception-unused" Warning;
    MODEL_INVALID = 705 "model-invalid" Warning;
    OVERRIDE_ENDED = 720 "override-ended" Warning;
    // 08: workspace
    BAD_MANIFEST = 801 "bad-manifest" Error;
    NO_WORKSPACE = 802 "no-workspace" Error;
    BAD_DEPENDENCY = 840 "bad-dependency" Error;
    LOCK_MISMATCH = 841 "lock-mismatch" Error;
    // 09: limits of this version
    NOT_EVALUATED_YET = 901 "not-evaluated-yet" Warning;
    INTERNAL = 999 "internal" Error;
}
