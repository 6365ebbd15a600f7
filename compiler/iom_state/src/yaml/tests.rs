use std::fmt::Write;

use super::YamlDocuments;
use crate::tape::Strings;
use crate::tree::{Documents, NodeId, Tree, TreeValue};

/// All documents of a text on one line each, or the error.
fn read(text: &str) -> String {
    let mut strings = Strings::default();
    let mut documents = YamlDocuments::new(text);
    let mut shown = Vec::new();
    loop {
        match documents.next(&mut strings) {
            Ok(Some(tree)) => {
                let mut line = String::new();
                show(tree, tree.root(), &strings, &mut line);
                shown.push(line);
            }
            Ok(None) => return shown.join(" --- "),
            Err(error) => return format!("error: {error}"),
        }
    }
}

fn show(tree: &Tree<'_>, node: NodeId, strings: &Strings, out: &mut String) {
    if let Some(tag) = tree.tag(node) {
        let _ = write!(out, "{tag} ");
    }
    let _ = match tree.value(node) {
        TreeValue::Null => write!(out, "null"),
        TreeValue::Bool(value) => write!(out, "{value}"),
        TreeValue::Int(value) => write!(out, "{value}"),
        TreeValue::Number(text) => write!(out, "number {text}"),
        TreeValue::Text(text) => write!(out, "{text:?}"),
        TreeValue::List { .. } | TreeValue::Object { .. } => {
            let (open, close) = if tree.is_list(node) { ("[", "]") } else { ("{", "}") };
            let _ = write!(out, "{open}");
            for (position, child) in tree.children(node).iter().enumerate() {
                let _ = write!(out, "{}", if position > 0 { ", " } else { "" });
                if tree.is_object(node) {
                    let _ = write!(out, "{}: ", strings.resolve(&child.key));
                }
                show(tree, child.node, strings, out);
            }
            write!(out, "{close}")
        }
    };
}

#[test]
fn values_of_every_sort() {
    assert_eq!(read("a: 1\nb: [x, 'true', true, ~]\n"), r#"{a: 1, b: ["x", "true", true, null]}"#);
    assert_eq!(
        read("country: no\nv: 1.10\no: 0o17\nn: ~\n"),
        r#"{country: "no", v: number 1.10, o: 15, n: null}"#
    );
    assert_eq!(read("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), r#"{a: "x\ny\n", b: "x y"}"#);
    assert_eq!(read("{1: a, true: b, \"<<\": c}"), r#"{1: "a", true: "b", <<: "c"}"#);
    assert_eq!(read("a: !!str 1\nb: !!int \"2\"\nc: ! 3\nd: !!float 4\n"), r#"{a: "1", b: 2, c: "3", d: 4}"#);
    assert_eq!(read("a:\n- b\n-\n"), r#"{a: ["b", null]}"#);
}

#[test]
fn documents_follow_one_another() {
    assert_eq!(read("---\na: 1\n---\n---\nb: 2\n...\n# end\n"), "{a: 1} --- null --- {b: 2}");
    assert_eq!(read("# nothing\n"), "");
}

#[test]
fn aliases_and_merged_mappings() {
    assert_eq!(read("a: &x [1, 2]\nb: *x\n"), "{a: [1, 2], b: [1, 2]}");
    assert_eq!(read("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n"), "{a: {p: 1, q: 2}, b: {q: 3, p: 1}}");
    assert_eq!(
        read("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n"),
        "{a: {p: 1}, b: {p: 2, q: 2}, c: {p: 1, q: 2}}"
    );
    assert_eq!(read("&k a: 1\nb: {*k : 2}\n"), "{a: 1, b: {a: 2}}");
}

#[test]
fn tags_are_kept() {
    assert_eq!(
        read("a: !Ref B\nb: !Join [\"\", [!GetAtt C.Arn]]\n"),
        r#"{a: !Ref "B", b: !Join ["", [!GetAtt "C.Arn"]]}"#
    );
    assert_eq!(
        read("a: !!python/object/apply:os.system ['id']\n"),
        r#"{a: !!python/object/apply:os.system ["id"]}"#
    );
}

#[test]
fn mistakes_have_places() {
    let cases = [
        ("a: 1\nb: 2\na: 3\n", "`a` stands twice in one object: it is already on line 1, line 3 column 1"),
        (
            "x:\n  a: 1\n  a: 1\n",
            "`a` stands twice in one object: it is already on line 2, line 3 column 3 (/x)",
        ),
        (
            "a: &a\n  b: *a\n",
            "the alias stands inside of what it stands for: that has no end, line 2 column 6 (/a/b)",
        ),
        (
            "a: &a\n  <<: *a\n",
            "the alias stands inside of what it stands for: that has no end, line 2 column 7 (/a)",
        ),
        ("a: *b\n", "nothing before this has the name that the alias asks for, line 1 column 4 (/a)"),
        ("a:\n\tb: 1\n", "a tab stands where only spaces may indent (YAML), line 2 column 2 (/a)"),
        (
            "a: [1, {b: \"x\n",
            "something that began here or before has no end: the YAML is cut off, line 1 column 12 (/a/1)",
        ),
        (
            "? [a]\n: 1\n",
            "a list or an object stands where the name of a member should be (YAML), line 1 column 3",
        ),
        (
            "{{ .Values.x }}",
            "a list or an object stands where the name of a member should be (YAML), line 1 column 2",
        ),
        ("a: !!int x\n", "the value is not what its tag `!!int` says, line 1 column 10 (/a)"),
        ("a: {<<: 1}\n", "`<<` takes a mapping, or a list of mappings, line 1 column 9 (/a)"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), format!("error: {expected}"), "{text}");
    }
}

#[test]
fn what_grows_without_bounds_is_refused() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (name, before) in ('b'..='j').zip('a'..) {
        let list = vec![format!("*{before}"); 9].join(", ");
        let _ = writeln!(bomb, "{name}: &{name} [{list}]");
    }
    assert!(read(&bomb).contains("written out, the aliases in here make more than"), "{}", read(&bomb));
    // In every document a little: together it is too much.
    let many = "---\na: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b]\n";
    assert!(read(&many.repeat(1_000)).contains("written out, the aliases in here make more than"));
    let mut merged = String::from("m0: &m0 {k0: 1}\n");
    for number in 1..2_000 {
        let _ = writeln!(merged, "m{number}: &m{number} {{<<: *m{}, k{number}: 1}}", number - 1);
    }
    assert!(read(&merged).contains("beyond all measure"));
    let mut deep = String::from("a0: &a0 [x]\n");
    for number in 1..300 {
        let _ = writeln!(deep, "a{number}: &a{number} [*a{}]", number - 1);
    }
    assert!(read(&deep).contains("levels deep"));
    assert!(
        read(&("a: ".to_owned() + &"[".repeat(100_000) + &"]".repeat(100_000)))
            .contains("nested more than 200")
    );
    let nested: String = (0..5_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    assert!(read(&nested).contains("nested more than 200"));
}

#[test]
fn offsets_count_bytes() {
    let text = "é: ü\nä:\n  - ö\n  - \"x\"\n";
    let mut strings = Strings::default();
    let mut documents = YamlDocuments::new(text);
    let tree = documents.next(&mut strings).unwrap().unwrap();
    let list = tree.children(tree.root())[1].node;
    let offsets: Vec<u32> = tree.children(list).iter().map(|child| tree.offset(child.node)).collect();
    assert_eq!(offsets, [text.find('ö').unwrap() as u32, text.find("\"x\"").unwrap() as u32]);
    assert_eq!(tree.pointer(tree.children(list)[1].node, |name| strings.resolve(&name).to_owned()), "/ä/1");
}

#[test]
fn json_is_read_as_json() {
    let mut strings = Strings::default();
    let mut read = |text: &str| {
        let mut documents = Documents::new(text);
        let mut shown = Vec::new();
        while let Some(tree) = documents.next(&mut strings).map_err(|error| error.to_string())? {
            shown.push(tree.root());
            assert!(tree.first_tagged().is_none());
        }
        let is_json = matches!(documents, Documents::Json(_));
        Ok::<_, String>((is_json, shown.len()))
    };
    assert_eq!(read("{\"a\": [1, {\"b\": \"\\u00e9\"}, 1e400]}"), Ok((true, 1)));
    assert_eq!(read("{\"a\": 1}\n{\"a\": 2}\n"), Ok((true, 2)));
    assert_eq!(read("{a: 1}"), Ok((false, 1)));
    assert_eq!(read("[{\"a\": 1}]"), Ok((true, 1)));
    assert_eq!(read("[a, b]"), Ok((false, 1)));
    assert!(read("{\"a\": 1, \"a\": 2}").unwrap_err().contains("`a` stands twice"));
    assert!(read(&("[".repeat(200_000) + &"]".repeat(200_000))).unwrap_err().contains("levels deep"));
}
