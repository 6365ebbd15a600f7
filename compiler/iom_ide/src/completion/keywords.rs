//! Words that start declarations and clauses, as snippets; the types of the language.

use iom_model::Scalar;
use iom_syntax::SyntaxKind;

use super::CompletionKind;
use super::candidates::{Candidates, rank};
use super::cursor::Inside;

const DECLARATIONS: &[(&str, &str)] = &[
    ("module", "module ${1:name}"),
    ("use", "use ${1:module}"),
    ("resource", "resource ${1:name}: ${2:Kind} {\n  $0\n}"),
    ("kind", "kind ${1:Name} : ${2:Resource} {\n  $0\n}"),
    ("trait", "trait ${1:Name} : ${2:Resource} {\n  $0\n}"),
    ("type", "type ${1:Name} = $0"),
    ("const", "const ${1:name}: ${2:int} = $0"),
    ("fn", "fn ${1:name}(${2:x}: ${3:int}): ${4:int} = $0"),
    (
        "policy",
        "policy ${1:name} {\n  title: \"${2:What is asked for}\"\n  severity: ${3:medium}\n\n  for ${4:x}: ${5:Kind} {\n    require $0\n  }\n}",
    ),
    ("group", "group ${1:name} {\n  policies: [$0]\n}"),
    ("apply", "apply ${1:policy}"),
    (
        "exception",
        "exception ${1:name} {\n  policy: ${2:policy}\n  target: ${3:resource}\n  reason: \"${4:Why}\"\n  approved_by: [${5:who}]\n  opened: ${6:2026-01-01}\n  expires: ${7:2026-04-01}\n}",
    ),
    ("authority", "authority ${1:name} {\n  for ${2:change}: Change {\n    allow when $0\n  }\n}"),
    (
        "breakglass",
        "breakglass ${1:name} {\n  identity: ${2:who}\n  scope: ${3:Resource}\n  opened: \"${4:2026-01-01T00:00Z}\"\n  max: ${5:4h}\n  reason: \"${6:Why}\"\n  review: ${7:who} due ${8:3d}\n}",
    ),
    (
        "evidence",
        "evidence ${1:name} {\n  title: \"${2:What is proven}\"\n  satisfies: [${3:control}]\n  claims: [${4:policy}]\n  population: ${5:Kind}\n  every: ${6:24h}\n  fresh: ${7:48h}\n}",
    ),
    (
        "blueprint",
        "blueprint ${1:Name}(${2:name}: ${3:string}) {\n  version: \"1.0.0\"\n  resource ${4:root}: ${5:Kind} {\n    $0\n  }\n}",
    ),
    ("catalog", "catalog ${1:name} {\n  control \"${2:ID}\" { title: \"${3:Title}\" }\n}"),
    ("data", "data ${1:name}: ${2:list<string>} from json \"${3:file.json}\""),
    ("test", "test \"${1:what is expected}\" {\n  given {\n    $0\n  }\n  expect ${2:policy} ${3:fails}\n}"),
    ("extend", "extend ${1:Kind} with ${2:Trait} {\n  $0\n}"),
    ("bind", "bind ${1:r}: ${2:Resource} {\n  $0\n}"),
    ("amend", "amend ${1:resource} {\n  $0\n}"),
    ("tolerate", "tolerate ${1:field} of ${2:x}: ${3:Kind} {\n  in: ${4:1..3}\n  writer: ${5:who}\n}"),
];

const FOR: (&str, &str) = ("for", "for ${1:x}: ${2:Kind} {\n  require $0\n}");
const REQUIRE: (&str, &str) = ("require", "require ${1:condition}\n  else \"$0\"");
const LET: (&str, &str) = ("let", "let ${1:name} = $0");
const RESOURCE: (&str, &str) = ("resource", "resource ${1:name}: ${2:Kind} {\n  $0\n}");

/// The clauses that the body of a declaration or a clause takes.
fn clauses_of(kind: SyntaxKind) -> &'static [(&'static str, &'static str)] {
    use SyntaxKind as K;
    match kind {
        K::PolicyDeclaration => &[FOR],
        K::ForClause => &[FOR, REQUIRE, LET, ("alias", "alias \"$0\"")],
        K::AuthorityDeclaration => &[("for", "for ${1:change}: Change {\n  $0\n}")],
        K::KindDeclaration => &[
            ("derive", "derive ${1:name}: ${2:bool} = $0"),
            ("identity", "identity ($0)"),
            ("from", "from ${1:terraform} \"${2:type}\" {\n  key .id\n  $0\n}"),
            ("transition", "transition ${1:field}: [${2:from} => ${3:to}]"),
        ],
        K::TraitDeclaration | K::RecordType => &[("derive", "derive ${1:name}: ${2:bool} = $0")],
        K::AdapterClause => &[
            ("key", "key .${1:id}"),
            ("part", "part ${1:name}: \"${2:type}\" on .${3:path}"),
            ("parts", "parts ${1:name}: \"${2:type}\" on .${3:path}"),
            LET,
        ],
        K::BlueprintDeclaration => &[
            RESOURCE,
            REQUIRE,
            LET,
            ("judges", "judges ${1:x}: ${2:Kind} {\n  require $0\n}"),
            ("build", "build ${1:terraform} {\n  $0\n}"),
        ],
        K::JudgesClause => &[REQUIRE, LET, FOR],
        K::BuildClause | K::GivenClause => &[RESOURCE],
        K::TestDeclaration => {
            &[("given", "given {\n  $0\n}"), ("expect", "expect ${1:policy} ${2:fails} on ${3:resource}")]
        }
        K::CatalogDeclaration => &[("control", "control \"${1:ID}\" { title: \"$0\" }")],
        K::ResourceDeclaration | K::AmendDeclaration | K::WithExpr => {
            &[("override", "override ${1:field}: ${2:value} because \"${3:why}\"")]
        }
        _ => &[],
    }
}

impl Candidates<'_> {
    pub fn declarations(&mut self) {
        self.words(DECLARATIONS, rank::EXPECTED);
    }

    /// Words of clauses, by what the body around the word belongs to.
    pub fn clauses(&mut self, inside: &Inside<'_>) {
        let mut around = inside.around.iter().map(|node| node.kind());
        let body = around
            .find(|kind| matches!(kind, SyntaxKind::Body | SyntaxKind::RecordType | SyntaxKind::RecordExpr));
        let owner = match body {
            Some(SyntaxKind::RecordType) => body,
            Some(_) => around.next(),
            None => None,
        };
        self.words(owner.map_or(&[][..], clauses_of), rank::NEAR);
    }

    /// Where the check met nothing it knows.
    pub fn syntactic(&mut self, inside: &Inside<'_>) {
        if inside.around.iter().any(|node| node.kind() == SyntaxKind::PathType) {
            self.types();
        } else if !inside.starts_member {
            self.clauses(inside);
        }
    }

    fn words(&mut self, words: &[(&str, &str)], rank: u8) {
        for (word, insert) in words {
            self.add(word, CompletionKind::Keyword, rank, "").insert = (*insert).to_owned();
        }
    }

    pub fn types(&mut self) {
        for scalar in Scalar::NAMED.iter().map(|scalar| scalar.name()).chain(["json"]) {
            let one = self.add(scalar, CompletionKind::Type, rank::COMMON, "");
            one.about = format!("word {scalar}");
        }
        for (word, insert) in [
            ("list", "list<${1:T}>"),
            ("set", "set<${1:T}>"),
            ("map", "map<${1:string}, ${2:T}>"),
            ("ref", "ref ${1:Kind}"),
            ("link", "link ${1:Kind}"),
            ("secret", "secret ${1:string}"),
        ] {
            self.add(word, CompletionKind::Keyword, rank::COMMON, "").insert = insert.to_owned();
        }
    }
}
