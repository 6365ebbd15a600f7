; Later patterns win.

(comment) @comment
(doc_comment) @comment.documentation
(file_comment) @comment.documentation

; Names

(identifier) @variable
((identifier) @variable.builtin
  (#any-of? @variable.builtin "self" "now"))
((identifier) @constant.builtin
  (#any-of? @constant.builtin "absent" "unknown" "present" "known" "empty" "nonempty" "internet"))
(context) @variable.builtin
(outer) @variable.builtin

(field_path (identifier) @property)
(field_path (string) @property)
(type_field name: (_) @property)
(field_expression field: (_) @property)
(dot_field field: (_) @property)
(ordered_alternative name: (identifier) @constant)
(step (identifier) @constant)
(identity_clause (identifier) @property)
(derive_clause name: (identifier) @property)
(transition_clause name: (identifier) @property)

(path (identifier) @type)
(module_declaration path: (path (_) @module))
(use_declaration path: (path (_) @module))
(use_declaration alias: (identifier) @module)
(use_names (identifier) @module)
((path . (identifier) @type.builtin .)
  (#any-of? @type.builtin
    "bool" "int" "decimal" "string" "duration" "bytes" "date" "time" "ip" "cidr" "port" "ports" "version" "percent" "url" "arn" "image" "cpu"
    "selector" "json" "glob"))
(generic_type name: _ @type.builtin)
(is_expression kind: (path . (identifier) @constant.builtin .)
  (#any-of? @constant.builtin "absent" "unknown" "present" "known" "empty" "nonempty"))
(pattern type: (path . (identifier) @constant.builtin .)
  (#any-of? @constant.builtin "absent" "unknown" "true" "false" "_"))
(pattern binding: (identifier) @variable)

(type_declaration name: (_) @type.definition)
(kind_declaration name: (_) @type.definition)
(trait_declaration name: (_) @type.definition)
(blueprint_declaration name: (_) @type.definition)
(shape_declaration name: (_) @type.definition)
(const_declaration name: (_) @constant)
(data_declaration name: (_) @constant)
(function_declaration name: (_) @function)
(resource_declaration name: (_) @label)
(policy_declaration name: (_) @function)
(authority_declaration name: (_) @function)
(evidence_declaration name: (_) @function)
(exception_declaration name: (_) @label)
(breakglass_declaration name: (_) @label)
(group_declaration name: (_) @label)
(catalog_declaration name: (_) @module)
(control_declaration name: (_) @constant)
(tolerate_declaration name: (_) @property)
(require_clause label: (identifier) @label)

(parameter name: (identifier) @variable.parameter)
(argument name: (identifier) @variable.parameter)
(in_binder name: (identifier) @variable.parameter)
(in_binder value: (identifier) @variable.parameter)
(kind_binder name: (identifier) @variable.parameter)
(source format: (identifier) @constant)
(adapter_clause format: (identifier) @constant)
(build_clause format: (identifier) @constant)
(given_clause format: (identifier) @constant)

(call_expression function: (identifier) @function.call)
(call_expression function: (field_expression field: (identifier) @function.call))

; Words

[
  "module" "use"
] @keyword.import

[
  "apply" "const" "resource" "shape" "extend" "bind" "policy" "authority" "exception" "breakglass" "evidence" "group" "catalog" "control" "data"
  "test" "amend" "tolerate" "of" "let" "derive" "transition" "identity" "from" "key" "part" "parts" "judges" "build" "given" "expect" "alias"
  "require" "allow" "deny" "escalate" "to" "at" "fix" "on" "each" "after" "by" "where" "with" "as" "until" "because" "every" "due" "override"
] @keyword

["type" "kind" "trait" "blueprint"] @keyword.type
"fn" @keyword.function
["if" "then" "else" "match" "when"] @keyword.conditional
["for" "all" "any" "none"] @keyword.repeat
["ref" "refs" "link" "secret" "nocase" "size"] @keyword.modifier
[
  "and" "or" "not" "in" "is" "contains" "overlaps" "covers" "within" "conforms" "matches" "matching" "like" "default" "named"
] @keyword.operator
(verdict) @keyword

; Literals

(boolean) @boolean
(number) @number
(duration) @number
(size) @number
(date) @number
(address) @number
(string) @string
(long_string) @string
(raw_string) @string.regexp
(escape) @string.escape
(interpolation ["{" "}"] @punctuation.special)
(interpolation) @none

; A quoted key is still a key.
(field_path (string) @property)
(type_field name: (string) @property)
(control_declaration name: (string) @constant)

; Signs

["=" "==" "!=" "<" "<=" ">" ">=" "=>" "??" "?." "?" ".." "+" "-" "++" "*" "/" "|"] @operator
["." "," ":"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(interpolation ["{" "}"] @punctuation.special)
