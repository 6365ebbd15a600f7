; The text after the slashes is Markdown.
((doc_comment) @injection.content
  (#offset! @injection.content 0 3 0 0)
  (#set! injection.language "markdown"))

((file_comment) @injection.content
  (#offset! @injection.content 0 3 0 0)
  (#set! injection.language "markdown"))

; Raw strings are regular expressions.
((raw_string_content) @injection.content
  (#set! injection.language "regex"))

; State that a test is given.
(given_clause
  format: (identifier) @_format
  content: (long_string (long_string_content) @injection.content)
  (#eq? @_format "terraform")
  (#set! injection.language "hcl"))

(given_clause
  format: (identifier) @_format
  content: (long_string (long_string_content) @injection.content)
  (#any-of? @_format "kubernetes" "cloudformation")
  (#set! injection.language "yaml"))

(given_clause
  format: (identifier) @_format
  content: (long_string (long_string_content) @injection.content)
  (#any-of? @_format "json" "plan" "state" "aws_config")
  (#set! injection.language "json"))
