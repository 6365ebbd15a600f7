//! Every kind of token and node, shared by the lexer, the grammar and the tree.

use logos::Logos;

macro_rules! kinds {
    (
        tokens { $($(#[$token_attribute:meta])* $token:ident,)* }
        keywords { $($keyword:ident = $word:literal,)* }
        nodes { $($(#[$node_attribute:meta])* $node:ident,)* }
    ) => {
        /// The kind of a token or of a node. Tokens come first, then the words of the language, then the nodes.
        #[derive(Logos, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        pub enum SyntaxKind {
            $($(#[$token_attribute])* $token,)*
            $(#[doc = concat!("`", $word, "`")] #[token($word)] $keyword,)*
            $($(#[$node_attribute])* $node,)*
        }

        impl SyntaxKind {
            /// All kinds, in order of their numbers.
            pub const ALL: &'static [SyntaxKind] = &[
                $(SyntaxKind::$token,)* $(SyntaxKind::$keyword,)* $(SyntaxKind::$node,)*
            ];

            /// The spelling of a word of the language, nothing for every other kind.
            pub fn word(self) -> Option<&'static str> {
                match self {
                    $(SyntaxKind::$keyword => Some($word),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    tokens {
        #[regex(r"[ \t\r\n\x0C\u{FEFF}]+")]
        Whitespace,
        #[regex(r"//[^\n]*", allow_greedy = true)]
        #[regex(r"////[^\n]*", allow_greedy = true, priority = 20)]
        Comment,
        /// `/// ..`: documents the declaration, field or clause after it.
        #[regex(r"///[^\n]*", allow_greedy = true, priority = 10)]
        DocComment,
        /// `//! ..`: documents the file.
        #[regex(r"//![^\n]*", allow_greedy = true, priority = 10)]
        FileComment,

        #[regex(r"[A-Za-z_][A-Za-z0-9_]*", priority = 2)]
        Name,
        #[regex(r"[0-9][0-9_]*", priority = 20)]
        #[regex(r"[0-9]+\.[0-9]+", priority = 20)]
        Number,
        #[regex(r"([0-9]+(ms|s|min|h|d|w|mo|y))+", priority = 20)]
        Duration,
        #[regex(r"[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)", priority = 20)]
        Size,
        #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9](T[0-9][0-9]:[0-9][0-9](:[0-9][0-9])?(Z|[+-][0-9][0-9]:[0-9][0-9]))?", priority = 20)]
        Date,
        #[regex(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(/[0-9]+)?", priority = 20)]
        Ipv4,
        /// Something like a number or an address that is no literal of the language: `24hours`, `::/0`, `50%`.
        #[regex(r"[0-9][0-9A-Za-z_]*(\.[0-9][0-9A-Za-z_]*)*", priority = 3)]
        #[regex(r"[0-9]+(\.[0-9]+)?%", priority = 3)]
        #[regex(r"[0-9][0-9]?:[0-9][0-9](:[0-9][0-9])?", priority = 3)]
        #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][0-9A-Za-z_][0-9A-Za-z_:.]*", priority = 3)]
        #[regex(r"([0-9a-fA-F]+:)*[0-9a-fA-F]*::[0-9a-fA-F:.]*(/[0-9]+)?", priority = 3)]
        BadLiteral,
        /// A string without interpolation. The lexer rule is its opening quote alone; the rest is scanned by hand.
        #[token("\"")]
        String,
        /// `"""..."""`
        LongString,
        /// `r".."` or `r#".."#`
        #[regex("r#?\"")]
        RawString,
        /// The opening quote of a string that interpolates.
        StringStart,
        StringText,
        InterpolationOpen,
        InterpolationClose,
        StringEnd,

        #[token("{")]
        LBrace,
        #[token("}")]
        RBrace,
        #[token("(")]
        LParen,
        #[token(")")]
        RParen,
        #[token("[")]
        LBracket,
        #[token("]")]
        RBracket,
        #[token(",")]
        Comma,
        #[token(":")]
        Colon,
        #[token(".")]
        Dot,
        #[token("..")]
        DotDot,
        #[token("?")]
        Question,
        #[token("?.")]
        QuestionDot,
        #[token("??")]
        QuestionQuestion,
        #[token("=")]
        Eq,
        #[token("==")]
        EqEq,
        #[token("!=")]
        BangEq,
        #[token("<")]
        Lt,
        #[token("<=")]
        LtEq,
        #[token(">")]
        Gt,
        /// Lexed as `>` and `=`, because `list<int>= {}` needs them apart; the grammar joins them where they compare.
        GtEq,
        #[token("=>")]
        FatArrow,
        #[token("|")]
        Pipe,
        #[token("+")]
        Plus,
        #[token("++")]
        PlusPlus,
        #[token("-")]
        Minus,
        #[token("*")]
        Star,
        #[token("/")]
        Slash,
        #[token("^")]
        Caret,
        /// `$account`
        #[regex(r"\$[A-Za-z_][A-Za-z0-9_]*")]
        Context,
        /// An operator of other languages. The lexer makes the one that was meant of it.
        #[token("&&")]
        #[token("||")]
        #[token("!")]
        #[token("===")]
        #[token("!==")]
        #[token("<>")]
        #[token("=~")]
        #[token("!~")]
        #[token(":=")]
        #[token("->")]
        ForeignSign,
        /// Text that is nothing of the language.
        ErrorToken,
    }
    keywords {
        ModuleKw = "module", UseKw = "use", ApplyKw = "apply", TypeKw = "type", ConstKw = "const", FnKw = "fn",
        ResourceKw = "resource", KindKw = "kind", TraitKw = "trait", BlueprintKw = "blueprint", ShapeKw = "shape",
        ExtendKw = "extend", BindKw = "bind", PolicyKw = "policy", AuthorityKw = "authority",
        ExceptionKw = "exception", BreakglassKw = "breakglass", EvidenceKw = "evidence", GroupKw = "group",
        CatalogKw = "catalog", ControlKw = "control", DataKw = "data", TestKw = "test", AmendKw = "amend",
        TolerateKw = "tolerate",

        ForKw = "for", RequireKw = "require", AliasKw = "alias", AllowKw = "allow", DenyKw = "deny",
        EscalateKw = "escalate", LetKw = "let", DeriveKw = "derive", TransitionKw = "transition",
        IdentityKw = "identity", FromKw = "from", KeyKw = "key", PartKw = "part", PartsKw = "parts",
        JudgesKw = "judges", BuildKw = "build", GivenKw = "given", ExpectKw = "expect",

        OverrideKw = "override", UntilKw = "until", BecauseKw = "because", EveryKw = "every", DueKw = "due",
        ThenKw = "then", ElseKw = "else", WhenKw = "when", AtKw = "at", FixKw = "fix", OnKw = "on", OfKw = "of",
        ToKw = "to", ByKw = "by", EachKw = "each", AfterKw = "after", WhereKw = "where", WithKw = "with", AsKw = "as",
        PassesKw = "passes", FailsKw = "fails", UnknownKw = "unknown", ExceptedKw = "excepted",
        NotApplicableKw = "not_applicable",

        OrKw = "or", AndKw = "and", NotKw = "not", InKw = "in", IsKw = "is", ContainsKw = "contains",
        OverlapsKw = "overlaps", CoversKw = "covers", WithinKw = "within", ConformsKw = "conforms",
        MatchesKw = "matches", MatchingKw = "matching", LikeKw = "like", DefaultKw = "default", NamedKw = "named",
        RefKw = "ref", RefsKw = "refs", IfKw = "if", MatchKw = "match", AllKw = "all", AnyKw = "any",
        NoneKw = "none", TrueKw = "true", FalseKw = "false",

        LinkKw = "link", SecretKw = "secret", ListKw = "list", SetKw = "set", MapKw = "map", SizeKw = "size",
        NocaseKw = "nocase",
    }
    nodes {
        /// The root.
        File,
        /// Tokens that could not be used.
        Error,
        /// `a.b."c"`
        Path,

        ModuleDeclaration,
        UseDeclaration,
        ApplyDeclaration,
        TypeDeclaration,
        ConstDeclaration,
        FunctionDeclaration,
        ResourceDeclaration,
        KindDeclaration,
        TraitDeclaration,
        BlueprintDeclaration,
        ShapeDeclaration,
        ExtendDeclaration,
        BindDeclaration,
        PolicyDeclaration,
        AuthorityDeclaration,
        ExceptionDeclaration,
        BreakglassDeclaration,
        EvidenceDeclaration,
        GroupDeclaration,
        CatalogDeclaration,
        ControlDeclaration,
        DataDeclaration,
        TestDeclaration,
        AmendDeclaration,
        TolerateDeclaration,

        /// `{a, b}` of a `use`
        UseNames,
        /// `: a, b` of a kind
        Traits,
        Parameters,
        Parameter,
        /// `from json "file" at ".path" { .. }`
        Source,
        InBinder,
        KindBinder,
        /// `by ..` of a binder
        ByPart,
        /// `where ..` of a binder
        WherePart,

        Body,
        Field,
        /// `a.b` before the `:` of a field
        FieldPath,
        FieldValue,
        /// `escalate to x` as a value
        EscalateValue,
        /// `until ..`, `because ..` and so on
        Tail,
        TypeField,

        ForClause,
        RequireClause,
        AllowClause,
        DenyClause,
        EscalateClause,
        LetClause,
        DeriveClause,
        TransitionClause,
        TransitionStep,
        IdentityClause,
        AdapterClause,
        KeyClause,
        PartClause,
        JudgesClause,
        BuildClause,
        GivenClause,
        ExpectClause,
        /// `alias "X"`, inside the clause it names
        Alias,
        /// `at ..`, `else ..`, `when ..`, `each ..`, `on ..` of a clause
        ClausePart,
        /// `fix { .. }`
        FixPart,

        Literal,
        /// A string that interpolates.
        StringExpr,
        Interpolation,
        NameExpr,
        DotField,
        Outer,
        ContextExpr,
        ParenExpr,
        RecordExpr,
        SetExpr,
        ListExpr,
        ListComprehension,
        MapComprehension,
        QuantifierExpr,
        IfExpr,
        LetExpr,
        MatchExpr,
        PrefixExpr,
        BinaryExpr,
        IsExpr,
        FieldExpr,
        IndexExpr,
        CallExpr,
        WithExpr,
        AsExpr,
        /// An operand that could not be read.
        ErrorExpr,

        Operator,
        Arguments,
        Argument,
        Arm,
        Pattern,

        PathType,
        TextType,
        GenericType,
        OptionalType,
        PrefixedType,
        RecordType,
        UnionType,
        OrderedType,
        RefinedType,
        ParenType,

        OrderedAlternative,
        Refinement,
    }
}

impl SyntaxKind {
    /// Blanks, newlines and comments.
    pub fn is_trivia(self) -> bool {
        self <= SyntaxKind::FileComment
    }

    /// Everything before the nodes.
    pub fn is_token(self) -> bool {
        self < SyntaxKind::File
    }

    /// A word of the language. In the tree a word that is used as a name has the kind [`SyntaxKind::Name`].
    pub fn is_keyword(self) -> bool {
        SyntaxKind::ModuleKw <= self && self <= SyntaxKind::NocaseKw
    }

    /// A name, or a word that may stand for one.
    pub(crate) fn is_name(self) -> bool {
        self == SyntaxKind::Name || self.is_keyword()
    }

    /// A word that starts a declaration.
    pub fn is_declaration_keyword(self) -> bool {
        SyntaxKind::ModuleKw <= self && self <= SyntaxKind::TolerateKw
    }

    /// A word that starts a clause.
    pub fn is_clause_keyword(self) -> bool {
        SyntaxKind::ForKw <= self && self <= SyntaxKind::ExpectKw
    }

    /// A declaration node.
    pub fn is_declaration(self) -> bool {
        SyntaxKind::ModuleDeclaration <= self && self <= SyntaxKind::TolerateDeclaration
    }

    /// A clause node.
    pub fn is_clause(self) -> bool {
        SyntaxKind::ForClause <= self && self <= SyntaxKind::ExpectClause
    }

    /// An expression node.
    pub fn is_expression(self) -> bool {
        SyntaxKind::Literal <= self && self <= SyntaxKind::ErrorExpr && self != SyntaxKind::Interpolation
    }

    /// A type node.
    pub fn is_type(self) -> bool {
        SyntaxKind::PathType <= self && self <= SyntaxKind::ParenType
    }

    /// A node that a doc comment right before it belongs to.
    pub(crate) fn takes_docs(self) -> bool {
        self.is_declaration() || self.is_clause() || matches!(self, SyntaxKind::Field | SyntaxKind::TypeField)
    }

    /// Reserved as a value and as the name of a binder, a parameter, a `let` or a `part`.
    pub(crate) fn is_reserved(self) -> bool {
        use SyntaxKind::*;
        matches!(
            self,
            OrKw | AndKw
                | NotKw
                | InKw
                | IsKw
                | IfKw
                | ThenKw
                | ElseKw
                | MatchKw
                | LetKw
                | ForKw
                | WhereKw
                | TrueKw
                | FalseKw
                | RefKw
                | RefsKw
        )
    }

    /// A word that may go on with an expression; a dotted field path does not start with one.
    pub(crate) fn is_operator_word(self) -> bool {
        use SyntaxKind::*;
        self.is_reserved()
            || (ContainsKw <= self && self <= NamedKw)
            || matches!(self, AsKw | WithKw | UntilKw | BecauseKw | EveryKw | DueKw | ByKw)
    }

    /// Whatever stands before it, this token goes on with no expression. There may be others.
    pub(crate) fn ends_expression(self) -> bool {
        use SyntaxKind::*;
        let is_end = matches!(self, Comma | RBrace | RBracket | RParen | InterpolationClose | ErrorToken);
        is_end || matches!(self, Name | String) || self.is_declaration_keyword()
    }

    /// `{`, `(`, `[` and the starts of strings and interpolations.
    pub(crate) fn closing(self) -> Option<SyntaxKind> {
        Some(match self {
            SyntaxKind::LBrace => SyntaxKind::RBrace,
            SyntaxKind::LParen => SyntaxKind::RParen,
            SyntaxKind::LBracket => SyntaxKind::RBracket,
            SyntaxKind::StringStart => SyntaxKind::StringEnd,
            SyntaxKind::InterpolationOpen => SyntaxKind::InterpolationClose,
            _ => return None,
        })
    }

    /// The other half of [`SyntaxKind::closing`].
    pub(crate) fn is_closing(self) -> bool {
        use SyntaxKind::*;
        matches!(self, RBrace | RParen | RBracket | StringEnd | InterpolationClose)
    }
}

/// The language of the tree, for rowan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Iom {}

impl rowan::Language for Iom {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        SyntaxKind::ALL.get(usize::from(raw.0)).copied().unwrap_or(SyntaxKind::Error)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        kind.into()
    }
}

impl From<SyntaxKind> for rowan::SyntaxKind {
    fn from(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

pub type SyntaxNode = rowan::SyntaxNode<Iom>;
pub type SyntaxToken = rowan::SyntaxToken<Iom>;
pub type SyntaxElement = rowan::SyntaxElement<Iom>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_kinds_agree() {
        for (number, kind) in SyntaxKind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, number);
        }
    }

    #[test]
    fn words_are_the_tokens_between_the_first_and_the_last_keyword() {
        for kind in SyntaxKind::ALL {
            assert_eq!(kind.is_keyword(), kind.word().is_some(), "{kind:?}");
        }
    }
}
