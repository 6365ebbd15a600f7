use super::*;

fn kinds(text: &str) -> Vec<SyntaxKind> {
    lex(text).tokens.into_iter().map(|token| token.kind).filter(|kind| !kind.is_trivia()).collect()
}

#[test]
fn numbers_of_all_sorts() {
    use SyntaxKind::*;
    assert_eq!(kinds("1..4"), [Number, DotDot, Number]);
    assert_eq!(kinds("0.5 1_000"), [Number, Number]);
    assert_eq!(kinds("1h30min 500ms 2GiB"), [Duration, Duration, Size]);
    assert_eq!(kinds("2027-01-15 2026-11-21T22:00Z 2026-11-21T22:00:01+02:00"), [Date, Date, Date]);
    assert_eq!(kinds("10.0.0.0/8 10.1.2.3"), [Ipv4, Ipv4]);
    assert_eq!(kinds("2027 - 01 - 15"), [Number, Minus, Number, Minus, Number]);
}

#[test]
fn what_looks_like_a_literal_but_is_none() {
    for text in
        ["24hours", "500m", "1.2.3", "::/0", "fe80::1/10", "50%", "22:00", "1.5GiB", "2027-01-15T22:00"]
    {
        let lexed = lex(text);
        assert_eq!(kinds(text), [SyntaxKind::BadLiteral], "{text}");
        assert_eq!(lexed.errors.len(), 1, "{text}");
    }
}

#[test]
fn strings_nest_in_interpolations() {
    use SyntaxKind::*;
    assert_eq!(kinds(r#""a \{ \" \} }""#), [String]);
    assert_eq!(
        kinds(r#""x{a["q"]}y""#),
        [
            StringStart,
            StringText,
            InterpolationOpen,
            Name,
            LBracket,
            String,
            RBracket,
            InterpolationClose,
            StringText,
            StringEnd
        ]
    );
}

#[test]
fn an_interpolation_that_meets_the_end_of_the_line_is_closed() {
    use SyntaxKind::*;
    let lexed = lex("\"x{a\nb");
    assert_eq!(lexed.errors.len(), 1);
    assert_eq!(
        kinds("\"x{a\nb"),
        [StringStart, StringText, InterpolationOpen, Name, InterpolationClose, StringEnd, Name]
    );
}

#[test]
fn tokens_cover_the_text() {
    for text in [
        "",
        "a'b'c",
        "“x”",
        "# x\ny",
        "\"\\",
        "r\"a",
        "\"\"\"a",
        "\"{\\\"é",
        "a\r\n\"b\r\n",
        "&& || ; \u{feff}",
    ] {
        let mut end = TextSize::new(0);
        for token in lex(text).tokens {
            assert_eq!(token.range.start(), end, "{text:?}");
            end = token.range.end();
        }
        assert_eq!(usize::from(end), text.len(), "{text:?}");
    }
}
