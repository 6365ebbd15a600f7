[
  (body)
  (kind_body)
  (record)
  (record_type)
  (set)
  (list)
  (list_comprehension)
  (map_comprehension)
  (match_expression)
  (parenthesized_expression)
  (arguments)
  (parameters)
  (use_names)
  (transition_clause)
] @indent.begin

["}" "]" ")"] @indent.end @indent.branch

[(comment) (doc_comment) (file_comment) (long_string)] @indent.ignore
