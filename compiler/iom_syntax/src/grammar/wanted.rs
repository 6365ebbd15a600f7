//! What a rule can miss, in words for people: "expected {what}, found ..", and the next step.

pub(super) struct Wanted {
    pub what: &'static str,
    /// One concrete next step; may be empty.
    pub help: &'static str,
}

macro_rules! wanted {
    ($($name:ident = $what:literal, $help:literal;)*) => {
        $(pub(super) const $name: &Wanted = &Wanted { what: $what, help: $help };)*
    };
}

wanted! {
    NAME = "a name", "write a name of letters, digits and `_`, without quotation marks";
    BINDER_NAME = "a name for each element", "write `for x in xs` or `for x: Kind`";
    PATH = "a name", "write a path such as `payments.prod`";
    KIND_PATH = "the name of a kind or a trait", "write a path such as `aws.Bucket`";
    KEY = "a field name", "write a name, or a string for names with other characters";
    STRING = "a string", "write the text in quotation marks: \"..\"";
    FILE_STRING = "the name of a file", "write it as a string, for example \"accounts.csv\"";
    TITLE = "the title of the test as a string", "write test \"buckets are encrypted\" { .. }";
    COLON = "`:`", "put a `:` before this";
    COLON_OR_EQUALS = "`:` or `=`", "write `const name: type = value`";
    KIND_COLON = "`:` and a kind", "write `resource name: aws.Bucket { .. }`";
    RESOURCE_VALUE = "a body or `=`", "write `{ .. }` with the fields, or `= other with { .. }`";
    RESOURCE_KIND = "`:` or `=`", "write `resource name: Kind { .. }` or `resource name = Blueprint(..)`";
    EQUALS = "`=`", "put a `=` before this";
    BODY = "a body in `{ }`", "write `{ .. }`";
    RECORD = "a record", "write `{ field: value }`";
    AS_TARGET = "a type or a record", "write `as list` or `as { field: .path }`";
    EXPRESSION = "a value", "write a value: a name, a number, \"text\", a list `[..]` or a record `{ .. }`";
    OPERAND = "a value after the operator", "write what stands on its right side, or remove the operator";
    CONDITION = "a condition", "write what must hold, for example `b.versioning` or `x == 1`";
    RANGE_END = "the upper end of the range", "both ends of a range are written: `1..65535`";
    INTERPOLATION = "an expression between the braces", "write {name}, or \\{ \\} for plain braces";
    INTERPOLATION_REST = "the `}` of the interpolation", "an interpolation holds one expression";
    TYPE = "a type", "write a type such as `string`, `list<int>` or `ref Kind`";
    PREFIXED_TYPE = "a type after the prefix", "`ref`, `link` and `secret` are prefixes in types; as an enum value, write another name";
    TYPE_ARGUMENTS = "`>`", "close the type: `list<string>`";
    WHERE_TYPE = "`(`", "a `where` refinement is parenthesised: `int where (self > 3)`";
    PARAMETERS = "parameters in `( )`", "write `(name: type)`";
    PARAMETER = "a parameter", "write `name: type`";
    ARGUMENT = "an argument", "write a value, or `name: value`";
    LIST_ELEMENT = "a list element", "write a value, or close the list with `]`";
    SET_ELEMENT = "a set element", "write a value, or close the set with `}`";
    PAREN_REST = "`)`", "put a `)` where the part in parentheses ends";
    INDEX_REST = "`]`", "put a `]` after the position or the key";
    COMPREHENSION_REST = "the end of the comprehension", "write `[for x in xs: value]`";
    COMPREHENSION_COLON = "`:` and the value of each element", "write `[for x in xs: value]`";
    MAP_ARROW = "`=>` and the value", "a map comprehension needs KEY => VALUE: `{for k, v in m: k => v}`";
    IN = "`in`", "write `for x in xs`";
    QUANTIFIER_COLON = "`:` and the condition", "write `all x in xs: condition`";
    THEN = "`then`", "write `if condition then value else value`";
    ELSE = "`else`", "`if` always has an `else`: `if condition then value else value`";
    LET_COLON = "`:` and the value that uses the name", "write `let x = value: expression`";
    MATCH_ARMS = "the arms of the match in `{ }`", "write `match x { pattern => value }`";
    PATTERN = "a pattern", "patterns are names, types, strings and numbers without a sign";
    ARROW = "`=>`", "write `pattern => value`";
    WHEN = "`when`", "write `when` and a condition";
    TO = "`to`", "write `escalate to` and whom";
    ESCALATE_TO = "whom to escalate to", "write a team or a person after `escalate to`";
    KEY_PATH = "a path that starts with `.`", "a key is a path in the source: `key .id, .arn`";
    PART_ON = "`on`", "write `part name: \"source_type\" on .path`";
    STEPS = "the steps in `[ ]`", "write `[pending => active, active => retired]`";
    STEP = "a step", "write `from => to`";
    STEP_ARROW = "`=>`", "write `from => to`";
    IDENTITY = "a field name, or several in `( )`", "write `identity name` or `identity (account, name)`";
    FORMAT = "the name of a format", "write for example `from terraform \"aws_s3_bucket\" { .. }`";
    SOURCE_TYPES = "the name of a source type", "write a string: `[\"aws_a\", \"aws_b\"]`";
    FROM = "`from`", "write `from json \"file.json\"`";
    CATALOG_SOURCE = "`from` or a body", "write `from oscal \"file.json\"` or `{ control \"ID\" { .. } }`";
    ALIASED = "a `require` or a `for`", "an alias names the `require` or the `for` after it";
    GIVEN = "a body, a file or a text", "write `given { .. }`, `given plan \"file.json\"` or `given terraform \"\"\"..\"\"\"`";
    VERDICT = "a verdict", "write `passes`, `fails`, `unknown`, `excepted` or `not_applicable`";
    FOR_BODY = "a body or another `for`", "write `{ .. }` with what is required";
    BINDER_REST = "`:` and a kind", "write `name: Kind`";
    OF = "`of`", "write `tolerate field of x: Kind { .. }`";
    WITH = "`with`", "write `extend Kind with Trait { .. }`";
    IS_TEST = "what it is", "write `is present`, `is absent` or a type";
    USE_NAME = "a name", "write what is used: `use org.people.{alice, bob}`";
    CONTROL_KEY = "the id of a control", "write `control \"CC6.1\" { .. }`";
    LEFT_OVER = "nothing more here", "remove this, or put an operator before it";
    FIELD = "a field", "a field is `name: value`";
    RAW_STRING = "a regex", "write it as a raw string: `matching r\"^[a-z]+$\"`";
}
