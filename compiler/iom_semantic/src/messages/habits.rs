//! Words of other languages: how iom says the same thing.

/// For a name that stands where a value is wanted.
pub(super) fn value(word: &str) -> Option<&'static str> {
    Some(match word {
        "null" | "nil" | "None" | "NULL" | "undefined" | "missing" | "nothing" => {
            "what is not set is absent: write `x is absent`, or `x is present`"
        }
        "hourly" => "a duration is a number with its unit: `1h`",
        "daily" => "a duration is a number with its unit: `24h`",
        "weekly" => "a duration is a number with its unit: `7d`",
        "monthly" => "a duration is a number with its unit: `30d`",
        "quarterly" => "a duration is a number with its unit: `90d`",
        "yearly" | "annually" => "a duration is a number with its unit: `365d`",
        "True" | "TRUE" | "yes" | "on" => "write `true`",
        "False" | "FALSE" | "no" | "off" => "write `false`",
        "input" | "resource_changes" | "planned_values" | "tfplan" => {
            "what was imported is reached by its kind: `for b: aws.Bucket { .. }`"
        }
        _ => return None,
    })
}

/// For a setting of a declaration: which of those that there are says the same.
pub(crate) fn setting(word: &str, known: &[&'static str]) -> Option<&'static str> {
    const SAME: &[(&str, &[&str])] = &[
        ("title", &["name", "label", "display_name", "summary", "headline"]),
        ("severity", &["level", "priority", "impact", "criticality", "risk"]),
        ("mode", &["enforcement", "effect", "action", "enforcement_level"]),
        ("covers", &["controls", "control", "satisfies", "maps_to", "mapping", "frameworks", "requirements"]),
        ("satisfies", &["controls", "control", "covers", "maps_to", "mapping"]),
        ("claims", &["policies", "policy", "rules", "rule", "checks"]),
        ("aliases", &["id", "ids", "identifiers"]),
        ("owner", &["owners", "team", "responsible", "contact", "author"]),
        ("rationale", &["why", "because", "motivation"]),
        ("links", &["references", "url", "urls", "see", "guideline", "documentation"]),
        ("target", &["for", "resource", "resources", "scope", "applies_to", "subject", "on"]),
        ("reason", &["why", "because", "justification", "comment"]),
        (
            "expires",
            &["until", "end", "valid_until", "expiry", "expiration", "expires_at", "expires_on", "to"],
        ),
        ("until", &["expires", "end", "expiry", "valid_until"]),
        ("opened", &["from", "since", "start", "created", "valid_from"]),
        ("approved_by", &["approver", "approvers", "approval", "signed_by", "granted_by"]),
        ("compensating", &["mitigation", "mitigations", "compensating_controls", "compensation"]),
        ("ticket", &["issue", "jira", "reference"]),
        ("population", &["for", "scope", "subject", "subjects", "resources", "about"]),
        ("collect", &["fields", "attributes", "facts"]),
        ("every", &["interval", "frequency", "schedule", "period", "cadence"]),
        ("fresh", &["max_age", "maximum_age", "ttl", "valid_for", "freshness"]),
    ];
    let says = SAME.iter().find(|(setting, words)| known.contains(setting) && words.contains(&word));
    says.map(|(setting, _)| *setting)
}

/// For a name that is called.
pub(super) fn function(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "len" | "length" => "write `size(x)`",
        "startswith" | "has_prefix" | "hasprefix" => "write `starts_with(text, \"..\")`",
        "endswith" | "has_suffix" | "hassuffix" => "write `ends_with(text, \"..\")`",
        "tolower" | "lowercase" | "downcase" => "write `lower(text)`",
        "toupper" | "uppercase" | "upcase" => "write `upper(text)`",
        "regex" | "re_match" | "match_regex" | "regexp" | "ismatch" => "write `text matching r\"^a.*$\"`",
        "glob" | "fnmatch" | "globmatch" => "write `text like \"a*\"`",
        "has" | "exists" | "defined" | "isset" | "is_null" | "isnull" | "exist" => {
            "write `x is present`, or `x is absent`"
        }
        "includes" | "contains" | "member" | "has_key" | "haskey" => "write `xs contains x`, or `x in xs`",
        "isempty" | "is_empty" | "empty" => "write `xs is empty`",
        "format" | "sprintf" | "printf" | "concat" | "str" | "string" | "tostring" => {
            "write a text with the values inside: \"{x} and {y}\""
        }
        "range" => "write `1..4`",
        "filter" => "write `xs where .x == 1`",
        "map" | "collect" => "write `[for x in xs: x.name]`",
        "every" | "forall" => "write `all x in xs: condition`",
        "some" => "write `any x in xs: condition`",
        "cidr_contains" | "cidrcontains" | "net.cidr_contains" => "write `network covers address`",
        "number" | "tonumber" | "to_number" | "parseint" => "write `int(text)`",
        "jsondecode" | "json_decode" | "unmarshal" => "write `parse_json(text)`",
        "sort" => "write `sorted(xs)`",
        "unique" | "toset" => "write `distinct(xs)`",
        "coalesce" | "default" | "lookup" | "try" | "get" => "write `x ?? other`",
        _ => return None,
    })
}
