//! The meaning of expressions and the texts of errors, as Go has them.

use proptest::prelude::*;

use super::AnchoredRegex;

/// Expressions with texts that match and texts that do not. Only the first line is what Rust's syntax means too.
#[test]
fn means_what_go_means() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("a(b|c)+d?", &["ab", "acbd"], &["a", "xab", "abx"]),
        // The dot and newline.
        ("a.c", &["a\nc", "aéc"], &["ac"]),
        ("(?-s)a.c", &["abc"], &["a\nc"]),
        ("[^a]", &["\n", "é"], &["a", ""]),
        // Anchors.
        ("^a$", &["a"], &["a\n"]),
        ("(?m)a$\n^b", &["a\nb"], &["ab"]),
        (r"a\z", &["a"], &["a\n"]),
        (r"\Aab", &["ab"], &["b"]),
        // ASCII only.
        (r"\d+", &["0123"], &["٣"]),
        (r"\w+", &["aZ_9"], &["é", "a-b"]),
        (r"\W", &["é", "-"], &["a"]),
        (r"\s+", &[" \t\n\x0c\r"], &["\x0b", "\u{a0}"]),
        (r"\S", &["\u{a0}", "\x0b"], &[" "]),
        (r"[[:space:]]+", &["\x0b "], &["\u{a0}"]),
        (r"é\b.", &["éa"], &["é-"]),
        (r"é\B.", &["éé"], &["éa"]),
        (r"a\b.", &["aé", "a "], &["ab"]),
        (r"[[:^alpha:][:digit:]]", &["1", "é", "-"], &["a"]),
        (r"[[:word:]-]+", &["a_-9"], &["+"]),
        // Classes have no set operations, and brackets stand for themselves.
        ("[a&&b]+", &["a&b&"], &["", "c"]),
        ("[+--b]+", &["+,-b"], &["a"]),
        ("[a~~b]+", &["a~b"], &["c"]),
        ("[[a]+", &["[a"], &["]"]),
        ("[[]", &["["], &["]"]),
        ("[]a]+", &["]a"], &["["]),
        ("[^]a]", &["[", "b"], &["]", "a"]),
        ("[a-]+", &["a-"], &["b"]),
        ("[-a]+", &["a-"], &["b"]),
        ("[a-c-e]+", &["b-e"], &["d"]),
        (r"[\d-z]+", &["1-z"], &["y"]),
        (r"[\]\-\\^]+", &[r"]-\^"], &["a"]),
        ("[[:alpha]+", &["[:alph"], &["x", "]"]),
        ("[ #]+", &[" #"], &["a"]),
        // Escapes.
        (r"\_\-\.\/\ \#\'\@\&\~", &["_-./ #'@&~"], &[]),
        (r"\Qa.b*\E+", &["a.b*", "a.b**"], &["a.b", "aab*"]),
        (r"\Q\E\Qx\E", &["x"], &[]),
        (r"\101\x42\x{43}\012", &["ABC\n"], &[]),
        (r"\0\01", &["\0\x01"], &[]),
        (r"\x{1F600}", &["😀"], &[]),
        (r"\a\f\n\r\t\v", &["\x07\x0c\n\r\t\x0b"], &[]),
        (r"[\x{D800}a]\x{D800}?", &["a"], &["\u{fffd}"]),
        (r"[^\x{D7FF}-\x{E000}]", &["a", "\u{e001}"], &["\u{d7ff}", "\u{e000}"]),
        // Unicode.
        (r"\pN\p{Lu}\P{Lu}\p{^Lu}", &["½Éé-"], &["aÉéx"]),
        (r"[\p{Greek}\pZ]+", &["α\u{a0}ω"], &["a"]),
        (r"\p{Any}\P{Cs}", &["é\n"], &["é"]),
        // Case.
        ("(?i)straße", &["STRAßE", "straẞe"], &["STRASSE"]),
        ("(?i)k[a-z][^a-z]", &["\u{212a}\u{17f}1", "Kk-"], &["kks", "kk\u{212a}"]),
        (r"(?i)\w\W", &["\u{17f}-"], &["-\u{17f}"]),
        ("(?i:a)b", &["Ab"], &["AB"]),
        ("(a(?i)b)c", &["aBc"], &["aBC", "ABc"]),
        ("(?i)a(?-i)b", &["Ab"], &["AB"]),
        (r"(?i)[[:upper:]]", &["a", "Z"], &["1"]),
        // Counts, and braces that are none.
        ("a{2}", &["aa"], &["a", "aaa", "a{2}"]),
        ("a{2,}b{0}", &["aa", "aaaa"], &["a", "aab"]),
        ("a{,2}", &["a{,2}"], &["aa", "a"]),
        ("{", &["{"], &[]),
        ("a{2,1", &["a{2,1"], &["aa"]),
        ("a{01}", &["a{01}"], &["a"]),
        ("a{ 2}}", &["a{ 2}}"], &["aa"]),
        ("}]", &["}]"], &[]),
        ("(?:a{0,2}){3}", &["", "aaaaaa"], &["aaaaaaa"]),
        ("(?:^)*a(?:|b)??", &["a", "ab"], &["b"]),
        ("(?:(?:a*)*)*", &["", "aaa"], &["b"]),
        // Groups.
        ("(?P<n>a)(?<m>b)(?P<n>c)(?P<1>d)", &["abcd"], &[]),
        ("a|", &["", "a"], &["b"]),
        ("|", &[""], &["a"]),
        ("()", &[""], &["a"]),
        ("(|a)*b", &["b", "aab"], &["a"]),
        ("(?U)a+(?U:b+)", &["aab"], &["a"]),
        ("(?i)(?s)(?m)(?U)a", &["A"], &["b"]),
        ("(?)a(?:)", &["a"], &[]),
        ("a # b", &["a # b"], &["a"]),
        (r"\<a\>", &["<a>"], &["a"]),
    ];
    for (pattern, matching, others) in table {
        let regex = AnchoredRegex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let wrapped = AnchoredRegex::for_label_replace(pattern).unwrap();
        for text in *matching {
            assert!(regex.is_match(text), "{pattern} on {text:?}");
            assert!(wrapped.is_match(text), "{pattern} on {text:?} in label_replace");
            assert_eq!(regex.replace(text, "$0").as_deref(), Some(*text), "{pattern}");
        }
        for text in *others {
            assert!(!regex.is_match(text), "{pattern} on {text:?}");
            assert!(!wrapped.is_match(text), "{pattern} on {text:?} in label_replace");
            assert_eq!(regex.replace(text, "$0"), None, "{pattern}");
        }
    }
}

#[test]
fn refuses_what_go_refuses() {
    let table = [
        ("(", "missing closing ): `(`"),
        ("(a", "missing closing ): `(a`"),
        ("(a|b|", "missing closing ): `(a|b|`"),
        (")", "unexpected ): `)`"),
        ("(a))b", "unexpected ): `(a))b`"),
        ("[a-z", "missing closing ]: `[a-z`"),
        ("x[]", "missing closing ]: `[]`"),
        ("x[a-", "missing closing ]: `[a-`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        (r"[\x{7a}-a]", r"invalid character class range: `\x{7a}-a`"),
        ("[a--b]", "invalid character class range: `a--`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        (r"\p{Foo}", r"invalid character class range: `\p{Foo}`"),
        (r"\p{greek}", r"invalid character class range: `\p{greek}`"),
        (r"\p{Alphabetic}", r"invalid character class range: `\p{Alphabetic}`"),
        (r"a\p{L", r"invalid character class range: `\p{L`"),
        (r"\pé", r"invalid character class range: `\pé`"),
        (r"\p", r"invalid character class range: `\p`"),
        (r"[\d-\s]x[a-\d]", r"invalid escape sequence: `\d`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a|+?b", "missing argument to repetition operator: `+?`"),
        ("(?i)*", "missing argument to repetition operator: `*`"),
        ("({2})", "missing argument to repetition operator: `{2}`"),
        (r"\Q\E*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a+*?b", "invalid nested repetition operator: `+*?`"),
        ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
        ("a*?+", "invalid nested repetition operator: `*?+`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{1,99999999999}b", "invalid repeat count: `{1,99999999999}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("(?:a{4}){0,251}", "invalid repeat count: `{0,251}`"),
        ("((a{100}){100}){100}", "invalid repeat count: `{100}`"),
        ("a(?=b)", "invalid or unsupported Perl syntax: `(?=`"),
        ("a(?!b)", "invalid or unsupported Perl syntax: `(?!`"),
        ("(?<=a)b", "invalid named capture: `(?<=a)b`"),
        ("(?<!a>)b", "invalid named capture: `(?<!a>`"),
        ("(?P=n)", "invalid or unsupported Perl syntax: `(?P`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?P<>a)", "invalid named capture: `(?P<>`"),
        ("(?P<a-b>a)", "invalid named capture: `(?P<a-b>`"),
        ("(?P<é>a)", "invalid named capture: `(?P<é>`"),
        ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
        ("(?u:a)", "invalid or unsupported Perl syntax: `(?u`"),
        ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
        ("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`"),
        ("(?-i-s)a", "invalid or unsupported Perl syntax: `(?-i-`"),
        ("(?>a)", "invalid or unsupported Perl syntax: `(?>`"),
        ("(?#c)", "invalid or unsupported Perl syntax: `(?#`"),
        ("(?'n'a)", "invalid or unsupported Perl syntax: `(?'`"),
        (r"a\", "trailing backslash at end of expression: ``"),
        (r"[\", "trailing backslash at end of expression: ``"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"\1", r"invalid escape sequence: `\1`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\y", r"invalid escape sequence: `\y`"),
        (r"\Z", r"invalid escape sequence: `\Z`"),
        (r"\é", r"invalid escape sequence: `\é`"),
        (r"[\b]", r"invalid escape sequence: `\b`"),
        (r"\xg1", r"invalid escape sequence: `\xg1`"),
        (r"\x4", r"invalid escape sequence: `\x4`"),
        (r"\x{}", r"invalid escape sequence: `\x{}`"),
        (r"\x{4_}", r"invalid escape sequence: `\x{4_`"),
        (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
        (r"\u0041", r"invalid escape sequence: `\u`"),
    ];
    for (pattern, message) in table {
        let error = AnchoredRegex::new(pattern).expect_err(pattern);
        assert_eq!(error.to_string(), format!("error parsing regexp: {message}"), "{pattern}");
    }
}

#[test]
fn depth_and_size_have_limits() {
    let groups = |depth: usize| format!("{}ab{}", "(".repeat(depth), ")".repeat(depth));
    let regex = AnchoredRegex::new(&groups(999)).unwrap();
    assert!(regex.is_match("ab"));
    assert_eq!(regex.replace("ab", "<$999>").as_deref(), Some("<ab>"));
    let deep = AnchoredRegex::new(&groups(1000)).unwrap_err().to_string();
    assert!(deep.starts_with("error parsing regexp: expression nests too deeply: `((("), "{deep}");

    let stars = |depth: usize| format!("{}a{}", "(?:".repeat(depth), ")*".repeat(depth));
    assert!(AnchoredRegex::new(&stars(999)).unwrap().is_match("aaa"));
    assert!(AnchoredRegex::new(&stars(1000)).is_err());

    let nested = |depth: usize| format!("{}a{}", "(?:b|".repeat(depth), ")".repeat(depth));
    assert!(AnchoredRegex::new(&nested(5000)).unwrap().is_match("a"));

    let long = "(xx?){1000}".repeat(1200);
    let error = AnchoredRegex::new(&long).unwrap_err().to_string();
    assert!(error.starts_with("error parsing regexp: expression too large: `"), "{}", &error[..80]);
}

#[test]
fn label_replace_wraps_before_it_reads() {
    let open = AnchoredRegex::for_label_replace("a)|(b").expect("closes the group that it is put into");
    assert!(open.is_match("ax") && open.is_match("xb") && !open.is_match("x"));
    assert_eq!(
        AnchoredRegex::new("a)|(b").map(drop).unwrap_err().to_string(),
        "error parsing regexp: unexpected ): `a)|(b`"
    );

    assert!(AnchoredRegex::new(r"\Q(").is_ok_and(|regex| regex.is_match("(")));
    let error = AnchoredRegex::for_label_replace(r"\Q(").map(drop).unwrap_err().to_string();
    assert_eq!(error, r"error parsing regexp: missing closing ): `^(?s:\Q()$`");
}

#[test]
fn groups_are_filled_in() {
    let table = [
        ("(.*)", "anything", "[$1]", Some("[anything]")),
        ("(.*)-(.*)", "a-b-c", "$2/$1", Some("c/a-b")),
        ("(.*?)-(.*)", "a-b-c", "$2/$1", Some("b-c/a")),
        ("(a)|(?P<n>b)", "b", "<$1${n}>", Some("<b>")),
        ("(?P<n>a)?(?P<n>b)?", "b", "$n", Some("b")),
        ("a", "b", "x", None),
        ("", "", "empty", Some("empty")),
        ("(a", "a", "", None),
    ];
    for (pattern, text, template, expected) in table {
        let replaced = AnchoredRegex::new(pattern).ok().and_then(|regex| regex.replace(text, template));
        assert_eq!(replaced.as_deref(), expected, "{pattern}");
    }
}

proptest! {
    /// What is matched without the engine is what the engine matches.
    #[test]
    fn shapes_agree_with_the_engine(
        pattern in "(a|b|ab|-|\\.|\\.\\*|\\.\\+|\\*|\\+|\\?|\\||\\(|\\)|\\[ab\\]|\\[a-b-\\]|\\{2\\}|\\{0,1\\}|\\^|\\$|\\(\\?i\\)){0,9}",
        texts in prop::collection::vec("[abAB\n-]{0,5}", 20),
    ) {
        if let Ok(regex) = AnchoredRegex::new(&pattern) {
            let engine = regex.clone().with_engine_alone();
            let wrapped = AnchoredRegex::for_label_replace(&pattern).unwrap();
            for text in texts {
                prop_assert_eq!(regex.is_match(&text), engine.is_match(&text), "{} on {:?}", pattern, text);
                prop_assert_eq!(wrapped.is_match(&text), engine.is_match(&text), "{} on {:?}", pattern, text);
                prop_assert_eq!(regex.is_match(&text), regex.replace(&text, "").is_some());
                prop_assert!(!regex.is_match(&text) || text.starts_with(regex.prefix()));
                if let Some(literals) = regex.literals() {
                    prop_assert_eq!(regex.is_match(&text), literals.contains(&text));
                }
            }
        }
    }

    /// Groups that are found without the engine are those that the engine finds.
    #[test]
    fn sequences_agree_with_the_engine(
        pattern in "(a|-|b|\\(|\\)|(\\.|[ab]|\\\\w|\\[\\^b\\]|\\[\\^é\\]|\\[a-b\\])(\\*|\\+|\\?|\\{2\\}|\\{1,2\\}|)\\??){0,7}",
        texts in prop::collection::vec("[abé-]{0,7}", 20),
    ) {
        for regex in [AnchoredRegex::new(&pattern), AnchoredRegex::for_label_replace(&pattern)].into_iter().flatten() {
            let engine = regex.clone().with_engine_alone();
            for text in texts.iter() {
                let template = "$0|$1|$2|$3";
                prop_assert_eq!(regex.replace(text, template), engine.replace(text, template), "{} on {:?}", pattern, text);
                prop_assert_eq!(regex.is_match(text), engine.is_match(text), "{} on {:?}", pattern, text);
            }
        }
    }

    #[test]
    fn no_expression_is_too_odd(pattern in "[\\\\()\\[\\]{}?*+|^$.:<>=!PpQEiUsmxdwbnAz0-9,a-cé-]{0,24}") {
        match AnchoredRegex::new(&pattern) {
            Ok(regex) => prop_assert_eq!(regex.is_match("a"), regex.replace("a", "$0").is_some()),
            Err(error) => prop_assert!(pattern.contains(&error.fragment)),
        }
    }
}
