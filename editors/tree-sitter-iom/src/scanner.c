// Looks ahead where the meaning of a word depends on what follows it. All tokens but the contents of strings have no width, or that of one
// sign; the scanner keeps no state.

#include "tree_sitter/parser.h"

#include <string.h>

enum Token {
  FIELD_START,
  OVERRIDE_START,
  ARM_START,
  QUANTIFIER_START,
  ORDERED_START,
  USE_DOT,
  KEY_COMMA,
  HASH_STRING_CONTENT,
  LONG_STRING_CONTENT,
  RECOVERY,
};

// Longer than every word of the language; of longer names only the beginning is kept.
#define WORD_SIZE 16

static bool is_letter(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

static bool is_blank(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == 0xFEFF;
}

static bool is_one_of(const char *word, const char *const *words) {
  for (; *words; words++) {
    if (strcmp(word, *words) == 0) return true;
  }
  return false;
}

static void look(TSLexer *lexer) { lexer->advance(lexer, false); }

// Passes blanks and comments. A lone `/` is passed, too: whatever it begins, what is looked for does not follow.
static void look_past_trivia(TSLexer *lexer) {
  for (;;) {
    while (is_blank(lexer->lookahead)) look(lexer);
    if (lexer->lookahead != '/') return;
    look(lexer);
    if (lexer->lookahead != '/') return;
    while (!lexer->eof(lexer) && lexer->lookahead != '\n') look(lexer);
  }
}

static bool look_past_name(TSLexer *lexer, char word[WORD_SIZE]) {
  if (!is_letter(lexer->lookahead)) return false;
  unsigned length = 0;
  while (is_letter(lexer->lookahead) || is_digit(lexer->lookahead)) {
    if (length + 1 < WORD_SIZE) word[length++] = (char)lexer->lookahead;
    look(lexer);
  }
  word[length] = 0;
  return true;
}

// A string that may be a key: on one line, without interpolation.
static bool look_past_string(TSLexer *lexer) {
  if (lexer->lookahead != '"') return false;
  look(lexer);
  while (lexer->lookahead != '"') {
    if (lexer->eof(lexer) || lexer->lookahead == '\n' || lexer->lookahead == '{') return false;
    if (lexer->lookahead == '\\') {
      look(lexer);
      if (lexer->lookahead == 'u') {
        look(lexer);
        if (lexer->lookahead == '{') look(lexer);
        continue;
      }
    }
    look(lexer);
  }
  look(lexer);
  return lexer->lookahead != '"';
}

static bool look_past_key(TSLexer *lexer) {
  char word[WORD_SIZE];
  return look_past_name(lexer, word) || look_past_string(lexer);
}

// Passes `.key.key` and the blanks around; false if a dot is followed by something else.
static bool look_past_path_rest(TSLexer *lexer) {
  for (;;) {
    look_past_trivia(lexer);
    if (lexer->lookahead != '.') return true;
    look(lexer);
    look_past_trivia(lexer);
    if (!look_past_key(lexer)) return false;
  }
}

static bool is_arrow(TSLexer *lexer) {
  if (lexer->lookahead == '|') return true;
  if (lexer->lookahead != '=') return false;
  look(lexer);
  return lexer->lookahead == '>';
}

static const char *const RESERVED_WORDS[] = {"or",    "and", "not", "in",    "is",   "if",    "then", "else", "match",
                                             "let",   "for", "where", "true", "false", "ref", "refs", NULL};

// Words that may go on with an expression: no dotted field path starts with one.
static const char *const OPERATOR_WORDS[] = {
    "or",     "and",     "not",      "in",      "is",       "if",   "then",    "else",  "match", "let",     "for",   "where",
    "true",   "false",   "ref",      "refs",    "contains", "overlaps", "covers", "within", "conforms", "matches", "matching",
    "like",   "default", "named",    "as",      "with",     "until", "because", "every", "due",   "by",      NULL};

// `<` after these is no order.
static const char *const TYPE_WORDS[] = {"ref", "link", "secret", "list", "set", "map", NULL};

static const char *const QUANTIFIERS[] = {"all", "any", "none", NULL};

// After `override`: whether a field follows.
static bool is_override(TSLexer *lexer) {
  char word[WORD_SIZE];
  if (look_past_name(lexer, word)) {
    if (!is_one_of(word, OPERATOR_WORDS)) return look_past_path_rest(lexer) && lexer->lookahead == ':';
    look_past_trivia(lexer);
    return lexer->lookahead == ':';
  }
  return look_past_string(lexer) && look_past_path_rest(lexer) && lexer->lookahead == ':';
}

// After `all` and blanks: whether a binder follows.
static bool is_quantified(TSLexer *lexer) {
  char word[WORD_SIZE];
  if (!look_past_name(lexer, word) || is_one_of(word, RESERVED_WORDS)) return false;
  look_past_trivia(lexer);
  if (lexer->lookahead == ',') return true;
  if (!look_past_name(lexer, word) || strcmp(word, "in") != 0) return false;
  look_past_trivia(lexer);
  return lexer->lookahead != ':';
}

static bool found(TSLexer *lexer, enum Token token) {
  lexer->result_symbol = token;
  return true;
}

// What begins with a name: an ordered type, a field, an arm, a quantifier.
static bool scan_name(TSLexer *lexer, const bool *valid) {
  char word[WORD_SIZE];
  look_past_name(lexer, word);
  if (valid[ORDERED_START]) {
    look_past_trivia(lexer);
    if (lexer->lookahead == '"' && look_past_string(lexer)) look_past_trivia(lexer);
    return lexer->lookahead == '<' && !is_one_of(word, TYPE_WORDS) && found(lexer, ORDERED_START);
  }
  if (is_one_of(word, OPERATOR_WORDS)) {
    look_past_trivia(lexer);
  } else if (!look_past_path_rest(lexer)) {
    return false;
  }
  if (lexer->lookahead == ':') return valid[FIELD_START] && found(lexer, FIELD_START);
  if (valid[OVERRIDE_START] && strcmp(word, "override") == 0) {
    return is_override(lexer) && found(lexer, OVERRIDE_START);
  }
  if (valid[QUANTIFIER_START] && is_one_of(word, QUANTIFIERS)) {
    return is_quantified(lexer) && found(lexer, QUANTIFIER_START);
  }
  if (!valid[ARM_START]) return false;
  if (is_letter(lexer->lookahead)) {
    look_past_name(lexer, word);
    look_past_trivia(lexer);
  }
  return is_arrow(lexer) && found(lexer, ARM_START);
}

// Up to `"""`.
static bool scan_long_string(TSLexer *lexer) {
  for (bool is_empty = true;; is_empty = false) {
    lexer->mark_end(lexer);
    if (lexer->eof(lexer)) return !is_empty && found(lexer, LONG_STRING_CONTENT);
    bool is_quote = lexer->lookahead == '"';
    look(lexer);
    if (!is_quote || lexer->lookahead != '"') continue;
    look(lexer);
    if (lexer->lookahead == '"') return !is_empty && found(lexer, LONG_STRING_CONTENT);
  }
}

// Up to `"#`, which stands on the same line.
static bool scan_hash_string(TSLexer *lexer) {
  for (bool is_empty = true;; is_empty = false) {
    lexer->mark_end(lexer);
    if (lexer->eof(lexer) || lexer->lookahead == '\n') return false;
    bool is_quote = lexer->lookahead == '"';
    look(lexer);
    if (is_quote && lexer->lookahead == '#') return !is_empty && found(lexer, HASH_STRING_CONTENT);
  }
}

bool tree_sitter_iom_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  if (valid[RECOVERY]) return false;
  if (valid[LONG_STRING_CONTENT]) return scan_long_string(lexer);
  if (valid[HASH_STRING_CONTENT]) return scan_hash_string(lexer);

  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  lexer->mark_end(lexer);
  if (is_letter(lexer->lookahead)) return scan_name(lexer, valid);
  switch (lexer->lookahead) {
    case '"':
      if (!valid[FIELD_START] || !look_past_string(lexer) || !look_past_path_rest(lexer)) return false;
      return lexer->lookahead == ':' && found(lexer, FIELD_START);
    case '.':
      if (!valid[USE_DOT]) return false;
      look(lexer);
      lexer->mark_end(lexer);
      look_past_trivia(lexer);
      return (lexer->lookahead == '{' || lexer->lookahead == '*') && found(lexer, USE_DOT);
    case ',':
      if (!valid[KEY_COMMA]) return false;
      look(lexer);
      lexer->mark_end(lexer);
      look_past_trivia(lexer);
      return lexer->lookahead == '.' && found(lexer, KEY_COMMA);
    default:
      return false;
  }
}

void *tree_sitter_iom_external_scanner_create(void) { return NULL; }
void tree_sitter_iom_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_iom_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}
void tree_sitter_iom_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}
