//! What the lowered syntax holds, and where its nodes are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use iom_syntax::{
    ast::{DeclarationKind, Expr, ExprKind, NodeId},
    declarations, lower, parse, parse_expression,
};

/// An expression with all operators in parentheses.
fn grouped(text: &str) -> String {
    let parsed = parse_expression(text);
    assert!(parsed.errors.is_empty(), "{text}: {:?}", parsed.errors);
    group(&parsed.expression)
}

fn group(expression: &Expr) -> String {
    match &expression.kind {
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Literal(literal) => format!("{literal:?}").split('"').nth(1).unwrap_or_default().to_owned(),
        ExprKind::DotField(name) => format!(".{}", name.text),
        ExprKind::Unary { op, operand } => format!("({op:?} {})", group(operand)),
        ExprKind::Binary { op, left, right, .. } => format!("({} {op:?} {})", group(left), group(right)),
        ExprKind::Is { value, negated, test } => {
            format!("({} is{} {test})", group(value), if *negated { " not" } else { "" })
        }
        ExprKind::Field { base, name, optional } => {
            format!("{}{}.{}", group(base), if *optional { "?" } else { "" }, name.text)
        }
        ExprKind::Index { base, index, optional } => {
            format!("{}{}[{}]", group(base), if *optional { "?" } else { "" }, group(index))
        }
        ExprKind::Call { callee, arguments } => {
            let arguments: Vec<String> = arguments.iter().map(|argument| group(&argument.value)).collect();
            format!("{}({})", group(callee), arguments.join(" "))
        }
        ExprKind::If { condition, then, otherwise } => {
            format!("(if {} then {} else {})", group(condition), group(then), group(otherwise))
        }
        ExprKind::Quantifier { quantifier, binder, body } => {
            format!("({quantifier:?} {} in {}: {})", binder.name.text, group(&binder.source), group(body))
        }
        ExprKind::AsType { base, .. } => format!("({} as)", group(base)),
        other => format!("{other:?}"),
    }
}

#[test]
fn operators_bind_as_in_the_grammar() {
    let rendered = [
        "a or b and not c == d",
        "a ?? b ?? c",
        "a + b - c ++ d * e / f",
        "- a.b + - c",
        "x in 1..4 and y not in z",
        "not b.y is present and b.z is not org.Agent",
        "a named b ?? c",
        "xs where .x > 1 or .y",
        "none d in ds where d.w: d.x or d.y",
        "if a then b else c ?? d",
        "ref .a ?? ref .b",
        "f(x, y: z).a?.b?[c][d]",
        "a as list ?? b",
        "a >= b and c <= d",
        "a * (b + c)",
        "1h + 2GiB",
    ]
    .map(|text| format!("{text}  =>  {}", grouped(text)))
    .join("\n");
    insta::assert_snapshot!(rendered);
}

#[test]
fn a_resource_lowers_to_this() {
    let text = "/// doc\nresource a for n in 1..2: K { override b.\"c d\": \"x{n}\" until 2027-01-01 }";
    let (declaration, _) = lower(&declarations(&parse(text).syntax())[0].green);
    insta::assert_debug_snapshot!(declaration);
}

#[test]
fn types_lower_to_this() {
    let text = "type T = { a: ref K?  b: int in 1..5 = 2  c: x \"X\" | list<string nocase>  d: lo < hi }";
    let (declaration, _) = lower(&declarations(&parse(text).syntax())[0].green);
    insta::assert_debug_snapshot!(declaration);
}

#[test]
fn strings_are_unescaped() {
    for (text, expected) in [
        (r#""a\"b\\c\{d\}\n\t\u{e9}""#, "a\"b\\c{d}\n\té"),
        (r#"r"a\b""#, r"a\b"),
        (r##"r#"say "hi""#"##, r#"say "hi""#),
        ("\"\"\"a\n\"b\" {c}\"\"\"", "a\n\"b\" {c}"),
        ("\"\\\\\"", "\\"),
    ] {
        let parsed = parse_expression(text);
        assert!(parsed.errors.is_empty(), "{text}");
        let lowered = match parsed.expression.kind {
            ExprKind::String(parts) => match &parts[..] {
                [iom_syntax::ast::StringPart::Text(text)] => text.to_string(),
                other => panic!("{other:?}"),
            },
            ExprKind::Literal(iom_syntax::ast::Literal::Raw(text) | iom_syntax::ast::Literal::Long(text)) => {
                text.to_string()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(lowered, expected);
    }
}

#[test]
fn ids_are_numbered_in_source_order_and_have_their_places() {
    let text = "// before\nconst abc = x + 12\n";
    let outline = declarations(&parse(text).syntax());
    let (declaration, spans) = lower(&outline[0].green);
    assert_eq!(declaration.id, NodeId::DECLARATION);
    let at = |id: NodeId| &text[spans.range(id) + outline[0].offset];
    assert_eq!(at(declaration.id), "const abc = x + 12");
    let DeclarationKind::Const { name, value, .. } = &declaration.kind else { panic!("no const") };
    let ExprKind::Binary { op_id, left, right, .. } = &value.kind else { panic!("no sum") };
    let ids = [name.id, value.id, left.id, *op_id, right.id];
    assert_eq!(ids.map(at), ["abc", "x + 12", "x", "+", "12"]);
    assert!(ids.is_sorted());
}

#[test]
fn a_comment_inside_changes_places_only() {
    let lowered = |text: &str| lower(&declarations(&parse(text).syntax())[0].green);
    let (plain, plain_spans) = lowered("policy p { a: 1 for b: A { require b.x } }");
    let (commented, commented_spans) = lowered("policy p { // why\n a: 1 for b: A {\n\n require b.x } }");
    assert_eq!(plain, commented);
    assert_ne!(plain_spans, commented_spans);
}
