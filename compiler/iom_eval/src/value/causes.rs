use iom_state::tape::UnknownCause;

/// Why a value is not known: a set of causes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Causes(u16);

const ALL: [UnknownCause; 8] = [
    UnknownCause::KnownAfterApply,
    UnknownCause::NotReported,
    UnknownCause::Stale,
    UnknownCause::Sensitive,
    UnknownCause::Invalid,
    UnknownCause::Unmodelled,
    UnknownCause::Partial,
    UnknownCause::Conflict,
];

/// The value surely exists although it is not known. No cause: it is lost when causes spread.
const PRESENT: u16 = 1 << 15;

/// What is sensitive about it is a secret that stood in plain text. No cause either; it goes with the causes where they spread.
const PLAIN: u16 = 1 << 14;

impl Causes {
    pub const NOT_REPORTED: Causes = Causes::of(UnknownCause::NotReported);
    pub const SENSITIVE: Causes = Causes::of(UnknownCause::Sensitive);
    /// A secret that stood in its source in plain text.
    pub const PLAIN_SECRET: Causes = Causes(Causes::SENSITIVE.0 | PRESENT | PLAIN);
    pub const STALE: Causes = Causes::of(UnknownCause::Stale);
    pub const INVALID: Causes = Causes::of(UnknownCause::Invalid);
    pub const UNMODELLED: Causes = Causes::of(UnknownCause::Unmodelled);
    pub const PARTIAL: Causes = Causes::of(UnknownCause::Partial);
    pub const CONFLICT: Causes = Causes::of(UnknownCause::Conflict);

    pub const fn of(cause: UnknownCause) -> Causes {
        Causes(1 << cause as u16)
    }

    /// Both sets; what is known about presence is forgotten, because the union belongs to another value.
    #[inline]
    pub fn union(self, other: Causes) -> Causes {
        Causes((self.0 | other.0) & !PRESENT)
    }

    /// The causes alone, as they spread to a value computed from this one.
    #[inline]
    pub fn spread(self) -> Causes {
        Causes(self.0 & !PRESENT)
    }

    pub fn has(self, cause: UnknownCause) -> bool {
        self.0 & Causes::of(cause).0 != 0
    }

    /// Whether a secret in plain text is among what is not known.
    pub fn is_plain_secret(self) -> bool {
        self.0 & PLAIN != 0
    }

    /// The same causes for a value that surely exists.
    pub fn present(self) -> Causes {
        Causes(self.0 | PRESENT)
    }

    /// Whether the value surely exists: a source gives it by a reference, keeps it secret or has it malformed.
    pub fn is_surely_present(self) -> bool {
        self.0 & PRESENT != 0
    }

    /// In a fixed order.
    pub fn iter(self) -> impl Iterator<Item = UnknownCause> {
        ALL.into_iter().filter(move |cause| self.has(*cause))
    }

    /// Names as reports write them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(name)
    }
}

/// A cause as reports write it.
fn name(cause: UnknownCause) -> &'static str {
    match cause {
        UnknownCause::KnownAfterApply => "known_after_apply",
        UnknownCause::NotReported => "not_reported",
        UnknownCause::Stale => "stale",
        UnknownCause::Sensitive => "sensitive",
        UnknownCause::Invalid => "invalid",
        UnknownCause::Unmodelled => "unmodelled",
        UnknownCause::Partial => "partial",
        UnknownCause::Conflict => "conflict",
    }
}

impl std::fmt::Debug for Causes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
