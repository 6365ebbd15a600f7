//! What people read when they are wrong. One small mistake each; the snapshot shows every word.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod applications;
mod blueprints;
mod cascades;
mod habits;
mod kinds;
mod misspellings;

use std::fmt::Write as _;

use iom_diagnostics::render::SourceTexts;
use iom_semantic::Host;

/// A name for the case, and the source with its mistake.
const CASES: &[(&str, &str)] = &[
    ("misspelt field of a resource", "resource t: org.Team { titel: \"x\" }"),
    ("misspelt enum value", "resource e: org.Environment { tier: prodction }"),
    ("wrong type", "kind K { n: int }\nresource k: K { n: \"three\" }"),
    ("out of range", "kind K { n: int in 1..65535 }\nresource k: K { n: 70000 }"),
    ("does not match", "kind K { n: string matching r\"^[a-z]+$\" }\nresource k: K { n: \"A1\" }"),
    ("missing field", "kind K { a: int  b: int }\nresource k: K { a: 1 }"),
    (
        "unknown reference",
        "kind K { next: ref K? }\nresource first: K { }\nresource second: K { next: frist }",
    ),
    (
        "reference of another kind",
        "kind A { }\nkind B { a: ref A? }\nresource b: B { a: c }\nresource c: B { }",
    ),
    ("field set twice", "kind K { a: int }\nresource k: K { a: 1  a: 2 }"),
    ("declared twice", "const a: int = 1\nconst a: int = 2"),
    ("cycle of functions", "fn f(x: int): int = g(x)\nfn g(x: int): int = f(x)"),
    ("cycle of constants", "const a: int = b\nconst b: int = a"),
    (
        "type that looks into its own kind",
        "kind K { name: string  other: { r: ref K } where (.r.name == \"x\") }\nresource k: K { name: \"x\"  other: { r: k } }",
    ),
    ("default that calls its own function", "fn f(n: int = f()): int = n"),
    ("parameter that calls its own function", "fn f(n: int where (f(1) > 1)): int = n"),
    ("unknown kind in a policy", "policy p { for b: aws.Bukcet { require b is present } }"),
    ("misspelt type of a provider", "policy p { for q: tf.aws_sqs_queu { require q.url is present } }"),
    (
        "misspelt attribute of a provider's type",
        "policy p { for q: tf.aws_sqs_queue { require q.kms_master_key is present } }",
    ),
    (
        "misspelt block of a provider's type",
        "policy p { for b: tf.aws_s3_bucket for r in b.versionin { require r.enabled == true } }",
    ),
    ("type of a provider without a schema", "policy p { for d: tf.example_disk { require true } }"),
    ("type of a provider without its module", "policy p { for f: aws_iam_user { require true } }"),
    (
        "secret attribute of a provider's type",
        "policy p { for d: tf.aws_db_instance { require d.password == \"x\" } }",
    ),
    ("misspelt field in a policy", "policy p { for b: aws.Bucket { require b.versionin } }"),
    ("misspelt nested field", "policy p { for b: aws.Bucket { require b.block.polcy } }"),
    (
        "field of an optional value",
        "policy p { for b: aws.Bucket { require b.encryption.algorithm == aes256 } }",
    ),
    (
        "handled by a test",
        "policy p { for b: aws.Bucket { require b.encryption is present and b.encryption.algorithm == aes256 } }",
    ),
    (
        "handled by an earlier clause",
        "policy p { for b: aws.Bucket { require b.encryption is present require b.encryption.algorithm == aes256 } }",
    ),
    ("optional value in arithmetic", "kind K { n: int? }\npolicy p { for k: K { require k.n + 1 < 3 } }"),
    ("not equal on optional", "kind K { s: string? }\npolicy p { for k: K { require k.s != \"bad\" } }"),
    ("comparing different types", "kind K { s: string }\npolicy p { for k: K { require k.s == 3 } }"),
    ("condition that is no bool", "kind K { s: string }\npolicy p { for k: K { require k.s } }"),
    (
        "contains for addresses",
        "kind K { s: set<cidr> }\npolicy p { for k: K { require k.s contains 10.0.0.0/8 } }",
    ),
    ("bad address", "const c: cidr = \"10.0.0.0/33\""),
    ("bad date", "const d: date = 2027-02-30"),
    ("unordered enum", "kind K { c: red | green }\npolicy p { for k: K { require k.c < red } }"),
    ("no subject", "policy p { title: \"x\" }"),
    ("subject that is no kind", "policy p { for x in [1, 2] { require x > 1 } }"),
    ("misspelt setting", "policy p { titel: \"x\"  for b: aws.Bucket { require b.versioning } }"),
    ("unknown mode", "policy p { mode: enfroce  for b: aws.Bucket { require b.versioning } }"),
    (
        "unknown control",
        "catalog c { control \"A1\" { title: \"x\" } }\npolicy p { covers: [c.\"A2\"]  for b: aws.Bucket { require b.versioning } }",
    ),
    (
        "exception that lasts too long",
        "resource w: org.Person { }\npolicy p { max_exception: 30d  for b: aws.Bucket { require b.versioning } }\nexception e { policy: p  target: aws.Bucket  reason: \"r\"  approved_by: [w]  opened: 2026-01-01  expires: 2026-06-01 }",
    ),
    (
        "exception for an unknown clause",
        "resource w: org.Person { }\npolicy p { for b: aws.Bucket { require kept: b.versioning } }\nexception e { policy: p.kpt  target: aws.Bucket  reason: \"r\"  approved_by: [w]  opened: 2026-01-01  expires: 2026-02-01 }",
    ),
    (
        "match without an arm",
        "kind K { c: red | green }\npolicy p { for k: K { require match k.c { red => true } } }",
    ),
    ("unknown function", "const a: int = sise([1])"),
    ("wrong argument count", "const a: int = size([1], [2])"),
    ("missing use", "module m\nconst a: cidr = 10.0.0.0/8\nresource b: Bucket { }"),
    ("unknown module", "use org.peple.alice"),
    ("unknown path in an adapter field", "kind K { a: string?  from terraform \"x\" { aa: .a } }"),
    (
        "misspelt attribute in an adapter",
        "kind K { a: string?  from terraform \"aws_s3_bucket\" { a: .buket } }",
    ),
    (
        "block read as if it were one",
        "kind K { a: bool?  from terraform \"aws_s3_bucket\" { a: .versioning.enabled } }",
    ),
    (
        "single block with a position",
        "kind K { a: string?  from terraform \"aws_s3_bucket\" { a: .timeouts[0].create } }",
    ),
    ("text read into", "kind K { a: string?  from terraform \"aws_s3_bucket\" { a: .policy.Statement } }"),
    (
        "misspelt attribute of an element, of a part, around",
        "kind K {\n  a: list<string> = []\n  b: { status: string?  mfa: string? }?\n  from terraform \"aws_s3_bucket\" {\n    part v: \"aws_s3_bucket_versioning\" on .buckt\n    let rules = .cors_rule ?? []\n    a: [for r in rules: r.allowed_orgins[0]]\n    b: v.versioning_configuration[0] as { status: .status  mfa: ^.buket }\n  }\n}",
    ),
    ("data source read as a resource", "kind K { a: string?  from terraform \"aws_ami_ids\" { a: .id } }"),
    (
        "misspelt type of a part, and of a provider",
        "kind K {\n  a: string?\n  from terraform \"aws_s3_bucket\" {\n    part v: \"aws_s3_bucket_versionin\" on .bucket\n    a: v.anything\n  }\n  from terraform \"ws_instance\" { a: .id }\n}",
    ),
    (
        "what only newer versions of a provider have",
        "kind K { a: string?  from terraform \"aws_s3_bucket\" { a: .\"namespace\" }  from terraform \"aws_next_years_thing\" { a: .any } }",
    ),
    (
        "secret in a text",
        "kind K { token: secret string? }\npolicy p { for k: K { require k.token is present else \"{k.token}\" } }",
    ),
    (
        "secret compared",
        "kind K { token: secret string? }\npolicy p { for k: K { require k.token == \"x\" } }",
    ),
    ("trait not met", "trait T { n: int }\nkind K : T { n: string }"),
    (
        "evidence of nothing",
        "catalog c { control \"A\" { title: \"x\" } }\nevidence e { satisfies: [c.\"A\"]  claims: [nope]  population: aws.Bucket }",
    ),
    ("bad regular expression", "policy p { for b: aws.Bucket { require (b.name ?? \"\") matching r\"(\" } }"),
    (
        "not evaluated yet",
        "authority a(t: ref org.Team) { for c: Change { escalate to t when c.action == delete } }",
    ),
    ("nothing at hand", "const a: int = .x"),
    ("authority over resources", "authority x { for b: aws.Bucket { deny when b.public } }"),
    ("authority that decides nothing", "authority x { title: \"x\" }"),
    ("a policy's clause in an authority", "authority x { for c: Change { require c.action == read } }"),
    ("misspelt action", "authority x { for c: Change { deny when c.action == delte } }"),
    ("misspelt field of a change", "authority x { for c: Change { deny when c.acter is org.Agent } }"),
    (
        "a message for what is allowed",
        "authority x { for c: Change { allow when c.action == read else \"no\" } }",
    ),
    (
        "escalation to a pipeline",
        "resource a: org.Person { }\nresource b: org.Person { }\nresource t: org.Team { }\nresource p: org.Pipeline { }\nauthority x { for c: Change { escalate to p when c.action == delete } }",
    ),
    ("authority by its own answer", "authority x { for c: Change { deny when c.decision == block } }"),
    ("the answer is not given", "test \"x\" { given { resource c: Change { decision: block } } }"),
    (
        "break-glass without an end",
        "resource a: org.Person { }\nbreakglass w { identity: a  scope: Resource }",
    ),
    (
        "break-glass that lasts too long",
        "resource a: org.Person { }\nresource b: org.Person { }\nresource t: org.Team { }\nresource p: org.Pipeline { }\nbreakglass w { identity: a  scope: Resource  opened: 2026-11-21  max: 7d  reason: \"INC\"  review: b due 3d }",
    ),
    (
        "break-glass for a team",
        "resource a: org.Person { }\nresource b: org.Person { }\nresource t: org.Team { }\nresource p: org.Pipeline { }\nbreakglass w { identity: t  scope: Resource  opened: 2026-11-21  max: 4h  reason: \"INC\"  review: b due 3d }",
    ),
    (
        "break-glass reviewed by oneself",
        "resource a: org.Person { }\nresource b: org.Person { }\nresource t: org.Team { }\nresource p: org.Pipeline { }\nbreakglass w { identity: a  scope: Resource  opened: 2026-11-21  max: 4h  reason: \"INC\"  review: a due 3d }",
    ),
    (
        "break-glass without a date for the review",
        "resource a: org.Person { }\nresource b: org.Person { }\nresource t: org.Team { }\nresource p: org.Pipeline { }\nbreakglass w { identity: a  scope: Resource  opened: 2026-11-21  max: 4h  reason: \"INC\"  review: b }",
    ),
    (
        "a window is active or locked",
        "resource a: org.Person { }\nresource b: org.Person { }\nresource t: org.Team { }\nresource p: org.Pipeline { }\nbreakglass w { identity: a  scope: Resource  opened: 2026-11-21  max: 4h  reason: \"INC\"  review: b due 3d }\ntest \"x\" { expect w is actve }",
    ),
    (
        "given of an unknown kind",
        "test \"x\" { given { resource q: aws.Bukcet { }  resource c: Change { actor: a  action: read  resource: q }  resource a: org.Person { } } expect q.name == \"x\" }",
    ),
    ("given in an unknown format", "test \"x\" { given teraform \"\"\" \"\"\" }"),
    (
        "a field of another branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\nresource a: A { source: { kind: \"s3\"  bucket: \"b\"  location: \"eu\" } }",
    ),
    (
        "a wrong type in a branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\nresource a: A { source: { kind: \"s3\"  bucket: \"b\"  versioning: \"yes\" } }",
    ),
    (
        "two mistakes in a branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\nresource a: A { source: { kind: \"gcs\"  bukket: \"b\"  location: 3 } }",
    ),
    (
        "an unknown branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\nresource a: A { source: { kind: \"s4\"  bucket: \"b\" } }",
    ),
    (
        "no branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\nresource a: A { source: { bucket: \"b\" } }",
    ),
    (
        "a field of some branches",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\npolicy p { for a: A { require a.source.location == \"eu\" } }",
    ),
    (
        "a field of a tested branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\npolicy p { for a: A { require a.source.kind == \"gcs\" and a.source.location == \"eu\" } for a: A where a.source.kind != \"s3\" { require a.source.location == \"eu\" } for a: A { require match a.source.kind { \"s3\" => a.source.versioning  _ => a.source.location == \"eu\" } require if a.source.kind in [\"s3\"] then a.source.versioning else a.source.location == \"eu\" require a.source.bucket == \"b\" } }",
    ),
    (
        "a misspelt branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\npolicy p { for a: A { require a.source.kind == \"s2\" } }",
    ),
    (
        "match without a branch",
        "type Source = { kind: \"s3\"  bucket: string  versioning: bool = false } | { kind: \"gcs\"  location: string  bucket: string }\nkind A { source: Source }\npolicy p { for a: A { require match a.source.kind { \"s3\" => true } } }",
    ),
    (
        "union without a tag",
        "type S = { a: int } | { b: int }\nkind K { x: (int | string)?  y: list<{ a: int } | { a: string }> }",
    ),
    (
        "with on a record",
        "kind A { r: { a: int  b: int  c: { d: int? }? } }\nconst r: { a: int  b: int  c: { d: int? }? } = { a: 1  b: 2 }\nresource a: A { r: r with { a: 3 } }\nresource b: A { r: r with { e: 3 } }\nresource d: A { r: r with { c.d: 3 } }\nresource e: A { r: r with { override a: 3 because \"x\" } }\nresource f: A { r: a with { } }",
    ),
    (
        "copy of a resource",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x for n in 1..3: B = orders with { name: \"x{n}\"  override versioning: false because \"scratch\" until 2027-01-01  limits.memory: 2  tags.\"cost-center\": \"4711\" }",
    ),
    (
        "copy that sets again what its base sets",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = orders with { name: \"x\"  versioning: false  limits: { cpu: 2 } }",
    ),
    (
        "override of nothing",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = orders with { name: \"x\"  override hosts: [\"a\"] because \"why not\" }",
    ),
    (
        "override without a reason",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = orders with { name: \"x\"  override versioning: false }",
    ),
    (
        "override in a plain resource",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x: B { name: \"x\"  override versioning: false because \"no\" }",
    ),
    (
        "copy with the identity of its base",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = orders with { limits.memory: 2 }",
    ),
    (
        "copies with one identity",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x for n in 1..3 = orders with { name: \"x\" }",
    ),
    (
        "copy of many",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x for n in 1..3 = orders with { name: \"x{n}\" }\nresource y = x with { name: \"y\" }",
    ),
    (
        "copy of another kind",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nkind C { }\nresource x: C = orders with { }",
    ),
    (
        "copy of no resource",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = B with { name: \"x\" }",
    ),
    (
        "copy of a misspelt resource",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = ordres with { name: \"x\" }",
    ),
    (
        "misspelt field in a copy",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = orders with { name: \"x\"  limits.memry: 2 }",
    ),
    (
        "a copy of a broken copy is no second error",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x = ordres with { name: \"x\" }\nresource y = x with { name: \"y\" }",
    ),
    (
        "ring of copies",
        "kind B { n: int? }\nresource a = b with { n: 1 }\nresource b = c\nresource c = a with { n: 2 }\nresource d = a with { n: 3 }",
    ),
    (
        "amendments that agree",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\namend orders { limits.memory: 2  tags: { zone: \"a\" }  versioning: true  hosts: [for x in [\"a\"]: x] }\namend orders { hosts: [for x in [\"a\"]: x] }\nresource all for n in [1]: B { name: \"{n}\"  hosts: [for x in [\"a\"]: x] }\namend all { hosts: [for x in [\"a\"]: x] }\namend orders { override versioning: false because \"test\" }",
    ),
    (
        "amendments that disagree",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\namend orders { versioning: false  tags.team: \"x\"  limits.memory: 2 }\namend orders { limits.memory: 4  hosts: [\"a\"] }\namend orders { hosts: [\"b\"] }",
    ),
    (
        "amendments that override differently",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\namend orders { override versioning: false because \"a\" }\namend orders { override versioning: true because \"b\" }",
    ),
    (
        "set as a whole and in parts",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nconst usual: map<string, string> = { a: \"b\" }\nresource p: B { name: \"p\"  tags: usual }\namend p { tags.team: \"x\" }",
    ),
    (
        "amendment of a misspelt resource",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\namend oders { versioning: false }",
    ),
    (
        "amendment of a kind",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\namend B { versioning: false }",
    ),
    (
        "amendment of the library",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\namend aws.Bucket { versioning: false }",
    ),
    (
        "wrong type in an amendment",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\namend orders { limits.memory: \"much\" }",
    ),
    (
        "missing part of a merged record",
        "kind K { r: { a: int  b: int } }\nresource k: K { r.a: 1 }\nresource l: K { r.a: 1 }\namend l { r.b: 2 }",
    ),
    (
        "part of a list",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x: B { name: \"x\"  hosts.first: \"a\" }",
    ),
    (
        "flat and nested",
        "kind B { name: string  versioning: bool = false  limits: { cpu: int?  memory: int? }?  tags: map<string, string> = {}  hosts: list<string> = []  identity name }\nresource orders: B { name: \"orders\"  versioning: true  limits: { cpu: 1 }  tags: { team: \"pay\" } }\nresource x: B { name: \"x\"  limits.cpu: 1  limits: { memory: 2 } }\nresource y: B { name: \"y\"  limits.cpu: 1  limits: { cpu: 2 } }\nresource z: B { name: \"z\"  limits: { cpu: 2 }  limits: { memory: 2 } }",
    ),
    (
        "five mistakes, five errors",
        "kind K { n: int in 1..9  m: string  o: ref K? }\nresource a: K { n: 12  m: \"x\" }\nresource b: K { n: 1  m: 2 }\nresource c: K { n: 1  m: \"x\"  p: 1 }\nresource d: K { n: 1 }\nresource e: K { n: 1  m: \"x\"  o: f }",
    ),
];

fn shown(source: &str) -> String {
    let mut host = Host::new();
    host.set_file("x.iom", source);
    diagnostics(&host)
}

fn diagnostics(host: &Host) -> String {
    let mut text = String::new();
    for diagnostic in host.diagnostics() {
        let place = |span: iom_base::Span| {
            let lines = iom_base::Lines::new(host.text(span.file));
            let at = lines.line_column(span.start());
            let marked = &host.text(span.file)[span.range()];
            format!(
                "{}:{}:{} `{}`",
                host.path(span.file),
                at.line,
                at.column,
                marked.lines().next().unwrap_or_default()
            )
        };
        let _ = writeln!(
            text,
            "{} {} — {}",
            diagnostic.code,
            place(diagnostic.primary.place),
            diagnostic.message
        );
        if !diagnostic.primary.message.is_empty() {
            let _ = writeln!(text, "    here: {}", diagnostic.primary.message);
        }
        for label in &diagnostic.secondary {
            // Where in the library a thing is declared may move; that it is named does not.
            let shown = if host.path(label.place.file) == "x.iom" {
                place(label.place)
            } else {
                host.path(label.place.file).to_owned()
            };
            let _ = writeln!(text, "    {shown}: {}", label.message);
        }
        for note in &diagnostic.notes {
            let _ = writeln!(text, "    note: {note}");
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    if text.is_empty() { "fine\n".to_owned() } else { text }
}

#[test]
fn messages_read_well() {
    let mut all = String::new();
    for (name, source) in CASES {
        let _ = writeln!(all, "## {name}\n{}", shown(source));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_long_chain_of_copies_is_one_mistake() {
    let mut source = String::from("kind K { n: int? }\nresource r0: K { }\n");
    for number in 0..300 {
        let _ = writeln!(source, "resource r{}= r{number} with {{ }}", number + 1);
    }
    let text = shown(&source);
    assert_eq!(text.matches("IOM").count(), 1, "{text}");
    assert!(text.starts_with("IOM0010 x.iom:67:15 `r64`"), "{text}");
}
