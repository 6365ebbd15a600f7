(source_file) @local.scope
[
  (function_declaration)
  (policy_declaration)
  (authority_declaration)
  (blueprint_declaration)
  (bind_declaration)
  (tolerate_declaration)
  (resource_declaration)
  (test_declaration)
  (for_clause)
  (judges_clause)
  (list_comprehension)
  (map_comprehension)
  (quantifier_expression)
  (let_expression)
  (arm)
] @local.scope

(parameter name: (identifier) @local.definition.parameter)
(in_binder name: (identifier) @local.definition.var)
(in_binder value: (identifier) @local.definition.var)
(kind_binder name: (identifier) @local.definition.var)
(let_clause name: (identifier) @local.definition.var)
(let_expression name: (identifier) @local.definition.var)
(part_clause name: (identifier) @local.definition.var)
(pattern binding: (identifier) @local.definition.var)

(const_declaration name: (identifier) @local.definition.constant)
(data_declaration name: (identifier) @local.definition.constant)
(function_declaration name: (identifier) @local.definition.function)
(policy_declaration name: (identifier) @local.definition.function)
(type_declaration name: (identifier) @local.definition.type)
(kind_declaration name: (identifier) @local.definition.type)
(trait_declaration name: (identifier) @local.definition.type)
(blueprint_declaration name: (identifier) @local.definition.type)
(resource_declaration name: (identifier) @local.definition.var)

(identifier) @local.reference
