/**
 * The grammar of iom, after spec/grammar.ebnf, rule by rule.
 *
 * Newlines never matter and every word may name a field, so what a word is depends on what comes after it (R1 to R3 of the specification). The
 * scanner looks ahead and marks the places: tokens of no width before a field, an arm, a quantifier or an ordered type decide what the words after them are.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const separated = (item) => seq(item, repeat(seq(",", item)), optional(","));
const members = (...member) => seq("{", repeat(seq(choice(...member), optional(","))), "}");

/** What binds tighter has a higher level. */
const LEVEL = {
  open: -1,
  where: 0,
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  coalescing: 5,
  naming: 6,
  range: 7,
  sum: 8,
  product: 9,
  unary: 10,
  postfix: 11,
};

/** A rule that takes as much as it can: an expression at its end goes on where it may. */
const greedy = (...rule) => prec.right(LEVEL.open, seq(...rule));

module.exports = grammar({
  name: "iom",

  externals: ($) => [
    $._field_start,
    $._override_start,
    $._arm_start,
    $._quantifier_start,
    $._ordered_start,
    $._use_dot,
    $._key_comma,
    $._hash_string_content,
    $.long_string_content,
    // Valid nowhere, so the scanner knows that the parser is recovering from a mistake.
    $._recovery,
  ],

  extras: ($) => [/[ \t\r\n\f\uFEFF]/, $.comment, $.doc_comment, $.file_comment],

  word: ($) => $.identifier,

  supertypes: ($) => [$.declaration, $.clause],

  rules: {
    source_file: ($) => repeat(seq($.declaration, optional(","))),

    // Declarations

    declaration: ($) =>
      choice(
        $.module_declaration,
        $.use_declaration,
        $.apply_declaration,
        $.type_declaration,
        $.const_declaration,
        $.function_declaration,
        $.resource_declaration,
        $.kind_declaration,
        $.trait_declaration,
        $.blueprint_declaration,
        $.shape_declaration,
        $.extend_declaration,
        $.bind_declaration,
        $.policy_declaration,
        $.authority_declaration,
        $.exception_declaration,
        $.breakglass_declaration,
        $.evidence_declaration,
        $.group_declaration,
        $.catalog_declaration,
        $.control_declaration,
        $.data_declaration,
        $.test_declaration,
        $.amend_declaration,
        $.tolerate_declaration,
      ),

    module_declaration: ($) => seq("module", field("path", $.path)),
    use_declaration: ($) =>
      seq(
        "use",
        field("path", $.path),
        optional(seq(alias($._use_dot, "."), choice($.use_names, "*"))),
        optional(seq("as", field("alias", $.identifier))),
      ),
    use_names: ($) => seq("{", separated($.identifier), "}"),
    apply_declaration: ($) => greedy("apply", field("policy", $._expression), optional($.body)),
    type_declaration: ($) => seq("type", $._name, "=", field("type", $._type)),
    const_declaration: ($) =>
      greedy("const", $._name, optional($._type_annotation), "=", field("value", $._expression)),
    function_declaration: ($) =>
      greedy("fn", $._name, $.parameters, $._type_annotation, "=", field("value", $._expression)),
    resource_declaration: ($) =>
      greedy(
        "resource",
        $._name,
        optional(seq("for", $.in_binder)),
        choice(seq(":", field("kind", $.path), choice($.body, $._resource_value)), $._resource_value),
      ),
    _resource_value: ($) => greedy("=", field("value", $._expression)),
    kind_declaration: ($) => seq("kind", $._name, optional($.traits), $.kind_body),
    trait_declaration: ($) => seq("trait", $._name, optional($.traits), $.kind_body),
    blueprint_declaration: ($) => seq("blueprint", $._name, $.parameters, optional($.traits), $.body),
    shape_declaration: ($) => seq("shape", $._name, ":", field("kind", $.path), $.body),
    extend_declaration: ($) => seq("extend", field("name", $.path), "with", field("trait", $.path), $.body),
    bind_declaration: ($) => seq("bind", $.kind_binder, $.body),
    policy_declaration: ($) => seq("policy", $._name, optional($.parameters), $.body),
    authority_declaration: ($) => seq("authority", $._name, optional($.parameters), $.body),
    exception_declaration: ($) => seq("exception", $._name, $.body),
    breakglass_declaration: ($) => seq("breakglass", $._name, $.body),
    evidence_declaration: ($) => seq("evidence", $._name, $.body),
    group_declaration: ($) => seq("group", $._name, $.body),
    catalog_declaration: ($) => seq("catalog", $._name, choice($.source, $.body)),
    control_declaration: ($) => seq("control", field("name", $._key), $.body),
    data_declaration: ($) => seq("data", $._name, $._type_annotation, $.source),
    test_declaration: ($) => seq("test", field("name", $.string), $.body),
    amend_declaration: ($) => seq("amend", field("name", $.path), $.body),
    tolerate_declaration: ($) => seq("tolerate", $._name, "of", $.kind_binder, $.body),

    _name: ($) => field("name", $.identifier),
    _type_annotation: ($) => seq(":", field("type", $._type)),
    traits: ($) => seq(":", $.path, repeat(seq(",", $.path))),
    parameters: ($) => seq("(", optional(separated($.parameter)), ")"),
    parameter: ($) => seq($._name, $._type_annotation, optional($._default)),
    _default: ($) => greedy("=", field("default", $._expression)),
    source: ($) =>
      prec.right(
        seq(
          "from",
          field("format", $.identifier),
          field("file", $.string),
          optional(seq("at", field("at", $.string))),
          optional($.body),
        ),
      ),

    // Bodies

    body: ($) => members($.field, $.clause, $.declaration),
    kind_body: ($) => members($.type_field, $.clause, $.declaration),
    record: ($) => members($.field),
    record_type: ($) => members($.type_field, $.derive_clause),

    field: ($) =>
      seq(
        choice($._field_start, seq($._override_start, "override")),
        field("name", $.field_path),
        ":",
        $._value,
      ),
    field_path: ($) => seq($._key, repeat(seq(".", $._key))),
    type_field: ($) =>
      greedy($._field_start, field("name", $._key), ":", field("type", $._type), optional($._default)),

    _value: ($) =>
      prec.right(seq(field("value", choice($._expression, $.escalate_value)), repeat($.tail), optional($.then_tail))),
    escalate_value: ($) => greedy("escalate", "to", $._expression),
    tail: ($) => greedy(choice("until", "because", "every", "due"), $._expression),
    then_tail: ($) => seq("then", $._value),

    // Clauses

    clause: ($) =>
      choice(
        $.for_clause,
        $.require_clause,
        $.allow_clause,
        $.deny_clause,
        $.escalate_clause,
        $.let_clause,
        $.derive_clause,
        $.transition_clause,
        $.identity_clause,
        $.adapter_clause,
        $.key_clause,
        $.part_clause,
        $.judges_clause,
        $.build_clause,
        $.given_clause,
        $.expect_clause,
      ),

    alias: ($) => seq("alias", $.string),
    for_clause: ($) => seq(repeat($.alias), "for", $._binder, choice($.body, $.for_clause)),
    require_clause: ($) =>
      greedy(
        repeat($.alias),
        "require",
        optional(seq($._field_start, field("label", $.identifier), ":")),
        field("condition", $._expression),
        optional(seq("at", field("at", $._expression))),
        optional($._else),
        optional(seq("fix", optional(field("of", $.identifier)), field("fix", $.record))),
      ),
    _else: ($) => greedy("else", field("else", $._expression)),
    allow_clause: ($) => greedy("allow", "when", field("condition", $._expression), optional($._else)),
    deny_clause: ($) => greedy("deny", "when", field("condition", $._expression), optional($._else)),
    escalate_clause: ($) =>
      greedy(
        "escalate",
        "to",
        field("to", $._expression),
        optional(seq("when", field("condition", $._expression))),
        optional($._else),
      ),
    let_clause: ($) => greedy("let", $._name, "=", field("value", $._expression)),
    derive_clause: ($) => greedy("derive", $._name, $._type_annotation, "=", field("value", $._expression)),
    transition_clause: ($) => seq("transition", $._name, ":", "[", optional(separated($.step)), "]"),
    step: ($) => seq($.identifier, "=>", $.identifier),
    identity_clause: ($) =>
      seq("identity", choice($.identifier, seq("(", optional(separated($.identifier)), ")"))),
    adapter_clause: ($) =>
      seq(
        "from",
        field("format", $.identifier),
        optional("data"),
        optional(field("source", choice($.string, seq("[", separated($.string), "]")))),
        optional(seq("at", $._operand)),
        optional(seq("each", $._operand)),
        optional(seq("where", $._operand)),
        $.body,
      ),
    key_clause: ($) => greedy("key", $._key_path, repeat(seq(alias($._key_comma, ","), $._key_path))),
    _key_path: ($) => $._postfix,
    part_clause: ($) =>
      greedy(choice("part", "parts"), $._name, ":", field("source", $.string), "on", $._operand),
    judges_clause: ($) => seq("judges", $.kind_binder, $.body),
    build_clause: ($) => seq("build", field("format", $.identifier), $.body),
    given_clause: ($) =>
      seq(
        "given",
        choice(
          $.body,
          seq(field("format", $.identifier), choice($.body, field("content", choice($.string, $.long_string)))),
        ),
      ),
    expect_clause: ($) =>
      greedy(
        "expect",
        choice(
          seq("after", "fix", field("policy", $._expression), $._expected),
          seq(field("condition", $._expression), optional($._expected)),
        ),
      ),
    _expected: ($) =>
      greedy(
        field("verdict", $.verdict),
        optional(seq("on", field("on", $._expression))),
        optional(seq("because", field("because", $.string))),
      ),
    verdict: (_) => choice("passes", "fails", "unknown", "excepted", "not_applicable"),

    // Binders

    _binder: ($) => choice($.in_binder, $.kind_binder),
    in_binder: ($) =>
      greedy($._name, optional(seq(",", field("value", $.identifier))), "in", field("in", $._operand), optional($._by), optional($._where)),
    kind_binder: ($) => greedy($._name, ":", field("kind", $.path), optional($._by), optional($._where)),
    _by: ($) => greedy("by", field("by", $._operand)),
    _where: ($) => greedy("where", field("where", $._operand)),

    // Expressions

    _expression: ($) => prec.right(LEVEL.open, choice($._operand, $.where_expression)),
    where_expression: ($) => prec.right(LEVEL.where, seq($._operand, "where", $._operand)),

    // An expression without a `where` of its own.
    _operand: ($) =>
      choice(
        $._postfix,
        $.binary_expression,
        $.is_expression,
        $.range_expression,
        $.unary_expression,
        $.reference_expression,
      ),
    binary_expression: ($) =>
      choice(
        ...[
          [prec.left, LEVEL.or, "or"],
          [prec.left, LEVEL.and, "and"],
          ...["==", "!=", "<", "<=", ">", ">=", "in", seq("not", "in")].map((sign) => [prec.left, LEVEL.comparison, sign]),
          ...["contains", "overlaps", "covers", "within", "conforms", "matches", "matching", "like"].map((word) => [
            prec.left,
            LEVEL.comparison,
            word,
          ]),
          [prec.right, LEVEL.coalescing, choice("??", "default")],
          [prec.left, LEVEL.naming, "named"],
          [prec.left, LEVEL.sum, choice("+", "-", "++")],
          [prec.left, LEVEL.product, choice("*", "/")],
        ].map(([associate, level, operator]) =>
          associate(level, seq(field("left", $._operand), field("operator", operator), field("right", $._operand))),
        ),
      ),
    is_expression: ($) => prec.left(LEVEL.comparison, seq($._operand, "is", optional("not"), field("kind", $.path))),
    range_expression: ($) => prec.left(LEVEL.range, seq($._operand, "..", $._operand)),
    unary_expression: ($) =>
      choice(prec.right(LEVEL.not, seq("not", $._operand)), prec.right(LEVEL.unary, seq("-", $._operand))),
    reference_expression: ($) => prec.right(LEVEL.unary, seq(choice("ref", "refs"), $._postfix)),

    _postfix: ($) =>
      choice(
        $._primary,
        $.field_expression,
        $.index_expression,
        $.call_expression,
        $.with_expression,
        $.as_expression,
      ),
    field_expression: ($) => prec(LEVEL.postfix, seq(field("value", $._postfix), choice(".", "?."), field("field", $._key))),
    index_expression: ($) =>
      prec(LEVEL.postfix, seq(field("value", $._postfix), optional("?"), "[", field("index", $._expression), "]")),
    call_expression: ($) => prec(LEVEL.postfix, seq(field("function", $._postfix), $.arguments)),
    arguments: ($) => seq("(", optional(separated($.argument)), ")"),
    argument: ($) => seq(optional(seq($._field_start, $._name, ":")), $._expression),
    with_expression: ($) => prec(LEVEL.postfix, seq($._postfix, "with", $.record)),
    as_expression: ($) => prec.right(LEVEL.postfix, seq($._postfix, "as", choice($.record, $._type_name))),

    _primary: ($) =>
      choice(
        $._literal,
        $.string,
        $.long_string,
        $.raw_string,
        $.boolean,
        $.identifier,
        $.dot_field,
        $.outer,
        $.context,
        $.parenthesized_expression,
        $.record,
        $.set,
        $.list,
        $.list_comprehension,
        $.map_comprehension,
        $.quantifier_expression,
        $.if_expression,
        $.let_expression,
        $.match_expression,
      ),
    dot_field: ($) => seq(".", field("field", $._key)),
    outer: (_) => "^",
    context: (_) => /\$[A-Za-z_][A-Za-z0-9_]*/,
    parenthesized_expression: ($) => seq("(", $._expression, ")"),
    set: ($) => seq("{", separated($._expression), "}"),
    list: ($) => seq("[", optional(separated($._expression)), "]"),
    list_comprehension: ($) =>
      seq("[", repeat1(seq("for", $.in_binder)), ":", field("value", $._expression), "]"),
    map_comprehension: ($) =>
      seq(
        "{",
        repeat1(seq("for", $.in_binder)),
        ":",
        field("key", $._expression),
        "=>",
        field("value", $._expression),
        "}",
      ),
    quantifier_expression: ($) =>
      greedy($._quantifier_start, choice("all", "any", "none"), $.in_binder, ":", field("condition", $._expression)),
    if_expression: ($) =>
      greedy(
        "if",
        field("condition", $._expression),
        "then",
        field("then", $._expression),
        "else",
        field("else", $._expression),
      ),
    let_expression: ($) =>
      greedy("let", $._name, "=", field("value", $._expression), ":", field("body", $._expression)),
    match_expression: ($) =>
      seq("match", field("value", $._expression), "{", repeat(seq($.arm, optional(","))), "}"),
    arm: ($) =>
      greedy(
        optional($._arm_start),
        $.pattern,
        repeat(seq("|", optional($._arm_start), $.pattern)),
        "=>",
        field("value", $._expression),
      ),
    pattern: ($) =>
      choice($._literal, $.string, seq(field("type", $._type_name), optional(field("binding", $.identifier)))),

    // Types

    _type: ($) => choice($._refined, $.union_type, $.ordered_type),
    union_type: ($) => prec.left(seq($._refined, repeat1(seq("|", $._refined)))),
    ordered_type: ($) => seq($._ordered_start, $.ordered_alternative, repeat1(seq("<", $.ordered_alternative))),
    ordered_alternative: ($) => seq(field("name", $.identifier), optional(field("wire", $.string))),
    _refined: ($) => choice($._simple_type, $.refined_type),
    refined_type: ($) => prec.right(seq($._simple_type, repeat1($.refinement))),
    refinement: ($) =>
      choice(
        field("wire", $.string),
        seq("in", $._bounds),
        seq("matching", $.raw_string),
        seq("size", $._bounds),
        "nocase",
        seq("where", "(", $._expression, ")"),
      ),
    // Less than an expression: `>` ends the arguments of a type.
    _bounds: ($) => choice($._bound, alias($._bound_range, $.range_expression)),
    _bound_range: ($) => seq($._bound, "..", $._bound),
    _bound: ($) => choice($._postfix, alias($._bound_sign, $.unary_expression), alias($._bound_binary, $.binary_expression)),
    _bound_sign: ($) => prec(LEVEL.unary, seq("-", $._postfix)),
    _bound_binary: ($) =>
      choice(
        prec.left(LEVEL.sum, seq($._bound, choice("+", "-"), $._bound)),
        prec.left(LEVEL.product, seq($._bound, choice("*", "/"), $._bound)),
      ),
    _simple_type: ($) => choice($.prefixed_type, $._optional_base, $.optional_type),
    prefixed_type: ($) => seq(choice("ref", "link", "secret"), $._simple_type),
    optional_type: ($) => seq($._optional_base, "?"),
    _optional_base: ($) => choice($._type_name, $.text_type, $.parenthesized_type, $.record_type),
    text_type: ($) => $.string,
    parenthesized_type: ($) => seq("(", $._type, ")"),
    _type_name: ($) => choice($.path, $.generic_type),
    generic_type: ($) =>
      prec(1, seq(field("name", choice("list", "set", "map")), "<", separated($._type), ">")),

    // Names and literals

    // `list`, `set` and `map` are words only before `<`.
    path: ($) =>
      prec.right(
        seq(
          choice($.identifier, alias(choice("list", "set", "map"), $.identifier)),
          repeat(seq(".", $._key)),
        ),
      ),
    _key: ($) => choice($.identifier, $.string),
    identifier: (_) => /[A-Za-z_][A-Za-z0-9_]*/,

    _literal: ($) => choice($.number, $.duration, $.size, $.date, $.address),
    boolean: (_) => choice("true", "false"),
    number: (_) => /[0-9][0-9_]*|[0-9]+\.[0-9]+/,
    duration: (_) => /([0-9]+(ms|s|min|h|d|w|mo|y))+/,
    size: (_) => /[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)/,
    date: (_) =>
      /[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2}))?/,
    address: (_) => /[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(\/[0-9]+)?/,

    string: ($) =>
      seq('"', repeat(choice($.string_content, $.escape, $.interpolation)), token.immediate('"')),
    string_content: (_) => token.immediate(prec(1, /[^"\\{\n]+/)),
    escape: (_) => token.immediate(prec(1, /\\(u\{[0-9A-Fa-f]+\}|[^\n])/)),
    interpolation: ($) => seq(token.immediate("{"), $._expression, "}"),
    long_string: ($) => seq('"""', optional($.long_string_content), '"""'),
    raw_string: ($) =>
      choice(
        seq('r"', optional($.raw_string_content), token.immediate('"')),
        seq('r#"', optional(alias($._hash_string_content, $.raw_string_content)), token.immediate('"#')),
      ),
    raw_string_content: (_) => token.immediate(prec(1, /[^"\n]+/)),

    comment: (_) => token(choice(/\/\/([^\/!\n][^\n]*)?/, /\/\/\/\/[^\n]*/)),
    doc_comment: (_) => token(/\/\/\/([^\/\n][^\n]*)?/),
    file_comment: (_) => token(/\/\/![^\n]*/),
  },
});
