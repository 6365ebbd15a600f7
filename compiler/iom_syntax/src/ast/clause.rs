use serde::{Deserialize, Serialize};

use super::{Binder, Body, Expr, Field, KindBinder, Name, NodeId, Text, TypeExpr};

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Clause {
    pub id: NodeId,
    pub doc: Option<Box<str>>,
    /// `alias "X" alias "Y"` before a `for` or a `require`.
    pub aliases: Vec<Text>,
    pub kind: ClauseKind,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ClauseKind {
    /// `for a in .. for b in .. { }` nests: the body of the outer one holds the inner one alone.
    For {
        binder: Binder,
        body: Body,
    },
    Require(Require),
    Allow {
        when: Expr,
        message: Option<Expr>,
    },
    Deny {
        when: Expr,
        message: Option<Expr>,
    },
    Escalate {
        to: Expr,
        when: Option<Expr>,
        message: Option<Expr>,
    },
    Let {
        name: Name,
        value: Expr,
    },
    Derive {
        name: Name,
        ty: TypeExpr,
        value: Expr,
    },
    Transition {
        field: Name,
        steps: Vec<(Name, Name)>,
    },
    Identity(Vec<Name>),
    Adapter(Adapter),
    /// `key .id, .arn`: each a path that starts with [`ExprKind::DotField`](super::ExprKind::DotField).
    Key(Vec<Expr>),
    /// `part v: "type" on ..` and `parts ..`
    Part {
        is_many: bool,
        name: Name,
        source_type: Text,
        on: Expr,
    },
    Judges {
        binder: KindBinder,
        body: Body,
    },
    Build {
        target: Name,
        body: Body,
    },
    Given(Given),
    Expect(Expect),
    /// A clause that could not be read.
    Error,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Require {
    pub label: Option<Name>,
    pub condition: Expr,
    pub at: Option<Expr>,
    pub message: Option<Expr>,
    pub fix: Option<Fix>,
}

/// `fix { .. }`, `fix c { .. }`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Fix {
    /// A binder inside the rule: its fields are set, not the subject's.
    pub of: Option<Name>,
    pub fields: Vec<Field>,
}

/// `from terraform data ["a", "b"] at .. each .. where .. { }`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Adapter {
    pub format: Name,
    pub is_data: bool,
    pub source_types: Vec<Text>,
    pub at: Option<Expr>,
    pub each: Option<Expr>,
    pub filter: Option<Expr>,
    /// Fields, `key`, `part` and `let` clauses.
    pub body: Body,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Given {
    /// `given { .. }`, `given built { .. }`
    Declared { layer: Option<Name>, body: Body },
    /// `given plan "f.json"`
    File { format: Name, file: Text },
    /// `given terraform """..."""`
    Inline { format: Name, text: Text },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Expect {
    /// `expect decision == block`
    Expr(Expr),
    Verdict {
        after_fix: bool,
        policy: Expr,
        verdict: Name,
        on: Option<Expr>,
        because: Option<Text>,
    },
}
