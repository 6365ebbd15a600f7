//! Words of other languages: what iom calls the same thing.

use crate::SyntaxKind::{self, *};

/// The declaration that a word of another language starts there, where there is just one like it.
pub(super) fn declaration(word: &str) -> Option<SyntaxKind> {
    Some(match word {
        "import" | "include" | "using" | "from" | "open" => UseKw,
        "package" | "namespace" => ModuleKw,
        "def" | "defn" | "func" | "fun" | "function" | "lambda" => FnKw,
        "let" | "var" | "val" | "local" | "locals" | "final" | "constant" | "define" => ConstKw,
        "typedef" | "alias" => TypeKw,
        "class" | "struct" | "schema" | "model" | "entity" => KindKw,
        "interface" | "protocol" | "abstract" => TraitKw,
        "template" | "component" | "construct" | "composition" => BlueprintKw,
        "rule" | "rules" | "check" | "constraint" | "assert" | "deny" | "violation" | "forbid" | "warn" => {
            PolicyKw
        }
        "permit" | "permission" | "role" => AuthorityKw,
        "waiver" | "exemption" | "suppress" | "ignore" | "skip" => ExceptionKw,
        _ => return None,
    })
}

/// The clause of a rule that a word of another language starts there.
pub(super) fn clause(word: &str) -> Option<SyntaxKind> {
    Some(match word {
        "assert" | "ensure" | "must" | "should" | "shall" | "check" | "verify" | "validate" | "demand"
        | "enforce" | "expects" => RequireKw,
        "var" | "val" | "local" | "const" => LetKw,
        _ => return None,
    })
}

/// What stands in place of a declaration that iom has none like.
pub(super) fn instead_of_declaration(word: &str) -> Option<&'static str> {
    Some(match word {
        "variable" | "param" | "parameter" | "input" => {
            "a policy or a blueprint has parameters: `policy name(limit: int) { .. }`; what never changes is a `const`"
        }
        "enum" | "union" => "a type lists its values: `type Tier = gold | silver`",
        "output" | "export" => "every declaration can be read from other modules: nothing has to be exported",
        "provider" | "terraform" | "backend" => {
            "what the estate is made of comes from state: `iomc eval --state plan.json`, or `[state]` in iom.toml"
        }
        "if" | "when" | "while" => {
            "conditions stand in policies: `for b: Kind where condition { require .. }`"
        }
        "require" | "for" => "rules stand in a policy: `policy name { for b: Kind { require .. } }`",
        "allow" | "escalate" => "this stands in an authority: `authority name { for change: Change { .. } }`",
        "requirement" | "framework" | "standard" => {
            "controls stand in a catalog: `catalog name { control \"ID\" { .. } }`"
        }
        _ => return None,
    })
}

/// What a declaration of this sort looks like.
pub(super) fn example(kind: SyntaxKind) -> &'static str {
    match kind {
        UseKw => "use org.people.alice",
        ModuleKw => "module payments.prod",
        FnKw => "fn double(x: int): int = x * 2",
        ConstKw => "const limit = 3",
        TypeKw => "type Tier = gold | silver",
        KindKw => "kind Server { port: int }",
        TraitKw => "trait Named { name: string }",
        BlueprintKw => "blueprint Web(name: string) { .. }",
        PolicyKw => "policy name { for b: Kind { require .. } }",
        AuthorityKw => "authority name { for change: Change { .. } }",
        ExceptionKw => "exception name { policy: ..  target: .. }",
        _ => "",
    }
}
