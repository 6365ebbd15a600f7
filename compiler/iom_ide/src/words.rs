//! What the words of the language itself mean, for hovers, completion and signature help.

/// A function of the language.
pub(crate) struct Builtin {
    pub name: &'static str,
    pub parameters: &'static [&'static str],
    pub result: &'static str,
    pub doc: &'static str,
}

const fn function(
    name: &'static str,
    parameters: &'static [&'static str],
    result: &'static str,
    doc: &'static str,
) -> Builtin {
    Builtin { name, parameters, result, doc }
}

pub(crate) const BUILTINS: &[Builtin] = &[
    function(
        "size",
        &["of: list<T>"],
        "int",
        "How many elements a list, a set or a map has, or how many characters a text.",
    ),
    function("count", &["of: list<T>"], "int", "The same as `size`."),
    function("sum", &["of: list<T>"], "T", "All elements added up; unknown if one of them is."),
    function(
        "min",
        &["of: list<T>"],
        "T?",
        "The least element, absent where there is none; or the lesser of two values.",
    ),
    function(
        "max",
        &["of: list<T>"],
        "T?",
        "The greatest element, absent where there is none; or the greater of two values.",
    ),
    function("first", &["of: list<T>"], "T?", "The first element, absent where there is none."),
    function("distinct", &["of: list<T>"], "list<T>", "The elements without those that were there before."),
    function(
        "only",
        &["of: list<T>"],
        "T?",
        "The one element of a list: absent where there is none, unknown where there are several.",
    ),
    function(
        "merge",
        &["base: T", "over: T"],
        "T",
        "Both records or maps as one; where both say something the second counts.",
    ),
    function("upstream", &["of: Resource"], "list<Resource>", "Everything it depends on, directly or not."),
    function(
        "downstream",
        &["of: Resource"],
        "list<Resource>",
        "Everything that depends on it, directly or not.",
    ),
    function(
        "path",
        &["from: Resource", "to: Resource"],
        "list<Resource>",
        "A shortest way along references from one thing to another.",
    ),
    function(
        "reaches",
        &["from: Resource", "to: Resource"],
        "bool",
        "Whether one thing depends on another, directly or not.",
    ),
    function(
        "referrers",
        &["of: Element", "kind: K"],
        "list<K>",
        "The elements of a kind or a trait that refer to it.",
    ),
    function("lower", &["text: string"], "string", "The text in lower case."),
    function("upper", &["text: string"], "string", "The text in upper case."),
    function("trim", &["text: string"], "string", "The text without white space around it."),
    function(
        "starts_with",
        &["text: string", "prefix: string"],
        "bool",
        "Whether the text starts with another.",
    ),
    function("ends_with", &["text: string", "suffix: string"], "bool", "Whether the text ends with another."),
    function(
        "split",
        &["text: string", "at: string"],
        "list<string>",
        "The parts of the text between a separator.",
    ),
    function(
        "join",
        &["of: list<T>", "with: string"],
        "string",
        "The elements as one text, with a separator between them.",
    ),
    function(
        "replace",
        &["text: string", "what: string", "with: string"],
        "string",
        "The text with another in every place of one.",
    ),
    function("parse_json", &["text: string"], "json", "What a text in JSON says; unknown where it is none."),
    function("parse_yaml", &["text: string"], "json", "What a text in YAML says; unknown where it is none."),
    function(
        "base64_decode",
        &["text: string"],
        "string?",
        "The text behind its Base64 form; absent where it is none.",
    ),
    function("days", &["count: int"], "duration", "So many days."),
    function("hours", &["count: int"], "duration", "So many hours."),
    function("seconds", &["count: int"], "duration", "So many seconds."),
    function(
        "map_of",
        &["of: list<T>", "by: key", "to: value"],
        "map<K, V>",
        "A map of the elements of a list: `map_of(xs, by: .name, to: .value)`.",
    ),
    function(
        "ports",
        &["from: int?", "to: int?", "protocol: string?"],
        "ports",
        "The ports between two, of a protocol; all where nothing is said.",
    ),
    function(
        "flags",
        &["arguments: list<string>?"],
        "map<string, string>",
        "Arguments of a command as a map: `--name=value`.",
    ),
    function("looks_secret", &["text: string?"], "bool", "Whether a text looks like a credential."),
    function(
        "secrets_in",
        &["values: json"],
        "map<string, json>",
        "What in a value looks like a credential, by its path.",
    ),
    function("claimed", &["of: Element"], "bool", "Whether it is declared in the workspace, too."),
    function("unmodelled", &["of: Element"], "list<string>", "What it refers to that no kind maps."),
    function("twins", &["of: T"], "list<T>", "Other elements of the same layer with the same identity."),
    function("identified", &["of: Element"], "bool", "Whether its identity is known."),
    function("keys", &["of: map<K, V>"], "list<K>", "The keys of a map, sorted."),
    function("values", &["of: map<K, V>"], "list<V>", "The values of a map, in order of its keys."),
    function("intended", &["of: K"], "K?", "The same thing as it is declared; absent where it is not."),
    function("built", &["of: K"], "K?", "The same thing as its tool built it; absent where it did not."),
    function("running", &["of: K"], "K?", "The same thing as it runs; absent where it does not."),
    function("text", &["of: T"], "string", "A value as text."),
    function("int", &["of: T"], "int", "A value as a whole number."),
    function("abs", &["of: T"], "T", "A number without its sign."),
    function("sorted", &["of: list<T>"], "list<T>", "The elements in order."),
    function("reverse", &["of: list<T>"], "list<T>", "The elements the other way round."),
];

pub(crate) fn builtin(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|one| one.name == name)
}

impl Builtin {
    /// `size(of: list<T>): int`
    pub fn signature(&self) -> String {
        format!("{}({}): {}", self.name, self.parameters.join(", "), self.result)
    }
}

/// Types, values and words of closed lists.
const WORDS: &[(&str, &str)] = &[
    ("bool", "`true` or `false`."),
    ("int", "A whole number of 64 bits."),
    ("decimal", "A number with up to 28 digits; exact, no binary fractions."),
    ("string", "Text."),
    ("glob", "A pattern with `*` and `?`."),
    ("duration", "A length of time: `90d`, `1h30min`."),
    ("bytes", "An amount of memory or storage: `2GiB`."),
    ("date", "A day: `2027-01-15`."),
    ("time", "An instant: `2026-11-21T22:00Z`."),
    ("ip", "An address: `10.0.0.1`, `\"::1\"`."),
    ("cidr", "A block of addresses: `10.0.0.0/8`."),
    ("port", "A port: 0 to 65535."),
    ("ports", "Ports of a protocol: `{80, 443}`."),
    ("version", "A version: `\"1.2.3\"`, ordered by its parts."),
    ("percent", "A share: `\"50%\"`."),
    ("url", "An address in the web."),
    ("arn", "The name of a resource in AWS, with `.service`, `.account` and so on."),
    ("image", "A container image, with `.registry`, `.repository`, `.tag`, `.digest`."),
    ("cpu", "A share of processors: `\"500m\"`."),
    ("selector", "Labels that choose things: `app.matches(labels)`."),
    ("policy", "The name of a policy or of a group of policies."),
    ("json", "Whatever another system says: any path into it is `json?`."),
    ("absent", "The value that is not there. Only types with `?` have it."),
    ("unknown", "A value that nobody can tell. It is never rounded to pass."),
    ("now", "The instant of the run: the clock, or what `--at` says."),
    ("self", "The thing at hand: what `.x` reads from."),
    ("internet", "All addresses that are public."),
    ("enforce", "What fails blocks."),
    ("advise", "What fails is reported and blocks nothing."),
    ("off", "It is not judged."),
    ("info", "The least severity."),
    ("low", "Severity below the ordinary."),
    ("medium", "The severity where nothing is said."),
    ("high", "What stays unknown is put to a person."),
    ("critical", "The highest severity: what stays unknown is put to a person."),
    ("intended", "As it is declared in the workspace."),
    ("built", "As the tool that builds it says: plans, rendered manifests."),
    ("running", "As it is: states, inventories, live objects."),
    ("merge", "Judged when a change is merged."),
    ("deploy", "Judged before a change is carried out."),
    ("admission", "Judged where a cluster lets objects in."),
    ("continuous", "Judged all the time."),
    ("architectural", "A policy about how things are built."),
    ("regulatory", "A policy that controls ask for: it says which with `covers`."),
    ("risk", "A policy about a risk: it says with `owner` who answers for it."),
];

pub(crate) fn word(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|(word, _)| *word == name).map(|(_, doc)| *doc)
}

/// Settings by their owners; those without one mean the same everywhere.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("", "title", "One line that people read: what is asked for, or what it is."),
    ("", "description", "More about it, for people."),
    ("", "rationale", "Why it is asked for."),
    ("", "links", "Where to read more."),
    ("", "owner", "Who answers for it: a declared team or person."),
    ("", "severity", "How bad a failure is: `info`, `low`, `medium`, `high` or `critical`."),
    (
        "",
        "mode",
        "What a failure does: `enforce` blocks, `advise` reports, `escalate to X` asks. `advise until 2027-01-15 then enforce` changes by itself.",
    ),
    ("", "covers", "Controls that ask for it: `[nist.\"SC-28\"]`."),
    ("", "aliases", "Other names it is known by, such as those of other tools' checks."),
    ("", "max_exception", "The longest that an exception from it may last."),
    ("", "at", "When it is judged: `merge`, `deploy`, `admission`, `continuous`."),
    ("", "on", "The layers it judges: `intended`, `built`, `running`; all where nothing is said."),
    (
        "",
        "class",
        "`architectural`, `regulatory` (then `covers` says for which controls) or `risk` (then `owner` says whose).",
    ),
    ("", "reason", "Why, for whoever reads it in a year."),
    ("", "ticket", "Where it was discussed."),
    ("test", "at", "The instant at which the test judges."),
    ("exception", "policy", "The policy, or one clause of it, that does not hold here."),
    (
        "exception",
        "target",
        "What is excepted: a declared resource, or `aws.Bucket where .name == \"logs\"`.",
    ),
    ("exception", "approved_by", "Who agreed to it."),
    ("exception", "opened", "From when on it holds."),
    ("exception", "expires", "Until when it holds. There is no exception without an end."),
    ("exception", "compensating", "Policies that make up for it, and are judged."),
    ("breakglass", "identity", "The emergency identity that is let in."),
    ("breakglass", "scope", "What it may change."),
    ("breakglass", "opened", "When the window opens."),
    ("breakglass", "max", "How long it stays open; then it locks by itself."),
    ("breakglass", "review", "Who looks at it afterwards, and until when: `sre_lead due 3d`."),
    ("evidence", "satisfies", "The controls it is evidence for."),
    ("evidence", "claims", "The policies that prove it."),
    ("evidence", "population", "What it is about: `ObjectStore where .environment.tier == production`."),
    ("evidence", "collect", "The fields that are recorded. Secret ones never are."),
    ("evidence", "every", "How often it is collected."),
    ("evidence", "fresh", "How long what was collected counts."),
    ("evidence", "retain", "How long it is kept."),
    ("evidence", "attest", "Who signs it, and how often: `compliance_lead every 90d`."),
    ("blueprint", "version", "The version of the blueprint."),
    ("blueprint", "approved_by", "Who approved it."),
    ("blueprint", "review_by", "Until when somebody looks at it again."),
    ("group", "policies", "The policies, groups and modules in it."),
    ("apply", "only", "The policies of the group that are kept."),
    ("apply", "except", "The policies of the group that are left out."),
];

pub(crate) fn setting(owner: &str, name: &str) -> Option<&'static str> {
    let of = |wanted: &str| SETTINGS.iter().find(|(one, known, _)| *one == wanted && *known == name);
    of(owner).or_else(|| of("")).map(|(_, _, doc)| *doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_the_language_is_explained() {
        let missing: Vec<_> = iom_semantic::builtin_names().filter(|name| builtin(name).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let gone: Vec<_> = BUILTINS
            .iter()
            .map(|one| one.name)
            .filter(|name| !iom_semantic::builtin_names().any(|known| known == *name))
            .collect();
        assert!(gone.is_empty(), "{gone:?}");
    }
}
