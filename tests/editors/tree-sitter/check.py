"""Holds the tree-sitter grammar against the compiler's parser.

    check.py OUTLINE      OUTLINE is the example `outline` of iom_syntax, built

Every text of the corpus that the compiler reads without an error must give a tree without an error, and the same declarations at its top; and the
same tree with a comment after each token. The grammar's own tests are run, and the queries of all editors are compiled. Needs a C compiler and the Python package `tree-sitter`.
"""

import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile

from tree_sitter import Language, Parser, Query

ROOT = pathlib.Path(__file__).resolve().parents[3]
GRAMMAR = ROOT / "editors/tree-sitter-iom"
NEOVIM = ROOT / "editors/neovim"
# A capsule keeps no copy of its name.
CAPSULE_NAME = b"tree_sitter.Language"
# How many texts there are at least: a search that finds none would prove nothing.
FEWEST_TEXTS = 300

passed = failed = 0


def check(holds, name, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {name}" + (f": {detail}" if detail else ""))


def compiled_language(folder):
    library = folder / "iom.so"
    sources = [str(GRAMMAR / "src" / name) for name in ("parser.c", "scanner.c")]
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter",
                    f"-I{GRAMMAR / 'src'}", *sources, "-o", str(library)], check=True)
    function = ctypes.CDLL(str(library)).tree_sitter_iom
    function.restype = ctypes.c_void_p
    new_capsule = ctypes.pythonapi.PyCapsule_New
    new_capsule.restype = ctypes.py_object
    new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return Language(new_capsule(function(), CAPSULE_NAME, None))


def corpus(folder):
    """The files of the corpus; fenced blocks of documents become files of `folder`."""
    files = [file for part in ("stdlib", "examples", "tests/corpus", "tests/mistakes", "tests/bench", "fuzz/regressions", "compiler")
             for file in (ROOT / part).rglob("*.iom")]
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "spec").rglob("*.md")]
    for document in documents:
        text = document.read_text()
        for match in re.finditer(r"^```iom[^\n]*\n(.*?)^```$", text, re.M | re.S):
            line = text.count("\n", 0, match.start()) + 1
            name = str(document.relative_to(ROOT)).replace("/", "_")
            block = folder / f"{name}-{line}.iom"
            block.write_text(match[1])
            files.append(block)
    return sorted(files)


def outlines(program, files):
    """What the compiler finds in the files it reads without an error: path to a list of (keyword, name)."""
    printed = subprocess.run([program, *map(str, files)], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in printed.splitlines():
        word, text = line.split("\t", 1)
        if word == "file":
            items = found.setdefault(text, [])
        else:
            items.append((word, text))
    return found


def unquoted(text):
    if not text.startswith('"'):
        return text
    simple = {"n": "\n", "t": "\t"}
    return re.sub(r"\\(u\{([0-9A-Fa-f]+)\}|.)",
                  lambda match: chr(int(match[2], 16)) if match[2] else simple.get(match[1], match[1]), text[1:-1])


def declared(node):
    keyword = node.child(0).type
    name = node.child_by_field_name("name")
    if keyword in ("extend", "amend"):
        name = name.named_child(name.named_child_count - 1)
    return keyword, unquoted(name.text.decode()) if name else ""


def first_mistake(node):
    if node.type == "ERROR" or node.is_missing:
        return node
    return next((found for child in node.children if child.has_error or child.is_missing if (found := first_mistake(child))), node)


def compare(parser, path, expected):
    text = pathlib.Path(path).read_bytes()
    tree = parser.parse(text)
    if tree.root_node.has_error:
        at = first_mistake(tree.root_node).start_point
        check(False, f"{path}:{at.row + 1}:{at.column + 1}", "the grammar reads a mistake here")
        return
    declarations = [declared(node) for node in tree.root_node.named_children if node.type.endswith("_declaration")]
    check(declarations == expected, path, f"{declarations} instead of {expected}")
    respelt = parser.parse(b" // a: b\n".join(text[token.start_byte:token.end_byte] for token in tokens(tree.root_node)))
    check(without_comments(respelt.root_node) == without_comments(tree.root_node), path, "another tree with a comment after each token")


COMMENTS = ("comment", "doc_comment", "file_comment")


def tokens(node):
    """The tokens of a tree but for comments; a string is one."""
    if node.child_count == 0 or node.type in ("string", "long_string", "raw_string"):
        return [node] if node.end_byte > node.start_byte and node.type not in COMMENTS else []
    return [token for child in node.children for token in tokens(child)]


def written(node, left_out=()):
    """A tree as the grammar's tests write it, on one line."""
    return f"({node.type}" + "".join(" " + written(child, left_out) for child in node.named_children if child.type not in left_out) + ")"


def without_comments(node):
    return written(node, COMMENTS)


def run_grammar_tests(parser):
    for file in sorted((GRAMMAR / "test/corpus").glob("*.txt")):
        for title, source, expected in re.findall(r"^=+\n(.+)\n=+\n(.*?)\n---+\n(.*?)(?=^===|\Z)", file.read_text(), re.M | re.S):
            tree = written(parser.parse(source.encode()).root_node)
            wanted = " ".join(expected.split())
            check(tree == wanted, f"{file.name}: {title}", f"\n  found  {tree}\n  wanted {wanted}")


def compile_queries(language):
    queries = sorted((GRAMMAR / "queries").glob("*.scm"))
    for query in queries:
        try:
            Query(language, query.read_text())
            check(True, query.name)
        except Exception as error:
            check(False, str(query), str(error))
        copy = NEOVIM / "queries/iom" / query.name
        check(copy.is_file() and copy.read_bytes() == query.read_bytes(), str(copy), "is no copy of the grammar's query")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        language = compiled_language(folder)
        parser = Parser(language)
        sound = outlines(sys.argv[1], corpus(folder))
        check(len(sound) >= FEWEST_TEXTS, "the corpus", f"only {len(sound)} texts were found")
        for path, expected in sound.items():
            compare(parser, path, expected)
        run_grammar_tests(parser)
        compile_queries(language)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
